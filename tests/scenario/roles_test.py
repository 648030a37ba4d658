#!/usr/bin/python3
# valgrind
"""Roles: named here, allowed; not named, denied."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import main, place, refused, report, same, test
from pultbus import event, read_all

AT = "2031-05-06T07:08:09Z"


def denied(bus, type, data):
    return refused("denied", bus.refusal("publish", event(type, data)))


@test
def an_operator_takes_calls_and_may_not_set_an_eta(broker):
    bus, here = broker.bus("operator"), place(broker)
    incident = bus.put("contact.outage_report", report(here.accounts[0]))["incident"]
    head = bus.hello()["head"]
    denied(bus, "eta.set", {"incident": incident, "at": AT})
    denied(bus, "incident.opened", {"kind": "outage", "node": here.left})
    denied(bus, "incident.restored", {"incident": incident})
    denied(bus, "dispatch.accepted", {"incident": incident})
    denied(bus, "planned.announced", {"node": here.left, "starts": AT, "ends": AT, "reason": "r"})
    refused("denied", bus.refusal("import", {"import": "i", "kind": "premises", "part": 1,
                                             "csv": "account\n", "commit": True}))
    refused("denied", bus.refusal("admin", {"do": "backup"}))
    same(bus.hello()["head"], head)


@test
def an_observer_reads_and_publishes_nothing(broker):
    bus, here = broker.bus("observer"), place(broker)
    raws, _ = read_all(bus)
    assert raws
    bus.query("incidents")
    denied(bus, "log.entry", {"text": "t"})
    denied(bus, "contact.outage_report", report(here.accounts[0]))
    refused("denied", bus.refusal("clock", {"to": AT}))


@test
def a_denied_event_in_an_array_denies_the_whole(broker):
    bus, here = broker.bus("operator"), place(broker)
    head = bus.hello()["head"]
    error = bus.refusal("publish", [event("contact.outage_report", report(here.accounts[0])),
                                    event("eta.set", {"incident": 1, "at": AT})])
    refused("denied", error)
    same((error.index, bus.hello()["head"]), (1, head))


@test
def an_operator_who_comes_later_learns_the_message_to_all(broker):
    broker.bus().put("mode.message", {"text": "works until tomorrow", "until": "2999-01-01T00:00:00Z"})
    stats = broker.bus("operator").query("stats")[0]
    same(stats["message"], "works until tomorrow")
    assert stats["message_until"].startswith("2999-01-01T"), stats
    broker.bus().put("mode.message", {"text": ""})
    assert "message" not in broker.bus("operator").query("stats")[0]


@test
def an_admin_sees_nothing_of_callers_and_does_not_take_calls(broker):
    bus, here = broker.bus("admin"), place(broker)
    denied(bus, "contact.outage_report", report(here.accounts[0]))
    refused("denied", bus.refusal("query", {"name": "contacts", "args": {"since": AT}}))
    bus.query("stats")


@test
def a_subscription_wholly_outside_the_rights_is_denied_and_partly_outside_is_filtered(broker):
    operator = broker.bus("operator")
    refused("denied", operator.refusal("subscribe", {"topics": ["shift."], "from": "new"}))
    stream = operator.subscribe([""])
    assert "contact.outage_report" in stream.types and "shift.opened" not in stream.types
    dispatcher = broker.bus()
    dispatcher.put("shift.opened", {"person": "Иванов", "desk": "north"})
    dispatcher.put("log.entry", {"text": "not granted"})
    last = dispatcher.put("incident.opened", {"kind": "outage", "node": place(broker).left})
    raws = stream.until(last["sequence"])
    same(len(raws), 1)


@test
def events_of_a_role_follow_its_change_at_once(broker):
    bus, here = broker.bus("operator"), place(broker)
    incident = bus.put("contact.outage_report", report(here.accounts[0]))["incident"]
    denied(bus, "eta.set", {"incident": incident, "at": AT})
    bus.hello(role="dispatcher")
    bus.put("eta.set", {"incident": incident, "at": AT})
    bus.hello(role="observer")
    denied(bus, "eta.set", {"incident": incident, "at": AT})


@test
def the_denial_says_who_may(broker):
    error = broker.bus("operator").refusal("publish", event("eta.set", {"incident": 1, "at": AT}))
    assert "operator" in error.message or "eta.set" in error.message, error.message


if __name__ == "__main__":
    main()
