#!/usr/bin/python3
"""A shared account: who sits there signs on before anything is done, and stands in what is done."""
import json
import os
import pwd
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import BUILD, ROOT, Broker, main, refused, same, test
from pultbus import event

ACCOUNT = pwd.getpwuid(os.geteuid()).pw_name
HELLO = {"client": "t", "version": "1"}


def hash_of(name, pin):
    done = subprocess.run([os.path.join(BUILD, "pult"), "keygen", "--pin", name], input=pin + "\n",
                          capture_output=True, text=True, check=True)
    assert pin not in done.stdout and done.stderr == "", done
    return done.stdout


class Shared(Broker):
    """A broker whose account is shared by two people."""

    def __init__(self, table=lambda text: text, **more):
        super().__init__(**more)
        path = os.path.join(self.directory, "persons.yaml")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write("persons:\n" + hash_of("ivanova", "4711") + hash_of("petrov", "081512"))
        roles = os.path.join(self.directory, "own.yaml")
        with open(os.path.join(ROOT, "config", "roles.yaml"), encoding="utf-8") as file:
            text = file.read()
        text = text[:re.search(r"(?m)^users:", text).start()]
        with open(roles, "w", encoding="utf-8") as file:
            file.write(table(text) + "\nusers: {%s: [dispatcher, operator, admin]}\nshared: [%s]\n" % (
                ACCOUNT, ACCOUNT))
        self.settings += ["roles=" + json.dumps(roles), "persons=" + json.dumps(path)]

    def signed(self, person="ivanova", pin="4711", **more):
        return self.bus(person=person, pin=pin, **more)


@test(own=True)
def nothing_is_done_before_a_person_has_signed_on():
    with Shared() as broker:
        bus = broker.bus()
        error = refused("denied", bus.refusal("publish", event("log.entry", {"text": "t"})))
        same(error.reason, "person")
        refused("denied", broker.bus(role="admin").refusal("admin", {"do": "reload"}))
        bus.query("incidents")  # looking is free
        greeting = broker.signed().greeting
        same((greeting["person"], greeting["identity"]), ("ivanova", "pult:user:" + ACCOUNT))


@test(own=True)
def the_person_stands_in_the_event_and_comes_from_nobody_else():
    with Shared() as broker:
        bus = broker.signed()
        stream = bus.subscribe([""])
        sequence = bus.put("log.entry", {"text": "t"})["sequence"]
        stored = json.loads(stream.until(sequence)[-1])
        same((stored["person"], stored["source"]), ("ivanova", "pult:user:" + ACCOUNT))
        refused("invalid", bus.refusal("publish", event("log.entry", {"text": "t"}, person="petrov")))
        assert b"4711" not in open(os.path.join(broker.data, "journal.db"), "rb").read()
        assert "4711" not in broker.said()


@test(own=True)
def a_wrong_pin_is_denied_and_tries_are_limited():
    with Shared() as broker:
        bus = broker.bus()
        wrong = dict(HELLO, person="ivanova", pin="0000")
        same(bus.refusal("hello", dict(HELLO, person="nobody", pin="4711")).reason, "pin")
        for _ in range(5):
            error = refused("denied", bus.refusal("hello", wrong))
            same(error.reason, "pin")
        error = refused("limit", bus.refusal("hello", dict(HELLO, person="ivanova", pin="4711")))
        assert 0 < error.retry_ms <= 15 * 60 * 1000, error.body
        refused("denied", bus.refusal("publish", event("log.entry", {"text": "t"})))
        broker.signed("petrov", "081512").put("log.entry", {"text": "the other one is free"})
        assert "0000" not in broker.said() and "nobody" not in broker.said(), broker.said()


@test(own=True)
def a_failed_sign_on_ends_the_one_before():
    with Shared() as broker:
        bus = broker.signed()
        refused("denied", bus.refusal("hello", dict(HELLO, person="petrov", pin="4711")))
        refused("denied", bus.refusal("publish", event("log.entry", {"text": "t"})))
        refused("invalid", bus.refusal("hello", dict(HELLO, person="ivanova")))
        bus.hello(person="ivanova", pin="4711")
        bus.said = {}
        same(bus.hello(role="operator")["person"], "ivanova")


@test(own=True)
def callers_data_are_shown_only_when_it_is_known_to_whom():
    with Shared() as broker:
        bus = broker.signed()
        put = bus.put("contact.outage_report", {
            "applicant": "person", "symptom": "no_power", "text": "words of the caller",
            "premise": {"settlement": "Тестовск"}, "caller": {"name": "Пробина Проба", "phone": "+79995550101"}})
        assert "Пробина" in str(bus.query("contact", reg_no=put["reg_no"]))
        unknown = str(broker.bus().query("contact", reg_no=put["reg_no"]))
        assert "Пробина" not in unknown and "words" not in unknown and "5550101" not in unknown, unknown
        entry = broker.signed(role="admin").pages("access")[-1]
        same((entry["person"], entry["query"]), ("ivanova", "contact"))


