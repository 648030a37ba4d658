// Classes of candidates that no call can tell apart, and their fault rates.
#include "busd/engine_group_state.h"
#include "lib/mem.h"

#include <stdlib.h>

enum group_kind group_kind_of(const struct model_node *node)
{
    static const struct {
        const char *name;
        enum group_kind kind;
    } kinds[] = {{"transformer", GROUP_TRANSFORMER},
                 {"lateral", GROUP_LATERAL},
                 {"section", GROUP_SECTION},
                 {"feeder", GROUP_FEEDER},
                 {"substation", GROUP_FEEDER}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_is(node->kind, kinds[i].name))
            return kinds[i].kind;
    }
    return GROUP_LINE;
}

bool group_can_fail(const struct model_node *node)
{
    return node->premises_below > 0 && node->device.length > 0 && !slice_is(node->device, "none");
}

bool group_is_candidate(const struct group *group, int32_t node)
{
    return group_can_fail(model_node(group->model, node));
}

static int32_t add_class(struct group *group, int32_t parent, uint32_t premises)
{
    mem_grow((void **)&group->classes, group->class_count, &group->class_capacity,
             sizeof(*group->classes));
    group->classes[group->class_count] = (struct group_class){
        .parent = parent, .low = MODEL_NO_NODE, .premises = premises, .live = premises};
    return (int32_t)group->class_count++;
}

static void place_node(struct group *group, int32_t node)
{
    const struct model_node *at = model_node(group->model, node);
    int32_t above = at->parent == MODEL_NO_NODE ? GROUP_NO_CLASS : group->near[at->parent];

    group->near[node] = above;
    if (!group_is_candidate(group, node))
        return;
    if (above == GROUP_NO_CLASS || group->classes[above].premises != at->premises_below)
        group->near[node] = add_class(group, above, at->premises_below);
    group->classes[group->near[node]].low = node;
}

// Parents before children, each tree from its root on.
static void place_nodes(struct group *group)
{
    size_t count = model_node_count(group->model), waiting = 0;
    int32_t *first = mem_alloc(count * sizeof(*first));
    int32_t *next = mem_alloc(count * sizeof(*next));
    int32_t *stack = mem_alloc((count + 1) * sizeof(*stack));

    for (size_t i = 0; i < count; i++)
        first[i] = next[i] = MODEL_NO_NODE;
    for (size_t i = count; i-- > 0;) {
        int32_t parent = model_node(group->model, (int32_t)i)->parent;

        if (parent == MODEL_NO_NODE)
            continue;
        next[i] = first[parent];
        first[parent] = (int32_t)i;
    }
    for (size_t root = 0; root < count; root++) {
        if (model_node(group->model, (int32_t)root)->parent != MODEL_NO_NODE)
            continue;
        stack[waiting++] = (int32_t)root;
        while (waiting > 0) {
            int32_t node = stack[--waiting];

            place_node(group, node);
            if (node != (int32_t)root && next[node] != MODEL_NO_NODE)
                stack[waiting++] = next[node];
            if (first[node] != MODEL_NO_NODE)
                stack[waiting++] = first[node];
        }
    }
    free(first);
    free(next);
    free(stack);
}

// Shares become rates of one place: share / (shares of the kinds that there are) / places.
static void make_rates(struct group *group)
{
    uint64_t counts[GROUP_KINDS] = {[GROUP_PREMISE] = group->premise_count}, shares = 0;

    for (size_t i = 0; i < model_node_count(group->model); i++) {
        if (group_is_candidate(group, (int32_t)i))
            counts[group_kind_of(model_node(group->model, (int32_t)i))]++;
    }
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        shares += counts[kind] ? group->rules.faults_ppm[kind] : 0;
    for (int kind = 0; kind < GROUP_KINDS; kind++) {
        if (counts[kind] && shares)
            group->rate[kind] = (UINT64_C(1) << 40) / shares * group->rules.faults_ppm[kind] *
                                (UINT64_C(1) << 22) / counts[kind];
    }
    group->leaf_prior = group->rate[GROUP_PREMISE]
                            ? group_log2(group->rate[GROUP_PREMISE]) - 62 * GROUP_BIT
                            : GROUP_NEVER;
}

void group_price(struct group *group, int32_t class)
{
    struct group_class *at = &group->classes[class];
    uint64_t rate = at->premises == 1 ? group->rate[GROUP_PREMISE] : 0, wires = rate;

    for (int32_t node = at->low; node != MODEL_NO_NODE && group->near[node] == class;
         node = model_node(group->model, node)->parent) {
        if (!group_is_candidate(group, node) || group->barred[node])
            continue;
        enum group_kind kind = group_kind_of(model_node(group->model, node));
        rate += group->rate[kind];
        wires += kind == GROUP_TRANSFORMER ? group->rate[kind] / GROUP_PPM * group->rules.wire_ppm
                                           : group->rate[kind];
    }
    at->prior = rate ? group_log2(rate) - 62 * GROUP_BIT : GROUP_NEVER;
    at->wire_prior = wires ? group_log2(wires) - 62 * GROUP_BIT : at->prior;
}

void group_make_classes(struct group *group)
{
    place_nodes(group);
    for (uint32_t i = 0; i < group->premise_count; i++) {
        int32_t node = model_premise_at(group->model, i)->node;

        group->premises[i].home = node == MODEL_NO_NODE ? GROUP_NO_CLASS : group->near[node];
    }
    make_rates(group);
    for (size_t i = 0; i < group->class_count; i++)
        group_price(group, (int32_t)i);
}

size_t group_class(const struct group *group, int32_t node, int32_t *nodes, size_t most)
{
    int32_t class = group->near[node];
    size_t count = 0;

    if (class == GROUP_NO_CLASS)
        return 0;
    for (int32_t at = group->classes[class].low; at != MODEL_NO_NODE && group->near[at] == class;
         at = model_node(group->model, at)->parent) {
        if (!group_is_candidate(group, at) || group->barred[at])
            continue;
        if (count < most)
            nodes[count] = at;
        count++;
    }
    return count;
}
