#include "tests/lib/recount.h"

#include "busd/engine_group_math.h"
#include "tests/lib/group_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

enum { PHASES = 3 };

// Random numbers that every machine makes alike.
uint64_t recount_seed;

uint32_t recount_draw(uint32_t below)
{
    recount_seed = recount_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(recount_seed >> 33) % below;
}

// A network with what is known of it.

static const char *const kinds[] = {"line", "transformer", "lateral", "section", "feeder"};

static void find_below(struct recount_net *net)
{
    for (int32_t node = 0; node < net->nodes; node++) {
        size_t count;
        const struct model_premise *first = model_premises_below(net->model, node, &count);

        net->below[node] = 0;
        for (size_t i = 0; i < count; i++)
            net->below[node] |= 1U << model_premise_position(net->model, &first[i]);
    }
}

struct recount_net recount_random_net(void)
{
    struct recount_net net = {.model = model_new(),
                              .nodes = 2 + (int)recount_draw(RECOUNT_MOST_NODES - 1),
                              .premises = 2 + (int)recount_draw(RECOUNT_MOST_PREMISES - 1)};
    struct slice culprit;

    for (int i = 0; i < net.nodes; i++) {
        char id[16], parent[16] = "";

        snprintf(id, sizeof(id), "n%d", i);
        if (i > 0 && recount_draw(8))
            snprintf(parent, sizeof(parent), "n%d", (int)recount_draw((uint32_t)i));
        group_fixture_node(net.model, id, parent, kinds[recount_draw(5)],
                           recount_draw(4) ? "switch" : "none");
    }
    for (int i = 0; i < net.premises; i++) {
        char node[16] = "";

        if (recount_draw(16))
            snprintf(node, sizeof(node), "n%d", (int)recount_draw((uint32_t)net.nodes));
        group_fixture_premise(net.model, i + 1, node);
    }
    assert_true(model_finish(net.model, &culprit));
    find_below(&net);
    return net;
}

void recount_apply_net(const struct recount_net *net, struct group *group)
{
    for (int i = 0; i < net->premises; i++) {
        if (net->called[i])
            group_call(group, (uint32_t)i, net->time_ms[i]);
        group_set_wire(group, (uint32_t)i, net->wire[i]);
        group_set_flat(group, (uint32_t)i, net->flat[i]);
        group_set_back(group, (uint32_t)i, net->back[i]);
    }
    for (int i = 0; i < net->nodes; i++) {
        group_mark(group, i, net->marks[i]);
        for (int k = 0; k < net->covers[i]; k++)
            group_cover(group, i);
    }
}

// The recount. Everything over bit sets of premises, in floating point, without a tree.

static bool is_candidate(const struct recount_net *net, int node)
{
    return net->below[node] && !slice_is(model_node(net->model, node)->device, "none");
}

bool recount_is_barred(const struct recount_net *net, int node)
{
    for (int i = 0; i < net->nodes; i++) {
        if (net->marks[i] == GROUP_MARK_ENERGISED && model_is_below(net->model, i, node))
            return true;
    }
    return false;
}

static double rate_of(const struct recount_net *net, int kind)
{
    double counts[GROUP_KINDS] = {net->premises}, shares = 0;

    for (int i = 0; i < net->nodes; i++) {
        for (int k = 0; k < 5; k++) {
            if (is_candidate(net, i) && slice_is(model_node(net->model, i)->kind, kinds[k]))
                counts[k + 1]++;
        }
    }
    for (int k = 0; k < GROUP_KINDS; k++)
        shares += counts[k] > 0 ? group_fixture_rules.faults_ppm[k] : 0;
    return group_fixture_rules.faults_ppm[kind] / shares / counts[kind];
}

static double node_rate(const struct recount_net *net, int node)
{
    int kind = 1;

    while (!slice_is(model_node(net->model, node)->kind, kinds[kind - 1]))
        kind++;
    return recount_is_barred(net, node) ? 0 : rate_of(net, kind);
}

static void make_choices(struct recount *recount)
{
    const struct recount_net *net = recount->net;

    for (int i = 0; i < net->premises; i++)
        recount->choices[recount->count++] =
            (struct recount_choice){.set = 1U << i,
                                    .rate = rate_of(net, GROUP_PREMISE),
                                    .wire_rate = rate_of(net, GROUP_PREMISE),
                                    .lone = true};
    for (int i = 0; i < net->nodes; i++) {
        int at = 0;

        if (!is_candidate(net, i))
            continue;
        while (at < recount->count && recount->choices[at].set != net->below[i])
            at++;
        if (at == recount->count)
            recount->choices[recount->count++] = (struct recount_choice){.set = net->below[i]};
        recount->choices[at].rate += node_rate(net, i);
        recount->choices[at].wire_rate +=
            node_rate(net, i) * (slice_is(model_node(net->model, i)->kind, "transformer")
                                     ? group_fixture_rules.wire_ppm / 1e6
                                     : 1);
    }
    for (int i = 0; i < recount->count; i++)
        recount->choices[i].live = recount->choices[i].set & ~recount->covered;
}

static int bits(uint32_t set)
{
    return __builtin_popcount(set);
}

