#!/usr/bin/python3
"""Weeks of a company at random, with prediction on: what the broker says is what EVENTS.md adds up to.

Where random_acts_test looks at each act on a company of a few houses, this one has networks of thousands of
nodes, moves, merges, works that change, and looks at rows, pages, sums and histories. Its fold of the rules is
its own, written from EVENTS.md; of incidents that the broker opened it takes the place from the broker. busd is
killed in the middle. PULT_SEED repeats a run, PULT_ACTS makes it longer.
"""
import csv
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, NETWORK_HEADER, PREMISES_HEADER, SHARED, Skip, complaint, main, report, same, test
from pultbus import Refused, event, rfc3339, seconds

HOUR, DAY, QUARTER = 3600, 86400, 900
OPEN = ("suspected", "probable", "confirmed", "partly_restored")
RANK = {"dispatcher": 2, "crew": 2, "zone": 1}
START = 1767000000  # 2025-12-29T09:20:00Z: a year ends within the week


class Thing:
    """An incident or works: what it covers, what was told to it."""

    def __init__(self, number=0, state="confirmed", **more):
        self.number, self.state, self.accounts, self.nodes = number, state, set(), []
        self.kind, self.customers, self.ref, self.eta, self.restored_at = "outage", None, None, None, None
        self.calls, self.etas, self.own, self.part = 0, [], True, False
        self.__dict__.update(more)


