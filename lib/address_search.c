// Search as typed: words that are near give candidates, the best of them are fitted, then their
// houses. Nothing is kept between two searches, so that threads need no lock.
#include "lib/address_search.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

enum {
    FITTED = 400,     // candidates that are fitted in full
    BEHIND_BEST = 40, // results further than this behind the best are noise
    QUICK_MOST = 1023,
    UNSAID = 16,         // settlements in which a house is looked for when no street was said
    STREETS_UNSAID = 64, // looked through for a house when no street was said
};

// What each word may be, by place: the cost of token t for place p is at [p * TYPED_TOKENS + t].
struct hits {
    uint8_t *cost;
    bool *touched;
    uint32_t *list;
    size_t count;
};

static void hits_init(struct hits *hits, size_t places)
{
    // The costs are written before they are read; nothing is spent on places that no word hits.
    hits->cost = mem_resize(NULL, places * TYPED_TOKENS + 1, 1);
    hits->touched = mem_alloc(places + 1);
    hits->list = mem_resize(NULL, places + 1, sizeof *hits->list);
    hits->count = 0;
}

static void hits_fini(struct hits *hits)
{
    free(hits->cost);
    free(hits->touched);
    free(hits->list);
}

static void hits_clear(struct hits *hits)
{
    for (size_t i = 0; i < hits->count; i++)
        hits->touched[hits->list[i]] = false;
    hits->count = 0;
}

static uint8_t *hit(struct hits *hits, uint32_t place)
{
    uint8_t *cost = hits->cost + (size_t)place * TYPED_TOKENS;
    if (!hits->touched[place]) {
        hits->touched[place] = true;
        hits->list[hits->count++] = place;
        memset(cost, ADDRESS_FAR, TYPED_TOKENS);
    }
    return cost;
}

struct search {
    const struct address_index *index;
    struct typed typed;
    struct hits streets, settlements;
    uint16_t *quick; // of each candidate
    struct address_results results;
};

static void hit_places(struct hits *hits, const uint32_t *places, size_t count,
                       const struct typed_unit *unit, int cost)
{
    uint32_t lowest = unit->tokens & -unit->tokens;
    for (size_t i = 0; i < count; i++) {
        uint8_t *costs = hit(hits, places[i]);
        for (uint32_t left = unit->tokens; left; left &= left - 1) {
            size_t token = (size_t)__builtin_ctz(left);
            uint8_t share = (left & lowest) ? (uint8_t)cost : 0;
            costs[token] = share < costs[token] ? share : costs[token];
        }
    }
}

static void find_words(struct search *search)
{
    const struct address_vocabulary *words = &search->index->vocabulary;
    const struct typed *typed = &search->typed;
    for (size_t u = 0; u < typed->unit_count; u++) {
        const struct typed_unit *unit = &typed->unit[u];
        for (uint32_t w = 0; w < words->count; w++) {
            int cost = typed_compare(typed, unit, words, w);
            if (cost == ADDRESS_FAR)
                continue;
            hit_places(&search->streets, words->streets + words->first_street[w],
                       words->first_street[w + 1] - words->first_street[w], unit, cost);
            hit_places(&search->settlements, words->settlements + words->first_settlement[w],
                       words->first_settlement[w + 1] - words->first_settlement[w], unit, cost);
        }
    }
}

static int quick_cost(const struct search *search, uint32_t street)
{
    const struct address_street *row = &search->index->streets[street];
    const uint8_t *costs = search->streets.cost + (size_t)street * TYPED_TOKENS;
    bool in_street = search->streets.touched[street];
    bool in_settlement = search->settlements.touched[row->settlement];
    const uint8_t *outer = search->settlements.cost + (size_t)row->settlement * TYPED_TOKENS;
    int cost = 0, matched = 0;
    for (size_t i = 0; i < search->typed.tokens.count; i++) {
        int least = search->typed.alone[i];
        // A number costs nothing as a house, but it may well be the word that the name needs.
        if (in_street && costs[i] != ADDRESS_FAR) {
            matched++;
            least = costs[i] < least ? costs[i] : least;
        }
        if (in_settlement && outer[i] < least)
            least = outer[i];
        cost += least;
    }
    if (matched < row->needed)
        cost += (row->needed - matched) * COST_MISSING;
    return cost < QUICK_MOST ? cost : QUICK_MOST;
}

