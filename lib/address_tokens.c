// From text to tokens: letters to codes, other layouts and Latin letters to Cyrillic.
#include "lib/address_kinds.h"

#include "lib/text.h"

enum { RUNES = 256 };

// Keys of the two layouts side by side, unshifted, then the shifted ones that are not letters.
static const char latin_keys[] = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./~{}:\"<>?";
static const uint16_t cyrillic_keys[] = u"ейцукенгшщзхъфывапролджэячсмитьбю.ехъжэбю,";

// Letters that look alike; inside a Cyrillic word the Latin ones are slips of the layout.
static const char alike_latin[] = "aceopxykmtbhi";
static const uint16_t alike_cyrillic[] = u"асеорхукмтвні";
_Static_assert(sizeof latin_keys == sizeof cyrillic_keys / 2, "a key for a key");
_Static_assert(sizeof alike_latin == sizeof alike_cyrillic / 2, "a letter for a letter");

// Longest first where one begins another.
static const struct {
    const char *latin;
    const uint16_t *cyrillic;
} letters[] = {
    {"shch", u"щ"}, {"sch", u"щ"}, {"zh", u"ж"}, {"kh", u"х"}, {"ts", u"ц"}, {"tz", u"ц"},
    {"ch", u"ч"},   {"sh", u"ш"},  {"ya", u"я"}, {"ja", u"я"}, {"ia", u"я"}, {"yu", u"ю"},
    {"ju", u"ю"},   {"iu", u"ю"},  {"yo", u"е"}, {"jo", u"е"}, {"ye", u"е"}, {"je", u"е"},
    {"a", u"а"},    {"b", u"б"},   {"c", u"ц"},  {"d", u"д"},  {"e", u"е"},  {"f", u"ф"},
    {"g", u"г"},    {"h", u"х"},   {"i", u"и"},  {"j", u"й"},  {"k", u"к"},  {"l", u"л"},
    {"m", u"м"},    {"n", u"н"},   {"o", u"о"},  {"p", u"п"},  {"q", u"к"},  {"r", u"р"},
    {"s", u"с"},    {"t", u"т"},   {"u", u"у"},  {"v", u"в"},  {"w", u"в"},  {"x", u"х"},
    {"y", u"ы"},    {"z", u"з"},
};

static const uint16_t further[] = u"іїєґўәөүұҗһқғң";

struct runes {
    uint32_t rune[RUNES];
    size_t count;
};

static bool latin_letter(uint32_t rune)
{
    return rune >= 'a' && rune <= 'z';
}

static bool digit(uint32_t rune)
{
    return rune >= '0' && rune <= '9';
}

static bool cyrillic_letter(uint32_t rune)
{
    return rune >= 0x400 && rune < 0x530;
}

static bool letter(uint32_t rune)
{
    bool sign = rune == 0xD7 || rune == 0xF7 || (rune >= 0x2000 && rune < 0x2C00) ||
                (rune >= 0x3000 && rune < 0x3040) || rune >= 0x1F000;
    return latin_letter(rune) || (rune >= 0xC0 && !sign);
}

static size_t code_of(uint32_t rune, uint8_t code[4])
{
    if (latin_letter(rune) || digit(rune)) {
        code[0] = (uint8_t)rune;
        return 1;
    }
    if (rune >= 0x430 && rune < 0x450) {
        code[0] = (uint8_t)(0x80 + rune - 0x430);
        return 1;
    }
    for (size_t i = 0; further[i]; i++) {
        if (rune == further[i]) {
            code[0] = (uint8_t)(0xA0 + i);
            return 1;
        }
    }
    code[0] = (uint8_t)(0xB0 | rune >> 18);
    code[1] = (uint8_t)(0xC0 | (rune >> 12 & 63));
    code[2] = (uint8_t)(0xC0 | (rune >> 6 & 63));
    code[3] = (uint8_t)(0xC0 | (rune & 63));
    return 4;
}

size_t address_code(const char *folded, uint8_t *code, size_t size)
{
    struct slice left = slice_of(folded);
    size_t length = 0;
    uint32_t rune;
    size_t taken;
    while ((taken = text_decode(left, &rune)) > 0) {
        uint8_t one[4];
        size_t bytes = code_of(rune, one);
        if (length + bytes > size)
            break;
        memcpy(code + length, one, bytes);
        length += bytes;
        left = (struct slice){left.data + taken, left.length - taken};
    }
    return length;
}

