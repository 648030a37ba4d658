#!/usr/bin/python3
"""Every item of the passport that comes by telephone, for each kind of applicant, typed into the real operator's screen, checked on the
bus, and found again by number, telephone and address, on the bus and on the screen. `make passport` prints item, applicant, test, passed."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, has, main, same, test
from screens import F4, F6, F8, Desk, choose

METERS = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
OFFICES = """offices:
  main:
    name: {ru: "Центр обслуживания", en: "Service centre"}
    windows: 2
    hours: {mon: "08:00-17:00"}
    kinds: {connection: 30, transmission: 30, metering: 20, service: 20}
"""
ESC, UP, DOWN = "\x1b", "\x1b[Z", "\x1b[B"
# Who calls: what is typed from the telephone field backwards, and what the bus then knows of them.
APPLICANTS = {
    "person": ("", {}),
    "legal": (UP + "2\tООО Лён\t5500000008\t", {"organisation": "ООО Лён", "tax_number": "5500000008"}),
    "tso": (UP + "3\tСети Заречья\t5500000008\t", {"organisation": "Сети Заречья", "tax_number": "5500000008"}),
    "authority": (UP + "4\tЕДДС\t", {"organisation": "ЕДДС"}),
}
# Item, what it is, what is typed from the problem on, and what the contact then is.
ITEMS = [
    ("1.1", "connection", "9\t1\t1\t2", {"type": "contact.inquiry", "state": "routed", "department": "connection"}),
    ("1.2", "transmission", "9\t1\t2\t2", {"type": "contact.inquiry", "state": "routed", "department": "transmission"}),
    ("1.3", "metering", "9\t1\t3\t2", {"type": "contact.inquiry", "state": "routed", "department": "metering"}),
    ("1.4", "service", "9\t1\t4\t1", {"type": "contact.inquiry", "state": "answered"}),
    ("1.5", "whom to turn to", "9\t1\t5", {"type": "contact.inquiry", "state": "answered"}),
    ("2", "consultation", "9\t2\t2\t2", {"type": "contact.consultation", "state": "routed"}),
    ("3", "meter reading", "9\t3\t{reading}", {"type": "contact.meter_reading", "state": "answered"}),
    ("4", "unmetered use", "9\t4\t2", {"type": "contact.theft_report", "department": "security"}),
    ("4", "stolen equipment", "9\t4\t3", {"type": "contact.theft_report", "hazard": "open_equipment"}),
    ("4.1", "quality", "3\t180", {"type": "contact.quality_complaint", "symptom": "low"}),
    ("4.2", "no supply", "1", {"type": "contact.outage_report", "symptom": "no_power"}),
    ("4.2", "a fallen wire", "6\t3", {"type": "contact.outage_report", "hazard": "wire_down"}),
    ("5", "when it will be back", "7", {"type": "contact.restoration_query"}),
    ("9", "complaint", "9\t5\t2", {"type": "contact.complaint", "topic": "quality", "department": "complaints"}),
]
REACHES_THE_DISPATCHER = ("contact.quality_complaint", "contact.outage_report", "contact.restoration_query")
ANSWERED_OR_DEPARTMENT = ("answered", "routed")


class Post:
    """The one screen and broker that all tests share, on a Monday in June; houses and telephones are counted."""
    desk = intake = bus = None
    count = 0

    @classmethod
    def open(cls, desk):
        cls.desk, cls.bus = desk, desk.broker.bus("operator")
        admin = desk.broker.bus("admin")
        admin.ask("clock", {"to": "2026-06-01T07:00:00+03:00"})
        admin.ask("import", {"import": "m", "kind": "meters", "part": 1, "commit": True, "csv": METERS + "".join(
            "M-%d,s-%d,5,1,2026-05-23,100,,\n" % (n, n) for n in range(1, 30))})
        cls.intake = desk.open("intake", "ru")
        cls.intake.wait_text("адресов 29")

    @classmethod
    def next(cls):
        cls.count += 1
        return cls.count % 29 + 1, "+7912555%04d" % cls.count


def find_on_screen(intake, typed, number):
    """In the list of what was taken before; a number alone opens the contact."""
    intake.type(F6 + "3")
    intake.wait_text("ПРЕЖНИЕ ОБРАЩЕНИЯ")
    intake.type(typed + "\r")
    intake.wait_text(number)
    while "НОВЫЙ ЗВОНОК" not in "\n".join(intake.rows_text()):
        intake.type(ESC)
        intake.pump(0.05)


def register(keys, applicant="person", after=""):
    """Types a contact, and finds it again; the stored contact with the caller's data."""
    intake, bus = Post.intake, Post.bus
    house, phone = Post.next()
    taken = len(bus.pages("contacts", limit=1000))
    intake.type(APPLICANTS[applicant][0] + phone)
    choose(intake, "садовая %d" % house)
    intake.type(keys.format(reading=110 + Post.count) + after + F8)
    intake.wait(lambda _: len(bus.pages("contacts", limit=1000)) > taken)
    number = bus.pages("contacts", limit=1000)[-1]["reg_no"]
    intake.wait_text(number)
    row, = bus.query("contact", reg_no=number)
    has(row["place"], street="ул. Садовая", house=str(house))
    of_phone = [found["reg_no"] for found in bus.query("contacts", phone=phone)]
    assert number in [found["reg_no"] for found in bus.query("contacts", premise={"account": "s-%d" % house})]
    if applicant == "person":
        find_on_screen(intake, number, number)
        find_on_screen(intake, "садовая %d" % house, number)
    if row["applicant"] == "anonymous":
        same(of_phone, [])
        assert "caller" not in row and "call" not in row, row
    else:
        same(of_phone, [number])
        has(row["caller"], phone=phone)
        find_on_screen(intake, phone, number)
    intake.type(F4)
    return row


