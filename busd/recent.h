// The newest events as they were streamed, in memory, for subscribers that have caught up. Bounded
// by events and by bytes; whoever needs an older one reads the store.
#pragma once

#include "busd/packet.h"

#include <stddef.h>
#include <stdint.h>

enum { RECENT_EVENTS = 16384, RECENT_BYTES = 16 * 1024 * 1024 };

struct recent {
    struct packet *packets[RECENT_EVENTS]; // by sequence modulo RECENT_EVENTS
    int64_t first, last;                   // sequences held; first > last = none
    size_t bytes;
};

void recent_init(struct recent *recent, int64_t head);
void recent_fini(struct recent *recent);
// Takes the packet; its sequence is last + 1.
void recent_add(struct recent *recent, struct packet *packet);
// NULL when it is older than what is held, or has not happened. Stays `recent`'s.
struct packet *recent_get(const struct recent *recent, int64_t sequence);
