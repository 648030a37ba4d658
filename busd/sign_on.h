// Signing on: which person speaks behind a shared account (PROTOCOL §2). The PIN is checked against the
// scrypt hash in persons.yaml and kept nowhere.
//
// Tries are limited for an account and the person it names, and for an account over all persons: after
// SIGN_ON_TRIES wrong ones in a row nothing is checked for SIGN_ON_LOCK_MS, a right PIN included. A
// person that does not exist costs the same time and gets the same sentence.
#pragma once

#include "busd/access.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

enum {
    SIGN_ON_TRIES = 5,
    SIGN_ON_TRIES_ALL = 20, // of one account, whomever it named
    SIGN_ON_LOCK_MS = 15 * 60 * 1000,
    SIGN_ON_KEPT = 1024 // accounts and persons whose tries are remembered
};

struct sign_ons;
struct sign_ons *sign_ons_new(void);
void sign_ons_free(struct sign_ons *sign_ons);

// The person; NULL with ERR_DENIED (reasons "person", "pin") or ERR_LIMIT ("tries", with retry_ms).
const struct access_person *sign_on(struct sign_ons *sign_ons, const struct access *access,
                                    const char *identity, struct slice person, struct slice pin,
                                    int64_t monotonic_ms, struct err *err);
