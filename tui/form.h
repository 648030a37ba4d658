// Fields and choices in tab order. Digits choose (TERMINAL §6.1: "digits choose; Tab order = order of
// speech"). The program lays items out by row and column; the form owns focus and editing.
#pragma once

#include "lib/err.h"
#include "tui/field.h"

struct form_choice {
    const char *value;                 // what the program reads: "no_power"
    const char *label[LANGUAGE_COUNT]; // for people, without its digit
};

enum form_kind { FORM_FIELD, FORM_CHOICE };

struct form_item {
    enum form_kind kind;
    const char *label[LANGUAGE_COUNT];
    int row, column;   // of the label, within the form's rectangle
    int label_columns; // the value starts behind these; 0 = as wide as the label and a blank
    int columns;       // of the value; 0 = to the rectangle's edge
    size_t limit;      // FORM_FIELD: runes at most
    bool (*accepts)(uint32_t rune);
    // FORM_CHOICE: at most 9, chosen by 1..9; those that do not fit the row go on in the next.
    const struct form_choice *choices;
    size_t choice_count;
    bool hidden;        // neither painted nor focused
    bool locked;        // as it is: shown, and passed by Tab, but not to be changed
    int chosen;         // FORM_CHOICE: index, -1 = none
    struct field field; // FORM_FIELD; form_init() makes it
};

struct form {
    struct form_item *items; // the program's own array
    size_t count, focus;
};

// Makes the fields of `items`; `chosen` stays as the program set it.
void form_init(struct form *form, struct form_item *items, size_t count);
void form_fini(struct form *form);
void form_clear(struct form *form); // fields empty, choices -1, focus on the first

enum form_result {
    FORM_IGNORED, // the program may use the event: F-keys, Ctrl-letters
    FORM_MOVED,   // cursor or focus moved
    FORM_CHANGED, // a value is another: form->focus names the item
    FORM_SUBMIT,  // Enter in the last item
    FORM_CANCEL,  // Esc
    FORM_LOCKED,  // somebody tried to change what is locked
};
// Tab, Down, Enter: next item (Enter in the last: submit); Shift-Tab, Up: the one before.
enum form_result form_input(struct form *form, const struct input *input);
bool form_focus(struct form *form, size_t item);                     // false when hidden
const char *form_value(const struct form *form, size_t item);        // of a choice; NULL = none
bool form_choose(struct form *form, size_t item, const char *value); // false: no such choice
void form_paint(struct form *form, struct surface *surface, struct rect rect,
                enum language language);
