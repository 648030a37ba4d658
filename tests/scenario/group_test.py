#!/usr/bin/python3
"""`pult group`: cases in, answers out, without a broker; its faults and its exit status."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import harness  # noqa: E402

NETWORK = (harness.NETWORK_HEADER + "S,,substation,,110,\nF,S,feeder,,10,\nL1,F,lateral,,10,\nT1,L1,transformer,,0.4,\n"
           "L2,F,lateral,,10,\nT/2.a,L2,transformer,,0.4,\nT3,L2,transformer,,0.4,\n")
FLATS = [("T1", 8), ("T/2.a", 6), ("T3", 4)]


def premises(node="T1"):
    rows, number = [], 1
    for name, count in FLATS:
        for _ in range(count):
            rows.append("A%d,%s,,,,,person,3,,,\n" % (number, name if number > 1 else node))
            number += 1
    return harness.PREMISES_HEADER + "".join(rows) + "lost,,,,,,person,3,,,\n"


def group(text, network=NETWORK, rows=None, words=(), env=None):
    with tempfile.TemporaryDirectory() as directory:
        for name, content in (("n.csv", network), ("p.csv", rows or premises())):
            with open(os.path.join(directory, name), "w") as file:
                file.write(content)
        left = os.path.join(directory, "left")
        os.mkdir(left)
        run = subprocess.run([os.path.join(harness.BUILD, "pult"), "group", "--lang", "en", *words,
                              "--network", os.path.join(directory, "n.csv"), "--premises", os.path.join(directory, "p.csv")],
                             input=text, capture_output=True, text=True, env=dict(os.environ, TMPDIR=left, **(env or {})))
        assert os.listdir(left) == [], "something was left behind"
        return run.returncode, [json.loads(x) for x in run.stdout.splitlines()], run.stderr


def case(*numbers, **more):
    return json.dumps({"case": "c", "calls": [{"account": "A%d" % n, "t_s": 60 * n} for n in numbers], **more}) + "\n"


def devices(*numbers, **more):
    status, answers, said = group(case(*numbers, **more))
    assert status == 0, said
    return answers[0]["devices"]


def main():
    assert devices(1, 2, 3) == ["T1"]
    assert devices(9, 10, 11, 12, 13, 14) == ["T/2.a"]
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules:
        rules.write("normal:\n  one: {probability: 0.9}\n")  # so small a network has hardly two faults at once
        rules.flush()
        both = group(case(*range(9, 13), *range(15, 19)), words=("--rules", rules.name))
        assert both[1][0]["devices"] == ["L2"], both
    # A wire that is down hangs on a line: the fuse above, not the transformer, and a transformer alone stays one.
    wire = {"case": "c", "calls": [{"account": "A%d" % n, "t_s": n, "hazard": "wire_down"} for n in (9, 10, 11)]}
    plain = dict(wire, calls=[{"account": c["account"], "t_s": c["t_s"]} for c in wire["calls"]])
    status, answers, said = group("".join(json.dumps(x) + "\n" for x in (plain, wire, plain)))
    same = [sum(f["probability"] for f in a["faults"] if f.get("node") == "T/2.a") for a in answers]
    assert status == 0 and same[0] == same[2] > 3 * same[1], (said, same)
    # The same class, by the member that is not energised; a node that is energised is never named.
    assert devices(1, 2, 3, energised=["L1"]) == ["T1"]
    assert sorted(devices(1, 2, 3, energised=["T1"])) == ["A1", "A2", "A3"]
    assert devices(out=["T3"]) == ["T3"]
    assert devices() == []
    # Cases are independent: a further one is answered as if it were alone.
    status, answers, _ = group(case(1, 2, 3, back=["A9"], out=["L2"]) + "\n" + case(1, 2, 3) + case(1, 2, 3))
    assert status == 0 and len(answers) == 3 and answers[1] == answers[2]
    fault = answers[1]["faults"][0]
    assert fault["node"] == "T1" and fault["class"] == ["T1", "L1"] and (fault["premises"], fault["callers"]) == (8, 3)
    assert 0.5 < fault["probability"] <= 1 and fault["runner_up_probability"] < fault["probability"]
    # A premise on no node stands for itself.
    assert group('{"calls":[{"account":"lost"}]}\n')[1][0]["devices"] == ["lost"]
    # The rules are read, from the file that is given.
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as rules:
        rules.write("normal:\n  faults: {transformer: 0, lateral: 0}\n")
        rules.flush()
        status, answers, said = group(case(1, 2, 3), words=("--rules", rules.name))
        assert status == 0 and "T1" not in answers[0]["devices"], (answers, said)
        rules.seek(0)
        rules.write("normal:\n  faults: {transformer: 2.0, lateral: 0}\n")
        rules.flush()
        assert group(case(1), words=("--rules", rules.name))[0] == 3
    # What is wrong is said, with its exit status.
    for text, status, words in (('{"calls":[{"account":"nobody"}]}\n', 5, "Line 1"), ("{}\n", 3, "calls"), ("[]\n", 3, "JSON object"),
                                (case(1) + "{\n", 3, "Line 2"), (case(energised=["T9"]), 5, "T9")):
        code, _, said = group(text)
        assert code == status and words in said, (text, code, said)
    code, _, said = group(case(1), network=NETWORK.replace("L2,F", "L2,X"))
    assert code == 3 and "network.csv" in said, (code, said)
    code, _, said = group(case(1), rows=premises("T9"))
    assert code == 3 and "premises.csv:2" in said, (code, said)
    assert group(case(1), words=("--set", "gale"))[0] == 3
    assert subprocess.run([os.path.join(harness.BUILD, "pult"), "group"], capture_output=True).returncode == 2


main()
print("pult group answers")
