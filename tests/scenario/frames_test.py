#!/usr/bin/python3
# valgrind
"""Frames, request ids, the order of answers, limits of size, bad JSON, forged routing ids."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
import zmq
from harness import main, refused, same, test
from pultbus import event

HELLO = {"client": "frames", "version": "1"}


def one_answer(bus):
    """The next answer, whatever its id."""
    while not bus.answers:
        assert bus.pump(bus.patience), "no answer"
    return bus.answers.popitem(last=False)[1]


def raw(bus, *frames):
    bus.send_frames(list(frames))
    answer = one_answer(bus)
    return answer


@test
def a_req_socket_gets_its_empty_frame_back(broker):
    req = zmq.Context.instance().socket(zmq.REQ)
    req.connect(broker.requests)
    req.send_multipart([b"hello", b"7", pultbus.encode(HELLO)])
    assert req.poll(pultbus.PATIENCE * 1000), "no answer to REQ"
    kind, id, body = req.recv_multipart()
    same((kind, id, json.loads(body)["protocol"]), (b"ok", b"7", 1))
    req.send_multipart([b"publish", b"8", pultbus.encode(event("log.entry", {"text": "by REQ"}))])
    kind, id, body = req.recv_multipart()
    same((kind, id), (b"ok", b"8"))
    assert json.loads(body)["results"][0]["sequence"] > 0
    req.close(0)


@test
def subscribe_behind_an_empty_frame_is_invalid(broker):
    req = zmq.Context.instance().socket(zmq.REQ)
    req.connect(broker.requests)
    req.send_multipart([b"subscribe", b"1", pultbus.encode({"topics": [""], "from": "new"})])
    kind, id, body = req.recv_multipart()
    same((kind, json.loads(body)["code"]), (b"error", "invalid"))
    req.close(0)


@test
def request_ids_of_0_to_64_bytes_come_back_as_they_were(broker):
    bus = broker.bus()
    for id in (b"", b"x", bytes(range(64)), b"\0", b"\xff" * 64, "ёж".encode()):
        answer = raw(bus, b"hello", id, pultbus.encode(HELLO))
        same((answer.ok, answer.id), (True, id))


@test
def a_longer_request_id_is_answered_with_an_empty_one(broker):
    bus = broker.bus()
    answer = raw(bus, b"hello", b"y" * 65, pultbus.encode(HELLO))
    same((answer.ok, answer.id, answer.body["code"]), (False, b"", "invalid"))


@test
def wrong_numbers_of_frames_and_unknown_verbs_are_invalid(broker):
    bus = broker.bus()
    for frames in ((b"hello",), (b"hello", b"1"), (b"hello", b"1", b"{}", b"{}"),
                   (b"fly", b"1", b"{}"), (b"HELLO", b"1", b"{}"),
                   (b"\xff\xfe", b"1", b"{}"), (b"x" * 300, b"1", b"{}")):
        answer = raw(bus, *frames)
        assert not answer.ok, frames
        refused("invalid", pultbus.Refused(answer.body))
    assert bus.hello()["protocol"] == 1


@test
def what_a_client_sent_is_never_cut_within_a_letter_in_a_sentence(broker):
    """Answers are UTF-8 whatever was asked (json.loads of the client would raise)."""
    bus = broker.bus("admin")
    for shift in range(2):
        for length in (20, 40, 80, 150, 300, 3000):
            long = "a" * shift + "ё" * length
            bus.refusal(long, {})
            for verb, body in (("query", {"name": long, "args": {}}),
                               ("query", {"name": "eta", "args": {long: 1}}),
                               ("query", {"name": "eta", "args": {"account": long}}),
                               ("query", {"name": "incidents", "args": {"state": long}}),
                               ("publish", event(long, {})),
                               ("publish", event("log.entry", {"text": "t"}, **{long: "x"})),
                               ("publish", event("log.entry", {"text": "t"}, time=long)),
                               ("publish", event("log.entry", {long: "t"})),
                               ("hello", {**HELLO, "role": long}), ("hello", {long: 1}),
                               ("subscribe", {"topics": [long], "from": "new"}),
                               ("unsubscribe", {"subscription": long}), ("clock", {"to": long}),
                               ("import", {"import": "x", "kind": long, "part": 1, "csv": ""})):
                try:
                    bus.refusal(verb, body)
                except AssertionError:
                    assert verb in ("subscribe", "publish"), verb


@test
def answers_come_in_the_order_of_the_requests(broker):
    bus = broker.bus()
    ids = []
    for number in range(300):
        kind = number % 5
        if kind == 0:
            ids.append(bus.send("query", {"name": "stats", "args": {}}))
        elif kind == 1:
            ids.append(bus.send("publish", event("log.entry", {"text": "n%d" % number})))
        elif kind == 2:
            ids.append(bus.send("nonsense", {}))
        elif kind == 3:
            ids.append(bus.send("publish", [event("log.entry", {"text": "a"}) for _ in range(7)]))
        else:
            ids.append(bus.send("hello", HELLO))
    while len(bus.answers) < len(ids):
        assert bus.pump(bus.patience), "only %d of %d answers" % (len(bus.answers), len(ids))
    same(list(bus.answers), ids)


@test
def a_query_sees_every_earlier_answered_publish(broker):
    bus = broker.bus()
    for _ in range(50):
        result = bus.put("log.entry", {"text": "seen"})
        assert bus.query("stats").sequence >= result["sequence"]


BAD_JSON = [b"", b" ", b"{", b"}", b"{}x", b"nul", b"{\"a\":1,}", b"{'a':1}", b"\xef\xbb\xbf{}",
            b"{\"a\":01}", b"{\"a\":.5}", b"{\"a\":+1}", b"{\"a\":NaN}", b"{\"a\":\"\x01\"}",
            b"{\"a\":\"\xff\"}", b"{\"a\":\"\xed\xa0\x80\"}", b"{\"a\":\"\\x41\"}", b"\x00",
            b"{} // c", b"/**/{}", b"{\"a\":\"\\ud800\"}", b"{\"a\":\"\\udc00\\ud800\"}",
            b"{\"a\":\"\\u0000\"}", b"{\"a\":1,\"a\":2}", b"{\"a\":1,\"\\u0061\":2}",
            b"{\"\\u0000\":1}", b"[" * 40 + b"]" * 40, b"[" * 100000,
            b"{\"a\":" * 33 + b"1" + b"}" * 33]


@test
def bad_json_gets_one_sentence_and_harms_nobody(broker):
    bus = broker.bus()
    head = bus.hello()["head"]
    for bad in BAD_JSON:
        for verb in ("publish", "query", "hello", "subscribe", "credit"):
            error = bus.refusal(verb, bad)
            refused("invalid", error)
    same(bus.hello()["head"], head)


@test
def a_bad_event_inside_a_good_frame_is_invalid_too(broker):
    bus = broker.bus()
    for text in (b'"a\\ud834"', b'"\\u0000"', b'{"a":1,"a":1}'):
        body = b'{"specversion":"1.0","id":"x","type":"log.entry","data":{"text":' + text + b"}}"
        refused("invalid", bus.refusal("publish", body))


@test
def an_event_of_more_than_64_KiB_meets_the_limit(broker):
    bus = broker.bus()
    small = event("log.entry", {"text": ""})
    room = 65536 - len(pultbus.encode(small))
    at = bus.answer(bus.send("publish", dict(small, data={"text": "x" * room})))
    assert at.ok, at.body
    over = event("log.entry", {"text": "x" * (room + 1)})
    refused("limit", bus.refusal("publish", over))
    # Bytes as received count: blanks too.
    padded = pultbus.encode(event("log.entry", {"text": "short"}))
    refused("limit", bus.refusal("publish", padded[:-1] + b" " * 65536 + b"}"))
    # In an array as well, and the error names which one.
    error = bus.refusal("publish", [event("log.entry", {"text": "a"}), over])
    refused("limit", error)
    same(error.index, 1)


@test
def a_request_of_more_than_1_MiB_meets_the_limit(broker):
    bus = broker.bus()
    body = b'{"name":"stats","args":{}}'
    assert bus.ask("query", body + b" " * (1048576 - len(body)))["rows"]
    refused("limit", bus.refusal("query", body + b" " * (1048577 - len(body))))


@test
def a_frame_above_4_MiB_closes_that_connection_alone(broker):
    bus, other = broker.bus(), broker.bus()
    bus.send("query", b" " * (4 * 1048576 + 1))
    other.hello()
    try:
        bus.answer(b"never", patience=0.3)
    except pultbus.Lost:
        pass
    same(len(bus.answers), 0)
    same(bus.hello()["protocol"], 1)  # the connection was made anew
    other.hello()


@test
def a_peer_with_its_own_routing_id_is_answered_invalid(broker):
    for name in (b"me", b"\x01" * 5, b"console"):
        bus = pultbus.Bus(broker.requests, routing_id=name)
        refused("invalid", bus.refusal("hello", HELLO))
        refused("invalid", bus.refusal("publish", event("log.entry", {"text": "squatter"})))
        bus.close()


@test
def a_second_peer_with_the_same_routing_id_takes_nothing_from_others(broker):
    first = pultbus.Bus(broker.requests, routing_id=b"same")
    first.refusal("hello", HELLO)
    second = pultbus.Bus(broker.requests, routing_id=b"same")
    second.send("hello", HELLO)
    honest = broker.bus()
    same(honest.hello()["protocol"], 1)
    first.close()
    second.close()


@test
def a_thousand_pipelined_requests_all_get_answers(broker):
    bus = broker.bus()
    ids = [bus.send("publish", event("log.entry", {"text": "p%d" % n})) for n in range(1000)]
    results = [bus.answer(id).value()["results"][0]["sequence"] for id in ids]
    same(results, sorted(results))
    same(len(set(results)), 1000)


@test
def a_client_that_reads_no_answers_hurts_nobody(broker):
    deaf, other = broker.bus("script", high_water=1), broker.bus()
    text = "d" * 2000

    before = broker.resident_kib()
    for number in range(30000):
        deaf.send("publish", event("log.entry", {"text": text}))
        if number % 1000 == 0:
            other.put("log.entry", {"text": "still served"})
    other.put("log.entry", {"text": "still served"})
    grown = broker.resident_kib() - before
    assert grown < 200 * 1024, "busd grew by %d KiB" % grown
    # What was answered is true; what was not is unknown and may be sent again.
    seen = 0
    while deaf.pump(1):
        seen += len(deaf.answers)
        assert all(answer.ok for answer in deaf.answers.values())
        deaf.answers.clear()
    assert seen >= 100
    given = event("log.entry", {"text": "and heard again"})
    same(deaf.publish(given)["duplicate"], False)


if __name__ == "__main__":
    main()
