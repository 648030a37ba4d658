// The calls that this operator took: what became of each, and the ETA of its incident as it changes,
// so that the caller can be told. Filled from the outbox after a restart.
#pragma once

#include "intake/texts.h"
#include "lib/json.h"
#include "lib/outbox.h"

#include <stdbool.h>
#include <stdint.h>

enum call_state { CALL_WAITING, CALL_REGISTERED, CALL_REFUSED };

// A call as listed. Strings are owned; NULL = not known.
struct call {
    int64_t slip, taken_ms, incident, planned;
    enum call_state state;
    char *reg_no, *place, *problem, *fault;
    int64_t eta_at; // 0 = none
    bool restored;
    bool told;    // its slip was told to the caller: the bus was away
    bool changed; // since the operator last looked
};

struct calls {
    struct call *items; // oldest first
    size_t count, capacity;
};

void calls_fini(struct calls *calls);
// A call that was taken: its event as published.
struct call *calls_add(struct calls *calls, int64_t slip, int64_t taken_ms,
                       const struct json *event);
struct call *calls_find(const struct calls *calls, int64_t slip); // NULL = not in the list
struct call *calls_find_number(const struct calls *calls, const char *reg_no);
// What the broker answered: its result, or the fault. NULL when the slip is not in the list.
struct call *calls_settle(struct calls *calls, int64_t slip, const struct json *result,
                          const char *fault);
// One of the outbox, as it stands there.
void calls_restore(struct calls *calls, const struct outbox_item *item, struct json_doc *doc);

// An event of the bus. Returns the incident whose callers now have something to be told, else 0;
// `text` is then the message's id and `eta_ms` its time.
int64_t calls_event(struct calls *calls, struct slice topic, const struct json *event,
                    enum intake_text *text, int64_t *eta_ms);
// Takes the ETA from a row of `query eta incident=…`.
void calls_take_eta(struct calls *calls, const struct json *row);
// "2026-000123, ул. Садовая, 12; …": who took part in an incident.
void calls_of_incident(const struct calls *calls, int64_t incident, struct buf *out);
void calls_seen(struct calls *calls); // the list was looked at
