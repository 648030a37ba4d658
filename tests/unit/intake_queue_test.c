// Contacts that wait for an answer: the list, one of them open, and what is done to it.
#include "intake/draft.h"
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void open_queue(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
    intake_fixture_keys(fixture, "F6 1");
    intake_fixture_answer(fixture, intake_panels_owed);
}

static const char *chosen(const struct intake_fixture *fixture)
{
    return json_c_string(json_get(post_chosen_contact(fixture->post), "reg_no"));
}

static void the_earliest_due_comes_first(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_queue(&fixture);
    assert_string_equal(buf_text(&fixture.asked), "contacts {\"state\":\"owed\",\"limit\":1000}\n");
    assert_string_equal(chosen(&fixture), "2026-000101");
    intake_fixture_keys(&fixture, "Down");
    assert_string_equal(chosen(&fixture), "2026-000103");
    intake_fixture_keys(&fixture, "Down Down");
    assert_string_equal(chosen(&fixture), "2026-000102");
    intake_fixture_close(&fixture);
}

static void a_digit_asks_for_those_of_a_department(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_queue(&fixture);
    buf_clear(&fixture.asked);
    intake_fixture_keys(&fixture, "8");
    assert_string_equal(
        buf_text(&fixture.asked),
        "contacts {\"state\":\"owed\",\"department\":\"complaints\",\"limit\":1000}\n");
    assert_null(chosen(&fixture));
    intake_fixture_answer(&fixture, "[]");
    intake_fixture_keys(&fixture, "2"); // to call back: chosen from all
    intake_fixture_answer(&fixture, intake_panels_owed);
    assert_string_equal(chosen(&fixture), "2026-000103");
    assert_int_equal(fixture.post->owed.rows.count, 1);
    intake_fixture_close(&fixture);
}

static void the_selection_stays_with_its_contact(void **state)
{
    static const char others[] = "[{\"reg_no\":\"2026-000099\",\"type\":\"contact.inquiry\","
                                 "\"due\":\"2026-11-23T10:00:00+03:00\"},"
                                 "{\"reg_no\":\"2026-000103\",\"type\":\"contact.inquiry\","
                                 "\"due\":\"2026-11-23T18:20:00+03:00\"},"
                                 "{\"reg_no\":\"2026-000098\",\"type\":\"contact.inquiry\","
                                 "\"due\":\"2026-11-23T11:00:00+03:00\"}]";
    struct intake_fixture fixture;

    (void)state;
    open_queue(&fixture);
    intake_fixture_keys(&fixture, "Down");
    intake_fixture_event(&fixture, "contact.answered", "{\"contact\":\"2026-000101\"}");
    intake_fixture_pass(&fixture, ROWS_AGAIN_MS);
    intake_fixture_answer(&fixture, others);
    assert_string_equal(chosen(&fixture), "2026-000103");
    assert_int_equal(fixture.post->owed.rows.selected, 2);
    intake_fixture_close(&fixture);
}

static void new_ones_are_asked_for_while_the_list_is_open(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_queue(&fixture);
    buf_clear(&fixture.asked);
    intake_fixture_pass(&fixture, OWED_POLL_MS);
    assert_non_null(strstr(buf_text(&fixture.asked), "contacts"));
    intake_fixture_answer(&fixture, intake_panels_owed);
    intake_fixture_keys(&fixture, "Esc");
    buf_clear(&fixture.asked);
    intake_fixture_pass(&fixture, OWED_POLL_MS);
    assert_int_equal(fixture.asked.length, 0);
    intake_fixture_close(&fixture);
}

// In either layout: `t` and `е` are one key.
static void a_contact_is_taken_answered_and_closed(void **state)
{
    static const char *const keys[] = {"t", "'е"};

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct intake_fixture fixture;

        open_queue(&fixture);
        intake_fixture_keys(&fixture, "Enter");
        intake_fixture_answer(&fixture, intake_panels_contact);
        intake_fixture_keys(&fixture, keys[i]);
        intake_fixture_settle(&fixture, "{\"sequence\":1}");
        assert_true(intake_fixture_shows(&fixture, "2026-000101: взято в работу."));
        intake_fixture_keys(&fixture, "F8 'договор_15_дней Enter F7");
        assert_string_equal(
            buf_text(&fixture.published),
            "contact.taken {\"contact\":\"2026-000101\"}\n"
            "contact.answered {\"contact\":\"2026-000101\",\"answer\":\"договор 15 дней\"}\n"
            "contact.closed {\"contact\":\"2026-000101\"}\n");
        intake_fixture_keys(&fixture, "Esc");
        assert_int_equal(fixture.post->view, POST_QUEUE);
        intake_fixture_close(&fixture);
    }
}

static void a_complaint_is_answered_with_its_measures(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_queue(&fixture);
    intake_fixture_keys(&fixture, "End a 'вызвали_бригаду F8");
    assert_int_equal(fixture.published.length, 0); // was it justified?
    intake_fixture_keys(&fixture, "2 Enter 'замер Enter 'замена_ТП Enter");
    assert_string_equal(buf_text(&fixture.published),
                        "contact.answered {\"contact\":\"2026-000102\",\"answer\":\"вызвали "
                        "бригаду\",\"justified\":false,\"measures_done\":\"замер\","
                        "\"measures_planned\":\"замена ТП\"}\n");
    intake_fixture_close(&fixture);
}

