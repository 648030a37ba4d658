#include "busd/batch_personal.h"

#include "busd/lookups.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// An event whose personal fields are to go.
struct target {
    int64_t sequence;
    struct lookups lookups;
};

struct targets {
    struct batch *batch;
    struct target *items;
    size_t count, capacity;
    int64_t last; // the last event that was looked at
    bool full;
    batch_is_due *is_due;
    void *context;
    struct json_doc *values; // of the event that is looked at
};

static bool has_target(const struct targets *targets, int64_t sequence)
{
    for (size_t i = 0; i < targets->count; i++) {
        if (targets->items[i].sequence == sequence)
            return true;
    }
    return false;
}

static void put_target(struct targets *targets, int64_t sequence, struct slice bytes,
                       struct slice sealed)
{
    struct batch *batch = targets->batch;
    const struct journal_keys *keys = journal_keys(batch->journal);

    mem_grow((void **)&targets->items, targets->count, &targets->capacity, sizeof *targets->items);
    struct target *target = &targets->items[targets->count++];
    *target = (struct target){.sequence = sequence};
    const struct json *values = journal_keys_open_event(keys, sequence, sealed, targets->values);
    const struct json *event =
        json_parse(batch->scratch, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, NULL);
    if (values && event)
        lookups_take(keys, sequence, json_string(json_get(event, "type")), json_get(event, "data"),
                     values, &target->lookups);
    else
        log_error("personal data that cannot be opened are erased with their digests left behind "
                  "sequence=%lld",
                  (long long)sequence);
}

static bool add_target(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                       struct slice sealed)
{
    struct targets *targets = context;

    if (targets->count >= BATCH_PERSONAL_MAX) {
        targets->full = true;
        return false;
    }
    targets->last = sequence;
    if (!targets->is_due || targets->is_due(targets->context, topic))
        put_target(targets, sequence, bytes, sealed);
    return true;
}

// What is about a contact that goes: it goes too, beyond the bound if need be.
static bool add_about(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                      struct slice sealed)
{
    struct targets *targets = context;

    (void)topic;
    if (!has_target(targets, sequence))
        put_target(targets, sequence, bytes, sealed);
    return true;
}

static int by_sequence(const void *a, const void *b)
{
    const struct target *x = a, *y = b;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static enum err_code add_all_about(struct targets *targets, struct err *err)
{
    const struct journal_keys *keys = journal_keys(targets->batch->journal);
    uint8_t digest[STORE_DIGEST_BYTES];

    for (size_t i = 0; i < targets->count; i++) { // calls, which may bring contacts
        if (!strchr(targets->items[i].lookups.key, '#') || !targets->items[i].lookups.call[0])
            continue;
        lookups_of_call(keys, targets->items[i].lookups.call, digest);
        if (store_personal_of(targets->batch->store, digest, NULL, add_about, targets, err) !=
            ERR_OK)
            return err->code;
    }
    for (size_t i = 0; i < targets->count; i++) { // contacts, which may bring what is about them
        if (strchr(targets->items[i].lookups.key, '#') || !targets->items[i].lookups.key[0])
            continue;
        lookups_of_contact(keys, targets->items[i].lookups.key, digest);
        if (store_personal_of(targets->batch->store, digest, NULL, add_about, targets, err) !=
            ERR_OK)
            return err->code;
    }
    if (targets->count)
        qsort(targets->items, targets->count, sizeof *targets->items, by_sequence);
    return ERR_OK;
}

// Whether a hold is on any of the phones that it is found by.
static int is_held(struct store *store, const struct lookups *lookups, struct err *err)
{
    int held = 0;

    for (size_t i = 0; i < lookups->count && held == 0; i++)
        held = store_is_held(store, lookups->digests[i], err);
    return held;
}

static void targets_fini(struct targets *targets)
{
    if (targets->items)
        crypto_wipe(targets->items, targets->capacity * sizeof *targets->items);
    free(targets->items);
    json_doc_free(targets->values);
}

// Whether a hold is on anything that is found so.
static int is_any_held(struct batch *batch, const uint8_t *digest, const char *reg_no,
                       struct err *err)
{
    struct targets found = {.batch = batch, .values = json_doc_new()};
    int held = store_personal_of(batch->store, digest, reg_no, add_about, &found, err) ? -1 : 0;

    for (size_t i = 0; i < found.count && held == 0; i++)
        held = is_held(batch->store, &found.items[i].lookups, err);
    targets_fini(&found);
    return held;
}

// What is about a contact is held with it, and what came with a call with the call.
static int is_kin_held(struct batch *batch, const struct lookups *lookups, struct err *err)
{
    uint8_t digest[STORE_DIGEST_BYTES];
    int held = 0;

    if (lookups->call[0]) {
        lookups_of_call(journal_keys(batch->journal), lookups->call, digest);
        held = is_any_held(batch, digest, NULL, err);
    }
    return held == 0 && lookups->about[0] ? is_any_held(batch, NULL, lookups->about, err) : held;
}

static enum err_code keep_held(struct targets *targets, struct err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        int held = is_held(targets->batch->store, &target->lookups, err);
        if (held == 0)
            held = is_kin_held(targets->batch, &target->lookups, err);
        if (held < 0)
            return err->code;
        if (!held)
            targets->items[kept++] = *target;
    }
    targets->count = kept;
    return ERR_OK;
}

