// Anchors: what the heads of the journal and of the access record were, said once a minute where
// whoever can write to the data directory cannot take it back: to syslog, and to a file on another
// disk or machine where the configuration names one. One line each:
//
//     TIME pult journal=LINEAGE sequence=N chain=HEX access=N access_chain=HEX
//
// `pult verify --anchor FILE` holds such lines, also with syslog's words before them, against the
// files: a history that was rewritten whole, or put back from an older copy with its witness, does
// not agree with them.
#pragma once

#include "lib/crypto.h"
#include "lib/err.h"

#include <stddef.h>
#include <stdint.h>

struct journal_anchor {
    int64_t sequence, access;
    uint8_t chain[CRYPTO_DIGEST_BYTES], access_chain[CRYPTO_DIGEST_BYTES];
};

// Says it, to syslog and to `file` (NULL or "" = none; made 0600, appended to, synced). A file that
// cannot be written is ERR_UNAVAILABLE.
enum err_code journal_anchor_say(const struct journal_anchor *anchor, const char *lineage,
                                 int64_t now_ms, const char *file, struct err *err);

// The anchors of this lineage in a file, by sequence. Lines that are none are passed over;
// ERR_NOT_FOUND when there is no file, or no line of this journal in it.
struct journal_anchors {
    struct journal_anchor *items;
    size_t count, capacity;
};
enum err_code journal_anchors_read(struct journal_anchors *anchors, const char *file,
                                   const char *lineage, struct err *err);
void journal_anchors_fini(struct journal_anchors *anchors);
