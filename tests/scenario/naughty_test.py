#!/usr/bin/python3
"""The big list of naughty strings in every text field of every contact and call, and of the operator's form: stored byte for byte but for
NFC and the control filter (lib/text.h), shown harmless."""
import contextlib
import csv
import io
import json
import os
import pwd
import re
import sys
import tempfile
import time
import unicodedata

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from filtered import FORBIDDEN, filtered
from harness import PREMISES_HEADER, ROOT, SHARED, Broker, Skip, main, same, test
from pultbus import BATCH, event
from screens import F5, F8, Desk, choose
from terminal import Terminal

PATH = os.path.join(SHARED, "data", "text", "blns.json")
METERS_HEADER = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
# What a member that is no text must be for the event to be taken.
GIVEN = {"readings": [150], "volts": 190}
AT_ONCE = 50  # queries under way
TYPED_AHEAD = 8  # calls
NAMES = ("node", "contact")  # of what must be there: no text
# Members of a contact's row that hold what is personal in the event.
PERSONAL = {"caller": "caller", "text": "text", "answer": "answer", "critical_note": "critical_note"}
PERSONAL_PREMISE = {"account": "account", "flat": "flat", "text": "premise_text"}


def strings():
    if not os.path.exists(PATH):
        raise Skip("%s is not here" % PATH)
    with open(PATH, encoding="utf-8") as file:
        found = list(dict.fromkeys(json.load(file)))
    assert len(found) > 400
    return found


