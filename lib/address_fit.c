// How a typed text fits one street of one settlement.
#include "lib/address_search.h"

#include <stdlib.h>

enum { PAIRS = 256 };

// A typed unit that may be a term of the street or of its settlement.
struct pair {
    int cost;
    int gain;       // what the reading would cost more without it
    uint64_t kinds; // written on to the word: "новаяулица"
    uint32_t tokens;
    uint16_t covers;
    bool settlement, needed, number;
};

struct fitting {
    const struct address_index *index;
    const struct typed *typed;
    uint64_t street_kinds;
    struct pair pair[PAIRS];
    size_t count;
    uint32_t street_tokens, settlement_tokens; // taken by a word
    uint32_t done;                             // taken by anything
    uint16_t street_words, settlement_words;   // covered
    int cost;
};

static int term_cost(const struct fitting *fitting, const struct typed_unit *unit,
                     const struct address_term *term)
{
    const struct address_vocabulary *words = &fitting->index->vocabulary;
    if (!term->abbreviated &&
        !address_word_possible(&unit->word, words->letters[fitting->typed->face][term->word]))
        return ADDRESS_FAR;
    struct address_word known = address_vocabulary_word(words, term->word, fitting->typed->face);
    int cost = address_compare(&unit->word, &known, unit->open);
    // A stored initial, typed in full.
    if (cost == ADDRESS_FAR && term->abbreviated && !unit->word.number && known.length &&
        known.length < unit->word.length && memcmp(known.code, unit->word.code, known.length) == 0)
        cost = ADDRESS_STEP;
    return cost;
}

static int gain_of(const struct typed *typed, const struct pair *pair)
{
    int gain = pair->needed ? __builtin_popcount(pair->covers) * COST_MISSING : 0;
    for (uint32_t left = pair->tokens; left; left &= left - 1)
        gain += typed->alone[__builtin_ctz(left)];
    return gain - pair->cost;
}

// `needed`: each word of this name that is not typed costs something.
static void find_pairs(struct fitting *fitting, uint32_t first_term, size_t term_count,
                       bool settlement, bool needed)
{
    const struct typed *typed = fitting->typed;
    for (size_t u = 0; u < typed->unit_count; u++) {
        const struct typed_unit *unit = &typed->unit[u];
        for (size_t t = 0; t < term_count && fitting->count < PAIRS; t++) {
            const struct address_term *term = &fitting->index->terms[first_term + t];
            int cost = term_cost(fitting, unit, term);
            // What is written as it stands comes before what is joined or parted.
            cost += __builtin_popcount(unit->tokens) != __builtin_popcount(term->covers);
            if (cost >= ADDRESS_FAR)
                continue;
            struct pair pair = {.cost = cost + unit->extra,
                                .kinds = unit->kinds,
                                .tokens = unit->tokens,
                                .covers = term->covers,
                                .settlement = settlement,
                                .needed = needed,
                                .number = unit->word.number};
            pair.gain = gain_of(typed, &pair);
            if (pair.gain > -ADDRESS_STEP / 4)
                fitting->pair[fitting->count++] = pair;
        }
    }
}

// What gains most first; of equal ones the street before its settlement, and what was typed first.
static int by_gain(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;
    if (one->gain != other->gain)
        return one->gain > other->gain ? -1 : 1;
    if (one->settlement != other->settlement)
        return one->settlement ? 1 : -1;
    return one->tokens < other->tokens ? -1 : one->tokens > other->tokens;
}

static bool beside(uint32_t taken, size_t i)
{
    return (taken >> (i + 1) & 1) || (i > 0 && (taken >> (i - 1) & 1));
}

// "ленина 12 а": the letter belongs to the house, unless the number before it is the street's own.
static bool belongs_to_house(const struct fitting *fitting, const struct pair *pair)
{
    size_t token = (size_t)__builtin_ctz(pair->tokens);
    // A number of the settlement stands beside its name; any other one is the house.
    if (pair->settlement && pair->number && !pair->needed)
        return !beside(fitting->settlement_tokens, token);
    if (pair->cost == 0 || !typed_is_house_part(fitting->typed, token))
        return false;
    return pair->settlement || token == 0 || !(fitting->street_tokens >> (token - 1) & 1);
}

static void take_pairs(struct fitting *fitting)
{
    qsort(fitting->pair, fitting->count, sizeof *fitting->pair, by_gain);
    for (size_t i = 0; i < fitting->count; i++) {
        const struct pair *pair = &fitting->pair[i];
        uint16_t *words = pair->settlement ? &fitting->settlement_words : &fitting->street_words;
        if ((pair->tokens & fitting->done) || (pair->covers & *words) ||
            belongs_to_house(fitting, pair))
            continue;
        *words |= pair->covers;
        fitting->done |= pair->tokens;
        *(pair->settlement ? &fitting->settlement_tokens : &fitting->street_tokens) |= pair->tokens;
        fitting->cost += pair->cost;
        if (pair->kinds && !pair->settlement && !(pair->kinds & fitting->street_kinds))
            fitting->cost += COST_OTHER_KIND;
    }
}

