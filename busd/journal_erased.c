#include "busd/journal_erased.h"

#include <string.h>

static void set(struct buf *bits, int64_t sequence)
{
    static const char zeros[256];
    size_t byte = (size_t)sequence / 8;

    while (bits->length <= byte)
        buf_add(bits, zeros, sizeof zeros);
    bits->data[byte] = (char)(bits->data[byte] | 1 << sequence % 8);
}

static bool has(const struct buf *bits, int64_t sequence)
{
    size_t byte = (size_t)sequence / 8;

    return byte < bits->length && (bits->data[byte] >> sequence % 8 & 1);
}

void journal_erased_fini(struct journal_erased *erased)
{
    buf_fini(&erased->present);
    buf_fini(&erased->promised);
    buf_fini(&erased->purged);
}

void journal_erased_note(struct journal_erased *erased, int64_t sequence, bool there)
{
    set(&erased->promised, sequence);
    if (there)
        set(&erased->present, sequence);
    erased->last = sequence;
}

void journal_erased_purge(struct journal_erased *erased, const struct json *event)
{
    const struct json *ranges = json_get(json_get(event, "data"), "events");

    for (const struct json *range = ranges ? ranges->first : NULL; range; range = range->next) {
        int64_t first = json_integer(range->first, 0);
        int64_t last = range->first ? json_integer(range->first->next, 0) : 0;
        // An event can only erase what lies before it.
        for (int64_t at = first; at > 0 && at <= last && at <= erased->last; at++)
            set(&erased->purged, at);
    }
}

int64_t journal_erased_first_fault(const struct journal_erased *erased, bool *again)
{
    for (int64_t at = 1; at <= erased->last; at++) {
        if (!has(&erased->promised, at) || has(&erased->present, at) != has(&erased->purged, at))
            continue;
        *again = has(&erased->present, at);
        return at;
    }
    return 0;
}
