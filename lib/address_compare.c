#include "lib/address_compare.h"

#include "lib/address_tokens.h"

#include <string.h>

enum { TYPING_ERROR = 4 }; // added to the steps: a beginning is likelier than an error

struct address_word address_word_of(const uint8_t *code, size_t length, bool number)
{
    struct address_word word = {.code = code, .length = (uint8_t)length, .number = number};
    for (size_t i = 0; i < length; i++)
        word.letters |= UINT64_C(1) << (code[i] & 63);
    return word;
}

// The smallest number of letters left out, added, changed or exchanged with their neighbour between a
// word and another (or, `open`, any beginning of it), after Damerau: between two letters that change
// places, others may be lost or added. limit + 1 when it is more than the limit.
static int distance(const struct address_word *a, const struct address_word *b, int limit,
                    bool open)
{
    enum { SIDE = ADDRESS_WORD + 2 };
    uint8_t cost[SIDE][SIDE]; // [i + 1][j + 1]: the first i letters against the first j
    uint8_t seen[256] = {0};  // the last place of each letter in a
    uint8_t far = (uint8_t)(a->length + b->length);
    for (size_t j = 0; j <= b->length; j++) {
        cost[0][j + 1] = far;
        cost[1][j + 1] = (uint8_t)j;
    }
    for (size_t i = 1; i <= a->length; i++) {
        size_t match = 0; // the last place of a's letter in b
        int least = (int)i;
        cost[i][0] = far;
        cost[i + 1][1] = (uint8_t)i;
        for (size_t j = 1; j <= b->length; j++) {
            size_t row = seen[b->code[j - 1]], column = match;
            bool same = a->code[i - 1] == b->code[j - 1];
            int value = cost[i][j] + !same;
            value = cost[i][j + 1] + 1 < value ? cost[i][j + 1] + 1 : value;
            value = cost[i + 1][j] + 1 < value ? cost[i + 1][j] + 1 : value;
            int exchanged = cost[row][column] + (int)(i - row - 1) + 1 + (int)(j - column - 1);
            value = row && column && exchanged < value ? exchanged : value;
            cost[i + 1][j + 1] = (uint8_t)value;
            least = value < least ? value : least;
            match = same ? j : match;
        }
        seen[a->code[i - 1]] = (uint8_t)i;
        if (least > limit + 1) // an exchange reaches back over a row
            return limit + 1;
    }
    int found = cost[a->length + 1][b->length + 1];
    for (size_t j = 0; open && j < b->length; j++)
        found = cost[a->length + 1][j + 1] < found ? cost[a->length + 1][j + 1] : found;
    return found <= limit ? found : limit + 1;
}

// Endings of adjectives and of names that decline like them: the genders that they have as a title
// ("Садовая") and in an oblique case ("на Садовой").
enum { FEMININE = 1, MASCULINE = 2, NEUTER = 4, PLURAL = 8 };
struct ending {
    uint16_t text[4];
    uint8_t title, oblique;
};
static const struct ending endings[] = {{u"ого", 0, MASCULINE | NEUTER},
                                        {u"его", 0, MASCULINE | NEUTER},
                                        {u"ому", 0, MASCULINE | NEUTER},
                                        {u"ему", 0, MASCULINE | NEUTER},
                                        {u"ыми", 0, PLURAL},
                                        {u"ими", 0, PLURAL},
                                        {u"ая", FEMININE, 0},
                                        {u"яя", FEMININE, 0},
                                        {u"ой", MASCULINE, FEMININE},
                                        {u"ей", 0, FEMININE},
                                        {u"ую", 0, FEMININE},
                                        {u"юю", 0, FEMININE},
                                        {u"ый", MASCULINE, 0},
                                        {u"ий", MASCULINE, 0},
                                        {u"ом", 0, MASCULINE | NEUTER},
                                        {u"ем", 0, MASCULINE | NEUTER},
                                        {u"ое", NEUTER, 0},
                                        {u"ее", NEUTER, 0},
                                        {u"ым", 0, MASCULINE | NEUTER},
                                        {u"им", 0, MASCULINE | NEUTER},
                                        {u"ых", 0, PLURAL},
                                        {u"их", 0, PLURAL},
                                        {u"ые", PLURAL, 0},
                                        {u"ие", PLURAL, 0}};

static const struct ending *ending_of(const struct address_word *word, size_t *stem)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = endings[i].text[2] ? 3 : 2;
        bool same = word->length > size + 2;
        for (size_t k = 0; k < size && same; k++)
            same = word->code[word->length - size + k] == 0x80 + endings[i].text[k] - 0x430;
        *stem = word->length - size;
        if (same)
            return &endings[i];
    }
    return NULL;
}

bool address_is_oblique(const struct address_word *word)
{
    size_t stem;
    const struct ending *ending = word->number ? NULL : ending_of(word, &stem);
    return ending && ending->oblique;
}

// What another case of the same word costs, ADDRESS_FAR for another word or another title.
static int case_cost(const struct address_word *typed, const struct address_word *known)
{
    size_t stem, other_stem;
    const struct ending *ending = ending_of(typed, &stem);
    const struct ending *other = ending ? ending_of(known, &other_stem) : NULL;
    if (!other || stem != other_stem || memcmp(typed->code, known->code, stem) != 0)
        return ADDRESS_FAR;
    // "лесной" is said of a Лесная, and may as well be a Лесной's name.
    if (ending->oblique & other->title)
        return ending->title ? ADDRESS_CASE_UNSURE : ADDRESS_CASE;
    if ((ending->title | ending->oblique) & other->oblique)
        return other->title ? ADDRESS_CASE_UNSURE : 2 * ADDRESS_CASE;
    return 2 * ADDRESS_STEP + TYPING_ERROR;
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
    int best = case_cost(typed, known);
    if (best <= ADDRESS_CASE_UNSURE)
        return best;
    int longer = typed->length > known->length ? typed->length : known->length;
    int allowed = typed->length < 4 ? 0 : typed->length < 6 || longer < 7 ? 1 : 2;
    // Of two words that begin so, the shorter is nearer.
    int missing = known->length - typed->length;
    if (begins)
        best = ADDRESS_STEP + (missing > 9 ? 3 : missing / 3);
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
    S = 0x91,
    T = 0x92,
    TS = 0x96,
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
        if (letter == TS && out + 1 < ADDRESS_WORD) { // "ts" may as well be тс
            skeleton[out++] = T;
            letter = S;
        }
        if (out < ADDRESS_WORD)
            skeleton[out++] = letter;
    }
    return out;
}
