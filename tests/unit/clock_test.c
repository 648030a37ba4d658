#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"

static struct err err;

static void set_zone(const char *zone)
{
    assert_int_equal(clock_set_zone(zone, &err), ERR_OK);
    assert_string_equal(clock_zone(), zone);
}

static int64_t parsed(const char *text)
{
    int64_t time_ms = INT64_MIN;
    if (!clock_parse(text, strlen(text), &time_ms))
        fail_msg("%s is no time", text);
    return time_ms;
}

static void assert_formatted(const char *utc, const char *wanted)
{
    char text[CLOCK_TEXT_BYTES];
    clock_format(parsed(utc), text);
    assert_string_equal(text, wanted);
}

static int64_t from_local(int year, int month, int day, int hour, int minute)
{
    const struct tm local = {.tm_year = year - 1900,
                             .tm_mon = month - 1,
                             .tm_mday = day,
                             .tm_hour = hour,
                             .tm_min = minute};
    return clock_from_local(&local);
}

// The first test: nothing is installed, and TZ says something else.
static void before_a_zone_is_set_it_is_utc(void **state)
{
    struct tm local;
    (void)state;
    setenv("TZ", "Asia/Yekaterinburg", 1);
    assert_string_equal(clock_zone(), "UTC");
    assert_formatted("2026-02-28T14:03:21Z", "2026-02-28T14:03:21+00:00");
    clock_local(parsed("2026-02-28T14:03:21Z"), &local);
    assert_int_equal(local.tm_hour, 14);
}

static void the_environment_is_not_consulted(void **state)
{
    (void)state;
    set_zone("Europe/Moscow");
    setenv("TZ", "Asia/Yekaterinburg", 1);
    assert_formatted("2026-02-28T14:03:21Z", "2026-02-28T17:03:21+03:00");
    set_zone("Europe/Moscow");
}

static void times_are_written_with_the_companys_offset(void **state)
{
    (void)state;
    set_zone("Europe/Moscow");
    assert_formatted("2026-02-28T11:03:21.250Z", "2026-02-28T14:03:21.250+03:00");
    assert_formatted("2026-02-28T11:03:21.007Z", "2026-02-28T14:03:21.007+03:00");
    assert_formatted("2012-06-30T23:30:00Z", "2012-07-01T03:30:00+04:00");
    assert_formatted("1969-12-31T23:59:59.999Z", "1970-01-01T02:59:59.999+03:00");
    set_zone("America/St_Johns");
    assert_formatted("2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30");
    set_zone("Asia/Kathmandu");
    assert_formatted("2026-01-01T00:00:00Z", "2026-01-01T05:45:00+05:45");
    set_zone("UTC");
    assert_formatted("2024-02-29T12:00:00+03:00", "2024-02-29T09:00:00+00:00");
}

// The offset is kept for an hour; that must not show on either side of a change.
static void a_change_of_the_offset_is_exact_to_the_second(void **state)
{
    (void)state;
    set_zone("Europe/Berlin");
    assert_formatted("2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00");
    assert_formatted("2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00");
    assert_formatted("2026-10-25T00:59:59Z", "2026-10-25T02:59:59+02:00");
    assert_formatted("2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00");
    set_zone("Australia/Lord_Howe"); // half an hour of summer time, at half past
    assert_formatted("2026-04-04T14:59:59Z", "2026-04-05T01:59:59+11:00");
    assert_formatted("2026-04-04T15:00:00Z", "2026-04-05T01:30:00+10:30");
}

static void another_zone_is_not_answered_from_memory(void **state)
{
    (void)state;
    set_zone("Europe/Moscow");
    assert_formatted("2026-01-01T00:00:00Z", "2026-01-01T03:00:00+03:00");
    set_zone("Asia/Yekaterinburg");
    assert_formatted("2026-01-01T00:00:00Z", "2026-01-01T05:00:00+05:00");
}

static void offsets_with_seconds_keep_the_instant(void **state)
{
    char text[CLOCK_TEXT_BYTES];
    (void)state;
    set_zone("Europe/Moscow");
    int64_t old = parsed("1900-01-01T00:00:00Z"); // +02:30:17
    clock_format(old, text);
    assert_string_equal(text, "1900-01-01T02:30:00+02:30");
    assert_true(parsed(text) == old);
}

