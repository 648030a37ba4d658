#!/usr/bin/python3
"""`pult tune`: what it reads out of a journal, what it prints, and that it changes nothing."""
import hashlib
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, NETWORK_HEADER, PREMISES_HEADER, Broker, has, main, report, same, test
from pultbus import rfc3339, seconds

START, HOUR = seconds("2026-03-01T07:00:00Z"), 3600
TRANSFORMERS, PREMISES = 12, 6


def tune(broker, *words):
    run = subprocess.run([os.path.join(BUILD, "pult"), "tune", "--lang", "en", "--data", broker.data, *words],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def digest(broker):
    with open(os.path.join(broker.data, "journal.db"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Year:
    """A network, and a past of it: each fault confirmed, called about, restored and closed."""

    def __init__(self, broker):
        self.broker, self.now = broker, START
        self.admin, self.desk, self.line = broker.bus("admin"), broker.bus(), broker.bus("operator")
        self.admin.clock(rfc3339(START))
        nodes = NETWORK_HEADER + "S,,substation,,110,\nF,S,feeder,,10,\n"
        rows = PREMISES_HEADER
        for i in range(TRANSFORMERS):
            nodes += "T%d,F,transformer,,0.4,\n" % i
            for k in range(PREMISES):
                rows += "A%d,T%d,,,,,person,3,,,\n" % (i * PREMISES + k, i)
        self.admin.import_csv("network", nodes)
        self.admin.import_csv("premises", rows)
        self.random = random.Random(1)

    def accounts(self, node):
        first = int(node[1:]) * PREMISES if node.startswith("T") else 0
        return ["A%d" % i for i in range(first, first + (PREMISES if node.startswith("T") else TRANSFORMERS * PREMISES))]

    def pass_time(self, seconds):
        self.now += seconds
        self.admin.clock(rfc3339(self.now))

    def fault(self, share, node=None, confirmed=True, outcome=None):
        """Its callers; with an outcome it is cancelled instead of confirmed and restored."""
        node = node or "T%d" % self.random.randrange(TRANSFORMERS)
        callers = [a for a in self.accounts(node) if self.random.random() < share]
        number = None
        if confirmed and callers and self.random.random() < 0.5:  # heard of first, confirmed then
            number = self.line.put("contact.outage_report", report(callers.pop(0)))["incident"]
            self.desk.put("incident.confirmed", {"incident": number, "node": node})
            callers.append(None)
        elif confirmed:
            number = self.desk.put("incident.opened", {"kind": "outage", "node": node})["incident"]
        for account in filter(None, callers):
            joined = self.line.put("contact.outage_report", report(account))["incident"]
            number = number or joined
        if outcome:
            self.desk.put("incident.cancelled", {"incident": number, "reason": outcome})
        elif number:
            self.desk.put("incident.restored", {"incident": number, "at": rfc3339(self.now)})
            self.desk.put("incident.closed", {"incident": number, "cause": "tree"})
        self.pass_time(30 * HOUR)
        return len(callers)


@test(own=True)
def too_little_is_said_and_leaves_the_rules_as_they_are():
    with Broker(replay=True) as broker:
        year = Year(broker)
        year.fault(1.0)
        row = json.loads(tune(broker))
        same((row["normal"], row["storm"]), (None, None))
        assert "1 confirmed faults with calls" in row["rules"], row["rules"]
        assert row["rules"].endswith(tune(broker, "--yaml").split("\n\n", 1)[1])


@test(own=True)
def confirmed_faults_are_learnt_from_and_nothing_is_changed():
    with Broker(replay=True) as broker:
        year = Year(broker)
        callers = [year.fault(0.9) for _ in range(45)]
        # None of these is a confirmed fault: an assertion of nobody, and what turned out to be none.
        for outcome in ("customer_side", "not_found"):
            year.fault(1.0, confirmed=False, outcome=outcome)
        year.desk.put("mode.changed", {"mode": "storm"})
        storm = [year.fault(0.15, "F") for _ in range(35)]
        before, head = digest(broker), year.admin.hello()["head"]
        rules = os.path.join(broker.directory, "rules.yaml")
        text = tune(broker)  # beside the running broker
        row = json.loads(text)
        same((digest(broker), year.admin.hello()["head"]), (before, head))
        has(row["normal"], faults=sum(1 for k in callers if k))
        has(row["storm"], faults=sum(1 for k in storm if k))
        for gain in (row["normal"], row["storm"]):
            assert gain["log2_likelihood"]["new"] > gain["log2_likelihood"]["old"], gain
            assert 0 < gain["held_out"] < gain["faults"] / 2, gain
            assert 0 <= gain["exact_at_20pct"]["old"] <= 1 and 0 <= gain["exact_at_40pct"]["new"] <= 1
        # The proposal is a file that busd reads, and that pult tune starts from.
        with open(rules, "w", encoding="utf-8") as file:
            file.write(tune(broker, "--yaml"))
        again = json.loads(tune(broker, "--rules", rules))
        now = again["normal"]["log2_likelihood"]
        assert abs(now["old"] - now["new"]) < abs(row["normal"]["log2_likelihood"]["old"] - now["new"])
        network = os.path.join(broker.directory, "n.csv")
        with open(network, "w", encoding="utf-8") as file:
            file.write(NETWORK_HEADER + "S,,substation,,110,\n")
        premises = os.path.join(broker.directory, "p.csv")
        with open(premises, "w", encoding="utf-8") as file:
            file.write(PREMISES_HEADER)
        same(subprocess.run([os.path.join(BUILD, "pult"), "group", "--rules", rules, "--network", network,
                             "--premises", premises], input="", text=True).returncode, 0)
        # Transformers call far more in this past than the defaults say, and fail alone on ordinary days.
        share = next(x for x in row["rules"].splitlines() if "share:" in x)
        first = float(share.split("{1: ")[1].split(",")[0])
        assert 0.75 < first < 0.95, share
        kinds = dict(x.strip().split(": ") for x in row["rules"].splitlines()
                     if x.strip().split(":")[0] in ("premise", "transformer", "feeder"))
        assert "storm:" in row["rules"] and float(kinds["transformer"]) > 0, kinds


@test(own=True)
def what_is_missing_is_said_with_its_status():
    for words, status in ((["--data", "/nonexistent"], 5), (["--rules", "/nonexistent"], 5), (["--what"], 2)):
        run = subprocess.run([os.path.join(BUILD, "pult"), "tune", *words], capture_output=True, text=True)
        same(run.returncode, status, run.stderr)


main()
