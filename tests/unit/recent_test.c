// The newest events in memory: bounded by count and by bytes, and shared.
#include "busd/recent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void add(struct recent *recent, int64_t sequence, size_t bytes)
{
    char *data = calloc(1, bytes);

    recent_add(recent, packet_new(sequence, slice_of("log.entry"), (struct slice){data, bytes}));
    free(data);
}

static void nothing_is_there_before_the_first_event(void **state)
{
    struct recent *recent = malloc(sizeof *recent);

    (void)state;
    recent_init(recent, 41);
    assert_null(recent_get(recent, 41));
    assert_null(recent_get(recent, 42));
    add(recent, 42, 10);
    assert_int_equal(recent_get(recent, 42)->sequence, 42);
    assert_true(slice_is(recent_get(recent, 42)->topic, "log.entry"));
    assert_null(recent_get(recent, 43));
    recent_fini(recent);
    free(recent);
}

static void the_oldest_leaves_when_there_are_too_many(void **state)
{
    struct recent *recent = malloc(sizeof *recent);

    (void)state;
    recent_init(recent, 0);
    for (int64_t i = 1; i <= RECENT_EVENTS + 3; i++)
        add(recent, i, 1);
    assert_null(recent_get(recent, 3));
    assert_int_equal(recent_get(recent, 4)->sequence, 4);
    assert_int_equal(recent_get(recent, RECENT_EVENTS + 3)->sequence, RECENT_EVENTS + 3);
    assert_int_equal(recent->bytes, RECENT_EVENTS);
    recent_fini(recent);
    free(recent);
}

static void the_oldest_leave_when_they_are_too_large(void **state)
{
    struct recent *recent = malloc(sizeof *recent);

    (void)state;
    recent_init(recent, 0);
    for (int64_t i = 1; i <= 20; i++)
        add(recent, i, RECENT_BYTES / 8);
    assert_null(recent_get(recent, 12));
    assert_int_equal(recent_get(recent, 13)->sequence, 13);
    assert_true(recent->bytes <= RECENT_BYTES);
    recent_fini(recent);
    free(recent);
}

static void one_who_holds_a_packet_keeps_it(void **state)
{
    struct recent *recent = malloc(sizeof *recent);
    struct packet *kept;

    (void)state;
    recent_init(recent, 0);
    add(recent, 1, 300);
    kept = packet_hold(recent_get(recent, 1));
    recent_fini(recent);
    assert_int_equal(kept->bytes.length, 300);
    assert_int_equal(atomic_load(&kept->references), 1);
    packet_release(kept);
    free(recent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_there_before_the_first_event),
        cmocka_unit_test(the_oldest_leaves_when_there_are_too_many),
        cmocka_unit_test(the_oldest_leave_when_they_are_too_large),
        cmocka_unit_test(one_who_holds_a_packet_keeps_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
