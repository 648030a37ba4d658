#include "tui/eta_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "tui/strings.h"

static int64_t now_ms; // Thu 23 Nov 2023 14:32:20 in Moscow

static int set_up(void **state)
{
    struct err err;
    (void)state;
    static const char now[] = "2023-11-23T14:32:20+03:00";
    assert_int_equal(clock_set_zone("Europe/Moscow", &err), ERR_OK);
    assert_true(clock_parse(now, sizeof now - 1, &now_ms));
    return 0;
}

static void expect_time(const char *typed, const char *time)
{
    struct eta_text eta;
    char text[CLOCK_TEXT_BYTES] = "none";
    eta_text_parse(slice_of(typed), now_ms, &eta);
    if (eta.kind == ETA_TEXT_TIME)
        clock_format(eta.at_ms, text);
    if (strcmp(text, time) != 0)
        print_error("typed: %s\n", typed);
    assert_string_equal(text, time);
}

static void expect_kind(const char *typed, enum eta_text_kind kind)
{
    struct eta_text eta;
    eta_text_parse(slice_of(typed), now_ms, &eta);
    if (eta.kind != kind)
        print_error("typed: %s\n", typed);
    assert_int_equal(eta.kind, kind);
}

static void times_of_the_day(void **state)
{
    (void)state;
    expect_time("1730", "2023-11-23T17:30:00+03:00");
    expect_time("17:30", "2023-11-23T17:30:00+03:00");
    expect_time(" 17.30 ", "2023-11-23T17:30:00+03:00");
    expect_time("930", "2023-11-23T09:30:00+03:00");
    expect_time("18", "2023-11-23T18:00:00+03:00");
    expect_time("24", "2023-11-24T00:00:00+03:00");
    expect_time("1", "2023-11-24T01:00:00+03:00"); // over 12 h ago: the next one is meant
}

static void spans_from_now(void **state)
{
    (void)state;
    expect_time("+90", "2023-11-23T16:02:00+03:00");
    expect_time("+2ч", "2023-11-23T16:32:00+03:00");
    expect_time("+2h", "2023-11-23T16:32:00+03:00");
    expect_time("+2 Ч", "2023-11-23T16:32:00+03:00");
    expect_time("+1ч30", "2023-11-23T16:02:00+03:00");
    expect_time("+1h 30m", "2023-11-23T16:02:00+03:00");
    expect_time("+1:30", "2023-11-23T16:02:00+03:00");
    expect_time("+15мин", "2023-11-23T14:47:00+03:00");
    expect_time("+2д", "2023-11-25T14:32:00+03:00");
}

static void tomorrow_and_dates(void **state)
{
    (void)state;
    expect_time("з 9", "2023-11-24T09:00:00+03:00");
    expect_time("З9:30", "2023-11-24T09:30:00+03:00");
    expect_time("завтра 0930", "2023-11-24T09:30:00+03:00");
    expect_time("t 9", "2023-11-24T09:00:00+03:00");
    expect_time("tomorrow 17:05", "2023-11-24T17:05:00+03:00");
    expect_time("25.11 8", "2023-11-25T08:00:00+03:00");
    expect_time("3.01 8:00", "2024-01-03T08:00:00+03:00");
}

static void what_is_not_a_time_is_said_so(void **state)
{
    (void)state;
    expect_kind("", ETA_TEXT_EMPTY);
    expect_kind("   ", ETA_TEXT_EMPTY);
    expect_kind("?", ETA_TEXT_CLARIFY);
    expect_kind("+", ETA_TEXT_PARTIAL);
    expect_kind("з", ETA_TEXT_PARTIAL);
    expect_kind("17:", ETA_TEXT_PARTIAL);
    expect_kind("173", ETA_TEXT_PARTIAL);
    expect_kind("25.11", ETA_TEXT_PARTIAL);
    expect_kind("17:3", ETA_TEXT_PARTIAL);
    expect_kind("1775", ETA_TEXT_INVALID);
    expect_kind("2500", ETA_TEXT_INVALID);
    expect_kind("17301", ETA_TEXT_INVALID);
    expect_kind("31.04 9", ETA_TEXT_INVALID);
    expect_kind("+1:75", ETA_TEXT_INVALID);
    expect_kind("+99999", ETA_TEXT_INVALID);
    expect_kind("скоро", ETA_TEXT_INVALID);
    expect_kind("9 или 10", ETA_TEXT_INVALID);
    expect_kind("??", ETA_TEXT_INVALID);
}

