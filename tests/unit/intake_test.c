// The operator's post: what keys and answers do, without a bus and a terminal.
#include "tests/lib/intake_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void open_post(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
}

static void a_call_is_saved_with_three_answers(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    assert_string_equal(
        buf_text(&fixture.published),
        "contact.outage_report {\"applicant\":\"person\",\"premise\":{"
        "\"settlement\":\"г. Зареченск\",\"street\":\"ул. Садовая\",\"house\":\"12\"},"
        "\"symptom\":\"no_power\"}\n");
    assert_true(call_form_is_empty(&fixture.post->call));
    intake_fixture_close(&fixture);
}

static void nothing_is_saved_without_a_problem(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "F8");
    assert_int_equal(fixture.published.length, 0);
    assert_int_equal(fixture.post->call.form.focus, CALL_PROBLEM);
    assert_true(intake_fixture_shows(&fixture, "Что случилось?"));
    intake_fixture_close(&fixture);
}

static void a_place_that_nobody_knows_goes_as_words(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'за_мостом");
    intake_fixture_answer(&fixture, "[]");
    intake_fixture_keys(&fixture, "Tab '5а Tab 1 F8");
    assert_non_null(strstr(buf_text(&fixture.published),
                           "\"premise\":{\"text\":\"за мостом\",\"flat\":\"5а\"}"));
    intake_fixture_close(&fixture);
}

// Enter completes the street; it does not drop a house that the street does not have.
static void a_house_that_the_street_does_not_have_stays_as_typed(void **state)
{
    static const char street[] = "[{\"level\":\"street\",\"address\":\"пер. Садовый\","
                                 "\"settlement\":\"г. Зареченск\",\"street\":\"пер. Садовый\","
                                 "\"house\":\"\",\"flat\":\"\",\"open\":[]}]";
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'пер");
    intake_fixture_answer(&fixture, street);
    intake_fixture_keys(&fixture, "Enter");
    intake_fixture_answer(&fixture, street);
    intake_fixture_keys(&fixture, "Enter");
    assert_true(intake_fixture_shows(&fixture, "[пер. Садовый, "));
    intake_fixture_answer(&fixture, street);
    intake_fixture_keys(&fixture, "'99");
    intake_fixture_answer(&fixture, street);
    intake_fixture_keys(&fixture, "Enter");
    assert_true(intake_fixture_shows(&fixture, "Такого дома в списке нет"));
    intake_fixture_keys(&fixture, "Tab 1 F8");
    assert_non_null(
        strstr(buf_text(&fixture.published), "\"premise\":{\"text\":\"пер. Садовый, 99\"}"));
    intake_fixture_close(&fixture);
}

static void the_message_to_all_ends_when_it_says_or_is_taken_back(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_event(&fixture, "mode.message", "{\"text\":\"Работы до вечера\"}");
    assert_true(intake_fixture_shows(&fixture, "Работы до вечера"));
    intake_fixture_event(&fixture, "mode.message", "{\"text\":\"\"}");
    assert_false(intake_fixture_shows(&fixture, "Работы до вечера"));
    intake_fixture_event(&fixture, "mode.message",
                         "{\"text\":\"Ждём бригаду\",\"until\":\"2026-11-23T15:00:00+03:00\"}");
    assert_true(intake_fixture_shows(&fixture, "Ждём бригаду"));
    intake_fixture_pass(&fixture, 27 * 60000);
    assert_true(intake_fixture_shows(&fixture, "Ждём бригаду"));
    intake_fixture_pass(&fixture, 60000);
    assert_false(intake_fixture_shows(&fixture, "Ждём бригаду"));
    intake_fixture_close(&fixture);
}

