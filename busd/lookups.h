// By what a contact is found again: keyed digests of the caller's phone and of the account. Taken
// when the contact is stored; the same ones are dropped with its personal data.
#pragma once

#include "busd/journal_keys.h"
#include "busd/store.h"

#include <stdbool.h>

struct lookups {
    uint8_t phone[STORE_DIGEST_BYTES], account[STORE_DIGEST_BYTES];
    bool has_phone, has_account;
};

// `phone` and `account` as they were given; empty = none.
void lookups_take(const struct journal_keys *keys, struct slice phone, struct slice account,
                  struct lookups *lookups);
// The same of personal fields as they are sealed, {pointer: value}.
void lookups_of_personal(const struct journal_keys *keys, const struct json *values,
                         struct lookups *lookups);
enum err_code lookups_put(const struct lookups *lookups, struct store *store, struct slice reg_no,
                          struct err *err);
enum err_code lookups_drop(const struct lookups *lookups, struct store *store, const char *reg_no,
                           struct err *err);
