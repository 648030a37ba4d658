#include "busd/engine_group_share.h"

#include "busd/engine_group_math.h"
#include "busd/engine_map.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

enum { PPM = 1000000, FLOOR_BITS = 56, FIRST_SLOTS = 64, KNOWN_LOGS = 4096 };

// L(n, 0..count-1), the phases of each side by side.
struct table {
    uint32_t n, count;
    int64_t *logs;
};

struct group_share {
    struct group_rules rules;
    struct group_moments moments;
    size_t phases;
    uint64_t weights_ppm[GROUP_PHASES][GROUP_MOMENTS]; // of the belief that a moment is known
    struct table *slots;                               // open addressing by n; n = 0 is free
    size_t used, size;
    int64_t logs[KNOWN_LOGS]; // log2 of the small numbers
};

// Weights of K in [low, high], 2^60 at the most likely one; below 1 they are left out.
struct binomial {
    uint32_t low, high;
    uint64_t *weights;
    wide sum;
};

size_t group_share_phases(const struct group_moments *moments)
{
    if (moments->count == 0)
        return 1;
    return moments->count < GROUP_PHASES ? moments->count : GROUP_PHASES;
}

// The run that a moment is in.
static size_t phase_of(const struct group_moments *moments, size_t i)
{
    return i * group_share_phases(moments) / moments->count;
}

static void weigh_moments(struct group_share *share, size_t phase)
{
    const struct group_moments *moments = &share->moments;
    uint64_t *weights = share->weights_ppm[phase];
    size_t own = 0;

    for (size_t i = 0; i < moments->count; i++)
        own += phase_of(moments, i) == phase;
    for (size_t i = 0; i < moments->count; i++) {
        if (share->phases == 1)
            weights[i] = moments->known_ppm / moments->count;
        else if (phase_of(moments, i) == phase)
            weights[i] = (uint64_t)moments->known_ppm * 3 / 4 / own;
        else
            weights[i] = moments->known_ppm / 4 / (moments->count - own);
    }
}

struct group_share *group_share_new(const struct group_rules *rules,
                                    const struct group_moments *moments, bool phased)
{
    struct group_share *share = mem_alloc(sizeof(*share));

    share->rules = *rules;
    share->moments = *moments;
    share->phases = phased ? group_share_phases(moments) : 1;
    for (size_t phase = 0; phase < share->phases; phase++)
        weigh_moments(share, phase);
    share->size = FIRST_SLOTS;
    share->slots = mem_alloc(share->size * sizeof(*share->slots));
    for (uint32_t number = 1; number < KNOWN_LOGS; number++)
        share->logs[number] = group_log2(number);
    return share;
}

void group_share_free(struct group_share *share)
{
    if (!share)
        return;
    for (size_t i = 0; i < share->size; i++)
        free(share->slots[i].logs);
    free(share->slots);
    free(share);
}

uint32_t group_share_callers(const struct group_rules *rules, uint32_t n)
{
    uint32_t ppm = rules->callers[0].share_ppm;

    for (size_t i = 1; i < rules->callers_count && rules->callers[i].premises <= n; i++)
        ppm = rules->callers[i].share_ppm;
    return ppm;
}

static uint64_t next_up(uint64_t weight, uint32_t n, uint32_t k, uint32_t ppm)
{
    return (uint64_t)((wide)weight * (n - k) * ppm / ((wide)(k + 1) * (PPM - ppm)));
}

static uint64_t next_down(uint64_t weight, uint32_t n, uint32_t k, uint32_t ppm)
{
    return (uint64_t)((wide)weight * k * (PPM - ppm) / ((wide)(n - k + 1) * ppm));
}

static struct binomial binomial_new(uint32_t n, uint32_t ppm)
{
    uint32_t mode = (uint32_t)(((uint64_t)n + 1) * ppm / PPM);
    struct binomial binomial = {.low = mode, .high = mode};
    const uint64_t top = UINT64_C(1) << 60;
    uint64_t weight;

    for (weight = top; binomial.low > 0; binomial.low--) {
        weight = next_down(weight, n, binomial.low, ppm);
        if (weight == 0)
            break;
    }
    for (weight = top; binomial.high < n; binomial.high++) {
        weight = next_up(weight, n, binomial.high, ppm);
        if (weight == 0)
            break;
    }
    binomial.weights = mem_alloc((binomial.high - binomial.low + 1) * sizeof(uint64_t));
    binomial.weights[mode - binomial.low] = top;
    for (uint32_t k = mode; k > binomial.low; k--)
        binomial.weights[k - 1 - binomial.low] =
            next_down(binomial.weights[k - binomial.low], n, k, ppm);
    for (uint32_t k = mode; k < binomial.high; k++)
        binomial.weights[k + 1 - binomial.low] =
            next_up(binomial.weights[k - binomial.low], n, k, ppm);
    for (uint32_t k = binomial.low; k <= binomial.high; k++)
        binomial.sum += binomial.weights[k - binomial.low];
    return binomial;
}

