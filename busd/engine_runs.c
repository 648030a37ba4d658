// Cutting the network into vertical runs. A run goes on below a node into the child that feeds most
// premises, up to 64 of them: so the way to the root meets a run for every 64 levels, and
// one for every branch at which it is not the larger part, of which there are log2(premises) at most.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { NO_RUN = -1 };

struct cut {
    const struct model *model;
    struct engine_runs *runs;
    int32_t *of;      // by node: its run
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
    struct engine_runs *runs = cut->runs;
    int32_t parent = model_node(cut->model, node)->parent;
    int32_t run = parent == MODEL_NO_NODE ? NO_RUN : cut->of[parent];

    if (run == NO_RUN || cut->heavy[parent] != node || cut->lengths[run] == ENGINE_RUN_NODES) {
        run = (int32_t)runs->count++;
        runs->runs[run].above = engine_runs_position(runs, parent);
    }
    cut->of[node] = run;
    runs->positions[node] = (uint32_t)run * ENGINE_RUN_NODES + cut->lengths[run]++;
}

// Each node behind those above it, whatever the order in which they were imported.
static void place_all(struct cut *cut)
{
    size_t count = model_node_count(cut->model);
    int32_t *waiting = mem_alloc((count + 1) * sizeof(*waiting));

    for (size_t i = 0; i < count; i++) {
        size_t depth = 0;

        for (int32_t at = (int32_t)i; at != MODEL_NO_NODE && cut->of[at] == NO_RUN;
             at = model_node(cut->model, at)->parent)
            waiting[depth++] = at;
        while (depth > 0)
            place(cut, waiting[--depth]);
    }
    free(waiting);
}

void engine_runs_make(struct engine_runs *runs, const struct model *model)
{
    size_t count = model ? model_node_count(model) : 0;
    struct cut cut = {.model = model, .runs = runs};
    uint32_t first = 0;

    engine_runs_free(runs);
    if (count == 0)
        return;
    assert(count < ENGINE_RUNS_END / ENGINE_RUN_NODES); // every node may be a run of its own
    runs->positions = mem_alloc(count * sizeof(*runs->positions));
    runs->runs = mem_alloc(count * sizeof(*runs->runs));
    runs->covers = mem_alloc(count * sizeof(struct engine_cover *));
    cut.of = mem_alloc(count * sizeof(*cut.of));
    cut.heavy = mem_alloc(count * sizeof(*cut.heavy));
    cut.lengths = mem_alloc(count);
    for (size_t i = 0; i < count; i++)
        cut.of[i] = NO_RUN;
    find_heavy(&cut);
    place_all(&cut);
    runs->runs = mem_resize(runs->runs, runs->count, sizeof(*runs->runs));
    for (size_t run = 0; run < runs->count; run++) {
        runs->runs[run].first = first;
        first += cut.lengths[run];
    }
    free(cut.of);
    free(cut.heavy);
    free(cut.lengths);
}

void engine_runs_free(struct engine_runs *runs)
{
    free(runs->positions);
    free(runs->runs);
    free(runs->covers);
    *runs = (struct engine_runs){0};
}

uint32_t engine_runs_position(const struct engine_runs *runs, int32_t node)
{
    return node == MODEL_NO_NODE ? ENGINE_RUNS_END : runs->positions[node];
}

void engine_runs_cover(struct engine_runs *runs, int32_t node, struct engine_cover *cover)
{
    uint32_t position = runs->positions[node];
    struct engine_run *run = &runs->runs[position / ENGINE_RUN_NODES];
    uint64_t bit = UINT64_C(1) << position % ENGINE_RUN_NODES;

    run->covered = cover ? run->covered | bit : run->covered & ~bit;
    runs->covers[run->first + position % ENGINE_RUN_NODES] = cover;
}

struct engine_cover *engine_runs_at(const struct engine_runs *runs, int32_t node)
{
    uint32_t position = runs->positions[node];

    return runs
        ->covers[runs->runs[position / ENGINE_RUN_NODES].first + position % ENGINE_RUN_NODES];
}

struct engine_cover *engine_runs_next(const struct engine_runs *runs, uint32_t *position)
{
    while (*position != ENGINE_RUNS_END) {
        uint32_t run = *position / ENGINE_RUN_NODES, index = *position % ENGINE_RUN_NODES;
        uint64_t here = runs->runs[run].covered & (UINT64_MAX >> (ENGINE_RUN_NODES - 1 - index));

        if (here) {
            index = ENGINE_RUN_NODES - 1 - (uint32_t)__builtin_clzll(here);
            *position = index ? run * ENGINE_RUN_NODES + index - 1 : runs->runs[run].above;
            return runs->covers[runs->runs[run].first + index];
        }
        *position = runs->runs[run].above;
    }
    return NULL;
}
