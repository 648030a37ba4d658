#!/usr/bin/python3
"""Real screens on a broker of their own: what scenarios that type into them share."""
import os
import tempfile

from harness import BUILD, PREMISES_HEADER, Broker
from terminal import Terminal

F2, F3, F4 = "\x1bOQ", "\x1bOR", "\x1bOS"
F5, F6, F7, F8, F10 = ("\x1b[%d~" % code for code in (15, 17, 18, 19, 21))


class Desk:
    """A broker with one street, and screens with a state directory of their own."""

    def __init__(self, terminal=Terminal):
        self.broker, self.terminal = Broker(), terminal
        self.screens = []

    def __enter__(self):
        self.broker.start()
        self.state = tempfile.mkdtemp(dir=self.broker.directory)
        rows = "".join("s-%d,,г. Зареченск,ул. Садовая,%d,,person,3,,,\n" % (n, n)
                       for n in range(1, 30))
        self.broker.bus("admin").import_csv("premises", PREMISES_HEADER + rows)
        return self

    def open(self, program, language, *more, rows=24, columns=80):
        env = dict(os.environ, PULT_BUS=self.broker.requests, TERM="xterm-256color",
                   LANG="C.UTF-8", XDG_STATE_HOME=self.state)
        env.pop("STATE_DIRECTORY", None)
        screen = self.terminal([os.path.join(BUILD, program), "--lang", language, *more], rows=rows,
                          columns=columns, env=env)
        self.screens.append(screen)
        return screen

    def __exit__(self, kind, *rest):
        for screen in self.screens:
            screen.leave()
        return self.broker.__exit__(kind, *rest)


def choose(intake, address):
    """From an empty form to a chosen address."""
    intake.type("\t" + address)
    intake.wait_text(">")
    intake.type("\r")
