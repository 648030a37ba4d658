#include "tests/lib/intake_fixture.h"

#include "lib/clock.h"
#include "tests/lib/golden.h"
#include "tests/lib/typing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char intake_fixture_suggestions[] =
    "[{\"level\":\"house\",\"address\":\"ул. Садовая, 12\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"ул. Садовая\",\"house\":\"12\",\"flat\":\"\",\"node\":\"ТП-318\",\"open\":[17]},"
    "{\"level\":\"street\",\"address\":\"пер. Садовый\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"пер. Садовый\",\"house\":\"\",\"flat\":\"\",\"open\":[]}]";
const char intake_fixture_known[] =
    "[{\"incident\":17,\"kind\":\"outage\",\"state\":\"confirmed\","
    "\"started\":\"2026-11-23T14:28:00+03:00\",\"calls\":86,\"customers\":1240,"
    "\"eta\":{\"at\":\"2026-11-23T17:00:00+03:00\",\"firmness\":\"estimate\","
    "\"source\":\"dispatcher\",\"set_at\":\"2026-11-23T14:30:00+03:00\",\"overdue\":false},"
    "\"say\":\"Об отключении знаем, работает бригада. Включим ориентировочно к 17:00.\"},"
    "{\"planned\":3,\"kind\":\"planned\",\"state\":\"announced\","
    "\"started\":\"2026-11-24T10:00:00+03:00\",\"calls\":0,\"customers\":12,"
    "\"eta\":{\"at\":\"2026-11-24T14:00:00+03:00\",\"firmness\":\"estimate\",\"overdue\":false},"
    "\"say\":\"Завтра с 10:00 до 14:00 — плановые работы.\"}]";
const char intake_fixture_result[] = "{\"id\":\"e1\",\"sequence\":1001,\"duplicate\":false,"
                                     "\"reg_no\":\"2026-000123\",\"incident\":17,"
                                     "\"say\":\"Бригада выехала.\"}";

// Ids of telephone calls are random: they are told by their number in order of coming.
static int number_of(struct intake_fixture *fixture, const char *id)
{
    const char *at = strstr(buf_text(&fixture->ids), id);

    if (!at) {
        buf_printf(&fixture->ids, "%s ", id);
        at = strstr(buf_text(&fixture->ids), id);
    }
    return (int)(at - buf_text(&fixture->ids)) / (int)(strlen(id) + 1) + 1;
}

static void note_published(struct intake_fixture *fixture, const char *type,
                           const struct json *data)
{
    struct buf text = {0};
    const char *call = json_c_string(json_get(data, "call"));

    if (call)
        buf_printf(&fixture->calls, "%s %d\n", type, number_of(fixture, call));
    if (strncmp(type, "call.", 5) == 0)
        return;
    json_write(&text, data);
    char *member = call ? strstr(buf_text(&text), ",\"call\":\"") : NULL;
    size_t length = member ? strlen(",\"call\":\"\"") + strlen(call) : 0;
    buf_printf(&fixture->published, "%s %.*s%s\n", type,
               member ? (int)(member - buf_text(&text)) : (int)text.length, buf_text(&text),
               member ? member + length : "");
    buf_fini(&text);
}

static bool publish(void *context, struct slice event, int64_t *slip, struct err *err)
{
    struct intake_fixture *fixture = context;
    struct json_doc *doc = json_doc_new();
    const struct json *tree = json_parse(doc, event.data, event.length, JSON_DEPTH_DEFAULT, err);

    assert_non_null(tree); // what the post publishes is JSON
    if (fixture->refuse) {
        err_set(err, ERR_UNAVAILABLE, "outbox", "The disk is full.", "Диск заполнен.");
    } else {
        const char *type = json_c_string(json_get(tree, "type"));
        bool call = strncmp(type, "call.", 5) == 0;

        note_published(fixture, type, json_get(tree, "data"));
        *slip = call ? INTAKE_FIXTURE_OTHER_SLIP : ++fixture->slip;
    }
    json_doc_free(doc);
    return !fixture->refuse;
}

static void query(void *context, const char *name, struct slice args, enum post_question question,
                  int64_t number)
{
    struct intake_fixture *fixture = context;

    fixture->question = question;
    fixture->number = number;
    buf_printf(&fixture->asked, "%s %.*s\n", name, (int)args.length, args.data);
}

static void bell(void *context)
{
    ((struct intake_fixture *)context)->bells++;
}

static void set_language(void *context, enum language language)
{
    (void)context;
    (void)language;
}