static void other_acts_say_what_they_need(void **state)
{
    static const struct {
        const char *keys, *published;
    } acts[] = {
        {"r 3 Enter 'не_наше F8", "contact.routed {\"contact\":\"2026-000101\",\"department\":"
                                  "\"metering\",\"reason\":\"не наше\"}\n"},
        {"l 2 F8", "contact.left {\"contact\":\"2026-000101\",\"ground\":\"answered_before\"}\n"},
        {"o 'снова Enter", "contact.reopened {\"contact\":\"2026-000101\",\"reason\":\"снова\"}\n"},
        {"d 'третья_опора Enter",
         "dispatch.replied {\"contact\":\"2026-000101\",\"answer\":\"третья опора\"}\n"},
        {"l F8 Esc", ""},
        {"a Esc", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
        struct intake_fixture fixture;

        open_queue(&fixture);
        intake_fixture_keys(&fixture, acts[i].keys);
        assert_string_equal(buf_text(&fixture.published), acts[i].published);
        assert_int_equal(fixture.post->popup.kind, POPUP_NONE);
        intake_fixture_close(&fixture);
    }
}

static void a_refusal_is_said_in_the_brokers_sentence(void **state)
{
    struct intake_fixture fixture;
    struct err err;

    (void)state;
    open_queue(&fixture);
    intake_fixture_keys(&fixture, "x");
    err_set(&err, ERR_CONFLICT, "state", "No.", "Сначала ответ.");
    post_settled(fixture.post, fixture.slip, NULL, &err);
    assert_true(intake_fixture_shows(&fixture, "2026-000101: ОТКАЗ: Сначала ответ."));
    assert_int_equal(fixture.bells, 1);
    intake_fixture_close(&fixture);
}

static void what_a_full_disk_refused_stays_on_the_screen(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_queue(&fixture);
    fixture.refuse = true;
    intake_fixture_keys(&fixture, "a 'ответ F8");
    assert_int_equal(fixture.post->popup.kind, POPUP_ANSWER);
    assert_true(intake_fixture_shows(&fixture, "Диск заполнен."));
    fixture.refuse = false;
    intake_fixture_keys(&fixture, "F8");
    assert_non_null(strstr(buf_text(&fixture.published), "\"answer\":\"ответ\""));
    intake_fixture_close(&fixture);
}

// Opened, chosen, taken in work and answered before the first answer of the bus.
static void keys_wait_for_the_list_and_for_the_contact(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    intake_fixture_keys(&fixture, "F6 1 Enter t a 'перезвонили F8 Esc");
    assert_int_equal(fixture.published.length, 0);
    intake_fixture_answer(&fixture, intake_panels_owed);
    assert_int_equal(fixture.question, POST_ASK_CONTACT);
    intake_fixture_answer(&fixture, intake_panels_contact);
    assert_string_equal(
        buf_text(&fixture.published),
        "contact.taken {\"contact\":\"2026-000101\"}\n"
        "contact.answered {\"contact\":\"2026-000101\",\"answer\":\"перезвонили\"}\n");
    assert_int_equal(fixture.post->view, POST_QUEUE);
    intake_fixture_close(&fixture);
}

static void a_half_typed_answer_survives_a_lost_terminal(void **state)
{
    char *scratch = scratch_new();
    struct intake_fixture fixture, later;
    struct buf file = {0};

    (void)state;
    buf_printf(&file, "%s/draft.json", scratch);
    open_queue(&fixture);
    intake_fixture_keys(&fixture, "End a 'вызвали_бриг Tab 2");
    draft_save(fixture.post, buf_text(&file));
    intake_fixture_open(&later, LANGUAGE_RU, 24, 80);
    draft_take(later.post, buf_text(&file));
    assert_true(intake_fixture_shows(&later, "Ответ на 2026-000102"));
    intake_fixture_keys(&later, "F8");
    assert_string_equal(buf_text(&later.published),
                        "contact.answered {\"contact\":\"2026-000102\",\"answer\":"
                        "\"вызвали бриг\",\"justified\":false}\n");
    intake_fixture_close(&later);
    // It was taken back: nothing is left for a third one.
    intake_fixture_open(&later, LANGUAGE_RU, 24, 80);
    draft_take(later.post, buf_text(&file));
    assert_int_equal(later.post->popup.kind, POPUP_NONE);
    intake_fixture_close(&later);
    intake_fixture_close(&fixture);
    buf_fini(&file);
    scratch_remove(scratch);
}

static void without_a_contact_nothing_is_done(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    intake_fixture_keys(&fixture, "F6 1");
    intake_fixture_answer(&fixture, "[]");
    intake_fixture_keys(&fixture, "t a x r Enter F4 F7 F8");
    assert_int_equal(fixture.published.length, 0);
    assert_int_equal(fixture.post->view, POST_QUEUE);
    assert_int_equal(fixture.post->popup.kind, POPUP_NONE);
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_earliest_due_comes_first),
        cmocka_unit_test(a_digit_asks_for_those_of_a_department),
        cmocka_unit_test(the_selection_stays_with_its_contact),
        cmocka_unit_test(new_ones_are_asked_for_while_the_list_is_open),
        cmocka_unit_test(a_contact_is_taken_answered_and_closed),
        cmocka_unit_test(a_complaint_is_answered_with_its_measures),
        cmocka_unit_test(other_acts_say_what_they_need),
        cmocka_unit_test(a_refusal_is_said_in_the_brokers_sentence),
        cmocka_unit_test(what_a_full_disk_refused_stays_on_the_screen),
        cmocka_unit_test(keys_wait_for_the_list_and_for_the_contact),
        cmocka_unit_test(a_half_typed_answer_survives_a_lost_terminal),
        cmocka_unit_test(without_a_contact_nothing_is_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
