// What an address written in full begins with and is found without: the postal index, the country, the
// region and the district ("630000, Новосибирская обл., Ленинский р-н, г. Кедровогорск, ул. Титова, 14").
#include "lib/address_search.h"

enum { INDEX_DIGITS = 6 };

// Whether places are called so: a company may well write the district with a settlement ("Каменский
// р-н, х. Аникин"), or have an "ул. Край Света".
static uint32_t known_word(const struct address_vocabulary *words,
                           const struct address_token *token)
{
    uint8_t plain[ADDRESS_WORD];
    size_t length = address_plain(token->code, token->length, plain);
    for (uint32_t w = 0; w < words->count; w++) {
        struct address_word known = address_vocabulary_word(words, w, 0);
        if (known.length == length && memcmp(known.code, plain, length) == 0)
            return w;
    }
    return ADDRESS_NO_ID;
}

static bool names_settlement(const struct address_vocabulary *words,
                             const struct address_token *token)
{
    uint32_t word = known_word(words, token);
    return word != ADDRESS_NO_ID &&
           words->first_settlement[word] != words->first_settlement[word + 1];
}

static bool names_street(const struct address_vocabulary *words, const struct address_token *token)
{
    uint32_t word = known_word(words, token);
    return word != ADDRESS_NO_ID && words->first_street[word] != words->first_street[word + 1];
}

static bool is_name(const struct address_tokens *tokens, size_t i)
{
    const struct address_token *token = &tokens->item[i];
    return !token->number && token->length > 2 && !address_kinds(token, ADDRESS_ANYWHERE) &&
           !address_region(token);
}

// Whether a word of a name is there outside of first .. first + count: else that is all that was said.
static bool name_left(const struct address_tokens *tokens, size_t first, size_t count)
{
    for (size_t i = 0; i < tokens->count; i++)
        if ((i < first || i >= first + count) && is_name(tokens, i))
            return true;
    return false;
}

// The name of the district whose kind stands at `i`: before it, or behind it where none is before.
// "Лаишевский муниципальный район", "Республика Татарстан". Returns the tokens in all, 0 without a name.
static size_t region_at(const struct address_tokens *tokens, size_t i, size_t *first)
{
    const struct address_token *item = tokens->item;
    size_t end = i + 1;
    *first = i;
    while (*first > 0 && item[*first].before != ',' &&
           address_region(&item[*first - 1]) == ADDRESS_REGION_WORD)
        (*first)--;
    if (*first > 0 && item[*first].before != ',' && is_name(tokens, *first - 1)) {
        (*first)--;
        return end - *first;
    }
    return end < tokens->count && item[end].before != ',' && is_name(tokens, end) ? end + 1 - *first
                                                                                  : 0;
}

// Whether it has to stay: a settlement is written with this district, or a street has the kind in its
// name.
static bool is_needed(const struct address_vocabulary *words, const struct address_tokens *tokens,
                      size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        const struct address_token *token = &tokens->item[i];
        if (address_region(token) ? names_street(words, token) : names_settlement(words, token))
            return true;
    }
    return false;
}

static bool remove_region(const struct address_vocabulary *words, struct address_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        size_t first = i, count = 0;
        switch (address_region(&tokens->item[i])) {
        case ADDRESS_REGION_WHOLE: count = i == 0 && name_left(tokens, 0, 1); break;
        case ADDRESS_REGION_KIND: count = region_at(tokens, i, &first); break;
        case ADDRESS_REGION_WORD:
        case ADDRESS_NO_REGION: break;
        }
        if (!count || !name_left(tokens, first, count) || is_needed(words, tokens, first, count))
            continue;
        address_tokens_remove(tokens, first, count);
        return true;
    }
    return false;
}

void address_region_left_out(const struct address_vocabulary *words, struct address_tokens *tokens)
{
    const struct address_token *first = &tokens->item[0];
    bool index = first->length == INDEX_DIGITS ||
                 (first->length == INDEX_DIGITS - 1 && first[1].before == ',');
    if (tokens->count > 1 && first->number && index && first[1].before != ':')
        address_tokens_remove(tokens, 0, 1);
    while (remove_region(words, tokens))
        ;
}
