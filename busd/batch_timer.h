// Deadlines that ran out, and other events of the broker's own, as a batch.
#pragma once

#include "busd/batch.h"

// At most so many deadlines are one transaction.
enum { BATCH_TIMERS = 1000 };

// A transaction holds: what is to be told is in the batch, and the broker's time is `now_ms`.
typedef void batch_tell(void *context, int64_t now_ms);

// Journals, applies and commits those that ran out before `until_ms`, in their order: one transaction, or
// `all`; `tell` behind each. Whether none is left. False with `err`: what was begun is rolled back. The
// broker's time is `now_ms`, and moves on to the last one's when that is later.
bool batch_pass_timers(struct batch *batch, int64_t now_ms, int64_t until_ms, bool all,
                       batch_tell *tell, void *context, struct err *err);

// A replay clock moves on to `to_ms`: what runs out before is passed first.
enum err_code batch_pass_clock(struct batch *batch, int64_t now_ms, int64_t to_ms, batch_tell *tell,
                               void *context, struct err *err);

// Journals, applies and commits one event of the broker's own at its recorded_ms. On a failure it is
// rolled back.
enum err_code batch_own(struct batch *batch, struct event *event, struct err *err);

// At the start and behind a reload or an import: journals the rules of grouping, where others are in force
// from now on (`*set`, else -1), or settles the incidents under those that there are. Commits that.
enum err_code batch_take_rules(struct batch *batch, int64_t now_ms, int *set, struct err *err);

// Brings the incidents to what the grouping says, at the start and when the network is another: nothing
// changes while they show it already. Commits what follows.
enum err_code batch_settle(struct batch *batch, int64_t now_ms, struct err *err);
