#!/usr/bin/python3
"""Hostile bytes: what people and programs write can neither steer a terminal nor forge a line."""
import json
import os
import sys
import tempfile
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, main, report, same, test
from pultbus import event, read_all

# The list of RELIABILITY section 2, spelled out here anew so that it is not the program's own.
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F),
            *range(0x2060, 0x206A), 0xFEFF]
SHARE = int(os.environ.get("PULT_RUNES", "1"))  # every how-manieth beyond U+3000


def chunks(runes, size):
    for at in range(0, len(runes), size):
        yield runes[at:at + size]


def runes():
    """All code points that JSON can carry; the long planes by a share (PULT_RUNES)."""
    for rune in range(1, 0x110000):
        if not 0xD800 <= rune < 0xE000 and (rune < 0x3000 or rune % SHARE == 0):
            yield rune


def assert_harmless(what, text):
    for rune in CONTROLS:
        assert chr(rune) not in text, "U+%04X is in %s" % (rune, what)


@test
def no_code_point_of_control_is_stored_streamed_or_told(broker):
    bus = broker.bus("dispatcher")
    start = bus.hello()["head"]
    for some in chunks(list(runes()), 1200):
        text = "|".join("x" + chr(rune) for rune in some)
        bus.put("log.entry", {"text": text})
    raws, _ = read_all(bus, start=start)
    assert raws
    for raw in raws:
        found = json.loads(raw)["data"]["text"]
        assert_harmless("a stored text", found)
        assert_harmless("the bytes of an event", raw.decode())
        same(unicodedata.normalize("NFC", found), found)


@test
def a_name_with_hidden_letters_is_refused_and_a_sentence_never_repeats_them(broker):
    bus = broker.bus("dispatcher")
    for rune in (0x1B, 0x85, 0x202E, 0x200B, 0xFEFF, 0x2066):
        for words in ({"te" + chr(rune) + "xt": "a"}, {"text": "a", "x" + chr(rune): 1}):
            refused = bus.refusal("publish", event("log.entry", words))
            same(refused.code, "invalid")
            assert_harmless("a refusal", json.dumps(refused.body, ensure_ascii=False))
        for more in ({"id": "a" + chr(rune)}, {"subject": "s" + chr(rune)},
                     {"traceparent": "t" + chr(rune)}):
            same(bus.refusal("publish", event("log.entry", {"text": "a"}, **more)).code, "invalid")
    for verb, body in (("query", {"name": "sta\u202ets"}), ("query", {"name": "stats", "\u200b": 1})):
        refused = bus.refusal(verb, body)
        assert_harmless("a refusal", json.dumps(refused.body, ensure_ascii=False))


@test
def a_filtered_event_sent_again_is_the_same_one(broker):
    bus = broker.bus("operator")
    said = event("contact.outage_report", report("1", text="не\u200bт \x1b[2Jсвета\r\nвторой день"))
    first = bus.publish(said)
    again = bus.publish(said)
    same((again["sequence"], again["duplicate"]), (first["sequence"], True))
    row = broker.bus("dispatcher").query("contact", reg_no=first["reg_no"])[0]
    same(row["text"], "нет [2Jсвета второй день")


@test
def bytes_that_are_no_utf8_are_refused(broker):
    bus = broker.bus("dispatcher")
    for pair in range(0, 0x10000, int(os.environ.get("PULT_PAIRS", "41"))):
        raw = bytes((pair >> 8, pair & 0xFF))
        body = json.dumps(event("log.entry", {"text": "@@"})).encode().replace(b"@@", raw)
        answer = bus.answer(bus.send("publish", body))
        try:
            text = json.loads(body)["data"]["text"]
            assert "\x00" not in text
        except ValueError:
            assert not answer.ok, "%r was accepted" % raw
            assert_harmless("a refusal", json.dumps(answer.body, ensure_ascii=False))


def bombs():
    """Small texts that cost a careless reader much."""
    for depth in (33, 1000, 100_000, 500_000):
        yield b"[" * depth
        yield b'{"a":' * depth
        yield b'{"data":' + b"[" * depth + b"]" * depth + b"}"
    yield b'{"' + b"a" * 900_000 + b'":1}'
    yield b"{" + b",".join(b'"k%d":1' % n for n in range(80_000)) + b"}"
    yield b"{" + b",".join(b'"k":1' for n in range(80_000)) + b"}"
    yield b"[" + b"1e999999999," * 60_000 + b"1]"
    yield b"1" * 900_000
    yield b"-" + b"0" * 900_000
    yield b'"' + b"\\u0041" * 150_000 + b'"'
    yield b'"' + b"\\ud800" * 150_000 + b'"'
    yield b"[" + b'"",' * 300_000 + b'""]'
    yield b" " * 1_000_000
    yield b"\xef\xbb\xbf{}"
    yield b"\x00" * 100_000


@test
def bombs_of_json_are_refused_and_cost_little(broker):
    bus = broker.bus("dispatcher")
    bus.put("log.entry", {"text": "before"})
    before = broker.resident_kib()
    for verb in ("publish", "query", "subscribe", "credit", "hello", "import", "admin"):
        for bomb in bombs():
            request = bus.send(verb, bomb, id=b"bomb")
            assert not bus.answer(request).ok, (verb, bomb[:40])
    bus.put("log.entry", {"text": "behind"})
    grown = broker.resident_kib() - before
    assert grown <= 64 * 1024, "%d KiB more" % grown


def refused(broker):
    broker.start(wait=False)
    return broker.process.wait(20)


@test(own=True)
def files_that_others_may_write_and_links_and_pipes_stop_the_start():
    with tempfile.TemporaryDirectory() as base:
        broker = Broker(directory=os.path.join(base, "one"))
        os.makedirs(broker.data)
        os.chmod(broker.data, 0o777)
        same(refused(broker), 4)
        os.chmod(broker.data, 0o700)
        os.symlink("/etc/hostname", broker.data + "/lock")
        assert refused(broker) != 0
        os.unlink(broker.data + "/lock")
        os.symlink(base + "/other.db", broker.data + "/journal.db")
        assert refused(broker) != 0
        assert not os.path.exists(base + "/other.db"), "a link was followed"
        os.unlink(broker.data + "/journal.db")
        timers = os.path.join(base, "timers.yaml")
        broker.settings = ["timers=" + json.dumps(timers)]
        os.mkfifo(timers)
        same(refused(broker), 3)
        os.unlink(timers)
        with open(timers, "w", encoding="ascii") as file:
            file.write("{}\n")
        os.chmod(timers, 0o666)
        same(refused(broker), 4)
        os.chmod(timers, 0o644)
        broker.start()
        same(broker.stop(), 0)
        for name in os.listdir(broker.data):
            same((name, os.stat(os.path.join(broker.data, name)).st_mode & 0o077), (name, 0))


if __name__ == "__main__":
    main()
