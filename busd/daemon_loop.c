#include "busd/request.h"

#include "busd/batch_timer.h"
#include "busd/journal_anchor.h"
#include "busd/reload.h"

#include "lib/clock.h"
#include "lib/log.h"

#include <systemd/sd-daemon.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,
    HANDSHAKE_TEST_MS = 60 * 1000,
    ANCHOR_MS = 60 * 1000,
    HANDOVER = 32,                 // requests from which a batch is worth another thread
    TURN_MESSAGES = 4096,          // of any verb, before the others get their turn
    TURN_BYTES = 1024 * 1024,      // likewise: what is refused costs time too
    BATCH_EVENTS = 1024,           // from so many on others wait too long for the next batch
    REQUEST_KEPT_BYTES = 64 * 1024 // memory of a larger request is given back
};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

// --- committing ---------------------------------------------------------------------------------

static void answer_request(struct daemon *daemon, struct publish *request, const char *tail)
{
    struct answer *answer = sessions_answer(daemon->sessions, request->ticket);

    if (request->err.code != ERR_OK) {
        METRICS_ADD(&daemon->metrics, refused, 1);
        answer_error(daemon->sessions, answer, &request->err);
        return;
    }
    buf_clear(&daemon->body);
    buf_add_text(&daemon->body, "{\"results\":[");
    buf_add(&daemon->body, request->results.data, request->results.length);
    buf_add_text(&daemon->body, tail);
    answer_ok(daemon->sessions, answer, (struct slice){daemon->body.data, daemon->body.length});
}

static void put_aside(struct daemon *daemon, struct publish *request)
{
    if (request->body.capacity > REQUEST_KEPT_BYTES)
        publish_free(request);
    else
        publish_clear(daemon->spare[daemon->spare_count++] = request);
}

// What a commit made true, as everybody is told of it. A copy of what the next batch changes, so that
// it may be under way already.
struct outcome {
    struct packet **packets;
    size_t packet_count, packet_capacity;
    int64_t head;
    char chain[2 * STORE_CHAIN_BYTES + 1];
    bool storm;
};

static struct outcome take_outcome(struct daemon *daemon)
{
    struct batch *batch = &daemon->batch;
    struct outcome outcome = {.packets = batch->packets,
                              .packet_count = batch->packet_count,
                              .packet_capacity = batch->packet_capacity,
                              .head = journal_head(daemon->journal),
                              .storm = engine_is_storm(daemon->engine)};

    snprintf(outcome.chain, sizeof outcome.chain, "%s", journal_chain(daemon->journal));
    batch->packets = daemon->spare_packets;
    batch->packet_capacity = daemon->spare_packet_capacity;
    batch->packet_count = 0;
    daemon->spare_packets = NULL;
    daemon->spare_packet_capacity = 0;
    return outcome;
}

static void tell(struct daemon *daemon, struct outcome *outcome)
{
    bool listened = zap_feed_was_used(daemon->zap);

    for (size_t i = 0; i < outcome->packet_count; i++)
        feed_event(daemon->feed, outcome->packets[i], listened);
    METRICS_ADD(&daemon->metrics, events, (long long)outcome->packet_count);
    METRICS_SET(&daemon->metrics, head, outcome->head);
    streams_add(daemon->streams, outcome->packets, outcome->packet_count);
    streams_set_chain(daemon->streams, outcome->chain);
    streams_set_mode(daemon->streams, outcome->storm);
    daemon->spare_packets = outcome->packets;
    daemon->spare_packet_capacity = outcome->packet_capacity;
}

void daemon_tell(struct daemon *daemon)
{
    struct outcome outcome = take_outcome(daemon);

    tell(daemon, &outcome);
}

static void answer_batch(struct daemon *daemon, struct publish **requests, size_t count,
                         struct outcome *outcome, int64_t took_us)
{
    char tail[128];

    METRICS_ADD(&daemon->metrics, batches, 1);
    METRICS_ADD(&daemon->metrics, commit_us, took_us);
    snprintf(tail, sizeof tail, "],\"head\":%lld,\"chain\":\"%s\"}", (long long)outcome->head,
             outcome->chain);
    for (size_t i = 0; i < count; i++) {
        answer_request(daemon, requests[i], tail);
        put_aside(daemon, requests[i]);
    }
    tell(daemon, outcome);
}

