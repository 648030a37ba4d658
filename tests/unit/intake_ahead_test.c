// Keys that are faster than the bus: none is lost, each goes where it would have gone.
#include "tests/lib/intake_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char house_12[] =
    "[{\"address\":\"ул. Садовая, 12\",\"account\":\"1012\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"ул. Садовая\",\"house\":\"12\"}]";
static const char house_1[] =
    "[{\"address\":\"ул. Садовая, 1\",\"account\":\"1001\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"ул. Садовая\",\"house\":\"1\"}]";

static void open_post(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
}

static void a_whole_call_is_typed_before_the_first_answer(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'садовая_12 Enter 1 Tab 3 F8 '8912");
    assert_int_equal(fixture.published.length, 0);
    intake_fixture_answer(&fixture, house_12);
    assert_non_null(strstr(buf_text(&fixture.published),
                           "\"account\":\"1012\",\"settlement\":\"г. Зареченск\",\"street\":\"ул. "
                           "Садовая\",\"house\":\"12\"},\"symptom\":\"no_power\",\"extent\":"
                           "\"street\""));
    assert_true(intake_fixture_shows(&fixture, "8912")); // of the next caller
    intake_fixture_close(&fixture);
}

// The list under the field may still be of "садовая 1" when "2" and Enter come.
static void enter_means_the_letters_that_were_typed(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'садовая_1");
    intake_fixture_answer(&fixture, house_1);
    intake_fixture_keys(&fixture, "'2 Enter");
    assert_false(call_place_is_chosen(&fixture.post->call.place));
    intake_fixture_answer(&fixture, house_12);
    assert_string_equal(fixture.post->call.place.house, "12");
    intake_fixture_close(&fixture);
}

static void an_answer_to_former_letters_lets_nothing_through(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'садовая_1");
    int64_t former = fixture.number;
    intake_fixture_keys(&fixture, "'2 Enter 1");
    int64_t latest = fixture.number;
    fixture.number = former;
    intake_fixture_answer(&fixture, house_1);
    assert_false(call_place_is_chosen(&fixture.post->call.place));
    fixture.question = POST_ASK_SUGGEST;
    fixture.number = latest;
    intake_fixture_answer(&fixture, house_12);
    assert_string_equal(fixture.post->call.place.house, "12");
    assert_string_equal(form_value(&fixture.post->call.form, CALL_PROBLEM), "no_power");
    intake_fixture_close(&fixture);
}

static void two_calls_are_typed_ahead(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'садовая_12 Enter 1 F8 F4 Tab 'садовая_1 Enter 2 F8");
    intake_fixture_answer(&fixture, house_12); // the second address is asked for now
    assert_int_equal(fixture.question, POST_ASK_SUGGEST);
    intake_fixture_answer(&fixture, house_1);
    assert_non_null(strstr(buf_text(&fixture.published), "\"house\":\"12\""));
    assert_non_null(
        strstr(buf_text(&fixture.published), "\"house\":\"1\"},\"symptom\":\"partial\""));
    intake_fixture_close(&fixture);
}

static void nobody_waits_for_an_answer_that_does_not_come(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'за_мостом Enter Tab 1 F8");
    intake_fixture_pass(&fixture, AHEAD_MS);
    assert_non_null(strstr(buf_text(&fixture.published), "\"premise\":{\"text\":\"за мостом\"}"));
    intake_fixture_close(&fixture);
}

static void when_the_bus_goes_the_own_copy_answers(void **state)
{
    static const char rows[] =
        "[{\"account\":\"1012\",\"node\":\"TP-1\",\"settlement\":\"г. Зареченск\","
        "\"street\":\"ул. Садовая\",\"house\":\"12\",\"flat\":\"\"}]";
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    post_linked(fixture.post);
    intake_fixture_answer(&fixture, rows);
    intake_fixture_keys(&fixture, "Tab 'садовая_12 Enter 1 F8");
    fixture.post->link.up = false;
    intake_fixture_pass(&fixture, 200);
    assert_non_null(strstr(buf_text(&fixture.published), "\"account\":\"1012\""));
    intake_fixture_close(&fixture);
}

static void a_paste_keeps_its_place(void **state)
{
    struct intake_fixture fixture;
    char text[] = "весь дом";
    struct input paste = {.kind = INPUT_PASTE, .paste = {text, strlen(text)}};

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'садовая_12 Enter 1 Tab Tab Tab");
    post_input(fixture.post, &paste);
    memset(text, 'x', strlen(text)); // the decoder's own memory
    intake_fixture_keys(&fixture, "F8");
    intake_fixture_answer(&fixture, house_12);
    assert_non_null(strstr(buf_text(&fixture.published), "\"text\":\"весь дом\""));
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_call_is_typed_before_the_first_answer),
        cmocka_unit_test(enter_means_the_letters_that_were_typed),
        cmocka_unit_test(an_answer_to_former_letters_lets_nothing_through),
        cmocka_unit_test(two_calls_are_typed_ahead),
        cmocka_unit_test(nobody_waits_for_an_answer_that_does_not_come),
        cmocka_unit_test(when_the_bus_goes_the_own_copy_answers),
        cmocka_unit_test(a_paste_keeps_its_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
