// Storms: a flood of a desk starts and ends by the counts, is kept over a restart, proposes and never
// switches; the mode is people's; alarms that chatter or are stale.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "busd/engine_desks.h"
#include "busd/engine_storm.h"
#include "busd/timers.h"
#include "tests/lib/engine_fixture.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

enum { MINUTE_MS = 60 * 1000 };

static char *west_nodes[] = {"F2", NULL}, *no_nodes[] = {NULL};
static struct engine_desk desk_items[] = {{.desk = "west", .name = "West", .nodes = west_nodes},
                                          {.desk = "rest", .name = "Rest", .nodes = no_nodes}};
static const struct engine_desks desks = {.items = desk_items, .count = 2};
static struct engine_timers timers;

static int set_up(void **state)
{
    struct world *world = world_new();
    struct err err;

    assert_int_equal(timers_read(&timers, NULL, &err), ERR_OK);
    // Only floods are looked at here.
    for (int timer = 0; timer < ENGINE_TIMER_COUNT; timer++) {
        if (timer != ENGINE_TIMER_FLOOD_ON && timer != ENGINE_TIMER_FLOOD_OFF)
            timers.rows[timer].after_ms = INT64_C(1) << 50;
    }
    engine_set_timers(world->engine, &timers);
    engine_set_desks(world->engine, &desks);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    timers_fini(&timers);
    return 0;
}

static void expect(struct world *world, int minutes, const char *wanted)
{
    struct buf said = {0};

    world_pass_deadlines(world, minutes, &said);
    assert_string_equal(buf_text(&said), wanted);
    buf_fini(&said);
}

// Reports of premises that nothing covers yet: an incident each.
static void report(struct world *world, int first, int count)
{
    for (int i = 0; i < count; i++)
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'B%d'},'symptom':'no_power'}",
                   first + i);
}

static void a_flood_starts_above_ten_and_ends_below_five(void **state)
{
    struct world *world = *state;

    report(world, 101, 6);
    expect(world, 5, "");
    report(world, 107, 4); // ten: not more than ten
    expect(world, 1, "");
    report(world, 111, 1);
    expect(world, 1, "flood_on west +6\n");
    assert_false(engine_is_storm(world->engine)); // a proposal
    report(world, 112, 3);
    // The first six leave the ten minutes at +10, at +15 the next four: then four are left.
    expect(world, 20, "flood_off west +15\n");
    expect(world, 60, "");
    report(world, 121, 11);
    expect(world, 1, "flood_on west +87\n");
}

static void calls_that_join_and_old_incidents_are_no_flood(void **state)
{
    struct world *world = *state;

    report(world, 101, 8);
    for (int i = 0; i < 5; i++)
        report(world, 101, 8);
    expect(world, 9, "");
    report(world, 109, 2);
    expect(world, 2, "");
    report(world, 111, 8);
    expect(world, 30, "");
}

static void one_that_needs_somebody_again_counts_again(void **state)
{
    struct world *world = *state;

    report(world, 101, 8);
    for (int i = 1; i <= 3; i++) {
        PUBLISH_OK(world, "dispatch.accepted", "{'incident':%d}", i);
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'B%d'},'symptom':'partial'}",
                   100 + i);
        // It needs somebody already: no second time.
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'B%d'},'symptom':'interruptions'}",
                   100 + i);
    }
    expect(world, 1, "flood_on west +0\n");
}

static void desks_are_counted_each_for_itself(void **state)
{
    struct world *world = *state;

    report(world, 101, 10);
    for (int i = 1; i <= 5; i++)
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'A%d'},'symptom':'no_power'}", i);
    expect(world, 30, "");
    // Without desks all belong to the one that stands for everybody.
    engine_set_desks(world->engine, NULL);
    report(world, 121, 11);
    expect(world, 30, "flood_on * +30\nflood_off * +40\n");
}

static void a_restart_within_a_flood_changes_nothing(void **state)
{
    struct world *world = *state;
    struct buf live = {0}, fold = {0};

    report(world, 101, 7);
    expect(world, 3, "");
    world_restart(world);
    engine_set_desks(world->engine, &desks);
    engine_set_timers(world->engine, &timers);
    report(world, 108, 4);
    world_restart(world);
    engine_set_desks(world->engine, &desks);
    engine_set_timers(world->engine, &timers);
    expect(world, 1, "flood_on west +3\n");
    world_restart(world);
    engine_set_timers(world->engine, &timers);
    expect(world, 20, "flood_off west +10\n");
    world_dump(world, &live);
    world_refold(world, true, &fold);
    assert_string_equal(buf_text(&live), buf_text(&fold));
    buf_fini(&live);
    buf_fini(&fold);
}

