#!/usr/bin/python3
"""A client of the Pult bus in Python, written from PROTOCOL.md alone.

It is what a script of an outside company would look like: pyzmq and the standard library, no
file of the project. Everything that the page promises is reachable, and nothing is hidden: raw
frames can be sent, answers come back as they were, refusals are exceptions that carry the error
as it stands on the wire.

    bus = Bus("ipc:///run/pult/requests.sock")
    bus.hello(client="example", role="dispatcher", language="en")
    result = bus.publish(event("log.entry", {"text": "shift begins"}))
    for row in bus.query("incidents", state="open"):
        print(row["incident"], row["started"])
    stream = bus.subscribe([""], start="start")
    for raw in stream.until(bus.hello()["head"]):
        print(json.loads(raw)["type"])

One thread, one socket: requests are sent with an id, answers are matched by it, stream messages
are put aside for their subscription while an answer is waited for.
"""
import collections
import datetime
import hashlib
import itertools
import json
import os
import re
import secrets
import time

import zmq

# Seconds to wait for any answer; more where the broker runs under another program.
PATIENCE = 10.0 * float(os.environ.get("PULT_SLOW") or (10 if os.environ.get("PULT_WRAP") else 1))
ERROR_CODES = ("invalid", "denied", "not_found", "conflict", "limit", "unavailable")
BATCH = 1000  # events in one publish (PROTOCOL section 3)


class Refused(Exception):
    """The broker answered `error`; the six words are in `code`."""

    def __init__(self, body):
        super().__init__("{code} ({reason}): {message}".format(
            code=body.get("code"), reason=body.get("reason"), message=body.get("message")))
        self.body = body
        self.code = body.get("code")
        self.reason = body.get("reason")
        self.message = body.get("message")
        self.path = body.get("path")
        self.index = body.get("index")
        self.retry_ms = body.get("retry_ms")


class Lost(Exception):
    """No answer in time. Whether the request was done is unknown: send the same event again."""


def uuid7(now=None):
    """Time-ordered ids keep the journal's index fast (PROTOCOL section 3, end)."""
    ms = int((time.time() if now is None else now) * 1000)
    high = (ms << 16) | 0x7000 | secrets.randbits(12)
    low = (0b10 << 62) | secrets.randbits(62)
    text = "%016x%016x" % (high, low)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def event(type, data, id=None, **attributes):
    """A CloudEvents 1.0 object with what a client gives."""
    return {"specversion": "1.0", "id": id or uuid7(), "type": type, "data": data, **attributes}


def rfc3339(seconds):
    """Unix seconds as a time of day; any offset is allowed, UTC is the simplest."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    spec = "seconds" if moment.microsecond == 0 else "milliseconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")


def seconds(text):
    """Unix seconds of an RFC 3339 time."""
    value = datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    return int(value) if value == int(value) else value


def chain(journal, raws, before=None):
    """Hash of the head after these events; `before` = (hash so far) to go on from it."""
    value = bytes.fromhex(before) if before else hashlib.sha256(journal.encode()).digest()
    for raw in raws:
        value = hashlib.sha256(value + raw).digest()
    return value.hex()


def encode(body):
    """A request's body: a dict or list becomes JSON, bytes go as they are."""
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


# Every refusal is a sentence: a capital first (or what it quotes: a field, a name, a number), a full
# stop last.
SENTENCE = re.compile(r"^(data\b|[^a-zа-яё ]|\S*[/.:_]\S).*[.!?]$", re.S)


class Answer(collections.namedtuple("Answer", "ok id body")):
    """One answer as it came; `value()` is the body, or raises Refused."""

    def value(self):
        if not self.ok:
            assert SENTENCE.search(self.body["message"]), "no sentence: " + self.body["message"]
            raise Refused(self.body)
        return self.body


class Rows(list):
    """Rows of a query, with the sequence at which they are true and the mark of a next page."""

    def __init__(self, body):
        super().__init__(body["rows"])
        self.sequence = body["sequence"]
        self.next = body.get("next")


