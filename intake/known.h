// What is known at a place: the rows of `query eta`, kept fresh by the events of the bus, and shown
// with what to read out to the caller.
#pragma once

#include "intake/texts.h"
#include "lib/json.h"
#include "tui/surface.h"

#include <stdbool.h>
#include <stdint.h>

enum known_state { KNOWN_NO_PLACE, KNOWN_ASKING, KNOWN_ROWS, KNOWN_UNKNOWN_PLACE, KNOWN_OFFLINE };
enum { KNOWN_AGAIN_MS = 400 }; // at most one question in this time while events come

struct known {
    enum known_state state;
    struct json_doc *doc;
    const struct json *rows;
    struct buf args;  // of the question, asked again when something happened
    int64_t asked;    // number of the latest question
    int64_t as_of_ms; // broker's time of the rows
    bool due;         // something happened since
    bool marked;      // an ETA among the rows has just changed
    int64_t asked_ms; // monotonic
};

void known_init(struct known *known);
void known_fini(struct known *known);
void known_clear(struct known *known);
// Another place: `args` of `query eta` as JSON. The caller asks; the number comes back.
int64_t known_ask(struct known *known, struct slice args, int64_t mono_ms);
void known_take(struct known *known, int64_t asked, const struct json *rows, const struct err *err,
                int64_t now_ms);
// An event of the bus: whether what is shown may have changed; an ETA of a shown incident marks.
bool known_event(struct known *known, struct slice topic, const struct json *event);
// Whether it is time to ask again.
bool known_is_due(const struct known *known, int64_t mono_ms);

int known_paint(const struct known *known, enum language language, int64_t now_ms,
                struct surface *surface, struct rect rect); // rows that it took
