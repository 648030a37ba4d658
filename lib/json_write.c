// Writing: trees compactly or in the canonical form, and answers as a stream.
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/json_number.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_escape(struct buf *out, unsigned char c)
{
    static const char *const short_forms[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    static const char hex[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        buf_add(out, (char[]){'\\', (char)c}, 2);
    } else if (short_forms[c]) {
        buf_add(out, short_forms[c], 2);
    } else {
        buf_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

// Whether one of eight bytes is a control, a quote or a backslash: a byte of `x - 0x20…` borrows into
// its top bit where it was below 0x20, and likewise for the other two after they are made 0.
static bool has_escaped(uint64_t x)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = x ^ ones * '"';
    uint64_t slash = x ^ ones * '\\';
    uint64_t found =
        ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);

    return (found & ones * 0x80) != 0;
}

// The length of what needs no escape at the start of the text.
static size_t plain_length(struct slice text)
{
    size_t i = 0;

    for (uint64_t eight; i + sizeof eight <= text.length; i += sizeof eight) {
        memcpy(&eight, text.data + i, sizeof eight);
        if (has_escaped(eight))
            break;
    }
    for (; i < text.length; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
    }
    return i;
}

// Writes what needs escapes, from the first of them on.
static void write_escaped(struct buf *out, struct slice text)
{
    while (text.length > 0) {
        write_escape(out, (unsigned char)text.data[0]);
        text = (struct slice){text.data + 1, text.length - 1};
        size_t plain = plain_length(text);
        buf_add(out, text.data, plain);
        text = (struct slice){text.data + plain, text.length - plain};
    }
}

// Writes a string with its quotes, a comma before and a colon behind it where they are due.
static void write_quoted(struct buf *out, bool comma, struct slice text, bool colon)
{
    size_t plain = plain_length(text);
    char *start = buf_room(out, plain + 4);
    char *at = start;

    if (comma)
        *at++ = ',';
    *at++ = '"';
    if (plain > 0)
        memcpy(at, text.data, plain);
    at += plain;
    if (plain < text.length) {
        buf_extend(out, (size_t)(at - start));
        write_escaped(out, (struct slice){text.data + plain, text.length - plain});
        at = start = buf_room(out, 2);
    }
    *at++ = '"';
    if (colon)
        *at++ = ':';
    buf_extend(out, (size_t)(at - start));
}

void json_write_string(struct buf *out, struct slice text)
{
    write_quoted(out, false, text, false);
}

void json_write(struct buf *out, const struct json *value)
{
    switch (value->type) {
    case JSON_NULL: buf_add(out, "null", 4); return;
    case JSON_FALSE: buf_add(out, "false", 5); return;
    case JSON_TRUE: buf_add(out, "true", 4); return;
    case JSON_NUMBER: buf_add(out, value->text.data, value->text.length); return;
    case JSON_STRING: json_write_string(out, value->text); return;
    case JSON_ARRAY:
    case JSON_OBJECT: break;
    }
    bool object = value->type == JSON_OBJECT;
    buf_add_char(out, object ? '{' : '[');
    for (const struct json *child = value->first; child; child = child->next) {
        if (object)
            write_quoted(out, child != value->first, child->key, true);
        else if (child != value->first)
            buf_add_char(out, ',');
        json_write(out, child);
    }
    buf_add_char(out, object ? '}' : ']');
}

// The order of UTF-16 code units is that of UTF-8 bytes, but that surrogates (runes above U+FFFF)
// stand before U+E000..U+FFFF: leads F0..F4 before EE and EF.
static int utf16_rank(unsigned char byte)
{
    if (byte >= 0xF0)
        return byte - 2;
    return byte >= 0xEE ? byte + 0x10 : byte;
}

static int compare_utf16(struct slice a, struct slice b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;

    for (size_t i = 0; i < shorter; i++) {
        if (a.data[i] != b.data[i])
            return utf16_rank((unsigned char)a.data[i]) - utf16_rank((unsigned char)b.data[i]);
    }
    return (a.length > b.length) - (a.length < b.length);
}

static int compare_members(const void *a, const void *b)
{
    return compare_utf16((*(const struct json *const *)a)->key,
                         (*(const struct json *const *)b)->key);
}

static void write_canonical_object(struct buf *out, const struct json *object)
{
    enum { FEW = 32 };
    const struct json *few[FEW];
    const struct json **members = few;
    size_t count = 0;

    if (object->count > FEW)
        members = mem_resize(NULL, object->count, sizeof(const struct json *));
    for (const struct json *member = object->first; member; member = member->next)
        members[count++] = member;
    qsort(members, count, sizeof *members, compare_members);
    buf_add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        write_quoted(out, i > 0, members[i]->key, true);
        json_write_canonical(out, members[i]);
    }
    buf_add_char(out, '}');
    if (members != few)
        free(members);
}

