#!/usr/bin/python3
# valgrind
"""The feed: a plain SUB socket that tells when something was missed."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import main, place, report, same, test
from pultbus import event


def joined(broker, topics=("",)):
    """A feed that surely receives: SUB has no answer that says so, a heartbeat does."""
    feed = pultbus.Feed(broker.feed, topics=list(topics) + ["bus.heartbeat"])
    assert feed.next() is not None, "no heartbeat on the feed"
    return feed


def read(feed, count, beats=False):
    """`count` events; heartbeats only when asked for."""
    found = []
    while len(found) < count:
        message = feed.next()
        assert message is not None, "%d of %d events came" % (len(found), count)
        topic, raw = message
        parsed = json.loads(raw)
        same(parsed["type"], topic)
        if (topic == "bus.heartbeat") == beats:
            found.append(parsed)
    return found


@test
def the_topic_is_the_type_and_previous_chains_each_type(broker):
    bus, here = broker.bus(), place(broker)
    feed = joined(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    for priority in (1, 2, 3):
        bus.put("incident.updated", {"incident": incident, "priority": priority})
        bus.put("log.entry", {"text": "between"})
    found = read(feed, 7)
    last = {}
    for one in found:
        same(one["previous"] is None or len(one["previous"]) == 16, True)
        if one["type"] in last:
            same(one["previous"], last[one["type"]])
        last[one["type"]] = one["sequence"]
    same([one["type"] for one in found].count("incident.updated"), 3)
    feed.close()


@test
def the_first_event_of_a_type_has_previous_null(broker):
    bus = broker.bus()
    feed = joined(broker)
    bus.put("mode.message", {"text": "first of its type"})
    first = read(feed, 1)[0]
    same((first["type"], first["previous"]), ("mode.message", None))
    bus.put("mode.message", {"text": "second"})
    same(read(feed, 1)[0]["previous"], first["sequence"])
    feed.close()


@test
def a_filtered_subscriber_gets_its_types_alone(broker):
    bus, here = broker.bus(), place(broker)
    feed = joined(broker, ["incident."])
    bus.put("log.entry", {"text": "not for it"})
    bus.put("incident.opened", {"kind": "outage", "node": here.left})
    same(read(feed, 1)[0]["type"], "incident.opened")
    feed.close()


@test
def a_heartbeat_each_second_tells_the_last_of_every_type(broker):
    bus = broker.bus()
    feed = joined(broker)
    sequence = bus.put("log.entry", {"text": "beat"})["sequence"]
    read(feed, 1)
    begin = time.monotonic()
    beats = read(feed, 4, beats=True)
    took = time.monotonic() - begin
    assert 1.5 < took < 8, "four heartbeats took %.1f s" % took
    last = beats[-1]["data"]["last"]
    assert int(last["log.entry"]) == sequence, last
    assert "sequence" not in beats[-1], "the heartbeat is not journalled"
    same(bus.hello()["head"], sequence)
    feed.close()


@test
def free_text_and_personal_data_are_left_out(broker):
    operator, dispatcher, here = broker.bus("operator"), broker.bus(), place(broker)
    feed = joined(broker)
    opened = operator.put("contact.outage_report", report(
        here.accounts[0], text="ПРИМЕТА-текст",
        caller={"name": "ПРИМЕТА-имя", "phone": "+7 912 555-77-01"}))
    incident = opened["incident"]
    acts = [("incident.updated", {"incident": incident, "public_text": "ПРИМЕТА-public",
                                  "text": "ПРИМЕТА-note"}),
            ("eta.set", {"incident": incident, "at": "2031-01-01T00:00:00Z",
                         "reason": "ПРИМЕТА-reason", "say": "ПРИМЕТА-say"}),
            ("log.entry", {"text": "ПРИМЕТА-log"}),
            ("mode.message", {"text": "ПРИМЕТА-mode"}),
            ("dispatch.asked", {"contact": opened["reg_no"], "question": "ПРИМЕТА-question"}),
            ("dispatch.replied", {"contact": opened["reg_no"], "answer": "ПРИМЕТА-answer"}),
            ("planned.announced", {"node": here.right, "starts": "2031-01-01T00:00:00Z",
                                   "ends": "2031-01-02T00:00:00Z", "reason": "ПРИМЕТА-works",
                                   "text": "ПРИМЕТА-planned"})]
    roles = {"dispatch.replied": operator}
    for type, data in acts:
        last = roles.get(type, dispatcher).put(type, data)["sequence"]
    text, seen = b"", 0
    while seen < last:
        message = feed.next()
        assert message is not None
        text += message[1]
        seen = int(json.loads(message[1]).get("sequence", 0))
    assert "ПРИМЕТА".encode() not in text and b"\\u041f" not in text, text.decode()
    assert b"555-77-01" not in text and b"5557701" not in text
    assert here.accounts[0].encode() not in text
    feed.close()


@test
def everything_published_reaches_the_feed_in_order(broker):
    bus = broker.bus()
    feed = joined(broker)
    first = bus.hello()["head"] + 1
    for start in range(0, 500, 100):
        bus.publish([event("log.entry", {"text": "e%d" % n}) for n in range(start, start + 100)])
    found = read(feed, 500)
    same([int(one["sequence"]) for one in found], list(range(first, first + 500)))
    feed.close()


if __name__ == "__main__":
    main()
