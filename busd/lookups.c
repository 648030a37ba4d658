#include "busd/lookups.h"

#include "lib/phone.h"

#include <string.h>

enum { REG_NO_BYTES = 32 };

void lookups_take(const struct journal_keys *keys, struct slice phone, struct slice account,
                  struct lookups *lookups)
{
    char normal[PHONE_BYTES];

    lookups->has_phone = phone.length && phone_normalise(phone, normal);
    lookups->has_account = account.length > 0;
    if (lookups->has_phone)
        journal_keys_lookup(keys, "phone", slice_of(normal), lookups->phone);
    if (lookups->has_account)
        journal_keys_lookup(keys, "account", account, lookups->account);
}

void lookups_of_personal(const struct journal_keys *keys, const struct json *values,
                         struct lookups *lookups)
{
    const struct json *caller = json_get(values, "/data/caller");

    lookups_take(keys, json_string(json_get(caller, "phone")),
                 json_string(json_get(values, "/data/premise/account")), lookups);
}

enum err_code lookups_put(const struct lookups *lookups, struct store *store, struct slice text,
                          struct err *err)
{
    char reg_no[REG_NO_BYTES];

    if (text.length >= sizeof reg_no)
        return ERR_OK;
    memcpy(reg_no, text.data, text.length);
    reg_no[text.length] = '\0';
    if (lookups->has_phone && store_put_lookup(store, lookups->phone, reg_no, err))
        return err->code;
    if (lookups->has_account && store_put_lookup(store, lookups->account, reg_no, err))
        return err->code;
    return ERR_OK;
}

enum err_code lookups_drop(const struct lookups *lookups, struct store *store, const char *reg_no,
                           struct err *err)
{
    if (lookups->has_phone && store_drop_lookup(store, lookups->phone, reg_no, err))
        return err->code;
    if (lookups->has_account && store_drop_lookup(store, lookups->account, reg_no, err))
        return err->code;
    return ERR_OK;
}
