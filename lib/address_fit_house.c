// The house and flat that the rest of a typed text names on a street.
#include "lib/address_search.h"
#include "lib/mem.h"

enum { HOUSES_SHOWN = 8 }; // that only begin as typed, of one street

void address_results_add(struct address_results *results, struct address_match match, int cost)
{
    if (cost > COST_LIMIT)
        return;
    if (results->count == results->capacity) {
        results->capacity = results->capacity ? results->capacity * 2 : 64;
        results->item = mem_resize(results->item, results->capacity, sizeof *results->item);
    }
    results->best = results->count == 0 || cost < results->best ? cost : results->best;
    results->item[results->count++] = (struct address_result){match, cost};
}

// One way to read the rest: a house, a flat, and what is left over.
struct reading {
    struct address_house house, flat;
    bool flat_said; // with its word: "кв. 3"
    int surplus;
};

static int surplus_cost(const struct address_token *tokens, size_t count)
{
    int cost = 0;
    for (size_t i = 0; i < count; i++)
        cost += tokens[i].number || tokens[i].length > 2 ? COST_UNKNOWN
                : tokens[i].length == 2 && tokens[i].dot ? COST_UNKNOWN_INITIAL
                                                         : COST_UNKNOWN_SHORT;
    return cost;
}

// `numbers`: how many bare numbers may be one house ("12 3": house 12, flat 3 or house 12/3).
static bool read_rest(const struct address_fit *fit, size_t numbers, struct reading *reading)
{
    const struct address_token *rest = fit->rest;
    size_t count = fit->rest_count, start = 0, taken = 0;
    while (start < count && taken == 0) {
        taken = address_house_read(rest + start, count - start, numbers, &reading->house);
        start += taken == 0;
    }
    if (!taken)
        return false;
    size_t at = start + taken;
    reading->flat_said = at < count && !rest[at].number;
    at += address_flat_read(rest + at, count - at, &reading->flat);
    // "кв" whose number is still to come
    if (at + 1 == count && (address_part(&rest[at]) != ADDRESS_NO_PART))
        at++;
    reading->surplus = surplus_cost(rest, start) + surplus_cost(rest + at, count - at);
    return true;
}

int address_fit_surplus(const struct address_fit *fit)
{
    struct reading reading;
    return read_rest(fit, 2, &reading) ? reading.surplus : surplus_cost(fit->rest, fit->rest_count);
}

static bool is_mark(uint8_t code)
{
    return code < '0';
}

// 0 where the typed number is the known one, else what the difference costs, ADDRESS_FAR without one.
static int house_cost(const struct address_house *typed, const char *known, size_t length)
{
    size_t i = 0, k = 0;
    int cost = 0;
    for (; i < typed->length && k < length; i++, k++) {
        uint8_t one = typed->key[i], other = (uint8_t)known[k];
        if (one == other)
            continue;
        if (!is_mark(one) || !is_mark(other) || one == ADDRESS_MARK_PLOT ||
            other == ADDRESS_MARK_PLOT)
            break;
        int loose = COST_LOOSE_HOUSE + (other == ADDRESS_MARK_BLOCK      ? 1
                                        : other == ADDRESS_MARK_BUILDING ? 3
                                                                         : 0);
        cost = loose > cost ? loose : cost;
    }
    bool plot_typed = i + 1 == typed->length && typed->key[i] == ADDRESS_MARK_PLOT;
    bool plot_known = k + 1 == length && known[k] == ADDRESS_MARK_PLOT;
    if ((i == typed->length || plot_typed) && (k == length || plot_known))
        return i == typed->length && k == length ? cost : COST_LOOSE_HOUSE;
    if (i < typed->length)
        return ADDRESS_FAR;
    bool number_goes_on = known[k] >= '0' && known[k] <= '9';
    return number_goes_on ? ADDRESS_FAR : cost + COST_MORE_HOUSE;
}

// What a flat costs that is not known there. A plot has none, nor has what stands on one of an
// association; and a number without a word may as well belong to the house ("12 3").
static int no_flat_cost(const struct address_index *index, uint32_t house,
                        const struct reading *reading)
{
    const struct address_house_row *row = &index->houses[house];
    size_t length;
    const char *key = address_string(&index->keys, row->key, &length);
    bool plot = (length && key[length - 1] == ADDRESS_MARK_PLOT) ||
                (index->streets[row->street].kinds & address_kinds_scope(ADDRESS_PLOTS));
    if (plot)
        return COST_NO_FLATS;
    return reading->flat_said ? COST_NO_FLAT : COST_BARE_FLAT;
}

static void add_house(const struct address_index *index, uint32_t house,
                      const struct reading *reading, int cost, struct address_results *results)
{
    if (reading->flat.length) {
        uint32_t found = address_flat_in(index, house, reading->flat.key, reading->flat.length);
        if (found != ADDRESS_NO_ID)
            address_results_add(results, address_match_premise(index, found), cost);
        else
            address_results_add(results, address_match_house(index, house),
                                cost + no_flat_cost(index, house, reading));
    } else {
        address_results_add(results, address_match_premises(index, house), cost);
    }
}

static uint32_t number_of(const struct address_house *house)
{
    uint32_t number = 0;
    for (size_t i = 0;
         i < house->length && house->key[i] >= '0' && house->key[i] <= '9' && number < 100000000;
         i++)
        number = number * 10 + house->key[i] - '0';
    return number;
}

static uint32_t first_with_number(const struct address_index *index,
                                  const struct address_street *street, uint32_t number)
{
    uint32_t low = street->first_house, high = low + street->house_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (index->houses[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t add_houses(const struct address_index *index, uint32_t street_id,
                         const struct reading *reading, int cost, struct address_results *results)
{
    const struct address_street *street = &index->streets[street_id];
    uint32_t number = number_of(&reading->house);
    uint32_t end = street->first_house + street->house_count;
    size_t found = 0, shown = 0;
    for (uint32_t i = first_with_number(index, street, number);
         i < end && index->houses[i].number == number; i++) {
        size_t length;
        const char *known = address_string(&index->keys, index->houses[i].key, &length);
        int more = house_cost(&reading->house, known, length);
        if (more == ADDRESS_FAR || (more >= COST_MORE_HOUSE && shown++ >= HOUSES_SHOWN))
            continue;
        add_house(index, i, reading, cost + more + reading->surplus, results);
        found++;
    }
    return found;
}

void address_fit_houses(const struct address_index *index, uint32_t street,
                        const struct address_fit *fit, int penalty, struct address_results *results)
{
    struct reading reading;
    int cost = fit->cost + penalty;
    size_t found = 0;
    if (!read_rest(fit, 1, &reading)) {
        // "садовая д": a part whose number is still to come.
        bool part = fit->rest_count == 1 && address_part(&fit->rest[0]) != ADDRESS_NO_PART;
        int surplus = part ? 0 : surplus_cost(fit->rest, fit->rest_count);
        address_results_add(results, address_match_street(index, street), cost + surplus);
        return;
    }
    int surplus = reading.surplus;
    uint8_t plain = reading.house.length;
    found += add_houses(index, street, &reading, cost, results);
    read_rest(fit, 2, &reading);
    if (reading.house.length != plain)
        found += add_houses(index, street, &reading, cost, results);
    if (!found)
        address_results_add(results, address_match_street(index, street),
                            cost + COST_NO_HOUSE +
                                (surplus < reading.surplus ? surplus : reading.surplus));
}
