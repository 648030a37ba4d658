#!/usr/bin/python3
# valgrind
"""Random acts of dispatchers and callers: the broker answers as tests/lib/oracle.py does.

A seeded company, a replay clock, and thousands of acts in any order, allowed ones and forbidden
ones. After each the answer must agree with the model of the eight rules: accepted or `conflict`,
the incident or planned works a report went to, and from time to time every account's `query eta`.
PULT_SEED repeats a run, PULT_ACTS makes it longer.
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import oracle
from harness import (Broker, NETWORK_HEADER, PREMISES_HEADER, complaint, main, report, test)
from pultbus import Refused, event, rfc3339, seconds

DAY, HOUR = 86400, 3600
FEEDERS = 4


class Game:
    def __init__(self, broker, dice):
        self.dice = dice
        self.model = oracle.Oracle()
        self.admin, self.bus = broker.bus("admin"), broker.bus("script")
        self.looker, self.reader = broker.bus("operator"), broker.bus("dispatcher")
        self.done = []
        network, premises = "S,,substation,S,110,\n", ""
        self.model.parents["S"] = None
        for f in range(FEEDERS):
            network += "F%d,S,feeder,F%d,10,\n" % (f, f)
            self.model.parents["F%d" % f] = "S"
            for t in range(2):
                node = "T%d%d" % (f, t)
                network += "%s,F%d,transformer,%s,0.4,\n" % (node, f, node)
                self.model.parents[node] = "F%d" % f
                for p in range(2):
                    account = "%d%d%d" % (f + 1, t, p)
                    # One house a premise, on a street of its own, so that only nodes join them.
                    premises += "%s,%s,Игрище,улица %s,1,,person,3,,,\n" % (account, node, account)
                    self.model.premises[account] = node
        self.admin.import_csv("network", NETWORK_HEADER + network)
        self.admin.import_csv("premises", PREMISES_HEADER + premises)
        self.accounts, self.nodes = list(self.model.premises), list(self.model.parents)[1:]
        self.forward(100 * DAY)

    def forward(self, by):
        self.model.now += by
        self.admin.clock(self.model.now)

    def both(self, type, data, act, time=None):
        """The act on both; None when both refuse, else (the broker's result, the model's)."""
        self.done.append((self.model.now, type, data))
        try:
            mine, refused = act(), False
        except oracle.Conflict:
            mine, refused = None, True
        more = {} if time is None else {"time": rfc3339(time)}
        try:
            result = self.bus.publish(event(type, data, **more))
        except Refused as error:
            assert refused and error.code == "conflict", "the broker refuses: %s" % error
            return None
        assert not refused, "the broker accepts what the rules forbid"
        return result, mine

    # -- acts -------------------------------------------------------------------------------
    def some_time(self):
        return self.model.now + self.dice.choice((-DAY, -HOUR, -900, -1, 0, 1, 900, HOUR, 8 * DAY))

    def incident(self):
        return self.dice.choice(list(self.model.incidents)) if self.model.incidents else None

    def some_accounts(self):
        return sorted(self.dice.sample(self.accounts, self.dice.randrange(1, 4)))

    def open_incident(self):
        kind = self.dice.choice(("outage", "outage", "quality"))
        data, more = {"kind": kind}, {}
        if self.dice.random() < 0.5:
            more["node"] = data["node"] = self.dice.choice(self.nodes)
        else:
            more["accounts"] = data["accounts"] = self.some_accounts()
        if self.dice.random() < 0.5:
            more["started"] = self.some_time()
            data["started"] = rfc3339(more["started"])
        result, number = self.both("incident.opened", data,
                                   lambda: self.model.open_incident(kind, **more))
        assert result["incident"] == number, (result, number)

    def update(self):
        number, started = self.incident(), self.some_time()
        add, remove = self.some_accounts(), self.some_accounts()
        add = [a for a in add if a not in remove]
        data = {"incident": number, "started": rfc3339(started), "accounts_remove": remove}
        if add:
            data["accounts_add"] = add
        self.both("incident.updated", data,
                  lambda: self.model.update(number, started, add, remove))

    def restore(self):
        number = self.incident()
        at = self.dice.choice((None, self.model.now - 600, self.model.now - 1200))
        self.both("incident.restored",
                  {"incident": number, **({"at": rfc3339(at)} if at else {})},
                  lambda: self.model.restore(number, at))

    def simple(self, type, act):
        number = self.incident()
        self.both("incident." + type, {"incident": number}, lambda: act(number))

    def cancel(self):
        number = self.incident()
        if self.model.incidents[number].open:
            self.both("incident.cancelled", {"incident": number, "reason": "invalid"},
                      lambda: self.model.cancel(number))

    def set_eta(self):
        number, at = self.incident(), self.some_time()
        source = self.dice.choice(("dispatcher", "crew", "zone", "zone"))
        firmness = self.dice.choice(("estimate", "firm", "not_before"))
        both = self.both("eta.set", {"incident": number, "at": rfc3339(at), "source": source,
                                     "firmness": firmness},
                         lambda: self.model.set_eta(number, at, firmness, source))
        if both and both[1] is False:
            assert both[0]["in_force"] is False, both[0]

    def withdraw(self):
        number = self.incident()
        if self.model.incidents[number].open:
            self.both("eta.withdrawn", {"incident": number},
                      lambda: self.model.withdraw_eta(number))

    def announce(self):
        starts = self.some_time()
        ends = starts + self.dice.choice((900, HOUR, DAY))
        accounts = self.some_accounts()
        result, number = self.both(
            "planned.announced", {"accounts": accounts, "starts": rfc3339(starts),
                                  "ends": rfc3339(ends), "reason": "игра"},
            lambda: self.model.announce(starts, ends, accounts=accounts))
        assert result["planned"] == number

    def works(self, type, act):
        if self.model.works:
            number = self.dice.choice(list(self.model.works))
            self.both("planned." + type, {"planned": number}, lambda: act(number))

    def change_works(self):
        live = [w for w in self.model.works.values() if w.state in ("announced", "started")]
        if live:
            works = self.dice.choice(live)
            starts = self.some_time()
            ends, accounts = starts + HOUR, self.some_accounts()
            self.both("planned.changed", {
                "planned": works.number, "starts": rfc3339(starts), "ends": rfc3339(ends),
                "accounts": accounts}, lambda: self.model.change_works(
                    works.number, starts=starts, ends=ends, accounts=accounts))

    def call(self):
        kind = self.dice.choice(("outage", "outage", "quality"))
        account = self.dice.choice(self.accounts)
        type = "contact.outage_report" if kind == "outage" else "contact.quality_complaint"
        data = report(account) if kind == "outage" else complaint(account)
        self.done.append((self.model.now, type, data))
        result = self.bus.put(type, data)
        what, number = self.model.report(kind, account, nested=result.get("incident"))
        other = "planned" if what == "incident" else "incident"
        assert result.get(what) == number and not result.get(other), (
            "the report went to %r, expected %s %d" % (
                {k: result.get(k) for k in ("incident", "planned")}, what, number))
        if what == "incident" and self.model.incidents[number].state == "suspected":
            self.adopt(number)

    def adopt(self, number):
        """Where a suspected incident sits, which of several restorations it is nested in, and since
        when a nested one counts as out, is the engine's choice; take it over."""
        row = self.row(number)
        found = self.model.incidents[number]
        assert row["state"] in ("suspected", "probable"), row["state"]
        if found.calls == 1:
            assert (row.get("nested_in") in found.parents) if found.parents else (
                not row.get("nested_in")), (row.get("nested_in"), found.parents)
            found.nested_in = row.get("nested_in")
        found.node = row.get("node")
        found.accounts = set() if found.node else {
            account for account in self.accounts if any(
                r.get("incident") == number for r in self.looker.query("eta", account=account))}
        found.started = seconds(row["started"])

    def row(self, number):
        return self.reader.query("incident", incident=number)[0]

    # -- comparing --------------------------------------------------------------------------
    def look(self):
        requests = {a: self.looker.send("query", {"name": "eta", "args": {"account": a}})
                    for a in self.accounts}
        for account, request in requests.items():
            have = sorted(map(str, map(shown, self.looker.answer(request).value()["rows"])))
            want = sorted(map(str, map(expected, self.model.eta(account))))
            assert have == want, "account %s:\nbroker %s\nmodel  %s" % (
                account, "\n       ".join(have), "\n       ".join(want))


