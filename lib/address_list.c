#include "lib/address_list.h"

#include "lib/address_house.h"
#include "lib/address_index.h"
#include "lib/buf.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { EVERY_WORD = 1000 }; // address.h: the score of a match in which every word is equal

struct reading {
    const struct address_index *index;
    const struct address_list *list;
    struct buf settlement;        // as written; empty = none was named
    struct address_match street;  // that houses alone are taken for
    struct address_match pending; // a place that is all of itself unless parts of it follow
    struct slice left;            // pieces side by side that were not understood
};

static void give(const struct reading *reading, const struct address_match *match)
{
    reading->list->place(reading->list->context, match);
}

static void settle(struct reading *reading, const struct address_match *next)
{
    bool part =
        next && next->level > reading->pending.level &&
        next->settlement == reading->pending.settlement &&
        (reading->pending.level == ADDRESS_SETTLEMENT || next->street == reading->pending.street);
    if (reading->pending.level != ADDRESS_NONE && !part)
        give(reading, &reading->pending);
    reading->pending.level = ADDRESS_NONE;
}

static void leave(struct reading *reading)
{
    if (reading->left.length)
        reading->list->left(reading->list->context, reading->left);
    reading->left.length = 0;
}

// --- places ---------------------------------------------------------------------------------------

static bool is_within(const struct address_match *match, const struct address_match *other)
{
    return match->settlement == other->settlement &&
           (other->street == ADDRESS_NO_ID || match->street == other->street) &&
           (other->house == ADDRESS_NO_ID || match->house == other->house);
}

// The one place that the text names for certain; ADDRESS_NONE when there is none, or several.
static struct address_match certain(const struct address_index *index, const char *text)
{
    struct address_match found[8] = {{.level = ADDRESS_NONE}};
    size_t count = address_search(index, text, found, 8);
    struct address_match best = found[0];
    if (count == 0 || best.score < EVERY_WORD)
        best.level = ADDRESS_NONE;
    for (size_t i = 1; i < count && found[i].score == EVERY_WORD; i++)
        if (!is_within(&found[i], &best))
            best.level = ADDRESS_NONE;
    return best;
}

static struct address_match find_place(const struct reading *reading, struct slice text)
{
    struct buf whole = {0};
    struct address_match match = {.level = ADDRESS_NONE};
    if (reading->settlement.length) {
        buf_printf(&whole, "%s, %.*s", buf_text(&reading->settlement), (int)text.length, text.data);
        match = certain(reading->index, buf_text(&whole));
        buf_clear(&whole);
    }
    if (match.level <= ADDRESS_SETTLEMENT) {
        buf_add(&whole, text.data, text.length);
        match = certain(reading->index, buf_text(&whole));
    }
    buf_fini(&whole);
    return match;
}

// --- houses ---------------------------------------------------------------------------------------

enum parity { ANY, ODD, EVEN };
enum word { NO_WORD, ODD_WORD, EVEN_WORD, FROM, TO, FILLING, WHOLE };

static enum word word_of(const struct address_token *token)
{
    static const struct {
        enum word word;
        bool begins; // any word that begins so
        const char *form;
    } words[] = {{ODD_WORD, true, "нечет"}, {ODD_WORD, false, "неч"},   {EVEN_WORD, true, "четн"},
                 {EVEN_WORD, false, "чет"}, {FROM, false, "с"},         {FROM, false, "от"},
                 {TO, false, "по"},         {TO, false, "до"},          {FILLING, true, "сторон"},
                 {FILLING, false, "стор"},  {FILLING, false, "и"},      {FILLING, false, "н"},
                 {FILLING, false, "д"},     {FILLING, false, "дом"},    {FILLING, false, "дома"},
                 {FILLING, false, "дд"},    {FILLING, false, "номера"}, {FILLING, true, "включит"},
                 {FILLING, false, "уч"},    {FILLING, true, "участ"},   {WHOLE, false, "все"},
                 {WHOLE, true, "полност"},  {WHOLE, false, "целиком"},  {WHOLE, false, "вся"},
                 {WHOLE, false, "весь"}};
    for (size_t i = 0; i < sizeof words / sizeof *words && !token->number; i++) {
        uint8_t code[ADDRESS_WORD];
        size_t length = address_code(words[i].form, code, sizeof code);
        bool fits = words[i].begins ? token->length >= length : token->length == length;
        if (fits && memcmp(token->code, code, length) == 0)
            return words[i].word;
    }
    return NO_WORD;
}

