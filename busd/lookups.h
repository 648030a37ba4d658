// By what an event with personal data is found again: keyed digests of every telephone number and account
// that its personal fields hold, whatever they are called; of the contact that it is about; and of the
// call that it came with, where it names no number itself: who rang is then known by call.started alone.
// Stored with the event, dropped with its personal data.
#pragma once

#include "busd/journal_keys.h"
#include "busd/store.h"

enum {
    LOOKUPS_MAX = 16,
    LOOKUPS_REG_NO_BYTES = 40,
    LOOKUPS_KEY_BYTES = 64,
    LOOKUPS_CALL_BYTES = 72
};

struct lookups {
    uint8_t digests[LOOKUPS_MAX][STORE_DIGEST_BYTES];
    size_t count;
    // The contact's number; "#SEQUENCE" of an event that is no contact, and "NUMBER#SEQUENCE" of what the
    // applicant said later (contact.updated): a phone in it finds the contact too (store: `found`).
    char key[LOOKUPS_KEY_BYTES];
    // The number of the contact that an event that is none is about, or empty.
    char about[LOOKUPS_REG_NO_BYTES];
    char call[LOOKUPS_CALL_BYTES]; // the call by which it is found, or empty
};

// `values` = the personal fields {pointer: value}; `data` = the event's, as it is stored.
void lookups_take(const struct journal_keys *keys, int64_t sequence, struct slice topic,
                  const struct json *data, const struct json *values, struct lookups *lookups);
// The digest by which what is about a contact is found.
void lookups_of_contact(const struct journal_keys *keys, const char *reg_no,
                        uint8_t digest[STORE_DIGEST_BYTES]);
// The same for what came with a call.
void lookups_of_call(const struct journal_keys *keys, const char *call,
                     uint8_t digest[STORE_DIGEST_BYTES]);
enum err_code lookups_put(const struct lookups *lookups, struct store *store, struct err *err);
enum err_code lookups_drop(const struct lookups *lookups, struct store *store, struct err *err);
// 1 all are there, 0 one is not, -1 error.
int lookups_are_kept(const struct lookups *lookups, struct store *store, struct err *err);