def shown(row):
    """A row of `query eta` with times as numbers."""
    eta = row.get("eta")
    kind = "planned" if "planned" in row else "incident"
    return (kind, row[kind], row["state"], row["calls"], seconds(row["started"]),
            eta and (seconds(eta["at"]), eta["firmness"], eta["overdue"]))


def expected(row):
    eta = row.get("eta")
    kind = "planned" if "planned" in row else "incident"
    return (kind, row[kind], row["state"], row["calls"], row["started"],
            eta and (eta["at"], eta["firmness"], eta["overdue"]))


@test(own=True)
def thousands_of_random_acts_agree_with_the_model():
    seed = int(os.environ.get("PULT_SEED", random.randrange(1 << 30)))
    acts = int(os.environ.get("PULT_ACTS", "3000"))
    print("seed %d" % seed)
    dice = random.Random(seed)
    with Broker(replay=True) as broker:
        game = Game(broker, dice)
        model = game.model
        game.open_incident()
        moves = [(20, game.call), (4, game.open_incident), (6, game.update), (8, game.restore),
                 (4, lambda: game.simple("closed", model.close)),
                 (3, lambda: game.simple("reopened", model.reopen)), (1, game.cancel),
                 (8, game.set_eta), (3, game.withdraw), (2, game.announce),
                 (3, lambda: game.works("started", model.start_works)),
                 (3, lambda: game.works("ended", model.end_works)), (3, game.change_works),
                 (6, lambda: game.forward(dice.choice((1, 60, 300, 600, 900, HOUR))))]
        weights, functions = zip(*moves)
        try:
            for number in range(acts):
                dice.choices(functions, weights)[0]()
                if number % 10 == 0:
                    game.look()
            game.look()
        except AssertionError:
            print("seed %d, act %d; the last acts:" % (seed, number))
            for act in game.done[-12:]:
                print("   ", act)
            raise


if __name__ == "__main__":
    main()
