// A grid of cells that views paint into. No terminal stands behind it: screen.c copies it to one,
// tests read it. Whatever text is painted, a cell holds one drawable rune (lib/text.h, filter 2),
// so row and column arithmetic is trivial and nothing raw can reach a terminal.
//
// All painting is relative to a rectangle and clipped to it and to the surface. Rectangles may be
// empty or lie outside; nothing is drawn then.
#pragma once

#include "lib/buf.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a cell means. The screen chooses attributes: shape and word first, colour last; with NO_COLOR
// only bold, dim and reverse. The single table of roles: name, letter in golden files, meaning.
#define ROLE_ITEMS(X)                                          \
    X(NORMAL, 'n', "text")                                     \
    X(DIM, 'd', "hints, rows that are gone")                   \
    X(BOLD, 'b', "stressed")                                   \
    X(TITLE, 't', "the first line: reverse")                   \
    X(SELECTED, 's', "the row under the cursor: reverse")      \
    X(TAGGED, 'g', "a tagged row's marker")                    \
    X(PRIORITY_1, '1', "emergency")                            \
    X(PRIORITY_2, '2', "high")                                 \
    X(PRIORITY_3, '3', "medium")                               \
    X(PRIORITY_4, '4', "ordinary")                             \
    X(PRIORITY_5, '5', "one flat")                             \
    X(STRIP, 'a', "the alarm strip's one alarm: white on red") \
    X(STAR, '*', "accepted by nobody")                         \
    X(OVERDUE, 'o', "a time that has passed, no ETA")          \
    X(GOOD, 'k', "done, connected")                            \
    X(BAD, 'x', "bus lost, refused")                           \
    X(FIELD, 'f', "a field without focus: underline")          \
    X(FOCUS, 'i', "the field with focus: reverse")             \
    X(CHOICE, 'c', "the chosen one of several")                \
    X(KEY, 'y', "the key in a hint, the F-bar's digit")        \
    X(LABEL, 'l', "the F-bar's label: reverse")                \
    X(FRAME, '-', "lines and boxes")                           \
    X(MATCH, 'm', "what a search found")

enum role {
#define X(name, letter, meaning) ROLE_##name,
    ROLE_ITEMS(X)
#undef X
        ROLE_COUNT
};

struct cell {
    uint32_t rune; // never 0; a blank is ' '
    uint16_t mark; // one combining mark over it, or 0
    uint8_t role;  // enum role
};

struct rect {
    int row, column, rows, columns;
};

struct surface {
    int rows, columns;
    struct cell *cells; // rows * columns, row by row
    int cursor_row,
        cursor_column; // where the terminal's own cursor stands; screen readers follow it
};

void surface_init(struct surface *surface, int rows, int columns); // negative sizes count as 0
void surface_fini(struct surface *surface);
void surface_resize(struct surface *surface, int rows, int columns); // contents are blanked
void surface_clear(struct surface *surface);                         // blanks, cursor to 0, 0
struct rect surface_rect(const struct surface *surface);             // all of it
struct rect rect_inner(struct rect outer, int row, int column, int rows,
                       int columns);                                           // clipped to outer
struct cell *surface_cell(const struct surface *surface, int row, int column); // NULL outside

// Writes text from a place within `rect`; returns the columns that it took (before clipping).
int surface_put(struct surface *surface, struct rect rect, int row, int column, enum role role,
                struct slice text);
int surface_text(struct surface *surface, struct rect rect, int row, int column, enum role role,
                 const char *text);
int surface_printf(struct surface *surface, struct rect rect, int row, int column, enum role role,
                   const char *format, ...) __attribute__((format(printf, 6, 7)));
// Writes into exactly `columns` cells: padded with blanks; what does not fit ends in '~' (as mc does).
void surface_cell_text(struct surface *surface, struct rect rect, int row, int column, int columns,
                       enum role role, struct slice text);
// The same, against the right edge.
void surface_cell_right(struct surface *surface, struct rect rect, int row, int column, int columns,
                        enum role role, struct slice text);
// Ends at `column` (exclusive); returns where it starts.
int surface_text_before(struct surface *surface, struct rect rect, int row, int column,
                        enum role role, const char *text);

void surface_fill(struct surface *surface, struct rect rect, uint32_t rune, enum role role);
void surface_line(struct surface *surface, struct rect rect, int row,
                  const char *title); // ─ title ───
// A box with a title around `rect`, its inside blanked; returns the inside.
struct rect surface_box(struct surface *surface, struct rect rect, const char *title);
// Text over several rows, broken at blanks; returns the rows it took (painted or not).
int surface_wrap(struct surface *surface, struct rect rect, int row, enum role role,
                 struct slice text);
void surface_cursor(struct surface *surface, struct rect rect, int row, int column);

// The rune for terminals without box characters and symbols (TERM=linux, vt100, --ascii); letters of
// any alphabet stay.
uint32_t surface_ascii(uint32_t rune);
// Golden files: the text, a line of '=', the grid of role letters. Blanks at line ends are cut.
void surface_print(const struct surface *surface, struct buf *out);
void surface_print_text(const struct surface *surface, struct buf *out);
char role_letter(enum role role);
