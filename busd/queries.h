// Queries: answered on one thread with a read-only connection of its own, so that no question holds
// up a commit. A read transaction is open for one query and has a deadline (RELIABILITY F15).
//
// Every name of EVENTS.md "Queries" is answered here but `agents`, `rights` and `schemas`, which the
// loop answers out of its own memory (request_query.c).
//
// An answer that shows callers' data waits for its entry in the access record (store_seen.h).
//
// One query begins after every commit that was made before queries_submit(): it sees them.
#pragma once

#include "busd/access.h"
#include "busd/desks.h"
#include "busd/engine_hours.h"
#include "busd/journal_keys.h"
#include "busd/network.h"
#include "busd/say.h"
#include "busd/store.h"
#include "lib/crypto.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct queries;

struct queries_options {
    const char *directory; // the data directory: journal.db, access.record
    const char *lineage;   // of the journal
    const struct journal_keys *keys;
    struct say_company company;
    const struct offices *offices; // not owned
    const struct answers *answers; // not owned
    int deadline_ms;               // of one query; then ERR_UNAVAILABLE, reason "deadline"
    size_t waiting_max;            // queries that may wait; beyond it ERR_LIMIT, reason "busy"
};

// Starts the thread. The network is held; queries_set_network() swaps it.
struct queries *queries_start(const struct queries_options *options, struct network *network,
                              struct err *err);
void queries_stop(struct queries *queries); // joins; what waits is dropped
void queries_set_network(struct queries *queries, struct network *network);

// A question that no role may ask and no shape describes: the act of `admin` checks its arguments.
#define QUERY_PERSON_EXPORT "person_export"

// Who asks, and what. Everything is copied.
struct query_request {
    uint64_t ticket; // comes back with the answer; means nothing here
    struct slice name;
    struct slice args;                           // JSON text of an object; empty = {}
    struct slice identity, person, from, client; // for the access record
    enum language language;                      // of `say` and of errors
    bool personal, text, masked, special;        // the role's rights (access.h)
    struct access *access;          // the table that `role` belongs to; held while used
    const struct access_role *role; // which types of events it may read; NULL = all
    struct slice who;               // for what is narrowed to one's own area (store_area.h)
    const struct engine_desks *desks;
    struct hours_limits hours;
    int64_t now_ms; // the broker's time: overdue, windows
};

// False (ERR_LIMIT in `err`) when too many wait.
bool queries_submit(struct queries *queries, const struct query_request *request, struct err *err);
// The access record's last entry: its number, and its chain.
int64_t queries_seen(struct queries *queries, uint8_t chain[CRYPTO_DIGEST_BYTES]);
// Readable when answers wait for queries_drain().
int queries_fd(const struct queries *queries);
// Gives every answer that is ready, in the order in which they were submitted. `body` is the
// answer's JSON {"sequence","rows","next"?}, valid during the call; with a fault it is empty, without
// one `err` is NULL.
typedef void queries_done(void *context, uint64_t ticket, struct slice body, const struct err *err);
void queries_drain(struct queries *queries, queries_done *done, void *context);
