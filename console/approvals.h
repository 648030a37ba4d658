// Acts that wait until another person agrees (EVENTS: approval.requested, approval.given), oldest first,
// as the stream told of them, and the query `approvals` of those before it. An act that nobody agreed to in time is no longer listed.
#pragma once

#include "lib/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// As many as are kept: a mass cancellation has at least ten. The oldest goes when one more comes.
enum { APPROVALS_KEPT = 200 };

struct approvals;
struct approvals *approvals_new(void);
void approvals_free(struct approvals *approvals);
// Takes an event of the stream; true when it asks for agreement.
bool approvals_take(struct approvals *approvals, const struct json *event);
size_t approvals_count(const struct approvals *approvals, int64_t now_ms);
// The event that asked; NULL beyond. True until the next approvals_take().
const struct json *approvals_at(const struct approvals *approvals, int64_t now_ms, size_t index);
// The one with this sequence; NULL when it waits no more.
const struct json *approvals_find(const struct approvals *approvals, int64_t now_ms,
                                  uint64_t sequence);
uint64_t approvals_sequence(const struct json *event);
