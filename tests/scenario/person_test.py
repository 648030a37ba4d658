#!/usr/bin/python3
"""One person's data: handed over, erased, kept by a hold; and erased by age."""
import glob
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, PREMISES_HEADER, Broker, has, main, place, report, same, test
from pultbus import event, read_all, rfc3339

NAME = "Канарейкин Пётр Ильич"


def call(broker, phone, **more):
    data = report(place(broker).accounts[0], text="темно", caller={"name": NAME, "phone": phone})
    return broker.bus("operator").put("contact.outage_report", {**data, **more})


def admin(broker, do, **more):
    return broker.bus("admin").ask("admin", {"do": do, **more})


def sealed(broker):
    """The ciphertexts as they stand in the journal, read beside the broker."""
    with sqlite3.connect("file:%s/journal.db?mode=ro" % broker.data, uri=True) as db:
        return dict(db.execute("SELECT sequence, sealed FROM personal"))


def on_disk(broker, blob):
    """Names of the files that hold these bytes: a row may lie over several pages, so its middle."""
    found = []
    for path in glob.glob(broker.data + "/*"):
        with open(path, "rb") as file:
            if blob[8:40] in file.read():
                found.append(os.path.basename(path))
    return found


@test
def an_export_has_everything_and_is_journalled_and_recorded(broker):
    phone = "+7 912 555-11-01"
    first, second = call(broker, phone), call(broker, "8 912 555 11 01")
    broker.bus("admin").import_csv("premises", PREMISES_HEADER +
                                   "770001,,Тестовск,улица Птичья,9,1,person,3,,%s,%s\n" %
                                   (NAME, phone))
    broker.bus("dispatcher").query("contact", reg_no=first["reg_no"])
    rows = admin(broker, "person_export", phone="9125551101")["rows"]
    contacts = [row for row in rows if row["kind"] == "contact"]
    same([row["reg_no"] for row in contacts], [first["reg_no"], second["reg_no"]])
    same(contacts[0]["personal"]["/data/caller"]["name"], NAME)
    premises = [row for row in rows if row["kind"] == "premise"]
    same((premises[0]["account"], premises[0]["personal"]["name"]), ("770001", NAME))
    assert [row for row in rows if row["kind"] == "seen"], "who looked is missing"
    last = json.loads(read_all(broker.bus("dispatcher"))[0][-1])
    has(last, type="personal.exported")
    assert "5551101" not in json.dumps(last)
    entry = broker.bus("admin").pages("access", phone=phone)[-1]
    has(entry, query="person_export", contacts=3, role="admin")


@test
def an_erasure_leaves_the_chain_whole_and_no_byte_on_disk(broker):
    phone = "+7 912 555-11-02"
    said = event("contact.outage_report", report(place(broker).accounts[0], text="темно", caller={
        "name": NAME, "phone": phone}))
    operator = broker.bus("operator")
    result = operator.publish(said)
    other = call(broker, "+7 912 555-11-03")
    blobs = sealed(broker)
    gone, kept = blobs[result["sequence"]], blobs[other["sequence"]]
    assert on_disk(broker, gone) and on_disk(broker, kept), "the search finds nothing at all"
    answer = admin(broker, "person_erase", phone=phone)
    same((answer["erased"], answer["scrubbed"]), (1, True))
    same(on_disk(broker, gone), [])
    assert on_disk(broker, kept)
    row = broker.bus("dispatcher").query("contact", reg_no=result["reg_no"])[0]
    assert "caller" not in row and "text" not in row, row
    same(list(broker.bus("dispatcher").query("contacts", phone=phone)), [])
    again = operator.publish(said)
    same((again["duplicate"], again["reg_no"]), (True, result["reg_no"]))
    raws, _ = read_all(broker.bus("dispatcher"))
    purged = [json.loads(raw) for raw in raws if b'"personal.purged"' in raw][-1]
    same(purged["data"]["events"], [[result["sequence"]] * 2])
    assert "5551102" not in json.dumps(purged)
    for bad in ({"phone": phone}, {"reg_no": result["reg_no"]}, {"reg_no": "2031-000001"}):
        same(broker.bus("admin").refusal("admin", {"do": "person_erase", **bad}).code, "not_found")


