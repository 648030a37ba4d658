#include "busd/journal_rotate.h"

#include "busd/journal.h"
#include "busd/lookups.h"
#include "busd/store_private.h"
#include "lib/mem.h"
#include "lib/phone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLICE = 500 };

// A sealed row, copied, since it is written while others are read.
struct row {
    int64_t number;   // sequence or premise
    struct buf bytes; // of an event
    uint8_t digest[STORE_DIGEST_BYTES];
    struct buf sealed;
};

struct rotation {
    struct store *store;
    const struct journal_keys *old;
    struct journal_keys new;
    struct json_doc *doc, *event_doc;
    struct row rows[SLICE];
    size_t count;
    int64_t done;
    struct buf text, sealed;
    struct err *err;
};

static bool add_row(struct rotation *rotation, int64_t number, struct slice bytes,
                    struct slice sealed)
{
    if (rotation->count == SLICE)
        return false;
    struct row *row = &rotation->rows[rotation->count++];
    row->number = number;
    buf_clear(&row->bytes);
    buf_add(&row->bytes, bytes.data, bytes.length);
    buf_clear(&row->sealed);
    buf_add(&row->sealed, sealed.data, sealed.length);
    return true;
}

static enum err_code wrong_key(struct rotation *rotation, const char *what, int64_t number)
{
    return err_set(rotation->err, ERR_INVALID, "personal_key",
                   "The personal data of %s %lld do not open with this key; nothing was changed.",
                   "Персональные данные (%s %lld) этим ключом не открываются; ничего не изменено.",
                   what, (long long)number);
}

static struct slice seal_anew(struct rotation *rotation, const uint8_t key[CRYPTO_KEY_BYTES],
                              int64_t number, const struct json *values)
{
    buf_clear(&rotation->text);
    buf_clear(&rotation->sealed);
    json_write_canonical(&rotation->text, values);
    journal_keys_seal(key, number, (struct slice){rotation->text.data, rotation->text.length},
                      &rotation->sealed);
    crypto_wipe(rotation->text.data, rotation->text.length);
    return (struct slice){rotation->sealed.data, rotation->sealed.length};
}

// --- events ---------------------------------------------------------------------------------------

static bool add_event(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                      struct slice sealed)
{
    (void)topic;
    return add_row(context, sequence, bytes, sealed);
}

static enum err_code rotate_event(struct rotation *rotation, const struct row *row)
{
    struct slice sealed = {row->sealed.data, row->sealed.length};
    const struct json *values =
        journal_keys_open_event(rotation->old, row->number, sealed, rotation->doc);
    struct lookups former, next;

    if (!values)
        return wrong_key(rotation, "event", row->number);
    if (store_put_sealed(rotation->store, row->number,
                         seal_anew(rotation, rotation->new.personal, row->number, values),
                         rotation->err) != ERR_OK)
        return rotation->err->code;
    const struct json *event = json_parse(rotation->event_doc, row->bytes.data, row->bytes.length,
                                          JSON_DEPTH_DEFAULT + 1, rotation->err);
    if (!event)
        return rotation->err->code;
    struct slice topic = json_string(json_get(event, "type"));
    const struct json *data = json_get(event, "data");
    lookups_take(rotation->old, row->number, topic, data, values, &former);
    lookups_take(&rotation->new, row->number, topic, data, values, &next);
    if (lookups_drop(&former, rotation->store, rotation->err) != ERR_OK)
        return rotation->err->code;
    return lookups_put(&next, rotation->store, rotation->err);
}

// --- premises and holds ---------------------------------------------------------------------------

static bool add_premise(void *context, int64_t premise, const uint8_t *digest, struct slice sealed)
{
    (void)digest;
    return add_row(context, premise, (struct slice){NULL, 0}, sealed);
}

static bool phone_digest(const struct journal_keys *keys, const struct json *values,
                         uint8_t digest[STORE_DIGEST_BYTES])
{
    struct slice phone = json_string(json_get(values, "phone"));
    char normal[PHONE_BYTES];

    if (!phone.length || !phone_normalise(phone, normal))
        return false;
    journal_keys_lookup(keys, "phone", slice_of(normal), digest);
    return true;
}

static enum err_code rotate_premise(struct rotation *rotation, const struct row *row)
{
    struct slice sealed = {row->sealed.data, row->sealed.length};
    const struct json *values =
        journal_keys_open_premise(rotation->old, row->number, sealed, rotation->doc);
    uint8_t digest[STORE_DIGEST_BYTES];

    if (!values)
        return wrong_key(rotation, "premise", row->number);
    bool found = phone_digest(&rotation->new, values, digest);
    return store_put_premise_sealed(rotation->store, row->number,
                                    seal_anew(rotation, rotation->new.premise, row->number, values),
                                    found ? digest : NULL, rotation->err);
}

static bool add_hold(void *context, int64_t number, const uint8_t *digest, struct slice sealed)
{
    struct rotation *rotation = context;

    if (!add_row(rotation, number, (struct slice){NULL, 0}, sealed))
        return false;
    memcpy(rotation->rows[rotation->count - 1].digest, digest, STORE_DIGEST_BYTES);
    return true;
}

static enum err_code rotate_hold(struct rotation *rotation, const struct row *row)
{
    struct slice sealed = {row->sealed.data, row->sealed.length};
    const struct json *values = journal_keys_open_premise(rotation->old, 0, sealed, rotation->doc);
    uint8_t digest[STORE_DIGEST_BYTES];

