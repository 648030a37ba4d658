// The operator's post: a call of several contacts, hazards that do not wait for the form, and what was
// refused, without a bus and a terminal.
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

// One key takes another contact: caller and place stay, what it is about is asked anew.
static void one_key_takes_another_contact_of_the_same_call(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141");
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 Tab 2 F8");
    intake_fixture_settle(&fixture, intake_fixture_result);
    assert_true(
        intake_fixture_shows(&fixture, "ещё обращение, F4 — конец) · 2026-000123 нет света"));
    buf_clear(&fixture.published);
    intake_fixture_keys(&fixture, "F7");
    assert_int_equal(fixture.post->call.form.focus, CALL_PROBLEM);
    assert_true(intake_fixture_shows(&fixture, "Этот звонок · 2026-000123 нет света"));
    intake_fixture_keys(&fixture, "7 F7 9 Tab 5 Tab 2 F8"); // F7 saves what is on the form
    assert_string_equal(
        buf_text(&fixture.published),
        "contact.restoration_query {\"applicant\":\"person\",\"premise\":{"
        "\"settlement\":\"г. Зареченск\",\"street\":\"ул. Садовая\",\"house\":\"12\"},"
        "\"caller\":{\"phone\":\"+79125550141\"}}\n"
        "contact.complaint {\"applicant\":\"person\",\"premise\":{"
        "\"settlement\":\"г. Зареченск\",\"street\":\"ул. Садовая\",\"house\":\"12\"},"
        "\"caller\":{\"phone\":\"+79125550141\"},\"topic\":\"quality\"}\n");
    assert_string_equal(buf_text(&fixture.calls),
                        "call.started 1\ncontact.outage_report 1\ncontact.restoration_query 1\n"
                        "contact.complaint 1\n");
    intake_fixture_keys(&fixture, "F4");
    assert_true(intake_fixture_shows(&fixture, "Звонок окончен, обращений: 3"));
    assert_false(intake_fixture_shows(&fixture, "2026-000123"));
    assert_non_null(strstr(buf_text(&fixture.calls), "contact.complaint 1\ncall.ended 1\n"));
    intake_fixture_keys(&fixture, "F7");
    assert_true(call_form_is_empty(&fixture.post->call)); // nothing to go on with
    intake_fixture_close(&fixture);
}

// Whoever types the next caller's number has hung up on the former one.
static void the_next_caller_ends_the_call_before(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 1 F8");
    assert_string_equal(buf_text(&fixture.calls),
                        "call.started 1\ncontact.outage_report 1\ncall.ended 1\n"
                        "call.started 2\ncontact.outage_report 2\n");
    intake_fixture_close(&fixture);
}

// An anonymous contact names no call, by which the caller could be found.
static void an_anonymous_contact_names_no_call(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 9 Tab 4 Tab 2 F8");
    assert_string_equal(buf_text(&fixture.calls), "");
    intake_fixture_keys(&fixture, "F7 1 F8 F4");
    assert_string_equal(buf_text(&fixture.calls),
                        "call.started 1\ncontact.outage_report 1\ncall.ended 1\n");
    intake_fixture_close(&fixture);
}

// 4.2: symptom, extent, hazard first. The dispatcher has it before the form is finished, and has it once.
static void a_hazard_goes_out_before_the_form_is_finished(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 6");
    assert_string_equal(buf_text(&fixture.published), ""); // a slip of the finger is corrected
    intake_fixture_pass(&fixture, 1000);
    assert_string_equal(
        buf_text(&fixture.published),
        "contact.outage_report {\"applicant\":\"person\",\"premise\":{"
        "\"settlement\":\"г. Зареченск\",\"street\":\"ул. Садовая\",\"house\":\"12\"},"
        "\"symptom\":\"no_power\",\"hazard\":\"wire_down\"}\n");
    assert_int_equal(fixture.bells, 1);
    assert_true(intake_fixture_shows(&fixture, "ближе 8 метров"));
    assert_true(intake_fixture_shows(&fixture, "У диспетчера: талон 1"));
    intake_fixture_settle(&fixture, intake_fixture_result);
    assert_true(intake_fixture_shows(&fixture, "У диспетчера: 2026-000123"));
    intake_fixture_keys(&fixture, "1"); // it cannot be unsaid
    assert_true(intake_fixture_shows(&fixture, "Это уже у диспетчера"));
    buf_clear(&fixture.published);
    intake_fixture_keys(&fixture, "Tab 2 Tab Tab 'висит S-Tab S-Tab S-Tab S-Tab S-Tab S-Tab");
    intake_fixture_keys(&fixture, "'89125550141 F8");
    assert_string_equal(buf_text(&fixture.published),
                        "contact.updated {\"contact\":\"2026-000123\",\"applicant\":\"person\","
                        "\"caller\":{\"phone\":\"+79125550141\"},\"text\":\"висит\","
                        "\"callback\":false,\"extent\":\"house\"}\n");
    assert_true(call_form_is_empty(&fixture.post->call));
    assert_int_equal(fixture.post->calls.count, 1);
    intake_fixture_close(&fixture);
}

