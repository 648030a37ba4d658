// Screens of the console as text and a grid of roles, in both languages and three sizes.
#include "tests/lib/console_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    int rows, columns;
} sizes[] = {{24, 80}, {40, 120}, {60, 200}};

// Opens with the fixture's queue; `events` plays the recorded ones too.
static void open_queue(struct console_fixture *fixture, enum language language, size_t size)
{
    console_fixture_open(fixture, language, sizes[size].rows, sizes[size].columns);
    console_fixture_load(fixture, "rows.json");
    console_fixture_play(fixture, "events.jsonl");
    list_select(fixture->desk->list, 104217);
    console_fixture_paint(fixture); // the first frame tells whether the incident stands beside
    console_fixture_pass(fixture, DESK_PREVIEW_MS);
    console_fixture_pass(fixture, DESK_PREVIEW_MS);
    console_fixture_answer(fixture, "incident.json");
}

typedef void prepare_screen(struct console_fixture *fixture);

static void each_screen(const char *name, prepare_screen *prepare)
{
    for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++)
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            struct console_fixture fixture;
            char file[96];
            open_queue(&fixture, (enum language)language, size);
            if (prepare)
                prepare(&fixture);
            snprintf(file, sizeof file, "%s_%dx%d_%s", name, sizes[size].columns, sizes[size].rows,
                     language_name((enum language)language));
            console_fixture_golden(&fixture, file);
            console_fixture_close(&fixture);
        }
}

static void the_queue(void **state)
{
    (void)state;
    each_screen("queue", NULL);
}

static void tag_two(struct console_fixture *fixture)
{
    list_select(fixture->desk->list, 104201);
    console_fixture_keys(fixture, "Space Space");
}

static void tagged_rows_hold_the_order(void **state)
{
    (void)state;
    each_screen("queue_tagged", tag_two);
}

static void open_detail(struct console_fixture *fixture)
{
    console_fixture_keys(fixture, "Enter");
    console_fixture_answer(fixture, "incident.json");
}

static void an_incident_with_its_timeline(void **state)
{
    (void)state;
    each_screen("detail", open_detail);
}

static void open_calls(struct console_fixture *fixture)
{
    open_detail(fixture);
    console_fixture_keys(fixture, "2");
}

static void an_incident_with_its_calls(void **state)
{
    (void)state;
    each_screen("detail_calls", open_calls);
}

static void open_eta(struct console_fixture *fixture)
{
    tag_two(fixture);
    console_fixture_keys(fixture, "F2 '+90");
}

static void eta_entry_over_the_queue(void **state)
{
    (void)state;
    each_screen("eta", open_eta);
}

static void open_help(struct console_fixture *fixture)
{
    console_fixture_keys(fixture, "F1");
}

static void help_is_a_palette(void **state)
{
    (void)state;
    each_screen("help", open_help);
}

static void lose_the_bus(struct console_fixture *fixture)
{
    struct health *link = &fixture->desk->link;
    link->up = false;
    link->lost_ms = fixture->desk->now_ms;
    link->to_send = 2;
    console_fixture_pass(fixture, 41000);
}

static void the_bus_is_lost(void **state)
{
    (void)state;
    each_screen("bus_lost", lose_the_bus);
}

static void open_log(struct console_fixture *fixture)
{
    console_fixture_keys(fixture, "l");
}

static void the_shift_log(void **state)
{
    (void)state;
    each_screen("log", open_log);
}

static void open_close(struct console_fixture *fixture)
{
    console_fixture_event(fixture,
                          "{\"type\":\"incident.restored\",\"sequence\":\"0000000000001010\","
                          "\"time\":\"2026-11-23T14:32:04+03:00\",\"source\":\"pult:user:petrova\","
                          "\"recordedtime\":\"2026-11-23T14:32:04+03:00\","
                          "\"data\":{\"incident\":104217}}");
    console_fixture_keys(fixture, "x");
}

static void closing_asks_for_the_cause(void **state)
{
    (void)state;
    each_screen("close", open_close);
}

static void open_filter(struct console_fixture *fixture)
{
    console_fixture_keys(fixture, "\\ 'приор:1-2_!срок:нет");
}

static void a_filter_narrows_while_it_is_typed(void **state)
{
    (void)state;
    each_screen("filter", open_filter);
}

