#!/usr/bin/python3
"""An independent model of what EVENTS.md lets every client rely on (its eight rules).

It knows premises as accounts with a node each, incidents, ETAs and planned works, and answers
`eta(account)` as the broker's query of that name must. Nothing of the broker's code went into it:
where the two differ, one of them has misread the page. The replay of real weeks and the scenario
of random acts use it.
"""
QUARTER_S = 15 * 60
WEEK_S = 7 * 86400
OPEN = ("suspected", "probable", "confirmed", "partly_restored")
RANK = {"dispatcher": 3, "crew": 3, "zone": 2, "rule": 1}


class Conflict(Exception):
    """The act is refused; nothing has changed."""


class Incident:
    def __init__(self, number, kind, state, started, ref=None, node=None, accounts=()):
        self.number, self.kind, self.state, self.started = number, kind, state, started
        self.ref, self.node, self.accounts = ref, node, set(accounts)
        self.restored_at = None
        self.nested_in = None
        self.parents = set()  # restorations that it may be nested in
        self.calls = 0
        self.eta = None  # what is in force: {"at", "firmness", "source"}
        self.customers = None

    @property
    def open(self):
        return self.state in OPEN


class Works:
    def __init__(self, number, accounts, node, starts, ends, ref=None):
        self.number, self.accounts, self.node = number, set(accounts), node
        self.starts, self.ends, self.ref = starts, ends, ref
        self.state = "announced"
        self.calls = 0


class Oracle:
    """`now` is moved by the caller; every act is one method, refusals raise Conflict."""

    def __init__(self):
        self.now = 0
        self.parents = {}   # node -> node above it
        self.premises = {}  # account -> node or None
        self.incidents = {}
        self.works = {}

    # -- places -----------------------------------------------------------------------------
    def covers(self, thing, account):
        """Rule 1: the accounts listed and every premise below the node."""
        if account in thing.accounts:
            return True
        node = self.premises.get(account)
        while node is not None and thing.node is not None:
            if node == thing.node:
                return True
            node = self.parents.get(node)
        return False

    # -- incidents --------------------------------------------------------------------------
    def open_incident(self, kind, started=None, ref=None, node=None, accounts=(),
                      state="confirmed", customers=None):
        number = len(self.incidents) + 1
        found = Incident(number, kind, state, self.now if started is None else started, ref, node,
                         accounts)
        found.customers = customers
        self.incidents[number] = found
        return number

    def update(self, number, started=None, add=(), remove=(), customers=None):
        found = self.incidents[number]
        if found.state in ("cancelled", "merged"):
            raise Conflict
        if started is not None:
            found.started = started
        if customers is not None:
            found.customers = customers
        found.accounts |= set(add)
        found.accounts -= set(remove)

    def restore(self, number, at=None):
        found = self.incidents[number]
        if not found.open and found.state not in ("restored", "verified"):
            raise Conflict
        if found.open:
            found.state = "restored"
            found.eta = None
        found.restored_at = self.now if at is None else at

    def close(self, number):
        found = self.incidents[number]
        if found.state not in ("restored", "verified"):
            raise Conflict
        found.state = "closed"

    def reopen(self, number):
        found = self.incidents[number]
        if found.state not in ("restored", "verified", "closed", "cancelled"):
            raise Conflict
        found.state = "confirmed"
        found.restored_at = None
        found.eta = None

    def cancel(self, number):
        found = self.incidents[number]
        if not found.open:
            raise Conflict
        found.state = "cancelled"
        found.eta = None

    def set_eta(self, number, at, firmness="estimate", source="dispatcher"):
        """True when it is in force, False when only recorded (a lower source)."""
        found = self.incidents[number]
        if not found.open:
            raise Conflict
        if found.eta and RANK[source] < RANK[found.eta["source"]]:
            return False
        found.eta = {"at": at, "firmness": firmness, "source": source}
        return True

    def withdraw_eta(self, number):
        found = self.incidents[number]
        if not found.open:
            raise Conflict
        found.eta = None

    # -- planned works ----------------------------------------------------------------------
    def announce(self, starts, ends, ref=None, accounts=(), node=None):
        number = len(self.works) + 1
        self.works[number] = Works(number, accounts, node, starts, ends, ref)
        return number

    def change_works(self, number, **changed):
        for name, value in changed.items():
            setattr(self.works[number], name, set(value) if name == "accounts" else value)

    def start_works(self, number):
        if self.works[number].state == "cancelled":
            raise Conflict
        self.works[number].state = "started"

    def end_works(self, number):
        if self.works[number].state == "cancelled":
            raise Conflict
        self.works[number].state = "ended"

    # -- reports (rule 2) -------------------------------------------------------------------
    def report(self, kind, account, time=None, nested=None):
        """("incident"|"planned", number) the report is linked to. After a restoration the rule
        says "to a nested incident" and leaves open which: `nested` is the one that the broker
        took, and it is taken here too when it is nested in a restoration that fits."""
        when = self.now if time is None else min(time, self.now)
        found = [i for i in self.incidents.values() if i.open and self.covers(i, account)]
        if found:
            best = max(found, key=lambda i: (i.kind == kind, i.started, i.number))
            best.calls += 1
            return "incident", best.number
        under_way = [w for w in self.works.values() if w.state == "started"
                     and when <= w.ends + QUARTER_S and self.covers(w, account)]
        if under_way:
            best = max(under_way, key=lambda w: (w.starts, w.number))
            best.calls += 1
            return "planned", best.number
        parents = {i.number for i in self.incidents.values()
                   if i.state in ("restored", "verified", "closed") and i.restored_at is not None
                   and when - i.restored_at <= QUARTER_S and self.covers(i, account)}
        known = self.incidents.get(nested)
        if known is not None and known.open and known.nested_in in parents:
            known.calls += 1
            return "incident", nested
        number = self.open_incident(kind, when, node=self.premises.get(account),
                                    accounts=() if self.premises.get(account) else (account,),
                                    state="suspected")
        self.incidents[number].parents = parents
        self.incidents[number].calls = 1
        return "incident", number

    # -- the look-up ------------------------------------------------------------------------
    def eta(self, account):
        """What `query eta` must show: open, restored and not closed, planned."""
        rows = []
        for found in self.incidents.values():
            if (found.open or found.state in ("restored", "verified")) and self.covers(
                    found, account):
                eta = found.eta and {**found.eta, "overdue": found.eta["at"] < self.now}
                rows.append({"incident": found.number, "ref": found.ref, "state": found.state,
                             "kind": found.kind, "started": found.started, "calls": found.calls,
                             "restored_at": found.restored_at, "eta": eta})
        for works in self.works.values():
            if (works.state == "started" or (works.state == "announced" and self.now >= works.starts - WEEK_S)) \
                    and self.covers(works, account):
                eta = {"at": works.ends, "firmness": "estimate",
                       "overdue": works.ends < self.now}
                rows.append({"planned": works.number, "ref": works.ref, "state": works.state,
                             "started": works.starts, "calls": works.calls, "eta": eta})
        return rows
