// What the times of calls say of their cause: the calls of one fault come together.
//
// Kept are sums of the calls' seconds and of their squares, so that a call changes them on its way to
// the root and nobody has to look at all calls. Calls that come evenly over a time w have the variance
// w^2 / 12: that w is the width here. Sums are modulo 2^64, which is exact while the square of the calls'
// number times their variance is below it (65,536 calls over two days).
#pragma once

#include "busd/engine_group_math.h"
#include "busd/engine_group_rules.h"

struct group_times {
    uint64_t seconds, squares;
};

struct group_times group_times_of(int64_t time_ms);
// Adds the other `sign` (1 or -1) times.
static inline void group_times_add(struct group_times *times, const struct group_times *other,
                                   int sign)
{
    times->seconds += (uint64_t)(int64_t)sign * other->seconds;
    times->squares += (uint64_t)(int64_t)sign * other->squares;
}
// log2 of the width in milliseconds; GROUP_NEVER when all came at once.
int64_t group_width_log(const struct group_logs *logs, const struct group_times *times,
                        uint32_t count);

// A fault of which only a share has called so far cannot have called for long: the calls of one fault
// come within `spread`, one like the other. Each of the `count` premises that called counts the factor
// by which the width exceeds that share of `spread`; `callers`: how many call in the end, in millionths.
// Once half of them have called nothing is said: that the others still will is not so sure. At most 0.
int64_t group_late_log(const struct group_rules *rules, const struct group_logs *logs,
                       int64_t width_log, uint32_t count, uint64_t callers);
// How much all calls together speak for one cause: `burst_calls` calls after the first, each by the
// factor by which the width is below `burst`, fifteen at most. At least 0.
int64_t group_burst_log(const struct group_rules *rules, const struct group_logs *logs,
                        int64_t width_log, uint32_t count);
