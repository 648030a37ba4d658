#!/usr/bin/python3
"""Answers and the directory on the real operator's screen: found as typed, read out, the contact saved as answered; also without the bus."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import has, main, same, test
from screens import F3, F8, Desk

TEXTS = {
    "ru": {"panel": "ОТВЕТЫ И СПРАВОЧНИК", "typed": "докум прис", "read": "К ней прикладывают",
           "taken": "Ответ взят", "registered": "Зарегистрировано: ", "lost": "ШИНЫ НЕТ"},
    "en": {"panel": "ANSWERS", "typed": "papers conn", "read": "15 kW",
           "taken": "Answer taken", "registered": "Registered: ", "lost": "NO BUS"},
}


def answered_on_the_spot(language, rows, columns):
    texts = TEXTS[language]
    with Desk() as desk:
        intake = desk.open("intake", language, rows=rows, columns=columns)
        intake.wait_text("#1")
        intake.type(F3)
        intake.wait_text(texts["panel"])
        intake.type(texts["typed"])
        intake.wait_text(texts["read"])
        intake.type("\r")
        intake.wait_text(texts["taken"])
        intake.type(F8)
        intake.wait_text(texts["registered"])
        bus = desk.broker.bus("operator")
        row = bus.query("contacts", since="2020-01-01T00:00:00Z")[0]
        has(row, item="1.1", state="answered", needs_answer=False)
        row = bus.query("contact", reg_no=row["reg_no"])[0]
        assert texts["read"] in row["answer"], row
        # What is said later replaces it.
        bus.publish({"specversion": "1.0", "id": "01900000-0000-7000-8000-000000000001",
                     "type": "contact.answered", "data": {"contact": row["reg_no"], "answer": "later"}})
        same(bus.query("contact", reg_no=row["reg_no"])[0]["answer"], "later")


@test(own=True)
def a_question_is_answered_by_reading_out_in_russian():
    answered_on_the_spot("ru", 24, 80)


@test(own=True)
def a_question_is_answered_by_reading_out_in_english_on_a_wide_screen():
    answered_on_the_spot("en", 60, 200)


@test(own=True)
def the_directory_is_read_out_while_the_bus_is_away_and_after_a_restart():
    texts = TEXTS["ru"]
    with Desk() as desk:
        intake = desk.open("intake", "ru")
        intake.wait_text("#1")
        intake.type(F3)
        intake.wait_text("Пожарная охрана")  # the handbook has come
        intake.leave()
        desk.broker.kill()
        again = desk.open("intake", "ru")
        again.wait_text(texts["lost"])
        again.type(F3 + "газ")
        again.wait_text("Запах газа")
        again.type("\r" + F8)
        again.wait_text("талон 2")
        desk.broker.restart()
        again.wait_text("2026-000001", patience=20)
        has(desk.broker.bus("operator").query("contacts")[0], item="1.5", state="answered")


if __name__ == "__main__":
    main()
