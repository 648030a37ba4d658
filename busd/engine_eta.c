// Times of restoration: what was promised, by whom, and which promise stands.
#include "busd/engine_state.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <stdlib.h>

// Precedence: dispatcher = crew > zone > rule.
static int rank_of(int source)
{
    switch (source) {
    case ETA_DISPATCHER:
    case ETA_CREW: return 2;
    case ETA_ZONE: return 1;
    default: return 0;
    }
}

DECIDE(eta)
{
    const struct incident *incident;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment, (void)decision;
    if (code != ERR_OK || event->type != EVENT_ETA_SET)
        return code;
    if (!EVENT_HAS(event, source))
        event_set_word(event, EVENT_FIELD_source, ETA_DISPATCHER);
    if (!EVENT_HAS(event, firmness))
        event_set_word(event, EVENT_FIELD_firmness, 0);
    if (!EVENT_HAS(event, published))
        event_set_integer(event, EVENT_FIELD_published, true);
    event_set_integer(event, EVENT_FIELD_in_force,
                      incident->eta_source < 0 ||
                          rank_of((int)EVENT_VALUE(event, source)->integer) >=
                              rank_of(incident->eta_source));
    return ERR_OK;
}

bool engine_eta_outranks(const struct incident *a, const struct incident *b)
{
    return a->eta_source >= 0 && a->eta_published &&
           (b->eta_source < 0 || rank_of(a->eta_source) > rank_of(b->eta_source));
}

// A promise goes with the callers that it was made to (one not published was made to nobody), unless a better one stands already.
void engine_eta_follows(struct engine *engine, struct decision *decision,
                        const struct incident *from, const struct incident *into)
{
    struct event *event;

    if (!engine_eta_outranks(from, into))
        return;
    event = engine_follow(engine, decision, EVENT_ETA_SET, into->incident);
    event->id = engine_keep_text(engine, "eta.set/%lld/%lld", (long long)into->incident,
                                 (long long)from->incident);
    event_set_integer(event, EVENT_FIELD_at, from->eta_at);
    event_set_word(event, EVENT_FIELD_firmness, from->eta_firmness);
    event_set_word(event, EVENT_FIELD_source, from->eta_source);
    event_set_integer(event, EVENT_FIELD_published, true);
    if (from->eta_say) // applying the merge takes it from its record
        event_set_text(event, EVENT_FIELD_say, engine_keep_copy(engine, slice_of(from->eta_say)));
    event_set_integer(event, EVENT_FIELD_in_force, true);
}

APPLY(eta_set)
{
    struct incident *incident;
    bool first;

    // One that a higher source stands against is history alone.
    if (!EVENT_VALUE(event, in_force)->integer)
        return;
    incident = engine_step_incident(engine, event);
    if (!incident)
        return;
    first = incident->eta_source < 0;
    engine_clear_eta(incident);
    incident->eta_at = EVENT_VALUE(event, at)->integer;
    incident->eta_firmness = (int)EVENT_VALUE(event, firmness)->integer;
    incident->eta_source = (int)EVENT_VALUE(event, source)->integer;
    incident->eta_published = EVENT_VALUE(event, published)->integer != 0;
    incident->eta_set_at = event->time_ms;
    incident->eta_by = engine_who_of(event);
    incident->eta_say = engine_text_of(event, EVENT_FIELD_say);
    incident->eta_revisions += !first;
    incident->deadlines |= ENGINE_TIMER_BIT(ENGINE_TIMER_ETA_FIRST); // met
    incident->deadlines &=
        ~(ENGINE_TIMER_BIT(ENGINE_TIMER_ETA_WARNING) | ENGINE_TIMER_BIT(ENGINE_TIMER_ETA_OVERDUE) |
          ENGINE_TIMER_BIT(ENGINE_ETA_ASKED));
}

APPLY(eta_withdrawn)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (incident)
        engine_clear_eta(incident);
}
