#!/usr/bin/python3
"""Own desks: what a role may do, ask and be sent in the area of a desk at which it sits, and elsewhere.

The matrix of rights_test.py in its fourth direction: every role x verb x type or query x area. Each role of
config/roles.yaml has a twin that is narrowed in all that can be narrowed. What is expected is read from the
YAML and from what the test itself put where; the last line counts that no cell was left out.
"""
import collections
import fnmatch
import json
import os
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from examples import BUILD, outage
from harness import ROOT, Company, main, refused, same, test
from keys import KeyedBroker
from pultbus import event

PLACED = ("eta", "incidents", "incident", "contacts", "contact", "premises", "nodes", "planned", "events")
ROLES = yaml.safe_load(open(os.path.join(ROOT, "config", "roles.yaml"), encoding="utf-8"))["roles"]
SCHEMAS = {name[:-5]: yaml.safe_load(open(os.path.join(ROOT, "schemas", name), encoding="utf-8"))
           for name in os.listdir(os.path.join(ROOT, "schemas")) if name.count(".") > 1}
# Of the whole company, or of an office: nobody's area.
NOWHERE = {t for t in SCHEMAS if t.split(".")[0] in ("call", "appointment", "approval", "mode")}


def named(entries, name):
    return any(fnmatch.fnmatchcase(name, entry) for entry in entries or [])


def narrowed(rights):
    """The role with everything in its own area that can be, and no feed, which is everywhere."""
    own = {"publish": rights.get("publish"), "subscribe": rights.get("subscribe"),
           "query": [q for q in PLACED if named(rights.get("query"), q)]}
    return {**rights, "feed": False, "own": {verb: list(names) for verb, names in own.items() if names}}


class Desks(KeyedBroker):
    """Two desks, north and south; a key a role, one a narrowed role, and `maker`, who may everything."""

    def __init__(self):
        every = {"publish": ["*"], "subscribe": ["*"], "query": ["*"], "import": True, "admin": True, "personal": True}
        twins = {"own_" + role: narrowed(rights) for role, rights in ROLES.items()}
        super().__init__({**{role.replace("_", "-"): {"roles": [role]} for role in (*ROLES, *twins)},
                          "maker": {"roles": ["maker"]}})
        for name, tree in (("roles", {"roles": {**ROLES, **twins, "maker": every}, "users": {"root": ["maker"]}}),
                           ("desks", {"desks": {"north": {"name": "N", "nodes": ["F1"]},
                                                "south": {"name": "S", "nodes": ["F2"]}}})):
            path = os.path.join(self.directory, "area-%s.yaml" % name)
            with open(path, "w", encoding="utf-8") as file:
                json.dump(tree, file)
            self.settings.append("%s=%s" % (name, json.dumps(path)))

    def start(self):
        super().start()
        self.maker = self.keyed("maker")
        # (F3 and its premises lie at no desk.)
        self.bus = lambda role, **_: self.keyed("maker")
        company = Company(self, places=3)
        self.north, self.south, self.elsewhere = company.take(), company.take(), company.take()
        for desk, node in (("north", self.north), ("south", self.south)):
            node.desk = desk
            self.sit("nobody", desk)
        csv = "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
        for here in (self.north, self.south):
            csv += "M%d,%s,5,1,2026-01-23,1000,,\n" % (here.number, here.accounts[0])
        self.maker.import_csv("meters", csv)
        return self

    def sit(self, who, desk="north"):
        self.maker.put("shift.opened", {"person": who, "desk": desk})


MISSING = {t for t, s in SCHEMAS.items() if not s.get("x-broker")} - NOWHERE - set(BUILD)
assert not MISSING, "no example in tests/lib/examples.py of %s" % MISSING
PUBLISHED = [t for t, schema in SCHEMAS.items() if not schema.get("x-broker") and t in BUILD]


