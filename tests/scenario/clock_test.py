#!/usr/bin/python3
"""The replay clock: starts in 1970, moves only when told, never back."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from harness import Broker, has, main, place, refused, report, same, test
from pultbus import rfc3339, seconds


@test(own=True)
def a_replay_directory_starts_at_1970_and_stands_still():
    with Broker(replay=True) as broker:
        bus = broker.bus("admin")
        same(seconds(bus.greeting["time"]), 0)
        time.sleep(0.2)
        same(seconds(bus.hello()["time"]), 0)
        answer = bus.clock(12345)
        same((seconds(answer["time"]), answer["head"]), (12345, bus.hello()["head"]))
        same(seconds(bus.hello()["time"]), 12345)
        # The same instant again is not going back.
        bus.clock(12345)
        refused("conflict", bus.refusal("clock", {"to": rfc3339(12344)}))
        same(seconds(bus.hello()["time"]), 12345)
        broker.kill()
        broker.restart()
        # After a restart it is never earlier than what was recorded; it can go on.
        bus = broker.bus("admin")
        same(seconds(bus.clock(20000)["time"]), 20000)


@test(own=True)
def recordedtime_is_the_replay_time_and_survives_a_restart():
    import json
    with Broker(replay=True) as broker:
        admin, bus = broker.bus("admin"), broker.bus()
        admin.clock("2026-03-01T10:00:00+03:00")
        bus.put("log.entry", {"text": "t"})
        when = seconds("2026-03-01T07:00:00Z")
        found = json.loads(bus.subscribe([""], start="start").next())
        same((seconds(found["time"]), seconds(found["recordedtime"])), (when, when))
        broker.kill()
        broker.restart()
        assert seconds(broker.bus().greeting["time"]) >= when
        refused("conflict", broker.bus("admin").refusal("clock", {"to": rfc3339(when - 1)}))


@test(own=True)
def registration_numbers_take_their_year_from_the_companys_zone():
    with Broker(replay=True, settings=["zone=Asia/Yekaterinburg"]) as broker:
        here, admin, operator = place(broker), broker.bus("admin"), broker.bus("operator")
        same(admin.greeting["zone"], "Asia/Yekaterinburg")
        admin.clock("2026-12-31T18:59:59Z")  # 23:59:59 in Yekaterinburg
        has(operator.put("contact.outage_report", report(here.accounts[0])), reg_no="2026-000001")
        admin.clock("2026-12-31T19:00:00Z")
        has(operator.put("contact.outage_report", report(here.accounts[0])), reg_no="2027-000001")
        has(operator.put("contact.outage_report", report(here.accounts[0])), reg_no="2027-000002")
        assert admin.hello()["time"].endswith("+05:00")


@test
def the_clock_of_another_data_directory_does_not_move(broker):
    refused("conflict", broker.bus("admin").refusal("clock", {"to": "2031-01-01T00:00:00Z"}))


@test(own=True)
def a_replay_directory_stays_one_and_another_does_not_become_one():
    for first, second in ((True, False), (False, True)):
        broker = Broker(replay=first)
        with broker:
            broker.bus().put("log.entry", {"text": "t"})
            broker.stop()
            broker.replay = second
            broker.start(wait=False)
            deadline = time.monotonic() + 5
            while broker.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            assert broker.process.poll() not in (None, 0, -6, -11), (
                "busd took a %s directory for the other kind" % ("replay" if first else "system"))
            assert "clock" in broker.said() or "replay" in broker.said()
            broker.replay = first
            broker.start()


@test(replay=True)
def wrong_times_are_invalid(broker):
    admin = broker.bus("admin")
    for to in ("tomorrow", 5, None, "2026-02-30T00:00:00Z", "", {}):
        refused("invalid", admin.refusal("clock", {"to": to}))
    refused("invalid", admin.refusal("clock", {}))
    refused("invalid", admin.refusal("clock", {"to": rfc3339(10**9), "colour": 1}))
    for role in ("operator", "dispatcher", "observer", "script"):
        refused("denied", broker.bus(role).refusal("clock", {"to": rfc3339(2 * 10**9)}))


if __name__ == "__main__":
    main()
