#include "busd/model_load.h"

#include "busd/store_model.h"
#include "lib/mem.h"

#include <stdlib.h>

// A premise until its house, street and settlement are known: only the finished index can tell.
struct pending {
    int64_t key;
    size_t account; // offset in `accounts`
    uint32_t account_length;
    int32_t node;
    uint8_t reliability;
    bool critical;
};

struct loading {
    struct model *model;
    struct address_index *address;
    struct pending *premises;
    size_t count, capacity;
    struct buf accounts;
    struct buf text; // NUL-terminated copies for the index
};

static void add_node(void *context, const struct store_node *node)
{
    struct loading *loading = context;
    struct model_node added = {.id = node->id,
                               .kind = node->kind,
                               .name = node->name,
                               .device = node->device,
                               .parent = MODEL_NO_NODE,
                               .voltage_v = (int32_t)node->voltage_v};

    model_add_node(loading->model, &added, node->parent);
}

static void add_premise(void *context, const struct store_premise *premise)
{
    struct loading *loading = context;
    const struct slice texts[] = {premise->settlement, premise->street, premise->house,
                                  premise->flat};
    size_t starts[4];

    buf_clear(&loading->text);
    for (int i = 0; i < 4; i++) {
        starts[i] = loading->text.length;
        buf_add(&loading->text, texts[i].data, texts[i].length);
        buf_add_char(&loading->text, '\0');
    }
    address_index_add(loading->address,
                      &(struct address_place){.premise = premise->premise,
                                              .settlement = loading->text.data + starts[0],
                                              .street = loading->text.data + starts[1],
                                              .house = loading->text.data + starts[2],
                                              .flat = loading->text.data + starts[3]});
    mem_grow((void **)&loading->premises, loading->count, &loading->capacity,
             sizeof(*loading->premises));
    loading->premises[loading->count++] = (struct pending){
        .key = premise->premise,
        .account = loading->accounts.length,
        .account_length = (uint32_t)premise->account.length,
        .node =
            premise->node.length ? model_find_node(loading->model, premise->node) : MODEL_NO_NODE,
        .reliability = (uint8_t)premise->reliability,
        .critical = premise->critical.length > 0};
    buf_add(&loading->accounts, premise->account.data, premise->account.length);
}

// The lowest premise key that shares a place, by the index's dense id: premises come by key, so the
// first one names it.
static int64_t name_of_place(int64_t *names, uint32_t id, int64_t key)
{
    if (id == ADDRESS_NO_ID)
        return 0;
    if (names[id] == 0)
        names[id] = key;
    return names[id];
}

static void name_places(struct loading *loading)
{
    struct address_counts counts = address_index_counts(loading->address);
    int64_t *houses = mem_alloc((counts.houses + 1) * sizeof(*houses));
    int64_t *streets = mem_alloc((counts.streets + 1) * sizeof(*streets));
    int64_t *settlements = mem_alloc((counts.settlements + 1) * sizeof(*settlements));

    for (size_t i = 0; i < loading->count; i++) {
        const struct pending *premise = &loading->premises[i];
        struct address_match match = address_of_premise(loading->address, premise->key);
        model_add_premise(
            loading->model,
            &(struct model_premise){
                .key = premise->key,
                .account = {loading->accounts.data + premise->account, premise->account_length},
                .node = premise->node,
                .house = name_of_place(houses, match.house, premise->key),
                .street = name_of_place(streets, match.street, premise->key),
                .settlement = name_of_place(settlements, match.settlement, premise->key),
                .reliability = premise->reliability,
                .critical = premise->critical});
    }
    free(houses);
    free(streets);
    free(settlements);
}

struct model *model_load(struct store *store, struct address_index **address, struct err *err)
{
    struct loading loading = {.model = model_new(), .address = address_index_new()};
    struct slice culprit;
    enum err_code code = store_load_nodes(store, add_node, &loading, err);

    if (code == ERR_OK)
        code = store_load_premises(store, add_premise, &loading, err);
    if (code == ERR_OK) {
        address_index_finish(loading.address);
        name_places(&loading);
        if (!model_finish(loading.model, &culprit)) {
            code = err_set(err, ERR_INVALID, "network",
                           "Node %.*s of the stored network has no parent or is its own ancestor.",
                           "У узла %.*s сохранённой сети нет родителя или он сам себе предок.",
                           (int)culprit.length, culprit.data);
        }
    }
    free(loading.premises);
    buf_fini(&loading.accounts);
    buf_fini(&loading.text);
    if (code != ERR_OK) {
        model_free(loading.model);
        address_index_free(loading.address);
        return NULL;
    }
    *address = loading.address;
    return loading.model;
}
