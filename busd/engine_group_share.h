// How likely a set of callers is when a device with so many premises fails.
//
// Of n premises without power K call in the end, binomial(n, p), p by the size of the outage; m have
// called until now, m being uniform on 1..K ("the moment unknown") or ceil(f K) (a known share f);
// any m of the n are equally likely. So
//     L(n, m) = log2 sum_K P(K) P(m | K) - log2 C(n, m),
// and for a device that is known to be out by other means, m = 0 with P(0 | K) = 1 / (K + 1).
//
// Tables are made for the sizes that are asked for and kept. Values are finite: what the rules hold
// for impossible (more callers than they expect by far) is 2^-56, less a bit a caller.
#pragma once

#include "busd/engine_group_rules.h"

struct group_share;

// The moments cut into at most GROUP_PHASES runs, each with its own L: of one phase its own moments are
// thrice as likely as all others together. Without moments there is one phase.
enum { GROUP_PHASES = 3 };
size_t group_share_phases(const struct group_moments *moments);
// `phased`: a value for each phase; else one, all moments being equally likely.
struct group_share *group_share_new(const struct group_rules *rules,
                                    const struct group_moments *moments, bool phased);
// Of n premises without power, the share that calls in the end, in millionths.
uint32_t group_share_callers(const struct group_rules *rules, uint32_t n);
void group_share_free(struct group_share *share);
// A value for each phase, valid until the next question. m <= n, n > 0. The first question of a size
// costs n * p steps, every further one none.
const int64_t *group_share_logs(struct group_share *share, uint32_t n, uint32_t m);
