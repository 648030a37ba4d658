#include "lib/address.h"

#include "lib/address_house.h"
#include "lib/address_index.h"
#include "lib/address_name.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PERFECT = 1000 };

static struct address_match nothing(void)
{
    return (struct address_match){
        .settlement = ADDRESS_NO_ID, .street = ADDRESS_NO_ID, .house = ADDRESS_NO_ID};
}

struct address_match address_match_settlement(const struct address_index *index, uint32_t id)
{
    assert(id < index->settlement_count);
    struct address_match match = nothing();
    match.level = ADDRESS_SETTLEMENT;
    match.settlement = id;
    match.score = PERFECT;
    return match;
}

struct address_match address_match_street(const struct address_index *index, uint32_t id)
{
    struct address_match match = address_match_settlement(index, index->streets[id].settlement);
    match.level = ADDRESS_STREET;
    match.street = id;
    return match;
}

struct address_match address_match_house(const struct address_index *index, uint32_t id)
{
    struct address_match match = address_match_street(index, index->houses[id].street);
    match.level = ADDRESS_HOUSE;
    match.house = id;
    return match;
}

struct address_match address_match_premise(const struct address_index *index, uint32_t row)
{
    struct address_match match = address_match_house(index, index->premises[row].house);
    match.level = ADDRESS_PREMISE;
    match.premise = index->premises[row].premise;
    return match;
}

struct address_match address_match_premises(const struct address_index *index, uint32_t house)
{
    const struct address_house_row *row = &index->houses[house];
    return row->premise_count == 1 ? address_match_premise(index, row->first_premise)
                                   : address_match_house(index, house);
}

void address_index_free(struct address_index *index)
{
    if (!index)
        return;
    address_build_free(index->build);
    address_vocabulary_fini(&index->vocabulary);
    address_strings_fini(&index->texts);
    address_strings_fini(&index->keys);
    free(index->settlements);
    free(index->streets);
    free(index->houses);
    free(index->premises);
    free(index->by_premise);
    free(index->flat_keys);
    free(index->settlement_names);
    free(index->street_names);
    free(index->terms);
    free(index);
}

// Resolving.
static bool blank(const char *text)
{
    return !text || text[strspn(text, " \t")] == '\0';
}

// Kinds are compared only where both have one.
static bool kinds_agree(uint64_t one, uint64_t other)
{
    return !one || !other || (one & other);
}

static size_t named_range(const struct address_named *names, size_t count, uint32_t key)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (names[middle].key < key)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

static uint32_t find_key(const struct address_index *index, const uint8_t *key, size_t length)
{
    return address_strings_find(&index->keys, key, length);
}

// Of several that agree, the one with exactly this kind; NO_ID when more than one is left.
struct pick {
    uint64_t kinds;
    uint32_t exact, loose;
    size_t exact_count, loose_count;
};

static void offer(struct pick *pick, uint64_t kinds, uint32_t id)
{
    if (pick->kinds == kinds) {
        pick->exact = id;
        pick->exact_count++;
    }
    if (kinds_agree(pick->kinds, kinds)) {
        pick->loose = id;
        pick->loose_count++;
    }
}

static uint32_t picked(const struct pick *pick)
{
    if (pick->kinds && pick->exact_count == 1)
        return pick->exact;
    return pick->loose_count == 1 ? pick->loose : ADDRESS_NO_ID;
}

static uint32_t find_settlement(const struct address_index *index, const char *text)
{
    struct address_name name;
    address_name_read(text, ADDRESS_SETTLEMENTS, &name);
    uint32_t key = find_key(index, name.key, name.key_length);
    struct pick pick = {.kinds = name.kinds};
    const struct address_named *names = index->settlement_names;
    for (size_t i = named_range(names, index->settlement_count, key);
         i < index->settlement_count && names[i].key == key; i++)
        offer(&pick, index->settlements[names[i].id].kinds, names[i].id);
    return picked(&pick);
}

static uint32_t find_street(const struct address_index *index, uint32_t settlement,
                            const char *text)
{
    struct address_name name;
    address_name_read(text, ADDRESS_STREETS, &name);
    uint32_t key = find_key(index, name.key, name.key_length);
    struct pick pick = {.kinds = name.kinds};
    const struct address_named *names = index->street_names;
    for (size_t i = named_range(names, index->street_count, key);
         i < index->street_count && names[i].key == key; i++) {
        const struct address_street *street = &index->streets[names[i].id];
        if (settlement == ADDRESS_NO_ID || settlement == street->settlement)
            offer(&pick, street->kinds, names[i].id);
    }
    return picked(&pick);
}