void intake_fixture_open(struct intake_fixture *fixture, enum language language, int rows,
                         int columns)
{
    struct post_bus bus = {fixture, publish, query, bell, set_language};

    *fixture = (struct intake_fixture){.doc = json_doc_new()};
    assert_int_equal(clock_set_zone("Europe/Moscow", NULL), ERR_OK);
    fixture->post = post_new(&bus, language, &(struct post_files){NULL, NULL});
    surface_init(&fixture->surface, rows, columns);
    struct health *link = &fixture->post->link;
    link->up = link->ever_up = true;
    link->identity = strdup("pult:user:sidorova");
    link->round_trip_ms = 9;
    link->heard_ms = INTAKE_FIXTURE_NOW_MS;
    fixture->post->voltage = (struct voltage_rule){230, 400, 10};
    post_tick(fixture->post, INTAKE_FIXTURE_NOW_MS, 1000000);
}

void intake_fixture_close(struct intake_fixture *fixture)
{
    post_free(fixture->post);
    surface_fini(&fixture->surface);
    json_doc_free(fixture->doc);
    buf_fini(&fixture->published);
    buf_fini(&fixture->calls);
    buf_fini(&fixture->ids);
    buf_fini(&fixture->asked);
}

static void take_input(void *context, const struct input *input)
{
    struct intake_fixture *fixture = context;

    post_input(fixture->post, input);
}

void intake_fixture_keys(struct intake_fixture *fixture, const char *keys)
{
    typing_play(keys, take_input, fixture);
}

void intake_fixture_answer(struct intake_fixture *fixture, const char *rows)
{
    struct buf text = {0};

    buf_printf(&text, "{\"sequence\":1000,\"rows\":%s}", rows);
    const struct json *body =
        json_parse(fixture->doc, text.data, text.length, JSON_DEPTH_DEFAULT, NULL);
    assert_non_null(body);
    post_answered(fixture->post, fixture->question, fixture->number, body, NULL);
    buf_fini(&text);
}

void intake_fixture_choose_address(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "Tab 'сад");
    intake_fixture_answer(fixture, intake_fixture_suggestions);
    intake_fixture_keys(fixture, "Enter");
    intake_fixture_answer(fixture, intake_fixture_known);
}

void intake_fixture_settle(struct intake_fixture *fixture, const char *result)
{
    const struct json *body =
        json_parse(fixture->doc, result, strlen(result), JSON_DEPTH_DEFAULT, NULL);

    assert_non_null(body);
    post_settled(fixture->post, fixture->slip, body, NULL);
}

bool intake_fixture_event(struct intake_fixture *fixture, const char *type, const char *data)
{
    struct buf text = {0};

    buf_printf(&text, "{\"type\":\"%s\",\"sequence\":\"0000000000001010\",\"data\":%s}", type,
               data);
    const struct json *event =
        json_parse(fixture->doc, text.data, text.length, JSON_DEPTH_DEFAULT, NULL);
    assert_non_null(event);
    bool urgent = post_take_event(fixture->post, event);
    buf_fini(&text);
    return urgent;
}

void intake_fixture_pass(struct intake_fixture *fixture, int64_t ms)
{
    post_tick(fixture->post, fixture->post->now_ms + ms, fixture->post->mono_ms + ms);
}

void intake_fixture_paint(struct intake_fixture *fixture)
{
    surface_clear(&fixture->surface);
    post_paint(fixture->post, &fixture->surface);
}

bool intake_fixture_shows(struct intake_fixture *fixture, const char *text)
{
    struct buf screen = {0};

    intake_fixture_paint(fixture);
    surface_print_text(&fixture->surface, &screen);
    bool found = strstr(buf_text(&screen), text) != NULL;
    buf_fini(&screen);
    return found;
}

void intake_fixture_screens(const char *name, intake_fixture_prepare *prepare)
{
    static const struct {
        int rows, columns;
    } sizes[] = {{24, 80}, {40, 120}, {60, 200}};

    for (size_t size = 0; size < sizeof(sizes) / sizeof(sizes[0]); size++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            struct intake_fixture fixture;
            struct buf screen = {0};
            char file[96];

            intake_fixture_open(&fixture, (enum language)language, sizes[size].rows,
                                sizes[size].columns);
            prepare(&fixture);
            intake_fixture_paint(&fixture);
            surface_print(&fixture.surface, &screen);
            snprintf(file, sizeof(file), "intake/%s_%dx%d_%s", name, sizes[size].columns,
                     sizes[size].rows, language_name((enum language)language));
            golden_check(file, (struct slice){screen.data, screen.length});
            buf_fini(&screen);
            intake_fixture_close(&fixture);
        }
    }
}
