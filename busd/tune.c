#include "busd/tune.h"

#include "busd/engine_group.h"
#include "lib/mem.h"

#include <math.h>
#include <stdlib.h>

enum { PPM = 1000000, MOST_UNRELATED = 8, STEPS = 60, LEAST_PPM = 1 };

const int tune_percents[TUNE_MOMENTS] = {20, 40};

// Some of the faults, in their order.
struct sample {
    const struct past *past;
    const struct past_fault **faults;
    size_t count;
};

static uint32_t premises_of(const struct sample *sample, const struct past_fault *fault)
{
    return fault->node == MODEL_NO_NODE
               ? 1
               : model_node(sample->past->model, fault->node)->premises_below;
}

static enum group_kind kind_of(const struct sample *sample, const struct past_fault *fault)
{
    return fault->node == MODEL_NO_NODE
               ? GROUP_PREMISE
               : group_kind_of(model_node(sample->past->model, fault->node));
}

static double share_of(const struct group_rules *rules, uint32_t premises)
{
    double ppm = rules->callers[0].share_ppm;

    for (size_t i = 1; i < rules->callers_count && rules->callers[i].premises <= premises; i++)
        ppm = rules->callers[i].share_ppm;
    return ppm / PPM;
}

// P(somebody calls).
static double heard(double share, double premises)
{
    return -expm1(premises * log1p(-share));
}

// --- callers --------------------------------------------------------------------------------------

// Callers that are expected where there is one at least, of the faults of a size and of the prior's.
static double expected_callers(const struct sample *sample, const struct group_rules *present,
                               uint32_t from, uint32_t to, double share, double *called)
{
    double prior = 2.0 * from, old = share_of(present, from);

    *called = TUNE_PRIOR * prior * old / heard(old, prior);
    double expected = TUNE_PRIOR * prior * share / heard(share, prior);
    for (size_t i = 0; i < sample->count; i++) {
        double premises = premises_of(sample, sample->faults[i]);

        if (premises < from || premises >= to || sample->faults[i]->call_count == 0)
            continue;
        *called += (double)sample->faults[i]->call_count;
        expected += premises * share / heard(share, premises);
    }
    return expected;
}

static void learn_callers(const struct sample *sample, const struct group_rules *present,
                          struct group_rules *learnt)
{
    for (size_t i = 0; i < present->callers_count; i++) {
        uint32_t from = present->callers[i].premises;
        uint32_t to =
            i + 1 < present->callers_count ? present->callers[i + 1].premises : UINT32_MAX;
        double low = 1e-6, high = 0.95, called;

        // What is expected rises with the share.
        for (int step = 0; step < STEPS; step++) {
            double middle = (low + high) / 2;

            if (expected_callers(sample, present, from, to, middle, &called) < called)
                low = middle;
            else
                high = middle;
        }
        // A share of single premises cannot be told from those that called: everybody did.
        if (to - from > 1)
            learnt->callers[i].share_ppm = (uint32_t)(low * PPM + 0.5);
    }
}

// --- faults ---------------------------------------------------------------------------------------

// Places of each kind in the network.
static void count_places(const struct past *past, double counts[GROUP_KINDS])
{
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        counts[kind] = 0;
    counts[GROUP_PREMISE] = (double)model_premise_count(past->model);
    for (size_t i = 0; i < model_node_count(past->model); i++) {
        const struct model_node *node = model_node(past->model, (int32_t)i);

        if (group_can_fail(node))
            counts[group_kind_of(node)]++;
    }
}

static void learn_faults(const struct sample *sample, const struct group_rules *present,
                         struct group_rules *learnt)
{
    double counts[GROUP_KINDS], weights[GROUP_KINDS] = {0}, before = 0, all = 0;

