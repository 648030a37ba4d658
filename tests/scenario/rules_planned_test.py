#!/usr/bin/python3
"""Planned works: rule 4 of EVENTS.md."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from desk import DAY, Desk, HOUR, works
from harness import has, main, place, same, test
from pultbus import event, rfc3339, seconds


# -- rule 4 ---------------------------------------------------------------------------------
@test(replay=True)
def planned_works_are_shown_as_eta_rows(broker):
    desk, here = Desk(broker), place(broker)
    starts, ends = desk.now() + DAY, desk.now() + DAY + 4 * HOUR
    planned = desk.announce(accounts=here.accounts[:2], starts=rfc3339(starts),
                            ends=rfc3339(ends), ref="PW-1")
    row = desk.eta(here.accounts[1])[0]
    has(row, planned=planned, ref="PW-1", state="announced", calls=0)
    assert "incident" not in row and row["say"]
    same(seconds(row["started"]), starts)
    same((seconds(row["eta"]["at"]), row["eta"]["firmness"], row["eta"]["overdue"]),
         (ends, "estimate", False))
    same(desk.eta(here.accounts[2]), [])


@test(replay=True)
def planned_works_are_shown_from_7_days_before_until_ended_also_past_their_end(broker):
    desk, here = Desk(broker), place(broker)
    starts = desk.now() + 7 * DAY + 60
    planned = desk.announce(node=here.left, starts=rfc3339(starts), ends=rfc3339(starts + HOUR))
    same(desk.eta(here.accounts[0]), [])
    desk.forward(59)
    same(desk.eta(here.accounts[0]), [])
    desk.forward(1)
    same(works(desk.eta(here.accounts[0])), [planned])
    desk.forward(8 * DAY)  # the clock alone starts nothing
    row = desk.eta(here.accounts[0])[0]
    has(row, planned=planned, state="announced")
    same(row["eta"]["overdue"], True)
    desk.dispatcher.put("planned.started", {"planned": planned})
    has(desk.eta(here.accounts[0])[0], state="started")
    desk.dispatcher.put("planned.ended", {"planned": planned})
    same(desk.eta(here.accounts[0]), [])


@test(replay=True)
def planned_works_under_way_are_shown_however_late_they_were_to_start(broker):
    desk, here = Desk(broker), place(broker)
    starts = desk.now() + 20 * DAY
    planned = desk.announce(node=here.left, starts=rfc3339(starts), ends=rfc3339(starts + HOUR))
    same(desk.eta(here.accounts[0]), [])
    desk.dispatcher.put("planned.started", {"planned": planned})
    same(works(desk.eta(here.accounts[0])), [planned])


@test(replay=True)
def started_after_ended_starts_planned_works_again(broker):
    desk, here = Desk(broker), place(broker)
    planned = desk.announce(node=here.left, starts=rfc3339(desk.now()),
                            ends=rfc3339(desk.now() + HOUR))
    for type, shown in (("started", [planned]), ("ended", []), ("started", [planned]),
                        ("ended", []), ("started", [planned])):
        desk.dispatcher.put("planned." + type, {"planned": planned})
        same(works(desk.eta(here.accounts[0])), shown, type)
    has(desk.call(here.accounts[0]), planned=planned)


@test(replay=True)
def changed_moves_times_and_places_and_keeps_the_state(broker):
    desk, here = Desk(broker), place(broker)
    planned = desk.announce(accounts=[here.accounts[0]], starts=rfc3339(desk.now()),
                            ends=rfc3339(desk.now() + HOUR))
    desk.dispatcher.put("planned.started", {"planned": planned})
    desk.dispatcher.put("planned.changed", {"planned": planned, "ends": rfc3339(
        desk.now() + 2 * HOUR), "accounts": here.accounts[1:3]})
    same(desk.eta(here.accounts[0]), [])
    for account in here.accounts[1:3]:
        row = desk.eta(account)[0]
        has(row, planned=planned, state="started")
        same(seconds(row["eta"]["at"]), desk.now() + 2 * HOUR)
        same(seconds(row["started"]), desk.now())
    desk.dispatcher.put("planned.changed", {"planned": planned,
                                            "starts": rfc3339(desk.now() - HOUR)})
    row = desk.eta(here.accounts[1])[0]
    has(row, state="started")
    same(seconds(row["started"]), desk.now() - HOUR)


@test(replay=True)
def cancelled_works_are_gone_and_take_no_calls(broker):
    desk, here = Desk(broker), place(broker)
    planned = desk.announce(node=here.left, starts=rfc3339(desk.now()),
                            ends=rfc3339(desk.now() + HOUR))
    desk.dispatcher.put("planned.cancelled", {"planned": planned})
    same(desk.eta(here.accounts[0]), [])
    assert "incident" in desk.call(here.accounts[0])


@test(replay=True)
def planned_works_that_do_not_exist_are_not_found(broker):
    desk = Desk(broker)
    for type in ("changed", "started", "ended", "cancelled"):
        error = desk.dispatcher.refusal("publish", event("planned." + type, {"planned": 987654}))
        assert error.code in ("not_found", "conflict"), error.body


if __name__ == "__main__":
    main()
