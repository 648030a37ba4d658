// Acts of two people (PROTOCOL §2, `four_eyes` of roles.yaml).
//
// A proposal that needs four eyes is decided as if it were done now, so that what cannot be is refused
// at once. Then it is journalled as approval.requested, under the id and identity of the client: `data`
// holds the act's type, who asked, until when another person may agree, and the act's own data. The
// client that sends it again gets the same answer.
//
// approval.given by another person performs the act: it is decided anew on the state as it is then, and
// journalled as an event of the broker's with the agreement as its cause, in the same transaction. When
// it cannot be done any more, the agreement is refused with that reason.
#pragma once

#include "busd/batch.h"

// Turns `item` into the approval.requested that stands for it, when its role's table says so; *held
// tells. A fault is in request->err.
enum err_code batch_hold_act(struct batch *batch, struct publish *request,
                             struct publish_event *item, const struct engine_moment *moment,
                             bool *held);
// Whoever agrees must be another person than the one who asked. Before the agreement is journalled.
enum err_code batch_check_giver(const struct batch *batch, struct publish *request,
                                const struct event *given);
// Does what was agreed to. After the agreement was journalled.
enum err_code batch_perform_act(struct batch *batch, const struct event *given, int64_t now_ms,
                                struct err *err);
