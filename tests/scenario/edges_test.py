#!/usr/bin/python3
# valgrind
"""Corners of the contract: numbers, times and zones, ids, rights that change, strangers' bytes."""
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from filtered import filtered
from harness import SHARED, Broker, Skip, has, main, place, refused, report, same, test
from pultbus import event, rfc3339, seconds


def stored(bus, sequence):
    stream = bus.subscribe([""], start=sequence - 1, credit=1)
    found = json.loads(stream.next())
    stream.unsubscribe()
    return found


# -- numbers and texts ----------------------------------------------------------------------
@test
def a_whole_number_may_be_written_as_1_0_or_1e0(broker):
    bus, here = broker.bus(), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    for text in ("%d.0", "%de0", "%d0e-1"):
        body = ('{"specversion":"1.0","id":"%s","type":"incident.updated","data":{"incident":%s,'
                '"priority":2}}' % (pultbus.uuid7(), text % incident))
        bus.ask("publish", body.encode())
    assert bus.query("incident", incident=incident)[0]["priority"] == 2


@test
def numbers_out_of_range_or_not_whole_are_invalid(broker):
    bus, here = broker.bus(), place(broker)
    incident = bus.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    for text in ("1.5", "-1", "0", "1e400", "-0", "99999999999999999999", "9007199254740993.5",
                 '"1"', "true", "null", "[1]", "1e19", "18446744073709551617"):
        body = ('{"specversion":"1.0","id":"%s","type":"incident.updated","data":{"incident":%s,'
                '"priority":2}}' % (pultbus.uuid7(), text))
        error = bus.refusal("publish", body.encode())
        assert error.code in ("invalid", "not_found", "conflict"), (text, error.body)
    del incident


@test
def texts_of_all_planes_come_back_as_the_filter_leaves_them(broker):
    bus = broker.bus()
    for text in ("ёж ЁЖ", "日本", "🔥 пожар", "a\"b\\c/d", "tab\tand\nline", "é", "\ufffd", " ", ""):
        answer = bus.answer(bus.send("publish", event("log.entry", {"text": text})))
        if not answer.ok:
            assert not text.strip(), (text, answer.body)
            continue
        same(stored(bus, answer.body["results"][0]["sequence"])["data"]["text"], filtered(text))


@test
def naughty_strings_make_the_round_trip_byte_for_byte_but_for_the_filter(broker):
    path = os.path.join(SHARED, "data", "text", "blns.txt")
    if not os.path.exists(path):
        raise Skip("%s is not here" % path)
    with open(path, encoding="utf-8") as file:
        texts = [line.rstrip("\n") for line in file if line.strip() and line[0] != "#"]
    bus = broker.bus()
    results = bus.publish([event("log.entry", {"text": "x" + text}) for text in texts])
    stream = bus.subscribe(["log.entry"], start=results[0]["sequence"] - 1)
    raws = stream.until(results[-1]["sequence"])
    same([json.loads(raw)["data"]["text"] for raw in raws],
         [filtered("x" + text) for text in texts])
    assert len(texts) > 400


@test
def ids_may_be_any_string(broker):
    bus = broker.bus()
    for id in ("x", "ключ-1", "a b", "x" * 128, "../../etc", "'; DROP TABLE event; --", "\U0001F600",
               "incident.opened/1"):
        first = bus.put("log.entry", {"text": "t"}, id=id)
        has(bus.put("log.entry", {"text": "t"}, id=id), duplicate=True,
            sequence=first["sequence"], id=id)
        same(stored(bus, first["sequence"])["id"], id)


@test
def extension_attributes_are_kept_up_to_128_bytes(broker):
    bus = broker.bus()
    for name in ("traceparent", "tracestate", "correlationid"):
        found = stored(bus, bus.put("log.entry", {"text": "t"}, **{name: "x" * 128})["sequence"])
        same(found[name], "x" * 128)
        refused("invalid", bus.refusal("publish", event("log.entry", {"text": "t"},
                                                        **{name: "ё" * 65})))


@test
def a_subject_is_kept_where_the_broker_numbers_nothing(broker):
    bus = broker.bus()
    same(stored(bus, bus.put("log.entry", {"text": "t"}, subject="desk/4")["sequence"]).get(
        "subject"), "desk/4")


