#!/usr/bin/python3
"""How well the address search finds, and how fast: queries made from ../shared/data/cyrillic and lists of our own, at least 500 a
kind, fixed seed.

A result is a building. A case is dropped where another street fits the text better, or where more than three fit it equally and have
the house that was typed; all of up to three are right. Bars: right street first 99 %, in the first three 99.5 %, right building first
98.5 %; the kinds in BARS; the forms "also:" 95 % together and none below 90 %.

    make bench-search            SEED=N another seed   SHOW=N prints N failures of each kind   CASES=N a kind   OUT=DIRECTORY keeps the files
"""
import json
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import address_city  # noqa: E402
from address_cases import WAYS  # noqa: E402
from address_strange import STRANGE, make_strange_company  # noqa: E402
from address_judge import Judge, Street, fold, words_of  # noqa: E402

BUILD = os.environ.get("PULT_BUILD") or os.path.join(HERE, "..", "..", "build")
CASES = int(os.environ.get("CASES") or 500)
SHOW = int(os.environ.get("SHOW") or 0)
EQUAL = 3  # streets that may fit equally
BARS = dict.fromkeys(("plain", "kinds", "order", "ё ъ ь", "ordinals", "house forms", "settlement"), 0.99)
BARS.update(dict.fromkeys(("typing errors", "layout"), 0.985))
BARS.update({"house spelt": 0.98, "said": 0.97, "romanised": 0.97, "other layout": 0.96})
BARS.update(dict.fromkeys(("transliteration", "beginnings", "initials", "street alone", "two together"), 0.97))
ALSO, ALSO_TOGETHER = 0.90, 0.95


class Company:
    def __init__(self, make, seed):
        self.settlements = make(random.Random(seed))
        self.places = [place for town in self.settlements for place in town.places]
        self.judge = Judge([Street(p.settlement, p.name if p.kind else p.text) for p in self.places])
        for street, place in zip(self.judge.streets, self.places):
            street.kind = fold(place.kind)
        self.number = {id(place): i for i, place in enumerate(self.places)}

    def expectations(self, place, house, typed):
        """All that is right for the text, None where the case is to be dropped."""
        words = [w.rstrip(".") for w in words_of(typed.name)]
        kinds = {fold(kind) for kind in typed.kinds}
        fits = self.judge.best(words, kinds, typed.settlement)
        own = self.judge.fit(self.judge.streets[self.number[id(place)]], words, kinds, typed.settlement)
        if not fits or min(fits) < own:
            return None
        equal = [self.places[i] for i in fits[own]]
        if place not in equal:
            return None
        right = [(p, h) for p in equal for h in (p.houses if typed.house else [""]) if not typed.house or same_house(h, house)]
        if not right or len(right) > EQUAL:
            return None
        return [{"settlement": p.settlement.text, "street": p.text, "house": h} for p, h in right]


def same_house(one, other):
    return one == other or address_city.house_key(one) == address_city.house_key(other)


def make_cases(company, name, way, rng):
    cases, tries = [], 0
    while len(cases) < CASES and tries < 2000 * CASES:
        tries += 1
        place = rng.choice(company.places)
        house = rng.choice(place.houses)
        typed = way(rng, place, house)
        if not typed:
            continue
        expect = company.expectations(place, house, typed)
        if expect:
            own = {"settlement": place.settlement.text, "street": place.text, "house": house if typed.house else ""}
            cases.append({"query": typed.text.strip(), "expect": own, "expect_any": expect, "kind": name})
    return cases


def has(result, expected, parts):
    return any(all(result[p] == e[p] for p in parts) for e in expected)


def judge_answers(cases, answers):
    """By kind: [cases, street first, street among three, building first], and the failures."""
    tallies, failures = {}, {}
    for case, answer in zip(cases, answers):
        assert case["query"] == answer["query"]
        expected, results = case["expect_any"] + [case["expect"]], answer["results"]
        streets = [has(r, expected, ("settlement", "street")) for r in results[:3]]
        building = ("settlement", "street", "house") if case["expect"]["house"] else ("settlement", "street")
        right = bool(results) and has(results[0], expected, building)
        tally = tallies.setdefault(case["kind"], [0, 0, 0, 0])
        for i, good in enumerate((True, streets[:1] == [True], any(streets), right)):
            tally[i] += good
        if not right:
            failures.setdefault(case["kind"], []).append((case, results))
    return tallies, failures


