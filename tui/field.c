#include "tui/field.h"

#include "lib/mem.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

void field_init(struct field *field, size_t limit)
{
    *field = (struct field){.limit = limit};
}

void field_fini(struct field *field)
{
    free(field->runes);
    *field = (struct field){0};
}

void field_clear(struct field *field)
{
    field->count = field->cursor = 0;
    field->scroll = 0;
}

bool field_is_empty(const struct field *field)
{
    return field->count == 0;
}

static void add_runes(const uint32_t *runes, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        char bytes[4];
        buf_add(out, bytes, text_encode(runes[i], bytes));
    }
}

void field_get(const struct field *field, struct buf *out)
{
    add_runes(field->runes, field->count, out);
}

// Makes the text NFC again, with the cursor behind the same letters: an accent that was typed becomes
// part of its letter.
static void recompose(struct field *field)
{
    struct buf before = {0};
    struct buf whole = {0};
    struct buf typed = {0};
    add_runes(field->runes, field->cursor, &typed);
    text_normalize((struct slice){typed.data, typed.length}, &before);
    add_runes(field->runes + field->cursor, field->count - field->cursor, &typed);
    text_normalize((struct slice){typed.data, typed.length}, &whole);
    size_t count = 0;
    size_t cursor = 0;
    for (size_t at = 0; at < whole.length;) {
        uint32_t rune;
        at += text_decode((struct slice){whole.data + at, whole.length - at}, &rune);
        field->runes[count++] = rune; // composing never lengthens what NFC was before
        if (at <= before.length)
            cursor = count;
    }
    field->count = count;
    field->cursor = cursor;
    buf_fini(&before);
    buf_fini(&whole);
    buf_fini(&typed);
}

// Inserts filtered text at the cursor, as far as the limit and `accepts` let it.
static bool insert(struct field *field, struct slice text)
{
    struct buf filtered = {0};
    text_filter(text, &filtered);
    struct slice left = {filtered.data, filtered.length};
    bool changed = false;
    bool composed = true;
    while (left.length > 0 && field->count < field->limit) {
        uint32_t rune;
        size_t length = text_decode(left, &rune);
        left.data += length;
        left.length -= length;
        if (field->accepts && !field->accepts(rune))
            continue;
        while (field->count + 1 > field->capacity)
            mem_grow((void **)&field->runes, field->count, &field->capacity, sizeof *field->runes);
        memmove(field->runes + field->cursor + 1, field->runes + field->cursor,
                (field->count - field->cursor) * sizeof *field->runes);
        field->runes[field->cursor++] = rune;
        field->count++;
        changed = true;
        composed = composed && rune < 0x300;
    }
    if (!composed)
        recompose(field);
    buf_fini(&filtered);
    return changed;
}

void field_set(struct field *field, struct slice text)
{
    field_clear(field);
    insert(field, text);
}

// The index of the letter before or behind `at`; marks belong to the letter that they follow.
static size_t step_left(const struct field *field, size_t at)
{
    while (at > 0 && text_mark(field->runes[at - 1]))
        at--;
    return at > 0 ? at - 1 : 0;
}

static size_t step_right(const struct field *field, size_t at)
{
    if (at < field->count)
        at++;
    while (at < field->count && text_mark(field->runes[at]))
        at++;
    return at;
}

static size_t word_left(const struct field *field, size_t at)
{
    while (at > 0 && field->runes[at - 1] == ' ')
        at--;
    while (at > 0 && field->runes[at - 1] != ' ')
        at--;
    return at;
}

static size_t word_right(const struct field *field, size_t at)
{
    while (at < field->count && field->runes[at] != ' ')
        at++;
    while (at < field->count && field->runes[at] == ' ')
        at++;
    return at;
}

static enum field_result erase(struct field *field, size_t from, size_t to)
{
    if (from == to)
        return FIELD_MOVED;
    memmove(field->runes + from, field->runes + to, (field->count - to) * sizeof *field->runes);
    field->count -= to - from;
    field->cursor = from;
    return FIELD_CHANGED;
}

static enum field_result move(struct field *field, size_t to)
{
    field->cursor = to;
    return FIELD_MOVED;
}

static enum field_result input_key(struct field *field, const struct input *input)
{
    bool words = (input->mods & INPUT_CTRL) != 0;
    size_t at = field->cursor;
    switch (input->key) {
    case INPUT_LEFT: return move(field, words ? word_left(field, at) : step_left(field, at));
    case INPUT_RIGHT: return move(field, words ? word_right(field, at) : step_right(field, at));
    case INPUT_HOME: return move(field, 0);
    case INPUT_END: return move(field, field->count);
    case INPUT_BACKSPACE: return erase(field, step_left(field, at), at);
    case INPUT_DELETE: return erase(field, at, step_right(field, at));
    default: return FIELD_IGNORED;
    }
}

static enum field_result input_control(struct field *field, uint32_t letter)
{
    size_t at = field->cursor;
    switch (letter) {
    case 'a': return move(field, 0);
    case 'e': return move(field, field->count);
    case 'w': return erase(field, word_left(field, at), at);
    case 'u': return erase(field, 0, at);
    case 'k': return erase(field, at, field->count);
    default: return FIELD_IGNORED;
    }
}

enum field_result field_input(struct field *field, const struct input *input)
{
    char bytes[4];
    switch (input->kind) {
    case INPUT_KEY: return input_key(field, input);
    case INPUT_PASTE: return insert(field, input->paste) ? FIELD_CHANGED : FIELD_MOVED;
    case INPUT_REPLY: return FIELD_IGNORED;
    case INPUT_RUNE: break;
    }
    if (input->mods & INPUT_CTRL)
        return input_control(field, input->rune);
    if (input->mods & INPUT_ALT)
        return FIELD_IGNORED;
    struct slice typed = {bytes, text_encode(input->rune, bytes)};
    return insert(field, typed) ? FIELD_CHANGED : FIELD_MOVED;
}

// Cells that the first `count` runes take.
static int columns_of(const struct field *field, size_t count)
{
    int columns = 0;
    for (size_t i = 0; i < count; i++)
        columns += !text_mark(field->runes[i]);
    return columns;
}

void field_paint(struct field *field, struct surface *surface, struct rect rect, int row,
                 int column, int columns, bool focused)
{
    if (columns <= 0)
        return;
    int cursor = columns_of(field, field->cursor);
    int whole = columns_of(field, field->count) + 1; // the cursor may stand behind the last letter
    if (field->scroll > whole - columns)
        field->scroll = whole > columns ? whole - columns : 0;
    if (cursor < field->scroll)
        field->scroll = cursor;
    if (cursor >= field->scroll + columns)
        field->scroll = cursor - columns + 1;
    enum role role = focused ? ROLE_FOCUS : ROLE_FIELD;
    struct rect slot = rect_inner(rect, row, column, 1, columns);
    surface_fill(surface, slot, ' ', role);
    struct buf text = {0};
    field_get(field, &text);
    surface_put(surface, slot, 0, -field->scroll, role, (struct slice){text.data, text.length});
    buf_fini(&text);
    if (focused)
        surface_cursor(surface, slot, 0, cursor - field->scroll);
}

bool field_accepts_digits(uint32_t rune)
{
    return rune >= '0' && rune <= '9';
}

bool field_accepts_phone(uint32_t rune)
{
    return field_accepts_digits(rune) || rune == '+' || rune == '-' || rune == '(' || rune == ')' ||
           rune == ' ';
}