static void volts_are_judged_at_once(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 3 Tab '206");
    assert_true(intake_fixture_shows(&fixture, "206 В: ВНЕ пределов 207–253 В, номинал 230"));
    assert_true(intake_fixture_shows(&fixture, "письменное обращение"));
    intake_fixture_keys(&fixture, "Backspace '7");
    assert_true(intake_fixture_shows(&fixture, "207 В: в пределах"));
    intake_fixture_keys(&fixture, "F8");
    assert_non_null(strstr(buf_text(&fixture.published), "contact.quality_complaint"));
    assert_non_null(strstr(buf_text(&fixture.published), "\"symptom\":\"low\",\"volts\":207"));
    intake_fixture_close(&fixture);
}

// The company's nominal, and that of a place which is fed at a higher voltage, go before habit.
static void volts_are_judged_by_the_nominal_of_the_place(void **state)
{
    static const char at_ten_kilovolts[] =
        "[{\"level\":\"premise\",\"account\":\"7\",\"address\":\"ул. Садовая, "
        "12\",\"house\":\"12\","
        "\"street\":\"ул. Садовая\",\"nominal\":10000,\"open\":[]}]";
    static const char stats[] =
        "{\"rows\":[{\"voltage\":{\"phase\":220,\"line\":380,\"tolerance\":5}}]}";
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    post_answered(fixture.post, POST_ASK_STATS, 0,
                  json_parse(fixture.doc, stats, strlen(stats), JSON_DEPTH_DEFAULT, NULL), NULL);
    intake_fixture_keys(&fixture, "Tab Tab Tab 4 Tab '231");
    assert_true(intake_fixture_shows(&fixture, "231 В: в пределах 209–231 В, номинал 220"));
    intake_fixture_keys(&fixture, "F4 F4 Tab 'сад");
    intake_fixture_answer(&fixture, at_ten_kilovolts);
    intake_fixture_keys(&fixture, "Enter");
    assert_true(intake_fixture_shows(&fixture, "231 В: ВНЕ пределов 9500–10500 В"));
    intake_fixture_close(&fixture);
}

// Every item of the passport beside outages and quality: the form asks what it needs, no more.
static void the_form_adapts_to_the_item(void **state)
{
    static const struct {
        const char *keys, *published;
    } items[] = {
        {"Tab 1 Tab 1 F8", "contact.inquiry {\"applicant\":\"person\",\"topic\":\"1.1\"}"},
        {"Tab 1 Tab 5 Tab 2 F8", "contact.inquiry {\"applicant\":\"person\",\"topic\":\"1.5\","
                                 "\"needs_answer\":true}"},
        {"Tab 2 F8", "contact.consultation {\"applicant\":\"person\"}"},
        {"Tab 4 Tab 2 F8",
         "contact.theft_report {\"applicant\":\"anonymous\",\"topic\":\"unmetered\"}"},
        {"Tab 5 Tab 2 F8", "contact.complaint {\"applicant\":\"person\",\"topic\":\"quality\"}"},
        {"Tab 5 F8", ""},          // of what?
        {"F8", ""},                // which item?
        {"Tab 3 Tab '150 F8", ""}, // whose meter?
    };

    (void)state;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        struct intake_fixture fixture;

        open_post(&fixture);
        intake_fixture_keys(&fixture, "Tab Tab Tab 9");
        intake_fixture_keys(&fixture, items[i].keys);
        const char *published = buf_text(&fixture.published);
        assert_int_equal(strncmp(published, items[i].published, strlen(items[i].published)), 0);
        assert_true(*items[i].published || !*published);
        intake_fixture_close(&fixture);
    }
}

