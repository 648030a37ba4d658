#!/usr/bin/python3
"""What was taken before, on the real operator's screen: found by number, telephone, account and address, begun anew; the dispatcher's question
is answered while the next caller is on the form."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import PREMISES_HEADER, has, main, same, test
from pultbus import event
from screens import F6, F8, Desk

TEXTS = {
    "ru": {"history": "ПРЕЖНИЕ ОБРАЩЕНИЯ", "contact": "ОБРАЩЕНИЕ", "form": "НОВЫЙ ЗВОНОК", "repeated": "Взято из прежнего",
           "registered": "Зарегистрировано: ", "asks": "Диспетчер спрашивает по", "questions": "ВОПРОСЫ ДИСПЕТЧЕРА",
           "one": "вопросов 1", "replied": "ответ диспетчеру ушёл"},
    "en": {"history": "TAKEN BEFORE", "contact": "CONTACT", "form": "NEW CALL", "repeated": "Taken from the former",
           "registered": "Registered: ", "asks": "The dispatcher asks about", "questions": "DISPATCHER'S QUESTIONS",
           "one": "questions 1", "replied": "the dispatcher has the reply"},
}


def found_and_begun_anew(language, **size):
    texts = TEXTS[language]
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        number = bus.publish(event("contact.quality_complaint", {
            "applicant": "person", "symptom": "low", "volts": 190, "premise": {"account": "s-7"}, "text": "тускло",
            "caller": {"name": "Иванова Анна", "phone": "+79125550107"}}))["reg_no"]
        intake = desk.open("intake", language, **size)
        intake.wait_text(" #")
        for typed in (number, "8 912 555-01-07", "s-7", "садовая 7"):
            intake.type(F6 + "3")
            intake.wait_text(texts["history"])
            intake.type(typed + "\r")
            if typed != number:
                intake.wait_text(number)
                intake.type("\r")
            intake.wait_text("тускло")
            intake.type("\x1b")
            intake.wait_text(texts["history"])
            intake.type("\x1b")
            intake.wait_text(texts["form"])
        intake.type("89125550107" + F6 + "3")  # the caller's number stands on the form
        intake.wait_text(number)
        intake.type("\r")
        intake.wait_text("тускло")
        intake.type("p")
        intake.wait_text(texts["repeated"])
        intake.type(F8)
        intake.wait_text(texts["registered"])
        again = bus.query("contacts", account="s-7")[-1]
        has(again, symptom="low", type="contact.quality_complaint")
        same(again["place"]["house"], "7")
        has(bus.query("contact", reg_no=again["reg_no"])[0]["caller"], name="Иванова Анна")


@test(own=True)
def a_former_contact_is_found_and_begun_anew_in_russian():
    found_and_begun_anew("ru")


@test(own=True)
def a_former_contact_is_found_and_begun_anew_in_english():
    found_and_begun_anew("en", rows=40, columns=120)


def asked_and_answered(language):
    texts = TEXTS[language]
    with Desk() as desk:
        bus, dispatcher = desk.broker.bus("operator"), desk.broker.bus("dispatcher")
        intake = desk.open("intake", language)
        intake.wait_text("#1")
        intake.type("\tза мостом\t\t1" + F8)
        intake.wait_text(texts["registered"])
        number = bus.query("contacts", since="2020-01-01T00:00:00Z")[0]["reg_no"]
        intake.type("89125550102")  # the next caller
        dispatcher.publish(event("dispatch.asked", {"contact": number, "question": "За каким мостом?"}))
        intake.wait_text(texts["asks"])
        intake.wait_text(texts["one"])
        intake.type(F6 + "4")
        intake.wait_text(texts["questions"])
        intake.wait_text("За каким мостом?")
        intake.type("d" + "за старым\r")
        intake.wait_text(texts["replied"])
        has(bus.query("contact", reg_no=number)[0], dispatch="replied")
        intake.type("\x1b")
        intake.wait_text("89125550102")


@test(own=True)
def the_dispatchers_question_is_answered_in_russian():
    asked_and_answered("ru")


@test(own=True)
def the_dispatchers_question_is_answered_in_english():
    asked_and_answered("en")


@test(own=True)
def dispatcher_and_operator_talk_about_a_call_on_their_screens():
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        intake, console = desk.open("intake", "ru"), desk.open("console", "ru")
        intake.wait_text("#1")
        console.wait_text("#1")
        intake.type("\tза мостом\t\t1" + F8)
        intake.wait_text("Зарегистрировано: 2026-000001")
        console.wait_text("НОВ*")
        console.type("\r2")
        console.wait_text("нет света  2026-000001")
        console.type("i" + "За каким мостом?\r")
        intake.wait_text("Диспетчер спрашивает по 2026-000001: За каким мостом?")
        intake.type(F6 + "4dза старым\r")
        intake.wait_text("ответ диспетчеру ушёл")
        console.wait_text("2026-000001, оператор: за старым")
        has(bus.query("contact", reg_no="2026-000001")[0], dispatch="replied")


@test(own=True)
def the_callers_number_offers_the_premises_that_are_known_for_it():
    with Desk() as desk:
        desk.broker.bus("admin").import_csv("premises", PREMISES_HEADER + "".join(
            "s-%d,,г. Зареченск,ул. Садовая,%d,,person,3,,Анна,+7912555%04d\n" % (n, n, n) for n in range(1, 30)))
        bus = desk.broker.bus("operator")
        intake = desk.open("intake", "ru")
        intake.wait_text("адресов 29")
        intake.type("89125550017")
        intake.wait_text("Садовая, 17")
        intake.type("\r\r1" + F8)
        intake.wait_text("Зарегистрировано: ")
        has(bus.query("contacts", account="s-17")[0], symptom="no_power")


@test(own=True)
def a_question_that_was_asked_before_the_screen_began_is_there():
    with Desk() as desk:
        bus, dispatcher = desk.broker.bus("operator"), desk.broker.bus("dispatcher")
        number = bus.publish(event("contact.outage_report", {"applicant": "person", "symptom": "no_power",
                                                             "premise": {"account": "s-3"}}))["reg_no"]
        dispatcher.publish(event("dispatch.returned", {"contact": number, "reason": "какой подъезд?"}))
        intake = desk.open("intake", "ru")
        intake.wait_text("вопросов 1")
        intake.type(F6 + "4")
        intake.wait_text("какой подъезд?")


if __name__ == "__main__":
    main()
