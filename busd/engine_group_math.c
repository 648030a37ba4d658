#include "busd/engine_group_math.h"

#include <assert.h>

__extension__ typedef unsigned __int128 wide;

int64_t group_log2(uint64_t number)
{
    assert(number > 0);
    int exponent = 63 - __builtin_clzll(number);
    uint64_t mantissa = number << (63 - exponent); // 1.0 is 2^63
    int64_t log = (int64_t)exponent * GROUP_BIT;

    // Squaring doubles the logarithm: its bits come out one by one.
    for (int64_t bit = GROUP_BIT / 2; bit > 0; bit /= 2) {
        wide square = (wide)mantissa * mantissa;

        if (square >> 127) {
            log += bit;
            mantissa = (uint64_t)(square >> 64);
        } else {
            mantissa = (uint64_t)(square >> 63);
        }
    }
    return log;
}

void group_logs_init(struct group_logs *logs)
{
    for (uint64_t i = 0; i <= GROUP_LOG_STEPS; i++)
        logs->table[i] = group_log2(GROUP_LOG_STEPS + i) - group_log2(GROUP_LOG_STEPS);
}

uint64_t group_exp2(int64_t log)
{
    assert(log <= 0);
    if (log <= -62 * GROUP_BIT)
        return 0;
    int64_t shift = -log / GROUP_BIT; // 2^log = 2^-rest / 2^shift, rest in [0, 1)
    uint64_t rest = (uint64_t)(-log - shift * GROUP_BIT);
    const uint64_t ln2 = UINT64_C(3196577161300663914); // ln 2 in units of 2^-62
    uint64_t x = (uint64_t)((wide)rest * ln2 >> 32), term = UINT64_C(1) << 62, value = term;

    // e^-x = 1 - x + x^2/2 - ...
    for (uint64_t k = 1; term > 0; k++) {
        term = (uint64_t)((wide)term * x >> 62) / k;
        value = k % 2 ? value - term : value + term;
    }
    return value >> shift;
}

void group_add_init(struct group_add *add)
{
    uint64_t roots[32]; // 2^(-i/32)

    for (int64_t i = 0; i < 32; i++)
        roots[i] = group_exp2(-i * GROUP_BIT / 32);
    for (int64_t i = 0; i <= GROUP_ADD_STEPS; i++) {
        uint64_t small = roots[i % 32] >> (i / 32);

        add->table[i] = group_log2((UINT64_C(1) << 62) + small) - 62 * GROUP_BIT;
    }
}

int64_t group_log_add(const struct group_add *add, int64_t a, int64_t b)
{
    const int64_t step = GROUP_BIT / 32;
    int64_t high = a > b ? a : b, difference = high - (a > b ? b : a);

    if (difference >= GROUP_ADD_STEPS * step)
        return high;
    int64_t at = difference / step, part = difference % step;
    int64_t fall = add->table[at] - add->table[at + 1];
    return high + add->table[at] - fall * (part >> 8) / (step >> 8);
}

int64_t group_log_choose(const struct group_logs *logs, uint64_t n, uint64_t m)
{
    int64_t log = 0;

    assert(m <= n);
    for (uint64_t i = 0; i < m; i++)
        log += group_logs_of(logs, n - i) - group_logs_of(logs, i + 1);
    return log;
}

uint32_t group_ppm(int64_t log)
{
    if (log < -21 * GROUP_BIT)
        return 0; // less than half a millionth

    if (log > 0)
        log = 0;
    return (uint32_t)(((wide)group_exp2(log) * 1000000 + (UINT64_C(1) << 61)) >> 62);
}