// "5", "12а", "7-15 нечёт", or only "чётные": what one piece asks of a street.
struct asked {
    bool range;
    uint32_t low, high; // of a range
    enum parity parity;
    struct address_house house; // else; empty = all
};

static uint32_t number_of(const struct address_token *token)
{
    uint32_t number = 0;
    for (size_t i = 0; i < token->length && number < 100000000; i++)
        number = number * 10 + token->code[i] - '0';
    return number;
}

static size_t skip_words(const struct address_token *tokens, size_t count, struct asked *asked)
{
    size_t i = 0;
    for (; i < count; i++) {
        enum word word = word_of(&tokens[i]);
        if (word == ODD_WORD || word == EVEN_WORD)
            asked->parity = word == ODD_WORD ? ODD : EVEN;
        else if (word != FILLING && word != WHOLE && word != FROM)
            break;
    }
    return i;
}

// The number that ends a range which begins at tokens[0]: "7-15", "с 7 по 15"; 0 where it is none.
static size_t range_end(const struct address_token *tokens, size_t count)
{
    size_t i = 1;
    bool to = i < count && word_of(&tokens[i]) == TO;
    if (to)
        i++;
    while (to && i < count && word_of(&tokens[i]) == FILLING)
        i++;
    if (i >= count || !tokens[i].number || !(to || tokens[i].before == '-'))
        return 0;
    return number_of(&tokens[i]) > number_of(&tokens[0]) ? i : 0;
}

// False where a word is not understood.
static bool read_asked(struct slice text, struct asked *asked)
{
    struct address_tokens tokens;
    char *copy = mem_string_of(text.data, text.length);
    address_tokens_read(copy, ADDRESS_AS_TYPED, &tokens);
    free(copy);
    *asked = (struct asked){.parity = ANY};
    size_t i = skip_words(tokens.item, tokens.count, asked);
    if (i < tokens.count && tokens.item[i].number) {
        size_t end = range_end(tokens.item + i, tokens.count - i);
        if (end) {
            asked->range = true;
            asked->low = number_of(&tokens.item[i]);
            asked->high = number_of(&tokens.item[i + end]);
            i += end + 1;
        } else {
            size_t numbers = tokens.count - i > 1 && tokens.item[i + 1].before == '-' ? 2 : 1;
            i += address_house_read(tokens.item + i, tokens.count - i, numbers, &asked->house);
        }
    }
    i += skip_words(tokens.item + i, tokens.count - i, asked);
    bool parity_of_one = asked->house.length && asked->parity != ANY;
    return tokens.count > 0 && i == tokens.count && !parity_of_one;
}

static bool is_asked(const struct asked *asked, uint32_t number)
{
    if (asked->range && (number < asked->low || number > asked->high))
        return false;
    return asked->parity == ANY || (number > 0 && (number % 2 == 1) == (asked->parity == ODD));
}

// The house alone was meant, so that its street is not given either.
static void leave_house(struct reading *reading, struct slice text)
{
    struct buf left = {0};
    reading->pending.level = ADDRESS_NONE;
    struct address_place place = address_place_of(reading->index, &reading->street);
    buf_printf(&left, "%s %.*s", place.street, (int)text.length, text.data);
    reading->list->left(reading->list->context, (struct slice){left.data, left.length});
    buf_fini(&left);
}

static void give_houses(struct reading *reading, const struct asked *asked, struct slice text)
{
    const struct address_street *street = &reading->index->streets[reading->street.street];
    bool found = false;
    for (uint32_t i = 0; i < street->house_count; i++) {
        uint32_t house = street->first_house + i;
        const struct address_house_row *row = &reading->index->houses[house];
        if (!is_asked(asked, row->number))
            continue;
        struct address_match match = address_match_house(reading->index, house);
        settle(reading, &match);
        give(reading, &match);
        found = true;
    }
    if (!found)
        leave_house(reading, text);
}

