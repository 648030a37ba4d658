// Grouping against a recount over every possible explanation, on small random networks.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "busd/engine_group_math.h"
#include "busd/engine_group_share.h"
#include "tests/lib/group_fixture.h"

enum { MOST_NODES = 9, MOST_PREMISES = 12, PHASES = 3, NO_PHASE = -1 };

#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

// Random numbers that every machine makes alike.
static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

// A network with what is known of it.

struct net {
    struct model *model;
    int nodes, premises;
    uint32_t below[MOST_NODES]; // bits of positions
    bool called[MOST_PREMISES], back[MOST_PREMISES], wire[MOST_PREMISES];
    int64_t time_ms[MOST_PREMISES];
    enum group_mark marks[MOST_NODES];
    int covers[MOST_NODES];
};

static const char *const kinds[] = {"line", "transformer", "lateral", "section", "feeder"};

static void find_below(struct net *net)
{
    for (int32_t node = 0; node < net->nodes; node++) {
        size_t count;
        const struct model_premise *first = model_premises_below(net->model, node, &count);

        net->below[node] = 0;
        for (size_t i = 0; i < count; i++)
            net->below[node] |= 1U << model_premise_position(net->model, &first[i]);
    }
}

static struct net random_net(void)
{
    struct net net = {.model = model_new(),
                      .nodes = 2 + (int)draw(MOST_NODES - 1),
                      .premises = 2 + (int)draw(MOST_PREMISES - 1)};
    struct slice culprit;

    for (int i = 0; i < net.nodes; i++) {
        char id[16], parent[16] = "";

        snprintf(id, sizeof(id), "n%d", i);
        if (i > 0 && draw(8))
            snprintf(parent, sizeof(parent), "n%d", (int)draw((uint32_t)i));
        group_fixture_node(net.model, id, parent, kinds[draw(5)], draw(4) ? "switch" : "none");
    }
    for (int i = 0; i < net.premises; i++) {
        char node[16] = "";

        if (draw(16))
            snprintf(node, sizeof(node), "n%d", (int)draw((uint32_t)net.nodes));
        group_fixture_premise(net.model, i + 1, node);
    }
    assert_true(model_finish(net.model, &culprit));
    find_below(&net);
    return net;
}

static void apply(const struct net *net, struct group *group)
{
    for (int i = 0; i < net->premises; i++) {
        if (net->called[i])
            group_call(group, (uint32_t)i, net->time_ms[i]);
        group_set_wire(group, (uint32_t)i, net->wire[i]);
        group_set_back(group, (uint32_t)i, net->back[i]);
    }
    for (int i = 0; i < net->nodes; i++) {
        group_mark(group, i, net->marks[i]);
        for (int k = 0; k < net->covers[i]; k++)
            group_cover(group, i);
    }
}

// The recount. Everything over bit sets of premises, in floating point, without a tree.

struct choice { // a class of candidates, or a premise
    uint32_t set, live, low_members;
    double rate;      // of the members that are not barred
    double wire_rate; // the same where a wire is down
    bool lone;
};

struct recount {
    const struct net *net;
    struct choice choices[MOST_NODES + MOST_PREMISES];
    int count;
    uint32_t calls, backs, covered, wires;
    double one_sum, one_best, several_sum, several_best; // logs to base 2
    double best_singles;
    int phase; // that `several` is counted in; at last the likeliest
};

static bool is_candidate(const struct net *net, int node)
{
    return net->below[node] && !slice_is(model_node(net->model, node)->device, "none");
}

static bool is_barred(const struct net *net, int node)
{
    for (int i = 0; i < net->nodes; i++) {
        if (net->marks[i] == GROUP_MARK_ENERGISED && model_is_below(net->model, i, node))
            return true;
    }
    return false;
}

static double rate_of(const struct net *net, int kind)
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

static double node_rate(const struct net *net, int node)
{
    int kind = 1;

    while (!slice_is(model_node(net->model, node)->kind, kinds[kind - 1]))
        kind++;
    return is_barred(net, node) ? 0 : rate_of(net, kind);
}

