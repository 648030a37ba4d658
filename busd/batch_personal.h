// Taking personal data away, and what else is done about one person: each an act of its own that the
// journal says by an event of the broker's (PROTOCOL §3 `admin`, FIELD §2).
//
// An erasure takes the sealed fields and the digests by which the contact was found, never an event's
// bytes: the chain stays whole. `personal.purged` names the events whose fields went, in ranges, so
// that `verify` tells an erasure from a loss (journal_erased.h).
#pragma once

#include "busd/batch.h"

#include <stdbool.h>

enum { BATCH_PERSONAL_MAX = 500 }; // contacts of one transaction

// Which person: a phone as typed, or one contact by its number. The other one is empty.
struct batch_person {
    struct slice phone, reg_no;
};

// Erases everything that is kept of a person. `count` gets the contacts and premises that it was.
// ERR_NOT_FOUND: nothing is; ERR_CONFLICT: a legal hold. It may take several transactions.
enum err_code batch_erase_person(struct batch *batch, const struct batch_person *person,
                                 const char *by, int64_t now_ms, int64_t *count, struct err *err);
// Sets or lifts a legal hold: nothing of that phone is erased, by request or by age.
enum err_code batch_hold_person(struct batch *batch, const struct batch_person *person, bool held,
                                const char *by, struct slice reason, int64_t now_ms,
                                struct err *err);
// Says that a person's data are given out to be handed over.
enum err_code batch_say_exported(struct batch *batch, const char *by, int64_t now_ms,
                                 struct err *err);

// Erases by age: at most BATCH_PERSONAL_MAX events behind `*after` and up to `through` for which
// `is_due` holds, and that no hold keeps. `*after` moves on; true in `more`: call again. `count` gets
// how many were erased: with 0 nothing was journalled.
typedef bool batch_is_due(void *context, struct slice topic);
enum err_code batch_purge(struct batch *batch, int64_t *after, int64_t through,
                          batch_is_due *is_due, void *context, int64_t now_ms, int64_t *count,
                          bool *more, struct err *err);
