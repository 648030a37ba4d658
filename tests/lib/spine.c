#include "tests/lib/spine.h"

#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/mem.h"
#include "lib/path.h"

#include <stdio.h>
#include <stdlib.h>

static void load(void *context, enum record_type type, void *record)
{
    struct spine *spine = context;
    engine_load(spine->engine, type, record);
}

static void must(bool good, const struct err *err)
{
    if (good)
        return;
    fprintf(stderr, "spine: %s\n", err->message[LANGUAGE_EN]);
    abort();
}

void spine_open(struct spine *spine, char *directory)
{
    *spine = (struct spine){.directory = directory, .now_ms = INT64_C(1772280000000)};
    must(clock_set_zone("Europe/Moscow", &spine->err) == ERR_OK, &spine->err);
    spine->store = store_open(directory, false, &spine->err);
    must(spine->store, &spine->err);
    spine->journal = journal_open(spine->store, directory, &spine->err);
    must(spine->journal, &spine->err);
    char share[PATH_BYTES], schemas[PATH_BYTES + 8];
    must(path_share(share, &spine->err) == ERR_OK, &spine->err);
    snprintf(schemas, sizeof(schemas), "%s/schemas", share);
    spine->schemas = schemas_load(schemas, "", &spine->err);
    must(spine->schemas, &spine->err);
    spine->engine = engine_new();
    spine->doc = json_doc_new();
    must(store_load_open(spine->store, 0, load, spine, &spine->err) == ERR_OK, &spine->err);
}

void spine_close(struct spine *spine)
{
    journal_close(spine->journal);
    store_close(spine->store);
    engine_free(spine->engine);
    schemas_free(spine->schemas);
    json_doc_free(spine->doc);
    buf_fini(&spine->last);
}

static void load_wanted(struct spine *spine, const struct event *event)
{
    struct engine_want want;

    while (engine_wants(spine->engine, event, &want)) {
        void *record = mem_alloc(record_tables[want.type].size);
        char *text = mem_string_of(want.text.data ? want.text.data : "", want.text.length);
        const void *key = want.text.data ? (const void *)text : &want.number;
        if (store_get_record(spine->store, want.type, key, record, &spine->err) == 1)
            engine_load(spine->engine, want.type, record);
        else
            engine_miss(spine->engine, &want);
        free(record);
        free(text);
    }
}

static void put_dirty(void *context, enum record_type type, const void *record)
{
    struct spine *spine = context;
    must(store_put_record(spine->store, type, record, &spine->err) == ERR_OK, &spine->err);
}

static enum err_code decide(struct spine *spine, struct event *event, struct json *tree,
                            const uint8_t digest[STORE_DIGEST_BYTES])
{
    struct engine_moment moment = {spine->now_ms, clock_local_year(spine->now_ms)};
    struct decision decision;
    struct journal_entry entry;

    load_wanted(spine, event);
    enum err_code code = engine_decide(spine->engine, event, &moment, &decision, &spine->err);
    for (size_t i = 0; code == ERR_OK && i < decision.count; i++) {
        struct event *decided = decision.events[i];
        code = journal_append(spine->journal, decided, i == 0 ? tree : NULL, spine->doc,
                              schemas_find(spine->schemas, decided->topic), i == 0 ? digest : NULL,
                              &entry, &spine->err);
        if (code == ERR_OK)
            engine_apply(spine->engine, decided);
    }
    if (code != ERR_OK)
        return code;
    buf_clear(&spine->last);
    buf_add(&spine->last, entry.bytes.data, entry.bytes.length);
    engine_each_dirty(spine->engine, put_dirty, spine);
    return store_commit(spine->store, &spine->err);
}

