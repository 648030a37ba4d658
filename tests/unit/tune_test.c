// Learning rules: a past that is drawn by known rates gives these rates back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "busd/engine_group.h"
#include "busd/tune.h"
#include "lib/mem.h"
#include "tests/lib/group_fixture.h"

enum { LATERALS = 30, TRANSFORMERS = 3, FAULTS = 20000, HOUR_MS = 3600000 };

// Random numbers that every machine makes alike.
static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static bool happens(double probability)
{
    return draw(1U << 30) < probability * (1U << 30);
}

// S ─ F0, F1 ─ 15 laterals each ─ 3 transformers of 1 to 25 premises each.
static struct model *network(void)
{
    struct model *model = model_new();
    struct slice culprit;
    int64_t key = 1;
    char id[16], above[16];

    group_fixture_node(model, "S", "", "substation", "breaker");
    group_fixture_node(model, "F0", "S", "feeder", "breaker");
    group_fixture_node(model, "F1", "S", "feeder", "breaker");
    for (int lateral = 0; lateral < LATERALS; lateral++) {
        snprintf(id, sizeof(id), "L%d", lateral);
        group_fixture_node(model, id, lateral % 2 ? "F1" : "F0", "lateral", "fuse");
        for (int i = 0; i < TRANSFORMERS; i++) {
            snprintf(above, sizeof(above), "L%d", lateral);
            snprintf(id, sizeof(id), "T%d", lateral * TRANSFORMERS + i);
            group_fixture_node(model, id, above, "transformer", "transformer");
        }
    }
    for (int i = 0; i < LATERALS * TRANSFORMERS; i++) {
        snprintf(id, sizeof(id), "T%d", i);
        for (int k = 0; k <= i * 7 % 25; k++)
            group_fixture_premise(model, key++, id);
    }
    assert_true(model_finish(model, &culprit));
    return model;
}

// What happens in truth, unlike the defaults.
static const double truth[GROUP_KINDS] = {
    [GROUP_PREMISE] = 0.4, [GROUP_TRANSFORMER] = 0.2, [GROUP_LATERAL] = 0.3, [GROUP_FEEDER] = 0.1};

static double true_share(uint32_t premises)
{
    return premises < 10 ? 0.4 : premises < 50 ? 0.15 : premises < 200 ? 0.1 : 0.05;
}

static int32_t draw_node(const struct model *model, enum group_kind kind)
{
    for (;;) {
        int32_t node = (int32_t)draw((uint32_t)model_node_count(model));

        if (group_kind_of(model_node(model, node)) == kind &&
            model_node(model, node)->premises_below > 0)
            return node;
    }
}

static void call(struct past_fault *fault, uint32_t premise)
{
    mem_grow((void **)&fault->calls, fault->call_count, &fault->call_capacity,
             sizeof(*fault->calls));
    fault->calls[fault->call_count] =
        (struct past_call){premise, fault->at_ms + 60000 * (int64_t)fault->call_count};
    fault->call_count++;
}

static enum group_kind draw_kind(void)
{
    double at = draw(1U << 20) / (double)(1U << 20);
    int kind = 0;

    while (kind < GROUP_KINDS - 1 && at >= truth[kind])
        at -= truth[kind++];
    return (enum group_kind)kind;
}

static struct past_fault draw_fault(const struct model *model, int64_t at_ms)
{
    struct past_fault fault = {.node = MODEL_NO_NODE, .at_ms = at_ms};
    enum group_kind kind = draw_kind();

    if (kind == GROUP_PREMISE) {
        fault.premise = draw((uint32_t)model_premise_count(model));
        if (happens(true_share(1)))
            call(&fault, fault.premise);
        return fault;
    }
    fault.node = draw_node(model, kind);
    size_t count;
    const struct model_premise *below = model_premises_below(model, fault.node, &count);
    for (size_t i = 0; i < count; i++) {
        if (happens(true_share((uint32_t)count)))
            call(&fault, model_premise_position(model, &below[i]));
    }
    return fault;
}

static struct past draw_past(int faults, bool storm)
{
    struct past past = {.model = network()};

    for (int i = 0; i < faults; i++) {
        struct past_fault fault = draw_fault(past.model, i * INT64_C(10) * HOUR_MS);

        fault.storm = storm;
        mem_grow((void **)&past.faults, past.fault_count, &past.fault_capacity,
                 sizeof(*past.faults));
        past.faults[past.fault_count++] = fault;
        // Two unrelated calls within the hour, the first at once.
        for (int k = 0; k < 2; k++) {
            mem_grow((void **)&past.unrelated, past.unrelated_count, &past.unrelated_capacity,
                     sizeof(*past.unrelated));
            past.unrelated[past.unrelated_count++] =
                (struct past_call){draw((uint32_t)model_premise_count(past.model)),
                                   fault.at_ms + k * 59 * INT64_C(60000)};
        }
    }
    return past;
}

