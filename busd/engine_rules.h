// The rules of grouping in force.
//
// The owner gives the engine both sets as they are configured. Which is in force, and with what values,
// is what the last `rules.changed` says: the engine never groups by anything else, so that the journal
// alone tells by which rules each incident was made. Such an event is due while there is a network to
// group on and the set of the company's mode, as configured, is not the one in force: at the start,
// after an import, after a reload. `mode.changed` brings it along.
#pragma once

#include "busd/engine.h"
#include "busd/engine_group_rules.h"

enum { ENGINE_SHA256_BYTES = 65, ENGINE_RULES_LINES = 64 };

struct engine_rules {
    struct {
        struct slice lines[ENGINE_RULES_LINES]; // "section.name=value"
        size_t count;
        char sha256[ENGINE_SHA256_BYTES]; // of the lines, joined by line feeds
    } sets[GROUP_RULES_SETS];
};

// Not owned, must outlive its use. NULL = none.
void engine_set_rules(struct engine *engine, const struct engine_rules *rules);
// The event to journal and apply now; NULL when there is none. Valid until the engine's next call.
struct event *engine_rules_due(struct engine *engine, int64_t now_ms);
// NULL until the first `rules.changed`.
const struct group_rules *engine_rules_in_force(struct engine *engine);
