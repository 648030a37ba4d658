// The panel of what can be read out: answer texts and the directory, searched as typed, the chosen one
// below. Pure: it paints and takes keys; what is taken into a contact is its owner's.
#pragma once

#include "intake/handbook.h"
#include "intake/texts.h"
#include "tui/field.h"

enum { READING_FOUND = 100 };

struct reading {
    struct field field;
    const struct handbook_entry *found[READING_FOUND];
    size_t count, selected;
    int scroll;        // rows of the text above the first one shown
    const char *topic; // texts of it come first among equals; static, NULL = none
};

void reading_init(struct reading *reading);
void reading_fini(struct reading *reading);
// The search anew: at opening, after typing, and when the handbook was taken anew.
void reading_search(struct reading *reading, const struct handbook *handbook,
                    enum language language);
const struct handbook_entry *reading_selected(const struct reading *reading); // NULL = none

enum reading_result { READING_IGNORED, READING_USED, READING_CHANGED, READING_TAKEN };
// CHANGED: search anew. TAKEN: Enter on a text.
enum reading_result reading_input(struct reading *reading, const struct input *input);
void reading_paint(struct reading *reading, enum language language, struct surface *surface,
                   struct rect rect);