static void add_nameless_streets(struct search *search)
{
    const struct address_index *index = search->index;
    for (size_t i = 0; i < search->settlements.count; i++) {
        const struct address_settlement *settlement =
            &index->settlements[search->settlements.list[i]];
        for (uint32_t s = 0; s < settlement->street_count; s++)
            if (index->streets[settlement->first_street + s].word_count == 0)
                hit(&search->streets, settlement->first_street + s);
    }
}

// The quick cost that no more than FITTED candidates stay below or at.
static int quick_limit(const uint16_t *quick, size_t count)
{
    size_t at[QUICK_MOST + 1] = {0};
    for (size_t i = 0; i < count; i++)
        at[quick[i]]++;
    size_t sum = 0;
    int limit = 0;
    for (; limit < QUICK_MOST && sum + at[limit] <= FITTED; limit++)
        sum += at[limit];
    return limit;
}

static void fit_streets(struct search *search)
{
    size_t count = search->streets.count;
    for (size_t i = 0; i < count; i++)
        search->quick[i] = (uint16_t)quick_cost(search, search->streets.list[i]);
    int limit = quick_limit(search->quick, count);
    size_t fitted = 0;
    // Below the limit all; at the limit as many as there is room for.
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count && fitted < FITTED; i++) {
            if (pass == 0 ? search->quick[i] >= limit : search->quick[i] != limit)
                continue;
            uint32_t street = search->streets.list[i];
            struct address_fit fit;
            fitted++;
            if (address_fit(search->index, &search->typed,
                            search->index->streets[street].settlement, street, &fit))
                address_fit_houses(search->index, street, &fit, 0, &search->results);
        }
    }
}

// "СНТ Энергетик 14": the line on which the plot lies was not said. Every street of a small
// settlement that has such a house, else the settlement.
static void fit_unsaid_street(struct search *search, uint32_t id, struct address_fit *fit)
{
    const struct address_settlement *settlement = &search->index->settlements[id];
    size_t before = search->results.count;
    for (uint32_t s = 0; s < settlement->street_count && s < STREETS_UNSAID; s++) {
        uint32_t street = settlement->first_street + s;
        size_t count = search->results.count;
        int penalty = search->index->streets[street].needed * COST_MISSING + COST_UNSAID;
        address_fit_houses(search->index, street, fit, penalty, &search->results);
        if (search->results.count == count + 1 &&
            search->results.item[count].match.level == ADDRESS_STREET)
            search->results.count = count; // no such house there
    }
    if (search->results.count == before)
        address_results_add(&search->results, address_match_settlement(search->index, id),
                            fit->cost + COST_NO_HOUSE + address_fit_surplus(fit));
}

static void fit_settlements(struct search *search)
{
    size_t shown = search->settlements.count < FITTED ? search->settlements.count : FITTED;
    size_t unsaid = 0;
    for (size_t i = 0; i < shown; i++) {
        struct address_fit fit;
        uint32_t id = search->settlements.list[i];
        if (!address_fit(search->index, &search->typed, id, ADDRESS_NO_ID, &fit))
            continue;
        if (fit.rest_count == 0)
            address_results_add(&search->results, address_match_settlement(search->index, id),
                                fit.cost);
        else if (fit.cost <= COST_MISSING && unsaid++ < UNSAID &&
                 (fit.rest[0].number || address_part(&fit.rest[0])))
            fit_unsaid_street(search, id, &fit);
    }
}

static void search_reading(struct search *search, const char *text, enum address_reading reading,
                           bool loose)
{
    if (!typed_read(&search->typed, &search->index->vocabulary, text, reading, loose))
        return;
    hits_clear(&search->streets);
    hits_clear(&search->settlements);
    find_words(search);
    add_nameless_streets(search);
    fit_streets(search);
    fit_settlements(search);
}

