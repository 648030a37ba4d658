#include "busd/engine_timer.h"

#include "busd/engine.h"
#include "busd/engine_storm.h"
#include "lib/event.h"

#include <string.h>

enum { CREW_ON_SITE = 3, DAY_MS = 24 * 60 * 60 * 1000 };
enum { NOT_RUNNING = 0 }; // of a start; a moment is never 0

static bool is_hazard(const struct incident *incident)
{
    return incident->hazard >= 0 || incident->kind == INCIDENT_HAZARD;
}

// What the timers of an incident count from: a moment, or that it does not run.

static int64_t waits_for_acceptance(const struct incident *incident)
{
    return incident->accepted_by ? NOT_RUNNING : incident->news_at;
}

static int64_t accept_hazard(const struct incident *incident)
{
    return is_hazard(incident) ? waits_for_acceptance(incident) : NOT_RUNNING;
}

static int64_t accept_normal(const struct incident *incident)
{
    return is_hazard(incident) ? NOT_RUNNING : waits_for_acceptance(incident);
}

static int64_t eta_first(const struct incident *incident)
{
    return incident->kind == INCIDENT_HAZARD ? NOT_RUNNING : incident->active_since;
}

static int64_t eta_in_force(const struct incident *incident)
{
    return incident->eta_at;
}

static int64_t overdue_alarm(const struct incident *incident)
{
    return incident->eta_at ? incident->overdue_at : NOT_RUNNING;
}

static int64_t quality_check(const struct incident *incident)
{
    bool checked = incident->crew_state >= CREW_ON_SITE;

    return incident->kind == INCIDENT_QUALITY && !checked ? incident->active_since : NOT_RUNNING;
}

static int64_t outage_reason(const struct incident *incident)
{
    return incident->kind == INCIDENT_OUTAGE && !incident->cause ? incident->active_since
                                                                 : NOT_RUNNING;
}

static int64_t outage_start(const struct incident *incident)
{
    return incident->kind == INCIDENT_OUTAGE ? incident->started : NOT_RUNNING;
}

static int64_t people_count(const struct incident *incident)
{
    bool large = incident->customers >= ENGINE_CUSTOMERS_MANY || incident->feeder ||
                 incident->critical || incident->critical_count + incident->category_1 > 0;

    return incident->kind == INCIDENT_OUTAGE && large && !incident->customers_given
               ? incident->active_since
               : NOT_RUNNING;
}

typedef int64_t timer_start(const struct incident *incident);

static timer_start *const incident_starts[ENGINE_TIMER_COUNT] = {
    [ENGINE_TIMER_ACCEPT_HAZARD] = accept_hazard,
    [ENGINE_TIMER_ACCEPT_NORMAL] = accept_normal,
    [ENGINE_TIMER_ETA_FIRST] = eta_first,
    [ENGINE_TIMER_ETA_WARNING] = eta_in_force,
    [ENGINE_TIMER_ETA_OVERDUE] = eta_in_force,
    [ENGINE_TIMER_ETA_OVERDUE_REPEAT] = overdue_alarm,
    [ENGINE_TIMER_QUALITY_CHECK] = quality_check,
    [ENGINE_TIMER_OUTAGE_REASON] = outage_reason,
    [ENGINE_TIMER_OUTAGE_NEAR] = outage_start,
    [ENGINE_TIMER_OUTAGE_LIMIT] = outage_start,
    [ENGINE_TIMER_ESCALATE_NEXT] = waits_for_acceptance,
    [ENGINE_TIMER_ESCALATE_SENIOR] = waits_for_acceptance,
    [ENGINE_TIMER_PEOPLE_COUNT] = people_count,
};

static const enum record_type types[ENGINE_TIMER_COUNT] = {
#define TYPE_incident                             RECORD_INCIDENT
#define TYPE_desk                                 RECORD_DESK_STATE
#define TYPE_contact                              RECORD_CONTACT
#define TYPE_planned                              RECORD_PLANNED
#define TYPE_call                                 RECORD_CALL
#define TYPE_premise                              RECORD_TYPE_COUNT // engine_hours.h
#define X(name, row, record, after, ground, does) [ENGINE_TIMER_##name] = TYPE_##record,
    ENGINE_TIMERS(X)
#undef X
};

static const char *const names[ENGINE_TIMER_COUNT] = {
#define X(name, row, record, after, ground, does) [ENGINE_TIMER_##name] = row,
    ENGINE_TIMERS(X)
#undef X
};

const char *engine_timer_name(enum engine_timer timer)
{
    return names[timer];
}

enum engine_timer engine_timer_named(const char *name, size_t length)
{
    int timer = 0;

    while (timer < ENGINE_TIMER_COUNT &&
           (strlen(names[timer]) != length || memcmp(names[timer], name, length) != 0))
        timer++;
    return (enum engine_timer)timer;
}

// When each runs out; a start that does not run stays so.
static int64_t after(int64_t start_ms, int64_t after_ms)
{
    return start_ms == NOT_RUNNING ? INT64_MAX : start_ms + after_ms;
}

