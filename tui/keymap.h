// Actions and their keys. One table a program: from it come the keys, the help palette, the F-bar, the
// hints, the command line and the manual page. A test walks every table in both layouts.
//
// Letters are bound by the physical key (TERMINAL §6.3): a Cyrillic letter counts as the Latin one of
// its key, in command context only; in a text field letters are text. Punctuation that moves between
// layouts is not bound, but `.` also counts as `/` and `,` as `?`.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "tui/decoder.h"

#include <stdbool.h>
#include <stddef.h>

enum { KEYMAP_LABEL_COLUMNS = 6 }; // an F-bar label at 80 columns

struct action {
    int id;                           // unique in its table, > 0
    const char *name;                 // stable word for the command line and logs: "eta"
    const char *word[LANGUAGE_COUNT]; // the same for people: "eta", "срок"
    const char
        *label[LANGUAGE_COUNT]; // F-bar, at most KEYMAP_LABEL_COLUMNS cells; NULL without F-key
    const char *help[LANGUAGE_COUNT]; // one phrase
    unsigned views;                   // bits of the views it works in, as the program numbers them
    const char *keys; // "F2 e": blank between; Latin letters, digits, F1-F10, Enter Tab
                      // Space Ins Del Home End PgUp PgDn Up Down Left Right Esc Ctrl-L
    bool (*can_run)(const void *program); // NULL = always
    void (*run)(void *program);
};

enum keymap_context { KEYMAP_COMMAND, KEYMAP_FIELD };

// The Latin letter on the physical key of a Cyrillic one (case kept); other runes as they are, but
// `.` gives '/' and ',' gives '?'.
uint32_t keymap_physical(uint32_t rune);
// The Cyrillic letter on the key of a Latin one; 0 for others.
uint32_t keymap_cyrillic(uint32_t rune);

// The action of an input in a view; NULL when it has none (or it may not be used: see can_run there).
// In KEYMAP_FIELD runes without Ctrl, Space, Home, End, arrows, Ins, Del, Tab and Enter belong to the
// field and are not looked up. Letters are case-blind, unless the table binds both cases of one.
const struct action *keymap_find(const struct action *actions, size_t count, unsigned view,
                                 enum keymap_context context, const struct input *input);
const struct action *keymap_find_name(const struct action *actions, size_t count,
                                      struct slice word); // in either language
// The keys for people: "F2 e/у"; in hints `short_form` gives only the letters "e/у".
void keymap_print_keys(const struct action *action, bool short_form, struct buf *out);
// The action on F1..F10 in this view; NULL where there is none.
const struct action *keymap_function(const struct action *actions, size_t count, unsigned view,
                                     int number);
// Reads one key of `keys`: the word at *at, which moves on. False at the end or for an unknown word.
bool keymap_parse_key(const char **at, struct input *input);
// Faults of a table (unknown key, one key twice in a view, label too wide, text missing, a letter
// without Cyrillic counterpart); false and the sentence of the first. For tests and start-up.
bool keymap_check(const struct action *actions, size_t count, struct err *err);

struct surface;
struct rect;
// Paints the F-bar into row 0 of `rect`: ten cells of an equal width (8 at 80 columns).
void keymap_paint_bar(const struct action *actions, size_t count, unsigned view,
                      enum language language, const void *program, struct surface *surface,
                      struct rect rect);
