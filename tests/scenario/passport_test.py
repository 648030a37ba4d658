#!/usr/bin/python3
"""Every item of the passport that comes by telephone, typed into the real operator's screen, checked on the bus, and found again by number,
phone and account. `make passport` prints item, test, passed."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import has, main, same, test
from screens import F8, Desk, choose

METERS = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"


def register(keys, house, phone=True, place=True):
    """Types a call; the stored contact, and the desk that it was taken at, while `check` looks."""
    with Desk() as desk:
        desk.broker.bus("admin").ask("import", {
            "import": "m", "kind": "meters", "part": 1, "commit": True,
            "csv": METERS + "".join("M-%d,s-%d,5,1,2026-01-23,100,,\n" % (n, n) for n in range(1, 30))})
        intake = desk.open("intake", "ru")
        intake.wait_text("адресов 29")
        number = "+7912555%04d" % house
        if phone:
            intake.type(number)
        if place:
            choose(intake, "садовая %d" % house)
        else:
            intake.type("\t\t\t")
        intake.type(keys + F8)
        intake.wait_text("Зарегистрировано: ")
        bus = desk.broker.bus("operator")
        row = bus.query("contacts", since="2020-01-01T00:00:00Z")[0]
        same(bus.query("contact", reg_no=row["reg_no"])[0]["reg_no"], row["reg_no"])
        assert row["reg_no"] in "\n".join(intake.rows_text()), "the number is not on the screen"
        if phone:
            same([found["reg_no"] for found in bus.query("contacts", phone=number)], [row["reg_no"]])
        if place:
            has(row["place"], street="ул. Садовая", house=str(house))
        return row


@test(own=True)
def item_1_1_connection():
    has(register("9\t1\t1\t2", 3), item="1.1", type="contact.inquiry", state="routed", department="connection")


@test(own=True)
def item_1_2_transmission():
    has(register("9\t1\t2\t2", 4), item="1.2", state="routed", department="transmission")


@test(own=True)
def item_1_3_metering():
    has(register("9\t1\t3\t2", 5), item="1.3", state="routed", department="metering")


@test(own=True)
def item_1_4_service():
    has(register("9\t1\t4\t1", 6), item="1.4", state="answered")


@test(own=True)
def item_1_5_whom_to_turn_to():
    has(register("9\t1\t5", 7), item="1.5", state="answered")


@test(own=True)
def item_2_consultation():
    has(register("9\t2\t2\t2", 8), item="2", type="contact.consultation", state="routed")


@test(own=True)
def item_3_meter_reading():
    has(register("9\t3\t150", 9), item="3", type="contact.meter_reading", state="answered")


@test(own=True)
def item_4_unmetered_use_by_a_person():
    has(register("9\t4\t2", 10), item="4", applicant="person", department="security")


@test(own=True)
def item_4_unmetered_use_anonymous():
    row = register("9\t4\t1", 11, phone=False)
    has(row, item="4", applicant="anonymous", department="security")
    assert "caller" not in row, row


@test(own=True)
def item_4_stolen_equipment_reaches_the_dispatcher():
    assert register("9\t4\t3", 12, phone=False)["incident"]


@test(own=True)
def item_4_1_quality():
    row = register("3\t210", 13)
    has(row, item="4.1", type="contact.quality_complaint", symptom="low")
    assert row["incident"], row


@test(own=True)
def item_4_2_no_supply():
    row = register("1", 14)
    has(row, item="4.2", type="contact.outage_report", symptom="no_power")
    assert row["incident"], row


@test(own=True)
def item_5_when_will_it_be_back():
    has(register("7", 15), item="5", type="contact.restoration_query")


@test(own=True)
def item_9_complaint():
    has(register("9\t5\t2", 16), item="9", type="contact.complaint", topic="quality", department="complaints")


if __name__ == "__main__":
    main()
