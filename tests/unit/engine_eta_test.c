// Rule 5 of EVENTS.md and the precedence of ETAs.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

static int set_up(void **state)
{
    struct world *world = *state = world_new();

    return world_publish(world, "incident.opened", "{'kind':'outage','node':'T1'}") == ERR_OK ? 0
                                                                                              : -1;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static const struct incident *the_incident(const struct world *world)
{
    return world_incident(world, 1);
}

static bool in_force(const struct world *world)
{
    return EVENT_VALUE(&world->last, in_force)->integer != 0;
}

static void an_eta_says_what_who_and_when(void **state)
{
    struct world *world = *state;
    const struct incident *incident;

    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s,'say':'бригада выехала'}",
               world_time(world, 90));
    incident = the_incident(world);
    assert_true(in_force(world));
    assert_int_equal(incident->eta_at, world->now_ms + 90 * 60000);
    assert_int_equal(incident->eta_source, ETA_DISPATCHER);
    assert_string_equal(event_word(EVENT_FIELD_firmness, incident->eta_firmness), "estimate");
    assert_true(incident->eta_published);
    assert_string_equal(incident->eta_by, "pult:user:anna");
    assert_string_equal(incident->eta_say, "бригада выехала");
    assert_int_equal(incident->eta_set_at, world->now_ms);
    assert_int_equal(incident->eta_revisions, 0);
    // What was left out is said in the stored event.
    assert_true(EVENT_HAS(&world->last, source) && EVENT_HAS(&world->last, firmness) &&
                EVENT_HAS(&world->last, published));
}

static void a_lower_source_is_recorded_and_not_in_force(void **state)
{
    struct world *world = *state;
    static const char *const sources[] = {"dispatcher", "crew", "zone"};
    // Row: in force; column: set now.
    static const bool takes[3][3] = {{true, true, false}, {true, true, false}, {true, true, true}};

    for (int standing = 0; standing < 3; standing++) {
        for (int next = 0; next < 3; next++) {
            int64_t version;

            PUBLISH_OK(world, "eta.withdrawn", "{'incident':1}");
            PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s,'source':'%s'}",
                       world_time(world, 60), sources[standing]);
            assert_true(in_force(world));
            version = the_incident(world)->version;
            PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s,'source':'%s'}",
                       world_time(world, 120), sources[next]);
            assert_int_equal(in_force(world), takes[standing][next]);
            assert_int_equal(the_incident(world)->eta_at,
                             world->now_ms + (takes[standing][next] ? 120 : 60) * 60000);
            if (!takes[standing][next])
                assert_int_equal(the_incident(world)->version, version);
        }
    }
}

static void revisions_are_counted(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 4; i++)
        PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 60 * i));
    assert_int_equal(the_incident(world)->eta_revisions, 3);
}

static void restoring_ends_the_eta_in_force(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 60));
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    assert_int_equal(the_incident(world)->eta_source, -1);
    assert_int_equal(the_incident(world)->eta_at, 0);
    assert_null(the_incident(world)->eta_by);
}

static void a_restored_incident_refuses_an_eta(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    assert_int_equal(
        world_publish(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 60)),
        ERR_CONFLICT);
    PUBLISH_OK(world, "incident.closed", "{'incident':1}");
    assert_int_equal(
        world_publish(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 60)),
        ERR_CONFLICT);
    assert_string_equal(world->err.reason, "state");
}

static void a_reopened_incident_starts_without_an_eta(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 60));
    PUBLISH_OK(world, "incident.cancelled", "{'incident':1,'reason':'not_found'}");
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    assert_int_equal(the_incident(world)->eta_source, -1);
    // So that a lower source can set one again.
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s,'source':'zone'}", world_time(world, 60));
    assert_true(in_force(world));
}

static void withdrawing_without_an_eta_is_accepted(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "eta.withdrawn", "{'incident':1}");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "eta.withdrawn", "{'incident':1}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_eta_says_what_who_and_when),
        TEST(a_lower_source_is_recorded_and_not_in_force),
        TEST(revisions_are_counted),
        TEST(restoring_ends_the_eta_in_force),
        TEST(a_restored_incident_refuses_an_eta),
        TEST(a_reopened_incident_starts_without_an_eta),
        TEST(withdrawing_without_an_eta_is_accepted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
