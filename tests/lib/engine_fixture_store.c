// The world's store: commits, what is taken back, a restart, the state as text.
#include "tests/lib/engine_fixture_store.h"
#include "tests/lib/engine_fixture.h"

#include "lib/event_json.h"
#include "lib/json.h"
#include "lib/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

void world_free_store(struct world *world)
{
    for (size_t i = 0; i < world->store_count; i++) {
        record_fini(world->store[i].type, world->store[i].record);
        free(world->store[i].record);
    }
    free(world->store);
}

static void copy_field(const struct record_field *field, char *to, const char *from)
{
    switch (field->kind) {
    case RECORD_INTEGER:
    case RECORD_TIME: memcpy(to, from, sizeof(int64_t)); break;
    case RECORD_BOOL: memcpy(to, from, sizeof(bool)); break;
    case RECORD_WORD: memcpy(to, from, sizeof(int)); break;
    case RECORD_TEXT: *(char **)(void *)to = mem_string(*(char *const *)(const void *)from); break;
    }
}

// As the store has it: what no column holds is lost.
static void *copy_record(enum record_type type, const void *record)
{
    const struct record_table *table = &record_tables[type];
    char *copy = mem_alloc(table->size), *whole = mem_alloc(table->size);
    struct cover_list *covers;

    for (size_t i = 0; i < table->count; i++)
        copy_field(&table->fields[i], copy + table->fields[i].offset,
                   (const char *)record + table->fields[i].offset);
    covers = record_covers(type, copy);
    if (covers)
        *covers = *record_covers(type, memcpy(whole, record, table->size));
    free(whole);
    if (covers) {
        struct cover *items = mem_alloc(covers->count * sizeof(*items));

        for (size_t i = 0; i < covers->count; i++) {
            items[i] = covers->items[i];
            items[i].node = mem_string(items[i].node);
        }
        covers->items = items;
        covers->capacity = covers->count;
    }
    return copy;
}

static bool same_key(enum record_type type, const void *a, const void *b)
{
    const struct record_field *key = &record_tables[type].fields[0];
    const char *left = (const char *)a + key->offset, *right = (const char *)b + key->offset;

    if (key->kind == RECORD_TEXT)
        return strcmp(*(char *const *)(const void *)left, *(char *const *)(const void *)right) == 0;
    return memcmp(left, right, sizeof(int64_t)) == 0;
}

static struct world_record *find_stored(const struct world *world, enum record_type type,
                                        const void *record)
{
    for (size_t i = 0; i < world->store_count; i++) {
        if (world->store[i].type == type && same_key(type, world->store[i].record, record))
            return &world->store[i];
    }
    return NULL;
}

static void put_stored(void *context, enum record_type type, const void *record)
{
    struct world *world = context;
    struct world_record *old = find_stored(world, type, record);

    if (old) {
        void *copy = copy_record(type, record);
        struct cover_list *covers = record_covers(type, copy);

        if (covers && covers->stored) { // what the engine calls stored is not written again
            struct cover_list given = *covers;

            *covers = *record_covers(type, old->record);
            *record_covers(type, old->record) = given;
        }
        record_fini(type, old->record);
        free(old->record);
        old->record = copy;
        return;
    }
    mem_grow((void **)&world->store, world->store_count, &world->store_capacity,
             sizeof(*world->store));
    world->store[world->store_count++] = (struct world_record){type, copy_record(type, record)};
}

void world_commit(struct world *world)
{
    engine_each_dirty(world->engine, put_stored, world);
    engine_clean(world->engine, world->now_ms);
}

struct dirty_copies {
    struct world_record items[256];
    size_t count;
};

static void copy_dirty(void *context, enum record_type type, const void *record)
{
    struct dirty_copies *copies = context;

    assert(copies->count < sizeof(copies->items) / sizeof(copies->items[0]));
    copies->items[copies->count++] = (struct world_record){type, copy_record(type, record)};
}

static void load_copy(struct engine *engine, enum record_type type, const void *record)
{
    void *copy = copy_record(type, record);

    engine_load(engine, type, copy);
    free(copy);
}

