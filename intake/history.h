// What was taken before: of a telephone, of a place, of an account, as typed or as they stand on the form.
// Two questions may be under way, of the telephone and of the place; their contacts are one list, the
// latest first. Pure.
#pragma once

#include "intake/contact_view.h"
#include "tui/field.h"

enum history_of {
    HISTORY_NOTHING,
    HISTORY_NUMBER, // 2026-000123: that contact
    HISTORY_SLIP,   // "7", "slip 7", "т7": what was told for want of a number
    HISTORY_PHONE,
    HISTORY_ACCOUNT,
    HISTORY_ADDRESS, // to be found among the premises first
};

struct history {
    struct field field;
    struct rows by_phone, by_place; // as answered
    struct rows rows;               // both; its items lie in those
    char *place;                    // the address that was meant; NULL = none
};

void history_init(struct history *history);
void history_fini(struct history *history);
void history_clear(struct history *history); // the lists; not what is typed
enum history_of history_typed(const struct history *history);
int64_t history_slip(const struct history *history); // as typed; 0 = none
void history_place(struct history *history, const char *address);
void history_arrange(struct history *history); // after an answer

enum history_result { HISTORY_IGNORED, HISTORY_USED, HISTORY_SEARCH, HISTORY_OPEN };
// Typing; Up and Down choose; Enter searches for what was typed, then opens the chosen one.
enum history_result history_input(struct history *history, const struct input *input);
void history_paint(struct history *history, const char *own, enum language language, int64_t now_ms,
                   struct surface *surface, struct rect rect);
