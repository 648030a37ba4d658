// `pult publish`: events in, one JSON a line; results out, one JSON a line, in the same order.
#include "pult/command.h"

#include "lib/clock.h"
#include "lib/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TRIES = 5, RETRY_MS = 500 };

// `specversion` and `id` may be left out on the command line; the id is what makes a second try safe.
static bool complete(struct json_doc *doc, const char *text, size_t length, struct buf *out,
                     struct err *err)
{
    struct json *event = json_parse(doc, text, length, JSON_DEPTH_DEFAULT, err);
    char id[37];

    if (!event)
        return false;
    if (event->type != JSON_OBJECT) {
        err_set(err, ERR_INVALID, "event", "An event is a JSON object, one a line.",
                "Событие — объект JSON, по одному в строке.");
        return false;
    }
    if (!json_get(event, "specversion"))
        json_set(doc, event, "specversion", json_new_string(doc, slice_of("1.0")));
    if (!json_get(event, "id")) {
        crypto_uuid7(clock_real_now_ms(), id);
        json_set(doc, event, "id", json_new_string(doc, slice_of(id)));
    }
    json_write(out, event);
    return true;
}

// Sends until it is known what became of it.
static enum err_code send(struct client *client, const struct buf *event, struct json_doc *doc,
                          const struct json **answer, struct err *err)
{
    enum err_code code = ERR_UNAVAILABLE;

    for (int i = 0; i < TRIES && (code == ERR_UNAVAILABLE || code == ERR_LIMIT); i++) {
        if (i > 0)
            client_poll(client, NULL, 0, RETRY_MS);
        code = client_call(client, "publish", (struct slice){event->data, event->length}, doc,
                           answer, err);
    }
    return code;
}

static void print_result(const struct command_line *line, const struct json *answer)
{
    const struct json *results = json_get(answer, "results");
    struct buf text = {0};

    if (!results || !results->first)
        return;
    if (line->people) {
        command_print_members(results->first);
    } else {
        json_write(&text, results->first);
        puts(buf_text(&text));
        fflush(stdout);
    }
    buf_fini(&text);
}

static int publish_line(const struct command_line *line, struct client *client, const char *text,
                        size_t length, struct json_doc *doc, long number)
{
    struct buf event = {0};
    const struct json *answer = NULL;
    struct err err;
    int status = 0;

    err_clear(&err);
    if (!complete(doc, text, length, &event, &err) ||
        send(client, &event, doc, &answer, &err) != ERR_OK) {
        fprintf(stderr, "%ld: ", number);
        status = command_fail(line, &err);
    } else {
        print_result(line, answer);
    }
    buf_fini(&event);
    return status;
}

int command_publish(const struct command_line *line)
{
    FILE *file;
    int status = 0;
    char *text = NULL;
    size_t capacity = 0;
    ssize_t length;

    if (!command_has_words(line, 1))
        return command_usage(line);
    file = line->argc > 1 ? fopen(line->argv[1], "r") : stdin;
    if (!file) {
        fprintf(stderr, "pult: %s: %s\n", line->argv[1], strerror(errno));
        return 1;
    }
    struct client *client = command_connect(line, &status);
    struct json_doc *doc = json_doc_new();
    for (long number = 1; client && (length = getline(&text, &capacity, file)) > 0; number++) {
        if (strspn(text, " \t\r\n") == (size_t)length)
            continue;
        int failed = publish_line(line, client, text, (size_t)length, doc, number);
        if (failed && !status)
            status = failed;
        if (failed == err_exit_status(ERR_UNAVAILABLE))
            break; // the rest would fare the same
    }
    free(text);
    json_doc_free(doc);
    client_close(client);
    if (file != stdin)
        fclose(file);
    return status;
}
