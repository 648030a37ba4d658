// Between the files of the search: a typed text as words, and how it fits a street. Costs count in
// ADDRESS_STEP; 0 is equal in every word.
#pragma once

#include "lib/address_house.h"
#include "lib/address_index.h"
#include "lib/address_name.h"

enum {
    TYPED_TOKENS = 16, // words that are looked at; more are not typed into a search
    TYPED_UNITS = 64,

    COST_MISSING = ADDRESS_STEP,               // a word of the street was not typed
    COST_OTHER_KIND = ADDRESS_STEP,            // another kind of street
    COST_OTHER_KIND_NUMBER = 3 * ADDRESS_STEP, // where the name is only a number
    COST_SECOND_KIND = ADDRESS_STEP / 4, // another kind beside the right one: "ул. Мира пр-т"
    COST_INITIAL = ADDRESS_STEP / 2,     // a stored initial, typed in full
    COST_UNKNOWN_INITIAL = ADDRESS_STEP + ADDRESS_STEP / 4, // an initial that the name has not
    COST_UNKNOWN = 3 * ADDRESS_STEP,       // a word that is nowhere here: another settlement
    COST_UNKNOWN_SHORT = ADDRESS_STEP / 2, // one or two letters that mean nothing here
    COST_NUMBER_BEHIND = ADDRESS_STEP / 2, // a number of the name, typed where the house stands
    COST_LOOSE_HOUSE = ADDRESS_STEP / 2,   // the same numbers, joined in another way
    COST_MORE_HOUSE = ADDRESS_STEP,        // the house goes on: 12 of 12а
    COST_NO_HOUSE = 3 * ADDRESS_STEP / 2,  // no such house
    COST_NO_FLAT = ADDRESS_STEP / 4,       // no such flat in it
    COST_BARE_FLAT = COST_LOOSE_HOUSE + 2, // the same of a number without a word
    COST_NO_FLATS = ADDRESS_STEP,          // nor can there be one: a plot has none
    COST_UNSAID = ADDRESS_STEP / 2,        // no street was said at all
    COST_PERFECT =
        3, // up to here every word is equal, and the difference tells only which comes first
    COST_LIMIT = 6 * ADDRESS_STEP,
};

// What is compared with a known word: one typed word, two neighbours written as one, or what is left
// of one beside a kind typed without a blank.
struct typed_unit {
    uint8_t code[ADDRESS_WORD];
    struct address_word word; // points to code
    uint32_t tokens;          // a bit for each token that it takes up
    uint64_t kinds;           // of the kind that was cut off
    int extra;
    bool open;
    bool spoken; // behind a preposition
};

struct typed {
    struct address_tokens tokens;
    size_t face;
    uint64_t kinds[TYPED_TOKENS];
    enum address_part part[TYPED_TOKENS];
    bool stop[TYPED_TOKENS];
    bool of_house
        [TYPED_TOKENS]; // a part with its value behind it ("к 2"), a letter right after a number
    bool bound[TYPED_TOKENS];    // written on to the number before it: "12/1", "12а"
    uint8_t alone[TYPED_TOKENS]; // what the token costs where it is no word of the place
    struct typed_unit unit[TYPED_UNITS];
    size_t unit_count;
    bool kind_said; // a kind of street
    bool loose;
    int penalty; // for a reading that is not the plain one
};

// False when there is nothing to search by: no word, or an object in place of an address. `loose`: words
// may be no more than alike.
bool typed_read(struct typed *typed, const struct address_vocabulary *words, const char *text,
                enum address_reading reading, bool loose);
// What the typed word costs as this known one.
int typed_compare(const struct typed *typed, const struct typed_unit *unit,
                  const struct address_vocabulary *words, uint32_t word);
// Takes objects and persons out of the text; false where nothing is left that may be an address.
bool address_object_left_out(const struct address_vocabulary *words, struct address_tokens *tokens);
// Takes the postal index, the country, the region and the district out of an address written in full.
void address_region_left_out(const struct address_vocabulary *words, struct address_tokens *tokens);
struct address_fit {
    int cost;
    struct address_token rest[TYPED_TOKENS]; // what neither street nor settlement took, in order
    size_t rest_count;
};
// The cheapest way to read the text as this street (NO_ID: the settlement alone); false if it is not.
bool address_fit(const struct address_index *index, const struct typed *typed, uint32_t settlement,
                 uint32_t street, struct address_fit *fit);

struct address_results {
    struct address_result {
        struct address_match match;
        int cost;
    } * item;
    size_t count, capacity;
    int best;
};
void address_results_add(struct address_results *results, struct address_match match, int cost);
int address_fit_surplus(
    const struct address_fit *fit); // what the rest costs where it names no house
// The houses and flats of a street that the rest names; the street itself where it names none.
void address_fit_houses(const struct address_index *index, uint32_t street,
                        const struct address_fit *fit, int penalty,
                        struct address_results *results);
