// The journal's format: how a decided event becomes bytes, what is taken out of them, and the chain
// that holds them together. Nothing in here can be changed after a release.
//
//  1. sequence starts at 1 and has no gaps; it is a 16-digit string within the event.
//  2. chain(0) = SHA-256 of the 16 bytes of the lineage id in its text form (36 characters of a
//     UUID); chain(n) = SHA-256(chain(n-1) ‖ bytes(n)), bytes exactly as streamed.
//  3. Fields marked x-personal are in no event bytes: they are sealed (AES-256-GCM, bound to the
//     sequence) beside it; the event names them in `personal` and commits to them by
//     `personaldigest` = HMAC-SHA-256 over the canonical JSON of {pointer: value}.
//  4. (identity, id) is kept with HMAC-SHA-256 over the canonical JSON of the event as the client
//     gave it: the same event again is the same, whatever its spelling, also after an erasure.
//  5. All keys are derived from DIRECTORY/personal.key (32 random bytes, 0600), one a purpose.
#pragma once

#include "busd/store.h"
#include "lib/err.h"
#include "lib/event.h"
#include "lib/json.h"
#include "lib/schema.h"

struct journal;

// Wraps an opened store; makes or reads the key file. Owned store stays the caller's.
struct journal *journal_open(struct store *store, const char *directory, struct err *err);
void journal_close(struct journal *journal);

const char *journal_lineage(const struct journal *journal); // text of the lineage UUID
int64_t journal_head(const struct journal *journal);        // with what this batch has appended
const char *journal_chain(const struct journal *journal);   // 64 hex digits, of journal_head()

// Digest of a client's event (invariant 4).
void journal_digest(const struct journal *journal, const struct json *proposal,
                    uint8_t digest[STORE_DIGEST_BYTES]);
// Digest of a look-up key: "phone", "account".
void journal_lookup_digest(const struct journal *journal, const char *kind, struct slice value,
                           uint8_t digest[STORE_DIGEST_BYTES]);

// Appends a decided event within the store's batch: sets event->sequence, composes the bytes, seals
// the personal fields, moves the chain. `proposal` is the client's tree (NULL for the broker's own
// events); it is taken apart. The bytes stay valid until the batch ends.
struct journal_entry {
    int64_t sequence;
    struct slice topic;
    struct slice bytes;
};
enum err_code journal_append(struct journal *journal, struct event *event, struct json *proposal,
                             struct json_doc *doc, const struct schema *schema,
                             const uint8_t digest[STORE_DIGEST_BYTES],
                             struct journal_entry *entry, struct err *err);
// The batch is on disk, or is not and never was.
void journal_committed(struct journal *journal);
void journal_rolled_back(struct journal *journal);

// Opens the personal fields of an event: an object {pointer: value} in `doc`. NULL when it has none.
const struct json *journal_personal(struct journal *journal, int64_t sequence,
                                    struct json_doc *doc, struct err *err);

// Checks a journal that nobody has open: every chain link, every sequence, and the state tables
// against a fresh fold. `report` gets sentences for people. ERR_INVALID names the first bad sequence.
enum err_code journal_verify(const char *directory, struct buf *report, struct err *err);
