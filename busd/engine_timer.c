#include "busd/engine_timer.h"

#include "busd/engine.h"
#include "busd/engine_storm.h"
#include "lib/event.h"

#include <string.h>

enum { CREW_ON_SITE = 3 };
enum { NOT_RUNNING = 0 }; // of a start; a moment is never 0

static bool is_hazard(const struct incident *incident)
{
    return incident->hazard >= 0 || incident->kind == INCIDENT_HAZARD;
}

// What each timer counts from: its moment, or that it does not run.

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

typedef int64_t timer_start(const struct incident *incident);

static timer_start *const starts[ENGINE_TIMER_COUNT] = {
    // NULL: not of incidents
    [ENGINE_TIMER_ACCEPT_HAZARD] = accept_hazard, [ENGINE_TIMER_ACCEPT_NORMAL] = accept_normal,
    [ENGINE_TIMER_ETA_FIRST] = eta_first,         [ENGINE_TIMER_ETA_WARNING] = eta_in_force,
    [ENGINE_TIMER_ETA_OVERDUE] = eta_in_force,    [ENGINE_TIMER_ETA_OVERDUE_REPEAT] = overdue_alarm,
    [ENGINE_TIMER_QUALITY_CHECK] = quality_check, [ENGINE_TIMER_OUTAGE_REASON] = outage_reason,
    [ENGINE_TIMER_OUTAGE_NEAR] = outage_start,    [ENGINE_TIMER_OUTAGE_LIMIT] = outage_start,
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

int64_t engine_timer_due_ms(const struct engine_timers *timers, enum engine_timer timer,
                            const struct incident *incident)
{
    int64_t start_ms = starts[timer] ? starts[timer](incident) : NOT_RUNNING;
    int64_t after_ms = timers->rows[timer].after_ms;

    if (!engine_incident_open((enum incident_state)incident->state) || start_ms == NOT_RUNNING ||
        incident->deadlines & ENGINE_TIMER_BIT(timer))
        return INT64_MAX;
    if (timer == ENGINE_TIMER_ETA_OVERDUE_REPEAT &&
        incident->overdue_alarms > timers->overdue_repeats)
        return INT64_MAX;
    if (timer != ENGINE_TIMER_ETA_WARNING)
        return start_ms + after_ms;
    return incident->eta_set_at < start_ms - after_ms ? start_ms - after_ms : INT64_MAX;
}

static int64_t desk_start(const struct engine_timers *timers, enum engine_timer timer,
                          const struct desk_state *desk)
{
    bool many = engine_flood_count(desk, desk->news_at) > timers->flood_on;

    switch (timer) {
    case ENGINE_TIMER_DESK_UNATTENDED:
        return desk->person || desk->alarmed ? NOT_RUNNING : desk->needed_since;
    case ENGINE_TIMER_FLOOD_ON: return many && !desk->flooded ? desk->news_at : NOT_RUNNING;
    case ENGINE_TIMER_FLOOD_OFF:
        return desk->flooded ? engine_flood_ends_ms(desk, timers->flood_off) : NOT_RUNNING;
    default: return NOT_RUNNING;
    }
}

int64_t engine_timer_desk_due_ms(const struct engine_timers *timers, enum engine_timer timer,
                                 const struct desk_state *desk)
{
    int64_t start_ms = desk_start(timers, timer, desk);

    return start_ms == NOT_RUNNING ? INT64_MAX : start_ms + timers->rows[timer].after_ms;
}

enum engine_timer engine_timer_desk_first(const struct engine_timers *timers,
                                          const struct desk_state *desk, int64_t *due_ms)
{
    int first = ENGINE_TIMER_COUNT;

    *due_ms = INT64_MAX;
    for (int timer = ENGINE_TIMER_DESK_UNATTENDED; timer < ENGINE_TIMER_COUNT; timer++) {
        int64_t at_ms = engine_timer_desk_due_ms(timers, (enum engine_timer)timer, desk);

        if (at_ms < *due_ms) {
            *due_ms = at_ms;
            first = timer;
        }
    }
    return (enum engine_timer)first;
}

enum engine_timer engine_timer_first(const struct engine_timers *timers,
                                     const struct incident *incident, int64_t *due_ms)
{
    int first = ENGINE_TIMER_COUNT;

    *due_ms = INT64_MAX;
    for (int timer = 0; timer < ENGINE_TIMER_COUNT; timer++) {
        int64_t at_ms = engine_timer_due_ms(timers, (enum engine_timer)timer, incident);

        if (at_ms < *due_ms) {
            *due_ms = at_ms;
            first = timer;
        }
    }
    return (enum engine_timer)first;
}
