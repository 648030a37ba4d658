// The premises under covers: each of them, and the exact count of their union.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

// Positions below the parts that never were of the nodes above them, which are passed over.
struct hole {
    int32_t node;
    uint32_t first, end;
};

struct walk {
    const struct model *model;
    struct hole *holes; // NULL = none
    size_t hole_count;
    engine_premise *each;
    void *context;
};

static uint32_t first_below(const struct model *model, int32_t node, size_t *count)
{
    const struct model_premise *premises = model_premises_below(model, node, count);

    return *count ? model_premise_position(model, premises) : 0;
}

static void find_holes(struct walk *walk, const struct cover_list *covers)
{
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];
        int32_t node = cover->part == COVER_NEVER
                           ? model_find_node(walk->model, slice_of(cover->node))
                           : MODEL_NO_NODE;
        size_t count;

        if (node == MODEL_NO_NODE)
            continue;
        if (!walk->holes)
            walk->holes = mem_alloc(covers->count * sizeof(*walk->holes));
        uint32_t first = first_below(walk->model, node, &count);
        walk->holes[walk->hole_count++] = (struct hole){node, first, first + (uint32_t)count};
    }
}

// The end of the hole that the position is in, if that is one below the node; else the position.
static uint32_t past_holes(const struct walk *walk, int32_t node, uint32_t position)
{
    for (size_t i = 0; i < walk->hole_count; i++) {
        const struct hole *hole = &walk->holes[i];

        if (position >= hole->first && position < hole->end && hole->node != node &&
            model_is_below(walk->model, hole->node, node))
            return hole->end;
    }
    return position;
}

static void each_below(const struct walk *walk, const struct cover *cover)
{
    int32_t node = model_find_node(walk->model, slice_of(cover->node));
    size_t count;

    if (node == MODEL_NO_NODE || cover->part == COVER_NEVER)
        return;
    uint32_t first = first_below(walk->model, node, &count), end = first + (uint32_t)count;
    for (uint32_t at = first; at < end;) {
        uint32_t past = past_holes(walk, node, at);

        if (past == at)
            walk->each(walk->context, cover, model_premise_at(walk->model, at++));
        else
            at = past;
    }
}

static void each_of_place(const struct walk *walk, const struct cover *cover)
{
    enum model_place place = cover->level == COVER_HOUSE    ? MODEL_HOUSE
                             : cover->level == COVER_STREET ? MODEL_STREET
                                                            : MODEL_SETTLEMENT;
    size_t count = 0;
    const uint32_t *positions = model_premises_of(walk->model, place, cover->key, &count);

    for (size_t i = 0; i < count; i++)
        walk->each(walk->context, cover, model_premise_at(walk->model, positions[i]));
}

void engine_each_premise(const struct model *model, const struct cover_list *covers,
                         engine_premise *each, void *context)
{
    struct walk walk = {.model = model, .each = each, .context = context};

    find_holes(&walk, covers);
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];

        if (cover->level == COVER_PREMISE) {
            const struct model_premise *premise = model_premise(model, cover->key);

            if (premise)
                each(context, cover, premise);
        } else if (cover->level == COVER_NODE) {
            each_below(&walk, cover);
        } else {
            each_of_place(&walk, cover);
        }
    }
    free(walk.holes);
}

struct census {
    struct engine *engine;
    struct model_census counts;
};

static void count_premise(void *context, const struct cover *cover,
                          const struct model_premise *premise)
{
    struct census *census = context;
    uint32_t *seen = &census->engine->seen[model_premise_position(census->engine->model, premise)];

    (void)cover;
    if (*seen == census->engine->round)
        return;
    *seen = census->engine->round;
    census->counts.premises++;
    census->counts.critical += premise->critical;
    if (premise->reliability >= 1 && premise->reliability <= 3)
        census->counts.categories[premise->reliability - 1]++;
}

struct model_census engine_count_premises(struct engine *engine, const struct cover_list *covers)
{
    struct census census = {.engine = engine};

    if (engine->model && covers->count == 1 && covers->items[0].level == COVER_NODE) {
        int32_t node = model_find_node(engine->model, slice_of(covers->items[0].node));

        if (node != MODEL_NO_NODE)
            census.counts = model_census_below(engine->model, node);
    } else if (engine->model && covers->count > 0) {
        size_t premises = model_premise_count(engine->model);

        if (!engine->seen)
            engine->seen = mem_alloc(premises * sizeof(*engine->seen));
        if (++engine->round == 0) {
            memset(engine->seen, 0, premises * sizeof(*engine->seen));
            engine->round = 1;
        }
        engine_each_premise(engine->model, covers, count_premise, &census);
    }
    return census.counts;
}

void engine_decide_census(struct engine *engine, struct event *event,
                          const struct cover_list *covers)
{
    struct model_census census;

    if (!engine->model || model_premise_count(engine->model) == 0)
        return;
    census = engine_count_premises(engine, covers);
    event_set_integer(event, EVENT_FIELD_customers_counted, census.premises);
    if (census.critical)
        event_set_integer(event, EVENT_FIELD_critical_counted, census.critical);
    if (census.categories[0] + census.categories[1] + census.categories[2] == 0)
        return;
    int64_t *categories = engine_keep(engine, sizeof(census.categories));
    memcpy(categories, census.categories, sizeof(census.categories));
    event_set_integers(event, EVENT_FIELD_categories, categories, 3);
}
