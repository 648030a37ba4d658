// Grouping: which devices failed, given who called, who did not, and what is known of the network's
// state. One answer for the whole network: the most probable explanation of everything that is heard.
//
// The tree. A candidate for a fault is a premise, or a node at which something opens and below which
// there are premises. Candidates with the same premises below cannot be told apart by any call: they are
// one *class*, named by the lowest of them. Classes form a tree; a premise is a class of its own or, where
// its node feeds others too, an unnamed leaf.
//
// The model. Fault rates are shares by kind of place, equal within a kind: q(c) is the sum over the
// members of class c. If c fails, L(n, m) of engine_group_share.h is the log-probability of its m callers
// among its n premises. Calls that no fault explains are unrelated. Two hypotheses are weighed:
//
//   one      a single fault c, and j <= unrelated_most unrelated calls elsewhere, j uniform:
//              s(c) = log q(c) + L(n, m) - log(unrelated_most + 1) - log C(N - n, j),   j = t - m
//            (with fewer than unrelated_most premises elsewhere, the rest of the belief is on all of them),
//            or a single premise among the t callers, the others being unrelated. Z1 = log sum 2^s.
//   several  every class fails by itself with rate F q(c), every premise calls unrelated with rate U / N
//            (F, U: `several`). Several faults that are heard of together are looked at in one phase of
//            their calls: the moments are cut into phases, one L for each (engine_group_share.h), and for
//            each the sum over all sets of devices, none below another, is taken bottom-up:
//              own(c) = log F q(c) + L(n, m)     mass(c) = log(2^own(c) + 2^below(c))
//              below(c) = sum of mass over the children with calls; leaf: log(F q p + U / N)
//            Z2 = log of the mean over the phases of 2^(sum of mass over the roots) - (F + U) log e.
//
// The size of the network. F and U are stated for one of `several.network` premises; in one s times as
// large there may be s times as many, and a storm has them. A few calls are not to be measured by that: of
// the scales t from 1 to s, Z2 takes the one that the k places of the best set are likeliest at,
// t = k / (F + U), as Z2 - k log(s / t) + (s - t)(F + U) log e.
//
// Times (engine_group_time.h). Both own(c) and s(c) are lowered where the calls of c have come for too
// long: of the n p expected callers m have called, so that they should have come within m / (n p) of
// `spread`; until half of the n p have called each of the m counts log of the factor by which their width
// exceeds that. Calls that come one by one from far apart over an hour are thus several things, however
// many they are; the silence of thousands between them makes no one outage of them. The width is that of
// the calls' variance, summed as all else is; of few calls s(c) takes the time from the first to the last,
// which says more.
//
// One is believed when log P(one) + Z1 + burst >= log P(several) + Z2. Burst is what all calls together
// say: those of one fault come close together, those of several do not; each of the first `burst_calls`
// calls after the first counts log(burst_ms / width), if that is above 0. The best
// explanation under `one` is the c of the highest s(c), and each call outside it by itself. Under
// `several` it is the best set in the likeliest phase, exact by the same recursion with max for sum:
//   best(c) = max(own(c), sum of best over the children)
// with the rates `attributed` (once there are several faults, a lone call is rather one of them).
//
// More evidence: where a caller tells of a wire that is down, q(c) of all above counts transformers
// `wire_elsewhere` times; "the power is back" at a premise costs every device above it log `mistaken`; a call
// that says that it is the caller's flat alone costs every device above more than that log `flat`; an energised
// mark takes the node and all above it out of the candidates; an out mark is worth 2^40 to every device at
// or above; premises that an incident with a name already covers leave the tree with their calls (n and m
// become those of the rest).
//
// The probability of a fault is P(one) 2^(s(c) - Z1) + P(several) P(c | several), where the latter is
// own(c) - mass(c) + sum over all above of (below - mass), in the likeliest phase. The runner-up is the class on the same path with
// the next highest probability; the second explanation is the best one that differs.
//
// Invariants
//  1. A class's fields depend on the evidence below it alone: adding, forgetting, marking and covering
//     touch one path to a root. Cost O(depth), whatever the network's size.
//  2. The state after any sequence of changes equals that of a new group with the same evidence, bit for
//     bit; sums are of integers, so their order does not matter, and log-sums run in the order of classes.
//  3. Nothing below or above an energised mark's path is changed by it but candidates on the path.
//  4. The faults of an explanation lie side by side: none is below another, and each live call is at or
//     below exactly one.
//  5. A covered premise is in no n, m or sum of any class above the cover.
//  6. No clock, no file, no floating point, no order of memory: the same calls give the same bytes.
#pragma once

#include "busd/engine_group_rules.h"
#include "busd/engine_model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Which rate of the rules a node has, and whether it is a candidate at all.
enum group_kind group_kind_of(const struct model_node *node);
bool group_can_fail(const struct model_node *node);

struct group;

// The model must outlive the group; the rules are copied. Other rules or another network: make a new
// one and give it the evidence again.
struct group *group_new(const struct model *model, const struct group_rules *rules);
void group_free(struct group *group);

