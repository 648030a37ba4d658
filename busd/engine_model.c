#include "busd/engine_model.h"

#include "busd/engine_map.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 256 * 1024 };

// Strings live in blocks that never move.
struct block {
    struct block *older;
    size_t used, size;
    char bytes[];
};

// Open addressing; a slot holds an index + 1, 0 = free. At most half full.
struct index {
    uint32_t *slots;
    size_t mask;
};

// Of the premises before a position.
struct tally {
    uint32_t critical, categories[3];
};

struct model {
    struct block *strings;
    struct model_node *nodes;
    struct slice *parent_ids; // until model_finish()
    size_t node_count, node_capacity, parent_capacity;
    struct model_premise *premises; // in the order of positions once finished
    size_t premise_count, premise_capacity;
    struct tally *tallies; // by position; one more
    struct index by_node, by_account;
    uint32_t *by_key; // position + 1 of the premise with key first_key + i; 0 = none
    int64_t first_key;
    size_t key_count;
    int32_t *order_in,
        *order_out;          // pre-order number of a node, and the first one behind its subtree
    uint32_t *first_premise; // by pre-order number: position of the first premise; one more
    uint32_t *places[MODEL_PLACE_COUNT]; // positions, sorted by the key of the place
    bool finished;
};

struct model *model_new(void)
{
    return mem_alloc(sizeof(struct model));
}

void model_free(struct model *model)
{
    if (!model)
        return;
    while (model->strings) {
        struct block *older = model->strings->older;

        free(model->strings);
        model->strings = older;
    }
    free(model->nodes);
    free(model->parent_ids);
    free(model->premises);
    free(model->by_node.slots);
    free(model->by_account.slots);
    free(model->by_key);
    free(model->tallies);
    free(model->order_in);
    free(model->order_out);
    free(model->first_premise);
    for (int place = 0; place < MODEL_PLACE_COUNT; place++)
        free(model->places[place]);
    free(model);
}

static struct slice keep(struct model *model, struct slice text)
{
    struct block *block = model->strings;

    if (text.length == 0)
        return (struct slice){0};
    if (!block || block->size - block->used < text.length) {
        size_t size = text.length > BLOCK_BYTES ? text.length : BLOCK_BYTES;

        block = mem_alloc(sizeof(*block) + size);
        block->older = model->strings;
        block->size = size;
        model->strings = block;
    }
    char *copy = block->bytes + block->used;
    memcpy(copy, text.data, text.length);
    block->used += text.length;
    return (struct slice){copy, text.length};
}

// Indexes.

static void index_init(struct index *index, size_t count)
{
    size_t size = 16;

    while (size < 2 * count)
        size *= 2;
    free(index->slots);
    index->slots = mem_alloc(size * sizeof(*index->slots));
    index->mask = size - 1;
}

static void index_put(struct index *index, uint64_t hash, size_t item)
{
    size_t slot = hash & index->mask;

    while (index->slots[slot])
        slot = (slot + 1) & index->mask;
    index->slots[slot] = (uint32_t)item + 1;
}

// Nodes can be found while the model is being built: premises name them by index.
static void index_nodes(struct model *model)
{
    if (model->by_node.slots && 2 * model->node_count <= model->by_node.mask + 1) {
        size_t last = model->node_count - 1;

        index_put(&model->by_node, engine_hash_text(model->nodes[last].id), last);
        return;
    }
    index_init(&model->by_node, 2 * model->node_count);
    for (size_t i = 0; i < model->node_count; i++)
        index_put(&model->by_node, engine_hash_text(model->nodes[i].id), i);
}

void model_add_node(struct model *model, const struct model_node *node, struct slice parent_id)
{
    assert(!model->finished);
    mem_grow((void **)&model->parent_ids, model->node_count, &model->parent_capacity,
             sizeof(*model->parent_ids));
    mem_grow((void **)&model->nodes, model->node_count, &model->node_capacity,
             sizeof(*model->nodes));
    model->parent_ids[model->node_count] = keep(model, parent_id);
    struct model_node *copy = &model->nodes[model->node_count++];
    *copy = *node;
    copy->id = keep(model, node->id);
    copy->kind = keep(model, node->kind);
    copy->name = keep(model, node->name);
    copy->device = keep(model, node->device);
    copy->parent = MODEL_NO_NODE;
    copy->premises_below = 0;
    index_nodes(model);
}