static void read_runes(const char *text, struct runes *runes)
{
    struct buf folded = {0};
    text_fold(slice_of(text), &folded);
    struct slice left = {folded.data, folded.length};
    size_t taken;
    uint32_t rune;
    runes->count = 0;
    while (runes->count < RUNES && (taken = text_decode(left, &rune)) > 0) {
        runes->rune[runes->count++] = rune;
        left = (struct slice){left.data + taken, left.length - taken};
    }
    buf_fini(&folded);
}

// A comma or full stop behind a word: hardly any word ends with б or ю, but "yf," is наб.
static bool ends_word(const struct runes *typed, size_t i)
{
    bool embankment = i > 1 && typed->rune[i - 2] == 'y' && typed->rune[i - 1] == 'f' &&
                      (i == 2 || typed->rune[i - 3] == ' ');
    return i > 0 && latin_letter(typed->rune[i - 1]) && !embankment &&
           (typed->rune[i] == ',' || typed->rune[i] == '.');
}

// Between two digits a sign stays one ("12/3"), except the comma, whose key has the б of "31б2".
static void from_latin_layout(struct runes *runes)
{
    struct runes typed = *runes;
    for (size_t i = 0; i < typed.count; i++) {
        uint32_t rune = typed.rune[i];
        const char *key = rune && rune < 0x80 ? strchr(latin_keys, (int)rune) : NULL;
        bool behind = i + 1 < typed.count && typed.rune[i + 1] != ' ';
        bool between = behind && i > 0 && digit(typed.rune[i - 1]) && digit(typed.rune[i + 1]);
        if (!behind && ends_word(&typed, i))
            continue;
        if (rune == '|')
            runes->rune[i] = '/'; // the same key
        else if (key && !(between && (rune == '/' || rune == '.' || rune == ':')))
            runes->rune[i] = cyrillic_keys[key - latin_keys];
    }
}

static void to_latin_layout(struct runes *runes)
{
    for (size_t i = 0; i < runes->count; i++)
        for (size_t key = 0; cyrillic_keys[key] && cyrillic_letter(runes->rune[i]); key++)
            if (runes->rune[i] == cyrillic_keys[key])
                runes->rune[i] = (unsigned char)latin_keys[key];
}

static bool rune_run(const struct runes *runes, size_t from, const char *latin)
{
    for (size_t i = 0; latin[i]; i++)
        if (from + i >= runes->count || runes->rune[from + i] != (unsigned char)latin[i])
            return false;
    return true;
}

static void from_latin_letters(struct runes *runes)
{
    size_t out = 0;
    for (size_t i = 0; i < runes->count;) {
        uint32_t rune = runes->rune[i];
        size_t taken = 1;
        if (rune == '\'' || rune == 0x2019) {
            i++;
            continue;
        }
        for (size_t k = 0; k < sizeof letters / sizeof *letters && latin_letter(rune); k++) {
            if (rune_run(runes, i, letters[k].latin)) {
                taken = strlen(letters[k].latin);
                rune = letters[k].cyrillic[0];
                break;
            }
        }
        runes->rune[out++] = rune;
        i += taken;
    }
    runes->count = out;
}

static void repair_alike(struct runes *runes, size_t from, size_t to)
{
    bool cyrillic = false;
    for (size_t i = from; i < to; i++)
        cyrillic = cyrillic || cyrillic_letter(runes->rune[i]);
    for (size_t i = from; i < to && cyrillic; i++) {
        const char *found = runes->rune[i] && runes->rune[i] < 0x80
                                ? strchr(alike_latin, (int)runes->rune[i])
                                : NULL;
        if (found)
            runes->rune[i] = alike_cyrillic[found - alike_latin];
    }
}

static bool same_class(const struct runes *runes, size_t i, bool number)
{
    if (number)
        return digit(runes->rune[i]);
    if (letter(runes->rune[i]))
        return true;
    // An apostrophe between letters belongs to the word: "П'яста".
    bool apostrophe = runes->rune[i] == '\'' || runes->rune[i] == 0x2019;
    return apostrophe && i + 1 < runes->count && letter(runes->rune[i + 1]);
}

static size_t read_token(const struct runes *runes, size_t from, struct address_token *token)
{
    size_t i = from;
    memset(token, 0, sizeof *token);
    token->number = digit(runes->rune[from]);
    // Leading zeros carry no meaning.
    while (token->number && runes->rune[i] == '0' && i + 1 < runes->count &&
           digit(runes->rune[i + 1]))
        i++;
    for (; i < runes->count && same_class(runes, i, token->number); i++) {
        uint8_t code[4];
        if (!token->number && !letter(runes->rune[i]))
            continue;
        size_t bytes = code_of(runes->rune[i], code);
        if (token->length + bytes > ADDRESS_WORD)
            break;
        memcpy(token->code + token->length, code, bytes);
        token->length = (uint8_t)(token->length + bytes);
    }
    return i;
}

