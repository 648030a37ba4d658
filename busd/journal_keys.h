// The keys of personal data and of keyed digests: all derived from one file (invariant 6 of
// journal.h), one a purpose. The file holds a master key of 32 bytes; after a rotation 96 bytes more,
// the keys that cannot be taken anew, as they were first: digest, id, seen (journal_rotate.h). Shared by the journal, imports and queries; read-only
// once read, so threads may share one.
#pragma once

#include "lib/buf.h"
#include "lib/crypto.h"
#include "lib/err.h"
#include "lib/json.h"

struct journal_keys {
    uint8_t personal[CRYPTO_KEY_BYTES]; // seals the personal fields of events
    uint8_t premise[CRYPTO_KEY_BYTES];  // seals name and phone of premises
    uint8_t digest[CRYPTO_KEY_BYTES];   // personaldigest of events
    uint8_t id[CRYPTO_KEY_BYTES];       // digest of a client's event
    uint8_t lookup[CRYPTO_KEY_BYTES];   // phones and accounts by which contacts are found
    uint8_t seen[CRYPTO_KEY_BYTES];     // the access record's chain
    uint8_t check[CRYPTO_KEY_BYTES];    // tells which key a journal was written with
};

// Reads the key file; with `create` makes one that is not there (0600, synced). ERR_INVALID when it
// is not 32 bytes, ERR_DENIED when others may read it, ERR_NOT_FOUND.
enum err_code journal_keys_read(struct journal_keys *keys, const char *directory, int create,
                                struct err *err);
// The same of a file by its own name.
enum err_code journal_keys_read_file(struct journal_keys *keys, const char *path, int create,
                                     struct err *err);
// What a journal keeps to tell its own key from another one.
void journal_keys_check(const struct journal_keys *keys, const char *lineage,
                        uint8_t check[CRYPTO_DIGEST_BYTES]);
// A rotation: PATH.new with another master and the keys that stay; reading it; its taking the place
// of PATH; forgetting one that nothing was sealed with.
enum err_code journal_keys_write_next(const struct journal_keys *keys, const char *path,
                                      struct err *err);
enum err_code journal_keys_read_next(struct journal_keys *keys, const char *path, struct err *err);
enum err_code journal_keys_take_next(const char *path, struct err *err);
void journal_keys_drop_next(const char *path);
void journal_keys_wipe(struct journal_keys *keys);

// HMAC of "kind:value": what a look-up by phone or account goes over.
void journal_keys_lookup(const struct journal_keys *keys, const char *kind, struct slice value,
                         uint8_t digest[CRYPTO_DIGEST_BYTES]);
// Opens what was sealed for `sequence` (an event) or for a premise's key: the JSON object in `doc`.
// NULL when it was not sealed with these keys for that number.
const struct json *journal_keys_open_event(const struct journal_keys *keys, int64_t sequence,
                                           struct slice sealed, struct json_doc *doc);
const struct json *journal_keys_open_premise(const struct journal_keys *keys, int64_t premise,
                                             struct slice sealed, struct json_doc *doc);
void journal_keys_seal(const uint8_t key[CRYPTO_KEY_BYTES], int64_t number, struct slice plain,
                       struct buf *sealed);
