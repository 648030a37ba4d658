// The life of an incident beyond its states: docs/incident-states.md, crews that step back, parts and
// customer-minutes, outcomes, what goes with a merge, switching that would close a circle.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"
#include "tests/lib/golden.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

enum { STATES = INCIDENT_MERGED + 1, MINUTE_MS = 60000 };

static int set_up(void **state)
{
    *state = world_new();
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

// The document.

static void print_table(struct buf *out)
{
    buf_add_text(out, "| event |");
    for (int state = 0; state < STATES; state++)
        buf_printf(out, " %s |", engine_state_name((enum incident_state)state, LANGUAGE_EN));
    buf_add_text(out, "\n| --- |");
    for (int state = 0; state < STATES; state++)
        buf_add_text(out, " --- |");
    for (size_t step = 0; engine_incident_step(step) != EVENT_TYPE_COUNT; step++) {
        enum event_type type = engine_incident_step(step);

        buf_printf(out, "\n| `%s` |", event_topic(type));
        for (int state = 0; state < STATES; state++) {
            int next = engine_incident_next(type, (enum incident_state)state);

            buf_printf(out, " %s |",
                       next < 0        ? "–"
                       : next == state ? "stays"
                                       : engine_state_name((enum incident_state)next, LANGUAGE_EN));
        }
    }
    buf_add_text(out, "\n");
}

static void print_refusals(struct buf *out)
{
    for (size_t step = 0; engine_incident_step(step) != EVENT_TYPE_COUNT; step++) {
        enum event_type type = engine_incident_step(step);

        buf_printf(out, "\n### `%s`\n", event_topic(type));
        for (int state = 0; state < STATES; state++) {
            struct err err;

            if (engine_incident_next(type, (enum incident_state)state) >= 0)
                continue;
            err_clear(&err);
            assert_int_equal(engine_refuse_step(7, (enum incident_state)state, type, &err),
                             ERR_CONFLICT);
            buf_printf(out, "* %s\n  %s\n", err.message[LANGUAGE_EN], err.message[LANGUAGE_RU]);
        }
    }
}

static void print_outcomes(struct buf *out)
{
    static const char *const words[] = {"customer_side", "not_found", "duplicate", "invalid"};

    buf_add_text(out, "| outcome | calls | customers | customer-minutes | calls of the parent |\n"
                      "| --- | --- | --- | --- | --- |\n");
    for (int outcome = 0; outcome < 4; outcome++) {
        struct incident_counts counts = engine_outcome_counts(outcome);

        buf_printf(out, "| `%s` | %s | %s | %s | %s |\n", words[outcome],
                   counts.calls ? "yes" : "no", counts.customers ? "yes" : "no",
                   counts.minutes ? "yes" : "no", counts.parent ? "yes" : "no");
    }
}

static void the_document_is_printed_from_the_table(void **unused)
{
    struct buf text = {0};

    (void)unused;
    buf_add_text(&text,
                 "# States of an incident\n\nPrinted by tests/unit/engine_life_test.c from the "
                 "table in busd/engine_lifecycle.c\n(UPDATE_GOLDEN=1 prints it again).\n\n"
                 "## What each event makes of each state\n\"–\": refused with `conflict`, see "
                 "below. \"stays\": allowed, the state is the same.\n\n");
    print_table(&text);
    buf_add_text(&text, "\n## Cancelled: what still counts\n");
    print_outcomes(&text);
    buf_add_text(&text, "\n## Refusals, of incident 7\n");
    print_refusals(&text);
    golden_check_file("docs/incident-states.md", (struct slice){text.data, text.length});
    buf_fini(&text);
}

// Crews.

static void a_crew_steps_back_with_a_reason_alone(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *data;
        enum err_code code;
    } steps[] = {
        {"'tier':'inspection','state':'on_site'", ERR_OK},
        {"'tier':'inspection','state':'on_site'", ERR_OK},
        {"'tier':'inspection','state':'en_route'", ERR_INVALID},
        {"'tier':'inspection','state':'en_route','reason':''", ERR_INVALID},
        {"'tier':'inspection','state':'awaiting','reason':'called away'", ERR_OK},
        {"'tier':'repair','state':'done'", ERR_OK},
        {"'tier':'inspection','state':'done'", ERR_INVALID},
        {"'tier':'repair','state':'assigned','reason':'broke again'", ERR_OK},
    };

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        assert_int_equal(world_publish(world, "incident.crew", "{'incident':1,%s}", steps[i].data),
                         steps[i].code);
        if (steps[i].code != ERR_OK)
            assert_string_equal(world->err.path, "/data/reason");
    }
    assert_int_equal(world_incident(world, 1)->crew_state, 1);
}