    if (!values || !phone_digest(&rotation->new, values, digest))
        return wrong_key(rotation, "hold", row->number);
    if (store_set_hold(rotation->store, row->digest, (struct slice){NULL, 0}, rotation->err) !=
        ERR_OK)
        return rotation->err->code;
    return store_set_hold(rotation->store, digest,
                          seal_anew(rotation, rotation->new.premise, 0, values), rotation->err);
}

// --- all of it ------------------------------------------------------------------------------------

static enum err_code rotate_events(struct rotation *rotation)
{
    enum err_code code = ERR_OK;

    for (int64_t after = 0; code == ERR_OK;) {
        rotation->count = 0;
        code = store_each_personal(rotation->store, after, INT64_MAX, add_event, rotation,
                                   rotation->err);
        for (size_t i = 0; i < rotation->count && code == ERR_OK; i++)
            code = rotate_event(rotation, &rotation->rows[i]);
        rotation->done += (int64_t)rotation->count;
        if (rotation->count < SLICE)
            break;
        after = rotation->rows[SLICE - 1].number;
    }
    return code;
}

static enum err_code rotate_premises(struct rotation *rotation)
{
    enum err_code code = ERR_OK;

    for (int64_t after = 0; code == ERR_OK;) {
        rotation->count = 0;
        code =
            store_each_premise_sealed(rotation->store, after, add_premise, rotation, rotation->err);
        for (size_t i = 0; i < rotation->count && code == ERR_OK; i++)
            code = rotate_premise(rotation, &rotation->rows[i]);
        rotation->done += (int64_t)rotation->count;
        if (rotation->count < SLICE)
            break;
        after = rotation->rows[SLICE - 1].number;
    }
    return code;
}

// Holds are few; those beyond one slice would need the same loop.
static enum err_code rotate_holds(struct rotation *rotation)
{
    rotation->count = 0;
    enum err_code code = store_each_hold(rotation->store, SLICE, add_hold, rotation, rotation->err);
    for (size_t i = 0; i < rotation->count && code == ERR_OK; i++)
        code = rotate_hold(rotation, &rotation->rows[i]);
    return code;
}

static enum err_code rotate(struct rotation *rotation, const char *lineage)
{
    uint8_t check[STORE_DIGEST_BYTES];
    enum err_code code = store_begin(rotation->store, rotation->err);

    journal_keys_check(&rotation->new, lineage, check);
    if (code == ERR_OK)
        code = rotate_events(rotation);
    if (code == ERR_OK)
        code = rotate_premises(rotation);
    if (code == ERR_OK)
        code = rotate_holds(rotation);
    if (code == ERR_OK)
        code = store_set_key_check(rotation->store, check, rotation->err);
    if (code == ERR_OK)
        code = store_commit(rotation->store, rotation->err);
    if (code != ERR_OK)
        store_rollback(rotation->store);
    return code;
}

static enum err_code run(struct store *store, struct journal *journal, const char *path,
                         int64_t *count, struct err *err)
{
    struct rotation *rotation = mem_alloc(sizeof *rotation);
    enum err_code code = journal_keys_write_next(journal_keys(journal), path, err);

    rotation->store = store;
    rotation->old = journal_keys(journal);
    rotation->doc = json_doc_new();
    rotation->event_doc = json_doc_new();
    rotation->err = err;
    if (code == ERR_OK)
        code = journal_keys_read_next(&rotation->new, path, err);
    if (code == ERR_OK)
        code = rotate(rotation, journal_lineage(journal));
    if (code == ERR_OK)
        code = journal_keys_take_next(path, err);
    if (code == ERR_OK && !store_scrub(store)) // nobody else has it open
        code =
            err_set(err, ERR_UNAVAILABLE, "scrub",
                    "The data are sealed anew, but the write-ahead log still holds the former "
                    "ones: start busd and stop it.",
                    "Данные зашифрованы заново, но журнал упреждающей записи ещё хранит прежние: "
                    "запустите busd и остановите его.");
    *count = rotation->done;
    for (size_t i = 0; i < SLICE; i++) {
        buf_fini(&rotation->rows[i].bytes);
        buf_fini(&rotation->rows[i].sealed);
    }
    buf_fini(&rotation->text);
    buf_fini(&rotation->sealed);
    json_doc_free(rotation->doc);
    json_doc_free(rotation->event_doc);
    journal_keys_wipe(&rotation->new);
    free(rotation);
    return code;
}

enum err_code journal_rotate(const char *directory, const char *key_file, int64_t *count,
                             struct err *err)
{
    struct store_options options = {.any_clock = true};
    struct buf path = {0};
    enum err_code code;

    *count = 0;
    buf_printf(&path, "%s/journal.db", directory);
    if (access(path.data, F_OK) != 0) {
        buf_fini(&path);
        return err_set(err, ERR_NOT_FOUND, "no_journal", "There is no journal in %s.",
                       "В каталоге %s нет журнала.", directory);
    }
    struct store *store = store_open_with(directory, &options, err);
    struct journal *journal = store ? journal_open_with(store, directory, key_file, err) : NULL;
    buf_clear(&path);
    if (key_file)
        buf_add_text(&path, key_file);
    else
        buf_printf(&path, "%s/personal.key", directory);
    code = journal ? run(store, journal, path.data, count, err) : err->code;
    buf_fini(&path);
    journal_close(journal);
    store_close(store);
    return code;
}