static void make_choices(struct recount *recount)
{
    const struct net *net = recount->net;

    for (int i = 0; i < net->premises; i++)
        recount->choices[recount->count++] =
            (struct choice){.set = 1U << i,
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
            recount->choices[recount->count++] = (struct choice){.set = net->below[i]};
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

static double log_choose(int n, int m)
{
    return (lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1)) / log(2);
}

// How likely a moment is in a phase: its own third of them has three quarters of the belief.
static double weight_of(const struct group_moments *moments, size_t i, int phase)
{
    size_t phases = moments->count < PHASES ? moments->count : PHASES, own = 0;

    for (size_t k = 0; k < moments->count; k++)
        own += k * phases / moments->count == (size_t)phase;
    if (phase == NO_PHASE || phases == 1)
        return 1.0 / (double)moments->count;
    return i * phases / moments->count == (size_t)phase ? 0.75 / (double)own
                                                        : 0.25 / (double)(moments->count - own);
}

static double share_log(int n, int m, const struct group_moments *moments, int phase)
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
    return (log < -56 ? -56 : log) - log_choose(n, m);
}

static double own(const struct recount *recount, const struct choice *choice,
                  const struct group_moments *moments, int phase)
{
    if (choice->rate <= 0 || !choice->live)
        return -INFINITY;
    bool wire = choice->live & recount->calls & recount->wires;
    double log = log2(wire ? choice->wire_rate : choice->rate) +
                 share_log(bits(choice->live), bits(choice->live & recount->calls), moments, phase);
    log += bits(choice->live & recount->backs) * log2(group_fixture_rules.mistaken_ppm / 1e6);
    for (int i = 0; i < recount->net->nodes; i++) {
        uint32_t below = recount->net->below[i];
        if (recount->net->marks[i] == GROUP_MARK_OUT && below && (below & ~choice->set) == 0 &&
            below & ~recount->covered)
            log += 40;
    }
    return log;
}

static double log_sum(double a, double b)
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
        const struct choice *choice = &recount->choices[from];
        several(recount, from + 1, taken, best, sum);
        if (choice->lone || (choice->set & taken) || !(choice->live & recount->calls))
            return;
        double log = own(recount, choice, &group_fixture_rules.several_moments, recount->phase);
        several(recount, from + 1, taken | choice->set,
                best + log + log2(group_fixture_rules.attributed.faults_milli / 1e3),
                sum + log + log2(group_fixture_rules.several.faults_milli / 1e3));
        return;
    }
    for (int i = 0; i < recount->net->premises; i++) {
        const struct choice *choice = &recount->choices[i];
        if (!(choice->set & recount->calls & ~recount->covered) || choice->set & taken)
            continue;
        double log = own(recount, choice, &group_fixture_rules.several_moments, recount->phase);
        best += log_sum(log + log2(group_fixture_rules.attributed.faults_milli / 1e3), attributed);
        sum += log_sum(log + log2(group_fixture_rules.several.faults_milli / 1e3), unrelated);
    }
    recount->several_best = fmax(recount->several_best, best);
    recount->several_sum = log_sum(recount->several_sum, sum);
}

