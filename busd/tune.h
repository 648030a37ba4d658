// Learning the rules of grouping from the faults of the past.
//
// Whoever has no caller is not heard of, so that large faults are seen more often than they happen.
// Both estimates undo that:
//   callers' share p of the sizes [a, b): the most likely one given that somebody called,
//     sum K = sum n p / (1 - (1 - p)^n) over the faults, with TUNE_PRIOR faults that called as the
//     present rules say beside them, so that a few faults change little;
//   share of faults by kind: each fault counts 1 / (1 - (1 - p)^n), and TUNE_PRIOR faults as the present
//     rules say; of kinds that the network does not have the present share stays.
// Unrelated calls: beside each fault those between its first and its last call are counted; their mean is
// half of `unrelated_most`. All of them, as many as come within `window`, are `several.unrelated`.
// Everything else stays as it is.
//
// The gain is that of rules learnt from the first two thirds of the faults, on the last third.
#pragma once

#include "busd/rules.h"
#include "busd/store_past.h"

enum {
    TUNE_PRIOR = 10,    // faults that the present rules are worth
    TUNE_FAULTS = 30,   // fewer are not learnt from
    TUNE_JUDGED = 2000, // held-out faults that are grouped, at most
    TUNE_MOMENTS = 2    // how far the calls have come: 20 %, 40 %
};
extern const int tune_percents[TUNE_MOMENTS];

struct tune_gain {
    size_t learnt, held_out;        // faults
    double log_old, log_new;        // mean log2 of P(place and number of callers) of a held-out one
    double exact_old[TUNE_MOMENTS]; // share of them whose device grouping names
    double exact_new[TUNE_MOMENTS];
};

// Rules of a set as learnt from its faults (`storm`: those of storms). False: too few.
bool tune_set(const struct past *past, bool storm, const struct group_rules *present,
              struct group_rules *learnt, struct tune_gain *gain);
