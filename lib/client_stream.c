#include "lib/client_internal.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void client_drop_stream(struct stream *stream)
{
    for (size_t i = 0; i < stream->topic_count; i++)
        free(stream->topics[i]);
    free(stream->topics);
    *stream = (struct stream){0};
}

static void subscribed(void *context, const struct json *body, const struct err *err)
{
    struct client *client = context;
    struct stream *stream = &client->stream;

    stream->asked = false;
    if (err) {
        if (err->code == ERR_UNAVAILABLE)
            return; // asked again when the link is back, or in a second
        stream->wanted = false;
        client->why = *err;
        client_say_link(client, CLIENT_LOST);
        return;
    }
    const char *id = json_c_string(json_get(body, "subscription"));
    if (!id || !stream->wanted)
        return;
    snprintf(stream->id, sizeof(stream->id), "%s", id);
    stream->active = true;
    stream->unacknowledged = 0;
    if (stream->position < 0)
        stream->position = json_integer(json_get(body, "head"), 0);
}

void client_send_subscribe(struct client *client)
{
    struct stream *stream = &client->stream;
    struct buf body = {0};
    struct json_out out;

    if (stream->asked)
        return;
    json_out_init(&out, &body);
    json_out_object(&out, NULL);
    json_out_array(&out, "topics");
    for (size_t i = 0; i < stream->topic_count; i++)
        json_out_text(&out, NULL, stream->topics[i]);
    json_out_end(&out, ']');
    if (stream->position < 0)
        json_out_text(&out, "from", "new");
    else
        json_out_integer(&out, "from", stream->position);
    json_out_integer(&out, "credit", STREAM_CREDIT);
    json_out_end(&out, '}');
    stream->active = false;
    stream->asked = true;
    client_request(client, "subscribe", (struct slice){body.data, body.length}, subscribed, client);
    buf_fini(&body);
}

void client_subscribe(struct client *client, const char *const *topics, size_t topic_count,
                      int64_t from, client_event *event, client_live *live, void *context)
{
    struct stream *stream = &client->stream;

    client_unsubscribe(client);
    stream->topics = mem_alloc(topic_count * sizeof(*stream->topics));
    for (size_t i = 0; i < topic_count; i++)
        stream->topics[i] = mem_string(topics[i]);
    stream->topic_count = topic_count;
    stream->position = from;
    stream->wanted = true;
    stream->event = event;
    stream->live = live;
    stream->context = context;
    if (client->up)
        client_send_subscribe(client);
}

void client_unsubscribe(struct client *client)
{
    struct stream *stream = &client->stream;
    struct buf body = {0};
    struct json_out out;

    if (stream->active) {
        json_out_init(&out, &body);
        json_out_object(&out, NULL);
        json_out_text(&out, "subscription", stream->id);
        json_out_end(&out, '}');
        client_request(client, "unsubscribe", (struct slice){body.data, body.length}, NULL, NULL);
        buf_fini(&body);
    }
    client_drop_stream(stream);
}

void client_give_credit(struct client *client)
{
    struct stream *stream = &client->stream;
    struct buf body = {0};
    struct json_out out;

    json_out_init(&out, &body);
    json_out_object(&out, NULL);
    json_out_text(&out, "subscription", stream->id);
    json_out_integer(&out, "credit", stream->unacknowledged);
    json_out_integer(&out, "seen", stream->position);
    json_out_end(&out, '}');
    // `credit` has no answer; it goes without a place among the pending requests.
    if (client_send(client, "credit", slice_of("c"), (struct slice){body.data, body.length}))
        stream->unacknowledged = 0;
    buf_fini(&body);
}

void client_handle_event(struct client *client, struct slice bytes)
{
    struct stream *stream = &client->stream;
    const struct json *event =
        json_parse(client->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, NULL);
    const char *sequence = json_c_string(json_get(event, "sequence"));

    if (!sequence)
        return;
    stream->position = strtoll(sequence, NULL, 10);
    stream->unacknowledged++;
    if (stream->event)
        stream->event(stream->context, event, bytes);
}

void client_handle_live(struct client *client, struct slice bytes)
{
    struct stream *stream = &client->stream;
    const struct json *live =
        json_parse(client->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, NULL);
    int64_t head = json_integer(json_get(live, "head"), -1);

    if (head < 0)
        return;
    if (head > stream->position)
        stream->position = head;
    if (stream->live)
        stream->live(stream->context, head);
}
