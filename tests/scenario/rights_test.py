#!/usr/bin/python3
"""The matrix of rights: every role (and none, and one that does not exist) x verb x type or query x area.

What is expected is read from the YAML by another reader than the broker's (PyYAML), cell by cell; the
last test counts that no cell was left out. One key a role, so that handshakes are cells too.
"""
import fnmatch
import json
import os
import pwd
import re
import subprocess
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import BUILD, ROOT, Broker, main, refused, same, test
from keys import KeyedBroker
from pultbus import event

SWITCHES = ("feed", "import", "admin", "clock")
SHOWN = ("personal", "text", "masked", "special")
VERBS = ("publish", "own", "subscribe", "query") + SWITCHES + SHOWN


def read_table():
    with open(os.path.join(ROOT, "config", "roles.yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)["roles"]


ROLES = read_table()
BROKER_TYPES = {name[:-5] for name in os.listdir(os.path.join(ROOT, "schemas")) if name.count(".") > 1
                and yaml.safe_load(open(os.path.join(ROOT, "schemas", name), encoding="utf-8")).get("x-broker")}
TYPES = sorted(name[:-5] for name in os.listdir(os.path.join(ROOT, "schemas")) if name.count(".") > 1)
# What each verb asks for beyond the right to it: enough to be refused for another reason than rights.
BODIES = {"import": {"import": "i", "kind": "nothing"}, "admin": {"do": "nothing"}, "clock": {"to": "never"}}
asserted = {}


def named(role, verb, name):
    return any(fnmatch.fnmatchcase(name, entry) for entry in ROLES[role].get(verb) or [])


def cell(role, verb, name, have, want):
    asserted[role, verb, name] = have
    assert have == want, "%s %s %s: %s, expected %s" % (role, verb, name, have, want)


class Matrix(KeyedBroker):
    """One client a role, and one with no role that is in the table of keys under a role taken away."""

    def __init__(self):
        super().__init__({role.replace("_", "-"): {"roles": [role]} for role in ROLES})
        path = os.path.join(self.directory, "matrix.yaml")
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump({"roles": ROLES, "users": {pwd.getpwuid(os.geteuid()).pw_name: list(ROLES)}}, file)
        self.settings.append("roles=" + json.dumps(path))

    def of(self, role):
        return self.keyed(role.replace("_", "-"))


def is_denied(bus, verb, body):
    answer = bus.answer(bus.send(verb, body))
    return not answer.ok and answer.body["code"] == "denied"


@test(own=True)
def every_role_may_do_what_the_table_names_and_nothing_else():
    with Matrix() as broker:
        queries = {row["query"] for row in broker.of("senior_dispatcher").query("rights", limit=1000)
                   if row["verb"] == "query"}
        same(queries, {"*"})
        queries = re.findall(r"there are (.*)", str(broker.of("senior_dispatcher").refusal(
            "query", {"name": "none"})))[0].split(", ")
        queries = [name.strip(" .") for name in queries]
        assert len(queries) >= 14, queries
        readers = {role: broker.of(role).reader() for role in ROLES}
        for role in ROLES:
            bus = broker.of(role)
            for topic in TYPES:
                cell(role, "publish", topic, not is_denied(bus, "publish", event(topic, {"nonsense": 1})),
                     named(role, "publish", topic) and topic not in BROKER_TYPES)
                answer = bus.answer(bus.send("subscribe", {"topics": [topic], "from": "new"}))
                cell(role, "subscribe", topic, answer.ok and topic in answer.body["types"],
                     named(role, "subscribe", topic))
                if answer.ok:
                    bus.ask("unsubscribe", {"subscription": answer.body["subscription"]})
            for name in queries:
                cell(role, "query", name, not is_denied(bus, "query", {"name": name, "args": {"nonsense": 1}}),
                     named(role, "query", name))
            for verb in SWITCHES[1:]:
                cell(role, verb, "", not is_denied(bus, verb, BODIES[verb]), bool(ROLES[role].get(verb)))
            stream = bus.subscribe([""], credit=0) if ROLES[role].get("subscribe") else None
            same(stream.types if stream else [], [t for t in TYPES if named(role, "subscribe", t)])
        for role, reader in readers.items():
            cell(role, "feed", "", reader.next(patience=1.5) is not None, bool(ROLES[role].get("feed")))
            reader.close()
        same(len(asserted), len(ROLES) * (2 * len(TYPES) + len(queries) + len(SWITCHES)))


@test(own=True)
def the_query_rights_and_pult_rights_say_what_the_table_says_and_why():
    with Matrix() as broker:
        for role, rights in ROLES.items():
            want = {(verb, entry) for verb in ("publish", "subscribe", "query") for entry in rights.get(verb) or []}
            want |= {(verb, None) for verb in SWITCHES if rights.get(verb)}
            rows = broker.of(role).query("rights", limit=1000)
            same({(r["verb"], r.get("type", r.get("query"))) for r in rows}, want, role)
            for row in rows:
                same([row[name] for name in SHOWN], [bool(rights.get(name)) for name in SHOWN])
                same((row["role"], row["area"], row["why"]), (role, "*", "keys." + role.replace("_", "-")))
        for name in ("script", "pult:key:script"):
            done = broker.pult("rights", name, "--role", "admin", key="admin")
            same(done.returncode, 0)
            same({json.loads(line)["why"] for line in done.stdout.splitlines()}, {"keys.script"})
        same(broker.pult("rights", "nobody-of-that-name", key="admin").returncode, 5)
        same(broker.pult("rights", "script", "--role", "observer", key="observer").returncode, 4)
        done = broker.pult("rights", key="observer")
        assert done.returncode == 0 and "observer" in done.stdout, done


@test(own=True)
def nobody_gets_a_role_that_is_not_in_the_table_or_not_his():
    with Matrix() as broker:
        bus = broker.of("observer")
        for name in ("emperor", "", "Observer", "observer ", "*", "admin", "dispatcher"):
            refused("denied", bus.refusal("hello", {"client": "t", "version": "1", "role": name}))
            refused("denied", bus.refusal("publish", event("log.entry", {"text": "t"})))


@test(own=True)
def who_called_is_shown_to_those_whose_role_may_see_it():
    with Matrix() as broker:
        reg_no = broker.of("operator").put("contact.outage_report", {
            "applicant": "person", "symptom": "no_power", "text": "Проволока искрит",
            "premise": {"settlement": "Тестовск", "flat": "777"},
            "caller": {"name": "Пробина Проба", "phone": "+79995550101", "email": "p@example.org"}})["reg_no"]
        for role, rights in ROLES.items():
            if not named(role, "query", "contact"):
                continue
            shown = json.dumps(broker.of(role).query("contact", reg_no=reg_no), ensure_ascii=False)
            same("Пробина Проба" in shown and "5550101" in shown, bool(rights.get("personal")), role)
            same("искрит" in shown, bool(rights.get("text") or rights.get("personal")), role)


@test(own=True)
def a_line_that_means_nothing_stops_the_start():
    good = "roles: {a: {publish: [log.entry]}}\nusers: {root: [a]}\n"
    for text, why in ((good.replace("log.entry", "log.entri"), "type"), (good.replace("log.entry", "logg.*"), "type"),
                      ("roles: {a: {query: [incidnts]}}\n", "query"), ("roles: {a: {query: [incid.*]}}\n", "query"),
                      ("roles: {a: {publish: [log.entry], write: true}}\n", "right"),
                      (good + "shared: yes\n", "list"), (good + "four_eyes: [{type: x}]\n", "type"),
                      (good + "four_eyes: [{type: contact.outage_report}]\n", "personal"),
                      (good + "four_eyes: [{act: mode.changed}]\n", "act"),
                      ("", "empty"), ("roles:\n", "role"), ("\0", "yaml"), ("roles: {a: \n", "yaml")):
        broker = Broker()
        path = os.path.join(broker.directory, "spoilt.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([os.path.join(ROOT, "tests", "broker"), broker.directory, "--set", "roles=" + path],
                              capture_output=True, text=True, timeout=30,
                              env=dict(broker.env, PULT_WRAP="timeout 5", LC_ALL="en_US.UTF-8"))
        assert done.returncode == 3 and why in done.stderr, (text, done.returncode, done.stderr)
        broker.__exit__(None)


if __name__ == "__main__":
    main()
