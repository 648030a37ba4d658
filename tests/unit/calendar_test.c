// Working days: config/calendar.yaml against the official numbers of days, terms over holidays, faults.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "busd/calendar.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "tests/lib/scratch.h"

static int64_t moscow(const char *text)
{
    int64_t time_ms = 0;
    char whole[64];

    snprintf(whole, sizeof whole, "%s+03:00", text);
    assert_true(clock_parse(whole, strlen(whole), &time_ms));
    return time_ms;
}

static int set_zone(void **state)
{
    struct err err;

    (void)state;
    return clock_set_zone("Europe/Moscow", &err) == ERR_OK ? 0 : -1;
}

static int64_t days_between(const struct engine_calendar *calendar, const char *from,
                            const char *to)
{
    int64_t count = 0;

    for (size_t i = 0; i < calendar->count; i++)
        count +=
            calendar->days[i].starts_ms >= moscow(from) && calendar->days[i].starts_ms < moscow(to);
    return count;
}

// 247 and 247 as the production calendars have it; the two days of January 2027 are not moved yet.
static void the_years_have_their_official_number_of_working_days(void **state)
{
    struct engine_calendar calendar;
    struct err err;

    (void)state;
    assert_int_equal(calendar_read(&calendar, "config/calendar.yaml", &err), ERR_OK);
    assert_int_equal(days_between(&calendar, "2025-01-01T00:00:00", "2026-01-01T00:00:00"), 247);
    assert_int_equal(days_between(&calendar, "2025-11-01T00:00:00", "2025-12-01T00:00:00"), 19);
    assert_int_equal(days_between(&calendar, "2026-01-01T00:00:00", "2027-01-01T00:00:00"), 247);
    assert_int_equal(days_between(&calendar, "2026-01-01T00:00:00", "2026-02-01T00:00:00"), 15);
    assert_int_equal(days_between(&calendar, "2027-01-01T00:00:00", "2027-02-01T00:00:00"), 15);
    calendar_fini(&calendar);
}

static void a_term_counts_working_days_alone(void **state)
{
    struct engine_calendar calendar;
    struct err err;
    static const struct {
        const char *at;
        int64_t days;
        const char *starts;
    } terms[] = {
        {"2026-01-14T09:00:00", 1, "2026-01-13T00:00:00"},
        {"2026-01-14T00:00:00", 3, "2025-12-30T00:00:00"},  // over the New Year: 13, 12, 30
        {"2025-11-05T12:00:00", 1, "2025-11-01T00:00:00"},  // a Saturday that is worked
        {"2026-05-10T12:00:00", 1, "2026-05-08T00:00:00"},  // from a Sunday
        {"2026-03-24T09:00:00", 10, "2026-03-10T00:00:00"}, // Monday 9 March is off
    };

    (void)state;
    assert_int_equal(calendar_read(&calendar, "config/calendar.yaml", &err), ERR_OK);
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        assert_int_equal(engine_calendar_before(&calendar, moscow(terms[i].at), terms[i].days),
                         moscow(terms[i].starts));
    calendar_fini(&calendar);
    // Without a file weekends alone are off.
    assert_int_equal(calendar_read(&calendar, NULL, &err), ERR_OK);
    assert_int_equal(engine_calendar_before(&calendar, moscow("2026-01-12T10:00:00"), 1),
                     moscow("2026-01-09T00:00:00"));
    calendar_fini(&calendar);
}

static void dates_that_cannot_be_are_refused(void **state)
{
    static const char *const faults[] = {
        "off: [2026-02-30]\n",   "off: [26-01-01]\n",
        "off: [1999-01-01]\n",   "holidays: []\n",
        "off: [2026-01-01 ]x\n", "off: [2026-01-01]\nworking: [2026-01-01]\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct engine_calendar calendar;
        char *directory = scratch_new();
        struct buf path = {0};
        struct err err;

        buf_printf(&path, "%s/calendar.yaml", directory);
        FILE *file = fopen(path.data, "w");
        assert_non_null(file);
        fputs(faults[i], file);
        fclose(file);
        err_clear(&err);
        assert_int_equal(calendar_read(&calendar, path.data, &err), ERR_INVALID);
        assert_non_null(strstr(err.path, "calendar.yaml:"));
        calendar_fini(&calendar);
        buf_fini(&path);
        scratch_remove(directory);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_years_have_their_official_number_of_working_days),
        cmocka_unit_test(a_term_counts_working_days_alone),
        cmocka_unit_test(dates_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests(tests, set_zone, NULL);
}
