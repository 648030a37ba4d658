#!/usr/bin/python3
# limit: 600
"""Random tampering with a journal: all of it is found, and the first bad sequence is named.

PULT_TAMPERS=10000 takes the count of the goal, PULT_SEED another row of dice.
"""
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, Broker, main, place, report, same, test
from pultbus import event

COUNT = int(os.environ.get("PULT_TAMPERS", "96"))
SEED = int(os.environ.get("PULT_SEED", "20261124"))
STATE = ("incident", "contact", "counter", "node_state", "planned", "mode", "cover", "timeline")


def fill(broker, rounds, first=0):
    here, operator, dispatcher = place(broker), broker.bus("operator"), broker.bus("dispatcher")
    for n in range(first, first + rounds):
        result = operator.put("contact.outage_report", report(here.accounts[0], text="темно", caller={
            "name": "Анна Петрова", "phone": "+7 912 555-%02d-%02d" % (n // 100, n % 100)}))
        dispatcher.put("log.entry", {"text": "запись %d" % n, "incident": result["incident"]})
        dispatcher.put("eta.set", {"incident": result["incident"], "at": "2031-01-0%dT10:00:00Z" % (n % 9 + 1)})
        dispatcher.put("node.marked", {"node": here.right, "mark": ("out", "energised")[n % 2]})


class Journal:
    """A closed journal, an older copy of it, and what each table holds."""

    def __init__(self):
        self.broker = Broker().start()
        fill(self.broker, 6)
        self.stop()
        self.home = self.broker.data
        self.older = self.broker.directory + "/older"
        shutil.copytree(self.home, self.older)
        self.broker.start()
        fill(self.broker, 6, 6)
        self.broker.bus("admin").ask("admin", {"do": "person_erase", "phone": "+7 912 555-00-03"})
        self.stop()
        self.whole = self.broker.directory + "/whole"
        shutil.copytree(self.home, self.whole)
        with self.open() as db:
            self.head = db.execute("SELECT max(sequence) FROM event").fetchone()[0]
            self.sealed = [row[0] for row in db.execute("SELECT sequence FROM personal ORDER BY 1")]
            self.ids = [row[0] for row in db.execute("SELECT sequence FROM event_id ORDER BY 1")]
        db.close()
        with sqlite3.connect(self.older + "/journal.db") as db:
            self.older_head = db.execute("SELECT max(sequence) FROM event").fetchone()[0]
        db.close()
        self.dump = self.contents()

    def stop(self):
        same(self.broker.stop(), 0)
        with sqlite3.connect(self.broker.data + "/journal.db") as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def open(self):
        return sqlite3.connect(self.home + "/journal.db")

    def restore(self, source=None):
        shutil.rmtree(self.home)
        shutil.copytree(source or self.whole, self.home)

    def contents(self):
        """What the journal says, without the hints and the model of the network beside it."""
        with self.open() as db:
            said = {table: sorted(db.execute("SELECT * FROM " + table).fetchall(), key=repr)
                    for table in ("event", "personal", "lookup", *STATE)}
            said["id"] = db.execute("SELECT * FROM event_id ORDER BY 1, 2").fetchall()
        db.close()
        return said

    def verify(self):
        done = subprocess.run([os.path.join(BUILD, "pult"), "--lang", "en", "verify", self.home],
                              capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr


def flip(db, dice, table, column, key, at):
    blob = bytearray(db.execute("SELECT %s FROM %s WHERE %s = ?" % (column, table, key), (at,)).fetchone()[0])
    blob[dice.randrange(len(blob))] ^= 1 << dice.randrange(8)
    db.execute("UPDATE %s SET %s = ? WHERE %s = ?" % (table, column, key), (bytes(blob), at))
    return at


def event_bit(journal, dice, db):
    return flip(db, dice, "event", "bytes", "sequence", dice.randint(1, journal.head))


def chain_bit(journal, dice, db):
    return flip(db, dice, "event", "chain", "sequence", dice.randint(1, journal.head))


def sealed_bit(journal, dice, db):
    return flip(db, dice, "personal", "sealed", "sequence", dice.choice(journal.sealed))


def digest_bit(journal, dice, db):
    return flip(db, dice, "event_id", "digest", "sequence", dice.choice(journal.ids))


def event_gone(journal, dice, db):
    at = dice.randint(1, journal.head)
    db.execute("DELETE FROM event WHERE sequence = ?", (at,))
    return at


def events_gone(journal, dice, db):
    at = dice.randint(1, journal.head - 1)
    db.execute("DELETE FROM event WHERE sequence BETWEEN ? AND ?", (at, dice.randint(at, journal.head - 1)))
    return at


def events_swapped(journal, dice, db):
    one, two = sorted(dice.sample(range(1, journal.head + 1), 2))
    rows = dict(db.execute("SELECT sequence, bytes FROM event WHERE sequence IN (?, ?)", (one, two)))
    db.execute("UPDATE event SET bytes = ? WHERE sequence = ?", (rows[two], one))
    db.execute("UPDATE event SET bytes = ? WHERE sequence = ?", (rows[one], two))
    return one


def cut(journal, dice, db):
    at = dice.randint(1, journal.head - 1)
    for table in ("event", "event_id", "personal", "timeline"):
        db.execute("DELETE FROM %s WHERE sequence > ?" % table, (at,))
    return at + 1


def added(journal, dice, db):
    """A forged event that fits the chain: whoever has the file can compute it."""
    sequence, raw, chain = db.execute("SELECT sequence, bytes, chain FROM event ORDER BY 1 DESC LIMIT 1").fetchone()
    last, number = json.loads(raw), sequence + 1
    forged = json.dumps({"specversion": "1.0", "id": "%016d" % number, "type": "log.entry",
                         "source": "pult:busd", "time": last["time"],
                         "recordedtime": last["recordedtime"], "sequence": "%016d" % number,
                         "dataschema": "pult:log.entry:1", "data": {"text": "x" * dice.randint(1, 9)}}, separators=(",", ":")).encode()
    kind = db.execute("SELECT code FROM topic WHERE name = 'log.entry'").fetchone()[0]
    db.execute("INSERT INTO event VALUES(?, ?, ?, ?)",
               (number, kind, hashlib.sha256(chain + forged).digest(), forged))
    return number


def inserted(journal, dice, db):
    """An event put in between, the later ones moved on and chained anew."""
    at = dice.randint(2, journal.head)
    rows = db.execute("SELECT sequence, type, bytes FROM event WHERE sequence >= ? ORDER BY 1", (at,)).fetchall()
    chain = db.execute("SELECT chain FROM event WHERE sequence = ?", (at - 1,)).fetchone()[0]
    db.execute("DELETE FROM event WHERE sequence >= ?", (at,))
    for number, (_, kind, raw) in enumerate([rows[0], *rows], at):
        chain = hashlib.sha256(chain + raw).digest()
        db.execute("INSERT INTO event VALUES(?, ?, ?, ?)", (number, kind, chain, raw))
    return at + 1  # the doubled event's second copy says another sequence


def personal_gone(journal, dice, db):
    at = dice.choice(journal.sealed)
    db.execute("DELETE FROM personal WHERE sequence = ?", (at,))
    return at


def id_gone(journal, dice, db):
    at = dice.choice(journal.ids)
    db.execute("DELETE FROM event_id WHERE sequence = ?", (at,))
    return at


def state_changed(journal, dice, db):
    """Any number of any state table; there the row is named, not an event."""
    while True:
        table = dice.choice(("incident", "contact", "counter", "cover", "planned", "node_state"))
        columns = [c[1] for c in db.execute("PRAGMA table_info(%s)" % table)
                   if c[2].startswith("INTEGER") and not c[5]]
        rows = db.execute("SELECT count(*) FROM %s" % table).fetchone()[0]
        if columns and rows:
            break
    column = dice.choice(columns)
    keys = [c[1] for c in db.execute("PRAGMA table_info(%s)" % table) if c[5]]
    key = dice.choice(db.execute("SELECT %s FROM %s" % (", ".join(keys), table)).fetchall())
    db.execute("UPDATE %s SET %s = %s + 1 WHERE %s" % (
        table, column, column, " AND ".join("%s = ?" % name for name in keys)), key)
    return 0


KINDS = (event_bit, chain_bit, sealed_bit, digest_bit, event_gone, events_gone, events_swapped, cut, added, inserted,
         personal_gone, id_gone, state_changed)


@test(own=True)
def every_tampering_is_found_and_its_first_sequence_named():
    journal, dice = Journal(), random.Random(SEED)
    try:
        status, said = journal.verify()
        same(status, 0, said)
        assert json.loads(said)["erased"] == 1, said  # the erasure is no alarm
        for number in range(COUNT):
            kind = KINDS[number % len(KINDS)]
            with journal.open() as db:
                at = kind(journal, dice, db)
            db.close()
            status, said = journal.verify()
            assert status == 3, "%s at %d was not found (seed %d, %d):\n%s" % (
                kind.__name__, at, SEED, number, said)
            if at:
                assert "sequence/%d:" % at in said, "%s at %d: %s" % (kind.__name__, at, said)
            journal.restore()
        same(journal.verify()[0], 0)
    finally:
        clean(journal)


# What is no sum of the events: the journal itself, what is imported, hints and the broker's own notes.
BESIDE = ("event", "event_id", "personal", "lookup", "hold", "key_check", "base", "topic", "identity", "node", "premise",
          "premise_phone", "meter", "pragma", "model")


@test(own=True)
def no_number_of_any_state_table_can_be_changed_unseen():
    journal, count = Journal(), 0
    try:
        with journal.open() as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        db.close()
        for table in tables:
            if table.startswith("sqlite_") or table in BESIDE:
                continue
            with journal.open() as db:
                columns = db.execute("PRAGMA table_info(%s)" % table).fetchall()
                keys = [c[1] for c in columns if c[5]]
                row = db.execute("SELECT %s FROM %s LIMIT 1" % (", ".join(keys) or "1", table)).fetchone()
            db.close()
            for column in [c[1] for c in columns if c[2].startswith("INTEGER") and not c[5]] if row else []:
                with journal.open() as db:
                    db.execute("UPDATE %s SET %s = %s + 1 WHERE %s" % (
                        table, column, column, " AND ".join("%s = ?" % name for name in keys)), row)
                db.close()
                status, said = journal.verify()
                assert status == 3, "%s.%s is compared with nothing" % (table, column)
                count += 1
                journal.restore()
        assert count > 60, count
    finally:
        clean(journal)


@test(own=True)
def a_bit_anywhere_in_the_file_is_found_or_changes_nothing():
    journal, dice = Journal(), random.Random(SEED + 1)
    found = harmless = 0
    try:
        path = journal.home + "/journal.db"
        size = os.path.getsize(path)
        for _ in range(max(20, COUNT // 4)):
            with open(path, "r+b") as file:
                file.seek(dice.randrange(size))
                byte = file.read(1)[0]
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes((byte ^ 1 << dice.randrange(8),)))
            status, said = journal.verify()
            if status == 0:
                same(journal.contents(), journal.dump, "verify saw nothing")
                harmless += 1
            else:
                found += 1
            journal.restore()
        assert found > 0
        print("        %d found, %d in empty or unread bytes" % (found, harmless))
    finally:
        clean(journal)


@test(own=True)
def an_older_copy_meets_its_witness_and_without_it_nobody_would_see():
    journal = Journal()
    try:
        with open(journal.home + "/head", "rb") as file:
            witness = file.read()
        journal.restore(journal.older)
        same(journal.verify()[0], 0)  # the planted blindness: the older witness came along
        with open(journal.home + "/head", "wb") as file:
            file.write(witness)
        status, said = journal.verify()
        assert status == 3 and "sequence/%d:" % (journal.older_head + 1) in said, said
    finally:
        clean(journal)


def clean(journal):
    for bus in journal.broker.connections:
        bus.close()
    shutil.rmtree(journal.broker.directory)


if __name__ == "__main__":
    main()
