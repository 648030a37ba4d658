#include "lib/text.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct range {
    uint32_t first, last;
};

// RELIABILITY §2 (C0, C1, U+061C, 200B-200F, 2028-202E, 2060-2069, FEFF) and the other runes that
// Unicode calls default-ignorable: none shows, several move what stands beside them.
static const struct range forbidden[] = {
    {0x0000, 0x001F},   {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x034F, 0x034F},   {0x061C, 0x061C},
    {0x115F, 0x1160},   {0x17B4, 0x17B5}, {0x180B, 0x180F}, {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164}, {0xD800, 0xDFFF}, {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},
    {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
};

// Scripts and symbols that every terminal draws in one cell and leaves in their place. Outside of
// them fonts, shaping and emoji tables differ, so a dot is drawn (TERMINAL §5.3).
static const struct range drawable[] = {
    {0x0020, 0x02FF}, // Latin, phonetic, spacing modifiers
    {0x0370, 0x058F}, // Greek, Cyrillic, Armenian
    {0x10A0, 0x10FF}, // Georgian
    {0x1C80, 0x1C8F}, // Cyrillic C
    {0x1E00, 0x1FFF}, // Latin and Greek, extended
    {0x2010, 0x205E}, // punctuation
    {0x2070, 0x20CF}, // raised, lowered, currency
    {0x2100, 0x22FF}, // №, numbers, arrows, operators
    {0x2500, 0x25FF}, // lines, blocks, shapes
    {0x2713, 0x2717}, // ticks and crosses
    {0xA640, 0xA69F}, // Cyrillic B
};

static bool within(const struct range *ranges, size_t count, uint32_t rune)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rune > ranges[middle].last)
            low = middle + 1;
        else if (rune < ranges[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

size_t text_decode(struct slice text, uint32_t *rune)
{
    if (text.length == 0)
        return 0;
    const uint8_t *bytes = (const uint8_t *)text.data;
    uint8_t lead = bytes[0];
    *rune = lead;
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                    : lead >= 0xE0 && lead <= 0xEF ? 3
                    : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                   : 0;
    *rune = TEXT_REPLACEMENT;
    if (length == 0 || text.length < length)
        return 1;
    uint32_t value = lead & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (bytes[i] & 0x3FU);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 1;
    *rune = value;
    return length;
}

size_t text_encode(uint32_t rune, char bytes[4])
{
    if (rune > 0x10FFFF || (rune >= 0xD800 && rune <= 0xDFFF))
        rune = TEXT_REPLACEMENT;
    return (size_t)utf8proc_encode_char((utf8proc_int32_t)rune, (utf8proc_uint8_t *)bytes);
}

// Each event goes through here, so what it consists of, ASCII and Cyrillic (two bytes), comes first.
bool text_valid(struct slice text)
{
    const char *at = text.data;
    const char *end = at + text.length;

    while (at < end) {
        uint64_t eight = UINT64_MAX;
        uint32_t rune;
        if (end - at >= (ptrdiff_t)sizeof eight)
            memcpy(&eight, at, sizeof eight);
        uint8_t lead = (uint8_t)at[0];
        if ((eight & UINT64_C(0x8080808080808080)) == 0) {
            at += sizeof eight;
        } else if (lead < 0x80) {
            at++;
        } else if (lead >= 0xC2 && lead <= 0xDF && end - at > 1 && (at[1] & 0xC0) == 0x80) {
            at += 2;
        } else {
            size_t length = text_decode((struct slice){at, (size_t)(end - at)}, &rune);
            if (length < 2)
                return false;
            at += length;
        }
    }
    return true;
}

bool text_forbidden(uint32_t rune)
{
    if (rune >= 0x20 && rune < 0x7F)
        return false; // nearly all that is asked
    return rune > 0x10FFFF || (rune & 0xFFFE) == 0xFFFE ||
           within(forbidden, sizeof forbidden / sizeof *forbidden, rune);
}

uint32_t text_upper(uint32_t rune)
{
    return (uint32_t)utf8proc_toupper((utf8proc_int32_t)rune);
}

bool text_mark(uint32_t rune)
{
    if (rune < 0x300)
        return false;
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)rune);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

int text_rune_width(uint32_t rune)
{
    if (rune >= 0x20 && rune < 0x7F)
        return 1;
    if (text_forbidden(rune) || text_mark(rune))
        return 0;
    return utf8proc_charwidth((utf8proc_int32_t)rune);
}

uint32_t text_drawable(uint32_t rune)
{
    if (rune >= 0x20 && rune < 0x7F)
        return rune;
    if (rune == '\t' || rune == '\n' || rune == 0xA0 || (rune >= 0x2000 && rune <= 0x200A) ||
        rune == 0x202F || rune == 0x205F)
        return ' ';
    if (text_forbidden(rune))
        return 0;
    if (text_mark(rune))
        return rune >= 0x300 && rune <= 0x36F ? rune : 0;
    if (!within(drawable, sizeof drawable / sizeof *drawable, rune) ||
        utf8proc_charwidth((utf8proc_int32_t)rune) != 1 ||
        utf8proc_category((utf8proc_int32_t)rune) == UTF8PROC_CATEGORY_CN)
        return TEXT_MIDDLE_DOT;
    return rune;
}

struct slice text_clip(struct slice text, size_t columns)
{
    size_t used = 0;
    size_t at = 0;
    while (at < text.length) {
        uint32_t rune;
        size_t length = text_decode((struct slice){text.data + at, text.length - at}, &rune);
        uint32_t drawn = text_drawable(rune);
        if (drawn != 0 && !text_mark(drawn)) {
            if (used == columns)
                break;
            used++;
        }
        at += length;
    }
    return (struct slice){text.data, at};
}

size_t text_width(struct slice text)
{
    size_t width = 0;
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);
        uint32_t drawn = text_drawable(rune);
        width += drawn != 0 && !text_mark(drawn);
        text.data += length;
        text.length -= length;
    }
    return width;
}

