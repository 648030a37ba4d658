// What publishing one event is answered with, beside its sequence (EVENTS.md, "result" of each
// type): numbers that were given, and for a contact what is known at its place and what to say.
#pragma once

#include "busd/engine.h"
#include "busd/say.h"
#include "busd/store.h"
#include "lib/json.h"

struct result_context {
    const struct engine *engine;
    struct store *store; // for records that are not in memory
    const struct say_company *company;
    enum language language;
    int64_t now_ms;
};

// Appends one object to the array that `out` holds. `event` is as decided or as stored.
void result_write(const struct result_context *context, const struct event *event, bool duplicate,
                  struct buf *out);