static double binomial(int n, int k, double p)
{
    return exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)) * pow(p, k) * pow(1 - p, n - k);
}

static double callers_share(int n)
{
    double share = 0;

    for (size_t i = 0; i < group_fixture_rules.callers_count &&
                       group_fixture_rules.callers[i].premises <= (uint32_t)n;
         i++)
        share = group_fixture_rules.callers[i].share_ppm / 1e6;
    return share;
}

double recount_choose_log(int n, int m)
{
    return (lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)) / log(2);
}

// How likely a moment is in a phase: its own third of them has three quarters of the belief.
static double weight_of(const struct group_moments *moments, size_t i, int phase)
{
    size_t phases = moments->count < PHASES ? moments->count : PHASES, own = 0;

    for (size_t k = 0; k < moments->count; k++)
        own += k * phases / moments->count == (size_t)phase;
    if (phase == RECOUNT_NO_PHASE || phases == 1)
        return 1.0 / (double)moments->count;
    return i * phases / moments->count == (size_t)phase ? 0.75 / (double)own
                                                        : 0.25 / (double)(moments->count - own);
}

double recount_share_log(int n, int m, const struct group_moments *moments, int phase)
{
    double p = callers_share(n), sum = 0;

    for (int k = 0; k <= n; k++) {
        if (m == 0)
            sum += binomial(n, k, p) / (k + 1);
        else if (moments->count == 0)
            sum += k >= m ? binomial(n, k, p) / k : 0;
        for (size_t i = 0; i < moments->count && m > 0 && k > 0; i++) {
            if ((int)ceil(k * (moments->values_ppm[i] / 1e6) - 1e-9) == m)
                sum += binomial(n, k, p) * weight_of(moments, i, phase);
        }
    }
    double log = sum > 0 ? log2(sum) : -56;
    return (log < -56 ? -56 : log) - recount_choose_log(n, m);
}

static double width_ms(const struct recount *recount, uint32_t among)
{
    double first = INFINITY, last = -INFINITY;

    for (int i = 0; i < recount->net->premises; i++) {
        if (among >> i & 1) {
            first = fmin(first, (double)recount->net->time_ms[i]);
            last = fmax(last, (double)recount->net->time_ms[i]);
        }
    }
    return last - first;
}

// As wide as calls that come evenly over a time have the variance that these have, in whole seconds.
static double even_width_ms(const struct recount *recount, uint32_t among)
{
    double count = 0, sum = 0, squares = 0;

    for (int i = 0; i < recount->net->premises; i++) {
        double second = (double)(recount->net->time_ms[i] / 1000);

        count += among >> i & 1;
        sum += among >> i & 1 ? second : 0;
        squares += among >> i & 1 ? second * second : 0;
    }
    return 1000 * sqrt(12 * fmax(0, squares / count - sum / count * sum / count));
}

// Each caller by the factor by which the width is above the share of `spread` that as many have.
static double late_log(const struct recount_choice *choice, uint32_t in, double width)
{
    int n = bits(choice->live), m = bits(in);
    double late = log2(width * n * callers_share(n) / m / (double)group_fixture_rules.spread_ms);

    return m >= 2 && 2 * m < n * callers_share(n) && late > 0 ? -m * late : 0;
}

double recount_own_log(const struct recount *recount, const struct recount_choice *choice,
                       const struct group_moments *moments, int phase)
{
    if (choice->rate <= 0 || !choice->live)
        return -INFINITY;
    bool wire = choice->live & recount->calls & recount->wires;
    double log =
        log2(wire ? choice->wire_rate : choice->rate) +
        recount_share_log(bits(choice->live), bits(choice->live & recount->calls), moments, phase);
    log += bits(choice->live & recount->backs) * log2(group_fixture_rules.mistaken_ppm / 1e6);
    if (bits(choice->set) > 1)
        log += bits(choice->live & recount->calls & recount->flats) *
               log2(group_fixture_rules.flat_ppm / 1e6);
    uint32_t in = choice->live & recount->calls;
    log += late_log(choice, in,
                    phase == RECOUNT_NO_PHASE ? width_ms(recount, in) : even_width_ms(recount, in));
    for (int i = 0; i < recount->net->nodes; i++) {
        uint32_t below = recount->net->below[i];
        if (recount->net->marks[i] == GROUP_MARK_OUT && below && (below & ~choice->set) == 0 &&
            below & ~recount->covered)
            log += 40;
    }
    return log;
}

double recount_log_sum(double a, double b)
{
    double high = fmax(a, b);

    return high == -INFINITY ? high : high + log2(exp2(a - high) + exp2(b - high));
}