# -- times ----------------------------------------------------------------------------------
@test
def rfc_3339_is_read_as_it_is_written(broker):
    bus = broker.bus()
    for text, want in (("2026-01-02T03:04:05z", "2026-01-02T03:04:05Z"),
                       ("2026-01-02t03:04:05Z", "2026-01-02T03:04:05Z"),
                       ("2026-01-02T03:04:05.5Z", "2026-01-02T03:04:05.500Z"),
                       ("2026-01-02T03:04:05.123456789+00:00", "2026-01-02T03:04:05.123Z"),
                       ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00Z"),
                       ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z")):
        found = stored(bus, bus.put("log.entry", {"text": "t"}, time=text)["sequence"])
        same(seconds(found["time"]), seconds(want), text)
    for text in ("2025-02-29T00:00:00Z", "2026-01-02", "2026-01-02T24:00:00Z", "03:04:05Z",
                 "2026-01-02T03:04:05", "2026-01-02T03:04:05+25:00", "2026-1-2T03:04:05Z",
                 "2026-01-02 03:04", "2026-01-02T03:04:05.Z", "２026-01-02T03:04:05Z", ""):
        refused("invalid", bus.refusal("publish", event("log.entry", {"text": "t"}, time=text)))


@test(own=True)
def offsets_follow_the_zones_summer_time():
    with Broker(replay=True, settings=["zone=Europe/London"]) as broker:
        admin, bus = broker.bus("admin"), broker.bus()
        for to, offset in (("2026-01-15T12:00:00Z", "+00:00"), ("2026-03-29T00:59:59Z", "+00:00"),
                           ("2026-03-29T01:00:00Z", "+01:00"), ("2026-07-01T12:00:00Z", "+01:00"),
                           ("2026-10-25T00:59:59Z", "+01:00"), ("2026-10-25T01:00:00Z", "+00:00")):
            admin.clock(to)
            found = stored(bus, bus.put("log.entry", {"text": "t"})["sequence"])
            for name in ("time", "recordedtime"):
                same(seconds(found[name]), seconds(to))
                assert found[name].endswith(offset) or (
                    offset == "+00:00" and found[name].endswith("Z")), found[name]


@test(own=True)
def live_comes_in_real_time_on_a_replay_clock_too():
    with Broker(replay=True) as broker:
        bus = broker.bus()
        stream = bus.subscribe([""], start="start")
        begin = time.monotonic()
        while len(stream.lives) < 2:
            assert bus.pump(8)
        assert time.monotonic() - begin < 8


# -- rights ---------------------------------------------------------------------------------
@test
def a_subscription_is_checked_again_at_each_delivery(broker):
    bus, other = broker.bus(), broker.bus("script")
    stream = bus.subscribe(["shift.", "mode."], start="new")
    first = other.put("shift.opened", {"person": "Иванов", "desk": "a"})["sequence"]
    same(len(stream.until(first)), 1)
    bus.hello(role="operator")  # who may read mode.* but not shift.*
    other.put("shift.opened", {"person": "Петров", "desk": "b"})
    last = other.put("mode.message", {"text": "after"})["sequence"]
    same([json.loads(raw)["type"] for raw in stream.until(last)], ["mode.message"])


@test
def every_query_takes_a_limit_and_rows_of_eta_come_in_pages(broker):
    bus, here = broker.bus(), place(broker)
    incidents = [bus.put("incident.opened", {"kind": "outage", "accounts": here.accounts[:1]})["incident"]
                 for _ in range(4)]
    bus.put("planned.announced", {"node": here.left, "reason": "repair", "starts": "2020-01-01T00:00:00Z",
                                  "ends": "2020-01-02T00:00:00Z"})
    for name, args in (("stats", {}), ("incident", {"incident": incidents[0]}), ("chain", {"sequence": 1}),
                       ("meters", {"account": here.accounts[0]}), ("planned", {}), ("rights", {})):
        assert len(bus.query(name, limit=1, **args)) <= 1, name
    rows = list(bus.query("eta", account=here.accounts[0]))
    same(len(rows), 5)
    for limit in (1, 2, 4, 5, 1000):
        first = bus.query("eta", account=here.accounts[0], limit=limit)
        same((len(first), first.next is None), (min(limit, 5), limit >= 5))
        same(bus.pages("eta", account=here.accounts[0], limit=limit), rows)
    refused("invalid", bus.refusal("query", {"name": "eta", "args": {"limit": 1}}))


@test(own=True)
def more_clients_than_allowed_meet_the_limit():
    with Broker(settings=["limits={clients: 5}"]) as broker:
        buses = [pultbus.Bus(broker.requests) for _ in range(12)]
        answers = [bus.answer(bus.send("hello", {"client": "c", "version": "1"})) for bus in buses]
        refusals = [pultbus.Refused(a.body) for a in answers if not a.ok]
        assert 7 <= len(refusals) <= 8, "%d of 12 were refused" % len(refusals)
        for error in refusals:
            refused("limit", error)
        for bus in buses:
            bus.close()


@test(own=True)
def an_account_without_a_role_is_refused_at_the_handshake():
    if os.geteuid() != 0:
        raise Skip("another account can be taken by root alone")
    with Broker() as broker:
        os.chmod(broker.directory, 0o755)
        for name in ("requests.sock", "feed.sock"):
            os.chmod(os.path.join(broker.directory, name), 0o777)
        script = ("import zmq; s = zmq.Context().socket(zmq.DEALER); s.connect('%s');"
                  "s.send_multipart([b'hello', b'1', b'{\"client\":\"x\",\"version\":\"1\"}']);"
                  "print(s.recv_multipart() if s.poll(1500) else 'nothing'); s.close(0)")
        done = subprocess.run(["/usr/bin/python3", "-c", script % broker.requests], user="nobody",
                              capture_output=True, text=True)
        same((done.stdout.strip(), done.stderr), ("nothing", ""))
        listen = ("import zmq; s = zmq.Context().socket(zmq.SUB); s.subscribe(b'');"
                  "s.connect('%s'); print(s.poll(2500)); s.close(0)" % broker.feed)
        done = subprocess.run(["/usr/bin/python3", "-c", listen], user="nobody",
                              capture_output=True, text=True)
        same((done.stdout.strip(), done.stderr), ("0", ""))
        same(broker.bus().hello()["protocol"], 1)


# -- strangers' bytes -----------------------------------------------------------------------
GREETING = b"\xff" + b"\0" * 8 + b"\x7f" + b"\3\0" + b"NULL".ljust(20, b"\0") + b"\0" + b"\0" * 31


def connect(broker, name="requests.sock"):
    raw = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    raw.settimeout(5)
    raw.connect(os.path.join(broker.directory, name))
    return raw


def frame(flags, body):
    if len(body) > 255:
        return bytes([flags | 2]) + struct.pack(">Q", len(body)) + body
    return bytes([flags, len(body)]) + body


def ready(**properties):
    body = b"\x05READY"
    for name, value in properties.items():
        name = name.replace("_", "-").encode()
        body += bytes([len(name)]) + name + struct.pack(">I", len(value)) + value
    return frame(4, body)


def read_bytes(raw, count):
    """So many bytes, fewer at the end. (MSG_WAITALL does not wait on a socket with a timeout.)"""
    found = b""
    while len(found) < count:
        more = raw.recv(count - len(found))
        if not more:
            break
        found += more
    return found


def read_frame(raw):
    flags = read_bytes(raw, 1)
    if not flags:
        return None, b""
    size = read_bytes(raw, 8 if flags[0] & 2 else 1)
    length = struct.unpack(">Q", size)[0] if flags[0] & 2 else size[0]
    return flags[0], read_bytes(raw, length)


@test
def a_forged_user_id_has_no_effect(broker):
    raw = connect(broker)
    raw.sendall(GREETING)
    read_bytes(raw, 64)
    raw.sendall(ready(Socket_Type=b"DEALER", Identity=b"", User_Id=b"pult:busd",
                      Peer_Address=b"localhost:1:1:1"))
    read_frame(raw)
    raw.sendall(frame(1, b"hello") + frame(1, b"1") + frame(
        0, b'{"client":"forger","version":"1"}'))
    answer = []
    while True:
        flags, body = read_frame(raw)
        if flags & 4:
            continue
        answer.append(body)
        if not flags & 1:
            break
    raw.close()
    same(answer[0], b"ok")
    same(json.loads(answer[2])["identity"], broker.bus().greeting["identity"])


@test
def garbage_before_and_in_the_handshake_harms_nobody(broker):
    before = broker.resident_kib()
    junk = [b"", b"\0" * 64, b"GET / HTTP/1.1\r\n\r\n", os.urandom(5000), GREETING[:30],
            GREETING + os.urandom(3000), GREETING + b"\xff" * 100,
            GREETING + b"\x06" + struct.pack(">Q", 1 << 30) + b"x" * 100000,
            GREETING + b"\x06" + struct.pack(">Q", (1 << 63) + 5),
            GREETING + ready(Socket_Type=b"PUB") + frame(0, b"x"),
            GREETING + ready(Socket_Type=b"DEALER", Identity=b"z" * 300),
            GREETING + ready(Socket_Type=b"DEALER") + frame(1, b"hello") * 2000]
    for name in ("requests.sock", "feed.sock"):
        for bytes in junk:
            raw = connect(broker, name)
            try:
                raw.sendall(bytes)
                raw.settimeout(0.05)
                raw.recv(1000)
            except OSError:
                pass
            raw.close()
    broker.bus().put("log.entry", {"text": "still here"})
    assert broker.resident_kib() - before < 50 * 1024, broker.resident_kib() - before


@test
def a_client_that_leaves_in_the_middle_of_everything_is_forgotten(broker):
    for _ in range(50):
        bus = pultbus.Bus(broker.requests)
        bus.send("subscribe", {"topics": [""], "from": "start", "credit": 100000})
        bus.send("publish", [event("log.entry", {"text": "g"}) for _ in range(200)])
        bus.send("query", {"name": "events", "args": {"from": 0, "limit": 1000}})
        bus.close()
    reader = broker.bus()
    reader.put("log.entry", {"text": "and on"})


# -- replaying contacts ---------------------------------------------------------------------
@test(replay=True)
def a_report_is_dated_by_its_own_time(broker):
    admin, operator, here = broker.bus("admin"), broker.bus("operator"), place(broker)
    now = seconds(admin.hello()["time"]) + 86400
    admin.clock(now)
    result = operator.put("contact.outage_report", report(here.accounts[0]), time=rfc3339(now - 600))
    row = broker.bus().query("contact", reg_no=result["reg_no"])[0]
    same((seconds(row["time"]), seconds(row["recordedtime"])), (now - 600, now))


if __name__ == "__main__":
    main()
