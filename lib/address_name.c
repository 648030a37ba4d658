// Stored names of streets and settlements: kind, words, key.
#include "lib/address_name.h"

// The canonical form of a word of a name: "первая" 1, "007" 7, "летия" лет.
static struct address_token canonical(const struct address_token *token)
{
    struct address_token word = *token;
    unsigned number = address_ordinal(token);
    if (number)
        address_token_set_number(&word, number);
    address_one_form(&word);
    return word;
}

// Which token is the kind: an abbreviation rather than a word in full, улица rather than another
// ("Набережная ул."), and one letter only where nothing better is there ("Д. Бедного ул.").
static int kind_weight(const struct address_token *token, enum address_scope scope, bool edge)
{
    uint64_t found = address_kinds(token, scope);
    if (!found)
        return 0;
    if (token->length == 1 && !token->dot && !edge)
        return 0;
    int weight = 4;
    weight += token->length > 1 ? 8 : 0;
    weight += address_kind_full(token) ? 0 : 2;
    weight += found & 1 ? 4 : 0;
    return weight;
}

static void name_kind(const struct address_tokens *tokens, enum address_scope scope, bool *is_kind,
                      struct address_name *name)
{
    size_t best = tokens->count;
    int best_weight = 0;
    size_t words = 0;
    for (size_t i = 0; i < tokens->count; i++)
        words += !tokens->item[i].ending;
    for (size_t i = 0; i < tokens->count && words > 1; i++) {
        bool edge = i == 0 || i + 1 == tokens->count;
        int weight = kind_weight(&tokens->item[i], scope, edge);
        // An association or district inside a street's name is the kind only without a better one.
        if (scope == ADDRESS_STREETS && !weight)
            weight = kind_weight(&tokens->item[i], ADDRESS_ANYWHERE, edge) / 5;
        if (weight > best_weight) {
            best_weight = weight;
            best = i;
        }
    }
    if (best == tokens->count)
        return;
    is_kind[best] = true;
    name->kinds = address_kinds(&tokens->item[best], scope);
    if (!name->kinds)
        name->kinds = address_kinds(&tokens->item[best], ADDRESS_ANYWHERE);
}

void address_name_read(const char *text, enum address_scope scope, struct address_name *name)
{
    struct address_tokens tokens;
    bool is_kind[ADDRESS_TOKENS] = {false};
    address_tokens_read(text, ADDRESS_AS_TYPED, &tokens);
    name->kinds = 0;
    name->count = 0;
    name->abbreviated = 0;
    name->key_length = 0;
    name_kind(&tokens, scope, is_kind, name);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct address_token *token = &tokens.item[i];
        if (is_kind[i] || token->ending || (tokens.count > 1 && address_is_stop_word(token)))
            continue;
        struct address_token word = canonical(token);
        if (!word.number && name->count < 16 &&
            (word.length == 1 || (word.dot && word.length <= 4)))
            name->abbreviated |= (uint16_t)(1u << name->count);
        name->as_written[name->count] = *token;
        name->word[name->count++] = word;
        if (name->key_length + word.length + 1 < sizeof name->key) {
            if (name->key_length)
                name->key[name->key_length++] = ' ';
            memcpy(name->key + name->key_length, word.code, word.length);
            name->key_length += word.length;
        }
    }
}