int64_t spine_publish(struct spine *spine, const char *identity, const char *json)
{
    static char *const extensions[] = {NULL};
    static const struct event_place nowhere = {.level = PLACE_NONE};
    uint8_t digest[STORE_DIGEST_BYTES];
    struct event event;
    struct json *tree = json_parse(spine->doc, json, strlen(json), JSON_DEPTH_DEFAULT, &spine->err);

    must(tree, &spine->err);
    must(event_read_proposal(&event, tree, spine->doc, extensions, &spine->err) == ERR_OK,
         &spine->err);
    const struct schemas_type *type = schemas_find(spine->schemas, event.topic);
    must(type, &(struct err){.message = {"no such type"}});
    must(schema_check(type->schema, json_get(tree, "data"), "/data", &spine->err) == ERR_OK,
         &spine->err);
    journal_digest(spine->journal, tree, digest);
    spine->now_ms += 1500;
    event.recorded_ms = spine->now_ms;
    if (!json_get(tree, "time"))
        event.time_ms = spine->now_ms;
    event.source = slice_of(identity);
    if (json_get(json_get(tree, "data"), "premise")) {
        event.values[EVENT_FIELD_premise].place = &nowhere;
        event.has |= EVENT_BIT(EVENT_FIELD_premise);
        event.decided |= EVENT_BIT(EVENT_FIELD_premise);
    }
    must(store_begin(spine->store, &spine->err) == ERR_OK, &spine->err);
    if (decide(spine, &event, tree, digest) != ERR_OK) {
        store_rollback(spine->store);
        journal_rolled_back(spine->journal);
        return 0;
    }
    journal_committed(spine->journal);
    engine_clean(spine->engine, spine->now_ms);
    return event.sequence;
}

int64_t spine_tell(struct spine *spine, const char *id, const char *type, const char *data)
{
    struct buf json = {0};

    buf_printf(&json, "{\"specversion\":\"1.0\",\"id\":\"%s\",\"type\":\"%s\",\"data\":%s}", id,
               type, data);
    int64_t sequence = spine_publish(spine, "pult:user:anna", json.data);
    buf_fini(&json);
    return sequence;
}

static void tell(struct spine *spine, int n, const char *type, const char *data)
{
    char id[16];

    snprintf(id, sizeof(id), "e%d", n);
    if (!spine_tell(spine, id, type, data)) {
        fprintf(stderr, "%s %s: %s\n", type, data, spine->err.message[LANGUAGE_EN]);
        abort();
    }
}

static const char report[] = "{\"applicant\":\"person\",\"symptom\":\"no_power\","
                             "\"premise\":{\"street\":\"ул. Садовая\",\"house\":\"3\"},"
                             "\"caller\":{\"name\":\"Анна Петрова\",\"phone\":\"+79125550141\"}}";

void spine_fill(struct spine *spine)
{
    int n = 0;

    tell(spine, n++, "log.entry", "{\"text\":\"смена\"}");
    tell(spine, n++, "contact.outage_report", report);
    tell(spine, n++, "contact.outage_report", report);
    tell(spine, n++, "incident.opened",
         "{\"kind\":\"outage\",\"node\":\"Ф-1\",\"ref\":\"A-7\",\"customers\":40}");
    tell(spine, n++, "eta.set", "{\"incident\":1,\"at\":\"2026-02-28T20:00:00Z\"}");
    tell(spine, n++, "eta.set", "{\"incident\":1,\"at\":\"2026-02-28T22:00:00Z\"}");
    tell(spine, n++, "dispatch.accepted", "{\"incident\":1}");
    tell(spine, n++, "incident.crew",
         "{\"incident\":2,\"tier\":\"repair\",\"state\":\"assigned\",\"crew\":\"бригада 4\"}");
    tell(spine, n++, "node.marked", "{\"node\":\"ТП-7\",\"mark\":\"energised\"}");
    tell(spine, n++, "planned.announced",
         "{\"node\":\"Ф-2\",\"starts\":\"2026-03-02T06:00:00Z\",\"ends\":\"2026-03-02T09:00:00Z\","
         "\"reason\":\"ремонт\"}");
    tell(spine, n++, "incident.restored", "{\"incident\":1}");
    tell(spine, n++, "incident.closed", "{\"incident\":1,\"cause\":\"кабель\"}");
    spine->now_ms += INT64_C(3) * 24 * 3600 * 1000; // out of the working set
    for (int i = 0; i < 10; i++)
        tell(spine, n++, "log.entry", "{\"text\":\"ночь\",\"incident\":2}");
    tell(spine, n++, "incident.reopened", "{\"incident\":1,\"reason\":\"снова\"}");
    tell(spine, n++, "incident.merged", "{\"incident\":1,\"into\":2}");
    tell(spine, n++, "mode.changed", "{\"mode\":\"storm\"}");
    tell(spine, n++, "log.entry", "{\"text\":\"конец\"}");
}
