#!/usr/bin/python3
"""A hazard reaches the dispatcher before the form is finished, as one report, and what comes out later is added to it."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import has, main, refused, report, same, test
from pultbus import event, seconds
from screens import F5, F8, Desk, choose

PHONE = "+7 912 555-02-%02d"


def from_screen_to_screen(language, texts):
    with Desk() as desk:
        console, intake = desk.open("console", language), desk.open("intake", language)
        console.wait_text("#1")
        intake.wait_text("#1")
        choose(intake, "садовая 5")
        intake.type("6")
        intake.wait_text(texts["safety"])
        console.wait_text("Садовая 5")  # nothing was saved yet
        console.wait_text(texts["alarm"])
        intake.wait_text(texts["sent"] + "2026-000001")
        intake.type("\t2\t\t" + texts["words"] + "\x1b[Z" * 6 + (PHONE % 1).replace(" ", "") + F8)
        intake.wait_text(texts["added"] + "2026-000001")
        bus = desk.broker.bus("operator")
        row, = bus.query("contacts")
        has(row, hazard="wire_down", extent="house", reg_no="2026-000001")
        row, = bus.query("contact", reg_no="2026-000001")
        has(row, text=texts["words"], caller={"phone": (PHONE % 1).replace(" ", "").replace("-", "")})
        same([found["reg_no"] for found in bus.query("contacts", phone=PHONE % 1)], ["2026-000001"])
        incident, = bus.query("incidents")
        has(incident, priority=1, calls=1)
        console.type("\r")
        console.wait_text(texts["timeline"])
        console.type("2")
        console.wait_text(texts["words"])  # the dispatcher reads what was added


@test(own=True)
def a_fallen_wire_reaches_the_dispatcher_before_the_form_is_saved_in_russian():
    from_screen_to_screen("ru", {
        "safety": "ближе 8 метров", "alarm": "‼1", "sent": "У диспетчера: ", "words": "висит на заборе",
        "added": "Дополнено: ", "timeline": "звонящий добавил"})


@test(own=True)
def a_fallen_wire_reaches_the_dispatcher_before_the_form_is_saved_in_english():
    from_screen_to_screen("en", {
        "safety": "8 metres away", "alarm": "‼1", "sent": "Sent to the dispatcher: ",
        "words": "hangs on a fence", "added": "Added to ",
        "timeline": "the caller added"})


@test(own=True)
def without_the_bus_a_hazard_and_its_rest_wait_and_stay_one_report():
    with Desk() as desk:
        intake = desk.open("intake", "ru")
        intake.wait_text("адресов 29")
        desk.broker.kill()
        intake.wait_text("ШИНЫ НЕТ")
        choose(intake, "садовая 6")
        intake.type("6\t")
        intake.wait_text("НЕ у диспетчера: талон")
        intake.type("\t\tискры" + F8)
        desk.broker.restart()
        intake.wait_text("Дополнено: 2026-000001", patience=20)
        row, = desk.broker.bus("operator").query("contacts")
        has(desk.broker.bus("operator").query("contact", reg_no=row["reg_no"])[0], text="искры")
        intake.type(F5)
        intake.wait_text("2026-000001")


def made(*data, **more):
    return event("contact.outage_report", report(*data, **more))


def add(bus, **data):
    return bus.publish(event("contact.updated", data))


@test
def more_is_added_by_the_number_or_by_the_event(broker):
    bus = broker.bus("operator")
    first = made("1001", hazard="fire", caller={"name": "Анна"}, text="дым")
    number = bus.publish(first)["reg_no"]
    has(add(bus, of=first["id"], caller={"phone": PHONE % 2}, callback=True), reg_no=number)
    row, = bus.query("contact", reg_no=number)
    has(row, caller={"phone": PHONE % 2}, text="дым", callback=True)
    same(seconds(row["due"]) - seconds(row["answer_since"]), 4 * 3600)
    add(bus, contact=number, text="огонь", applicant="legal", caller={"organisation": "ООО «Лён»"})
    row, = bus.query("contact", reg_no=number)
    has(row, text="огонь", applicant="legal", caller={"organisation": "ООО «Лён»"}, hazard="fire")
    timeline = bus.query("incident", incident=row["incident"])[0]["timeline"]
    same([e["type"] for e in timeline].count("contact.updated"), 2)
    assert "огонь" not in str(timeline), timeline


@test
def what_is_added_is_found_exported_and_erased_with_its_contact(broker):
    bus = broker.bus("operator")
    number = bus.publish(made("1002", hazard="sparking", text="искрит щит"))["reg_no"]
    add(bus, contact=number, caller={"name": "Борис", "phone": PHONE % 3}, text="Борис ждёт у щита")
    same([row["reg_no"] for row in bus.query("contacts", phone=PHONE % 3)], [number])
    assert bus.query("eta", phone=PHONE % 3)
    admin = broker.bus("admin")
    rows = admin.ask("admin", {"do": "person_export", "phone": PHONE % 3})["rows"]
    same(sorted({row["type"] for row in rows if "type" in row}),
         ["contact.outage_report", "contact.updated"])
    assert admin.ask("admin", {"do": "person_erase", "phone": PHONE % 3})["erased"] >= 2
    same(bus.query("contacts", phone=PHONE % 3), [])
    row, = bus.query("contact", reg_no=number)
    assert "text" not in row and "caller" not in row, row


@test
def nothing_is_added_where_it_could_not_be_right(broker):
    bus = broker.bus("operator")
    number = bus.publish(made("1003"))["reg_no"]
    refused("not_found", bus.refusal("publish", event("contact.updated", {"of": "nobody", "text": "x"})))
    refused("not_found", bus.refusal("publish", event("contact.updated", {"contact": "2026-009999"})))
    refused("invalid", bus.refusal("publish", event("contact.updated", {"text": "x"})))
    refused("invalid", bus.refusal("publish", event("contact.updated", {"contact": number, "of": "e"})))
    refused("invalid", bus.refusal("publish", event("contact.updated", {"contact": number, "hazard": "fire"})))
    complaint = bus.publish(event("contact.complaint", {"applicant": "person", "topic": "other"}))["reg_no"]
    refused("conflict", bus.refusal("publish", event("contact.updated", {"contact": complaint, "text": "x"})))
    unknown = bus.publish(made("1003", applicant="anonymous"))["reg_no"]
    refused("conflict", bus.refusal("publish", event("contact.updated", {"contact": unknown, "text": "x"})))


if __name__ == "__main__":
    main()