@test(own=True)
def pult_asks_for_the_pin_and_shows_it_nowhere():
    with Shared() as broker:
        def pult(pin, *words):
            done = subprocess.run([os.path.join(BUILD, "pult"), "--bus", broker.requests, *words], input=pin,
                                  capture_output=True, text=True, timeout=30, env=dict(os.environ, LC_ALL="C"))
            assert pin.strip() not in done.stdout + done.stderr or not pin, done
            return done.returncode
        log = json.dumps(event("log.entry", {"text": "t"}))
        same(pult("4711\n" + log + "\n", "--person", "ivanova", "publish"), 0)
        same(pult("4712\n", "--person", "ivanova", "query", "stats"), 4)
        same(pult("", "--person", "ivanova", "query", "stats"), 4)
        same(pult(log + "\n", "publish"), 4)
        same(json.loads(subprocess.run([os.path.join(BUILD, "pult"), "--bus", broker.requests, "query", "events",
                                        "from=0"], capture_output=True).stdout.splitlines()[-1])["person"], "ivanova")


@test(own=True)
def a_pin_that_was_changed_ends_the_session_at_a_reload():
    with Shared() as broker:
        bus, path = broker.signed(), os.path.join(broker.directory, "persons.yaml")
        with open(path, encoding="utf-8") as file:
            text = re.sub("(?m)^  ivanova:.*\n", hash_of("ivanova", "9999"), file.read())
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        other = broker.signed("petrov", "081512", role="admin")
        same(other.ask("admin", {"do": "reload"}), {})
        bus.said = {}
        refused("denied", bus.refusal("publish", event("log.entry", {"text": "t"})))
        broker.signed("ivanova", "9999").put("log.entry", {"text": "t"})


@test(own=True)
def whoever_did_something_is_the_person_not_the_account():
    with Shared() as broker:
        bus, other = broker.signed(), broker.signed("petrov", "081512", role="operator")
        admin = broker.signed("petrov", "081512", role="admin")
        admin.import_csv("network", "id,parent,kind,name,voltage_kv,device\nF1,,feeder,F,10,breaker\n")
        call = other.put("contact.complaint", {"applicant": "person", "topic": "service",
                                               "caller": {"name": "Проба", "phone": "+79125550177"}})["reg_no"]
        bus.put("contact.taken", {"contact": call})
        incident = bus.put("incident.opened", {"kind": "outage", "node": "F1"})["incident"]
        other.hello(role="dispatcher")
        other.put("dispatch.accepted", {"incident": incident})
        at = "2031-05-06T07:08:09Z"
        bus.put("eta.set", {"incident": incident, "at": at})
        other.put("eta.set", {"incident": incident, "at": at})
        admin.ask("admin", {"do": "person_hold", "phone": "+79125550177"})

        def look():
            row = bus.query("incident", incident=incident)[0]
            same((row["opened_by"], row["accepted_by"], [eta["by"] for eta in row["etas"]], row["eta"]["by"]),
                 ("ivanova", "petrov", ["ivanova", "petrov"], "petrov"))
            row = bus.query("contact", reg_no=call)[0]
            same((row["operator"], row["handler"]), ("petrov", "ivanova"))
            for type in ("model.changed", "personal.held"):
                same(bus.query("events", type=type)[-1]["data"]["by"], "petrov", type)
            same([e["person"] for e in admin.query("access", person="ivanova")][-1:], ["ivanova"])
            same(admin.query("access", person="nobody"), [])
        look()
        broker.stop()
        broker.verify()
        broker.restart()
        bus, admin = broker.signed(), broker.signed("petrov", "081512", role="admin")
        look()


@test(own=True)
def a_file_of_pins_that_all_may_read_does_not_start():
    broker = Shared()
    os.chmod(os.path.join(broker.directory, "persons.yaml"), 0o644)
    broker.start(wait=False)
    same(broker.process.wait(pultbus.PATIENCE), 4)
    assert "persons.yaml" in broker.said(), broker.said()


@test(own=True)
def in_its_own_area_a_dispatcher_acts_there_where_it_sits():
    def own(text):
        return re.sub(r"(?m)^  dispatcher:\n", "  dispatcher:\n    own: {publish: [eta.*, incident.restored]}\n", text)

    broker = Shared(own)
    desks = os.path.join(broker.directory, "desks.yaml")
    with open(desks, "w", encoding="utf-8") as file:
        file.write("desks:\n  north: {name: North, nodes: [F1]}\n  south: {name: South, nodes: [F2]}\n")
    broker.settings.append("desks=" + json.dumps(desks))
    with broker:
        bus, other = broker.signed(), broker.signed("petrov", "081512")
        at = "2031-05-06T07:08:09Z"
        bus.put("shift.opened", {"person": "ivanova", "desk": "north"})
        other.put("shift.opened", {"person": "petrov", "desk": "south"})
        north = bus.put("incident.opened", {"kind": "outage", "node": "F1"})["incident"]
        south = bus.put("incident.opened", {"kind": "outage", "node": "F2"})["incident"]
        nowhere = bus.put("incident.opened", {"kind": "outage", "node": "F3"})["incident"]
        bus.put("eta.set", {"incident": north, "at": at})
        for incident in (south, nowhere):
            error = refused("denied", bus.refusal("publish", event("eta.set", {"incident": incident, "at": at})))
            same(error.reason, "area")
        refused("denied", other.refusal("publish", event("incident.restored", {"incident": north})))
        other.put("eta.set", {"incident": south, "at": at})
        bus.put("incident.updated", {"incident": south, "priority": 2})  # not narrowed
        rows = {(row.get("type"), row["area"]) for row in bus.query("rights") if row["verb"] == "publish"}
        assert ("eta.*", "own") in rows and ("eta.*", "*") not in rows and ("incident.*", "*") in rows, rows


if __name__ == "__main__":
    main()
