#include "tui/surface.h"

#include "lib/mem.h"
#include "lib/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const struct cell blank = {' ', 0, ROLE_NORMAL};

char role_letter(enum role role)
{
    static const char letters[] = {
#define X(name, letter, meaning) letter,
        ROLE_ITEMS(X)
#undef X
    };
    assert(role < ROLE_COUNT);
    return letters[role];
}

void surface_init(struct surface *surface, int rows, int columns)
{
    *surface = (struct surface){0};
    surface_resize(surface, rows, columns);
}

void surface_fini(struct surface *surface)
{
    free(surface->cells);
    *surface = (struct surface){0};
}

void surface_resize(struct surface *surface, int rows, int columns)
{
    surface->rows = rows > 0 ? rows : 0;
    surface->columns = columns > 0 ? columns : 0;
    size_t count = (size_t)surface->rows * (size_t)surface->columns;
    surface->cells = mem_resize(surface->cells, count ? count : 1, sizeof *surface->cells);
    surface_clear(surface);
}

void surface_clear(struct surface *surface)
{
    size_t count = (size_t)surface->rows * (size_t)surface->columns;
    for (size_t i = 0; i < count; i++)
        surface->cells[i] = blank;
    surface->cursor_row = 0;
    surface->cursor_column = 0;
}

struct rect surface_rect(const struct surface *surface)
{
    return (struct rect){0, 0, surface->rows, surface->columns};
}

struct rect rect_inner(struct rect outer, int row, int column, int rows, int columns)
{
    int last_row = row + rows < outer.rows ? row + rows : outer.rows;
    int last_column = column + columns < outer.columns ? column + columns : outer.columns;
    row = row > 0 ? row : 0;
    column = column > 0 ? column : 0;
    return (struct rect){outer.row + row, outer.column + column,
                         last_row > row ? last_row - row : 0,
                         last_column > column ? last_column - column : 0};
}

struct cell *surface_cell(const struct surface *surface, int row, int column)
{
    if (row < 0 || column < 0 || row >= surface->rows || column >= surface->columns)
        return NULL;
    return &surface->cells[(size_t)row * (size_t)surface->columns + (size_t)column];
}

// A cell of the rectangle that is also one of the surface.
static struct cell *cell_within(const struct surface *surface, struct rect rect, int row,
                                int column)
{
    if (row < 0 || column < 0 || row >= rect.rows || column >= rect.columns)
        return NULL;
    return surface_cell(surface, rect.row + row, rect.column + column);
}

int surface_put(struct surface *surface, struct rect rect, int row, int column, enum role role,
                struct slice text)
{
    int start = column;
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);
        text.data += length;
        text.length -= length;
        uint32_t drawn = text_drawable(rune);
        if (drawn == 0)
            continue;
        bool mark = text_mark(drawn);
        struct cell *cell = cell_within(surface, rect, row, mark ? column - 1 : column);
        if (mark && column > start && cell)
            cell->mark = (uint16_t)drawn;
        if (mark)
            continue;
        if (cell)
            *cell = (struct cell){drawn, 0, (uint8_t)role};
        column++;
    }
    return column - start;
}

int surface_text(struct surface *surface, struct rect rect, int row, int column, enum role role,
                 const char *text)
{
    return surface_put(surface, rect, row, column, role, slice_of(text));
}

int surface_printf(struct surface *surface, struct rect rect, int row, int column, enum role role,
                   const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return surface_text(surface, rect, row, column, role, text);
}

static void put_cut(struct surface *surface, struct rect rect, int row, int column, int columns,
                    enum role role, struct slice text)
{
    struct rect slot = rect_inner(rect, row, column, 1, columns);
    int shift = column < 0 ? column : 0;
    surface_put(surface, slot, 0, shift, role, text_clip(text, (size_t)columns - 1));
    surface_text(surface, slot, 0, columns - 1 + shift, role, "~");
}

void surface_cell_text(struct surface *surface, struct rect rect, int row, int column, int columns,
                       enum role role, struct slice text)
{
    if (columns <= 0)
        return;
    if (text_width(text) > (size_t)columns) {
        put_cut(surface, rect, row, column, columns, role, text);
        return;
    }
    surface_fill(surface, rect_inner(rect, row, column, 1, columns), ' ', role);
    surface_put(surface, rect, row, column, role, text);
}

void surface_cell_right(struct surface *surface, struct rect rect, int row, int column, int columns,
                        enum role role, struct slice text)
{
    if (columns <= 0)
        return;
    size_t width = text_width(text);
    if (width > (size_t)columns) {
        put_cut(surface, rect, row, column, columns, role, text);
        return;
    }
    surface_fill(surface, rect_inner(rect, row, column, 1, columns), ' ', role);
    surface_put(surface, rect, row, column + columns - (int)width, role, text);
}

int surface_text_before(struct surface *surface, struct rect rect, int row, int column,
                        enum role role, const char *text)
{
    int start = column - (int)text_width(slice_of(text));
    surface_text(surface, rect, row, start, role, text);
    return start;
}

void surface_fill(struct surface *surface, struct rect rect, uint32_t rune, enum role role)
{
    for (int row = 0; row < rect.rows; row++)
        for (int column = 0; column < rect.columns; column++) {
            struct cell *cell = cell_within(surface, rect, row, column);
            if (cell)
                *cell = (struct cell){rune, 0, (uint8_t)role};
        }
}

void surface_line(struct surface *surface, struct rect rect, int row, const char *title)
{
    surface_fill(surface, rect_inner(rect, row, 0, 1, rect.columns), 0x2500, ROLE_FRAME);
    if (title && *title) {
        int end = 2 + surface_text(surface, rect, row, 2, ROLE_BOLD, title);
        surface_text(surface, rect, row, 1, ROLE_FRAME, " ");
        surface_text(surface, rect, row, end, ROLE_FRAME, " ");
    }
}