// Against a list of moments, counted anew each minute.
static void the_packed_counts_are_those_of_a_list(void **state)
{
    struct world *world = *state;
    int64_t moments[120];
    uint32_t seed = 7;
    int count = 0;

    for (int minute = 0; minute < 60; minute++) {
        seed = seed * 1103515245U + 12345U;
        int more = (int)(seed >> 16 & 3);

        for (int i = 0; i < more && count < 120; i++) {
            moments[count++] = world->now_ms;
            report(world, 100 + count, 1);
        }
        int64_t wanted = 0;
        for (int i = 0; i < count; i++)
            wanted += world->now_ms / MINUTE_MS - moments[i] / MINUTE_MS < ENGINE_FLOOD_MINUTES;
        for (size_t i = 0; i < world->store_count; i++) {
            if (world->store[i].type == RECORD_DESK_STATE)
                assert_int_equal(engine_flood_count(world->store[i].record, world->now_ms), wanted);
        }
        world_pass(world, 1);
    }
}

static void the_mode_is_what_people_say(void **state)
{
    struct world *world = *state;

    assert_false(engine_is_storm(world->engine));
    PUBLISH_OK(world, "mode.changed", "{'mode':'storm'}");
    assert_true(engine_is_storm(world->engine));
    world_restart(world);
    assert_true(engine_is_storm(world->engine));
    PUBLISH_OK(world, "mode.message", "{'text':'until tomorrow'}");
    assert_true(engine_is_storm(world->engine));
    PUBLISH_OK(world, "mode.changed", "{'mode':'normal'}");
    assert_false(engine_is_storm(world->engine));
}

static void three_times_within_a_minute_chatters_until_it_is_quiet(void **state)
{
    struct world *world = *state;
    static const char *const symptoms[] = {"no_power", "partial", "interruptions"};

    for (int i = 0; i < 3; i++) {
        assert_false(i && engine_is_chattering(world_incident(world, 1), world->now_ms));
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'B101'},'symptom':'%s'}",
                   symptoms[i]);
    }
    assert_true(engine_is_chattering(world_incident(world, 1), world->now_ms));
    world_pass(world, 9);
    assert_true(engine_is_chattering(world_incident(world, 1), world->now_ms));
    world_pass(world, 1);
    assert_false(engine_is_chattering(world_incident(world, 1), world->now_ms));
    // The same three over three minutes.
    for (int i = 0; i < 3; i++) {
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'B102'},'symptom':'%s'}",
                   symptoms[i]);
        world_pass(world, 1);
    }
    assert_false(engine_is_chattering(world_incident(world, 2), world->now_ms));
}

static void what_nobody_deals_with_for_a_day_is_stale(void **state)
{
    struct world *world = *state;

    report(world, 101, 2);
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':2}");
    PUBLISH_OK(world, "eta.set", "{'incident':2,'at':%s}", world_time(world, 60));
    world_pass(world, 24 * 60 - 1);
    assert_false(engine_is_stale(world_incident(world, 1), world->now_ms));
    world_pass(world, 1);
    assert_true(engine_is_stale(world_incident(world, 1), world->now_ms));
    assert_false(engine_is_stale(world_incident(world, 2), world->now_ms));
    world_pass(world, 60);
    assert_true(engine_is_stale(world_incident(world, 2), world->now_ms));
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    assert_false(engine_is_stale(world_incident(world, 1), world->now_ms));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_flood_starts_above_ten_and_ends_below_five),
        TEST(calls_that_join_and_old_incidents_are_no_flood),
        TEST(one_that_needs_somebody_again_counts_again),
        TEST(desks_are_counted_each_for_itself),
        TEST(a_restart_within_a_flood_changes_nothing),
        TEST(the_packed_counts_are_those_of_a_list),
        TEST(the_mode_is_what_people_say),
        TEST(three_times_within_a_minute_chatters_until_it_is_quiet),
        TEST(what_nobody_deals_with_for_a_day_is_stale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
