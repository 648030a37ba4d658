#!/usr/bin/python3
"""Acts of two people: one asks, another agrees within five minutes, and then it is done."""
import json
import os
import sys
import time

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import ROOT, has, main, refused, same, test
from keys import KeyedBroker
from pultbus import event
from screens import Desk

CLIENTS = {name: {"roles": ["senior_dispatcher", "observer"]} for name in ("anna", "boris")}


class Two(KeyedBroker):
    """The table as delivered, and two seniors."""

    def __init__(self, **more):
        super().__init__(dict(CLIENTS, clock={"roles": ["admin"]}), **more)
        path = os.path.join(self.directory, "own.yaml")
        with open(os.path.join(ROOT, "config", "roles.yaml"), encoding="utf-8") as file:
            table = yaml.safe_load(file)
        assert table["four_eyes"], "the delivered table names acts"
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump({**table, "users": {"root": ["dispatcher", "observer", "admin", "senior_dispatcher"]}, "groups": {}}, file)
        self.settings.append("roles=" + json.dumps(path))


def mode_of(bus):
    return bus.query("stats")[0]["mode"]


@test(own=True)
def the_end_of_a_storm_waits_until_another_person_agrees():
    with Two() as broker:
        anna, boris = broker.keyed("anna"), broker.keyed("boris")
        stream = anna.subscribe([""])
        anna.put("mode.changed", {"mode": "storm"})  # its beginning does not wait
        same(mode_of(anna), "storm")
        asked = event("mode.changed", {"mode": "normal", "reason": "quiet again"})
        result = anna.publish(asked)
        has(result, id=asked["id"], approval="requested", duplicate=False)
        assert pultbus.seconds(result["until"]) > 0
        same(mode_of(anna), "storm")
        same({**anna.publish(asked), "duplicate": 0}, {**result, "duplicate": 0})
        error = refused("denied", anna.refusal("publish", event("approval.given", {"of": asked["id"]})))
        same((error.reason, mode_of(anna)), ("same_person", "storm"))
        given = boris.put("approval.given", {"of": asked["id"]})
        same(mode_of(boris), "normal")
        raws = [json.loads(raw) for raw in stream.until(given["sequence"] + 1)]
        request, agreed, done = [raw for raw in raws if raw["type"] in (
            "approval.requested", "approval.given") or raw["sequence"] == "%016d" % (given["sequence"] + 1)]
        has(request, id=asked["id"], source="pult:key:anna", type="approval.requested")
        has(request["data"], act="mode.changed", by="anna", data={"mode": "normal", "reason": "quiet again"})
        has(agreed, source="pult:key:boris", type="approval.given")
        has(done, type="mode.changed", source="pult:busd", causationid=agreed["id"])
        has(done["data"], mode="normal", reason="quiet again")
        refused("conflict", boris.refusal("publish", event("approval.given", {"of": asked["id"]})))
        refused("not_found", boris.refusal("publish", event("approval.given", {"of": "nothing"})))
        same(boris.publish(event("approval.given", {"of": asked["id"]}, id=agreed["id"]))["duplicate"], True)


@test(own=True)
def the_console_says_what_waits_for_another_person_who_agrees_there():
    class TwoAtScreens(Desk):
        def __init__(self):
            super().__init__()
            self.broker = Two()

    with TwoAtScreens() as desk:
        anna = desk.broker.keyed("anna")
        console = desk.open("console", "en")
        console.wait_text("QUEUE")
        console.type("l")
        console.wait_text("SHIFT LOG")
        anna.put("mode.changed", {"mode": "storm"})
        anna.publish(event("mode.changed", {"mode": "normal"}))
        console.wait_text("asks another person: anna, mode.changed")
        console.wait_text("AGREE 1 [v]")
        late = desk.open("console", "en", "--role", "senior_dispatcher")
        late.wait_text("AGREE 1 [v]")  # what was asked before it was opened
        senior = desk.open("console", "en", "--role", "senior_dispatcher")
        senior.wait_text("QUEUE")
        anna.publish(event("mode.changed", {"mode": "normal", "reason": "once more"}))
        senior.wait_text("AGREE 2 [v]")
        same([row["data"]["by"] for row in anna.query("approvals")], ["anna"] * 2)
        senior.type("v")
        senior.wait_text("anna: mode: normal")
        same(mode_of(anna), "storm")
        senior.type("\r")
        senior.wait_text("agree - done")
        same(mode_of(anna), "normal")
        for _ in range(100):  # the other act was agreed to as well, and nothing waits
            if not anna.query("approvals"):
                break
            time.sleep(0.05)
        same(anna.query("approvals"), [])


