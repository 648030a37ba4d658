#!/usr/bin/python3
# limit: 600
"""The same cases through the bus, as events on a replay clock, and through `pult group` give the same devices.

The cases are the judge's of shared/tools/grouping, on the networks of shared/data/network: single faults and two to five at
once, few of each. Each one's calls are published as reports at their times; then the open incidents are read, their nodes or,
where an incident has none, the accounts of its calls; then all of it is cancelled and an hour passes.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import harness  # noqa: E402
import pultbus  # noqa: E402

SHARED = os.environ.get("PULT_SHARED") or os.path.join(harness.ROOT, "..", "shared")
TOOLS = os.path.join(SHARED, "tools", "grouping")
NETWORKS = os.path.join(SHARED, "data", "network")
START_S = 1772269200  # 2026-02-28T09:00:00Z
DRAWS = (("1", os.environ.get("N") or "6"), ("2-5", os.environ.get("N") or "3"))  # each at 5, 10, 20 and 40 % of the callers


def run(*command, **more):
    return subprocess.run(command, check=True, **more)


def cases_of(stem, directory):
    """[(case, calls, devices that `pult group` names)]"""
    public = os.path.join(directory, "public")
    run(sys.executable, os.path.join(TOOLS, "to_csv.py"), stem, directory)
    lines = []
    for faults, count in DRAWS:
        run(sys.executable, os.path.join(TOOLS, "judge.py"), "draw", stem, "--seed", os.environ.get("SEED") or "11", "--n",
            count, "--faults", faults, "--out", os.path.join(directory, "cases"), "--public", public)
        with open(public) as file:
            lines += file.read().splitlines()
    group = run(os.path.join(harness.BUILD, "pult"), "group", "--network", os.path.join(directory, "network.csv"),
                "--premises", os.path.join(directory, "premises.csv"), input="\n".join(lines) + "\n", capture_output=True,
                text=True)
    answers = [json.loads(line) for line in group.stdout.splitlines()]
    return [(case["case"], case["calls"], sorted(answer["devices"]))
            for case, answer in zip(map(json.loads, lines), answers)]


class Desk:
    def __init__(self, broker):
        self.bus = broker.bus()
        self.admin = broker.bus(role="admin")
        self.now_s = START_S

    def clock(self, now_s):
        self.now_s = max(self.now_s, now_s)
        self.admin.clock(pultbus.rfc3339(self.now_s))

    def clear(self):
        """What is left is grouped anew when one of them goes, so look again each time."""
        while True:
            rows = self.bus.query("incidents", state="open", limit=1)
            if not rows:
                return
            self.bus.put("incident.cancelled", {"incident": rows[0]["incident"], "reason": "invalid"})

    def devices(self, calls):
        """Plays a case, reads what stands open, and clears it away."""
        begin, accounts = self.now_s, {}
        for call in calls:
            self.clock(begin + call["t_s"])
            result = self.bus.put("contact.outage_report",
                                  {"applicant": "person", "symptom": "no_power", "premise": {"account": call["account"]}})
            accounts[result["reg_no"]] = call["account"]
        found = []
        for row in self.bus.query("incidents", state="open", limit=1000):
            named = [row["node"]] if row.get("node") else {
                accounts[contact["reg_no"]]
                for contact in self.bus.query("incident", incident=row["incident"])[0]["contacts"]}
            found += named
        self.clear()
        self.clock(self.now_s + 3600)
        return sorted(found)


def play(stem):
    name = os.path.basename(stem)
    with tempfile.TemporaryDirectory() as directory, harness.Broker(replay=True, predict=True) as broker:
        desk = Desk(broker)
        cases = cases_of(stem, directory)
        desk.clock(START_S)
        for kind in ("network", "premises"):
            with open(os.path.join(directory, kind + ".csv"), encoding="utf-8") as file:
                desk.admin.import_csv(kind, file.read())
        for case, calls, wanted in cases:
            found = desk.devices(calls)
            assert found == wanted, "%s: the bus says %s, pult group %s" % (case, found, wanted)
        print("%s: %d cases agree" % (name, len(cases)))


def main():
    if not os.path.exists(os.path.join(TOOLS, "judge.py")):
        print("skipped: %s is not there" % TOOLS)
        return 77
    for file in sorted(os.listdir(NETWORKS)):
        if file.endswith(".nodes.csv"):
            play(os.path.join(NETWORKS, file[:-len(".nodes.csv")]))
    return 0


sys.exit(main())