// A storm since 13:50, in a flood that has ended; a stale row and one that chatters.
static void begin_storm(struct console_fixture *fixture)
{
    struct json_doc *doc = json_doc_new();
    static const char stats[] =
        "{\"rows\":[{\"mode\":\"storm\",\"mode_since\":\"2026-11-23T13:50:00+03:00\","
        "\"mode_proposed\":\"normal\"}]}";
    static const char row[] =
        "{\"rows\":[{\"incident\":104201,\"kind\":\"outage\",\"state\":\"confirmed\","
        "\"priority\":2,\"node\":\"TP318\",\"started\":\"2026-11-22T14:00:00+03:00\",\"calls\":19,"
        "\"customers\":74,\"version\":5000},{\"incident\":104188,\"kind\":\"outage\","
        "\"state\":\"confirmed\",\"priority\":1,\"started\":\"2026-11-23T13:20:00+03:00\","
        "\"calls\":203,\"customers\":2890,\"version\":5000,\"chattering\":true,"
        "\"last_report_at\":\"2026-11-23T14:31:00+03:00\"}]}";
    desk_answered(fixture->desk, ASK_MODE, 0,
                  json_parse(doc, stats, sizeof stats - 1, JSON_DEPTH_DEFAULT, NULL), NULL);
    desk_take_rows(
        fixture->desk,
        json_get(json_parse(doc, row, sizeof row - 1, JSON_DEPTH_DEFAULT, NULL), "rows"));
    json_doc_free(doc);
    console_fixture_pass(fixture, 5000);
    console_fixture_keys(fixture, "Home");
}

static void a_storm_folds_what_can_wait(void **state)
{
    (void)state;
    each_screen("storm", begin_storm);
}

static void open_mode(struct console_fixture *fixture)
{
    begin_storm(fixture);
    console_fixture_keys(fixture, "s");
}

static void the_mode_is_a_dialog(void **state)
{
    (void)state;
    each_screen("mode", open_mode);
}

// The end of the storm and a mass cancellation: one act more than is listed at once.
static void open_agree(struct console_fixture *fixture)
{
    static const char *const acts[] = {
        "\"mode.changed\",\"data\":{\"mode\":\"normal\",\"reason\":\"quiet again\"}",
        "\"incident.cancelled\",\"data\":{\"incident\":104201,\"reason\":\"invalid\"}",
    };
    begin_storm(fixture);
    for (int i = 0; i < 11; i++) {
        char event[512];
        snprintf(
            event, sizeof event,
            "{\"id\":\"act%d\",\"type\":\"approval.requested\",\"source\":\"pult:user:ivanov\","
            "\"sequence\":\"%016d\",\"data\":{\"by\":\"ivanov\","
            "\"until\":\"2026-11-23T14:37:06+03:00\",\"act\":%s}}",
            i, 6000 + i, acts[i > 0]);
        console_fixture_event(fixture, event);
    }
    console_fixture_keys(fixture, "v");
}

static void agreeing_lists_what_waits(void **state)
{
    (void)state;
    each_screen("agree", open_agree);
}

static void a_terminal_that_is_too_small_says_so(void **state)
{
    (void)state;
    struct console_fixture fixture;
    console_fixture_open(&fixture, LANGUAGE_RU, 18, 62);
    console_fixture_load(&fixture, "rows.json");
    console_fixture_golden(&fixture, "too_small_62x18_ru");
    console_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue),
        cmocka_unit_test(tagged_rows_hold_the_order),
        cmocka_unit_test(an_incident_with_its_timeline),
        cmocka_unit_test(an_incident_with_its_calls),
        cmocka_unit_test(eta_entry_over_the_queue),
        cmocka_unit_test(help_is_a_palette),
        cmocka_unit_test(the_bus_is_lost),
        cmocka_unit_test(the_shift_log),
        cmocka_unit_test(closing_asks_for_the_cause),
        cmocka_unit_test(a_filter_narrows_while_it_is_typed),
        cmocka_unit_test(a_storm_folds_what_can_wait),
        cmocka_unit_test(the_mode_is_a_dialog),
        cmocka_unit_test(agreeing_lists_what_waits),
        cmocka_unit_test(a_terminal_that_is_too_small_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
