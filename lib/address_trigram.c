#include "lib/address_trigram.h"

#include "lib/address_tokens.h"

enum { LEAST_LETTERS = 5, LEAST_ALIKE = 45 }; // in hundredths

// Two blanks before the word and one behind it: its beginning weighs more than its end.
static size_t trigrams_of(const struct address_word *word, uint32_t trigrams[ADDRESS_WORD + 1])
{
    uint32_t run = 0;
    for (size_t i = 0; i <= word->length; i++) {
        run = (run << 8 | (i < word->length ? word->code[i] : 0)) & 0xFFFFFF;
        trigrams[i] = run;
    }
    return (size_t)word->length + 1;
}

int address_trigram_compare(const struct address_word *typed, const struct address_word *known)
{
    uint32_t one[ADDRESS_WORD + 1], other[ADDRESS_WORD + 1];
    if (typed->number || known->number || typed->length < LEAST_LETTERS ||
        known->length < LEAST_LETTERS)
        return ADDRESS_FAR;
    size_t count = trigrams_of(typed, one), known_count = trigrams_of(known, other), common = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < known_count; k++) {
            if (one[i] != other[k])
                continue;
            other[k] = UINT32_MAX; // counted
            common++;
            break;
        }
    }
    int alike = (int)(200 * common / (count + known_count));
    return alike < LEAST_ALIKE ? ADDRESS_FAR
                               : 5 * ADDRESS_STEP / 2 + (100 - alike) * 5 * ADDRESS_STEP / 200;
}