// Who calls stands behind Shift-Tab from the telephone; the form then asks what such a one is known by.
static void the_form_adapts_to_who_calls(void **state)
{
    static const struct {
        const char *keys, *published;
    } callers[] = {
        {"2 Tab 'ООО_Лён Tab '5500000008",
         "\"applicant\":\"legal\",\"premise\":{\"text\":\"у реки\"},\"caller\":{"
         "\"organisation\":\"ООО Лён\",\"tax_number\":\"5500000008\"},\"symptom\":\"no_power\"}"},
        {"3 Tab 'Сети", "\"applicant\":\"tso\",\"premise\":{\"text\":\"у реки\"},\"caller\":{"
                        "\"organisation\":\"Сети\"}"},
        {"4 Tab 'ЕДДС", "\"applicant\":\"authority\",\"premise\":{\"text\":\"у реки\"},\"caller\":{"
                        "\"organisation\":\"ЕДДС\"}"},
        {"2 Tab 'ООО S-Tab 1",
         "\"applicant\":\"person\",\"premise\":{\"text\":\"у реки\"},\"symptom\""},
        {"2", ""},                          // which company?
        {"2 Tab 'ООО Tab '5500000009", ""}, // no such number can be
        {"3 Tab 'Сети Tab '77070838", ""},  // too short
        {"5", "\"applicant\":\"person\""},  // nobody is anonymous but who reports a theft
    };

    (void)state;
    for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
        struct intake_fixture fixture;

        open_post(&fixture);
        intake_fixture_keys(&fixture, "Tab 'у_реки Tab Tab 1 S-Tab S-Tab S-Tab S-Tab");
        intake_fixture_keys(&fixture, callers[i].keys);
        intake_fixture_keys(&fixture, "F8");
        const char *published = buf_text(&fixture.published);
        if (*callers[i].published)
            assert_non_null(strstr(published, callers[i].published));
        else
            assert_string_equal(published, "");
        intake_fixture_close(&fixture);
    }
}

// Once the caller wants to stay unknown, what was typed of him leaves neither in an event nor in a draft.
static void nothing_of_an_anonymous_caller_leaves_the_form(void **state)
{
    struct intake_fixture fixture;
    struct buf draft = {0};

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141 Tab 'у_реки Tab Tab 9 Tab 4 Tab 2");
    intake_fixture_keys(&fixture, "Tab 'рубильник Tab 2 Tab 'Иванов Tab 5");
    assert_false(intake_fixture_shows(&fixture, "Иванов"));
    assert_true(post_draft(fixture.post, &draft));
    assert_null(strstr(buf_text(&draft), "5550141"));
    assert_null(strstr(buf_text(&draft), "Иванов"));
    intake_fixture_keys(&fixture, "F4 F4"); // and stays so
    assert_int_equal(fixture.post->call.items[CALL_APPLICANT].chosen, CALL_ANONYMOUS);
    intake_fixture_keys(&fixture, "F8");
    assert_string_equal(buf_text(&fixture.published),
                        "contact.theft_report {\"applicant\":\"anonymous\",\"premise\":{"
                        "\"text\":\"у реки\"},\"topic\":\"unmetered\",\"text\":\"рубильник\"}\n");
    buf_fini(&draft);
    intake_fixture_close(&fixture);
}

static void readings_of_each_zone_are_numbers(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 9 Tab 3 Tab '120_45x F8");
    assert_non_null(strstr(buf_text(&fixture.published), "contact.meter_reading"));
    assert_non_null(strstr(buf_text(&fixture.published), "\"readings\":[120,45]"));
    intake_fixture_close(&fixture);
}

static void an_older_answer_does_not_replace_a_newer_question(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'с");
    int64_t older = fixture.number;
    intake_fixture_keys(&fixture, "'а");
    post_answered(
        fixture.post, POST_ASK_SUGGEST, older,
        json_parse(fixture.doc, "{\"rows\":[{\"address\":\"x\"}]}", 26, JSON_DEPTH_DEFAULT, NULL),
        NULL);
    assert_int_equal(suggest_count(&fixture.post->suggest), 0);
    intake_fixture_close(&fixture);
}

