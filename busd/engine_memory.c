// The working set: which records are in memory, which of them are dirty, which may leave.
#include "busd/engine_predict.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

// Keys: the first field of every record, a number or a text.

static bool text_keyed(enum record_type type)
{
    return record_tables[type].fields[0].kind == RECORD_TEXT;
}

static struct engine_key key_of(enum record_type type, const void *record)
{
    const char *at = (const char *)record + record_tables[type].fields[0].offset;

    if (text_keyed(type))
        return (struct engine_key){.type = type,
                                   .text = slice_of(*(char *const *)(const void *)at)};
    return (struct engine_key){.type = type, .number = *(const int64_t *)(const void *)at};
}

static uint64_t hash_of(const struct engine_key *key)
{
    return text_keyed(key->type) ? engine_hash_text(key->text) : engine_hash_number(key->number);
}

static bool same_key(const void *item, const void *wanted)
{
    const struct engine_entry *entry = item;
    const struct engine_key *key = wanted;
    struct engine_key own = key_of(entry->type, &entry->record);

    return own.number == key->number && slice_equal(own.text, key->text);
}

static struct engine_entry *find_key(const struct engine *engine, const struct engine_key *key)
{
    return engine_map_find(&engine->records[key->type], hash_of(key), key, same_key);
}

struct engine_entry *engine_find(const struct engine *engine, enum record_type type, int64_t number)
{
    return find_key(engine, &(struct engine_key){.type = type, .number = number});
}

struct engine_entry *engine_find_text(const struct engine *engine, enum record_type type,
                                      struct slice text)
{
    return find_key(engine, &(struct engine_key){.type = type, .text = text});
}

// Lists that an entry knows its own place in.

static void list_add(struct engine_entries *list, struct engine_entry *entry, size_t *place)
{
    if (*place)
        return;
    mem_grow((void **)&list->items, list->count, &list->capacity, sizeof(struct engine_entry *));
    list->items[list->count++] = entry;
    *place = list->count;
}

static void list_drop(struct engine_entries *list, size_t *place)
{
    if (*place)
        list->items[*place - 1] = NULL;
    *place = 0;
}

// Adding and dropping.

static bool counts_as_open(const struct engine_entry *entry)
{
    return entry->type == RECORD_INCIDENT &&
           engine_incident_open((enum incident_state)entry->record.incident.state);
}

static struct engine_entry *add_entry(struct engine *engine, const struct engine_key *key)
{
    struct engine_entry *entry = mem_alloc(sizeof(*entry));

    assert(!find_key(engine, key));
    entry->type = key->type;
    entry->hash = hash_of(key);
    return entry;
}

struct engine_entry *engine_add(struct engine *engine, enum record_type type, int64_t number)
{
    struct engine_entry *entry =
        add_entry(engine, &(struct engine_key){.type = type, .number = number});

    memcpy((char *)&entry->record + record_tables[type].fields[0].offset, &number, sizeof(number));
    engine_map_put(&engine->records[type], entry->hash, entry);
    return entry;
}

struct engine_entry *engine_add_text(struct engine *engine, enum record_type type,
                                     struct slice text)
{
    struct engine_entry *entry =
        add_entry(engine, &(struct engine_key){.type = type, .text = text});
    char *copy = mem_string_of(text.data, text.length);

    memcpy((char *)&entry->record + record_tables[type].fields[0].offset, &copy, sizeof(copy));
    engine_map_put(&engine->records[type], entry->hash, entry);
    return entry;
}

void engine_touch(struct engine *engine, struct engine_entry *entry)
{
    list_add(&engine->dirty, entry, &entry->dirty);
    engine_retime(engine, entry);
    engine_predict_note(engine, entry);
}

void engine_retime(struct engine *engine, struct engine_entry *entry)
{
    if (engine->timers && engine_timer_is_of(entry->type))
        list_add(&engine->retimed, entry, &entry->retimed);
}

static void drop_entry(struct engine *engine, struct engine_entry *entry)
{
    list_drop(&engine->dirty, &entry->dirty);
    list_drop(&engine->retiring, &entry->retiring);
    list_drop(&engine->retimed, &entry->retimed);
    engine_due_drop(engine, entry);
    engine_predict_drop(engine, entry);
    engine_index_drop(engine, entry);
    engine_map_remove(&engine->records[entry->type], entry->hash, entry);
    record_fini(entry->type, &entry->record);
    free(entry);
}