// All phases together, equally likely; the best set is that of the likeliest.
static void count_several(struct recount *recount)
{
    double sum = -INFINITY, highest = -INFINITY, best = 0;
    int likeliest = 0;

    for (recount->phase = 0; recount->phase < PHASES; recount->phase++) {
        recount->several_sum = recount->several_best = -INFINITY;
        several(recount, 0, 0, 0, 0);
        sum = log_sum(sum, recount->several_sum - log2(PHASES));
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

static double one_log(const struct recount *recount, const struct choice *choice)
{
    uint32_t live_calls = recount->calls & ~recount->covered, in = choice->live & live_calls;
    int outside = bits(live_calls & ~choice->live),
        others = recount->net->premises - bits(choice->live);

    if (!in || outside > (int)group_fixture_rules.unrelated_most || outside > others)
        return -INFINITY;
    double log = own(recount, choice, &group_fixture_rules.one_moments, NO_PHASE) -
                 log2(group_fixture_rules.unrelated_most + 1) - log_choose(others, outside);
    if (outside == others && others < (int)group_fixture_rules.unrelated_most)
        log += log2((int)group_fixture_rules.unrelated_most + 1 - others);
    int n = bits(choice->live), m = bits(in);
    double late = log2(width_ms(recount, in) * n * callers_share(n) / m /
                       (double)group_fixture_rules.spread_ms);
    if (!choice->lone && m >= 2 && m < n * callers_share(n) && late > 0)
        log -= m * late;
    return log;
}

static struct recount recount_of(const struct net *net)
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
        double log = one_log(&recount, &recount.choices[i]);
        // A premise beside others that called is the one of them that is not unrelated.
        if (recount.choices[i].lone) {
            recount.best_singles = log_sum(recount.best_singles, log);
        } else {
            recount.one_best = fmax(recount.one_best, log);
        }
        recount.one_sum = log_sum(recount.one_sum, log);
    }
    recount.one_best = fmax(recount.one_best, recount.best_singles);
    int calls = bits(recount.calls);
    double width =
        fmax(width_ms(&recount, recount.calls), (double)group_fixture_rules.burst_ms / 15);
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

// Comparing an answer with it.

static uint32_t set_of(const struct net *net, const struct group_fault *fault)
{
    return fault->node == MODEL_NO_NODE ? 1U << fault->premise : net->below[fault->node];
}

static const struct choice *choice_of(const struct recount *recount, uint32_t set)
{
    for (int i = 0; i < recount->count; i++) {
        if (recount->choices[i].set == set)
            return &recount->choices[i];
    }
    return NULL;
}

static double several_score(const struct recount *recount, const struct group_faults *answer)
{
    double score = 0;

    for (int i = 0; i < answer->count; i++) {
        const struct choice *choice = choice_of(recount, set_of(recount->net, &answer->items[i]));
        double log = own(recount, choice, &group_fixture_rules.several_moments, recount->phase) +
                     log2(group_fixture_rules.attributed.faults_milli / 1e3);
        score += choice->lone ? log_sum(log, log2(group_fixture_rules.attributed.unrelated_milli /
                                                  1e3 / recount->net->premises))
                              : log;
    }
    return score;
}

static void check_answer(const struct net *net, struct group *group)
{
    struct recount recount = recount_of(net);
    struct group_verdict verdict = group_verdict(group);
    uint32_t covered = 0;
    double both = log_sum(recount.one_sum, recount.several_sum);

    struct group_faults answer = group_fixture_faults(group, GROUP_BEST);
    assert_int_equal(verdict.calls, bits(recount.calls));
    if (!recount.calls)
        return;
    for (int i = 0; i < answer.count; i++) {
        uint32_t set = set_of(net, &answer.items[i]);

        assert_int_equal(set & covered, 0); // side by side
        covered |= set;
        if (answer.items[i].node != MODEL_NO_NODE)
            assert_false(is_barred(net, answer.items[i].node));
    }
    assert_int_equal(recount.calls & ~covered, 0); // every call is explained
    assert_near(verdict.one_ppm / 1e6, exp2(recount.one_sum - both), 2e-3);
    if (!verdict.one) {
        assert_true(recount.several_sum > recount.one_sum - 1e-3);
        assert_true(several_score(&recount, &answer) > recount.several_best - 1e-3);
        return;
    }
    assert_true(recount.one_sum > recount.several_sum - 1e-3);
    double best = recount.best_singles;
    for (int i = 0; i < answer.count; i++) {
        if (answer.items[i].node != MODEL_NO_NODE &&
            !choice_of(&recount, set_of(net, &answer.items[i]))->lone)
            best = one_log(&recount, choice_of(&recount, set_of(net, &answer.items[i])));
    }
    for (int i = 0; i < recount.count; i++) {
        if (!recount.choices[i].lone)
            assert_true(best > one_log(&recount, &recount.choices[i]) - 1e-3);
    }
    assert_true(best > recount.best_singles - 1e-3);
}

static void random_evidence(struct net *net, bool all_kinds)
{
    for (int i = 0; i < net->premises; i++) {
        net->called[i] = draw(3) == 0;
        net->time_ms[i] = draw(2) ? draw(400000) : draw(4000000);
        net->back[i] = all_kinds && !net->called[i] && draw(8) == 0;
        net->wire[i] = all_kinds && draw(5) == 0;
    }
    for (int i = 0; i < net->nodes && all_kinds; i++) {
        net->marks[i] = draw(10) == 0 ? GROUP_MARK_ENERGISED : GROUP_MARK_NONE;
        net->covers[i] = draw(14) == 0;
    }
}

static void check_random(bool all_kinds, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        struct net net = random_net();
        struct group *group = group_new(net.model, &group_fixture_rules);

        random_evidence(&net, all_kinds);
        apply(&net, group);
        check_answer(&net, group);
        group_free(group);
        model_free(net.model);
    }
}

