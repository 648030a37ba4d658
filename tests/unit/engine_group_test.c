// Grouping by hand: what a dispatcher would expect of a few calls.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/group_fixture.h"

#include <stdio.h>

// By hand: S ─ F ─ L1 ─ T1 (8 premises), L2 ─ T2 (6), T3 (4). L1 cannot be told from T1.

struct hand {
    struct model *model;
    struct group *group;
};

static struct hand hand_new(void)
{
    struct hand hand = {.model = model_new()};
    struct slice culprit;
    int64_t key = 1;
    static const struct {
        const char *node;
        int premises;
    } loads[] = {{"T1", 8}, {"T2", 6}, {"T3", 4}};

    group_fixture_node(hand.model, "S", "", "substation", "breaker");
    group_fixture_node(hand.model, "F", "S", "feeder", "breaker");
    group_fixture_node(hand.model, "L1", "F", "lateral", "fuse");
    group_fixture_node(hand.model, "T1", "L1", "transformer", "transformer");
    group_fixture_node(hand.model, "L2", "F", "lateral", "fuse");
    group_fixture_node(hand.model, "T2", "L2", "transformer", "transformer");
    group_fixture_node(hand.model, "T3", "L2", "transformer", "transformer");
    for (size_t i = 0; i < 3; i++) {
        for (int k = 0; k < loads[i].premises; k++)
            group_fixture_premise(hand.model, key++, loads[i].node);
    }
    assert_true(model_finish(hand.model, &culprit));
    // So small a network has hardly two faults at once.
    struct group_rules few = group_fixture_rules;
    few.several = few.attributed = (struct group_numbers){500, 200};
    hand.group = group_new(hand.model, &few);
    return hand;
}

static void hand_free(struct hand *hand)
{
    group_free(hand->group);
    model_free(hand->model);
}

static void call(struct hand *hand, int64_t key)
{
    const struct model_premise *premise = model_premise(hand->model, key);

    group_call(hand->group, model_premise_position(hand->model, premise), 60000 * key);
}

static struct group_faults best(struct hand *hand)
{
    return group_fixture_faults(hand->group, GROUP_BEST);
}

static void assert_node(const struct hand *hand, const struct group_fault *fault, const char *id)
{
    assert_int_not_equal(fault->node, MODEL_NO_NODE);
    assert_true(slice_is(model_node(hand->model, fault->node)->id, id));
}

static void three_neighbours_name_their_transformer_and_what_is_like_it(void **state)
{
    struct hand hand = hand_new();
    int32_t nodes[4];

    (void)state;
    call(&hand, 1);
    call(&hand, 2);
    call(&hand, 3);
    struct group_faults answer = best(&hand);
    assert_int_equal(answer.count, 1);
    assert_node(&hand, &answer.items[0], "T1");
    assert_int_equal(answer.items[0].premises, 8);
    assert_int_equal(answer.items[0].callers, 3);
    assert_true(answer.items[0].probability_ppm > 500000);
    assert_true(answer.items[0].runner_up_ppm > 0);
    assert_int_equal(group_class(hand.group, answer.items[0].node, nodes, 4), 2);
    assert_int_equal(nodes[1], model_find_node(hand.model, slice_of("L1")));
    hand_free(&hand);
}

static void calls_under_both_transformers_name_the_lateral(void **state)
{
    struct hand hand = hand_new();

    (void)state;
    for (int64_t key = 9; key <= 12; key++) {
        call(&hand, key);
        call(&hand, key + 6);
    }
    struct group_faults answer = best(&hand);
    assert_int_equal(answer.count, 1);
    assert_node(&hand, &answer.items[0], "L2");
    hand_free(&hand);
}

static void a_node_marked_energised_and_all_above_it_are_never_named(void **state)
{
    struct hand hand = hand_new();
    const char *const marked[] = {"T1", "L1"};

    (void)state;
    for (int64_t key = 1; key <= 5; key++)
        call(&hand, key);
    group_mark(hand.group, model_find_node(hand.model, slice_of(marked[1])), GROUP_MARK_ENERGISED);
    struct group_faults answer = best(&hand);
    assert_node(&hand, &answer.items[0], "T1"); // L1 is live, so its transformer it is
    assert_int_equal(group_class(hand.group, answer.items[0].node, NULL, 0), 1);
    group_mark(hand.group, model_find_node(hand.model, slice_of(marked[0])), GROUP_MARK_ENERGISED);
    answer = best(&hand);
    assert_int_equal(answer.count, 5); // five faults on their own lines
    for (int i = 0; i < answer.count; i++)
        assert_int_equal(answer.items[i].node, MODEL_NO_NODE);
    hand_free(&hand);
}

