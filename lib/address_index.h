// The index itself: for lib/address*.c only. Arrays with ids for links; settlements, streets, houses
// and premises are sorted so that what belongs to one is a run of the next, the largest first.
#pragma once

#include "lib/address.h"
#include "lib/address_compare.h"

// Byte strings, each kept once. Id 0 is the empty one.
struct address_strings {
    char *data; // NUL after each
    size_t size, capacity;
    uint32_t *start; // of each id, and one more
    size_t count, start_capacity;
    uint32_t *slots; // id + 1 by hash; only while adding
    size_t slot_count;
};

struct address_settlement {
    uint32_t text, key; // ids in texts, in keys
    uint64_t kinds;
    uint32_t first_street, street_count;
    uint32_t first_term;
    uint32_t premises;
    uint8_t term_count, word_count;
};

struct address_street {
    uint64_t kinds;
    uint32_t settlement;
    uint32_t text, key;
    uint32_t first_house, house_count;
    uint32_t first_term;
    uint32_t premises;
    uint8_t term_count, word_count;
    uint8_t needed;   // words that a full name has; all initials count as one
    bool number_only; // "1-я линия": the kind tells more than usual
};

struct address_house_row {
    uint32_t street, text, key;
    uint32_t number; // what the key begins with, 0 without
    uint32_t first_premise, premise_count;
};

struct address_premise {
    int64_t premise;
    uint32_t house, flat; // flat: an id in texts
};

// A word of a name, or several of them written as one ("новосадовая" of "Ново-Садовая").
struct address_term {
    uint32_t word;
    uint16_t covers;  // a bit for each word of the name
    bool abbreviated; // an initial or a cut word: a longer typed one may be meant
};

enum { ADDRESS_FACES = 2 }; // the word without ъ and ь; its skeleton for Latin letters

struct address_vocabulary {
    struct address_strings words;
    uint32_t count;
    bool *number;
    // By face: letters apart, since nearly every word is refused by them.
    uint64_t *letters[ADDRESS_FACES];
    struct address_strings face[ADDRESS_FACES]; // one string a word, not made unique
    uint32_t *first_street, *streets;           // word -> streets, ascending
    uint32_t *first_settlement, *settlements;   // word -> settlements
    bool latin;                                 // there is a Latin word
};

struct address_named {
    uint32_t key, id;
};

struct address_build; // what adding needs
struct address_index {
    struct address_strings texts, keys;
    struct address_settlement *settlements;
    struct address_street *streets;
    struct address_house_row *houses;
    struct address_premise *premises;
    size_t settlement_count, street_count, house_count, premise_count;
    uint32_t *by_premise; // premises by their key
    uint32_t *flat_keys;  // by text id: the canonical flat, an id in keys
    struct address_named *settlement_names, *street_names; // sorted by key
    struct address_term *terms;
    size_t term_count;
    struct address_vocabulary vocabulary;
    struct address_build *build; // NULL once finished
};

// Strings.
void address_strings_init(struct address_strings *strings);
void address_strings_fini(struct address_strings *strings);
uint32_t address_strings_add(struct address_strings *strings, const void *data, size_t length);
uint32_t address_strings_append(struct address_strings *strings, const void *data, size_t length);
void address_strings_close(struct address_strings *strings); // nothing more is added
// The id of a string that is there, else ADDRESS_NO_ID; needs the slots.
uint32_t address_strings_find(const struct address_strings *strings, const void *data,
                              size_t length);
static inline const char *address_string(const struct address_strings *strings, uint32_t id,
                                         size_t *length)
{
    if (length)
        *length = strings->start[id + 1] - strings->start[id] - 1;
    return strings->data + strings->start[id];
}

// Build steps (lib/address_build.c, lib/address_vocabulary.c).
void address_vocabulary_build(struct address_index *index);
void address_vocabulary_fini(struct address_vocabulary *vocabulary);
struct address_word address_vocabulary_word(const struct address_vocabulary *vocabulary,
                                            uint32_t word, size_t face);
void address_build_free(struct address_build *build);

// Matches.
struct address_match address_match_settlement(const struct address_index *index, uint32_t id);
struct address_match address_match_street(const struct address_index *index, uint32_t id);
struct address_match address_match_house(const struct address_index *index, uint32_t id);
// The house, or its premise where it has but one.
struct address_match address_match_premises(const struct address_index *index, uint32_t house);
struct address_match address_match_premise(const struct address_index *index, uint32_t row);

// The house of a street that is named so, "14" and "уч. 14" being one unless it has both; else
// ADDRESS_NO_ID.
struct address_house;
uint32_t address_house_in(const struct address_index *index, uint32_t street,
                          const struct address_house *house);
// The premise in a house whose canonical flat is this, the row in premises, else ADDRESS_NO_ID.
uint32_t address_flat_in(const struct address_index *index, uint32_t house, const uint8_t *key,
                         size_t length);
