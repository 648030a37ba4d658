// Meter readings: what the engine takes, refuses, asks a reason for; the counter's roll-over.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tests/lib/engine_fixture.h"

enum { DAY_MINUTES = 24 * 60 };

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

// The facts that busd looks up stand in the event: meter M1 shows 5 digits, 1000 on 1 February.
#define METER                                                                 \
    "'applicant':'person','meter':'M1','digits':5,'zones':1,'former':[1000]," \
    "'former_at':'2026-02-01T12:00:00Z'"

static enum err_code read_meter(struct world *world, const char *more)
{
    return world_publish(world, "contact.meter_reading", "{" METER ",%s}", more);
}

static void assert_used(const struct world *world, int64_t used)
{
    assert_true(EVENT_HAS(&world->last, used));
    assert_int_equal(EVENT_VALUE(&world->last, used)->integers[0], used);
}

static void a_reading_counts_from_the_last_one(void **state)
{
    struct world *world = *state;

    assert_int_equal(read_meter(world, "'readings':[1240]"), ERR_OK);
    assert_used(world, 240);
    assert_int_equal(world_contact(world, world->reg_no)->state, CONTACT_ANSWERED);
    world_pass(world, 30 * DAY_MINUTES);
    assert_int_equal(read_meter(world, "'readings':[1500]"), ERR_OK);
    assert_used(world, 260); // from the one taken here, not the imported one
}

static void one_that_cannot_be_is_refused(void **state)
{
    struct world *world = *state;

    assert_int_equal(read_meter(world, "'readings':[100000]"), ERR_INVALID);
    assert_string_equal(world->err.path, "/data/readings/0");
    assert_string_equal(world->err.reason, "digits");
    assert_int_equal(read_meter(world, "'readings':[1100,1100]"), ERR_INVALID);
    assert_string_equal(world->err.reason, "zones");
    assert_int_equal(read_meter(world, "'readings':[99999]"), ERR_OK);
}

static void below_the_last_one_a_reason_is_wanted(void **state)
{
    struct world *world = *state;

    assert_int_equal(read_meter(world, "'readings':[999]"), ERR_CONFLICT);
    assert_string_equal(world->err.reason, "below_last");
    assert_string_equal(world->err.path, "/data/readings/0");
    assert_int_equal(read_meter(world, "'readings':[999],'reason':'счётчик заменён'"), ERR_OK);
    assert_used(world, 0);
}

static void three_times_the_usual_wants_a_reason(void **state)
{
    struct world *world = *state;

    assert_int_equal(read_meter(world, "'readings':[1270]"), ERR_OK); // 10 a day since 1 February
    world_pass(world, 10 * DAY_MINUTES);
    assert_int_equal(read_meter(world, "'readings':[1600]"), ERR_CONFLICT);
    assert_string_equal(world->err.reason, "above_usual");
    assert_int_equal(read_meter(world, "'readings':[1570]"), ERR_OK);
    world_pass(world, 10 * DAY_MINUTES);
    assert_int_equal(read_meter(world, "'readings':[9000],'reason':'ремонт'"), ERR_OK);
}

static void the_counter_goes_past_its_end(void **state)
{
    struct world *world = *state;

    assert_int_equal(read_meter(world, "'readings':[99900],'reason':'x'"), ERR_OK);
    world_pass(world, 30 * DAY_MINUTES);
    assert_int_equal(read_meter(world, "'readings':[150]"), ERR_OK);
    assert_true(EVENT_HAS(&world->last, rolled_over));
    assert_used(world, 250);
}

static void one_of_before_the_last_is_refused(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_publish_at(world, world_start_ms - INT64_C(40) * DAY_MINUTES * 60000,
                                      "contact.meter_reading", "{" METER ",'readings':[1100]}"),
                     ERR_CONFLICT);
    assert_string_equal(world->err.reason, "older");
}

static void the_journal_folds_to_the_same_state(void **state)
{
    struct world *world = *state;
    struct buf folded = {0}, dump = {0};

    assert_int_equal(read_meter(world, "'readings':[1240]"), ERR_OK);
    world_pass(world, 30 * DAY_MINUTES);
    world_restart(world);
    assert_int_equal(read_meter(world, "'readings':[1500]"), ERR_OK);
    assert_used(world, 260);
    world_refold(world, true, &folded);
    world_dump(world, &dump);
    assert_string_equal(buf_text(&folded), buf_text(&dump));
    buf_fini(&folded);
    buf_fini(&dump);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_reading_counts_from_the_last_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_cannot_be_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(below_the_last_one_a_reason_is_wanted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(three_times_the_usual_wants_a_reason, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_counter_goes_past_its_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_of_before_the_last_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_journal_folds_to_the_same_state, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