static void a_node_marked_out_is_blamed_without_a_call(void **state)
{
    struct hand hand = hand_new();

    (void)state;
    group_mark(hand.group, model_find_node(hand.model, slice_of("T2")), GROUP_MARK_OUT);
    struct group_faults answer = best(&hand);
    assert_int_equal(answer.count, 1);
    assert_node(&hand, &answer.items[0], "T2");
    call(&hand, 15);
    call(&hand, 16);
    call(&hand, 17);
    answer = best(&hand);
    bool explained = false;
    for (int i = 0; i < answer.count; i++) {
        if (answer.items[i].node != MODEL_NO_NODE)
            explained |= model_is_below(hand.model, model_find_node(hand.model, slice_of("T2")),
                                        answer.items[i].node);
    }
    assert_true(explained);
    hand_free(&hand);
}

static void power_back_at_a_neighbour_turns_the_blame(void **state)
{
    struct hand hand = hand_new();

    (void)state;
    call(&hand, 1);
    call(&hand, 2);
    struct group_faults answer = best(&hand);
    uint32_t before = answer.items[0].probability_ppm;
    assert_node(&hand, &answer.items[0], "T1");
    for (uint32_t position = 4; position < 7; position++)
        group_set_back(hand.group, position, true);
    answer = best(&hand);
    assert_int_equal(answer.count, 2);
    assert_int_equal(answer.items[0].node, MODEL_NO_NODE);
    assert_true(answer.items[0].runner_up_ppm < before);
    hand_free(&hand);
}

static void a_wire_down_speaks_for_the_line_and_not_for_its_transformer(void **state)
{
    struct hand hand = hand_new();

    (void)state;
    for (uint32_t i = 8; i < 11; i++)
        group_call(hand.group, i, 60000 * i);
    struct group_faults faults = group_fixture_faults(hand.group, GROUP_BEST);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.items[0].node, model_find_node(hand.model, slice_of("T2")));
    group_set_wire(hand.group, 9, true);
    faults = group_fixture_faults(hand.group, GROUP_BEST);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.items[0].node, model_find_node(hand.model, slice_of("L2")));
    // A class that holds both lost what its transformer has, and stays the same without the word.
    group_set_wire(hand.group, 9, false);
    faults = group_fixture_faults(hand.group, GROUP_BEST);
    assert_int_equal(faults.items[0].node, model_find_node(hand.model, slice_of("T2")));
    hand_free(&hand);
}

static void who_says_that_it_is_the_flat_alone_speaks_for_the_flat(void **state)
{
    struct hand hand = hand_new();

    (void)state;
    for (uint32_t i = 8; i < 13; i++)
        group_call(hand.group, i, 60000 * i);
    struct group_faults faults = group_fixture_faults(hand.group, GROUP_BEST);
    uint32_t before = faults.items[0].probability_ppm;
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.items[0].node, model_find_node(hand.model, slice_of("T2")));
    // One such word makes the transformer less likely, and does not rule it out: people do not know.
    group_set_flat(hand.group, 9, true);
    faults = group_fixture_faults(hand.group, GROUP_BEST);
    assert_int_equal(faults.count, 1);
    assert_true(faults.items[0].probability_ppm < before);
    // Where all of them say so, each is believed.
    for (uint32_t i = 8; i < 13; i++)
        group_set_flat(hand.group, i, true);
    faults = group_fixture_faults(hand.group, GROUP_BEST);
    assert_int_equal(faults.count, 5);
    for (uint32_t i = 8; i < 13; i++)
        group_set_flat(hand.group, i, false);
    faults = group_fixture_faults(hand.group, GROUP_BEST);
    assert_int_equal(faults.items[0].probability_ppm, before);
    hand_free(&hand);
}

static void a_covered_place_keeps_its_calls_to_itself(void **state)
{
    struct hand hand = hand_new();
    struct group_fault fault;

    (void)state;
    for (int64_t key = 9; key <= 14; key++)
        call(&hand, key);
    call(&hand, 15);
    struct group_faults answer = best(&hand);
    assert_node(&hand, &answer.items[0], "T2");
    group_cover(hand.group, model_find_node(hand.model, slice_of("T2")));
    answer = best(&hand);
    assert_int_equal(answer.count, 1);
    assert_int_equal(answer.items[0].premises, 4); // T2 is no part of L2 now
    assert_int_equal(answer.items[0].callers, 1);
    assert_false(group_fault_of(hand.group, 8, &fault));
    assert_int_equal(group_expire(hand.group, INT64_MAX), 1); // covered calls stay
    group_uncover(hand.group, model_find_node(hand.model, slice_of("T2")));
    answer = best(&hand);
    assert_node(&hand, &answer.items[0], "T2");
    hand_free(&hand);
}