// "Садовая 1" is rather the house 1 than "1-я Садовая".
static int number_behind(const struct fitting *fitting)
{
    const struct address_tokens *tokens = &fitting->typed->tokens;
    for (size_t i = 0; i < tokens->count; i++) {
        if (!(fitting->street_tokens >> i & 1) || !tokens->item[i].number)
            continue;
        bool last = fitting->street_tokens >> i == 1;
        bool ending = i + 1 < tokens->count && tokens->item[i + 1].ending;
        if (last && !ending && fitting->street_tokens != 1u << i)
            return COST_NUMBER_BEHIND;
    }
    return 0;
}

static void take_kinds(struct fitting *fitting, uint64_t settlement_kinds, uint64_t street_kinds,
                       bool number_only)
{
    const struct typed *typed = fitting->typed;
    for (size_t i = 0; i < typed->tokens.count; i++) {
        const struct address_token *token = &typed->tokens.item[i];
        uint64_t kinds = typed->kinds[i];
        if ((fitting->done >> i & 1) || !kinds)
            continue;
        bool street = beside(fitting->street_tokens, i);
        bool settlement = beside(fitting->settlement_tokens, i);
        bool of_house = typed_is_house_part(typed, i);
        if (of_house && !(token->before && settlement && (kinds & settlement_kinds)) &&
            !(street && (kinds & street_kinds)))
            continue;
        if (!(kinds & street_kinds) && !(kinds & settlement_kinds)) {
            bool of_streets = address_kinds(token, ADDRESS_STREETS) != 0;
            if (!of_streets || !street_kinds)
                continue;
            fitting->cost += number_only ? COST_OTHER_KIND_NUMBER : COST_OTHER_KIND;
        }
        fitting->done |= 1u << i;
    }
}

static void take_small_words(struct fitting *fitting)
{
    const struct typed *typed = fitting->typed;
    for (size_t i = 0; i < typed->tokens.count; i++) {
        const struct address_token *token = &typed->tokens.item[i];
        uint32_t words = fitting->street_tokens | fitting->settlement_tokens;
        bool ending = token->ending && (words >> (i - 1) & 1);
        bool opening = typed->stop[i] && words >> i > 1;
        if (fitting->done >> i & 1)
            continue;
        if (ending || opening)
            fitting->done |= 1u << i;
        else if (token->ending && token->before == '-')
            fitting->cost += COST_UNKNOWN; // "10-я" names a street, and it is not this one
    }
}

static void keep_rest(const struct fitting *fitting, struct address_fit *fit)
{
    const struct address_tokens *tokens = &fitting->typed->tokens;
    fit->rest_count = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        if (fitting->done >> i & 1)
            continue;
        struct address_token *token = &fit->rest[fit->rest_count++];
        *token = tokens->item[i];
        if (i > 0 && (fitting->done >> (i - 1) & 1))
            token->before = ' ';
    }
}

// Words of the name that were not typed; initials left out cost no more than one word.
static int missing_cost(const struct fitting *fitting, uint32_t first_term, size_t term_count,
                        size_t words, uint16_t covered)
{
    uint32_t missing = ((1u << words) - 1) & ~(uint32_t)covered, initials = 0;
    for (size_t t = 0; t < term_count; t++) {
        const struct address_term *term = &fitting->index->terms[first_term + t];
        initials |= term->abbreviated ? term->covers & missing : 0;
    }
    int full = __builtin_popcount(missing & ~initials) + (initials != 0);
    return full * COST_MISSING;
}

bool address_fit(const struct address_index *index, const struct typed *typed,
                 uint32_t settlement_id, uint32_t street_id, struct address_fit *fit)
{
    struct fitting fitting;
    const struct address_settlement *settlement = &index->settlements[settlement_id];
    const struct address_street *street =
        street_id == ADDRESS_NO_ID ? NULL : &index->streets[street_id];
    fitting.index = index;
    fitting.typed = typed;
    fitting.count = 0;
    fitting.street_tokens = fitting.settlement_tokens = fitting.done = 0;
    fitting.street_words = fitting.settlement_words = 0;
    fitting.cost = typed->penalty;
    fitting.street_kinds = street ? street->kinds : 0;
    bool nameless = !street || street->word_count == 0;
    if (street)
        find_pairs(&fitting, street->first_term, street->term_count, false, true);
    find_pairs(&fitting, settlement->first_term, settlement->term_count, true, nameless);
    take_pairs(&fitting);
    if (nameless ? !fitting.settlement_words : !fitting.street_words)
        return false;
    fitting.cost += number_behind(&fitting);
    if (nameless)
        fitting.cost += missing_cost(&fitting, settlement->first_term, settlement->term_count,
                                     settlement->word_count, fitting.settlement_words);
    else
        fitting.cost += missing_cost(&fitting, street->first_term, street->term_count,
                                     street->word_count, fitting.street_words);
    take_kinds(&fitting, settlement->kinds, street ? street->kinds : 0,
               street && street->number_only);
    take_small_words(&fitting);
    fit->cost = fitting.cost;
    keep_rest(&fitting, fit);
    return true;
}
