// make bench-group: the grouping engine at 10,000 to a million premises. A storm of calls, three in ten of
// them near one that called before; each call is entered and its fault asked for, as an event does.
// Costs must not grow with the network (at most 2x).
#include "busd/engine_group.h"
#include "busd/rules.h"
#include "lib/clock.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECTIONS = 30, LATERALS = 4, TRANSFORMERS = 4, FLATS = 10, CALLS = 100000 };

static uint64_t seed = 1;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static int32_t add(struct model *model, const char *kind, int number, int32_t parent)
{
    char id[32];
    struct model_node node = {.kind = slice_of(kind), .device = slice_of("switch")};

    snprintf(id, sizeof(id), "%s%d", kind, number);
    node.id = slice_of(id);
    model_add_node(model, &node,
                   parent == MODEL_NO_NODE ? (struct slice){0} : model_node(model, parent)->id);
    return model_find_node(model, node.id);
}

// Feeders are chains of sections; each section has laterals, each lateral transformers.
static struct model *make(uint32_t premises)
{
    struct model *model = model_new();
    struct slice culprit;
    int sections = 0, laterals = 0, transformers = 0;
    int32_t station = MODEL_NO_NODE, section = MODEL_NO_NODE;

    for (uint32_t made = 0; made < premises;) {
        if (sections % (SECTIONS * 10) == 0)
            station = add(model, "substation", sections, MODEL_NO_NODE);
        if (sections % SECTIONS == 0)
            section = add(model, "feeder", sections, station);
        section = add(model, "section", sections++, section);
        for (int i = 0; i < LATERALS; i++) {
            int32_t lateral = add(model, "lateral", laterals++, section);
            for (int k = 0; k < TRANSFORMERS; k++) {
                int32_t transformer = add(model, "transformer", transformers++, lateral);
                for (int flat = 0; flat < FLATS; flat++) {
                    char account[20];
                    snprintf(account, sizeof(account), "%u", ++made);
                    model_add_premise(model, &(struct model_premise){.key = made,
                                                                     .account = slice_of(account),
                                                                     .node = transformer});
                }
            }
        }
    }
    if (!model_finish(model, &culprit))
        abort();
    return model;
}

static double run(uint32_t premises, const struct group_rules *rules)
{
    struct model *model = make(premises);
    size_t count = model_premise_count(model), before = mallinfo2().uordblks;
    int64_t start = clock_monotonic_now_ms(), faults = 0;
    struct group *group = group_new(model, rules);
    int64_t made = clock_monotonic_now_ms();
    size_t bytes = mallinfo2().uordblks - before;
    uint32_t *called = malloc(CALLS * sizeof(*called));

    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t near = i && draw(10) < 3 ? called[draw(i)] + draw(20) : draw((uint32_t)count);
        struct group_fault fault;

        called[i] = near < count ? near : 0;
        if (i >= 2000) // what is evidence at a time
            group_forget(group, called[i - 2000]);
        group_call(group, called[i], (int64_t)i * 100);
        faults += group_fault_of(group, called[i], &fault) && fault.node != MODEL_NO_NODE;
    }
    double call_us = (double)(clock_monotonic_now_ms() - made) * 1000 / CALLS;
    printf("%9zu premises: made in %5lld ms, %6.1f bytes a premise, %6.2f us a call with its fault "
           "(%lld above a premise)\n",
           count, (long long)(made - start), (double)bytes / (double)count, call_us,
           (long long)faults);
    free(called);
    group_free(group);
    model_free(model);
    return call_us;
}

int main(void)
{
    struct rules rules;

    rules_read(&rules, NULL, NULL);
    double small = run(10000, &rules.sets[GROUP_RULES_STORM]);
    run(100000, &rules.sets[GROUP_RULES_STORM]);
    double large = run(1000000, &rules.sets[GROUP_RULES_STORM]);
    printf("{\"call_us\":%.2f,\"growth_10k_to_1m\":%.2f}\n", large, large / small);
    return 0;
}
