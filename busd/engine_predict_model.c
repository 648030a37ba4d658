// The network as it is switched (node.switched), for the grouping.
#include "busd/engine_predict.h"

#include "lib/mem.h"

#include <stdlib.h>

static int compare_switches(const void *left, const void *right)
{
    const struct model_switch *a = left, *b = right;

    return a->node < b->node ? -1 : a->node > b->node;
}

// Those nodes that are fed from elsewhere than the network has them, by node; the caller frees them.
static struct model_switch *list_switches(const struct engine *engine, size_t *count)
{
    const struct engine_map *states = &engine->records[RECORD_NODE_STATE];
    struct model_switch *switches = mem_alloc((states->count + 1) * sizeof(*switches));
    struct engine_entry *entry;

    *count = 0;
    for (size_t at = 0; (entry = engine_map_next(states, &at));) {
        const struct node_state *state = &entry->record.node_state;
        int32_t node = model_find_node(engine->model, slice_of(state->node));
        int32_t from = state->fed_from ? model_find_node(engine->model, slice_of(state->fed_from))
                                       : MODEL_NO_NODE;

        if (node != MODEL_NO_NODE && from != MODEL_NO_NODE &&
            model_node(engine->model, node)->parent != from)
            switches[(*count)++] = (struct model_switch){node, from};
    }
    if (*count)
        qsort(switches, *count, sizeof(*switches), compare_switches);
    return switches;
}

// NULL too where an import has made a loop of what was switched before: then it stands as imported.
struct model *engine_predict_switched(const struct engine *engine)
{
    size_t count;
    struct model_switch *switches = list_switches(engine, &count);
    struct model *model = count ? model_switched(engine->model, switches, count) : NULL;

    free(switches);
    return model;
}

bool engine_predict_is_switched_so(const struct engine *engine, struct predict *predict)
{
    size_t count, nodes = model_node_count(engine->model), differ = 0;
    struct model_switch *switches;
    bool same = true;

    if (!predict->switches_changed)
        return true;
    predict->switches_changed = false;
    switches = list_switches(engine, &count);
    for (size_t i = 0; i < count; i++)
        same &= model_node(predict->model, switches[i].node)->parent == switches[i].parent;
    for (size_t i = 0; i < nodes && same; i++)
        differ += model_node(predict->model, (int32_t)i)->parent !=
                  model_node(engine->model, (int32_t)i)->parent;
    free(switches);
    return same && differ == count;
}
