#!/usr/bin/python3
# valgrind
"""publish: results, all or none, idempotence, what a client may not set, the chain."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import has, main, place, refused, report, same, test
from pultbus import event, read_all


def stored(bus, sequence):
    """The event of this sequence as streamed."""
    stream = bus.subscribe([""], start=sequence - 1, credit=1)
    raw = stream.next()
    stream.unsubscribe()
    return json.loads(raw)


@test
def one_event_gets_its_sequence_the_head_and_the_chain(broker):
    bus = broker.bus()
    before = bus.hello()
    given = event("log.entry", {"text": "the first"})
    answer = bus.ask("publish", given)
    same(sorted(answer), ["chain", "head", "results"])
    same(len(answer["results"]), 1)
    has(answer["results"][0], id=given["id"], sequence=before["head"] + 1, duplicate=False)
    same(answer["head"], before["head"] + 1)
    after = bus.hello()
    same((after["head"], after["chain"]), (answer["head"], answer["chain"]))


@test
def what_the_broker_adds_stands_in_the_stored_event(broker):
    bus = broker.bus()
    sequence = bus.put("log.entry", {"text": "stored"}, traceparent="00-1-2-03",
                       correlationid="c")["sequence"]
    found = stored(bus, sequence)
    has(found, specversion="1.0", type="log.entry", sequence="%016d" % sequence,
        source=bus.greeting["identity"], traceparent="00-1-2-03", correlationid="c")
    assert found["time"] and found["recordedtime"]
    assert re.fullmatch(r"pult:log\.entry:\d+", found["dataschema"]), found["dataschema"]
    same(found["data"]["text"], "stored")
    assert "sequencetype" not in found
    # Times carry the offset of the company's zone.
    zone_offset = re.search(r"([+-]\d\d:\d\d|Z)$", bus.greeting["time"])[1]
    for name in ("time", "recordedtime"):
        assert found[name].endswith(zone_offset), found[name]


@test
def a_given_time_is_kept_as_the_same_instant(broker):
    bus = broker.bus()
    for text in ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+05:30",
                 "2020-02-29T23:59:59-11:00"):
        found = stored(bus, bus.put("log.entry", {"text": "t"}, time=text)["sequence"])
        same(pultbus.seconds(found["time"]), pultbus.seconds(text))


@test
def a_time_far_ahead_is_kept(broker):
    bus = broker.bus()
    found = stored(bus, bus.put("log.entry", {"text": "t"}, time="2039-01-02T03:04:05Z")["sequence"])
    same(pultbus.seconds(found["time"]), pultbus.seconds("2039-01-02T03:04:05Z"))
    assert pultbus.seconds(found["recordedtime"]) < pultbus.seconds("2039-01-01T00:00:00Z")


@test
def an_array_is_answered_in_its_order_with_sequences_in_a_row(broker):
    bus = broker.bus()
    given = [event("log.entry", {"text": "a%d" % n}) for n in range(1000)]
    answer = bus.ask("publish", given)
    same([r["id"] for r in answer["results"]], [e["id"] for e in given])
    sequences = [r["sequence"] for r in answer["results"]]
    same(sequences, list(range(sequences[0], sequences[0] + 1000)))
    same(answer["head"], sequences[-1])


@test
def an_array_is_done_whole_or_not_at_all(broker):
    bus = broker.bus()
    head = bus.hello()["head"]
    good = [event("log.entry", {"text": "g%d" % n}) for n in range(5)]
    for bad in (event("log.entry", {}), event("no.such", {}), {"id": "x"}, 5,
                event("incident.closed", {"incident": 987654321})):
        error = bus.refusal("publish", good[:3] + [bad] + good[3:])
        same(error.index, 3, "index")
    same(bus.hello()["head"], head)
    # And none left a trace under its id.
    assert not any(r["duplicate"] for r in bus.publish(good))


@test
def an_act_later_in_an_array_sees_the_earlier_ones(broker):
    bus, here = broker.bus(), place(broker)
    opened = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    results = bus.publish([event("incident.restored", {"incident": opened}),
                           event("incident.closed", {"incident": opened})])
    same(len(results), 2)
    refused("conflict", bus.refusal("publish", [
        event("incident.reopened", {"incident": opened}),
        event("incident.closed", {"incident": opened})]))
    same(bus.query("incident", incident=opened)[0]["state"], "closed")


@test
def empty_and_oversized_arrays_and_other_values_are_refused(broker):
    bus = broker.bus()
    for body in ([], {}, 5, "x", None, True, [[]], [5], [None]):
        refused("invalid", bus.refusal("publish", body))
    many = [event("log.entry", {"text": ""}) for _ in range(1001)]
    assert bus.refusal("publish", many).code in ("limit", "invalid")


@test
def the_same_event_again_gets_its_first_answer(broker):
    bus = broker.bus()
    given = event("log.entry", {"text": "once"})
    first = bus.publish(given)
    again = bus.publish(given)
    same(again, dict(first, duplicate=True))


@test
def order_spacing_and_escapes_do_not_matter_and_1_is_1_0(broker):
    bus = broker.bus("script")
    here = place(broker)
    id = pultbus.uuid7()
    first = bus.publish({"specversion": "1.0", "id": id, "type": "contact.quality_complaint",
                         "data": report(here.accounts[0], symptom="low", volts=180)})
    texts = [
        '{"data":{"volts":180.0,"symptom":"low","premise":{"account":"%s"},"applicant":"person"},'
        '"type":"contact.quality_complaint","id":"%s","specversion":"1.0"}',
        '{ "id" : "%s" , "type":"contact.quality_complaint","specversion":"1.0",\n "data":'
        '{"applicant":"pers\\u006fn","symptom":"low","volts":1.8e2,"premise":{"account":"%s"}}}',
    ]
    same(bus.ask("publish", (texts[0] % (here.accounts[0], id)).encode())["results"][0]["reg_no"],
         first["reg_no"])
    has(bus.ask("publish", (texts[1] % (id, here.accounts[0])).encode())["results"][0],
        duplicate=True, sequence=first["sequence"], reg_no=first["reg_no"])


@test
def the_same_id_with_other_content_is_a_conflict(broker):
    bus = broker.bus()
    given = event("log.entry", {"text": "one"})
    sequence = bus.publish(given)["sequence"]
    for other in (dict(given, data={"text": "two"}), dict(given, type="mode.message"),
                  dict(given, time="2026-01-01T00:00:00Z"), dict(given, correlationid="c"),
                  dict(given, data={"text": "one", "incident": 1})):
        refused("conflict", bus.refusal("publish", other))
    has(bus.publish(given), sequence=sequence, duplicate=True)


@test
def personal_fields_count_for_being_the_same(broker):
    bus, here = broker.bus("operator"), place(broker)
    given = event("contact.outage_report", report(
        here.accounts[0], caller={"name": "Проба", "phone": "+7 912 555-01-41"}))
    first = bus.publish(given)
    has(bus.publish(given), duplicate=True, reg_no=first["reg_no"], sequence=first["sequence"],
        incident=first["incident"])
    other = json.loads(json.dumps(given))
    other["data"]["caller"]["phone"] = "+7 912 555-01-42"
    refused("conflict", bus.refusal("publish", other))


@test
def a_duplicate_report_is_not_counted_twice(broker):
    bus, here = broker.bus("operator"), place(broker)
    given = event("contact.outage_report", report(here.accounts[0]))
    first = bus.publish(given)
    for _ in range(3):
        has(bus.publish(given), duplicate=True, reg_no=first["reg_no"])
    same(broker.bus().query("incident", incident=first["incident"])[0]["calls"], 1)


@test
def a_duplicate_says_the_eta_as_known_now(broker):
    operator, dispatcher, here = broker.bus("operator"), broker.bus(), place(broker)
    given = event("contact.outage_report", report(here.accounts[0]))
    first = operator.publish(given)
    dispatcher.put("eta.set", {"incident": first["incident"], "at": "2031-01-01T10:00:00Z"})
    again = operator.publish(given)
    same(pultbus.seconds(again["eta"]["at"]), pultbus.seconds("2031-01-01T10:00:00Z"))
    assert again["say"]


@test
def the_same_id_twice_in_one_array_is_invalid(broker):
    bus = broker.bus()
    given = event("log.entry", {"text": "twin"})
    refused("invalid", bus.refusal("publish", [given, given]))
    assert not bus.publish(given)["duplicate"]


@test
def duplicates_may_stand_beside_new_ones(broker):
    bus = broker.bus()
    old = event("log.entry", {"text": "old"})
    sequence = bus.publish(old)["sequence"]
    new = event("log.entry", {"text": "new"})
    results = bus.publish([new, old])
    has(results[0], duplicate=False)
    has(results[1], duplicate=True, sequence=sequence)


@test
def a_refused_event_leaves_no_trace_under_its_id(broker):
    bus = broker.bus()
    given = event("incident.closed", {"incident": 987654})
    bus.refusal("publish", given)
    assert not bus.put("log.entry", {"text": "other content"}, id=given["id"])["duplicate"]


@test
def what_the_broker_sets_is_refused_from_clients(broker):
    bus = broker.bus()
    for name, value in (("source", "x"), ("recordedtime", "2026-01-01T00:00:00Z"),
                        ("sequence", "0000000000000001"), ("causationid", "x"),
                        ("dataschema", "pult:log.entry:1"), ("person", "somebody"),
                        ("personaldigest", "00"), ("personal", ["/data/text"])):
        refused("invalid", bus.refusal("publish", event("log.entry", {"text": "t"},
                                                        **{name: value})))


@test
def unknown_attributes_and_missing_members_are_invalid(broker):
    bus = broker.bus()
    whole = event("log.entry", {"text": "t"})
    for name in ("specversion", "id", "type", "data"):
        refused("invalid", bus.refusal("publish", {k: v for k, v in whole.items() if k != name}))
    for more in ({"colour": "red"}, {"traceparent": "x" * 129}, {"traceparent": 5},
                 {"datacontenttype": 5}, {"time": "yesterday"}, {"time": "2026-13-01T00:00:00Z"},
                 {"time": 5}, {"time": "2026-01-01T00:00:00"}, {"specversion": "0.3"},
                 {"id": ""}, {"id": 5}, {"type": ""}, {"type": 5}, {"data": "text"},
                 {"data": []}, {"data": None}, {"subject": 5}):
        refused("invalid", bus.refusal("publish", {**whole, **more}))


@test
def data_is_checked_by_the_schema_of_its_type(broker):
    bus = broker.bus("script")
    here = place(broker)
    good = report(here.accounts[0])
    for data in ({}, {**good, "symptom": "gloomy"}, {**good, "applicant": "cat"},
                 {**good, "premise": "street"}, {**good, "premise": {"planet": "x"}},
                 {**good, "colour": 1}, {**good, "neighbours": "yes"}, {**good, "since": "soon"},
                 {**good, "extent": "world"}, {**good, "hazard": "tiger"},
                 {k: v for k, v in good.items() if k != "symptom"},
                 {k: v for k, v in good.items() if k != "premise"},
                 {k: v for k, v in good.items() if k != "applicant"},
                 {**good, "reg_no": "2026-000001"}, {**good, "incident": 1}):
        error = refused("invalid", bus.refusal("publish", event("contact.outage_report", data)))
        assert error.path is None or error.path.startswith("/"), error.body


@test
def unknown_types_are_refused(broker):
    bus = broker.bus("script")
    for type in ("no.such", "x.acme.unknown", "bus.heartbeat", "contact", "contact.", "*"):
        assert bus.refusal("publish", event(type, {})).code in ("invalid", "denied"), type


@test
def types_of_the_broker_are_refused_from_clients(broker):
    bus = broker.bus("script")
    for type, data in (("deadline.passed", {}), ("eta.needed", {"incident": 1}),
                       ("model.changed", {"kind": "premises"}), ("rules.changed", {}),
                       ("approval.requested", {})):
        assert bus.refusal("publish", event(type, data)).code in ("invalid", "denied"), type


@test
def the_head_chain_is_the_hash_over_the_bytes_as_streamed(broker):
    bus, here = broker.bus("script"), place(broker)
    bus.put("contact.outage_report", report(here.accounts[0], caller={"name": "Цепь"}))
    answer = bus.ask("publish", [event("log.entry", {"text": "звено %d" % n}) for n in range(3)])
    raws, live = read_all(broker.bus())
    journal = bus.greeting["journal"]
    same(len(raws), answer["head"])
    same(pultbus.chain(journal, raws), answer["chain"])
    same(live["chain"], answer["chain"])
    sequences = [int(json.loads(raw)["sequence"]) for raw in raws]
    same(sequences, list(range(1, len(raws) + 1)))


@test
def a_stale_expect_is_a_conflict(broker):
    bus, here = broker.bus(), place(broker)
    opened = bus.put("incident.opened", {"kind": "outage", "node": here.feeder})
    first = bus.put("incident.updated", {"incident": opened["incident"], "priority": 2,
                                         "expect": opened["sequence"]})
    refused("conflict", bus.refusal("publish", event("incident.updated", {
        "incident": opened["incident"], "priority": 3, "expect": opened["sequence"]})))
    same(bus.query("incident", incident=opened["incident"])[0]["version"], first["sequence"])
    bus.put("incident.updated", {"incident": opened["incident"], "priority": 3,
                                 "expect": first["sequence"]})


@test
def the_same_event_from_two_connections_at_once_is_done_once(broker):
    one, two, here = broker.bus("script"), broker.bus("script"), place(broker)
    given = [event("contact.outage_report", report(here.accounts[0])) for _ in range(100)]
    asked = [(bus, bus.send("publish", each)) for each in given for bus in (one, two)]
    results = [bus.answer(id).value()["results"][0] for bus, id in asked]
    for first, second in zip(results[::2], results[1::2]):
        same(sorted([first["duplicate"], second["duplicate"]]), [False, True])
        same((first["sequence"], first["reg_no"]), (second["sequence"], second["reg_no"]))
    same(broker.bus().query("incident", incident=results[0]["incident"])[0]["calls"], 100)


@test
def one_id_for_two_events_at_once_is_a_conflict_for_one_of_them(broker):
    one, two = broker.bus(), broker.bus()
    for number in range(50):
        id = pultbus.uuid7()
        asked = [(bus, bus.send("publish", event("log.entry", {"text": text}, id=id)))
                 for bus, text in ((one, "a"), (two, "b"))]
        answers = [bus.answer(request) for bus, request in asked]
        same(sorted(answer.ok for answer in answers), [False, True])
        same([a.body["code"] for a in answers if not a.ok], ["conflict"])


@test
def a_refused_array_amid_others_leaves_no_trace(broker):
    bus, here = broker.bus("script"), place(broker)
    first = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    asked = []
    for number in range(200):
        good = [event("incident.opened", {"kind": "hazard", "node": here.right}),
                event("contact.outage_report", report(here.accounts[0])),
                event("eta.set", {"incident": first, "at": "2031-01-01T00:%02d:00Z" % (number % 60)})]
        if number % 3 == 0:
            good.append(event("incident.closed", {"incident": first}))  # it is not restored
        elif number % 3 == 1:
            good.insert(0, event("incident.reopened", {"incident": first}))
        asked.append((number % 3 != 2, bus.send("publish", good)))
    opened, sequences, last_eta = [], [], None
    for number, (bad, request) in enumerate(asked):
        answer = bus.answer(request)
        same(answer.ok, not bad)
        if bad:
            same((answer.body["code"], answer.body["index"]), ("conflict", 3 if number % 3 == 0
                                                               else 0))
        else:
            opened.append(answer.body["results"][0]["incident"])
            sequences += [r["sequence"] for r in answer.body["results"]]
            last_eta = number % 60
    same(opened, list(range(first + 1, first + 1 + len(opened))))
    same(sequences, list(range(sequences[0], sequences[0] + len(sequences))))
    row = broker.bus().query("incident", incident=first)[0]
    same((row["calls"], len(row["etas"]), row["state"]), (len(opened), len(opened), "confirmed"))
    same(pultbus.seconds(row["eta"]["at"]) // 60 % 60, last_eta)


if __name__ == "__main__":
    main()
