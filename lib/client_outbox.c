#include "lib/client_internal.h"
#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { EVENT_BYTES = 64 * 1024 }; // PROTOCOL §3: limit of one event

static bool take_waiter(struct client *client, int64_t slip, struct waiter *found)
{
    for (size_t i = 0; i < client->waiter_count; i++) {
        if (client->waiters[i].slip != slip)
            continue;
        *found = client->waiters[i];
        client->waiters[i] = client->waiters[--client->waiter_count];
        return true;
    }
    return false;
}

struct slip_context {
    struct client *client;
    int64_t slip;
};

static void write_error(struct buf *out, const struct err *err, enum language language)
{
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_text(&json, "code", err_word(err->code));
    json_out_text(&json, "reason", err->reason);
    json_out_text(&json, "message", err->message[language]);
    json_out_end(&json, '}');
}

// `unavailable` and `limit` mean: send again later. Everything else is the broker's last word.
static bool is_final(const struct err *err)
{
    return !err || (err->code != ERR_UNAVAILABLE && err->code != ERR_LIMIT);
}

static void slip_answered(void *context, const struct json *body, const struct err *err)
{
    struct slip_context *slip = context;
    struct client *client = slip->client;
    struct waiter waiter;
    struct buf answer = {0};

    if (client->slips_under_way > 0)
        client->slips_under_way--;
    if (!is_final(err)) {
        // Unknown: begin again from this slip on when the broker is well.
        if (client->sent_slip >= slip->slip)
            client->sent_slip = slip->slip - 1;
        client->outbox_pause_ms = client->outbox_again_ms =
            clock_monotonic_now_ms() + (err->retry_ms > 0 ? err->retry_ms : OUTBOX_RETRY_MS);
        free(slip);
        return;
    }
    const struct json *results = json_get(body, "results");
    const struct json *result = results && results->first ? results->first : NULL;
    if (result)
        json_write(&answer, result);
    else if (err)
        write_error(&answer, err, client->options.language);
    outbox_settle(client->outbox, slip->slip, err ? OUTBOX_REFUSED : OUTBOX_ANSWERED,
                  (struct slice){answer.data, answer.length}, clock_real_now_ms(), NULL);
    buf_fini(&answer);
    client_look_at_outbox(client);
    bool waited = false; // the same event may have been published twice
    while (take_waiter(client, slip->slip, &waiter)) {
        waited = true;
        if (waiter.answered)
            waiter.answered(waiter.context, result, err);
    }
    if (!waited && client->settled)
        client->settled(client->settled_context, slip->slip, result, err);
    free(slip);
}

static bool send_item(void *context, const struct outbox_item *item)
{
    struct client *client = context;

    if (client->slips_under_way >= OUTBOX_WINDOW)
        return false;
    struct slip_context *slip = mem_alloc(sizeof(*slip));
    *slip = (struct slip_context){client, item->slip};
    client->slips_under_way++;
    client->sent_slip = item->slip;
    return client_start_request(client, "publish", item->event, slip_answered, slip);
}

void client_send_outbox(struct client *client)
{
    if (client->outbox && client->up && client->slips_under_way < OUTBOX_WINDOW)
        outbox_waiting(client->outbox, client->sent_slip, send_item, client, NULL);
}

// Published before, under the same id and without a time too: it keeps the time that it got then, or the
// broker would take it for another event.
static bool take_time(void *context, const struct outbox_item *item)
{
    struct json_doc *doc = json_doc_new();
    const struct json *event =
        json_parse(doc, item->event.data, item->event.length, JSON_DEPTH_DEFAULT, NULL);
    struct slice time = event ? json_string(json_get(event, "time")) : (struct slice){NULL, 0};

    snprintf(context, CLOCK_TEXT_BYTES, "%.*s", (int)time.length, time.length ? time.data : "");
    json_doc_free(doc);
    return false;
}

// Adds `id` and `time` to an event that lacks them, and writes it out.
static void complete_event(struct client *client, struct json *event, struct buf *out)
{
    char uuid[37];
    char time[CLOCK_TEXT_BYTES];
    int64_t now_ms = clock_real_now_ms();

    if (!json_get(event, "id")) {
        crypto_uuid7(now_ms, uuid);
        json_set(client->own_doc, event, "id", json_new_string(client->own_doc, slice_of(uuid)));
    }
    if (!json_get(event, "time")) {
        clock_format(client_now_ms(client), time);
        outbox_find(client->outbox, json_string(json_get(event, "id")), take_time, time, NULL);
        json_set(client->own_doc, event, "time", json_new_string(client->own_doc, slice_of(time)));
    }
    json_write(out, event);
}

enum err_code client_publish(struct client *client, struct slice event, client_answered *answered,
                             void *context, int64_t *slip, struct err *err)
{
    struct buf text = {0};
    struct json *tree =
        json_parse(client->own_doc, event.data, event.length, JSON_DEPTH_DEFAULT, err);

    if (!tree)
        return ERR_INVALID;
    complete_event(client, tree, &text);
    enum err_code code;
    if (text.length > EVENT_BYTES)
        code =
            err_set(err, ERR_LIMIT, "event_bytes", "The event has %zu bytes; at most %d go.",
                    "В событии %zu байт; передать можно не больше %d.", text.length, EVENT_BYTES);
    else
        code = outbox_add(client->outbox, json_string(json_get(tree, "id")),
                          (struct slice){text.data, text.length}, clock_real_now_ms(), slip, err);
    buf_fini(&text);
    if (code != ERR_OK)
        return code;
    mem_grow((void **)&client->waiters, client->waiter_count, &client->waiter_capacity,
             sizeof(*client->waiters));
    client->waiters[client->waiter_count++] = (struct waiter){*slip, answered, context};
    client_look_at_outbox(client);
    if (clock_monotonic_now_ms() >= client->outbox_pause_ms)
        client_send_outbox(client);
    return ERR_OK;
}

void client_on_settled(struct client *client, client_settled *settled, void *context)
{
    client->settled = settled;
    client->settled_context = context;
}

size_t client_outbox_depth(const struct client *client)
{
    return client->depth;
}

int64_t client_outbox_oldest_ms(const struct client *client)
{
    return client->depth ? client->oldest_ms : 0;
}

struct outbox *client_outbox(struct client *client)
{
    return client->outbox;
}
