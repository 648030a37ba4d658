#!/usr/bin/python3
"""The daemon as a process: start, check, second one, signals, kill -9, health, a full disk."""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import BUILD, Broker, Skip, has, main, place, refused, report, same, test
from pultbus import event, read_all

BUSD = os.environ.get("PULT_BUSD") or os.path.join(BUILD, "busd")


def busd(*arguments):
    return subprocess.run([BUSD, *arguments], capture_output=True, text=True, timeout=60)


@test
def a_second_busd_on_the_same_data_says_so_and_stops(broker):
    bus = broker.bus()
    with tempfile.TemporaryDirectory(prefix="pult-") as other:
        with open(os.path.join(broker.directory, "busd.yaml"), encoding="utf-8") as file:
            text = file.read()
        # The same sockets: the lock comes first, so they are not stolen.
        path = os.path.join(other, "busd.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = busd("-c", path)
    assert done.returncode != 0
    assert broker.data in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
    same(bus.hello()["protocol"], 1)
    same(broker.bus().hello()["journal"], bus.greeting["journal"])


@test(own=True)
def two_brokers_run_side_by_side():
    with Broker() as one, Broker() as two:
        assert one.bus().greeting["journal"] != two.bus().greeting["journal"]


@test(own=True)
def sigterm_finishes_the_batch_and_leaves_with_0():
    broker = Broker()
    with broker:
        bus = broker.bus()
        ids = [bus.send("publish", event("log.entry", {"text": "t%d" % n})) for n in range(400)]
        bus.answer(ids[0]).value()
        same(broker.stop(), 0)
        bus.pump_all()
        time.sleep(0.1)
        bus.pump_all()
        acknowledged = [a.body["results"][0] for a in bus.answers.values() if a.ok]
        broker.restart()
        raws, _ = read_all(broker.bus())
        stored = {json.loads(raw)["id"]: int(json.loads(raw)["sequence"]) for raw in raws}
        for result in acknowledged:
            same(stored.get(result["id"]), result["sequence"])


@test(own=True)
def kill_9_and_a_restart_keep_everything():
    with Broker() as broker:
        here = place(broker)
        operator, dispatcher = broker.bus("operator"), broker.bus()
        calls = [operator.put("contact.outage_report", report(a, text="текст %s" % a, caller={
            "phone": "+7 912 555-%s" % a})) for a in here.accounts]
        incident = calls[0]["incident"]
        dispatcher.put("eta.set", {"incident": incident, "at": "2031-01-01T00:00:00Z"})
        dispatcher.put("dispatch.accepted", {"incident": incident})
        planned = dispatcher.put("planned.announced", {
            "node": here.right, "starts": "2026-01-01T00:00:00Z", "ends": "2031-01-01T00:00:00Z",
            "reason": "r"})["planned"]
        dispatcher.put("planned.started", {"planned": planned})

        def everything(bus):
            return [list(bus.query("incidents", state="all")), list(bus.query("planned")),
                    list(bus.query("incident", incident=incident)), list(bus.query("stats")),
                    list(bus.query("contact", reg_no=calls[0]["reg_no"])),
                    [list(bus.query("eta", account=a)) for a in here.accounts], read_all(bus)[0]]

        before, hello = everything(dispatcher), dispatcher.hello()
        broker.kill()
        broker.restart()
        again = broker.bus()
        has(again.greeting, head=hello["head"], chain=hello["chain"], journal=hello["journal"])
        for have, want in zip(everything(again), before, strict=True):
            same(have, want)
        # Numbers go on where they were.
        more = broker.bus("operator").put("contact.outage_report", report(here.accounts[0]))
        same(int(more["reg_no"][5:]), int(calls[-1]["reg_no"][5:]) + 1)


@test(own=True)
def connections_that_were_there_heal_by_themselves():
    with Broker() as broker:
        bus = broker.bus()
        given = event("log.entry", {"text": "before"})
        first = bus.publish(given)
        broker.kill()
        request = bus.send("publish", given)
        broker.restart()
        try:
            again = bus.answer(request, patience=3).value()["results"][0]
        except pultbus.Lost:  # a lost answer means unknown: the same event again
            again = bus.publish(given)
        has(again, sequence=first["sequence"], duplicate=True)


@test
def health_readiness_and_metrics_answer_over_http(broker):
    broker.bus().put("log.entry", {"text": "counted"})
    for path in ("/healthz", "/readyz"):
        same(broker.http(path)[0], 200, path)
    head = broker.bus().hello()["head"]
    deadline = time.monotonic() + 5  # gauges are taken once a second
    while True:
        status, text = broker.http("/metrics")
        same(status, 200)
        values = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        if head in [int(v) for k, v in values.items() if "head" in k]:
            break
        assert time.monotonic() < deadline, text
        time.sleep(0.1)
    assert len(values) >= 10, text
    for name in {k.partition("{")[0] for k in values}:
        base = name
        for end in ("_bucket", "_sum", "_count"):
            base = base[:-len(end)] if base.endswith(end) and "# TYPE " + name + " " not in text \
                else base
        assert "# TYPE %s " % base in text, "no TYPE for %s" % name
    same(broker.http("/nothing")[0], 404)


@test(own=True)
def the_configuration_is_checked_by_n():
    broker = Broker()
    with broker:
        good = os.path.join(broker.directory, "busd.yaml")
        done = busd("-n", "-c", good)
        same(done.returncode, 0, done.stderr)
        with open(good, encoding="utf-8") as file:
            text = file.read()
        bad = os.path.join(broker.directory, "bad.yaml")
        for line, word in (("colour: red", "colour"), ("clock: sundial", "clock"),
                           ("language: tlh", "language"), ("zone: Mars/Olympus", "Mars/Olympus"),
                           ("requests: 5", "requests"),
                           ("requests: [\"carrier:pigeon\"]", "carrier:pigeon"),
                           ("a: [", "bad.yaml"), ("roles: /no/such/file", "/no/such/file"),
                           ("offices: /no/such/offices", "/no/such/offices"),
                           ("directory: /no/such/directory", "/no/such/directory"),
                           ("requests: [\"tcp://0.0.0.0:5570\"]", "tcp")):
            key = line.partition(":")[0]
            kept = [old for old in text.splitlines() if not old.startswith(key + ":")]
            with open(bad, "w", encoding="utf-8") as file:
                file.write("\n".join(kept + [line]) + "\n")
            done = busd("-n", "-c", bad)
            assert done.returncode not in (0, -6, -11), "%s was accepted" % line
            assert word in done.stderr, "%r does not name %s" % (done.stderr, word)
        assert busd("-c", "/no/such.yaml").returncode != 0
        assert busd("--no-such-option").returncode != 0


@test(own=True)
def a_path_too_long_for_a_socket_gets_a_sentence():
    with tempfile.TemporaryDirectory(prefix="pult-") as base:
        deep = os.path.join(base, "d" * 120)
        broker = Broker(directory=deep)
        os.makedirs(deep)
        broker.start(wait=False)
        code = broker.process.wait(20)
        assert code not in (0, -6, -11), code
        assert ".sock" in broker.said() and "107" in broker.said(), broker.said()


@test(own=True)
def roles_that_cannot_be_read_stop_the_start():
    with Broker() as broker:
        broker.stop()
        path = os.path.join(broker.directory, "roles.yaml")
        for text in ("", "roles: 5\n", "roles: {}\n", "rolls:\n  a: {}\n", "roles:\n  - [\n"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = busd("-n", "-c", os.path.join(broker.directory, "busd.yaml"))
            assert done.returncode not in (0, -6, -11), "accepted: %r" % text
            assert "roles.yaml" in done.stderr, done.stderr
        broker.start()


@test(own=True)
def a_journal_that_was_changed_by_hand_is_found_by_verify():
    import sqlite3
    broker = Broker()
    with broker:
        bus = broker.bus()
        for number in range(20):
            bus.put("log.entry", {"text": "honest %02d" % number})
        broker.stop()
        broker.verify()
        names = [n for n in os.listdir(broker.data) if n.endswith((".db", ".sqlite", ".journal"))]
        path = os.path.join(broker.data, names[0])
        with open(path, "rb") as file:
            blob = file.read()
        assert blob.count(b"honest 07") >= 1
        with open(path, "wb") as file:
            file.write(blob.replace(b"honest 07", b"forged 07"))
        try:
            broker.verify()
        except AssertionError:
            pass
        else:
            raise AssertionError("verify did not find a changed event")
        with open(path, "wb") as file:
            file.write(blob)
        sqlite3.connect(path).close()
        broker.start()


@test(own=True)
def a_full_disk_refuses_with_unavailable_reads_on_and_resumes():
    if os.geteuid() != 0:
        raise Skip("a small file system can be mounted by root alone")
    base = tempfile.mkdtemp(prefix="pult-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", base],
                      capture_output=True).returncode != 0:
        os.rmdir(base)
        raise Skip("no tmpfs can be mounted here")
    try:
        with Broker(directory=base) as broker:
            bus = broker.bus()
            sent, refusal = [], None
            for number in range(100):
                batch = [event("log.entry", {"text": "z" * 4000}) for _ in range(100)]
                answer = bus.answer(bus.send("publish", batch))
                if not answer.ok:
                    refusal = pultbus.Refused(answer.body)
                    break
                sent += [r["id"] for r in answer.body["results"]]
            assert refusal is not None, "12 MB took %d events" % len(sent)
            refused("unavailable", refusal)
            same(broker.process.poll(), None)
            assert bus.query("stats")[0]["head"] == len(sent)
            raws, _ = read_all(bus)
            same(len(raws), len(sent))
            refused("unavailable", bus.refusal("publish", batch))
            subprocess.run(["mount", "-o", "remount,size=60m", base], check=True)
            deadline = time.monotonic() + 5
            while True:
                answer = bus.answer(bus.send("publish", batch))
                if answer.ok or time.monotonic() > deadline:
                    break
                time.sleep(0.1)
            assert answer.ok, "not resumed within 5 s: %r" % answer.body
            sent += [r["id"] for r in answer.body["results"]]
            raws, live = read_all(bus)
            same([json.loads(raw)["id"] for raw in raws], sent)
            same(pultbus.chain(bus.greeting["journal"], raws), live["chain"])
    finally:
        subprocess.run(["umount", "-l", base])
        os.rmdir(base)


@test(own=True)
def a_thousand_clients_are_served_and_gone_ones_are_freed():
    with Broker() as broker:
        context = pultbus.zmq.Context(io_threads=1)
        context.set(pultbus.zmq.MAX_SOCKETS, 3000)
        buses = [pultbus.Bus(broker.requests, context=context) for _ in range(900)]
        ids = [bus.send("hello", {"client": "many", "version": "1"}) for bus in buses]
        for bus, id in zip(buses, ids):
            bus.answer(id).value()
        for bus in buses:
            bus.close()
        context.term()
        deadline = time.monotonic() + 15
        reader = broker.bus()
        while len(reader.pages("agents", limit=1000)) > 20 and time.monotonic() < deadline:
            time.sleep(0.5)
        assert len(reader.pages("agents", limit=1000)) <= 20, "sessions of gone clients stay"


if __name__ == "__main__":
    main()
