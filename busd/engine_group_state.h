// A group as its own files see it.
#pragma once

#include "busd/engine_group.h"
#include "busd/engine_group_math.h"
#include "busd/engine_group_share.h"
#include "busd/engine_group_time.h"

enum { GROUP_CERTAIN_BITS = 40, GROUP_PPM = 1000000 };

// What is summed bottom-up, for each phase.
struct group_sums {
    int64_t best_below, best, mass_below, mass;
};

// A class of candidates. Sums are of what is below it and not covered below it.
struct group_class {
    int32_t parent;
    int32_t low;       // lowest candidate node; MODEL_NO_NODE: a premise only
    uint32_t premises; // below, all of them
    uint32_t live;     // not covered
    uint32_t calls, backs, outs, wires, flats;
    uint32_t covers;              // of this very class
    uint32_t stamp;               // of the last walk that met it ...
    uint32_t slot;                // ... and where that walk put it
    int32_t places_below, places; // that the best set of the middle phase names
    struct group_times times;
    int64_t late;       // what these say against it
    int64_t prior;      // log of q(c); GROUP_NEVER when every member is barred
    int64_t wire_prior; // the same where a wire is down below it
    struct group_sums sums[GROUP_PHASES];
};

struct group_premise {
    int32_t home;  // lowest class that it is in
    uint32_t call; // index + 1 in calls; 0 = none
    uint16_t covers;
    bool back, wire, flat;
};

struct group_call {
    uint32_t premise;
    int64_t time_ms;
};

// Logs of the numbers of things, by hypothesis.
struct group_rates {
    int64_t faults;    // log F
    int64_t unrelated; // log U / N
    int64_t leaf;      // log(F q p + U / N) of an unnamed premise
};

// What changes on the way up.
struct group_delta {
    int32_t live, calls, backs, outs, wires, flats, places;
    int64_t best[GROUP_PHASES], mass[GROUP_PHASES];
    struct group_times times;
};

// One explanation among those that can be listed.
enum group_form { GROUP_FORM_NONE, GROUP_FORM_ONE, GROUP_FORM_SINGLES, GROUP_FORM_SEVERAL };
struct group_explanation {
    enum group_form form;
    int32_t class; // the one; or in `several` the class decided the other way, or GROUP_NO_CLASS
};

struct group_decision {
    bool fresh, one, look_further;          // the second explanation is not known yet
    int64_t one_log, several_log, both_log; // with the hypotheses' own probabilities
    int64_t one_sum;                        // Z1
    size_t phase;                           // the likeliest of several
    int64_t gain;
    struct group_explanation best, second;
};

struct group {
    const struct model *model;
    struct group_rules rules;
    struct group_share *one_share, *several_share;
    size_t phases; // of `several`
    struct group_add add;
    struct group_logs logs;
    struct group_class *classes;
    size_t class_count, class_capacity;
    int32_t *near;    // by node: the class that it is in, or the nearest one above
    uint32_t *barred; // by node: energised marks at or below it
    uint8_t *marks;   // by node
    struct group_premise *premises;
    size_t premise_count;
    struct group_call *calls;
    size_t call_count, call_capacity;
    int32_t *outs; // nodes that are marked out
    size_t out_count, out_capacity;
    uint64_t rate[GROUP_KINDS]; // of one place of the kind, in 2^-62
    struct group_rates several, attributed;
    uint64_t scale_milli;     // of the network's size, for F and U
    int64_t expected;         // (F + U) log e
    int64_t leaf_prior;       // log of a premise's own rate
    struct group_delta total; // of the roots
    uint32_t stamp;
    struct group_decision decision;
};

// engine_group_class.c
void group_make_classes(struct group *group);
bool group_is_candidate(const struct group *group, int32_t node);
void group_price(struct group *group, int32_t class); // its prior, from the members not barred

// engine_group.c
// log q(c), with what is said of wires below it.
int64_t group_prior(const struct group_class *class);
// log(q(c) P(its callers)) without the number of faults; by the table of a hypothesis.
int64_t group_own_one(const struct group *group, const struct group_class *class);
int64_t group_own_several(const struct group *group, const struct group_class *class, size_t phase);
// How many of the class's premises call in the end, in millionths.
uint64_t group_callers(const struct group *group, const struct group_class *class);