// Parts and minutes.

// Minutes that `customers` were out between two moments, one by one.
static int64_t count_minutes(int64_t from_ms, int64_t to_ms, int64_t customers)
{
    int64_t minutes = 0;

    for (int64_t at = from_ms; at < to_ms; at += MINUTE_MS)
        minutes += customers;
    return minutes;
}

static int64_t minutes_of(const struct world *world, int64_t number, int64_t nested)
{
    return engine_customer_minutes(world_incident(world, number), nested, world->now_ms);
}

static void parts_by_node_and_account_count_each_customer_once(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}"); // A1 … A5
    world_pass(world, 30);
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'accounts':['A1','A4']}");
    assert_int_equal(world_incident(world, 1)->customers_restored, 2);
    world_pass(world, 10);
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'nodes':['T1']}"); // A1 again
    assert_int_equal(world_incident(world, 1)->customers_restored, 4);
    assert_int_equal(world_incident(world, 1)->customers, 5);
    world_pass(world, 20);
    assert_int_equal(minutes_of(world, 1, 0), 2 * 30 + 2 * 40 + 60);
    PUBLISH_OK(world, "incident.restored", "{'incident':1,'at':%s}", world_time(world, -5));
    world_pass(world, 500);
    assert_int_equal(minutes_of(world, 1, 0), 2 * 30 + 2 * 40 + 55);
    PUBLISH_OK(world, "incident.restored", "{'incident':1,'at':%s}", world_time(world, -500));
    assert_int_equal(minutes_of(world, 1, 0), 2 * 30 + 2 * 40 + 60);
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'started':\"2026-02-28T08:50:00Z\"}");
    assert_int_equal(minutes_of(world, 1, 0), 2 * 40 + 2 * 50 + 70);
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    assert_int_equal(world_incident(world, 1)->customers_restored, 0);
    assert_int_equal(minutes_of(world, 1, 0), 5 * (70 + 500));
}

static void a_nested_incident_takes_its_customers_minutes_and_none_is_counted_twice(void **state)
{
    struct world *world = *state;
    int64_t started = world->now_ms, part, back, still, found;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}"); // 120 premises
    world_pass(world, 60);
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'accounts':['B101','B102']}");
    part = world->now_ms;
    world_pass(world, 60);
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    back = world->now_ms;
    world_pass(world, 10);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'B140'},'symptom':'no_power'}");
    assert_int_equal(world_incident(world, 2)->nested_in, 1);
    assert_int_equal(world_incident(world, 2)->started, started);
    world_pass(world, 50);
    still = world->now_ms;
    // While it goes on, and at its end.
    for (int round = 0; round < 2; round++) {
        int64_t nested = world_incident(world, 2)->customers;

        assert_int_equal(nested, 1);
        found = minutes_of(world, 1, nested) + minutes_of(world, 2, 0);
        assert_int_equal(found, count_minutes(started, part, 2) +
                                    count_minutes(started, back, 120 - 2 - 1) +
                                    count_minutes(started, still, 1));
        PUBLISH_OK(world, "incident.restored", "{'incident':2}");
    }
    // All of it again: every minute is the nested one's.
    assert_int_equal(minutes_of(world, 1, 120), 0);
    // All but one of the first part.
    assert_int_equal(minutes_of(world, 1, 119), count_minutes(started, part, 1));
}