static void the_answer_is_the_best_of_all_explanations(void **state)
{
    (void)state;
    seed = 1;
    check_random(false, 1500);
}

static void marks_covers_and_power_back_count_as_in_a_full_recount(void **state)
{
    (void)state;
    seed = 2;
    check_random(true, 1500);
}

// The same evidence by another way.

static void change(struct net *net, struct group *group)
{
    int node = (int)draw((uint32_t)net->nodes), premise = (int)draw((uint32_t)net->premises);

    switch (draw(7)) {
    case 6:
        net->wire[premise] = !net->wire[premise];
        group_set_wire(group, (uint32_t)premise, net->wire[premise]);
        break;
    case 0:
    case 1:
        net->called[premise] = true;
        net->back[premise] = false;
        net->time_ms[premise] = draw(3600000);
        group_call(group, (uint32_t)premise, net->time_ms[premise]);
        break;
    case 2:
        assert_int_equal(group_forget(group, (uint32_t)premise), net->called[premise]);
        net->called[premise] = false;
        break;
    case 3:
        net->back[premise] = draw(4) == 0;
        net->called[premise] = net->called[premise] && !net->back[premise];
        group_set_back(group, (uint32_t)premise, net->back[premise]);
        break;
    case 4:
        net->marks[node] = (enum group_mark)draw(3);
        group_mark(group, node, net->marks[node]);
        break;
    default:
        if (net->covers[node] && draw(2)) {
            net->covers[node]--;
            group_uncover(group, node);
        } else if (net->covers[node] < 2) {
            net->covers[node]++;
            group_cover(group, node);
        }
    }
}

static void assert_same(struct group *one, struct group *other)
{
    for (int which = GROUP_BEST; which <= GROUP_SECOND; which++) {
        struct group_faults a = group_fixture_faults(one, (enum group_which)which);
        struct group_faults b = group_fixture_faults(other, (enum group_which)which);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.items, b.items, sizeof(a.items[0]) * (size_t)a.count);
    }
    struct group_verdict a = group_verdict(one), b = group_verdict(other);
    assert_int_equal(a.one, b.one);
    assert_int_equal(a.one_ppm, b.one_ppm);
    assert_int_equal(a.gain_millibits, b.gain_millibits);
}

static void any_way_to_the_same_evidence_ends_at_the_same_answer(void **state)
{
    (void)state;
    seed = 3;
    for (int round = 0; round < 150; round++) {
        struct net net = random_net();
        struct group *group = group_new(net.model, &group_fixture_rules);

        for (int step = 0; step < 40; step++) {
            change(&net, group);
            struct group *fresh = group_new(net.model, &group_fixture_rules);
            apply(&net, fresh);
            assert_same(group, fresh);
            group_free(fresh);
        }
        group_free(group);
        model_free(net.model);
    }
}

