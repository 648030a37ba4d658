#include "busd/feed.h"

#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT "bus.heartbeat"
enum { SEQUENCE_DIGITS = 16 };

struct last {
    char *topic;
    int64_t sequence;
};

struct feed {
    struct broker *broker;
    const struct schemas *schemas;
    struct last *lasts;
    size_t count, capacity;
    struct json_doc *doc;
    struct buf bytes;
};

static struct last *last_of(struct feed *feed, struct slice topic)
{
    for (size_t i = 0; i < feed->count; i++) {
        if (slice_is(topic, feed->lasts[i].topic))
            return &feed->lasts[i];
    }
    mem_grow((void **)&feed->lasts, feed->count, &feed->capacity, sizeof *feed->lasts);
    feed->lasts[feed->count] = (struct last){mem_string_of(topic.data, topic.length), 0};
    return &feed->lasts[feed->count++];
}

static void take_last(void *context, struct slice topic, int64_t sequence)
{
    last_of(context, topic)->sequence = sequence;
}

struct feed *feed_new(struct broker *broker, const struct schemas *schemas, struct store *store,
                      struct err *err)
{
    struct feed *feed = mem_alloc(sizeof *feed);

    feed->broker = broker;
    feed->schemas = schemas;
    feed->doc = json_doc_new();
    if (store_last_of_types(store, take_last, feed, err) == ERR_OK)
        return feed;
    feed_free(feed);
    return NULL;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    for (size_t i = 0; i < feed->count; i++)
        free(feed->lasts[i].topic);
    free(feed->lasts);
    json_doc_free(feed->doc);
    buf_fini(&feed->bytes);
    free(feed);
}

// The event without its free text, as a tree of feed->doc. NULL when it cannot be read.
static struct json *without_text(struct feed *feed, const struct packet *packet,
                                 const struct schema *schema)
{
    struct json *tree = json_parse(feed->doc, packet->bytes.data, packet->bytes.length,
                                   JSON_DEPTH_DEFAULT + 1, NULL);

    for (struct json *member = tree ? tree->first : NULL; member; member = member->next) {
        if (slice_is(member->key, "data"))
            schema_take_marked(schema, SCHEMA_FREE_TEXT, member, NULL, NULL);
    }
    return tree;
}

// Writes the event with `previous` as its last member.
static bool compose(struct feed *feed, const struct packet *packet, const char *previous)
{
    const struct schemas_type *type = schemas_find(feed->schemas, packet->topic);
    struct slice bytes = packet->bytes;

    buf_clear(&feed->bytes);
    if (!type)
        return false; // of a type that is no longer known: nobody can say what is free text in it
    if (type->free_text) {
        struct json *tree = without_text(feed, packet, type->schema);

        if (!tree)
            return false;
        json_write(&feed->bytes, tree);
    } else {
        buf_add(&feed->bytes, bytes.data, bytes.length);
    }
    feed->bytes.length--; // the closing brace
    buf_add_text(&feed->bytes, ",\"previous\":");
    buf_add_text(&feed->bytes, previous);
    buf_add_char(&feed->bytes, '}');
    return true;
}

void feed_event(struct feed *feed, const struct packet *packet, bool listened)
{
    struct last *last = last_of(feed, packet->topic);
    char previous[SEQUENCE_DIGITS + 8] = "null";

    if (listened) {
        if (last->sequence)
            snprintf(previous, sizeof previous, "\"%016lld\"", (long long)last->sequence);
        if (compose(feed, packet, previous))
            broker_feed(feed->broker, packet->topic,
                        (struct slice){feed->bytes.data, feed->bytes.length});
    }
    last->sequence = packet->sequence;
}

void feed_heartbeat(struct feed *feed, int64_t now_ms)
{
    struct json_out json;
    char id[37], sequence[SEQUENCE_DIGITS + 8];

    crypto_uuid7(clock_real_now_ms(), id);
    buf_clear(&feed->bytes);
    json_out_init(&json, &feed->bytes);
    json_out_object(&json, NULL);
    json_out_text(&json, "specversion", "1.0");
    json_out_text(&json, "id", id);
    json_out_text(&json, "type", HEARTBEAT);
    json_out_text(&json, "source", "pult:busd");
    json_out_time(&json, "time", now_ms);
    json_out_text(&json, "dataschema", "pult:" HEARTBEAT ":1");
    json_out_object(&json, "data");
    json_out_object(&json, "last");
    for (size_t i = 0; i < feed->count; i++) {
        if (feed->lasts[i].sequence == 0)
            continue;
        snprintf(sequence, sizeof sequence, "%016lld", (long long)feed->lasts[i].sequence);
        json_out_text(&json, feed->lasts[i].topic, sequence);
    }
    json_out_end(&json, '}');
    json_out_end(&json, '}');
    json_out_end(&json, '}');
    broker_feed(feed->broker, slice_of(HEARTBEAT),
                (struct slice){feed->bytes.data, feed->bytes.length});
}
