// Hours without supply in a year against a count that looks at every premise and every moment.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "busd/engine_hours.h"
#include "lib/mem.h"
#include "tests/sim/chance.h"

enum { NODES = 40, PREMISES = 60, TIMES = 90, RECORDS = 25, ROUNDS = 60, BEGINS = 20, ENDS = 80 };

static struct sim_chance chance;

static int below(int bound)
{
    return (int)sim_below(&chance, bound);
}

static struct model *make_model(void)
{
    struct model *model = model_new();
    struct slice culprit;
    char id[16], parent[16] = "";

    for (int i = 0; i < NODES; i++) {
        if (i)
            snprintf(parent, sizeof(parent), "N%d", below(i));
        snprintf(id, sizeof(id), "N%d", i);
        model_add_node(model, &(struct model_node){.id = slice_of(id)}, slice_of(parent));
    }
    for (int64_t key = 1; key <= PREMISES; key++)
        model_add_premise(model, &(struct model_premise){.key = key,
                                                         .node = below(10) ? below(NODES) : -1,
                                                         .house = (key - 1) / 3 * 3 + 1,
                                                         .reliability = (uint8_t)below(4)});
    assert_true(model_finish(model, &culprit));
    return model;
}

// What is expected: which record each moment of a premise is first of; -1 = it has its supply.
struct expected {
    int owner[PREMISES][TIMES];
    int64_t began[PREMISES][TIMES];
};

static void expect_out(struct expected *expected, uint32_t position, int record, int64_t from,
                       int64_t to)
{
    from = from > BEGINS ? from : BEGINS;
    for (int64_t at = from; at < to && at < TIMES; at++) {
        if (expected->owner[position][at] >= 0 && expected->began[position][at] <= from)
            continue; // records come by number, works last
        expected->owner[position][at] = record;
        expected->began[position][at] = from;
    }
}

static bool is_of(const struct model *model, const struct cover *cover, uint32_t position)
{
    const struct model_premise *premise = model_premise_at(model, position);

    if (cover->level == COVER_PREMISE)
        return premise->key == cover->key;
    if (cover->level == COVER_HOUSE)
        return premise->house == cover->key;
    return premise->node != MODEL_NO_NODE &&
           model_is_below(model, premise->node, model_find_node(model, slice_of(cover->node)));
}

static struct cover make_cover(void)
{
    struct cover cover = {.level = COVER_NODE};
    char id[16];

    switch (below(4)) {
    case 0: return (struct cover){.level = COVER_PREMISE, .key = 1 + below(PREMISES)};
    case 1: return (struct cover){.level = COVER_HOUSE, .key = below(PREMISES / 3) * 3 + 1};
    default:
        snprintf(id, sizeof(id), "N%d", below(NODES));
        cover.node = mem_string(id);
        return cover;
    }
}

// One or two places, one of which may be back before the rest; a premise of both has the earlier.
static void add_incident(struct hours *hours, struct expected *expected, int record)
{
    struct incident incident = {.incident = record + 1,
                                .kind = INCIDENT_OUTAGE,
                                .state = INCIDENT_CONFIRMED,
                                .outcome = -1,
                                .started = below(TIMES - 1)};
    struct cover covers[2] = {make_cover(), make_cover()};
    int64_t to = TIMES;

    if (below(4)) {
        to = incident.started + 1 + below(30);
        incident.restored_at = to;
        incident.state = INCIDENT_CLOSED;
    }
    incident.covers = (struct cover_list){.items = covers, .count = 1};
    if (covers[0].level != COVER_NODE && covers[1].level != COVER_NODE && below(2)) {
        incident.covers.count = 2;
        covers[1].restored_at = incident.started + 1 + below(10);
    }
    hours_add_incident(hours, &incident);
    for (uint32_t at = 0; at < PREMISES; at++) {
        bool first = is_of(hours->model, &covers[0], at);
        bool second = incident.covers.count == 2 && is_of(hours->model, &covers[1], at);

        if (second)
            expect_out(expected, at, record, incident.started,
                       covers[1].restored_at < to ? covers[1].restored_at : to);
        else if (first)
            expect_out(expected, at, record, incident.started, to);
    }
    free(covers[0].node);
    free(covers[1].node);
}