static void give_asked(struct reading *reading, const struct asked *asked, struct slice text)
{
    struct address_match match = reading->street;
    if (asked->range || asked->parity != ANY) {
        give_houses(reading, asked, text);
        return;
    }
    if (asked->house.length) {
        match.house = address_house_in(reading->index, match.street, &asked->house);
        if (match.house == ADDRESS_NO_ID) {
            leave_house(reading, text);
            return;
        }
        match = address_match_house(reading->index, match.house);
    }
    settle(reading, &match);
    give(reading, &match);
}

// --- pieces ---------------------------------------------------------------------------------------

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// A house may begin here: a digit, or a word of houses, behind a blank or a sign.
static bool may_part(struct slice text, size_t at)
{
    return at > 0 && strchr(" .,(", text.data[at - 1]) && !strchr(" .,()", text.data[at]);
}

static bool take_place(struct reading *reading, struct slice text, const struct asked *asked,
                       struct slice houses)
{
    struct address_match match = find_place(reading, text);
    if (match.level == ADDRESS_STREET) {
        reading->street = match;
        give_asked(reading, asked, houses);
        return true;
    }
    return false;
}

// "ул. 8 Марта 3-15": the street is as short as it can be for certain, with houses behind it.
static bool take_street(struct reading *reading, struct slice piece)
{
    for (size_t at = 1; at < piece.length; at++) {
        struct slice houses = {piece.data + at, piece.length - at};
        struct slice place = slice_trim((struct slice){piece.data, at}, " \t,.(");
        struct asked asked;
        if (may_part(piece, at) && place.length && read_asked(houses, &asked) &&
            take_place(reading, place, &asked, houses))
            return true;
    }
    return false;
}

static bool take_whole(struct reading *reading, struct slice piece)
{
    struct address_match match = find_place(reading, piece);
    if (match.level == ADDRESS_NONE)
        return false;
    settle(reading, &match);
    reading->street.level = ADDRESS_NONE;
    if (match.level == ADDRESS_SETTLEMENT) {
        buf_clear(&reading->settlement);
        buf_add(&reading->settlement, piece.data, piece.length);
    } else {
        reading->street = address_match_street(reading->index, match.street);
    }
    if (match.level <= ADDRESS_STREET)
        reading->pending = match;
    else
        give(reading, &match);
    return true;
}

static void take_piece(struct reading *reading, struct slice piece)
{
    struct asked asked;
    if (reading->street.level == ADDRESS_STREET && read_asked(piece, &asked)) {
        give_asked(reading, &asked, piece);
    } else if (!take_street(reading, piece) && !take_whole(reading, piece)) {
        reading->street.level = ADDRESS_NONE; // its houses must not be taken for another street's
        const char *start = reading->left.length ? reading->left.data : piece.data;
        reading->left = (struct slice){start, (size_t)(piece.data + piece.length - start)};
        return;
    }
    leave(reading);
}

// A piece ends at a comma, semicolon, line end or a colon that is none of a cadastral number, and at
// a full stop behind a house before a blank.
static size_t piece_length(struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i], next = i + 1 < text.length ? text.data[i + 1] : '\n';
        bool digit_before = i > 0 && is_digit(text.data[i - 1]);
        if (strchr(",;\n\t", c) || (c == ':' && !(digit_before && is_digit(next))) ||
            (c == '.' && digit_before && (next == ' ' || next == '\n')))
            return i;
    }
    return text.length;
}

void address_list_read(const struct address_index *index, struct slice text,
                       const struct address_list *list)
{
    struct reading reading = {.index = index, .list = list};
    while (text.length) {
        size_t length = piece_length(text);
        struct slice piece = slice_trim((struct slice){text.data, length}, " \t\r.()");
        char end = length < text.length ? text.data[length] : '\n';
        length += length < text.length;
        text = (struct slice){text.data + length, text.length - length};
        if (piece.length)
            take_piece(&reading, piece);
        if (end == ';' || end == '\n') {
            reading.street.level = ADDRESS_NONE;
            leave(&reading);
        }
    }
    leave(&reading);
    settle(&reading, NULL);
    buf_fini(&reading.settlement);
}
