// The daemon: everything that is open, and the loop that turns it.
//
// One turn: take what waits on the requests socket, up to a bound; decide and commit the publishes
// among it in one batch; answer; push to the subscriptions and the feed; look again. There is no
// timer between a request and its commit: while one commit runs, the next batch gathers (BUS.md
// §2.2).
//
// A batch of HANDOVER requests or more is committed by a thread of its own while the loop goes on
// receiving and reading publishes (committer.h); everything else that touches store, journal or
// engine first waits for it. So there is one batch under way and one that gathers, at most.
//
// A request other than publish or credit that follows a publish of the same client ends the batch,
// so that it sees what that publish made true.
#pragma once

#include "busd/access.h"
#include "busd/answers.h"
#include "busd/batch.h"
#include "busd/broker.h"
#include "busd/calendar.h"
#include "busd/committer.h"
#include "busd/config.h"
#include "busd/desks.h"
#include "busd/etas.h"
#include "busd/feed.h"
#include "busd/import.h"
#include "busd/metrics.h"
#include "busd/offices.h"
#include "busd/queries.h"
#include "busd/retention.h"
#include "busd/rules.h"
#include "busd/schemas.h"
#include "busd/session.h"
#include "busd/sign_on.h"
#include "busd/stream.h"
#include "busd/timers.h"
#include "busd/zap.h"
#include "lib/err.h"

struct daemon {
    const struct config *config;
    enum language language; // of busd's own sentences and of strangers
    // In the order in which they are opened.
    struct store *store;
    struct access *access;
    struct schemas *schemas;
    struct journal *journal;
    struct network *network;
    struct engine_timers timers;
    struct engine_desks desks;
    struct engine_etas etas;
    struct engine_calendar calendar;
    struct offices offices;
    struct answers answers;
    struct rules_loaded *rules;
    struct engine *engine;
    struct imports *imports;
    void *context; // ZeroMQ's
    struct zap *zap;
    struct endpoints endpoints;
    struct broker *broker;
    struct sessions *sessions;
    struct sign_ons *sign_ons;
    struct reader *reader; // of the loop: where events lie (store_area.h)
    struct streams *streams;
    struct feed *feed;
    struct queries *queries;
    struct metrics metrics;
    struct metrics_server *metrics_server;
    struct committer *committer;
    // The batch that is being gathered, and the one that is under way.
    struct batch batch;
    uint64_t batch_number;
    struct publish **waiting, **running;
    size_t waiting_count, waiting_bytes, waiting_events, running_count;
    struct publish **spare;
    size_t spare_count;
    struct packet **spare_packets; // the array of packets that the batch takes next
    size_t spare_packet_capacity;
    struct retention retention;
    // Time.
    bool replay;
    int64_t clock_ms;     // of a replay clock; else the latest recordedtime
    int64_t tick_ms;      // monotonic: the next second's work
    int64_t self_test_ms; // monotonic: the next test of the handshake
    int64_t anchor_ms;    // monotonic: the next minute's anchor
    int64_t anchored;     // the heads that were anchored last, added up
    // The verbs' scratch.
    struct json_doc *doc;
    struct buf body;
    int signals; // signalfd
    bool failed; // end without another answer, for want of the journal if `fault` says nothing else
    struct err fault;
    bool stuck; // the handler of handshakes is dead: closing in order would wait for it
};

// The files that say who may what.
struct access_files daemon_access_files(const struct config *config, const struct schemas *schemas);
// Opens everything and recovers. NULL with a sentence.
struct daemon *daemon_open(const struct config *config, struct err *err);
// Runs until a signal or a failure. ERR_OK after a signal: the batch was finished.
enum err_code daemon_run(struct daemon *daemon, struct err *err);
void daemon_close(struct daemon *daemon); // NULL is allowed

// The broker's time; never before an event that is recorded.
int64_t daemon_now_ms(const struct daemon *daemon);
// The same for what is to be recorded now: time never goes back behind it, whatever the system's clock does.
int64_t daemon_stamp_ms(struct daemon *daemon);
// Waits for the batch under way, answers and pushes; store, journal and engine are the loop's again.
// False: the journal failed.
bool daemon_settle(struct daemon *daemon);
// The same, and then commits what waits too.
bool daemon_commit(struct daemon *daemon);
// Hands what the batch committed to the subscriptions and the feed.
void daemon_tell(struct daemon *daemon);
// The replay clock moves on, and what runs out before is journalled and told first.
enum err_code daemon_pass_clock(struct daemon *daemon, int64_t to_ms, struct err *err);
// Says the heads of journal and access record where they cannot be taken back (journal_anchor.h).
void daemon_anchor(struct daemon *daemon);
// Reads what memory needs from the store: at start and after an import.
enum err_code daemon_load_network(struct daemon *daemon, struct err *err);
