#!/usr/bin/python3
"""Anchors: what was said elsewhere of the journal's head holds it to its history."""
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, Broker, has, main, place, report, same, test
from pultbus import read_all


def verify(broker, *words):
    done = subprocess.run([os.path.join(BUILD, "pult"), "--lang", "en", "verify", broker.data, *words],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def anchored(directory):
    return os.path.join(directory, "anchors")


class Anchored(Broker):
    """A broker whose anchor file lies beside its data; each stop writes one."""

    def __init__(self):
        super().__init__()
        self.anchors = os.path.join(self.directory, "anchors")
        self.settings = ["anchor=" + json.dumps(self.anchors)]

    def __exit__(self, *_):
        for bus in self.connections:
            bus.close()
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.directory)


def fill(broker, count, text="ровно"):
    bus = broker.bus("dispatcher")
    for number in range(count):
        bus.put("log.entry", {"text": "%s %d" % (text, number)})
    data = report(place(broker).accounts[0], caller={"name": "Анна", "phone": "+7 912 555-21-01"})
    result = broker.bus("operator").put("contact.outage_report", data)
    bus.query("contact", reg_no=result["reg_no"])


@test(own=True)
def an_anchor_names_both_heads_and_the_journal_agrees():
    with Anchored() as broker:
        fill(broker, 5)
        raws, live = read_all(broker.bus("dispatcher"))
        journal = broker.bus().greeting["journal"]
        broker.stop()
        with open(broker.anchors, encoding="utf-8") as file:
            line = file.read().splitlines()[-1]
        words = dict(word.split("=") for word in line.split()[2:])
        same((words["journal"], words["sequence"], words["chain"], words["access"]),
             (journal, str(len(raws)), live["chain"], "1"))
        same(os.stat(broker.anchors).st_mode & 0o777, 0o600)
        same(verify(broker, "--anchor", broker.anchors)[0], 0)
        # As syslog would have it.
        with open(broker.anchors, "a", encoding="utf-8") as file:
            file.write("Nov 24 01:02:03 host busd[7]: " + line.split(" ", 1)[1] + "\n")
        has(json.loads(verify(broker, "--anchor", broker.anchors)[1]), right=True, anchors=2)
        status, said = verify(broker, "--anchor", "/dev/null")
        same(status, 5, said)


@test(own=True)
def an_older_copy_with_its_witness_is_found_by_the_anchor_alone():
    with Anchored() as broker:
        fill(broker, 5)
        broker.stop()
        copy = broker.directory + "/copy"
        shutil.copytree(broker.data, copy)
        broker.start()
        fill(broker, 5)
        broker.stop()
        head = int(broker_head(copy))
        shutil.rmtree(broker.data)
        shutil.move(copy, broker.data)
        same(verify(broker)[0], 0)  # the planted blindness: nothing inside tells
        status, said = verify(broker, "--anchor", broker.anchors)
        assert status == 3 and "sequence/%d:" % (head + 1) in said, said


def broker_head(data):
    with sqlite3.connect(data + "/journal.db") as db:
        return db.execute("SELECT max(sequence) FROM event").fetchone()[0]


@test(own=True)
def a_history_rewritten_whole_with_a_right_chain_is_found_by_the_anchor():
    with Anchored() as broker:
        fill(broker, 4)
        broker.stop()
        broker.start()
        first = len(read_all(broker.bus("dispatcher"))[0])
        fill(broker, 6)
        broker.stop()
        with sqlite3.connect(broker.data + "/journal.db") as db:
            rows = db.execute("SELECT sequence, bytes, chain FROM event ORDER BY sequence").fetchall()
            chain = rows[first - 1][2]
            for sequence, raw, _ in rows[first:]:
                raw = raw.replace("ровно 1".encode(), "кривой 1".encode())
                chain = hashlib.sha256(chain + raw).digest()
                db.execute("UPDATE event SET bytes = ?, chain = ? WHERE sequence = ?",
                           (raw, chain, sequence))
        db.close()
        os.unlink(broker.data + "/head")
        same(verify(broker)[0], 0)  # without an anchor nobody can tell
        status, said = verify(broker, "--anchor", broker.anchors)
        assert status == 3 and "sequence/%d:" % (first + 1) in said, said


@test(own=True)
def an_event_added_behind_a_closed_journal_is_found():
    with Anchored() as broker:
        fill(broker, 3)
        broker.stop()
        with sqlite3.connect(broker.data + "/journal.db") as db:
            sequence, raw, chain, kind = db.execute(
                "SELECT sequence, bytes, chain, type FROM event ORDER BY sequence DESC LIMIT 1").fetchone()
            number = sequence + 1
            entry = json.loads(raw)
            event = json.dumps({"specversion": "1.0", "id": "%016d" % number, "type": "deadline.passed",
                                "source": "pult:busd", "time": entry["time"],
                                "recordedtime": entry["recordedtime"], "sequence": "%016d" % number,
                                "dataschema": "pult:deadline.passed:1", "data": {}}).encode()
            db.execute("INSERT OR IGNORE INTO topic SELECT max(code) + 1, 'deadline.passed', 0 FROM topic")
            kind = db.execute("SELECT code FROM topic WHERE name = 'deadline.passed'").fetchone()[0]
            db.execute("INSERT INTO event VALUES(?, ?, ?, ?)",
                       (number, kind, hashlib.sha256(chain + event).digest(), event))
        db.close()
        status, said = verify(broker)
        assert status == 3 and "sequence/%d:" % number in said, said


@test(own=True)
def an_access_record_that_lost_its_end_with_its_witness_is_found_by_the_anchor():
    with Anchored() as broker:
        fill(broker, 1)
        broker.stop()
        with sqlite3.connect(broker.data + "/access.record") as db:
            db.execute("DELETE FROM seen")
        db.close()
        os.unlink(broker.data + "/access.head")
        same(verify(broker)[0], 0)
        status, said = verify(broker, "--anchor", broker.anchors)
        assert status == 3 and "access/1:" in said, said


if __name__ == "__main__":
    main()
