// The broker's inside without its sockets: an event goes from its JSON through schema, engine and
// journal into the store, one batch an event. For tests of the journal and its verification.
#pragma once

#include "busd/engine.h"
#include "busd/journal.h"
#include "busd/schemas.h"
#include "busd/store.h"
#include "lib/json.h"

struct spine {
    char *directory; // not owned
    struct store *store;
    struct journal *journal;
    struct engine *engine;
    struct schemas *schemas;
    struct json_doc *doc;
    int64_t now_ms;
    struct buf last; // bytes of the last event that was appended
    struct err err;
};

// Opens or creates the data directory and loads what is open. Aborts when that fails.
void spine_open(struct spine *spine, char *directory);
void spine_close(struct spine *spine);
// Publishes one event as a JSON text of `identity`: its sequence, or 0 with spine->err.
int64_t spine_publish(struct spine *spine, const char *identity, const char *json);
// The same with the envelope made: {"specversion":"1.0","id":ID,"type":TYPE,"data":DATA}.
int64_t spine_tell(struct spine *spine, const char *id, const char *type, const char *data);

// A shift: every kind of record, two contacts with personal data (events 2 and 4), and events that come
// back to what is no longer in the working set. Aborts when one of them is refused.
void spine_fill(struct spine *spine);
