#!/usr/bin/python3
# valgrind
"""Contacts of every item on a real busd: registered, routed, answered; readings, thefts, complaints, calls."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, PREMISES_HEADER, has, main, refused, same, test
from pultbus import event, rfc3339, seconds

METERS_HEADER = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
PHONE = "+7 912 555-01-%02d"


def place(broker, account):
    """A premise of its own for a test."""
    broker.bus("admin").ask("import", {
        "import": "p" + account, "kind": "premises", "part": 1, "commit": True,
        "csv": PREMISES_HEADER + "%s,,Тестовск,улица Счётная,%s,,person,3,,,\n" % (account, account)})


def meters(broker, rows):
    broker.bus("admin").ask("import", {"import": "m" + rows[:12], "kind": "meters", "part": 1,
                                       "commit": True, "csv": METERS_HEADER + rows})


def tell(bus, type, **data):
    return bus.publish(event(type, data))


def register(bus, type, **data):
    return tell(bus, type, **{"applicant": "person", **data})


def contact(bus, reg_no):
    return bus.query("contact", reg_no=reg_no)[0]


@test
def a_question_that_nobody_can_answer_goes_to_a_department_and_back(broker):
    bus = broker.bus("operator")
    result = register(bus, "contact.inquiry", topic="1.1", needs_answer=True, text="сколько ждать?",
                      caller={"name": "Анна", "phone": PHONE % 1})
    has(result, department="connection")
    assert "say" in result, result
    row = contact(bus, result["reg_no"])
    has(row, state="routed", item="1.1", topic="1.1", form="phone", needs_answer=True)
    same(seconds(row["due"]) - seconds(row["recordedtime"]), 4 * 3600)
    number = result["reg_no"]
    tell(bus, "contact.taken", contact=number)
    tell(bus, "contact.answered", contact=number, answer="Анне: 15 дней", measures_done="позвонили")
    refused("conflict", bus.refusal("publish", event("contact.taken", {"contact": number})))
    tell(bus, "contact.closed", contact=number)
    row = contact(bus, number)
    has(row, state="closed", measures_done="позвонили", answer="Анне: 15 дней")
    same(bus.query("contacts", phone=PHONE % 1)[0]["reg_no"], number)


@test
def what_is_owed_is_listed_until_it_is_answered(broker):
    bus = broker.bus("operator")

    def owed(**more):
        return [row["reg_no"] for row in bus.query("contacts", state="owed", limit=1000, **more)]
    said = register(bus, "contact.inquiry", topic="1.2")["reg_no"]
    asked = register(bus, "contact.inquiry", topic="1.2", needs_answer=True)["reg_no"]
    called = register(bus, "contact.restoration_query", callback=True, premise={"text": "за мостом"})["reg_no"]
    assert said not in owed() and asked in owed() and called in owed(), owed()
    assert asked in owed(department="transmission") and called not in owed(department="transmission")
    tell(bus, "contact.taken", contact=asked)
    assert asked in owed()
    tell(bus, "contact.answered", contact=asked)
    tell(bus, "contact.answered", contact=called)
    assert asked not in owed() and called not in owed(), owed()
    tell(bus, "contact.reopened", contact=asked, reason="спросил снова")
    assert asked in owed()


@test
def a_dispatchers_question_is_found_until_it_is_answered(broker):
    bus, desk = broker.bus("operator"), broker.bus("dispatcher")
    number = register(bus, "contact.outage_report", symptom="no_power", premise={"text": "у реки"})["reg_no"]
    same(bus.query("contacts", dispatch="asked"), [])
    tell(desk, "dispatch.asked", contact=number, question="Какая опора?")
    has(bus.query("contacts", dispatch="asked")[0], reg_no=number, question="Какая опора?")
    tell(desk, "dispatch.returned", contact=number, reason="где это?")
    same(bus.query("contacts", dispatch="asked"), [])
    has(bus.query("contacts", dispatch="open")[0], reg_no=number, returned_reason="где это?")
    tell(bus, "dispatch.replied", contact=number, answer="третья")
    same(bus.query("contacts", dispatch="open"), [])
    has(bus.query("contacts", dispatch="replied")[-1], reg_no=number)


@test
def the_listing_of_premises_has_their_meters_for_those_who_may_ask(broker):
    place(broker, "m-1")
    meters(broker, "LM-1,m-1,5,1,2026-01-23,100,,\nLM-2,m-1,5,1,2026-01-23,100,,\n")

    def listed(role):
        rows, after = [], None
        while True:
            page = broker.bus(role).query("premises", limit=1000, **({"after": after} if after else {}))
            rows += page
            after = page.next
            if not after:
                return next(row for row in rows if row["account"] == "m-1")
    same(sorted(listed("operator")["meters"]), ["LM-1", "LM-2"])
    assert "name" not in listed("operator") and "phone" not in listed("operator")
    assert "meters" not in listed("observer"), listed("observer")


@test
def contacts_are_found_by_their_place(broker):
    bus = broker.bus("operator")
    broker.bus("admin").ask("import", {
        "import": "flats", "kind": "premises", "part": 1, "commit": True,
        "csv": PREMISES_HEADER + "".join("h-%s,,Домск,улица Жилая,5,%s,person,3,,,\n" % (flat, flat)
                                         for flat in (1, 2))})
    street = {"settlement": "Домск", "street": "улица Жилая"}
    one, two, house, far = (
        register(bus, "contact.inquiry", topic="1.3", premise=premise)["reg_no"]
        for premise in ({"account": "h-1"}, {"account": "h-2"}, {**street, "house": "5"}, street))

    def at(**premise):
        return [row["reg_no"] for row in bus.query("contacts", premise=premise)]
    same(at(account="h-1"), [one, house])
    same(at(**street, house="5", flat="2"), [two, house])
    same(at(**street, house="5"), [one, two, house])
    same(at(**street), [])  # of a street nobody needs the list
    same(at(text="за мостом"), [])
    assert far not in at(**street, house="5")


@test
def an_answer_is_personal(broker):
    bus = broker.bus("operator")
    watcher = broker.bus("dispatcher")
    stream = watcher.subscribe(["contact."], start=watcher.hello()["head"])
    number = register(bus, "contact.consultation", needs_answer=True)["reg_no"]
    tell(bus, "contact.answered", contact=number, answer="Петру сказано")
    bytes_seen = stream.next() + stream.next()
    assert "Петру" not in bytes_seen.decode(), bytes_seen


@test
def what_is_said_at_once_is_answered(broker):
    bus = broker.bus("operator")
    for type, data, item in (("contact.inquiry", {"topic": "1.5"}, "1.5"),
                             ("contact.consultation", {}, "2")):
        result = register(bus, type, **data)
        has(result, say="Your request is registered.")  # the dispatcher has nothing to do with it
        has(contact(bus, result["reg_no"]), state="answered", item=item)


@test
def an_anonymous_report_of_theft_keeps_nothing_of_the_caller(broker):
    bus = broker.bus("operator")
    data = {"applicant": "anonymous", "topic": "no_contract", "premise": {"text": "за гаражами"}}
    for member, value in (("caller", {"phone": PHONE % 2}), ("call", "c-1"), ("callback", True)):
        answer = bus.refusal("publish", event("contact.theft_report", {**data, member: value}))
        refused("invalid", answer)
        same(answer.body["path"], "/data/" + member)
    number = tell(bus, "contact.theft_report", **data)["reg_no"]
    row = contact(bus, number)
    has(row, item="4", department="security", state="routed")
    assert "caller" not in row, row


@test
def stolen_equipment_is_a_hazard_of_first_priority(broker):
    bus = broker.bus("operator")
    place(broker, "8101")
    result = register(bus, "contact.theft_report", applicant="anonymous", topic="equipment",
                      premise={"account": "8101"})
    row = broker.bus("dispatcher").query("incident", incident=result["incident"])[0]
    has(row, kind="hazard", priority=1)


@test
def a_complaint_is_found_to_repeat_an_earlier_one(broker):
    bus = broker.bus("operator")
    place(broker, "8201")
    caller = {"phone": "8 (912) 555-01-03"}
    first = register(bus, "contact.complaint", topic="service", caller=caller)
    assert "repeat_of" not in first, first
    second = register(bus, "contact.complaint", topic="quality", caller={"phone": PHONE % 3},
                      premise={"account": "8201"})
    has(second, repeat_of=first["reg_no"])
    third = register(bus, "contact.complaint", topic="quality", premise={"account": "8201"})
    has(third, repeat_of=second["reg_no"])
    has(contact(bus, third["reg_no"]), item="9", department="complaints", repeat_of=second["reg_no"])
    number = third["reg_no"]
    tell(bus, "contact.answered", contact=number, justified=True, measures_planned="замена")
    has(contact(bus, number), justified=True, measures_planned="замена")


@test(replay=True)
def after_thirty_working_days_a_complaint_is_a_new_one(broker):
    bus = broker.bus("operator")
    admin = broker.bus("admin")
    admin.ask("clock", {"to": "2026-06-01T12:00:00+03:00"})  # a Monday
    first = register(bus, "contact.complaint", topic="other", caller={"phone": PHONE % 4})
    admin.ask("clock", {"to": "2026-07-13T12:00:00+03:00"})  # the thirtieth working day after
    second = register(bus, "contact.complaint", topic="other", caller={"phone": PHONE % 4})
    has(second, repeat_of=first["reg_no"])
    admin.ask("clock", {"to": "2026-08-25T12:00:00+03:00"})
    third = register(bus, "contact.complaint", topic="other", caller={"phone": PHONE % 4})
    assert "repeat_of" not in third, third


@test(replay=True)
def a_complaint_is_reminded_of_on_the_twentieth_day(broker):
    bus = broker.bus("operator")
    admin = broker.bus("admin")
    now = admin.ask("clock", {"to": "2026-10-01T12:00:00+03:00"})["time"]
    number = register(bus, "contact.complaint", topic="metering")["reg_no"]
    admin.ask("clock", {"to": rfc3339(seconds(now) + 31 * 86400)})
    passed = [e["data"]["deadline"] for e in broker.bus("observer").query("events", type="deadline.passed",
                                                                          limit=1000)
              if e["data"].get("contact") == number]
    same(passed, ["complaint_status", "complaint_reminder", "complaint_last_reminder",
                  "complaint_answer"])


@test
def readings_are_checked_against_the_meter(broker):
    bus = broker.bus("operator")
    place(broker, "8301")
    place(broker, "8302")
    meters(broker, "M-1,8301,5,1,2026-01-23,1000,,\nM-2,8302,6,2,2026-01-23,100,200,\n"
                   "M-3,8302,6,1,,,,\n")
    send = lambda **data: register(bus, "contact.meter_reading", **data)
    result = send(premise={"account": "8301"}, readings=[1234])
    has(result, meter="M-1", used=[234], rolled_over=False)
    has(contact(bus, result["reg_no"]), item="3", state="answered")
    for data, code, path in (
            ({"premise": {"account": "8301"}, "readings": ["12x"]}, "invalid", "/data/readings"),
            ({"premise": {"account": "8301"}, "readings": [123456]}, "invalid", "/data/readings/0"),
            ({"premise": {"account": "8301"}, "readings": [1, 2]}, "invalid", "/data/readings"),
            ({"premise": {"account": "8301"}, "readings": [5]}, "conflict", "/data/readings/0"),
            ({"premise": {"account": "8302"}, "readings": [5]}, "invalid", "/data/premise/account"),
            ({"meter": "M-9", "readings": [5]}, "not_found", "/data/meter"),
            ({"meter": "M-1", "premise": {"account": "8302"}, "readings": [5]}, "not_found",
             "/data/meter")):
        answer = bus.refusal("publish", event("contact.meter_reading",
                                              {"applicant": "person", **data}))
        refused(code, answer)
        same(answer.body["path"], path)
    has(send(meter="M-2", readings=[150, 260]), used=[50, 60])
    assert "used" not in send(meter="M-3", readings=[7])
    has(send(premise={"account": "8301"}, readings=[5], reason="счётчик заменён"), used=[0])


@test
def a_call_holds_its_contacts(broker):
    bus = broker.bus("operator")
    tell(bus, "call.started", call="c-77", direction="in", line="1", number=PHONE % 5)
    number = register(bus, "contact.consultation", call="c-77")["reg_no"]
    tell(bus, "call.ended", call="c-77", outcome="answered", recording="r/77.wav")
    has(contact(bus, number), call="c-77")
    refused("conflict", bus.refusal("publish", event("call.ended", {"call": "c-77"})))
    stored = broker.bus("observer").query("events", type="call.started", limit=1000)[-1]
    assert "555" not in json.dumps(stored), stored


@test(own=True)
def the_longest_id_of_a_call_is_verified_too():
    with Broker() as broker:
        bus, call = broker.bus("operator"), "ж" * 128
        tell(bus, "call.started", call=call, direction="in", line="1")
        for _ in range(2):  # verify forgets what it folded after a thousand
            bus.publish([event("log.entry", {"text": "прошло время"}) for _ in range(1000)])
        tell(bus, "call.ended", call=call, outcome="answered")


@test
def the_directory_and_the_answers_are_found_as_typed(broker):
    bus = broker.bus("operator")
    bus.hello(language="ru")
    rows = bus.query("directory", q="газ")
    same(rows[0]["phone"], "104")
    same([row["id"] for row in bus.query("directory", q="gas emerg")], [])  # not in this language
    rows = bus.query("answers", q="присоед докум")
    same(rows[0]["id"], "connection-papers")
    assert "15 кВт" in rows[0]["text"], rows
    same({row["topic"] for row in bus.query("answers", topic="1.3")}, {"1.3"})
    same(list(bus.query("answers", q="такого слова нет")), [])
    english = broker.bus("operator")
    english.hello(language="en")
    same(english.query("directory", q="gas emerg")[0]["phone"], "104")


@test
def readings_go_to_billing(broker):
    bus = broker.bus("operator")
    place(broker, "8401")
    meters(broker, "M-41,8401,5,1,2026-01-23,100,,\n")
    has(bus.query("meters", account="8401")[0], meter="M-41", digits=5, last=[100], last_date="2026-01-23")
    number = register(bus, "contact.meter_reading", meter="M-41", readings=[150])["reg_no"]
    has(bus.query("meters", meter="M-41")[0], last=[150])
    has(bus.query("readings", meter="M-41")[0], reg_no=number, account="8401", reading_1=150, used_1=50)
    script = broker.bus("script")
    assert "account" not in script.query("readings", meter="M-41")[0]


@test
def a_department_finds_its_queue(broker):
    bus = broker.bus("operator")
    number = register(bus, "contact.inquiry", topic="1.2", needs_answer=True)["reg_no"]
    assert number in [row["reg_no"] for row in bus.query("contacts", department="transmission", state="routed")]
    tell(bus, "contact.answered", contact=number)
    assert number not in [row["reg_no"] for row in bus.query("contacts", department="transmission", state="routed")]


if __name__ == "__main__":
    main()
