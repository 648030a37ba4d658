// One line about a stored event, for the timeline and the shift log: what happened, in words.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"

#include <stdint.h>

// Appends "срок 17:00 (оценка, диспетчер)". The incident is named when `with_incident`.
void event_text_print(const struct json *event, bool with_incident, int64_t now_ms,
                      enum language language, struct buf *out);
// Who did it, short: "petrova", "шина".
void event_text_source(const struct json *event, enum language language, struct buf *out);
// The last part of an identity "pult:user:NAME".
const char *event_text_name(const char *identity);

// A word of the protocol ("no_power", "repair", "on_site", …) for people; the word itself when it
// is not known.
const char *event_text_word(const char *word, enum language language);
// "14:32" of today, "22.11 14:32" of another day.
void event_text_time(int64_t time_ms, int64_t now_ms, bool seconds, struct buf *out);