void world_roll_back(struct world *world)
{
    struct dirty_copies copies = {.count = 0};

    engine_each_dirty(world->engine, copy_dirty, &copies);
    for (size_t i = 0; i < copies.count; i++) {
        enum record_type type = copies.items[i].type;
        const struct world_record *stored = find_stored(world, type, copies.items[i].record);

        if (stored)
            load_copy(world->engine, type, stored->record);
        else
            engine_forget(world->engine, type, copies.items[i].record);
        record_fini(type, copies.items[i].record);
        free(copies.items[i].record);
    }
}

// What store_load_open() gives.
static bool is_loaded_at_start(const struct world *world, const struct world_record *stored)
{
    const struct incident *incident = stored->record;
    const struct planned *planned = stored->record;

    switch (stored->type) {
    case RECORD_CONTACT: return engine_contact_awaits(stored->record);
    case RECORD_APPOINTMENT:
        return ((const struct appointment *)stored->record)->state == APPOINTMENT_BOOKED &&
               ((const struct appointment *)stored->record)->ends >
                   world->now_ms - ENGINE_RESTORED_KEEP_MS;
    case RECORD_CALL: return engine_call_waits(stored->record);
    case RECORD_METER_READING:
    case RECORD_METER_STATE: return false;
    case RECORD_PLANNED: return planned->state <= PLANNED_STATE_STARTED;
    case RECORD_INCIDENT:
        return engine_incident_open((enum incident_state)incident->state) ||
               (incident->restored_at > 0 &&
                incident->restored_at >= world->now_ms - ENGINE_RESTORED_KEEP_MS);
    default: return true;
    }
}

static void count_dirty(void *context, enum record_type type, const void *record)
{
    (void)type, (void)record;
    ++*(size_t *)context;
}

size_t world_dirty(const struct world *world)
{
    size_t count = 0;

    engine_each_dirty(world->engine, count_dirty, &count);
    return count;
}

static const void *find_number(const struct world *world, enum record_type type, int64_t number)
{
    for (size_t i = 0; i < world->store_count; i++) {
        if (world->store[i].type == type && *(int64_t *)world->store[i].record == number)
            return world->store[i].record;
    }
    return NULL;
}

const struct incident *world_incident(const struct world *world, int64_t number)
{
    return find_number(world, RECORD_INCIDENT, number);
}

const struct planned *world_planned(const struct world *world, int64_t number)
{
    return find_number(world, RECORD_PLANNED, number);
}

static const void *find_text(const struct world *world, enum record_type type, struct slice key)
{
    for (size_t i = 0; i < world->store_count; i++) {
        if (world->store[i].type == type && slice_is(key, *(char **)world->store[i].record))
            return world->store[i].record;
    }
    return NULL;
}

const struct contact *world_contact(const struct world *world, const char *reg_no)
{
    return find_text(world, RECORD_CONTACT, slice_of(reg_no));
}

void world_load_wanted(const struct world *world, struct engine *engine, const struct event *event)
{
    struct engine_want want;

    while (engine_wants(engine, event, &want)) {
        const void *record = want.text.data ? find_text(world, want.type, want.text)
                                            : find_number(world, want.type, want.number);

        if (record)
            load_copy(engine, want.type, record);
        else
            engine_miss(engine, &want);
    }
}

static bool is_of_family(const struct world *world, int64_t number, int64_t incident)
{
    while (number && number != incident)
        number =
            ((const struct incident *)find_number(world, RECORD_INCIDENT, number))->merged_into;
    return number == incident;
}

void world_load_calls(const struct world *world)
{
    int64_t incident;

    while (engine_wants_calls(world->engine, &incident)) {
        for (size_t i = 0; i < world->store_count; i++) {
            const struct contact *contact = world->store[i].record;

            if (world->store[i].type == RECORD_CONTACT && contact->incident &&
                is_of_family(world, contact->incident, incident))
                engine_load_call(world->engine, incident, contact);
        }
    }
}

// Publishing.

