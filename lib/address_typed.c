// A typed text made ready for comparing.
#include "lib/address_search.h"
#include "lib/address_trigram.h"

static struct typed_unit *add_unit(struct typed *typed, const uint8_t *code, size_t length,
                                   bool number)
{
    if (typed->unit_count == TYPED_UNITS || length > ADDRESS_WORD)
        return NULL;
    struct typed_unit *unit = &typed->unit[typed->unit_count++];
    *unit = (struct typed_unit){.extra = 0};
    length = typed->face ? address_skeleton(code, length, unit->code)
                         : address_plain(code, length, unit->code);
    unit->word = address_word_of(unit->code, length, number);
    return unit;
}

static bool last_token(const struct typed *typed, size_t i)
{
    return typed->tokens.open && i + 1 == typed->tokens.count;
}

static void add_single(struct typed *typed, size_t i)
{
    const struct address_token *token = &typed->tokens.item[i];
    if (typed->stop[i] && !last_token(typed, i))
        return;
    struct typed_unit *unit = add_unit(typed, token->code, token->length, token->number);
    if (!unit)
        return;
    unit->tokens = 1u << i;
    unit->open = last_token(typed, i);
    unit->spoken =
        i > 0 && (typed->stop[i - 1] || (i > 1 && typed->stop[i - 2] && typed->kinds[i - 1]));
}

// "новосадовая" of "ново садовая", "карламаркса" of "карла маркса".
static void add_joined(struct typed *typed, size_t i)
{
    const struct address_token *left = &typed->tokens.item[i], *right = left + 1;
    uint8_t joined[2 * ADDRESS_WORD];
    if (left->number || right->number || left->ending || typed->kinds[i] || left->length < 2 ||
        right->length < 2)
        return;
    memcpy(joined, left->code, left->length);
    memcpy(joined + left->length, right->code, right->length);
    struct typed_unit *unit = add_unit(typed, joined, (size_t)left->length + right->length, false);
    if (!unit)
        return;
    unit->tokens = 3u << i;
    unit->open = last_token(typed, i + 1);
}

static void add_piece(struct typed *typed, size_t i, size_t from, size_t length, uint64_t kinds)
{
    const struct address_token *token = &typed->tokens.item[i];
    struct typed_unit *unit = add_unit(typed, token->code + from, length, false);
    if (!unit)
        return;
    unit->tokens = 1u << i;
    unit->extra = 2;
    unit->kinds = kinds;
    unit->open = from > 0 && last_token(typed, i);
}

// "улсадовая", "ропшинскоешоссе": a kind without the blank beside it.
static void add_beside_kind(struct typed *typed, size_t i)
{
    const struct address_token *token = &typed->tokens.item[i];
    struct address_token kind = {.length = 0};
    for (size_t length = 2; length + 4 <= token->length && !token->number; length++) {
        size_t rest = token->length - length;
        kind.length = (uint8_t)length;
        memcpy(kind.code, token->code, length);
        uint64_t kinds = address_kinds(&kind, ADDRESS_STREETS);
        if (kinds)
            add_piece(typed, i, length, rest, kinds);
        memcpy(kind.code, token->code + rest, length);
        kinds = length >= 4 ? address_kinds(&kind, ADDRESS_STREETS) : 0;
        if (kinds)
            add_piece(typed, i, 0, rest, kinds);
    }
}

// "третий" for "3-я": the gender of a number written out is not compared. "двадцать первая" is two words.
static void add_ordinal(struct typed *typed, size_t i)
{
    const struct address_token *token = &typed->tokens.item[i];
    struct address_token number = *token;
    unsigned value = address_ordinal(token), higher = i > 0 ? address_tens(token - 1) : 0;
    if (!value)
        return;
    higher = value < 10 ? higher : 0;
    address_token_set_number(&number, value + higher);
    struct typed_unit *unit = add_unit(typed, number.code, number.length, true);
    if (unit)
        unit->tokens = higher ? 3u << (i - 1) : 1u << i;
}

// "ж/д": a word that is never written out.
static void add_alias(struct typed *typed, size_t i)
{
    uint8_t code[ADDRESS_WORD];
    const char *full = address_alias(&typed->tokens.item[i]);
    struct typed_unit *unit =
        full ? add_unit(typed, code, address_code(full, code, sizeof code), false) : NULL;
    if (unit)
        unit->tokens = 1u << i;
}

static bool letter_token(const struct address_token *token)
{
    return !token->number && token->length == 1;
}

