// The queue of what runs out: records by the moment of their first deadline, in a heap.
//
// Every record that was touched or loaded is looked at again before the next deadline is taken, so
// that whatever an event changed is seen, and nothing is computed for a record twice in between.
#include "busd/engine_state.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Beside the timers of the table: a default time of restoration is to be set; the window of a
// prediction ends, by the rules of grouping.
enum { SET_DEFAULT_ETA = ENGINE_TIMER_COUNT + 1, GROUP_WINDOW };

// The heap: entry->queued is 1 + its place.

// Records of a type by their key, so that the order never depends on the heap.
static int compare_key(const struct engine_entry *a, const struct engine_entry *b)
{
    const struct record_field *key = &record_tables[a->type].fields[0];
    const char *left = (const char *)&a->record + key->offset;
    const char *right = (const char *)&b->record + key->offset;
    int64_t first, second;

    if (key->kind == RECORD_TEXT)
        return strcmp(*(char *const *)(const void *)left, *(char *const *)(const void *)right);
    memcpy(&first, left, sizeof(first));
    memcpy(&second, right, sizeof(second));
    return first < second ? -1 : first > second;
}

static bool is_before(const struct engine_entry *a, const struct engine_entry *b)
{
    if (a->due_ms != b->due_ms)
        return a->due_ms < b->due_ms;
    return a->type != b->type ? a->type < b->type : compare_key(a, b) < 0;
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

// Nobody is called where the desk has nobody behind it.
static int64_t skipped_of(const struct engine *engine, const struct incident *incident)
{
    int64_t skipped = 0;

    if (!engine_next_desk(engine, incident->desk))
        skipped |= ENGINE_TIMER_BIT(ENGINE_TIMER_ESCALATE_NEXT);
    if (!engine_desk_senior(engine, incident->desk))
        skipped |= ENGINE_TIMER_BIT(ENGINE_TIMER_ESCALATE_SENIOR);
    return skipped;
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
    int first = (int)engine_timer_first(engine->timers, RECORD_INCIDENT, incident,
                                        skipped_of(engine, incident), due_ms);
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
    return (int)engine_timer_first(engine->timers, entry->type, &entry->record, 0, due_ms);
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
    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        for (size_t at = 0; (entry = engine_map_next(&engine->records[type], &at));)
            engine_retime(engine, entry);
    }
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

// Which record it is of: a field of its own, and as a subject.
static void name_record(struct engine *engine, struct event *event,
                        const struct engine_entry *entry)
{
    static const struct {
        enum event_field field;
        const char *subject;
    } names[RECORD_TYPE_COUNT] = {[RECORD_INCIDENT] = {EVENT_FIELD_incident, "incident"},
                                  [RECORD_PLANNED] = {EVENT_FIELD_planned, "planned"},
                                  [RECORD_CONTACT] = {EVENT_FIELD_contact, "contact"},
                                  [RECORD_CALL] = {EVENT_FIELD_call, "call"},
                                  [RECORD_DESK_STATE] = {EVENT_FIELD_desk, "desk"}};
    const struct record_field *key = &record_tables[entry->type].fields[0];
    const char *at = (const char *)&entry->record + key->offset;
    const char *subject = names[entry->type].subject;
    int64_t number;
    int length;

    if (key->kind == RECORD_TEXT) {
        const char *text = *(char *const *)(const void *)at;

        event_set_text(event, names[entry->type].field, slice_of(text));
        length = snprintf(engine->due_of, sizeof(engine->due_of), "%s/%s", subject, text);
    } else {
        memcpy(&number, at, sizeof(number));
        event_set_integer(event, names[entry->type].field, number);
        length = snprintf(engine->due_of, sizeof(engine->due_of), "%s/%" PRId64, subject, number);
    }
    assert(length > 0 && (size_t)length < sizeof(engine->due_of));
    if (event->type == EVENT_DEADLINE_PASSED)
        event_set_text(event, EVENT_FIELD_of, (struct slice){engine->due_of, (size_t)length});
}

// Who is called now: the desk that helps out, or the person behind it.
static void name_helper(const struct engine *engine, struct event *event, int timer,
                        const struct engine_entry *entry)
{
    const char *to = NULL;

    if (timer == ENGINE_TIMER_ESCALATE_NEXT)
        to = engine_next_desk(engine, entry->record.incident.desk);
    else if (timer == ENGINE_TIMER_ESCALATE_SENIOR)
        to = engine_desk_senior(engine, entry->record.incident.desk);
    else if (timer == ENGINE_TIMER_DESK_UNATTENDED)
        to = engine_next_desk(engine, entry->record.desk_state.desk);
    if (to)
        event_set_text(event, EVENT_FIELD_to, slice_of(to));
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
    name_helper(engine, event, timer, engine->queue.items[0]);
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

static void pass_of_contact(struct engine *engine, const struct event *event,
                            enum engine_timer timer)
{
    struct contact *contact = engine_edit_contact(engine, EVENT_VALUE(event, contact)->text);

    if (contact)
        engine_contact_late(contact, (int)timer);
}

static void pass_of_planned(struct engine *engine, const struct event *event,
                            enum engine_timer timer)
{
    struct planned *planned = engine_edit_planned(engine, EVENT_VALUE(event, planned)->integer);

    if (planned)
        planned->deadlines |= ENGINE_TIMER_BIT(timer);
}

static const char hours_counter[] = "hours";

int64_t engine_hours_told_ms(const struct engine *engine)
{
    return engine_count_of(engine, hours_counter);
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

    if (EVENT_HAS(event, premises))
        engine_set_count(engine, hours_counter, EVENT_VALUE(event, until)->integer);
    if (EVENT_HAS(event, desk))
        pass_of_desk(engine, event, timer);
    if (EVENT_HAS(event, contact))
        pass_of_contact(engine, event, timer);
    if (EVENT_HAS(event, planned))
        pass_of_planned(engine, event, timer);
    if (EVENT_HAS(event, call))
        engine_call_waited(engine, EVENT_VALUE(event, call)->text);
    if (!incident)
        return;
    if (timer == ENGINE_TIMER_ETA_OVERDUE || timer == ENGINE_TIMER_ETA_OVERDUE_REPEAT) {
        incident->overdue_alarms++;
        incident->overdue_at = event->recorded_ms;
    }
    if (timer != ENGINE_TIMER_ETA_OVERDUE_REPEAT)
        incident->deadlines |= ENGINE_TIMER_BIT(timer);
    if (timer == ENGINE_TIMER_ESCALATE_NEXT || timer == ENGINE_TIMER_ESCALATE_SENIOR)
        engine_replace_text(&incident->escalated_to, event, EVENT_FIELD_to);
    if ((timer == ENGINE_TIMER_OUTAGE_NEAR || timer == ENGINE_TIMER_YEAR_NEAR) &&
        engine_incident_open((enum incident_state)incident->state))
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
