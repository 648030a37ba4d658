// Encoded bytes that many receivers share: one copy of an event in memory, whoever it is sent to.
// Counted references; the last one may be let go by a socket's own thread.
#pragma once

#include "lib/slice.h"

#include <stdatomic.h>
#include <stdint.h>

struct packet {
    atomic_int references;
    int64_t sequence;   // of the event; 0 = none
    struct slice topic; // within the packet
    struct slice bytes; // within the packet
};

struct packet *packet_new(int64_t sequence, struct slice topic, struct slice bytes);
struct packet *packet_hold(struct packet *packet);
void packet_release(struct packet *packet); // NULL is allowed
