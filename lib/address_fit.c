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
    bool initial; // of the stored name
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
    bool by_name;                              // by more than an initial
    bool by_word;                              // by more than a number
    int cost;
};

static int term_cost(const struct fitting *fitting, const struct typed_unit *unit,
                     const struct address_term *term)
{
    const struct address_vocabulary *words = &fitting->index->vocabulary;
    int cost = typed_compare(fitting->typed, unit, words, term->word);
    if (!term->abbreviated || cost < COST_INITIAL || unit->word.number)
        return cost;
    // A stored initial, typed in full.
    struct address_word known = address_vocabulary_word(words, term->word, fitting->typed->face);
    bool one_token = !(unit->tokens & (unit->tokens - 1));
    bool begins = known.length && known.length < unit->word.length &&
                  memcmp(known.code, unit->word.code, known.length) == 0;
    return one_token && begins ? COST_INITIAL : cost;
}

static int gain_of(const struct typed *typed, const struct pair *pair)
{
    int gain = pair->needed ? __builtin_popcount(pair->covers) * COST_MISSING : 0;
    // Any word that begins so may be the first name: it comes after what a word is for certain.
    if (pair->initial && pair->cost)
        gain -= COST_MISSING;
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
                                .number = unit->word.number,
                                .initial = term->abbreviated};
            pair.gain = gain_of(typed, &pair);
            if (pair.gain > -ADDRESS_STEP / 4)
                fitting->pair[fitting->count++] = pair;
        }
    }
}

// What gains most for each typed word first; of equal ones the street before its settlement, and what
// was typed first.
static int by_gain(const void *a, const void *b)
{
    const struct pair *one = a, *other = b;
    int gain = one->gain * __builtin_popcount(other->tokens);
    int other_gain = other->gain * __builtin_popcount(one->tokens);
    if (gain != other_gain)
        return gain > other_gain ? -1 : 1;
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
    const struct typed *typed = fitting->typed;
    size_t token = (size_t)__builtin_ctz(pair->tokens);
    // A number of the settlement stands beside its name; any other one is the house.
    if (pair->settlement && pair->number && !pair->needed &&
        !beside(fitting->settlement_tokens, token))
        return true;
    if (!typed->bound[token] && (pair->cost == 0 || !typed->of_house[token]))
        return false;
    return pair->settlement || token == 0 || !(fitting->street_tokens >> (token - 1) & 1);
}

static void take_pair(struct fitting *fitting, const struct pair *pair)
{
    uint16_t *words = pair->settlement ? &fitting->settlement_words : &fitting->street_words;
    if ((pair->tokens & fitting->done) || (pair->covers & *words) ||
        belongs_to_house(fitting, pair))
        return;
    *words |= pair->covers;
    fitting->done |= pair->tokens;
    *(pair->settlement ? &fitting->settlement_tokens : &fitting->street_tokens) |= pair->tokens;
    fitting->cost += pair->cost;
    fitting->by_name = fitting->by_name || !pair->initial;
    fitting->by_word = fitting->by_word || (pair->needed && !pair->number);
    if (pair->kinds && !pair->settlement && !(pair->kinds & fitting->street_kinds))
        fitting->cost += COST_OTHER_KIND;
}

// What may belong to the house comes last: the street's own number has to be known before it.
static void take_pairs(struct fitting *fitting)
{
    qsort(fitting->pair, fitting->count, sizeof *fitting->pair, by_gain);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < fitting->count; i++) {
            const struct pair *pair = &fitting->pair[i];
            if (fitting->typed->of_house[__builtin_ctz(pair->tokens)] == (pass == 1))
                take_pair(fitting, pair);
        }
    }
}

// "Садовая 1" is rather the house 1 than "1-я Садовая", and so is the 8 of "2 линия, 8".
static int number_behind(const struct fitting *fitting)
{
    const struct address_tokens *tokens = &fitting->typed->tokens;
    bool number_before = false;
    for (size_t i = 0; i < tokens->count; i++) {
        bool ending = i + 1 < tokens->count && tokens->item[i + 1].ending;
        if (!tokens->item[i].number || fitting->typed->bound[i])
            continue;
        if (!(fitting->street_tokens >> i & 1)) {
            number_before = number_before || !(fitting->settlement_tokens >> i & 1);
            continue;
        }
        bool last = fitting->street_tokens >> i == 1 && fitting->street_tokens != 1u << i;
        if ((last || number_before) && !ending)
            return COST_NUMBER_BEHIND;
    }
    return 0;
}

// Whether a kind that was typed is the street's: then another one beside it is a slip of the tongue.
static bool has_kind(const struct fitting *fitting, uint64_t street_kinds)
{
    for (size_t i = 0; i < fitting->typed->tokens.count; i++)
        if ((fitting->typed->kinds[i] & street_kinds) && !fitting->typed->of_house[i] &&
            !(fitting->done >> i & 1))
            return true;
    return false;
}

// What a typed kind costs that is neither the street's nor its settlement's.
static int other_kind_cost(const struct fitting *fitting, size_t i,
                           const struct address_street *street, bool right_one)
{
    if (!(fitting->typed->kinds[i] & address_kinds_scope(ADDRESS_STREETS)))
        return beside(fitting->settlement_tokens, i) ? COST_SECOND_KIND : ADDRESS_FAR;
    // A street was said, and it is none of these; or a long word that only resembles a kind.
    const struct address_token *token = &fitting->typed->tokens.item[i];
    if (!street || (token->length >= 7 && !address_kinds(token, ADDRESS_ANYWHERE)))
        return COST_UNKNOWN;
    if (!street->kinds || right_one)
        return COST_SECOND_KIND;
    return street->number_only || !fitting->by_word ? COST_OTHER_KIND_NUMBER : COST_OTHER_KIND;
}