static void add_planned(struct hours *hours, struct expected *expected, int record)
{
    int64_t from = below(30), to = from + 1 + below(20), again = to + 5;
    struct cover cover = make_cover();
    struct planned planned = {.planned = record + 1, .covers = {.items = &cover, .count = 1}};
    char worked[64];

    snprintf(worked, sizeof(worked), "%d-%d %d-0", (int)from, (int)to, (int)again);
    planned.worked = worked;
    hours_add_planned(hours, &planned);
    for (uint32_t at = 0; at < PREMISES; at++) {
        if (!is_of(hours->model, &cover, at))
            continue;
        expect_out(expected, at, record, from, to);
        expect_out(expected, at, record, again, TIMES);
    }
    free(cover.node);
}

static int64_t total_of(const struct expected *expected, uint32_t position)
{
    int64_t total = 0;

    for (int at = BEGINS; at < ENDS; at++)
        total += expected->owner[position][at] >= 0;
    return total;
}

struct found {
    int64_t total[PREMISES];
};

static void note_run(void *context, uint32_t first, uint32_t end,
                     const struct hours_out *const *outs, size_t count)
{
    struct found *found = context;

    for (uint32_t at = first; at < end; at++) {
        assert_int_equal(found->total[at], 0);
        found->total[at] = hours_sum(outs, count).total_ms;
    }
}

// The moment in which the sum reaches the limit belongs to whoever is first there: began earliest.
static void check_passed(const struct hours *hours, const struct expected *expected,
                         const struct hours_limits *limits, int64_t told)
{
    struct hours_passed passed[RECORDS], own[RECORDS] = {{{0}, {0}}};
    int64_t spare = hours_find_passed(hours, limits, told, passed), least = INT64_MAX;

    for (uint32_t at = 0; at < PREMISES; at++) {
        int category = hours_category(model_premise_at(hours->model, at));
        int64_t total = 0;

        for (int i = 0; i < HOURS_LIMIT_COUNT; i++) {
            int64_t left = limits->ms[i][category] - total_of(expected, at);
            least = left > 0 && left < least ? left : least;
        }
        for (int64_t moment = BEGINS; moment < ENDS; moment++) {
            int owner = expected->owner[at][moment];

            total += owner >= 0;
            for (int i = 0; i < HOURS_LIMIT_COUNT && owner >= 0; i++) {
                if (total != limits->ms[i][category] || moment + 1 <= told)
                    continue;
                if (own[owner].premises[i]++ == 0 || moment + 1 < own[owner].due_ms[i])
                    own[owner].due_ms[i] = moment + 1;
            }
        }
    }
    for (size_t i = 0; i < hours->record_count; i++) {
        int record = (int)hours->records[i].number - 1;
        assert_memory_equal(&passed[i], &own[record], sizeof(passed[i]));
    }
    assert_true(spare <= least);
}

static void sums_and_passings_are_those_of_a_count_by_moments(void **state)
{
    static const struct hours_limits limits = {.ms = {{6, 9, 12}, {10, 15, 20}}};

    (void)state;
    chance = (struct sim_chance){7};
    for (int round = 0; round < ROUNDS; round++) {
        struct model *model = make_model();
        struct hours hours = {.model = model, .begins_ms = BEGINS, .ends_ms = ENDS};
        struct expected *expected = mem_alloc(sizeof(*expected));
        struct found found = {{0}};

        memset(expected->owner, -1, sizeof(expected->owner));
        for (int record = 0; record < RECORDS; record++)
            (record >= RECORDS / 5 * 4 ? add_planned : add_incident)(&hours, expected, record);
        hours_each_run(&hours, note_run, &found);
        for (uint32_t at = 0; at < PREMISES; at++)
            assert_int_equal(found.total[at], total_of(expected, at));
        check_passed(&hours, expected, &limits, 0);
        check_passed(&hours, expected, &limits, BEGINS + below(ENDS - BEGINS));
        free(expected);
        hours_fini(&hours);
        model_free(model);
    }
}