class Places:
    """Where things lie, by what the test itself put there; events that follow say what they are of."""

    def __init__(self):
        self.incident, self.contact, self.planned = {}, {}, {}

    def of(self, raw):
        """north, south or None, of an event as it came; what it names is learnt."""
        data = json.loads(raw)["data"]
        account = (data.get("premise") or {}).get("account")
        node = data.get("node") or ((data.get("premise") or {}).get("resolved") or {}).get("node")
        desk = data.get("desk")
        for key, known in (("incident", self.incident), ("contact", self.contact), ("planned", self.planned)):
            desk = desk or known.get(data.get(key))
        desk = desk or {"1": "north", "2": "south"}.get((node or "-")[1:2]) or {
            "1001": "north", "1002": "south"}.get((account or (data.get("accounts") or ["-"])[0])[:4])
        for key, known in (("incident", self.incident), ("reg_no", self.contact), ("planned", self.planned)):
            if key in data:
                known.setdefault(data[key], desk)
        return desk


def journal(bus):
    """(sequence, type, area) of every event, by the one who may read all."""
    places, found = Places(), []
    for row in bus.pages("events", limit=1000):
        found.append((int(row["sequence"]), row["type"], places.of(json.dumps(row))))
    return found, places


def fill(broker):
    """Every type that clients publish, in both areas, and of the company as a whole."""
    for here in (broker.north, broker.south):
        for type in PUBLISHED:
            broker.maker.put(type, BUILD[type](broker.maker, here))
    broker.maker.put("mode.changed", {"mode": "normal"})


@test(own=True)
def a_narrowed_role_is_sent_and_shown_what_lies_at_its_own_desk_and_nothing_else():
    asserted = collections.Counter()
    with Desks() as broker:
        fill(broker)
        for role, rights in ROLES.items():
            key, twin = "own-" + role.replace("_", "-"), narrowed(rights)
            broker.sit(key)
            every, places = journal(broker.maker)
            head = every[-1][0]
            bus = broker.keyed(key)
            for start in ((0, head - 5) if rights.get("subscribe") else ()):  # from the store, and from memory
                stream = bus.subscribe([""], start=start, credit=100000)
                while not any(live["head"] >= head for live in stream.lives):
                    assert bus.pump(10), "no live"
                got = [int(json.loads(raw)["sequence"]) for raw in stream.raws if raw]
                want = [n for n, type, area in every
                        if start < n <= head and named(twin["subscribe"], type) and area == "north"]
                same([n for n in got if n <= head], want, "%s from %d: " % (role, start))
                bus.ask("unsubscribe", {"subscription": stream.name})
            for _, type, area in every:
                asserted[role, "subscribe", type, area] = 1
            north = lambda kind: {n for n, area in getattr(places, kind).items() if area == "north"}
            asks = {"incidents": ("incident", {"state": "all"}), "contacts": ("reg_no", {}),
                    "planned": ("planned", {"state": "all"}), "events": ("sequence", {}),
                    "premises": ("account", {}), "nodes": ("id", {"parent": "S1"}),
                    "eta": ("incident", {"account": broker.north.accounts[0]})}
            want = {"incidents": north("incident"), "contacts": north("contact"), "planned": north("planned"),
                    "events": {"%016d" % n for n, type, area in every
                               if area == "north" and named(twin.get("subscribe"), type)},
                    "premises": set(broker.north.accounts), "nodes": {"F1"}}
            for name, (field, args) in asks.items():
                if not named(rights.get("query"), name):
                    continue
                got = {row.get(field) for row in bus.pages(name, **args)}
                if name == "eta":
                    assert got and got - {None} <= north("incident"), (role, got)
                    same(bus.query("eta", account=broker.south.accounts[0]), [])
                else:
                    same(got - ({"%016d" % n for n in range(head + 1, head + 99)}), want[name], role + " " + name + ": ")
                asserted[role, "query", name] = 1
            for name, key in (("incident", "incident"), ("contact", "contact"), ("eta", "incident")):
                if not named(rights.get("query"), name):
                    continue
                argument = "reg_no" if name == "contact" else "incident"
                for number, area in getattr(places, key).items():
                    answer = bus.answer(bus.send("query", {"name": name, "args": {argument: number}}))
                    same(answer.ok, area == "north", "%s %s %s: " % (role, name, number))
                    assert answer.ok or (answer.body["code"], answer.body["reason"]) == ("denied", "area"), answer
                asserted[role, "query", name] = 1
            if named(rights.get("query"), "nodes"):
                refused("denied", bus.refusal("query", {"name": "nodes", "args": {"id": broker.south.left}}))
                bus.query("nodes", id=broker.north.left)
        types = {type for _, type, area in every if area}
        missing = set(PUBLISHED) - NOWHERE - types
        assert not missing, missing
        same(sum(1 for cell in asserted if cell[1] == "query"),
             sum(named(r.get("query"), q) for r in ROLES.values() for q in PLACED))
        print("  %d cells" % len(asserted))


