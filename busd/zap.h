// Who may connect: the ZAP handler (RFC 27), in a thread of its own, bound before any socket.
//
//  1. Over ipc libzmq gives the peer's credentials as the address `localhost:UID:GID:PID`; the
//     account of that UID must have a role, or the handshake is refused.
//  2. The reply names the identity, never empty: what a peer writes into its own READY is overruled
//     (RELIABILITY F2).
//  3. Every socket has a domain and option 93, so that without this handler nobody gets in (F1).
//  4. Over TCP the CURVE key must stand in keys.yaml. It goes with every message of the connection, so
//     that one that was exchanged under the same name is told from it. Without CURVE only the loopback
//     can be served (endpoints.h), to those whom roles.yaml lets in.
//  5. Handshakes are the only moment at which libzmq asks. Who was let in to the feed is therefore
//     kept, so that a reload can tell whether somebody must be put out again.
#pragma once

#include "busd/access.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

struct zap;

#define ZAP_DOMAIN_REQUESTS  "pult.requests"
#define ZAP_DOMAIN_FEED      "pult.feed"
#define ZAP_DOMAIN_SELF_TEST "pult.self-test"
#define ZAP_KEY_PROPERTY     "Pult-Key" // the peer's public key, of every message; empty = none

// `context` is the ZeroMQ context of all sockets. `access` must outlive the handler or its replacement.
struct zap *zap_start(void *context, const struct access *access, struct err *err);
void zap_stop(struct zap *zap);

// Sets domain, option 93, the message limit and the handshake's time on a socket, before it binds.
enum err_code zap_guard_socket(void *socket, const char *domain, int64_t message_bytes,
                               struct err *err);
// A peer with a random key must be refused, else ERR_DENIED: the daemon must not run, or not go on. A
// few milliseconds; SELF_TEST_MS where the handler is dead.
enum err_code zap_self_test(void *context, struct err *err);

bool zap_feed_was_used(const struct zap *zap); // somebody was admitted to the feed
// Handshakes are judged by this table from now on; the former one may be freed. True when somebody who
// was let in to the feed has no right to it any more: it must be bound anew, and whoever was there is
// forgotten.
bool zap_set_access(struct zap *zap, const struct access *access);
int64_t zap_admitted(const struct zap *zap);
int64_t zap_refused(const struct zap *zap);
