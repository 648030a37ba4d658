#include "console/approvals.h"

#include "console/board.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

struct approvals {
    struct json_doc *docs[APPROVALS_KEPT];
    const struct json *events[APPROVALS_KEPT];
    size_t count;
};

struct approvals *approvals_new(void)
{
    return mem_alloc(sizeof(struct approvals));
}

static void drop(struct approvals *approvals, size_t index)
{
    size_t after = --approvals->count - index;

    json_doc_free(approvals->docs[index]);
    memmove(approvals->docs + index, approvals->docs + index + 1, after * sizeof *approvals->docs);
    memmove(approvals->events + index, approvals->events + index + 1,
            after * sizeof *approvals->events);
}

void approvals_free(struct approvals *approvals)
{
    while (approvals && approvals->count > 0)
        drop(approvals, approvals->count - 1);
    free(approvals);
}

static void drop_id(struct approvals *approvals, struct slice id)
{
    for (size_t i = approvals->count; i-- > 0;) {
        if (slice_equal(json_string(json_get(approvals->events[i], "id")), id))
            drop(approvals, i);
    }
}

bool approvals_take(struct approvals *approvals, const struct json *event)
{
    struct slice type = json_string(json_get(event, "type"));
    struct json_doc *doc;

    if (slice_is(type, "approval.given"))
        drop_id(approvals, json_string(json_get(json_get(event, "data"), "of")));
    if (!slice_is(type, "approval.requested"))
        return false;
    drop_id(approvals, json_string(json_get(event, "id"))); // told again after a loss of the bus
    if (approvals->count == APPROVALS_KEPT)
        drop(approvals, 0);
    doc = json_doc_new();
    approvals->docs[approvals->count] = doc;
    approvals->events[approvals->count++] = json_copy(doc, event);
    return true;
}

static bool waits(const struct json *event, int64_t now_ms)
{
    return board_time(json_get(event, "data"), "until") >= now_ms;
}

size_t approvals_count(const struct approvals *approvals, int64_t now_ms)
{
    size_t count = 0;

    for (size_t i = 0; i < approvals->count; i++)
        count += waits(approvals->events[i], now_ms);
    return count;
}

const struct json *approvals_at(const struct approvals *approvals, int64_t now_ms, size_t index)
{
    for (size_t i = 0; i < approvals->count; i++) {
        if (waits(approvals->events[i], now_ms) && index-- == 0)
            return approvals->events[i];
    }
    return NULL;
}

const struct json *approvals_find(const struct approvals *approvals, int64_t now_ms,
                                  uint64_t sequence)
{
    for (size_t i = 0; i < approvals->count; i++) {
        const struct json *event = approvals->events[i];

        if (approvals_sequence(event) == sequence && waits(event, now_ms))
            return event;
    }
    return NULL;
}

uint64_t approvals_sequence(const struct json *event)
{
    const char *text = json_c_string(json_get(event, "sequence"));

    return text ? strtoull(text, NULL, 10) : 0;
}
