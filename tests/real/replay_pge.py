#!/usr/bin/python3
"""replay_pge.py EVENTS.csv CHECKPOINTS.csv OUTAGES.csv: a real week of a power company through the
bus at full speed.

Every outage of Pacific Gas & Electric's public map in a week becomes an incident of a busd of its
own with a replay clock. At each instant of the file the clock moves there and the file's events are
published in arrays: openings, updates, ETAs, closings. At each checkpoint `query stats` must give
the open incidents, their customers, those without an ETA and those overdue, as the company's own map
had them. At the end `query incident` of every outage must give the history that the answer key has.

Not compared, and counted as such: checkpoints with `replay_equal` 0, which the file itself cannot
reproduce; the ETAs and customers of outages that the company closed and listed again.

Last lines: `checkpoints: A of B agree` and `outages: C of D agree`; exit code 0 only when all do.
Options: --all prints every difference, not the first 20; --keep DIR leaves the broker's files there.
"""
import argparse
import collections
import csv
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import harness  # noqa: E402
import pultbus  # noqa: E402

AT_ONCE = 200  # queries under way
SHOWN = 20  # differences that are printed


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return int(text) if text else None


def by_instant(rows):
    found = collections.defaultdict(list)
    for row in rows:
        found[int(row["t"])].append(row)
    return found


# -- playing --------------------------------------------------------------------------------
class Player:
    """Publishes the file's events; an instant is two arrays, since numbers come with the first."""

    def __init__(self, broker):
        self.admin = broker.bus(role="admin")
        self.bus = broker.bus(role="dispatcher")
        self.numbers = {}  # id of the file -> incident
        self.eta = {}  # id -> the one in force
        self.again = set()  # ids that were closed and listed again
        self.untold = collections.Counter()

    def publish(self, acts):
        """All of them in their order; the results."""
        events = [pultbus.event(type, data) for type, data in acts]
        pending = [self.bus.send("publish", events[start:start + pultbus.BATCH])
                   for start in range(0, len(events), pultbus.BATCH)]
        return [result for request in pending
                for result in self.bus.answer(request).value()["results"]]

    def instant(self, now, rows):
        self.admin.clock(now)
        named = collections.defaultdict(list)
        for row in rows:
            named[row["ev"]].append(row)
        opened = named["outage_opened"]
        for row, result in zip(opened, self.publish([opening(row) for row in opened]), strict=True):
            self.numbers[row["id"]] = result["incident"]
        acts = []
        for row in named["outage_reopened"]:
            self.again.add(row["id"])
            self.eta[row["id"]] = None
            acts.append(("incident.reopened", self.of(row)))
            acts.append(("incident.updated", {**self.of(row), **particulars(row)}))
        for row in rows:
            if row["ev"] in CHANGES:
                acts.append(("incident.updated", {**self.of(row), **CHANGES[row["ev"]](row["new"])}))
        for row in opened + named["outage_reopened"]:
            acts += self.promise(row, number(row["eta"]))
        for row in named["eta_revised"]:
            acts += self.promise(row, number(row["new"]))
        for row in named["outage_closed"]:
            acts += [("incident.restored", self.of(row)), ("incident.closed", self.of(row))]
        self.untold["a change of the crew's state, which has no act of the same meaning"] += len(
            named["status_changed"])
        self.publish(acts)

    def of(self, row):
        return {"incident": self.numbers[row["id"]]}

    def promise(self, row, at):
        if at == self.eta.get(row["id"]):
            return []
        self.eta[row["id"]] = at
        if at is None:
            return [("eta.withdrawn", self.of(row))]
        return [("eta.set", {**self.of(row), "at": pultbus.rfc3339(at)})]


def particulars(row):
    return {"started": pultbus.rfc3339(int(row["start"])), "customers": int(row["cust"] or 0),
            "cause": row["cause"] or "UNKNOWN"}


def opening(row):
    place = {"settlement": row["city"] or "unknown", "text": "%s, %s" % (row["lat"], row["lon"])}
    return ("incident.opened", {"kind": "outage", "ref": row["id"], "premise": place,
                                **particulars(row)})


CHANGES = {
    "customers_changed": lambda new: {"customers": int(new or 0)},
    "start_changed": lambda new: {"started": pultbus.rfc3339(int(new))},
    "cause_changed": lambda new: {"cause": new},
}