// What belongs to a house number by the way it is written.
static void mark_house(struct typed *typed, size_t i)
{
    const struct address_token *token = &typed->tokens.item[i];
    bool number_before = i > 0 && token[-1].number;
    bool behind = i + 1 < typed->tokens.count;
    bool value_behind = behind && (token[1].number || (letter_token(&token[1]) && !token[1].dot));
    bool letter = letter_token(token) && number_before && !token->ending;
    bool written_on = token->before == 0 || token->before == '-';
    if (token->number) {
        bool house_before = i > 0 && (number_before || typed->bound[i - 1]);
        bool word_before = i > 1 && typed->of_house[i - 1] && typed->part[i - 1];
        typed->bound[i] =
            word_before ||
            (house_before && (token->before == '/' || token->before == ':' ||
                              token->before == '-' || (token->before == 0 && typed->bound[i - 1])));
        return;
    }
    typed->bound[i] = letter && written_on && !(token->dot && behind && !value_behind);
    bool value = i > 0 && letter_token(token) && typed->part[i - 1] && typed->of_house[i - 1];
    typed->of_house[i] = typed->bound[i] || typed->part[i] == ADDRESS_PART_NAMELESS ||
                         (typed->part[i] && value_behind) || (letter && !token->dot) || value;
}

// What the token costs where it is no word of the place.
static uint8_t cost_alone(const struct typed *typed, size_t i)
{
    const struct address_token *token = &typed->tokens.item[i];
    // What is only near a kind may as well be a misspelt name: "Набеврежная ул.".
    if (token->number || token->ending || typed->stop[i] || typed->part[i] ||
        (typed->kinds[i] && address_kinds(token, ADDRESS_ANYWHERE)))
        return 0;
    if (token->length == 1 || (token->length <= 3 && token->dot))
        return COST_UNKNOWN_INITIAL;
    return token->length <= 2 ? COST_UNKNOWN_SHORT : COST_UNKNOWN;
}

static void read_words(struct typed *typed)
{
    typed->kind_said = false;
    for (size_t i = 0; i < typed->tokens.count; i++) {
        struct address_token *token = &typed->tokens.item[i];
        address_one_form(token);
        typed->kinds[i] = token->ending ? 0 : address_kinds_near(token, last_token(typed, i));
        typed->part[i] = address_part(token);
        typed->stop[i] = address_is_stop_word(token);
        typed->of_house[i] = false;
        mark_house(typed, i);
        if (typed->bound[i] || (typed->of_house[i] && typed->part[i] == ADDRESS_PART_LETTER)) {
            typed->kinds[i] = 0;
            typed->stop[i] = false;
        }
        typed->alone[i] = cost_alone(typed, i);
        typed->kind_said =
            typed->kind_said || (typed->kinds[i] & address_kinds_scope(ADDRESS_STREETS));
    }
}

int typed_compare(const struct typed *typed, const struct typed_unit *unit,
                  const struct address_vocabulary *words, uint32_t word)
{
    bool possible = address_word_possible(&unit->word, words->letters[typed->face][word]);
    if (!possible && !typed->loose)
        return ADDRESS_FAR;
    struct address_word known = address_vocabulary_word(words, word, typed->face);
    int cost = possible ? address_compare(&unit->word, &known, unit->open) : ADDRESS_FAR;
    if (cost == ADDRESS_FAR && typed->loose && !(unit->tokens & (unit->tokens - 1)))
        cost = address_trigram_compare(&unit->word, &known);
    if (cost == ADDRESS_CASE_UNSURE && unit->spoken)
        cost = ADDRESS_CASE;
    else if (cost == ADDRESS_CASE_UNSURE && !typed->kind_said)
        cost = 3 * ADDRESS_CASE;
    if (unit->spoken && cost == 0 && address_is_oblique(&unit->word))
        cost = 2 * ADDRESS_CASE; // "на луговой" is said of Луговая, not of Луговой
    return cost;
}

bool typed_read(struct typed *typed, const struct address_vocabulary *words, const char *text,
                enum address_reading reading, bool loose)
{
    static const int penalties[] = {[ADDRESS_AS_TYPED] = 0,
                                    [ADDRESS_OTHER_LAYOUT] = 2,
                                    [ADDRESS_LATIN_LETTERS] = 3,
                                    [ADDRESS_LATIN_LAYOUT] = 2};
    address_tokens_read(text, reading, &typed->tokens);
    typed->unit_count = 0;
    address_region_left_out(words, &typed->tokens);
    if (!address_object_left_out(words, &typed->tokens))
        return false;
    if (typed->tokens.count > TYPED_TOKENS) {
        typed->tokens.count = TYPED_TOKENS;
        typed->tokens.open = false;
    }
    typed->loose = loose;
    typed->face = reading == ADDRESS_LATIN_LETTERS;
    typed->penalty = penalties[reading];
    size_t count = typed->tokens.count;
    read_words(typed);
    for (size_t i = 0; i < count; i++) {
        if (typed->tokens.item[i].ending)
            continue;
        add_single(typed, i);
        add_ordinal(typed, i);
        add_alias(typed, i);
        if (i + 1 < count && !typed->tokens.item[i + 1].ending)
            add_joined(typed, i);
    }
    for (size_t i = 0; i < count; i++)
        add_beside_kind(typed, i);
    return typed->unit_count > 0;
}
