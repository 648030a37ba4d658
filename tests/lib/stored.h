// Events for tests of the store: bytes, chain and digest follow from the sequence, so that what is
// read can be checked without a copy.
#pragma once

#include "busd/store.h"

// Appends event `sequence` of `length` bytes, with id "id-SEQUENCE".
enum err_code stored_append(struct store *store, int64_t sequence, size_t length, const char *topic,
                            const char *identity, struct err *err);

// A store_event_read() that checks what it is given and counts `next` on; it ends the reading after
// `stop_after` events (0 = never). A failed check is `wrong`.
struct stored_reading {
    int64_t next;
    size_t stop_after;
    bool wrong;
};
bool stored_check(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                  const uint8_t chain[STORE_CHAIN_BYTES]);
