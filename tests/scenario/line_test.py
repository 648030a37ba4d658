#!/usr/bin/python3
"""pult intake --line: contacts and queries as JSON Lines, also while the bus is away; the example voice menus."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, Broker, PREMISES_HEADER, ROOT, Skip, has, main, same, test

PULT = os.path.join(BUILD, "pult")
METERS_HEADER = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"


def premises(broker):
    admin = broker.bus("admin")
    admin.ask("import", {"import": "p", "kind": "premises", "part": 1, "commit": True,
                         "csv": PREMISES_HEADER + "9101,,Тестовск,улица Линейная,1,,person,3,,,\n"})
    admin.ask("import", {"import": "m", "kind": "meters", "part": 1, "commit": True,
                         "csv": METERS_HEADER + "M-91,9101,5,1,2026-01-23,100,,\n"})


def environment(broker, home):
    return dict(os.environ, PULT_BUS=broker.requests, XDG_STATE_HOME=home, LC_ALL="ru_RU.UTF-8", PULT=PULT)


def lines(broker, home, *sent):
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in sent)
    done = subprocess.run([PULT, "intake", "--line"], input=text, capture_output=True, text=True,
                          env=environment(broker, home), timeout=60)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


REPORT = {"type": "contact.outage_report",
          "data": {"applicant": "person", "symptom": "no_power", "premise": {"account": "9101"}}}


@test
def a_line_is_a_contact_or_a_query(broker):
    premises(broker)
    with tempfile.TemporaryDirectory() as home:
        status, answers = lines(broker, home, REPORT, {"query": "eta", "args": {"account": "9101"}}, "not json\n",
                                {"hello": 1}, {"query": "eta", "args": {"account": "0"}},
                                {"type": "contact.outage_report", "data": {}})
    same(status, 0)
    by_line = {answer["line"]: answer for answer in answers}
    assert by_line[1]["reg_no"] and by_line[1]["say"], by_line
    same(len(by_line[2]["rows"]), 1)
    same([by_line[n]["error"]["code"] for n in (3, 4, 5, 6)], ["invalid", "invalid", "not_found", "invalid"])
    for number in (3, 4, 5, 6):
        assert by_line[number]["error"]["message"].endswith("."), by_line[number]


@test(own=True)
def while_the_bus_is_away_a_slip_is_given_and_the_call_comes_later():
    with tempfile.TemporaryDirectory() as home, Broker() as broker:
        premises(broker)
        lines(broker, home, {"query": "eta", "args": {"account": "9101"}})
        broker.stop()
        status, answers = lines(broker, home, REPORT)
        same(status, 8)
        same(answers, [{"line": 1, "slip": 1}])
        broker.start()
        status, _ = lines(broker, home, {"query": "eta", "args": {"account": "9101"}})
        same(len(broker.bus("operator").query("contacts", account="9101")), 1)


def example(broker, command):
    premises(broker)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(command, input="1 9101\n2 9101\n3 9101 150\n3 9101 5\n", capture_output=True,
                              text=True, env=environment(broker, home), timeout=60)
    same(done.returncode, 0)
    said = done.stdout.splitlines()
    same(len(said), 4)
    for sentence in said[:3]:
        assert sentence.startswith("Номер обращения 20"), said
    assert "меньше прежнего показания" in said[3], said


@test(own=True)
def the_voice_menu_in_python_does_what_it_says():
    with Broker() as broker:
        example(broker, [sys.executable, os.path.join(ROOT, "docs/examples/ivr.py")])


@test(own=True)
def the_voice_menu_in_node_does_what_it_says():
    node = shutil.which("node") or shutil.which("nodejs")
    if not node:
        raise Skip("there is no node")
    with Broker() as broker:
        example(broker, [node, os.path.join(ROOT, "docs/examples/ivr.js")])


if __name__ == "__main__":
    main()