static void whoever_goes_on_to_the_next_field_means_the_hazard(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab 'за_мостом Tab Tab 1 Tab 2 Tab 4");
    assert_string_equal(buf_text(&fixture.published), "");
    intake_fixture_keys(&fixture, "3 Tab");
    assert_string_equal(buf_text(&fixture.published),
                        "contact.outage_report {\"applicant\":\"person\",\"premise\":{\"text\":"
                        "\"за мостом\"},\"symptom\":\"no_power\",\"extent\":\"house\","
                        "\"hazard\":\"sparking\"}\n");
    intake_fixture_keys(&fixture, "F8"); // nothing came to it
    assert_null(strstr(buf_text(&fixture.published), "contact.updated"));
    assert_true(call_form_is_empty(&fixture.post->call));
    intake_fixture_close(&fixture);
}

// Nobody may think that the dispatcher knows when he cannot.
static void without_the_bus_a_hazard_is_said_not_to_have_arrived(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    fixture.post->link.up = false;
    intake_fixture_keys(&fixture, "Tab 6 Tab");
    assert_true(intake_fixture_shows(&fixture, "НЕ у диспетчера: талон 1 ждёт шину"));
    assert_true(intake_fixture_shows(&fixture, "у диспетчера её НЕТ. Позвоните ему."));
    fixture.post->link.up = true;
    intake_fixture_settle(&fixture, intake_fixture_result);
    assert_true(intake_fixture_shows(&fixture, "У диспетчера: 2026-000123"));
    intake_fixture_close(&fixture);
}

// Neither a place without a hazard nor a hazard without a place is a report; an address half typed is none.
static void a_hazard_waits_for_its_place(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "Tab Tab Tab 6 Tab Tab Tab");
    intake_fixture_pass(&fixture, 5000);
    assert_string_equal(buf_text(&fixture.published), "");
    intake_fixture_keys(&fixture, "S-Tab S-Tab S-Tab S-Tab S-Tab 'сад");
    intake_fixture_answer(&fixture, intake_fixture_suggestions);
    intake_fixture_pass(&fixture, 5000);
    assert_string_equal(buf_text(&fixture.published), "");
    intake_fixture_keys(&fixture, "Enter");
    intake_fixture_pass(&fixture, 1000);
    assert_non_null(strstr(buf_text(&fixture.published), "\"hazard\":\"wire_down\""));
    intake_fixture_close(&fixture);
}

// The number is not there yet, or the terminal went away: it is still one report.
static void a_pushed_hazard_stays_one_report(void **state)
{
    struct intake_fixture fixture, later;
    struct buf draft = {0};

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 6 Tab F4 F4 Tab 'x"); // cleared, brought back, locked
    assert_true(intake_fixture_shows(&fixture, "Это уже у диспетчера"));
    assert_true(post_draft(fixture.post, &draft));
    intake_fixture_open(&later, LANGUAGE_RU, 24, 80);
    post_take_draft(later.post,
                    json_parse(later.doc, draft.data, draft.length, JSON_DEPTH_DEFAULT, NULL));
    intake_fixture_pass(&later, 5000);
    assert_string_equal(buf_text(&later.published), "");
    intake_fixture_keys(&later, "'89125550141 F8");
    assert_non_null(strstr(buf_text(&later.published), "contact.updated {\"of\":\""));
    assert_null(strstr(buf_text(&later.published), "contact.outage_report"));
    buf_fini(&draft);
    intake_fixture_close(&later);
    intake_fixture_close(&fixture);
}

