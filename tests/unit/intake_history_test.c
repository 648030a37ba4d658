// What was taken before is found again; a former contact is begun anew; the dispatcher is answered.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void open_post(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
}

static void choose_address(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "'сад");
    intake_fixture_answer(fixture, intake_fixture_suggestions);
    intake_fixture_keys(fixture, "Enter");
}

static void the_telephone_and_the_place_of_the_form_are_looked_up(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141 Tab");
    choose_address(&fixture);
    buf_clear(&fixture.asked);
    intake_fixture_keys(&fixture, "F6 3");
    assert_non_null(strstr(buf_text(&fixture.asked), "\"limit\":1000,\"phone\":\"+79125550141\"}"));
    assert_non_null(strstr(buf_text(&fixture.asked),
                           "\"premise\":{\"settlement\":\"г. Зареченск\",\"street\":\"ул. "
                           "Садовая\",\"house\":\"12\"}}"));
    // Both answers are one list, the latest first, each contact once.
    struct history *history = &fixture.post->history;
    intake_panels_answer(&fixture, POST_ASK_PHONE_HISTORY, history->by_phone.asked,
                         intake_panels_owed);
    intake_panels_answer(&fixture, POST_ASK_PLACE_HISTORY, history->by_place.asked,
                         "[{\"reg_no\":\"2026-000102\",\"sequence\":902},"
                         "{\"reg_no\":\"2026-000200\",\"sequence\":990}]");
    assert_int_equal(history->rows.count, 4);
    assert_true(intake_fixture_shows(&fixture, "2026-000200"));
    intake_fixture_keys(&fixture, "Enter");
    assert_string_equal(fixture.post->contact.reg_no, "2026-000200");
    intake_fixture_keys(&fixture, "Esc");
    assert_int_equal(fixture.post->view, POST_HISTORY);
    intake_fixture_close(&fixture);
}

static void what_is_typed_is_a_number_a_phone_an_account_or_an_address(void **state)
{
    static const struct {
        const char *keys, *asked;
    } typed[] = {
        {"'2026-000101 Enter", "contact {\"reg_no\":\"2026-000101\"}\n"},
        {"'8_912_555-01-41 Enter", "\"phone\":\"+79125550141\"}\n"},
        {"'100200 Enter", "\"account\":\"100200\"}\n"},
        {"'садовая_12 Enter", "premises {\"q\":\"садовая 12\",\"by\":\"place\",\"limit\":1}\n"},
        {"Enter", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        struct intake_fixture fixture;

        open_post(&fixture);
        intake_fixture_keys(&fixture, "F6 3");
        buf_clear(&fixture.asked);
        intake_fixture_keys(&fixture, typed[i].keys);
        assert_non_null(strstr(buf_text(&fixture.asked), typed[i].asked));
        assert_true(*typed[i].asked || !fixture.asked.length);
        intake_fixture_close(&fixture);
    }
}

static void an_address_is_looked_up_among_the_premises_first(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "F6 3 'сад_12 Enter");
    intake_fixture_answer(&fixture, intake_fixture_suggestions);
    assert_int_equal(fixture.question, POST_ASK_PLACE_HISTORY);
    assert_true(intake_fixture_shows(&fixture, "ул. Садовая, 12"));
    intake_fixture_answer(&fixture, intake_panels_owed);
    assert_int_equal(fixture.post->history.rows.count, 3);
    // Other words: what is shown is of no use any more.
    intake_fixture_keys(&fixture, "'5");
    assert_int_equal(fixture.post->history.rows.count, 0);
    intake_fixture_close(&fixture);
}

static void a_former_contact_is_begun_anew(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'5550000 F6 1");
    intake_fixture_answer(&fixture, intake_panels_owed);
    intake_fixture_keys(&fixture, "Enter");
    intake_fixture_answer(&fixture, intake_panels_contact);
    intake_fixture_keys(&fixture, "p");
    assert_int_equal(fixture.post->view, POST_FORM);
    buf_clear(&fixture.published);
    intake_fixture_keys(&fixture, "F8");
    assert_string_equal(
        buf_text(&fixture.published),
        "contact.inquiry {\"applicant\":\"person\",\"premise\":{\"account\":\"1001\","
        "\"settlement\":\"г. Зареченск\",\"street\":\"ул. Садовая\",\"house\":\"12\","
        "\"flat\":\"4\"},\"caller\":{\"name\":\"Иванова Анна\",\"phone\":\"+79125550141\"},"
        "\"topic\":\"1.1\"}\n");
    intake_fixture_close(&fixture);
}