void engine_free_entries(struct engine *engine)
{
    engine_predict_free(engine);
    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        struct engine_map *map = &engine->records[type];
        struct engine_entry *entry;

        for (size_t at = 0; (entry = engine_map_next(map, &at));) {
            engine_index_drop(engine, entry);
            engine_predict_drop(engine, entry);
            record_fini(entry->type, &entry->record);
            free(entry);
        }
        engine_map_fini(map);
    }
    free(engine->dirty.items);
    free(engine->retiring.items);
    free(engine->retimed.items);
    free(engine->queue.items);
    engine_forget_missing(engine);
    free(engine->missing);
}

// When a record that nobody has open may leave memory; INT64_MAX = never.
static int64_t retire_time(const struct engine_entry *entry)
{
    const struct incident *incident = &entry->record.incident;

    switch (entry->type) {
    case RECORD_APPOINTMENT:
        return entry->record.appointment.state == APPOINTMENT_BOOKED
                   ? entry->record.appointment.ends
                   : INT64_MIN;
    case RECORD_CALL: return engine_call_waits(&entry->record.call) ? INT64_MAX : INT64_MIN;
    case RECORD_METER_READING:
    case RECORD_METER_STATE: return INT64_MIN;
    case RECORD_CONTACT:
        return engine_contact_awaits(&entry->record.contact) ? INT64_MAX : INT64_MIN;
    case RECORD_PLANNED:
        return entry->record.planned.state == PLANNED_STATE_ENDED ||
                       entry->record.planned.state == PLANNED_STATE_CANCELLED
                   ? INT64_MIN
                   : INT64_MAX;
    case RECORD_INCIDENT:
        if (engine_incident_open((enum incident_state)incident->state))
            return INT64_MAX;
        if (incident->state == INCIDENT_CANCELLED || incident->state == INCIDENT_MERGED)
            return INT64_MIN;
        return incident->restored_at + ENGINE_RESTORED_KEEP_MS + 1;
    default: return INT64_MAX;
    }
}

static void retire_later(struct engine *engine, struct engine_entry *entry)
{
    int64_t time_ms = retire_time(entry);

    if (time_ms == INT64_MAX)
        return;
    list_add(&engine->retiring, entry, &entry->retiring);
    if (time_ms < engine->retire_ms)
        engine->retire_ms = time_ms;
}

void engine_load(struct engine *engine, enum record_type type, void *record)
{
    struct engine_key key = key_of(type, record);
    struct engine_entry *old = find_key(engine, &key);

    if (old) {
        engine->open_incidents -= counts_as_open(old);
        drop_entry(engine, old);
    }
    struct engine_entry *entry = add_entry(engine, &key);
    memcpy(&entry->record, record, record_tables[type].size);
    memset(record, 0, record_tables[type].size);
    engine_map_put(&engine->records[type], entry->hash, entry);
    struct cover_list *covers = record_covers(type, &entry->record);
    if (covers) {
        engine_cover_sort(covers);
        covers->stored = true;
    }
    engine_index_entry(engine, entry);
    engine_retime(engine, entry);
    engine_predict_loaded(engine, entry);
    engine->open_incidents += counts_as_open(entry);
    retire_later(engine, entry);
}

void engine_forget(struct engine *engine, enum record_type type, const void *record)
{
    struct engine_key key = key_of(type, record);
    struct engine_entry *entry = find_key(engine, &key);

    if (!entry)
        return;
    engine->open_incidents -= counts_as_open(entry);
    drop_entry(engine, entry);
}

void engine_each_dirty(const struct engine *engine, engine_dirty *each, void *context)
{
    for (size_t i = 0; i < engine->dirty.count; i++) {
        struct engine_entry *entry = engine->dirty.items[i];

        if (entry)
            each(context, entry->type, &entry->record);
    }
}

static void retire(struct engine *engine, int64_t now_ms)
{
    struct engine_entries *list = &engine->retiring;
    size_t kept = 0;

    engine->retire_ms = INT64_MAX;
    for (size_t i = 0; i < list->count; i++) {
        struct engine_entry *entry = list->items[i];
        int64_t time_ms = entry ? retire_time(entry) : INT64_MAX;

        if (!entry)
            continue;
        if (time_ms == INT64_MAX) {
            entry->retiring = 0; // open again
        } else if (time_ms <= now_ms) {
            drop_entry(engine, entry);
        } else {
            list->items[kept++] = entry;
            entry->retiring = kept;
            if (time_ms < engine->retire_ms)
                engine->retire_ms = time_ms;
        }
    }
    list->count = kept;
}

void engine_clean(struct engine *engine, int64_t now_ms)
{
    for (size_t i = 0; i < engine->dirty.count; i++) {
        struct engine_entry *entry = engine->dirty.items[i];

        if (!entry)
            continue;
        struct cover_list *covers = record_covers(entry->type, &entry->record);

        if (covers)
            covers->stored = true;
        entry->dirty = 0;
        retire_later(engine, entry);
    }
    engine->dirty.count = 0;
    if (engine->retire_ms <= now_ms)
        retire(engine, now_ms);
}