static void a_premise_that_calls_again_is_one_caller(void **state)
{
    struct hand hand = hand_new();

    (void)state;
    assert_true(group_call(hand.group, 3, 1000));
    assert_false(group_call(hand.group, 3, 9000));
    assert_int_equal(group_verdict(hand.group).calls, 1);
    assert_int_equal(group_expire(hand.group, 5000), 0); // its last call counts
    assert_int_equal(group_expire(hand.group, 9001), 1);
    assert_int_equal(best(&hand).count, 0);
    hand_free(&hand);
}

// Feeders F0..F9 of ten transformers of twenty premises each.
static struct hand hand_of_feeders(uint32_t network_premises)
{
    struct hand hand = {.model = model_new()};
    struct slice culprit;
    char feeder[16], transformer[16];

    group_fixture_node(hand.model, "S", "", "substation", "breaker");
    for (int f = 0; f < 10; f++) {
        snprintf(feeder, sizeof(feeder), "F%d", f);
        group_fixture_node(hand.model, feeder, "S", "feeder", "breaker");
        for (int t = 0; t < 10; t++) {
            snprintf(transformer, sizeof(transformer), "T%d-%d", f, t);
            group_fixture_node(hand.model, transformer, feeder, "transformer", "transformer");
            for (int k = 0; k < 20; k++)
                group_fixture_premise(hand.model, 1 + 200 * f + 20 * t + k, transformer);
        }
    }
    assert_true(model_finish(hand.model, &culprit));
    struct group_rules rules = group_fixture_rules;
    rules.network_premises = network_premises;
    rules.several = (struct group_numbers){2000, 2000};
    rules.attributed = (struct group_numbers){10000, 1000};
    hand.group = group_new(hand.model, &rules);
    return hand;
}

// One call in each of so many transformers, one after the other.
static struct group_faults call_far_apart(struct hand *hand, int calls, int64_t each_ms)
{
    for (int i = 0; i < calls; i++)
        group_call(hand->group, (uint32_t)(i * 2000 / calls + i % 20), i * each_ms);
    return best(hand);
}

static void calls_from_everywhere_within_an_hour_are_not_one_outage(void **state)
{
    (void)state;
    for (int calls = 4; calls <= 30; calls += 13) {
        struct hand hand = hand_of_feeders(5000);
        struct group_faults answer = call_far_apart(&hand, calls, 3600000 / calls);

        assert_int_equal(answer.count, calls);
        for (int i = 0; i < answer.count; i++)
            assert_true(answer.items[i].premises <= 20);
        hand_free(&hand);
    }
}

static void as_many_calls_within_two_minutes_are(void **state)
{
    struct hand hand = hand_of_feeders(5000);

    (void)state;
    struct group_faults answer = call_far_apart(&hand, 30, 4000);
    assert_int_equal(answer.count, 1);
    assert_node(&hand, &answer.items[0], "S");
    hand_free(&hand);
}

static void a_few_calls_in_a_large_network_are_not_measured_by_a_storm(void **state)
{
    struct hand hand = hand_of_feeders(20); // a hundred times as large: 200 faults at once may be

    (void)state;
    struct group_faults answer = call_far_apart(&hand, 8, 400000);
    assert_int_equal(answer.count, 8);
    hand_free(&hand);
}

static void another_call_of_a_premise_moves_its_time_everywhere(void **state)
{
    struct hand one = hand_of_feeders(5000), other = hand_of_feeders(5000);

    (void)state;
    call_far_apart(&one, 12, 300000);
    struct group_faults a = call_far_apart(&one, 12, 1000), b = call_far_apart(&other, 12, 1000);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.items, b.items, sizeof(a.items[0]) * (size_t)a.count);
    assert_int_equal(group_verdict(one.group).one_ppm, group_verdict(other.group).one_ppm);
    hand_free(&one);
    hand_free(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_neighbours_name_their_transformer_and_what_is_like_it),
        cmocka_unit_test(calls_under_both_transformers_name_the_lateral),
        cmocka_unit_test(a_node_marked_energised_and_all_above_it_are_never_named),
        cmocka_unit_test(a_node_marked_out_is_blamed_without_a_call),
        cmocka_unit_test(power_back_at_a_neighbour_turns_the_blame),
        cmocka_unit_test(a_wire_down_speaks_for_the_line_and_not_for_its_transformer),
        cmocka_unit_test(who_says_that_it_is_the_flat_alone_speaks_for_the_flat),
        cmocka_unit_test(a_covered_place_keeps_its_calls_to_itself),
        cmocka_unit_test(a_premise_that_calls_again_is_one_caller),
        cmocka_unit_test(calls_from_everywhere_within_an_hour_are_not_one_outage),
        cmocka_unit_test(as_many_calls_within_two_minutes_are),
        cmocka_unit_test(a_few_calls_in_a_large_network_are_not_measured_by_a_storm),
        cmocka_unit_test(another_call_of_a_premise_moves_its_time_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