def schema(name):
    with open(os.path.join(ROOT, "schemas", name + ".yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


DEFS = schema("defs")["$defs"]


def resolve(node):
    while "$ref" in node:
        node = {**DEFS[node["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in node.items() if k != "$ref"}}
    return node


def filled(node, text, fields, path=""):
    """An object of this schema with the text in every text member; `fields` gathers which they are."""
    data = {}
    for name, member in node["properties"].items():
        member, here = resolve(member), path + "/" + name
        if name in NAMES:
            continue
        if member.get("type") == "object":
            data[name] = filled(member, text, fields, here)
        elif member.get("type") == "string" and "pattern" not in member:
            fields.add(here)
            value = text[:member.get("maxLength")]
            if len(filtered(value)) >= member.get("minLength", 0):
                data[name] = value
        elif name in node.get("required", ()):
            data[name] = GIVEN.get(name) or member["enum"][0]
    return data


def stored_as(value):
    return {k: stored_as(v) for k, v in value.items()} if isinstance(value, dict) else filtered(value) if isinstance(value, str) else value


def publish_all(bus, events):
    return [result for at in range(0, len(events), BATCH) for result in bus.publish(events[at:at + BATCH])]


def check_open(want, got, personal, where):
    """Every member of `want` but the personal ones stands in the event's data."""
    for name, value in want.items():
        here = where + "/" + name
        if here in personal:
            assert name not in got, (here, "is in the open")
        elif isinstance(value, dict):
            check_open(value, got.get(name, {}), personal, here)
        else:
            same(got.get(name), value)


def check_row(want, row):
    for name, key in PERSONAL.items():
        value = {k: v for k, v in want[name].items() if v} if isinstance(want.get(name), dict) else want.get(name)
        assert not value or row.get(key) == value, (name, value, row.get(key))
    for name, key in PERSONAL_PREMISE.items():
        value = want.get("premise", {}).get(name)
        assert not value or row.get(key) == value, (name, value, row.get(key))


CONTACTS = ("contact.inquiry", "contact.consultation", "contact.theft_report", "contact.complaint", "contact.outage_report",
            "contact.quality_complaint", "contact.restoration_query")


def round_trip(broker, type, texts, made):
    """Publishes, reads the events as an observer and the rows with all rights; returns the fields that held the texts."""
    bus, fields, wanted = broker.bus("operator"), set(), []
    for text in texts:
        data = filled(schema(type), text, fields)
        data.update(made(text))
        wanted.append((data, stored_as(data)))
    results = publish_all(bus, [event(type, data) for data, _ in wanted])
    stream = broker.bus("observer").subscribe([type], start=results[0]["sequence"] - 1)
    raws = stream.until(results[-1]["sequence"])
    same(len(raws), len(wanted))
    for raw, (_, want), result in zip(raws, wanted, results):
        stored = json.loads(raw)
        check_open(want, stored["data"], {p[len("/data"):] for p in stored.get("personal", ())}, "")
    return fields, [want for _, want in wanted], results


def sealed(broker, wanted, results):
    reader = broker.bus("senior_operator")
    for at in range(0, len(wanted), AT_ONCE):
        asked = [reader.send("query", {"name": "contact", "args": {"reg_no": result["reg_no"]}}) for result in results[at:at + AT_ONCE]]
        for want, id in zip(wanted[at:], asked):
            check_row(want, reader.answer(id).value()["rows"][0])


@contextlib.contextmanager
def company():
    """A broker whose account may also be the senior operator, who sees what is of a special category."""
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(ROOT, "config", "roles.yaml"), encoding="utf-8") as file:
            table = yaml.safe_load(file)
        table.update(users={pwd.getpwuid(os.getuid()).pw_name: ["operator", "senior_operator", "dispatcher", "observer", "admin"]}, groups={})
        roles = os.path.join(directory, "roles.yaml")
        with open(roles, "w", encoding="utf-8") as file:
            yaml.safe_dump(table, file)
        with Broker(settings=["roles=" + roles]) as broker:
            yield broker


def must_hold(fields, *names):
    for name in names:
        assert name in fields, (name, fields)


@test(own=True)
def every_text_field_of_every_contact_keeps_every_string():
    with company() as broker:
        for type in CONTACTS:
            fields, wanted, results = round_trip(broker, type, strings(), lambda text: {"applicant": "legal"} if text else {"applicant": "person"})
            must_hold(fields, "/text", "/caller/name", "/caller/phone", "/caller/email", "/caller/organisation", "/premise/settlement",
                      "/premise/street", "/premise/house", "/premise/flat", "/premise/text", "/premise/account", "/call")
            sealed(broker, wanted, results)


@test(own=True)
def the_name_of_a_meter_and_the_reason_of_a_reading_too():
    with company() as broker:
        names = list(dict.fromkeys(name for name in (filtered(text[:60]).strip() for text in strings()) if name))
        table = io.StringIO()
        csv.writer(table, lineterminator="\n").writerows([name, "a-%d" % i, 5, 1, "2026-01-23", 100, "", ""] for i, name in enumerate(names))
        broker.bus("admin").import_csv("premises", PREMISES_HEADER + "".join("a-%d,,Тестовск,ул. Лесная,%d,,person,3,,,\n" % (i, i) for i in range(len(names))))
        broker.bus("admin").import_csv("meters", METERS_HEADER + table.getvalue())
        fields, wanted, results = round_trip(broker, "contact.meter_reading", names, lambda text: {"applicant": "person", "premise": {"text": text}})
        must_hold(fields, "/meter", "/reason")
        sealed(broker, wanted, results)


@test(own=True)
def what_is_answered_asked_and_replied_too():
    with company() as broker:
        bus, desk = broker.bus("operator"), broker.bus("dispatcher")
        texts = [text for text in strings() if filtered(text)]
        contacts = [r["reg_no"] for r in publish_all(bus, [
            event("contact.outage_report", {"applicant": "person", "symptom": "no_power", "premise": {"text": "за мостом"}, "needs_answer": True})
            for _ in texts])]
        for who, type, field in ((desk, "dispatch.asked", "/question"), (bus, "dispatch.replied", "/answer"), (bus, "contact.answered", "/measures_done"),
                                 (bus, "contact.reopened", "/reason")):
            fields, events = set(), []
            for text, contact in zip(texts, contacts):
                events.append(event(type, {**filled(schema(type), text, fields), "contact": contact}))
            must_hold(fields, field)
            results = publish_all(who, events)
            stream = broker.bus("observer").subscribe([type], start=results[0]["sequence"] - 1)
            for raw, sent in zip(stream.until(results[-1]["sequence"]), events):
                stored = json.loads(raw)
                check_open(stored_as(sent["data"]), stored["data"], {p[len("/data"):] for p in stored.get("personal", ())}, "")
        for text, contact in zip(texts, contacts):
            same(desk.query("contact", reg_no=contact)[0]["answer"], filtered(text))


@test(own=True)
def the_words_of_a_call_too():
    with company() as broker:
        names = list(dict.fromkeys(filtered(text[:128]) for text in strings() if filtered(text[:128])))
        for type in ("call.started", "call.ended"):
            fields, _, _ = round_trip(broker, type, names, lambda text: {"call": text})
            must_hold(fields, "/call", {"call.started": "/line", "call.ended": "/recording"}[type])


# -- the form -------------------------------------------------------------------------------
SEQUENCES = re.compile("\x1b(\\[[0-9;:?>=!]*[ $]?[@-~]|[()][0-9A-B]|[=>78MHc]|\\][0-9]+;[^\x07\x1b]*(\x07|\x1b\\\\))")
OWN = "[\r\n\x08\t\x0e\x0f]"  # what moves the cursor without an escape


class Watched(Terminal):
    """A terminal that keeps all that the program wrote."""

    def took(self, data):
        super().took(data)
        self.written = getattr(self, "written", b"") + data


def harmless(screen, texts):
    """Nothing on the line but the program's own sequences and what a cell may hold."""
    written = screen.written.decode("utf-8")
    for text in texts:
        for sequence in re.findall("\x1b\\[[^\x1b]*?[A-Za-z]", text):
            assert sequence not in written or len(sequence) < 5, (text, sequence)
    rest = re.sub(OWN, "", SEQUENCES.sub("", written))
    found = FORBIDDEN.search(rest)
    assert not found, (found, rest[max(0, found.start() - 40):found.start() + 40])


def paste(text):
    return "\x1b[200~" + text + "\x1b[201~"


def typed(text, limit):
    return unicodedata.normalize("NFC", filtered(text)[:limit])


LIMITS = {"address": 120, "flat": 12, "words": 1000, "name": 80, "organisation": 200}  # intake/call_items.c


def fill(screen, text):
    """An outage of a company's, the string in every text field."""
    here = paste(text)
    screen.type("\t" + here + "\t" + here + "\t1\t\t\t" + here + "\t\t" + here + "\t2\t" + here + F8)


@test(own=True)
def every_text_field_of_the_form_keeps_every_string_and_shows_it_harmless():
    texts = [text for text in strings() if filtered(text).strip()]
    with Desk(Watched) as desk:
        intake, console = desk.open("intake", "ru", rows=40), desk.open("console", "ru", rows=40)
        intake.wait_text("адресов 29")
        for number, text in enumerate(texts, 1):
            fill(intake, text)
            intake.pump()
            console.pump()
            if number % TYPED_AHEAD == 0 or number == len(texts):
                intake.wait_text("-%06d" % number)
        intake.type(F5)
        intake.pump(0.5)
        for _ in range(40):
            console.type("\r\x1b[B")
            console.pump(0.02)
        reader = desk.broker.bus("operator")
        for number, text in enumerate(texts, 1):
            row = reader.query("contact", reg_no="%s-%06d" % (time.strftime("%Y"), number))[0]
            want = {name: typed(text, limit) for name, limit in LIMITS.items()}
            same(row.get("premise_text"), want["address"])
            same(row.get("flat"), want["flat"])
            same(row.get("text"), want["words"])
            same(row["caller"], {"name": want["name"], "organisation": want["organisation"]})
        harmless(intake, texts)
        harmless(console, texts)


@test(own=True)
def the_reason_of_a_reading_too_and_what_takes_digits_alone_takes_nothing_else():
    texts = [text for text in strings() if filtered(text).strip()][::5]  # over the bus all of them went already
    with Desk(Watched) as desk:
        desk.broker.bus("admin").import_csv("meters", METERS_HEADER + "M-1,s-1,5,1,2026-01-23,100,,\n")
        intake = desk.open("intake", "en", rows=40)
        intake.wait_text("addresses 29")
        for number, text in enumerate(texts, 1):
            choose(intake, "садовая 1")
            intake.type("9\t3\t" + paste(text) + "\x15150\t" + paste(text) + F8)
            intake.wait_text("-%06d" % number)
        stream = desk.broker.bus("observer").subscribe(["contact.meter_reading"], start="start")
        for text in texts:
            data = json.loads(stream.next())["data"]
            same((data["readings"], data["reason"]), ([150], typed(text, 200)))
        for text in texts:
            intake.type(paste(text) + "\x15")
            intake.pump()
        harmless(intake, texts)


@test(own=True)
def a_sequence_that_came_through_is_found():
    for slip in ("\x07", "\u202e", "\x1bP1;2q\x1b\\", "\x9b31m", "\x1b[20Cx"):
        screen = Watched.__new__(Watched)
        screen.written = ("a" + slip + "b").encode()
        try:
            harmless(screen, [slip])
        except AssertionError:
            continue
        raise AssertionError("%r is called harmless" % slip)


if __name__ == "__main__":
    main()
