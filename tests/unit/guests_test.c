// Too many connections push out those that do not get on with their handshake.
#include "busd/guests.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

static void below_the_limit_everybody_stays(void **state)
{
    struct guests *guests = guests_new(100);

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(guests_accepted(guests, 10 + i, i), -1);
    assert_int_equal(guests_count(guests), 100);
    for (int i = 0; i < 100; i++)
        guests_closed(guests, 10 + i);
    assert_int_equal(guests_count(guests), 0);
    guests_free(guests);
}

static void above_it_the_oldest_handshake_goes(void **state)
{
    struct guests *guests = guests_new(3);

    (void)state;
    for (int i = 0; i < 3; i++)
        guests_accepted(guests, i, 1000 + i);
    assert_int_equal(guests_accepted(guests, 3, 1010), 0);
    assert_int_equal(guests_accepted(guests, 4, 1011), 1);
    guests_closed(guests, 0);
    guests_closed(guests, 1);
    assert_int_equal(guests_count(guests), 3);
    guests_closed(guests, 2);
    assert_int_equal(guests_accepted(guests, 0, 1012), -1);
    assert_int_equal(guests_accepted(guests, 1, 1013), 3);
    guests_free(guests);
}

static void who_is_in_is_not_pushed_out_again(void **state)
{
    struct guests *guests = guests_new(2);
    int64_t later_ms = 1000 + GUESTS_HANDSHAKE_MS + 1;

    (void)state;
    guests_accepted(guests, 7, 1000);
    guests_accepted(guests, 8, 1000);
    assert_int_equal(guests_accepted(guests, 9, later_ms), 9);
    guests_free(guests);
}

static void a_descriptor_that_is_used_again_is_another_guest(void **state)
{
    struct guests *guests = guests_new(2);

    (void)state;
    guests_accepted(guests, 5, 1000);
    guests_closed(guests, 5);
    guests_accepted(guests, 6, 1001);
    guests_accepted(guests, 5, 1002);
    assert_int_equal(guests_accepted(guests, 9, 1003), 6);
    guests_free(guests);
}

static void a_long_flood_keeps_to_the_limit(void **state)
{
    struct guests *guests = guests_new(50);
    bool open[1000] = {false};
    unsigned random = 1;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        int connection, going;

        random = random * 1103515245u + 12345u;
        connection = (int)(random >> 16) % 1000;
        if (open[connection]) {
            guests_closed(guests, connection);
            open[connection] = false;
            continue;
        }
        open[connection] = true;
        going = guests_accepted(guests, connection, i);
        if (going >= 0) {
            assert_true(open[going]);
            open[going] = false;
            guests_closed(guests, going);
        }
        assert_true(guests_count(guests) <= 50);
    }
    guests_free(guests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(below_the_limit_everybody_stays),
        cmocka_unit_test(above_it_the_oldest_handshake_goes),
        cmocka_unit_test(who_is_in_is_not_pushed_out_again),
        cmocka_unit_test(a_descriptor_that_is_used_again_is_another_guest),
        cmocka_unit_test(a_long_flood_keeps_to_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
