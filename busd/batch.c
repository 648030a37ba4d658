#include "busd/batch.h"

#include "busd/appointment_facts.h"
#include "busd/batch_approval.h"
#include "busd/contact_facts.h"
#include "busd/engine_timer.h"
#include "busd/place.h"
#include "busd/result.h"
#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD_MS = 5 * 60 * 1000, RETRY_MS = 1000 };

void batch_init(struct batch *batch)
{
    memset(batch, 0, sizeof *batch);
    batch->scratch = json_doc_new();
}

static void drop_packets(struct batch *batch)
{
    while (batch->packet_count)
        packet_release(batch->packets[--batch->packet_count]);
}

void batch_fini(struct batch *batch)
{
    drop_packets(batch);
    free(batch->packets);
    json_doc_free(batch->scratch);
    buf_fini(&batch->text);
}

// --- what memory lacks --------------------------------------------------------------------------

// The key of a record as store_get_record() takes it.
static const void *record_key(enum record_type type, const void *record)
{
    const struct record_field *field = &record_tables[type].fields[0];
    const char *at = (const char *)record + field->offset;

    return field->kind == RECORD_TEXT ? *(const char *const *)(const void *)at : (const void *)at;
}

struct load_calls {
    struct engine *engine;
    int64_t incident;
};

static enum err_code load_one(struct batch *batch, const struct engine_want *want, struct err *err)
{
    union record record = {0};
    char *text = mem_string_of(want->text.data ? want->text.data : "", want->text.length);
    bool by_text = record_tables[want->type].fields[0].kind == RECORD_TEXT;
    int found =
        store_get_record(batch->store, want->type,
                         by_text ? (const void *)text : (const void *)&want->number, &record, err);

    free(text);
    if (found < 0)
        return err->code;
    if (found)
        engine_load(batch->engine, want->type, &record);
    else
        engine_miss(batch->engine, want);
    return ERR_OK;
}

enum err_code batch_load_wanted(struct batch *batch, const struct event *event, struct err *err)
{
    struct engine_want want;