class Network:
    def __init__(self, nodes, premises):
        """Rows of (id, parent, kind) and (account, node)."""
        self.csv = (NETWORK_HEADER + "".join("%s,%s,%s,,10,\n" % row for row in nodes),
                    PREMISES_HEADER + "".join("%s,%s,Город,улица,%d,,person,3,,,\n" % (account, node, n // 4 + 1)
                                              for n, (account, node) in enumerate(premises)))
        self.children, self.at, self.known = {}, {}, {}
        for node, parent, _ in nodes:
            self.children.setdefault(parent, []).append(node)
        for account, node in premises:
            self.at.setdefault(node, []).append(account)
        self.nodes, self.accounts = [row[0] for row in nodes], [row[0] for row in premises]

    def below(self, node):
        if node not in self.known:
            self.known[node] = set(self.at.get(node, ()))
            stack = list(self.children.get(node, ()))
            while stack:
                one = stack.pop()
                self.known[node].update(self.at.get(one, ()))
                stack += self.children.get(one, ())
        return self.known[node]


def invented(dice):
    kinds, levels, nodes = ("substation", "feeder", "section", "lateral", "transformer", "line"), [], []
    for depth, (kind, count) in enumerate(zip(kinds, (2, 6, 15, 40, 90, 250))):
        levels.append(["%s/%d." % (kind[:2], n) for n in range(count)])
        nodes += [(name, dice.choice(levels[depth - 1]) if depth else "", kind) for name in levels[-1]]
    dice.shuffle(nodes)
    return Network(nodes, [("№%05d" % n, "" if dice.random() < .03 else dice.choice(levels[dice.choice((2, 4, 5, 5, 5))]))
                           for n in range(700)])


def real(name):
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([sys.executable, os.path.join(SHARED, "tools", "grouping", "to_csv.py"),
                        os.path.join(SHARED, "data", "network", name), directory], check=True)
        rows = {}
        for kind in ("network", "premises"):
            with open(os.path.join(directory, kind + ".csv"), encoding="utf-8") as file:
                rows[kind] = list(csv.DictReader(file))
    return Network([(row["id"], row["parent"], row["kind"]) for row in rows["network"]],
                   [(row["account"], row["node"]) for row in rows["premises"]])


class Week:
    def __init__(self, broker, network, dice):
        self.broker, self.net, self.dice, self.now = broker, network, dice, START
        self.incidents, self.works, self.contacts = {}, {}, []
        self.connect()
        self.admin.clock(rfc3339(self.now))
        self.admin.import_csv("network", network.csv[0])
        self.admin.import_csv("premises", network.csv[1])

    def connect(self):
        self.admin, self.bus = self.broker.bus("admin"), self.broker.bus()

    def forward(self):
        self.now += self.dice.choice((0, 0, 1, 30, 120, 600, QUARTER, HOUR))
        self.admin.clock(rfc3339(self.now))

    def near(self, past=10 * HOUR, ahead=2 * HOUR):
        return self.now + self.dice.randint(-past, ahead)

    def some(self, most):
        return self.dice.sample(self.net.accounts, self.dice.randint(1, most))

    def node(self):
        while True:
            node = self.dice.choice(self.net.nodes)
            if len(self.net.below(node)) < 80 or self.dice.random() < .05:
                return node

    def covered(self, thing):
        return thing.accounts.union(*(self.net.below(node) for node in thing.nodes))

    def covers(self, thing, account):
        return account in thing.accounts or any(account in self.net.below(node) for node in thing.nodes)

    def pick(self, *states):
        """An incident that a dispatcher opened, in one of the states."""
        found = [one for one in self.incidents.values() if one.own and one.state in states]
        return self.dice.choice(found) if found else None

    def put(self, type, data, **more):
        one = event(type, data, **more)
        result = self.bus.publish(one)
        if self.dice.random() < .03:
            again = self.bus.publish(one)
            same([again[key] for key in ("sequence", "duplicate")] + [again.get("incident"), again.get("reg_no")],
                 [result["sequence"], True, result.get("incident"), result.get("reg_no")])
        return result

    def refused(self, type, incident, **more):
        same(self.bus.refusal("publish", event(type, {"incident": incident.number, **more})).code, "conflict", type)

    def place(self, thing, most):
        """A node or accounts, for data."""
        if self.dice.random() < .5:
            thing.nodes = [self.node()]
            return {"node": thing.nodes[0]}
        thing.accounts = set(self.some(most))
        return {"accounts": sorted(thing.accounts)}

    # -- acts -------------------------------------------------------------------------------
    def open(self):
        one = Thing(kind=self.dice.choice(("outage", "outage", "quality", "hazard")), started=self.near())
        data = {"kind": one.kind, "started": rfc3339(one.started), **self.place(one, 10)}
        if self.dice.random() < .3:
            data["customers"] = one.customers = self.dice.randint(0, 500)
        if self.dice.random() < .5:
            data["ref"] = one.ref = "R%d" % self.dice.randint(0, 9999)
        one.number = self.put("incident.opened", data)["incident"]
        self.incidents[one.number] = one

    def learn(self, account):
        """What the broker's own incidents cover is the broker's to say; returns those there."""
        here = set()
        for row in self.bus.query("eta", account=account):
            one = self.incidents.get(row.get("incident"))
            if "incident" in row and (one is None or not one.own):
                here.add(row["incident"])
                self.incidents[row["incident"]] = Thing(row["incident"], row["state"], own=False, kind=row["kind"],
                                                        started=seconds(row["started"]))
        return here

    def targets(self, account, kind, moment, predicted):
        """Rule 2: which incidents, works or restored incidents may take the report."""
        open_here = [one for one in self.incidents.values() if one.state in OPEN and
                     (self.covers(one, account) if one.own else one.number in predicted)]
        open_here = [one for one in open_here if one.kind == kind] or open_here
        if open_here:
            latest = max(one.started for one in open_here)
            return "incident", [one.number for one in open_here if one.started == latest]
        works = [one.number for one in self.works.values() if one.state == "started" and
                 moment <= one.ends + QUARTER and self.covers(one, account)]
        if works:
            return "planned", works
        return "nested_in", [one.number for one in self.incidents.values() if one.own and one.restored_at is not None and
                             one.state in ("restored", "verified", "closed") and
                             moment <= one.restored_at + QUARTER and self.covers(one, account)]

    def call(self):
        of = self.pick(*OPEN, "restored") if self.dice.random() < .75 else None
        account = self.dice.choice(sorted(self.covered(of)) or self.net.accounts) if of else self.dice.choice(self.net.accounts)
        kind, moment, predicted = self.dice.choice(("outage", "outage", "quality")), self.near(QUARTER, 0), self.learn(account)
        where, wanted = self.targets(account, kind, moment, predicted)
        data = report(account) if kind == "outage" else complaint(account)
        result = self.put("contact.outage_report" if kind == "outage" else "contact.quality_complaint", data, time=rfc3339(moment))
        self.contacts.append((result["reg_no"], self.now))
        if where == "nested_in":
            row = self.bus.query("incident", incident=result["incident"])[0]
            assert row.get("nested_in") in (wanted or [None]), (account, wanted, row)
            if row.get("nested_in") and row["incident"] not in self.incidents:
                same(seconds(row["started"]), self.incidents[row["nested_in"]].started, "dated back")
            self.learn(account)
        else:
            assert result.get(where) in wanted, (account, kind, where, wanted, result)
        took = self.works.get(result.get("planned")) or self.incidents.get(result.get("incident"))
        if took:
            took.calls += 1

    def promise(self):
        one = self.pick(*OPEN)
        if one:
            source = self.dice.choice(tuple(RANK))
            eta = {"at": self.near(HOUR, 8 * HOUR), "source": source, "published": self.dice.random() > .1}
            result = self.put("eta.set", {"incident": one.number, **eta, "at": rfc3339(eta["at"])})
            stands = one.eta is None or RANK[source] >= RANK[one.eta["source"]]
            same(result["in_force"], stands)
            one.etas.append(eta)
            one.eta = eta if stands else one.eta

    def withdraw(self):
        one = self.pick(*OPEN)
        if one:
            self.put("eta.withdrawn", {"incident": one.number})
            one.etas.append(None)
            one.eta = None

    def update(self):
        one = self.pick(*OPEN, "restored", "verified", "closed")
        if not one:
            return
        data = {"incident": one.number, "text": "x"}
        if self.dice.random() < .4:
            one.started = self.near()
            data["started"] = rfc3339(one.started)
        if self.dice.random() < .4:
            data["accounts_add"] = self.some(5)
            one.accounts |= set(data["accounts_add"])
        elif one.accounts and self.dice.random() < .4:
            data["accounts_remove"] = [self.dice.choice(sorted(one.accounts))]
            one.accounts -= set(data["accounts_remove"])
        if self.dice.random() < .2:
            data["customers"] = one.customers = self.dice.randint(0, 99)
        self.put("incident.updated", data)

    def move(self):
        one = self.pick(*OPEN)
        if one:
            one.nodes = [self.node()]
            self.put(self.dice.choice(("incident.moved", "incident.confirmed")), {"incident": one.number, "node": one.nodes[0]})

    def part(self):
        one = self.pick(*OPEN)
        if one and self.covered(one):
            self.put("incident.partly_restored", {"incident": one.number,
                                                  "accounts": [self.dice.choice(sorted(self.covered(one)))]})
            one.state, one.part = "partly_restored", True

    def restore(self):
        one = self.pick(*OPEN, "restored")
        if one:
            one.restored_at = self.near(1800, 0)
            self.put("incident.restored", {"incident": one.number, "at": rfc3339(one.restored_at)})
            one.state, one.eta, one.part = "restored", None, False
            self.refused("eta.set", one, at=rfc3339(self.now))

    def close(self):
        one = self.pick("restored", "verified")
        if one:
            one.state = "verified" if one.state == "restored" and self.dice.random() < .3 else "closed"
            self.put("incident." + one.state, {"incident": one.number})
        one = self.pick(*OPEN)
        if one:
            self.refused("incident.closed", one)
            self.refused("incident.reopened", one)

    def reopen(self):
        one = self.pick("restored", "verified", "closed", "cancelled")
        if one:
            self.put("incident.reopened", {"incident": one.number})
            one.state, one.restored_at, one.part = "confirmed", None, False

    def cancel(self):
        one = self.pick(*OPEN)
        if one:
            self.put("incident.cancelled", {"incident": one.number, "reason": "not_found"})
            one.state, one.eta = "cancelled", None

    def merge(self):
        one, into = self.pick(*OPEN), self.pick(*OPEN)
        if one is into or not one:
            return
        self.put("incident.merged", {"incident": one.number, "into": into.number})
        if one.eta and one.eta["published"] and (into.eta is None or RANK[one.eta["source"]] > RANK[into.eta["source"]]):
            into.eta = dict(one.eta)
            into.etas.append(into.eta)
        into.accounts |= one.accounts
        into.nodes = sorted(set(into.nodes) | set(one.nodes))
        into.calls += one.calls
        into.part |= one.part
        one.state, one.eta = "merged", None

    def plan(self):
        if not self.works or self.dice.random() < .4:
            one = Thing(state="announced", starts=self.near(2 * HOUR, 10 * DAY))
            one.ends = one.starts + self.dice.randint(60, 5 * HOUR)
            one.number = self.put("planned.announced", {"starts": rfc3339(one.starts), "ends": rfc3339(one.ends),
                                                        "reason": "r", **self.place(one, 9)})["planned"]
            self.works[one.number] = one
            return
        one, act = self.dice.choice(list(self.works.values())), self.dice.choice(("started", "started", "ended", "cancelled", "changed"))
        if one.state == "cancelled":
            same(self.bus.refusal("publish", event("planned.started", {"planned": one.number})).code, "conflict")
        elif act == "changed":
            one.ends = self.near(HOUR, 5 * HOUR)
            self.put("planned.changed", {"planned": one.number, "ends": rfc3339(one.ends)})
        elif one.state != "ended" or act == "started":
            self.put("planned." + act, {"planned": one.number})
            one.state = act

    # -- looking ----------------------------------------------------------------------------
    def wanted(self, one, row):
        """The members of the incident's row that EVENTS.md settles."""
        eta = one.eta if one.eta and one.eta["published"] and not row.get("restored_here") else None
        return {"ref": one.ref, "kind": one.kind, "state": one.state, "calls": one.calls,
                "customers": len(self.covered(one)) if one.customers is None else one.customers,
                "started": one.started, "restored_at": one.restored_at if one.state in ("restored", "verified") else None,
                "eta": eta and (eta["at"], eta["source"], eta["at"] < self.now)}

    def look(self, account):
        rows = self.bus.pages("eta", account=account, limit=self.dice.choice((1, 3, 100)))
        here = {("incident", one.number): one for one in self.incidents.values()
                if one.own and one.state in OPEN + ("restored", "verified") and self.covers(one, account)}
        here.update({("planned", one.number): one for one in self.works.values() if self.covers(one, account) and (
            one.state == "started" or (one.state == "announced" and one.starts - 7 * DAY <= self.now))})
        shown = {("planned", row["planned"]) if "planned" in row else ("incident", row["incident"]): row for row in rows}
        same(len(shown), len(rows), "rows")
        same({key for key in shown if key[0] == "planned" or (self.incidents.get(key[1]) or Thing(own=False)).own},
             set(here), account)
        for key, one in here.items():
            row = shown[key]
            eta = row["eta"] and (seconds(row["eta"]["at"]), row["eta"]["source"], row["eta"]["overdue"])
            if key[0] == "planned":
                same((row["state"], row["calls"], row["customers"], seconds(row["started"]), eta),
                     (one.state, one.calls, len(self.covered(one)), one.starts, (one.ends, "dispatcher", one.ends < self.now)))
                continue
            assert one.part or not row.get("restored_here"), row
            want = self.wanted(one, row)
            same({name: {"eta": eta, "started": seconds(row["started"]),
                         "restored_at": row.get("restored_at") and seconds(row["restored_at"])}.get(name, row.get(name))
                  for name in want}, want, "incident %d" % one.number)

    def history(self, one):
        """Rule 8; an ETA that came by a merge too."""
        etas = self.bus.query("incident", incident=one.number)[0]["etas"]
        same([(eta["at"] and seconds(eta["at"]), eta["in_force"]) for eta in etas],
             [(eta and eta["at"], eta is not None and eta is one.eta) for eta in one.etas])

    def checkpoint(self):
        for account in self.some(6):
            self.look(account)
        rows = self.bus.pages("incidents", state="all", limit=self.dice.choice((7, 1000)))
        same([row["incident"] for row in rows], list(range(1, len(rows) + 1)))
        for row in rows:
            one = self.incidents.setdefault(row["incident"], Thing(row["incident"], own=False))
            if not one.own:
                one.state, one.kind, one.started = row["state"], row["kind"], seconds(row["started"])
            elif one.state != "merged":
                same((row["state"], row["calls"], row["eta"] and seconds(row["eta"]["at"])),
                     (one.state, one.calls, one.eta and one.eta["at"]), row["incident"])
        still = [row for row in rows if row["state"] in OPEN]
        today = rfc3339(self.now + 3 * HOUR)[:10]
        stats = self.bus.query("stats")[0]
        same({name: stats[name] for name in ("open", "customers", "without_eta", "overdue", "contacts_today")},
             {"open": len(still), "customers": sum(row["customers"] for row in still),
              "without_eta": sum(row["eta"] is None for row in still),
              "overdue": sum(row["eta"] is not None and seconds(row["eta"]["at"]) < self.now for row in still),
              "contacts_today": sum(rfc3339(at + 3 * HOUR)[:10] == today for _, at in self.contacts)})
        one = self.pick(*OPEN, "restored", "closed")
        if one:
            self.history(one)
            for account in sorted(self.covered(one))[:2]:
                self.look(account)

    def run(self, acts):
        weights = {"call": 40, "open": 8, "promise": 12, "withdraw": 2, "update": 7, "move": 2, "part": 3, "restore": 8,
                   "close": 5, "reopen": 2, "cancel": 1, "merge": 2, "plan": 10}
        for step in range(1, acts + 1):
            self.forward()
            getattr(self, self.dice.choices(list(weights), list(weights.values()))[0])()
            if step == acts // 2:
                self.broker.kill()
                self.broker.start()
                self.connect()
            if step % 50 == 0:
                self.checkpoint()
        numbers = {}
        for reg_no, _ in self.contacts:
            year, number = reg_no.split("-")
            numbers.setdefault(year, []).append(int(number))
        for given in numbers.values():
            same(given, list(range(1, len(given) + 1)), "registration numbers")


def week(make):
    seed = int(os.environ.get("PULT_SEED") or random.randrange(1 << 32))
    dice = random.Random(seed)
    network = make(dice)
    with Broker(replay=True, predict=True) as broker:
        try:
            Week(broker, network, dice).run(int(os.environ.get("PULT_ACTS") or 300))
        except (AssertionError, Refused):
            print("seed %d: PULT_SEED=%d repeats it" % (seed, seed))
            raise


@test(own=True)
def a_week_of_an_invented_company_is_what_its_events_add_up_to():
    week(invented)


@test(own=True)
def a_week_on_a_real_feeder_is_what_its_events_add_up_to():
    if not os.path.isdir(os.path.join(SHARED, "data", "network")):
        raise Skip("no networks at %s" % SHARED)
    week(lambda dice: real(dice.choice(("ckt24", "ieee8500"))))


if __name__ == "__main__":
    main()