    count_places(sample->past, counts);
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        before += counts[kind] > 0 ? present->faults_ppm[kind] : 0;
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        weights[kind] = counts[kind] > 0 ? TUNE_PRIOR * present->faults_ppm[kind] / before : 0;
    for (size_t i = 0; i < sample->count; i++) {
        const struct past_fault *fault = sample->faults[i];
        double premises = premises_of(sample, fault);

        if (fault->call_count > 0 && counts[kind_of(sample, fault)] > 0)
            weights[kind_of(sample, fault)] +=
                1 / heard(share_of(learnt, (uint32_t)premises), premises);
    }
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        all += weights[kind];
    for (int kind = 0; kind < GROUP_KINDS; kind++) {
        // The kinds that are there share what they shared before.
        double ppm = weights[kind] / all * fmin(before, PPM);

        if (counts[kind] > 0)
            learnt->faults_ppm[kind] = (uint32_t)fmax(LEAST_PPM, ppm + 0.5);
    }
}

// --- unrelated calls ------------------------------------------------------------------------------

static size_t calls_before(const struct past *past, int64_t time_ms)
{
    size_t low = 0, high = past->unrelated_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (past->unrelated[middle].time_ms < time_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t calls_between(const struct past *past, int64_t from_ms, int64_t to_ms)
{
    return calls_before(past, to_ms + 1) - calls_before(past, from_ms);
}

static void learn_unrelated(const struct sample *sample, const struct group_rules *present,
                            struct group_rules *learnt)
{
    double beside = 0, within = 0, faults = TUNE_PRIOR, size;
    size_t premises = model_premise_count(sample->past->model);

    beside = TUNE_PRIOR * present->unrelated_most / 2.0;
    size = premises > present->network_premises ? (double)premises / present->network_premises : 1;
    within = TUNE_PRIOR * present->several.unrelated_milli / 1e3 * size;
    for (size_t i = 0; i < sample->count; i++) {
        const struct past_fault *fault = sample->faults[i];

        if (fault->call_count == 0)
            continue;
        int64_t first_ms = fault->calls[0].time_ms;
        faults++;
        beside += (double)calls_between(sample->past, first_ms,
                                        fault->calls[fault->call_count - 1].time_ms);
        within += (double)calls_between(sample->past, first_ms, first_ms + present->window_ms);
    }
    double most = floor(2 * beside / faults + 0.5);
    learnt->unrelated_most = (uint32_t)fmin(fmax(most, 1), MOST_UNRELATED);
    learnt->several.unrelated_milli = (uint32_t)fmax(1, within / faults / size * 1e3 + 0.5);
}

static void learn(const struct sample *sample, const struct group_rules *present,
                  struct group_rules *learnt)
{
    *learnt = *present;
    learn_callers(sample, present, learnt);
    learn_faults(sample, present, learnt);
    learn_unrelated(sample, present, learnt);
}

// --- the gain -------------------------------------------------------------------------------------

static double rate_of(const struct group_rules *rules, const double counts[GROUP_KINDS],
                      enum group_kind kind)
{
    double shares = 0;

    for (int i = 0; i < GROUP_KINDS; i++)
        shares += counts[i] > 0 ? rules->faults_ppm[i] : 0;
    return counts[kind] > 0 ? rules->faults_ppm[kind] / shares / counts[kind] : 0;
}

// How many of all faults are heard of.
static double heard_at_all(const struct past *past, const struct group_rules *rules,
                           const double counts[GROUP_KINDS])
{
    double rates[GROUP_KINDS];

    for (int kind = 0; kind < GROUP_KINDS; kind++)
        rates[kind] = rate_of(rules, counts, (enum group_kind)kind);
    double sum = counts[GROUP_PREMISE] * rates[GROUP_PREMISE] * share_of(rules, 1);
    for (size_t i = 0; i < model_node_count(past->model); i++) {
        const struct model_node *node = model_node(past->model, (int32_t)i);

        if (group_can_fail(node))
            sum += rates[group_kind_of(node)] *
                   heard(share_of(rules, node->premises_below), node->premises_below);
    }
    return sum;
}

// Mean log2 of P(this place, so many callers | somebody called).
static double mean_log(const struct sample *sample, const struct group_rules *rules)
{
    double counts[GROUP_KINDS], sum = 0;
    size_t count = 0;

    count_places(sample->past, counts);
    double all = heard_at_all(sample->past, rules, counts);
    for (size_t i = 0; i < sample->count; i++) {
        const struct past_fault *fault = sample->faults[i];
        double n = premises_of(sample, fault), k = (double)fault->call_count;
        double rate = rate_of(rules, counts, kind_of(sample, fault));
        double share = share_of(rules, (uint32_t)n);

        if (fault->call_count == 0 || rate <= 0)
            continue;
        sum += log(rate / all) + lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) +
               k * log(share) + (n - k) * log1p(-share);
        count++;
    }
    return count ? sum / (double)count / log(2) : 0;
}

struct answer {
    const struct past *past;
    const struct past_fault *truth;
    size_t faults;
    bool right;
};

// The same premises below: no call could tell them apart.
static bool is_same(const struct past *past, const struct past_fault *truth,
                    const struct group_fault *fault)
{
    const struct model *model = past->model;
    uint32_t premises =
        truth->node == MODEL_NO_NODE ? 1 : model_node(model, truth->node)->premises_below;

    if (fault->premises != premises)
        return false;
    if (premises == 1)
        return fault->premise == truth->calls[0].premise;
    return fault->node != MODEL_NO_NODE && (model_is_below(model, fault->node, truth->node) ||
                                            model_is_below(model, truth->node, fault->node));
}

static void look(void *context, const struct group_fault *fault)
{
    struct answer *answer = context;

    answer->faults++;
    answer->right |= is_same(answer->past, answer->truth, fault);
}

// The share whose device is named, and nothing else, by the first calls.
static void judge(const struct sample *sample, const struct group_rules *rules,
                  double exact[TUNE_MOMENTS])
{
    struct group *group = group_new(sample->past->model, rules);
    size_t right[TUNE_MOMENTS] = {0}, count = 0;

    for (size_t i = 0; i < sample->count && count < TUNE_JUDGED; i++) {
        const struct past_fault *fault = sample->faults[i];

        if (fault->call_count == 0)
            continue;
        count++;
        for (int moment = 0; moment < TUNE_MOMENTS; moment++) {
            size_t calls = (fault->call_count * (size_t)tune_percents[moment] + 99) / 100;
            struct answer answer = {.past = sample->past, .truth = fault};

            for (size_t k = 0; k < calls; k++)
                group_call(group, fault->calls[k].premise, fault->calls[k].time_ms);
            group_explain(group, GROUP_BEST, look, &answer);
            right[moment] += answer.right && answer.faults == 1;
            for (size_t k = 0; k < calls; k++)
                group_forget(group, fault->calls[k].premise);
        }
    }
    for (int moment = 0; moment < TUNE_MOMENTS; moment++)
        exact[moment] = count ? (double)right[moment] / (double)count : 0;
    group_free(group);
}

bool tune_set(const struct past *past, bool storm, const struct group_rules *present,
              struct group_rules *learnt, struct tune_gain *gain)
{
    struct sample all = {.past = past,
                         .faults = mem_alloc((past->fault_count + 1) * sizeof(*all.faults))};
    struct group_rules early;

    for (size_t i = 0; i < past->fault_count; i++) {
        if (past->faults[i].storm == storm && past->faults[i].call_count > 0)
            all.faults[all.count++] = &past->faults[i];
    }
    *learnt = *present;
    *gain = (struct tune_gain){.learnt = all.count};
    if (all.count >= TUNE_FAULTS) {
        struct sample first = {past, all.faults, all.count * 2 / 3};
        struct sample last = {past, all.faults + first.count, all.count - first.count};

        learn(&first, present, &early);
        gain->held_out = last.count;
        gain->log_old = mean_log(&last, present);
        gain->log_new = mean_log(&last, &early);
        judge(&last, present, gain->exact_old);
        judge(&last, &early, gain->exact_new);
        learn(&all, present, learnt);
    }
    free(all.faults);
    return gain->held_out > 0;
}
