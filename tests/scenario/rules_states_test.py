#!/usr/bin/python3
"""States, histories and timelines: rules 7 and 8 of EVENTS.md."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from desk import Desk, HOUR, numbers
from harness import has, main, place, same, test
from pultbus import rfc3339, seconds


# -- rule 7 ---------------------------------------------------------------------------------
def in_state(desk, state, node):
    incident = desk.open(node=node)
    if state == "merged":
        desk.act("incident.merged", incident, into=desk.open(node=node))
    elif state == "cancelled":
        desk.act("incident.cancelled", incident, reason="not_found")
    if state in ("restored", "verified", "closed"):
        desk.act("incident.restored", incident)
    if state == "verified":
        desk.act("incident.verified", incident)
    if state == "closed":
        desk.act("incident.closed", incident)
    has(desk.row(incident), state=state)
    return incident


ALLOWED = {
    "incident.closed": {"restored", "verified"},
    "incident.reopened": {"restored", "verified", "closed", "cancelled"},
    "incident.updated": {"confirmed", "restored", "verified", "closed"},
    "eta.set": {"confirmed"},
}
STATES = ("confirmed", "restored", "verified", "closed", "cancelled", "merged")


@test(replay=True)
def each_act_is_allowed_in_its_states_and_a_conflict_in_the_others(broker):
    desk, here = Desk(broker), place(broker)
    more = {"incident.updated": {"priority": 1}, "eta.set": {"at": rfc3339(desk.now() + HOUR)}}
    for type, states in ALLOWED.items():
        for state in STATES:
            incident = in_state(desk, state, here.left)
            if state in states:
                desk.act(type, incident, **more.get(type, {}))
            else:
                desk.conflict(type, incident, **more.get(type, {}))
                has(desk.row(incident), state=state)


@test(replay=True)
def an_incident_that_a_dispatcher_opened_is_confirmed(broker):
    desk, here = Desk(broker), place(broker)
    for kind in ("outage", "quality", "hazard"):
        has(desk.row(desk.open(kind, node=here.left)), state="confirmed", kind=kind)


@test(replay=True)
def a_suspected_incident_becomes_confirmed(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.call(here.accounts[0])["incident"]
    desk.act("incident.confirmed", incident, node=here.left)
    has(desk.row(incident), state="confirmed", node=here.left)


@test(replay=True)
def restored_on_a_restored_one_corrects_the_time(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.act("incident.restored", incident)
    desk.act("incident.restored", incident, at=rfc3339(desk.now() - HOUR))
    row = desk.eta(here.accounts[0])[0]
    has(row, state="restored")
    same(seconds(row["restored_at"]), desk.now() - HOUR)


@test(replay=True)
def a_reopened_incident_is_open_again_and_takes_calls(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.act("incident.restored", incident)
    desk.act("incident.closed", incident)
    same(desk.eta(here.accounts[0]), [])
    desk.act("incident.reopened", incident, reason="out again")
    row = desk.eta(here.accounts[0])[0]
    has(row, incident=incident, eta=None)
    assert row["state"] not in ("restored", "closed") and not row.get("restored_at"), row
    has(desk.call(here.accounts[0]), incident=incident)


@test(replay=True)
def a_closed_incident_without_a_cause_has_cause_unknown(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.act("incident.restored", incident)
    desk.act("incident.closed", incident)
    closed = [e for e in desk.row(incident)["timeline"] if e["type"] == "incident.closed"][0]
    same(closed["data"]["cause"], "unknown")


@test(replay=True)
def a_merged_incident_gives_its_calls_to_the_other(broker):
    desk, here = Desk(broker), place(broker)
    first, second = desk.call(here.accounts[0])["incident"], desk.call(here.accounts[3])["incident"]
    if first == second:
        second = desk.open(node=here.right)
    calls = desk.row(first)["calls"] + desk.row(second)["calls"]
    desk.act("incident.merged", first, into=second)
    has(desk.row(first), state="merged")
    has(desk.row(second), calls=calls)


@test(replay=True)
def what_a_person_said_that_a_merged_incident_covers_is_covered_by_the_other(broker):
    desk, here = Desk(broker), place(broker)
    first, second = desk.open(node=here.right, accounts=here.accounts[:1]), desk.open(accounts=here.accounts[1:2])
    desk.act("incident.merged", first, into=second)
    has(desk.row(second), customers=3)
    for account in (here.accounts[0], here.accounts[1], here.accounts[3]):
        same(numbers(desk.eta(account)), [second])
        has(desk.call(account), incident=second)


@test(replay=True)
def a_merge_restores_nothing_and_keeps_what_was_restored(broker):
    desk, here = Desk(broker), place(broker)
    first, second = desk.open(accounts=here.accounts[:2]), desk.open(accounts=here.accounts[1:3])
    desk.act("incident.partly_restored", first, accounts=here.accounts[:2])
    desk.act("incident.merged", first, into=second)
    same([row.get("restored_here", False) for account in here.accounts[:3] for row in desk.eta(account)],
         [True, False, False])


@test(replay=True)
def a_published_eta_goes_with_a_merged_incident_unless_a_better_one_stands(broker):
    desk, here = Desk(broker), place(broker)
    at = desk.now() + HOUR

    def merged(first_eta, second_eta):
        first, second = desk.open(node=here.left), desk.open(node=here.right)
        for incident, eta in ((first, first_eta), (second, second_eta)):
            if eta is not None:
                desk.act("eta.set", incident, at=rfc3339(at if incident == first else at + HOUR), **eta)
        desk.act("incident.merged", first, into=second)
        eta = desk.row(second)["eta"]
        return eta and seconds(eta["at"]) - at

    same(merged({}, None), 0)
    same(merged({}, {"source": "zone"}), 0)
    same(merged({}, {}), HOUR)
    same(merged({"source": "zone"}, {}), HOUR)
    same(merged({"published": False}, None), None)
    same(merged({"published": False}, {"source": "zone"}), HOUR)


@test(replay=True)
def split_takes_contacts_into_a_new_incident(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.feeder)
    calls = [desk.call(account) for account in here.accounts]
    new = desk.act("incident.split", incident, contacts=[calls[3]["reg_no"]], node=here.right)
    assert new["incident"] != incident
    has(desk.row(incident), calls=3)
    has(desk.row(new["incident"]), calls=1, node=here.right)
    same([c["reg_no"] for c in desk.row(new["incident"])["contacts"]], [calls[3]["reg_no"]])


# -- rule 8 ---------------------------------------------------------------------------------
@test(replay=True)
def etas_are_oldest_first_and_a_withdrawal_has_at_null(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.act("eta.set", incident, at=rfc3339(desk.now() + HOUR))
    desk.forward(60)
    desk.act("eta.withdrawn", incident)
    desk.forward(60)
    desk.act("eta.set", incident, at=rfc3339(desk.now() + 2 * HOUR), firmness="firm",
             published=False)
    etas = desk.row(incident)["etas"]
    same([sorted(e) for e in etas], [sorted(["at", "firmness", "source", "set_at", "by",
                                             "published", "in_force"])] * 3)
    same([e["at"] and seconds(e["at"]) for e in etas],
         [desk.now() + HOUR - 120, None, desk.now() + 2 * HOUR])
    same([seconds(e["set_at"]) for e in etas], [desk.now() - 120, desk.now() - 60, desk.now()])
    same([e["in_force"] for e in etas], [False, False, True])
    same([e["published"] for e in (etas[0], etas[2])], [True, False])
    same({e["by"] for e in etas}, {desk.dispatcher.hello()["identity"]})


@test(replay=True)
def timeline_is_the_stored_events_oldest_first(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left, text="begin")
    sequences = [desk.call(here.accounts[0])["sequence"],
                 desk.act("eta.set", incident, at=rfc3339(desk.now()))["sequence"],
                 desk.act("dispatch.accepted", incident)["sequence"],
                 desk.dispatcher.put("log.entry", {"text": "note", "incident": incident})[
                     "sequence"],
                 desk.act("incident.restored", incident)["sequence"]]
    timeline = desk.row(incident)["timeline"]
    have = [int(e["sequence"]) for e in timeline]
    same(have, sorted(have))
    for sequence in sequences[1:]:
        assert sequence in have, "event %d is not in the timeline" % sequence
    has(timeline[0], type="incident.opened")
    assert all(e["specversion"] == "1.0" and e["recordedtime"] for e in timeline)


if __name__ == "__main__":
    main()