void world_restart(struct world *world)
{
    const struct event nobody = {
        .type = EVENT_OTHER, .time_ms = world->now_ms, .recorded_ms = world->now_ms};

    assert(world_dirty(world) == 0);
    engine_free(world->engine);
    world->engine = engine_new();
    engine_set_model(world->engine, world->model);
    for (size_t i = 0; i < world->store_count; i++) {
        if (is_loaded_at_start(world, &world->store[i]))
            load_copy(world->engine, world->store[i].type, world->store[i].record);
    }
    if (world->timed)
        engine_set_timers(world->engine, &world->timers);
    if (world->rules)
        engine_set_rules(world->engine, &world->rules->lines);
    world_load_calls(world);
    world_regroup(world, &nobody);
}

int64_t world_minutes(const struct world *world, int64_t number, int64_t nested)
{
    static const struct cover_list none;
    const struct incident *other = nested ? world_incident(world, nested) : NULL;

    return engine_premise_minutes(world->model, world_incident(world, number),
                                  other ? &other->covers : &none, world->now_ms);
}

// Dumping and refolding.

void world_dump_record(enum record_type type, const void *record, struct buf *out)
{
    const struct record_table *table = &record_tables[type];
    char *own = copy_record(type, record);
    const struct cover_list *covers = record_covers(type, own);

    buf_add_text(out, table->name);
    for (size_t i = 0; i < table->count; i++) {
        const void *at = own + table->fields[i].offset;

        buf_printf(out, " %s=", table->fields[i].column);
        switch (table->fields[i].kind) {
        case RECORD_INTEGER:
        case RECORD_TIME: buf_printf(out, "%" PRId64, *(const int64_t *)at); break;
        case RECORD_BOOL: buf_printf(out, "%d", *(const bool *)at); break;
        case RECORD_WORD: buf_printf(out, "%d", *(const int *)at); break;
        case RECORD_TEXT: {
            const char *text = *(char *const *)at;

            buf_printf(out, "%s", text ? text : "-");
            break;
        }
        }
    }
    for (size_t i = 0; covers && i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];

        buf_printf(out, " [%d %" PRId64 " %s%s%s]", (int)cover->level, cover->key,
                   cover->node ? cover->node : "", cover->restored_at ? " restored" : "",
                   cover->listed ? " listed" : "");
        if (cover->part)
            buf_printf(out, "(%d %" PRId64 " %" PRId64 ")", cover->part, cover->since,
                       cover->before_s);
    }
    buf_add_char(out, '\n');
    record_fini(type, own);
    free(own);
}

static int compare_lines(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void world_dump(const struct world *world, struct buf *out)
{
    char **lines = mem_alloc(world->store_count * sizeof(*lines));

    for (size_t i = 0; i < world->store_count; i++) {
        struct buf line = {0};

        world_dump_record(world->store[i].type, world->store[i].record, &line);
        lines[i] = line.data;
    }
    if (world->store_count)
        qsort(lines, world->store_count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < world->store_count; i++) {
        buf_add_text(out, lines[i]);
        free(lines[i]);
    }
    free(lines);
}

void world_refold(const struct world *world, bool clean, struct buf *dump)
{
    struct world *fold = mem_alloc(sizeof(*fold));
    struct json_doc *doc = json_doc_new();
    const char *line = buf_text(&world->journal);

    fold->engine = engine_new();
    while (*line) {
        size_t length = strcspn(line, "\n");
        struct event event;
        const struct json *tree = json_parse(doc, line, length, JSON_DEPTH_DEFAULT, &fold->err);
        enum err_code code = event_read_stored(&event, tree, doc, &fold->err);

        assert(code == ERR_OK);
        fold->now_ms = event.recorded_ms;
        world_load_wanted(fold, fold->engine, &event);
        engine_apply(fold->engine, &event);
        engine_each_dirty(fold->engine, put_stored, fold);
        if (clean)
            engine_clean(fold->engine, fold->now_ms);
        line += length + 1;
    }
    world_dump(fold, dump);
    json_doc_free(doc);
    engine_free(fold->engine);
    world_free_store(fold);
    buf_fini(&fold->journal);
    free(fold);
}
