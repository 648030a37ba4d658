// The appointment book: a day of an office, booked, moved, given up.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void open_book(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
    intake_fixture_keys(fixture, "F6 2");
    intake_panels_visits(fixture);
}

static void a_day_shows_who_is_booked_and_what_is_free(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_book(&fixture);
    const struct visits *visits = &fixture.post->visits;
    assert_int_equal(visits->time_count, 3); // 9:00, 15:00, 15:30; the next day is another
    assert_true(intake_fixture_shows(&fixture, "+ Орлов Б."));
    assert_true(intake_fixture_shows(&fixture, "Иванова А. П."));
    assert_false(visits_is_free(visits, visits->times[0], 2));
    assert_false(visits_is_free(visits, visits->times[1], 1));
    assert_true(visits_is_free(visits, visits->times[1], 2)); // that one was cancelled
    intake_fixture_close(&fixture);
}

static void the_questions_are_of_the_day_the_office_and_the_kind(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_book(&fixture);
    buf_clear(&fixture.asked);
    intake_fixture_keys(&fixture, "PgDn");
    assert_string_equal(buf_text(&fixture.asked),
                        "appointments {\"office\":\"main\",\"from\":\"2026-11-24T00:00:00+03:00\","
                        "\"until\":\"2026-11-25T00:00:00+03:00\",\"limit\":1000}\n"
                        "slots {\"office\":\"main\",\"service\":\"connection\","
                        "\"from\":\"2026-11-24T00:00:00+03:00\",\"limit\":200}\n");
    intake_panels_day(&fixture);
    buf_clear(&fixture.asked);
    intake_fixture_keys(&fixture, "PgUp");
    intake_panels_day(&fixture);
    intake_fixture_keys(&fixture, "3");
    assert_non_null(strstr(buf_text(&fixture.asked), "\"service\":\"pensions\""));
    buf_clear(&fixture.asked);
    intake_fixture_keys(&fixture, "Tab");
    assert_non_null(
        strstr(buf_text(&fixture.asked), "\"office\":\"north\",\"service\":\"service\""));
    intake_fixture_close(&fixture);
}

static void a_free_time_is_booked_for_the_caller_on_the_form(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    intake_fixture_keys(&fixture, "'89125550141 F6 2");
    intake_panels_visits(&fixture);
    intake_fixture_keys(&fixture, "Down Down Enter 'Иванова_Анна F8");
    assert_string_equal(buf_text(&fixture.published),
                        "appointment.booked {\"starts\":\"2026-11-23T15:30:00+03:00\","
                        "\"office\":\"main\",\"service\":\"connection\",\"caller\":{\"name\":"
                        "\"Иванова Анна\",\"phone\":\"+79125550141\"}}\n");
    intake_fixture_settle(&fixture, "{\"appointment\":7}");
    assert_true(intake_fixture_shows(&fixture, "Записано на приём: пн 23.11 15:30."));
    intake_fixture_close(&fixture);
}

// Who was slower reads the broker's sentence, with the next free times; the caller need not be typed anew.
static void the_loser_of_a_race_tries_the_next_time_for_the_same_caller(void **state)
{
    struct intake_fixture fixture;
    struct err err;

    (void)state;
    open_book(&fixture);
    intake_fixture_keys(&fixture, "Down Down Enter 'Иванова Enter '89125550141 Enter");
    err_set(&err, ERR_CONFLICT, "taken", "No.", "На это время все окна заняты; свободно: 16:00.");
    post_settled(fixture.post, fixture.slip, NULL, &err);
    assert_true(intake_fixture_shows(&fixture, "пн 23.11 15:30: ОТКАЗ: На это время все окна"));
    intake_fixture_keys(&fixture, "Up Right Enter");
    assert_true(intake_fixture_shows(&fixture, "Иванова"));
    assert_true(intake_fixture_shows(&fixture, "89125550141"));
    intake_fixture_close(&fixture);
}

static void a_visit_is_moved_and_given_up(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_book(&fixture);
    intake_fixture_keys(&fixture, "Down Enter");                         // 15:00, window 1: Ivanova
    assert_string_equal(visits_kind(&fixture.post->visits), "metering"); // which it keeps
    intake_panels_day(&fixture);
    intake_fixture_keys(&fixture, "Down Enter 'просит_позже Enter");
    intake_fixture_keys(&fixture, "Up x F8");
    assert_string_equal(buf_text(&fixture.published),
                        "appointment.moved {\"starts\":\"2026-11-23T15:30:00+03:00\","
                        "\"appointment\":4,\"office\":\"main\",\"reason\":\"просит позже\"}\n"
                        "appointment.cancelled {\"appointment\":4}\n");
    intake_fixture_close(&fixture);
}

static void who_came_and_who_did_not(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_book(&fixture);
    intake_fixture_keys(&fixture, "Down k 'т");
    assert_string_equal(buf_text(&fixture.published),
                        "appointment.kept {\"appointment\":4,\"outcome\":\"came\"}\n"
                        "appointment.kept {\"appointment\":4,\"outcome\":\"missed\"}\n");
    buf_clear(&fixture.published);
    intake_fixture_keys(&fixture, "Up Right k x m Enter"); // 9:00: it is over
    assert_int_equal(fixture.published.length, 0);
    assert_int_equal(fixture.post->popup.kind, POPUP_NONE);
    intake_fixture_close(&fixture);
}

static void a_company_without_offices_says_so(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    intake_fixture_keys(&fixture, "F6 2");
    intake_fixture_answer(&fixture, "[]");
    assert_true(intake_fixture_shows(&fixture, "Офисы не заданы"));
    intake_fixture_keys(&fixture, "Enter Tab PgDn 1 Down Right x m");
    assert_int_equal(fixture.published.length, 0);
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_shows_who_is_booked_and_what_is_free),
        cmocka_unit_test(the_questions_are_of_the_day_the_office_and_the_kind),
        cmocka_unit_test(a_free_time_is_booked_for_the_caller_on_the_form),
        cmocka_unit_test(the_loser_of_a_race_tries_the_next_time_for_the_same_caller),
        cmocka_unit_test(a_visit_is_moved_and_given_up),
        cmocka_unit_test(who_came_and_who_did_not),
        cmocka_unit_test(a_company_without_offices_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
