#!/usr/bin/python3
# valgrind
"""Files read again while busd runs: all of them or none, and rights follow at once."""
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, main, refused, same, test
from pultbus import Lost, event

SILENCE_S = 1.0


def rewrite(broker, pattern, text):
    """Changes roles.yaml; returns what it was."""
    path = os.path.join(broker.directory, "roles.yaml")
    with open(path, encoding="utf-8") as file:
        former = file.read()
    changed, count = re.subn(pattern, text, former)
    assert count, pattern
    with open(path, "w", encoding="utf-8") as file:
        file.write(changed)
    return former


def put_back(broker, text):
    with open(os.path.join(broker.directory, "roles.yaml"), "w", encoding="utf-8") as file:
        file.write(text)
    hang_up(broker)


def hang_up(broker, says="reloaded files="):
    """SIGHUP, and the line of the log that tells what came of it."""
    before = len(broker.said())
    os.kill(broker.pid, signal.SIGHUP)
    deadline = time.monotonic() + 10
    while says not in broker.said()[before:]:
        assert time.monotonic() < deadline, broker.said()[before:]
        time.sleep(0.02)
    return broker.said()[before:]


@test
def a_right_that_is_withdrawn_is_gone_at_the_next_request_and_delivery(broker):
    bus, other = broker.bus("operator"), broker.bus("dispatcher")
    stream = bus.subscribe([""])
    other.put("planned.announced", {"node": "F1", "starts": "2031-01-01T00:00:00Z",
                                    "ends": "2031-01-02T00:00:00Z", "reason": "r"})
    assert b"planned.announced" in stream.next()
    former = rewrite(broker, r"(?s)(  operator:.*?subscribe: \[contact\.\*, incident\.\*, eta\.\*,)"
                     r" planned\.\*,", r"\1")
    hang_up(broker)
    other.put("planned.announced", {"node": "F2", "starts": "2031-01-01T00:00:00Z",
                                    "ends": "2031-01-02T00:00:00Z", "reason": "r"})
    last = other.put("incident.opened", {"kind": "outage", "node": "F1"})
    same([b"planned.announced" in raw for raw in stream.until(last["sequence"])], [False])
    put_back(broker, former)


@test
def an_account_whose_role_is_gone_hears_nothing_more_and_has_no_effect(broker):
    bus, other = broker.bus("operator"), broker.bus("dispatcher")
    stream = bus.subscribe([""])
    former = rewrite(broker, r"\[dispatcher, operator, ", "[dispatcher, ")
    hang_up(broker)
    other.put("incident.opened", {"kind": "outage", "node": "F3"})
    try:
        stream.next(patience=SILENCE_S)
        raise AssertionError("an event came to a role that was withdrawn")
    except Lost:
        pass
    refused("denied", bus.refusal("hello", {"client": "t", "version": "1", "role": "operator"}))
    put_back(broker, former)


@test
def an_account_without_any_role_is_cut_off_and_let_in_again_when_it_has_one(broker):
    bus = broker.bus("dispatcher")
    stream = bus.subscribe([""])
    former = rewrite(broker, r"(?m)^users:(?s:.*)", "users: {nobody: [observer]}\n")
    hang_up(broker)
    request = bus.send("publish", event("log.entry", {"text": "from one who is out"}))
    try:
        bus.answer(request, patience=SILENCE_S)
        raise AssertionError("an answer came")
    except Lost:
        pass
    same((len(stream.raws), len(stream.lives) <= 1), (0, True))
    put_back(broker, former)
    again = broker.bus("dispatcher")
    texts = [row for row in again.query("events", **{"from": 0}) if "from one who is out" in str(row)]
    same(texts, [])


@test
def a_faulty_file_changes_nothing_and_says_where_it_is_wrong(broker):
    bus, admin = broker.bus("dispatcher"), broker.bus("admin")
    for pattern, text in ((r"(?s).*", ""), (r"roles:\n", "rolls:\n"), (r"personal: true", "personal: yes"),
                          (r"\[dispatcher, operator, ", "[dispatcher, emperor, ")):
        former = rewrite(broker, pattern, text)
        assert "roles.yaml" in hang_up(broker, "not reloaded")
        error = refused("invalid", admin.refusal("admin", {"do": "reload"}))
        assert "roles.yaml" in error.message, error.body
        bus.put("log.entry", {"text": "still a dispatcher"})
        put_back(broker, former)
    same(admin.ask("admin", {"do": "reload"}), {})


@test
def changed_rights_stand_in_the_journal(broker):
    bus, admin = broker.bus("dispatcher"), broker.bus("admin")
    head = bus.hello()["head"]
    hang_up(broker)  # nothing differs
    same(bus.hello()["head"], head)
    admin.ask("admin", {"do": "reload"})  # nor here, but what an administrator does is journalled
    same(bus.hello()["head"], head + 1)
    former = rewrite(broker, r"(?m)^  department:\n", "  department:\n    feed: true\n")
    admin.ask("admin", {"do": "reload"})
    put_back(broker, former)
    changed = [row for row in bus.query("events", **{"from": head}) if row["type"] == "rights.changed"]
    same([row["data"]["by"] for row in changed], [admin.greeting["identity"]] * 2 + ["pult:busd"])
    first, second, third = [row["data"]["sha256"] for row in changed]
    assert first == third != second, changed


@test
def a_file_that_is_gone_or_unreadable_keeps_the_former_rights(broker):
    bus, path = broker.bus("dispatcher"), os.path.join(broker.directory, "roles.yaml")
    os.rename(path, path + ".away")
    hang_up(broker, "not reloaded")
    bus.put("log.entry", {"text": "still a dispatcher"})
    os.mkdir(path)
    hang_up(broker, "not reloaded")
    bus.put("log.entry", {"text": "still a dispatcher"})
    os.rmdir(path)
    os.rename(path + ".away", path)
    hang_up(broker)


@test
def what_was_asked_before_the_reload_is_answered(broker):
    bus = broker.bus("dispatcher")
    requests = [bus.send("publish", event("log.entry", {"text": "t%d" % n})) for n in range(200)]
    os.kill(broker.pid, signal.SIGHUP)
    for request in requests:
        bus.answer(request).value()


if __name__ == "__main__":
    main()