static uint32_t house_with_key(const struct address_index *index, uint32_t street,
                               const struct address_house *house)
{
    uint32_t key = find_key(index, house->key, house->length);
    const struct address_street *row = &index->streets[street];
    for (uint32_t i = 0; key != ADDRESS_NO_ID && i < row->house_count; i++)
        if (index->houses[row->first_house + i].key == key)
            return row->first_house + i;
    return ADDRESS_NO_ID;
}

uint32_t address_house_in(const struct address_index *index, uint32_t street,
                          const struct address_house *house)
{
    struct address_house other = *house;
    uint32_t found = house_with_key(index, street, house);
    if (found != ADDRESS_NO_ID || !house->length || house->length == sizeof house->key)
        return found;
    if (other.key[other.length - 1] == ADDRESS_MARK_PLOT)
        other.length--;
    else
        other.key[other.length++] = ADDRESS_MARK_PLOT;
    return house_with_key(index, street, &other);
}

static uint32_t find_house(const struct address_index *index, uint32_t street, const char *text)
{
    struct address_house house;
    address_house_of_text(text, &house);
    return address_house_in(index, street, &house);
}

uint32_t address_flat_in(const struct address_index *index, uint32_t house, const uint8_t *key,
                         size_t length)
{
    uint32_t wanted = find_key(index, key, length);
    const struct address_house_row *row = &index->houses[house];
    uint32_t found = ADDRESS_NO_ID;
    for (uint32_t i = 0; wanted != ADDRESS_NO_ID && i < row->premise_count; i++) {
        if (index->flat_keys[index->premises[row->first_premise + i].flat] != wanted)
            continue;
        if (found != ADDRESS_NO_ID)
            return ADDRESS_NO_ID; // two accounts in one flat: the house is what is certain
        found = row->first_premise + i;
    }
    return found;
}

static struct address_match resolve_flat(const struct address_index *index, uint32_t house,
                                         const char *flat)
{
    uint8_t key[ADDRESS_HOUSE_KEY];
    if (blank(flat))
        return address_match_premises(index, house);
    uint32_t found = address_flat_in(index, house, key, address_flat_of_text(flat, key));
    return found == ADDRESS_NO_ID ? address_match_house(index, house)
                                  : address_match_premise(index, found);
}

// What stands on a street without a house: a garage of a co-operative, or all that the street has.
static uint32_t nameless_house(const struct address_index *index, uint32_t street, const char *flat)
{
    const struct address_house none = {.length = 0};
    uint32_t house = house_with_key(index, street, &none);
    return !blank(flat) || index->streets[street].house_count == 1 ? house : ADDRESS_NO_ID;
}

struct address_match address_resolve(const struct address_index *index, const char *settlement,
                                     const char *street, const char *house, const char *flat)
{
    uint32_t place = ADDRESS_NO_ID;
    if (!blank(settlement)) {
        place = find_settlement(index, settlement);
        if (place == ADDRESS_NO_ID)
            return nothing();
    }
    uint32_t way = ADDRESS_NO_ID;
    if (!blank(street) || (place != ADDRESS_NO_ID && !blank(house)))
        way = find_street(index, place, street ? street : "");
    if (way == ADDRESS_NO_ID)
        return place == ADDRESS_NO_ID ? nothing() : address_match_settlement(index, place);
    uint32_t building =
        blank(house) ? nameless_house(index, way, flat) : find_house(index, way, house);
    if (building == ADDRESS_NO_ID)
        return address_match_street(index, way);
    return resolve_flat(index, building, flat);
}

// Reading.
static uint32_t row_of_premise(const struct address_index *index, int64_t premise)
{
    size_t low = 0, high = index->premise_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->premises[index->by_premise[middle]].premise < premise)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == index->premise_count || index->premises[index->by_premise[low]].premise != premise)
        return ADDRESS_NO_ID;
    return index->by_premise[low];
}

struct address_match address_of_premise(const struct address_index *index, int64_t premise)
{
    uint32_t row = row_of_premise(index, premise);
    return row == ADDRESS_NO_ID ? nothing() : address_match_premise(index, row);
}

static void house_run(const struct address_index *index, const struct address_match *match,
                      uint32_t *first, uint32_t *end)
{
    if (match->level >= ADDRESS_HOUSE) {
        *first = match->house;
        *end = match->house + 1;
    } else if (match->level == ADDRESS_STREET) {
        *first = index->streets[match->street].first_house;
        *end = *first + index->streets[match->street].house_count;
    } else {
        const struct address_settlement *settlement = &index->settlements[match->settlement];
        uint32_t last = settlement->first_street + settlement->street_count - 1;
        *first = index->streets[settlement->first_street].first_house;
        *end = index->streets[last].first_house + index->streets[last].house_count;
    }
}

