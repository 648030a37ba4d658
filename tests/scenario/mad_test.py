#!/usr/bin/python3
"""A client that was let in and has gone mad: what it may take is bounded, and the others go on."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, main, refused, same, test
from keys import KeyedBroker, KeyedBus


@test(own=True)
def one_key_takes_half_of_the_places_at_most():
    with KeyedBroker({"gate": {"roles": ["script"]}, "desk": {"roles": ["dispatcher"]}},
                     settings=["limits={clients: 9}"]) as broker:
        first = broker.keyed("gate")
        for _ in range(4):
            broker.keyed("gate")
        one_more = broker.keyed("desk")  # of another key
        late = KeyedBus(broker.tcp, broker.keys_of("gate"))
        error = refused("limit", late.refusal("hello", {"client": "t", "version": "1"}))
        same((error.reason, error.body.get("retry_ms")), ("clients", 5000))
        first.close()
        for _ in range(100):  # its place is free when the broker has seen it go
            answer = late.answer(late.send("hello", {"client": "t", "version": "1"}))
            if answer.ok:
                break
            time.sleep(0.05)
        assert answer.ok, answer
        late.close()
        one_more.query("stats")


@test(own=True)
def one_client_has_a_share_of_the_questions():
    with Broker(settings=["limits={queries: 8}"]) as broker:
        mad, other = broker.bus(), broker.bus()
        requests = [mad.send("query", {"name": "stats", "args": {}}) for _ in range(300)]
        other.query("stats")  # is never told that the queue is full
        answers = [mad.answer(request) for request in requests]
        busy = [a.body for a in answers if not a.ok]
        assert busy and len(busy) < 300, len(busy)
        # Its own share was full, never the queue.
        same({(body["reason"], "questions of yours" in body["message"]) for body in busy}, {("busy", True)})


@test(own=True)
def what_is_never_read_is_kept_up_to_a_bound():
    with Broker() as broker:
        mad, other = broker.bus(high_water=1), broker.bus()
        size = len(json.dumps(other.ask("query", {"name": "schemas", "args": {"limit": 1000}}), ensure_ascii=False))
        before, count = broker.resident_kib(), 400_000_000 // size
        for _ in range(count):
            mad.send("query", {"name": "schemas", "args": {"limit": 1000}})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:  # until the broker has taken them all
            seen = broker.resident_kib()
            time.sleep(0.5)
            if broker.resident_kib() == seen:
                break
        grown = broker.resident_kib() - before if before else 0
        print("  %d questions of %d KB unread: busd + %d MiB" % (count, size // 1000, grown // 1024))
        other.query("stats")
        # 16 MiB in its session, 200 messages in libzmq; and what was under way.
        assert grown * 1024 < 200 * size + 60_000_000, grown


if __name__ == "__main__":
    main()
