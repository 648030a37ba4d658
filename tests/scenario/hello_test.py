#!/usr/bin/python3
# valgrind
"""hello, roles chosen in it, and the languages of sentences."""
import datetime
import hashlib
import os
import pwd
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import Broker, has, main, refused, same, test

CYRILLIC = re.compile("[А-Яа-яЁё]")


@test(own=True)
def an_empty_journal_has_head_0_and_the_hash_of_its_lineage():
    with Broker() as broker:
        hello = broker.bus().greeting
        same(hello["head"], 0)
        same(hello["chain"], hashlib.sha256(hello["journal"].encode()).hexdigest())


@test
def hello_names_all_that_the_page_promises(broker):
    hello = broker.bus(role="observer").greeting
    same(sorted(hello), sorted(["broker", "version", "protocol", "identity", "role", "journal",
                                "head", "chain", "feed", "time", "zone"]))
    has(hello, protocol=1, role="observer", feed=broker.feed,
        identity="pult:user:" + pwd.getpwuid(os.geteuid()).pw_name)
    assert isinstance(hello["head"], int) and re.fullmatch("[0-9a-f]{64}", hello["chain"])
    assert isinstance(hello["journal"], str) and len(hello["journal"]) >= 16
    when = datetime.datetime.fromisoformat(hello["time"])
    assert when.tzinfo is not None, "time without an offset: " + hello["time"]
    assert abs(when.timestamp() - datetime.datetime.now().timestamp()) < 60
    assert "/" in hello["zone"] or hello["zone"] == "UTC"


@test
def without_a_role_the_first_one_holds(broker):
    bus = pultbus.Bus(broker.requests)
    same(bus.hello()["role"], "dispatcher")
    bus.close()


@test
def hello_need_not_come_first(broker):
    bus = pultbus.Bus(broker.requests)
    assert bus.put("log.entry", {"text": "first request of the connection"})["sequence"] > 0
    bus.close()


@test
def every_allowed_role_can_be_chosen_and_changed_on_one_connection(broker):
    bus = broker.bus()
    for role in ("dispatcher", "operator", "script", "observer", "admin"):
        same(bus.hello(role=role)["role"], role)


@test
def a_role_that_the_account_has_not_is_denied(broker):
    bus = broker.bus()
    refused("denied", bus.refusal("hello", {"client": "t", "version": "1",
                                            "role": "senior_dispatcher"}))
    same(bus.hello()["role"], "dispatcher")


@test
def a_role_that_does_not_exist_is_refused(broker):
    error = broker.bus().refusal("hello", {"client": "t", "version": "1", "role": "emperor"})
    assert error.code in ("denied", "invalid"), error.body


@test
def unknown_and_missing_fields_are_invalid(broker):
    bus = broker.bus()
    for body in ({"client": "t"}, {"version": "1"}, {}, {"client": "t", "version": "1", "colour": 1},
                 {"client": 5, "version": "1"}, {"client": "t", "version": "1", "role": 7}, [], 5,
                 "hello", None):
        refused("invalid", bus.refusal("hello", body))


@test
def sentences_come_in_the_language_of_hello(broker):
    bus = broker.bus(language="ru")
    wrongs = [("publish", []), ("query", {"name": "no_such", "args": {}}), ("nonsense", {}),
              ("publish", pultbus.event("incident.closed", {"incident": 987654})),
              ("publish", pultbus.event("no.such.type", {})),
              ("publish", pultbus.event("log.entry", {"text": 5})),
              ("query", {"name": "eta", "args": {"account": "nobody"}}),
              ("subscribe", {"topics": [], "from": "new"}), ("clock", {"to": "tomorrow"}),
              ("publish", b"{"), ("credit", {"subscription": "none"})]
    for verb, body in wrongs:
        error = bus.refusal(verb, body)
        assert CYRILLIC.search(error.message), "not Russian: %r" % error.body
    bus.hello(language="en")
    for verb, body in wrongs:
        error = bus.refusal(verb, body)
        assert not CYRILLIC.search(error.message), "not English: %r" % error.body


@test
def an_unknown_language_is_refused_or_answered_in_a_known_one(broker):
    bus = broker.bus()
    error = bus.refusal("hello", {"client": "t", "version": "1", "language": "tlh"})
    refused("invalid", error)


if __name__ == "__main__":
    main()
