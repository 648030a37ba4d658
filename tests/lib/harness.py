#!/usr/bin/python3
"""What scenarios share: a broker in a directory of its own, and a runner of named tests.

    from harness import Broker, main, test

    @test
    def a_closed_incident_refuses_an_eta(broker):
        ...

    main(__file__)

Each test gets a broker that is fresh but shared by the file's tests, unless it is marked
`@test(own=True)`: then it starts its own. After the last test `pult verify` must agree with every
journal that was written. The exit code is that of the tests' runner: 0 passed, 1 failed, 77 skipped.
"""
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

import pultbus

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("PULT_BUILD") or "build")
SHARED = os.environ.get("PULT_SHARED") or os.path.join(ROOT, "..", "shared")
PREMISES_HEADER = ("account,node,settlement,street,house,flat,applicant,reliability,critical,"
                   "name,phone\n")
NETWORK_HEADER = "id,parent,kind,name,voltage_kv,device\n"


class Skip(Exception):
    """This cannot be tested here; the text says why."""


NO_PREDICTION = os.path.join(ROOT, "tests", "lib", "no_prediction.yaml")


class Broker:
    """A busd started by tests/broker. Use it in `with`, or call start() and stop().

    `predict`: reports are grouped on the network. Most tests are about something else, and their companies
    so small that a few calls from anywhere make a feeder's outage: for them it is switched off."""

    def __init__(self, replay=False, directory=None, settings=(), env=None, wait=True, predict=False):
        self.own = directory is None
        self.directory = directory or tempfile.mkdtemp(prefix="pult-test-")
        self.replay = replay
        self.settings = list(settings)
        if not predict and not any(s.startswith("rules=") for s in self.settings):
            self.settings.append("rules=" + NO_PREDICTION)
        self.env = dict(os.environ, **(env or {}))
        self.process = None
        self.wait = wait
        self.log = os.path.join(self.directory, "busd.log")
        self.connections = []

    @property
    def requests(self):
        return "ipc://%s/requests.sock" % self.directory

    @property
    def feed(self):
        return "ipc://%s/feed.sock" % self.directory

    @property
    def data(self):
        return os.path.join(self.directory, "data")

    @property
    def pid(self):
        return self.process.pid

    def start(self, wait=True):
        """Start it, and wait until it answers `hello`."""
        command = [os.path.join(ROOT, "tests", "broker"), self.directory]
        command += ["--replay"] if self.replay else []
        for setting in self.settings:
            command += ["--set", setting]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, env=self.env)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        deadline = time.monotonic() + pultbus.PATIENCE
        bus = pultbus.Bus(self.requests)
        try:
            request = bus.send("hello", {"client": "harness", "version": "1"})
            while not bus.pump(0.02):
                if self.process.poll() is not None:
                    raise AssertionError("busd left with %s:\n%s" % (
                        self.process.returncode, self.said()))
                if time.monotonic() > deadline:
                    raise AssertionError("busd does not answer hello:\n" + self.said())
            bus.answer(request).value()
        finally:
            bus.close()

    def said(self):
        """Everything busd has logged so far."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                return log.read()
        except FileNotFoundError:
            return ""

    def reload(self, says="reloaded files="):
        """SIGHUP, until busd has said what came of it."""
        before = len(self.said())
        os.kill(self.pid, signal.SIGHUP)
        deadline = time.monotonic() + pultbus.PATIENCE
        while says not in self.said()[before:]:
            assert time.monotonic() < deadline, self.said()[before:]
            time.sleep(0.01)

    def bus(self, role="dispatcher", language="en", high_water=0, **more):
        """A connection that has said hello in this role; closed with the broker."""
        bus = pultbus.Bus(self.requests, high_water=high_water)
        self.connections.append(bus)
        bus.greeting = bus.hello(client="scenario", role=role, language=language, **more)
        return bus

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(pultbus.PATIENCE * 3)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def restart(self):
        """After kill() or stop(); the connections that are there find it again."""
        return self.start()

    def resident_kib(self):
        """Memory in use; 0 under valgrind or a sanitizer, where it says nothing."""
        with open("/proc/%d/maps" % self.pid, encoding="utf-8") as maps:
            if re.search("lib[at]san|valgrind|vgpreload", maps.read()):
                return 0
        with open("/proc/%d/status" % self.pid, encoding="ascii") as status:
            return [int(line.split()[1]) for line in status if line.startswith("VmRSS")][0]

    def memory(self):
        """All that busd's memory holds, as a core that is forced would: (where, bytes) of each part. What was
        read from files of the tree, its texts and its configuration, is not among it."""
        if not self.resident_kib():
            raise Skip("a checker of memory keeps what was given back")
        try:
            memory = open("/proc/%d/mem" % self.pid, "rb", 0)
        except PermissionError as reason:
            raise Skip("busd's memory is closed to this account") from reason
        with memory, open("/proc/%d/maps" % self.pid, encoding="utf-8") as maps:
            for line in maps:
                span, mode, *_, name = (line.split(None, 5) + [""])[:6]
                begin, end = (int(edge, 16) for edge in span.split("-"))
                if not mode.startswith("rw") or name.startswith("[v"):
                    continue
                memory.seek(begin)
                yield line.strip(), memory.read(end - begin)

    def http(self, path):
        """(status, text) from the metrics socket."""
        connection = http.client.HTTPConnection("localhost", timeout=pultbus.PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(pultbus.PATIENCE)
        connection.sock.connect(os.path.join(self.directory, "metrics.sock"))
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def verify(self):
        """`pult verify` on the stopped broker's files; AssertionError when it disagrees."""
        done = subprocess.run([os.path.join(BUILD, "pult"), "verify", self.data],
                              capture_output=True, text=True, env=self.env)
        if done.returncode != 0:
            raise AssertionError("pult verify says %d: %s%s" % (
                done.returncode, done.stdout, done.stderr))
        return done.stdout

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        for bus in self.connections:
            bus.close()
        try:
            if self.process is not None and self.process.poll() is None:
                code = self.stop()
                assert code == 0 or kind, "busd left with %d on SIGTERM:\n%s" % (code, self.said())
            if kind is None and os.path.exists(self.data) and os.listdir(self.data):
                self.verify()
        finally:
            if self.process is not None and self.process.poll() is None:
                self.kill()
            if self.own and not os.environ.get("PULT_KEEP"):
                shutil.rmtree(self.directory, ignore_errors=True)


