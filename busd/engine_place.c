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

// What counts there.

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
    engine_decide_desk(engine, event);
    if (EVENT_HAS(event, node) && is_feeder(engine, EVENT_VALUE(event, node)->text))
        event_set_integer(event, EVENT_FIELD_feeder, true);
    engine_decide_census(engine, event, covers);
}
