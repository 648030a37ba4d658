#!/usr/bin/python3
"""make bench-operators: 100 operators type 3 keys a second each into real screens; what other publishers wait for.

The operators take calls as people do: telephone, address letter by letter (each letter is searched), the choice, what it is about, F8.
Other publishers, in a process of their own, publish entries and reports one after the other, PUBLISHERS of them RATE times a second each,
and measure from sending to the acknowledgement: first while nobody types, then while all do. Screens are read, not emulated. On a disk
that many share, see `disk_p99_ms` first; TMPDIR=/dev/shm leaves the disk out.

BENCH_OPERATORS (100), BENCH_KEYS (3 a second each), BENCH_SECONDS (30), BENCH_CALM (10), BENCH_PUBLISHERS (4), BENCH_RATE (10).
"""
import heapq
import json
import multiprocessing
import os
import pty
import random
import select
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, HERE)
import harness  # noqa: E402
import pultbus  # noqa: E402
from live import FEEDERS, PREMISES, TRANSFORMERS, account, company, percentile  # noqa: E402

OPERATORS = int(os.environ.get("BENCH_OPERATORS", "100"))
KEYS = float(os.environ.get("BENCH_KEYS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))
CALM = float(os.environ.get("BENCH_CALM", "10"))
PUBLISHERS = int(os.environ.get("BENCH_PUBLISHERS", "4"))
RATE = float(os.environ.get("BENCH_RATE", "10"))
ACK_MS = 10
F4, F8 = "\x1bOS", "\x1b[19~"
QUIET_S, UP_S = 2, 120


class Operator:
    """A screen, and the keys of the call that is being taken."""

    def __init__(self, number, broker, dice):
        self.dice, self.number, self.bytes, self.keys, self.calls = dice, number, 0, [], 0
        home = os.path.join(broker.directory, "operator%d" % number)
        os.makedirs(home)
        env = dict(os.environ, PULT_BUS=broker.requests, LC_ALL="C.UTF-8", TERM="xterm-256color", HOME=home, XDG_STATE_HOME=home)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            program = os.path.join(harness.BUILD, "intake")
            os.execve(program, [program, "--lang", "ru"], env)
        os.set_blocking(self.fd, False)

    def fileno(self):
        return self.fd

    def read(self):
        try:
            data = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            sys.exit("the screen of operator %d has left" % self.number)
        self.bytes += len(data)

    def call(self):
        line, house = self.dice.randrange(1, FEEDERS), self.dice.randrange(1, PREMISES * TRANSFORMERS)
        about = self.dice.choice((["1"], ["1"], ["7"], ["9", "\t", "1", "\t", "1", "\t", "2"], ["9", "\t", "2", "\t", "3", "\t", "1"]))
        return list("912555%04d" % self.dice.randrange(10000)) + ["\t"] + list("%d-я линия %d" % (line, house)) + ["\r"] + about + [F8, F4]

    def type(self):
        if not self.keys:
            self.keys, self.calls = self.call(), self.calls + 1
        os.write(self.fd, self.keys.pop(0).encode())

    def leave(self):
        os.kill(self.pid, signal.SIGHUP)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def watch(operators, until):
    """Reads what the screens write until then; when one last wrote."""
    last = 0
    while True:
        left = until - time.monotonic()
        ready = select.select(operators, [], [], max(0, left))[0]
        for operator in ready:
            operator.read()
            last = time.monotonic()
        if left <= 0:
            return last


def wait_quiet(operators):
    deadline = time.monotonic() + UP_S
    while time.monotonic() - watch(operators, time.monotonic() + QUIET_S) < QUIET_S:
        if time.monotonic() > deadline:
            sys.exit("the screens do not come to rest in %d s" % UP_S)


def publish(endpoint, number, seconds, results):
    """One publisher: an event at a time, on a schedule; a late start counts as waiting."""
    dice, bus, waits = random.Random(number), pultbus.Bus(endpoint), []
    bus.hello(client="bench", role="script")
    begin = time.monotonic() + number / RATE / PUBLISHERS
    for turn in range(int(seconds * RATE)):
        time.sleep(max(0, begin + turn / RATE - time.monotonic()))
        if turn % 2:
            event = pultbus.event("log.entry", {"text": "запись %d" % turn})
        else:
            where = account(dice.randrange(FEEDERS), dice.randrange(TRANSFORMERS), dice.randrange(PREMISES))
            event = pultbus.event("contact.outage_report", harness.report(str(where)))
        sent = time.monotonic()
        bus.publish(event)
        waits.append(1000 * (time.monotonic() - sent))
    results.put(waits)


def measured(broker, seconds, meanwhile):
    """Acknowledgement times of all publishers while `meanwhile(until)` runs."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    running = [context.Process(target=publish, args=(broker.requests, n, seconds, results)) for n in range(PUBLISHERS)]
    for process in running:
        process.start()
    meanwhile(time.monotonic() + seconds)
    waits = [wait for _ in running for wait in results.get(timeout=60)]
    for process in running:
        process.join()
    return waits


def type_all(operators, until):
    """Each at its own beat; how many keys."""
    begin = time.monotonic()
    beats = [(begin + n / KEYS / len(operators), n) for n in range(len(operators))]
    heapq.heapify(beats)
    keys = 0
    while beats[0][0] < until:
        at, number = heapq.heappop(beats)
        watch(operators, at)
        operators[number].type()
        keys += 1
        heapq.heappush(beats, (at + 1 / KEYS, number))
    return keys / (time.monotonic() - begin)


def disk_p99(directory):
    """What this disk alone takes to hold 4 KiB, in ms: an acknowledgement waits for that at least."""
    path, waits = os.path.join(directory, "probe"), []
    with open(path, "wb", buffering=0) as file:
        for _ in range(200):
            time.sleep(0.01)
            begin = time.monotonic()
            file.write(bytes(4096))
            os.fdatasync(file.fileno())
            waits.append(1000 * (time.monotonic() - begin))
    os.unlink(path)
    return round(percentile(waits, 0.99), 2)


def main():
    figures = {"bench": "operators", "operators": OPERATORS}
    with harness.Broker() as broker:
        company(broker)
        dice = random.Random(1)
        operators = [Operator(number, broker, dice) for number in range(OPERATORS)]
        wait_quiet(operators)
        figures["disk_p99_ms"] = disk_p99(broker.directory)
        calm = measured(broker, CALM, lambda until: watch(operators, until))
        figures["load_before"] = round(os.getloadavg()[0], 1)
        busy = measured(broker, SECONDS, lambda until: figures.update(keys_per_s=round(type_all(operators, until), 1)))
        wait_quiet(operators)
        reports = PUBLISHERS * sum(-(-int(seconds * RATE) // 2) for seconds in (CALM, SECONDS))
        figures["calls_registered"] = len(broker.bus("dispatcher").pages("register", limit=1000)) - reports
        for operator in operators:
            operator.leave()
    for name, waits in (("calm", calm), ("typing", busy)):
        figures[name + "_acks"] = len(waits)
        figures[name + "_ack_p50_ms"] = round(percentile(waits, 0.5), 2)
        figures[name + "_ack_p99_ms"] = round(percentile(waits, 0.99), 2)
    figures["calls_typed"] = sum(operator.calls - bool(operator.keys) for operator in operators)
    figures["screen_bytes"] = sum(operator.bytes for operator in operators)
    print("%-24s %10s" % ("figure", "value"))
    for name, value in figures.items():
        print("%-24s %10s" % (name, value))
    print(json.dumps(figures))
    if figures["calls_registered"] < figures["calls_typed"]:
        sys.exit("calls that were typed are not registered")
    sys.exit(0 if figures["typing_ack_p99_ms"] <= ACK_MS else "not reached: typing_ack_p99_ms = %s, at most %d" % (
        figures["typing_ack_p99_ms"], ACK_MS))


if __name__ == "__main__":
    main()