void model_add_premise(struct model *model, const struct model_premise *premise)
{
    assert(!model->finished);
    mem_grow((void **)&model->premises, model->premise_count, &model->premise_capacity,
             sizeof(*model->premises));
    struct model_premise *copy = &model->premises[model->premise_count++];
    *copy = *premise;
    copy->account = keep(model, premise->account);
}

int32_t model_find_node(const struct model *model, struct slice id)
{
    if (model->node_count == 0)
        return MODEL_NO_NODE;
    for (size_t slot = engine_hash_text(id) & model->by_node.mask;;
         slot = (slot + 1) & model->by_node.mask) {
        uint32_t item = model->by_node.slots[slot];

        if (!item)
            return MODEL_NO_NODE;
        if (slice_equal(model->nodes[item - 1].id, id))
            return (int32_t)item - 1;
    }
}

const struct model_premise *model_premise(const struct model *model, int64_t key)
{
    assert(model->finished);
    uint64_t index = (uint64_t)key - (uint64_t)model->first_key;
    uint32_t item = index < model->key_count ? model->by_key[index] : 0;

    return item ? &model->premises[item - 1] : NULL;
}

const struct model_premise *model_find_account(const struct model *model, struct slice account)
{
    assert(model->finished);
    size_t mask = model->by_account.mask;
    for (size_t slot = engine_hash_text(account) & mask;; slot = (slot + 1) & mask) {
        uint32_t item = model->by_account.slots[slot];

        if (!item)
            return NULL;
        if (slice_equal(model->premises[item - 1].account, account))
            return &model->premises[item - 1];
    }
}

// Finishing: parents, pre-order, premises in that order, indexes.

static bool link_parents(struct model *model, struct slice *culprit)
{
    for (size_t i = 0; i < model->node_count; i++) {
        struct slice parent = model->parent_ids[i];

        if (parent.length == 0)
            continue;
        model->nodes[i].parent = model_find_node(model, parent);
        if (model->nodes[i].parent == MODEL_NO_NODE) {
            *culprit = model->nodes[i].id;
            return false;
        }
    }
    return true;
}

// Children in the order in which they were added: first child and next sibling by index.
static void link_children(const struct model *model, int32_t *first, int32_t *next)
{
    for (size_t i = 0; i < model->node_count; i++)
        first[i] = next[i] = MODEL_NO_NODE;
    for (size_t i = model->node_count; i-- > 0;) {
        int32_t parent = model->nodes[i].parent;

        if (parent == MODEL_NO_NODE)
            continue;
        next[i] = first[parent];
        first[parent] = (int32_t)i;
    }
}

// Numbers the tree of `root` from `number` on, without recursion; returns the next number.
static int32_t number_tree(struct model *model, const int32_t *first, const int32_t *next,
                           int32_t root, int32_t number)
{
    int32_t node = root;

    model->order_in[node] = number++;
    for (;;) {
        if (first[node] != MODEL_NO_NODE) {
            node = first[node];
            model->order_in[node] = number++;
            continue;
        }
        model->order_out[node] = number;
        while (node != root && next[node] == MODEL_NO_NODE) {
            node = model->nodes[node].parent;
            model->order_out[node] = number;
        }
        if (node == root)
            return number;
        node = next[node];
        model->order_in[node] = number++;
    }
}

