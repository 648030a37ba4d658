// What a dispatcher types for a time: `1730`, `17:30`, `9`, `+90` (minutes), `+2ч` `+2h` `+1:30`
// `+1ч30` `+2д`, `з 9` `t 9` `зв 9:30` (tomorrow), `23.11 9:00`, `?` = being clarified. Pure; the
// company's wall clock is lib/clock.
//
// A time of day means its next occurrence but up to ETA_TEXT_BACK_MS ago: at 14:32 `14:00` is today
// and past (which is asked about), at 23:50 `0:30` is tomorrow.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define ETA_TEXT_BACK_MS (INT64_C(12) * 3600 * 1000)
#define ETA_TEXT_FAR_MS  (INT64_C(48) * 3600 * 1000)

enum eta_text_kind {
    ETA_TEXT_EMPTY,
    ETA_TEXT_PARTIAL, // not yet a time, but may become one: "+", "з"
    ETA_TEXT_INVALID,
    ETA_TEXT_TIME,
    ETA_TEXT_CLARIFY, // `?`: the ETA in force is withdrawn
};

struct eta_text {
    enum eta_text_kind kind;
    int64_t at_ms; // ETA_TEXT_TIME; whole minutes
    bool past;     // before now: ask once
    bool far;      // more than ETA_TEXT_FAR_MS ahead: ask once
};

void eta_text_parse(struct slice text, int64_t now_ms, struct eta_text *eta);
// Appends "чт 23.11 в 16:02 (через 1 ч 30 мин)", or what is wrong and what would be right.
void eta_text_print(const struct eta_text *eta, int64_t now_ms, enum language language,
                    struct buf *out);
// The cell of a list: "17:00", "з9:00" / "+1 9:00" tomorrow, "24.11" later. Appends.
void eta_text_cell(int64_t at_ms, int64_t now_ms, enum language language, struct buf *out);