@test
def an_erasure_takes_nobody_elses_data(broker):
    one, two = "+7 912 555-11-21", "+7 912 555-11-22"
    call(broker, one)
    other = call(broker, two)
    admin(broker, "person_erase", phone=one)
    kept = call(broker, one)  # the same person calls again
    same(admin(broker, "person_erase", reg_no=other["reg_no"])["erased"], 1)
    assert kept["sequence"] in sealed(broker), "an erasure by number took an earlier phone's data"
    last = call(broker, two)
    same(admin(broker, "person_erase", phone=one)["erased"], 1)
    assert last["sequence"] in sealed(broker)


@test
def calls_and_answers_are_the_persons_too(broker):
    phone = "+7 912 555-11-31"
    result, operator = call(broker, phone), broker.bus("operator")
    rung = operator.put("call.started", {"call": "gw-31", "direction": "in", "number": phone})
    said = operator.put("contact.answered", {"contact": result["reg_no"], "answer": "Пётр Ильич, ждите"})
    mine = {result["sequence"], rung["sequence"], said["sequence"]}
    assert mine <= set(sealed(broker))
    rows = admin(broker, "person_export", phone=phone)["rows"]
    same({row["sequence"] for row in rows if row["kind"] != "seen"}, mine)
    admin(broker, "person_hold", phone=phone)
    same(broker.bus("admin").refusal("admin", {"do": "person_erase", "reg_no": result["reg_no"]}).reason,
         "legal_hold")
    admin(broker, "person_release", phone=phone)
    same(admin(broker, "person_erase", phone=phone)["erased"], 3)
    same(mine & set(sealed(broker)), set())


@test
def a_premises_name_goes_too(broker):
    phone = "+7 912 555-11-04"
    broker.bus("admin").import_csv("premises", PREMISES_HEADER +
                                   "770002,,Тестовск,улица Птичья,9,2,person,3,,%s,%s\n" %
                                   (NAME, phone))
    same(admin(broker, "person_erase", phone=phone)["erased"], 1)
    same(broker.bus("admin").refusal("admin", {"do": "person_export", "phone": phone}).code,
         "not_found")


@test
def a_hold_forbids_and_its_end_allows(broker):
    phone = "+7 912 555-11-05"
    result = call(broker, phone)
    admin(broker, "person_hold", phone=phone, reason="запрос суда")
    for bad in ({"phone": phone}, {"reg_no": result["reg_no"]}):
        refused = broker.bus("admin").refusal("admin", {"do": "person_erase", **bad})
        same((refused.code, refused.reason), ("conflict", "legal_hold"))
    same(broker.bus("admin").refusal("admin", {"do": "person_hold", "phone": phone}).code,
         "conflict")
    admin(broker, "person_release", phone=phone)
    same(admin(broker, "person_erase", reg_no=result["reg_no"])["erased"], 1)


@test
def only_an_administrator_may_and_bad_words_are_refused(broker):
    for act in ("person_export", "person_erase", "person_hold", "person_release"):
        same(broker.bus("dispatcher").refusal("admin", {"do": act, "phone": "9125551199"}).code,
             "denied")
        bus = broker.bus("admin")
        for bad in ({}, {"phone": "нет"}, {"phone": "9125551199", "reg_no": "2026-000001"},
                    {"phone": 5}, {"phone": "9125551199", "colour": "x"}):
            same(bus.refusal("admin", {"do": act, **bad}).code, "invalid")
    same(broker.bus("dispatcher").refusal("query", {"name": "person_export", "args": {}}).code,
         "invalid")


@test
def the_command_line_does_it_all(broker):
    phone = "+7 912 555-11-06"
    result = call(broker, phone)

    def run(*words):
        done = subprocess.run([os.path.join(BUILD, "pult"), "person", *words], text=True,
                              capture_output=True, env=dict(os.environ, PULT_BUS=broker.requests))
        return done.returncode, done.stdout
    status, out = run("export", "--phone", phone)
    same((status, json.loads(out.splitlines()[0])["reg_no"]), (0, result["reg_no"]))
    same(run("hold", "--phone", phone)[0], 0)
    same(run("erase", "--phone", phone)[0], 6)
    same(run("release", "--phone", phone)[0], 0)
    status, out = run("erase", "--phone", phone)
    same((status, json.loads(out)["erased"]), (0, 1))
    same(run("erase", "--phone", phone)[0], 5)
    same(run("erase")[0], 2)


