// Counters for people and machines: /metrics (Prometheus text), /healthz, /readyz over HTTP, on the
// loopback or on a Unix socket. Without personal data, identities or routing ids.
#pragma once

#include "lib/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

// X(field, "name", "type", "help")
#define METRICS(X)                                                                             \
    X(requests, "pult_requests_total", "counter", "Requests that came.")                       \
    X(refused, "pult_requests_refused_total", "counter",                                       \
      "Requests that were answered by an error.")                                              \
    X(dropped, "pult_requests_dropped_total", "counter",                                       \
      "Requests dropped unanswered, of clients that leave their answers undrained.")           \
    X(events, "pult_events_total", "counter", "Events committed since the start.")             \
    X(duplicates, "pult_duplicates_total", "counter", "Events that were there already.")       \
    X(ahead, "pult_events_ahead_total", "counter",                                             \
      "Events whose time was more than 5 minutes ahead of the broker's.")                      \
    X(batches, "pult_batches_total", "counter", "Commits.")                                    \
    X(commit_us, "pult_commit_microseconds_total", "counter",                                  \
      "Time spent deciding and committing.")                                                   \
    X(queries, "pult_queries_total", "counter", "Queries answered.")                           \
    X(head, "pult_journal_head", "gauge", "Sequence of the last event.")                       \
    X(clients, "pult_clients", "gauge", "Clients connected.")                                  \
    X(subscriptions, "pult_subscriptions", "gauge", "Subscriptions.")                          \
    X(open_incidents, "pult_open_incidents", "gauge", "Open incidents.")                       \
    X(wal_bytes, "pult_wal_bytes", "gauge", "Size of the journal's write-ahead log.")          \
    X(admitted, "pult_handshakes_admitted_total", "counter", "Handshakes that were admitted.") \
    X(denied, "pult_handshakes_refused_total", "counter", "Handshakes that were refused.")

struct metrics {
#define X(field, name, type, help) atomic_llong field;
    METRICS(X)
#undef X
    atomic_llong turned_ms; // monotonic time of the loop's last turn
    atomic_bool ready;      // everything is open and recovered
};

struct metrics_server;

// `where`: ADDRESS:PORT of the loopback, or the path of a Unix socket. NULL with a sentence.
// The server reads `metrics` from a thread of its own.
struct metrics_server *metrics_start(const struct metrics *metrics, const char *where,
                                     struct err *err);
void metrics_stop(struct metrics_server *server); // NULL is allowed
// Checks `where` without opening it.
enum err_code metrics_check(const char *where, struct err *err);

#define METRICS_ADD(metrics, field, amount) \
    atomic_fetch_add_explicit(&(metrics)->field, (amount), memory_order_relaxed)
#define METRICS_SET(metrics, field, value) \
    atomic_store_explicit(&(metrics)->field, (value), memory_order_relaxed)
