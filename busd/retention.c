#include "busd/retention.h"

#include "busd/batch_personal.h"
#include "lib/event_json.h"
#include "lib/log.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600 * 1000 };
static const int64_t day_ms = INT64_C(24) * HOUR_MS;

// The first kind whose prefix fits a type is its kind.
static const struct {
    const char *prefix;
    size_t days; // offset in struct config
} kinds[RETENTION_KINDS] = {
    {"contact.complaint", offsetof(struct config, retention_complaints)},
    {"contact.theft_report", offsetof(struct config, retention_theft)},
    {"contact.", offsetof(struct config, retention_contacts)},
    {"", offsetof(struct config, retention_other)},
};

static int64_t days_of(const struct retention *retention, int kind)
{
    const char *at = (const char *)retention->config + kinds[kind].days;
    return *(const int64_t *)(const void *)at;
}

static int kind_of(struct slice topic)
{
    int kind = 0;

    while (topic.length < strlen(kinds[kind].prefix) ||
           memcmp(topic.data, kinds[kind].prefix, strlen(kinds[kind].prefix)) != 0)
        kind++;
    return kind;
}

static bool is_of_kind(void *context, struct slice topic)
{
    const struct retention *retention = context;
    return kind_of(topic) == retention->kind;
}

void retention_init(struct retention *retention, const struct config *config)
{
    *retention = (struct retention){.config = config, .kind = RETENTION_KINDS};
}

void retention_again(struct retention *retention)
{
    memset(retention->after, 0, sizeof retention->after);
    retention->next_ms = 0;
}

struct recorded {
    struct json_doc *doc;
    int64_t sequence, recorded_ms;
};

static bool read_recorded(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                          const uint8_t chain[STORE_CHAIN_BYTES])
{
    struct recorded *recorded = context;
    struct event event;
    const struct json *tree =
        json_parse(recorded->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, NULL);

    (void)topic, (void)chain;
    recorded->sequence = sequence;
    if (tree && event_read_stored(&event, tree, recorded->doc, NULL) == ERR_OK)
        recorded->recorded_ms = event.recorded_ms;
    return false;
}

// The last event recorded before `ms`; recordedtime never goes back, so half the rest is left out at
// each step. -1: the store failed.
static int64_t last_before(struct batch *batch, int64_t ms, struct err *err)
{
    int64_t low = store_base(batch->store)->sequence, high = store_head(batch->store, NULL);

    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        struct recorded recorded = {batch->scratch, 0, INT64_MAX};
        if (store_read(batch->store, middle, 1, read_recorded, &recorded, err) != ERR_OK)
            return -1;
        if (recorded.recorded_ms < ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool give_up(struct retention *retention, const struct err *err)
{
    log_error("personal data that are too old were not erased reason=%s error=\"%s\"", err->reason,
              err->message[LANGUAGE_EN]);
    retention->kind = RETENTION_KINDS;
    return false;
}

bool retention_step(struct retention *retention, struct batch *batch, int64_t now_ms)
{
    struct err err;
    int64_t count = 0;
    bool more = false;

    err_clear(&err);
    if (retention->scrub && store_scrub(batch->store))
        retention->scrub = false;
    if (retention->kind == RETENTION_KINDS) {
        if (now_ms < retention->next_ms)
            return false;
        retention->next_ms = now_ms + HOUR_MS;
        retention->kind = 0;
    }
    if (days_of(retention, retention->kind) > 0) {
        int64_t cutoff_ms = now_ms - days_of(retention, retention->kind) * day_ms;
        int64_t through = last_before(batch, cutoff_ms, &err);
        if (through < 0 ||
            batch_purge(batch, &retention->after[retention->kind], through, is_of_kind, retention,
                        now_ms, &count, &more, &err) != ERR_OK)
            return give_up(retention, &err);
    }
    if (count) {
        retention->scrub = true;
        log_info("personal data erased by age contacts=%lld", (long long)count);
    }
    if (!more)
        retention->kind++;
    return retention->kind < RETENTION_KINDS;
}
