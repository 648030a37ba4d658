#!/usr/bin/python3
"""The real operator's screen while busd is dead: everything but look-ups goes on, callers are told slips; afterwards the registration numbers
stand beside them. The copy of the premises is found by address, account and meter, and holds nobody's name or telephone."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import PREMISES_HEADER, has, main, same, test
from pultbus import event
from screens import F3, F5, F6, F8, Desk

METERS = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
NAME, PHONE = "Иванова Анна", "+79125550171"
TEXTS = {
    "ru": {"copy": "адресов 30", "lost": "ШИНЫ НЕТ", "slip": "талон", "arrived": "Талоны пришли: ", "beside": "(т.%d)",
           "waiting": "ждёт", "none": "нет талона"},
    "en": {"copy": "addresses 30", "lost": "NO BUS", "slip": "slip", "arrived": "Slips that have come: ", "beside": "(sl.%d)",
           "waiting": "waiting", "none": "has given no slip"},
}


def desk_with_meters(desk):
    admin = desk.broker.bus("admin")
    admin.import_csv("premises", PREMISES_HEADER + "".join(
        "s-%d,,г. Зареченск,ул. Садовая,%d,,person,3,,%s,%s\n" % (n, n, NAME, PHONE) for n in range(1, 31)))
    admin.ask("import", {"import": "m", "kind": "meters", "part": 1, "commit": True,
                         "csv": METERS + "ПУ-77,s-7,5,1,2026-01-23,100,,\n"})


def kept_files(desk):
    return [os.path.join(folder, name) for folder, _, names in os.walk(desk.state) for name in names
            if name.startswith("premises-")]


def slips_of(screen, word):
    """Slips of the calls list, by row."""
    return [row.split(word)[1].split()[0] for row in screen.rows_text() if word + " " in row and ":" in row[:7]]


def a_shift_without_a_bus(language, **size):
    texts = TEXTS[language]
    with Desk() as desk:
        desk_with_meters(desk)
        intake = desk.open("intake", language, **size)
        intake.wait_text(texts["copy"])
        desk.broker.kill()
        intake.wait_text(texts["lost"])
        for typed, keys in (("садовая 5", "1"), ("s-6", "2"), ("ПУ-77", "3\t190"), ("за мостом\t", "1")):
            intake.type("\t" + typed)
            if "\t" not in typed:
                intake.wait_text(">ул. Садовая")
            intake.type("\r" + keys if "\t" not in typed else "\t" + keys)
            intake.type(F8)
            intake.wait(lambda screen: any(texts["slip"] in row for row in screen.rows_text()[-4:]))
        intake.type(F3 + "112")
        intake.wait_text("112")
        intake.type("\r" + F8)
        intake.type(F5)
        intake.wait(lambda screen: sum(texts["waiting"] in row for row in screen.rows_text()) == 5)
        slips = slips_of(intake, texts["slip"])
        same(len(slips), 5)
        desk.broker.restart()
        intake.wait_text(texts["arrived"], patience=20)
        for slip in slips:
            intake.wait_text(texts["beside"] % int(slip))
        bus = desk.broker.bus("operator")
        rows = bus.query("contacts", since="2020-01-01T00:00:00Z")
        same([row["place"].get("house") for row in rows], ["5", "6", "7", None, None])
        same([row["item"] for row in rows], ["4.2", "4.2", "4.1", "4.2", "1.5"])
        for row, slip in zip(rows, reversed(slips)):
            intake.wait_text("%s %s" % (row["reg_no"], texts["beside"] % int(slip)))


@test(own=True)
def calls_of_an_hour_without_a_bus_get_their_numbers_in_russian():
    a_shift_without_a_bus("ru")


@test(own=True)
def calls_of_an_hour_without_a_bus_get_their_numbers_in_english():
    a_shift_without_a_bus("en", rows=40, columns=120)


@test(own=True)
def the_own_copy_knows_no_names_and_no_telephones():
    with Desk() as desk:
        desk_with_meters(desk)
        intake = desk.open("intake", "ru")
        intake.wait_text("адресов 30")
        files = kept_files(desk)
        same(len(files), 1)
        with open(files[0], encoding="utf-8") as file:
            text = file.read()
        same(os.stat(files[0]).st_mode & 0o777, 0o600)
        assert "ПУ-77" in text and "s-30" in text
        assert NAME not in text and "Иванова" not in text and "5550171" not in text


@test(own=True)
def a_slip_is_found_again_before_and_after_it_has_come():
    with Desk() as desk:
        intake = desk.open("intake", "ru")
        intake.wait_text("#1")
        desk.broker.kill()
        intake.wait_text("ШИНЫ НЕТ")
        intake.type("\tза мостом\t\t1" + F8)
        intake.type(F5)
        intake.wait_text("ждёт")
        slip = slips_of(intake, "талон")[0]
        intake.leave()
        again = desk.open("intake", "ru")  # and another day's program knows it
        again.wait_text("ШИНЫ НЕТ")
        again.type(F6 + "3талон %s\r" % slip)
        again.wait_text("МОИ ОБРАЩЕНИЯ")
        again.type("\x1b")
        again.wait_text("НОВЫЙ ЗВОНОК")
        desk.broker.restart()
        again.wait_text("Талоны пришли: %s → 2026-000001" % slip, patience=20)
        again.type(F6 + "3т%s\r" % slip)
        again.wait_text("за мостом")
        again.type("\x1b")
        again.wait_text("ПРЕЖНИЕ ОБРАЩЕНИЯ")
        again.type("\x15999\r")  # Ctrl-U: other words
        again.wait_text("нет талона 999")


@test(own=True)
def what_was_done_to_a_contact_without_a_bus_is_sent_afterwards():
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        number = bus.publish(event("contact.inquiry", {"applicant": "person", "topic": "1.2", "needs_answer": True,
                                                       "text": "какой тариф"}))["reg_no"]
        intake = desk.open("intake", "ru")
        intake.wait_text("#2")
        intake.type(F6 + "1")
        intake.wait_text(number)
        intake.type("\r")
        intake.wait_text("какой тариф")
        desk.broker.kill()
        intake.wait_text("ШИНЫ НЕТ")
        intake.type("aсказано" + F8)
        intake.wait_text("талон")
        desk.broker.restart()
        intake.wait_text(number + ": ответ записан", patience=20)
        has(desk.broker.bus("operator").query("contact", reg_no=number)[0], state="answered", answer="сказано")


if __name__ == "__main__":
    main()
