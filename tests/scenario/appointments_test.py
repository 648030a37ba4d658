#!/usr/bin/python3
"""Appointments on a real busd: slots, the day's sheet, and two operators who race for the last window 1,000 times."""
import datetime
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, has, main, refused, same, test
from pultbus import event, rfc3339, seconds

OFFICES = """offices:
  main:
    name: {ru: "Центр обслуживания", en: "Service centre"}
    address: "ул. Садовая, 1"
    windows: 2
    hours: {mon: "08:00-17:00", tue: "08:00-17:00", wed: "08:00-17:00", thu: "08:00-17:00", fri: "08:00-16:00"}
    pause: "12:00-13:00"
    kinds: {connection: 30, metering: 20}
  race:
    windows: 1
    hours: {mon: "00:00-24:00", tue: "00:00-24:00", wed: "00:00-24:00", thu: "00:00-24:00", fri: "00:00-24:00"}
    kinds: {short: 5}
"""
MONDAY = "2026-06-01T"  # of the replay clock's future


def broker_with(text, function):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        os.chmod(file.name, 0o644)
        with Broker(replay=True, settings=["offices=" + file.name]) as broker:
            broker.bus("admin").ask("clock", {"to": MONDAY + "07:00:00+03:00"})
            function(broker)


def book(bus, starts, office="main", service="connection", **more):
    return event("appointment.booked", {"office": office, "service": service, "starts": starts, **more})


@test(own=True)
def slots_are_offered_booked_moved_and_given_up():
    def run(broker):
        bus = broker.bus("operator")
        office = bus.query("offices")[0]
        has(office, office="main", windows=2, services={"connection": 30, "metering": 20})
        slots = bus.query("slots", office="main", service="connection", limit=10)
        same([row["starts"][11:16] for row in slots],
             ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30", "13:00", "13:30"])
        starts = slots[0]["starts"]
        first = bus.publish(book(bus, starts, caller={"name": "Иванова Анна", "phone": "+7 912 555-01-01"}))
        has(first, appointment=1, window=1)
        has(bus.publish(book(bus, starts)), appointment=2, window=2)
        answer = refused("conflict", bus.refusal("publish", book(bus, starts)))
        same(answer.reason, "taken")
        assert "08:30" in answer.message and "09:00" in answer.message, answer.message
        same(bus.query("slots", office="main", service="connection", limit=1)[0]["starts"][11:16], "08:30")
        bus.publish(event("appointment.moved", {"appointment": 1, "starts": slots[1]["starts"]}))
        bus.publish(event("appointment.cancelled", {"appointment": 2}))
        has(bus.query("slots", office="main", service="connection", limit=1)[0], free=2)
        sheet = bus.query("appointments", office="main", **{"from": MONDAY + "00:00:00+03:00"},
                          until=MONDAY + "23:59:00+03:00")
        same([(row["appointment"], row["state"]) for row in sheet], [(2, "cancelled"), (1, "booked")])
        same(sheet[1]["caller"]["masked"], True)
        assert "555-01-01" not in str(sheet), sheet
        refused("conflict", bus.refusal("publish", event("appointment.cancelled", {"appointment": 2})))
        refused("not_found", bus.refusal("publish", event("appointment.cancelled", {"appointment": 7})))
    broker_with(OFFICES, run)


@test(own=True)
def no_visit_begins_outside_hours_in_the_pause_or_between_two():
    def run(broker):
        bus = broker.bus("operator")
        for starts, reason in ((MONDAY + "07:30:00+03:00", "closed"), (MONDAY + "11:45:00+03:00", "closed"),
                               (MONDAY + "12:00:00+03:00", "closed"), (MONDAY + "16:45:00+03:00", "closed"),
                               ("2026-06-06T10:00:00+03:00", "closed"), ("2026-06-12T10:00:00+03:00", "closed"),
                               ("2026-05-29T10:00:00+03:00", "past")):
            answer = refused("conflict", bus.refusal("publish", book(bus, starts)))
            same((starts, answer.reason, answer.body["path"]), (starts, reason, "/data/starts"))
        answer = refused("not_found", bus.refusal("publish", book(bus, MONDAY + "10:00:00+03:00", office="x")))
        same(answer.body["path"], "/data/office")
        answer = refused("not_found", bus.refusal("publish", book(bus, MONDAY + "10:00:00+03:00", service="x")))
        same(answer.body["path"], "/data/service")
    broker_with(OFFICES, run)


@test(own=True)
def two_operators_race_for_the_last_window_a_thousand_times():
    def run(broker):
        one, other = broker.bus("operator"), broker.bus("operator")
        at = seconds(MONDAY + "08:00:00+03:00")
        lost = won = 0
        for number in range(1000):
            moment = at + number * 300
            while datetime.datetime.fromtimestamp(moment + 3 * 3600, datetime.timezone.utc).weekday() > 4:
                moment, at = moment + 86400, at + 86400
            requests = [bus.send("publish", book(bus, rfc3339(moment), "race", "short")) for bus in (one, other)]
            answers = [bus.answer(request) for bus, request in zip((one, other), requests)]
            won += sum(answer.ok for answer in answers)
            for answer in answers:
                if not answer.ok:
                    lost += answer.body["reason"] == "taken" and ":" in answer.body["message"]
        same((won, lost), (1000, 1000))
        rows, after = [], None
        while True:
            page = one.query("appointments", office="race", limit=1000, **({"after": after} if after else {}))
            rows += page
            after = page.next
            if not after:
                break
        same(len(rows), 1000)
        same(len({row["starts"] for row in rows}), 1000)
    broker_with(OFFICES, run)


if __name__ == "__main__":
    main()