// --- events of the broker's own -------------------------------------------------------------------

static struct json *new_data(struct batch *batch, struct json **proposal, const char *by)
{
    struct json_doc *doc = batch->scratch;

    json_doc_reset(doc);
    *proposal = json_new(doc, JSON_OBJECT);
    struct json *data = json_new(doc, JSON_OBJECT);
    json_set(doc, *proposal, "data", data);
    if (by)
        json_set(doc, data, "by", json_new_string(doc, slice_of(by)));
    return data;
}

static enum err_code append_own(struct batch *batch, const char *topic, struct json *proposal,
                                int64_t now_ms, struct err *err)
{
    struct event event = {.type = EVENT_OTHER,
                          .topic = slice_of(topic),
                          .source = slice_of("pult:busd"),
                          .time_ms = now_ms,
                          .recorded_ms = now_ms};

    return batch_append_own(batch, &event, proposal, batch->scratch, err);
}

static void add_ranges(struct json_doc *doc, struct json *data, const struct targets *targets)
{
    struct json *ranges = json_new(doc, JSON_ARRAY);

    for (size_t i = 0, first = 0; i < targets->count; i++) {
        if (i + 1 < targets->count &&
            targets->items[i + 1].sequence == targets->items[i].sequence + 1)
            continue;
        struct json *range = json_new(doc, JSON_ARRAY);
        json_append(range, json_new_integer(doc, targets->items[first].sequence));
        json_append(range, json_new_integer(doc, targets->items[i].sequence));
        json_append(ranges, range);
        first = i + 1;
    }
    json_set(doc, data, "events", ranges);
}

static enum err_code append_purged(const struct targets *targets, const char *ground,
                                   const char *by, int64_t premises, int64_t now_ms,
                                   struct err *err)
{
    struct json_doc *doc = targets->batch->scratch;
    struct json *proposal, *data = new_data(targets->batch, &proposal, by);

    json_set(doc, data, "ground", json_new_string(doc, slice_of(ground)));
    json_set(doc, data, "count", json_new_integer(doc, (int64_t)targets->count));
    if (premises)
        json_set(doc, data, "premises", json_new_integer(doc, premises));
    add_ranges(doc, data, targets);
    return append_own(targets->batch, "personal.purged", proposal, now_ms, err);
}

// --- the erasure ----------------------------------------------------------------------------------