// False when some node is reached from no root: a cycle.
static bool number_nodes(struct model *model, struct slice *culprit)
{
    size_t count = model->node_count;
    int32_t *first = mem_alloc(count * sizeof(*first));
    int32_t *next = mem_alloc(count * sizeof(*next));
    int32_t number = 0;
    bool reached = true;

    model->order_in = mem_alloc(count * sizeof(*model->order_in));
    model->order_out = mem_alloc(count * sizeof(*model->order_out));
    for (size_t i = 0; i < count; i++)
        model->order_in[i] = MODEL_NO_NODE;
    link_children(model, first, next);
    for (size_t i = 0; i < count; i++) {
        if (model->nodes[i].parent == MODEL_NO_NODE)
            number = number_tree(model, first, next, (int32_t)i, number);
    }
    for (size_t i = 0; i < count && reached; i++) {
        if (model->order_in[i] == MODEL_NO_NODE) {
            *culprit = model->nodes[i].id;
            reached = false;
        }
    }
    free(first);
    free(next);
    return reached;
}

// Counting sort of the premises by the pre-order number of their node; those without one come last.
static void order_premises(struct model *model)
{
    size_t nodes = model->node_count;
    struct model_premise *sorted = mem_alloc(model->premise_count * sizeof(*sorted));
    uint32_t *starts = mem_alloc((nodes + 2) * sizeof(*starts));
    uint32_t *at = mem_alloc((nodes + 2) * sizeof(*at));

    for (size_t i = 0; i < model->premise_count; i++) {
        int32_t node = model->premises[i].node;
        size_t number = node == MODEL_NO_NODE ? nodes : (size_t)model->order_in[node];

        starts[number + 1]++;
    }
    for (size_t number = 0; number <= nodes; number++)
        starts[number + 1] += starts[number];
    memcpy(at, starts, (nodes + 2) * sizeof(*at));
    for (size_t i = 0; i < model->premise_count; i++) {
        int32_t node = model->premises[i].node;
        size_t number = node == MODEL_NO_NODE ? nodes : (size_t)model->order_in[node];

        sorted[at[number]++] = model->premises[i];
    }
    free(at);
    free(model->premises);
    model->premises = sorted;
    model->first_premise = starts;
}

static void count_below(struct model *model)
{
    model->tallies = mem_alloc((model->premise_count + 1) * sizeof(*model->tallies));
    for (size_t i = 0; i < model->premise_count; i++) {
        const struct model_premise *premise = &model->premises[i];
        struct tally *tally = &model->tallies[i + 1];

        *tally = model->tallies[i];
        tally->critical += premise->critical;
        if (premise->reliability >= 1 && premise->reliability <= 3)
            tally->categories[premise->reliability - 1]++;
    }
    for (size_t i = 0; i < model->node_count; i++)
        model->nodes[i].premises_below =
            model->first_premise[model->order_out[i]] - model->first_premise[model->order_in[i]];
}

static int64_t place_key(const struct model_premise *premise, enum model_place place)
{
    switch (place) {
    case MODEL_HOUSE: return premise->house;
    case MODEL_STREET: return premise->street;
    default: return premise->settlement;
    }
}

struct place_entry {
    int64_t key;
    uint32_t position;
};