// Answers what became of a batch whose first `done` requests were decided, and pushes it. What was
// left over, behind an array that was undone, is committed by a batch of its own.
static bool finish_batch(struct daemon *daemon, struct publish **requests, size_t count,
                         size_t done, int64_t took_us)
{
    while (done) {
        struct outcome outcome = take_outcome(daemon);
        int64_t started_us;

        answer_batch(daemon, requests, done, &outcome, took_us);
        requests += done;
        count -= done;
        if (count == 0)
            return true;
        started_us = now_us();
        done = batch_run(&daemon->batch, requests, count, daemon_stamp_ms(daemon));
        took_us = now_us() - started_us;
    }
    daemon->failed = true;
    return false;
}

bool daemon_settle(struct daemon *daemon)
{
    int64_t took_us;
    size_t done;

    if (!committer_is_busy(daemon->committer))
        return true;
    done = committer_finish(daemon->committer, &took_us);
    return finish_batch(daemon, daemon->running, daemon->running_count, done, took_us);
}

// Takes what waits as the batch to commit.
static void take_waiting(struct daemon *daemon)
{
    struct publish **requests = daemon->waiting;

    daemon->waiting = daemon->running;
    daemon->running = requests;
    daemon->running_count = daemon->waiting_count;
    daemon->waiting_count = daemon->waiting_bytes = daemon->waiting_events = 0;
    daemon->batch_number++;
    daemon_stamp_ms(daemon);
}

// The batch under way is done and the next one has gathered: that one starts first, then the former is
// answered beside it, so that the disk never waits for the answers.
static bool relay(struct daemon *daemon)
{
    struct publish **requests = daemon->running;
    size_t count = daemon->running_count;
    int64_t took_us;
    size_t done = committer_finish(daemon->committer, &took_us);

    if (done < count || store_failed(daemon->store))
        return finish_batch(daemon, requests, count, done, took_us);
    struct outcome outcome = take_outcome(daemon);
    take_waiting(daemon); // `requests` is the array that gathers next: answered before it does
    committer_begin(daemon->committer, daemon->running, daemon->running_count, daemon->clock_ms);
    answer_batch(daemon, requests, count, &outcome, took_us);
    return true;
}

static bool commit_here(struct daemon *daemon)
{
    int64_t started_us = now_us();
    size_t done;

    take_waiting(daemon);
    done = batch_run(&daemon->batch, daemon->running, daemon->running_count, daemon->clock_ms);
    return finish_batch(daemon, daemon->running, daemon->running_count, done,
                        now_us() - started_us);
}

bool daemon_commit(struct daemon *daemon)
{
    if (!daemon_settle(daemon))
        return false;
    return daemon->waiting_count == 0 || commit_here(daemon);
}

// --- one turn -----------------------------------------------------------------------------------

static bool is_full(const struct daemon *daemon)
{
    return (int64_t)daemon->waiting_count >= daemon->config->batch_requests ||
           (int64_t)daemon->waiting_bytes >= daemon->config->batch_bytes ||
           daemon->waiting_events >= BATCH_EVENTS;
}

// Takes what waits, up to the bound of one batch. False: a socket or the journal failed.
static bool receive(struct daemon *daemon, size_t *received)
{
    struct broker_message message;

    size_t bytes = 0;

    for (*received = 0; *received < TURN_MESSAGES && bytes < TURN_BYTES; (*received)++) {
        int got;

        if (is_full(daemon))
            break;
        got = broker_receive(daemon->broker, &message);
        if (got < 0)
            daemon->failed = true;
        if (got <= 0)
            break;
        for (size_t i = 0; i < message.count; i++)
            bytes += message.frames[i].length;
        if (!request_handle(daemon, &message) || daemon->failed)
            return false;
    }
    return !daemon->failed;
}

static void set_gauges(struct daemon *daemon)
{
    struct metrics *metrics = &daemon->metrics;

    METRICS_SET(metrics, clients, (long long)sessions_count(daemon->sessions));
    METRICS_SET(metrics, subscriptions, (long long)streams_count(daemon->streams));
    METRICS_SET(metrics, open_incidents, (long long)engine_open_incidents(daemon->engine));
    METRICS_SET(metrics, admitted, zap_admitted(daemon->zap));
    METRICS_SET(metrics, denied, zap_refused(daemon->zap));
    METRICS_SET(metrics, duplicates, daemon->batch.duplicates);
    METRICS_SET(metrics, ahead, daemon->batch.ahead);
}

