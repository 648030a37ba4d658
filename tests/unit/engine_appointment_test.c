// Appointments: a window at a time is given to one; moving, cancelling, and what a restart keeps.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

enum { SEEDS = 20, STEPS = 300, WINDOWS = 2 };

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

static enum err_code book(struct world *world, const char *office, int from, int to)
{
    return world_publish(world, "appointment.booked",
                         "{'office':'%s','service':'metering','starts':%s,'ends':%s,'windows':%d}",
                         office, world_time(world, from), world_time(world, to), WINDOWS);
}

static int64_t window_of(const struct world *world)
{
    return EVENT_VALUE(&world->last, window)->integer;
}

static void two_windows_take_two_and_no_third(void **state)
{
    struct world *world = *state;

    assert_int_equal(book(world, "main", 60, 80), ERR_OK);
    assert_int_equal(window_of(world), 1);
    assert_int_equal(book(world, "main", 60, 80), ERR_OK);
    assert_int_equal(window_of(world), 2);
    assert_int_equal(book(world, "main", 60, 80), ERR_CONFLICT);
    assert_string_equal(world->err.reason, "taken");
    assert_string_equal(world->err.path, "/data/starts");
    assert_int_equal(book(world, "main", 70, 90), ERR_CONFLICT); // it overlaps
    assert_int_equal(book(world, "main", 80, 100), ERR_OK);      // it begins as they end
    assert_int_equal(book(world, "east", 60, 80), ERR_OK);       // another office
}

static void what_is_moved_or_cancelled_is_free_again(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < WINDOWS; i++)
        assert_int_equal(book(world, "main", 60, 80), ERR_OK);
    assert_int_equal(world_publish(world, "appointment.cancelled", "{'appointment':2}"), ERR_OK);
    assert_int_equal(world_publish(world, "appointment.cancelled", "{'appointment':2}"),
                     ERR_CONFLICT);
    assert_int_equal(book(world, "main", 60, 80), ERR_OK);
    assert_int_equal(world_publish(world, "appointment.moved",
                                   "{'appointment':1,'office':'main','service':'metering',"
                                   "'starts':%s,'ends':%s,'windows':2}",
                                   world_time(world, 65), world_time(world, 85)),
                     ERR_OK); // over its own former time
    assert_int_equal(book(world, "main", 40, 60), ERR_OK);
    assert_int_equal(world_publish(world, "appointment.kept", "{'appointment':9,'outcome':'came'}"),
                     ERR_NOT_FOUND);
}

// Random acts against a count of what is booked, over restarts; the journal folds to the same.
static void nobody_is_booked_twice_whatever_happens(void **unused)
{
    (void)unused;
    for (int seed = 1; seed <= SEEDS; seed++) {
        struct world *world = world_new();
        uint32_t dice = (uint32_t)seed;
        struct buf folded = {0}, dump = {0};

        for (int step = 0; step < STEPS; step++) {
            dice = dice * 1664525u + 1013904223u;
            int at = (int)(dice >> 8 & 15) * 10, number = 1 + (int)(dice >> 16 & 63);

            if ((dice >> 28) < 12)
                book(world, "main", 1000 + at, 1000 + at + 20);
            else if ((dice >> 28) < 14)
                world_publish(world, "appointment.cancelled", "{'appointment':%d}", number);
            else
                world_restart(world);
        }
        for (int64_t a = 1; a <= STEPS; a++) {
            for (int64_t b = 1; b < a; b++) {
                const struct appointment *one = engine_appointment(world->engine, a);
                const struct appointment *other = engine_appointment(world->engine, b);

                if (!one || !other || one->state != APPOINTMENT_BOOKED ||
                    other->state != APPOINTMENT_BOOKED || one->window != other->window)
                    continue;
                assert_true(one->ends <= other->starts || other->ends <= one->starts);
            }
        }
        world_refold(world, true, &folded);
        world_dump(world, &dump);
        assert_string_equal(buf_text(&folded), buf_text(&dump));
        buf_fini(&folded);
        buf_fini(&dump);
        world_free(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_windows_take_two_and_no_third, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_moved_or_cancelled_is_free_again, set_up,
                                        tear_down),
        cmocka_unit_test(nobody_is_booked_twice_whatever_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
