#!/usr/bin/python3
"""make bench-grouping: the judge of shared/tools/grouping over `pult group`.

Single faults, then two to five at once, on a network in the form of shared/data/network: NODES=FILE.nodes.csv
(or .tree.csv) CONSUMERS=FILE.consumers.csv; without them, both networks that are there. SEED (default 1), N cases
each (default 3000). A table of exact, within one level, best or second, false upstream and missed at 5, 10, 20 and
40 % of the callers, for all faults and for those of two premises and more with three callers in (`3 in`), beside
`blind` (the best that anybody can do who does not know the moment, but knows the rates and whether it is one fault)
and `psi` (thresholds as they are sold). Then a line of JSON, with the worst of the networks for every ratio.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, os.environ.get("PULT_BUILD") or "build")
SHARED = os.environ.get("PULT_SHARED") or os.path.join(ROOT, "..", "shared")
TOOLS = os.path.join(SHARED, "tools", "grouping")
SEED, CASES = os.environ.get("SEED") or "1", os.environ.get("N") or "3000"
WHO = ("ours", "blind", "psi")
POPULATIONS = (("all", "all"), ("3 in", "n>=2,in>=3"))


def stems(directory):
    """Paths without their endings, as the judge wants them."""
    nodes, consumers = os.environ.get("NODES"), os.environ.get("CONSUMERS")
    if not nodes and not consumers:
        data = os.path.join(SHARED, "data", "network")
        return sorted({os.path.join(data, f[:-len(".nodes.csv")]) for f in os.listdir(data)
                       if f.endswith(".nodes.csv")})
    if not nodes or not consumers:
        sys.exit("bench-grouping: NODES= and CONSUMERS= come together")
    with open(nodes, encoding="utf-8-sig") as file:  # what only one of the two forms has
        kind = "nodes" if "via_kind" in file.readline() else "tree"
    name = os.path.basename(nodes).split(".")[0]
    stem = os.path.join(directory, name)
    os.symlink(os.path.abspath(nodes), "%s.%s.csv" % (stem, kind))
    os.symlink(os.path.abspath(consumers), stem + ".consumers.csv")
    return [stem]


def tool(*words):
    subprocess.run([sys.executable, *words], check=True)


def run(directory, stem, faults):
    """Rows of scores by who answered."""
    judge = os.path.join(TOOLS, "judge.py")
    files = {x: os.path.join(directory, x) for x in ("cases", "public") + WHO}
    tool(judge, "draw", stem, "--seed", SEED, "--n", CASES, "--faults", faults,
         "--out", files["cases"], "--public", files["public"])
    tool(os.path.join(TOOLS, "to_csv.py"), stem, directory)
    for by in WHO[1:]:
        tool(judge, "answer", stem, "--cases", files["cases"], "--by", by, "--out", files[by])
    with open(files["public"]) as cases, open(files["ours"], "w") as answers:
        subprocess.run([os.path.join(BUILD, "pult"), "group",
                        "--network", os.path.join(directory, "network.csv"),
                        "--premises", os.path.join(directory, "premises.csv")],
                       stdin=cases, stdout=answers, check=True)
    scores = {}
    for by in WHO:
        out = subprocess.run([sys.executable, judge, "--score", files[by], "--cases", files["cases"],
                              "--net", stem, "--json"], check=True, capture_output=True)
        scores[by] = json.loads(out.stdout)
    ours = scores["ours"]
    if ours["unanswered"] or ours["unknown_ids"] or ours["duplicate_answers"]:
        sys.exit("bench-grouping: %d cases without an answer, %d unknown ids, %d answers twice"
                 % (ours["unanswered"], ours["unknown_ids"], ours["duplicate_answers"]))
    return {by: {(r["f"], r["per"], r["pop"]): r for r in scores[by]["rows"]} for by in WHO}


def show(name, faults, rows):
    print("\n%s, %s" % (name, "one fault" if faults == "1" else faults + " faults at once"))
    print("  %-5s %-5s %-6s %7s %9s %9s %8s %8s" % ("in", "of", "by", "exact", "±1 level",
                                                     "1st/2nd", "false up", "missed"))
    per = "case" if faults == "1" else "fault"
    for share in sorted({key[0] for key in rows["ours"]}):
        for label, population in POPULATIONS:
            for by in WHO:
                case, fault = (rows[by].get((share, what, population)) for what in ("case", "fault"))
                if not case or not fault:
                    continue
                exact = case if per == "case" else fault
                print("  %4.0f%% %-5s %-6s %7.3f %9.3f %9.3f %8.3f %8.3f"
                      % (100 * share, label, by, exact["exact"], fault["within_1_level"],
                         case["best_or_second"], case["false_upstream"], case["missed"]))


def collect(name, faults, rows, result, shares):
    """Ratios by name (the worst network counts), and every share of this network."""
    per = "case" if faults == "1" else "fault"
    for share in sorted({key[0] for key in rows["ours"]}):
        for label, population in POPULATIONS:
            key = (share, per, population)
            if key not in rows["ours"] or not rows["blind"][key]["exact"]:
                continue
            at = "%dpct" % round(100 * share)
            suffix = "all" if label == "all" else "in3"
            ratio = round(rows["ours"][key]["exact"] / rows["blind"][key]["exact"], 4)
            title = ("single_ratio_at_%s_%s" % (at, suffix) if per == "case" else
                     "multi_fault_ratio_at_%s%s" % (at, "" if suffix == "all" else "_in3"))
            result[title] = min(ratio, result.get(title, ratio))
            for by in WHO:
                row, fault = rows[by][key], rows[by][share, "fault", population]
                case = rows[by][share, "case", population] if (share, "case", population) in rows[by] else {}
                shares["%s_%s_%s_%s_%s" % (name, "single" if per == "case" else "multi", by, at, suffix)] = {
                    "exact": row["exact"], "within_1_level": fault["within_1_level"],
                    **{k: case[k] for k in ("best_or_second", "false_upstream", "missed") if k in case}}


def main():
    if not os.path.exists(os.path.join(TOOLS, "judge.py")):
        print("skipped: %s is not there" % TOOLS)
        return 77
    result, shares = {}, {}
    with tempfile.TemporaryDirectory(prefix="pult-grouping-") as directory:
        for stem in stems(directory):
            name = os.path.basename(stem)
            for faults in ("1", "2-5"):
                rows = run(directory, stem, faults)
                show(name, faults, rows)
                collect(name, faults, rows, result, shares)
                sys.stdout.flush()
    print(json.dumps({"n": int(CASES), "seed": int(SEED), **result, "shares": shares}))
    return 0


sys.exit(main())
