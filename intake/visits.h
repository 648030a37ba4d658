// The appointment book of one office on one day: windows against times, with who is booked (masked) and
// what is free for a kind of visit. Pure; times are the company's.
#pragma once

#include "intake/rows.h"
#include "intake/texts.h"
#include "tui/form.h"

enum { VISITS_KINDS = 9, VISITS_SLOTS = 200, VISITS_POLL_MS = 10000 };

struct visits {
    struct rows offices, sheet, slots;
    size_t office; // index in `offices`
    struct form form;
    struct form_item kind; // of visit, by a digit
    struct form_choice kinds[VISITS_KINDS];
    int64_t day_ms;    // its local midnight; 0 = not opened yet
    int64_t *times;    // rows of the book: what begins, or may begin, on this day
    size_t time_count; // ascending
    size_t time;       // selected
    int64_t window;    // selected, from 1
    int64_t moving;    // the appointment that is to get another time; 0 = none
    char *contact;     // in which it is asked for; NULL = none
    char *name, *phone;
};

void visits_init(struct visits *visits);
void visits_fini(struct visits *visits);
void visits_day(struct visits *visits, int64_t time_ms); // the day that holds a time
// For whom the next one is booked; NULL = not known.
void visits_for(struct visits *visits, const char *contact, const char *name, const char *phone);
// After an answer to one of its questions.
void visits_arrange(struct visits *visits);

const struct json *visits_office(const struct visits *visits); // NULL = there is none
const char *visits_kind(const struct visits *visits);          // NULL = the office has none
bool visits_are_asked(const struct visits *visits);            // and nothing is there yet
// The two questions of a day: arguments of `appointments` and of `slots`. False while no office is known.
bool visits_write_sheet(const struct visits *visits, struct buf *args);
bool visits_write_slots(const struct visits *visits, struct buf *args);

int64_t visits_windows(const struct visits *visits);
// Who has a window at a time: a row of `appointments`, or NULL.
const struct json *visits_at(const struct visits *visits, int64_t time_ms, int64_t window);
const struct json *visits_selected(const struct visits *visits);
int64_t visits_time(const struct visits *visits);                    // selected; 0 = none
bool visits_can_begin(const struct visits *visits, int64_t time_ms); // in some window
bool visits_is_free(const struct visits *visits, int64_t time_ms, int64_t window);

enum visits_result { VISITS_IGNORED, VISITS_USED, VISITS_CHANGED, VISITS_CHOSEN };
// Arrows; PgUp PgDn a day; Tab another office; a digit another kind; Enter chooses the cell. CHANGED: ask
// anew.
enum visits_result visits_input(struct visits *visits, const struct input *input);
void visits_paint(struct visits *visits, enum language language, struct surface *surface,
                  struct rect rect);