// Every set of choices side by side; what is left over is single premises.
static void several(struct recount *recount, int from, uint32_t taken, double best, double sum)
{
    double unrelated =
        log2(group_fixture_rules.several.unrelated_milli / 1e3 / recount->net->premises);
    double attributed =
        log2(group_fixture_rules.attributed.unrelated_milli / 1e3 / recount->net->premises);

    if (from < recount->count) {
        const struct recount_choice *choice = &recount->choices[from];
        several(recount, from + 1, taken, best, sum);
        if (choice->lone || (choice->set & taken) || !(choice->live & recount->calls))
            return;
        double log =
            recount_own_log(recount, choice, &group_fixture_rules.several_moments, recount->phase);
        several(recount, from + 1, taken | choice->set,
                best + log + log2(group_fixture_rules.attributed.faults_milli / 1e3),
                sum + log + log2(group_fixture_rules.several.faults_milli / 1e3));
        return;
    }
    for (int i = 0; i < recount->net->premises; i++) {
        const struct recount_choice *choice = &recount->choices[i];
        if (!(choice->set & recount->calls & ~recount->covered) || choice->set & taken)
            continue;
        double log =
            recount_own_log(recount, choice, &group_fixture_rules.several_moments, recount->phase);
        best += recount_log_sum(log + log2(group_fixture_rules.attributed.faults_milli / 1e3),
                                attributed);
        sum +=
            recount_log_sum(log + log2(group_fixture_rules.several.faults_milli / 1e3), unrelated);
    }
    recount->several_best = fmax(recount->several_best, best);
    recount->several_sum = recount_log_sum(recount->several_sum, sum);
}

// All phases together, equally likely; the best set is that of the likeliest.
static void count_several(struct recount *recount)
{
    double sum = -INFINITY, highest = -INFINITY, best = 0;
    int likeliest = 0;

    for (recount->phase = 0; recount->phase < PHASES; recount->phase++) {
        recount->several_sum = recount->several_best = -INFINITY;
        several(recount, 0, 0, 0, 0);
        sum = recount_log_sum(sum, recount->several_sum - log2(PHASES));
        if (recount->several_sum > highest + 1e-3) { // near ties: either may be taken
            highest = recount->several_sum;
            likeliest = recount->phase;
            best = recount->several_best;
        }
    }
    recount->several_sum = sum;
    recount->several_best = best;
    recount->phase = likeliest;
}

double recount_one_log(const struct recount *recount, const struct recount_choice *choice)
{
    uint32_t live_calls = recount->calls & ~recount->covered, in = choice->live & live_calls;
    int outside = bits(live_calls & ~choice->live),
        others = recount->net->premises - bits(choice->live);

    if (!in || outside > (int)group_fixture_rules.unrelated_most || outside > others)
        return -INFINITY;
    double log =
        recount_own_log(recount, choice, &group_fixture_rules.one_moments, RECOUNT_NO_PHASE) -
        log2(group_fixture_rules.unrelated_most + 1) - recount_choose_log(others, outside);
    if (outside == others && others < (int)group_fixture_rules.unrelated_most)
        log += log2((int)group_fixture_rules.unrelated_most + 1 - others);
    return log;
}

struct recount recount_of_net(const struct recount_net *net)
{
    struct recount recount = {.net = net,
                              .one_sum = -INFINITY,
                              .one_best = -INFINITY,
                              .several_sum = -INFINITY,
                              .several_best = -INFINITY,
                              .best_singles = -INFINITY};
    bool outs = false;

    for (int i = 0; i < net->nodes; i++)
        recount.covered |= net->covers[i] ? net->below[i] : 0;
    for (int i = 0; i < net->premises; i++) {
        recount.calls |= net->called[i] && !(recount.covered >> i & 1) ? 1U << i : 0;
        recount.wires |= net->wire[i] ? 1U << i : 0;
        recount.flats |= net->flat[i] ? 1U << i : 0;
        recount.backs |= net->back[i] ? 1U << i : 0;
    }
    make_choices(&recount);
    count_several(&recount);
    recount.several_sum -=
        (group_fixture_rules.several.faults_milli + group_fixture_rules.several.unrelated_milli) /
        1e3 / log(2);
    for (int i = 0; i < net->nodes; i++)
        outs |= net->marks[i] == GROUP_MARK_OUT && net->below[i] & ~recount.covered;
    for (int i = 0; i < recount.count && !outs; i++) {
        double log = recount_one_log(&recount, &recount.choices[i]);
        // A premise beside others that called is the one of them that is not unrelated.
        if (recount.choices[i].lone) {
            recount.best_singles = recount_log_sum(recount.best_singles, log);
        } else {
            recount.one_best = fmax(recount.one_best, log);
        }
        recount.one_sum = recount_log_sum(recount.one_sum, log);
    }
    recount.one_best = fmax(recount.one_best, recount.best_singles);
    int calls = bits(recount.calls);
    double width =
        fmax(even_width_ms(&recount, recount.calls), (double)group_fixture_rules.burst_ms / 15);
    if (calls > 1 && width < (double)group_fixture_rules.burst_ms) {
        double burst = fmin(calls - 1, group_fixture_rules.burst_calls) *
                       log2((double)group_fixture_rules.burst_ms / width);
        recount.one_sum += burst;
        recount.one_best += burst;
    }
    recount.one_sum += log2(group_fixture_rules.one_ppm / 1e6);
    recount.one_best += log2(group_fixture_rules.one_ppm / 1e6);
    recount.several_sum += log2(1 - group_fixture_rules.one_ppm / 1e6);
    return recount;
}
