#include "lib/address_compare.h"

#include "lib/address_words.h"

enum { TYPING_ERROR = 4 }; // added to the steps: a beginning is likelier than an error

struct address_word address_word_of(const uint8_t *code, size_t length, bool number)
{
    struct address_word word = {.code = code, .length = (uint8_t)length, .number = number};
    for (size_t i = 0; i < length; i++)
        word.letters |= UINT64_C(1) << (code[i] & 63);
    return word;
}

// The smallest distance between a word and another (or, `open`, any beginning of it), neighbours
// exchanged being one error; limit + 1 when it is more than the limit.
static int distance(const struct address_word *a, const struct address_word *b, int limit,
                    bool open)
{
    uint8_t rows[3][ADDRESS_WORD + 1];
    uint8_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (int j = 0; j <= b->length; j++)
        last[j] = (uint8_t)j;
    for (int i = 1; i <= a->length; i++) {
        int least = row[0] = (uint8_t)i;
        for (int j = 1; j <= b->length; j++) {
            int value = last[j - 1] + (a->code[i - 1] != b->code[j - 1]);
            value = last[j] + 1 < value ? last[j] + 1 : value;
            value = row[j - 1] + 1 < value ? row[j - 1] + 1 : value;
            if (i > 1 && j > 1 && a->code[i - 1] == b->code[j - 2] &&
                a->code[i - 2] == b->code[j - 1] && before[j - 2] + 1 < value)
                value = before[j - 2] + 1;
            row[j] = (uint8_t)value;
            least = value < least ? value : least;
        }
        if (least > limit)
            return limit + 1;
        uint8_t *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    int found = last[b->length];
    for (int j = 0; open && j < b->length; j++)
        found = last[j] < found ? last[j] : found;
    return found <= limit ? found : limit + 1;
}

// Endings of adjectives and of names that decline like them, as codes.
static size_t ending_length(const uint8_t *code, size_t length)
{
    static const uint16_t endings[][4] = {
        u"ого", u"его", u"ому", u"ему", u"ыми", u"ими", u"ая", u"яя", u"ой", u"ей", u"ую", u"юю",
        u"ый",  u"ий",  u"ом",  u"ем",  u"ое",  u"ее",  u"ым", u"им", u"ых", u"их", u"ые", u"ие"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = endings[i][2] ? 3 : 2;
        bool same = length > size + 2;
        for (size_t k = 0; k < size && same; k++)
            same = code[length - size + k] == 0x80 + endings[i][k] - 0x430;
        if (same)
            return size;
    }
    return 0;
}

static bool same_stem(const struct address_word *a, const struct address_word *b)
{
    size_t one = ending_length(a->code, a->length);
    size_t other = one ? ending_length(b->code, b->length) : 0;
    return one && other && a->length - one == b->length - other &&
           memcmp(a->code, b->code, a->length - one) == 0;
}

int address_compare(const struct address_word *typed, const struct address_word *known, bool open)
{
    if (typed->number != known->number || typed->length == 0)
        return ADDRESS_FAR;
    bool begins =
        typed->length <= known->length && memcmp(typed->code, known->code, typed->length) == 0;
    if (begins && typed->length == known->length)
        return 0;
    if (typed->number)
        return ADDRESS_FAR;
    if (same_stem(typed, known))
        return ADDRESS_STEP / 2;
    int longer = typed->length > known->length ? typed->length : known->length;
    int allowed = typed->length < 4 ? 0 : typed->length < 7 || longer < 8 ? 1 : 2;
    // Of two words that begin so, the shorter is nearer.
    int missing = known->length - typed->length;
    int best = begins ? ADDRESS_STEP + (missing > 9 ? 3 : missing / 3) : ADDRESS_FAR;
    if (!allowed || __builtin_popcountll(typed->letters & ~known->letters) > allowed)
        return best;
    if (known->length <= typed->length + allowed && known->length + allowed >= typed->length) {
        int whole = distance(typed, known, allowed, false);
        if (whole <= allowed && whole * ADDRESS_STEP + TYPING_ERROR < best)
            best = whole * ADDRESS_STEP + TYPING_ERROR;
    }
    if (open && best == ADDRESS_FAR && known->length + allowed > typed->length) {
        int part = distance(typed, known, allowed, true);
        if (part <= allowed)
            best = (part + 1) * ADDRESS_STEP + TYPING_ERROR;
    }
    return best;
}

enum letter {
    A = 0x80,
    E = 0x85,
    I = 0x88,
    SHORT_I = 0x89,
    SH = 0x98,
    SHCH = 0x99,
    HARD = 0x9A,
    Y = 0x9B,
    SOFT = 0x9C,
    OPEN_E = 0x9D,
    YU = 0x9E,
    YA = 0x9F,
    UKRAINIAN_I = 0xA0,
};

size_t address_plain(const uint8_t *code, size_t length, uint8_t *plain)
{
    size_t out = 0;
    for (size_t i = 0; i < length; i++)
        if (code[i] != HARD && code[i] != SOFT)
            plain[out++] = code[i];
    return out;
}

size_t address_skeleton(const uint8_t *code, size_t length, uint8_t *skeleton)
{
    size_t out = 0;
    for (size_t i = 0; i < length; i++) {
        uint8_t letter = code[i];
        if (letter == HARD || letter == SOFT)
            continue;
        letter = letter == SHORT_I || letter == Y || letter == UKRAINIAN_I ? I : letter;
        letter = letter == OPEN_E ? E : letter;
        letter = letter == SHCH ? SH : letter;
        bool vowel = letter == I || letter == E || letter == YU || letter == YA;
        if (out && skeleton[out - 1] == I && vowel)
            out--;
        skeleton[out++] = letter;
    }
    return out;
}