static void a_full_disk_is_not_asked_for_a_hazard_again_and_again(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    fixture.refuse = true;
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 6");
    for (int i = 0; i < 20; i++)
        intake_fixture_pass(&fixture, 200);
    assert_int_equal(fixture.bells, 1);
    assert_true(intake_fixture_shows(&fixture, "Диск заполнен."));
    fixture.refuse = false;
    intake_fixture_keys(&fixture, "F8");
    assert_non_null(strstr(buf_text(&fixture.published), "wire_down"));
    intake_fixture_close(&fixture);
}

// The caller is on the line still: what was refused is on the form again, where it can be mended.
static void what_was_refused_is_back_on_the_form(void **state)
{
    struct intake_fixture fixture;
    struct err err;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 9 Tab 3 Tab '99 F8");
    err_set(&err, ERR_CONFLICT, "below_last", "Below.", "Меньше прежнего.");
    post_settled(fixture.post, fixture.slip, NULL, &err);
    assert_true(intake_fixture_shows(&fixture, "Меньше прежнего."));
    assert_int_equal(fixture.post->call.form.focus, CALL_REASON);
    buf_clear(&fixture.published);
    intake_fixture_keys(&fixture, "'новый_счётчик F8");
    assert_non_null(
        strstr(buf_text(&fixture.published), "\"readings\":[99],\"reason\":\"новый счётчик\""));
    // The next caller is being typed already: his form is left alone.
    intake_fixture_keys(&fixture, "'8912");
    post_settled(fixture.post, fixture.slip, NULL, &err);
    assert_int_equal(fixture.post->call.items[CALL_PROBLEM].chosen, -1);
    intake_fixture_close(&fixture);
}

static void a_hazard_that_was_refused_is_not_sent_again_by_itself(void **state)
{
    struct intake_fixture fixture;
    struct err err;

    (void)state;
    open_post(&fixture);
    intake_fixture_choose_address(&fixture);
    intake_fixture_keys(&fixture, "Tab 6 Tab");
    err_set(&err, ERR_INVALID, "schema", "No.", "Так нельзя.");
    post_settled(fixture.post, fixture.slip, NULL, &err);
    buf_clear(&fixture.published);
    intake_fixture_pass(&fixture, 5000);
    assert_string_equal(buf_text(&fixture.published), "");
    intake_fixture_keys(&fixture, "F8");
    assert_non_null(strstr(buf_text(&fixture.published), "contact.outage_report"));
    intake_fixture_close(&fixture);
}

static void who_called_within_the_hour_is_counted_by_calls(void **state)
{
    static const char rows[] = "[{\"call\":\"a\"},{\"call\":\"a\"},{},{\"call\":\"b\"}]";
    struct intake_fixture fixture;

    (void)state;
    open_post(&fixture);
    intake_fixture_keys(&fixture, "'89125550141");
    fixture.question = POST_ASK_AGAIN;
    fixture.number = fixture.post->phone_asked;
    intake_fixture_answer(&fixture, rows);
    assert_int_equal(fixture.post->phone_calls, 3);
    assert_true(intake_fixture_shows(&fixture, "звонков за час: 3"));
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_takes_another_contact_of_the_same_call),
        cmocka_unit_test(the_next_caller_ends_the_call_before),
        cmocka_unit_test(an_anonymous_contact_names_no_call),
        cmocka_unit_test(a_hazard_goes_out_before_the_form_is_finished),
        cmocka_unit_test(whoever_goes_on_to_the_next_field_means_the_hazard),
        cmocka_unit_test(without_the_bus_a_hazard_is_said_not_to_have_arrived),
        cmocka_unit_test(a_hazard_waits_for_its_place),
        cmocka_unit_test(a_pushed_hazard_stays_one_report),
        cmocka_unit_test(a_full_disk_is_not_asked_for_a_hazard_again_and_again),
        cmocka_unit_test(what_was_refused_is_back_on_the_form),
        cmocka_unit_test(a_hazard_that_was_refused_is_not_sent_again_by_itself),
        cmocka_unit_test(who_called_within_the_hour_is_counted_by_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
