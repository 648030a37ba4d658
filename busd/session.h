// The peers: who each is, which role and language it chose, and what it is still owed.
//
//  1. A session is one connection, known by the routing id that the broker gave it. Its identity
//     comes with every message; another identity under the same routing id is another session.
//  2. Answers go out in the order of the requests: an answer that is not ready holds back those
//     behind it. One whose peer does not drain is kept and tried again.
//  3. A peer that leaves more than SESSION_OWED_MAX answers, or SESSION_OWED_BYTES_MAX of them,
//     undrained has further requests dropped
//     unanswered, which to it means unknown (PROTOCOL §2).
//  4. A session ends when its connection closes, or when sending says that the peer has gone.
//     Answers under way (queries, batches) hold a ticket, not a pointer: one that comes back for a
//     session that ended is dropped.
#pragma once

#include "busd/access.h"
#include "busd/broker.h"
#include "lib/buf.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sessions;
struct stream;

enum {
    SESSION_OWED_MAX = 20000,
    SESSION_OWED_BYTES_MAX = 16 * 1024 * 1024,
    SESSION_ID_BYTES = 64,
    SESSION_CLIENT_BYTES = 64,
    SESSION_FROM_BYTES = 64
};

struct answer;

struct session {
    char peer[BROKER_PEER_BYTES];
    int connection;
    struct access_account account;
    char from[SESSION_FROM_BYTES];     // where the connection comes from, for the access record
    char public_key[CURVE_TEXT_BYTES]; // that the connection was made with; empty = without one
    const struct access_role *role;
    const struct access_person *person; // who signed on; NULL = nobody
    enum language language;
    char client[SESSION_CLIENT_BYTES + 1]; // what hello told; empty before
    int64_t since_ms;
    struct stream *streams; // its subscriptions; stream.h
    size_t stream_count;
    uint64_t batch; // the last one that it has requests in; daemon.h
    // Kept by session.c.
    struct answer *first, *last;
    size_t owed, owed_bytes;
    size_t asked; // queries of it that are under way
    bool full;    // the last try to send found no room
    struct session *next_bucket, *next_full;
};

struct sessions_options {
    struct broker *broker;
    const struct access *access;
    size_t clients_max;
    enum language language;
};
struct sessions *sessions_new(const struct sessions_options *options);
void sessions_free(struct sessions *sessions);
size_t sessions_count(const struct sessions *sessions);
// Called for a session that ends, before it is freed.
typedef void session_ended(void *context, struct session *session);
void sessions_on_end(struct sessions *sessions, session_ended *ended, void *context);

// The session of a message, made when it is new. NULL and ERR_LIMIT beyond clients_max, ERR_DENIED
// when the identity has no role any more.
struct session *sessions_of(struct sessions *sessions, const struct broker_message *message,
                            int64_t now_ms, struct err *err);
// Who acts, for a field `by`: the person who signed on behind a shared account, else the identity.
const char *session_by(const struct session *session);
// The name of whoever sits behind it: the person who signed on, else the account's or key's.
struct slice session_who(const struct session *session);
void sessions_end(struct sessions *sessions, struct session *session);
// Another table of rights is in force: whoever no longer has the role that it uses is cut off, and so
// connects anew; a query that is being answered under rights that have changed ends `unavailable`.
void sessions_set_access(struct sessions *sessions, const struct access *access);
// Ends those whose connections closed.
void sessions_drain_closed(struct sessions *sessions);
// Tries again what found no room; true when some still waits.
bool sessions_flush(struct sessions *sessions);
typedef void session_each(void *context, struct session *session);
void sessions_each(struct sessions *sessions, session_each *each, void *context);

// A promise to answer: its place in the order is taken now. `enveloped`: the request began with an
// empty frame, and so does its answer.
struct answer *session_owe(struct sessions *sessions, struct session *session,
                           struct slice request_id, bool enveloped);
void answer_set_language(struct answer *answer, enum language language); // of its refusal
// It waits for the query thread.
void answer_set_asked(struct answer *answer);
bool session_is_overdrawn(const struct session *session); // invariant 3
// It was asked for under rights that have changed since.
bool answer_is_stale(const struct answer *answer);
uint64_t answer_ticket(const struct answer *answer);
// Keeps the promise; `answer` is gone. Whether the session still lives does not matter. When the
// peer is found gone its session ends.
void answer_ok(struct sessions *sessions, struct answer *answer, struct slice body);
void answer_error(struct sessions *sessions, struct answer *answer, const struct err *err);
// The answer of a ticket; NULL when it is no longer owed.
struct answer *sessions_answer(struct sessions *sessions, uint64_t ticket);

// An error to one without a session, or to a `credit`: out of order, best effort.
void sessions_refuse(struct sessions *sessions, struct slice peer, struct slice request_id,
                     bool enveloped, enum language language, const struct err *err);