// The accounts that a person has listed stay, whoever opened the incident; the flat that it was opened for
// does not (EVENTS.md rule 1).
static void accounts_listed_by_a_person_stay_when_a_node_is_named(void **state)
{
    struct world *world = *state;
    const struct cover_list *covers;

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'H1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'accounts_add':['N1','A1']}");
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'accounts_remove':['A1']}");
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'T1'}");
    PUBLISH_OK(world, "incident.confirmed", "{'incident':1,'node':'T2'}");
    covers = &world_incident(world, 1)->covers;
    assert_int_equal(covers->count, 2);
    assert_int_equal(covers->items[0].level, COVER_PREMISE);
    assert_int_equal(covers->items[0].key, 400); // N1
    assert_string_equal(covers->items[1].node, "T2");
    assert_int_equal(world_incident(world, 1)->customers, 3); // N1, A4, A5
}

// Two parts at different times, and then more are out again than were restored last: whose minutes go to
// the nested incident is known by premise, where counts alone could take an average.
static void more_are_out_again_than_were_restored_last_and_no_minute_counts_twice(void **state)
{
    struct world *world = *state;
    int64_t started = world->now_ms, first, second, back, still;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}"); // A1 … A5
    world_pass(world, 10);
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'accounts':['A1']}");
    first = world->now_ms;
    world_pass(world, 30);
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'nodes':['T1']}"); // A2, A3 too
    second = world->now_ms;
    world_pass(world, 20);
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    back = world->now_ms;
    assert_int_equal(world_minutes(world, 1, 0), 10 + 2 * 40 + 2 * 60);
    assert_int_equal(world_minutes(world, 1, 0), minutes_of(world, 1, 0));
    // Out again: A4 and A5, which came back last, and A1 of the first part.
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A4'},'symptom':'no_power'}");
    assert_int_equal(world_incident(world, 2)->nested_in, 1);
    PUBLISH_OK(world, "incident.updated", "{'incident':2,'accounts_add':['A5','A1']}");
    world_pass(world, 50);
    still = world->now_ms;
    assert_int_equal(world_minutes(world, 1, 2), count_minutes(started, second, 2));
    assert_int_equal(world_minutes(world, 2, 0), count_minutes(started, still, 3));
    // Nobody is left: every minute is the nested one's.
    PUBLISH_OK(world, "incident.updated", "{'incident':2,'accounts_add':['A2','A3']}");
    assert_int_equal(world_minutes(world, 1, 2), 0);
    // It came to nothing after all: the minutes are the parent's again, each where it was.
    assert_int_equal(world_minutes(world, 1, 0), count_minutes(started, first, 1) +
                                                     count_minutes(started, second, 2) +
                                                     count_minutes(started, back, 2));
    // A number that a person gave has no premises to tell apart.
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'customers':9}");
    assert_int_equal(world_minutes(world, 1, 0), -1);
}

static void every_outcome_says_what_still_counts(void **state)
{
    struct world *world = *state;
    static const char *const words[] = {"customer_side", "not_found", "duplicate", "invalid"};

    for (int outcome = 0; outcome < 4; outcome++) {
        PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
        world_pass(world, 10);
        assert_int_equal(minutes_of(world, outcome + 1, 0), 30);
        PUBLISH_OK(world, "incident.cancelled", "{'incident':%d,'reason':'%s'}", outcome + 1,
                   words[outcome]);
        assert_int_equal(world_incident(world, outcome + 1)->outcome, outcome);
        assert_int_equal(minutes_of(world, outcome + 1, 0), 0);
    }
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    assert_int_equal(world_incident(world, 1)->outcome, -1);
    assert_true(minutes_of(world, 1, 0) > 0);
    assert_true(engine_outcome_counts(-1).customers);
    assert_true(engine_outcome_counts(OUTCOME_CUSTOMER_SIDE).customers);
    assert_false(engine_outcome_counts(OUTCOME_NOT_FOUND).customers);
    assert_false(engine_outcome_counts(OUTCOME_DUPLICATE).calls);
}

