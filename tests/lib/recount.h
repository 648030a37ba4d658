// The oracle of grouping (busd/engine_group.h): every possible explanation of a small random network,
// over bit sets of premises, in floating point, without a tree. It shares nothing with what it judges but
// the model and the rules (group_fixture_rules). Logarithms are to base 2.
#pragma once

#include "busd/engine_group.h"
#include "busd/engine_group_share.h"

#include <stdbool.h>
#include <stdint.h>

enum { RECOUNT_MOST_NODES = 9, RECOUNT_MOST_PREMISES = 12, RECOUNT_NO_PHASE = -1 };

// Random numbers that every machine makes alike; the seed is the test's to set.
extern uint64_t recount_seed;
uint32_t recount_draw(uint32_t below);

// A network with what is known of it; the caller frees the model.
struct recount_net {
    struct model *model;
    int nodes, premises;
    uint32_t below[RECOUNT_MOST_NODES]; // bits of positions
    bool called[RECOUNT_MOST_PREMISES], back[RECOUNT_MOST_PREMISES], wire[RECOUNT_MOST_PREMISES],
        flat[RECOUNT_MOST_PREMISES];
    int64_t time_ms[RECOUNT_MOST_PREMISES];
    enum group_mark marks[RECOUNT_MOST_NODES];
    int covers[RECOUNT_MOST_NODES];
};

struct recount_choice { // a class of candidates, or a premise
    uint32_t set, live, low_members;
    double rate;      // of the members that are not barred
    double wire_rate; // the same where a wire is down
    bool lone;
};

struct recount {
    const struct recount_net *net;
    struct recount_choice choices[RECOUNT_MOST_NODES + RECOUNT_MOST_PREMISES];
    int count;
    uint32_t calls, backs, covered, wires, flats;
    double one_sum, one_best, several_sum, several_best; // logs to base 2
    double best_singles;
    int phase; // that `several` is counted in; at last the likeliest
};

struct recount_net recount_random_net(void); // nothing known of it yet
void recount_apply_net(const struct recount_net *net,
                       struct group *group); // tells the group all of it
// Something at or below the node is known to have power.
bool recount_is_barred(const struct recount_net *net, int node);
struct recount recount_of_net(const struct recount_net *net);

// Of a choice: as one of several faults in a phase, and as the one fault.
double recount_own_log(const struct recount *recount, const struct recount_choice *choice,
                       const struct group_moments *moments, int phase);
double recount_one_log(const struct recount *recount, const struct recount_choice *choice);

// The formula itself: m given callers, and no other, out of n premises; how many ways there are to choose
// them; the logarithm of the sum of what has the logarithms a and b.
double recount_share_log(int n, int m, const struct group_moments *moments, int phase);
double recount_choose_log(int n, int m);
double recount_log_sum(double a, double b);
