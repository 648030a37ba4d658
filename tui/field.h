// A line editor. Pure: takes events, gives text, paints into a surface. Text is kept in NFC; a
// letter and its marks are moved over and deleted as one.
#pragma once

#include "lib/buf.h"
#include "tui/decoder.h"
#include "tui/surface.h"

struct field {
    uint32_t *runes;
    size_t count, capacity;
    size_t limit;                   // runes at most; more is not taken
    size_t cursor;                  // index of a rune
    int scroll;                     // first column shown; kept by field_paint()
    bool (*accepts)(uint32_t rune); // NULL = every rune; others are skipped, in a paste too
};

void field_init(struct field *field, size_t limit);
void field_fini(struct field *field);
void field_clear(struct field *field);
void field_set(struct field *field, struct slice text);     // filtered; cursor at the end
void field_get(const struct field *field, struct buf *out); // appends UTF-8
bool field_is_empty(const struct field *field);

enum field_result {
    FIELD_IGNORED, // not the editor's: Enter, Tab, Esc, Up, Down, F-keys
    FIELD_MOVED,   // the cursor moved, or could not (the event is used up)
    FIELD_CHANGED, // the text is another
};
// Runes, paste, Left, Right, Home, End, Backspace, Delete, Ctrl-A/E (ends), Ctrl-W (word), Ctrl-U
// (all before the cursor), Ctrl-K (all behind), Ctrl-Left/Right (by words).
enum field_result field_input(struct field *field, const struct input *input);

// Paints `columns` cells; scrolls so that the cursor is seen; sets the surface's cursor when focused.
void field_paint(struct field *field, struct surface *surface, struct rect rect, int row,
                 int column, int columns, bool focused);

bool field_accepts_digits(uint32_t rune);
bool field_accepts_phone(uint32_t rune); // digits, + - ( ) and blank