// What stands between two tokens: the strongest sign, blanks around it left out.
static char separator(uint32_t rune, char now)
{
    if (rune == '-' || (rune >= 0x2010 && rune <= 0x2015) || rune == 0x2212)
        return '-';
    if (rune == '/' || rune == '\\')
        return '/';
    if (rune == '.' || rune == ',')
        return now == '-' || now == '/' ? now : (char)rune;
    if (rune == ':' && now == 0)
        return ':';
    return now && now != '.' && now != ':' ? now : ' ';
}

static bool word_is(const struct address_token *token, const uint16_t *text)
{
    size_t i = 0;
    for (; text[i] && i < token->length; i++)
        if (token->code[i] != 0x80 + text[i] - 0x430)
            return false;
    return !text[i] && i == token->length;
}

static void mark_ending(struct address_tokens *tokens)
{
    static const uint16_t *const endings[] = {
        u"я",  u"й", u"е", u"ая", u"ый", u"ой", u"ий", u"ое", u"ья", u"го", u"му", u"ого", u"его",
        u"ти", u"и", u"ы", u"х",  u"м",  u"ом", u"ем", u"ым", u"ю",  u"ую", u"ью", u"ей",  u"ье"};
    struct address_token *token = &tokens->item[tokens->count - 1];
    if (tokens->count < 2 || token->number || !tokens->item[tokens->count - 2].number ||
        (token->before != 0 && token->before != '-'))
        return;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        token->ending = token->ending || word_is(token, endings[i]);
}

static void drop_last(struct address_tokens *tokens, size_t count, struct address_token joined)
{
    joined.dot = tokens->item[tokens->count - 1].dot;
    tokens->count -= count - 1;
    tokens->item[tokens->count - 1] = joined;
}

// "пр-т", "б-р", "с/т", "б/н": an abbreviation in two pieces is one word.
static void join_abbreviation(struct address_tokens *tokens)
{
    if (tokens->count < 2)
        return;
    const struct address_token *left = &tokens->item[tokens->count - 2], *right = left + 1;
    bool sign = right->before == '-' || right->before == '/';
    if (!sign || left->number || right->number || left->length > 4 || right->length > 3)
        return;
    struct address_token joined = *left;
    memcpy(joined.code + joined.length, right->code, right->length);
    joined.length = (uint8_t)(joined.length + right->length);
    if (address_kinds(&joined, ADDRESS_ANYWHERE) ||
        address_part(&joined) == ADDRESS_PART_NAMELESS || address_alias(&joined) ||
        address_region(&joined) == ADDRESS_REGION_KIND)
        drop_last(tokens, 2, joined);
}

// "С.Н.Т.", "с.т.", "б.н.": letters with a stop after each, where they are a kind or no number. Two of them may as well be
// initials, so that only an association's are taken.
static void join_letters(struct address_tokens *tokens)
{
    for (size_t length = 4; length >= 2; length--) {
        struct address_token joined = {.length = 0};
        if (tokens->count < length)
            continue;
        const struct address_token *first = &tokens->item[tokens->count - length];
        for (size_t i = 0; i < length && joined.length == i; i++)
            if (!first[i].number && first[i].length == 1 && (i == 0 || first[i].before == '.'))
                joined.code[joined.length++] = first[i].code[0];
        joined.before = first->before;
        if (joined.length == length && (address_kinds(&joined, ADDRESS_ANYWHERE) ||
                                        address_part(&joined) == ADDRESS_PART_NAMELESS)) {
            drop_last(tokens, length, joined);
            return;
        }
    }
}

void address_tokens_remove(struct address_tokens *tokens, size_t first, size_t count)
{
    tokens->open = tokens->open && first + count < tokens->count;
    tokens->count -= count;
    memmove(&tokens->item[first], &tokens->item[first + count],
            (tokens->count - first) * sizeof *tokens->item);
    if (first < tokens->count)
        tokens->item[first].before = ' ';
}

void address_token_set_number(struct address_token *token, unsigned number)
{
    unsigned scale = 1;
    while (number / scale >= 10)
        scale *= 10;
    token->number = true;
    token->length = 0;
    for (; scale; scale /= 10)
        token->code[token->length++] = (uint8_t)('0' + number / scale % 10);
}