@test(own=True)
def a_mass_cancellation_waits_one_by_one_and_few_do_not():
    with Two() as broker:
        anna, boris = broker.keyed("anna"), broker.keyed("boris")
        numbers = [anna.put("incident.opened", {"kind": "outage", "node": "F%d" % n})["incident"] for n in range(13)]
        cancel = lambda n: event("incident.cancelled", {"incident": n, "reason": "invalid"})
        for result in anna.publish([cancel(n) for n in numbers[10:]]):
            assert "approval" not in result, result
        held = anna.publish([cancel(n) for n in numbers[:10]])
        same([r["approval"] for r in held], ["requested"] * 10)
        same(len(anna.query("incidents")), 10)
        boris.publish([event("approval.given", {"of": r["id"]}) for r in held])
        same(len(anna.query("incidents")), 0)


@test(own=True)
def what_cannot_be_done_is_refused_when_it_is_asked_and_when_it_is_agreed_to():
    with Two() as broker:
        anna, boris = broker.keyed("anna"), broker.keyed("boris")
        numbers = [anna.put("incident.opened", {"kind": "outage", "node": "F%d" % n})["incident"] for n in range(10)]
        wrong = [event("incident.cancelled", {"incident": n + 900, "reason": "invalid"}) for n in numbers]
        refused("not_found", anna.refusal("publish", wrong))
        held = anna.publish([event("incident.cancelled", {"incident": n, "reason": "invalid"}) for n in numbers])
        anna.put("incident.cancelled", {"incident": numbers[0], "reason": "invalid"})
        head = anna.hello()["head"]
        refused("conflict", boris.refusal("publish", event("approval.given", {"of": held[0]["id"]})))
        same(anna.hello()["head"], head)
        boris.put("approval.given", {"of": held[1]["id"]})


@test(own=True)
def after_five_minutes_nobody_can_agree_and_a_restart_forgets_nothing():
    broker = Two(replay=True)
    with broker:
        start = pultbus.seconds("2031-05-06T07:00:00Z")
        broker.keyed("clock").clock(start)
        anna, boris = broker.keyed("anna"), broker.keyed("boris")
        anna.put("mode.changed", {"mode": "storm"})
        late, kept = (event("mode.changed", {"mode": "normal"}) for _ in range(2))
        anna.publish(late)
        broker.keyed("clock").clock(start + 299)
        anna.publish(kept)
        broker.keyed("clock").clock(start + 301)
        error = refused("conflict", boris.refusal("publish", event("approval.given", {"of": late["id"]})))
        same(error.reason, "late")
        broker.kill()
        broker.restart()
        again = broker.keyed("boris")
        again.put("approval.given", {"of": kept["id"]})
        same(mode_of(again), "normal")


@test(own=True)
def who_may_not_agree_cannot():
    with Two() as broker:
        anna = broker.keyed("anna")
        anna.put("mode.changed", {"mode": "storm"})
        asked = anna.put("mode.changed", {"mode": "normal"})
        refused("denied", broker.bus("observer").refusal("publish", event("approval.given", {"of": asked["id"]})))
        refused("denied", broker.bus("dispatcher").refusal("publish", event("approval.given", {"of": asked["id"]})))
        refused("denied", anna.refusal("publish", event("approval.requested", {"act": "mode.changed"})))


if __name__ == "__main__":
    main()