// Of all outcomes a duplicate alone brings its calls to the incident that it is nested in, and takes them
// away again when it is reopened.
static void a_duplicate_gives_its_calls_to_its_parent(void **state)
{
    struct world *world = *state;
    static const char *const words[] = {"customer_side", "not_found", "duplicate", "invalid"};
    struct buf live = {0}, fold = {0};

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "incident.confirmed", "{'incident':1,'node':'F1'}");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    for (int i = 0; i < 2; i++)
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'A4'},'symptom':'no_power'}");
    assert_int_equal(world_incident(world, 2)->nested_in, 1);
    world_pass(world, 3 * 24 * 60); // the parent is in memory no longer
    for (int outcome = 0; outcome < 4; outcome++) {
        PUBLISH_OK(world, "incident.cancelled", "{'incident':2,'reason':'%s'}", words[outcome]);
        assert_int_equal(world_incident(world, 1)->calls, outcome == OUTCOME_DUPLICATE ? 3 : 1);
        assert_int_equal(world_incident(world, 2)->merged_into, outcome == OUTCOME_DUPLICATE);
        PUBLISH_OK(world, "incident.reopened", "{'incident':2}");
        assert_int_equal(world_incident(world, 1)->calls, 1);
        assert_int_equal(world_incident(world, 2)->merged_into, 0);
        assert_int_equal(world_incident(world, 2)->calls, 2);
    }
    world_dump(world, &live);
    world_refold(world, true, &fold);
    assert_string_equal(buf_text(&live), buf_text(&fold));
    buf_fini(&live);
    buf_fini(&fold);
}

// Merging.

static void a_promise_goes_with_the_callers_that_it_was_made_to(void **state)
{
    struct world *world = *state;

    for (int i = 1; i <= 4; i++)
        PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s,'source':'zone','say':'soon'}",
               world_time(world, 60));
    PUBLISH_OK(world, "incident.merged", "{'incident':1,'into':2}");
    assert_int_equal(world->follow_count, 1);
    assert_int_equal(world_incident(world, 2)->eta_at, world->now_ms + 60 * MINUTE_MS);
    assert_int_equal(world_incident(world, 2)->eta_source, ETA_ZONE);
    assert_string_equal(world_incident(world, 2)->eta_say, "soon");
    assert_int_equal(world_incident(world, 1)->eta_at, 0);
    // A lower or equal one does not displace what stands; a higher one does.
    PUBLISH_OK(world, "eta.set", "{'incident':3,'at':%s,'source':'zone'}", world_time(world, 90));
    PUBLISH_OK(world, "incident.merged", "{'incident':3,'into':2}");
    assert_int_equal(world->follow_count, 0);
    assert_int_equal(world_incident(world, 2)->eta_at, world->now_ms + 60 * MINUTE_MS);
    PUBLISH_OK(world, "eta.set", "{'incident':4,'at':%s}", world_time(world, 120));
    PUBLISH_OK(world, "incident.merged", "{'incident':4,'into':2}");
    assert_int_equal(world_incident(world, 2)->eta_at, world->now_ms + 120 * MINUTE_MS);
    assert_int_equal(world_incident(world, 2)->eta_source, ETA_DISPATCHER);
}

static void the_first_category_and_feeders_have_their_priority(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','accounts':['R1']}");
    assert_int_equal(world_incident(world, 1)->priority, 2);
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}");
    assert_int_equal(world_incident(world, 2)->priority, 3);
    PUBLISH_OK(world, "incident.moved", "{'incident':2,'node':'T1'}");
    assert_int_equal(world_incident(world, 2)->priority, 4);
    PUBLISH_OK(world, "incident.moved", "{'incident':2,'node':'F1'}");
    assert_int_equal(world_incident(world, 2)->priority, 3);
}