static void tell_passed(void *context, int64_t now_ms)
{
    struct daemon *daemon = context;

    daemon->clock_ms = now_ms;
    daemon_tell(daemon);
}

// Of a long list a first part. False: more are left, or with `err` not even that.
static bool pass_deadlines(struct daemon *daemon, struct err *err)
{
    int64_t now_ms = daemon_now_ms(daemon);
    bool none_left =
        batch_pass_timers(&daemon->batch, now_ms, now_ms, false, tell_passed, daemon, err);

    if (store_failed(daemon->store))
        daemon->failed = true;
    return none_left;
}

enum err_code daemon_pass_clock(struct daemon *daemon, int64_t to_ms, struct err *err)
{
    enum err_code code =
        batch_pass_clock(&daemon->batch, daemon_now_ms(daemon), to_ms, tell_passed, daemon, err);

    if (code == ERR_OK)
        daemon->clock_ms = to_ms;
    daemon->failed |= store_failed(daemon->store);
    return code;
}

// Each minute: a stranger must still be refused, and so the handler be alive.
static void test_handshake(struct daemon *daemon, int64_t monotonic_ms)
{
    if (monotonic_ms < daemon->self_test_ms)
        return;
    daemon->self_test_ms = monotonic_ms + HANDSHAKE_TEST_MS;
    if (zap_self_test(daemon->context, &daemon->fault) != ERR_OK)
        daemon->failed = daemon->stuck = true;
}

void daemon_anchor(struct daemon *daemon)
{
    struct journal_anchor anchor;
    struct err err;

    err_clear(&err);
    anchor.sequence = store_head(daemon->store, anchor.chain);
    anchor.access = queries_seen(daemon->queries, anchor.access_chain);
    if (anchor.sequence + anchor.access == daemon->anchored)
        return;
    daemon->anchored = anchor.sequence + anchor.access; // neither ever goes back
    journal_witness(daemon->journal);
    if (journal_anchor_say(&anchor, journal_lineage(daemon->journal), daemon_now_ms(daemon),
                           daemon->config->anchor, &err) != ERR_OK)
        log_error("no anchor was written error=\"%s\"", err.message[LANGUAGE_EN]);
}

// Each second: what does not hang on a request.
static void tick(struct daemon *daemon, int64_t monotonic_ms, bool idle)
{
    struct err err;

    if (monotonic_ms < daemon->tick_ms)
        return;
    daemon->tick_ms = monotonic_ms + TICK_MS;
    err_clear(&err);
    if (!pass_deadlines(daemon, &err)) {
        if (err.code == ERR_OK)
            daemon->tick_ms = monotonic_ms; // more of them, after the next turn
        else
            log_error("deadlines were not journalled reason=%s error=\"%s\"", err.reason,
                      err.message[LANGUAGE_EN]);
    }
    feed_heartbeat(daemon->feed, daemon_now_ms(daemon));
    test_handshake(daemon, monotonic_ms);
    imports_expire(daemon->imports, monotonic_ms);
    if (!daemon->replay) {
        int64_t now_ms = daemon_now_ms(daemon);

        retention_step(&daemon->retention, &daemon->batch, now_ms);
        if (daemon->batch.packet_count)
            daemon->clock_ms = now_ms;
        daemon_tell(daemon);
    }
    if (monotonic_ms >= daemon->anchor_ms) {
        daemon->anchor_ms = monotonic_ms + ANCHOR_MS;
        daemon_anchor(daemon);
    }
    if (idle)
        METRICS_SET(&daemon->metrics, wal_bytes, store_idle(daemon->store));
    set_gauges(daemon);
    sd_notify(0, "WATCHDOG=1");
}

// Handles the signals that came; true when one of them ends the daemon.
static bool was_told_to_end(struct daemon *daemon)
{
    struct signalfd_siginfo signal;
    struct err err;

    while (read(daemon->signals, &signal, sizeof signal) == sizeof signal) {
        if (signal.ssi_signo != SIGHUP)
            return true;
        err_clear(&err);
        sd_notify(0, "RELOADING=1");
        reload_files(daemon, "pult:busd", &err);
        sd_notify(0, "READY=1");
    }
    return false;
}