struct rect surface_box(struct surface *surface, struct rect rect, const char *title)
{
    int right = rect.columns - 1;
    int bottom = rect.rows - 1;
    surface_fill(surface, rect, ' ', ROLE_NORMAL);
    surface_fill(surface, rect_inner(rect, 0, 0, 1, rect.columns), 0x2500, ROLE_FRAME);
    surface_fill(surface, rect_inner(rect, bottom, 0, 1, rect.columns), 0x2500, ROLE_FRAME);
    surface_fill(surface, rect_inner(rect, 0, 0, rect.rows, 1), 0x2502, ROLE_FRAME);
    surface_fill(surface, rect_inner(rect, 0, right, rect.rows, 1), 0x2502, ROLE_FRAME);
    surface_text(surface, rect, 0, 0, ROLE_FRAME, "┌");
    surface_text(surface, rect, 0, right, ROLE_FRAME, "┐");
    surface_text(surface, rect, bottom, 0, ROLE_FRAME, "└");
    surface_text(surface, rect, bottom, right, ROLE_FRAME, "┘");
    if (title && *title) {
        struct rect inside = rect_inner(rect, 0, 2, 1, rect.columns - 4);
        surface_text(surface, inside, 0, 0, ROLE_FRAME, " ");
        int end = 1 + surface_text(surface, inside, 0, 1, ROLE_BOLD, title);
        surface_text(surface, inside, 0, end, ROLE_FRAME, " ");
    }
    return rect_inner(rect, 1, 1, rect.rows - 2, rect.columns - 2);
}

int surface_wrap(struct surface *surface, struct rect rect, int row, enum role role,
                 struct slice text)
{
    int rows = 0;
    while (text.length > 0 && rect.columns > 0) {
        struct slice line = text_clip(text, (size_t)rect.columns);
        if (line.length < text.length && text.data[line.length] != ' ') {
            size_t blank_at = line.length;
            while (blank_at > 0 && line.data[blank_at - 1] != ' ')
                blank_at--;
            if (blank_at > 0)
                line.length = blank_at;
        }
        surface_put(surface, rect, row + rows, 0, role, line);
        rows++;
        text.data += line.length;
        text.length -= line.length;
        while (text.length > 0 && *text.data == ' ') {
            text.data++;
            text.length--;
        }
    }
    return rows;
}

void surface_cursor(struct surface *surface, struct rect rect, int row, int column)
{
    if (cell_within(surface, rect, row, column)) {
        surface->cursor_row = rect.row + row;
        surface->cursor_column = rect.column + column;
    }
}

uint32_t surface_ascii(uint32_t rune)
{
    static const struct {
        uint32_t rune;
        char ascii;
    } table[] = {
        {0x203C, '!'}, {0x25B2, '^'}, {0x25CF, 'o'}, {0x00B7, '.'}, {0x25A0, '#'}, {0x25C6, '*'},
        {0x2713, 'v'}, {0x2014, '-'}, {0x2013, '-'}, {0x2026, '~'}, {0x2192, '>'}, {0x2191, '^'},
        {0x2193, 'v'}, {0x2190, '<'}, {0x25BC, 'v'}, {0x25B8, '>'}, {0x25C4, '<'}, {0x21B5, '<'},
        {0x25CB, 'o'}, {0x2022, '*'}, {0x2588, '@'}, {0x2116, 'N'}, {0x00AB, '"'}, {0x00BB, '"'},
    };
    static const char shades[] = ".:-=+*#%"; // one eighth to seven eighths of a block
    if (rune < 0x80)
        return rune;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].rune == rune)
            return (uint32_t)table[i].ascii;
    if (rune == 0x2500 || rune == 0x2550)
        return '-';
    if (rune == 0x2502 || rune == 0x2551)
        return '|';
    if (rune > 0x2500 && rune < 0x2580)
        return '+';
    if (rune >= 0x2581 && rune <= 0x2587)
        return (uint32_t)shades[rune - 0x2581];
    bool letter = (rune >= 0xC0 && rune < 0x590) || (rune >= 0x1E00 && rune < 0x2000);
    return letter ? rune : '?';
}

static size_t row_length(const struct surface *surface, int row, bool roles)
{
    int columns = surface->columns;
    while (columns > 0) {
        const struct cell *cell = surface_cell(surface, row, columns - 1);
        if (roles ? cell->role != ROLE_NORMAL : cell->rune != ' ')
            break;
        columns--;
    }
    return (size_t)columns;
}

static void print_rows(const struct surface *surface, bool roles, struct buf *out)
{
    for (int row = 0; row < surface->rows; row++) {
        size_t length = row_length(surface, row, roles);
        for (int column = 0; column < (int)length; column++) {
            const struct cell *cell = surface_cell(surface, row, column);
            char bytes[4];
            if (roles) {
                buf_add_char(out, role_letter((enum role)cell->role));
                continue;
            }
            buf_add(out, bytes, text_encode(cell->rune, bytes));
            if (cell->mark)
                buf_add(out, bytes, text_encode(cell->mark, bytes));
        }
        buf_add_char(out, '\n');
    }
}

void surface_print_text(const struct surface *surface, struct buf *out)
{
    print_rows(surface, false, out);
}

void surface_print(const struct surface *surface, struct buf *out)
{
    print_rows(surface, false, out);
    for (int column = 0; column < surface->columns; column++)
        buf_add_char(out, '=');
    buf_printf(out, "\ncursor %d,%d\n", surface->cursor_row, surface->cursor_column);
    print_rows(surface, true, out);
}
