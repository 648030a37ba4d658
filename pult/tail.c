// `pult tail`: events as they come. With --state it goes on where it stopped, also after a crash:
// the position is written behind what was printed.
#include "pult/command.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOPICS_MAX = 16 };

struct tail {
    const struct command_line *line;
    const char *state_file;
    bool once, done;
    int64_t position;
    char journal[64];
    struct err fault;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

// "14:02:11 #123 incident.opened incident/5 {…data…}"
static void print_for_people(const struct json *event)
{
    struct buf text = {0};
    struct slice time = json_string(json_get(event, "recordedtime"));
    struct slice sequence = json_string(json_get(event, "sequence"));
    struct slice subject = json_string(json_get(event, "subject"));

    buf_printf(&text, "%.*s #%lld ", time.length >= 19 ? 8 : 0,
               time.length >= 19 ? time.data + 11 : "",
               sequence.data ? strtoll(sequence.data, NULL, 10) : 0);
    buf_printf(&text, "%-26s %-18.*s ",
               json_c_string(json_get(event, "type")) ? json_c_string(json_get(event, "type")) : "",
               (int)subject.length, subject.data ? subject.data : "");
    const struct json *data = json_get(event, "data");
    if (data)
        json_write(&text, data);
    command_print_safe(stdout, (struct slice){text.data, text.length});
    putchar('\n');
    fflush(stdout);
    buf_fini(&text);
}

static void handle_event(void *context, const struct json *event, struct slice bytes)
{
    struct tail *tail = context;
    const char *sequence = json_c_string(json_get(event, "sequence"));

    if (tail->line->people) {
        print_for_people(event);
    } else {
        fwrite(bytes.data, 1, bytes.length, stdout);
        putchar('\n');
    }
    if (sequence)
        tail->position = strtoll(sequence, NULL, 10);
}

// Position and journal, replaced as a whole, on disk before the program goes on.
static void save_state(const struct tail *tail)
{
    struct buf name = {0};

    buf_printf(&name, "%s.new", tail->state_file);
    FILE *file = fopen(buf_text(&name), "w");
    if (file) {
        fprintf(file, "%lld %s\n", (long long)tail->position, tail->journal);
        fflush(file);
        fsync(fileno(file));
        fclose(file);
        if (rename(buf_text(&name), tail->state_file) != 0)
            file = NULL;
    }
    if (!file)
        fprintf(stderr, "pult: %s: %s\n", tail->state_file, strerror(errno));
    buf_fini(&name);
}

static void handle_live(void *context, int64_t head)
{
    struct tail *tail = context;

    if (head > tail->position)
        tail->position = head;
    fflush(stdout);
    if (tail->state_file)
        save_state(tail);
    if (tail->once)
        tail->done = true;
}

static void link_changed(void *context, enum client_link link, const struct err *why)
{
    struct tail *tail = context;

    if (link == CLIENT_LOST || (link == CLIENT_DOWN && why->code == ERR_DENIED)) {
        tail->fault = *why;
        tail->done = true;
    } else if (link == CLIENT_DOWN && tail->line->people) {
        command_fail(tail->line, why);
    }
}

// -2: the state file is of another journal.
static int64_t read_state(struct tail *tail, int64_t otherwise, const char *journal)
{
    long long position;
    char of[64] = "";
    FILE *file = tail->state_file ? fopen(tail->state_file, "r") : NULL;

    snprintf(tail->journal, sizeof(tail->journal), "%s", journal);
    if (!file)
        return otherwise;
    int read = fscanf(file, "%lld %63s", &position, of);
    fclose(file);
    if (read != 2)
        return otherwise;
    return strcmp(of, journal) == 0 ? position : -2;
}

static bool read_from(const char *word, int64_t *from)
{
    char *end;

    if (!word || strcmp(word, "new") == 0)
        *from = -1;
    else if (strcmp(word, "start") == 0)
        *from = 0;
    else if (*from = strtoll(word, &end, 10), *end || *from < 0)
        return false;
    return true;
}

static int follow(struct tail *tail, struct client *client, const char *const *topics, size_t count,
                  int64_t from, bool feed)
{
    struct json_doc *doc = json_doc_new();
    struct buf hello = {0};
    int status = 0;

    buf_add_text(&hello, "{\"subscription\":\"\"}");
    // Any answer will do: it waits until the link is up.
    const struct json *answer = NULL;
    struct err err;
    enum err_code code = client_call(client, "unsubscribe",
                                     (struct slice){hello.data, hello.length}, doc, &answer, &err);
    buf_fini(&hello);
    json_doc_free(doc);
    if (!client_is_up(client))
        return command_fail(tail->line, code == ERR_OK ? NULL : &err);
    from = read_state(tail, from, client_hello(client)->journal);
    if (from == -2) {
        err_set(&err, ERR_CONFLICT, "journal",
                "%s belongs to another journal; remove it to begin anew.",
                "%s — от другого журнала; удалите его, чтобы начать заново.", tail->state_file);
        return command_fail(tail->line, &err);
    }
    if (feed)
        code = client_feed(client, topics, count, handle_event, tail, &err);
    else
        client_subscribe(client, topics, count, from, handle_event, handle_live, tail);
    if (feed && code != ERR_OK)
        return command_fail(tail->line, &err);
    while (!tail->done && !interrupted && !ferror(stdout)) {
        client_poll(client, NULL, 0, 500);
        fflush(stdout);
    }
    if (tail->state_file && tail->position > 0)
        save_state(tail);
    if (tail->fault.code != ERR_OK)
        status = command_fail(tail->line, &tail->fault);
    return status;
}

int command_tail(const struct command_line *given)
{
    struct command_line line = *given;
    const char *topics[TOPICS_MAX] = {""};
    size_t count = 0;
    int64_t from = -1;
    int status = 0;

    const char *from_word = command_option(&line, "from");
    struct tail tail = {.line = &line,
                        .state_file = command_option(&line, "state"),
                        .once = command_flag(&line, "once")};
    bool feed = command_flag(&line, "feed");
    for (int i = 1; i < line.argc && count < TOPICS_MAX; i++)
        topics[count++] = line.argv[i];
    if (!read_from(from_word, &from) || !command_has_words(&line, TOPICS_MAX) ||
        (feed && tail.once))
        return command_usage(&line);
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    struct client *client = command_connect(&line, &status);
    if (client) {
        client_on_link(client, link_changed, &tail);
        status = follow(&tail, client, topics, count ? count : 1, from, feed);
    }
    client_close(client);
    return status;
}