static void past_and_far_times_are_marked(void **state)
{
    (void)state;
    struct eta_text eta;
    eta_text_parse(slice_of("14:00"), now_ms, &eta);
    assert_true(eta.past && !eta.far);
    eta_text_parse(slice_of("14:32"), now_ms, &eta);
    assert_false(eta.past);
    eta_text_parse(slice_of("+3д"), now_ms, &eta);
    assert_true(eta.far && !eta.past);
}

static void expect_print(const char *typed, enum language language, const char *wanted)
{
    struct eta_text eta;
    struct buf text = {0};
    eta_text_parse(slice_of(typed), now_ms, &eta);
    eta_text_print(&eta, now_ms, language, &text);
    assert_string_equal(buf_text(&text), wanted);
    buf_fini(&text);
}

static void the_interpretation_is_read_back(void **state)
{
    (void)state;
    expect_print("+90", LANGUAGE_RU, "чт 23.11 в 16:02 (через 1 ч 30 мин)");
    expect_print("+90", LANGUAGE_EN, "Thu 23 Nov 16:02 (in 1 h 30 min)");
    expect_print("14:00", LANGUAGE_RU, "чт 23.11 в 14:00 (32 мин назад)");
    expect_print("?", LANGUAGE_RU, "уточняется: срок будет снят");
}

static void expect_cell(const char *time, enum language language, const char *wanted)
{
    struct buf text = {0};
    int64_t at_ms;
    assert_true(clock_parse(time, strlen(time), &at_ms));
    eta_text_cell(at_ms, now_ms, language, &text);
    assert_string_equal(buf_text(&text), wanted);
    buf_fini(&text);
}

static void a_list_cell_names_the_day_when_it_is_not_today(void **state)
{
    (void)state;
    expect_cell("2023-11-23T17:00:00+03:00", LANGUAGE_RU, "17:00");
    expect_cell("2023-11-24T09:00:00+03:00", LANGUAGE_RU, "зв9:00");
    expect_cell("2023-11-24T09:00:00+03:00", LANGUAGE_EN, "+1 9:00");
    expect_cell("2023-11-25T09:00:00+03:00", LANGUAGE_RU, "25.11");
}

static void russian_counts_have_three_forms(void **state)
{
    (void)state;
    static const struct plural calls = {{"call", "calls"}, {"звонок", "звонка", "звонков"}};
    static const struct {
        int64_t number;
        const char *word;
    } cases[] = {{0, "звонков"},   {1, "звонок"},   {2, "звонка"},   {4, "звонка"},  {5, "звонков"},
                 {11, "звонков"},  {12, "звонков"}, {14, "звонков"}, {21, "звонок"}, {22, "звонка"},
                 {111, "звонков"}, {121, "звонок"}, {-1, "звонок"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(strings_plural(&calls, LANGUAGE_RU, cases[i].number), cases[i].word);
    assert_string_equal(strings_plural(&calls, LANGUAGE_EN, 1), "call");
    assert_string_equal(strings_plural(&calls, LANGUAGE_EN, 0), "calls");
}

static void numbers_and_spans_are_written_as_people_do(void **state)
{
    (void)state;
    struct buf text = {0};
    strings_number(&text, LANGUAGE_RU, 1234567);
    buf_add_char(&text, '|');
    strings_number(&text, LANGUAGE_EN, -1234);
    buf_add_char(&text, '|');
    strings_number(&text, LANGUAGE_RU, 999);
    assert_string_equal(buf_text(&text), "1 234 567|-1,234|999");
    buf_clear(&text);
    strings_span(&text, LANGUAGE_RU, INT64_C(90) * 60000);
    buf_add_char(&text, '|');
    strings_span(&text, LANGUAGE_EN, INT64_C(51) * 3600000);
    buf_add_char(&text, '|');
    strings_age(&text, LANGUAGE_RU, INT64_C(72) * 60000);
    buf_add_char(&text, '|');
    strings_age(&text, LANGUAGE_RU, INT64_C(101) * 3600000);
    assert_string_equal(buf_text(&text), "1 ч 30 мин|2 d 3 h|1:12|4д 5ч");
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_the_day),
        cmocka_unit_test(spans_from_now),
        cmocka_unit_test(tomorrow_and_dates),
        cmocka_unit_test(what_is_not_a_time_is_said_so),
        cmocka_unit_test(past_and_far_times_are_marked),
        cmocka_unit_test(the_interpretation_is_read_back),
        cmocka_unit_test(a_list_cell_names_the_day_when_it_is_not_today),
        cmocka_unit_test(russian_counts_have_three_forms),
        cmocka_unit_test(numbers_and_spans_are_written_as_people_do),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