static enum err_code drop(const struct targets *targets, struct err *err)
{
    struct store *store = targets->batch->store;

    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];

        if (store_drop_personal(store, target->sequence, err) != ERR_OK ||
            lookups_drop(&target->lookups, store, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

static enum err_code finish(struct batch *batch, enum err_code code, int64_t now_ms,
                            struct err *err)
{
    if (code == ERR_OK)
        code = batch_commit(batch, now_ms, err);
    if (code != ERR_OK && !store_failed(batch->store))
        batch_roll_back(batch);
    return code;
}

// The digest of a phone as it was typed.
static enum err_code phone_digest(const struct batch *batch, struct slice phone,
                                  uint8_t digest[STORE_DIGEST_BYTES], struct err *err)
{
    char normal[PHONE_BYTES];

    if (!phone_normalise(phone, normal)) {
        err_set(err, ERR_INVALID, "phone", "phone is no telephone number",
                "phone — не номер телефона");
        err_set_path(err, "/phone");
        return ERR_INVALID;
    }
    journal_keys_lookup(journal_keys(batch->journal), "phone", slice_of(normal), digest);
    return ERR_OK;
}

static enum err_code held(struct err *err)
{
    return err_set(err, ERR_CONFLICT, "legal_hold",
                   "a legal hold keeps these data; lift it first (person_release)",
                   "на эти данные наложен запрет удаления; сначала снимите его (person_release)");
}

// One transaction of it. `more`: there is another one to do.
static enum err_code erase_some(struct batch *batch, const struct batch_person *person,
                                const uint8_t *digest, const char *by, int64_t now_ms,
                                int64_t *count, bool *more, struct err *err)
{
    struct targets targets = {.batch = batch, .values = json_doc_new()};
    char *reg_no =
        mem_string_of(person->reg_no.data ? person->reg_no.data : "", person->reg_no.length);
    int64_t premises = 0;

    json_doc_reset(batch->scratch);
    enum err_code code =
        store_personal_of(batch->store, digest, digest ? NULL : reg_no, add_target, &targets, err);
    if (code == ERR_OK)
        code = add_all_about(&targets, err);
    size_t found = targets.count;
    if (code == ERR_OK && (code = keep_held(&targets, err)) == ERR_OK && targets.count < found)
        code = held(err);
    if (code == ERR_OK && (code = store_begin(batch->store, err)) == ERR_OK) {
        premises = digest ? store_forget_premises(batch->store, digest, err) : 0;
        code = premises < 0 ? err->code : drop(&targets, err);
        if (code == ERR_OK && targets.count + (size_t)premises > 0)
            code = append_purged(&targets, "request", by, premises, now_ms, err);
        code = finish(batch, code, now_ms, err);
    }
    *count += (int64_t)targets.count + premises;
    *more = targets.full;
    targets_fini(&targets);
    free(reg_no);
    return code;
}

enum err_code batch_erase_person(struct batch *batch, const struct batch_person *person,
                                 const char *by, int64_t now_ms, int64_t *count, struct err *err)
{
    uint8_t digest[STORE_DIGEST_BYTES];
    bool more = true;

    *count = 0;
    if (person->phone.length) {
        if (phone_digest(batch, person->phone, digest, err) != ERR_OK)
            return err->code;
        int found = store_is_held(batch->store, digest, err);
        if (found)
            return found < 0 ? err->code : held(err);
    }
    while (more) {
        if (erase_some(batch, person, person->phone.length ? digest : NULL, by, now_ms, count,
                       &more, err) != ERR_OK)
            return err->code;
    }
    if (*count)
        return ERR_OK;
    return err_set(err, ERR_NOT_FOUND, "person", "nothing personal is kept of them",
                   "персональных данных об этом лице нет");
}

enum err_code batch_purge(struct batch *batch, int64_t *after, int64_t through,
                          batch_is_due *is_due, void *context, int64_t now_ms, int64_t *count,
                          bool *more, struct err *err)
{
    struct targets targets = {
        .batch = batch, .is_due = is_due, .context = context, .values = json_doc_new()};

    json_doc_reset(batch->scratch);
    enum err_code code =
        store_each_personal(batch->store, *after, through, add_target, &targets, err);
    if (code == ERR_OK)
        code = keep_held(&targets, err);
    if (code == ERR_OK && targets.count > 0 && (code = store_begin(batch->store, err)) == ERR_OK) {
        code = drop(&targets, err);
        if (code == ERR_OK)
            code = append_purged(&targets, "retention", NULL, 0, now_ms, err);
        code = finish(batch, code, now_ms, err);
    }
    *count = (int64_t)targets.count;
    *more = targets.full;
    if (code == ERR_OK)
        *after = targets.full ? targets.last : through;
    targets_fini(&targets);
    return code;
}

// --- other acts -----------------------------------------------------------------------------------

// A hold keeps its phone, sealed, so that its digest can be taken anew with another key.
static void seal_phone(const struct batch *batch, struct slice phone, struct buf *sealed)
{
    struct buf text = {0};

    buf_add_text(&text, "{\"phone\":");
    json_write_string(&text, phone);
    buf_add_char(&text, '}');
    journal_keys_seal(journal_keys(batch->journal)->premise, 0,
                      (struct slice){text.data, text.length}, sealed);
    crypto_wipe(text.data, text.length);
    buf_fini(&text);
}

enum err_code batch_hold_person(struct batch *batch, const struct batch_person *person, bool hold,
                                const char *by, struct slice reason, int64_t now_ms,
                                struct err *err)
{
    uint8_t digest[STORE_DIGEST_BYTES];
    struct json *proposal;

    if (phone_digest(batch, person->phone, digest, err) != ERR_OK)
        return err->code;
    int before = store_is_held(batch->store, digest, err);
    if (before < 0)
        return err->code;
    if (before == hold)
        return err_set(err, ERR_CONFLICT, "legal_hold",
                       hold ? "the hold is there already" : "there is no hold to lift",
                       hold ? "запрет уже наложен" : "снимать нечего: запрета нет");
    if (store_begin(batch->store, err) != ERR_OK)
        return err->code;
    struct buf sealed = {0};
    if (hold)
        seal_phone(batch, person->phone, &sealed);
    enum err_code code =
        store_set_hold(batch->store, digest, (struct slice){sealed.data, sealed.length}, err);
    buf_fini(&sealed);
    if (code == ERR_OK) {
        struct json *data = new_data(batch, &proposal, by);
        if (reason.length)
            json_set(batch->scratch, data, "reason", json_new_string(batch->scratch, reason));
        code =
            append_own(batch, hold ? "personal.held" : "personal.released", proposal, now_ms, err);
    }
    return finish(batch, code, now_ms, err);
}

enum err_code batch_say_exported(struct batch *batch, const char *by, int64_t now_ms,
                                 struct err *err)
{
    struct json *proposal;

    if (store_begin(batch->store, err) != ERR_OK)
        return err->code;
    new_data(batch, &proposal, by);
    return finish(batch, append_own(batch, "personal.exported", proposal, now_ms, err), now_ms,
                  err);
}
