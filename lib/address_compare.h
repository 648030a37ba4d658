// How far a typed word is from a known one. Words are codes (lib/address_words.h) without ъ and ь.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_STEP = 16,               // one typing error, one ending left away
    ADDRESS_CASE = ADDRESS_STEP / 4, // another case of the same word
    // The same, if it is no other word's title. No beginning and no error costs as much: it is told by it.
    ADDRESS_CASE_UNSURE = ADDRESS_STEP + 5,
    ADDRESS_FAR = 255, // not this word
};

struct address_word {
    const uint8_t *code;
    uint64_t letters; // a bit for each letter that occurs, to refuse most words at once
    uint8_t length;
    bool number;
};

struct address_word address_word_of(const uint8_t *code, size_t length, bool number);

// Whether the word can come nearer than ADDRESS_FAR at all; cheap, for scanning a vocabulary.
static inline bool address_word_possible(const struct address_word *typed, uint64_t letters)
{
    int spare = typed->number || typed->length < 4 ? 0 : typed->length < 6 ? 1 : 2;
    // An oblique case ("садового" of "садовая") brings up to three letters.
    return __builtin_popcountll(typed->letters & ~letters) <= spare + 2 * (typed->length > 4);
}

// 0 equal; ADDRESS_CASE for another case of the same word, twice that where it is not sure; one step for a beginning; one for each
// typing error (none below 4 letters, one from 4, two from 8; an exchange of neighbours is one). The
// letters are counted in the longer of the two: one may have been left out.
// `open`: the word may still be growing, so that the beginning itself may hold an error.
int address_compare(const struct address_word *typed, const struct address_word *known, bool open);

// Ends like an adjective in an oblique case: "садовой".
bool address_is_oblique(const struct address_word *word);

// Leaves out ъ and ь; returns the length.
size_t address_plain(const uint8_t *code, size_t length, uint8_t *plain);
// What all ways of writing the word in Latin letters have in common ("-ия" я, й ы и, щ ш, э е).
size_t address_skeleton(const uint8_t *code, size_t length, uint8_t *skeleton);
