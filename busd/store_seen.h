// The access record: who was shown which person's data, when, from where (RELIABILITY §2, FIELD §2).
//
//  1. It is a file of its own, DIRECTORY/access.record, written by the thread that answers questions and
//     by nobody else, so that no commit of events waits for it.
//  2. An entry is on disk before the answer that it is about leaves: what cannot be recorded is not
//     shown. Nothing switches it off.
//  3. Entries are numbered from 1 without a gap and chained: chain(0) = HMAC of the lineage,
//     chain(n) = HMAC(chain(n-1) ‖ the entry's JSON), with a key derived from personal.key. Its head
//     is witnessed in DIRECTORY/access.head and anchored with the journal's (anchor.h).
//  4. It holds no personal data: a person is named by the contact's number and by the keyed digest
//     that contacts are found by. An erasure leaves it as it is.
#pragma once

#include "busd/journal_anchor.h"
#include "busd/journal_keys.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct seen;

enum { SEEN_SUBJECT_BYTES = CRYPTO_DIGEST_BYTES };

struct seen_entry {
    int64_t time_ms;
    struct slice identity, role, person, from, client; // who; empty = not known
    struct slice query;                                // what was asked
    struct slice reg_no, call;                         // about whom, in which telephone call
    int64_t incident;                                  // or about the callers of an incident; 0
    int64_t contacts;                                  // how many contacts it showed
    const uint8_t *subject;                            // keyed digest of the phone; NULL = none
    struct slice shown;                                // blank-separated names of the fields
};

// Opens or creates the file (0600). `keys` must outlive it.
struct seen *seen_open(const char *directory, const char *lineage, const struct journal_keys *keys,
                       struct err *err);
void seen_close(struct seen *seen); // NULL is allowed
// Writes entries in one transaction that is on disk when it returns. ERR_UNAVAILABLE: show nothing.
enum err_code seen_write(struct seen *seen, const struct seen_entry *entries, size_t count,
                         struct err *err);
// The last entry's number and chain.
int64_t seen_head(const struct seen *seen, uint8_t chain[CRYPTO_DIGEST_BYTES]);

// Entries behind `number`, in order, each as its JSON, until `each` returns false.
typedef bool seen_read_entry(void *context, int64_t number, struct slice json,
                             const uint8_t chain[CRYPTO_DIGEST_BYTES]);
enum err_code seen_read(struct seen *seen, int64_t number, seen_read_entry *each, void *context,
                        struct err *err);

// Checks the file of a directory that nobody has open: numbers, chain, witness, anchors. `count` gets
// the entries that are right. ERR_INVALID with path "access/N". No file, no witness and no anchor of
// an entry is right.
enum err_code seen_verify(const char *directory, const char *lineage,
                          const struct journal_keys *keys, const struct journal_anchors *anchors,
                          int64_t *count, struct err *err);
