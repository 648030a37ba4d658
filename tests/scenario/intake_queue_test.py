#!/usr/bin/python3
"""The queue of contacts that wait for an answer, on the real operator's screen: owed on the form, taken, answered, closed by a department;
what may not be done is refused in the operator's language."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import has, main, same, test
from pultbus import event, seconds
from screens import F6, F8, Desk, choose

TEXTS = {
    "ru": {"registered": "Зарегистрировано: ", "queue": "ЖДУТ ОТВЕТА", "refused": "ОТКАЗ: Обращение 2026-000001 сейчас",
           "taken": "взято в работу", "answered": "ответ записан", "closed": "закрыто", "none": "Ничего нет."},
    "en": {"registered": "Registered: ", "queue": "OWED ANSWERS", "refused": "REFUSED: Contact 2026-000001 is",
           "taken": "is in work", "answered": "is answered", "closed": "is closed", "none": "None."},
}


def owed_and_answered(language, **size):
    texts = TEXTS[language]
    with Desk() as desk:
        intake = desk.open("intake", language, **size)
        intake.wait_text("#1")
        choose(intake, "садовая 7")
        intake.type("9\t1\t1\t2\t" + "сколько ждать" + F8)  # cannot be answered now
        intake.wait_text(texts["registered"])
        bus = desk.broker.bus("operator")
        row = bus.query("contacts", state="owed")[0]
        has(row, state="routed", department="connection")
        same(seconds(row["due"]) - seconds(row["recordedtime"]), 4 * 3600)
        intake.type(F6 + "1")
        intake.wait_text(texts["queue"])
        intake.wait_text(row["reg_no"])
        intake.type("\r")
        intake.wait_text("сколько ждать")
        intake.type("x")
        intake.wait_text(texts["refused"])
        intake.type("t")
        intake.wait_text(texts["taken"])
        intake.type("a" + "15 дней\r")  # typed ahead of the screen
        intake.wait_text(texts["answered"])
        intake.wait_text("15 дней")
        intake.type("x")
        intake.wait_text(texts["closed"])
        has(bus.query("contact", reg_no=row["reg_no"])[0], state="closed", answer="15 дней")
        intake.type("\x1b")
        intake.wait_text(texts["none"])


@test(own=True)
def what_cannot_be_answered_now_is_answered_by_the_department_in_russian():
    owed_and_answered("ru")


@test(own=True)
def what_cannot_be_answered_now_is_answered_by_the_department_in_english():
    owed_and_answered("en", rows=40, columns=120)


@test(own=True)
def a_half_typed_answer_comes_back_after_a_hang_up():
    with Desk() as desk:
        number = desk.broker.bus("operator").publish(
            event("contact.inquiry", {"applicant": "person", "topic": "1.3", "needs_answer": True}))["reg_no"]
        intake = desk.open("intake", "ru")
        intake.wait_text("#2")
        intake.type("89125550100" + F6 + "1\raповерка раз")
        intake.wait_text("поверка раз")
        intake.leave()
        again = desk.open("intake", "ru")
        again.wait_text("Ответ на " + number)
        again.wait_text("поверка раз")
        again.type(" в 16 лет" + F8)
        again.wait_text(number + ": ответ записан")
        again.wait_text("89125550100")  # and so does the form


@test(own=True)
def what_others_do_is_seen_in_the_queue_at_once():
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        number = bus.publish(event("contact.inquiry", {"applicant": "person", "topic": "1.3",
                                                       "needs_answer": True}))["reg_no"]
        intake = desk.open("intake", "ru")
        intake.wait_text("#2")
        intake.type(F6 + "15")
        intake.wait_text(number)
        bus.publish(event("contact.taken", {"contact": number}))
        intake.wait_text("в работе")
        bus.publish(event("contact.answered", {"contact": number}))
        intake.wait_text("Ничего нет.")
        intake.type("9")
        intake.wait_text("отвечено")


if __name__ == "__main__":
    main()
