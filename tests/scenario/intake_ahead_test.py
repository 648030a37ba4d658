#!/usr/bin/python3
"""Typing ahead on the real operator's screen: whole calls in one burst, also while busd hangs, are taken as if every answer had come at once."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import has, main, same, test
from pultbus import event
from screens import F4, F6, F8, Desk


def houses(bus):
    return [(row["place"].get("house"), row["symptom"]) for row in bus.query("contacts", since="2020-01-01T00:00:00Z")]


def burst(numbers):
    return "".join("\tсадовая %d\r%d%s%s" % (house, problem, F8, F4) for house, problem in numbers)


@test(own=True)
def ten_calls_in_one_burst_are_ten_contacts_at_their_places():
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        intake = desk.open("intake", "ru")
        intake.wait_text("#1")
        calls = [(house, 1 + house % 2) for house in range(11, 21)]
        intake.type(burst(calls))
        intake.wait(lambda _: len(houses(bus)) == len(calls))
        same(houses(bus), [(str(house), "no_power" if problem == 1 else "partial") for house, problem in calls])


@test(own=True)
def what_is_typed_while_busd_hangs_waits_for_its_answer():
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        intake = desk.open("intake", "ru")
        intake.wait_text("#1")
        os.kill(desk.broker.pid, signal.SIGSTOP)
        try:
            intake.type("\tсадовая 12\r1\t2\t\tвесь дом")
            intake.pump(0.7)
        finally:
            os.kill(desk.broker.pid, signal.SIGCONT)
        intake.wait_text("весь дом")
        intake.type(F8)
        intake.wait(lambda _: houses(bus) == [("12", "no_power")])
        same(bus.query("contacts", since="2020-01-01T00:00:00Z")[0]["extent"], "house")


@test(own=True)
def a_contact_is_opened_taken_answered_and_closed_in_one_burst():
    with Desk() as desk:
        bus = desk.broker.bus("operator")
        number = bus.publish(event("contact.inquiry", {"applicant": "person", "topic": "1.3",
                                                       "needs_answer": True}))["reg_no"]
        intake = desk.open("intake", "ru")
        intake.wait_text("#2")
        intake.type(F6 + "1\rtaраз в 16 лет\rx")
        intake.wait_text(number + ": закрыто")
        has(bus.query("contact", reg_no=number)[0], state="closed", answer="раз в 16 лет")


if __name__ == "__main__":
    main()