static int compare_places(const void *left, const void *right)
{
    const struct place_entry *a = left, *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

static void sort_places(struct model *model)
{
    struct place_entry *entries = mem_alloc(model->premise_count * sizeof(*entries));

    for (int place = 0; place < MODEL_PLACE_COUNT; place++) {
        uint32_t *positions = mem_alloc(model->premise_count * sizeof(*positions));

        for (size_t i = 0; i < model->premise_count; i++) {
            entries[i].key = place_key(&model->premises[i], (enum model_place)place);
            entries[i].position = (uint32_t)i;
        }
        qsort(entries, model->premise_count, sizeof(*entries), compare_places);
        for (size_t i = 0; i < model->premise_count; i++)
            positions[i] = entries[i].position;
        model->places[place] = positions;
    }
    free(entries);
}

// Imports number premises from 1 on: the keys of a network lie close together.
static void index_keys(struct model *model)
{
    int64_t last = 0;

    for (size_t i = 0; i < model->premise_count; i++) {
        int64_t key = model->premises[i].key;

        model->first_key = i == 0 || key < model->first_key ? key : model->first_key;
        last = i == 0 || key > last ? key : last;
    }
    model->key_count = model->premise_count ? (size_t)(last - model->first_key) + 1 : 0;
    model->by_key = mem_alloc(model->key_count * sizeof(*model->by_key));
    for (size_t i = 0; i < model->premise_count; i++)
        model->by_key[model->premises[i].key - model->first_key] = (uint32_t)i + 1;
}

// Everything that follows from the nodes' parents.
static bool order(struct model *model, struct slice *culprit)
{
    if (!number_nodes(model, culprit))
        return false;
    order_premises(model);
    count_below(model);
    sort_places(model);
    index_init(&model->by_account, model->premise_count);
    index_keys(model);
    for (size_t i = 0; i < model->premise_count; i++)
        index_put(&model->by_account, engine_hash_text(model->premises[i].account), i);
    model->finished = true;
    return true;
}

bool model_finish(struct model *model, struct slice *culprit)
{
    assert(!model->finished);
    if (!link_parents(model, culprit))
        return false;
    free(model->parent_ids);
    model->parent_ids = NULL;
    return order(model, culprit);
}

static void *copy_of(const void *items, size_t bytes)
{
    void *copy = mem_alloc(bytes);

    return bytes ? memcpy(copy, items, bytes) : copy;
}

struct model *model_switched(const struct model *model, const struct model_switch *switches,
                             size_t count)
{
    struct model *other = model_new();
    struct slice culprit;

    assert(model->finished);
    other->node_count = model->node_count;
    other->premise_count = model->premise_count;
    other->nodes = copy_of(model->nodes, model->node_count * sizeof(*model->nodes));
    other->premises = copy_of(model->premises, model->premise_count * sizeof(*model->premises));
    other->by_node.mask = model->by_node.mask;
    if (model->by_node.slots)
        other->by_node.slots =
            copy_of(model->by_node.slots, (model->by_node.mask + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < count; i++)
        other->nodes[switches[i].node].parent = switches[i].parent;
    if (order(other, &culprit))
        return other;
    model_free(other);
    return NULL;
}

// Reading.

size_t model_node_count(const struct model *model)
{
    return model->node_count;
}

size_t model_premise_count(const struct model *model)
{
    return model->premise_count;
}

const struct model_node *model_node(const struct model *model, int32_t index)
{
    assert(index >= 0 && (size_t)index < model->node_count);
    return &model->nodes[index];
}

const struct model_premise *model_premises_below(const struct model *model, int32_t node,
                                                 size_t *count)
{
    assert(model->finished);
    *count = model->nodes[node].premises_below;
    return model->premises + model->first_premise[model->order_in[node]];
}

struct model_census model_census_below(const struct model *model, int32_t node)
{
    assert(model->finished);
    uint32_t first = model->first_premise[model->order_in[node]];
    uint32_t end = model->first_premise[model->order_out[node]];
    const struct tally *before = &model->tallies[first], *all = &model->tallies[end];
    struct model_census census = {.premises = end - first,
                                  .critical = all->critical - before->critical};

    for (int i = 0; i < 3; i++)
        census.categories[i] = all->categories[i] - before->categories[i];
    return census;
}

const struct model_premise *model_premise_at(const struct model *model, uint32_t position)
{
    assert(position < model->premise_count);
    return &model->premises[position];
}

uint32_t model_premise_position(const struct model *model, const struct model_premise *premise)
{
    return (uint32_t)(premise - model->premises);
}

// The first index in `positions` whose key is not below `key`.
static size_t lower_bound(const struct model *model, enum model_place place, int64_t key)
{
    size_t low = 0, high = model->premise_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (place_key(&model->premises[model->places[place][middle]], place) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const uint32_t *model_premises_of(const struct model *model, enum model_place place, int64_t key,
                                  size_t *count)
{
    assert(model->finished);
    size_t from = lower_bound(model, place, key);
    *count = lower_bound(model, place, key + 1) - from;
    return model->places[place] + from;
}

bool model_is_below(const struct model *model, int32_t node, int32_t above)
{
    assert(model->finished);
    return model->order_in[node] >= model->order_in[above] &&
           model->order_in[node] < model->order_out[above];
}
