// `pult report`: one table of reports, each the rows of a query in the format that is asked for.
#include "pult/command.h"

#include "lib/csv.h"
#include "lib/register_columns.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE_ROWS = 1000 };

struct report {
    const char *name, *query, *role; // role = unless another is asked for
    const char *title[LANGUAGE_COUNT];
    const char *const *columns; // members of a row, in order; ends with NULL
};

static const struct report reports[] = {
    {"access",
     "access",
     "admin",
     {"Who was shown callers' data", "Кому показаны данные заявителей"},
     (const char *const[]){"number", "time", "identity", "person", "role", "from", "client",
                           "query", "reg_no", "call", "incident", "contacts", "shown", NULL}},
    {"hours",
     "hours",
     "dispatcher",
     {"Hours without supply (decree 861, 31(6): 72 h a year, 24 h at once)",
      "Часы отключений (ПП РФ 861, п. 31(6): 72 ч в год, 24 ч подряд)"},
     (const char *const[]){"account", "node", "address", "reliability", "critical", "minutes",
                           "left", "longest", "times", "out", "passes", NULL}},
    {"readings",
     "readings",
     "operator",
     {"Meter readings for billing", "Показания счётчиков для расчётов"},
     (const char *const[]){"reg_no", "meter", "account", "at", "reading_1", "reading_2",
                           "reading_3", "used_1", "used_2", "used_3", "rolled_over",
                           "outside_window", "reason", NULL}},
    {"register",
     "register",
     "dispatcher",
     {"Register of contacts (order 186, annex 7, 4.9)",
      "Реестр обращений (Единые стандарты, прил. 7, п. 4.9)"},
     register_columns},
};

enum format { FORMAT_TEXT, FORMAT_CSV, FORMAT_JSON, FORMAT_HTML, FORMAT_COUNT };
static const char *const format_words[FORMAT_COUNT] = {"text", "csv", "json", "html"};

struct printing {
    const struct command_line *line;
    const struct report *report;
    enum format format;
    const char *from, *to;
};

static const struct report *find_report(const char *name)
{
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        if (strcmp(reports[i].name, name) == 0)
            return &reports[i];
    }
    return NULL;
}

static void put_html(struct slice text)
{
    struct buf escaped = {0};

    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];
        const char *entity = c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : NULL;
        if (entity)
            buf_add_text(&escaped, entity);
        else
            buf_add_char(&escaped, c);
    }
    command_print_safe(stdout, (struct slice){escaped.data, escaped.length});
    buf_fini(&escaped);
}

static void put_head(const struct printing *printing)
{
    const struct report *report = printing->report;
    struct buf out = {0};

    if (printing->format == FORMAT_HTML)
        printf("<!DOCTYPE html><meta charset=\"utf-8\"><title>%1$s</title>\n<h1>%1$s</h1>\n"
               "<table border=\"1\"><tr>",
               report->title[printing->line->language]);
    for (const char *const *column = report->columns; *column; column++) {
        if (printing->format == FORMAT_CSV)
            csv_add_text(&out, slice_of(*column));
        else if (printing->format == FORMAT_HTML)
            printf("<th>%s", *column);
    }
    if (printing->format == FORMAT_CSV)
        csv_end_line(&out);
    fputs(buf_text(&out), stdout);
    buf_fini(&out);
}

static void put_row(const struct printing *printing, const struct json *row)
{
    struct buf out = {0};

    if (printing->format == FORMAT_HTML)
        fputs("\n<tr>", stdout);
    for (const char *const *column = printing->report->columns; *column; column++) {
        const struct json *value = json_get(row, *column);
        struct slice text = value ? value->text : (struct slice){"", 0};

        if (printing->format == FORMAT_HTML) {
            fputs("<td>", stdout);
            put_html(text);
        } else if (value && value->type == JSON_NUMBER) {
            csv_add_number(&out, text);
        } else {
            csv_add_text(&out, text);
        }
    }
    if (printing->format == FORMAT_CSV)
        csv_end_line(&out);
    fputs(buf_text(&out), stdout);
    buf_fini(&out);
}

static void put_rows(const struct printing *printing, const struct json *rows)
{
    struct command_line pipe = *printing->line;

    pipe.people = printing->format == FORMAT_TEXT && printing->line->people;
    if (printing->format == FORMAT_TEXT || printing->format == FORMAT_JSON) {
        command_print_rows(&pipe, rows);
        return;
    }
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next)
        put_row(printing, row);
}

static void build_request(const struct printing *printing, const struct json *after,
                          struct buf *body)
{
    struct json_out out;

    json_out_init(&out, body);
    json_out_object(&out, NULL);
    json_out_text(&out, "name", printing->report->query);
    json_out_object(&out, "args");
    json_out_integer(&out, "limit", PAGE_ROWS);
    if (printing->from)
        json_out_text(&out, "since", printing->from);
    if (printing->to)
        json_out_text(&out, "until", printing->to);
    if (after)
        json_out_value(&out, "after", after);
    json_out_end(&out, '}');
    json_out_end(&out, '}');
}

static int print_report(const struct printing *printing)
{
    int status = 0;
    struct client *client = command_connect(printing->line, &status);
    struct json_doc *doc = json_doc_new(), *kept = json_doc_new();
    const struct json *after = NULL;
    bool headed = false;

    while (client) {
        struct buf body = {0};
        build_request(printing, after, &body);
        const struct json *answer =
            command_ask(printing->line, client, "query", &body, doc, &status);
        buf_fini(&body);
        if (!answer)
            break;
        if (!headed)
            put_head(printing);
        headed = true;
        put_rows(printing, json_get(answer, "rows"));
        after = json_get(answer, "next");
        if (!after)
            break;
        json_doc_reset(kept);
        after = json_copy(kept, after);
    }
    if (headed && printing->format == FORMAT_HTML)
        puts("\n</table>");
    json_doc_free(doc);
    json_doc_free(kept);
    client_close(client);
    return status;
}

int command_report(const struct command_line *given)
{
    struct command_line line = *given;
    const char *format = command_option(&line, "format");
    struct printing printing = {.line = &line};

    printing.from = command_option(&line, "from");
    printing.to = command_option(&line, "to");
    if (line.argc != 2 || !command_has_words(&line, 1) ||
        !(printing.report = find_report(line.argv[1])))
        return command_usage(given);
    if (!line.role)
        line.role = printing.report->role;
    if (!format)
        return print_report(&printing);
    while (printing.format < FORMAT_COUNT && strcmp(format, format_words[printing.format]) != 0)
        printing.format++;
    return printing.format < FORMAT_COUNT ? print_report(&printing) : command_usage(given);
}