    while (engine_wants(batch->engine, event, &want)) {
        if (load_one(batch, &want, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

static void load_call(void *context, enum record_type type, void *record)
{
    const struct load_calls *load = context;

    engine_load_call(load->engine, load->incident, record);
    record_fini(type, record);
}

enum err_code batch_load_calls(struct batch *batch, struct err *err)
{
    struct load_calls load = {.engine = batch->engine};

    while (engine_wants_calls(batch->engine, &load.incident)) {
        if (store_load_contacts(batch->store, load.incident, load_call, &load, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

// --- going back (invariant 3) -------------------------------------------------------------------

struct dirty {
    enum record_type type;
    int64_t number;
    char *text;
};
struct dirty_list {
    struct dirty *items;
    size_t count, capacity;
};

static void note_dirty(void *context, enum record_type type, const void *record)
{
    struct dirty_list *list = context;
    const void *key = record_key(type, record);
    struct dirty *dirty;

    mem_grow((void **)&list->items, list->count, &list->capacity, sizeof *list->items);
    dirty = &list->items[list->count++];
    *dirty = (struct dirty){.type = type};
    if (record_tables[type].fields[0].kind == RECORD_TEXT)
        dirty->text = mem_string(key);
    else
        memcpy(&dirty->number, key, sizeof dirty->number);
}

static void put_back(struct batch *batch, const struct dirty *dirty)
{
    const struct record_field *field = &record_tables[dirty->type].fields[0];
    union record record = {0};
    char *at = (char *)&record + field->offset;
    int found =
        store_get_record(batch->store, dirty->type,
                         dirty->text ? (const void *)dirty->text : &dirty->number, &record, NULL);

    if (found == 1) {
        engine_load(batch->engine, dirty->type, &record);
        return;
    }
    if (dirty->text)
        *(char **)(void *)at = dirty->text;
    else
        memcpy(at, &dirty->number, sizeof dirty->number);
    engine_forget(batch->engine, dirty->type, &record);
}

void batch_roll_back(struct batch *batch)
{
    struct dirty_list list = {0};

    drop_packets(batch);
    store_rollback(batch->store);
    journal_rolled_back(batch->journal);
    engine_each_dirty(batch->engine, note_dirty, &list);
    for (size_t i = 0; i < list.count; i++) {
        put_back(batch, &list.items[i]);
        free(list.items[i].text);
    }
    free(list.items);
}

// --- one event ----------------------------------------------------------------------------------

static struct result_context result_context(const struct batch *batch,
                                            const struct publish *request, int64_t now_ms)
{
    return (struct result_context){
        .engine = batch->engine,
        .store = batch->store,
        .company = &batch->company,
        .language = request->language,
        .now_ms = now_ms,
    };
}

static bool copy_stored(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                        const uint8_t chain[STORE_CHAIN_BYTES])
{
    struct buf *text = context;

    (void)sequence, (void)topic, (void)chain;
    buf_add(text, bytes.data, bytes.length);
    return false;
}

// The same event again: the first one's results, with what is known now (invariant 5).
static enum err_code repeat(struct batch *batch, struct publish *request, int64_t sequence,
                            struct slice id, int64_t now_ms)
{
    struct result_context context = result_context(batch, request, now_ms);
    struct event stored;
    const struct json *tree;

    buf_clear(&batch->text);
    if (store_read(batch->store, sequence - 1, 1, copy_stored, &batch->text, &request->err))
        return request->err.code;
    tree = batch->text.length ? json_parse(batch->scratch, batch->text.data, batch->text.length,
                                           JSON_DEPTH_DEFAULT, NULL)
                              : NULL;
    if (!tree || event_read_stored(&stored, tree, batch->scratch, NULL) != ERR_OK ||
        stored.sequence != sequence)
        stored = (struct event){.type = EVENT_OTHER, .id = id, .sequence = sequence}; // purged
    result_write(&context, &stored, true, &request->results);
    return ERR_OK;
}

// 1: a duplicate, its result is written. 0: new. -1: refused.
static int look_up_id(struct batch *batch, struct publish *request,
                      const struct publish_event *item, int64_t now_ms)
{
    uint8_t digest[STORE_MARKED_BYTES];
    int64_t sequence;
    int found = store_find_id(batch->store, item->event.source, item->event.id, &sequence, digest,
                              &request->err);

    if (found <= 0)
        return found;
    if (memcmp(digest, item->digest, sizeof item->digest) != 0) {
        err_set(&request->err, ERR_CONFLICT, "id_used",
                "the id %.*s already stands for another event of yours, with sequence %lld; give "
                "every event an id of its own",
                "идентификатор %.*s уже занят другим вашим событием, номер %lld; у каждого события "
                "свой id",
                (int)item->event.id.length, item->event.id.data, (long long)sequence);
        err_set_path(&request->err, "/id");
        return -1;
    }
    batch->duplicates++;
    return repeat(batch, request, sequence, item->event.id, now_ms) == ERR_OK ? 1 : -1;
}

// Whether its time is ahead of the clock's.
static bool set_times(struct publish *request, struct publish_event *item, int64_t now_ms)
{
    bool given = json_get(item->tree, "time") != NULL;
    bool ahead = given && item->event.time_ms > now_ms + AHEAD_MS;

    item->event.recorded_ms = now_ms;
    if (!given)
        item->event.time_ms = now_ms;
    if (ahead)
        json_set(request->doc, item->tree, "timeahead", json_new_bool(request->doc, true));
    return ahead;
}

static enum err_code set_place(struct batch *batch, struct publish *request,
                               struct publish_event *item)
{
    const struct json *premise = json_get(json_get(item->tree, "data"), "premise");

    if (item->event.type == EVENT_OTHER || !premise)
        return ERR_OK;
    if (place_resolve(batch->network, premise, &item->place, &request->err) != ERR_OK)
        return request->err.code;
    item->event.values[EVENT_FIELD_premise] = (struct event_value){.place = &item->place};
    item->event.has |= EVENT_BIT(EVENT_FIELD_premise);
    item->event.decided |= EVENT_BIT(EVENT_FIELD_premise);
    return ERR_OK;
}

static enum err_code set_facts(struct batch *batch, struct publish *request,
                               struct publish_event *item)
{
    struct contact_facts facts = {.store = batch->store,
                                  .keys = journal_keys(batch->journal),
                                  .calendar = batch->calendar,
                                  .repeat_days = batch->timers ? batch->timers->repeat_days : 0,
                                  .scratch = batch->scratch,
                                  .window_from = batch->window_from,
                                  .window_to = batch->window_to};

    return contact_facts_find(&facts, item, request->doc, &request->err);
}

static void add_packet(struct batch *batch, const struct journal_entry *entry)
{
    mem_grow((void **)&batch->packets, batch->packet_count, &batch->packet_capacity,
             sizeof *batch->packets);
    batch->packets[batch->packet_count++] = packet_new(entry->sequence, entry->topic, entry->bytes);
}

static enum err_code append(struct batch *batch, struct event *event, struct json *proposal,
                            struct json_doc *doc, const struct schemas_type *type,
                            const uint8_t *digest, struct err *err)
{
    struct journal_entry entry;

    if (journal_append(batch->journal, event, proposal, doc, type, digest, &entry, err) != ERR_OK)
        return err->code;
    engine_apply(batch->engine, event);
    add_packet(batch, &entry);
    return ERR_OK;
}

enum err_code batch_append_own(struct batch *batch, struct event *event, struct json *proposal,
                               struct json_doc *doc, struct err *err)
{
    return append(batch, event, proposal, doc, schemas_find(batch->rules.schemas, event->topic),
                  NULL, err);
}

// Journals and applies what was decided.
static enum err_code make_true(struct batch *batch, struct publish *request,
                               struct publish_event *item, const struct decision *decision)
{
    struct err *err = &request->err;

    for (size_t i = 0; i < decision->count; i++) {
        struct event *event = decision->events[i];
        bool proposed = event == &item->event;

        if (proposed ? append(batch, event, item->tree, request->doc, item->type, item->digest, err)
                     : batch_append_own(batch, event, NULL, request->doc, err))
            return err->code;
    }
    return ERR_OK;
}

enum err_code batch_regroup(struct batch *batch, const struct event *cause, struct json_doc *doc,
                            struct err *err)
{
    struct decision decision;

    while (engine_regroup(batch->engine, cause, &decision)) {
        for (size_t i = 0; i < decision.count; i++) {
            if (batch_load_wanted(batch, decision.events[i], err) != ERR_OK ||
                batch_append_own(batch, decision.events[i], NULL, doc, err) != ERR_OK)
                return err->code;
        }
    }
    return ERR_OK;
}

enum err_code batch_check_area(const struct batch *batch, struct publish *request,
                               const struct event *event)
{
    const char *sits;
    struct slice desk;

    if (!request->role ||
        access_area(request->role, ACCESS_PUBLISH, event->topic) == ACCESS_AREA_ALL)
        return ERR_OK;
    desk = engine_area_of(batch->engine, event);
    sits = engine_sits_at(batch->engine, desk);
    if (sits && slice_is(publish_who(event), sits))
        return ERR_OK;
    return err_set(&request->err, ERR_DENIED, "area",
                   "the role %s may publish %.*s for its own desks alone, and at %.*s you do not "
                   "sit (shift.opened); the desk's own dispatcher or the senior may",
                   "роль %s может публиковать %.*s только для своего участка, а за столом %.*s "
                   "сидите не вы (shift.opened); это может диспетчер участка или старший",
                   access_role_name(request->role), (int)event->topic.length, event->topic.data,
                   desk.length ? (int)desk.length : 1, desk.length ? desk.data : "-");
}

static enum err_code set_slot(struct batch *batch, struct publish *request,
                              struct publish_event *item)
{
    static const struct offices none = {.count = 0};

    return appointment_facts_find(batch->offices ? batch->offices : &none, batch->engine,
                                  &item->event, &request->err);
}

static enum err_code decide(struct batch *batch, struct publish *request,
                            struct publish_event *item, const struct engine_moment *moment,
                            struct decision *decision)
{
    struct err *err = &request->err;
    enum err_code code = engine_decide(batch->engine, &item->event, moment, decision, err);

    if (code == ERR_CONFLICT && batch->offices && EVENT_HAS(&item->event, office) &&
        strcmp(err->reason, "taken") == 0)
        appointment_facts_offer(batch->offices, batch->engine, &item->event, err);
    return code;
}

static enum err_code decide_new(struct batch *batch, struct publish *request,
                                struct publish_event *item, int64_t now_ms)
{
    struct engine_moment moment = {.now_ms = now_ms, .year = batch->year};
    struct result_context context = result_context(batch, request, now_ms);
    bool ahead = set_times(request, item, now_ms);
    struct decision decision;
    bool held;

    if (set_place(batch, request, item) != ERR_OK || set_facts(batch, request, item) != ERR_OK ||
        batch_load_calls(batch, &request->err) != ERR_OK ||
        batch_hold_act(batch, request, item, &moment, &held) != ERR_OK ||
        batch_load_wanted(batch, &item->event, &request->err) != ERR_OK ||
        set_slot(batch, request, item) != ERR_OK ||
        decide(batch, request, item, &moment, &decision) != ERR_OK ||
        batch_check_area(batch, request, &item->event) != ERR_OK)
        return request->err.code;
    if (item->event.type == EVENT_APPROVAL_GIVEN &&
        batch_check_giver(batch, request, &item->event) != ERR_OK)
        return request->err.code;
    if (make_true(batch, request, item, &decision) != ERR_OK ||
        batch_regroup(batch, &item->event, request->doc, &request->err) != ERR_OK)
        return request->err.code;
    if (item->event.type == EVENT_APPROVAL_GIVEN &&
        batch_perform_act(batch, &item->event, now_ms, &request->err) != ERR_OK)
        return request->err.code;
    batch->ahead += ahead;
    result_write(&context, &item->event, false, &request->results);
    return ERR_OK;
}

// Invariant 5. An id that is there already refuses the event, if nothing else did before, when the
// journal puts it: a new event, and that is nearly every one, needs no look-up of its own.
static enum err_code decide_event(struct batch *batch, struct publish *request,
                                  struct publish_event *item, int64_t now_ms)
{
    int64_t before = journal_head(batch->journal);
    enum err_code code = decide_new(batch, request, item, now_ms);
    struct err refusal;

    // What was refused behind its own entry in the journal would find itself.
    if (code == ERR_OK || code == ERR_UNAVAILABLE || store_failed(batch->store) ||
        journal_head(batch->journal) != before)
        return code;
    refusal = request->err;
    err_clear(&request->err);
    if (look_up_id(batch, request, item, now_ms) == 0)
        request->err = refusal;
    return request->err.code;
}

// --- the batch ----------------------------------------------------------------------------------

// What became of one request: done, refused with nothing changed, refused behind changes of its own,
// or the batch cannot go on.
enum outcome { OUTCOME_DONE, OUTCOME_REFUSED, OUTCOME_UNDO, OUTCOME_BROKEN };

static enum outcome decide_request(struct batch *batch, struct publish *request, int64_t now_ms)
{
    int64_t before = journal_head(batch->journal);

    for (size_t i = 0; i < request->count; i++) {
        if (decide_event(batch, request, &request->events[i], now_ms) == ERR_OK)
            continue;
        if (request->array)
            request->err.index = (int)i;
        if (store_failed(batch->store) || request->err.code == ERR_UNAVAILABLE)
            return OUTCOME_BROKEN;
        return journal_head(batch->journal) == before ? OUTCOME_REFUSED : OUTCOME_UNDO;
    }
    return OUTCOME_DONE;
}

bool batch_decide(struct batch *batch, struct publish *request, int64_t now_ms)
{
    return decide_request(batch, request, now_ms) == OUTCOME_DONE;
}

struct put_context {
    struct store *store;
    struct err *err;
};

static void put_record(void *context, enum record_type type, const void *record)
{
    struct put_context *put = context;

    if (put->err->code == ERR_OK)
        store_put_record(put->store, type, record, put->err);
}

enum err_code batch_commit(struct batch *batch, int64_t now_ms, struct err *err)
{
    struct put_context put = {batch->store, err};

    engine_each_dirty(batch->engine, put_record, &put);
    if (err->code != ERR_OK || store_commit(batch->store, err) != ERR_OK)
        return err->code;
    journal_committed(batch->journal);
    engine_clean(batch->engine, now_ms);
    return ERR_OK;
}

// Invariant 4: nothing of the batch was made true, as far as is known. A request that was refused
// keeps its refusal.
static size_t give_up(struct batch *batch, struct publish **requests, size_t count,
                      const struct err *why)
{
    struct err unavailable = *why;

    if (store_failed(batch->store)) {
        log_error("the journal failed, nothing more is answered reason=%s error=\"%s\"",
                  why->reason, why->message[LANGUAGE_EN]);
        return 0;
    }
    batch_roll_back(batch);
    unavailable.code = ERR_UNAVAILABLE;
    unavailable.index = -1;
    unavailable.path[0] = '\0';
    unavailable.retry_ms = RETRY_MS;
    log_error("a batch was not committed reason=%s error=\"%s\"", why->reason,
              why->message[LANGUAGE_EN]);
    for (size_t i = 0; i < count; i++) {
        if (requests[i]->err.code == ERR_OK || requests[i]->err.code == ERR_UNAVAILABLE)
            requests[i]->err = unavailable;
    }
    return count;
}

// Decides the requests in order; how many, less than `count` when the last of them was undone.
static size_t decide_all(struct batch *batch, struct publish **requests, size_t count,
                         int64_t now_ms, enum outcome *outcome)
{
    for (size_t i = 0; i < count; i++) {
        if (requests[i]->err.code != ERR_OK)
            continue;
        *outcome = decide_request(batch, requests[i], now_ms);
        if (*outcome >= OUTCOME_UNDO)
            return i + 1;
    }
    *outcome = OUTCOME_DONE;
    return count;
}

// Invariant 2: from their bytes again.
static void read_again(struct batch *batch, struct publish **requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (requests[i]->err.code == ERR_OK)
            publish_read(requests[i], &batch->rules);
    }
}

size_t batch_run(struct batch *batch, struct publish **requests, size_t count, int64_t now_ms)
{
    int64_t duplicates = batch->duplicates, ahead = batch->ahead;
    enum outcome outcome = OUTCOME_DONE;
    struct err err;
    size_t done;

    assert(batch->packet_count == 0);
    err_clear(&err);
    batch->year = clock_local_year(now_ms);
    if (store_begin(batch->store, &err) != ERR_OK)
        return give_up(batch, requests, count, &err);
    done = decide_all(batch, requests, count, now_ms, &outcome);
    if (outcome == OUTCOME_UNDO) {
        batch_roll_back(batch);
        batch->duplicates = duplicates;
        batch->ahead = ahead;
        if (store_begin(batch->store, &err) != ERR_OK)
            return give_up(batch, requests, done, &err);
        read_again(batch, requests, done);
        decide_all(batch, requests, done, now_ms, &outcome);
    }
    if (outcome != OUTCOME_DONE)
        return give_up(batch, requests, done, &requests[done - 1]->err);
    if (journal_head(batch->journal) == store_head(batch->store, NULL)) {
        batch_roll_back(batch); // refusals and duplicates alone
        return done;
    }
    if (batch_commit(batch, now_ms, &err) != ERR_OK)
        return give_up(batch, requests, done, &err);
    return done;
}
