// Logarithms of probabilities in fixed point: integers alone, so that the same evidence gives the
// same bytes on every machine. Unit: 2^-32 bit (a factor of two is GROUP_BIT).
#pragma once

#include <stdint.h>

#define GROUP_BIT   (INT64_C(1) << 32)
#define GROUP_NEVER (INT64_MIN / 8) // log of zero; sums of a few of them still fit

enum { GROUP_ADD_STEPS = 1024 }; // 32 bits in steps of 1/32 bit

// log2(1 + 2^-d), for group_log_add().
struct group_add {
    int64_t table[GROUP_ADD_STEPS + 1];
};

void group_add_init(struct group_add *add);

// For group_logs_of().
enum { GROUP_LOG_STEPS = 256 };
struct group_logs {
    int64_t table[GROUP_LOG_STEPS + 1];
};

void group_logs_init(struct group_logs *logs);
// log2 of a number above 0 without going through its bits; error below 2^-18 bit.
static inline int64_t group_logs_of(const struct group_logs *logs, uint64_t number)
{
    int exponent = 63 - __builtin_clzll(number);
    uint64_t mantissa = number << (63 - exponent) << 1; // behind the leading bit
    uint64_t at = mantissa >> 56, part = mantissa << 8 >> 40;
    int64_t step = logs->table[at + 1] - logs->table[at];

    return exponent * GROUP_BIT + logs->table[at] + (step * (int64_t)part >> 24);
}

// log2 of a number above 0; error below 32 units.
int64_t group_log2(uint64_t number);
// 2^log, log <= 0, in units of 2^-62; error below 2^-30 of the value.
uint64_t group_exp2(int64_t log);
// log2(2^a + 2^b), error below 2^-14 bit. Commutative; adding GROUP_NEVER changes nothing.
int64_t group_log_add(const struct group_add *add, int64_t a, int64_t b);
// log2 of n! / (m! (n-m)!) for a small m.
int64_t group_log_choose(const struct group_logs *logs, uint64_t n, uint64_t m);
// 2^log in millionths, log <= 0, rounded.
uint32_t group_ppm(int64_t log);