// The reason of each priority, and that it goes with what made it.
static void a_priority_keeps_its_reason(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *type, *data;
        int64_t priority;
        int reason;
    } cases[] = {
        {"incident.opened", "'kind':'hazard','node':'T1'", 1, REASON_HAZARD},
        {"incident.opened", "'kind':'outage','node':'T4'", 2, REASON_CRITICAL},
        {"incident.opened", "'kind':'outage','accounts':['R1']", 2, REASON_CATEGORY_1},
        {"incident.opened", "'kind':'outage','node':'F1'", 3, REASON_FEEDER},
        {"incident.opened", "'kind':'outage','node':'T3'", 3, REASON_SIZE},
        {"incident.opened", "'kind':'outage','node':'T1'", 4, REASON_ORDINARY},
        {"incident.opened", "'kind':'outage','node':'T1','priority':5", 5, REASON_GIVEN},
        {"contact.outage_report",
         "'applicant':'person','premise':{'account':'N1'},'symptom':'no_power'", 5,
         REASON_ONE_FLAT},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct incident *incident;

        assert_int_equal(world_publish(world, cases[i].type, "{%s}", cases[i].data), ERR_OK);
        incident = world_incident(world, (int64_t)i + 1);
        assert_int_equal(incident->priority, cases[i].priority);
        assert_int_equal(incident->priority_reason, cases[i].reason);
    }
    // Moved away from the critical object, and what a caller told stays told.
    PUBLISH_OK(world, "incident.moved", "{'incident':2,'node':'T2'}");
    assert_int_equal(world_incident(world, 2)->priority, 4);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A4'},'symptom':'no_power',"
               "'critical':'school'}");
    assert_int_equal(world_incident(world, world->incident)->priority_reason, REASON_CRITICAL);
    PUBLISH_OK(world, "incident.moved", "{'incident':%d,'node':'T1'}", (int)world->incident);
    assert_int_equal(world_incident(world, world->incident)->priority_reason, REASON_CRITICAL);
}

static void critical_objects_and_categories_are_counted_each_once(void **state)
{
    struct world *world = *state;
    const struct incident *incident;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F2','accounts':['H1','R1']}");
    incident = world_incident(world, 1);
    assert_int_equal(incident->customers, 122); // B101 … B220, H1, R1
    assert_int_equal(incident->critical_count, 1);
    assert_int_equal(incident->category_1, 1);
    assert_int_equal(incident->category_2 + incident->category_3, 0);
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'accounts_remove':['R1']}");
    assert_int_equal(world_incident(world, 1)->category_1, 0);
    assert_int_equal(world_incident(world, 1)->critical_count, 1);
}

// Switching.

static void a_node_is_never_fed_from_what_it_feeds(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_publish(world, "node.switched", "{'node':'F1','fed_from':'T1'}"),
                     ERR_CONFLICT);
    assert_string_equal(world->err.reason, "cycle");
    assert_string_equal(world->err.path, "/data/fed_from");
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'T3'}");
    // T1 hangs below F2 now, so F1 may be fed from it, and F2 may not.
    assert_int_equal(world_publish(world, "node.switched", "{'node':'F2','fed_from':'T1'}"),
                     ERR_CONFLICT);
    PUBLISH_OK(world, "node.switched", "{'node':'F1','fed_from':'T1'}");
    assert_int_equal(world_publish(world, "node.switched", "{'node':'F2','fed_from':'T2'}"),
                     ERR_CONFLICT);
    // As in the network: the way back up is free again, but not for F1, which T1 still feeds.
    assert_int_equal(world_publish(world, "node.switched", "{'node':'T1','fed_from':'F1'}"),
                     ERR_CONFLICT);
    PUBLISH_OK(world, "node.switched", "{'node':'F1'}");
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'F1'}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_printed_from_the_table),
        TEST(a_crew_steps_back_with_a_reason_alone),
        TEST(parts_by_node_and_account_count_each_customer_once),
        TEST(a_nested_incident_takes_its_customers_minutes_and_none_is_counted_twice),
        TEST(accounts_listed_by_a_person_stay_when_a_node_is_named),
        TEST(more_are_out_again_than_were_restored_last_and_no_minute_counts_twice),
        TEST(every_outcome_says_what_still_counts),
        TEST(a_duplicate_gives_its_calls_to_its_parent),
        TEST(a_promise_goes_with_the_callers_that_it_was_made_to),
        TEST(the_first_category_and_feeders_have_their_priority),
        TEST(a_priority_keeps_its_reason),
        TEST(critical_objects_and_categories_are_counted_each_once),
        TEST(a_node_is_never_fed_from_what_it_feeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