size_t address_premises(const struct address_index *index, const struct address_match *match,
                        size_t skip, int64_t *out, size_t limit)
{
    uint32_t first, end;
    if (match->level == ADDRESS_NONE)
        return 0;
    if (match->level == ADDRESS_PREMISE) {
        if (skip == 0 && limit)
            out[0] = match->premise;
        return 1;
    }
    house_run(index, match, &first, &end);
    size_t from = index->houses[first].first_premise;
    size_t to = index->houses[end - 1].first_premise + index->houses[end - 1].premise_count;
    for (size_t i = 0; i < limit && skip < to - from && i < to - from - skip; i++)
        out[i] = index->premises[from + skip + i].premise;
    return to - from;
}

struct address_place address_place_of(const struct address_index *index,
                                      const struct address_match *match)
{
    struct address_place place = {.premise = match->premise, "", "", "", ""};
    const struct address_strings *texts = &index->texts;
    if (match->level >= ADDRESS_SETTLEMENT)
        place.settlement = address_string(texts, index->settlements[match->settlement].text, NULL);
    if (match->level >= ADDRESS_STREET)
        place.street = address_string(texts, index->streets[match->street].text, NULL);
    if (match->level >= ADDRESS_HOUSE)
        place.house = address_string(texts, index->houses[match->house].text, NULL);
    if (match->level >= ADDRESS_PREMISE) {
        uint32_t row = row_of_premise(index, match->premise);
        assert(row != ADDRESS_NO_ID);
        place.flat = address_string(texts, index->premises[row].flat, NULL);
    }
    return place;
}

// False once something had to be cut: nothing may follow then.
static bool append(char *buffer, size_t size, const char *text)
{
    size_t length = strlen(buffer), more = strlen(text);
    bool fits = length + more < size;
    if (!fits) {
        more = size - 1 - length;
        while (more && ((unsigned char)text[more] & 0xC0) == 0x80)
            more--;
    }
    memcpy(buffer + length, text, more);
    buffer[length + more] = '\0';
    return fits;
}

static bool append_piece(char *buffer, size_t size, const char *word, const char *text)
{
    return !*text || ((!*buffer || append(buffer, size, ", ")) && append(buffer, size, word) &&
                      append(buffer, size, text));
}

const char *address_text(const struct address_index *index, const struct address_match *match,
                         char *buffer, size_t size)
{
    assert(size > 0);
    struct address_place place = address_place_of(index, match);
    bool bare = place.flat[0] >= '0' && place.flat[0] <= '9';
    bool settlement = index->settlement_count > 1 || match->level == ADDRESS_SETTLEMENT;
    const char *const pieces[][2] = {{"", settlement ? place.settlement : ""},
                                     {"", place.street},
                                     {"", place.house},
                                     {bare ? "кв. " : "", place.flat}};
    buffer[0] = '\0';
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        if (!append_piece(buffer, size, pieces[i][0], pieces[i][1]))
            break;
    return buffer;
}

static size_t strings_bytes(const struct address_strings *strings)
{
    return strings->capacity + strings->start_capacity * sizeof *strings->start +
           strings->slot_count * sizeof *strings->slots;
}

struct address_counts address_index_counts(const struct address_index *index)
{
    const struct address_vocabulary *words = &index->vocabulary;
    struct address_counts counts = {
        index->settlement_count, index->street_count, index->house_count,
        index->premise_count,    words->count,        sizeof *index};
    counts.bytes += strings_bytes(&index->texts) + strings_bytes(&index->keys);
    counts.bytes +=
        index->settlement_count * (sizeof *index->settlements + sizeof *index->settlement_names);
    counts.bytes += index->street_count * (sizeof *index->streets + sizeof *index->street_names);
    counts.bytes += index->house_count * sizeof *index->houses;
    counts.bytes += index->premise_count * (sizeof *index->premises + sizeof *index->by_premise);
    counts.bytes += index->texts.count * sizeof *index->flat_keys;
    counts.bytes += index->term_count * (sizeof *index->terms + sizeof *words->streets);
    counts.bytes += words->count * (ADDRESS_FACES * sizeof(uint64_t) + 2 * sizeof(uint32_t) + 1);
    for (size_t face = 0; face < ADDRESS_FACES; face++)
        counts.bytes += strings_bytes(&words->face[face]);
    return counts;
}
