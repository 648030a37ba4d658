// What the client's parts share: client.c (socket, link, loop), client_request.c (requests and their
// answers), client_outbox.c (events that must arrive), client_stream.c (the subscription).
#pragma once

#include "lib/client.h"
#include "lib/curve.h"
#include "lib/pin.h"

enum {
    REQUEST_TIMEOUT_MS = 5000,
    WORK_SLICE_MS = 2,      // of one client_poll()
    STREAM_CREDIT = 2000,   // events that may be under way to us
    CREDIT_STEP = 500,      // give credit again after so many
    OUTBOX_WINDOW = 64,     // outbox events under way at once
    OUTBOX_RETRY_MS = 1000, // after `unavailable` or a lost answer
    OUTBOX_LOOK_MS = 5000,  // for events that other programs left in the file
    GREET_AGAIN_MS = 1000,
    FRAME_BYTES = 64,
    POLL_EXTRA = 16
};

// A request under way. Answers come in order, so this is a queue, but they are matched by id.
struct pending {
    uint64_t id;
    int64_t deadline_ms; // monotonic
    int64_t sent_ms;
    client_answered *answered;
    void *context;
};

// Whom to tell of a slip that is not answered yet.
struct waiter {
    int64_t slip;
    client_answered *answered;
    void *context;
};

struct stream {
    bool wanted, active, asked; // asked: `subscribe` is under way
    char **topics;
    size_t topic_count;
    int64_t position; // resume behind it; -1 = from new
    char id[FRAME_BYTES];
    int64_t unacknowledged; // handed out since the last credit
    client_event *event;
    client_live *live;
    void *context;
};

struct client {
    struct client_options options;
    char *endpoint, bus_name[17], *program, *version, *role;
    struct curve_pair key; // for tcp; empty = none
    char *person, pin[PIN_BYTES];
    bool pin_refused;
    char server_key[CURVE_TEXT_BYTES];
    void *zmq, *socket, *monitor, *feed; // feed: NULL unless asked for
    client_event *feed_event;
    void *feed_context;
    bool connected, up; // handshake done; hello answered
    struct err why;     // of being down
    client_link_changed *link_changed;
    void *link_context;
    struct json_doc *doc;       // of the message at hand
    struct json_doc *own_doc;   // of an event on its way out
    struct json_doc *hello_doc; // keeps hello's strings
    struct client_hello hello;
    bool greeted;
    uint64_t next_id;
    struct pending *pending;
    size_t pending_count, pending_capacity;
    int64_t last_heard_ms; // UTC
    int round_trip_ms;
    struct stream stream;
    struct outbox *outbox;
    client_settled *settled; // of slips without a waiter
    void *settled_context;
    struct waiter *waiters;
    size_t waiter_count, waiter_capacity;
    int64_t sent_slip; // highest slip under way or answered
    size_t slips_under_way;
    int64_t outbox_again_ms; // monotonic: look at the file again
    int64_t outbox_pause_ms; // monotonic: the broker was busy; nothing is sent before
    int64_t greet_again_ms;  // monotonic: say hello or subscribe again
    size_t depth;
    int64_t oldest_ms;
};

// client.c: the three frames of a request; false when the broker takes none now.
bool client_send(struct client *client, const char *verb, struct slice id, struct slice body);
void client_say_link(struct client *client, enum client_link link);

// client_request.c. False when it ended at once (link down).
bool client_start_request(struct client *client, const char *verb, struct slice body,
                          client_answered *answered, void *context);
void client_handle_answer(struct client *client, bool ok, struct slice id, struct slice body);
// Ends every request whose deadline is not after `before_ms` with `why`.
void client_fail_pending(struct client *client, const struct err *why, int64_t before_ms);

// client_outbox.c
void client_look_at_outbox(struct client *client);
void client_send_outbox(struct client *client);

// client_stream.c
void client_drop_stream(struct stream *stream);
void client_send_subscribe(struct client *client);
void client_give_credit(struct client *client);
void client_handle_event(struct client *client, struct slice bytes);
void client_handle_live(struct client *client, struct slice bytes);
