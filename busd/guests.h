// The connections of one socket, so that strangers cannot use up the descriptors (RELIABILITY F4: when
// accept() finds none, libzmq's thread spins). libzmq has no limit of its own and no way to close a peer;
// the owner hands in what the socket's monitor tells, and ends a connection by its descriptor.
//
// Above the limit the oldest connection goes that may still be shaking hands: one that is older than a
// handshake can last has been admitted, or is gone. So a flood of idle connections pushes out itself; the
// rightful client, who needs milliseconds, gets in.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { GUESTS_HANDSHAKE_MS = 3000 };

struct guests;
struct guests *guests_new(size_t most);
void guests_free(struct guests *guests);
// A connection came. The descriptor of the one that has to go, perhaps this one; -1 = none.
int guests_accepted(struct guests *guests, int connection, int64_t monotonic_ms);
void guests_closed(struct guests *guests, int connection);
size_t guests_count(const struct guests *guests); // without those that were told to go
