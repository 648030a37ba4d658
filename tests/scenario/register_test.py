#!/usr/bin/python3
"""The regulator's register (FIELD §1.3, 31 columns): every column is there for every kind of contact, from one SELECT over the state."""
import csv
import io
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, Broker, has, main, same, test
from pultbus import event, rfc3339, seconds

COLUMNS = """n reg_no date time form_office form_phone form_web form_post form_other appeal_transmission appeal_connection appeal_metering
appeal_service appeal_maintenance appeal_other complaint_transmission complaint_quality complaint_connection complaint_metering
complaint_service complaint_maintenance complaint_other request_connection request_contract request_metering request_other answered_in_time
answered_late unanswered measures_done measures_planned""".split()
FORMS = COLUMNS[4:9]
SUBJECTS = COLUMNS[9:26]
ANSWERS = COLUMNS[26:29]
PLACE = {"text": "за мостом"}
# What is published, and the column of its subject.
KINDS = [
    ("outage_report", {"symptom": "no_power", "premise": PLACE}, "appeal_transmission"),
    ("restoration_query", {"premise": PLACE}, "appeal_transmission"),
    ("quality_complaint", {"symptom": "low", "premise": PLACE}, "complaint_quality"),
    ("theft_report", {"topic": "unmetered", "premise": PLACE}, "appeal_metering"),
    ("theft_report", {"topic": "no_contract", "premise": PLACE}, "appeal_metering"),
    ("theft_report", {"topic": "equipment", "premise": PLACE}, "appeal_maintenance"),
    ("meter_reading", {"meter": "M-1", "readings": [150]}, "appeal_metering"),
    ("consultation", {}, "appeal_other"),
    ("consultation", {"topic": "1.1"}, "appeal_connection"),
    ("inquiry", {"topic": "1.1"}, "appeal_connection"),
    ("inquiry", {"topic": "1.2"}, "appeal_transmission"),
    ("inquiry", {"topic": "1.3"}, "appeal_metering"),
    ("inquiry", {"topic": "1.4"}, "appeal_service"),
    ("inquiry", {"topic": "1.5"}, "appeal_other"),
    ("inquiry", {"topic": "1.1", "request": True}, "request_connection"),
    ("inquiry", {"topic": "1.2", "request": True}, "request_contract"),
    ("inquiry", {"topic": "1.3", "request": True}, "request_metering"),
    ("inquiry", {"topic": "1.4", "request": True}, "request_other"),
] + [("complaint", {"topic": topic}, "complaint_" + topic) for topic in "transmission quality connection metering service maintenance other".split()]


def one_of(row, group):
    """The column of the group that says 1; None when none does."""
    said = [column for column in group if row[column] == 1]
    assert len(said) <= 1 and all(row[column] in (0, 1) for column in group), row
    return said[0] if said else None


def prepare(broker):
    admin = broker.bus("admin")
    admin.import_csv("premises", "account,node,settlement,street,house,flat,applicant,reliability,critical,name,phone\n"
                     "1,,Тестовск,ул. Лесная,1,,person,3,,,\n")
    admin.import_csv("meters", "meter,account,digits,zones,last_date,last_1,last_2,last_3\nM-1,1,5,1,2026-01-23,100,,\n")


@test(own=True)
def every_kind_of_contact_has_its_form_its_subject_and_its_answer():
    with Broker() as broker:
        prepare(broker)
        bus, want = broker.bus("operator"), []
        for number, (kind, data, subject) in enumerate(KINDS):
            form = ("office", "phone", "web", "post", "other")[number % 5]
            result = bus.put("contact." + kind, {"applicant": "person", "form": form, **data})
            want.append((result["reg_no"], "form_" + form, subject))
        bare = bus.put("contact.consultation", {"applicant": "person"})["reg_no"]
        want.append((bare, "form_phone", "appeal_other"))
        rows = broker.bus("dispatcher").pages("register", limit=10)
        same([row["n"] for row in rows], list(range(1, len(want) + 1)))
        for row, (reg_no, form, subject) in zip(rows, want):
            same(list(row), COLUMNS)
            same((row["reg_no"], one_of(row, FORMS), one_of(row, SUBJECTS)), (reg_no, form, subject))
            stored = bus.query("contact", reg_no=reg_no)[0]["time"]
            same((row["date"], row["time"]), (stored[:10], stored[11:16]))
            same(one_of(row, ANSWERS), None if "due" in bus.query("contact", reg_no=reg_no)[0] else "answered_in_time")
        types = {kind for kind, _, _ in KINDS}
        same({"contact." + kind for kind in types}, {name for name in broker.bus("observer").subscribe(["contact."]).types
                                                     if "reg_no" in name_of_decided(name)} - {"contact.updated"})  # that one adds to a contact


def name_of_decided(name):
    """What the broker puts into events of this type; the types that register a contact put reg_no."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schemas", name + ".yaml"), encoding="utf-8") as file:
        return file.read().partition("x-decided:")[2]


@test(own=True)
def the_answer_is_in_time_late_or_there_is_none():
    with Broker(replay=True) as broker:
        bus, admin = broker.bus("operator"), broker.bus("admin")
        now = seconds(admin.ask("clock", {"to": "2026-10-05T12:00:00+03:00"})["time"])

        def asked():
            return bus.put("contact.inquiry", {"applicant": "person", "topic": "1.1", "needs_answer": True})["reg_no"]

        def fact(reg_no):
            return [one_of(row, ANSWERS) for row in bus.query("contacts") and broker.bus("dispatcher").pages("register") if row["reg_no"] == reg_no][0]
        in_time, late, never, left, again = asked(), asked(), asked(), asked(), asked()
        for reg_no in (in_time, again):
            bus.put("contact.answered", {"contact": reg_no, "measures_done": "=HYPERLINK(1)", "measures_planned": "замена опоры"})
        bus.put("contact.left", {"contact": left, "ground": "insulting"})
        same([fact(reg_no) for reg_no in (in_time, late, never, left)], ["answered_in_time", None, None, "unanswered"])
        admin.ask("clock", {"to": rfc3339(now + 5 * 3600)})
        bus.put("contact.answered", {"contact": late})
        bus.put("contact.reopened", {"contact": again, "reason": "спросил снова"})
        same([fact(reg_no) for reg_no in (in_time, late, never, left, again)], ["answered_in_time", "answered_late", "unanswered", "unanswered", None])
        bus.put("contact.closed", {"contact": in_time})
        same(fact(in_time), "answered_in_time")
        rows = broker.bus("dispatcher").query("register", until=rfc3339(now), since=rfc3339(now - 60))
        same(len(rows), 0)
        has(broker.bus("dispatcher").query("register")[0], measures_done="=HYPERLINK(1)", measures_planned="замена опоры")
        table = report(broker)
        same(table[0], COLUMNS)
        same(len(table), 6)
        same(dict(zip(COLUMNS, table[1]))["measures_done"], "'=HYPERLINK(1)")
        has(broker.bus("script").query("register")[0], measures_done="", measures_planned="")  # free text is not its right


def report(broker):
    done = subprocess.run([os.path.join(BUILD, "pult"), "report", "register", "--format", "csv"], capture_output=True, text=True, check=True,
                          env=dict(os.environ, PULT_BUS=broker.requests))
    return list(csv.reader(io.StringIO(done.stdout)))


if __name__ == "__main__":
    main()
