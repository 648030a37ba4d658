#!/usr/bin/python3
# valgrind
"""Every refusal names what is wrong: its code, where it is, and what would be right, in both languages."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import has, main, place, refused, report, same, test
from pultbus import event

HELLO = {"client": "refusals", "version": "1"}
LOG = event("log.entry", {"text": "t"})

# verb, body, code, path (None: whatever), a word that the English sentence has
REFUSALS = [
    ("hello", {}, "invalid", "/client", "missing"),
    ("hello", {**HELLO, "more": 1}, "invalid", "/more", "language"),
    ("hello", {**HELLO, "version": 1}, "invalid", "/version", "string"),
    ("hello", {**HELLO, "language": "de"}, "invalid", "/language", '"ru"'),
    ("hello", {**HELLO, "language": "rubbish"}, "invalid", "/language", '"ru"'),
    ("hello", {**HELLO, "language": "english"}, "invalid", "/language", '"ru"'),
    ("hello", {**HELLO, "role": "owner"}, "denied", "/role", "dispatcher"),
    ("hello", [], "invalid", None, "object"),
    ("subscribe", {"topics": [""], "from": 10 ** 9}, "conflict", "/from", "ends at"),
    ("subscribe", {"topics": [""], "from": 1.5}, "invalid", "/from", '"start"'),
    ("subscribe", {"topics": [], "from": "new"}, "invalid", "/topics", "prefixes"),
    ("subscribe", {"topics": [""], "from": "new", "credit": -1}, "invalid", "/credit", "from 0"),
    ("subscribe", {"topics": [""], "from": "new", "credit": 100001}, "limit", "/credit", "100000"),
    ("unsubscribe", {"subscription": "none"}, "not_found", "/subscription", "none"),
    ("query", {"name": "callers"}, "invalid", "/name", "incidents"),
    ("query", {"name": "eta", "args": {}}, "invalid", None, "account"),
    ("query", {"name": "eta", "args": {"account": 1}}, "invalid", "/args/account", "string"),
    ("query", {"name": "eta", "args": {"premise": {"hous": "1"}}}, "invalid",
     "/args/premise/hous", "house"),
    ("query", {"name": "eta", "args": {"phone": "abc"}}, "invalid", "/args/phone", "+7"),
    ("query", {"name": "incidents", "args": {"state": "odd"}}, "invalid", "/args/state",
     "restored"),
    ("query", {"name": "incidents", "args": {"kind": "odd"}}, "invalid", "/args/kind", "quality"),
    ("query", {"name": "incidents", "args": {"after": "x"}}, "invalid", "/args/after", "number"),
    ("query", {"name": "incidents", "args": {"limit": 1001}}, "invalid", "/args/limit", "1000"),
    ("query", {"name": "incidents", "args": {"more": 1}}, "invalid", "/args/more", "more"),
    ("query", {"name": "premises", "args": {"after": 5}}, "invalid", "/args/after", "string"),
    ("query", {"name": "planned", "args": {"state": "odd"}}, "invalid", "/args/state", "all"),
    ("publish", {**LOG, "id": ""}, "invalid", "/id", "128"),
    ("publish", {**LOG, "time": "yesterday"}, "invalid", "/time", "RFC 3339"),
    ("publish", {**LOG, "colour": "red"}, "invalid", "/colour", "allowed"),
    ("publish", {**LOG, "sequence": "1"}, "invalid", "/sequence", "broker"),
    ("publish", {**LOG, "traceparent": "x" * 129}, "invalid", "/traceparent", "128"),
    ("publish", {**LOG, "type": "log.entri"}, "invalid", "/type", "schemas"),
    ("publish", {**LOG, "data": {"txt": "t"}}, "invalid", None, "text"),
    ("publish", event("contact.restoration_query", {"applicant": "person"}), "invalid", "/data",
     "premise, incident"),
    ("publish", event("incident.opened", {"kind": "outage"}), "invalid", "/data",
     "node, accounts, premise"),
    ("publish", event("incident.closed", {"incident": 987654}), "not_found", "/data/incident",
     "987654"),
    ("publish", event("deadline.passed", {}), "denied", "/type", "broker"),
    ("clock", {"to": "2030-01-01T00:00:00Z"}, "denied", None, "hello"),
    ("call", {}, "invalid", None, "publish"),
]


@test
def each_bad_request_gets_its_code_its_place_and_what_would_be_right(broker):
    english, russian = broker.bus(), broker.bus(language="ru")
    for verb, body, code, path, word in REFUSALS:
        error = refused(code, english.refusal(verb, body))
        assert path is None or error.path == path, (body, error.body)
        assert word in error.message, (body, error.message)
        other = refused(code, russian.refusal(verb, body))
        same((other.reason, other.path), (error.reason, error.path))
        assert any("а" <= letter <= "я" for letter in other.message.lower()), other.message


@test
def an_events_fault_in_an_array_has_its_index_and_the_same_path(broker):
    bus = broker.bus()
    for verb, body, code, path, _ in REFUSALS:
        if verb == "publish":
            error = refused(code, bus.refusal("publish", [event("log.entry", {"text": "t"}), body]))
            same(error.index, 1)
            same(bus.refusal("publish", [body]).index, 0)
            assert path is None or error.path == path, error.body
    twice = event("log.entry", {"text": "t"})
    error = refused("invalid", bus.refusal("publish", [event("log.entry", {"text": "t"}),
                                                       twice, twice]))
    same((error.index, error.path), (2, "/id"))


@test
def a_locale_may_be_given_as_the_language(broker):
    for language in ("ru", "ru-RU", "ru_RU.UTF-8", "en", "en-GB"):
        broker.bus(language=language)


@test
def events_ahead_are_counted_once_even_when_their_array_is_undone(broker):
    def ahead():
        for line in broker.http("/metrics")[1].splitlines():
            if line.startswith("pult_") and "ahead" in line:
                return int(line.split()[-1])
        raise AssertionError("no metric says how many were ahead")

    bus = broker.bus()
    before = ahead()
    far = {"time": "2060-01-01T00:00:00Z"}
    bus.refusal("publish", [event("log.entry", {"text": "t"}, **far),
                            event("incident.closed", {"incident": 987654})])
    bus.put("log.entry", {"text": "t"}, **far)
    time.sleep(1.5)  # gauges are set each second
    same(ahead(), before + 1)


@test
def the_same_call_again_after_a_merger_says_the_eta_of_the_incident_that_goes_on(broker):
    operator, dispatcher, here = broker.bus("operator"), broker.bus(), place(broker)
    call = event("contact.outage_report", report(here.accounts[0]))
    first = operator.publish(call)
    other = dispatcher.put("incident.opened", {"kind": "outage", "node": here.feeder})["incident"]
    dispatcher.put("eta.set", {"incident": other, "at": "2061-02-03T04:05:00+03:00"})
    dispatcher.put("incident.merged", {"incident": first["incident"], "into": other})
    again = operator.publish(call)
    has(again, duplicate=True, reg_no=first["reg_no"], incident=first["incident"])
    same(again["eta"]["at"], "2061-02-03T04:05:00+03:00")
    assert "04:05" in again["say"], again["say"]


@test
def a_phone_finds_what_its_call_about_no_premise_was_linked_to(broker):
    operator, here = broker.bus("operator"), place(broker)
    for phone, premise in (("+7 912 555-02-11", here.address("1")),
                           ("+7 912 555-02-12", {"text": "у моста через овраг"})):
        call = operator.put("contact.outage_report", report(
            premise=premise, caller={"phone": phone}))
        rows = operator.query("eta", phone=phone)
        same([row["incident"] for row in rows], [call["incident"]])
    same(list(operator.query("eta", phone="+7 912 555-02-13")), [])


@test
def a_dispatcher_may_publish_every_type_of_the_dispatchers_table(broker):
    bus, here = broker.bus(), place(broker)
    number = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    bus.put("incident.moved", {"incident": number})
    bus.put("mode.changed", {"mode": "storm"})
    bus.put("mode.changed", {"mode": "normal"})
    call = bus.put("contact.outage_report", report(here.accounts[0]))
    bus.put("dispatch.asked", {"contact": call["reg_no"], "question": "q"})
    bus.put("dispatch.replied", {"contact": call["reg_no"], "answer": "a"})


if __name__ == "__main__":
    main()
