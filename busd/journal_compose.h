// How a decided event becomes the bytes of the journal (invariant 3 of journal.h).
#pragma once

#include "lib/buf.h"
#include "lib/event.h"
#include "lib/json.h"

// The texts of the times that a batch repeats.
struct journal_times {
    int64_t recorded_ms, time_ms;
    char recorded[40], time[40];
};

struct journal_composition {
    const struct event *event; // its sequence is set
    struct slice id;
    int64_t version;             // of the type's schema
    const struct json *proposal; // the client's members; NULL = none
    const struct json *data;     // as it is to be stored
    const struct json *pointers; // `personal`; NULL = none
    const char *personal_digest; // hex; with `pointers`
};

void journal_compose(const struct journal_composition *event, struct journal_times *times,
                     struct buf *out);
void journal_sequence_text(int64_t sequence, char text[17]);