static void the_limits_of_four_digit_years_hold(void **state)
{
    char text[CLOCK_TEXT_BYTES];
    int64_t time_ms;
    (void)state;
    set_zone("America/New_York");
    assert_true(parsed("0001-01-01T00:00:00Z") == CLOCK_MIN_MS);
    clock_format(CLOCK_MIN_MS, text);
    assert_string_equal(text, "0001-01-01T00:00:00+00:00");
    set_zone("Europe/Moscow");
    assert_true(parsed("9999-12-31T23:59:59.999Z") == CLOCK_MAX_MS);
    clock_format(CLOCK_MAX_MS, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999+00:00");
    clock_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999+00:00");
    clock_format(INT64_MIN, text);
    assert_string_equal(text, "0001-01-01T02:30:00+02:30");
    assert_false(clock_parse("0001-01-01T00:00:00+00:01", 25, &time_ms));
    assert_false(clock_parse("9999-12-31T23:59:59-00:01", 25, &time_ms));
}

static void every_form_of_rfc_3339_is_read(void **state)
{
    (void)state;
    int64_t time_ms = parsed("2026-02-28T11:03:21.250Z");
    static const char *const same[] = {
        "2026-02-28T14:03:21.250+03:00", "2026-02-28t11:03:21.25z",
        "2026-02-28 11:03:21.2500Z",     "2026-02-28T11:03:21.250999999999Z",
        "2026-02-28T07:33:21.250-03:30", "2026-02-28T11:03:21.250-00:00"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_true(parsed(same[i]) == time_ms);
    assert_true(parsed("2016-12-31T23:59:60Z") == parsed("2016-12-31T23:59:59Z"));
    assert_true(parsed("2017-01-01T02:59:60.5+03:00") == parsed("2016-12-31T23:59:59.5Z"));
}

static void what_is_no_time_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "2026",
                                        "2026-02-28",
                                        "2026-02-28T14:03",
                                        "2026-02-28T14:03:21",
                                        "2026-02-28T14:03:21+03",
                                        "2026-02-28T14:03:21+0300",
                                        "2026-02-28T14:03:21.+03:00",
                                        "2026-02-28T14:03:21,5Z",
                                        "2026-02-28T14:03:21Z ",
                                        " 2026-02-28T14:03:21Z",
                                        "2026-02-29T14:03:21Z",
                                        "2100-02-29T00:00:00Z",
                                        "2026-13-01T00:00:00Z",
                                        "2026-00-01T00:00:00Z",
                                        "2026-01-00T00:00:00Z",
                                        "2026-04-31T00:00:00Z",
                                        "2026-01-01T24:00:00Z",
                                        "2026-01-01T00:60:00Z",
                                        "2026-01-01T00:00:61Z",
                                        "2026-01-01T00:00:60Z",
                                        "2026-01-01T00:00:00+24:00",
                                        "2026-01-01T00:00:00+00:60",
                                        "2026-01-01T00:00:00*00:00",
                                        "26-01-01T00:00:00Z",
                                        "+2026-01-01T00:00:00Z",
                                        "2026-1-1T0:0:0Z",
                                        "2026/01/01T00:00:00Z",
                                        "2026-01-01_00:00:00Z",
                                        "0000-01-01T00:00:00Z",
                                        "2026-01-01T00:00:00ZZ",
                                        "2026-01-01T-1:00:00Z"};
    int64_t time_ms;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (clock_parse(wrong[i], strlen(wrong[i]), &time_ms))
            fail_msg("%s is taken for a time", wrong[i]);
    }
    assert_true(clock_parse("2024-02-29T00:00:00Z", 20, &time_ms));
    assert_true(clock_parse("2000-02-29T00:00:00Z", 20, &time_ms));
    assert_false(clock_parse("2026-01-01T00:00:00\0", 20, &time_ms));
}

static void what_is_written_reads_back(void **state)
{
    static const char *const zones[] = {"UTC", "Europe/Moscow", "America/St_Johns"};
    uint64_t seed = 88172645463325252u;
    (void)state;
    for (size_t zone = 0; zone < sizeof zones / sizeof *zones; zone++) {
        set_zone(zones[zone]);
        for (int i = 0; i < 5000; i++) {
            char text[CLOCK_TEXT_BYTES];
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            int64_t time_ms =
                CLOCK_MIN_MS + (int64_t)(seed % (uint64_t)(CLOCK_MAX_MS - CLOCK_MIN_MS));
            clock_format(time_ms, text);
            assert_true(parsed(text) == time_ms);
        }
    }
}

