// Subscriptions: every matching event behind a position, in order, once, without a gap, at the
// subscriber's own pace.
//
// A subscription is a position in the journal and a number of events that may still be sent. What
// holds:
//
//  1. `position` is the sequence up to which every matching event has been handed to the socket. It
//     only grows, and only over events that were sent or do not match.
//  2. An event is sent only against credit: each counts one. Without credit the position stops
//     before the next matching event; nothing else waits for that subscriber.
//  3. Whoever is within the newest events (recent.h) is served from memory, with the same bytes for
//     all; whoever is behind reads the store in slices of STREAM_SLICE events, and a turn of the loop
//     reads at most STREAM_TURN_SLICES of them for all subscribers together: no subscriber holds up
//     a commit for longer than that.
//  4. A message holds 1 to 256 events and at most 1 MiB of them (an event larger than that goes
//     alone). A socket that has no room (BROKER_FULL) leaves position and credit as they were.
//  5. `live` names the head up to which everything was sent: the position. It is sent when a
//     subscription has caught up after being behind, and every 5 s of real time to everybody, which
//     also shows who has gone (broker.h, BROKER_GONE).
//  6. Rights are looked at with each delivery: an event is sent only if one of the prefixes asked
//     for matches and the role may read its type, there where it lies (store_area.h).
//  7. Nothing is sent before the answer to `subscribe` has gone.
//  8. Positions are of committed events alone: streams_add() is called after the commit.
#pragma once

#include "busd/broker.h"
#include "busd/network.h"
#include "busd/schemas.h"
#include "busd/session.h"
#include "busd/store.h"
#include "busd/store_area.h"
#include "lib/err.h"
#include "lib/json.h"

enum {
    STREAM_MESSAGE_EVENTS = 256,
    STREAM_MESSAGE_BYTES = 1024 * 1024,
    STREAM_SLICE = 1024, // events that are looked at
    STREAM_TURN_SLICES = 4,
    STREAM_TURN_MESSAGES = 8, // from memory, of one subscription
    STREAM_RETRY_MS = 10,     // when a socket has no room
    STREAM_LIVE_MS = 5000
};

struct streams;

struct streams_options {
    struct broker *broker;
    struct sessions *sessions;
    struct store *store;
    const struct schemas *schemas;
    struct reader *reader;            // for where events lie; not owned
    const struct engine_desks *desks; // not owned
    struct network *const *network;   // that is in force
    size_t per_client;
    int64_t credit_max;
};
struct streams *streams_new(const struct streams_options *options);
void streams_free(struct streams *streams);

// Takes the committed packets, in order; the newest is the head.
void streams_add(struct streams *streams, struct packet **packets, size_t count);
// chain(head), 64 hex digits, for `live`.
void streams_set_chain(struct streams *streams, const char *chain);
// In a storm `live` says so: whoever missed mode.changed learns it within 5 s.
void streams_set_mode(struct streams *streams, bool storm);
// Serves everybody once. Returns in how many milliseconds it wants to be called again: 0 when
// somebody is behind and has credit, STREAM_RETRY_MS when a socket had no room, else -1. Timers of
// `live` want a call each second. With `store_free` false the store is not looked at.
int streams_serve(struct streams *streams, int64_t monotonic_ms, bool store_free);
// Somebody who has credit waits for the store.
bool streams_want_store(const struct streams *streams);

// The verbs; bodies are checked here. The answer's JSON is appended to `out`; `ticket` is the answer's.
enum err_code streams_subscribe(struct streams *streams, struct session *session, uint64_t ticket,
                                const struct json *body, struct buf *out, struct err *err);
enum err_code streams_credit(struct streams *streams, struct session *session,
                             const struct json *body, struct err *err);
enum err_code streams_unsubscribe(struct streams *streams, struct session *session,
                                  const struct json *body, struct buf *out, struct err *err);
// All subscriptions of a session that ends.
void streams_drop(struct streams *streams, struct session *session);
// How far the farthest subscription of a session is behind the head.
int64_t streams_lag(const struct streams *streams, const struct session *session);
size_t streams_count(const struct streams *streams);
