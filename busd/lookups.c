#include "busd/lookups.h"

#include "lib/phone.h"

#include <stdio.h>

static void add(const struct journal_keys *keys, const char *kind, struct slice value,
                struct lookups *lookups)
{
    if (value.length)
        journal_keys_lookup(keys, kind, value, lookups->digests[lookups->count++]);
}

static void add_phone(const struct journal_keys *keys, struct slice phone, struct lookups *lookups)
{
    char normal[PHONE_BYTES];

    if (phone.length && phone_normalise(phone, normal))
        add(keys, "phone", slice_of(normal), lookups);
}

void lookups_take(const struct journal_keys *keys, int64_t sequence, const struct json *data,
                  const struct json *values, struct lookups *lookups)
{
    const struct json *caller = json_get(values, "/data/caller");
    struct slice reg_no = json_string(json_get(data, "reg_no"));
    struct slice about = json_string(json_get(data, "contact"));

    lookups->count = 0;
    lookups->about[0] = '\0';
    add_phone(keys, json_string(json_get(caller, "phone")), lookups);
    add_phone(keys, json_string(json_get(values, "/data/number")), lookups);
    add(keys, "account", json_string(json_get(values, "/data/premise/account")), lookups);
    if (reg_no.length && reg_no.length < sizeof lookups->key) {
        snprintf(lookups->key, sizeof lookups->key, "%.*s", (int)reg_no.length, reg_no.data);
        return;
    }
    snprintf(lookups->key, sizeof lookups->key, "#%lld", (long long)sequence);
    add(keys, "contact", about, lookups);
    if (about.length < sizeof lookups->about)
        snprintf(lookups->about, sizeof lookups->about, "%.*s", (int)about.length,
                 about.data ? about.data : "");
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