// Every way to read the keys that were hit.
static void search_text(struct search *search, const char *text, bool loose)
{
    search_reading(search, text, ADDRESS_AS_TYPED, loose);
    bool latin = search->typed.tokens.latin, cyrillic = search->typed.tokens.cyrillic;
    if (latin || !cyrillic) { // ";" alone is "ж"
        search_reading(search, text, ADDRESS_OTHER_LAYOUT, loose);
        if (latin)
            search_reading(search, text, ADDRESS_LATIN_LETTERS, loose);
    } else if (cyrillic && search->index->vocabulary.latin) {
        search_reading(search, text, ADDRESS_LATIN_LAYOUT, loose);
    }
}

// "61:44:50706:31" and nothing else: the plots of that number, wherever they are.
static void search_cadastre(struct search *search, const char *text)
{
    const struct address_index *index = search->index;
    struct address_tokens tokens;
    struct address_house house;
    address_tokens_read(text, ADDRESS_AS_TYPED, &tokens);
    size_t taken = address_house_read(tokens.item, tokens.count, 1, &house);
    if (!taken || taken < tokens.count || !memchr(house.key, ':', house.length))
        return;
    uint32_t key = address_strings_find(&index->keys, house.key, house.length);
    for (uint32_t h = 0; key != ADDRESS_NO_ID && h < index->house_count; h++)
        if (index->houses[h].key == key)
            address_results_add(&search->results, address_match_premises(index, h), 0);
}

static int by_cost(const void *a, const void *b)
{
    const struct address_result *one = a, *other = b;
    const struct address_match *x = &one->match, *y = &other->match;
    if (one->cost != other->cost)
        return one->cost < other->cost ? -1 : 1;
    if ((x->level == ADDRESS_SETTLEMENT) != (y->level == ADDRESS_SETTLEMENT))
        return y->level == ADDRESS_SETTLEMENT ? -1 : 1;
    if (x->settlement != y->settlement)
        return x->settlement < y->settlement ? -1 : 1;
    if (x->street != y->street)
        return x->street < y->street ? -1 : 1;
    if (x->house != y->house)
        return x->house < y->house ? -1 : 1;
    return x->premise < y->premise ? -1 : x->premise > y->premise;
}

static bool listed(const struct address_match *out, size_t count, const struct address_match *match)
{
    for (size_t i = 0; i < count; i++)
        if (out[i].level == match->level && out[i].settlement == match->settlement &&
            out[i].street == match->street && out[i].house == match->house &&
            out[i].premise == match->premise)
            return true;
    return false;
}

static size_t write_results(struct address_results *results, struct address_match *out,
                            size_t limit)
{
    size_t count = 0;
    if (results->count == 0)
        return 0;
    qsort(results->item, results->count, sizeof *results->item, by_cost);
    for (size_t i = 0; i < results->count && count < limit; i++) {
        const struct address_result *result = &results->item[i];
        if (result->cost > results->best + BEHIND_BEST)
            break;
        if (listed(out, count, &result->match))
            continue;
        out[count] = result->match;
        int cost = result->cost > COST_PERFECT ? result->cost : 0;
        out[count++].score = 1000 - cost * 1000 / (2 * COST_LIMIT);
    }
    return count;
}

size_t address_search(const struct address_index *index, const char *typed,
                      struct address_match *out, size_t limit)
{
    assert(!index->build);
    struct search *search = mem_alloc(sizeof *search);
    search->index = index;
    hits_init(&search->streets, index->street_count);
    hits_init(&search->settlements, index->settlement_count);
    search->quick = mem_resize(NULL, index->street_count + 1, sizeof *search->quick);
    search_cadastre(search, typed);
    search_text(search, typed, false);
    if (search->results.count == 0)
        search_text(search, typed, true);
    size_t count = write_results(&search->results, out, limit);
    hits_fini(&search->streets);
    hits_fini(&search->settlements);
    free(search->quick);
    free(search->results.item);
    free(search);
    return count;
}
