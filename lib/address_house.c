// House and flat numbers in canonical form.
#include "lib/address_house.h"

static void put(struct address_house *house, const uint8_t *code, size_t length)
{
    if (house->length + length > sizeof house->key)
        length = sizeof house->key - house->length;
    memcpy(house->key + house->length, code, length);
    house->length = (uint8_t)(house->length + length);
}

static void put_mark(struct address_house *house, int mark)
{
    uint8_t code = (uint8_t)mark;
    put(house, &code, 1);
}

// A Latin letter in a house number is its Cyrillic twin, or else the letter of that sound.
static uint8_t cyrillic_letter(uint8_t code)
{
    static const uint16_t letters[] = u"авсдефгнижклмнорkрстувwхуз";
    if (code < 'a' || code > 'z')
        return code;
    uint16_t rune = letters[code - 'a'];
    return rune >= 0x430 ? (uint8_t)(0x80 + rune - 0x430) : code;
}

static bool is_letter(const struct address_token *token)
{
    return !token->number && token->length == 1;
}

static void put_letter(struct address_house *house, const struct address_token *token)
{
    for (size_t i = 0; i < token->length; i++) {
        uint8_t code = cyrillic_letter(token->code[i]);
        put(house, &code, 1);
    }
}

// "12а", "12-а", "12 А", "12 лит. А": a letter after the number, unless it is a part's name with a
// number of its own ("12 к 2").
static size_t read_letter(const struct address_token *tokens, size_t count,
                          struct address_house *house)
{
    if (count == 0 || tokens[0].number)
        return 0;
    enum address_part part = address_part(&tokens[0]);
    if (part == ADDRESS_PART_LETTER && count > 1 && !tokens[1].number && tokens[1].length <= 2) {
        put_letter(house, &tokens[1]);
        return 2;
    }
    bool short_word = is_letter(&tokens[0]) || (tokens[0].length == 2 && tokens[0].before == 0);
    if (!short_word || (part && count > 1 && (tokens[1].number || is_letter(&tokens[1]))))
        return 0;
    put_letter(house, &tokens[0]);
    return 1;
}

// "корп. 2", "к А", "стр. 1".
static size_t read_part(const struct address_token *tokens, size_t count,
                        struct address_house *house)
{
    if (count < 2 || tokens[0].number)
        return 0;
    enum address_part part = address_part(&tokens[0]);
    if (part != ADDRESS_PART_BLOCK && part != ADDRESS_PART_BUILDING)
        return 0;
    if (!tokens[1].number && !is_letter(&tokens[1]))
        return 0;
    put_mark(house, part == ADDRESS_PART_BLOCK ? ADDRESS_MARK_BLOCK : ADDRESS_MARK_BUILDING);
    if (tokens[1].number)
        put(house, tokens[1].code, tokens[1].length);
    else
        put_letter(house, &tokens[1]);
    return 2;
}

// A second number that no word introduces: 12/3, 31Б2, and as typed 12-3 or 12 3.
static size_t read_number(const struct address_token *tokens, size_t count, bool after_letter,
                          size_t *numbers, struct address_house *house)
{
    if (count == 0 || !tokens[0].number)
        return 0;
    char sign = tokens[0].before;
    if (sign != '/' && !(sign == 0 && after_letter)) {
        if (*numbers <= 1)
            return 0;
        (*numbers)--;
    }
    if (sign == '/' || sign == '-')
        put_mark(house, sign);
    else
        put_mark(house, sign == 0 && after_letter ? ADDRESS_MARK_MORE : ADDRESS_MARK_BLANK);
    put(house, tokens[0].code, tokens[0].length);
    return 1;
}

static bool word_is(const struct address_token *token, const char *word)
{
    uint8_t code[ADDRESS_WORD];
    size_t length = address_code(word, code, sizeof code);
    return !token->number && token->length == length && memcmp(token->code, code, length) == 0;
}

// "б/н", "бн", "без номера": a house without a number; returns the tokens taken.
static size_t read_nameless(const struct address_token *tokens, size_t count,
                            struct address_house *house)
{
    uint8_t code[ADDRESS_WORD];
    size_t taken = 0;
    if (count > 0 && address_part(&tokens[0]) == ADDRESS_PART_NAMELESS)
        taken = 1;
    else if (count > 1 && word_is(&tokens[0], "без") && word_is(&tokens[1], "номера"))
        taken = 2;
    if (taken)
        put(house, code, address_code("бн", code, sizeof code));
    return taken;
}