static void an_eta_of_a_taken_call_is_pushed_and_rings(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    intake_fixture_settle(&fixture, intake_fixture_result);
    assert_true(intake_fixture_event(&fixture, "eta.set",
                                     "{\"incident\":17,\"at\":\"2026-11-23T18:30:00+03:00\"}"));
    assert_int_equal(fixture.bells, 1);
    assert_true(intake_fixture_shows(&fixture, "новый срок 18:30"));
    // Of another incident, or not for callers: silence.
    assert_false(intake_fixture_event(&fixture, "eta.set",
                                      "{\"incident\":18,\"at\":\"2026-11-23T19:30:00+03:00\"}"));
    assert_false(intake_fixture_event(
        &fixture, "eta.set",
        "{\"incident\":17,\"at\":\"2026-11-23T19:30:00+03:00\",\"published\":false}"));
    assert_int_equal(fixture.bells, 1);
    intake_fixture_close(&fixture);
}

static void what_is_known_is_asked_again_when_something_happened(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    buf_clear(&fixture.asked);
    intake_fixture_pass(&fixture, KNOWN_AGAIN_MS);
    assert_int_equal(fixture.asked.length, 0);
    intake_fixture_event(&fixture, "incident.opened", "{\"incident\":18,\"kind\":\"outage\"}");
    intake_fixture_pass(&fixture, KNOWN_AGAIN_MS);
    assert_non_null(strstr(buf_text(&fixture.asked), "eta {\"premise\""));
    intake_fixture_close(&fixture);
}

static void a_full_disk_keeps_the_form(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    fixture.refuse = true;
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    assert_false(call_form_is_empty(&fixture.post->call));
    assert_true(intake_fixture_shows(&fixture, "Диск заполнен."));
    intake_fixture_close(&fixture);
}

static void a_refusal_is_shown_with_its_sentence(void **state)
{
    struct intake_fixture fixture;
    struct err err;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    err_set(&err, ERR_INVALID, "schema", "No.", "Так нельзя.");
    post_settled(fixture.post, fixture.slip, NULL, &err);
    assert_true(intake_fixture_shows(&fixture, "ОТКЛОНЁН: Так нельзя."));
    intake_fixture_close(&fixture);
}

static void clearing_can_be_taken_back(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 2 F4");
    assert_true(call_form_is_empty(&fixture.post->call));
    intake_fixture_keys(&fixture, "F4");
    assert_string_equal(form_value(&fixture.post->call.form, CALL_PROBLEM), "partial");
    assert_true(call_place_is_chosen(&fixture.post->call.place));
    intake_fixture_close(&fixture);
}

static void quitting_asks_while_a_call_is_on_the_form(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "F10 Esc");
    assert_false(fixture.post->quit);
    intake_fixture_keys(&fixture, "F10 Enter");
    assert_true(fixture.post->quit);
    intake_fixture_close(&fixture);
}

static void the_offline_copy_is_searched_without_the_bus(void **state)
{
    struct intake_fixture fixture;
    static const char rows[] =
        "[{\"account\":\"1001\",\"node\":\"TP-1\",\"settlement\":\"г. Зареченск\","
        "\"street\":\"ул. Садовая\",\"house\":\"12\",\"flat\":\"\"}]";

    (void)state;
    open_post(&fixture);
    post_linked(fixture.post);
    assert_int_equal(fixture.question, POST_ASK_PREMISES);
    intake_fixture_answer(&fixture, rows);
    assert_int_equal(offline_count(fixture.post->offline), 1);
    fixture.post->link.up = false;
    intake_fixture_keys(&fixture, "Tab 'садовая_12");
    assert_int_equal(suggest_count(&fixture.post->suggest), 1);
    intake_fixture_keys(&fixture, "Enter");
    assert_string_equal(fixture.post->call.place.account, "1001");
    intake_fixture_close(&fixture);
}

