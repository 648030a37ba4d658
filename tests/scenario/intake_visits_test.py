#!/usr/bin/python3
"""The appointment book on the real operator's screen: a visit is booked for the caller, moved, given up; the loser of a race reads the next
free times."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, has, main, same, test
from pultbus import event
from screens import F6, F7, F8, Desk

OFFICES = """offices:
  main:
    name: {ru: "Центр обслуживания", en: "Service centre"}
    windows: 2
    hours: {mon: "08:00-17:00", tue: "08:00-17:00"}
    kinds: {connection: 30, metering: 20}
"""
MONDAY = "2026-06-01T"
DOWN = "\x1b[B"
TEXTS = {
    "ru": {"book": "ЗАПИСЬ НА ПРИЁМ", "booked": "Записано на приём: пн 1.06", "moved": "Перенесено: пн 1.06 8:30",
           "cancelled": "Отменено: пн 1.06 8:30", "refused": "ОТКАЗ", "form": "НОВЫЙ ЗВОНОК"},
    "en": {"book": "APPOINTMENTS", "booked": "Booked: Mon 1.06", "moved": "Moved: Mon 1.06 8:30",
           "cancelled": "Cancelled: Mon 1.06 8:30", "refused": "REFUSED", "form": "NEW CALL"},
}


def with_book(function, language, **size):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(OFFICES)
        file.flush()
        os.chmod(file.name, 0o644)
        desk = Desk()
        desk.broker = Broker(replay=True, settings=["offices=" + file.name])
        with desk:
            desk.broker.bus("admin").ask("clock", {"to": MONDAY + "07:00:00+03:00"})
            intake = desk.open("intake", language, **size)
            intake.wait_text(TEXTS[language]["form"])
            intake.wait_text("#1")
            function(desk, intake, TEXTS[language])


def booked(bus):
    return [(row["starts"][11:16], row["state"])
            for row in bus.query("appointments", office="main", **{"from": MONDAY + "00:00:00+03:00"})]


def from_booking_to_giving_up(desk, intake, texts):
    bus = desk.broker.bus("operator")
    intake.type("89125550141" + F6 + "2")
    intake.wait_text(texts["book"])
    intake.wait_text("8:30")
    intake.type("\r" + "Иванова Анна" + F8)
    intake.wait_text(texts["booked"])
    intake.wait_text("Иванова А.")
    same(booked(bus), [("08:00", "booked")])
    has(bus.query("appointments")[0]["caller"], masked=True)
    intake.type("\r" + DOWN + "\r\r")  # whom the cursor stands on, to 8:30
    intake.wait_text(texts["moved"])
    intake.wait(lambda _: booked(bus) == [("08:30", "booked")])
    intake.wait(lambda screen: "Иванова" in next(row for row in screen.rows_text() if "8:30 " in row[:7]))
    intake.type(F7 + "\r")
    intake.wait_text(texts["cancelled"])
    same(booked(bus), [("08:30", "cancelled")])


@test(own=True)
def a_visit_is_booked_moved_and_given_up_in_russian():
    with_book(from_booking_to_giving_up, "ru")


@test(own=True)
def a_visit_is_booked_moved_and_given_up_in_english():
    with_book(from_booking_to_giving_up, "en", rows=60, columns=200)


@test(own=True)
def the_loser_of_a_race_reads_the_next_free_times_and_takes_one():
    def race(desk, intake, texts):
        bus = desk.broker.bus("operator")
        intake.type(F6 + "2")
        intake.wait_text("8:30")
        intake.type("\rИванова")
        intake.wait_text("Иванова")
        for _ in range(2):  # others are faster, in both windows
            bus.publish(event("appointment.booked", {"office": "main", "service": "connection",
                                                     "starts": MONDAY + "08:00:00+03:00"}))
        intake.type(F8)
        intake.wait_text(texts["refused"])
        intake.wait_text("ближайшее свободное: 01.06")
        intake.wait(lambda screen: not any("свободно" in row for row in screen.rows_text() if "8:00 " in row[:7]))
        intake.type(DOWN + "\r" + F8)  # the name is there already
        intake.wait_text(texts["booked"])
        same(booked(bus), [("08:00", "booked")] * 2 + [("08:30", "booked")])
        has(bus.query("appointments")[2]["caller"], name="И.")
    with_book(race, "ru")


if __name__ == "__main__":
    main()
