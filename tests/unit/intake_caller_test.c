// The caller's telephone offers the premises that are known for it, and is in nobody's way.
#include "tests/lib/intake_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char premises[] =
    "[{\"address\":\"ул. Садовая, 12, кв. 4\",\"account\":\"1012\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"ул. Садовая\",\"house\":\"12\",\"flat\":\"4\",\"node\":\"ТП-318\",\"open\":[17]},"
    "{\"address\":\"СНТ Сад, 7\",\"account\":\"2007\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"СНТ Сад\",\"house\":\"7\",\"flat\":\"\",\"open\":[]}]";

static void open_post(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
}

static void premises_of_the_number_are_offered_and_taken(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141");
    assert_int_equal(fixture.question, POST_ASK_SUGGEST);
    assert_non_null(strstr(buf_text(&fixture.asked), "premises {\"q\":\"+79125550141\""));
    intake_fixture_answer(&fixture, premises);
    assert_true(intake_fixture_shows(&fixture, "СНТ Сад, 7"));
    intake_fixture_keys(&fixture, "Enter Down Enter 1 F8");
    assert_non_null(strstr(buf_text(&fixture.published), "\"account\":\"2007\""));
    intake_fixture_close(&fixture);
}

static void enter_waits_for_them(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141 Enter Enter 1");
    assert_int_equal(fixture.post->call.form.focus, CALL_ADDRESS);
    intake_fixture_answer(&fixture, premises);
    assert_string_equal(fixture.post->call.place.account, "1012");
    assert_string_equal(form_value(&fixture.post->call.form, CALL_PROBLEM), "no_power");
    intake_fixture_close(&fixture);
}

static void who_calls_about_another_place_just_types_it(void **state)
{
    struct intake_fixture fixture;
    struct buf address = {0};

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141 Tab");
    intake_fixture_answer(&fixture, premises);
    intake_fixture_keys(&fixture, "'сад");
    intake_fixture_answer(&fixture, intake_fixture_suggestions);
    intake_fixture_keys(&fixture, "Enter");
    call_form_text(&fixture.post->call, CALL_ADDRESS, &address);
    assert_string_equal(buf_text(&address), "ул. Садовая, 12");
    buf_fini(&address);
    intake_fixture_close(&fixture);
}

static void a_place_that_stands_there_is_left_alone(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'за_мостом");
    intake_fixture_answer(&fixture, "[]");
    buf_clear(&fixture.asked);
    intake_fixture_keys(&fixture, "Up '89125550141");
    assert_null(strstr(buf_text(&fixture.asked), "premises"));
    intake_fixture_close(&fixture);
}

// "120045" may be a telephone of the town, and an account of somebody else.
static void a_short_number_offers_nothing(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'120045");
    assert_null(strstr(buf_text(&fixture.asked), "premises"));
    intake_fixture_close(&fixture);
}

static void another_number_takes_the_offer_away(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141");
    intake_fixture_answer(&fixture, premises);
    intake_fixture_keys(&fixture, "Backspace");
    assert_false(intake_fixture_shows(&fixture, "СНТ Сад, 7"));
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(premises_of_the_number_are_offered_and_taken),
        cmocka_unit_test(enter_waits_for_them),
        cmocka_unit_test(who_calls_about_another_place_just_types_it),
        cmocka_unit_test(a_place_that_stands_there_is_left_alone),
        cmocka_unit_test(a_short_number_offers_nothing),
        cmocka_unit_test(another_number_takes_the_offer_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
