// A subscription and the set of them behind stream.h: stream.c serves them, stream_verbs.c makes, feeds and
// ends them.
#pragma once

#include "busd/recent.h"
#include "busd/stream.h"

enum { STREAM_ID_BYTES = 24 };

struct stream {
    char id[STREAM_ID_BYTES];
    struct session *session; // NULL: it ended
    struct stream *next;     // of its session
    char **topics;           // prefixes; ends with NULL
    int64_t position, credit, seen;
    int64_t live_due_ms;
    uint64_t ticket; // of the answer that must go first; 0 = has gone
    bool caught_up;  // `live` said so, and it has been so since
    bool starved;    // the next event matches and there is no credit
};

struct streams {
    struct streams_options options;
    struct recent recent;
    struct stream **items;
    size_t count, capacity, turn;
    bool serving, swept; // streams that ended wait to be freed
    bool store_free, want_store;
    char chain[2 * STORE_CHAIN_BYTES + 1]; // of the head
    bool storm;
    int64_t last_id;
};

// Whether a prefix that was asked for matches, and the role may read the type.
bool stream_matches(const struct stream *stream, struct slice topic);
// Frees those that ended, unless they are being served.
void streams_sweep(struct streams *streams);
