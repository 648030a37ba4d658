// The life of a contact: who is to answer it, and until when (docs/contact-states.md, FIELD §6.7).
#include "tests/sim/sim.h"

#include <stdio.h>

#define MINUTES(n) ((n)*INT64_C(60000))
#define DAYS(n)    MINUTES((n)*1440)

static const struct {
    const char *name;
    int64_t after_ms;
} rows[ORACLE_CONTACT_TIMERS] = {
    [ORACLE_CALLBACK] = {"callback_answer", MINUTES(240)},
    [ORACLE_THEFT] = {"theft_ack", MINUTES(30)},
    [ORACLE_STATUS] = {"complaint_status", DAYS(1)},
    [ORACLE_REMINDER] = {"complaint_reminder", DAYS(20)},
    [ORACLE_LAST_REMINDER] = {"complaint_last_reminder", DAYS(27)},
    [ORACLE_ANSWER] = {"complaint_answer", DAYS(30)},
};

static bool is_complaint(const struct oracle_contact *contact)
{
    return contact->type == EVENT_CONTACT_COMPLAINT;
}

static bool is_theft(const struct oracle_contact *contact)
{
    return contact->type == EVENT_CONTACT_THEFT_REPORT;
}

// The deadline of its answer.
static enum oracle_contact_timer last_of(const struct oracle_contact *contact)
{
    return is_complaint(contact) ? ORACLE_ANSWER
           : is_theft(contact)   ? ORACLE_THEFT
                                 : ORACLE_CALLBACK;
}

static bool runs(const struct oracle_contact *contact, enum oracle_contact_timer timer)
{
    bool taken = contact->life == CONTACT_IN_WORK;

    switch (timer) {
    case ORACLE_CALLBACK: return !is_complaint(contact) && !is_theft(contact);
    case ORACLE_THEFT: return is_theft(contact) && !taken;
    case ORACLE_STATUS: return is_complaint(contact) && !taken;
    default: return is_complaint(contact);
    }
}

static bool is_done(const struct oracle_contact *contact)
{
    return contact->life == CONTACT_ANSWERED || contact->life == CONTACT_CLOSED ||
           contact->life == CONTACT_LEFT;
}

static int64_t due_of(const struct oracle_contact *contact, enum oracle_contact_timer timer)
{
    return contact->since && !is_done(contact) && !contact->fired[last_of(contact)] &&
                   !contact->fired[timer] && runs(contact, timer)
               ? contact->since + rows[timer].after_ms
               : ORACLE_NEVER;
}

int64_t oracle_contact_due(const struct oracle_contact *contact, struct slice name)
{
    int64_t first_ms = ORACLE_NEVER;

    for (int timer = 0; timer < ORACLE_CONTACT_TIMERS; timer++) {
        int64_t due_ms = due_of(contact, (enum oracle_contact_timer)timer);

        if ((name.length == 0 || slice_is(name, rows[timer].name)) && due_ms < first_ms)
            first_ms = due_ms;
    }
    return first_ms;
}

void oracle_contact_fire(struct oracle_contact *contact, struct slice name)
{
    for (int timer = 0; timer < ORACLE_CONTACT_TIMERS; timer++)
        contact->fired[timer] |= slice_is(name, rows[timer].name);
}

static bool flag(const struct event *event, enum event_field field)
{
    return event_has(event, field) && event->values[field].integer;
}

bool oracle_is_trouble(enum event_type type)
{
    return type == EVENT_CONTACT_OUTAGE_REPORT || type == EVENT_CONTACT_QUALITY_COMPLAINT ||
           type == EVENT_CONTACT_RESTORATION_QUERY;
}

bool oracle_is_registered(enum event_type type)
{
    return oracle_is_trouble(type) || type == EVENT_CONTACT_INQUIRY ||
           type == EVENT_CONTACT_CONSULTATION || type == EVENT_CONTACT_THEFT_REPORT ||
           type == EVENT_CONTACT_COMPLAINT || type == EVENT_CONTACT_METER_READING;
}

