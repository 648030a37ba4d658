#include "intake/line.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 64 * 1024, READ_BYTES = 16 * 1024, POLL_MS = 500, LAST_WAIT_MS = 10000 };

struct agent {
    struct client *client;
    enum language language;
    struct json_doc *doc;
    struct buf input;
    long lines;
    size_t under_way; // lines without an answer
    bool ended;
};

// A line that was read: the context of its answer.
struct asked {
    struct agent *agent;
    long line;
    int64_t slip; // of one that was told of; 0 = none was
};

static void begin(struct json_out *out, struct buf *text, long line)
{
    json_out_init(out, text);
    json_out_object(out, NULL);
    json_out_integer(out, "line", line);
}

static void say(struct json_out *out, struct buf *text)
{
    json_out_end(out, '}');
    puts(buf_text(text));
    fflush(stdout);
    buf_fini(text);
}

static void say_error(const struct agent *agent, long line, const struct err *err)
{
    struct buf text = {0};
    struct json_out out;

    begin(&out, &text, line);
    json_out_object(&out, "error");
    json_out_text(&out, "code", err_word(err->code));
    json_out_text(&out, "reason", err->reason);
    json_out_text(&out, "message", err->message[agent->language]);
    if (*err->path)
        json_out_text(&out, "path", err->path);
    json_out_end(&out, '}');
    say(&out, &text);
}

static struct asked take(void *context)
{
    struct asked asked = *(struct asked *)context;

    free(context);
    asked.agent->under_way--;
    return asked;
}

static void answered_query(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = take(context);
    struct buf text = {0};
    struct json_out out;

    if (err) {
        say_error(asked.agent, asked.line, err);
        return;
    }
    begin(&out, &text, asked.line);
    json_out_value(&out, "rows", json_get(body, "rows"));
    say(&out, &text);
}

static void answered_publish(void *context, const struct json *body, const struct err *err)
{
    struct asked asked = take(context);
    struct buf text = {0};
    struct json_out out;

    // At the end of the program: it stays in the outbox, and its slip is what is known.
    if (err && err->code == ERR_UNAVAILABLE && asked.slip)
        return;
    if (err) {
        say_error(asked.agent, asked.line, err);
        return;
    }
    begin(&out, &text, asked.line);
    if (asked.slip)
        json_out_integer(&out, "slip", asked.slip);
    for (const struct json *member = body->first; member; member = member->next) {
        struct buf key = {0};

        buf_add(&key, member->key.data, member->key.length);
        json_out_value(&out, buf_text(&key), member);
        buf_fini(&key);
    }
    say(&out, &text);
}

static void say_slip(struct asked *asked, int64_t slip)
{
    struct buf text = {0};
    struct json_out out;

    asked->slip = slip;
    begin(&out, &text, asked->line);
    json_out_integer(&out, "slip", slip);
    say(&out, &text);
}

static struct asked *remember(struct agent *agent)
{
    struct asked *asked = mem_alloc(sizeof *asked);

    *asked = (struct asked){.agent = agent, .line = agent->lines};
    agent->under_way++;
    return asked;
}

static void publish(struct agent *agent, struct json *event)
{
    struct buf text = {0};
    struct err err;
    int64_t slip = 0;

    if (!json_get(event, "specversion"))
        json_set(agent->doc, event, "specversion", json_new_string(agent->doc, slice_of("1.0")));
    json_write(&text, event);
    struct asked *asked = remember(agent);
    bool away = !client_is_up(agent->client);
    if (client_publish(agent->client, (struct slice){text.data, text.length}, answered_publish,
                       asked, &slip, &err) != ERR_OK) {
        say_error(agent, asked->line, &err);
        take(asked);
    } else if (away) {
        say_slip(asked, slip);
    }
    buf_fini(&text);
}

static void ask(struct agent *agent, const struct json *line)
{
    const struct json *args = json_get(line, "args");
    struct buf text = {0};

    if (args)
        json_write(&text, args);
    else
        buf_add_text(&text, "{}");
    client_query(agent->client, json_c_string(json_get(line, "query")),
                 (struct slice){text.data, text.length}, answered_query, remember(agent));
    buf_fini(&text);
}

static void take_line(struct agent *agent, struct slice text)
{
    struct err err;

    agent->lines++;
    if (strspn(text.data, " \t\r\n") >= text.length)
        return;
    struct json *line = json_parse(agent->doc, text.data, text.length, JSON_DEPTH_DEFAULT, &err);
    if (!line) {
        say_error(agent, agent->lines, &err);
    } else if (json_c_string(json_get(line, "query"))) {
        ask(agent, line);
    } else if (json_c_string(json_get(line, "type"))) {
        publish(agent, line);
    } else {
        err_set(&err, ERR_INVALID, "line",
                "a line is a contact with type and data, or a query with args",
                "строка — обращение с type и data или запрос query с args");
        say_error(agent, agent->lines, &err);
    }
}

static void take_input(struct agent *agent, int fd)
{
    char bytes[READ_BYTES];
    ssize_t length = read(fd, bytes, sizeof bytes);
    char *end;

    if (length <= 0) {
        agent->ended = true;
        if (agent->input.length)
            buf_add_char(&agent->input, '\n'); // the last line had no end
    } else {
        buf_add(&agent->input, bytes, (size_t)length);
    }
    while (agent->input.length && (end = memchr(agent->input.data, '\n', agent->input.length))) {
        size_t line = (size_t)(end - agent->input.data);

        *end = '\0';
        take_line(agent, (struct slice){agent->input.data, line});
        memmove(agent->input.data, end + 1, agent->input.length - line - 1);
        agent->input.length -= line + 1;
    }
    if (agent->input.length > LINE_BYTES)
        agent->ended = true; // no line is that long
}

int line_run(struct client *client, enum language language, int input_fd)
{
    struct agent agent = {.client = client, .language = language, .doc = json_doc_new()};

    client_wait(client, NULL); // away: contacts get slips
    while (!agent.ended) {
        struct pollfd input = {.fd = input_fd, .events = POLLIN};

        client_poll(client, &input, 1, POLL_MS);
        if (input.revents)
            take_input(&agent, input_fd);
    }
    int64_t until_ms = clock_monotonic_now_ms() + LAST_WAIT_MS;
    while (agent.under_way && clock_monotonic_now_ms() < until_ms)
        client_poll(client, NULL, 0, POLL_MS);
    bool waits = client_outbox_depth(client) > 0;
    client_close(client); // ends what is under way, while the agent is there
    buf_fini(&agent.input);
    json_doc_free(agent.doc);
    return waits ? err_exit_status(ERR_UNAVAILABLE) : 0;
}
