#!/usr/bin/python3
# valgrind
"""The rules of grouping in force stand in the journal: at the start, after SIGHUP, and by the mode."""
import hashlib
import json
import os
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import NETWORK_HEADER, Broker, has, main, same, test
from pultbus import PATIENCE, read_all

NETWORK = NETWORK_HEADER + "S,,substation,,110,\nT,S,transformer,,0.4,\n"


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def changes(broker):
    """(set, sha256, rules by name, cause?) of every rules.changed, whose hash is that of its lines."""
    rows = []
    for raw in read_all(broker.bus("admin"))[0]:
        event = json.loads(raw)
        if event["type"] != "rules.changed":
            continue
        data = event["data"]
        same(event["source"], "pult:busd")
        same(data["sha256"], hashlib.sha256("\n".join(data["rules"]).encode()).hexdigest())
        rows.append((data["set"], data["sha256"], dict(x.split("=") for x in data["rules"]),
                     "causationid" in event))
    return rows


def reload(broker, says):
    """SIGHUP, until busd has logged `says` once more."""
    before = broker.said().count(says)
    os.kill(broker.pid, signal.SIGHUP)
    deadline = time.monotonic() + PATIENCE
    while broker.said().count(says) == before:
        assert time.monotonic() < deadline, "not said: %s\n%s" % (says, broker.said())
        time.sleep(0.02)


def with_file(text):
    directory = tempfile.mkdtemp(prefix="pult-rules-")
    path = os.path.join(directory, "rules.yaml")
    write(path, text)
    return path


@test(own=True)
def rules_are_journalled_once_there_is_a_network_to_group_on():
    path = with_file("normal:\n  faults: {transformer: 0.5}\n")
    with Broker(settings=["rules=" + path]) as broker:
        same(changes(broker), [])
        broker.bus("admin").import_csv("network", NETWORK)
        (name, _, rules, caused), = changes(broker)
        same((name, rules["faults.transformer"], rules["callers.window"], caused),
             ("normal", "0.5", "60m", False))
        broker.stop()
        broker.start()
        same(len(changes(broker)), 1)  # the same rules are no news
        broker.stop()
        write(path, "normal:\n  faults: {transformer: 0.6}\n")
        broker.start()
        same([x[2]["faults.transformer"] for x in changes(broker)], ["0.5", "0.6"])


@test(own=True)
def sighup_takes_a_good_file_and_keeps_the_rules_at_a_faulty_one():
    path = with_file("")
    with Broker(settings=["rules=" + path]) as broker:
        broker.bus("admin").import_csv("network", NETWORK)
        write(path, "normal:\n  callers: {window: 90m}\n")
        reload(broker, "reloaded files=")
        same([x[2]["callers.window"] for x in changes(broker)], ["60m", "90m"])
        for faulty in ("normal:\n  callers: {window: soon}\n", "normal: [\n", "summer: {}\n"):
            write(path, "normal:\n  faults: {line: 0.2}\n" + faulty)
            reload(broker, "all stays as it was")
        os.remove(path)
        reload(broker, "all stays as it was")
        assert "rules.yaml:3:" in broker.said(), broker.said()
        same(len(changes(broker)), 2)
        # What stayed is whole: the mode still finds its own set of it.
        broker.bus().put("mode.changed", {"mode": "storm"})
        same([x[2]["callers.window"] for x in changes(broker)], ["60m", "90m", "180m"])
        write(path, "normal:\n  callers: {window: 90m}\n")
        reload(broker, "reloaded files=")
        same(len(changes(broker)), 3)


@test(own=True)
def the_mode_brings_its_set_into_force():
    path = with_file("storm:\n  one: {probability: 0.3}\n")
    with Broker(settings=["rules=" + path]) as broker:
        broker.bus("admin").import_csv("network", NETWORK)
        for mode in ("storm", "storm", "normal"):
            broker.bus().put("mode.changed", {"mode": mode})
        rows = changes(broker)
        same([(x[0], x[2]["one.probability"], x[3]) for x in rows],
             [("normal", "0.75", False), ("storm", "0.3", True), ("normal", "0.75", True)])
        same(rows[0][1], rows[2][1])
        # In a storm a file that changes ordinary days alone changes nothing in force.
        broker.bus().put("mode.changed", {"mode": "storm"})
        write(path, "normal:\n  callers: {mistaken: 0.03}\nstorm:\n  one: {probability: 0.3}\n"
                    "  callers: {mistaken: 0.02}\n")
        reload(broker, "reloaded files=")
        same(len(changes(broker)), 4)
        has(dict(zip(("set", "sha256"), changes(broker)[-1][:2])), set="storm", sha256=rows[1][1])


main()
