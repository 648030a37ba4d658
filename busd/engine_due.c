// The queue of what runs out: open incidents, and desks, by the moment of their first deadline, in a
// heap.
//
// Every record that was touched or loaded is looked at again before the next deadline is taken, so
// that whatever an event changed is seen, and nothing is computed for a record twice in between.
#include "busd/engine_state.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Beside the timers of the table: a default time of restoration is to be set; the window of a
// prediction ends, by the rules of grouping.
enum { SET_DEFAULT_ETA = ENGINE_TIMER_COUNT + 1, GROUP_WINDOW };

// The heap: entry->queued is 1 + its place.

static bool is_before(const struct engine_entry *a, const struct engine_entry *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    if (a->type != b->type)
        return a->type < b->type;
    return a->type == RECORD_INCIDENT
               ? a->record.incident.incident < b->record.incident.incident
               : strcmp(a->record.desk_state.desk, b->record.desk_state.desk) < 0;
}

static void put_at(struct engine_entries *heap, size_t place, struct engine_entry *entry)
{
    heap->items[place] = entry;
    entry->queued = place + 1;
}

static void rise(struct engine_entries *heap, size_t place, struct engine_entry *entry)
{
    while (place > 0 && is_before(entry, heap->items[(place - 1) / 2])) {
        put_at(heap, place, heap->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put_at(heap, place, entry);
}

static void sink(struct engine_entries *heap, size_t place, struct engine_entry *entry)
{
    for (;;) {
        size_t child = 2 * place + 1;

        if (child + 1 < heap->count && is_before(heap->items[child + 1], heap->items[child]))
            child++;
        if (child >= heap->count || !is_before(heap->items[child], entry))
            break;
        put_at(heap, place, heap->items[child]);
        place = child;
    }
    put_at(heap, place, entry);
}

static void take_out(struct engine_entries *heap, struct engine_entry *entry)
{
    size_t place = entry->queued - 1;
    struct engine_entry *last = heap->items[--heap->count];

    entry->queued = 0;
    if (last == entry)
        return;
    if (place > 0 && is_before(last, heap->items[(place - 1) / 2]))
        rise(heap, place, last);
    else
        sink(heap, place, last);
}

void engine_due_drop(struct engine *engine, struct engine_entry *entry)
{
    if (entry->queued)
        take_out(&engine->queue, entry);
}

// When nobody has called about a predicted incident for as long as a call is evidence.
static int64_t window_due_ms(struct engine *engine, const struct incident *incident)
{
    bool live = incident->grouping == GROUPING_LIVE && incident->state <= INCIDENT_PROBABLE;
    const struct group_rules *rules = live ? engine_rules_in_force(engine) : NULL;

    return rules ? incident->last_report_at + rules->window_ms : INT64_MAX;
}

static int first_of_incident(struct engine *engine, const struct incident *incident,
                             int64_t *due_ms)
{
    int first = (int)engine_timer_first(engine->timers, incident, due_ms);
    int64_t eta_ms = engine_etas_due_ms(engine, incident);
    int64_t window_ms = window_due_ms(engine, incident);

    if (eta_ms < *due_ms) {
        *due_ms = eta_ms;
        first = SET_DEFAULT_ETA;
    }
    if (window_ms < *due_ms) {
        *due_ms = window_ms;
        first = GROUP_WINDOW;
    }
    return first;
}

static int first_timer(struct engine *engine, const struct engine_entry *entry, int64_t *due_ms)
{
    if (entry->type == RECORD_INCIDENT)
        return first_of_incident(engine, &entry->record.incident, due_ms);
    return (int)engine_timer_desk_first(engine->timers, &entry->record.desk_state, due_ms);
}

static void enqueue(struct engine *engine, struct engine_entry *entry)
{
    struct engine_entries *heap = &engine->queue;

    engine_due_drop(engine, entry);
    first_timer(engine, entry, &entry->due_ms);
    if (entry->due_ms == INT64_MAX)
        return;
    mem_grow((void **)&heap->items, heap->count, &heap->capacity, sizeof(struct engine_entry *));
    rise(heap, heap->count++, entry);
}

void engine_set_timers(struct engine *engine, const struct engine_timers *timers)
{
    struct engine_entry *entry;

    engine->timers = timers;
    while (engine->queue.count > 0)
        take_out(&engine->queue, engine->queue.items[engine->queue.count - 1]);
    for (size_t at = 0; (entry = engine_map_next(&engine->records[RECORD_INCIDENT], &at));)
        engine_retime(engine, entry);
    for (size_t at = 0; (entry = engine_map_next(&engine->records[RECORD_DESK_STATE], &at));)
        engine_retime(engine, entry);
}

static void look_again(struct engine *engine)
{
    struct engine_entries *list = &engine->retimed;

    for (size_t i = 0; i < list->count; i++) {
        struct engine_entry *entry = list->items[i];

        if (!entry)
            continue;
        entry->retimed = 0;
        enqueue(engine, entry);
    }
    list->count = 0;
}

// Which record it is of.
static void name_record(struct engine *engine, struct event *event,
                        const struct engine_entry *entry)
{
    size_t size = sizeof(engine->due_of);
    int length;

    if (entry->type == RECORD_INCIDENT) {
        event_set_integer(event, EVENT_FIELD_incident, entry->record.incident.incident);
        length = snprintf(engine->due_of, size, "incident/%lld",
                          (long long)entry->record.incident.incident);
    } else {
        event_set_text(event, EVENT_FIELD_desk, slice_of(entry->record.desk_state.desk));
        length = snprintf(engine->due_of, size, "desk/%s", entry->record.desk_state.desk);
    }
    assert(length > 0 && (size_t)length < size);
    if (event->type == EVENT_DEADLINE_PASSED)
        event_set_text(event, EVENT_FIELD_of, (struct slice){engine->due_of, (size_t)length});
}

struct event *engine_due(struct engine *engine, int64_t now_ms, int64_t until_ms)
{
    struct event *event = &engine->due;
    int64_t due_ms;

    if (!engine->timers)
        return NULL;
    look_again(engine);
    if (engine->queue.count == 0 || engine->queue.items[0]->due_ms >= until_ms)
        return NULL;
    int timer = first_timer(engine, engine->queue.items[0], &due_ms);
    assert(due_ms == engine->queue.items[0]->due_ms);
    enum event_type type = timer == SET_DEFAULT_ETA          ? EVENT_ETA_SET
                           : timer == GROUP_WINDOW           ? EVENT_INCIDENT_GROUPED
                           : timer == ENGINE_TIMER_ETA_FIRST ? EVENT_ETA_NEEDED
                                                             : EVENT_DEADLINE_PASSED;
    *event = (struct event){.type = type,
                            .topic = slice_of(event_topic(type)),
                            .source = slice_of(engine_identity),
                            .time_ms = due_ms,
                            .recorded_ms = due_ms > now_ms ? due_ms : now_ms};
    name_record(engine, event, engine->queue.items[0]);
    if (type == EVENT_ETA_SET) {
        event->time_ms = event->recorded_ms;
        engine_etas_write(engine, &engine->queue.items[0]->record.incident, event);
        return event;
    }
    if (type == EVENT_INCIDENT_GROUPED) {
        event_set_word(event, EVENT_FIELD_grouping, GROUPING_SETTLED);
        return event;
    }
    event_set_text(event, EVENT_FIELD_deadline,
                   slice_of(engine_timer_name((enum engine_timer)timer)));
    event_set_integer(event, EVENT_FIELD_due, due_ms);
    event_set_text(event, EVENT_FIELD_ground, slice_of(engine->timers->rows[timer].ground));
    return event;
}

static void pass_of_desk(struct engine *engine, const struct event *event, enum engine_timer timer)
{
    struct slice desk = EVENT_VALUE(event, desk)->text;

    if (timer == ENGINE_TIMER_DESK_UNATTENDED)
        engine_desk_alarmed(engine, desk);
    else
        engine_flood_passed(engine, desk, timer == ENGINE_TIMER_FLOOD_ON,
                            EVENT_VALUE(event, due)->integer);
}

// That it ran out stands in the record, and keeps it from doing so again.
APPLY(deadline)
{
    struct incident *incident =
        EVENT_HAS(event, incident)
            ? engine_edit_incident(engine, EVENT_VALUE(event, incident)->integer)
            : NULL;
    struct slice name = EVENT_VALUE(event, deadline)->text;
    enum engine_timer timer = EVENT_HAS(event, deadline)
                                  ? engine_timer_named(name.data, name.length)
                                  : (enum engine_timer)ENGINE_ETA_ASKED;

    if (EVENT_HAS(event, desk))
        pass_of_desk(engine, event, timer);
    if (!incident)
        return;
    if (timer == ENGINE_TIMER_ETA_OVERDUE || timer == ENGINE_TIMER_ETA_OVERDUE_REPEAT) {
        incident->overdue_alarms++;
        incident->overdue_at = event->recorded_ms;
    }
    if (timer != ENGINE_TIMER_ETA_OVERDUE_REPEAT)
        incident->deadlines |= ENGINE_TIMER_BIT(timer);
    if (timer == ENGINE_TIMER_OUTAGE_NEAR)
        engine_set_priority(incident);
}

// Somebody asks and there is nothing to say: told once, until a time was set and taken back.
void engine_eta_asked(struct engine *engine, struct decision *decision, int64_t number)
{
    const struct incident *incident = engine_incident(engine, number);
    struct event *event;

    if (!incident || !engine_incident_open((enum incident_state)incident->state) ||
        incident->eta_source >= 0 || incident->deadlines & ENGINE_TIMER_BIT(ENGINE_ETA_ASKED))
        return;
    event = engine_follow(engine, decision, EVENT_ETA_NEEDED, number);
    event->id = engine_keep_text(engine, "eta.needed/%lld/%lld", (long long)number,
                                 (long long)event->recorded_ms);
}
