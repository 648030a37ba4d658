#include "lib/client_internal.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void finish(struct client *client, struct pending request, const struct json *body,
                   const struct err *err)
{
    (void)client;
    if (request.answered)
        request.answered(request.context, body, err);
}

static struct pending *add_pending(struct client *client, client_answered *answered, void *context)
{
    mem_grow((void **)&client->pending, client->pending_count, &client->pending_capacity,
             sizeof(*client->pending));
    int64_t now_ms = clock_monotonic_now_ms();
    struct pending *request = &client->pending[client->pending_count++];
    *request = (struct pending){.id = ++client->next_id,
                                .sent_ms = now_ms,
                                .deadline_ms = now_ms + client->options.request_timeout_ms,
                                .answered = answered,
                                .context = context};
    return request;
}

static void take_pending(struct client *client, size_t at, struct pending *request)
{
    *request = client->pending[at];
    memmove(client->pending + at, client->pending + at + 1,
            (client->pending_count - at - 1) * sizeof(*request));
    client->pending_count--;
}

// Sends now or ends the request with the reason why the link is down.
bool client_start_request(struct client *client, const char *verb, struct slice body,
                          client_answered *answered, void *context)
{
    struct pending *request = add_pending(client, answered, context);
    char id[24];

    int length = snprintf(id, sizeof(id), "%llx", (unsigned long long)request->id);
    if (client->connected && client_send(client, verb, (struct slice){id, (size_t)length}, body))
        return true;
    struct pending failed;
    take_pending(client, client->pending_count - 1, &failed);
    struct err why = client->why;
    if (why.code == ERR_OK)
        err_set(&why, ERR_UNAVAILABLE, "busy", "The bus takes nothing just now.",
                "Шина сейчас ничего не принимает.");
    finish(client, failed, NULL, &why);
    return false;
}

void client_request(struct client *client, const char *verb, struct slice body,
                    client_answered *answered, void *context)
{
    client_start_request(client, verb, body, answered, context);
}

void client_query(struct client *client, const char *name, struct slice args,
                  client_answered *answered, void *context)
{
    struct buf body = {0};

    message_query_of(&body, name, args);
    client_request(client, "query", (struct slice){body.data, body.length}, answered, context);
    buf_fini(&body);
}

void client_fail_pending(struct client *client, const struct err *why, int64_t before_ms)
{
    for (size_t i = 0; i < client->pending_count;) {
        struct pending request;

        if (client->pending[i].deadline_ms > before_ms) {
            i++;
            continue;
        }
        take_pending(client, i, &request);
        finish(client, request, NULL, why);
    }
}

static void read_error(const struct json *body, enum language language, struct err *err)
{
    const char *message = json_c_string(json_get(body, "message"));
    const char *code = json_c_string(json_get(body, "code"));
    const char *reason = json_c_string(json_get(body, "reason"));
    const char *path = json_c_string(json_get(body, "path"));

    (void)language; // the broker chose the sentence's language; it stands for both
    err_set(err, err_code_of(code ? code : ""), reason ? reason : "", "%s", "%s",
            message ? message : "");
    if (path)
        err_set_path(err, "%s", path);
    err->index = (int)json_integer(json_get(body, "index"), -1);
    err->retry_ms = (int)json_integer(json_get(body, "retry_ms"), 0);
}

void client_handle_answer(struct client *client, bool ok, struct slice id, struct slice body)
{
    struct pending request;
    struct err err;
    char text[24] = "";

    if (id.length >= sizeof(text))
        return;
    memcpy(text, id.data, id.length);
    uint64_t number = strtoull(text, NULL, 16);
    for (size_t i = 0; i < client->pending_count; i++) {
        if (client->pending[i].id != number)
            continue;
        take_pending(client, i, &request);
        client->round_trip_ms = (int)(clock_monotonic_now_ms() - request.sent_ms);
        const struct json *tree =
            json_parse(client->doc, body.data, body.length, JSON_DEPTH_DEFAULT, NULL);
        if (ok && tree) {
            finish(client, request, tree, NULL);
        } else {
            read_error(tree, client->options.language, &err);
            finish(client, request, NULL, &err);
        }
        return;
    }
}

struct call {
    bool done;
    struct json_doc *doc;
    const struct json *answer;
    struct err err;
};

static void call_answered(void *context, const struct json *body, const struct err *err)
{
    struct call *call = context;

    call->done = true;
    if (err)
        call->err = *err;
    else
        call->answer = json_copy(call->doc, body);
}

enum err_code client_wait(struct client *client, struct err *err)
{
    int64_t deadline_ms = clock_monotonic_now_ms() + client->options.request_timeout_ms;

    while (!client->up && client->why.code != ERR_DENIED && clock_monotonic_now_ms() < deadline_ms)
        client_poll(client, NULL, 0, 50);
    if (client->up)
        return ERR_OK;
    if (err)
        *err = client->why;
    return client->why.code;
}

enum err_code client_call(struct client *client, const char *verb, struct slice body,
                          struct json_doc *doc, const struct json **answer, struct err *err)
{
    struct call call = {.doc = doc};
    enum err_code code = client_wait(client, err);

    if (code != ERR_OK)
        return code;
    json_doc_reset(doc);
    client_request(client, verb, body, call_answered, &call);
    while (!call.done)
        client_poll(client, NULL, 0, -1);
    *answer = call.answer;
    if (!call.answer && err)
        *err = call.err;
    return call.answer ? ERR_OK : call.err.code;
}
