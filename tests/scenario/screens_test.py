#!/usr/bin/python3
"""The main job on the real screens: a call is taken, the dispatcher sees it and sets an ETA, the
operator with the next caller on the line reads it; and nothing is lost when busd or a screen is
killed in the middle."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import main, same, test
from screens import F2, F4, F5, F7, F8, F10, Desk, choose

TEXTS = {
    "ru": {"queue": "ОЧЕРЕДЬ", "form": "НОВЫЙ ЗВОНОК", "registered": "Зарегистрировано: ",
           "slip": "Записано на диск: талон", "lost": "ШИНЫ НЕТ", "new": "новый срок",
           "known": "Срок: "},
    "en": {"queue": "QUEUE", "form": "NEW CALL", "registered": "Registered: ",
           "slip": "Taken on disk: slip", "lost": "NO BUS", "new": "new ETA", "known": "ETA: "},
}


def take_call(intake, address, problem="1"):
    choose(intake, address)
    intake.type(problem + F8)


def the_main_job(language):
    texts = TEXTS[language]
    with Desk() as desk:
        console, intake = desk.open("console", language), desk.open("intake", language)
        console.wait_text(texts["queue"])
        intake.wait_text(texts["form"])
        intake.wait_text("#1")
        choose(intake, "садовая 7")
        intake.type("1" + F8)
        intake.wait_text(texts["registered"])
        console.wait_text("Садовая 7")
        console.type("a")
        console.type("e+90\r\r\r\r\r")
        intake.wait_text(texts["new"])
        # The next caller from the same address: the ETA stands there before the form is complete.
        choose(intake, "садовая 7")
        intake.wait_text(texts["known"])
        same(len(desk.broker.bus().query("incidents")), 1)


@test(own=True)
def report_row_accept_eta_in_russian():
    the_main_job("ru")


@test(own=True)
def report_row_accept_eta_in_english():
    the_main_job("en")


@test(own=True)
def a_call_taken_while_busd_is_dead_arrives_when_it_is_back():
    with Desk() as desk:
        console, intake = desk.open("console", "ru"), desk.open("intake", "ru")
        console.wait_text("#1")
        intake.wait_text("#1")
        desk.broker.kill()
        console.wait_text(TEXTS["ru"]["lost"])
        intake.wait_text(TEXTS["ru"]["lost"])
        take_call(intake, "садовая 9")
        intake.wait_text("талон 2")
        desk.broker.restart()
        intake.wait_text("2026-000001", patience=20)
        console.wait_text("Садовая 9", patience=20)
        same(len(desk.broker.bus().query("contacts")), 1)


@test(own=True)
def a_call_survives_the_death_of_the_screen_that_took_it():
    with Desk() as desk:
        intake = desk.open("intake", "en")
        intake.wait_text("#1")
        desk.broker.kill()
        intake.wait_text(TEXTS["en"]["lost"])
        take_call(intake, "садовая 11")
        intake.wait_text("slip 2")
        intake.kill()
        desk.broker.restart()
        again = desk.open("intake", "en")
        bus = desk.broker.bus()
        again.wait(lambda _: len(bus.query("contacts")) == 1)
        again.type(F5)
        again.wait_text("Садовая, 11")


@test(own=True)
def several_contacts_are_taken_in_one_call_by_one_key():
    with Desk() as desk:
        intake = desk.open("intake", "ru")
        intake.wait_text("#1")
        intake.type("89125550177")
        choose(intake, "садовая 12")
        intake.type("1" + F7)
        intake.wait_text("Этот звонок · 2026-000001 нет света")
        intake.type("7" + F7)
        intake.wait_text("2026-000002")
        intake.type("9\t5\t2" + F8)
        intake.wait_text("2026-000003")
        intake.type(F4)
        intake.wait_text("Звонок окончен, обращений: 3")
        bus = desk.broker.bus("operator")
        rows = bus.query("contacts")
        same([row["item"] for row in rows], ["4.2", "5", "9"])
        same({row["place"]["house"] for row in rows}, {"12"})
        same(len({row["call"] for row in rows}), 1)
        same({bus.query("contact", reg_no=row["reg_no"])[0]["caller"]["phone"] for row in rows},
             {"+79125550177"})
        intake.wait(lambda _: desk.broker.bus("observer").query("events", type="call.ended"))
        ends = desk.broker.bus("observer").query("events", type="call.ended")
        same([end["data"]["call"] for end in ends], [rows[0]["call"]])


@test(own=True)
def a_half_filled_call_comes_back_after_a_hang_up():
    with Desk() as desk:
        intake = desk.open("intake", "en")
        intake.wait_text("#1")
        choose(intake, "садовая 13")
        intake.type("2")
        intake.wait_text("[2]")
        intake.leave()
        again = desk.open("intake", "en")
        again.wait_text("unfinished call")
        again.wait_text("Садовая, 13")


if __name__ == "__main__":
    main()