// Editing.

static void *edit(struct engine *engine, struct engine_entry *entry)
{
    if (!entry)
        return NULL;
    engine_touch(engine, entry);
    return &entry->record;
}

struct incident *engine_edit_incident(struct engine *engine, int64_t number)
{
    return edit(engine, engine_find(engine, RECORD_INCIDENT, number));
}

struct planned *engine_edit_planned(struct engine *engine, int64_t number)
{
    return edit(engine, engine_find(engine, RECORD_PLANNED, number));
}

struct contact *engine_edit_contact(struct engine *engine, struct slice reg_no)
{
    return edit(engine, engine_find_text(engine, RECORD_CONTACT, reg_no));
}

int64_t engine_count_of(const struct engine *engine, const char *counter)
{
    const struct engine_entry *entry = engine_find_text(engine, RECORD_COUNTER, slice_of(counter));

    return entry ? entry->record.counter.value : 0;
}

void engine_set_count(struct engine *engine, const char *counter, int64_t value)
{
    struct engine_entry *entry = engine_find_text(engine, RECORD_COUNTER, slice_of(counter));

    if (!entry)
        entry = engine_add_text(engine, RECORD_COUNTER, slice_of(counter));
    entry->record.counter.value = value;
    engine_touch(engine, entry);
}

// What was looked up in vain.

static struct engine_key key_of_want(const struct engine_want *want)
{
    return (struct engine_key){.type = want->type, .number = want->number, .text = want->text};
}

bool engine_is_missing(const struct engine *engine, const struct engine_want *want)
{
    struct engine_key key = key_of_want(want);

    for (size_t i = 0; i < engine->missing_count; i++) {
        const struct engine_key *missing = &engine->missing[i];

        if (missing->type == key.type && missing->number == key.number &&
            slice_equal(missing->text, key.text))
            return true;
    }
    return false;
}

void engine_miss(struct engine *engine, const struct engine_want *want)
{
    struct engine_key key = key_of_want(want);

    key.own_text = mem_string_of(want->text.data, want->text.length);
    key.text.data = key.own_text;
    mem_grow((void **)&engine->missing, engine->missing_count, &engine->missing_capacity,
             sizeof(*engine->missing));
    engine->missing[engine->missing_count++] = key;
}

void engine_forget_missing(struct engine *engine)
{
    while (engine->missing_count > 0)
        free(engine->missing[--engine->missing_count].own_text);
}

// The decision's memory, and texts of records.

void *engine_keep(struct engine *engine, size_t bytes)
{
    mem_grow((void **)&engine->kept, engine->kept_count, &engine->kept_capacity, sizeof(void *));
    return engine->kept[engine->kept_count++] = mem_alloc(bytes);
}

struct slice engine_keep_copy(struct engine *engine, struct slice text)
{
    return (struct slice){memcpy(engine_keep(engine, text.length + 1), text.data, text.length),
                          text.length};
}

struct slice engine_keep_text(struct engine *engine, const char *format, ...)
{
    enum { TEXT_BYTES = 64 };
    char *text = engine_keep(engine, TEXT_BYTES);
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(text, TEXT_BYTES, format, arguments);
    va_end(arguments);
    assert(length > 0 && length < TEXT_BYTES);
    return (struct slice){text, (size_t)length};
}

char *engine_text_of(const struct event *event, enum event_field field)
{
    struct slice text = event->values[field].text;

    return event_has(event, field) ? mem_string_of(text.data, text.length) : NULL;
}

char *engine_who_of(const struct event *event)
{
    struct slice who = event->person.length ? event->person : event->source;

    return mem_string_of(who.data, who.length);
}

void engine_replace_text(char **text, const struct event *event, enum event_field field)
{
    if (!event_has(event, field))
        return;
    char *former = *text; // the event may point into it

    *text = engine_text_of(event, field);
    free(former);
}

// Reading, for answers.

const struct incident *engine_incident(const struct engine *engine, int64_t number)
{
    const struct engine_entry *entry = engine_find(engine, RECORD_INCIDENT, number);

    return entry ? &entry->record.incident : NULL;
}

const struct planned *engine_planned(const struct engine *engine, int64_t number)
{
    const struct engine_entry *entry = engine_find(engine, RECORD_PLANNED, number);

    return entry ? &entry->record.planned : NULL;
}

const struct contact *engine_contact(const struct engine *engine, struct slice reg_no)
{
    const struct engine_entry *entry = engine_find_text(engine, RECORD_CONTACT, reg_no);

    return entry ? &entry->record.contact : NULL;
}

size_t engine_open_incidents(const struct engine *engine)
{
    return engine->open_incidents;
}
