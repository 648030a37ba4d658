// The witness outside a database (invariant 7 of journal.h): DIRECTORY/head of the journal and
// DIRECTORY/access.head of the access record, one line "SEQUENCE CHAIN STATE DIGEST". It is written after commits that hold, never before, and not synced: it
// may be behind the journal and never ahead of it.
#pragma once

#include "busd/journal_keys.h"

#include <stdbool.h>

enum { JOURNAL_WITNESS_EVERY = 1024 }; // events between two writes; closing writes it too

#define JOURNAL_WITNESS_HEAD "head"
#define JOURNAL_WITNESS_SEEN "access.head"

struct journal_witness {
    int64_t sequence;
    uint8_t chain[32];
    // Nobody writes any more: the database ends exactly here. Of an open one it is behind.
    bool closed;
};

// Best effort: a witness that cannot be written leaves the former one, which stays true.
void journal_witness_write(const struct journal_keys *keys, const char *directory, const char *name,
                           const struct journal_witness *witness);
// The same, on disk when it returns: before the first commit behind a witness that said "closed".
void journal_witness_open(const struct journal_keys *keys, const char *directory, const char *name,
                          const struct journal_witness *witness);
// 1 read, 0 there is none, -1 it is not what this key wrote.
int journal_witness_read(const struct journal_keys *keys, const char *directory, const char *name,
                         struct journal_witness *witness);
