#!/usr/bin/python3
"""Hours without supply of a premise in a calendar year: said once when they pass, and reported."""
import csv
import io
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import BUILD, Broker, has, main, place, refused, same, test
from pultbus import read_all, rfc3339, seconds

HOUR = 3600
JANUARY = seconds("2026-01-01T00:00:00+03:00")  # the company's New Year


def told(broker):
    """(deadline without its beginning, of, premises, hours from the New Year when due, and when told)."""
    rows = []
    for raw in read_all(broker.bus(), ["deadline."])[0]:
        event = json.loads(raw)
        data = event["data"]
        if data["deadline"].startswith("outage_limit_year"):
            assert data["ground"], data
            rows.append((data["deadline"][17:] or "_limit", data["of"], data["premises"],
                         (seconds(data["due"]) - JANUARY) / HOUR,
                         (seconds(event["recordedtime"]) - JANUARY) / HOUR))
    return rows


def ask(broker, **args):
    return broker.bus().query("hours", **args)


class Year:
    """A company whose clock is driven in hours from the New Year."""

    def __init__(self, broker):
        self.broker, self.here, self.opened = broker, place(broker), 0
        self.pass_to(0)

    def pass_to(self, hour):
        self.broker.bus("admin").clock(rfc3339(JANUARY + hour * HOUR))

    def put(self, type, **data):
        return self.broker.bus().put(type, data)

    def open(self, node, **more):
        self.opened += 1
        self.put("incident.opened", kind="outage", node=node, cause="tree", **more)
        return self.opened

    def close(self, incident):
        self.put("incident.restored", incident=incident)
        self.put("incident.verified", incident=incident)
        self.put("incident.closed", incident=incident)


def below(broker, node):
    return len([row for row in ask(broker, node=node, hours=0)])


@test(own=True)
def a_sum_over_outages_and_works_passes_the_limit_once():
    with Broker(replay=True) as broker:
        year = Year(broker)
        left, right = year.here.left, year.here.right
        year.pass_to(10)
        first = year.open(left)
        year.pass_to(50)
        year.close(first)  # 40 h
        premises = below(broker, left)
        assert premises >= 2, premises
        year.put("planned.announced", node=left, starts=rfc3339(JANUARY + 100 * HOUR),
                 ends=rfc3339(JANUARY + 120 * HOUR), reason="repair")
        year.pass_to(100)
        year.put("planned.started", planned=1)
        year.pass_to(115)
        both = year.open(left)  # 55 h, and those of the works go on to 120: nothing twice
        year.pass_to(120)
        year.put("planned.ended", planned=1)
        year.pass_to(127)
        same(told(broker), [])
        year.pass_to(129)
        same(told(broker), [("_near", "incident/%d" % both, premises, 128, 128)])
        has(broker.bus().query("incident", incident=both)[0], priority=3, priority_reason="hours")
        year.pass_to(131.9)
        same(len(told(broker)), 1)
        row = ask(broker, node=left)[0]
        has(row, minutes=71 * 60 + 54, left=6, longest=40 * 60, times=2, out=True)
        same(seconds(row["passes"]), JANUARY + 132 * HOUR)
        broker.kill()
        broker.restart()
        year.pass_to(150)
        year.close(both)
        same(told(broker)[1:], [("_limit", "incident/%d" % both, premises, 132, 132)])
        year.pass_to(300)
        again = year.open(left)  # they have passed; it is said once
        year.pass_to(340)
        year.close(again)
        same(len(told(broker)), 2)
        same(ask(broker, node=right), [])
        rows = ask(broker, hours=1)
        has(rows[0], minutes=(40 + 50 + 40) * 60, left=-58 * 60, out=False)
        same(seconds(rows[0]["passes"]), JANUARY + 132 * HOUR)
        broker.stop()
        broker.verify()
        broker.start()
        same(len(told(broker)), 2)


@test(own=True)
def a_year_counts_its_own_hours_and_what_passed_at_its_end_is_still_said():
    with Broker(replay=True) as broker:
        year = Year(broker)
        year.pass_to(365 * 24 - 72)  # three days before the next New Year
        incident = year.open(year.here.left)
        year.pass_to(365 * 24 + 67)
        same([row[:4] for row in told(broker)],
             [("_near", "incident/%d" % incident, below(broker, year.here.left), 365 * 24 - 4),
              ("_limit", "incident/%d" % incident, below(broker, year.here.left), 365 * 24)])
        has(ask(broker, node=year.here.left)[0], minutes=67 * 60, longest=67 * 60)
        year.pass_to(365 * 24 + 100)
        same([row[3] - 365 * 24 for row in told(broker)], [-4, 0, 68, 72])
        former = ask(broker, until=rfc3339(JANUARY + 365 * 24 * HOUR), node=year.here.left)
        has(former[0], minutes=72 * 60, left=0)


@test(own=True)
def a_short_outage_that_takes_premises_past_it_is_said_though_it_is_over():
    with Broker(replay=True) as broker:
        year = Year(broker)
        first = year.open(year.here.left)
        year.pass_to(71.99)
        year.close(first)
        year.pass_to(200)
        short = year.open(year.here.left)
        year.pass_to(200.02)
        year.close(short)
        year.pass_to(207)
        rows = told(broker)
        same([row[1] for row in rows], ["incident/%d" % first, "incident/%d" % short])
        assert rows[1][3] < 200.02, rows


@test(own=True)
def the_report_names_them_for_people_and_machines():
    with Broker(replay=True) as broker:
        year = Year(broker)
        year.open(year.here.left)
        year.pass_to(73)
        wanted = ask(broker)
        assert wanted and all(row["left"] == -60 for row in wanted), wanted
        environment = dict(os.environ, PULT_BUS=broker.requests)
        text = subprocess.run([os.path.join(BUILD, "pult"), "report", "hours", "--format", "csv"], env=environment, timeout=60,
                              capture_output=True, check=True).stdout.decode()
        rows = list(csv.DictReader(io.StringIO(text)))
        same([(row["account"], row["left"]) for row in rows],
             [(row["account"], str(row["left"])) for row in wanted])
        refused("not_found", broker.bus().refusal("query", {"name": "hours", "args": {"node": "nowhere"}}))
        same(len(ask(broker, limit=1)), 1)


if __name__ == "__main__":
    main()
