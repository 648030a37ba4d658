// The sockets: requests (ROUTER) and feed (PUB), and who comes and goes on them.
//
//  1. Every socket has a ZAP domain, option 93 and a message limit before it binds (zap.h).
//  2. A peer is known by the routing id that the broker's socket gave it: 5 bytes that start with
//     NUL. A peer that brings its own is marked `foreign`.
//  3. The socket's monitor tells which connection closed, by its descriptor. It must be drained
//     before a descriptor is tied to a new peer, since descriptors are used again: whatever closed
//     before that peer connected has then been told.
//  4. Sending never blocks: a peer whose messages do not drain is BROKER_FULL, one that has gone
//     BROKER_GONE. A message goes whole or not at all.
#pragma once

#include "busd/endpoints.h"
#include "busd/packet.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct broker;

// The ZeroMQ context of all sockets; NULL when there is none.
void *broker_context_new(void);
void broker_context_free(void *context);

struct broker_options {
    const struct endpoints *endpoints; // must outlive the broker
    int64_t message_bytes;             // a larger frame closes its connection
    size_t connections;                // of each socket; what happens above it says guests.h
};
// Binds every endpoint with its key.
struct broker *broker_open(void *context, const struct broker_options *options, struct err *err);
void broker_close(struct broker *broker); // NULL is allowed
// Closes the feed and opens it again: whoever read it shakes hands anew, if it still may. At most 1 s.
enum err_code broker_rebind_feed(struct broker *broker, struct err *err);

enum { BROKER_FRAMES_MAX = 6, BROKER_PEER_BYTES = 5 };
struct broker_message { // valid until the next broker_receive()
    struct slice peer;  // routing id
    bool foreign;
    struct slice identity;   // as the ZAP handler gave it
    struct slice public_key; // that the connection was made with, Z85; empty = without one
    struct slice frames[BROKER_FRAMES_MAX];
    size_t count; // of frames that came; those beyond BROKER_FRAMES_MAX are not kept
};
// The next message that waits: 1, 0 when none does, -1 when the socket is dead.
int broker_receive(struct broker *broker, struct broker_message *message);
// Descriptor of the connection that the last message came over; -1 unknown.
int broker_message_connection(const struct broker *broker);
// Where it came from: an IP address, or localhost:UID:GID:PID over ipc; "" unknown.
const char *broker_message_address(const struct broker *broker);
// The descriptor of a connection that closed; -1 when no further one did.
int broker_next_closed(struct broker *broker);

// Ends a connection by its descriptor: the peer sees it close. Drain broker_next_closed() first, so
// that the descriptor is not yet another connection's; if it is nevertheless, that one connects anew.
void broker_cut(int connection);

enum broker_sent { BROKER_SENT, BROKER_FULL, BROKER_GONE };
// Sends `frames`, then the bytes of `packets` as one frame each, shared and not copied.
enum broker_sent broker_send(struct broker *broker, struct slice peer, const struct slice *frames,
                             size_t count, struct packet *const *packets, size_t packet_count);
void broker_feed(struct broker *broker, struct slice topic, struct slice bytes);

// Waits until a request can be read, one of `extra` is ready (revents as poll(2)) or the time is
// over; true when a request can be read.
bool broker_wait(struct broker *broker, struct pollfd *extra, size_t count, int timeout_ms);
// The feed for the peer of this connection; "" = none.
void broker_feed_for(const struct broker *broker, int connection, char feed[ENDPOINT_BYTES]);