@test(own=True)
def a_narrowed_role_publishes_at_its_own_desk_and_nowhere_else():
    asserted = set()
    with Desks() as broker:
        for role, rights in ROLES.items():
            key = "own-" + role.replace("_", "-")
            bus, plain = broker.keyed(key), broker.keyed(role.replace("_", "-"))
            for type in PUBLISHED:
                if not named(rights.get("publish"), type):
                    continue
                for here in (broker.south, broker.north):
                    broker.sit(key)
                    data = BUILD[type](broker.maker, here)
                    answer = bus.answer(bus.send("publish", event(type, data)))
                    own = here is broker.north and type not in NOWHERE
                    same(answer.ok, own, "%s %s at %s: %s " % (role, type, here.desk, answer.body))
                    if not own:
                        same(answer.body["reason"], "area")
                        assert plain.answer(plain.send("publish", event(type, data))).ok, type
                    asserted.add((role, type, here.desk))
        same(len(asserted), 2 * sum(named(r.get("publish"), t) for r in ROLES.values() for t in PUBLISHED))
        print("  %d cells" % len(asserted))


@test(own=True)
def who_gets_up_is_sent_nothing_more():
    with Desks() as broker:
        key = "own-dispatcher"
        broker.sit(key)
        bus = broker.keyed(key)
        stream = bus.subscribe(["incident."])
        first = outage(broker.maker, broker.north)
        same(json.loads(stream.next())["data"]["incident"], first)
        broker.sit("another")
        outage(broker.maker, broker.north)
        broker.sit(key)
        third = outage(broker.maker, broker.north)
        got = [json.loads(stream.next())["data"]["incident"]]
        assert got == [third], got


@test(own=True)
def rights_say_what_is_narrowed_and_a_table_that_says_too_much_is_refused():
    with Desks() as broker:
        rows = broker.keyed("own-operator").query("rights", limit=1000)
        area = {(r["verb"], r.get("type", r.get("query"))): r["area"] for r in rows}
        for name in ROLES["operator"]["query"]:
            same(area["query", name], "own" if name in PLACED else "*", name)
        for verb in ("publish", "subscribe"):
            same({area[verb, name] for name in ROLES["operator"][verb]}, {"own"})
    for role, why in (("{publish: [eta.set], own: {publish: [eta.*]}}", "may not do it"),
                      ("{query: [stats], own: {query: [stats]}}", "narrowed"),
                      ("{subscribe: [eta.*], feed: true, own: {subscribe: [eta.set]}}", "feed"),
                      ("{publish: [eta.*], own: [eta.*]}", "own"), ("{own: {feed: [x]}}", "own"),
                      ("{query: [\"*\"], own: {query: [\"*\"]}}", "narrowed")):
        broker = KeyedBroker({})
        path = os.path.join(broker.directory, "spoilt.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("roles:\n  a: %s\n" % role)
        broker.settings.append("roles=" + path)
        broker.env["LC_ALL"] = "en_US.UTF-8"
        broker.start(wait=False)
        same(broker.process.wait(10), 3, role)
        assert why in broker.said(), (role, broker.said())
        broker.__exit__(None)


if __name__ == "__main__":
    main()
