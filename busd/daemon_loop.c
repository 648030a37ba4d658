#include "busd/request.h"

#include "lib/clock.h"
#include "lib/log.h"

#include <systemd/sd-daemon.h>

#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,
    TURN_MESSAGES = 4096,            // of any verb, before the others get their turn
    REQUEST_KEPT_BYTES = 64 * 1024   // memory of a larger request is given back
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
        daemon->spare[daemon->spare_count++] = request;
}

void daemon_tell(struct daemon *daemon)
{
    struct batch *batch = &daemon->batch;
    bool listened = zap_feed_was_used(daemon->zap);

    for (size_t i = 0; i < batch->packet_count; i++)
        feed_event(daemon->feed, batch->packets[i], listened);
    METRICS_ADD(&daemon->metrics, events, (long long)batch->packet_count);
    METRICS_SET(&daemon->metrics, head, store_head(daemon->store, NULL));
    streams_add(daemon->streams, batch->packets, batch->packet_count);
    batch->packet_count = 0;
}

static bool commit_some(struct daemon *daemon)
{
    int64_t now_ms = daemon_now_ms(daemon), started_us = now_us();
    size_t done = batch_run(&daemon->batch, daemon->waiting, daemon->waiting_count, now_ms);
    char tail[128];

    if (done == 0)
        return false;
    METRICS_ADD(&daemon->metrics, batches, 1);
    METRICS_ADD(&daemon->metrics, commit_us, now_us() - started_us);
    if (daemon->batch.packet_count && !daemon->replay)
        daemon->clock_ms = now_ms;
    snprintf(tail, sizeof tail, "],\"head\":%lld,\"chain\":\"%s\"}",
             (long long)journal_head(daemon->journal), journal_chain(daemon->journal));
    for (size_t i = 0; i < done; i++) {
        answer_request(daemon, daemon->waiting[i], tail);
        put_aside(daemon, daemon->waiting[i]);
    }
    daemon_tell(daemon);
    daemon->waiting_count -= done;
    for (size_t i = 0; i < daemon->waiting_count; i++)
        daemon->waiting[i] = daemon->waiting[i + done];
    return true;
}

bool daemon_commit(struct daemon *daemon)
{
    while (daemon->waiting_count) {
        if (!commit_some(daemon)) {
            daemon->failed = true;
            return false;
        }
    }
    daemon->waiting_bytes = 0;
    daemon->batch_number++;
    return true;
}

// --- one turn -----------------------------------------------------------------------------------

// Takes what waits, up to the bound of one batch. False: a socket or the journal failed.
static bool receive(struct daemon *daemon, size_t *received)
{
    const struct config *config = daemon->config;
    struct broker_message message;

    for (*received = 0; *received < TURN_MESSAGES; (*received)++) {
        int got;

        if ((int64_t)daemon->waiting_count >= config->batch_requests ||
            (int64_t)daemon->waiting_bytes >= config->batch_bytes)
            break;
        got = broker_receive(daemon->broker, &message);
        if (got < 0)
            daemon->failed = true;
        if (got <= 0)
            break;
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

// Each second: what does not hang on a request.
static void tick(struct daemon *daemon, int64_t monotonic_ms, bool idle)
{
    if (monotonic_ms < daemon->tick_ms)
        return;
    daemon->tick_ms = monotonic_ms + TICK_MS;
    feed_heartbeat(daemon->feed, daemon_now_ms(daemon));
    imports_expire(daemon->imports, monotonic_ms);
    if (idle)
        METRICS_SET(&daemon->metrics, wal_bytes, store_idle(daemon->store));
    set_gauges(daemon);
    sd_notify(0, "WATCHDOG=1");
}

static bool was_signalled(struct daemon *daemon)
{
    struct signalfd_siginfo signal;

    return read(daemon->signals, &signal, sizeof signal) == sizeof signal;
}

// One turn; how long the next wait may be.
static int turn(struct daemon *daemon, bool queries)
{
    int64_t monotonic_ms = clock_monotonic_now_ms();
    size_t received;
    int again;

    METRICS_SET(&daemon->metrics, turned_ms, monotonic_ms);
    sessions_drain_closed(daemon->sessions);
    if (!receive(daemon, &received) || !daemon_commit(daemon))
        return -1;
    if (queries)
        queries_drain(daemon->queries, request_query_done, daemon);
    again = streams_serve(daemon->streams, monotonic_ms);
    if (sessions_flush(daemon->sessions) && (again < 0 || again > STREAM_RETRY_MS))
        again = STREAM_RETRY_MS;
    tick(daemon, monotonic_ms, received == 0);
    if (store_failed(daemon->store))
        daemon->failed = true;
    if (again < 0 || again > TICK_MS)
        again = (int)(daemon->tick_ms - monotonic_ms);
    return again;
}

enum err_code daemon_run(struct daemon *daemon, struct err *err)
{
    struct pollfd extra[] = {{.fd = queries_fd(daemon->queries), .events = POLLIN},
                             {.fd = daemon->signals, .events = POLLIN}};
    int wait_ms = 0;

    METRICS_SET(&daemon->metrics, head, store_head(daemon->store, NULL));
    set_gauges(daemon);
    METRICS_SET(&daemon->metrics, ready, true);
    sd_notify(0, "READY=1");
    log_info("ready requests=%s", daemon->config->requests[0]);
    for (;;) {
        extra[0].revents = extra[1].revents = 0;
        broker_wait(daemon->broker, extra, 2, wait_ms);
        wait_ms = turn(daemon, extra[0].revents != 0);
        if (daemon->failed)
            return err_set(err, ERR_UNAVAILABLE, "io_error",
                           "the journal failed; busd stops so that nothing is acknowledged that is "
                           "not on disk",
                           "журнал отказал; busd останавливается, чтобы не подтвердить того, чего "
                           "нет на диске");
        if (extra[1].revents && was_signalled(daemon)) {
            sd_notify(0, "STOPPING=1");
            log_info("stopping head=%lld", (long long)store_head(daemon->store, NULL));
            return ERR_OK;
        }
    }
}
