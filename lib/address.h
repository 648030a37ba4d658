#pragma once
// The places of a company: an index in memory over its premises, built once and then only read, so
// that any number of threads may use it at the same time. No input or output, no globals.
//
// Two questions are answered, on purpose by two functions: what do these fields name exactly
// (address_resolve, which never guesses), and what may the person who types this mean
// (address_search, which guesses, best first, with a score).
//
// Text is UTF-8 of any case. A street keeps its identity however its kind is written and wherever it
// stands ("ул. Садовая", "Садовая улица"), and so does a house ("12 А", "12а", "12-а").
//
// ## How the search ranks
// A cost is counted in steps of ADDRESS_STEP (lib/address_compare.h), the prices stand in one table
// (lib/address_search.h); the least cost is the best.
//  1. A typed word against a word of the street: 0 when equal; a quarter of a step for another case of it
//     ("на садовой"); 1 when it is the beginning; d and a little for d errors (none below 4 letters, 1
//     below 8, then 2; exchanged neighbours are one). Numbers only when equal. ё is е; ъ and ь are left out.
//  2. The street as a whole: +1 for another kind (3 where the name is a number; a second kind beside the
//     right one is a slip), +1 for each word of it that was not typed, +1 for all its initials together,
//     +3 for each typed word that is none of it nor of its settlement ("another settlement").
//  3. The house: 0 when equal, a half where only the signs differ (12/3, 12 корп. 3), 1 where the known
//     one goes on (12 of 12а), 1.5 where the street has no such house and the answer is the street.
//  4. Of equal costs: what has no kind said is a street rather than a lane; then the larger settlement and
//     the larger street.
// The score is 1000 for a reading in which every word is equal.
//
// Every word of the text goes to the place where it gains most: a word of the street, its settlement, a
// kind, a preposition; what is left over is read as house and flat. A letter or number that is written
// on to a house number belongs to it ("12а", "12/1"), and an initial alone names no street.
//
// ## What is read
// Words apart or as one ("ново садовая", "карламаркса"), a kind without a blank ("улсадовая"), ordinals
// in figures and words, Roman numbers, "50 лет" and "пятидесятилетия", initials for names and names for
// initials, other layouts and Latin letters, also for one word beside Cyrillic ones. An object or a
// person ("школа 5") is taken out, and where nothing else is left nothing is found: it is free text. So are
// the postal index, the country, the region and the district, unless a settlement is called so. Only when
// all this finds nothing are words compared by trigrams.
//
// The parts: tokens (address_tokens), what words mean (address_kinds, the tables), names and houses in
// canonical form (address_name, address_house), distances (address_compare, address_trigram), the index
// (address_build, address_vocabulary), a typed text (address_typed, address_object, address_region), its fit to a
// street (address_fit, address_fit_house), the search (address_search), lists of addresses in notices
// (address_list).

#include <stddef.h>
#include <stdint.h>

struct address_index;

// A premise as the import gives it; any text may be NULL or empty. Strings are copied.
struct address_place {
    int64_t premise;        // the import's key, above 0, each one added once
    const char *settlement; // with its kind or without: "г. Зареченск"
    const char *street; // "ул. Садовая", "1-я Линия", "СНТ «Энергетик»"
    const char *house;  // "12", "12 А", "12/3", "12 корп. 2 стр. 1", "уч. 14"
    const char *flat;   // "4", "кв. 4", "пом. 2"
};

enum address_level {
    ADDRESS_NONE,
    ADDRESS_SETTLEMENT,
    ADDRESS_STREET,
    ADDRESS_HOUSE,
    ADDRESS_PREMISE,
};

// What is deeper than the level is ADDRESS_NO_ID, and premise is 0 above ADDRESS_PREMISE.
// Ids are dense from 0 and hold for the lifetime of this index only, never keep them elsewhere.
#define ADDRESS_NO_ID UINT32_MAX
struct address_match {
    enum address_level level;
    uint32_t settlement;
    uint32_t street; // without a street: the settlement's nameless one, where houses have one
    uint32_t house;
    int64_t premise;
    int score; // 0..1000, 1000 = every word equal; what resolve finds has 1000
};

// Build: new, add each premise, finish. After finish nothing may be added.
struct address_index *address_index_new(void);
void address_index_add(struct address_index *index, const struct address_place *place);
void address_index_finish(struct address_index *index);
void address_index_free(struct address_index *index); // NULL is allowed

// The place that the fields name, exactly after normalisation (any may be NULL or empty); no typing
// error is forgiven. Answers the deepest level that is known and unambiguous: a house that the
// street does not have gives ADDRESS_STREET, a street in two settlements none of which was given
// gives ADDRESS_NONE. A kind that is not given is not compared. A house with one premise, and no
// flat asked for, is that premise.
struct address_match address_resolve(const struct address_index *index, const char *settlement,
                                     const char *street, const char *house, const char *flat);

// What the text typed so far may mean, best first; returns how many were written, at most limit. A house
// that the street does not have gives the street; the number of a plot in the cadastre alone is enough.
size_t address_search(const struct address_index *index, const char *typed,
                      struct address_match *out, size_t limit);

// The match of a premise by its key; ADDRESS_NONE for an unknown one. Same street or house, same id.
struct address_match address_of_premise(const struct address_index *index, int64_t premise);

// The premises at or below a match in the order of houses and flats: writes at most limit keys,
// leaving out the first skip, and returns how many there are in all.
size_t address_premises(const struct address_index *index, const struct address_match *match,
                        size_t skip, int64_t *out, size_t limit);

// The texts as they were added (the first spelling of each), "" below the match's level. They live as
// long as the index.
struct address_place address_place_of(const struct address_index *index,
                                      const struct address_match *match);

// One line: "ул. Садовая, 12, кв. 4"; the settlement comes first where the index has several.
// Always ends with NUL, is cut at a character where the buffer is short; returns buffer.
const char *address_text(const struct address_index *index, const struct address_match *match,
                         char *buffer, size_t size);

struct address_counts {
    size_t settlements, streets, houses, premises, words;
    size_t bytes; // all that the index holds in memory
};
struct address_counts address_index_counts(const struct address_index *index);
