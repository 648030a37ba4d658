// Places while deciding: nodes and accounts are looked up in the model, and what they came to is
// written into the event, so that applying it needs no model.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

bool engine_knows_node(const struct engine *engine, struct slice node)
{
    return !engine->model || model_node_count(engine->model) == 0 ||
           model_find_node(engine->model, node) != MODEL_NO_NODE;
}

static enum err_code no_node(struct slice node, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "node",
                   "there is no node \"%.*s\" in the network; `query nodes` lists those there are",
                   "узла «%.*s» в сети нет; какие есть, покажет запрос nodes", (int)node.length,
                   node.data);
}

enum err_code engine_check_node(const struct engine *engine, const struct event *event,
                                enum event_field field, struct err *err)
{
    const struct event_value *value = &event->values[field];
    bool list = event_fields[field].kind == EVENT_TEXTS;
    size_t count = list ? value->count : 1;

    if (!event_has(event, field))
        return ERR_OK;
    for (size_t i = 0; i < count; i++) {
        struct slice node = list ? value->texts[i] : value->text;

        if (engine_knows_node(engine, node))
            continue;
        enum err_code code = no_node(node, err);
        if (list)
            err_set_path(err, "/data/%s/%zu", event_fields[field].name, i);
        else
            err_set_path(err, "/data/%s", event_fields[field].name);
        return code;
    }
    return ERR_OK;
}

static int compare_keys(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return a < b ? -1 : a > b;
}

enum err_code engine_decide_accounts(struct engine *engine, struct event *event,
                                     enum event_field from, enum event_field to, struct err *err)
{
    const struct event_value *value = &event->values[from];
    size_t kept = 0;

    if (!event_has(event, from))
        return ERR_OK;
    int64_t *keys = engine_keep(engine, value->count * sizeof(*keys));
    for (size_t i = 0; i < value->count; i++) {
        struct slice account = value->texts[i];
        const struct model_premise *premise =
            engine->model ? model_find_account(engine->model, account) : NULL;

        if (!premise) {
            err_set(err, ERR_NOT_FOUND, "account",
                    "there is no account \"%.*s\" among the premises",
                    "лицевого счёта «%.*s» среди помещений нет", (int)account.length, account.data);
            err_set_path(err, "/data/%s/%zu", event_fields[from].name, i);
            return ERR_NOT_FOUND;
        }
        keys[i] = premise->key;
    }
    if (value->count)
        qsort(keys, value->count, sizeof(*keys), compare_keys);
    for (size_t i = 0; i < value->count; i++) {
        if (i == 0 || keys[i] != keys[i - 1])
            keys[kept++] = keys[i];
    }
    event_set_integers(event, to, keys, kept);
    return ERR_OK;
}

struct event_place engine_place_of_account(const struct model_premise *premise,
                                           const struct model *model)
{
    struct event_place place = {.level = PLACE_PREMISE,
                                .premise = premise->key,
                                .house = premise->house,
                                .street = premise->street,
                                .settlement = premise->settlement};

    if (premise->node != MODEL_NO_NODE)
        place.node = model_node(model, premise->node)->id;
    return place;
}

// Counting: the exact union of the premises under some covers.

struct census {
    struct engine *engine;
    struct model_census counts;
};

static void count_premise(void *context, const struct model_premise *premise)
{
    struct census *census = context;
    uint32_t *seen = &census->engine->seen[model_premise_position(census->engine->model, premise)];

    if (*seen == census->engine->round)
        return;
    *seen = census->engine->round;
    census->counts.premises++;
    census->counts.critical += premise->critical;
    if (premise->reliability >= 1 && premise->reliability <= 3)
        census->counts.categories[premise->reliability - 1]++;
}

void engine_each_premise(const struct model *model, const struct cover *cover, engine_premise *each,
                         void *context)
{
    size_t count = 0;

    if (cover->level == COVER_PREMISE) {
        const struct model_premise *premise = model_premise(model, cover->key);

        if (premise)
            each(context, premise);
    } else if (cover->level == COVER_NODE) {
        int32_t node = model_find_node(model, slice_of(cover->node));
        const struct model_premise *premises =
            node == MODEL_NO_NODE ? NULL : model_premises_below(model, node, &count);

        for (size_t i = 0; i < count; i++)
            each(context, &premises[i]);
    } else {
        enum model_place place = cover->level == COVER_HOUSE    ? MODEL_HOUSE
                                 : cover->level == COVER_STREET ? MODEL_STREET
                                                                : MODEL_SETTLEMENT;
        const uint32_t *positions = model_premises_of(model, place, cover->key, &count);

        for (size_t i = 0; i < count; i++)
            each(context, model_premise_at(model, positions[i]));
    }
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
        for (size_t i = 0; i < covers->count; i++)
            engine_each_premise(engine->model, &covers->items[i], count_premise, &census);
    }
    return census.counts;
}

static bool is_feeder(const struct engine *engine, struct slice id)
{
    int32_t node = engine->model ? model_find_node(engine->model, id) : MODEL_NO_NODE;
    struct slice kind =
        node == MODEL_NO_NODE ? (struct slice){0} : model_node(engine->model, node)->kind;

    return slice_is(kind, "feeder") || slice_is(kind, "substation");
}

void engine_decide_count(struct engine *engine, struct event *event,
                         const struct cover_list *covers)
{
    struct model_census census;

    engine_decide_desk(engine, event);
    if (EVENT_HAS(event, node) && is_feeder(engine, EVENT_VALUE(event, node)->text))
        event_set_integer(event, EVENT_FIELD_feeder, true);
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
