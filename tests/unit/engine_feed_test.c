// What is covered follows the switching of the network, and what was covered before stays a fact.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

static int set_up(void **state)
{
    *state = world_new();
    return 0;
}

// Refolding by apply alone gives what there is, whatever was switched.
static int tear_down(void **state)
{
    struct world *world = *state;
    struct buf live = {0}, fold = {0};

    world_dump(world, &live);
    world_refold(world, true, &fold);
    assert_string_equal(buf_text(&live), buf_text(&fold));
    buf_fini(&live);
    buf_fini(&fold);
    world_free(world);
    return 0;
}

static void call_from(struct world *world, const char *account)
{
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'%s'},'symptom':'no_power'}", account);
}

static void assert_counts(const struct world *world, int64_t number, int64_t customers,
                          int64_t restored)
{
    assert_int_equal(world_incident(world, number)->customers, customers);
    assert_int_equal(world_incident(world, number)->customers_restored, restored);
}

static void a_switched_transformer_leaves_one_incident_and_joins_another(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}"); // A1 … A5
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F2'}"); // 120 and H1
    world_pass(world, 10);
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'F2'}"); // A1 A2 A3
    assert_counts(world, 1, 5, 3);
    assert_counts(world, 2, 124, 0);
    assert_int_equal(world_incident(world, 2)->critical_count, 1);
    call_from(world, "A1");
    assert_int_equal(world->incident, 2);
    call_from(world, "A4");
    assert_int_equal(world->incident, 1);
    world_pass(world, 20);
    assert_int_equal(world_minutes(world, 1, 0), 3 * 10 + 2 * 30);
    assert_int_equal(world_minutes(world, 2, 0), 121 * 30 + 3 * 20);
    assert_int_equal(engine_customer_minutes(world_incident(world, 1), 0, world->now_ms) +
                         engine_customer_minutes(world_incident(world, 2), 0, world->now_ms),
                     3 * 10 + 2 * 30 + 121 * 30 + 3 * 20);
}

static void what_is_switched_back_is_out_again_and_the_time_between_is_not_counted(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}");
    world_pass(world, 10);
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'F2'}");
    assert_counts(world, 1, 5, 3);
    call_from(world, "A1"); // nothing covers it
    assert_int_equal(world->incident, 2);
    world_pass(world, 5);
    PUBLISH_OK(world, "node.switched", "{'node':'T1'}");
    assert_counts(world, 1, 5, 0);
    call_from(world, "A2");
    assert_int_equal(world->incident, 1);
    world_pass(world, 15);
    assert_int_equal(world_minutes(world, 1, 0), 3 * (10 + 15) + 2 * 30);
    assert_int_equal(engine_customer_minutes(world_incident(world, 1), 0, world->now_ms),
                     3 * (10 + 15) + 2 * 30);
}

static void what_is_opened_confirmed_or_moved_covers_what_is_fed_from_there_now(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'T4'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}");
    assert_counts(world, 1, 2, 0);
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'F2'}");
    assert_counts(world, 1, 124, 0);
    PUBLISH_OK(world, "incident.confirmed", "{'incident':1,'node':'T4'}");
    assert_counts(world, 1, 4, 0); // H1, A1 A2 A3
    call_from(world, "A3");
    assert_int_equal(world->incident, 1);
    // A switching above what is switched takes all of it along.
    PUBLISH_OK(world, "node.switched", "{'node':'T4','fed_from':'T2'}");
    assert_counts(world, 1, 4, 0);
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    assert_counts(world, 2, 6, 0);
}

static void what_is_over_keeps_what_it_covered_and_takes_the_present_when_reopened(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1'}");
    world_pass(world, 10);
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'F2'}");
    assert_counts(world, 1, 5, 0);
    assert_int_equal(world_minutes(world, 1, 0), 50);
    call_from(world, "A1");
    assert_int_equal(world_incident(world, world->incident)->nested_in, 1);
    PUBLISH_OK(world, "incident.cancelled", "{'incident':2,'reason':'not_found'}");
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    assert_counts(world, 1, 5, 3);
    call_from(world, "A2");
    assert_int_not_equal(world->incident, 1);
}

static void what_is_fed_from_a_restored_part_has_its_supply_back(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'S1'}"); // all with a node: 126
    PUBLISH_OK(world, "node.switched", "{'node':'T2','fed_from':'T4'}");
    assert_counts(world, 1, 126, 0);
    world_pass(world, 10);
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'nodes':['F1']}");
    assert_counts(world, 1, 126, 3); // A4 and A5 hang on T4
    PUBLISH_OK(world, "incident.partly_restored", "{'incident':1,'nodes':['T4']}");
    assert_counts(world, 1, 126, 3 + 1 + 2);
    PUBLISH_OK(world, "node.switched", "{'node':'T2','fed_from':'T3'}");
    assert_counts(world, 1, 126, 3 + 1);
    PUBLISH_OK(world, "node.switched", "{'node':'T3','fed_from':'T1'}"); // 120, and T2 with them
    assert_counts(world, 1, 126, 126);
}

static void planned_works_take_the_calls_of_what_is_fed_from_there(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "planned.announced", "{'node':'F2','starts':%s,'ends':%s,'reason':'x'}",
               world_time(world, 0), world_time(world, 60));
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'F2'}");
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    call_from(world, "A1");
    assert_int_equal(world->planned, 1);
    PUBLISH_OK(world, "node.switched", "{'node':'T3','fed_from':'F1'}");
    call_from(world, "B101");
    assert_int_equal(world->planned, 0);
    PUBLISH_OK(world, "planned.ended", "{'planned':1}");
    PUBLISH_OK(world, "node.switched", "{'node':'T1'}");
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    call_from(world, "A2");
    assert_int_equal(world->planned, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_switched_transformer_leaves_one_incident_and_joins_another),
        TEST(what_is_switched_back_is_out_again_and_the_time_between_is_not_counted),
        TEST(what_is_opened_confirmed_or_moved_covers_what_is_fed_from_there_now),
        TEST(what_is_over_keeps_what_it_covered_and_takes_the_present_when_reopened),
        TEST(what_is_fed_from_a_restored_part_has_its_supply_back),
        TEST(planned_works_take_the_calls_of_what_is_fed_from_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