class Bus:
    """A connection to the requests socket."""

    def __init__(self, endpoint=None, context=None, routing_id=None, patience=PATIENCE,
                 high_water=0):
        """`high_water`: messages that wait here unread before the broker's are held back."""
        self.endpoint = endpoint or os.environ["PULT_BUS"]
        self.context = context or zmq.Context.instance()
        self.patience = patience
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.SNDHWM, 0)
        self.socket.setsockopt(zmq.RCVHWM, high_water)
        if routing_id is not None:
            self.socket.setsockopt(zmq.ROUTING_ID, routing_id)
        self.socket.connect(self.endpoint)
        self.said = {}  # in the last hello
        self.counter = itertools.count(1)
        self.answers = collections.OrderedDict()  # request id -> Answer, in order of arrival
        self.streams = {}  # subscription -> Stream
        self.early = collections.defaultdict(list)  # stream messages before their `ok` was read
        self.other = collections.deque()  # messages of no known kind: a fault of the broker

    def close(self):
        self.socket.close(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # -- requests ---------------------------------------------------------------------------
    def send_frames(self, frames):
        self.socket.send_multipart(frames)

    def send(self, verb, body, id=None):
        """Send without waiting; returns the request id to ask `answer` for."""
        id = b"%d" % next(self.counter) if id is None else id
        self.send_frames([verb.encode() if isinstance(verb, str) else verb, id, encode(body)])
        return id

    def answer(self, id, patience=None):
        """The answer to this request; Lost when none comes in time."""
        deadline = time.monotonic() + (self.patience if patience is None else patience)
        while id not in self.answers:
            if not self.pump(deadline - time.monotonic()):
                raise Lost("no answer to request %r in time" % id)
        return self.answers.pop(id)

    def ask(self, verb, body, patience=None):
        """One request and its answer's body; Refused when it is an error."""
        return self.answer(self.send(verb, body), patience).value()

    def refusal(self, verb, body):
        """The Refused that this request must meet; an AssertionError when it was accepted."""
        answer = self.answer(self.send(verb, body))
        if answer.ok:
            raise AssertionError("%s was accepted: %r" % (verb, answer.body))
        return Refused(answer.body)

    def pump(self, timeout=0.0):
        """Read one message and put it where it belongs; False when none came in `timeout` s."""
        if not self.socket.poll(max(0, int(timeout * 1000))):
            return False
        self.sort(self.socket.recv_multipart())
        return True

    def pump_all(self):
        """Read everything that is there already."""
        while True:
            try:
                frames = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            self.sort(frames)

    def sort(self, frames):
        kind = frames[0]
        if kind in (b"ok", b"error") and len(frames) == 3:
            self.answers[frames[1]] = Answer(kind == b"ok", frames[1], json.loads(frames[2]))
        elif kind in (b"event", b"live") and len(frames) >= 3:
            name = frames[1].decode()
            if name in self.streams:
                self.streams[name].take(kind, frames[2:])
            else:
                self.early[name].append((kind, frames[2:]))
        else:
            self.other.append(frames)

    # -- verbs ------------------------------------------------------------------------------
    def hello(self, **more):
        """Who am I, which role, what is the head. What was said before is said again: a hello
        without a role takes the account's first one."""
        said = {"client": "pultbus", "version": "1", **self.said, **more}
        answer = self.ask("hello", said)
        self.said = said
        return answer

    def publish(self, events):
        """One event: its result. A list: the list of results."""
        if isinstance(events, dict):
            return self.ask("publish", events)["results"][0]
        return self.ask("publish", events)["results"]

    def put(self, type, data, **attributes):
        """Publish one new event of this type; its result."""
        return self.publish(event(type, data, **attributes))

    def query(self, name, **args):
        return Rows(self.ask("query", {"name": name, "args": args}))

    def pages(self, name, **args):
        """All rows over all pages; `next` of a page is the following page's `after`."""
        rows = self.query(name, **args)
        everything = list(rows)
        while rows.next is not None:
            rows = self.query(name, **{**args, "after": rows.next})
            everything += rows
        return everything

    def subscribe(self, topics, start="new", credit=1000, **more):
        """A Stream; `credit` is topped up as events are taken from it (0: never by itself)."""
        body = {"topics": topics, "from": start, "credit": credit, **more}
        answer = self.ask("subscribe", body)
        stream = Stream(self, answer, credit)
        self.streams[stream.name] = stream
        for kind, frames in self.early.pop(stream.name, ()):
            stream.take(kind, frames)
        return stream

    def credit(self, subscription, credit=None, seen=None, id=b""):
        body = {"subscription": subscription}
        if credit is not None:
            body["credit"] = credit
        if seen is not None:
            body["seen"] = seen
        self.send("credit", body, id=id)

    def import_csv(self, kind, csv, name=None, part_bytes=200 * 1024, **more):
        """A whole CSV in as many parts as it needs, the last with `commit`."""
        data = csv.encode() if isinstance(csv, str) else csv
        cuts = [data[i:i + part_bytes] for i in range(0, len(data), part_bytes)] or [b""]
        whole = split_utf8(cuts)
        name = name or uuid7()
        for part, text in enumerate(whole, 1):
            body = {"import": name, "kind": kind, "part": part, "csv": text, **more}
            if part == len(whole):
                body["commit"] = True
            answer = self.ask("import", body)
        return answer

    def clock(self, to):
        return self.ask("clock", {"to": to if isinstance(to, str) else rfc3339(to)})


def split_utf8(cuts):
    """Parts as text: a letter cut in two moves whole into the following part."""
    texts, carry = [], b""
    for number, cut in enumerate(cuts):
        data = carry + cut
        end = len(data)
        while number + 1 < len(cuts) and end > 0 and len(data) - end < 4:
            try:
                data[:end].decode()
                break
            except UnicodeDecodeError:
                end -= 1
        texts.append(data[:end].decode())
        carry = data[end:]
    return texts


class Stream:
    """One subscription: the events as bytes, in order, and the last `live`."""

    def __init__(self, bus, answer, credit):
        self.bus = bus
        self.name = answer["subscription"]
        self.head = answer["head"]
        self.types = answer["types"]
        self.window = credit
        self.owed = 0  # events taken since credit was last given
        self.raws = collections.deque()
        self.lives = []  # bodies of `live`, as they came
        self.messages = []  # (events, bytes) of each message, to check the limits
        self.last = 0  # sequence of the last event that was put aside

    def take(self, kind, frames):
        if kind == b"live":
            self.lives.append(json.loads(frames[0]))
            return
        self.messages.append((len(frames), sum(map(len, frames))))
        self.raws.extend(frames)
        self.owed += len(frames)
        if self.window and self.owed * 2 >= self.window:
            self.bus.credit(self.name, self.owed)
            self.owed = 0

    def next(self, patience=None):
        """The next event's bytes; Lost when none comes in time."""
        deadline = time.monotonic() + (self.bus.patience if patience is None else patience)
        while not self.raws:
            if not self.bus.pump(deadline - time.monotonic()):
                raise Lost("no event on subscription %s in time" % self.name)
        return self.raws.popleft()

    def read(self, count, patience=None):
        """`count` events as parsed JSON."""
        return [json.loads(self.next(patience)) for _ in range(count)]

    def until_live(self, head=0, patience=None):
        """All bytes until a `live` that says everything up to `head` was sent."""
        deadline = time.monotonic() + (self.bus.patience if patience is None else patience)
        while not (self.lives and self.lives[-1]["head"] >= head):
            if not self.bus.pump(deadline - time.monotonic()):
                raise Lost("subscription %s is not live at %d" % (self.name, head))
        raws, self.raws = list(self.raws), collections.deque()
        return raws

    def until(self, sequence, patience=None):
        """All bytes up to the event of this sequence (which must match the topics)."""
        raws = []
        while not raws or int(json.loads(raws[-1])["sequence"]) < sequence:
            raws.append(self.next(patience))
        return raws

    def unsubscribe(self):
        answer = self.bus.ask("unsubscribe", {"subscription": self.name})
        del self.bus.streams[self.name]
        return answer


def read_all(bus, topics=("",), start="start"):
    """Every kept event's bytes, and the `live` that closed them."""
    head = bus.hello()["head"]
    stream = bus.subscribe(list(topics), start=start, credit=20000)
    raws = stream.until_live(head)
    live = stream.lives[-1]
    stream.unsubscribe()
    return raws, live


class Feed:
    """The PUB socket: three lines in any language, and no promise (PROTOCOL section 5)."""

    def __init__(self, endpoint, topics=("",), context=None):
        self.socket = (context or zmq.Context.instance()).socket(zmq.SUB)
        self.socket.setsockopt(zmq.LINGER, 0)
        for topic in topics:
            self.socket.setsockopt(zmq.SUBSCRIBE, topic.encode())
        self.socket.connect(endpoint)

    def next(self, patience=PATIENCE):
        """(topic, event's bytes), or None when nothing came."""
        if not self.socket.poll(int(patience * 1000)):
            return None
        topic, raw = self.socket.recv_multipart()
        return topic.decode(), raw

    def close(self):
        self.socket.close(0)