def share(tally, which):
    return tally[which] / tally[0]


def report(tallies, failures):
    bad = 0
    print("%-26s %6s %9s %9s %9s %7s" % ("kind", "cases", "street 1", "street 3", "building", "bar"))
    for kind, tally in tallies.items():
        bar = BARS.get(kind, ALSO)
        low = share(tally, 3) < bar
        bad += low
        print("%-26s %6d %9.4f %9.4f %9.4f %7.3f%s" % (kind, tally[0], share(tally, 1), share(tally, 2), share(tally, 3), bar, "  BELOW" if low else ""))
    total = [sum(t[i] for t in tallies.values()) for i in range(4)]
    also = [sum(t[i] for k, t in tallies.items() if k.startswith("also")) for i in range(4)]
    for name, which, of, bar in (("also typed, together", 3, also, ALSO_TOGETHER), ("all: street first", 1, total, 0.99),
                                 ("all: street in three", 2, total, 0.995), ("all: building first", 3, total, 0.985)):
        low = share(of, which) < bar
        bad += low
        print("%-26s %6d %29.4f %7.3f%s" % (name, of[0], share(of, which), bar, "  BELOW" if low else ""))
    for kind, failed in failures.items():
        for case, results in failed[:SHOW]:
            got = "; ".join("%s, %s, %s %d" % (r["settlement"], r["street"], r["house"], r["score"]) for r in results[:2]) or "nothing"
            print("  %s: \"%s\" for %s, got %s" % (kind, case["query"], ", ".join(case["expect"].values()), got))
    return bad, total


def measure(make, seed, directory):
    """A company with its cases; what was found of each kind."""
    premises, path = os.path.join(directory, "premises.csv"), os.path.join(directory, "cases.jsonl")
    company = Company(make, seed)
    rows = address_city.write_premises(company.settlements, premises)
    cases = []
    for name, way in (WAYS | (STRANGE if make is make_strange_company else {})).items():
        cases += make_cases(company, name, way, random.Random("%s %d" % (name, seed)))
    with open(path, "w", encoding="utf-8") as file:
        for case in cases:
            file.write(json.dumps(case, ensure_ascii=False) + "\n")
    run = subprocess.run([os.path.join(BUILD, "pult"), "search-eval", "--answers", "--premises", premises, path],
                         capture_output=True, text=True, check=True)
    print("%d settlements, %d streets, %d buildings, %d queries" % (len(company.settlements), len(company.places), rows, len(cases)))
    tallies, failures = judge_answers(cases, [json.loads(line) for line in run.stdout.splitlines()])
    if not os.environ.get("OUT"):
        os.unlink(premises)
        os.unlink(path)
    return report(tallies, failures)


def main():
    seed = int(os.environ.get("SEED") or 20261124)
    if not os.path.isdir(address_city.DATA):
        print("there is no %s: skipped" % address_city.DATA)
        return 0
    directory = os.environ.get("OUT") or tempfile.mkdtemp(prefix="pult-search-")
    bad, totals = 0, []
    for make in (address_city.make_company, address_city.make_other_company, make_strange_company):
        if os.environ.get("ONLY") and os.environ["ONLY"] != make.__name__:
            continue
        below, total = measure(make, seed, directory)
        bad += below
        totals.append(total)
    total = [sum(t[i] for t in totals) for i in range(4)]
    print(json.dumps({"bench": "search", "cases": total[0], "street_first": round(share(total, 1), 4), "street_three": round(share(total, 2), 4),
                      "building_first": round(share(total, 3), 4), "below": bad}))
    if not os.environ.get("OUT"):
        os.rmdir(directory)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