@test(own=True)
def what_is_too_old_goes_by_kind_and_what_is_held_stays():
    day = 86400
    with Broker(replay=True, settings=["personal_retention_days={contacts: 30, other: 0}"]) as broker:
        bus = broker.bus("admin")
        begin = 1_780_000_000
        bus.clock(begin)
        old = [call(broker, "+7 912 555-12-%02d" % n) for n in range(10)]
        held = call(broker, "+7 912 555-12-99")
        admin(broker, "person_hold", phone="+7 912 555-12-99")
        bus.clock(begin + 20 * day)
        young = call(broker, "+7 912 555-13-01")
        blobs = sealed(broker)
        bus.clock(begin + 29 * day)
        same(len(sealed(broker)), 12)
        bus.clock(begin + 31 * day)
        same(sorted(sealed(broker)), [held["sequence"], young["sequence"]])
        raws, _ = read_all(broker.bus("dispatcher"))
        purged = [json.loads(raw)["data"] for raw in raws if b'"personal.purged"' in raw]
        same((len(purged), purged[0]["ground"], purged[0]["count"]), (1, "retention", 10))
        admin(broker, "person_release", phone="+7 912 555-12-99")
        bus.clock(begin + 31 * day + 1)
        same(sorted(sealed(broker)), [young["sequence"]])
        bus.clock(begin + 52 * day + 3601)
        same(sealed(broker), {})
        bus.clock(begin + 60 * day)  # what was erased last is cut from the log by the next step
        for blob in blobs.values():
            same(on_disk(broker, blob), [])
        assert old


@test(own=True)
def personal_data_that_vanish_without_a_word_or_come_back_are_found():
    broker = Broker().start()
    try:
        result = call(broker, "+7 912 555-14-01")
        blob = sealed(broker)[result["sequence"]]
        admin(broker, "person_erase", phone="+7 912 555-14-01")
        other = call(broker, "+7 912 555-14-02")
        broker.stop()
        broker.verify()

        def tampered(sql, *values):
            with sqlite3.connect(broker.data + "/journal.db") as db:
                db.execute(sql, values)
            db.close()
            done = subprocess.run([os.path.join(BUILD, "pult"), "verify", broker.data],
                                  capture_output=True, text=True)
            return done.returncode, done.stderr
        status, said = tampered("INSERT INTO personal VALUES(?, ?)", result["sequence"], blob)
        assert status == 3 and "sequence/%d:" % result["sequence"] in said, said
        tampered("DELETE FROM personal WHERE sequence = ?", result["sequence"])
        broker.verify()
        status, said = tampered("DELETE FROM personal WHERE sequence = ?", other["sequence"])
        assert status == 3 and "sequence/%d:" % other["sequence"] in said, said
    finally:
        for bus in broker.connections:
            bus.close()
        subprocess.run(["rm", "-rf", broker.directory], check=True)



@test
def whose_telephone_was_asked_for_stands_in_no_list_of_processes(broker):
    os.kill(broker.pid, signal.SIGSTOP)  # so that the commands wait
    try:
        for words in (("person", "export", "--phone", "+79125551199"), ("eta", "get", "--phone", "+79125551199"),
                      ("--role", "dispatcher", "query", "contacts", "phone=+79125551199")):
            asked = subprocess.Popen([os.path.join(BUILD, "pult"), *words], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, env=dict(os.environ, PULT_BUS=broker.requests))
            time.sleep(0.3)
            with open("/proc/%d/cmdline" % asked.pid, "rb") as file:
                line = file.read()
            asked.kill()
            asked.wait()
            assert line.startswith(os.path.join(BUILD, "pult").encode()) and b"5551199" not in line, line
    finally:
        os.kill(broker.pid, signal.SIGCONT)


if __name__ == "__main__":
    main()
