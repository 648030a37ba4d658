// `pult eta get` and `pult eta set`.
#include "pult/command.h"

#include "lib/clock.h"
#include "lib/message.h"
#include "tui/eta_text.h"

#include <stdlib.h>
#include <string.h>

static void print_line(const struct json *row)
{
    static const char *const members[] = {"incident", "planned", "state", "eta", "say"};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const struct json *value = json_get(row, members[i]);
        if (value && strcmp(members[i], "eta") == 0)
            value = json_get(value, "at");
        if (!value)
            continue;
        struct buf text = {0};
        if (value->type == JSON_STRING)
            buf_add(&text, value->text.data, value->text.length);
        else
            json_write(&text, value);
        printf("%-9s ", members[i]);
        command_print_safe(stdout, (struct slice){text.data, text.length});
        putchar('\n');
        buf_fini(&text);
    }
}

static int get(struct command_line *line)
{
    static const char *const keys[] = {"address", "account", "phone", "incident"};
    struct buf body = {0};
    struct json_out out;
    int given = 0;
    int status = 0;

    message_query(&out, &body, "eta");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *value = command_option(line, keys[i]);
        if (!value)
            continue;
        given++;
        if (strcmp(keys[i], "incident") == 0)
            json_out_integer(&out, keys[i], strtoll(value, NULL, 10));
        else
            json_out_text(&out, keys[i], value);
    }
    message_end(&out);
    if (given != 1 || line->argc != 2) {
        buf_fini(&body);
        return command_usage(line);
    }
    struct client *client = command_connect(line, &status);
    struct json_doc *doc = json_doc_new();
    const struct json *answer =
        client ? command_ask(line, client, "query", &body, doc, &status) : NULL;
    const struct json *rows = json_get(answer, "rows");
    if (rows && line->people && rows->count) {
        for (const struct json *row = rows->first; row; row = row->next)
            print_line(row);
    } else if (answer) {
        command_print_rows(line, rows);
    }
    json_doc_free(doc);
    client_close(client);
    buf_fini(&body);
    return status;
}

static void write_event(struct buf *body, int64_t incident, int64_t at_ms, const char *note)
{
    struct json_out out;

    message_event(&out, body, "eta.set");
    json_out_integer(&out, "incident", incident);
    json_out_time(&out, "at", at_ms);
    if (note)
        json_out_text(&out, "say", note);
    message_end(&out);
}

// WHEN is RFC 3339 or what a dispatcher types (tui/eta_text), by the broker's clock and zone.
static bool read_when(struct client *client, const char *word, int64_t *at_ms)
{
    struct eta_text eta;

    if (clock_parse(word, strlen(word), at_ms))
        return true;
    eta_text_parse(slice_of(word), client_now_ms(client), &eta);
    *at_ms = eta.at_ms;
    return eta.kind == ETA_TEXT_TIME;
}

static int set_on(const struct command_line *line, struct client *client, const char *note)
{
    struct buf body = {0};
    struct json_doc *doc = json_doc_new();
    struct err err;
    int64_t at_ms;
    int status = 0;

    if (client_wait(client, &err) != ERR_OK) { // hello tells the broker's clock and zone
        status = command_fail(line, &err);
        goto out;
    }
    clock_set_zone(client_hello(client)->zone, NULL);
    if (!read_when(client, line->argv[3], &at_ms)) {
        err_set(&err, ERR_INVALID, "when", "\"%s\" is no time; like 17:30, +90, +2h, t 9.",
                "«%s» — не время; нужно вида 17:30, +90, +2ч, з 9.", line->argv[3]);
        status = command_fail(line, &err);
        goto out;
    }
    write_event(&body, strtoll(line->argv[2], NULL, 10), at_ms, note);
    const struct json *answer = command_ask(line, client, "publish", &body, doc, &status);
    command_print_rows(line, json_get(answer, "results"));
out:
    json_doc_free(doc);
    buf_fini(&body);
    return status;
}

static bool is_number(const char *word)
{
    return *word && strspn(word, "0123456789") == strlen(word) && strtoll(word, NULL, 10) > 0;
}

static int set(struct command_line *line)
{
    const char *note = command_option(line, "note");
    int status = 0;

    if (line->argc != 4)
        return command_usage(line);
    if (!is_number(line->argv[2])) {
        struct err err;
        err_set(&err, ERR_INVALID, "incident",
                "\"%s\" is no number of an incident; `pult query incidents` lists them.",
                "«%s» — не номер инцидента; какие есть, покажет pult query incidents.",
                line->argv[2]);
        return command_fail(line, &err);
    }
    struct client *client = command_connect(line, &status);
    if (client)
        status = set_on(line, client, note);
    client_close(client);
    return status;
}

int command_eta(const struct command_line *given)
{
    struct command_line line = *given;

    if (line.argc > 1 && strcmp(line.argv[1], "get") == 0)
        return get(&line);
    if (line.argc > 1 && strcmp(line.argv[1], "set") == 0)
        return set(&line);
    return command_usage(&line);
}
