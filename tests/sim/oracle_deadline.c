// Deadlines: FIELD §6.7 as config/timers.yaml has it by default, computed anew from the incident
// whenever somebody asks.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdio.h>

#define SECONDS(n) ((n)*INT64_C(1000))
#define MINUTES(n) SECONDS((n)*60)
#define HOURS(n)   MINUTES((n)*60)

enum {
    OVERDUE_REPEATS = 4,
    CREW_ON_SITE = 3,
    FLOOD_MINUTES = 10,
    FLOOD_ON = 10,  // more than
    FLOOD_OFF = 5,  // fewer than
    FLOOD_MOST = 63 // what a minute counts at most
};
#define NEVER ORACLE_NEVER

static const struct {
    const char *name;
    int64_t after_ms;
} rows[] = {
    [ORACLE_ACCEPT_HAZARD] = {"ops_accept_hazard", SECONDS(30)},
    [ORACLE_ACCEPT_NORMAL] = {"ops_accept_normal", MINUTES(5)},
    [ORACLE_ETA_FIRST] = {"eta_first", MINUTES(15)},
    [ORACLE_ETA_WARNING] = {"eta_warning", MINUTES(15)},
    [ORACLE_ETA_OVERDUE] = {"eta_overdue", 0},
    [ORACLE_ETA_REPEAT] = {"eta_overdue_repeat", MINUTES(15)},
    [ORACLE_QUALITY_CHECK] = {"quality_check", HOURS(2)},
    [ORACLE_OUTAGE_REASON] = {"inform_outage_reason", HOURS(24)},
    [ORACLE_OUTAGE_NEAR] = {"outage_limit_near", HOURS(20)},
    [ORACLE_OUTAGE_LIMIT] = {"outage_limit_run", HOURS(24)},
    [ORACLE_PEOPLE_COUNT] = {"people_count_report", HOURS(1)},
    [ORACLE_ESCALATE_NEXT] = {"escalate_next", MINUTES(2)},
    [ORACLE_ESCALATE_SENIOR] = {"escalate_senior", MINUTES(5)},
    [ORACLE_YEAR_NEAR] = {"outage_limit_year_near", 0},
    [ORACLE_YEAR_LIMIT] = {"outage_limit_year", 0},
    [ORACLE_DESK] = {"desk_unattended", MINUTES(1)},
    [ORACLE_FLOOD_ON] = {"flood_on", 0},
    [ORACLE_FLOOD_OFF] = {"flood_off", 0},
    [ORACLE_OVERRUN] = {"planned_overrun", MINUTES(15)},
    [ORACLE_NOTICE] = {"planned_notice", HOURS(240)}, // no calendar here: every day counts
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

// From which moment the timer runs; NEVER while it does not.
static int64_t start_of(const struct oracle_incident *incident, enum oracle_timer timer)
{
    bool hazard = incident->hazard >= 0 || incident->kind == INCIDENT_HAZARD;
    bool outage = incident->kind == INCIDENT_OUTAGE;

    switch (timer) {
    case ORACLE_ACCEPT_HAZARD:
    case ORACLE_ACCEPT_NORMAL:
        return !incident->accepted && incident->news_at && hazard == (timer == ORACLE_ACCEPT_HAZARD)
                   ? incident->news_at
                   : NEVER;
    case ORACLE_ESCALATE_NEXT: // counted from when it should have been accepted
    case ORACLE_ESCALATE_SENIOR:
        return !incident->accepted && incident->news_at && strcmp(incident->desk, SIM_DESK) == 0
                   ? incident->news_at +
                         rows[hazard ? ORACLE_ACCEPT_HAZARD : ORACLE_ACCEPT_NORMAL].after_ms
                   : NEVER;
    case ORACLE_ETA_FIRST:
        return incident->kind != INCIDENT_HAZARD ? incident->active_since : NEVER;
    case ORACLE_ETA_WARNING:
        return incident->eta_source >= 0 &&
                       incident->eta_set_at < incident->eta_at - rows[timer].after_ms
                   ? incident->eta_at - 2 * rows[timer].after_ms
                   : NEVER;
    case ORACLE_ETA_OVERDUE: return incident->eta_source >= 0 ? incident->eta_at : NEVER;
    case ORACLE_ETA_REPEAT:
        return incident->eta_source >= 0 && incident->overdue_alarms > 0 &&
                       incident->overdue_alarms <= OVERDUE_REPEATS
                   ? incident->overdue_at
                   : NEVER;
    case ORACLE_QUALITY_CHECK:
        return incident->kind == INCIDENT_QUALITY && incident->crew_state < CREW_ON_SITE
                   ? incident->active_since
                   : NEVER;
    case ORACLE_OUTAGE_REASON: return outage && !incident->cause ? incident->active_since : NEVER;
    case ORACLE_PEOPLE_COUNT:
        return outage && !incident->customers_given &&
                       (incident->customers >= 100 || incident->feeder || incident->critical ||
                        incident->critical_below)
                   ? incident->active_since
                   : NEVER;
    case ORACLE_OUTAGE_NEAR:
    case ORACLE_OUTAGE_LIMIT: return outage ? incident->started : NEVER;
    default: return NEVER;
    }
}

int64_t oracle_due(const struct oracle_incident *incident, enum oracle_timer timer)
{
    int64_t start_ms = start_of(incident, timer);

    if (start_ms == NEVER || incident->fired[timer] || !oracle_is_open(incident))
        return NEVER;
    return start_ms + rows[timer].after_ms;
}

// --- desks --------------------------------------------------------------------------------------

static int64_t count_minute(const struct oracle_desk *desk, int64_t minute)
{
    int64_t count = 0;

    for (size_t i = 0; i < desk->news_count; i++)
        count += desk->news[i] / MINUTES(1) == minute;
    return count < FLOOD_MOST ? count : FLOOD_MOST;
}

// In the ten minutes, whole ones, up to that in which `at_ms` lies.
static int64_t count_news(const struct oracle_desk *desk, int64_t at_ms)
{
    int64_t count = 0;

    for (int64_t minute = 0; minute < FLOOD_MINUTES; minute++)
        count += count_minute(desk, at_ms / MINUTES(1) - minute);
    return count;
}

void oracle_count_news(struct oracle *oracle, const char *name, int64_t now_ms)
{
    struct oracle_desk *desk = oracle_desk(oracle, slice_of(name[0] ? name : "*"));

    // A report that is split off may be old; that somebody is needed for it is news of now.
    desk->news_at = now_ms > desk->news_at ? now_ms : desk->news_at;
    mem_grow((void **)&desk->news, desk->news_count, &desk->news_capacity, sizeof(*desk->news));
    desk->news[desk->news_count++] = desk->news_at;
}

static int64_t flood_ends(const struct oracle_desk *desk)
{
    int64_t at_ms = desk->news_at / MINUTES(1) * MINUTES(1);

    while (count_news(desk, at_ms) >= FLOOD_OFF)
        at_ms += MINUTES(1);
    return at_ms;
}

static int64_t desk_due(const struct oracle_desk *desk, int timer)
{
    bool many = count_news(desk, desk->news_at) > FLOOD_ON;

    switch (timer) {
    case ORACLE_DESK:
        return desk->needed_since && !desk->person[0] && !desk->alarmed
                   ? desk->needed_since + rows[ORACLE_DESK].after_ms
                   : NEVER;
    case ORACLE_FLOOD_ON: return many && !desk->flooded ? desk->news_at : NEVER;
    default: return desk->flooded ? flood_ends(desk) : NEVER;
    }
}

// --- contacts and planned works -----------------------------------------------------------------

static int64_t planned_due(const struct oracle_planned *works, int timer)
{
    bool overrun = timer == ORACLE_OVERRUN;
    int64_t due_ms =
        overrun ? works->ends + rows[timer].after_ms : works->starts - rows[timer].after_ms;

    return works->state == (overrun ? PLANNED_STATE_STARTED : PLANNED_STATE_ANNOUNCED) &&
                   due_ms >= works->announced_at && !works->fired[timer]
               ? due_ms
               : NEVER;
}

static void note_earlier(int64_t due_ms, int64_t *first_ms, char *name, size_t size,
                         const char *what, const char *of)
{
    if (due_ms >= *first_ms)
        return;
    *first_ms = due_ms;
    snprintf(name, size, "%s of %s", what, of);
}

static void earliest_of_others(const struct oracle *oracle, int64_t *first_ms, char *name,
                               size_t size)
{
    for (size_t i = 0; i < oracle->contact_count; i++)
        note_earlier(oracle_contact_due(&oracle->contacts[i], (struct slice){0}), first_ms, name,
                     size, "an answer", oracle->contacts[i].reg_no);
    for (size_t i = 0; i < oracle->call_count; i++)
        note_earlier(oracle_call_due(&oracle->calls[i]), first_ms, name, size, "an answer",
                     oracle->calls[i].id);
    for (size_t i = 0; i < oracle->planned_count; i++) {
        char number[32];

        snprintf(number, sizeof(number), "works %zu", i + 1);
        for (int timer = ORACLE_OVERRUN; timer <= ORACLE_NOTICE; timer++)
            note_earlier(planned_due(&oracle->planned[i], timer), first_ms, name, size,
                         rows[timer].name, number);
    }
}

// The earliest of all; what it is of goes to `name`.
static int64_t earliest(const struct sim *sim, char *name, size_t size)
{
    const struct oracle *oracle = &sim->oracle;
    int64_t first_ms = NEVER;

    for (size_t i = 0; i < oracle->incident_count; i++) {
        for (int timer = 0; timer < ORACLE_INCIDENT_TIMERS; timer++) {
            int64_t due_ms = oracle_due(&oracle->incidents[i], (enum oracle_timer)timer);

            if (due_ms >= first_ms)
                continue;
            first_ms = due_ms;
            snprintf(name, size, "%s of incident %zu", rows[timer].name, i + 1);
        }
        if (oracle_window_due(sim, &oracle->incidents[i]) < first_ms) {
            first_ms = oracle_window_due(sim, &oracle->incidents[i]);
            snprintf(name, size, "the window of incident %zu", i + 1);
        }
        if (oracle_eta_due(sim, &oracle->incidents[i]) < first_ms) {
            first_ms = oracle_eta_due(sim, &oracle->incidents[i]);
            snprintf(name, size, "a default time of incident %zu", i + 1);
        }
    }
    for (size_t i = 0; i < oracle->desk_count; i++) {
        for (int timer = ORACLE_DESK; timer < ORACLE_DESK_TIMERS; timer++) {
            int64_t due_ms = desk_due(&oracle->desks[i], timer);

            if (due_ms >= first_ms)
                continue;
            first_ms = due_ms;
            snprintf(name, size, "%s of desk %s", rows[timer].name, oracle->desks[i].desk);
        }
    }
    earliest_of_others(oracle, &first_ms, name, size);
    return first_ms;
}

static int timer_of(struct sim *sim, struct slice name)
{
    for (int timer = 0; timer < ROW_COUNT; timer++) {
        if (slice_is(name, rows[timer].name))
            return timer;
    }
    sim_fail(sim, "deadline %.*s is of no kind", (int)name.length, name.data);
}

struct oracle_desk *oracle_desk(struct oracle *oracle, struct slice name)
{
    struct oracle_desk *desk;

    for (size_t i = 0; i < oracle->desk_count; i++) {
        if (slice_is(name, oracle->desks[i].desk))
            return &oracle->desks[i];
    }
    mem_grow((void **)&oracle->desks, oracle->desk_count, &oracle->desk_capacity,
             sizeof(*oracle->desks));
    desk = &oracle->desks[oracle->desk_count++];
    *desk = (struct oracle_desk){.alarmed = false};
    snprintf(desk->desk, sizeof(desk->desk), "%.*s", (int)name.length, name.data);
    return desk;
}

// It ran out then, has not been said, and no other one ran out before it.
void oracle_check_deadline(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    struct slice name = EVENT_VALUE(event, deadline)->text;
    int64_t due_ms = EVENT_VALUE(event, due)->integer, own_ms;

    bool call = EVENT_HAS(event, call) && slice_is(name, "answer_wait");
    int timer = EVENT_HAS(event, contact) || call ? -1 : timer_of(sim, name);
    if (EVENT_HAS(event, premises)) {
        oracle_check_hours(sim, event);
        oracle_check_first(sim, event, due_ms);
        return;
    }
    if (call)
        own_ms = oracle_call_named_due(oracle, EVENT_VALUE(event, call)->text);
    else if (EVENT_HAS(event, contact))
        own_ms =
            oracle_contact_due(oracle_contact(oracle, EVENT_VALUE(event, contact)->text), name);
    else if (EVENT_HAS(event, planned))
        own_ms = planned_due(oracle_planned(oracle, EVENT_VALUE(event, planned)->integer), timer);
    else if (EVENT_HAS(event, desk))
        own_ms = desk_due(oracle_desk(oracle, EVENT_VALUE(event, desk)->text), timer);
    else
        own_ms = oracle_due(oracle_incident(oracle, EVENT_VALUE(event, incident)->integer),
                            (enum oracle_timer)timer);
    if (own_ms != due_ms)
        sim_fail(sim, "deadline %.*s is said to run out at %lld; it does at %lld", (int)name.length,
                 name.data, (long long)due_ms, (long long)own_ms);
    oracle_check_first(sim, event, due_ms);
    const char *to = timer == ORACLE_ESCALATE_NEXT     ? SIM_DESK_NEXT
                     : timer == ORACLE_ESCALATE_SENIOR ? SIM_DESK_SENIOR
                                                       : NULL;
    if (to && !slice_is(EVENT_VALUE(event, to)->text, to))
        sim_fail(sim, "deadline %.*s does not call %s", (int)name.length, name.data, to);
}

void oracle_check_first(struct sim *sim, const struct event *event, int64_t due_ms)
{
    char first[80] = "";

    if (event->recorded_ms < due_ms)
        sim_fail(sim, "a deadline came before it ran out");
    if (earliest(sim, first, sizeof(first)) < due_ms)
        sim_fail(sim, "a deadline of %lld came before %s", (long long)due_ms, first);
}

void oracle_check_none_due(struct sim *sim, int64_t until_ms)
{
    char name[80] = "";
    int64_t due_ms = earliest(sim, name, sizeof(name));

    if (due_ms < until_ms)
        sim_fail(sim, "%s ran out at %lld and was not said by %lld", name, (long long)due_ms,
                 (long long)until_ms);
}

static void fire_desk(struct sim *sim, const struct event *event)
{
    struct oracle_desk *desk = oracle_desk(&sim->oracle, EVENT_VALUE(event, desk)->text);
    int timer = timer_of(sim, EVENT_VALUE(event, deadline)->text);

    if (timer == ORACLE_DESK)
        desk->alarmed = true;
    else
        desk->flooded = timer == ORACLE_FLOOD_ON ? EVENT_VALUE(event, due)->integer : 0;
    if (timer == ORACLE_FLOOD_OFF && desk->news_at < EVENT_VALUE(event, due)->integer)
        desk->news_at = EVENT_VALUE(event, due)->integer;
}

void oracle_fire(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    struct oracle_incident *incident;

    if (EVENT_HAS(event, premises))
        oracle->hours_told = EVENT_VALUE(event, until)->integer;
    if (EVENT_HAS(event, desk)) {
        fire_desk(sim, event);
        return;
    }
    if (EVENT_HAS(event, call)) {
        oracle_call_waited(oracle, EVENT_VALUE(event, call)->text);
        return;
    }
    if (EVENT_HAS(event, contact)) {
        oracle_contact_fire(oracle_contact(oracle, EVENT_VALUE(event, contact)->text),
                            EVENT_VALUE(event, deadline)->text);
        return;
    }
    if (EVENT_HAS(event, planned)) {
        oracle_planned(oracle, EVENT_VALUE(event, planned)->integer)
            ->fired[timer_of(sim, EVENT_VALUE(event, deadline)->text)] = true;
        return;
    }
    incident = oracle_incident(oracle, EVENT_VALUE(event, incident)->integer);
    if (!EVENT_HAS(event, deadline)) { // somebody asked
        incident->asked = true;
        return;
    }
    int timer = timer_of(sim, EVENT_VALUE(event, deadline)->text);
    if (timer == ORACLE_ETA_OVERDUE || timer == ORACLE_ETA_REPEAT) {
        incident->overdue_alarms++;
        incident->overdue_at = event->recorded_ms;
    }
    if (timer == ORACLE_ESCALATE_NEXT || timer == ORACLE_ESCALATE_SENIOR)
        ORACLE_TEXT(incident->escalated_to, event, to);
    if (timer != ORACLE_ETA_REPEAT)
        incident->fired[timer] = true;
}