// What nobody could answer at once goes to a department, and is owed from now on.
void oracle_begin_life(struct sim *sim, struct oracle_contact *contact, const struct event *event)
{
    bool answered = flag(event, EVENT_FIELD_answered), routed = EVENT_HAS(event, department);
    bool must = is_complaint(contact) || is_theft(contact);
    bool owed = !answered && (must || routed || flag(event, EVENT_FIELD_needs_answer));

    if (answered && must)
        sim_fail(sim, "contact %s cannot have been answered at once", contact->reg_no);
    if (!oracle_is_trouble(event->type) && answered == routed)
        sim_fail(sim, "contact %s is %s", contact->reg_no,
                 answered ? "answered and routed" : "neither answered nor routed");
    contact->life = answered ? CONTACT_ANSWERED : routed ? CONTACT_ROUTED : CONTACT_REGISTERED;
    if (owed || flag(event, EVENT_FIELD_callback))
        contact->since = event->recorded_ms;
    if (contact->since &&
        EVENT_VALUE(event, due)->integer != contact->since + rows[last_of(contact)].after_ms)
        sim_fail(sim, "contact %s is due at another time", contact->reg_no);
}

static int next_of(enum event_type type, int life)
{
    bool waits = life == CONTACT_REGISTERED || life == CONTACT_ROUTED || life == CONTACT_IN_WORK ||
                 life == CONTACT_REOPENED;

    switch (type) {
    case EVENT_CONTACT_ROUTED: return waits ? CONTACT_ROUTED : -1;
    case EVENT_CONTACT_TAKEN: return waits ? CONTACT_IN_WORK : -1;
    case EVENT_CONTACT_ANSWERED: return waits || life == CONTACT_ANSWERED ? CONTACT_ANSWERED : -1;
    case EVENT_CONTACT_CLOSED: return life == CONTACT_ANSWERED ? CONTACT_CLOSED : -1;
    case EVENT_CONTACT_LEFT: return waits ? CONTACT_LEFT : -1;
    case EVENT_CONTACT_REOPENED: return waits ? -1 : CONTACT_REOPENED;
    default: return life; // linked
    }
}

// What came out after a report: it may owe a call back from now on.
void oracle_fold_added(struct sim *sim, const struct event *event)
{
    struct slice reg_no = EVENT_VALUE(event, contact)->text;
    struct oracle_contact *contact = oracle_contact(&sim->oracle, reg_no);
    bool report = contact && (contact->type == EVENT_CONTACT_OUTAGE_REPORT ||
                              contact->type == EVENT_CONTACT_QUALITY_COMPLAINT);

    if (!report)
        sim_fail(sim, "contact %.*s cannot have been added to", (int)reg_no.length, reg_no.data);
    contact->touched = true;
    if (flag(event, EVENT_FIELD_callback) && !contact->since)
        contact->since = event->recorded_ms;
}

void oracle_fold_life(struct sim *sim, const struct event *event)
{
    struct slice reg_no = EVENT_VALUE(event, contact)->text;
    struct oracle_contact *contact = oracle_contact(&sim->oracle, reg_no);
    int next = contact ? next_of(event->type, contact->life) : -1;

    if (next < 0)
        sim_fail(sim, "contact %.*s cannot have had %.*s", (int)reg_no.length, reg_no.data,
                 (int)event->topic.length, event->topic.data);
    contact->touched = true;
    contact->life = next;
    if (event->type == EVENT_CONTACT_REOPENED) {
        contact->since = 0;
        memset(contact->fired, 0, sizeof(contact->fired));
    }
    if (!contact->since &&
        (event->type == EVENT_CONTACT_REOPENED || event->type == EVENT_CONTACT_ROUTED))
        contact->since = event->recorded_ms;
}