# -- comparing ------------------------------------------------------------------------------
class Judge:
    def __init__(self, everything):
        self.everything = everything
        self.agree = collections.Counter()
        self.compared = collections.Counter()
        self.skipped = collections.Counter()
        self.differences = 0

    def take(self, what, where, have, want):
        self.compared[what] += 1
        if have == want:
            self.agree[what] += 1
            return
        self.differences += 1
        if self.everything or self.differences <= SHOWN:
            print("differs: %s: the bus has %s, the file %s" % (
                where, {k: v for k, v in have.items() if v != want[k]},
                {k: v for k, v in want.items() if v != have[k]}), flush=True)

    def checkpoint(self, row, stats):
        if row["replay_equal"] != "1":
            self.skipped["checkpoints that the file's own events do not add up to"] += 1
            return
        names = {"open": "open", "customers": "customers", "no_eta": "without_eta",
                 "overdue": "overdue"}
        self.take("checkpoints", "checkpoint %s" % row["t"],
                  {theirs: stats[ours] for theirs, ours in names.items()},
                  {theirs: int(row[theirs]) for theirs in names})

    def outage(self, row, told, again):
        have = history(told)
        want = {name: number(row[name]) for name in have}
        if again:
            self.skipped["ETAs and customers of outages that were listed again"] += 1
            have, want = ({name: side[name] for name in ("start", "closed_at")}
                          for side in (have, want))
        self.take("outages", "outage %s" % row["id"], have, want)

    def report(self, player):
        for reason, count in sorted(self.skipped.items()):
            print("not compared: %6d  %s" % (count, reason))
        for reason, count in sorted(player.untold.items()):
            print("not told:     %6d  %s" % (count, reason))
        for what in ("checkpoints", "outages"):
            print("%s: %d of %d agree" % (what, self.agree[what], self.compared[what]), flush=True)
        return self.compared["outages"] > 0 and self.agree == self.compared


def history(told):
    """What the answer key has of an outage, out of `query incident`: timeline and ETAs alone."""
    def moment(event):
        return pultbus.seconds(event["recordedtime"])
    steps = told["timeline"]
    opened = next(step for step in steps if step["type"] == "incident.opened")
    closed = [moment(step) for step in steps if step["type"] == "incident.closed"]
    customers = [step["data"]["customers"] for step in steps
                 if step["type"] in ("incident.opened", "incident.updated")
                 and "customers" in step["data"]]
    etas = [(pultbus.seconds(eta["set_at"]), eta["at"] and pultbus.seconds(eta["at"]))
            for eta in told["etas"]]
    revisions = overdue = 0
    for at, (when, _) in enumerate(etas):
        if when > moment(opened):
            revisions += 1
            former = etas[at - 1][1] if at else None
            overdue += former is not None and former < when
    given = [at for _, at in etas if at is not None]
    return {"start": pultbus.seconds(opened["data"]["started"]),
            "closed_at": closed[-1] if told["state"] == "closed" else None,
            "first_eta": given[0] if given else None, "last_eta": etas[-1][1] if etas else None,
            "eta_changes": revisions, "eta_changes_when_overdue": overdue,
            "max_cust": max(customers)}


def judge_outages(player, rows, judge):
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start:start + AT_ONCE]
        asked = [player.bus.send("query", {"name": "incident",
                                           "args": {"incident": player.numbers[row["id"]]}})
                 for row in part]
        for row, request in zip(part, asked):
            told = player.bus.answer(request).value()["rows"][0]
            judge.outage(row, told, row["id"] in player.again)


def play(broker, events, checkpoints, judge):
    player = Player(broker)
    acts, checks = by_instant(events), by_instant(checkpoints)
    for now in sorted(set(acts) | set(checks)):
        player.instant(now, acts.get(now, ()))
        for row in checks.get(now, ()):
            judge.checkpoint(row, player.bus.query("stats")[0])
    return player


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("events")
    parser.add_argument("checkpoints")
    parser.add_argument("outages")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    events = read_csv(options.events)
    judge = Judge(options.all)
    begin = time.monotonic()
    with harness.Broker(replay=True, directory=options.keep, predict=True) as broker:
        player = play(broker, events, read_csv(options.checkpoints), judge)
        played = time.monotonic() - begin
        judge_outages(player, read_csv(options.outages), judge)
        head = player.bus.hello()["head"]
    print("played %d events of the file as %d of the bus in %.1f s, asked for every outage in %.1f s"
          % (len(events), head, played, time.monotonic() - begin - played))
    return 0 if judge.report(player) else 1


if __name__ == "__main__":
    sys.exit(main())
