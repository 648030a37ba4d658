#!/usr/bin/python3
# valgrind
"""The personal-data canary: what callers say is found nowhere but behind `query contact`."""
import json
import os
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import Broker, has, main, place, report, same, test

NAME, MAIL = "Канарейкин Пётр", "kanareika@example.org"
PHONE, DIGITS = "+7 912 555-01-41", "79125550141"
TEXT = "у соседа канарейка в клетке"


def canaries(account, flat="17171"):
    return [NAME, "Канарейкин", MAIL, PHONE, DIGITS, "9125550141", TEXT, "канарейка",
            account, flat]


def forms(word):
    """As UTF-8, as JSON escapes, as UTF-16."""
    return [word.encode(), json.dumps(word)[1:-1].encode(), word.encode("utf-16-le")]


def assert_clean(what, blob, words):
    for word in words:
        for form in forms(word):
            assert form not in blob, "%r is in %s" % (word, what)


def files(directory):
    for base, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(base, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    yield os.path.relpath(path, directory), file.read()


@test(own=True)
def nothing_personal_is_in_streams_feed_log_metrics_or_files():
    with Broker(settings=["log={level: debug}"]) as broker:
        account = "7000777000777"
        admin = broker.bus("admin")
        admin.import_csv("premises", "account,node,settlement,street,house,flat,applicant,"
                         "reliability,critical,name,phone\n%s,,Тестовск,улица Птичья,5,17171,"
                         "person,3,,%s,%s\n" % (account, NAME, PHONE))
        operator, reader = broker.bus("operator"), broker.bus()
        feed = pultbus.Feed(broker.feed)
        feed.next()
        stream = reader.subscribe([""], start="start", credit=1000)
        results = []
        for type, more in (("contact.outage_report", {}),
                           ("contact.quality_complaint", {"symptom": "low"}),
                           ("contact.restoration_query", {})):
            data = report(account, text=TEXT, callback=True, caller={
                "name": NAME, "phone": PHONE, "email": MAIL}, **more)
            data["premise"] = {"account": account, "street": "улица Птичья", "house": "5",
                               "flat": "17171", "text": TEXT}
            if type == "contact.restoration_query":
                del data["symptom"]
            results.append(operator.put(type, data))
        last = results[-1]["sequence"]
        # Refusals and queries by personal keys must not leak into the log either.
        operator.refusal("publish", pultbus.event("contact.outage_report", report(
            account, text=TEXT, caller={"phone": PHONE, "name": NAME, "colour": MAIL})))
        operator.query("eta", phone=PHONE)
        operator.query("eta", account=account)
        operator.query("eta", address="Птичья 5 кв 17171")
        operator.query("contacts", phone=PHONE)
        reader.refusal("query", {"name": "eta", "args": {"account": NAME}})
        raws = stream.until(last)
        words = canaries(account)
        assert_clean("the stream", b"\n".join(raws), words)
        texts = []
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            message = feed.next(0.3)
            if message:
                texts.append(message[1])
        assert len(texts) >= 4, "the feed said nothing"
        assert_clean("the feed", b"\n".join(texts), words)
        assert_clean("the metrics", broker.http("/metrics")[1].encode(), words)
        assert_clean("the log", broker.said().encode(), words)
        # The model of premises has its own table: the account and flat stand there in the clear,
        # what callers said nowhere.
        spoken = [NAME, "Канарейкин", MAIL, PHONE, DIGITS, "9125550141", TEXT, "канарейка"]
        checked = 0
        for path, blob in files(broker.data):
            assert_clean(path, blob, spoken)
            checked += 1
        assert checked >= 2
        broker.stop()
        for path, blob in files(broker.data):
            assert_clean(path + " after leaving", blob, spoken)
        assert_clean("the log", broker.said().encode(), words)
        # Every stored contact names what was taken out and commits to it.
        for raw in raws:
            found = json.loads(raw)
            if found["type"].startswith("contact."):
                assert found["personaldigest"] and "/data/caller" in found["personal"], found
        broker.start()


@test
def those_who_may_read_it_get_it_back_and_nobody_else(broker):
    operator, here = broker.bus("operator"), place(broker)
    given = report(here.accounts[0], text=TEXT, caller={"name": NAME, "phone": PHONE,
                                                        "email": MAIL})
    result = operator.put("contact.outage_report", given)
    row = broker.bus("dispatcher").query("contact", reg_no=result["reg_no"])[0]
    flat = json.dumps(row, ensure_ascii=False)
    for word in (NAME, TEXT, here.accounts[0]):
        assert word in flat, "%s is not in %s" % (word, flat)
    incident = broker.bus("dispatcher").query("incident", incident=result["incident"])[0]
    assert TEXT in json.dumps(incident, ensure_ascii=False), "dispatchers have the right `text`"
    for role in ("admin", "observer"):
        bus = broker.bus(role)
        answer = bus.answer(bus.send("query", {"name": "contact",
                                               "args": {"reg_no": result["reg_no"]}}))
        assert_clean("what %s gets" % role, json.dumps(answer.body, ensure_ascii=False).encode(),
                     [NAME, MAIL, PHONE, DIGITS, TEXT])


@test
def rows_of_contacts_have_no_personal_data(broker):
    operator, here = broker.bus("operator"), place(broker)
    result = operator.put("contact.outage_report", report(here.accounts[0], text=TEXT, caller={
        "name": NAME, "phone": "+7 912 555-02-02"}))
    for args in ({"phone": "+7 912 555-02-02"}, {"phone": "8 (912) 555 02 02"},
                 {"account": here.accounts[0]}, {"incident": result["incident"]}):
        rows = broker.bus("dispatcher").query("contacts", **args)
        assert [r for r in rows if r["reg_no"] == result["reg_no"]], args
        assert_clean("contacts", json.dumps(list(rows), ensure_ascii=False).encode(),
                     [NAME, TEXT, "5550202", "555-02-02"])


@test
def a_phone_finds_the_eta_of_its_caller(broker):
    operator, here = broker.bus("operator"), place(broker)
    result = operator.put("contact.outage_report", report(here.accounts[0], caller={
        "phone": "+7 912 555-03-03"}))
    rows = operator.query("eta", phone="89125550303")
    has(rows[0], incident=result["incident"], calls=1)


@test
def incidents_row_and_timeline_hold_no_personal_data(broker):
    operator, here = broker.bus("operator"), place(broker)
    result = operator.put("contact.outage_report", report(here.accounts[0], text=TEXT, caller={
        "name": NAME, "phone": PHONE}))
    for bus in (broker.bus("observer"), broker.bus("script")):
        for name, args in (("incidents", {"state": "all"}), ("events", {"from": 0}),
                           ("stats", {}), ("agents", {})):
            answer = bus.answer(bus.send("query", {"name": name, "args": args}))
            assert_clean(name, json.dumps(answer.body, ensure_ascii=False).encode(),
                         [NAME, TEXT, DIGITS])
    assert result["reg_no"]


@test
def an_import_keeps_names_and_phones_out_of_what_is_streamed(broker):
    admin, reader = broker.bus("admin"), broker.bus()
    start = reader.hello()["head"]
    admin.import_csv("premises", "account,node,settlement,street,house,flat,applicant,"
                     "reliability,critical,name,phone\n990099,,Тестовск,улица Птичья,7,,person,3,,"
                     "%s,%s\n" % (NAME, PHONE))
    stream = reader.subscribe([""], start=start)
    raws = stream.until_live(start + 1)
    changed = [json.loads(raw) for raw in raws][-1]
    has(changed, type="model.changed")
    has(changed["data"], kind="premises", rows=1)
    assert_clean("model.changed", b"".join(raws), [NAME, PHONE, DIGITS])
    rows = broker.bus("operator").query("premises", after="990098", limit=1)
    assert_clean("premises", json.dumps(list(rows), ensure_ascii=False).encode(), [NAME, DIGITS])


COMPANY_TYPES = {
    "x.acme.people": """
type: object
additionalProperties: false
properties:
  names: {type: array, items: {type: string, x-personal: true}}
  notes: {type: array, items: {type: string, x-free-text: true}}
  "name/of~who": {type: string, x-personal: true}
  "note/of~what": {type: string, x-free-text: true}
""",
    "x.acme.whole": """
type: object
x-personal: true
properties: {name: {type: string}}
""",
    "x.acme.told": """
type: object
x-free-text: true
properties: {note: {type: string}}
"""}


@test(own=True)
def a_companys_own_types_keep_what_they_mark_however_deep_and_however_much():
    with tempfile.TemporaryDirectory() as schemas:
        for type, text in COMPANY_TYPES.items():
            with open(os.path.join(schemas, type + ".yaml"), "w", encoding="utf-8") as file:
                file.write(text)
        with Broker(settings=["company_schemas=" + json.dumps(schemas)]) as broker:
            bus = broker.bus("script")
            feed = pultbus.Feed(broker.feed)
            feed.next()
            many = [NAME] * 200
            bus.put("x.acme.people", {"names": many, "notes": [TEXT] * 200,
                                      "name/of~who": NAME, "note/of~what": TEXT})
            bus.put("x.acme.whole", {"name": NAME})
            bus.put("x.acme.told", {"note": TEXT})
            people, whole, told = (json.loads(raw) for raw in pultbus.read_all(bus)[0])
            same(people["data"], {"names": [], "notes": [TEXT] * 200, "note/of~what": TEXT})
            same(people["personal"], ["/data/names/%d" % n for n in range(200)] +
                 ["/data/name~1of~0who"])
            same((whole["data"], whole["personal"]), ({}, ["/data"]))
            same(told["data"], {"note": TEXT})
            fed = []
            while len(fed) < 3:
                topic, raw = feed.next()
                fed += [json.loads(raw)["data"]] if topic != "bus.heartbeat" else []
            same(fed, [{"names": [], "notes": []}, {}, {}])
            feed.close()
            for name, blob in files(broker.data):
                assert_clean(name, blob, [NAME])


@test(own=True)
def the_key_lies_outside_the_database_and_is_private():
    with Broker() as broker:
        found = []
        for base, _, names in os.walk(broker.data):
            found += [os.path.join(base, name) for name in names if name == "personal.key"]
        same(len(found), 1)
        same(os.stat(found[0]).st_mode & 0o077, 0)
        with open(found[0], "rb") as file:
            key = file.read()
        assert len(key) >= 32
        for path, blob in files(broker.data):
            if not path.endswith("personal.key"):
                assert key.strip() not in blob, path


if __name__ == "__main__":
    main()
