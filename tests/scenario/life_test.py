#!/usr/bin/python3
"""The life of an incident on the bus: works that meet it, why it is urgent, minutes that nobody counts twice, who is called."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, has, main, report, same, test
from pultbus import rfc3339, seconds

START = seconds("2026-03-01T07:00:00Z")
MINUTE = 60
NETWORK = """id,parent,kind,name,voltage_kv,device
S,,substation,S,110,
F,S,feeder,F,10,
T1,F,transformer,T1,10,
T2,F,transformer,T2,10,
"""
PREMISES = """account,node,settlement,street,house,flat,applicant,reliability,critical,name,phone
a1,T1,Town,First,1,,person,3,,,
a2,T1,Town,First,2,,person,2,,,
a3,T2,Town,First,3,,legal,1,hospital,,
a4,T2,Town,First,4,,person,3,,,
"""


def town(broker):
    admin = broker.bus("admin")
    admin.import_csv("network", NETWORK)
    admin.import_csv("premises", PREMISES)
    admin.clock(rfc3339(START))
    return admin, broker.bus(), broker.bus("operator")


@test(own=True)
def an_incident_says_why_it_is_urgent_and_which_works_are_there():
    with Broker(replay=True) as broker:
        admin, desk, operator = town(broker)
        desk.put("planned.announced", {"node": "T1", "starts": rfc3339(START), "reason": "x",
                                       "ends": rfc3339(START + 120 * MINUTE)})
        desk.put("planned.announced", {"node": "T2", "starts": rfc3339(START), "reason": "not begun",
                                       "ends": rfc3339(START + 120 * MINUTE)})
        desk.put("planned.started", {"planned": 1})
        same(operator.put("contact.outage_report", report("a1")).get("planned"), 1)
        outside = operator.put("contact.outage_report", report("a4"))["incident"]
        same(desk.query("incident", incident=outside)[0]["planned"], [])
        desk.put("incident.confirmed", {"incident": outside, "node": "F"})
        row = desk.query("incident", incident=outside)[0]
        has(row, planned=[1], customers=4, critical_count=1, categories=[1, 1, 2], priority=2,
            priority_reason="critical")
        desk.put("planned.ended", {"planned": 1})
        same(desk.query("incident", incident=outside)[0]["planned"], [])


@test(own=True)
def nobody_is_counted_twice_when_a_restored_part_is_out_again():
    with Broker(replay=True) as broker:
        admin, desk, operator = town(broker)
        desk.put("incident.opened", {"kind": "outage", "node": "F"})
        admin.clock(rfc3339(START + 10 * MINUTE))
        desk.put("incident.partly_restored", {"incident": 1, "accounts": ["a1"]})
        admin.clock(rfc3339(START + 40 * MINUTE))
        desk.put("incident.partly_restored", {"incident": 1, "nodes": ["T1"]})
        admin.clock(rfc3339(START + 60 * MINUTE))
        desk.put("incident.restored", {"incident": 1})
        minutes = lambda number: desk.query("incident", incident=number)[0]["customer_minutes"]
        same(minutes(1), 10 + 40 + 2 * 60)
        nested = operator.put("contact.outage_report", report("a3"))["incident"]
        desk.put("incident.updated", {"incident": nested, "accounts_add": ["a4", "a1"]})
        admin.clock(rfc3339(START + 90 * MINUTE))
        same((minutes(1), minutes(nested)), (40, 3 * 90))
        desk.put("incident.cancelled", {"incident": nested, "reason": "not_found"})
        same((minutes(1), minutes(nested)), (10 + 40 + 2 * 60, 0))


@test(own=True)
def what_nobody_accepts_names_who_was_called_and_callers_who_wait_are_late():
    with Broker(replay=True, wait=False) as broker:
        desks = os.path.join(broker.directory, "desks.yaml")
        with open(desks, "w", encoding="utf-8") as file:
            file.write("desks: {west: {name: W, nodes: [T1], next: rest, senior: petrova}, rest: {name: R}}\n")
        broker.stop()
        broker.settings = ["desks=" + desks]
        broker.start()
        admin, desk, operator = town(broker)
        contact = operator.put("contact.outage_report", report("a1", callback=True))
        number = contact["incident"]
        admin.clock(rfc3339(START + 8 * MINUTE))
        has(desk.query("incident", incident=number)[0], desk="west", escalated_to="rest")
        broker.kill()
        broker.restart()
        admin, desk = broker.bus("admin"), broker.bus()
        admin.clock(rfc3339(START + 11 * MINUTE))
        has(desk.query("incident", incident=number)[0], escalated_to="petrova")
        desk.put("dispatch.accepted", {"incident": number})
        assert "escalated_to" not in desk.query("incident", incident=number)[0]
        admin.clock(rfc3339(START + 239 * MINUTE))
        row = desk.query("contacts", incident=number)[0]
        assert row["callback"] and "answer_since" in row and "answer_late" not in row, row
        admin.clock(rfc3339(START + 241 * MINUTE))
        has(desk.query("contacts", incident=number)[0], answer_late=True)
        same([e["data"]["of"] for e in desk.query("events", type="deadline.passed")
              if e["data"]["deadline"] == "callback_answer"], ["contact/" + contact["reg_no"]])


@test(own=True)
def desks_deadlines_and_default_times_are_read_again_all_or_nothing():
    with Broker(wait=False) as broker:
        files = {name: os.path.join(broker.directory, name + ".yaml") for name in ("desks", "etas", "timers")}

        def write(name, text):
            with open(files[name], "w", encoding="utf-8") as file:
                file.write(text)

        for name in files:
            write(name, "")
        broker.stop()
        broker.settings = ["%s=%s" % item for item in files.items()]
        broker.start()
        desk = broker.bus()
        desk.put("incident.opened", {"kind": "outage", "node": "N"})
        write("desks", "desks: {rest: {name: R}}")
        write("etas", "etas: [{after: 3h, published: true}]")
        write("timers", "shelve_max: {after: 1h}")  # of records that there are not
        broker.reload(says="not reloaded")
        time.sleep(1.2)
        desk.put("incident.opened", {"kind": "outage", "node": "N"})
        same([(row["eta"], row.get("desk")) for row in desk.query("incidents")], [(None, None)] * 2)
        write("timers", "ops_accept_normal: {after: 1s, ground: 'rule 9'}")
        broker.reload()
        number = broker.bus("operator").put("contact.outage_report", report(premise={"text": "x"}))["incident"]
        until = time.monotonic() + 10
        while not desk.query("events", type="deadline.passed"):
            assert time.monotonic() < until
            time.sleep(0.1)
        same(desk.query("events", type="deadline.passed")[0]["data"]["ground"], "rule 9")
        rows = {row["incident"]: row for row in desk.query("incidents")}
        has(rows[number], desk="rest")
        same([rows[n]["eta"]["source"] for n in sorted(rows)], ["rule"] * 3)


if __name__ == "__main__":
    main()
