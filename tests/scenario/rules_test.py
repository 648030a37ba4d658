#!/usr/bin/python3
# valgrind
"""The eight rules of EVENTS.md that every client may rely on."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import complaint, has, main, place, refused, report, same, test
from pultbus import event, rfc3339, seconds

HOUR, DAY, MINUTE = 3600, 86400, 60


class Desk:
    """The people of one test: an operator, a dispatcher, and whoever moves the clock."""

    def __init__(self, broker):
        self.broker = broker
        self.operator, self.dispatcher = broker.bus("operator"), broker.bus("dispatcher")
        self.admin = broker.bus("admin")
        if self.now() < 100 * DAY:
            self.admin.clock(100 * DAY)

    def now(self):
        return seconds(self.admin.hello()["time"])

    def forward(self, seconds):
        self.admin.clock(self.now() + seconds)

    def call(self, account, **more):
        return self.operator.put("contact.outage_report", report(account, **more))

    def complain(self, account, **more):
        return self.operator.put("contact.quality_complaint", complaint(account, **more))

    def open(self, kind="outage", **more):
        return self.dispatcher.put("incident.opened", {"kind": kind, **more})["incident"]

    def act(self, type, incident, **more):
        return self.dispatcher.put(type, {"incident": incident, **more})

    def conflict(self, type, incident, **more):
        return refused("conflict", self.dispatcher.refusal("publish", event(
            type, {"incident": incident, **more})))

    def announce(self, **more):
        return self.dispatcher.put("planned.announced", {"reason": "repair", **more})["planned"]

    def eta(self, account):
        return list(self.operator.query("eta", account=account))

    def row(self, incident):
        return self.dispatcher.query("incident", incident=incident)[0]


def numbers(rows):
    return sorted(row["incident"] for row in rows if "incident" in row)


def works(rows):
    return sorted(row["planned"] for row in rows if "planned" in row)


# -- rule 1 ---------------------------------------------------------------------------------
@test(replay=True)
def an_incident_covers_every_premise_below_its_node_and_no_other(broker):
    desk, here, there = Desk(broker), place(broker), place(broker)
    upper, lower = desk.open(node=here.feeder), desk.open(node=here.left)
    for account in here.accounts[:3]:
        same(numbers(desk.eta(account)), sorted([upper, lower]))
    same(numbers(desk.eta(here.accounts[3])), [upper])
    same(desk.eta(there.accounts[0]), [])


@test(replay=True)
def an_incident_covers_the_accounts_listed_in_it(broker):
    desk, here = Desk(broker), place(broker)
    a, b, c, d = here.accounts
    incident = desk.open(accounts=[a, b])
    same([numbers(desk.eta(x)) for x in (a, b, c, d)], [[incident], [incident], [], []])
    desk.act("incident.updated", incident, accounts_add=[c], accounts_remove=[a])
    same([numbers(desk.eta(x)) for x in (a, b, c, d)], [[], [incident], [incident], []])


@test(replay=True)
def having_called_does_not_make_an_account_covered(broker):
    desk, here, there = Desk(broker), place(broker), place(broker)
    incident = desk.open(node=here.left)
    same(desk.call(here.accounts[0])["incident"], incident)
    desk.act("incident.moved", incident, node=there.left)
    same(desk.eta(here.accounts[0]), [])
    same(numbers(desk.eta(there.accounts[0])), [incident])
    has(desk.row(incident), calls=1)


@test(replay=True)
def several_open_incidents_over_one_account_are_all_shown(broker):
    desk, here = Desk(broker), place(broker)
    every = [desk.open(node=here.feeder), desk.open(node=here.left),
             desk.open(accounts=[here.accounts[0]]), desk.open("quality", node=here.left)]
    same(numbers(desk.eta(here.accounts[0])), sorted(every))


# -- rule 2 ---------------------------------------------------------------------------------
@test(replay=True)
def a_report_joins_the_open_incident_that_covers_its_premise(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.feeder)
    for premise in ({"account": here.accounts[0]}, here.address("1"),
                    {**here.address("2")}, {"node": here.right}, {"node": here.feeder},
                    {"settlement": here.settlement, "street": here.street, "house": "3"}):
        result = desk.operator.put("contact.outage_report", report(premise=premise))
        has(result, incident=incident)
        assert result["say"] and result["reg_no"]
    has(desk.row(incident), calls=6)


@test(replay=True)
def a_report_joins_an_incident_whatever_the_window(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.forward(9 * DAY)
    has(desk.call(here.accounts[0]), incident=incident)


@test(replay=True)
def a_report_goes_to_an_incident_of_its_own_kind_first(broker):
    desk, here = Desk(broker), place(broker)
    quality, outage = (desk.open("quality", node=here.left, started=rfc3339(desk.now() - 10)),
                       desk.open("outage", node=here.feeder, started=rfc3339(desk.now() - 999)))
    has(desk.call(here.accounts[0]), incident=outage)
    has(desk.complain(here.accounts[0]), incident=quality)
    desk.act("incident.restored", quality)
    has(desk.complain(here.accounts[0]), incident=outage)


@test(replay=True)
def of_two_of_its_kind_a_report_goes_to_the_latest_started(broker):
    desk, here = Desk(broker), place(broker)
    late = desk.open(node=here.feeder, started=rfc3339(desk.now() - 60))
    early = desk.open(node=here.left, started=rfc3339(desk.now() - 600))
    has(desk.call(here.accounts[0]), incident=late)
    desk.act("incident.updated", early, started=rfc3339(desk.now() - 5))
    has(desk.call(here.accounts[0]), incident=early)


@test(replay=True)
def without_an_incident_planned_works_that_have_started_take_the_report(broker):
    desk, here = Desk(broker), place(broker)
    planned = desk.announce(node=here.left, starts=rfc3339(desk.now()),
                            ends=rfc3339(desk.now() + HOUR))
    first = desk.call(here.accounts[0])
    assert "planned" not in first and first["incident"] > 0, "announced works take no calls"
    desk.act("incident.cancelled", first["incident"], reason="invalid")
    desk.dispatcher.put("planned.started", {"planned": planned})
    result = desk.call(here.accounts[0])
    has(result, planned=planned)
    assert "incident" not in result
    same(seconds(result["eta"]["at"]), desk.now() + HOUR)
    incident = desk.open(node=here.left)
    has(desk.call(here.accounts[0]), incident=incident)
    row = [r for r in desk.eta(here.accounts[0]) if "planned" in r][0]
    has(row, planned=planned, calls=1, state="started")


@test(replay=True)
def planned_works_take_reports_until_15_minutes_past_their_end(broker):
    desk, here = Desk(broker), place(broker)
    planned = desk.announce(node=here.left, starts=rfc3339(desk.now()),
                            ends=rfc3339(desk.now() + HOUR))
    desk.dispatcher.put("planned.started", {"planned": planned})
    desk.forward(HOUR + 15 * MINUTE)
    has(desk.call(here.accounts[0]), planned=planned)
    desk.forward(1)
    result = desk.call(here.accounts[0])
    assert "planned" not in result and result["incident"] > 0, result


@test(replay=True)
def the_time_of_a_call_decides_about_the_window_not_when_it_was_recorded(broker):
    desk, here = Desk(broker), place(broker)
    planned = desk.announce(node=here.left, starts=rfc3339(desk.now()),
                            ends=rfc3339(desk.now() + HOUR))
    desk.dispatcher.put("planned.started", {"planned": planned})
    desk.forward(HOUR + 20 * MINUTE)
    result = desk.operator.put("contact.outage_report", report(here.accounts[0]),
                               time=rfc3339(desk.now() - 10 * MINUTE))
    has(result, planned=planned)
    # A time ahead does not open a window that has passed.
    late = desk.operator.put("contact.outage_report", report(here.accounts[1]),
                             time=rfc3339(desk.now() + DAY))
    assert "planned" not in late, late


@test(replay=True)
def of_two_works_under_way_the_latest_starting_takes_the_report(broker):
    desk, here = Desk(broker), place(broker)
    now = desk.now()
    late = desk.announce(node=here.feeder, starts=rfc3339(now - 10), ends=rfc3339(now + HOUR))
    early = desk.announce(node=here.left, starts=rfc3339(now - 500), ends=rfc3339(now + HOUR))
    for number in (late, early):
        desk.dispatcher.put("planned.started", {"planned": number})
    has(desk.call(here.accounts[0]), planned=late)


@test(replay=True)
def within_15_minutes_of_a_restoration_a_report_opens_a_nested_incident(broker):
    desk, here = Desk(broker), place(broker)
    parent = desk.open(node=here.feeder)
    desk.forward(HOUR)
    desk.act("incident.restored", parent)
    desk.forward(15 * MINUTE)
    nested = desk.call(here.accounts[0])["incident"]
    assert nested != parent
    has(desk.row(nested), nested_in=parent, calls=1)
    # A second one below it joins the nested incident.
    has(desk.call(here.accounts[0]), incident=nested)
    has(desk.row(parent), state="restored", calls=0)


@test(replay=True)
def later_than_that_it_opens_a_suspected_one_without_a_parent(broker):
    desk, here = Desk(broker), place(broker)
    parent = desk.open(node=here.feeder)
    desk.act("incident.restored", parent)
    desk.forward(15 * MINUTE + 1)
    row = desk.row(desk.call(here.accounts[0])["incident"])
    has(row, state="suspected", calls=1)
    assert row.get("nested_in") is None, row


@test(replay=True)
def a_restoration_that_was_closed_at_once_still_nests(broker):
    desk, here = Desk(broker), place(broker)
    parent = desk.open(node=here.feeder)
    desk.act("incident.restored", parent)
    desk.act("incident.closed", parent, cause="fuse")
    desk.forward(5 * MINUTE)
    has(desk.row(desk.call(here.accounts[0])["incident"]), nested_in=parent)


@test(replay=True)
def the_window_runs_from_the_restoration_as_given(broker):
    desk, here = Desk(broker), place(broker)
    parent = desk.open(node=here.feeder)
    desk.forward(HOUR)
    desk.act("incident.restored", parent, at=rfc3339(desk.now() - 20 * MINUTE))
    row = desk.row(desk.call(here.accounts[0])["incident"])
    assert row.get("nested_in") is None, row
    # A correction of the restoration moves the window.
    other = place(broker)
    parent = desk.open(node=other.feeder)
    desk.act("incident.restored", parent, at=rfc3339(desk.now() - 20 * MINUTE))
    desk.act("incident.restored", parent, at=rfc3339(desk.now() - 5 * MINUTE))
    has(desk.row(desk.call(other.accounts[0])["incident"]), nested_in=parent)


@test(replay=True)
def partly_restored_premises_nest_too_and_the_rest_stays_out(broker):
    desk, here = Desk(broker), place(broker)
    parent = desk.open(node=here.feeder)
    desk.act("incident.partly_restored", parent, nodes=[here.left])
    has(desk.row(parent), state="partly_restored")
    has(desk.call(here.accounts[3]), incident=parent)
    assert desk.call(here.accounts[0])["incident"] > 0


@test(replay=True)
def a_report_from_a_quiet_place_opens_a_suspected_incident_that_others_join(broker):
    desk, here, there = Desk(broker), place(broker), place(broker)
    first = desk.call(here.accounts[0])
    has(desk.row(first["incident"]), state="suspected", kind="outage", calls=1)
    has(desk.call(here.accounts[0]), incident=first["incident"])
    has(desk.row(first["incident"]), calls=2)
    assert desk.call(there.accounts[0])["incident"] != first["incident"]
    complained = desk.complain(place(broker).accounts[0])
    has(desk.row(complained["incident"]), state="suspected", kind="quality")


@test(replay=True)
def a_restoration_query_is_linked_but_opens_nothing(broker):
    desk, here = Desk(broker), place(broker)
    def ask(**more):
        return desk.operator.put("contact.restoration_query", {"applicant": "person", **more})
    before = desk.dispatcher.query("stats")[0]["open"]
    result = ask(premise={"account": here.accounts[0]})
    assert result["reg_no"] and result["say"] and "incident" not in result, result
    same(desk.dispatcher.query("stats")[0]["open"], before)
    incident = desk.open(node=here.left)
    desk.act("eta.set", incident, at=rfc3339(desk.now() + HOUR))
    result = ask(premise={"account": here.accounts[0]})
    has(result, incident=incident)
    same(seconds(result["eta"]["at"]), desk.now() + HOUR)
    has(ask(incident=incident), incident=incident)


@test(replay=True)
def an_acceptance_covers_later_reports_unless_they_bring_a_hazard(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.left)
    desk.call(here.accounts[0])
    desk.act("dispatch.accepted", incident)
    by = desk.dispatcher.hello()["identity"]
    has(desk.row(incident), accepted_by=by)
    desk.call(here.accounts[0])
    desk.call(here.accounts[1])
    has(desk.row(incident), accepted_by=by)
    desk.call(here.accounts[2], hazard="wire_down")
    assert not desk.row(incident).get("accepted_by"), desk.row(incident)
    desk.act("dispatch.accepted", incident)
    has(desk.row(incident), accepted_by=by)
    desk.call(here.accounts[2], hazard="wire_down")
    has(desk.row(incident), accepted_by=by)


# -- rule 3 ---------------------------------------------------------------------------------
@test(replay=True)
def calls_counts_every_report_linked_repeats_too(broker):
    desk, here = Desk(broker), place(broker)
    incident = desk.open(node=here.feeder)
    for _ in range(4):
        desk.call(here.accounts[0])
    desk.complain(here.accounts[1])
    has(desk.row(incident), calls=5)
    has(desk.eta(here.accounts[3])[0], calls=5)
    rows = desk.dispatcher.query("incidents", node=here.feeder)
    has([r for r in rows if r["incident"] == incident][0], calls=5)
    same(len(desk.row(incident)["contacts"]), 5)


@test(replay=True)
def customers_are_counted_from_the_premises_unless_given(broker):
    desk, here = Desk(broker), place(broker)
    has(desk.row(desk.open(node=here.left)), customers=3)
    has(desk.row(desk.open(node=here.feeder)), customers=4)
    has(desk.row(desk.open(accounts=here.accounts[:2])), customers=2)
    incident = desk.open(node=here.right, customers=250)
    has(desk.row(incident), customers=250)
    desk.act("incident.updated", incident, customers=0)
    has(desk.row(incident), customers=0)


@test(replay=True)
def stats_adds_up_customers_as_given(broker):
    desk, here = Desk(broker), place(broker)
    before = desk.dispatcher.query("stats")[0]
    first, second = desk.open(node=here.left, customers=1000), desk.open(node=here.right)
    after = desk.dispatcher.query("stats")[0]
    has(after, open=before["open"] + 2, customers=before["customers"] + 1001,
        without_eta=before["without_eta"] + 2)
    desk.act("eta.set", first, at=rfc3339(desk.now() - 1))
    has(desk.dispatcher.query("stats")[0], without_eta=before["without_eta"] + 1,
        overdue=before["overdue"] + 1)
    desk.act("incident.restored", first)
    desk.act("incident.restored", second)
    has(desk.dispatcher.query("stats")[0], open=before["open"], customers=before["customers"],
        without_eta=before["without_eta"], overdue=before["overdue"])


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
