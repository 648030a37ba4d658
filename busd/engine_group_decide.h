// The choice between one fault and several, for the file that lists explanations.
#pragma once

#include "busd/engine_group_state.h"

// Made anew when the evidence changed since.
const struct group_decision *group_decide(struct group *group);
// With the second explanation, which costs a look at every call where no single fault explains them.
const struct group_decision *group_decide_second(struct group *group);
bool group_is_live(const struct group *group, const struct group_premise *premise);
// Whether the class is a better explanation of what is below it than the best set below it.
bool group_wins(const struct group *group, const struct group_class *class);
// s(c), GROUP_NEVER when it cannot be the single fault.
int64_t group_one_log(const struct group *group, const struct group_class *class);
// log of the fault rate of a lone premise, with what cannot be told from it.
int64_t group_single_prior(const struct group *group, const struct group_premise *premise);