// Pushes, and each second the other work. While a batch is under way the store is not the loop's:
// then only what is in memory is pushed. How long the next wait may be.
static int serve(struct daemon *daemon, bool idle)
{
    int64_t monotonic_ms = clock_monotonic_now_ms();
    bool own = !committer_is_busy(daemon->committer);
    int again = streams_serve(daemon->streams, monotonic_ms, own);

    if (!own)
        return again;
    tick(daemon, monotonic_ms, idle);
    if (store_failed(daemon->store))
        daemon->failed = true;
    if (again < 0 || again > TICK_MS)
        again = (int)(daemon->tick_ms - monotonic_ms);
    return again;
}

// Commits what waits: here, or a large batch beside the loop. False: the journal failed.
static bool commit(struct daemon *daemon)
{
    if (daemon->waiting_count == 0)
        return true;
    if (daemon->waiting_count < HANDOVER)
        return commit_here(daemon);
    // Under a load that never ends this is the only moment when the store is free.
    if (streams_want_store(daemon->streams) || clock_monotonic_now_ms() >= daemon->tick_ms)
        serve(daemon, false);
    take_waiting(daemon);
    committer_begin(daemon->committer, daemon->running, daemon->running_count, daemon->clock_ms);
    return true;
}

// Whether the next batch may start before the loop has had the store to itself.
static bool can_relay(const struct daemon *daemon)
{
    return committer_is_busy(daemon->committer) && daemon->waiting_count >= HANDOVER &&
           !streams_want_store(daemon->streams) && clock_monotonic_now_ms() < daemon->tick_ms;
}

// One turn; how long the next wait may be. `done`: the batch under way is.
static int turn(struct daemon *daemon, bool queries, bool done)
{
    size_t received;
    int again;

    METRICS_SET(&daemon->metrics, turned_ms, clock_monotonic_now_ms());
    sessions_drain_closed(daemon->sessions);
    if (!receive(daemon, &received))
        return 0;
    if (queries)
        queries_drain(daemon->queries, request_query_done, daemon);
    if ((done || is_full(daemon)) && !(can_relay(daemon) ? relay(daemon) : daemon_settle(daemon)))
        return 0;
    if (!committer_is_busy(daemon->committer) && !commit(daemon))
        return 0;
    again = serve(daemon, received == 0);
    if (sessions_flush(daemon->sessions) && (again < 0 || again > STREAM_RETRY_MS))
        again = STREAM_RETRY_MS;
    return again;
}

enum err_code daemon_run(struct daemon *daemon, struct err *err)
{
    struct pollfd extra[] = {{.fd = queries_fd(daemon->queries), .events = POLLIN},
                             {.fd = daemon->signals, .events = POLLIN},
                             {.fd = committer_fd(daemon->committer), .events = POLLIN}};
    int wait_ms = 0;

    METRICS_SET(&daemon->metrics, head, store_head(daemon->store, NULL));
    set_gauges(daemon);
    daemon->self_test_ms = clock_monotonic_now_ms() + HANDSHAKE_TEST_MS;
    METRICS_SET(&daemon->metrics, ready, true);
    sd_notify(0, "READY=1");
    log_info("ready requests=%s", daemon->endpoints.requests[0].address);
    for (;;) {
        extra[0].revents = extra[1].revents = extra[2].revents = 0;
        broker_wait(daemon->broker, extra, 3, wait_ms);
        wait_ms = turn(daemon, extra[0].revents != 0, extra[2].revents != 0);
        if (daemon->failed && daemon->fault.code != ERR_OK) {
            *err = daemon->fault;
            return err->code;
        }
        if (daemon->failed)
            return err_set(err, ERR_UNAVAILABLE, "io_error",
                           "the journal failed; busd stops so that nothing is acknowledged that is "
                           "not on disk",
                           "журнал отказал; busd останавливается, чтобы не подтвердить того, чего "
                           "нет на диске");
        if (extra[1].revents && was_told_to_end(daemon)) {
            if (!daemon_commit(daemon))
                continue;
            sd_notify(0, "STOPPING=1");
            daemon_anchor(daemon);
            log_info("stopping head=%lld", (long long)store_head(daemon->store, NULL));
            return ERR_OK;
        }
        // A reload finishes the batch under way, whose end would have woken the one that waits.
        if (extra[1].revents)
            wait_ms = 0;
    }
}
