// What is said in place of an address: an object ("школа 5") or its owner ("Сидоров Пётр Иванович").
#include "lib/address_search.h"

// Whether a street or settlement is called so, or begins so: then it is an address.
static bool names_a_place(const struct address_vocabulary *words, const struct address_token *token)
{
    uint8_t plain[ADDRESS_WORD];
    size_t length = address_plain(token->code, token->length, plain);
    for (uint32_t w = 0; w < words->count; w++) {
        struct address_word known = address_vocabulary_word(words, w, 0);
        if (known.length >= length && memcmp(known.code, plain, length) == 0)
            return true;
    }
    return false;
}

// The object's words and its number: "детский сад № 12".
static bool remove_object(const struct address_vocabulary *words, struct address_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        size_t count = address_object(&tokens->item[i], tokens->count - i);
        if (!count || names_a_place(words, &tokens->item[i]))
            continue;
        while (i + count < tokens->count && tokens->item[i + count].number)
            count++;
        address_tokens_remove(tokens, i, count);
        return true;
    }
    return false;
}

// The patronymic, and surname and first name before it.
static bool remove_person(const struct address_vocabulary *words, struct address_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        if (!address_is_patronymic(&tokens->item[i]) || names_a_place(words, &tokens->item[i]))
            continue;
        size_t first = i;
        while (first > 0 && i - first < 2 && !tokens->item[first - 1].number)
            first--;
        address_tokens_remove(tokens, first, i - first + 1);
        return true;
    }
    return false;
}

bool address_object_left_out(const struct address_vocabulary *words, struct address_tokens *tokens)
{
    bool removed = remove_person(words, tokens);
    while (remove_object(words, tokens))
        removed = true;
    // "на садовой", "ленина 5": what is left is an address; "магнит" is the object's name.
    bool address = !removed, word = !removed;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct address_token *token = &tokens->item[i];
        address =
            address || token->number || (address_is_stop_word(token) && i + 1 < tokens->count);
        word = word || (!token->number && token->length > 1 && !address_is_stop_word(token));
    }
    return address && word;
}