static void take_kinds(struct fitting *fitting, const struct address_settlement *settlement,
                       const struct address_street *street)
{
    const struct typed *typed = fitting->typed;
    uint64_t street_kinds = street ? street->kinds : 0;
    bool right_one = has_kind(fitting, street_kinds), any = false;
    for (size_t i = 0; i < typed->tokens.count; i++) {
        uint64_t kinds = typed->kinds[i];
        any = any || (kinds & street_kinds);
        if ((fitting->done >> i & 1) || !kinds)
            continue;
        bool of_street = beside(fitting->street_tokens, i) && (kinds & street_kinds);
        bool of_settlement = beside(fitting->settlement_tokens, i) && (kinds & settlement->kinds) &&
                             !typed->bound[i];
        if (typed->of_house[i] && !of_street && !of_settlement)
            continue;
        if (kinds & street_kinds) {
            fitting->cost += kinds != street_kinds; // "пр-д" is nearer to "проезд" than to "пр."
        } else if (!(kinds & settlement->kinds)) {
            int cost = other_kind_cost(fitting, i, street, right_one);
            if (cost == ADDRESS_FAR)
                continue;
            fitting->cost += cost;
        }
        fitting->done |= 1u << i;
    }
    // Where no kind is said, a street is meant rather than a lane.
    if (!any && street_kinds && !(street_kinds & ADDRESS_KIND_STREET))
        fitting->cost++;
}

static void take_small_words(struct fitting *fitting)
{
    const struct typed *typed = fitting->typed;
    for (size_t i = 0; i < typed->tokens.count; i++) {
        const struct address_token *token = &typed->tokens.item[i];
        uint32_t words = fitting->street_tokens | fitting->settlement_tokens;
        bool ending = token->ending && (words >> (i - 1) & 1);
        bool house_next = i + 1 < typed->tokens.count && typed->of_house[i + 1];
        bool opening = typed->stop[i] && (words >> i > 1 || house_next);
        if (fitting->done >> i & 1)
            continue;
        // "12 в Березовке", but "12 в кв. 5" and "12 в, Березовка"
        if (typed->of_house[i] && (!(fitting->done >> i & 2) || token[1].before == ','))
            continue;
        if (ending || opening)
            fitting->done |= 1u << i;
        else if (token->ending && token->before == '-')
            fitting->cost += COST_UNKNOWN; // "10-я" names a street, and it is not this one
        else if (!token->number && token->length == 1 && !typed->of_house[i] && !typed->part[i] &&
                 !typed->kinds[i]) {
            fitting->cost += COST_UNKNOWN_INITIAL;
            fitting->done |= 1u << i;
        }
    }
}

// "школа 5" is not "мкр. 5": a number alone is no name where a word was said that is none of its.
static bool other_word_said(const struct fitting *fitting)
{
    for (size_t i = 0; i < fitting->typed->tokens.count; i++)
        if (!(fitting->done >> i & 1) && fitting->typed->alone[i] >= COST_UNKNOWN)
            return true;
    return false;
}

// A number before the name is the house ("5 Подгорная"), though rather the name's where it may be.
static int house_before(const struct fitting *fitting)
{
    const struct address_tokens *tokens = &fitting->typed->tokens;
    uint32_t words = fitting->street_tokens;
    size_t first = words ? (size_t)__builtin_ctz(words) : 0;
    return first > 0 && tokens->item[first - 1].number && !(fitting->done >> (first - 1) & 1);
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

static uint32_t initials_of(const struct fitting *fitting, uint32_t first_term, size_t term_count)
{
    uint32_t initials = 0;
    for (size_t t = 0; t < term_count; t++) {
        const struct address_term *term = &fitting->index->terms[first_term + t];
        initials |= term->abbreviated ? term->covers : 0;
    }
    return initials;
}

// Words of the name that were not typed; initials left out cost no more than one word.
static int missing_cost(const struct fitting *fitting, uint32_t first_term, size_t term_count,
                        size_t words, uint16_t covered)
{
    uint32_t missing = ((1u << words) - 1) & ~(uint32_t)covered;
    uint32_t initials = initials_of(fitting, first_term, term_count) & missing;
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
    fitting.by_name = fitting.by_word = false;
    fitting.street_kinds = street ? street->kinds : 0;
    bool nameless = !street || street->word_count == 0;
    if (street)
        find_pairs(&fitting, street->first_term, street->term_count, false, true);
    find_pairs(&fitting, settlement->first_term, settlement->term_count, true, nameless);
    take_pairs(&fitting);
    if (nameless ? !fitting.settlement_words : !fitting.street_words)
        return false;
    if (street && !fitting.by_name &&
        initials_of(&fitting, street->first_term, street->term_count) !=
            (1u << street->word_count) - 1)
        return false;
    fitting.cost += number_behind(&fitting);
    if (nameless)
        fitting.cost += missing_cost(&fitting, settlement->first_term, settlement->term_count,
                                     settlement->word_count, fitting.settlement_words);
    else
        fitting.cost += missing_cost(&fitting, street->first_term, street->term_count,
                                     street->word_count, fitting.street_words);
    take_kinds(&fitting, settlement, street);
    take_small_words(&fitting);
    if (!fitting.by_word && other_word_said(&fitting))
        return false;
    fit->cost = fitting.cost + house_before(&fitting);
    keep_rest(&fitting, fit);
    return true;
}
