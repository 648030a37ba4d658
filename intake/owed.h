// Contacts that wait for an answer, as a list with a filter: all, those to call back, a department's, and
// those just answered, to be closed. Pure.
#pragma once

#include "intake/contact_view.h"
#include "tui/form.h"

enum { OWED_POLL_MS = 10000 }; // new ones come without being told of

struct owed {
    struct rows rows;
    struct form form;
    struct form_item filter; // one choice by a digit
};

void owed_init(struct owed *owed);
void owed_fini(struct owed *owed);
// The arguments of `query contacts` for what is chosen.
void owed_write_args(const struct owed *owed, int64_t now_ms, struct buf *args);
// Keeps what belongs to the filter, the earliest due first. After rows_take().
void owed_arrange(struct owed *owed, bool first);           // first: nothing was listed before
enum owed_result { OWED_IGNORED, OWED_USED, OWED_CHANGED }; // CHANGED: another filter, ask anew
enum owed_result owed_input(struct owed *owed, const struct input *input);
void owed_paint(struct owed *owed, enum language language, int64_t now_ms, struct surface *surface,
                struct rect rect);
