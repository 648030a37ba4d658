#!/usr/bin/python3
"""replay_ukpn.py EVENTS.jsonl LOOKUPS.jsonl: a real week of a real company through the bus.

Callers and dispatchers of UK Power Networks' public faults page act on a busd of its own with a
replay clock, and an operator asks for a postcode as the look-ups do. Postcodes are the premises.
At each instant of the file: the clock moves there, the file's events are folded into what is
wanted of each incident, and only what differs from what the bus was told is published, in the
order (A) openings, (B) places and ETAs, (C) reports, (D) restorations and closings; then the
look-ups of that instant are made.

Last lines: `look-ups: A of B agree` and `calls: C of D agree`; before them the reports that could
not be told, by reason. Exit code 0 only when all agree.

Options: --oracle plays against tests/lib/oracle.py in place of a broker (are these rules, by
themselves, enough?); --beside does both and also compares every look-up with it; --all prints
every difference, not the first 20; --keep DIR leaves the broker's files there.
"""
import argparse
import collections
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import harness  # noqa: E402
import oracle  # noqa: E402
import pultbus  # noqa: E402

QUALITY_CATEGORY = "57"
QUARTER_S = 15 * 60
NO_END_S = 8 * 3600  # planned works announced without an end: `ends` is required


def read_jsonl(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def by_instant(rows):
    """[(t, rows of that instant)] in order."""
    found = collections.OrderedDict()
    for row in sorted(rows, key=lambda row: row["t"]):
        found.setdefault(row["t"], []).append(row)
    return found


# -- what the file says ---------------------------------------------------------------------
class Wanted:
    """One incident as the file has it now."""

    def __init__(self, row):
        self.planned_works = row.get("type") == "Planned"
        self.quality = str(row.get("cat")) == QUALITY_CATEGORY
        self.take(row)

    def take(self, row):
        """An opening or a relisting: every field anew."""
        self.listed = True
        self.type = row.get("type")
        self.recv = row.get("recv")
        self.planned = row.get("planned")
        self.eta = row.get("eta")
        self.calls = row.get("calls") or 0
        self.restored = row.get("restored")
        self.postcodes = set(row.get("pcs") or ()) - {""}

    def change(self, row):
        what = row["ev"]
        if what == "eta_revised":
            self.eta = row["new"]
        elif what == "calls_changed":
            self.calls = row["new"] or 0
        elif what == "restored":
            self.restored = row["new"]
        elif what == "type_changed":
            self.type = row["new"]
        elif what == "received_changed":
            self.recv = row["new"]
        elif what == "postcodes_changed":
            self.postcodes |= set(row.get("add") or ()) - {""}
            self.postcodes -= set(row.get("remove") or ())
        elif what == "delisted":
            self.listed = False

    @property
    def state(self):
        """Planned works end only by `delisted`."""
        if not self.listed:
            return "closed"
        return "restored" if self.type == "Restored" and not self.planned_works else "open"


# -- what the bus was told ------------------------------------------------------------------
class Told:
    def __init__(self, number):
        self.number = number
        self.state = "open"  # open, restored, closed
        self.started = None
        self.accounts = set()
        self.eta = None
        self.restored = None
        self.reports = 0
        self.starts = self.ends = None
        self.begun = False


class Player:
    """Publishes only what differs; `stage` is the bus or the oracle."""

    def __init__(self, stage):
        self.stage = stage
        self.wanted = {}
        self.told = {}
        self.before = None
        self.untold = collections.Counter()

    def instant(self, now, rows):
        self.now = now
        self.fold(rows)
        self.stage.clock(now)
        self.openings()
        self.places_and_etas()
        self.reports()
        self.endings()
        self.stage.flush()
        self.before = now

    def fold(self, rows):
        for row in rows:
            name = row["id"]
            if row["ev"] in ("incident_opened", "relisted"):
                if name in self.wanted:
                    self.wanted[name].take(row)
                else:
                    self.wanted[name] = Wanted(row)
            elif name in self.wanted:
                self.wanted[name].change(row)

    # (A)
    def openings(self):
        fresh, again = [], []
        for name, want in self.wanted.items():
            told = self.told.get(name)
            if told is None:
                fresh.append(name)
            elif (told.state != "open" and want.state == "open") or (
                    told.state == "closed" and want.state == "restored"):
                again.append(name)
        for name in fresh:
            self.open(name, self.wanted[name])
        for name in again:
            told = self.told[name]
            told.state = "open"
            if self.wanted[name].planned_works:
                self.stage.start_works(told.number)
                told.begun = True
            else:
                self.stage.reopen(told.number)
        self.stage.flush()
        for name, told in self.told.items():
            if callable(told.number):
                told.number = told.number()
        asked = [name for name in again if not self.wanted[name].planned_works]
        for name, eta in zip(asked, self.stage.etas([self.told[n].number for n in asked])):
            self.told[name].eta = eta

    def open(self, name, want):
        if want.planned_works:
            starts = want.planned or want.recv
            ends = want.eta if want.eta is not None else starts + NO_END_S
            told = Told(self.stage.announce(name, starts, ends, sorted(want.postcodes)))
            told.starts, told.ends = starts, ends
        else:
            kind = "quality" if want.quality else "outage"
            told = Told(self.stage.open(name, kind, want.recv, sorted(want.postcodes)))
            told.started = want.recv
        told.accounts = set(want.postcodes)
        self.told[name] = told

    # (B)
    def places_and_etas(self):
        for name, want in self.wanted.items():
            told = self.told[name]
            if told.state == "closed":
                continue
            if want.planned_works:
                self.works(want, told)
            else:
                self.incident(want, told)

    def incident(self, want, told):
        add, remove = want.postcodes - told.accounts, told.accounts - want.postcodes
        started = want.recv if want.recv != told.started and want.recv is not None else None
        if add or remove or started is not None:
            self.stage.update(told.number, started, sorted(add), sorted(remove))
            told.accounts = set(want.postcodes)
            told.started = want.recv if started is not None else told.started
        if told.state == "open" and want.eta != told.eta:
            self.stage.set_eta(told.number, want.eta)
            told.eta = want.eta

    def works(self, want, told):
        if not told.begun and self.now >= told.starts:
            self.stage.start_works(told.number)
            told.begun = True
        changed = {}
        if want.eta is not None and want.eta != told.ends:
            changed["ends"] = told.ends = want.eta
        if told.begun and want.recv is not None and want.recv != told.starts:
            changed["starts"] = told.starts = want.recv
        if want.postcodes != told.accounts:
            changed["accounts"] = sorted(want.postcodes)
            told.accounts = set(want.postcodes)
        if changed:
            self.stage.change_works(told.number, changed)

    # (C)
    def reports(self):
        """`busy` counts for each postcode who else it belongs to: open here or listed planned."""
        busy = collections.Counter()
        for name, want in self.wanted.items():
            told = self.told[name]
            listed = want.planned_works and want.listed
            if listed or (told.state == "open" and not want.planned_works):
                busy.update(told.accounts)
        for name, want in self.wanted.items():
            told = self.told[name]
            missing = want.calls - told.reports
            if told.state != "open" or missing <= 0:
                continue
            own = sorted(p for p in told.accounts if busy[p] == 1)
            if want.planned_works and not told.begun:
                continue
            if want.planned_works and self.now > told.ends + QUARTER_S:
                continue
            if not own:
                continue
            before = self.now if self.before is None else self.before
            for number in range(missing):
                when = before + (self.now - before) * (number + 1) / missing
                self.stage.report(want.quality and not want.planned_works,
                                  own[number % len(own)], when)
            told.reports += missing

    # (D)
    def endings(self):
        for name, want in self.wanted.items():
            told = self.told[name]
            if told.state == "closed" or want.state == "open":
                continue
            if want.planned_works:
                self.stage.end_works(told.number)
                told.state = "closed"
                continue
            if told.state == "open" or (want.restored is not None
                                        and want.restored != told.restored):
                self.stage.restore(told.number, want.restored)
                told.state, told.restored, told.eta = "restored", want.restored, None
            if want.state == "closed":
                self.stage.close(told.number)
                told.state = "closed"

    def reasons(self):
        """Reports that the file counts and the bus was never told, by reason."""
        found = collections.Counter()
        for name, want in self.wanted.items():
            told = self.told[name]
            missing = want.calls - told.reports
            if missing <= 0:
                continue
            if not told.accounts:
                found["no postcode is known"] += missing
            elif want.planned_works and not told.begun:
                found["planned works had not started"] += missing
            elif want.planned_works and told.state == "open" and self.now > told.ends + QUARTER_S:
                found["after the end of planned works"] += missing
            elif told.state != "open":
                found["counted when it was no longer open"] += missing
            else:
                found["every postcode belongs to another open incident too"] += missing
        return found


# -- the two stages -------------------------------------------------------------------------
class OracleStage:
    def __init__(self):
        self.oracle = oracle.Oracle()

    def premises(self, postcodes):
        self.oracle.premises = dict.fromkeys(postcodes)

    def clock(self, now):
        self.oracle.now = now

    def flush(self):
        pass

    def open(self, ref, kind, started, accounts):
        return self.oracle.open_incident(kind, started, ref, accounts=accounts)

    def announce(self, ref, starts, ends, accounts):
        return self.oracle.announce(starts, ends, ref, accounts)

    def reopen(self, number):
        self.oracle.reopen(number)

    def start_works(self, number):
        self.oracle.start_works(number)

    def end_works(self, number):
        self.oracle.end_works(number)

    def change_works(self, number, changed):
        self.oracle.change_works(number, **changed)

    def update(self, number, started, add, remove):
        self.oracle.update(number, started, add, remove)

    def set_eta(self, number, at):
        if at is None:
            self.oracle.withdraw_eta(number)
        else:
            self.oracle.set_eta(number, at)

    def etas(self, numbers):
        return [(self.oracle.incidents[n].eta or {}).get("at") for n in numbers]

    def report(self, quality, account, when):
        self.oracle.report("quality" if quality else "outage", account, when)

    def restore(self, number, at):
        self.oracle.restore(number, at)

    def close(self, number):
        self.oracle.close(number)

    def look_up(self, postcodes):
        answers = []
        for postcode in postcodes:
            rows = []
            for row in self.oracle.eta(postcode):
                rows.append(dict(row, eta=row["eta"] and row["eta"]["at"]))
            answers.append(rows)
        return answers


class BusStage:
    """Acts of one instant are gathered and published as arrays, all in their order."""

    def __init__(self, broker):
        self.admin = broker.bus(role="admin")
        self.bus = broker.bus(role="script")
        self.operator = broker.bus(role="operator")
        self.acts = []
        self.takers = []

    def premises(self, postcodes):
        rows = ["%s,,,,,,person,3,,,\n" % postcode for postcode in sorted(postcodes)]
        self.admin.import_csv("premises", harness.PREMISES_HEADER + "".join(rows))

    def clock(self, now):
        self.admin.clock(now)

    def act(self, type, data, taker=None, **attributes):
        self.acts.append(pultbus.event(type, data, **attributes))
        self.takers.append(taker)

    def flush(self):
        pending = []
        for start in range(0, len(self.acts), pultbus.BATCH):
            batch = self.acts[start:start + pultbus.BATCH]
            pending.append((self.bus.send("publish", batch), self.takers[start:][:len(batch)]))
        self.acts, self.takers = [], []
        for request, takers in pending:
            results = self.bus.answer(request).value()["results"]
            for taker, result in zip(takers, results, strict=True):
                if taker is not None:
                    taker.append(result)

    def numbered(self, field, type, data):
        """The number comes with the answer: a function that gives it after the next flush."""
        box = []
        self.act(type, data, box)
        return lambda: box[0][field]

    def open(self, ref, kind, started, accounts):
        data = {"kind": kind, "ref": ref, "accounts": accounts}
        if started is not None:
            data["started"] = pultbus.rfc3339(started)
        return self.numbered("incident", "incident.opened", data)

    def announce(self, ref, starts, ends, accounts):
        return self.numbered("planned", "planned.announced", {
            "accounts": accounts, "starts": pultbus.rfc3339(starts), "ends": pultbus.rfc3339(ends),
            "reason": "planned works", "ref": ref})

    def reopen(self, number):
        self.act("incident.reopened", {"incident": number})

    def start_works(self, number):
        self.act("planned.started", {"planned": number})

    def end_works(self, number):
        self.act("planned.ended", {"planned": number})

    def change_works(self, number, changed):
        data = {"planned": number}
        for name, value in changed.items():
            data[name] = value if name == "accounts" else pultbus.rfc3339(value)
        self.act("planned.changed", data)

    def update(self, number, started, add, remove):
        data = {"incident": number}
        if started is not None:
            data["started"] = pultbus.rfc3339(started)
        if add:
            data["accounts_add"] = add
        if remove:
            data["accounts_remove"] = remove
        self.act("incident.updated", data)

    def set_eta(self, number, at):
        if at is None:
            self.act("eta.withdrawn", {"incident": number})
        else:
            self.act("eta.set", {"incident": number, "at": pultbus.rfc3339(at)})

    def etas(self, numbers):
        requests = [self.bus.send("query", {"name": "eta", "args": {"incident": number}})
                    for number in numbers]
        found = []
        for number, request in zip(numbers, requests):
            rows = self.bus.answer(request).value()["rows"]
            found += [row["eta"] and pultbus.seconds(row["eta"]["at"]) for row in rows
                      if row.get("incident") == number]
        assert len(found) == len(numbers), "an incident that was reopened has no row of its own"
        return found

    def report(self, quality, account, when):
        type = "contact.quality_complaint" if quality else "contact.outage_report"
        self.act(type, {"applicant": "person", "premise": {"account": account},
                        "symptom": "flicker" if quality else "no_power"},
                 time=pultbus.rfc3339(when))

    def restore(self, number, at):
        data = {"incident": number}
        if at is not None:
            data["at"] = pultbus.rfc3339(at)
        self.act("incident.restored", data)

    def close(self, number):
        self.act("incident.closed", {"incident": number})

    def look_up(self, postcodes):
        requests = [self.operator.send("query", {"name": "eta", "args": {"account": postcode}})
                    for postcode in postcodes]
        answers = []
        for request in requests:
            rows = []
            for row in self.operator.answer(request).value()["rows"]:
                rows.append(dict(row, eta=row["eta"] and pultbus.seconds(row["eta"]["at"])))
            answers.append(rows)
        return answers


# -- what is compared -----------------------------------------------------------------------
class Judge:
    def __init__(self, everything):
        self.everything = everything
        self.lookups = self.lookups_agree = self.calls = self.calls_agree = 0
        self.skipped = collections.Counter()
        self.told_off = 0

    def differ(self, text):
        self.told_off += 1
        if self.everything or self.told_off <= 20:
            print("differs:", text, flush=True)

    def look(self, lookup, rows, player):
        expected = {row["id"]: row for row in lookup["expect"]}
        opened = {row.get("ref"): row for row in rows if row["state"] not in (
            "restored", "verified")}
        back = sorted(str(row.get("ref")) for row in rows if row["state"] in (
            "restored", "verified"))
        where = "%s at %d" % (lookup["postcode"], lookup["t"])
        if any(e["type"] == "Planned" and e["eta"] is None for e in lookup["expect"]):
            self.skipped["a planned outage without an end is expected"] += 1
        else:
            self.lookups += 1
            want = sorted((e["id"], e["type"] == "Planned", e["eta"]) for e in lookup["expect"])
            have = sorted((str(row.get("ref")), "planned" in row, row["eta"])
                          for row in rows if row.get("ref") not in back)
            if key(want) == key(have) and sorted(lookup["restored"]) == back:
                self.lookups_agree += 1
            else:
                self.differ("%s: expected %s and restored %s, the answer is %s and %s" % (
                    where, want, sorted(lookup["restored"]), have, back))
        for name, row in expected.items():
            if player.told[name].reports != row["calls"]:
                continue
            self.calls += 1
            calls = opened.get(name, {}).get("calls")
            if calls == row["calls"]:
                self.calls_agree += 1
            else:
                self.differ("%s: %s has %r calls, expected %d" % (where, name, calls, row["calls"]))

    def report(self, player):
        for reason, count in sorted(self.skipped.items()):
            print("look-ups not compared: %d: %s" % (count, reason))
        reasons = player.reasons()
        total = sum(reasons.values())
        told = sum(t.reports for t in player.told.values())
        print("reports told: %d, could not be told: %d" % (told, total))
        for reason, count in sorted(reasons.items()):
            print("  %6d  %s" % (count, reason))
        print("look-ups: %d of %d agree" % (self.lookups_agree, self.lookups))
        print("calls: %d of %d agree" % (self.calls_agree, self.calls), flush=True)
        return self.lookups_agree == self.lookups and self.calls_agree == self.calls


def key(rows):
    """Sortable and comparable although an ETA may be None."""
    return sorted((a, b, c is not None, c or 0) for a, b, c in rows)


def compare_stages(lookup, rows, model):
    """Differences between the broker and the oracle for one look-up."""
    def short(row):
        return (row.get("ref") or "-", "planned" in row, row["state"], row["eta"], row["calls"])
    have, want = sorted(map(repr, map(short, rows))), sorted(map(repr, map(short, model)))
    if have == want:
        return None
    return "%s at %d: broker %s, oracle %s" % (lookup["postcode"], lookup["t"], have, want)


def play(events, lookups, stages, judge):
    postcodes = {p for row in events for name in ("pcs", "add", "remove")
                 for p in row.get(name) or ()}
    postcodes = (postcodes | {row["postcode"] for row in lookups}) - {""}
    players = [Player(stage) for stage in stages]
    for stage in stages:
        stage.premises(postcodes)
    acts, asks = by_instant(events), by_instant(lookups)
    for now in sorted(set(acts) | set(asks)):
        for player in players:
            player.instant(now, acts.get(now, ()))
        asked = asks.get(now, ())
        answers = [stage.look_up([row["postcode"] for row in asked]) for stage in stages]
        for number, lookup in enumerate(asked):
            judge.look(lookup, answers[0][number], players[0])
            if len(stages) > 1:
                text = compare_stages(lookup, answers[0][number], answers[1][number])
                if text:
                    judge.differ(text)
    return players[0]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("events")
    parser.add_argument("lookups")
    parser.add_argument("--oracle", action="store_true")
    parser.add_argument("--beside", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    events, lookups = read_jsonl(options.events), read_jsonl(options.lookups)
    judge = Judge(options.all)
    begin = time.monotonic()
    if options.oracle:
        agree = judge.report(play(events, lookups, [OracleStage()], judge))
        return 0 if agree and judge.told_off == 0 else 1
    with harness.Broker(replay=True, directory=options.keep, predict=True) as broker:
        stage = BusStage(broker)
        stages = [stage, OracleStage()] if options.beside else [stage]
        player = play(events, lookups, stages, judge)
        head = stage.operator.hello()["head"]
    print("played %d events of the file as %d of the bus in %.1f s" % (
        len(events), head, time.monotonic() - begin))
    agree = judge.report(player)
    return 0 if agree and judge.told_off == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
