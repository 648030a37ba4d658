// Cutting the network into vertical runs. A run goes on below a node into the child that feeds most
// premises, up to RUN_NODES of them: so the way to the root meets a run for every RUN_NODES levels, and
// one for every branch at which it is not the larger part, of which there are log2(premises) at most.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { RUN_NODES = 64, NO_RUN = -1 }; // a bit of `covered` each

struct cut {
    const struct model *model;
    struct engine_runs *runs;
    int32_t *heavy;   // by node: the child that feeds most
    uint8_t *lengths; // by run
};

static void find_heavy(struct cut *cut)
{
    size_t count = model_node_count(cut->model);

    for (size_t i = 0; i < count; i++)
        cut->heavy[i] = MODEL_NO_NODE;
    for (size_t i = 0; i < count; i++) {
        const struct model_node *node = model_node(cut->model, (int32_t)i);
        int32_t *heavy = node->parent == MODEL_NO_NODE ? NULL : &cut->heavy[node->parent];

        if (heavy && (*heavy == MODEL_NO_NODE ||
                      node->premises_below > model_node(cut->model, *heavy)->premises_below))
            *heavy = (int32_t)i;
    }
}

static void place(struct cut *cut, int32_t node)
{
    int32_t parent = model_node(cut->model, node)->parent;
    int32_t run = parent == MODEL_NO_NODE ? NO_RUN : cut->runs->of[parent];

    if (run == NO_RUN || cut->heavy[parent] != node || cut->lengths[run] == RUN_NODES) {
        run = (int32_t)cut->runs->count++;
        cut->runs->above[run] = parent;
    }
    cut->runs->depth[node] = cut->lengths[run]++;
    cut->runs->of[node] = run;
}

// Each node behind those above it, whatever the order in which they were imported.
static void place_all(struct cut *cut)
{
    size_t count = model_node_count(cut->model);
    int32_t *waiting = mem_alloc((count + 1) * sizeof(*waiting));

    for (size_t i = 0; i < count; i++) {
        size_t depth = 0;

        for (int32_t at = (int32_t)i; at != MODEL_NO_NODE && cut->runs->of[at] == NO_RUN;
             at = model_node(cut->model, at)->parent)
            waiting[depth++] = at;
        while (depth > 0)
            place(cut, waiting[--depth]);
    }
    free(waiting);
}

static void list_nodes(struct cut *cut)
{
    struct engine_runs *runs = cut->runs;
    size_t count = model_node_count(cut->model);
    uint32_t at = 0;

    runs->first = mem_alloc(runs->count * sizeof(*runs->first));
    for (size_t run = 0; run < runs->count; run++) {
        runs->first[run] = at;
        at += cut->lengths[run];
    }
    for (size_t i = 0; i < count; i++)
        runs->nodes[runs->first[runs->of[i]] + runs->depth[i]] = (int32_t)i;
}

void engine_runs_make(struct engine_runs *runs, const struct model *model)
{
    size_t count = model ? model_node_count(model) : 0;
    struct cut cut = {.model = model, .runs = runs};

    engine_runs_free(runs);
    if (count == 0)
        return;
    runs->of = mem_alloc(count * sizeof(*runs->of));
    runs->depth = mem_alloc(count);
    runs->nodes = mem_alloc(count * sizeof(*runs->nodes));
    runs->above = mem_alloc(count * sizeof(*runs->above));
    for (size_t i = 0; i < count; i++)
        runs->of[i] = NO_RUN;
    cut.heavy = mem_alloc(count * sizeof(*cut.heavy));
    cut.lengths = mem_alloc(count);
    find_heavy(&cut);
    place_all(&cut);
    list_nodes(&cut);
    runs->above = mem_resize(runs->above, runs->count, sizeof(*runs->above));
    runs->covered = mem_alloc(runs->count * sizeof(*runs->covered));
    free(cut.heavy);
    free(cut.lengths);
}

void engine_runs_free(struct engine_runs *runs)
{
    free(runs->of);
    free(runs->depth);
    free(runs->nodes);
    free(runs->first);
    free(runs->above);
    free(runs->covered);
    *runs = (struct engine_runs){0};
}

void engine_runs_cover(struct engine_runs *runs, int32_t node, bool covered)
{
    uint64_t bit = UINT64_C(1) << runs->depth[node];

    if (covered)
        runs->covered[runs->of[node]] |= bit;
    else
        runs->covered[runs->of[node]] &= ~bit;
}

int32_t engine_runs_next(const struct engine_runs *runs, int32_t node)
{
    while (node != MODEL_NO_NODE) {
        int32_t run = runs->of[node];
        uint64_t here = runs->covered[run] & (UINT64_MAX >> (RUN_NODES - 1 - runs->depth[node]));

        if (here)
            return runs->nodes[runs->first[run] + 63 - (uint32_t)__builtin_clzll(here)];
        node = runs->above[run];
    }
    return MODEL_NO_NODE;
}
