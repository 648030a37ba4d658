#include "tests/lib/group_fixture.h"

#include <assert.h>
#include <stdio.h>

const struct group_rules group_fixture_rules = {
    .faults_ppm = {150000, 100000, 450000, 300000, 80000, 20000},
    .callers = {{1, 570000}, {4, 320000}, {8, 220000}},
    .callers_count = 3,
    .unrelated_most = 3,
    .network_premises = 5000,
    .several = {3500, 1500},
    .attributed = {10000, 200},
    .several_moments = {1000000, {50000, 100000, 200000, 400000}, 4},
    .one_ppm = 700000,
    .burst_ms = 300000,
    .spread_ms = 3600000,
    .burst_calls = 4,
    .mistaken_ppm = 20000,
    .wire_ppm = 100000,
    .flat_ppm = 50000,
};

void group_fixture_node(struct model *model, const char *id, const char *parent, const char *kind,
                        const char *device)
{
    model_add_node(model,
                   &(struct model_node){
                       .id = slice_of(id), .kind = slice_of(kind), .device = slice_of(device)},
                   slice_of(parent));
}

void group_fixture_premise(struct model *model, int64_t key, const char *node)
{
    char account[20];

    snprintf(account, sizeof(account), "A%lld", (long long)key);
    model_add_premise(model,
                      &(struct model_premise){.key = key,
                                              .account = slice_of(account),
                                              .node = *node ? model_find_node(model, slice_of(node))
                                                            : MODEL_NO_NODE});
}

static void keep(void *context, const struct group_fault *fault)
{
    struct group_faults *faults = context;

    assert(faults->count < GROUP_MOST_FAULTS);
    faults->items[faults->count++] = *fault;
}

struct group_faults group_fixture_faults(struct group *group, enum group_which which)
{
    struct group_faults faults = {0};

    group_explain(group, which, keep, &faults);
    return faults;
}
