#!/usr/bin/python3
# valgrind
"""What an incident covers and where a report goes: rules 1 to 3 of EVENTS.md."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from desk import DAY, Desk, HOUR, MINUTE, numbers, works
from harness import has, main, place, report, same, test
from pultbus import rfc3339, seconds


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
def an_incident_covers_what_is_fed_from_its_node_as_the_network_is_switched(broker):
    desk, here, there = Desk(broker), place(broker), place(broker)
    old, new = desk.open(node=here.feeder), desk.open(node=there.feeder)
    had = {number: desk.row(number)["customers"] for number in (old, new)}
    desk.forward(600)
    desk.dispatcher.put("node.switched", {"node": here.left, "fed_from": there.feeder})
    moved, stays = here.accounts[0], here.accounts[3]
    same([numbers(desk.eta(account)) for account in (moved, stays)], [[new], [old]])
    same(desk.call(moved)["incident"], new)
    has(desk.row(old), customers=had[old])
    has(desk.row(new), customers=had[new] + 3)
    same(desk.row(old)["timeline"][-1]["type"], "incident.switched")
    node = desk.dispatcher.query("nodes", id=here.left)[0]
    has(node, state="out", incident=new, fed_from=there.feeder)
    desk.dispatcher.put("node.switched", {"node": here.left})
    same([numbers(desk.eta(account)) for account in (moved, stays)], [[old], [old]])


@test(replay=True)
def an_incident_covers_the_accounts_listed_in_it(broker):
    desk, here = Desk(broker), place(broker)
    a, b, c, d = here.accounts
    incident = desk.open(accounts=[a, b])
    same([numbers(desk.eta(x)) for x in (a, b, c, d)], [[incident], [incident], [], []])
    desk.act("incident.updated", incident, accounts_add=[c], accounts_remove=[a])
    same([numbers(desk.eta(x)) for x in (a, b, c, d)], [[], [incident], [incident], []])


@test(replay=True)
def accounts_added_to_what_the_broker_opened_stay_when_a_node_is_named(broker):
    desk, here, there = Desk(broker), place(broker), place(broker)
    a, b, c, d = here.accounts
    incident = desk.call(a)["incident"]
    desk.act("incident.updated", incident, accounts_add=[b])
    for act in ("incident.confirmed", "incident.moved"):
        desk.act(act, incident, node=there.left)
        same([numbers(desk.eta(x)) for x in (a, b, c, d)], [[], [incident], [], []])
        same(numbers(desk.eta(there.accounts[0])), [incident])


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


if __name__ == "__main__":
    main()
