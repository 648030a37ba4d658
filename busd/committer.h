// A thread that commits one batch while the loop receives, reads and answers others. Worth its two
// wake-ups only for large batches (BUS.md §2.3): the loop decides.
//
// From committer_begin() to committer_finish() the batch, and with it store, journal, engine and the
// requests handed over, belong to the thread: the loop touches none of them.
#pragma once

#include "busd/batch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct committer;

struct committer *committer_start(struct batch *batch, struct err *err);
void committer_stop(struct committer *committer); // not while a batch is under way

void committer_begin(struct committer *committer, struct publish **requests, size_t count,
                     int64_t now_ms);
bool committer_is_busy(const struct committer *committer); // between begin and finish
int committer_fd(const struct committer *committer);       // readable when the batch is done
// Waits for it; how many requests were done, as batch_run() says. `took_us` is its duration.
size_t committer_finish(struct committer *committer, int64_t *took_us);
