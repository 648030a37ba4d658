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
#include "tests/lib/recount.h"

#define assert_near(a, b, within) assert_true(fabs((a) - (b)) <= (within))

// Comparing an answer with it.

static uint32_t set_of(const struct recount_net *net, const struct group_fault *fault)
{
    return fault->node == MODEL_NO_NODE ? 1U << fault->premise : net->below[fault->node];
}

static const struct recount_choice *choice_of(const struct recount *recount, uint32_t set)
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
        const struct recount_choice *choice =
            choice_of(recount, set_of(recount->net, &answer->items[i]));
        double log =
            recount_own_log(recount, choice, &group_fixture_rules.several_moments, recount->phase) +
            log2(group_fixture_rules.attributed.faults_milli / 1e3);
        score += choice->lone
                     ? recount_log_sum(log, log2(group_fixture_rules.attributed.unrelated_milli /
                                                 1e3 / recount->net->premises))
                     : log;
    }
    return score;
}

static void check_answer(const struct recount_net *net, struct group *group)
{
    struct recount recount = recount_of_net(net);
    struct group_verdict verdict = group_verdict(group);
    uint32_t covered = 0;
    double both = recount_log_sum(recount.one_sum, recount.several_sum);

    struct group_faults answer = group_fixture_faults(group, GROUP_BEST);
    assert_int_equal(verdict.calls, __builtin_popcount(recount.calls));
    if (!recount.calls)
        return;
    for (int i = 0; i < answer.count; i++) {
        uint32_t set = set_of(net, &answer.items[i]);

        assert_int_equal(set & covered, 0); // side by side
        covered |= set;
        if (answer.items[i].node != MODEL_NO_NODE)
            assert_false(recount_is_barred(net, answer.items[i].node));
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
            best = recount_one_log(&recount, choice_of(&recount, set_of(net, &answer.items[i])));
    }
    for (int i = 0; i < recount.count; i++) {
        if (!recount.choices[i].lone)
            assert_true(best > recount_one_log(&recount, &recount.choices[i]) - 1e-3);
    }
    assert_true(best > recount.best_singles - 1e-3);
}

static void random_evidence(struct recount_net *net, bool all_kinds)
{
    for (int i = 0; i < net->premises; i++) {
        net->called[i] = recount_draw(3) == 0;
        net->time_ms[i] = recount_draw(2) ? recount_draw(400000) : recount_draw(4000000);
        net->back[i] = all_kinds && !net->called[i] && recount_draw(8) == 0;
        net->wire[i] = all_kinds && recount_draw(5) == 0;
        net->flat[i] = all_kinds && recount_draw(4) == 0;
    }
    for (int i = 0; i < net->nodes && all_kinds; i++) {
        net->marks[i] = recount_draw(10) == 0 ? GROUP_MARK_ENERGISED : GROUP_MARK_NONE;
        net->covers[i] = recount_draw(14) == 0;
    }
}

static void check_random(bool all_kinds, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        struct recount_net net = recount_random_net();
        struct group *group = group_new(net.model, &group_fixture_rules);

        random_evidence(&net, all_kinds);
        recount_apply_net(&net, group);
        check_answer(&net, group);
        group_free(group);
        model_free(net.model);
    }
}

static void the_answer_is_the_best_of_all_explanations(void **state)
{
    (void)state;
    recount_seed = 1;
    check_random(false, 1500);
}

static void marks_covers_and_power_back_count_as_in_a_full_recount(void **state)
{
    (void)state;
    recount_seed = 2;
    check_random(true, 1500);
}

// The same evidence by another way.

static void change(struct recount_net *net, struct group *group)
{
    int node = (int)recount_draw((uint32_t)net->nodes),
        premise = (int)recount_draw((uint32_t)net->premises);

    switch (recount_draw(8)) {
    case 7:
        net->flat[premise] = !net->flat[premise];
        group_set_flat(group, (uint32_t)premise, net->flat[premise]);
        break;
    case 6:
        net->wire[premise] = !net->wire[premise];
        group_set_wire(group, (uint32_t)premise, net->wire[premise]);
        break;
    case 0:
    case 1:
        net->called[premise] = true;
        net->back[premise] = false;
        net->time_ms[premise] = recount_draw(3600000);
        group_call(group, (uint32_t)premise, net->time_ms[premise]);
        break;
    case 2:
        assert_int_equal(group_forget(group, (uint32_t)premise), net->called[premise]);
        net->called[premise] = false;
        break;
    case 3:
        net->back[premise] = recount_draw(4) == 0;
        net->called[premise] = net->called[premise] && !net->back[premise];
        group_set_back(group, (uint32_t)premise, net->back[premise]);
        break;
    case 4:
        net->marks[node] = (enum group_mark)recount_draw(3);
        group_mark(group, node, net->marks[node]);
        break;
    default:
        if (net->covers[node] && recount_draw(2)) {
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
    recount_seed = 3;
    for (int round = 0; round < 150; round++) {
        struct recount_net net = recount_random_net();
        struct group *group = group_new(net.model, &group_fixture_rules);

        for (int step = 0; step < 40; step++) {
            change(&net, group);
            struct group *fresh = group_new(net.model, &group_fixture_rules);
            recount_apply_net(&net, fresh);
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
    recount_seed = 4;
    for (int round = 0; round < 300; round++) {
        struct recount_net net = recount_random_net();
        struct group *group = group_new(net.model, &group_fixture_rules);

        random_evidence(&net, true);
        recount_apply_net(&net, group);
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
    static struct group_logs logs;

    (void)state;
    recount_seed = 5;
    group_add_init(&add);
    group_logs_init(&logs);
    for (int i = 0; i < 20000; i++) {
        uint64_t number =
            ((uint64_t)recount_draw(1U << 31) << 31 | recount_draw(1U << 31)) >> recount_draw(62);
        double a = -(double)recount_draw(40000) / 1000, b = -(double)recount_draw(40000) / 1000;
        const double bit = (double)GROUP_BIT;

        number += number == 0;
        assert_near((double)group_log2(number) / bit, log2((double)number), 1e-8);
        assert_near((double)group_logs_of(&logs, number) / bit, log2((double)number), 4e-6);
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
            double expected = recount_share_log(n, m, moments, phased ? phase : RECOUNT_NO_PHASE);
            double found = (double)group_share_logs(share, (uint32_t)n, (uint32_t)m)[phase] /
                           (double)GROUP_BIT;
            double chance = expected + recount_choose_log(n, m);
            if (chance < -40) // next to impossible
                assert_true(found + recount_choose_log(n, m) < -39);
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
