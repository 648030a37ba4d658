// Where busd listens, and with which key. An endpoint is ipc:///path, where the Unix account speaks for
// itself, or tcp://ADDRESS:PORT with an IP address (or * for all of them), where a key does (CURVE). TCP
// without the broker's own key is for the loopback alone, and only where roles.yaml gives `loopback`
// a role: anything else does not start.
//
// CURVE has one server key an endpoint. To change it, the new one (`curve.next_key`) gets endpoints of
// its own for as long as both are in use.
#pragma once

#include "busd/access.h"
#include "busd/config.h"
#include "lib/curve.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { ENDPOINT_BYTES = 512, ENDPOINTS_MAX = 16 };

struct endpoint {
    char address[ENDPOINT_BYTES];
    const struct curve_pair
        *key; // NULL: none, the peer is told by its account or is on this machine
};

struct endpoints {
    struct curve_pair key, next_key;
    struct endpoint requests[ENDPOINTS_MAX], feed[ENDPOINTS_MAX];
    size_t request_count, feed_count;
};

// Checks and reads what the configuration names, key files too. ERR_INVALID, ERR_DENIED or
// ERR_NOT_FOUND with the configuration's key as the path. `access` says whether the loopback may be
// served without a key.
enum err_code endpoints_read(struct endpoints *endpoints, const struct config *config,
                             const struct access *access, struct err *err);
void endpoints_fini(struct endpoints *endpoints); // wipes the keys
// One address, without opening it.
enum err_code endpoint_check(const char *address, bool has_key, struct err *err);
bool endpoint_is_ipc(const char *address);

// The feed for a peer whose connection has this local address: one of the same kind, with the same
// key, at the address that it connected to. "" when there is none.
void endpoints_feed_for(const struct endpoints *endpoints, const struct sockaddr *local,
                        char feed[ENDPOINT_BYTES]);