static void what_stood_on_the_form_is_brought_back(void **state)
{
    struct intake_fixture fixture;
    struct buf phone = {0};

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'5550000 F6 1");
    intake_fixture_answer(&fixture, intake_panels_owed);
    intake_fixture_keys(&fixture, "Enter");
    intake_fixture_answer(&fixture, intake_panels_contact);
    intake_fixture_keys(&fixture, "p");
    call_form_clear(&fixture.post->call);
    intake_fixture_keys(&fixture, "F4");
    call_form_text(&fixture.post->call, CALL_PHONE, &phone);
    assert_string_equal(buf_text(&phone), "5550000");
    buf_fini(&phone);
    intake_fixture_close(&fixture);
}

// A storm: neighbours report the same, each with a telephone of his own.
static void another_caller_reports_the_same_as_the_last(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141 Tab");
    choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 Tab 3 Tab Tab 'весь_дом Tab Tab 'Анна F8");
    buf_clear(&fixture.published);
    intake_fixture_keys(&fixture, "'89125550142 Ctrl-R F8");
    assert_non_null(strstr(buf_text(&fixture.published),
                           "\"house\":\"12\"},\"caller\":{\"phone\":\"+79125550142\"},"
                           "\"symptom\":\"no_power\",\"extent\":\"street\""));
    assert_null(strstr(buf_text(&fixture.published), "Анна"));
    assert_null(strstr(buf_text(&fixture.published), "весь дом"));
    intake_fixture_close(&fixture);
}

static void without_a_former_call_nothing_is_repeated(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'8912 Ctrl-R 'x");
    assert_true(intake_fixture_shows(&fixture, "8912"));
    intake_fixture_close(&fixture);
}

static void ones_own_questions_come_first_and_are_answered(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "F6 4");
    assert_non_null(strstr(buf_text(&fixture.asked), "contacts {\"dispatch\":\"open\""));
    intake_fixture_answer(&fixture, intake_panels_questions);
    assert_true(intake_fixture_shows(&fixture, "вопросов 2"));
    intake_fixture_keys(&fixture, "d 'есть Enter");
    assert_string_equal(buf_text(&fixture.published),
                        "dispatch.replied {\"contact\":\"2026-000123\",\"answer\":\"есть\"}\n");
    intake_fixture_keys(&fixture, "Down");
    assert_string_equal(json_c_string(json_get(post_chosen_contact(fixture.post), "reg_no")),
                        "2026-000050");
    intake_fixture_close(&fixture);
}

static void a_question_about_ones_own_contact_rings(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab");
    choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    intake_fixture_settle(&fixture, intake_fixture_result);
    intake_fixture_keys(&fixture, "'8912"); // the next caller is on the line
    assert_true(
        intake_fixture_event(&fixture, "dispatch.asked",
                             "{\"contact\":\"2026-000123\",\"question\":\"Дом или подъезд?\"}"));
    assert_int_equal(fixture.bells, 1);
    assert_true(intake_fixture_shows(&fixture, "спрашивает по 2026-000123: Дом или подъезд?"));
    assert_true(intake_fixture_shows(&fixture, "8912")); // and the form is as it was
    assert_false(intake_fixture_event(&fixture, "dispatch.asked",
                                      "{\"contact\":\"2026-000999\",\"question\":\"?\"}"));
    assert_int_equal(fixture.bells, 1);
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_telephone_and_the_place_of_the_form_are_looked_up),
        cmocka_unit_test(what_is_typed_is_a_number_a_phone_an_account_or_an_address),
        cmocka_unit_test(an_address_is_looked_up_among_the_premises_first),
        cmocka_unit_test(a_former_contact_is_begun_anew),
        cmocka_unit_test(what_stood_on_the_form_is_brought_back),
        cmocka_unit_test(another_caller_reports_the_same_as_the_last),
        cmocka_unit_test(without_a_former_call_nothing_is_repeated),
        cmocka_unit_test(ones_own_questions_come_first_and_are_answered),
        cmocka_unit_test(a_question_about_ones_own_contact_rings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