// "пятидесятилетия": "50 лет".
static void part_years(struct address_tokens *tokens)
{
    struct address_token *token = &tokens->item[tokens->count - 1];
    unsigned number = token->number ? 0 : address_years(token);
    if (!number || tokens->count == ADDRESS_TOKENS)
        return;
    token[1] = *token;
    token[1].before = ' ';
    token[1].length = (uint8_t)address_code("лет", token[1].code, sizeof token[1].code);
    address_token_set_number(token, number);
    token->dot = false;
    tokens->count++;
}

// "шестьдесят пять лет": "65 лет".
static void join_count(struct address_tokens *tokens)
{
    struct address_token *token = &tokens->item[tokens->count - 1];
    if (tokens->count < 2 || !address_is_years(token))
        return;
    unsigned number = address_count(token - 1);
    size_t words = number > 0;
    if (number < 10 && tokens->count > words + 1 && address_tens(token - 1 - words)) {
        number += address_tens(token - 1 - words);
        words++;
    }
    if (!number)
        return;
    struct address_token years = *token;
    address_token_set_number(token - words, number);
    token[1 - (ptrdiff_t)words] = years;
    tokens->count -= words - 1;
}

// "4 дробь 1": 4/1.
static void join_fraction(struct address_tokens *tokens)
{
    struct address_token *token = &tokens->item[tokens->count - 1];
    if (tokens->count < 3 || !token->number || !token[-2].number || !word_is(&token[-1], u"дробь"))
        return;
    token[-1] = *token;
    token[-1].before = '/';
    tokens->count--;
}

// "III", "ХХII": Roman numbers in either alphabet, up to 39.
static void read_roman(struct address_token *token)
{
    enum { KHA = 0x95, UKRAINIAN_I = 0xA0 };
    unsigned number = 0, last = 0;
    if (token->number || token->length < 2)
        return;
    for (size_t i = token->length; i-- > 0;) {
        uint8_t code = token->code[i];
        unsigned value = code == 'i' || code == UKRAINIAN_I ? 1
                         : code == 'v'                      ? 5
                         : code == 'x' || code == KHA       ? 10
                                                            : 0;
        if (!value)
            return;
        number += value < last ? 0 - value : value;
        last = value;
    }
    if (number < 40)
        address_token_set_number(token, number);
}

static void apply_reading(struct runes *runes, enum address_reading reading)
{
    switch (reading) {
    case ADDRESS_AS_TYPED:
        for (size_t i = 0, start = 0; i <= runes->count; i++) {
            if (i < runes->count && letter(runes->rune[i]))
                continue;
            repair_alike(runes, start, i);
            start = i + 1;
        }
        break;
    case ADDRESS_OTHER_LAYOUT: from_latin_layout(runes); break;
    case ADDRESS_LATIN_LETTERS: from_latin_letters(runes); break;
    case ADDRESS_LATIN_LAYOUT: to_latin_layout(runes); break;
    }
}

void address_tokens_read(const char *text, enum address_reading reading,
                         struct address_tokens *tokens)
{
    struct runes runes;
    read_runes(text, &runes);
    apply_reading(&runes, reading);
    memset(tokens, 0, sizeof *tokens);
    bool latin = false, letter_latin = false;
    char before = ' ';
    for (size_t i = 0; i < runes.count;) {
        uint32_t rune = runes.rune[i];
        if (!digit(rune) && !letter(rune)) {
            bool touching = i > 0 && (digit(runes.rune[i - 1]) || letter(runes.rune[i - 1]));
            if (rune == '.' && tokens->count && touching)
                tokens->item[tokens->count - 1].dot = true;
            before = separator(rune, before);
            tokens->open = false;
            i++;
            continue;
        }
        if (tokens->count == ADDRESS_TOKENS)
            break;
        struct address_token *token = &tokens->item[tokens->count++];
        size_t end = read_token(&runes, i, token);
        read_roman(token);
        token->before = before;
        tokens->cyrillic = tokens->cyrillic || cyrillic_letter(rune);
        latin = latin || (latin_letter(rune) && token->length > 1);
        letter_latin = letter_latin || latin_letter(rune);
        i = end;
        before = 0;
        tokens->open = true;
        mark_ending(tokens);
        join_abbreviation(tokens);
        join_letters(tokens);
        part_years(tokens);
        join_count(tokens);
        join_fraction(tokens);
    }
    tokens->latin = latin || (letter_latin && !tokens->cyrillic);
}