# -- the runner -----------------------------------------------------------------------------
TESTS = []


def test(function=None, own=False, replay=False):
    """Marks a test. `own`: it is called without a broker and starts what it needs itself;
    `replay`: it shares the broker with a replay clock."""
    def mark(function):
        TESTS.append((function, own, replay))
        return function
    return mark(function) if function else mark


def main():
    """Run the file's tests (those whose name contains an argument, when there is one)."""
    if not os.path.exists(os.environ.get("PULT_BUSD") or os.path.join(BUILD, "busd")):
        sys.exit("build/busd is not there; run make first")
    wanted = sys.argv[1:]
    shared = {}
    failed = skipped = 0
    chosen = [t for t in TESTS if not wanted or any(w in t[0].__name__ for w in wanted)]
    for function, own, replay in chosen:
        name = function.__name__.replace("_", " ")
        begin = time.monotonic()
        try:
            if own:
                function()
            else:
                if replay not in shared:
                    shared[replay] = Broker(replay=replay).start()
                function(shared[replay])
            print("ok      %s (%.1f s)" % (name, time.monotonic() - begin), flush=True)
        except Skip as reason:
            skipped += 1
            print("skipped %s: %s" % (name, reason), flush=True)
        except Exception:
            failed += 1
            print("FAILED  %s" % name)
            traceback.print_exc(file=sys.stdout)
            broker = shared.get(replay)
            if broker and not own and broker.process.poll() is not None:
                print("busd is gone (%d); its log ends:\n%s" % (
                    broker.process.returncode, broker.said()[-3000:]))
                del shared[replay]
            sys.stdout.flush()
    for broker in shared.values():
        try:
            broker.__exit__(None, None, None)
            print("ok      busd leaves on SIGTERM and pult verify agrees", flush=True)
        except Exception:
            failed += 1
            print("FAILED  busd leaves on SIGTERM and pult verify agrees")
            traceback.print_exc(file=sys.stdout)
    print("%d passed, %d failed, %d skipped" % (
        len(chosen) + len(shared) - failed - skipped, failed, skipped), flush=True)
    sys.exit(1 if failed else 77 if skipped and skipped == len(chosen) else 0)


