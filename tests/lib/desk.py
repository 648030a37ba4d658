"""The people of one scenario, and the rows that they look at: what the tests of EVENTS.md's rules share."""
from harness import complaint, refused, report
from pultbus import event, seconds

HOUR, DAY, MINUTE = 3600, 86400, 60


class Desk:
    """The people of one test: an operator, a dispatcher, and whoever moves the clock."""

    def __init__(self, broker):
        self.broker = broker
        self.operator, self.dispatcher = broker.bus("operator"), broker.bus("dispatcher")
        self.admin = broker.bus("admin")
        if self.now() < 100 * DAY:
            self.admin.clock(100 * DAY)

    def now(self):
        return seconds(self.admin.hello()["time"])

    def forward(self, seconds):
        self.admin.clock(self.now() + seconds)

    def call(self, account, **more):
        return self.operator.put("contact.outage_report", report(account, **more))

    def complain(self, account, **more):
        return self.operator.put("contact.quality_complaint", complaint(account, **more))

    def open(self, kind="outage", **more):
        return self.dispatcher.put("incident.opened", {"kind": kind, **more})["incident"]

    def act(self, type, incident, **more):
        return self.dispatcher.put(type, {"incident": incident, **more})

    def conflict(self, type, incident, **more):
        return refused("conflict", self.dispatcher.refusal("publish", event(
            type, {"incident": incident, **more})))

    def announce(self, **more):
        return self.dispatcher.put("planned.announced", {"reason": "repair", **more})["planned"]

    def eta(self, account):
        return list(self.operator.query("eta", account=account))

    def row(self, incident):
        return self.dispatcher.query("incident", incident=incident)[0]


def numbers(rows):
    return sorted(row["incident"] for row in rows if "incident" in row)


def works(rows):
    return sorted(row["planned"] for row in rows if "planned" in row)
