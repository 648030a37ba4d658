// The invented company's network and premises, as the world and the oracle know them: plain tables,
// looked through from end to end. The broker gets them as CSV, by its own imports.
#pragma once

#include "lib/buf.h"
#include "lib/slice.h"
#include "tests/sim/chance.h"

#include <stddef.h>

enum { SIM_NO_NODE = -1, SIM_ID_BYTES = 16 };

struct sim_node {
    char id[SIM_ID_BYTES];
    int parent; // index, or SIM_NO_NODE
    const char *kind;
};

struct sim_premise {
    char account[SIM_ID_BYTES];
    int node;                            // index, or SIM_NO_NODE
    int settlement, street, house, flat; // a house is one of its street, a street of its settlement
    int reliability;                     // 1-3, 0 not given
    bool critical;
};

// The key of premise i is i + 1: they are imported in this order and none is ever dropped.
struct sim_network {
    struct sim_node *nodes;
    size_t node_count, node_capacity;
    struct sim_premise *premises;
    size_t premise_count, premise_capacity;
};

// About `premises` of them, below one to three substations.
void sim_network_make(struct sim_network *network, struct sim_chance *chance, int premises);
void sim_network_copy(struct sim_network *to, const struct sim_network *from);
void sim_network_fini(struct sim_network *network);

// What a later import may change: a new transformer, a new premise, a premise on another node.
void sim_network_grow(struct sim_network *network, struct sim_chance *chance);
void sim_network_settle(struct sim_network *network, struct sim_chance *chance);
void sim_network_move(struct sim_network *network, struct sim_chance *chance);

// The files of an import, with their header line.
void sim_network_csv(const struct sim_network *network, struct buf *csv);
void sim_premises_csv(const struct sim_network *network, struct buf *csv);
// Meters "M" and the account, of the first `count` premises, as they were read before it all began.
void sim_meters_csv(const struct sim_network *network, size_t count, struct buf *csv);
int sim_meter_zones(int premise);
int64_t sim_meter_last(int premise, int zone);
extern const int64_t sim_meter_read_ms;
const char *sim_settlement_name(int settlement);
const char *sim_street_name(int street);

int sim_find_node(const struct sim_network *network, struct slice id);
const struct sim_premise *sim_find_account(const struct sim_network *network, struct slice account);
bool sim_is_below(const struct sim_network *network, int node, int above); // itself included
bool sim_same_settlement(const struct sim_premise *a, const struct sim_premise *b);
bool sim_same_street(const struct sim_premise *a, const struct sim_premise *b);
bool sim_same_house(const struct sim_premise *a, const struct sim_premise *b);
