// What the address typed so far may mean: a short list under the field, from the broker while it is
// there, else from the offline copy. The latest text wins; an answer to an older one is dropped.
#pragma once

#include "intake/call_form.h"
#include "intake/offline.h"
#include "lib/json.h"
#include "tui/surface.h"

#include <stdbool.h>
#include <stdint.h>

enum { SUGGEST_ROWS = 6 };

struct suggest {
    struct json_doc *doc;
    const struct json *rows; // array of `query premises by=place` rows; NULL = none
    size_t selected;
    int64_t asked; // number of the latest question
    bool waits;    // for its answer: what is shown is of former letters
};

void suggest_init(struct suggest *suggest);
void suggest_fini(struct suggest *suggest);
void suggest_clear(struct suggest *suggest); // nothing to suggest, answers under way are dropped
// A new question: its number comes back with the answer.
int64_t suggest_ask(struct suggest *suggest);
// NULL rows: it was not answered.
void suggest_take(struct suggest *suggest, int64_t asked, const struct json *rows);
// From the offline copy, at once.
void suggest_offline(struct suggest *suggest, const struct offline *offline, const char *typed);

size_t suggest_count(const struct suggest *suggest);
void suggest_move(struct suggest *suggest, int step);
const struct json *suggest_selected(const struct suggest *suggest); // NULL = none
void suggest_paint(const struct suggest *suggest, struct surface *surface, struct rect rect);
