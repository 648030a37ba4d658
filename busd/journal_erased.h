// Telling an erasure from a loss, for `verify`: every event that commits to personal fields has them
// still, or an event personal.purged behind it names it; never both.
#pragma once

#include "lib/buf.h"
#include "lib/json.h"

#include <stdbool.h>
#include <stdint.h>

struct journal_erased {
    struct buf present, promised, purged; // a bit a sequence
    int64_t last;
};

void journal_erased_fini(struct journal_erased *erased);
// The event commits to personal fields; whether they are there.
void journal_erased_note(struct journal_erased *erased, int64_t sequence, bool there);
// An event personal.purged, as it is stored.
void journal_erased_purge(struct journal_erased *erased, const struct json *event);
// The first event whose fields are missing without a word (`again` false), or are there though they
// were erased (`again` true); 0 when all is right.
int64_t journal_erased_first_fault(const struct journal_erased *erased, bool *again);
