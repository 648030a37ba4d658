#!/usr/bin/python3
"""Deadlines on the bus: events in the journal's order, once each, whether the broker is up or not."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, has, main, place, report, same, test
from pultbus import read_all, rfc3339, seconds

START = seconds("2026-03-01T07:00:00Z")
MINUTE = 60


def told(broker):
    """(deadline, of, minutes from START at which it was due, and recorded) of the whole journal."""
    rows = []
    for raw in read_all(broker.bus())[0]:
        event = json.loads(raw)
        data = event["data"]
        if event["type"] not in ("deadline.passed", "eta.needed") or "deadline" not in data:
            continue
        same(event["source"], "pult:busd")
        same(event["subject"], "incident/%d" % data["incident"])
        same(event["time"], data["due"])
        assert data["ground"], data
        rows.append((data["deadline"], data["incident"], (seconds(data["due"]) - START) / MINUTE,
                     (seconds(event["recordedtime"]) - START) / MINUTE))
    return rows


def storm(broker, after_step):
    """The same acts, with `after_step` called between any two of them."""
    broker.bus("admin").clock(rfc3339(START))
    here = place(broker)
    after_step()
    broker.bus("operator").put("contact.outage_report", report(here.accounts[0]))
    after_step()
    broker.bus().put("incident.opened", {"kind": "outage", "node": here.right, "cause": "tree"})
    after_step()
    broker.bus().put("eta.set", {"incident": 2, "at": rfc3339(START + 40 * MINUTE)})
    for minute in (3, 7, 20, 41, 90, 500):
        after_step()
        broker.bus("admin").clock(rfc3339(START + minute * MINUTE))
    after_step()
    return told(broker)


WANTED = [("ops_accept_normal", 1, 5), ("eta_first", 1, 15), ("eta_warning", 2, 25),
          ("eta_overdue", 2, 40), ("eta_overdue_repeat", 2, 55), ("eta_overdue_repeat", 2, 70),
          ("eta_overdue_repeat", 2, 85), ("eta_overdue_repeat", 2, 100)]


@test(own=True)
def the_clock_passes_deadlines_in_their_order_each_at_its_moment():
    with Broker(replay=True) as broker:
        rows = storm(broker, lambda: None)
        same([row[:3] for row in rows], WANTED)
        same([row[3] for row in rows], [row[2] for row in rows])
        opened = broker.bus().query("incident", incident=2)[0]
        same([e["data"]["deadline"] for e in opened["timeline"] if e["type"] == "deadline.passed"],
             [name for name, of, _ in WANTED if of == 2])
        has(opened, priority=4)


@test(own=True)
def a_kill_between_any_two_steps_loses_and_doubles_none():
    with Broker(replay=True) as broker:
        def kill():
            broker.kill()
            broker.restart()
        rows = storm(broker, kill)
        same([row[:3] for row in rows], WANTED)


@test(own=True)
def what_fell_due_while_the_broker_was_down_is_told_when_it_is_back():
    with Broker(wait=False) as broker:
        timers = os.path.join(broker.directory, "timers.yaml")
        with open(timers, "w", encoding="utf-8") as file:
            file.write("ops_accept_normal: {after: 1s, ground: 'rule 7'}\n")
        broker.settings = ["timers=" + timers]
        broker.stop()
        broker.start()
        operator = broker.bus("operator")
        operator.put("contact.outage_report", report(place(broker).accounts[0]))
        broker.kill()
        time.sleep(1.2)
        for _ in range(2):  # the second start tells nothing more
            broker.restart()
            stream = broker.bus().subscribe(["deadline."], start="start")
            event = json.loads(stream.next(10))
            has(event["data"], deadline="ops_accept_normal", of="incident/1", ground="rule 7")
            assert seconds(event["recordedtime"]) >= seconds(event["data"]["due"])
            time.sleep(1.2)
            same(len(told(broker)), 1)
            broker.kill()
        broker.restart()


@test(own=True)
def a_question_without_an_answer_needs_a_time():
    with Broker(replay=True) as broker:
        broker.bus("admin").clock(rfc3339(START))
        here, operator, desk = place(broker), broker.bus("operator"), broker.bus()
        desk.put("incident.opened", {"kind": "outage", "node": here.left})
        stream = desk.subscribe(["eta.needed"], start="start")
        asked = operator.put("contact.restoration_query", {
            "applicant": "person", "premise": {"account": here.accounts[0]}})
        event = json.loads(stream.next())
        same(event["data"], {"incident": 1})
        same(int(event["sequence"]), asked["sequence"] + 1)
        operator.put("contact.restoration_query", {"applicant": "person", "incident": 1})
        same(len(read_all(desk, ["eta.needed"])[0]), 1)


@test(own=True)
def a_desk_that_nobody_sits_at_is_an_alarm():
    with Broker(replay=True, wait=False) as broker:
        desks = os.path.join(broker.directory, "desks.yaml")
        with open(desks, "w", encoding="utf-8") as file:
            file.write("desks: {west: {name: Западный, nodes: [F1]}, rest: {name: Общий}}\n")
        broker.stop()
        broker.settings = ["desks=" + desks]
        broker.start()
        admin, desk, here = broker.bus("admin"), broker.bus(), place(broker)
        admin.clock(rfc3339(START))
        desk.put("shift.opened", {"person": "petrova", "desk": "rest"})
        broker.bus("operator").put("contact.outage_report", report(here.accounts[0]))
        desk.put("incident.opened", {"kind": "outage", "node": "F2"})
        same([row["desk"] for row in desk.query("incidents")], ["west", "rest"])
        broker.kill()
        broker.restart()
        broker.bus("admin").clock(rfc3339(START + 3 * MINUTE))
        event = json.loads(broker.bus().subscribe(["deadline."], start="start").next())
        has(event["data"], deadline="desk_unattended", of="desk/west", desk="west")


@test(own=True)
def a_flood_proposes_a_storm_and_people_switch_it():
    with Broker(replay=True) as broker:
        admin, desk, operator = broker.bus("admin"), broker.bus(), broker.bus("operator")
        admin.clock(rfc3339(START))
        here = place(broker)
        live = desk.subscribe(["deadline.", "mode."], start="start")
        for account in range(11):
            operator.put("contact.outage_report", report(premise={"text": "nowhere %d" % account}))
        same(desk.query("stats")[0].get("mode_proposed"), None)
        admin.clock(rfc3339(START + 10))
        event = json.loads(live.next())
        has(event["data"], deadline="flood_on", of="desk/*", desk="*", ground="ISA-18.2")
        has(desk.query("stats")[0], mode="normal", mode_proposed="storm", floods=["*"])
        desk.put("mode.changed", {"mode": "storm"})
        same(json.loads(live.next())["data"], {"mode": "storm"})
        stats = desk.query("stats")[0]
        has(stats, mode="storm", floods=["*"])
        assert "mode_proposed" not in stats and "mode_since" in stats, stats
        broker.kill()
        broker.restart()
        desk, admin = broker.bus(), broker.bus("admin")
        same(desk.query("stats")[0]["mode"], "storm")
        live = desk.subscribe(["mode."], start="start")
        assert json.loads(live.next())["data"]["mode"] == "storm"
        live.until_live()
        same(live.lives[-1]["mode"], "storm")
        admin.clock(rfc3339(START + 11 * MINUTE))
        has(desk.query("stats")[0], mode="storm", mode_proposed="normal", floods=[])
        desk.put("mode.changed", {"mode": "normal"})
        assert "mode_proposed" not in desk.query("stats")[0]
        assert here.accounts  # the company is there: what has no place counts at the desk of all


@test(own=True)
def a_timers_file_with_a_row_of_no_kind_of_record_stops_the_start():
    broker = Broker(settings=["timers=/nonexistent/timers.yaml"])
    broker.start(wait=False)
    assert broker.process.wait(10) != 0
    assert "timers.yaml" in broker.said(), broker.said()
    timers = os.path.join(broker.directory, "timers.yaml")
    with open(timers, "w", encoding="utf-8") as file:
        file.write("complaint_answer: {of: complaint, after: 30d}\n")
    broker.settings = ["timers=" + timers]
    broker.start(wait=False)
    assert broker.process.wait(10) != 0
    assert "complaint_answer" in broker.said(), broker.said()


if __name__ == "__main__":
    main()