# -- an invented company --------------------------------------------------------------------
class Place:
    """A feeder with two transformers; houses on one street. No other test takes it."""

    def __init__(self, number):
        self.number = number
        self.feeder = "F%d" % number
        self.left, self.right = "T%dL" % number, "T%dR" % number
        self.settlement = "Тестовск"
        self.street = "улица %d-я Проверочная" % number
        # (account, node, house, flat): two flats of house 1, houses 2 and 3
        self.rows = [("%d01" % (1000 + number), self.left, "1", "1"),
                     ("%d02" % (1000 + number), self.left, "1", "2"),
                     ("%d03" % (1000 + number), self.left, "2", ""),
                     ("%d04" % (1000 + number), self.right, "3", "")]
        self.accounts = [row[0] for row in self.rows]

    def address(self, house):
        return {"settlement": self.settlement, "street": self.street, "house": house}


class Company:
    """A network of one substation and the premises below it, imported once a broker."""

    def __init__(self, broker, places=90):
        self.places = iter([Place(n) for n in range(1, places + 1)])
        every = [Place(n) for n in range(1, places + 1)]
        network = ["S1,,substation,Substation 1,110,breaker\n"]
        premises = []
        for place in every:
            network.append("%s,S1,feeder,Feeder %d,10,breaker\n" % (place.feeder, place.number))
            for node in (place.left, place.right):
                network.append("%s,%s,transformer,%s,0.4,fuse\n" % (node, place.feeder, node))
            for account, node, house, flat in place.rows:
                premises.append("%s,%s,%s,%s,%s,%s,person,3,,,\n" % (
                    account, node, place.settlement, place.street, house, flat))
        admin = broker.bus(role="admin")
        admin.import_csv("network", NETWORK_HEADER + "".join(network))
        admin.import_csv("premises", PREMISES_HEADER + "".join(premises))

    def take(self):
        return next(self.places)


def place(broker):
    """A Place of the broker's company that no test has used yet."""
    if not hasattr(broker, "company"):
        broker.company = Company(broker)
    return broker.company.take()


# -- what many tests say --------------------------------------------------------------------
def same(have, want, what=""):
    assert have == want, "%s%r, expected %r" % (what and what + ": ", have, want)


def has(row, **fields):
    """Every field of the row as given."""
    for name, value in fields.items():
        assert row.get(name) == value, "%s is %r, expected %r in %r" % (
            name, row.get(name), value, row)


def refused(code, error):
    """The error has this code, a reason word and one sentence."""
    assert error.code == code, "code %r, expected %r: %s" % (error.code, code, error.body)
    assert error.reason and " " not in error.reason, "no reason word: %r" % error.body
    assert error.message and len(error.message) > 10, "no sentence: %r" % error.body
    return error


def report(account=None, symptom="no_power", **more):
    """data of a contact.outage_report."""
    premise = more.pop("premise", None) or {"account": account}
    return {"applicant": "person", "premise": premise, "symptom": symptom, **more}


def complaint(account=None, symptom="low", **more):
    """data of a contact.quality_complaint."""
    return report(account, symptom, **more)