// The words before the number: "дом", "участок", "кадастровый номер".
static size_t read_house_words(const struct address_token *tokens, size_t count, bool *plot)
{
    size_t i = 0;
    for (; i + 1 < count; i++) {
        enum address_part part = address_part(&tokens[i]);
        bool cadastre = part == ADDRESS_PART_SKIPPED && i + 3 < count &&
                        (tokens[i + 2].before == ':' || tokens[i + 3].before == ':');
        if (part != ADDRESS_PART_HOUSE && part != ADDRESS_PART_PLOT && !cadastre)
            break;
        *plot = *plot || part == ADDRESS_PART_PLOT;
    }
    return i;
}

// "61:44:50706:31": the number of a plot in the cadastre is the house's whole name.
static size_t read_cadastre(const struct address_token *tokens, size_t count,
                            struct address_house *house)
{
    size_t i = 0;
    if (count < 3 || !tokens[0].number || tokens[1].before != ':')
        return 0;
    for (; i < count && tokens[i].number && (i == 0 || tokens[i].before == ':'); i++) {
        if (i > 0)
            put(house, (const uint8_t *)":", 1);
        put(house, tokens[i].code, tokens[i].length);
    }
    return i;
}

size_t address_house_read(const struct address_token *tokens, size_t count, size_t numbers,
                          struct address_house *house)
{
    bool plot = false;
    size_t i = read_house_words(tokens, count, &plot);
    house->length = 0;
    size_t whole = read_nameless(tokens + i, count - i, house);
    if (!whole)
        whole = read_cadastre(tokens + i, count - i, house);
    if (whole)
        return i + whole;
    if (i == count || !tokens[i].number)
        return 0;
    put(house, tokens[i].code, tokens[i].length);
    i++;
    for (bool after_letter = false;;) {
        size_t taken = read_part(tokens + i, count - i, house);
        bool letter = false;
        if (!taken) {
            taken = after_letter ? 0 : read_letter(tokens + i, count - i, house);
            letter = taken > 0;
        }
        if (!taken)
            taken = read_number(tokens + i, count - i, after_letter, &numbers, house);
        if (!taken)
            break;
        after_letter = letter;
        i += taken;
    }
    if (plot)
        put_mark(house, ADDRESS_MARK_PLOT);
    return i;
}

static void put_rest(const struct address_token *tokens, size_t count, struct address_house *house)
{
    for (size_t i = 0; i < count; i++) {
        if (house->length)
            put_mark(house, ADDRESS_MARK_WORD);
        put(house, tokens[i].code, tokens[i].length);
    }
}

void address_house_of_text(const char *text, struct address_house *house)
{
    struct address_tokens tokens;
    address_tokens_read(text, ADDRESS_AS_TYPED, &tokens);
    size_t taken = address_house_read(tokens.item, tokens.count, tokens.count, house);
    put_rest(tokens.item + taken, tokens.count - taken, house);
}

static size_t flat_words(const struct address_token *tokens, size_t count)
{
    size_t i = 0;
    while (i < count && address_part(&tokens[i]) == ADDRESS_PART_FLAT)
        i++;
    return i;
}

size_t address_flat_read(const struct address_token *tokens, size_t count,
                         struct address_house *flat)
{
    size_t i = 0;
    flat->length = 0;
    while (i + 1 < count && address_part(&tokens[i]) == ADDRESS_PART_SKIPPED &&
           tokens[i + 1].number)
        i += 2;
    i += flat_words(tokens + i, count - i);
    if (i == count || !tokens[i].number)
        return 0;
    put(flat, tokens[i].code, tokens[i].length);
    i++;
    i += read_letter(tokens + i, count - i, flat);
    return i;
}

size_t address_flat_of_text(const char *text, uint8_t key[ADDRESS_HOUSE_KEY])
{
    struct address_tokens tokens;
    struct address_house flat = {.length = 0};
    address_tokens_read(text, ADDRESS_AS_TYPED, &tokens);
    size_t words = flat_words(tokens.item, tokens.count);
    size_t taken = address_flat_read(tokens.item, tokens.count, &flat);
    if (!taken)
        taken = words < tokens.count ? words : 0;
    put_rest(tokens.item + taken, tokens.count - taken, &flat);
    memcpy(key, flat.key, flat.length);
    return flat.length;
}
