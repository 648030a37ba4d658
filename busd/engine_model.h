// The network and the premises as the engine reads them while deciding: a forest of nodes and the
// premises on it, by integer keys. A versioned input (model.changed), immutable once finished, so
// two threads may read one copy. Names, addresses and phones are elsewhere.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MODEL_NO_NODE = -1 };

struct model;

struct model_node {
    struct slice id, kind, name, device; // owned by the model
    int32_t parent;                      // index, or MODEL_NO_NODE
    int32_t voltage_v;
    uint32_t premises_below; // with its own; counted by model_finish()
};

struct model_premise {
    int64_t key;                       // the import's integer, never reused
    struct slice account;              // owned by the model
    int32_t node;                      // index, or MODEL_NO_NODE
    int64_t house, street, settlement; // lowest premise key that shares it; 0 = none
    uint8_t reliability;               // 1-3; 0 = not given
    bool critical;
};

struct model *model_new(void);
void model_free(struct model *model);
// Parents may come after their children: links are made by model_finish(), which returns false and
// names the node when a parent is unknown or a cycle stands.
void model_add_node(struct model *model, const struct model_node *node, struct slice parent_id);
void model_add_premise(struct model *model, const struct model_premise *premise);
bool model_finish(struct model *model, struct slice *culprit);

// The same network with other parents, as it is switched: nodes keep their indexes, premises their keys
// but not their positions. Shares the texts of `model`, which must outlive it. NULL when some node would
// feed itself.
struct model_switch {
    int32_t node, parent;
};
struct model *model_switched(const struct model *model, const struct model_switch *switches,
                             size_t count);

size_t model_node_count(const struct model *model);
size_t model_premise_count(const struct model *model);
const struct model_node *model_node(const struct model *model, int32_t index);
// MODEL_NO_NODE when unknown. Works while the model is being built too: indexes are in the order
// of adding, and premises name their node by it.
int32_t model_find_node(const struct model *model, struct slice id);
const struct model_premise *model_premise(const struct model *model, int64_t key); // NULL unknown
const struct model_premise *model_find_account(const struct model *model, struct slice account);
// Premises below a node, itself included, in pre-order: a contiguous run of positions.
const struct model_premise *model_premises_below(const struct model *model, int32_t node,
                                                 size_t *count);
// How many they are, how many of them are critical objects, and how many of each reliability category.
struct model_census {
    int64_t premises, critical, categories[3];
};
struct model_census model_census_below(const struct model *model,
                                       int32_t node); // at any size at once
// Premises that share a house, a street or a settlement, named as in struct model_premise: premises
// by position in `positions`, to be read with model_premise_at(). The count goes to `count`.
enum model_place { MODEL_HOUSE, MODEL_STREET, MODEL_SETTLEMENT, MODEL_PLACE_COUNT };
const uint32_t *model_premises_of(const struct model *model, enum model_place place, int64_t key,
                                  size_t *count);
// Premises have dense positions from 0: pre-order of their nodes, those without a node last.
const struct model_premise *model_premise_at(const struct model *model, uint32_t position);
uint32_t model_premise_position(const struct model *model, const struct model_premise *premise);
// Whether `node` is `above` or below it.
bool model_is_below(const struct model *model, int32_t node, int32_t above);
