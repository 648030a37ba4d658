// `pult query` and `pult schema`.
#include "pult/command.h"

#include "lib/message.h"
#include "lib/query_shape.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

// KEY=VALUE as the argument's kind wants it; an unknown key goes as text and the broker says so.
static void add_argument(struct json_out *out, const struct query_shape *shape, const char *word,
                         const char *equals)
{
    struct slice key = {word, (size_t)(equals - word)};
    const struct query_arg *arg = shape ? query_shape_arg(shape, key) : NULL;
    char name[64];
    const char *value = equals + 1;
    char *end;

    snprintf(name, sizeof(name), "%.*s", (int)key.length, key.data);
    long long number = strtoll(value, &end, 10);
    bool whole = *value && *end == '\0';
    if (arg && arg->kind == QUERY_OBJECT)
        json_out_raw(out, name, slice_of(value));
    else if (arg && whole && arg->kind == QUERY_INTEGER)
        json_out_integer(out, name, number);
    else
        json_out_text(out, name, value);
}

static bool build_request(const struct command_line *line, struct buf *body)
{
    const struct query_shape *shape = query_shape_find(slice_of(line->argv[1]));
    struct json_out out;

    message_query(&out, body, line->argv[1]);
    for (int i = 2; i < line->argc; i++) {
        const char *equals = strchr(line->argv[i], '=');
        if (!equals || equals == line->argv[i])
            return false;
        add_argument(&out, shape, line->argv[i], equals);
    }
    message_end(&out);
    return true;
}

static int ask_and_print(const struct command_line *line, const struct buf *body)
{
    int status = 0;
    struct client *client = command_connect(line, &status);
    struct json_doc *doc = json_doc_new();

    if (client) {
        const struct json *answer = command_ask(line, client, "query", body, doc, &status);
        command_print_rows(line, json_get(answer, "rows"));
        const struct json *next = json_get(answer, "next");
        if (next && line->people) {
            struct buf text = {0};
            json_write(&text, next);
            printf(line->language == LANGUAGE_RU ? "… дальше: after=%s\n" : "… more: after=%s\n",
                   buf_text(&text));
            buf_fini(&text);
        }
    }
    json_doc_free(doc);
    client_close(client);
    return status;
}

int command_query(const struct command_line *line)
{
    struct buf body = {0};

    if (line->argc < 2 || !command_has_words(line, INT_MAX) || !build_request(line, &body)) {
        buf_fini(&body);
        return command_usage(line);
    }
    int status = ask_and_print(line, &body);
    buf_fini(&body);
    return status;
}

void command_help_queries(const struct command_line *line)
{
    static const char *const kinds[] = {
        [QUERY_TEXT] = "", [QUERY_INTEGER] = "N", [QUERY_OBJECT] = "JSON", [QUERY_TIME] = "TIME"};

    putchar('\n');
    for (const struct query_shape *shape = query_shapes; shape->name; shape++) {
        printf("  %s", shape->name);
        for (size_t i = 0; i < QUERY_ARGS_MAX && shape->args[i].name; i++)
            printf(" [%s=%s]", shape->args[i].name, kinds[shape->args[i].kind]);
        printf("%s\n        %s\n", shape->paging != QUERY_WHOLE ? " [limit=N] [after=…]" : "",
               shape->help[line->language]);
    }
}

static void print_types(const struct command_line *line, const struct json *rows)
{
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next) {
        const char *type = json_c_string(json_get(row, "type"));
        const char *title = json_c_string(json_get(
            json_get(row, "schema"), line->language == LANGUAGE_RU ? "x-title-ru" : "title"));
        printf("%-32s %s\n", type ? type : "", title ? title : "");
    }
}

int command_schema(const struct command_line *line)
{
    struct buf body = {0};
    struct json_out out;
    int status = 0;

    if (!command_has_words(line, 1))
        return command_usage(line);
    message_query(&out, &body, "schemas");
    if (line->argc > 1)
        json_out_text(&out, "type", line->argv[1]);
    message_end(&out);
    struct client *client = command_connect(line, &status);
    struct json_doc *doc = json_doc_new();
    const struct json *answer =
        client ? command_ask(line, client, "query", &body, doc, &status) : NULL;
    if (answer && line->people && line->argc == 1)
        print_types(line, json_get(answer, "rows"));
    else if (answer)
        command_print_rows(line, json_get(answer, "rows"));
    json_doc_free(doc);
    client_close(client);
    buf_fini(&body);
    return status;
}
