// The way to an incident's end: acceptance, the crew, restoring, closing, and back.
#include "busd/engine_state.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <stdlib.h>

DECIDE(step)
{
    const struct incident *incident;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment;
    if (code == ERR_OK && event->type == EVENT_INCIDENT_REOPENED)
        engine_follow_reopened(engine, event, incident, decision);
    return code;
}

APPLY(step)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    switch (incident->state) {
    case INCIDENT_RESTORED:
        incident->restored_at =
            EVENT_HAS(event, at) ? EVENT_VALUE(event, at)->integer : event->time_ms;
        engine_clear_eta(incident);
        break;
    case INCIDENT_CONFIRMED: // reopened
        incident->restored_at = incident->closed_at = 0;
        incident->customers_restored = incident->part_seconds = 0;
        incident->outcome = -1;
        incident->active_since = event->recorded_ms;
        incident->deadlines &= ENGINE_TIMER_BIT(ENGINE_TIMER_OUTAGE_NEAR) |
                               ENGINE_TIMER_BIT(ENGINE_TIMER_OUTAGE_LIMIT) |
                               ENGINE_TIMER_BIT(ENGINE_TIMER_YEAR_NEAR) |
                               ENGINE_TIMER_BIT(ENGINE_TIMER_YEAR_LIMIT);
        engine_clear_eta(incident);
        engine_leave_parent(engine, incident, event->sequence);
        engine_cover_reopen(&incident->covers);
        engine_set_priority(incident);
        break;
    case INCIDENT_CANCELLED:
        incident->outcome = engine_outcome_of(EVENT_VALUE(event, reason)->text);
        engine_clear_eta(incident);
        if (engine_outcome_joins(incident->outcome))
            engine_join_parent(engine, incident, event->sequence);
        break;
    default: break;
    }
}

DECIDE(closed)
{
    const struct incident *incident;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment, (void)decision;
    if (code != ERR_OK || EVENT_HAS(event, cause))
        return code;
    struct slice known = slice_of(incident->cause ? incident->cause : "unknown");
    // A copy, since applying replaces the record's own.
    event_set_text(event, EVENT_FIELD_cause, engine_keep_copy(engine, known));
    return ERR_OK;
}

APPLY(closed)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    incident->closed_at = event->time_ms;
    engine_replace_text(&incident->cause, event, EVENT_FIELD_cause);
}

// A crew goes from inspection to repair, and in each from awaiting to done. Back is allowed too, but
// whoever reads the record later must see why.
DECIDE(crew)
{
    const struct incident *incident;
    enum err_code code = engine_check_incident(engine, event, &incident, err);
    int tier = (int)EVENT_VALUE(event, tier)->integer;

    (void)moment, (void)decision;
    if (code != ERR_OK || incident->crew_state < 0 ||
        (EVENT_HAS(event, reason) && EVENT_VALUE(event, reason)->text.length > 0))
        return code;
    if (tier > incident->crew_tier ||
        (tier == incident->crew_tier && EVENT_VALUE(event, state)->integer >= incident->crew_state))
        return ERR_OK;
    code = err_set(err, ERR_INVALID, "reason",
                   "the crew of incident %lld would take a step back; give the reason",
                   "бригада инцидента %lld вернулась бы на шаг назад; укажите причину",
                   (long long)incident->incident);
    err_set_path(err, "/data/reason");
    return code;
}

APPLY(crew)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    incident->crew_tier = (int)EVENT_VALUE(event, tier)->integer;
    incident->crew_state = (int)EVENT_VALUE(event, state)->integer;
    engine_replace_text(&incident->crew, event, EVENT_FIELD_crew);
}

APPLY(accepted)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    free(incident->accepted_by);
    incident->accepted_by = engine_who_of(event);
    incident->accepted_at = event_moment_ms(event);
    free(incident->escalated_to);
    incident->escalated_to = NULL;
}

// Restoring a part of it: nodes or accounts that lie within what it covers.

static enum err_code not_covered(struct slice place, int64_t number, struct err *err)
{
    return err_set(
        err, ERR_CONFLICT, "not_covered",
        "\"%.*s\" is not within incident %lld; add it first by incident.updated, or move "
        "the incident",
        "«%.*s» не входит в инцидент %lld; сначала добавьте его (incident.updated) или "
        "перенесите инцидент",
        (int)place.length, place.data, (long long)number);
}

static enum err_code check_part(const struct engine *engine, const struct event *event,
                                const struct incident *incident, struct err *err)
{
    const struct event_value *nodes = EVENT_VALUE(event, nodes);
    const struct event_value *accounts = EVENT_VALUE(event, accounts);

    for (size_t i = 0; EVENT_HAS(event, nodes) && i < nodes->count; i++) {
        struct event_place place = {.node = nodes->texts[i]};

        if (!engine_covers_place(engine, &incident->covers, &place))
            return not_covered(nodes->texts[i], incident->incident, err);
    }
    for (size_t i = 0; EVENT_HAS(event, accounts) && i < accounts->count; i++) {
        struct event_place place = engine_place_of_account(
            model_find_account(engine->model, accounts->texts[i]), engine->model);

        if (!engine_covers_place(engine, &incident->covers, &place))
            return not_covered(accounts->texts[i], incident->incident, err);
    }
    return ERR_OK;
}

static int64_t part_at(const struct event *event)
{
    return EVENT_HAS(event, at) ? EVENT_VALUE(event, at)->integer : event->time_ms;
}

static void restore_covers(struct cover_list *covers, const struct event *event)
{
    const struct event_value *nodes = EVENT_VALUE(event, nodes);
    const struct event_value *places = EVENT_VALUE(event, places);
    int64_t at_ms = part_at(event);

    for (size_t i = 0; EVENT_HAS(event, nodes) && i < nodes->count; i++)
        engine_cover_restore(covers, COVER_NODE, 0, nodes->texts[i], at_ms);
    for (size_t i = 0; EVENT_HAS(event, places) && i < places->count; i++)
        engine_cover_restore(covers, COVER_PREMISE, places->integers[i], (struct slice){0}, at_ms);
}

// The premises under everything that will then be restored, each once.
static void decide_part_count(struct engine *engine, struct event *event,
                              const struct incident *incident)
{
    struct cover_list covers;

    if (!engine->model || model_premise_count(engine->model) == 0)
        return;
    engine_cover_copy(&covers, &incident->covers);
    restore_covers(&covers, event);
    engine_decide_parts(engine, event, &covers, part_at(event));
    event_set_integer(event, EVENT_FIELD_customers_restored,
                      engine_count_restored(engine->model, &covers));
    engine_cover_free(&covers);
}

DECIDE(partly)
{
    const struct incident *incident;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment, (void)decision;
    if (code == ERR_OK)
        code = engine_check_node(engine, event, EVENT_FIELD_nodes, err);
    if (code == ERR_OK)
        code = engine_decide_accounts(engine, event, EVENT_FIELD_accounts, EVENT_FIELD_places, err);
    if (code == ERR_OK)
        code = check_part(engine, event, incident, err);
    if (code == ERR_OK)
        decide_part_count(engine, event, incident);
    return code;
}

APPLY(partly)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    restore_covers(&incident->covers, event);
    engine_cover_parts(&incident->covers, event, part_at(event), incident->started);
    if (EVENT_HAS(event, customers_restored))
        engine_restore_part(incident, EVENT_VALUE(event, customers_restored)->integer,
                            part_at(event));
    engine_index_entry(engine, engine_find(engine, RECORD_INCIDENT, incident->incident));
    engine_set_priority(incident);
}
