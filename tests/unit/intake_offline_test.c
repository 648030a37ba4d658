// Without the bus: the own copy is searched, callers are told slips, and what came is seen afterwards.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char premises[] =
    "[{\"account\":\"1001\",\"node\":\"TP-1\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"ул. Садовая\",\"house\":\"12\",\"flat\":\"\",\"meters\":[\"ПУ-77\",\"5512\"]},"
    "{\"account\":\"1002\",\"node\":\"TP-1\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"ул. Садовая\",\"house\":\"14\",\"flat\":\"\"}]";

static const char *house_of(const struct offline *offline, const char *typed, struct json_doc *doc)
{
    const struct json *rows = offline_search(offline, typed, 6, doc);
    const char *house = rows->first ? json_c_string(json_get(rows->first, "house")) : NULL;

    return house && rows->count == 1 ? house : "";
}

static void a_premise_is_found_by_account_meter_and_address(void **state)
{
    char *scratch = scratch_new();
    struct json_doc *doc = json_doc_new();
    struct buf file = {0};

    (void)state;
    buf_printf(&file, "%s/premises.jsonl", scratch);
    for (int run = 0; run < 2; run++) { // the second one reads the file
        struct offline *offline = offline_open(buf_text(&file));
        if (run == 0) {
            offline_begin(offline, "journal");
            offline_add(offline, json_parse(doc, premises, strlen(premises), 8, NULL));
            offline_finish(offline, 1);
        }
        assert_string_equal(house_of(offline, "1002", doc), "14");
        assert_string_equal(house_of(offline, " ПУ-77 ", doc), "12");
        assert_string_equal(house_of(offline, "5512", doc), "12");
        assert_string_equal(house_of(offline, "садовая 14", doc), "14");
        assert_string_equal(house_of(offline, "100", doc), ""); // a part of a number is none
        offline_free(offline);
    }
    json_doc_free(doc);
    buf_fini(&file);
    scratch_remove(scratch);
}

static void go_offline(struct intake_fixture *fixture)
{
    intake_fixture_open(fixture, LANGUAGE_RU, 24, 80);
    post_linked(fixture->post);
    intake_fixture_answer(fixture, premises);
    fixture->post->link.up = false;
}

static void settle(struct intake_fixture *fixture, int64_t slip, const char *reg_no)
{
    struct buf text = {0};

    buf_printf(&text, "{\"reg_no\":\"%s\"}", reg_no);
    post_settled(fixture->post, slip,
                 json_parse(fixture->doc, text.data, text.length, JSON_DEPTH_DEFAULT, NULL), NULL);
    buf_fini(&text);
}

static void every_slip_that_came_is_named_until_a_key(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    go_offline(&fixture);
    intake_fixture_keys(&fixture, "Tab '1002 Enter 1 F8 F4 Tab '5512 Enter 2 F8");
    assert_int_equal(fixture.slip, 2);
    fixture.post->link.up = true;
    settle(&fixture, 1, "2026-000007");
    settle(&fixture, 2, "2026-000008");
    assert_true(intake_fixture_shows(&fixture, "Талоны пришли: 1 → 2026-000007, 2 → 2026-000008."));
    assert_int_equal(fixture.bells, 2);
    intake_fixture_keys(&fixture, "F5");
    assert_true(intake_fixture_shows(&fixture, "2026-000007 (т.1)"));
    assert_true(intake_fixture_shows(&fixture, "2026-000008 (т.2)"));
    intake_fixture_close(&fixture);
}

static void a_call_taken_with_the_bus_has_its_number_alone(void **state)
{
    struct intake_fixture fixture;

    (void)state;
    go_offline(&fixture);
    intake_fixture_keys(&fixture, "Tab '1002 Enter");
    fixture.post->link.up = true;
    intake_fixture_keys(&fixture, "1 F8");
    settle(&fixture, 1, "2026-000007");
    assert_true(intake_fixture_shows(&fixture, "Зарегистрировано: 2026-000007."));
    intake_fixture_keys(&fixture, "F5");
    assert_false(intake_fixture_shows(&fixture, "(т.1)"));
    intake_fixture_close(&fixture);
}

static void a_slip_is_searched_for_as_it_is_read_out(void **state)
{
    static const char *const typed[] = {"'1 Enter", "'талон_1 Enter", "'Т1 Enter", "'slip_1 Enter"};

    (void)state;
    for (size_t i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
        struct intake_fixture fixture;

        go_offline(&fixture);
        intake_fixture_keys(&fixture, "Tab '1002 Enter 1 F8 F6 3");
        intake_fixture_keys(&fixture, typed[i]);
        assert_int_equal(fixture.post->view, POST_CALLS); // not come yet
        settle(&fixture, 1, "2026-000007");
        intake_fixture_keys(&fixture, "F6 3");
        intake_fixture_keys(&fixture, typed[i]);
        assert_string_equal(fixture.post->contact.reg_no, "2026-000007");
        intake_fixture_close(&fixture);
    }
}

// A question without a place is one's own call too.
static void calls_of_a_former_run_are_listed(void **state)
{
    static const char event[] = "{\"type\":\"contact.inquiry\",\"data\":{\"applicant\":\"person\","
                                "\"topic\":\"1.5\"}}";
    static const char act[] = "{\"type\":\"contact.taken\",\"data\":{\"contact\":\"2026-000001\"}}";
    struct intake_fixture fixture;
    struct err err;
    struct outbox_item item = {
        .slip = 5, .created_ms = INTAKE_FIXTURE_NOW_MS, .state = OUTBOX_WAITING};

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    item.event = slice_of(event);
    post_restore(fixture.post, &item);
    item.event = slice_of(act);
    item.slip = 6;
    post_restore(fixture.post, &item);
    assert_int_equal(fixture.post->calls.count, 1);
    err_set(&err, ERR_CONFLICT, "state", "No.", "Уже закрыто.");
    post_settled(fixture.post, 6, NULL, &err); // what it came to is said, now too
    assert_true(intake_fixture_shows(&fixture, "2026-000001: ОТКАЗ: Уже закрыто."));
    settle(&fixture, 5, "2026-000007");
    assert_true(intake_fixture_shows(&fixture, "Талоны пришли: 5 → 2026-000007"));
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_premise_is_found_by_account_meter_and_address),
        cmocka_unit_test(every_slip_that_came_is_named_until_a_key),
        cmocka_unit_test(a_call_taken_with_the_bus_has_its_number_alone),
        cmocka_unit_test(a_slip_is_searched_for_as_it_is_read_out),
        cmocka_unit_test(calls_of_a_former_run_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
