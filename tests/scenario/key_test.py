#!/usr/bin/python3
"""The key of personal data: elsewhere if the company says so, another one by `pult keygen --personal`."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, PREMISES_HEADER, Broker, main, place, report, same, test
from pultbus import event

NAME, PHONE = "Канарейкин Пётр Ильич", "+7 912 555-31-01"


def pult(*words):
    done = subprocess.run([os.path.join(BUILD, "pult"), "--lang", "en", *words],
                          capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def fill(broker):
    said = event("contact.outage_report", report(place(broker).accounts[0], caller={
        "name": NAME, "phone": PHONE}))
    result = broker.bus("operator").publish(said)
    admin = broker.bus("admin")
    admin.import_csv("premises", PREMISES_HEADER + "770001,,Тестовск,улица Птичья,9,1,person,3,,%s,%s\n"
                     % (NAME, PHONE))
    admin.ask("admin", {"do": "person_hold", "phone": PHONE})
    broker.bus("dispatcher").query("contact", reg_no=result["reg_no"])
    return said, result


def all_is_there(broker, said, result):
    dispatcher = broker.bus("dispatcher")
    same(dispatcher.query("contact", reg_no=result["reg_no"])[0]["caller"]["name"], NAME)
    same([r["reg_no"] for r in dispatcher.query("contacts", phone="89125553101")], [result["reg_no"]])
    admin = broker.bus("admin")
    rows = admin.ask("admin", {"do": "person_export", "phone": PHONE})["rows"]
    same([row["personal"]["name"] for row in rows if row["kind"] == "premise"], [NAME])
    same(admin.refusal("admin", {"do": "person_erase", "phone": PHONE}).reason, "legal_hold")
    again = broker.bus("operator").publish(said)
    same((again["duplicate"], again["sequence"]), (True, result["sequence"]))


def sealed(broker):
    with sqlite3.connect(broker.data + "/journal.db") as db:
        blobs = [row[0] for row in db.execute("SELECT sealed FROM personal UNION ALL SELECT sealed "
                                              "FROM premise WHERE sealed IS NOT NULL UNION ALL "
                                              "SELECT digest FROM lookup UNION ALL "
                                              "SELECT digest FROM hold")]
    db.close()
    return blobs


@test(own=True)
def another_key_opens_all_and_the_former_one_nothing():
    with Broker() as broker:
        said, result = fill(broker)
        same(pult("keygen", "--personal", broker.data)[0], 6)  # a running one
        broker.stop()
        shutil.copy(broker.data + "/personal.key", broker.directory + "/former.key")
        before = sealed(broker)
        status, text = pult("keygen", "--personal", broker.data)
        assert status == 0 and text.startswith("sealed anew: 2"), text
        for path in ("journal.db", "journal.db-wal"):
            if os.path.exists(os.path.join(broker.data, path)):
                with open(os.path.join(broker.data, path), "rb") as file:
                    blob = file.read()
                for former in before:
                    assert former[:24] not in blob, "a former byte stays in %s" % path
        same(os.stat(broker.data + "/personal.key").st_mode & 0o777, 0o600)
        broker.verify()
        same(pult("verify", broker.data, "--personal-key", broker.directory + "/former.key")[0], 3)
        broker.start()
        all_is_there(broker, said, result)
        broker.stop()
        same(pult("keygen", "--personal", broker.data)[0], 0)  # and once more
        broker.start()
        all_is_there(broker, said, result)
        broker.stop()
        shutil.move(broker.data + "/personal.key", broker.directory + "/right.key")
        shutil.copy(broker.directory + "/former.key", broker.data + "/personal.key")
        broker.start(wait=False)
        same(broker.process.wait(20), 3)
        assert "personal.key" in broker.said().splitlines()[-1]
        shutil.move(broker.directory + "/right.key", broker.data + "/personal.key")


@test(own=True)
def a_rotation_that_was_interrupted_is_finished_or_forgotten():
    with Broker() as broker:
        said, result = fill(broker)
        broker.stop()
        key = broker.data + "/personal.key"
        former = open(key, "rb").read()
        # Before its commit: the new file lies there, nothing was sealed with it.
        with open(key + ".new", "wb", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(os.urandom(32) + former[:96].ljust(96, b"x"))
        broker.start()
        all_is_there(broker, said, result)
        broker.stop()
        assert not os.path.exists(key + ".new")
        # Behind its commit, before the rename.
        same(pult("keygen", "--personal", broker.data)[0], 0)
        os.rename(key, key + ".new")
        with open(key, "wb", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(former)
        broker.verify()
        broker.start()
        all_is_there(broker, said, result)
        assert not os.path.exists(key + ".new")


@test(own=True)
def the_key_may_lie_elsewhere_and_must_be_private():
    broker = Broker()
    elsewhere = os.path.join(broker.directory, "vault")
    os.mkdir(elsewhere, 0o700)
    key = os.path.join(elsewhere, "pult.key")
    broker.settings = ["personal_key=" + json.dumps(key)]
    broker.start()
    try:
        said, result = fill(broker)
        broker.stop()
        assert not os.path.exists(broker.data + "/personal.key")
        same(json.loads(pult("verify", broker.data)[1])["keyed"], False)
        same(pult("verify", broker.data, "--personal-key", key)[0], 0)
        same(pult("keygen", "--personal", broker.data, "--personal-key", key)[0], 0)
        broker.start()
        all_is_there(broker, said, result)
        broker.stop()
        os.chmod(key, 0o644)
        broker.start(wait=False)
        same(broker.process.wait(20), 4)
        os.unlink(key)
        broker.start(wait=False)
        assert broker.process.wait(20) != 0, "it started on another key"
    finally:
        for bus in broker.connections:
            bus.close()
        shutil.rmtree(broker.directory)


if __name__ == "__main__":
    main()
