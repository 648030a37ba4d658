// What an operator reads to the caller: one ready text a record, in each language: do we know, why,
// when will it be back, what happened to the promise. Of public facts alone: nothing personal, no
// dispatcher's free text but the `say` of the ETA and the `public_text` of the incident.
#pragma once

#include "busd/engine_record.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/voltage.h"

#include <stdbool.h>
#include <stdint.h>

// From the configuration; NULL where absent.
struct say_company {
    const char *name;
    const char *phone;
    struct voltage_rule voltage;
};

// Appends one or more sentences, without a line end. `now_ms` is the broker's time.
void say_incident(struct buf *out, enum language language, const struct incident *incident,
                  int64_t now_ms, const struct say_company *company);
void say_planned(struct buf *out, enum language language, const struct planned *planned,
                 int64_t now_ms, const struct say_company *company);
// Nothing is known at the place that was asked about.
void say_nothing(struct buf *out, enum language language, const struct say_company *company);
// A contact was registered and nothing more can be said: the first report of something, or one without
// an incident (power is back, a question).
void say_registered(struct buf *out, enum language language, const struct say_company *company);
// One that is no matter of the dispatcher's: a question, a reading, a complaint.
void say_taken(struct buf *out, enum language language);