static void a_call_is_in_the_fault_that_lists_it(void **state)
{
    (void)state;
    seed = 4;
    for (int round = 0; round < 300; round++) {
        struct net net = random_net();
        struct group *group = group_new(net.model, &group_fixture_rules);

        random_evidence(&net, true);
        apply(&net, group);
        struct group_faults answer = group_fixture_faults(group, GROUP_BEST);
        for (uint32_t i = 0; i < (uint32_t)net.premises; i++) {
            struct group_fault fault;
            bool listed = false;

            if (!group_fault_of(group, i, &fault))
                continue;
            for (int k = 0; k < answer.count; k++)
                listed |= set_of(&net, &answer.items[k]) == set_of(&net, &fault) &&
                          set_of(&net, &fault) >> i & 1 &&
                          answer.items[k].probability_ppm == fault.probability_ppm;
            assert_true(listed);
        }
        group_free(group);
        model_free(net.model);
    }
}

// Numbers.

static void logarithms_agree_with_the_floating_ones(void **state)
{
    static struct group_add add;

    (void)state;
    seed = 5;
    group_add_init(&add);
    for (int i = 0; i < 20000; i++) {
        uint64_t number = ((uint64_t)draw(1U << 31) << 31 | draw(1U << 31)) >> draw(62);
        double a = -(double)draw(40000) / 1000, b = -(double)draw(40000) / 1000;
        const double bit = (double)GROUP_BIT;

        number += number == 0;
        assert_near((double)group_log2(number) / bit, log2((double)number), 1e-8);
        assert_near((double)group_exp2((int64_t)(a * bit)) / exp2(62), exp2(a),
                    exp2(a) * 1e-8 + 1e-18);
        assert_near((double)group_log_add(&add, (int64_t)(a * bit), (int64_t)(b * bit)) / bit,
                    log2(exp2(a) + exp2(b)), 6e-5);
    }
    assert_int_equal(group_log_add(&add, GROUP_NEVER, -GROUP_BIT), -GROUP_BIT);
    assert_int_equal(group_ppm(0), 1000000);
    assert_int_equal(group_ppm(-GROUP_BIT), 500000);
}

static void check_likelihoods(const struct group_moments *moments, bool phased)
{
    struct group_share *share = group_share_new(&group_fixture_rules, moments, phased);
    int phases = phased ? (int)group_share_phases(moments) : 1;

    for (int n = 1; n <= 60; n++) {
        for (int i = 0; i <= n * phases + phases - 1; i++) {
            int m = i / phases, phase = i % phases;
            double expected = share_log(n, m, moments, phased ? phase : NO_PHASE);
            double found = (double)group_share_logs(share, (uint32_t)n, (uint32_t)m)[phase] /
                           (double)GROUP_BIT;
            double chance = expected + log_choose(n, m);
            if (chance < -40) // next to impossible
                assert_true(found + log_choose(n, m) < -39);
            else
                assert_near(found, expected, 1e-4);
        }
    }
    // A million premises, and more callers than the rules expect: finite, and falling.
    assert_true(*group_share_logs(share, 1000000, 900000) > 2 * GROUP_NEVER);
    assert_true(*group_share_logs(share, 1000000, 1) < 0);
    group_share_free(share);
}

static void likelihoods_agree_with_the_formula(void **state)
{
    static const struct group_moments ways[] = {
        {0},
        {1000000, {50000, 200000, 400000}, 3},
        {1000000, {50000, 100000, 200000, 400000, 1000000}, 5}};

    (void)state;
    for (int way = 0; way < 3; way++) {
        check_likelihoods(&ways[way], false);
        check_likelihoods(&ways[way], true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logarithms_agree_with_the_floating_ones),
        cmocka_unit_test(likelihoods_agree_with_the_formula),
        cmocka_unit_test(the_answer_is_the_best_of_all_explanations),
        cmocka_unit_test(marks_covers_and_power_back_count_as_in_a_full_recount),
        cmocka_unit_test(any_way_to_the_same_evidence_ends_at_the_same_answer),
        cmocka_unit_test(a_call_is_in_the_fault_that_lists_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