static int64_t due_of_incident(const struct engine_timers *timers, enum engine_timer timer,
                               const struct incident *incident)
{
    int64_t start_ms = incident_starts[timer](incident);
    int64_t after_ms = timers->rows[timer].after_ms;

    if (!engine_incident_open((enum incident_state)incident->state) || start_ms == NOT_RUNNING ||
        incident->deadlines & ENGINE_TIMER_BIT(timer))
        return INT64_MAX;
    switch (timer) {
    case ENGINE_TIMER_ETA_WARNING:
        return incident->eta_set_at < start_ms - after_ms ? start_ms - after_ms : INT64_MAX;
    case ENGINE_TIMER_ETA_OVERDUE_REPEAT:
        return incident->overdue_alarms > timers->overdue_repeats ? INT64_MAX : start_ms + after_ms;
    case ENGINE_TIMER_ESCALATE_NEXT:
    case ENGINE_TIMER_ESCALATE_SENIOR:
        return start_ms + after_ms +
               timers
                   ->rows[is_hazard(incident) ? ENGINE_TIMER_ACCEPT_HAZARD
                                              : ENGINE_TIMER_ACCEPT_NORMAL]
                   .after_ms;
    default: return start_ms + after_ms;
    }
}

static int64_t due_of_desk(const struct engine_timers *timers, enum engine_timer timer,
                           const struct desk_state *desk)
{
    bool many = engine_flood_count(desk, desk->news_at) > timers->flood_on;
    int64_t start_ms = NOT_RUNNING;

    if (timer == ENGINE_TIMER_DESK_UNATTENDED && !desk->person && !desk->alarmed)
        start_ms = desk->needed_since;
    else if (timer == ENGINE_TIMER_FLOOD_ON && many && !desk->flooded)
        start_ms = desk->news_at;
    else if (timer == ENGINE_TIMER_FLOOD_OFF && desk->flooded)
        start_ms = engine_flood_ends_ms(desk, timers->flood_off);
    return after(start_ms, timers->rows[timer].after_ms);
}

static bool contact_waits(enum engine_timer timer, const struct contact *contact)
{
    enum event_type type = event_type_of(slice_of(contact->type));
    bool complaint = type == EVENT_CONTACT_COMPLAINT, theft = type == EVENT_CONTACT_THEFT_REPORT;
    bool taken = contact->state == CONTACT_IN_WORK;

    switch (timer) {
    case ENGINE_TIMER_CALLBACK_ANSWER:
    case ENGINE_TIMER_WRITTEN_ANSWER: return timer == engine_contact_timer(contact);
    case ENGINE_TIMER_THEFT_ACK: return theft && !taken;
    case ENGINE_TIMER_COMPLAINT_STATUS: return complaint && !taken;
    default: return complaint;
    }
}

static int64_t due_of_contact(const struct engine_timers *timers, enum engine_timer timer,
                              const struct contact *contact)
{
    bool waits = engine_contact_awaits(contact) && contact_waits(timer, contact) &&
                 !(contact->deadlines & ENGINE_TIMER_BIT(timer));

    return after(waits ? contact->answer_since : NOT_RUNNING, timers->rows[timer].after_ms);
}

// By when consumers are to be told of the works.
static int64_t notice_ms(const struct engine_timers *timers, const struct planned *planned)
{
    int64_t before_ms = timers->rows[ENGINE_TIMER_PLANNED_NOTICE].after_ms;

    return timers->calendar && strcmp(timers->notice_days, "working") == 0
               ? engine_calendar_before(timers->calendar, planned->starts, before_ms / DAY_MS)
               : planned->starts - before_ms;
}

static int64_t due_of_planned(const struct engine_timers *timers, enum engine_timer timer,
                              const struct planned *planned)
{
    bool overrun = timer == ENGINE_TIMER_PLANNED_OVERRUN;
    enum planned_state state = overrun ? PLANNED_STATE_STARTED : PLANNED_STATE_ANNOUNCED;
    int64_t due_ms =
        overrun ? planned->ends + timers->rows[timer].after_ms : notice_ms(timers, planned);

    // What was past when they were announced is history.
    return planned->state == (int)state && due_ms >= planned->announced_at &&
                   !(planned->deadlines & ENGINE_TIMER_BIT(timer))
               ? due_ms
               : INT64_MAX;
}

static int64_t due_of_call(const struct engine_timers *timers, enum engine_timer timer,
                           const struct call *call)
{
    return after(engine_call_waits(call) ? call->rang_at : NOT_RUNNING,
                 timers->rows[timer].after_ms);
}

int64_t engine_timer_due_ms(const struct engine_timers *timers, enum engine_timer timer,
                            enum record_type type, const void *record)
{
    if (types[timer] != type)
        return INT64_MAX;
    switch (type) {
    case RECORD_INCIDENT: return due_of_incident(timers, timer, record);
    case RECORD_DESK_STATE: return due_of_desk(timers, timer, record);
    case RECORD_CONTACT: return due_of_contact(timers, timer, record);
    case RECORD_PLANNED: return due_of_planned(timers, timer, record);
    case RECORD_CALL: return due_of_call(timers, timer, record);
    default: return INT64_MAX;
    }
}

enum engine_timer engine_timer_first(const struct engine_timers *timers, enum record_type type,
                                     const void *record, int64_t skipped, int64_t *due_ms)
{
    int first = ENGINE_TIMER_COUNT;

    *due_ms = INT64_MAX;
    for (int timer = 0; timer < ENGINE_TIMER_COUNT; timer++) {
        int64_t at_ms = engine_timer_due_ms(timers, (enum engine_timer)timer, type, record);

        if (at_ms < *due_ms && !(skipped & ENGINE_TIMER_BIT(timer))) {
            *due_ms = at_ms;
            first = timer;
        }
    }
    return (enum engine_timer)first;
}

bool engine_timer_is_of(enum record_type type)
{
    return type == RECORD_INCIDENT || type == RECORD_DESK_STATE || type == RECORD_CONTACT ||
           type == RECORD_PLANNED || type == RECORD_CALL;
}