static void dates_agree_with_libc(void **state)
{
    (void)state;
    set_zone("UTC");
    for (int64_t day = -719162; day < 2932896; day += 97) {
        char text[CLOCK_TEXT_BYTES], wanted[CLOCK_TEXT_BYTES * 2];
        time_t seconds = day * 86400;
        struct tm utc;
        gmtime_r(&seconds, &utc);
        snprintf(wanted, sizeof wanted, "%04d-%02d-%02dT00:00:00+00:00", utc.tm_year + 1900,
                 utc.tm_mon + 1, utc.tm_mday);
        clock_format(day * 86400000, text);
        assert_string_equal(text, wanted);
    }
}

static void a_wall_clock_time_becomes_an_instant(void **state)
{
    (void)state;
    set_zone("Europe/Berlin");
    assert_true(from_local(2026, 7, 1, 12, 0) == parsed("2026-07-01T12:00:00+02:00"));
    assert_true(from_local(2026, 1, 1, 0, 0) == parsed("2026-01-01T00:00:00+01:00"));
    assert_true(from_local(2026, 1, 31 + 1, 25, 0) == parsed("2026-02-02T01:00:00+01:00"));
}

static void a_missing_hour_moves_forward_and_a_doubled_one_is_the_first(void **state)
{
    (void)state;
    set_zone("Europe/Berlin");
    assert_true(from_local(2026, 3, 29, 2, 30) == parsed("2026-03-29T03:30:00+02:00"));
    assert_true(from_local(2026, 3, 29, 1, 59) == parsed("2026-03-29T01:59:00+01:00"));
    assert_true(from_local(2026, 3, 29, 3, 0) == parsed("2026-03-29T03:00:00+02:00"));
    assert_true(from_local(2026, 10, 25, 2, 30) == parsed("2026-10-25T02:30:00+02:00"));
    assert_true(from_local(2026, 10, 25, 3, 0) == parsed("2026-10-25T03:00:00+01:00"));
    set_zone("America/New_York"); // west of Greenwich the order of the two offsets is the same
    assert_true(from_local(2026, 3, 8, 2, 30) == parsed("2026-03-08T03:30:00-04:00"));
    assert_true(from_local(2026, 11, 1, 1, 30) == parsed("2026-11-01T01:30:00-04:00"));
}

static void the_year_is_the_companys(void **state)
{
    (void)state;
    set_zone("Europe/Moscow");
    assert_int_equal(clock_local_year(parsed("2025-12-31T20:59:59Z")), 2025);
    assert_int_equal(clock_local_year(parsed("2025-12-31T21:00:00Z")), 2026);
}

static void an_unknown_zone_is_refused_and_changes_nothing(void **state)
{
    static const char *const wrong[] = {
        "",      "Moscow/Europe", "../../../etc/passwd", "/etc/localtime", "zone.tab",
        "MSK-3", "Europe"};
    (void)state;
    set_zone("Europe/Moscow");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(clock_set_zone(wrong[i], &err), ERR_INVALID);
        assert_non_null(strstr(err.message[LANGUAGE_EN], "Europe/Moscow"));
        assert_non_null(strstr(err.message[LANGUAGE_RU], "Часового пояса"));
    }
    assert_string_equal(clock_zone(), "Europe/Moscow");
    assert_formatted("2026-01-01T00:00:00Z", "2026-01-01T03:00:00+03:00");
}

static void clocks_run(void **state)
{
    (void)state;
    int64_t before = clock_monotonic_now_ms();
    assert_true(clock_real_now_ms() > parsed("2024-01-01T00:00:00Z"));
    assert_true(clock_monotonic_now_ms() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_a_zone_is_set_it_is_utc),
        cmocka_unit_test(the_environment_is_not_consulted),
        cmocka_unit_test(times_are_written_with_the_companys_offset),
        cmocka_unit_test(a_change_of_the_offset_is_exact_to_the_second),
        cmocka_unit_test(another_zone_is_not_answered_from_memory),
        cmocka_unit_test(offsets_with_seconds_keep_the_instant),
        cmocka_unit_test(the_limits_of_four_digit_years_hold),
        cmocka_unit_test(every_form_of_rfc_3339_is_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(dates_agree_with_libc),
        cmocka_unit_test(a_wall_clock_time_becomes_an_instant),
        cmocka_unit_test(a_missing_hour_moves_forward_and_a_doubled_one_is_the_first),
        cmocka_unit_test(the_year_is_the_companys),
        cmocka_unit_test(an_unknown_zone_is_refused_and_changes_nothing),
        cmocka_unit_test(clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