void json_write_canonical(struct buf *out, const struct json *value)
{
    char number[JSON_NUMBER_TEXT_BYTES];

    switch (value->type) {
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE:
    case JSON_STRING: json_write(out, value); return;
    case JSON_NUMBER:
        json_number_print(value->number, number);
        buf_add_text(out, number);
        return;
    case JSON_OBJECT: write_canonical_object(out, value); return;
    case JSON_ARRAY: break;
    }
    buf_add_char(out, '[');
    for (const struct json *child = value->first; child; child = child->next) {
        if (child != value->first)
            buf_add_char(out, ',');
        json_write_canonical(out, child);
    }
    buf_add_char(out, ']');
}

void json_out_init(struct json_out *out, struct buf *buf)
{
    *out = (struct json_out){.buf = buf};
}

// What stands before a value: a comma where something stands already, and its name.
static void begin(struct json_out *out, const char *key)
{
    uint64_t bit = UINT64_C(1) << out->level;
    bool follows = (out->filled & bit) != 0;

    out->filled |= bit;
    if (key)
        write_quoted(out->buf, follows, slice_of(key), true);
    else if (follows)
        buf_add_char(out->buf, ',');
}

static void open_level(struct json_out *out, const char *key, char bracket)
{
    begin(out, key);
    buf_add_char(out->buf, bracket);
    out->level++;
    assert(out->level < 64);
    out->filled &= ~(UINT64_C(1) << out->level);
}

void json_out_object(struct json_out *out, const char *key)
{
    open_level(out, key, '{');
}

void json_out_array(struct json_out *out, const char *key)
{
    open_level(out, key, '[');
}

void json_out_end(struct json_out *out, char bracket)
{
    assert(out->level > 0 && (bracket == '}' || bracket == ']'));
    out->level--;
    buf_add_char(out->buf, bracket);
}

void json_out_string(struct json_out *out, const char *key, struct slice text)
{
    begin(out, key);
    json_write_string(out->buf, text);
}

void json_out_text(struct json_out *out, const char *key, const char *text)
{
    if (text)
        json_out_string(out, key, slice_of(text));
    else
        json_out_null(out, key);
}

void json_out_integer(struct json_out *out, const char *key, int64_t value)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    begin(out, key);
    do
        *--at = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        *--at = '-';
    buf_add(out->buf, at, (size_t)(digits + sizeof digits - at));
}

void json_out_number(struct json_out *out, const char *key, double value)
{
    char text[JSON_NUMBER_TEXT_BYTES];

    begin(out, key);
    json_number_print(value, text);
    buf_add_text(out->buf, text);
}

void json_out_bool(struct json_out *out, const char *key, bool value)
{
    begin(out, key);
    buf_add_text(out->buf, value ? "true" : "false");
}

void json_out_null(struct json_out *out, const char *key)
{
    begin(out, key);
    buf_add_text(out->buf, "null");
}

void json_out_time(struct json_out *out, const char *key, int64_t time_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(time_ms, text);
    json_out_text(out, key, text);
}

void json_out_raw(struct json_out *out, const char *key, struct slice json)
{
    begin(out, key);
    buf_add(out->buf, json.data, json.length);
}

void json_out_value(struct json_out *out, const char *key, const struct json *value)
{
    begin(out, key);
    if (value)
        json_write(out->buf, value);
    else
        buf_add_text(out->buf, "null");
}
