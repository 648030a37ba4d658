// Keys that were typed ahead of an answer: Enter on an address means its first suggestion, and that of the
// letters typed, not of those before them; a letter in a list that is still asked for means its first row.
// So keys wait in their order until the answer has come, and none is lost or goes elsewhere.
#pragma once

#include "tui/decoder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AHEAD_MS = 2000 }; // longer nobody waits: then the address stays as typed

struct ahead_key {
    struct input input;
    char *paste; // owned copy of a paste's text
};

struct ahead {
    struct ahead_key *items; // oldest first
    size_t count, capacity;
    int64_t since_ms; // monotonic, of the first
    bool given_up;    // those that are played now wait no more
};

void ahead_fini(struct ahead *ahead);
void ahead_keep(struct ahead *ahead, const struct input *input, int64_t mono_ms);
