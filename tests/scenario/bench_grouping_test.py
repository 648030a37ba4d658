#!/usr/bin/python3
"""make bench-grouping: its table, its line of JSON, networks of either form, and what it refuses."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import ROOT, SHARED, main, same, test

BENCH = os.path.join(ROOT, "tests", "bench", "grouping.py")


def bench(**env):
    run = subprocess.run([sys.executable, BENCH], capture_output=True, text=True, env=dict(os.environ, N="40", **env))
    return run.returncode, run.stdout, run.stderr


@test(own=True)
def both_networks_are_judged_and_the_ratios_have_their_names():
    if not os.path.exists(os.path.join(SHARED, "tools", "grouping", "judge.py")):
        return
    status, text, said = bench(SEED="3")
    assert status == 0, said
    table, row = text.rsplit("\n", 2)[0], json.loads(text.splitlines()[-1])
    for name in ("ckt24", "ieee8500"):
        for what in ("one fault", "2-5 faults at once"):
            assert "%s, %s" % (name, what) in table, table
    same((row["n"], row["seed"]), (40, 3))
    for key in ("single_ratio_at_20pct_all", "single_ratio_at_20pct_in3", "multi_fault_ratio_at_20pct"):
        assert 0.3 < row[key] < 3, (key, row[key])
    share = row["shares"]["ckt24_single_ours_20pct_all"]
    same(sorted(share), ["best_or_second", "exact", "false_upstream", "missed", "within_1_level"])
    # The worst network counts, and a ratio is ours by blind's.
    ratios = [row["shares"]["%s_multi_ours_20pct_all" % n]["exact"] / row["shares"]["%s_multi_blind_20pct_all" % n]["exact"]
              for n in ("ckt24", "ieee8500")]
    assert abs(min(ratios) - row["multi_fault_ratio_at_20pct"]) < 0.01, (ratios, row["multi_fault_ratio_at_20pct"])
    # The judge saw thresholds do worse.
    assert row["shares"]["ckt24_single_psi_20pct_in3"]["exact"] < row["shares"]["ckt24_single_ours_20pct_in3"]["exact"]


@test(own=True)
def a_network_of_devices_alone_is_judged_whatever_its_file_is_called():
    if not os.path.exists(os.path.join(SHARED, "tools", "grouping", "judge.py")):
        return
    directory = os.environ.get("TMPDIR", "/tmp")
    nodes, people = os.path.join(directory, "town.csv"), os.path.join(directory, "people.csv")
    with open(nodes, "w", encoding="utf-8") as tree, open(people, "w", encoding="utf-8") as consumers:
        tree.write("id,parent,kind\nCo,,company\nS,Co,substation\nF,S,feeder\n")
        consumers.write("id,node,kva,phases,numcust\n")
        for i in range(6):
            tree.write("K/%d,F,section\nT.%d,K/%d,transformer\n" % (i, i, i))
            for k in range(i + 2):
                consumers.write("a%d-%d,T.%d,,1,1\n" % (i, k, i))
    status, text, said = bench(NODES=nodes, CONSUMERS=people)
    assert status == 0, said
    assert "town, one fault" in text and "single_ratio_at_20pct_all" in text.splitlines()[-1], text
    status, _, said = bench(NODES=nodes)
    assert status != 0 and "come together" in said, (status, said)


main()
