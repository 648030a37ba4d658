#!/usr/bin/python3
# valgrind
"""subscribe, credit, unsubscribe: from anywhere, in order, once, without a gap."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import Broker, has, main, place, refused, report, same, test
from pultbus import chain, event


def fill(bus, count, type="log.entry"):
    """`count` more events; the last sequence."""
    last = 0
    for start in range(0, count, 500):
        last = bus.publish([event(type, {"text": "f%d" % n})
                            for n in range(start, min(count, start + 500))])[-1]["sequence"]
    return last


def sequences(raws):
    return [int(json.loads(raw)["sequence"]) for raw in raws]


@test
def from_start_every_event_comes_once_and_in_order(broker):
    bus = broker.bus()
    head = fill(bus, 3000)
    stream = bus.subscribe([""], start="start", credit=100000)
    same(stream.head, head)
    same(sequences(stream.until_live(head)), list(range(1, head + 1)))


@test
def from_a_sequence_only_greater_ones_come(broker):
    bus = broker.bus()
    head = fill(bus, 50)
    for start in (0, 1, head - 7, head - 1):
        stream = bus.subscribe([""], start=start)
        same(sequences(stream.until_live(head)), list(range(start + 1, head + 1)))
        stream.unsubscribe()


@test
def from_the_head_or_new_only_what_follows_comes(broker):
    bus = broker.bus()
    head = fill(bus, 10)
    for start in (head, "new"):
        stream = bus.subscribe([""], start=start)
        stream.until_live(head)
        after = fill(bus, 3)
        same(sequences(stream.until(after)), [after - 2, after - 1, after])
        stream.unsubscribe()
        head = after


@test
def beyond_the_head_is_a_conflict(broker):
    bus = broker.bus()
    refused("conflict", bus.refusal("subscribe", {"topics": [""], "from": bus.hello()["head"] + 1}))


@test
def wrong_bodies_of_subscribe_are_invalid(broker):
    bus = broker.bus()
    good = {"topics": [""], "from": "new"}
    for more in ({"topics": []}, {"topics": "log"}, {"topics": [5]}, {"from": "yesterday"},
                 {"from": -1}, {"from": 1.5}, {"from": None}, {"credit": -1}, {"credit": "10"},
                 {"colour": 1}, {"after_chain": 5}, {"after_chain": "abc"}):
        refused("invalid", bus.refusal("subscribe", {**good, **more}))
    for name in good:
        refused("invalid", bus.refusal("subscribe", {k: v for k, v in good.items() if k != name}))


@test
def a_prefix_selects_types(broker):
    bus, here = broker.bus(), place(broker)
    start = bus.hello()["head"]
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    bus.put("log.entry", {"text": "between"})
    bus.put("incident.updated", {"incident": incident, "priority": 1})
    head = bus.put("log.entry", {"text": "end"})["sequence"]
    for topics, want in ((["incident."], ["incident.opened", "incident.updated"]),
                         (["incident.opened"], ["incident.opened"]),
                         (["log", "incident.u"], ["log.entry", "incident.updated", "log.entry"]),
                         (["log.", "log.entry", ""], None)):
        stream = bus.subscribe(topics, start=start)
        types = [json.loads(raw)["type"] for raw in stream.until_live(head)]
        if want is None:
            same(len(types), head - start)
        else:
            same(types, want)
        stream.unsubscribe()


@test
def the_answer_lists_the_granted_types(broker):
    bus = broker.bus()
    stream = bus.subscribe(["incident."])
    assert "incident.opened" in stream.types and "log.entry" not in stream.types, stream.types
    assert "log.entry" in bus.subscribe([""]).types


@test
def without_credit_nothing_is_sent_and_with_some_exactly_as_many(broker):
    bus = broker.bus()
    start = bus.hello()["head"]
    fill(bus, 20)
    answer = bus.ask("subscribe", {"topics": ["log."], "from": start})  # credit defaults to 0
    stream = pultbus.Stream(bus, answer, 0)
    bus.streams[stream.name] = stream
    got = []
    for credit in (3, 1, 16):
        bus.credit(stream.name, credit)
        got += stream.read(credit)
        bus.hello()
        bus.pump(0.2)
        same(len(stream.raws), 0, "more than was credited")
    same([int(e["sequence"]) for e in got], list(range(start + 1, start + 21)))


@test
def live_says_how_far_and_comes_every_5_seconds(broker):
    bus = broker.bus()
    head = fill(bus, 5)
    stream = bus.subscribe(["log."], start=head)
    stream.until_live(head)
    begin, seen = time.monotonic(), len(stream.lives)
    while len(stream.lives) < seen + 2:
        assert bus.pump(8), "no live within 8 s"
    took = time.monotonic() - begin
    assert 4 < took < 14, "two lives took %.1f s" % took
    same(stream.lives[-1], {"head": bus.hello()["head"], "chain": bus.hello()["chain"]})


@test
def live_of_a_lagging_subscriber_is_its_own_position(broker):
    bus = broker.bus()
    start = bus.hello()["head"]
    fill(bus, 10)
    stream = bus.subscribe([""], start=start, credit=4)
    stream.window = 0
    stream.read(4)
    deadline = time.monotonic() + 7
    while time.monotonic() < deadline and not stream.lives:
        bus.pump(1)
    for live in stream.lives:
        same(live["head"], start + 4)
    # Its chain is that of its own position, so that it can be given as after_chain.
    if stream.lives:
        bus.subscribe([""], start=start + 4, after_chain=stream.lives[-1]["chain"])


@test
def live_of_a_filtered_subscriber_moves_on_without_events(broker):
    bus = broker.bus()
    stream = bus.subscribe(["mode."], start="new", credit=10)
    head = fill(bus, 5)
    stream.until_live(head, patience=8)
    same(stream.raws, type(stream.raws)())


@test
def the_chain_of_live_is_the_hash_of_the_bytes_sent(broker):
    bus = broker.bus()
    head = fill(bus, 10)
    stream = bus.subscribe([""], start="start", credit=100000)
    raws = stream.until_live(head)
    same(chain(bus.greeting["journal"], raws), stream.lives[-1]["chain"])


@test
def after_chain_resumes_and_an_unknown_one_is_a_conflict(broker):
    bus = broker.bus()
    answer = bus.ask("publish", event("log.entry", {"text": "here"}))
    fill(bus, 3)
    stream = bus.subscribe([""], start=answer["head"], after_chain=answer["chain"])
    same(len(stream.until_live(answer["head"] + 3)), 3)
    refused("conflict", bus.refusal("subscribe", {
        "topics": [""], "from": answer["head"], "after_chain": "ab" * 32}))
    refused("conflict", bus.refusal("subscribe", {
        "topics": [""], "from": answer["head"] - 1, "after_chain": answer["chain"]}))


@test
def messages_hold_at_most_256_events_and_1_MiB(broker):
    bus = broker.bus()
    start = bus.hello()["head"]
    for _ in range(8):
        bus.publish([event("log.entry", {"text": "x" * 3000}) for _ in range(250)])
    head = fill(bus, 1000)
    stream = bus.subscribe([""], start=start, credit=100000)
    stream.until_live(head)
    assert max(count for count, _ in stream.messages) <= 256
    assert max(size for _, size in stream.messages) <= 1048576
    # One that is behind is served in large messages, not one by one.
    assert len(stream.messages) < 200, len(stream.messages)


@test
def unsubscribe_ends_it_and_a_second_one_is_refused(broker):
    bus = broker.bus()
    stream = bus.subscribe([""])
    same(stream.unsubscribe(), {})
    fill(bus, 3)
    bus.hello()
    same(bus.early.get(stream.name), None)
    error = bus.refusal("unsubscribe", {"subscription": stream.name})
    assert error.code in ("not_found", "invalid"), error.body


@test
def a_bad_credit_gets_an_error_with_its_own_id_and_a_good_one_nothing(broker):
    bus = broker.bus()
    stream = bus.subscribe([""], credit=1)
    stream.window = 0
    bus.credit(stream.name, 5, seen=0, id=b"good")
    bus.credit(stream.name, 5, id=b"good2")
    bus.hello()
    same([id for id in bus.answers], [])
    for body in ({"subscription": "no-such", "credit": 1}, {"subscription": stream.name,
                 "credit": -1}, {"subscription": stream.name, "credit": "x"}, {"credit": 1}, {},
                 {"subscription": stream.name, "credit": 100001},
                 {"subscription": stream.name, "colour": 1},
                 {"subscription": stream.name, "seen": "x"}):
        error = bus.refusal("credit", body)
        assert error.code in ("invalid", "not_found", "limit"), error.body


@test
def seventeen_subscriptions_of_one_client_meet_the_limit(broker):
    bus = broker.bus()
    streams = [bus.subscribe([""]) for _ in range(16)]
    refused("limit", bus.refusal("subscribe", {"topics": [""], "from": "new"}))
    streams[0].unsubscribe()
    bus.subscribe([""])


@test
def two_subscriptions_of_one_connection_are_independent(broker):
    bus = broker.bus()
    start = bus.hello()["head"]
    one, two = bus.subscribe([""], start=start), bus.subscribe(["log."], start=start)
    assert one.name != two.name
    last = fill(bus, 30)
    same(sequences(one.until(last)), sequences(two.until(last)))


@test
def every_subscriber_gets_the_same_bytes(broker):
    operator, here = broker.bus("operator"), place(broker)
    buses = [broker.bus(role) for role in ("dispatcher", "operator", "observer", "script")]
    start = operator.hello()["head"]
    streams = [bus.subscribe(["contact.outage_report"], start=start) for bus in buses]
    last = operator.put("contact.outage_report", report(
        here.accounts[0], caller={"name": "Одинаков"}))["sequence"]
    seen = {stream.until(last)[-1] for stream in streams}
    same(len(seen), 1)


@test
def a_publisher_sees_its_own_event_after_its_answer_or_before_but_once(broker):
    bus = broker.bus()
    stream = bus.subscribe([""], start="new")
    for _ in range(100):
        last = bus.put("log.entry", {"text": "own"})["sequence"]
    have = sequences(stream.until(last))
    same(have, list(range(last - 99, last + 1)))


@test
def resuming_again_and_again_misses_nothing_while_others_publish(broker):
    writer, reader = broker.bus(), broker.bus()
    position = start = reader.hello()["head"]
    got, pending = [], []
    for number in range(60):
        pending += [writer.send("publish", event("log.entry", {"text": "r%d" % number}))
                    for _ in range(20)]
        stream = reader.subscribe([""], start=position, credit=15)
        stream.window = 0
        while len(stream.raws) < 15 and not stream.lives:
            reader.pump(5)
        raws = list(stream.raws)
        stream.unsubscribe()
        got += sequences(raws)
        position = got[-1] if got else position
    head = 0
    for id in pending:
        head = writer.answer(id).value()["head"]
    stream = reader.subscribe([""], start=position, credit=100000)
    got += sequences(stream.until_live(head))
    same(got, list(range(start + 1, head + 1)))


@test(own=True)
def a_hundred_stopped_subscribers_hurt_nobody():
    with Broker() as broker:
        writer, reader = broker.bus(), broker.bus()
        # Some without credit, some with plenty that never read their socket again.
        stopped = [broker.bus(high_water=1) for _ in range(100)]
        for number, bus in enumerate(stopped):
            bus.ask("subscribe", {"topics": [""], "from": "start",
                                  "credit": 0 if number % 2 else 100000})
        stream = reader.subscribe([""], start="new", credit=100000)
        begin = time.monotonic()
        last = 0
        for _ in range(40):
            last = writer.publish([event("log.entry", {"text": "y" * 1000})
                                   for _ in range(250)])[-1]["sequence"]
        raws = stream.until(last, patience=30)
        took = time.monotonic() - begin
        same(sequences(raws), list(range(1, last + 1)))
        rss = broker.resident_kib()
        assert rss < 700 * 1024, "busd grew to %d KiB" % rss
        assert took < 60, "10,000 events took %.0f s" % took
        # One of the stopped wakes up and has lost nothing.
        late = stopped[2]
        got = []
        while len(got) < last:
            assert late.pump(late.patience), "%d of %d" % (len(got), last)
            for name in list(late.early):
                for kind, frames in late.early.pop(name):
                    got += frames if kind == b"event" else []
        same(sequences(got), list(range(1, last + 1)))


@test(own=True)
def a_subscriber_resumes_where_it_was_after_kill_9():
    with Broker() as broker:
        bus = broker.bus()
        last = fill(bus, 100)
        stream = bus.subscribe([""], start="start", credit=1000)
        raws = stream.until(last)
        hash = bus.hello()["chain"]
        broker.kill()
        broker.restart()
        again = broker.bus()
        has(again.greeting, journal=bus.greeting["journal"], head=last, chain=hash)
        following = fill(again, 10)
        stream = again.subscribe([""], start=last, after_chain=hash, credit=100)
        raws += stream.until(following)
        same(sequences(raws), list(range(1, following + 1)))
        same(chain(again.greeting["journal"], raws), again.hello()["chain"])


if __name__ == "__main__":
    main()
