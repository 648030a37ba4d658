// One `publish` request, from its bytes to its answer. Reading it (envelope, rights, schema, digest)
// needs no state and no store, so it can be done before its batch begins, and again when the batch
// is decided anew (batch.h).
#pragma once

#include "busd/access.h"
#include "busd/journal.h"
#include "busd/schemas.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/event.h"
#include "lib/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct publish_event {
    struct json *tree; // the client's; of the request's document
    const struct schemas_type *type;
    struct event event;
    struct event_place place;
    uint8_t digest[STORE_DIGEST_BYTES];
};

struct publish {
    // What came.
    struct buf body;
    char identity[ACCESS_IDENTITY_BYTES];
    char person[ACCESS_PERSON_BYTES]; // who signed on; empty = nobody
    const struct access_role *role;   // NULL: an act of the broker's own, whose rights were checked
    enum language language;
    uint64_t ticket; // of the answer that is owed
    // What it was read as.
    struct json_doc *doc;
    struct publish_event *events;
    size_t count, capacity;
    bool array; // faults have an index
    // What became of it.
    struct err err; // ERR_OK: `results` holds the answer's array, without brackets
    struct buf results;
};

struct publish *publish_new(void);
void publish_free(struct publish *publish);
// For the next request: empty and wiped.
void publish_clear(struct publish *publish);

// Who it is by name: the person who signed on, else the account or key. One person's two ways in are one.
struct slice publish_who(const struct event *event);

// What reading goes by.
struct publish_rules {
    const struct schemas *schemas;
    struct journal *journal; // for digests alone
    char *const *extensions;
    size_t event_bytes, array_events;
};
// Reads publish->body anew. The fault, if any, in publish->err, with the index of the event within
// an array.
enum err_code publish_read(struct publish *publish, const struct publish_rules *rules);
