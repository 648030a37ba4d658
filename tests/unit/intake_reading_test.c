// What an operator can say at once: searched as typed, read out, taken into the contact.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void open_panel(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
    intake_panels_handbook(fixture);
    intake_fixture_keys(fixture, "F3");
}

static const char *selected(const struct intake_fixture *fixture)
{
    const struct handbook_entry *entry = reading_selected(&fixture->post->reading);

    return entry ? handbook_title(entry) : "";
}

static void texts_are_found_as_typed(void **state)
{
    static const struct {
        const char *keys, *title;
    } typed[] = {
        {"'док", "Документы для присоединения"},
        {"'присоед_дом", "Документы для присоединения"},
        {"'подкл", "Документы для присоединения"},
        {"'счетчик", "Когда передать показания"},
        {"'долги", "Гарантирующий поставщик"},
        {"'112", "Единый номер экстренных служб"},
        {"'ljrev", "Документы для присоединения"}, // the other layout
        {"'кумент", ""},                           // not a beginning
    };

    (void)state;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        struct intake_fixture fixture;

        open_panel(&fixture);
        intake_fixture_keys(&fixture, typed[i].keys);
        assert_string_equal(selected(&fixture), typed[i].title);
        intake_fixture_close(&fixture);
    }
}

static void the_chosen_text_is_shown_to_be_read_out(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_panel(&fixture);
    intake_fixture_keys(&fixture, "'показ");
    assert_true(intake_fixture_shows(&fixture, "С 23-го по 25-е число."));
    intake_fixture_keys(&fixture, "Ctrl-U Down");
    assert_true(intake_fixture_shows(&fixture, "Для присоединения дома") ||
                intake_fixture_shows(&fixture, "С 23-го"));
    intake_fixture_close(&fixture);
}

static void a_text_that_was_read_out_answers_the_contact(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_panel(&fixture);
    intake_fixture_keys(&fixture, "'показ Enter");
    assert_int_equal(fixture.post->view, POST_FORM);
    assert_true(intake_fixture_shows(&fixture, "Сказано: Когда передать"));
    intake_fixture_keys(&fixture, "F8");
    assert_string_equal(buf_text(&fixture.published),
                        "contact.inquiry {\"applicant\":\"person\",\"topic\":\"1.3\","
                        "\"answer\":\"Когда передать показания: С 23-го по 25-е число.\\n\"}\n");
    assert_null(fixture.post->call.answer);
    intake_fixture_close(&fixture);
}

static void the_directory_answers_item_1_5(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_panel(&fixture);
    intake_fixture_keys(&fixture, "'поставщ Enter F8");
    assert_non_null(strstr(buf_text(&fixture.published), "\"topic\":\"1.5\",\"answer\":\""
                                                         "Гарантирующий поставщик: "
                                                         "8-800-555-01-10"));
    intake_fixture_close(&fixture);
}

static void advice_stays_advice_and_a_report_takes_no_answer(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    intake_panels_handbook(&fixture);
    intake_fixture_keys(&fixture, "Tab Tab Tab 9 Tab 2 F3 'док Enter F8");
    assert_non_null(strstr(buf_text(&fixture.published), "contact.consultation"));
    assert_non_null(strstr(buf_text(&fixture.published), "\"answer\":\"Документы"));
    intake_fixture_keys(&fixture, "Tab Tab Tab 1 F3 'док Enter");
    assert_true(intake_fixture_shows(&fixture, "На бланке не вопрос (нет света)"));
    assert_null(fixture.post->call.answer);
    intake_fixture_close(&fixture);
}

static void an_owed_answer_is_not_said_to_be_given(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_panel(&fixture);
    intake_fixture_keys(&fixture, "'док Enter");
    form_choose(&fixture.post->call.form, CALL_ANSWER, "owed");
    intake_fixture_keys(&fixture, "F8");
    assert_non_null(strstr(buf_text(&fixture.published), "\"needs_answer\":true"));
    assert_null(strstr(buf_text(&fixture.published), "\"answer\""));
    intake_fixture_close(&fixture);
}

static void what_was_said_survives_in_the_draft_and_clearing(void **state)
{
    struct intake_fixture fixture;
    struct buf draft = {0};

    (void)state;
    open_panel(&fixture);
    intake_fixture_keys(&fixture, "'док Enter");
    assert_true(post_draft(fixture.post, &draft));
    assert_non_null(strstr(buf_text(&draft), "Документы для присоединения"));
    intake_fixture_keys(&fixture, "F4");
    assert_null(fixture.post->call.answer);
    intake_fixture_keys(&fixture, "F4");
    assert_non_null(strstr(fixture.post->call.answer, "Документы"));
    buf_fini(&draft);
    intake_fixture_close(&fixture);
}

static void the_copy_is_there_after_a_restart_without_the_bus(void **state)
{
    char *scratch = scratch_new();
    struct buf file = {0};
    const struct handbook_entry *found[2];
    struct json_doc *doc = json_doc_new();

    (void)state;
    buf_printf(&file, "%s/handbook.json", scratch);
    struct handbook *handbook = handbook_open(buf_text(&file));
    static const char rows[] =
        "[{\"id\":\"a\",\"topic\":\"1.4\",\"title\":\"Office\",\"text\":\"9 to 5\"}]";
    handbook_take(handbook, LANGUAGE_EN, HANDBOOK_ANSWERS,
                  json_parse(doc, rows, sizeof(rows) - 1, JSON_DEPTH_DEFAULT, NULL));
    handbook_free(handbook);
    handbook = handbook_open(buf_text(&file));
    assert_int_equal(handbook_search(handbook, LANGUAGE_EN, slice_of("off"), NULL, found, 2), 1);
    assert_string_equal(handbook_title(found[0]), "Office");
    // A language that has none is read in the other.
    assert_int_equal(handbook_search(handbook, LANGUAGE_RU, slice_of("off"), NULL, found, 2), 1);
    handbook_free(handbook);
    json_doc_free(doc);
    buf_fini(&file);
    scratch_remove(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_found_as_typed),
        cmocka_unit_test(the_chosen_text_is_shown_to_be_read_out),
        cmocka_unit_test(a_text_that_was_read_out_answers_the_contact),
        cmocka_unit_test(the_directory_answers_item_1_5),
        cmocka_unit_test(advice_stays_advice_and_a_report_takes_no_answer),
        cmocka_unit_test(an_owed_answer_is_not_said_to_be_given),
        cmocka_unit_test(what_was_said_survives_in_the_draft_and_clearing),
        cmocka_unit_test(the_copy_is_there_after_a_restart_without_the_bus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
