#!/usr/bin/python3
"""Times of restoration, past and ahead: rules 5 and 6 of EVENTS.md."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from desk import DAY, Desk, HOUR
from harness import has, main, place, same, test
from pultbus import rfc3339, seconds


# -- rule 5 ---------------------------------------------------------------------------------
@test(replay=True)
def a_restoration_ends_the_eta_and_history_keeps_it(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.act("eta.set", incident, at=rfc3339(desk.now() + HOUR))
    desk.act("incident.restored", incident)
    row = desk.eta(here.accounts[0])[0]
    has(row, incident=incident, state="restored", eta=None)
    same(seconds(row["restored_at"]), desk.now())
    same([seconds(e["at"]) for e in desk.row(incident)["etas"]], [desk.now() + HOUR])
    same([e["in_force"] for e in desk.row(incident)["etas"]], [False])


@test(replay=True)
def a_restored_or_closed_incident_refuses_an_eta_and_a_reopened_one_starts_without(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    at = rfc3339(desk.now() + HOUR)
    desk.act("eta.set", incident, at=at)
    desk.act("incident.restored", incident)
    desk.conflict("eta.set", incident, at=at)
    desk.act("incident.closed", incident)
    desk.conflict("eta.set", incident, at=at)
    desk.act("incident.reopened", incident)
    has(desk.eta(here.accounts[0])[0], incident=incident, eta=None)
    desk.act("eta.set", incident, at=at)
    same(desk.eta(here.accounts[0])[0]["eta"]["at"] is not None, True)


@test(replay=True)
def a_withdrawal_without_an_eta_in_force_is_accepted(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.act("eta.withdrawn", incident)
    desk.act("eta.set", incident, at=rfc3339(desk.now() + HOUR))
    desk.act("eta.withdrawn", incident, reason="nobody knows")
    has(desk.eta(here.accounts[0])[0], eta=None)
    desk.act("eta.withdrawn", incident)


@test(replay=True)
def no_eta_of_source_rule_is_made(broker):
    desk, here = Desk(broker), place(broker)
    result = desk.call(here.accounts[0])
    assert result.get("eta") is None, result
    desk.forward(DAY)
    has(desk.eta(here.accounts[0])[0], eta=None)


@test(replay=True)
def precedence_is_dispatcher_equal_to_crew_over_zone(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)

    def set(hours, **more):
        return desk.act("eta.set", incident, at=rfc3339(desk.now() + hours * HOUR), **more)

    def hours():
        eta = desk.eta(here.accounts[0])[0]["eta"]
        return eta and (round((seconds(eta["at"]) - desk.now()) / HOUR), eta["source"])

    assert set(1, source="zone").get("in_force") is not False
    same(hours(), (1, "zone"))
    set(2, source="zone")
    same(hours(), (2, "zone"))
    set(3)
    same(hours(), (3, "dispatcher"))
    same(set(4, source="zone")["in_force"], False)
    same(hours(), (3, "dispatcher"))
    set(5, source="crew")
    same(hours(), (5, "crew"))
    set(6, source="dispatcher", firmness="firm")
    same(hours(), (6, "dispatcher"))
    same(set(7, source="zone")["in_force"], False)
    etas = desk.row(incident)["etas"]
    same([e["source"] for e in etas],
         ["zone", "zone", "dispatcher", "zone", "crew", "dispatcher", "zone"])
    same([e["in_force"] for e in etas], [False] * 5 + [True, False])
    desk.act("eta.withdrawn", incident)
    same(hours(), None)
    set(8, source="zone")
    same(hours(), (8, "zone"))


@test(replay=True)
def firmness_is_shown_and_defaults_to_estimate(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    for firmness in (None, "firm", "not_before", "estimate"):
        desk.act("eta.set", incident, at=rfc3339(desk.now() + HOUR),
                 **({"firmness": firmness} if firmness else {}))
        same(desk.eta(here.accounts[0])[0]["eta"]["firmness"], firmness or "estimate")


# -- rule 6 ---------------------------------------------------------------------------------
@test(replay=True)
def times_may_be_past_or_ahead(broker):
    desk, here = Desk(broker), place(broker)
    for shift in (-30 * DAY, 30 * DAY):
        incident = desk.open(node=here.left, started=rfc3339(desk.now() + shift))
        same(seconds(desk.row(incident)["started"]), desk.now() + shift)
        desk.act("eta.set", incident, at=rfc3339(desk.now() + shift))
        desk.act("incident.restored", incident, at=rfc3339(desk.now() + shift))
        same(seconds(desk.row(incident)["restored_at"]), desk.now() + shift)
        desk.act("incident.closed", incident)
    desk.announce(node=here.left, starts=rfc3339(desk.now() - 9 * DAY),
                  ends=rfc3339(desk.now() - 8 * DAY))


@test(replay=True)
def overdue_is_before_the_brokers_time(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)

    def overdue():
        return desk.eta(here.accounts[0])[0]["eta"]["overdue"]

    desk.act("eta.set", incident, at=rfc3339(desk.now() - 1))
    same(overdue(), True)
    desk.act("eta.set", incident, at=rfc3339(desk.now()))
    same(overdue(), False)
    desk.forward(1)
    same(overdue(), True)
    desk.act("eta.set", incident, at=rfc3339(desk.now() + 5))
    same(overdue(), False)


if __name__ == "__main__":
    main()