static void assert_close(double found, double wanted, double within)
{
    if (fabs(found - wanted) > within * wanted)
        fail_msg("%.4f, not %.4f", found, wanted);
}

static void the_rates_of_a_drawn_past_are_found_again(void **state)
{
    struct group_rules present, learnt;
    struct tune_gain gain;

    (void)state;
    seed = 1;
    struct past past = draw_past(FAULTS, false);
    group_rules_default(&present, GROUP_RULES_NORMAL);
    assert_true(tune_set(&past, false, &present, &learnt, &gain));
    // Kinds that the network has share what they shared; lines and sections, which it has not, stay.
    double all = learnt.faults_ppm[GROUP_PREMISE] + learnt.faults_ppm[GROUP_TRANSFORMER] +
                 learnt.faults_ppm[GROUP_LATERAL] + learnt.faults_ppm[GROUP_FEEDER];
    assert_close(all, 920000, 0.001);
    assert_int_equal(learnt.faults_ppm[GROUP_LINE], present.faults_ppm[GROUP_LINE]);
    // Most faults of a premise are never heard of, and yet counted.
    for (int kind = 0; kind < GROUP_KINDS; kind++) {
        if (truth[kind] > 0)
            assert_close(learnt.faults_ppm[kind] / all, truth[kind], 0.05);
    }
    for (size_t i = 0; i < learnt.callers_count; i++)
        assert_close(learnt.callers[i].share_ppm / 1e6, true_share(learnt.callers[i].premises),
                     0.06);
    // One unrelated call comes before the last of a fault's calls, two within the hour.
    assert_int_equal(learnt.unrelated_most, 2);
    assert_close(learnt.several.unrelated_milli, 2000, 0.01);
    assert_int_equal(learnt.one_ppm, present.one_ppm);

    assert_true(gain.log_new > gain.log_old + 0.5);
    assert_true(gain.exact_new[0] > gain.exact_old[0]);
    assert_true(gain.exact_new[1] > gain.exact_old[1] - 0.01);
    assert_true(gain.held_out > gain.learnt / 4 && gain.held_out < gain.learnt / 2);
    past_fini(&past);
}

static void by_the_true_rates_nothing_is_gained(void **state)
{
    struct group_rules present, learnt;
    struct tune_gain gain;

    (void)state;
    seed = 2;
    struct past past = draw_past(FAULTS, true);
    group_rules_default(&present, GROUP_RULES_STORM);
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        present.faults_ppm[kind] = (uint32_t)(truth[kind] * 1e6);
    for (size_t i = 0; i < present.callers_count; i++)
        present.callers[i].share_ppm = (uint32_t)(true_share(present.callers[i].premises) * 1e6);
    assert_true(tune_set(&past, true, &present, &learnt, &gain));
    assert_true(fabs(gain.log_new - gain.log_old) < 0.02);
    assert_true(fabs(gain.exact_new[0] - gain.exact_old[0]) < 0.02);
    // Ordinary days have no fault in this past.
    assert_false(tune_set(&past, false, &present, &learnt, &gain));
    past_fini(&past);
}

static void too_few_faults_teach_nothing_and_a_few_little(void **state)
{
    struct group_rules present, learnt;
    struct tune_gain gain;

    (void)state;
    seed = 3;
    struct past past = draw_past(TUNE_FAULTS / 2, false);
    group_rules_default(&present, GROUP_RULES_NORMAL);
    assert_false(tune_set(&past, false, &present, &learnt, &gain));
    assert_memory_equal(&learnt, &present, sizeof(learnt));
    past_fini(&past);
    past = draw_past(3 * TUNE_FAULTS, false);
    assert_true(tune_set(&past, false, &present, &learnt, &gain));
    // No fault of a feeder may have been seen; that is no proof that there is none.
    for (int kind = 0; kind < GROUP_KINDS; kind++)
        assert_true(learnt.faults_ppm[kind] > present.faults_ppm[kind] / 20);
    past_fini(&past);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rates_of_a_drawn_past_are_found_again),
        cmocka_unit_test(by_the_true_rates_nothing_is_gained),
        cmocka_unit_test(too_few_faults_teach_nothing_and_a_few_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
