#!/usr/bin/python3
# limit: 600
"""Every field that a schema marks as personal, of every type there is: found for its person, seen by nobody else.

The types and their marks are read from schemas/, not listed here: a new type with a mark is tested, or this
test fails for want of an example.
"""
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from examples import BUILD
from harness import BUILD as PROGRAMS, ROOT, Broker, main, place, same, test
from pultbus import event

OFFICES = """
offices:
  day:
    name: {ru: Контора, en: Office}
    address: {ru: Город, en: Town}
    windows: 9
    hours: {mon: "00:00-24:00", tue: "00:00-24:00", wed: "00:00-24:00", thu: "00:00-24:00", fri: "00:00-24:00", \
sat: "00:00-24:00", sun: "00:00-24:00"}
    kinds: {any: 30}
"""
COMPANY = {"x.test.visit": {"type": "object", "properties": {
    "to": {"type": "string"},
    "guests": {"type": "array", "x-personal": True, "items": {"type": "object", "properties": {
        "who": {"type": "string"}, "mobile": {"type": "string"}}}}}}}
SONG = re.compile(r"Кнр[0-9]{5}|knr[0-9]{5}@|912.{0,2}555.{0,2}7[0-9].{0,1}[0-9]{2}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml.safe_load(file)


SCHEMAS = {name[:-5]: read(os.path.join(ROOT, "schemas", name)) for name in sorted(os.listdir(os.path.join(ROOT, "schemas")))
           if name.count(".") > 1}
DEFS = read(os.path.join(ROOT, "schemas", "defs.yaml"))["$defs"]


def marked(schema, path=()):
    """(path, schema) of everything marked personal, the outermost alone."""
    reference = schema.get("$ref", "")
    whole = {**(DEFS[reference.rpartition("/")[2]] if reference else {}), **schema}
    if whole.get("x-personal"):
        yield path, whole
        return
    for name, inner in (whole.get("properties") or {}).items():
        yield from marked(inner, path + (name,))


def canary(number, name, schema):
    """A value of that schema with this person in it."""
    reference = schema.get("$ref", "")
    schema = {**(DEFS[reference.rpartition("/")[2]] if reference else {}), **schema}
    if schema.get("type") == "object":
        return {key: canary(number, key, inner) for key, inner in schema["properties"].items()}
    if schema.get("type") == "array":
        return [canary(number, name, schema["items"])]
    if name in ("phone", "number", "mobile"):
        return "+7 (912) 555-7%d-%02d" % (number // 100, number % 100)
    if "pattern" in schema:
        assert name == "tax_number", (name, schema)
        return "7712555%03d" % number
    return "knr%05d@example.org" % number if name == "email" else ("Кнр%05d Пётр" % number)[:schema.get("maxLength", 99)]


def phone_of(number):
    return canary(number, "phone", {})


TYPES = {type: list(marked(schema)) for type, schema in {**SCHEMAS, **COMPANY}.items() if list(marked(schema))}


def role_of(type):
    return "script" if type in COMPANY else "dispatcher" if type.startswith("incident.") else "operator"


def names_somebody(type):
    """Whether it says by which number its person is found, or which contact it is about."""
    return "contact" in (SCHEMAS.get(type) or {}).get("required", ()) or any(
        "(912)" in json.dumps(canary(1, path[-1], schema)) for path, schema in TYPES[type])


def example(broker, type, number):
    """Valid data of that type with the person in every marked field."""
    bus, here = broker.bus(role_of(type)), broker.place
    if type == "appointment.booked":
        slot = bus.query("slots", office="day", service="any", limit=1)[0]
        data = {"office": "day", "service": "any", "starts": slot["starts"]}
    elif type in COMPANY:
        data = {"to": "the office"}
    elif type == "incident.opened":
        data = {"kind": "quality", "premise": {}}
    elif "contact" in SCHEMAS[type].get("required", ()):
        data = {"contact": bus.put("contact.consultation", {
            "applicant": "person", "needs_answer": True, "caller": {"phone": phone_of(number)}})["reg_no"]}
    else:
        assert type in BUILD, "%s has personal marks and no example here" % type
        data = BUILD[type](bus, here)
    for path, schema in TYPES[type]:
        inner = data
        for name in path[:-1]:
            inner = inner.setdefault(name, {})
        # An account must be one that is known, where a reading is taken: it is no canary, but is looked for too.
        inner[path[-1]] = inner.get("account") if path[-1] == "account" and "account" in inner else canary(
            number, path[-1], schema)
    return data


def pult(broker, *words):
    return subprocess.run([os.path.join(PROGRAMS, "pult"), *words], capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, PULT_BUS=broker.requests, LC_ALL="C.UTF-8"))


def silent(what, text):
    heard = SONG.search(text if isinstance(text, str) else text.decode(errors="replace"))
    assert not heard, "%r is in %s" % (heard[0], what)


def run(function):
    with tempfile.TemporaryDirectory() as config:
        os.chmod(config, 0o755)
        os.mkdir(config + "/schemas")
        for type, schema in COMPANY.items():
            with open("%s/schemas/%s.yaml" % (config, type), "w", encoding="utf-8") as file:
                json.dump(schema, file)
        with open(config + "/offices.yaml", "w", encoding="utf-8") as file:
            file.write(OFFICES)
        with Broker(settings=["offices=" + config + "/offices.yaml", "log={level: debug}",
                              "company_schemas=" + json.dumps(config + "/schemas")]) as broker:
            broker.place = place(broker)
            broker.bus("admin").import_csv("meters", "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
                                           "M%d,%s,5,1,2026-01-23,1000,,\n" % (broker.place.number,
                                                                               broker.place.accounts[0]))
            function(broker)


def sealed(broker):
    with sqlite3.connect("file:%s/journal.db?mode=ro" % broker.data, uri=True) as db:
        return dict(db.execute("SELECT sequence, sealed FROM personal"))


@test(own=True)
def every_marked_field_is_found_for_its_person_and_for_nobody_else():
    assert len(TYPES) >= 12, TYPES

    def check(broker):
        feed, put = pultbus.Feed(broker.feed), {}
        feed.next()
        for number, type in enumerate(TYPES, 1):
            put[type] = broker.bus(role_of(type)).put(type, example(broker, type, number))["sequence"]
        raws, _ = pultbus.read_all(broker.bus("observer"))
        silent("the stream", b"\n".join(raws))
        while (message := feed.next(1)) and b"x.test" not in message[1]:
            silent("the feed", message[1])
        silent("the log", broker.said())
        silent("the metrics", broker.http("/metrics")[1])
        for name in os.listdir(broker.data):
            with open(os.path.join(broker.data, name), "rb") as file:
                silent(name, file.read())
        same([type for type in put if not names_somebody(type)], ["incident.opened"])  # a place, nobody's number
        for number, (type, sequence) in enumerate(put.items(), 1):
            if not names_somebody(type):
                assert sequence in sealed(broker)
                continue
            done = pult(broker, "person", "export", "--phone", phone_of(number))
            assert done.returncode == 0, (type, done)
            rows = [row for row in map(json.loads, done.stdout.splitlines()) if row.get("sequence") == sequence]
            same(len(rows), 1, type)
            have = {pointer for pointer in rows[0]["personal"]}
            same(have, {"/data/" + "/".join(path) for path, _ in TYPES[type]}, type)
            assert "Кнр%05d" % number in json.dumps(rows, ensure_ascii=False) or type == "call.started", rows
        for number, (type, sequence) in enumerate(put.items(), 1):
            if not names_somebody(type):
                continue
            before = set(sealed(broker))
            same(pult(broker, "person", "erase", "--phone", phone_of(number)).returncode, 0, type)
            gone = before - set(sealed(broker))
            assert sequence in gone and not gone & set(list(put.values())[number:]), (type, gone)
            same(pult(broker, "person", "export", "--phone", phone_of(number)).returncode, 5, type)
    run(check)


@test(own=True)
def who_is_known_by_the_call_alone_is_found_by_its_number():
    def check(broker):
        bus, admin = broker.bus("operator"), broker.bus("admin")
        words = {"applicant": "person", "premise": {"account": broker.place.accounts[0]}}
        put = []
        for number, call in ((901, "c-1"), (902, "c-2")):
            put.append([
                bus.put("call.started", {"call": call, "direction": "in", "number": phone_of(number)}),
                bus.put("contact.consultation", {**words, "call": call, "needs_answer": True, "text": "Кнр00901"})])
            put[-1].append(bus.put("contact.answered", {"contact": put[-1][1]["reg_no"], "answer": "Кнр00901"}))
            # Somebody else's number is given in the same call: that person's.
            bus.put("contact.consultation", {**words, "call": call, "caller": {"phone": phone_of(990)}})
        sequences = [{result["sequence"] for result in results} for results in put]
        rows = admin.ask("admin", {"do": "person_export", "phone": phone_of(901)})["rows"]
        same({row["sequence"] for row in rows if "sequence" in row}, sequences[0])
        admin.ask("admin", {"do": "person_hold", "phone": phone_of(901)})
        same(admin.refusal("admin", {"do": "person_erase", "reg_no": put[0][1]["reg_no"]}).reason, "legal_hold")
        admin.ask("admin", {"do": "person_release", "phone": phone_of(901)})
        before = set(sealed(broker))
        same(admin.ask("admin", {"do": "person_erase", "phone": phone_of(901)})["erased"], 3)
        same(before - set(sealed(broker)), sequences[0])
    run(check)


if __name__ == "__main__":
    main()
