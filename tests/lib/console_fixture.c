#include "tests/lib/console_fixture.h"

#include "lib/clock.h"
#include "tests/lib/golden.h"
#include "tests/lib/shared.h"
#include "tests/lib/typing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool publish(void *context, struct slice event, uint64_t ticket, struct err *err)
{
    struct console_fixture *fixture = context;
    struct json_doc *doc = json_doc_new();
    if (fixture->refuse) {
        err_set(err, ERR_UNAVAILABLE, "disk", "the disk is full", "диск заполнен");
        json_doc_free(doc);
        return false;
    }
    const struct json *tree = json_parse(doc, event.data, event.length, JSON_DEPTH_DEFAULT, err);
    assert_non_null(tree); // what the desk publishes is JSON
    buf_printf(&fixture->published, "%s ", json_c_string(json_get(tree, "type")));
    json_write(&fixture->published, json_get(tree, "data"));
    buf_add_char(&fixture->published, '\n');
    fixture->last_ticket = ticket;
    json_doc_free(doc);
    return true;
}

static void query(void *context, const char *name, struct slice args, enum desk_question question,
                  int64_t subject)
{
    struct console_fixture *fixture = context;
    (void)question;
    (void)subject;
    buf_printf(&fixture->asked, "%s %.*s\n", name, (int)args.length, args.data);
}

static void bell(void *context)
{
    ((struct console_fixture *)context)->bells++;
}

void console_fixture_open(struct console_fixture *fixture, enum language language, int rows,
                          int columns)
{
    struct err err;
    struct desk_bus bus = {fixture, publish, query, bell, NULL};
    *fixture = (struct console_fixture){.doc = json_doc_new()};
    assert_int_equal(clock_set_zone("Europe/Moscow", &err), ERR_OK);
    fixture->desk = desk_new(&bus, language);
    surface_init(&fixture->surface, rows, columns);
    struct health *link = &fixture->desk->link;
    link->up = link->ever_up = true;
    link->identity = strdup("pult:user:petrova");
    link->heard_ms = CONSOLE_FIXTURE_NOW_MS;
    link->round_trip_ms = 12;
    desk_tick(fixture->desk, CONSOLE_FIXTURE_NOW_MS, 1000000);
}

void console_fixture_close(struct console_fixture *fixture)
{
    desk_free(fixture->desk);
    surface_fini(&fixture->surface);
    json_doc_free(fixture->doc);
    buf_fini(&fixture->published);
    buf_fini(&fixture->asked);
}

static const struct json *read_json(struct console_fixture *fixture, const char *file)
{
    char path[256];
    struct buf text = {0};
    struct err err;
    snprintf(path, sizeof path, "tests/golden/console/%s", file);
    assert_true(shared_read_file(path, &text));
    const struct json *tree =
        json_parse(fixture->doc, text.data, text.length, JSON_DEPTH_DEFAULT, &err);
    if (!tree)
        print_error("%s: %s\n", path, err.message[LANGUAGE_EN]);
    assert_non_null(tree);
    buf_fini(&text);
    return tree;
}

void console_fixture_load(struct console_fixture *fixture, const char *file)
{
    desk_take_rows(fixture->desk, read_json(fixture, file));
    console_fixture_pass(fixture, 0);
}

void console_fixture_event(struct console_fixture *fixture, const char *event)
{
    struct err err;
    const struct json *tree =
        json_parse(fixture->doc, event, strlen(event), JSON_DEPTH_DEFAULT, &err);
    assert_non_null(tree);
    desk_take_event(fixture->desk, tree, slice_of(event));
}

void console_fixture_play(struct console_fixture *fixture, const char *file)
{
    char path[256];
    struct buf text = {0};
    char *rest = NULL;
    snprintf(path, sizeof path, "tests/golden/console/%s", file);
    assert_true(shared_read_file(path, &text));
    for (char *line = strtok_r(text.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        console_fixture_event(fixture, line);
    buf_fini(&text);
    console_fixture_pass(fixture, 0);
}

void console_fixture_answer(struct console_fixture *fixture, const char *file)
{
    const struct json *body = read_json(fixture, file);
    int64_t number = json_integer(json_pointer(body, slice_of("/rows/0/incident")), 0);
    desk_answered(fixture->desk, ASK_INCIDENT, number, body, NULL);
    console_fixture_pass(fixture, 0);
}

void console_fixture_pass(struct console_fixture *fixture, int64_t ms)
{
    struct desk *desk = fixture->desk;
    desk_tick(desk, desk->now_ms + ms, desk->mono_ms + ms);
    if (desk->link.up)
        desk->link.heard_ms = desk->now_ms;
}

static void take_input(void *context, const struct input *input)
{
    struct console_fixture *fixture = context;
    desk_input(fixture->desk, input);
    console_fixture_pass(fixture, 0);
}

void console_fixture_keys(struct console_fixture *fixture, const char *keys)
{
    typing_play(keys, take_input, fixture);
}

void console_fixture_paint(struct console_fixture *fixture)
{
    surface_clear(&fixture->surface);
    desk_paint(fixture->desk, &fixture->surface);
}

void console_fixture_golden(struct console_fixture *fixture, const char *name)
{
    char path[128];
    struct buf picture = {0};
    console_fixture_paint(fixture);
    surface_print(&fixture->surface, &picture);
    snprintf(path, sizeof path, "console/%s", name);
    golden_check(path, (struct slice){picture.data, picture.length});
    buf_fini(&picture);
}

bool console_fixture_shows(struct console_fixture *fixture, const char *text)
{
    struct buf picture = {0};
    console_fixture_paint(fixture);
    surface_print_text(&fixture->surface, &picture);
    bool shows = strstr(buf_text(&picture), text) != NULL;
    buf_fini(&picture);
    return shows;
}
