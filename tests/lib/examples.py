"""Valid data of every type of event that lies somewhere.

    data = BUILD["incident.closed"](bus, place)

makes what the event needs to be there, by a connection that may publish everything, and gives its data.
"""
from harness import complaint, report

AT, LATER = "2031-05-06T07:08:09Z", "2031-05-06T17:08:09Z"


def contact(maker, here, type="contact.consultation", **data):
    return maker.put(type, {"applicant": "person", "premise": {"account": here.accounts[0]}, **data})["reg_no"]


def outage(maker, here, *steps):
    number = maker.put("incident.opened", {"kind": "outage", "node": here.left})["incident"]
    for type in steps:
        maker.put(type, {"incident": number})
    return number


def works(maker, here, started=False):
    number = maker.put("planned.announced", {"node": here.left, "starts": AT, "ends": LATER, "reason": "r"})["planned"]
    if started:
        maker.put("planned.started", {"planned": number})
    return number


def of_incident(*steps, **data):
    return lambda maker, here: {"incident": outage(maker, here, *steps), **data}


def of_contact(*steps, **data):
    def build(maker, here):
        number = contact(maker, here, needs_answer=True)
        for type in steps:
            maker.put(type, {"contact": number})
        return {"contact": number, **data}
    return build


def call(**data):
    return lambda maker, here: {"applicant": "person", "premise": {"account": here.accounts[0]}, **data}


def split(maker, here):
    number = outage(maker, here)
    calls = [maker.put("contact.outage_report", report(a)) for a in here.accounts[:2]]
    return {"incident": calls[0]["incident"] or number, "contacts": [calls[0]["reg_no"]], "node": here.left}


def repeat(maker, here):
    return {"contact": contact(maker, here, "contact.complaint", topic="service"),
            "repeat_of": contact(maker, here, "contact.complaint", topic="service")}


BUILD = {
    "contact.outage_report": lambda maker, here: report(here.accounts[0]),
    "contact.quality_complaint": lambda maker, here: complaint(here.accounts[1]),
    "contact.restoration_query": call(), "contact.consultation": call(), "contact.inquiry": call(topic="1.5"),
    "contact.theft_report": call(topic="no_contract"), "contact.complaint": call(topic="service"),
    "contact.meter_reading": lambda maker, here: call(meter="M%d" % here.number, readings=[1001])(maker, here),
    "contact.routed": of_contact(department="north-office"), "contact.taken": of_contact(),
    "contact.answered": of_contact(answer="a"), "contact.closed": of_contact("contact.answered"),
    "contact.left": of_contact(ground="insulting"), "contact.linked": repeat,
    "contact.updated": lambda maker, here: {"contact": contact(maker, here, "contact.outage_report", symptom="no_power"),
                                            "text": "t"},
    "contact.reopened": of_contact("contact.answered", reason="r"),
    "incident.opened": lambda maker, here: {"kind": "outage", "node": here.left},
    "incident.updated": of_incident(priority=2), "incident.confirmed": of_incident(),
    "incident.moved": lambda maker, here: {"incident": outage(maker, here), "node": here.right},
    "incident.merged": lambda maker, here: {"incident": outage(maker, here), "into": outage(maker, here)},
    "incident.split": split, "incident.crew": of_incident(tier="repair", state="assigned"),
    "incident.partly_restored": lambda maker, here: {"incident": outage(maker, here), "accounts": [here.accounts[0]]},
    "incident.restored": of_incident(), "incident.verified": of_incident("incident.restored"),
    "incident.reopened": of_incident("incident.restored"),
    "incident.closed": of_incident("incident.restored"), "incident.cancelled": of_incident(reason="invalid"),
    "eta.set": of_incident(at=AT),
    "eta.withdrawn": of_incident(), "dispatch.accepted": of_incident(),
    "dispatch.returned": of_contact(reason="r"), "dispatch.asked": of_contact(question="q"),
    "dispatch.replied": of_contact(answer="a"),
    "node.switched": lambda maker, here: {"node": here.right, "fed_from": here.feeder},
    "node.marked": lambda maker, here: {"node": here.right, "mark": "none"},
    "planned.announced": lambda maker, here: {"accounts": here.accounts, "starts": AT, "ends": LATER, "reason": "r"},
    "planned.changed": lambda maker, here: {"planned": works(maker, here), "reason": "r2"},
    "planned.started": lambda maker, here: {"planned": works(maker, here)},
    "planned.ended": lambda maker, here: {"planned": works(maker, here, True)},
    "planned.cancelled": lambda maker, here: {"planned": works(maker, here)},
    "log.entry": of_incident(text="t"),
    "shift.opened": lambda maker, here: {"person": "nobody", "desk": here.desk},
    "shift.handed_over": lambda maker, here: {"desk": here.desk, "to": "nobody"},
    "mode.changed": lambda maker, here: {"mode": "storm"}, "mode.message": lambda maker, here: {"text": "t"},
    "call.started": lambda maker, here: {"call": "c%d" % maker.hello()["head"], "direction": "in"},
}