static void a_draft_comes_back_whole(void **state)
{
    struct intake_fixture fixture;
    struct intake_fixture later;
    struct buf draft = {0};

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 4");
    assert_true(post_draft(fixture.post, &draft));
    intake_fixture_open(&later, LANGUAGE_EN, 24, 80);
    post_take_draft(later.post,
                    json_parse(later.doc, draft.data, draft.length, JSON_DEPTH_DEFAULT, NULL));
    assert_string_equal(form_value(&later.post->call.form, CALL_PROBLEM), "high");
    assert_string_equal(later.post->call.place.house, "12");
    assert_false(later.post->call.items[CALL_VOLTS].hidden);
    buf_fini(&draft);
    intake_fixture_close(&later);
    intake_fixture_close(&fixture);
}

static void a_draft_holds_every_field(void **state)
{
    static const char draft[] = "{\"phone\":\"+79125550101\",\"address\":\"за "
                                "мостом\",\"flat\":\"5\",\"problem\":\"other\","
                                "\"subject\":\"meter_reading\",\"shows\":\"150 "
                                "20\",\"reason\":\"заменён\",\"words\":\"слова\","
                                "\"name\":\"Анна\",\"applicant\":\"legal\",\"organisation\":"
                                "\"ООО\",\"tax_number\":\"5550000000\"}";
    struct intake_fixture fixture;
    struct buf kept = {0};

    (void)state;
    for (int i = 0; i < CALL_ITEM_COUNT; i++)
        assert_non_null(call_item_names[i]);
    open_post(&fixture);
    post_take_draft(fixture.post,
                    json_parse(fixture.doc, draft, strlen(draft), JSON_DEPTH_DEFAULT, NULL));
    assert_true(post_draft(fixture.post, &kept));
    static const char *const texts[] = {"за мостом", "150 20", "заменён",    "слова",
                                        "Анна",      "ООО",    "5550000000", "\"5\""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_non_null(strstr(buf_text(&kept), texts[i]));
    buf_fini(&kept);
    intake_fixture_close(&fixture);
}

static void every_text_and_every_key_is_there_in_both_languages(void **state)
{
    struct err err;
    size_t bad = 0;

    (void)state;
    assert_true(strings_check(intake_texts, INTAKE_TEXT_COUNT, &bad));
    err_clear(&err);
    if (!keymap_check(post_actions, post_action_count, &err))
        fail_msg("%s", err.message[LANGUAGE_EN]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_saved_with_three_answers),
        cmocka_unit_test(nothing_is_saved_without_a_problem),
        cmocka_unit_test(a_place_that_nobody_knows_goes_as_words),
        cmocka_unit_test(a_house_that_the_street_does_not_have_stays_as_typed),
        cmocka_unit_test(the_message_to_all_ends_when_it_says_or_is_taken_back),
        cmocka_unit_test(volts_are_judged_at_once),
        cmocka_unit_test(volts_are_judged_by_the_nominal_of_the_place),
        cmocka_unit_test(the_form_adapts_to_the_item),
        cmocka_unit_test(the_form_adapts_to_who_calls),
        cmocka_unit_test(nothing_of_an_anonymous_caller_leaves_the_form),
        cmocka_unit_test(readings_of_each_zone_are_numbers),
        cmocka_unit_test(an_older_answer_does_not_replace_a_newer_question),
        cmocka_unit_test(an_eta_of_a_taken_call_is_pushed_and_rings),
        cmocka_unit_test(what_is_known_is_asked_again_when_something_happened),
        cmocka_unit_test(a_full_disk_keeps_the_form),
        cmocka_unit_test(a_refusal_is_shown_with_its_sentence),
        cmocka_unit_test(clearing_can_be_taken_back),
        cmocka_unit_test(quitting_asks_while_a_call_is_on_the_form),
        cmocka_unit_test(the_offline_copy_is_searched_without_the_bus),
        cmocka_unit_test(a_draft_comes_back_whole),
        cmocka_unit_test(a_draft_holds_every_field),
        cmocka_unit_test(every_text_and_every_key_is_there_in_both_languages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
