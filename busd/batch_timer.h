// Deadlines that ran out, and other events of the broker's own, as a batch.
#pragma once

#include "busd/batch.h"

// At most so many deadlines are one transaction.
enum { BATCH_TIMERS = 1000 };

// Journals, applies and commits those that ran out before `until_ms`, in their order, up to
// BATCH_TIMERS. How many; -1 with `err`: none, and what was begun is rolled back. `*now_ms` is the
// broker's time, and moves on to the last one's when that is later.
int batch_timers(struct batch *batch, int64_t *now_ms, int64_t until_ms, struct err *err);

// Journals, applies and commits one event of the broker's own at its recorded_ms. On a failure it is
// rolled back.
enum err_code batch_own(struct batch *batch, struct event *event, struct err *err);

// Brings the incidents to what the grouping says, at the start and when the network is another: nothing
// changes while they show it already. Commits what follows.
enum err_code batch_settle(struct batch *batch, int64_t now_ms, struct err *err);
