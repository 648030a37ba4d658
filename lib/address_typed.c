// A typed text made ready for comparing.
#include "lib/address_search.h"

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
    struct typed_unit *unit = add_unit(typed, token->code, token->length, token->number);
    if (!unit)
        return;
    unit->tokens = 1u << i;
    unit->open = last_token(typed, i);
}

// "новосадовая" of "ново садовая", "карламаркса" of "карла маркса".
static void add_joined(struct typed *typed, size_t i)
{
    const struct address_token *left = &typed->tokens.item[i], *right = left + 1;
    uint8_t joined[2 * ADDRESS_WORD];
    if (left->number || right->number || left->ending || typed->kinds[i] || right->length < 2)
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

bool typed_read(struct typed *typed, const char *text, enum address_reading reading)
{
    static const int penalties[] = {[ADDRESS_AS_TYPED] = 0,
                                    [ADDRESS_OTHER_LAYOUT] = 2,
                                    [ADDRESS_LATIN_LETTERS] = 3,
                                    [ADDRESS_LATIN_LAYOUT] = 2};
    address_tokens_read(text, reading, &typed->tokens);
    if (typed->tokens.count > TYPED_TOKENS) {
        typed->tokens.count = TYPED_TOKENS;
        typed->tokens.open = false;
    }
    typed->face = reading == ADDRESS_LATIN_LETTERS;
    typed->unit_count = 0;
    typed->penalty = penalties[reading];
    size_t count = typed->tokens.count;
    for (size_t i = 0; i < count; i++) {
        struct address_token *token = &typed->tokens.item[i];
        address_one_form(token);
        typed->kinds[i] = token->ending ? 0 : address_kinds_near(token, last_token(typed, i));
        typed->part[i] = address_part(token);
        typed->stop[i] = address_is_stop_word(token);
        // What is only near a kind may as well be a misspelt name: "Набеврежная ул.".
        bool exact = typed->kinds[i] && address_kinds(token, ADDRESS_ANYWHERE);
        bool near = typed->kinds[i] && token->length >= 4;
        bool free_word =
            token->number || token->ending || typed->stop[i] || typed->part[i] || exact;
        bool small = token->length <= 2 || near;
        typed->alone[i] = free_word ? 0 : small ? COST_UNKNOWN_SHORT : COST_UNKNOWN;
    }
    for (size_t i = 0; i < count; i++) {
        if (typed->tokens.item[i].ending)
            continue;
        add_single(typed, i);
        if (i + 1 < count && !typed->tokens.item[i + 1].ending)
            add_joined(typed, i);
    }
    for (size_t i = 0; i < count; i++)
        add_beside_kind(typed, i);
    return typed->unit_count > 0;
}

bool typed_is_house_part(const struct typed *typed, size_t i)
{
    const struct address_token *token = &typed->tokens.item[i];
    if (token->number)
        return false;
    bool number_before = i > 0 && typed->tokens.item[i - 1].number;
    bool value_behind = i + 1 < typed->tokens.count &&
                        (typed->tokens.item[i + 1].number || typed->tokens.item[i + 1].length == 1);
    return (typed->part[i] && value_behind) || (number_before && token->length == 1 && !token->dot);
}