// Adds P(m) of the unknown moment for m = 1..high, with `ppm` of the belief.
static void add_unknown(const struct binomial *binomial, uint64_t ppm, wide *weights)
{
    wide tail = 0;

    for (uint32_t m = binomial->high; m >= 1; m--) {
        if (m >= binomial->low)
            tail += (wide)binomial->weights[m - binomial->low] * PPM / m;
        weights[m] += tail / PPM * ppm;
    }
}

static void add_known(const struct binomial *binomial, uint64_t ppm, uint32_t moment_ppm,
                      wide *weights)
{
    for (uint32_t k = binomial->low ? binomial->low : 1; k <= binomial->high; k++) {
        uint32_t m = (uint32_t)(((uint64_t)k * moment_ppm + PPM - 1) / PPM);

        weights[m ? m : 1] += (wide)binomial->weights[k - binomial->low] * ppm;
    }
}

static int64_t log_wide(wide number)
{
    int shift = 0;

    while (number >> 64) {
        number >>= 1;
        shift++;
    }
    return group_log2((uint64_t)number) + shift * GROUP_BIT;
}

// No caller yet: the moment is uniform on 0..K.
static int64_t log_silent(const struct binomial *binomial)
{
    wide sum = 0;

    for (uint32_t k = binomial->low; k <= binomial->high; k++)
        sum += (wide)binomial->weights[k - binomial->low] * PPM / (k + 1);
    return log_wide(sum) - log_wide(binomial->sum * PPM);
}

static int64_t log_weight(const struct binomial *binomial, uint32_t m, wide weight, int64_t whole)
{
    int64_t log = -FLOOR_BITS * GROUP_BIT;

    if (m > binomial->high)
        log -= (int64_t)(m - binomial->high) * GROUP_BIT;
    else if (weight && log_wide(weight) - whole > log)
        log = log_wide(weight) - whole;
    return log;
}

static int64_t log_of(const struct group_share *share, uint32_t number)
{
    return number < KNOWN_LOGS ? share->logs[number] : group_log2(number);
}

// The column of one phase.
static void fill_phase(const struct group_share *share, const struct binomial *binomial,
                       size_t phase, struct table *table)
{
    const struct group_moments *moments = &share->moments;
    wide *weights = mem_alloc(((size_t)binomial->high + 1) * sizeof(*weights));
    int64_t whole = log_wide(binomial->sum * PPM), choose = 0;

    add_unknown(binomial, moments->count ? PPM - moments->known_ppm : PPM, weights);
    for (size_t i = 0; i < moments->count; i++)
        add_known(binomial, share->weights_ppm[phase][i], moments->values_ppm[i], weights);
    table->logs[phase] = log_silent(binomial);
    for (uint32_t m = 1; m < table->count; m++) {
        wide weight = m > binomial->high ? 0 : weights[m];

        choose += log_of(share, table->n - m + 1) - log_of(share, m);
        table->logs[m * share->phases + phase] = log_weight(binomial, m, weight, whole) - choose;
    }
    free(weights);
}

static void fill(const struct group_share *share, struct table *table, uint32_t at_least)
{
    struct binomial binomial = binomial_new(table->n, group_share_callers(&share->rules, table->n));

    table->count = (at_least > binomial.high ? at_least : binomial.high) + 1;
    free(table->logs);
    table->logs = mem_alloc(table->count * share->phases * sizeof(*table->logs));
    for (size_t phase = 0; phase < share->phases; phase++)
        fill_phase(share, &binomial, phase, table);
    free(binomial.weights);
}

static struct table *find(const struct group_share *share, uint32_t n)
{
    size_t slot = engine_hash_number(n) & (share->size - 1);

    while (share->slots[slot].n && share->slots[slot].n != n)
        slot = (slot + 1) & (share->size - 1);
    return &share->slots[slot];
}

static void grow(struct group_share *share)
{
    struct group_share old = *share;

    share->size *= 2;
    share->slots = mem_alloc(share->size * sizeof(*share->slots));
    for (size_t i = 0; i < old.size; i++) {
        if (old.slots[i].n)
            *find(share, old.slots[i].n) = old.slots[i];
    }
    free(old.slots);
}

const int64_t *group_share_logs(struct group_share *share, uint32_t n, uint32_t m)
{
    assert(n > 0 && m <= n);
    struct table *table = find(share, n);

    if (table->n == 0) {
        if (2 * ++share->used > share->size) {
            grow(share);
            table = find(share, n);
        }
        table->n = n;
        fill(share, table, m);
    } else if (m >= table->count) {
        uint64_t room = 2 * (uint64_t)m;
        fill(share, table, room > n ? n : (uint32_t)room);
    }
    return &table->logs[m * share->phases];
}
