#include "busd/lookups.h"

#include "lib/phone.h"

#include <stdio.h>
#include <string.h>

static void add(const struct journal_keys *keys, const char *kind, struct slice value,
                struct lookups *lookups)
{
    uint8_t digest[STORE_DIGEST_BYTES];

    if (!value.length || lookups->count == LOOKUPS_MAX)
        return;
    journal_keys_lookup(keys, kind, value, digest);
    for (size_t i = 0; i < lookups->count; i++) {
        if (memcmp(lookups->digests[i], digest, sizeof digest) == 0)
            return;
    }
    memcpy(lookups->digests[lookups->count++], digest, sizeof digest);
}

static void add_phone(const struct journal_keys *keys, struct slice phone, struct lookups *lookups)
{
    char normal[PHONE_BYTES];

    if (phone.length && phone_normalise(phone, normal))
        add(keys, "phone", slice_of(normal), lookups);
}

// The last member of a pointer.
static struct slice name_of(struct slice pointer)
{
    const char *slash = memrchr(pointer.data, '/', pointer.length);

    return slash ? (struct slice){slash + 1, pointer.length - (size_t)(slash + 1 - pointer.data)}
                 : pointer;
}

// Whether a text is a telephone number: a whole one. A short one counts only where a number is meant.
static bool is_phone(struct slice name, struct slice text)
{
    char normal[PHONE_BYTES];

    if (slice_is(name, "tax_number")) // may look like one
        return false;
    return slice_is_word(name, "phone number") ||
           (phone_normalise(text, normal) && normal[0] == '+');
}

// Every text at or below a personal field.
static void add_texts(const struct journal_keys *keys, struct slice name, const struct json *value,
                      struct lookups *lookups)
{
    if (value->type == JSON_OBJECT || value->type == JSON_ARRAY) {
        for (const struct json *item = value->first; item; item = item->next)
            add_texts(keys, item->key.length ? item->key : name, item, lookups);
        return;
    }
    if (value->type != JSON_STRING)
        return;
    if (slice_is(name, "account"))
        add(keys, "account", value->text, lookups);
    else if (is_phone(name, value->text))
        add_phone(keys, value->text, lookups);
}

static void copy(struct slice text, char *to, size_t room)
{
    snprintf(to, room, "%.*s", text.length < room ? (int)text.length : 0,
             text.data ? text.data : "");
}

// Whether a contact names a telephone number of its caller.
static bool has_number(const struct json *values)
{
    return json_string(json_get(json_get(values, "/data/caller"), "phone")).length > 0;
}

void lookups_take(const struct journal_keys *keys, int64_t sequence, struct slice topic,
                  const struct json *data, const struct json *values, struct lookups *lookups)
{
    struct slice call = json_string(json_get(data, "call"));
    struct slice reg_no = json_string(json_get(data, "reg_no"));
    struct slice about = json_string(json_get(data, "contact"));

    lookups->count = 0;
    lookups->about[0] = lookups->call[0] = '\0';
    for (const struct json *value = values->first; value; value = value->next)
        add_texts(keys, name_of(value->key), value, lookups);
    copy(reg_no, lookups->key, sizeof lookups->key);
    if (!lookups->key[0] || !has_number(values))
        copy(call, lookups->call, sizeof lookups->call);
    if (lookups->call[0])
        add(keys, "call", call, lookups);
    if (lookups->key[0])
        return;
    add(keys, "contact", about, lookups);
    copy(about, lookups->about, sizeof lookups->about);
    snprintf(lookups->key, sizeof lookups->key, "%s#%lld",
             slice_is(topic, "contact.updated") ? lookups->about : "", (long long)sequence);
}

void lookups_of_call(const struct journal_keys *keys, const char *call,
                     uint8_t digest[STORE_DIGEST_BYTES])
{
    journal_keys_lookup(keys, "call", slice_of(call), digest);
}

void lookups_of_contact(const struct journal_keys *keys, const char *reg_no,
                        uint8_t digest[STORE_DIGEST_BYTES])
{
    journal_keys_lookup(keys, "contact", slice_of(reg_no), digest);
}

enum err_code lookups_put(const struct lookups *lookups, struct store *store, struct err *err)
{
    for (size_t i = 0; i < lookups->count; i++) {
        if (store_put_lookup(store, lookups->digests[i], lookups->key, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

enum err_code lookups_drop(const struct lookups *lookups, struct store *store, struct err *err)
{
    for (size_t i = 0; i < lookups->count; i++) {
        if (store_drop_lookup(store, lookups->digests[i], lookups->key, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

int lookups_are_kept(const struct lookups *lookups, struct store *store, struct err *err)
{
    int kept = 1;

    for (size_t i = 0; i < lookups->count && kept == 1; i++)
        kept = store_has_lookup(store, lookups->digests[i], lookups->key, err);
    return kept;
}