static void what_does_not_count_minutes_has_no_hours(void **state)
{
    struct cover cover = {.level = COVER_PREMISE, .key = 1};
    struct model *model = make_model();
    struct hours hours = {.model = model, .ends_ms = TIMES};
    const struct incident incidents[] = {
        {.kind = INCIDENT_QUALITY, .outcome = -1},
        {.kind = INCIDENT_HAZARD, .outcome = -1},
        {.kind = INCIDENT_OUTAGE, .outcome = -1, .state = INCIDENT_MERGED},
        {.kind = INCIDENT_OUTAGE, .outcome = OUTCOME_NOT_FOUND, .state = INCIDENT_CANCELLED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(incidents) / sizeof(*incidents); i++) {
        struct incident incident = incidents[i];

        incident.started = 1;
        incident.covers = (struct cover_list){.items = &cover, .count = 1};
        hours_add_incident(&hours, &incident);
    }
    assert_int_equal(hours.out_count, 0);
    hours_fini(&hours);
    model_free(model);
}

static void what_was_switched_there_is_out_since_then_and_for_what_it_was_before(void **state)
{
    struct model *model = model_new();
    struct slice culprit;
    struct cover covers[] = {
        {.level = COVER_NODE, .node = (char[]){"A"}},
        {.level = COVER_NODE, .part = COVER_JOINED, .node = (char[]){"B"}, .before_s = 2},
    };
    struct incident incident = {.kind = INCIDENT_OUTAGE,
                                .outcome = -1,
                                .started = 10,
                                .restored_at = 10010,
                                .covers = {.items = covers, .count = 2}};
    struct hours hours = {.ends_ms = 100000};
    struct found found = {{0}};

    (void)state;
    model_add_node(model, &(struct model_node){.id = slice_of("A")}, slice_of(""));
    model_add_node(model, &(struct model_node){.id = slice_of("B")}, slice_of(""));
    model_add_premise(model, &(struct model_premise){.key = 1, .node = 0});
    model_add_premise(model, &(struct model_premise){.key = 2, .node = 1});
    assert_true(model_finish(model, &culprit));
    hours.model = model;
    covers[1].since = 5010;
    hours_add_incident(&hours, &incident);
    hours_each_run(&hours, note_run, &found);
    assert_int_equal(found.total[0], 10000);
    assert_int_equal(found.total[1], 5000 + 2000);
    hours_fini(&hours);
    model_free(model);
}

static void interruptions_at_once_are_told_from_the_sum(void **state)
{
    const struct hours_out outs[] = {{.from_ms = 0, .to_ms = 10},
                                     {.from_ms = 5, .to_ms = 12},
                                     {.from_ms = 12, .to_ms = 14},
                                     {.from_ms = 20, .to_ms = 25, .open = true}};
    const struct hours_out *list[] = {&outs[0], &outs[1], &outs[2], &outs[3]};
    struct hours_sum sum = hours_sum(list, 4);

    (void)state;
    assert_int_equal(sum.total_ms, 19);
    assert_int_equal(sum.longest_ms, 14);
    assert_int_equal(sum.times, 2);
    assert_true(sum.open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_passings_are_those_of_a_count_by_moments),
        cmocka_unit_test(what_does_not_count_minutes_has_no_hours),
        cmocka_unit_test(what_was_switched_there_is_out_since_then_and_for_what_it_was_before),
        cmocka_unit_test(interruptions_at_once_are_told_from_the_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
