#!/usr/bin/python3
"""The numbered statements of docs/protocol-notes.md, each named by its number; others are held by the test that is named there.

What the contract itself says has its own scenarios; here is what this broker chose where the contract is silent."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, NETWORK_HEADER, PREMISES_HEADER, ROOT, main, same, test
from pultbus import event

# Held elsewhere, where it is made.
ELSEWHERE = {39: "tests/scenario/four_eyes_test.py", 40: "tests/scenario/curve_test.py",
             41: "tests/unit/guests_test.c tests/strangers",
             17: "tests/unit/engine_rules_test.c",
             38: "tests/unit/engine_timer_test.c tests/unit/desks_test.c tests/scenario/deadlines_test.py",
             46: "tests/unit/engine_predict_test.c",
             47: "tests/scenario/hazard_test.py", 48: "tests/unit/intake_test.c",
             49: "tests/unit/intake_call_test.c tests/scenario/screens_test.py",
             50: "tests/scenario/area_test.py", 51: "tests/scenario/four_eyes_test.py",
             52: "tests/scenario/mad_test.py",
             53: "tests/unit/engine_hours_test.c tests/scenario/hours_test.py",
             42: "tests/scenario/life_test.py tests/unit/engine_life_test.c tests/unit/engine_storm_test.c"}
FLATS = ["560010000141", "560010000178"]
PHONE = "+7 912 555-01-41"


def demo(broker):
    admin = broker.bus(role="admin")
    for kind in ("network", "premises"):
        with open(os.path.join(ROOT, "config", "demo", kind + ".csv"), encoding="utf-8") as file:
            admin.import_csv(kind, file.read())
    return admin


def report(account=FLATS[0], symptom="no_power", **more):
    return {"applicant": "person", "symptom": symptom, "premise": {"account": account}, **more}


def stored(bus, sequence):
    return bus.query("events", **{"from": sequence - 1, "limit": 1})[0]


def is_refused(bus, code, verb, body, reason=None):
    refusal = bus.refusal(verb, body)
    same(refusal.code, code, "%s %r" % (verb, body))
    if reason:
        same(refusal.reason, reason)
    return refusal


def is_publish_refused(bus, code, type, data, reason=None):
    return is_refused(bus, code, "publish", event(type, data), reason)


@test(own=True)
def requests_1_to_7():
    with Broker() as broker:
        admin, bus = demo(broker), broker.bus()
        for verb, body in (("frob", {}), ("query", {"name": "frob"}), ("query", {"name": "stats", "args": {"x": 1}}),
                           ("publish", event("no.such", {})), ("publish", event("log.entry", {"txt": "x"}))):
            is_refused(bus, "invalid", verb, body)
        for name, args in (("eta", {"account": "1"}), ("incident", {"incident": 9}), ("nodes", {"id": "9"}),
                           ("eta", {"address": "Нетакая улица 999"})):
            is_refused(bus, "not_found", "query", {"name": name, "args": args})
        is_publish_refused(bus, "denied", "model.changed", {})
        bus.hello(role="observer")
        same(bus.ask("hello", {"client": "x", "version": "1"})["role"], "observer", "2")
        is_refused(bus, "denied", "hello", {"client": "x", "version": "1", "person": "p", "pin": "1"})
        is_refused(admin, "invalid", "admin", {"do": "backup"})
        bus = broker.bus()
        is_refused(bus, "invalid", "subscribe", {"topics": [""]})
        is_refused(bus, "invalid", "subscribe", {"topics": [""] * 65, "from": "new"})
        is_refused(bus, "invalid", "subscribe", {"topics": [""], "from": "new", "after_chain": bus.greeting["chain"]})
        body = {"topics": [""], "from": bus.greeting["head"], "after_chain": bus.greeting["chain"]}
        name = bus.ask("subscribe", body)["subscription"]
        bus.ask("subscribe", {"topics": [""], "from": 0})
        for credit in ({"credit": 100001}, {"seen": 99}):
            number = bus.send("credit", {"subscription": name, **credit}, id=b"credit")
            assert not bus.answer(number).ok
        good = event("log.entry", {"text": "x"})
        refusal = is_refused(bus, "invalid", "publish", [good, event("eta.set", {"incident": 1, "at": "x"})])
        same((refusal.index, refusal.path), (1, "/data/at"), "6")
        numbers = [row["account"] for row in bus.pages("premises", limit=1000)]
        same((len(numbers), numbers), (2921, sorted(numbers)), "7")


@test(own=True)
def questions_8():
    with Broker(settings=["limits={queries: 1}"]) as broker:
        bus = broker.bus()
        numbers = [bus.send("query", {"name": "stats"}) for _ in range(200)]
        answers = [bus.answer(number) for number in numbers]
        refused = [answer.body for answer in answers if not answer.ok]
        assert answers[0].ok and refused, "one that waits is the limit"
        assert all(body["code"] == "limit" and body["retry_ms"] for body in refused)


@test(own=True)
def events_9_to_15():
    with Broker() as broker:
        demo(broker)
        bus = broker.bus()
        first = bus.put("contact.outage_report", report(caller={"phone": PHONE}))
        contact, opened = stored(bus, first["sequence"]), stored(bus, first["sequence"] + 1)
        same((opened["type"], opened["causationid"]), ("incident.opened", contact["id"]), "9")
        same(contact["data"]["incident"], opened["data"]["incident"], "9")
        other = bus.put("contact.outage_report", report(FLATS[1], extent="house"))
        bus.put("incident.confirmed", {"incident": other["incident"]})
        split = bus.put("incident.split", {"incident": other["incident"], "contacts": [other["reg_no"]]})
        types = [stored(bus, split["sequence"] + step)["type"] for step in range(3)]
        same(types, ["incident.split", "incident.opened", "incident.confirmed"], "9")
        own = [row["id"] for row in bus.query("events", **{"from": 0}) if row["source"] == "pult:busd"]
        same(len(own), len(set(own)), "10")
        ahead = stored(bus, bus.put("eta.set", {"incident": 1, "at": "2031-01-01T00:00:00Z"},
                                    time="2031-01-01T00:00:00Z")["sequence"])
        same((ahead["time"], ahead["data"]["at"], ahead["timeahead"]),
             ("2031-01-01T03:00:00+03:00", "2031-01-01T00:00:00Z", True), "11")
        same(sorted(contact["data"]["premise"]["resolved"]),
             ["house", "level", "node", "premise", "settlement", "street"], "12")
        nowhere = bus.put("contact.outage_report", dict(report(), premise={"street": "Нетакая", "house": "1"}))
        same(stored(bus, nowhere["sequence"])["data"]["premise"]["resolved"], {"level": "none"}, "12")
        assert "/data/premise/account" in contact["personal"] and "caller" not in contact["data"], "13"
        alone = bus.put("contact.outage_report", dict(report(), premise={"text": "за баней"}))
        same([key for key in stored(bus, alone["sequence"])["data"]["premise"] if key != "resolved"], [], "13")
        is_refused(bus, "invalid", "publish", event("log.entry", {"text": "x"}, frob="1"))
        note = bus.put("log.entry", {"text": "x"}, subject="desk/1")
        same(stored(bus, note["sequence"])["subject"], "desk/1", "14")
        is_publish_refused(bus, "invalid", "contact.outage_report", dict(report(), reg_no="2026-000001"))


@test(own=True)
def incidents_16_to_24():
    with Broker() as broker:
        bus = broker.bus()
        bus.put("node.marked", {"node": "any name", "mark": "out"})
        demo(broker)
        is_publish_refused(bus, "not_found", "node.marked", {"node": "any name", "mark": "out"})
        back = bus.put("contact.outage_report", report(symptom="restored"))
        assert "incident" not in back, "16"
        first = bus.put("contact.outage_report", report())["incident"]
        asked = bus.put("contact.restoration_query", {"applicant": "person", "premise": {"account": FLATS[0]}})
        same((asked["incident"], bus.query("incident", incident=first)[0]["calls"]), (first, 1), "16")
        bus.put("dispatch.accepted", {"incident": first})
        bus.put("contact.outage_report", report())
        assert "accepted_by" in bus.query("incident", incident=first)[0], "18"
        bus.put("contact.outage_report", report(hazard="sparking"))
        assert "accepted_by" not in bus.query("incident", incident=first)[0], "18"
        second = bus.put("contact.outage_report", report(FLATS[1]))["incident"]
        bus.put("incident.merged", {"incident": second, "into": first})
        row = bus.query("incident", incident=first)[0]
        same((row["calls"], len(row["contacts"])), (4, 5), "19: the question is a contact and no call")
        is_publish_refused(bus, "conflict", "incident.partly_restored",
                           {"incident": first, "nodes": ["PS2"]}, "not_covered")
        bus.put("incident.crew", {"incident": first, "tier": "repair", "state": "working"})
        back = {"incident": first, "tier": "inspection", "state": "assigned"}
        is_publish_refused(bus, "invalid", "incident.crew", back)
        bus.put("incident.crew", {**back, "reason": "another crew"})
        is_publish_refused(bus, "conflict", "node.switched", {"node": "PS1", "fed_from": "TP-101"})
        bus.put("incident.updated", {"incident": first, "cause": "cable"})
        opened = bus.put("incident.opened", {"kind": "outage", "node": "PS2"})["incident"]
        bus.put("incident.restored", {"incident": first})
        is_publish_refused(bus, "conflict", "incident.merged", {"incident": opened, "into": first}, "state")
        closed = bus.put("incident.closed", {"incident": first})
        same(stored(bus, closed["sequence"])["data"]["cause"], "cable", "22")
        bus.put("incident.reopened", {"incident": first})
        same(bus.query("incident", incident=first)[0]["state"], "confirmed", "22")
        bus.put("mode.message", {"text": "Works until morning."})
        same(bus.query("stats")[0]["message"], "Works until morning.", "24")
        bus.put("mode.message", {"text": ""})
        assert "message" not in bus.query("stats")[0], "24"


@test(own=True)
def etas_25_to_27():
    with Broker() as broker:
        demo(broker)
        bus = broker.bus()
        bus.put("contact.outage_report", report())
        bus.put("eta.set", {"incident": 1, "at": "2030-01-01T00:00:00Z", "published": False})
        same(bus.query("eta", incident=1)[0]["eta"], None, "26")
        same(bus.query("incidents")[0]["eta"]["published"], False, "26")
        same(bus.put("eta.set", {"incident": 1, "at": "2030-01-02T00:00:00Z", "source": "zone"})["in_force"], False)
        same([line["in_force"] for line in bus.query("incident", incident=1)[0]["etas"]], [True, False], "25")
        bus.put("eta.set", {"incident": 1, "at": "2030-01-03T00:00:00Z"})
        eta = bus.query("eta", incident=1)[0]["eta"]
        same((eta["by"], eta["published"], eta["revisions"]), (bus.greeting["identity"], True, 1), "27")
        bus.put("eta.withdrawn", {"incident": 1})
        lines = bus.query("incident", incident=1)[0]["etas"]
        same([line["in_force"] for line in lines], [False] * 4, "25")
        same(lines[-1]["firmness"], None, "25")


@test(own=True)
def queries_28_to_35():
    with Broker() as broker:
        admin, bus = demo(broker), broker.bus()
        bus.put("contact.outage_report", report(caller={"phone": PHONE}))
        same([row["incident"] for row in bus.query("eta", phone="8 (912) 555-01-41")], [1], "28")
        same(bus.query("eta", phone="+7 912 555-99-99"), [], "28")
        house = {"settlement": "г. Зареченск", "street": "ул. Ленина", "house": "1"}
        for premise in ({"account": FLATS[0], "node": "PS2"}, house, {"text": "ленина 1"}):
            same([row["incident"] for row in bus.query("eta", premise=premise)], [1], "29")
        same(bus.query("eta", premise={"node": "PS2", "text": "ленина 1"}), [], "29")
        same([row["incident"] for row in bus.query("eta", address="ленина")], [1], "29")
        opened = bus.put("incident.opened", {"kind": "outage", "node": "TP-101"})["incident"]
        bus.put("planned.announced", {"node": "TP-101", "starts": bus.greeting["time"],
                                      "ends": "2040-01-01T00:00:00Z", "reason": "x"})
        rows = bus.query("eta", account=FLATS[0])
        same([row.get("incident") for row in rows], [opened, 1, None], "30")
        bus.put("incident.partly_restored", {"incident": opened, "accounts": [FLATS[0]]})
        here = next(row for row in bus.query("eta", account=FLATS[0]) if row.get("incident") == opened)
        same((here["restored_here"], here["eta"]), (True, None), "30")
        bus.put("incident.cancelled", {"incident": 1, "reason": "not_found"})
        same([row["incident"] for row in bus.query("incidents")], [opened], "31")
        same([row["incident"] for row in bus.query("incidents", state="closed")], [1], "31")
        place = bus.query("premises", q="ленина 1", by="place", limit=1)[0]
        same((place["level"], place["premises"] > 1, place["score"] <= 1000), ("house", True, True), "32")
        same({row["parent"] for row in bus.query("nodes")}, {""}, "33")
        same(bus.query("nodes", id="TP-101")[0]["state"], "out", "33")
        bus.put("node.marked", {"node": "TP-101", "mark": "energised"})
        same(bus.query("nodes", id="TP-101")[0]["state"], "energised", "33")
        assert {"restored", "unaccepted", "calls", "mode"} <= set(bus.query("stats")[0]), "34"
        assert "subscriptions" in bus.query("agents")[0], "34"
        same({row["role"] for row in bus.query("rights", limit=1000)}, {"dispatcher"}, "35")
        same({row["area"] for row in admin.query("rights")}, {"*"}, "35")


@test(own=True)
def imports_36_and_37():
    with Broker() as broker:
        admin, bus = demo(broker), broker.bus()
        head = bus.hello()["head"]
        csv = "id,node,starts,ends,reason,addresses\nW1,TP-101,2030-01-01T09:00:00+03:00,2030-01-01T12:00:00+03:00,x,\n"
        part = {"import": "works", "kind": "planned", "part": 1, "csv": csv}
        same([admin.ask("import", part)["rows"] for _ in range(2)], [0, 0], "37")
        same(admin.ask("import", {"import": "works", "kind": "planned", "commit": True})["rows"], 1, "37")
        events = bus.query("events", **{"from": head})
        same([(row["type"], row["source"]) for row in events],
             [("planned.announced", admin.greeting["identity"]), ("model.changed", "pult:busd")], "36")


def grouped_network(admin):
    """A feeder with four laterals of three transformers, eight accounts each: T1 has A1 to A8."""
    network, premises, account = ["S,,substation,,,\n", "F,S,feeder,,,\n"], [], 0
    for lateral in range(1, 9):
        network.append("L%d,F,lateral,,,\n" % lateral)
        for transformer in range(3 * lateral - 2, 3 * lateral + 1):
            network.append("T%d,L%d,transformer,,,\n" % (transformer, lateral))
            for _ in range(8):
                account += 1
                premises.append("A%d,T%d,,,,,person,3,,,\n" % (account, transformer))
    admin.import_csv("network", NETWORK_HEADER + "".join(network))
    admin.import_csv("premises", PREMISES_HEADER + "".join(premises))


@test(own=True)
def prediction_43_to_45():
    with Broker(predict=True) as broker:
        grouped_network(broker.bus(role="admin"))
        bus = broker.bus()

        def call(account):
            return bus.put("contact.outage_report", {"applicant": "person", "symptom": "no_power",
                                                     "premise": {"account": account}})["incident"]
        number = call("A1")
        same([call("A2"), call("A3")], [number, number], "43")
        row = bus.query("incident", incident=number)[0]
        same((row["node"], row["state"], row["grouping"], row["customers"]), ("T1", "probable", "live", 8), "43")
        said = [e["data"] for e in row["timeline"] if e["type"] == "incident.grouped"][-1]
        same((said["candidates"][0], said["candidates_callers"][0], said["candidates_premises"][0]), ("T1", 3, 8), "43")
        same(round(said["candidates_ppm"][0] / 1e6, 6), row["probability"], "44")
        first = row["why"][0]
        same((first["rule"], first["node"], first["premises"], first["callers"]), ("prediction", "T1", 8, 3), "45")
        assert first["text"].startswith("3 of 8 premises of T1 called, nobody from the others of"), first
        same([why["rule"] for why in row["why"][1:]], ["opened", "covered", "covered"], "45")
        assert row["alternatives"] and all(0 < a["probability"] < row["probability"] for a in row["alternatives"]), row
        lost = bus.put("contact.outage_report", {"applicant": "person", "symptom": "no_power",
                                                 "premise": {"text": "behind the bridge"}})["incident"]
        same([row["incident"] for row in bus.query("incidents", place="unresolved")], [lost], "44")
        same([(row["incident"], "unresolved" in row) for row in bus.query("incidents", place="known")], [(number, False)], "44")
        bus.put("incident.moved", {"incident": number, "node": "T2"})
        row = bus.query("incident", incident=number)[0]
        same((row["node"], "probability" in row, row["why"][1]["rule"]), ("T2", False, "person"), "44, 45")


@test(own=True)
def every_statement_has_a_test_that_names_it():
    with open(os.path.join(ROOT, "docs", "protocol-notes.md"), encoding="utf-8") as file:
        numbers = [int(n) for n in re.findall(r"(?m)^(\d+)\. ", file.read())]
    same(numbers, list(range(1, len(numbers) + 1)), "numbered without gaps")
    covered = set(ELSEWHERE)
    for name in re.findall(r"(?m)^def \w+?_(\d+(?:_(?:to|and)_\d+)?)\(\):", open(__file__, encoding="utf-8").read()):
        ends = [int(number) for number in re.findall(r"\d+", name)]
        covered |= set(range(ends[0], ends[-1] + 1))
    same(sorted(set(numbers) - covered), [])
    for files in ELSEWHERE.values():
        for file in files.split():
            assert os.path.exists(os.path.join(ROOT, file)), file


if __name__ == "__main__":
    main()
