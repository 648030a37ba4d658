#!/usr/bin/python3
# limit: 600
"""Canaries: contacts whose names, phones and emails are found nowhere but where they may be seen.

PULT_CANARIES=10000 takes the count of the goal.
"""
import glob
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import BUILD, Broker, main, place, report, same, test
from pultbus import event

COUNT = int(os.environ.get("PULT_CANARIES", "300"))
# As UTF-8, as JSON escapes, as UTF-16; phones in any of the forms that callers and the broker use.
SONG = re.compile(rb"\xd0\x9a\xd0\xbd\xd1\x80[0-9]{5}|\\u041a\\u043d\\u0440[0-9]{5}|\x1a\x04\x3d\x04\x40\x04[0-9]\x00"
                  rb"|knr[0-9]{5}@|k\x00n\x00r\x00[0-9]\x00|912[ )(-]*555[ -]?[0-9]{2}[ -]?[0-9]{2}"
                  rb"|(?<!800-)555-[0-9]{2}-[0-9]{2}")


def canary(number):
    phone = "%04d" % number
    return {"name": "Кнр%05d Пётр" % number, "phone": "+7 912 555-%s-%s" % (phone[:2], phone[2:]),
            "email": "knr%05d@example.org" % number}


def silent(what, blob):
    heard = SONG.search(blob)
    assert not heard, "%r is in %s" % (heard[0], what)


def fill(broker):
    operator, here = broker.bus("operator"), place(broker)
    results = []
    for begin in range(0, COUNT, 200):
        results += operator.publish([event("contact.outage_report", report(
            here.accounts[number % len(here.accounts)], caller=canary(number),
            text="зовут " + canary(number)["name"])) for number in range(begin, min(begin + 200, COUNT))])
    return results


def sing_to_nobody(broker, results):
    """Everything that roles without the right are given, as it stands on the wire."""
    for role in ("observer", "script", "admin"):
        bus = broker.bus(role)
        for name in ("eta", "incidents", "incident", "contacts", "contact", "premises", "nodes", "planned",
                     "events", "stats", "agents", "rights", "schemas", "access", "chain"):
            for args in ({}, {"phone": canary(3)["phone"]}, {"reg_no": results[0]["reg_no"]},
                         {"incident": results[0].get("incident", 1)}, {"limit": 1000}):
                request = bus.send("query", {"name": name, "args": args})
                bus.socket.poll(int(bus.patience * 1000))
                frames = bus.socket.recv_multipart()
                assert frames[1] == request
                silent("%s asked by %s" % (name, role), b"".join(frames))


def files(directory):
    for path in glob.glob(directory + "/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                yield path, file.read()


@test(own=True)
def no_byte_of_a_caller_is_where_it_may_not_be():
    with Broker(settings=["log={level: debug}"]) as broker:
        feed = pultbus.Feed(broker.feed)
        feed.next()
        results = fill(broker)
        raws, _ = pultbus.read_all(broker.bus("observer"))
        assert len(raws) >= COUNT
        silent("the stream", b"\n".join(raws))
        heard = 0
        while heard < COUNT // 2:  # best effort, as the feed is
            message = feed.next(2)
            if not message:
                break
            silent("the feed", message[1])
            heard += 1
        assert heard > 10, "the feed said nothing"
        sing_to_nobody(broker, results)
        # The search can hear: those who may see it do.
        assert SONG.search(json.dumps(broker.bus("dispatcher").query(
            "contact", reg_no=results[0]["reg_no"]), ensure_ascii=False).encode())
        broker.bus("admin").query("access")
        silent("the metrics", broker.http("/metrics")[1].encode())
        for path, blob in files(broker.data):
            silent(path, blob)
        shutil.copytree(broker.data, broker.directory + "/backup")
        for path, blob in files(broker.directory + "/backup"):
            silent("a backup: " + path, blob)
        silent("the log", broker.said().encode())


@test(own=True)
def a_forced_end_leaves_no_core():
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        with Broker() as broker:
            fill(broker)
            status = "/proc/%d/limits" % broker.pid
            with open(status, encoding="ascii") as file:
                limit = [line for line in file if line.startswith("Max core file size")][0].split()
            same(limit[4:6], ["0", "0"])
            broker.process.send_signal(signal.SIGABRT)
            same(broker.process.wait(30), -signal.SIGABRT)
            cores = [path for path in glob.glob(broker.directory + "/**", recursive=True)
                     + glob.glob(os.getcwd() + "/core*") if os.path.basename(path).startswith("core")]
            same(cores, [])
            broker.start()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


@test(own=True)
def a_core_that_is_forced_holds_nobody():
    """By whoever may: the kernel writes none, so its memory is read as a core would hold it."""
    with Broker() as broker:
        operator, here = broker.bus("operator"), place(broker)
        results = [operator.put("contact.outage_report", report(
            here.accounts[0], caller=canary(number), text="зовут " + canary(number)["name"])) for number in range(60)]
        operator.publish([event("contact.outage_report", report(here.accounts[1], caller=canary(number)))
                          for number in range(60, 260)])
        dispatcher, admin = broker.bus("dispatcher"), broker.bus("admin")
        for result in results:
            heard = dispatcher.query("contact", reg_no=result["reg_no"])
        assert SONG.search(json.dumps(heard, ensure_ascii=False).encode())
        operator.query("eta", phone=canary(5)["phone"])
        dispatcher.query("contacts", phone=canary(6)["phone"])
        operator.refusal("publish", event("contact.outage_report", {"caller": canary(7)}))
        assert admin.ask("admin", {"do": "person_export", "phone": canary(8)["phone"]})["rows"]
        dispatcher.query("incidents")
        for bus in (operator, dispatcher, admin):
            bus.close()  # what libzmq read and sent last, up to 8 KiB, goes with the connection
        broker.bus("observer").query("stats")
        time.sleep(0.5)
        for where, blob in broker.memory():
            silent("the memory at " + where, blob)


@test(own=True)
def after_the_purge_no_byte_of_any_of_them_stays_on_disk():
    import sqlite3
    with Broker(replay=True, settings=["personal_retention_days={contacts: 30}"]) as broker:
        broker.bus("admin").clock(1_780_000_000)
        fill(broker)
        with sqlite3.connect("file:%s/journal.db?mode=ro" % broker.data, uri=True) as db:
            sealed = [row[0][12:28] for row in db.execute("SELECT sealed FROM personal")]
            sealed += [row[0] for row in db.execute("SELECT digest FROM lookup WHERE digest IN (SELECT "
                                                    "digest FROM lookup GROUP BY digest HAVING count(*) = 1)")]
        db.close()
        assert len(sealed) >= COUNT
        whole = b"".join(blob for _, blob in files(broker.data))
        assert all(piece in whole for piece in sealed[:20]), "the search finds nothing at all"
        broker.bus("admin").clock(1_780_000_000 + 31 * 86400)
        broker.bus("admin").clock(1_780_000_000 + 31 * 86400 + 3601)
        whole = b"".join(blob for _, blob in files(broker.data))
        for piece in sealed:
            assert piece not in whole, "a sealed byte stays"
        broker.stop()
        broker.verify()
        broker.start()


if __name__ == "__main__":
    main()
