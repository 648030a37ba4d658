// The tables of what was imported: the network, the premises, the meters. Written within a batch by
// imports alone; read whole when the model in memory is built (model_load.c).
#pragma once

#include "busd/store.h"

struct store_node {
    struct slice id, parent, kind, name, device;
    int64_t voltage_v;
};

struct store_premise {
    int64_t premise; // its key; store_premise_key() gives it
    struct slice account, node, settlement, street, house, flat, applicant;
    struct slice critical; // what it is; empty = not critical
    int64_t reliability;   // 1-3; 0 = not given
    struct slice sealed;   // name and phone; empty = none. Not read by store_load_premises()
    const uint8_t *phone;  // keyed digest; NULL = none
};

struct store_meter {
    struct slice meter, account;
    int64_t digits, zones;
    struct slice last_date, last[3];
};

enum store_model_table { STORE_MODEL_NODE, STORE_MODEL_PREMISE, STORE_MODEL_METER };

// Begins an import into a table: forgets which ids were named.
enum err_code store_model_begin(struct store *store, struct err *err);
// Notes that the import named this id: 1 noted, 0 it was named before, -1 error.
int store_model_name(struct store *store, struct slice id, struct err *err);

enum err_code store_put_node(struct store *store, const struct store_node *node, struct err *err);
// The key of an account: the one it has, or a new one, never used before.
enum err_code store_premise_key(struct store *store, struct slice account, int64_t *key,
                                struct err *err);
enum err_code store_put_premise(struct store *store, const struct store_premise *premise,
                                struct err *err);
enum err_code store_put_meter(struct store *store, const struct store_meter *meter,
                              struct err *err);
// 1 there, 0 not, -1 error.
int store_has_node(struct store *store, struct slice id, struct err *err);
int store_has_account(struct store *store, struct slice account, struct err *err);
// The planned works that an import gave this `ref`: their number, 0 none, -1 error.
int64_t store_find_planned(struct store *store, struct slice ref, struct err *err);

// Whether the nodes are a forest: ERR_OK, or ERR_INVALID with the id of the first node whose parent
// is unknown or that stands in a ring in `culprit`.
enum err_code store_check_forest(struct store *store, struct buf *culprit, struct err *err);
// Drops what the import did not name. ERR_CONFLICT, with a sentence, while something open covers or
// names what would go, or premises would lose their node.
enum err_code store_drop_unnamed(struct store *store, enum store_model_table table,
                                 struct err *err);

// Everything, nodes by id and premises by key. The slices are valid during the call.
typedef void store_node_read(void *context, const struct store_node *node);
typedef void store_premise_read(void *context, const struct store_premise *premise);
enum err_code store_load_nodes(struct store *store, store_node_read *each, void *context,
                               struct err *err);
enum err_code store_load_premises(struct store *store, store_premise_read *each, void *context,
                                  struct err *err);