def passes(item, what, keys, fields, applicant):
    def run():
        row = register(keys, applicant)
        has(row, item=item, applicant=applicant, form="phone", **fields)
        has(row["caller"], **APPLICANTS[applicant][1])
        if row["type"] in REACHES_THE_DISPATCHER[:2] or row.get("hazard"):
            incident, = Post.bus.query("incident", incident=row["incident"])
            assert row["reg_no"] in [contact["reg_no"] for contact in incident["contacts"]], incident
            assert not row.get("hazard") or incident["priority"] == 1, incident
        elif row["type"] not in REACHES_THE_DISPATCHER:
            assert row["state"] in ANSWERED_OR_DEPARTMENT, row
            assert row["state"] == "answered" or row["due"] > row["recordedtime"], row
    run.__name__ = "item_%s_%s_by_%s" % (item.replace(".", "_"), what.replace(" ", "_"), applicant)
    test(own=True)(run)


for item, what, keys, fields in ITEMS:
    for applicant in APPLICANTS:
        passes(item, what, keys, fields, applicant)


@test(own=True)
def item_4_unmetered_use_by_anonymous():
    row = register("9\t4\t1", after="\tза забором\t\t\t5")  # words, call back, name, who
    has(row, item="4", applicant="anonymous", department="security", text="за забором")


@test(own=True)
def item_4_stolen_equipment_by_anonymous():
    row = register("9\t4\t3", after="\t\t\t\t5")
    has(row, item="4", applicant="anonymous")
    assert row["incident"], row


@test(own=True)
def item_3_reading_below_the_last_by_person():
    intake, bus = Post.intake, Post.bus
    house, phone = Post.next()
    intake.type(phone)
    choose(intake, "садовая %d" % house)
    intake.type("9\t3\t90" + F8)
    intake.wait_text("меньше прежнего показания")
    same(bus.query("contacts", phone=phone), [])
    intake.type("счётчик заменён" + F8)  # it is on the form again, at the reason
    intake.wait(lambda _: bus.query("contacts", phone=phone))
    row, = bus.query("contacts", phone=phone)
    has(row, item="3", state="answered")
    intake.type(F4)


def visits(applicant):
    def run():
        intake, bus = Post.intake, Post.bus
        house, phone = Post.next()
        intake.type(APPLICANTS[applicant][0] + phone)
        choose(intake, "садовая %d" % house)
        intake.type("9\t1\t1\t2" + F6 + "2")
        intake.wait_text("ЗАПИСЬ НА ПРИЁМ")
        intake.wait_text("13:00")
        intake.type(DOWN * list(APPLICANTS).index(applicant) + "\r" + "Иванова Анна" + F8)
        intake.wait_text("Записано на приём: пн 1.06")
        intake.type(ESC)
        intake.wait_text("НОВЫЙ ЗВОНОК")
        intake.type(F8)
        intake.wait(lambda _: bus.query("contacts", phone=phone))
        has(bus.query("contacts", phone=phone)[0], item="1.1", applicant=applicant)
        booked = bus.query("appointments", office="main", **{"from": "2026-06-01T00:00:00+03:00"})
        same(len([row for row in booked if row["state"] == "booked"]), list(APPLICANTS).index(applicant) + 1)
        intake.type(F4)
    run.__name__ = "item_1_visit_to_the_office_by_%s" % applicant
    test(own=True)(run)


for applicant in APPLICANTS:
    visits(applicant)


def with_post():
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(OFFICES)
        file.flush()
        os.chmod(file.name, 0o644)
        desk = Desk()
        desk.broker = Broker(replay=True, settings=["offices=" + file.name])
        with desk:
            Post.open(desk)
            main()


if __name__ == "__main__":
    with_post()
