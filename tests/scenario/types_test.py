#!/usr/bin/python3
# valgrind
"""Every type and every query of EVENTS.md is touched, and has the fields that the page names."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import complaint, has, main, place, refused, report, same, test
from pultbus import event

AT, LATER = "2031-05-06T07:08:09Z", "2031-05-06T17:08:09Z"
ETA_ROW = {"kind", "state", "started", "eta", "calls", "customers", "say"}
INCIDENT_ROW = {"incident", "kind", "state", "priority", "started", "calls", "customers", "eta",
                "version"}


def result_has(result, *names):
    for name in ("id", "sequence", "duplicate") + names:
        assert name in result, "%s is missing in %r" % (name, result)
    return result


@test
def every_incident_type_is_accepted_with_every_field(broker):
    bus, here, operator = broker.bus(), place(broker), broker.bus("operator")
    opened = result_has(bus.put("incident.opened", {
        "kind": "outage", "node": here.feeder, "ref": "R-1", "started": "2026-01-02T03:04:05Z",
        "customers": 40, "cause": "wind", "priority": 2, "text": "cable"}), "incident")
    incident = opened["incident"]
    assert isinstance(incident, int) and incident >= 1
    calls = [operator.put("contact.outage_report", report(a))["reg_no"] for a in here.accounts]
    for type, data in (
            ("incident.updated", {"started": "2026-01-02T03:04:00Z", "accounts_add": ["100101"],
                                  "accounts_remove": ["100101"], "customers": 41, "cause": "tree",
                                  "priority": 1, "public_text": "Авария", "text": "x"}),
            ("incident.confirmed", {"node": here.feeder}), ("incident.moved", {"node": here.feeder}),
            ("dispatch.accepted", {}),
            ("incident.crew", {"tier": "inspection", "state": "assigned", "crew": "ОВБ-3"}),
            ("incident.crew", {"tier": "inspection", "state": "en_route"}),
            ("incident.crew", {"tier": "repair", "state": "awaiting", "reason": "parts"}),
            ("incident.crew", {"tier": "repair", "state": "on_site"}),
            ("incident.crew", {"tier": "repair", "state": "working"}),
            ("incident.crew", {"tier": "repair", "state": "done"}),
            ("eta.set", {"at": AT, "firmness": "firm", "source": "crew", "published": True,
                         "reason": "r", "say": "s"}),
            ("eta.withdrawn", {"reason": "r"}),
            ("incident.split", {"contacts": calls[:1], "node": here.left}),
            ("incident.partly_restored", {"nodes": [here.left], "at": "2026-01-02T05:00:00Z"}),
            ("incident.partly_restored", {"accounts": [here.accounts[3]]}),
            ("incident.restored", {"at": "2026-01-02T06:00:00Z"}),
            ("incident.verified", {"reason": "called back"}),
            ("incident.reopened", {"reason": "again"}), ("incident.restored", {}),
            ("incident.closed", {"cause": "tree", "text": "cut"})):
        result = result_has(bus.put(type, {"incident": incident, **data}))
        if type == "incident.split":
            assert result["incident"] not in (None, incident)
    row = bus.query("incident", incident=incident)[0]
    has(row, ref="R-1", priority=1, customers=41, state="closed", calls=3)
    for reason in ("customer_side", "not_found", "duplicate", "invalid"):
        other = bus.put("incident.opened", {"kind": "hazard", "accounts": here.accounts[:1]})
        bus.put("incident.cancelled", {"incident": other["incident"], "reason": reason})
    into = bus.put("incident.opened", {"kind": "quality", "premise": here.address("1")})
    gone = bus.put("incident.opened", {"kind": "quality", "node": here.left})
    bus.put("incident.merged", {"incident": gone["incident"], "into": into["incident"]})


@test
def every_contact_type_of_the_first_half_is_accepted_with_every_field(broker):
    bus, here = broker.bus("operator"), place(broker)
    caller = {"name": "Проба Иван", "phone": "+7 912 555-11-22", "email": "p@example.org"}
    whole = {"account": here.accounts[0], "settlement": here.settlement, "street": here.street,
             "house": "1", "flat": "1", "text": "вход со двора", "node": here.left}
    for symptom in ("no_power", "partial", "interruptions", "restored"):
        for extent, hazard, critical in (("flat", "wire_down", "hospital"),
                                         ("house", "fire", "school"), ("street", "sparking", "boiler"),
                                         ("unknown", "open_equipment", "water")):
            result_has(bus.put("contact.outage_report", report(
                premise=whole, symptom=symptom, extent=extent, hazard=hazard, critical=critical,
                since="2026-01-01T00:00:00Z", neighbours=True, caller=caller, text="темно",
                call="asterisk-17", callback=True, needs_answer=False)), "reg_no", "say")
    for hazard, critical in (("trapped", "life_support"), ("other", "telecom"), ("other", "other")):
        bus.put("contact.outage_report", report(here.accounts[0], hazard=hazard, critical=critical))
    for symptom in ("low", "high", "flicker", "interruptions", "unbalanced", "other"):
        result_has(bus.put("contact.quality_complaint", complaint(
            here.accounts[1], symptom=symptom, volts=187, extent="house",
            since="2026-01-01T00:00:00Z", hazard="sparking")), "reg_no", "say")
    for applicant in ("person", "legal", "tso", "authority", "anonymous"):
        data = report(here.accounts[2])
        data["applicant"] = applicant
        bus.put("contact.outage_report", data)
    result_has(bus.put("contact.restoration_query", {
        "applicant": "person", "premise": {"account": here.accounts[0]}}), "reg_no", "say")


@test
def registration_numbers_have_the_year_six_digits_and_no_gaps(broker):
    bus, here = broker.bus("script"), place(broker)
    year = bus.hello()["time"][:4]
    numbers = []
    for _ in range(30):
        # A refused contact, or an array that is refused, must not use a number up.
        bus.refusal("publish", event("contact.outage_report", {"applicant": "person"}))
        bus.refusal("publish", [event("contact.outage_report", report(here.accounts[0])),
                                event("incident.closed", {"incident": 987654})])
        results = bus.publish([event("contact.outage_report", report(here.accounts[0])),
                               event("log.entry", {"text": "-"}),
                               event("contact.quality_complaint", complaint(here.accounts[1]))])
        numbers += [results[0]["reg_no"], results[2]["reg_no"]]
        assert "reg_no" not in results[1]
    same({n[:5] for n in numbers}, {year + "-"})
    same({len(n) for n in numbers}, {11})
    values = [int(n[5:]) for n in numbers]
    same(values, list(range(values[0], values[0] + 60)))
    stored = [e for e in bus_events(broker) if e["type"].startswith("contact.")]
    same([int(e["data"]["reg_no"][5:]) for e in stored], list(range(1, len(stored) + 1)))
    same({e["subject"] for e in stored}, {"contact/" + e["data"]["reg_no"] for e in stored})


def bus_events(broker):
    import json
    return [json.loads(raw) for raw in pultbus.read_all(broker.bus())[0]]


@test
def subjects_name_what_an_event_is_about(broker):
    bus, here = broker.bus(), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    planned = bus.put("planned.announced", {"node": here.right, "starts": AT, "ends": LATER,
                                            "reason": "r"})["planned"]
    bus.put("incident.restored", {"incident": incident})
    bus.put("planned.cancelled", {"planned": planned})
    subjects = {e["type"]: e.get("subject") for e in bus_events(broker)[-4:]}
    same(subjects, {"incident.opened": "incident/%d" % incident,
                    "incident.restored": "incident/%d" % incident,
                    "planned.announced": "planned/%d" % planned,
                    "planned.cancelled": "planned/%d" % planned})


@test
def every_planned_type_is_accepted_with_every_field(broker):
    bus, here = broker.bus(), place(broker)
    spans = [{"starts": AT, "ends": "2031-05-06T10:00:00Z"},
             {"starts": "2031-05-06T12:00:00Z", "ends": LATER}]
    planned = result_has(bus.put("planned.announced", {
        "accounts": here.accounts, "starts": AT, "ends": LATER, "spans": spans, "reason": "ремонт",
        "ref": "П-7", "text": "по графику"}), "planned")["planned"]
    assert isinstance(planned, int) and planned >= 1
    row = [r for r in bus.query("planned") if r["planned"] == planned][0]
    has(row, ref="П-7", state="announced")
    same([(pultbus.seconds(s["starts"]), pultbus.seconds(s["ends"])) for s in row["spans"]],
         [(pultbus.seconds(s["starts"]), pultbus.seconds(s["ends"])) for s in spans])
    for type, more in (("changed", {"node": here.feeder, "reason": "другое", "text": "y",
                                    "starts": AT, "ends": LATER}), ("started", {}), ("ended", {}),
                       ("started", {}), ("cancelled", {})):
        result_has(bus.put("planned." + type, {"planned": planned, **more}))


@test
def dispatchers_and_operators_talk_about_a_contact(broker):
    dispatcher, operator, here = broker.bus(), broker.bus("operator"), place(broker)
    call = operator.put("contact.outage_report", report(here.accounts[0]))["reg_no"]
    dispatcher.put("dispatch.asked", {"contact": call, "question": "какой подъезд?"})
    operator.put("dispatch.replied", {"contact": call, "answer": "второй"})
    dispatcher.put("dispatch.returned", {"contact": call, "reason": "не наша сеть"})
    error = dispatcher.refusal("publish", event("dispatch.asked", {
        "contact": "2026-999999", "question": "?"}))
    assert error.code in ("not_found", "conflict"), error.body


@test
def log_entries_shifts_modes_and_nodes(broker):
    bus, here = broker.bus("script"), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    for type, data in (("log.entry", {"text": "запись", "incident": incident}),
                       ("shift.opened", {"person": "Иванов", "desk": "north"}),
                       ("shift.handed_over", {"desk": "north", "to": "Петров", "text": "всё тихо"}),
                       ("mode.changed", {"mode": "storm"}), ("mode.changed", {"mode": "normal"}),
                       ("mode.message", {"text": "Сильный ветер", "until": LATER}),
                       ("node.switched", {"node": here.left, "fed_from": here.right}),
                       ("node.marked", {"node": here.right, "mark": "out"}),
                       ("node.marked", {"node": here.right, "mark": "none"})):
        result_has(bus.put(type, data))


@test
def acceptance_of_an_incident_names_who(broker):
    bus, here = broker.bus(), place(broker)
    incident = broker.bus("operator").put("contact.outage_report", report(here.accounts[0]))[
        "incident"]
    bus.put("dispatch.accepted", {"incident": incident})
    row = [r for r in bus.query("incidents", state="all") if r["incident"] == incident][0]
    same(row["accepted_by"], bus.hello()["identity"])


@test
def what_a_report_without_a_known_place_gets(broker):
    bus = broker.bus("operator")
    result = bus.put("contact.outage_report", report(premise={
        "settlement": "Нигдеевка", "street": "улица Несуществующая", "house": "99"}))
    result_has(result, "reg_no", "say")
    stored = [e for e in bus_events(broker) if e["type"] == "contact.outage_report"][-1]
    same(stored["data"]["premise"]["resolved"], {"level": "none"})
    same(stored["data"]["reg_no"], result["reg_no"])
    assert broker.bus().query("contact", reg_no=result["reg_no"])


# -- queries --------------------------------------------------------------------------------
@test
def query_eta_finds_by_account_premise_address_phone_and_incident(broker):
    bus, operator, here = broker.bus(), broker.bus("operator"), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left, "ref": "R",
                                           "started": AT})["incident"]
    bus.put("eta.set", {"incident": incident, "at": LATER})
    operator.put("contact.outage_report", report(here.accounts[0], caller={
        "phone": "+7 912 555-44-%02d" % here.number}))
    for args in ({"account": here.accounts[0]}, {"premise": {"account": here.accounts[0]}},
                 {"premise": here.address("1")}, {"premise": here.address("2")},
                 {"address": "%s, %s 1" % (here.settlement, here.street)},
                 {"address": "%s дом 2" % here.street},
                 {"phone": "+7 912 555-44-%02d" % here.number}, {"incident": incident}):
        rows = operator.query("eta", **args)
        same(len(rows), 1, str(args))
        has(rows[0], incident=incident, ref="R", kind="outage", state="confirmed", node=here.left)
        assert ETA_ROW <= set(rows[0]), rows[0]
        has(rows[0]["eta"], firmness="estimate", source="dispatcher", overdue=False)
        assert {"at", "firmness", "source", "set_at", "overdue"} <= set(rows[0]["eta"]), rows[0]
        assert rows.sequence >= 1


@test
def say_is_one_sentence_in_the_language_of_the_session(broker):
    bus, here = broker.bus(), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    bus.put("eta.set", {"incident": incident, "at": LATER})
    russian, english = broker.bus("operator", language="ru"), broker.bus("operator")
    says = [b.query("eta", account=here.accounts[0])[0]["say"] for b in (russian, english)]
    assert isinstance(says[0], str) and any("а" <= c <= "я" for c in says[0]), says
    assert not any("а" <= c.lower() <= "я" for c in says[1].replace(here.street, "")), says
    results = [b.put("contact.outage_report", report(here.accounts[0]))["say"]
               for b in (russian, english)]
    assert any("а" <= c <= "я" for c in results[0]) and results[1].isascii(), results


@test
def queries_refuse_what_they_do_not_know(broker):
    bus, here = broker.bus(), place(broker)
    for name in ("eta", "contacts"):
        refused("not_found", bus.refusal("query", {"name": name,
                                                   "args": {"account": "no-such-account"}}))
    same(list(bus.query("eta", account=here.accounts[0])), [])
    for body in ({"name": "no_such", "args": {}}, {"name": "eta", "args": {"colour": 1}},
                 {"name": "eta", "args": {}}, {"name": "eta"}, {"args": {}}, {"name": 5, "args": {}},
                 {"name": "stats", "args": []}, {"name": "stats", "args": {"x": 1}},
                 {"name": "incidents", "args": {"state": "asleep"}},
                 {"name": "incidents", "args": {"limit": 0}},
                 {"name": "incidents", "args": {"limit": 1001}},
                 {"name": "incidents", "args": {"limit": "5"}},
                 {"name": "incident", "args": {}}, {"name": "incident", "args": {"incident": "1"}},
                 {"name": "contact", "args": {}}, {"name": "events", "args": {"from": "x"}},
                 {"name": "stats", "args": {}, "colour": 1},
                 {"name": "eta", "args": {"account": here.accounts[0], "incident": 1}}):
        error = bus.refusal("query", body)
        assert error.code in ("invalid", "limit"), (body, error.body)
    for name, args in (("incident", {"incident": 987654}), ("eta", {"incident": 987654}),
                       ("contact", {"reg_no": "2026-999999"}), ("nodes", {"id": "no-such"})):
        refused("not_found", bus.refusal("query", {"name": name, "args": args}))


@test
def incidents_select_by_state_node_kind_and_since_and_page(broker):
    bus, here = broker.bus(), place(broker)
    made = [bus.put("incident.opened", {"kind": kind, "node": here.left})["incident"]
            for kind in ("outage", "quality", "outage", "hazard", "outage")]
    bus.put("incident.restored", {"incident": made[2]})
    bus.put("incident.restored", {"incident": made[4]})
    bus.put("incident.closed", {"incident": made[4]})

    def found(**args):
        return [r["incident"] for r in bus.pages("incidents", **args) if r["incident"] in made]

    same(sorted(found(state="open")), [made[0], made[1], made[3]])
    same(found(state="restored"), [made[2]])
    same(found(state="closed"), [made[4]])
    same(sorted(found(state="all")), made)
    same(sorted(found(state="all", kind="outage")), [made[0], made[2], made[4]])
    same(sorted(found(state="all", node=here.left)), made)
    same(found(state="all", node=here.right), [])
    for row in bus.query("incidents", state="all"):
        assert INCIDENT_ROW <= set(row), row
    # Pages hold every row once.
    whole = [r["incident"] for r in bus.pages("incidents", state="all", limit=1000)]
    paged = [r["incident"] for r in bus.pages("incidents", state="all", limit=3)]
    same(sorted(paged), sorted(whole))
    same(len(bus.query("incidents", state="all", limit=3)), 3)


@test
def incident_shows_its_contacts_timeline_etas_why_and_alternatives(broker):
    bus, operator, here = broker.bus(), broker.bus("operator"), place(broker)
    call = operator.put("contact.outage_report", report(here.accounts[0], text="у нас темно"))
    row = bus.query("incident", incident=call["incident"])[0]
    assert INCIDENT_ROW | {"contacts", "timeline", "etas", "why", "alternatives"} <= set(row), row
    same([c["reg_no"] for c in row["contacts"]], [call["reg_no"]])
    assert row["why"], "each call, rule, number that put it there"
    assert all("node" in a and "probability" in a for a in row["alternatives"])


@test
def contacts_select_by_account_incident_and_since(broker):
    bus, operator, here = broker.bus(), broker.bus("operator"), place(broker)
    since = bus.hello()["time"]
    calls = [operator.put("contact.outage_report", report(a)) for a in here.accounts[:2]]
    same([c["reg_no"] for c in bus.query("contacts", account=here.accounts[0])],
         [calls[0]["reg_no"]])
    assert {c["reg_no"] for c in calls} >= {
        c["reg_no"] for c in bus.query("contacts", incident=calls[0]["incident"])}
    assert {c["reg_no"] for c in calls} <= {c["reg_no"] for c in bus.query("contacts", since=since)}


@test
def premises_are_found_as_typed_and_listed_by_account(broker):
    bus, operator, here = broker.bus(), broker.bus("operator"), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    rows = operator.query("premises", q="%d проверочная 2" % here.number, limit=5)
    row = [r for r in rows if r["account"] == here.accounts[2]][0]
    assert {"account", "node", "address", "settlement", "score", "open"} <= set(row), row
    has(row, node=here.left, open=[incident])
    listed = operator.pages("premises", limit=100)
    same([r["account"] for r in listed], sorted(r["account"] for r in listed))
    same(len(listed), 360)
    assert not any("name" in r or "phone" in r for r in listed)


@test
def nodes_are_found_by_id_and_by_parent(broker):
    bus, here = broker.bus(), place(broker)
    row = bus.query("nodes", id=here.feeder)[0]
    has(row, id=here.feeder, parent="S1", kind="feeder", premises=4)
    assert {"name", "critical", "state"} <= set(row), row
    same(sorted(r["id"] for r in bus.query("nodes", parent=here.feeder)), [here.left, here.right])
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    same(bus.query("nodes", id=here.left)[0].get("incident"), incident)


@test
def events_select_by_from_type_and_incident(broker):
    bus, here = broker.bus(), place(broker)
    start = bus.hello()["head"]
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    bus.put("log.entry", {"text": "between"})
    bus.put("incident.restored", {"incident": incident})
    types = [e["type"] for e in bus.query("events", **{"from": start})]
    assert types[-3:] == ["incident.opened", "log.entry", "incident.restored"], types
    same([e["type"] for e in bus.query("events", type="log.entry", **{"from": start})],
         ["log.entry"])
    same([e["type"] for e in bus.query("events", incident=incident, **{"from": start})],
         ["incident.opened", "incident.restored"])


@test
def stats_has_what_the_page_names(broker):
    bus, operator, here = broker.bus(), broker.bus("operator"), place(broker)
    before = bus.query("stats")[0]
    assert {"open", "customers", "without_eta", "overdue", "contacts_today", "head"} <= set(before)
    operator.put("contact.outage_report", report(here.accounts[0]))
    after = bus.query("stats")[0]
    has(after, contacts_today=before["contacts_today"] + 1, head=bus.hello()["head"])


@test
def schemas_rights_and_agents(broker):
    bus = broker.bus()
    schemas = {row["type"]: row for row in bus.pages("schemas", limit=1000)}
    for type in ("log.entry", "contact.outage_report", "incident.opened", "eta.set"):
        has(schemas[type], version=1)
        assert schemas[type]["schema"], type
    rights = bus.pages("rights")
    assert any(r["verb"] == "publish" and r.get("type") in ("eta.*", "eta.set") for r in rights), (
        rights[:5])
    agents = bus.pages("agents")
    assert any(a["identity"] == bus.greeting["identity"] and a["role"] == "dispatcher"
               and {"client", "since", "lag"} <= set(a) for a in agents), agents[:3]
    same({a["client"] for a in agents if a["role"] == "dispatcher"}, {"scenario"})


if __name__ == "__main__":
    main()
