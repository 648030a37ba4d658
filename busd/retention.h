// How long personal data are kept, by kind (`personal_retention_days`), and their erasure when the
// time is over: a part at a time, between other work, each part an event (batch_personal.h).
//
// On the system's clock it runs once an hour; on a replay clock when the clock is moved, so that the
// same acts give the same journal.
#pragma once

#include "busd/batch.h"
#include "busd/config.h"

#include <stdbool.h>
#include <stdint.h>

enum { RETENTION_KINDS = 4 };

struct retention {
    const struct config *config;
    int64_t next_ms;                // of the broker's time: when it runs again
    int kind;                       // that is being erased; RETENTION_KINDS = none
    int64_t after[RETENTION_KINDS]; // events up to it were looked at
    bool scrub;                     // erased rows may still stand in the write-ahead log
};

void retention_init(struct retention *retention, const struct config *config);
// A hold was lifted: what it kept may be due.
void retention_again(struct retention *retention);
// One part of what is due at `now_ms`. True: call again soon. After it the batch's packets wait to be
// told. A failure is logged and tried again in an hour.
bool retention_step(struct retention *retention, struct batch *batch, int64_t now_ms);
