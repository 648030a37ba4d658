#include "busd/engine_etas.h"

#include "busd/engine_state.h"
#include "busd/engine_timer.h"

#include <string.h>

void engine_etas_retime(struct engine *engine)
{
    struct engine_entry *entry;

    if (!engine->etas || engine->etas->count == 0)
        return;
    for (size_t at = 0; (entry = engine_map_next(&engine->records[RECORD_INCIDENT], &at));)
        engine_retime(engine, entry);
}

void engine_set_etas(struct engine *engine, const struct engine_etas *etas)
{
    engine_etas_retime(engine); // those that the former rows had
    engine->etas = etas;
    engine_etas_retime(engine);
}

// Where it is: its node, else that of the first place it covers.
static struct slice node_of(const struct engine *engine, const struct incident *incident)
{
    const struct cover *cover = NULL;
    const struct model_premise *premise = NULL;

    if (incident->node)
        return slice_of(incident->node);
    for (size_t i = 0; i < incident->covers.count && !cover; i++) {
        if (incident->covers.items[i].part == COVER_NAMED)
            cover = &incident->covers.items[i];
    }
    if (cover && cover->level == COVER_NODE)
        return slice_of(cover->node);
    // A house, street or settlement goes by the lowest premise key that it holds.
    if (cover && engine->model)
        premise = model_premise(engine->model, cover->key);
    return premise && premise->node != MODEL_NO_NODE ? model_node(engine->model, premise->node)->id
                                                     : (struct slice){0};
}

static bool is_listed(char *const *nodes, struct slice node)
{
    for (; *nodes; nodes++) {
        if (slice_is(node, *nodes))
            return true;
    }
    return false;
}

static bool lies_below(const struct engine *engine, struct slice node, char *const *nodes)
{
    size_t bound = engine->model ? model_node_count(engine->model) + 1 : 1;

    for (; node.length && bound > 0; bound--) {
        if (is_listed(nodes, node))
            return true;
        node = engine_feeding(engine, node);
    }
    return false;
}

static bool word_fits(const char *wanted, const char *word)
{
    return strcmp(wanted, "any") == 0 || strcmp(wanted, word) == 0;
}

// The first row that fits; NULL = none.
static const struct engine_eta_row *row_of(const struct engine *engine,
                                           const struct incident *incident)
{
    const char *mode = event_word(EVENT_FIELD_mode, engine_mode(engine));
    const char *kind = event_word(EVENT_FIELD_kind, incident->kind);

    for (size_t i = 0; engine->etas && i < engine->etas->count; i++) {
        const struct engine_eta_row *row = &engine->etas->items[i];

        if (word_fits(row->mode, mode) && word_fits(row->kind, kind) &&
            incident->customers >= row->customers && (row->published || !engine_is_storm(engine)) &&
            (!*row->nodes || lies_below(engine, node_of(engine, incident), row->nodes)))
            return row;
    }
    return NULL;
}

// What a person said, or took back, or was asked to say, stands.
static bool is_ours(const struct incident *incident)
{
    if (incident->eta_source < 0)
        return !(incident->deadlines & ENGINE_TIMER_BIT(ENGINE_TIMER_ETA_FIRST));
    return incident->eta_source >= ETA_ZONE &&
           slice_is(slice_of(engine_identity), incident->eta_by);
}

int64_t engine_etas_due_ms(const struct engine *engine, const struct incident *incident)
{
    const struct engine_eta_row *row = NULL;

    if (engine->etas && engine_incident_open((enum incident_state)incident->state) &&
        is_ours(incident))
        row = row_of(engine, incident);
    return row && incident->active_since + row->after_ms != incident->eta_at
               ? incident->active_since
               : INT64_MAX;
}

void engine_etas_write(const struct engine *engine, const struct incident *incident,
                       struct event *event)
{
    const struct engine_eta_row *row = row_of(engine, incident);

    event_set_integer(event, EVENT_FIELD_at, incident->active_since + row->after_ms);
    event_set_word(event, EVENT_FIELD_firmness,
                   event_word_index(EVENT_FIELD_firmness, slice_of(row->firmness)));
    event_set_word(event, EVENT_FIELD_source, *row->nodes ? ETA_ZONE : ETA_RULE);
    event_set_integer(event, EVENT_FIELD_published, row->published);
    event_set_integer(event, EVENT_FIELD_in_force, true);
}