// Latin without marks and Russian letters are in NFC and need no library: nearly every address.
static bool plain(struct slice text)
{
    for (size_t i = 0; i < text.length;) {
        uint8_t byte = (uint8_t)text.data[i];
        if (byte < 0x80) {
            i++;
            continue;
        }
        if ((byte != 0xD0 && byte != 0xD1) || i + 1 == text.length ||
            ((uint8_t)text.data[i + 1] & 0xC0) != 0x80)
            return false;
        i += 2;
    }
    return true;
}

static void add_rune(struct buf *out, uint32_t rune)
{
    char bytes[4];
    buf_add(out, bytes, text_encode(rune, bytes));
}

// Appends what utf8proc makes of valid UTF-8.
static void map(struct slice text, utf8proc_option_t options, struct buf *out)
{
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t length =
        utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.length, &mapped,
                     UTF8PROC_STABLE | options);
    assert(length >= 0); // the caller has dropped what is not UTF-8; out of memory is fatal
    buf_add(out, mapped, (size_t)length);
    free(mapped);
}

// Appends the runes of `text` that are UTF-8 and, when `filter`, may be stored.
static void add_valid(struct slice text, bool filter, struct buf *out)
{
    bool after_return = false;
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);
        bool bad = rune == TEXT_REPLACEMENT && length == 1;
        if (filter && (rune == '\t' || rune == '\n' || rune == '\r')) {
            if (!(rune == '\n' && after_return))
                buf_add_char(out, ' ');
        } else if (!bad && !(filter && text_forbidden(rune))) {
            buf_add(out, text.data, length);
        }
        after_return = rune == '\r';
        text.data += length;
        text.length -= length;
    }
}

static void add_with_few_marks(struct slice text, struct buf *out)
{
    int marks = 0;
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);
        marks = text_mark(rune) ? marks + 1 : 0;
        if (marks <= TEXT_MARKS)
            buf_add(out, text.data, length);
        text.data += length;
        text.length -= length;
    }
}

void text_filter(struct slice text, struct buf *out)
{
    struct buf valid = {0};
    add_valid(text, true, &valid);
    struct slice kept = {valid.data, valid.length};
    if (plain(kept)) {
        buf_add(out, kept.data, kept.length);
    } else {
        struct buf composed = {0};
        map(kept, UTF8PROC_COMPOSE, &composed);
        add_with_few_marks((struct slice){composed.data, composed.length}, out);
        buf_fini(&composed);
    }
    buf_fini(&valid);
}

// Whether each of eight bytes is from 0x20 to 0x7E: neither borrows from its top bit, nor carries into it.
static bool printable_ascii(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);

    return ((eight | (eight - ones * 0x20) | (eight + ones)) & ones * 0x80) == 0;
}

bool text_needs_filter(struct slice text)
{
    const unsigned char *at = (const unsigned char *)text.data, *end = at + text.length;

    while (at < end) {
        uint64_t eight = 0;
        if (end - at >= (ptrdiff_t)sizeof eight)
            memcpy(&eight, at, sizeof eight);
        if (printable_ascii(eight))
            at += sizeof eight;
        else if (*at >= 0x20 && *at < 0x7F)
            at++;
        else if ((*at == 0xD0 || *at == 0xD1) && at + 1 < end && (at[1] & 0xC0) == 0x80)
            at += 2;
        else
            return true;
    }
    return false;
}

void text_normalize(struct slice text, struct buf *out)
{
    if (plain(text)) {
        buf_add(out, text.data, text.length);
        return;
    }
    struct buf valid = {0};
    add_valid(text, false, &valid);
    if (valid.length > 0)
        map((struct slice){valid.data, valid.length}, UTF8PROC_COMPOSE, out);
    buf_fini(&valid);
}

static void add_folded(struct slice text, struct buf *out)
{
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);
        if (rune < 0x80)
            rune = rune >= 'A' && rune <= 'Z' ? rune + 32 : rune;
        else if (rune >= 0x410 && rune <= 0x42F)
            rune += 0x20;
        else if (rune == 0x401 || rune == 0x451)
            rune = 0x435;
        else if (rune >= 0x400 && rune <= 0x40F)
            rune += 0x50;
        add_rune(out, rune);
        text.data += length;
        text.length -= length;
    }
}

void text_fold(struct slice text, struct buf *out)
{
    bool simple = plain(text);
    for (size_t i = 0; simple && i + 1 < text.length; i++) // beyond U+045F pairs of cases alternate
        simple = (uint8_t)text.data[i] != 0xD1 || (uint8_t)text.data[i + 1] <= 0x9F;
    if (simple) {
        add_folded(text, out);
        return;
    }
    struct buf valid = {0};
    struct buf folded = {0};
    add_valid(text, false, &valid);
    if (valid.length > 0)
        map((struct slice){valid.data, valid.length}, UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD,
            &folded);
    add_folded((struct slice){folded.data, folded.length}, out);
    buf_fini(&valid);
    buf_fini(&folded);
}