// Evidence. Premises are named by position (engine_model.h), times are UTC milliseconds.

// A premise without power called: since when it is known to have none. A further call of it moves that
// time only. True: it is new. What it said before of power that is back is taken back.
bool group_call(struct group *group, uint32_t premise, int64_t time_ms);
// Its call is no evidence any more: too old, withdrawn, not about power. True: there was one.
bool group_forget(struct group *group, uint32_t premise);
// Forgets calls older than this, except those of covered premises; how many. Looks at every call:
// for once a minute, not for every event.
size_t group_expire(struct group *group, int64_t before_ms);
bool group_has_called(const struct group *group, uint32_t premise);
// Somebody there says that the power is on, or a meter answers: a call of its own is forgotten.
void group_set_back(struct group *group, uint32_t premise, bool back);

// Its call tells of a wire that is down; means nothing while it has not called.
void group_set_wire(struct group *group, uint32_t premise, bool wire);
// Its call says that it is this flat alone; likewise.
void group_set_flat(struct group *group, uint32_t premise, bool flat);

enum group_mark { GROUP_MARK_NONE, GROUP_MARK_ENERGISED, GROUP_MARK_OUT };
bool group_mark(struct group *group, int32_t node, enum group_mark mark); // it was another before
// An incident that has a node (confirmed, planned works) explains all below it. Covers are counted:
// as many have to be taken off again.
void group_cover(struct group *group, int32_t node);
void group_uncover(struct group *group, int32_t node);
void group_cover_premise(struct group *group, uint32_t premise);
void group_uncover_premise(struct group *group, uint32_t premise);

// Explanations.

struct group_fault {
    int32_t node;      // lowest candidate of the class; MODEL_NO_NODE: the premise itself
    uint32_t premise;  // position of one that called (of the first one below, if none did)
    uint32_t premises; // that the class feeds, without covered ones
    uint32_t callers;
    uint32_t probability_ppm;
    // The next best place on the same path; MODEL_NO_NODE with runner_up_premises 1 = the premise.
    int32_t runner_up;
    uint32_t runner_up_premises;
    uint32_t runner_up_ppm; // 0: there is none
};

enum group_which { GROUP_BEST, GROUP_SECOND };

typedef void group_each_fault(void *context, const struct group_fault *fault);
// The faults of an explanation in the order of the network; how many. No second one: 0. Costs
// O(calls x depth).
size_t group_explain(struct group *group, enum group_which which, group_each_fault *each,
                     void *context);
// The fault of the best explanation that a premise's call belongs to; false: no live call. Costs
// O(depth), as does a call: this is what an event needs.
bool group_fault_of(struct group *group, uint32_t premise, struct group_fault *fault);

// The same, without the runner-up: all that most events need.
bool group_place_of(struct group *group, uint32_t premise, struct group_fault *fault);
// The next best places on the path of the premise's call, likeliest first: how many, at most `most`.
struct group_rival {
    int32_t node; // MODEL_NO_NODE: the premise itself
    uint32_t premises, callers;
    uint32_t probability_ppm;
};
size_t group_rivals(struct group *group, uint32_t premise, struct group_rival *rivals, size_t most);

// Following the faults from one change to the next, for whoever keeps them as incidents
// (engine_predict.c). Classes are numbered from 0 and keep their numbers.
enum { GROUP_NO_CLASS = -1 };
#define GROUP_BLAME_NONE INT64_MIN // no live call
// What the best explanation blames for the premise's call: a class that feeds several premises, or, as
// a number below 0, the premise by itself.
int64_t group_blame(struct group *group, uint32_t premise);
// The class at or above `home` that the best explanation blames for the calls below; GROUP_NO_CLASS.
int32_t group_chosen(struct group *group, int32_t home);
// The best explanation's form: while it is the same, a change of the evidence at a place changes no
// blame but below the classes above that place.
struct group_shape {
    int form;
    int32_t class;
    size_t phase; // of several faults
};
// Under which node a blamed place goes, MODEL_NO_NODE: the premise itself.
int32_t group_name(const struct group *group, int64_t blame);
struct group_shape group_shape(struct group *group);
int32_t group_home(const struct group *group, uint32_t premise); // its lowest class
int32_t group_home_of_node(const struct group *group, int32_t node);
int32_t group_above(const struct group *group, int32_t class); // GROUP_NO_CLASS at the top
size_t group_class_count(const struct group *group);
// The positions of the premises below a class that feeds several.
void group_below(const struct group *group, int32_t class, uint32_t *first, uint32_t *count);

struct group_verdict {
    bool one;                // a single fault is the better hypothesis
    bool second;             // there is a second explanation
    uint32_t one_ppm;        // probability of a single fault
    uint32_t calls;          // live ones
    uint32_t gain_millibits; // log2 of best over second explanation, at most 4,000,000
};
struct group_verdict group_verdict(struct group *group);

// The candidates that no call can tell from `node`, itself included, lowest first; how many there
// are (at most `most` are written). Barred ones are left out.
size_t group_class(const struct group *group, int32_t node, int32_t *nodes, size_t most);
