#include "busd/engine_rules.h"

#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { RULES_KEY = 1 };

void engine_set_rules(struct engine *engine, const struct engine_rules *rules)
{
    engine->rules = rules;
}

static const struct rules_in_force *record_of(const struct engine *engine)
{
    const struct engine_entry *entry = engine_find(engine, RECORD_RULES_IN_FORCE, RULES_KEY);

    return entry ? &entry->record.rules_in_force : NULL;
}

static bool is_in_force(const struct engine *engine, int set)
{
    const struct rules_in_force *record = record_of(engine);

    return record && record->mode == set && record->sha256 &&
           strcmp(record->sha256, engine->rules->sets[set].sha256) == 0;
}

static void set_fields(const struct engine *engine, struct event *event, int set)
{
    event_set_word(event, EVENT_FIELD_set, set);
    event_set_text(event, EVENT_FIELD_sha256, slice_of(engine->rules->sets[set].sha256));
    event_set_texts(event, EVENT_FIELD_rules, engine->rules->sets[set].lines,
                    engine->rules->sets[set].count);
}

struct event *engine_rules_due(struct engine *engine, int64_t now_ms)
{
    struct event *event = &engine->rules_event;
    int set = engine_mode(engine);

    if (!engine->rules || !engine->model || model_node_count(engine->model) == 0 ||
        is_in_force(engine, set))
        return NULL;
    *event = (struct event){.type = EVENT_RULES_CHANGED,
                            .topic = slice_of(event_topic(EVENT_RULES_CHANGED)),
                            .source = slice_of(engine_identity),
                            .time_ms = now_ms,
                            .recorded_ms = now_ms};
    set_fields(engine, event, set);
    return event;
}

// The mode's own set comes into force with it.
DECIDE(mode)
{
    int set = (int)EVENT_VALUE(event, mode)->integer;

    (void)moment, (void)err;
    if (!engine->rules || !record_of(engine) || is_in_force(engine, set))
        return ERR_OK;
    struct event *changed = engine_follow_alone(engine, decision, EVENT_RULES_CHANGED);
    set_fields(engine, changed, set);
    return ERR_OK;
}

static char *join(const struct event_value *lines)
{
    size_t length = 1;
    char *text, *at;

    for (size_t i = 0; i < lines->count; i++)
        length += lines->texts[i].length + 1;
    at = text = mem_alloc(length);
    for (size_t i = 0; i < lines->count; i++) {
        if (i)
            *at++ = '\n';
        memcpy(at, lines->texts[i].data, lines->texts[i].length);
        at += lines->texts[i].length;
    }
    return text;
}

// Of those that follow the grouping: the window may be another, also while nothing is predicted.
static void retime_windows(struct engine *engine)
{
    struct engine_entry *entry;

    for (size_t at = 0; (entry = engine_map_next(&engine->records[RECORD_INCIDENT], &at));) {
        if (entry->record.incident.grouping == GROUPING_LIVE)
            engine_retime(engine, entry);
    }
}

APPLY(rules)
{
    struct engine_entry *entry = engine_find(engine, RECORD_RULES_IN_FORCE, RULES_KEY);

    if (!entry)
        entry = engine_add(engine, RECORD_RULES_IN_FORCE, RULES_KEY);
    struct rules_in_force *record = &entry->record.rules_in_force;
    engine_touch(engine, entry);
    record->mode = (int)EVENT_VALUE(event, set)->integer;
    engine_replace_text(&record->sha256, event, EVENT_FIELD_sha256);
    free(record->lines);
    record->lines = join(EVENT_VALUE(event, rules));
    record->since = event->recorded_ms;
    record->version = event->sequence;
    retime_windows(engine);
}

// Read out of the record when another one is in force: a rolled back event takes it back, too.
const struct group_rules *engine_rules_in_force(struct engine *engine)
{
    const struct rules_in_force *record = record_of(engine);

    if (!record || !record->sha256 || !record->lines)
        return NULL;
    if (strcmp(record->sha256, engine->in_force_sha256) == 0)
        return &engine->in_force;
    // What a line of an older version does not name keeps its default; a rule that is gone is let be.
    group_rules_default(&engine->in_force, (enum group_rules_set)record->mode);
    for (const char *at = record->lines; *at;) {
        size_t length = strcspn(at, "\n");

        group_rules_read_line((struct slice){at, length}, &engine->in_force);
        at += length + (at[length] == '\n');
    }
    snprintf(engine->in_force_sha256, sizeof(engine->in_force_sha256), "%s", record->sha256);
    return &engine->in_force;
}
