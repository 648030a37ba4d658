// The journal's format: how a decided event becomes bytes, what is taken out of them, and the chain
// that holds them together. Nothing in here can be changed after a release.
//
//  1. sequence starts at 1 and has no gaps; it is a 16-digit string within the event.
//  2. chain(0) = SHA-256 of the lineage id in its text form, the 36 ASCII characters of the UUID that
//     `hello` gives as `journal`; chain(n) = SHA-256(chain(n-1) ‖ bytes(n)), bytes as streamed.
//  3. bytes(n) is compact JSON with its members in this order: specversion, id, type, source,
//     subject?, time, recordedtime, sequence, causationid?, dataschema, extensions as the client gave
//     them, personal?, personaldigest?, data. Times have the offset of the company's zone; a time that
//     the client gave is the same instant in that zone. The broker's own event without an id gets its
//     sequence as the id.
//  4. Fields marked x-personal are in no event bytes: they are sealed (AES-256-GCM, bound to the
//     sequence) beside it as canonical JSON {pointer: value}. The event names them in `personal`, as
//     pointers from the event ("/data/caller"), and commits to them by `personaldigest` = HMAC-SHA-256
//     over sequence (16 digits) ‖ that JSON: with the sequence in it, equal names and phones of two
//     events cannot be told equal. What they were taken out of stays as {}.
//  5. (identity, id) is kept with HMAC-SHA-256 over the canonical JSON of the event as the client
//     gave it: the same event again is the same, whatever its spelling, also after an erasure. The
//     chain does not hold that digest, so a mark behind it binds it to the event (journal_mark).
//  6. All keys are derived from DIRECTORY/personal.key, or a file elsewhere (journal_keys.h).
//  7. DIRECTORY/head is a witness outside the database: the head at some time past, with a keyed
//     digest. A journal that ends before it is an older copy or has lost its end; one that goes on
//     behind the witness of its closing was added to by somebody else.
#pragma once

#include "busd/journal_keys.h"
#include "busd/schemas.h"
#include "busd/store.h"
#include "lib/err.h"
#include "lib/event.h"
#include "lib/json.h"

struct journal;

// Wraps an opened store; makes or reads the key file. Owned store stays the caller's.
struct journal *journal_open(struct store *store, const char *directory, struct err *err);
// The same with the key file elsewhere (`personal_key`); NULL or "" = DIRECTORY/personal.key.
struct journal *journal_open_with(struct store *store, const char *directory, const char *key_file,
                                  struct err *err);
void journal_close(struct journal *journal);
// Sees that `keys`, read from `path`, are this journal's; finishes or forgets a rotation that was
// interrupted (journal_rotate.h), or with `inspect` looks only. ERR_INVALID: another journal's.
enum err_code journal_settle_key(struct store *store, const char *lineage, const char *path,
                                 bool inspect, struct journal_keys *keys, struct err *err);

const struct journal_keys *journal_keys(const struct journal *journal);
const char *journal_lineage(const struct journal *journal); // text of the lineage UUID
int64_t journal_head(const struct journal *journal);        // with what this batch has appended
const char *journal_chain(const struct journal *journal);   // 64 hex digits, of journal_head()

// The digest of a client's event with its mark: what nobody who lacks personal.key can change or move to
// another event unseen, though it stands beside the chain. For the journal and its verification.
void journal_mark(const struct journal_keys *keys, int64_t sequence,
                  const uint8_t digest[STORE_DIGEST_BYTES], uint8_t marked[STORE_MARKED_BYTES]);
// Digest of a client's event (invariant 5). Touches nothing but the keys: any thread may ask.
void journal_digest(const struct journal *journal, const struct json *proposal,
                    uint8_t digest[STORE_DIGEST_BYTES]);
// Appends a decided event within the store's batch: sets event->sequence, composes the bytes, seals
// the personal fields, moves the chain. `proposal` is the client's tree; it is taken apart. For an
// event of the broker's own `digest` is NULL (no id is kept) and so is `proposal`, unless the event
// has data beyond the fields of lib/event.h (model.changed): then it is an object with `data`.
// `type` NULL: nothing personal, version 1. The bytes stay valid until the batch ends.
struct journal_entry {
    int64_t sequence;
    struct slice topic;
    struct slice bytes;
    const uint8_t *chain; // chain(sequence), STORE_CHAIN_BYTES
};
enum err_code journal_append(struct journal *journal, struct event *event, struct json *proposal,
                             struct json_doc *doc, const struct schemas_type *type,
                             const uint8_t digest[STORE_DIGEST_BYTES], struct journal_entry *entry,
                             struct err *err);
// Writes the witness of the head as committed; closing and many events do it too.
void journal_witness(struct journal *journal);
// The batch is on disk, or is not and never was.
void journal_committed(struct journal *journal);
void journal_rolled_back(struct journal *journal);

// Opens the personal fields of an event: an object {pointer: value} in `doc`. NULL when it has none,
// or with `err` set (its code is ERR_OK otherwise) when they cannot be read.
const struct json *journal_personal(struct journal *journal, int64_t sequence, struct json_doc *doc,
                                    struct err *err);
// HMAC of invariant 4, for whoever compares.
void journal_personal_digest(const struct journal_keys *keys, int64_t sequence,
                             struct slice canonical, uint8_t digest[STORE_DIGEST_BYTES]);

// Checks a journal that nobody has open: every sequence and chain link, the bytes against the rows
// beside them, the ids, personal fields that are still there, the witness, the state tables
// against a fresh fold, and the access record. `report` gets sentences for people, in English. ERR_INVALID says what is
// wrong first, and err->path is "sequence/N" where it is an event.
enum err_code journal_verify(const char *directory, struct buf *report, struct err *err);
// The same, with what lies elsewhere; NULL = none.
struct journal_verify_options {
    const char *directory;
    const char *key_file; // NULL: DIRECTORY/personal.key
    const char *anchors;  // file of anchors (journal_anchor.h) that the files must agree with
    bool lines;           // the report is one JSON object on a line, not sentences
};
enum err_code journal_verify_with(const struct journal_verify_options *options, struct buf *report,
                                  struct err *err);
