// Building the index: what is added is kept as ids of texts, then normalised once for each different
// text, sorted and linked.
#include "lib/address_house.h"
#include "lib/address_index.h"
#include "lib/address_name.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// Pairs of ids, each kept once under an id of its own.
struct pairs {
    uint64_t *item;
    size_t count, capacity;
    uint32_t *slots;
    size_t slot_count;
};

struct row {
    int64_t premise;
    uint32_t house, flat; // a pair in houses, a text
};

struct address_build {
    struct pairs streets; // settlement's text, street's text
    struct pairs houses;  // pair of streets, house's text
    struct row *rows;
    size_t count, capacity;
};

static uint64_t pair_of(uint32_t one, uint32_t other)
{
    return (uint64_t)one << 32 | other;
}

static size_t pair_slot(const struct pairs *pairs, uint64_t item)
{
    uint64_t mixed = item * UINT64_C(0x9E3779B97F4A7C15);
    size_t slot = (mixed ^ mixed >> 32) & (pairs->slot_count - 1);
    while (pairs->slots[slot] && pairs->item[pairs->slots[slot] - 1] != item)
        slot = (slot + 1) & (pairs->slot_count - 1);
    return slot;
}

static void pairs_rehash(struct pairs *pairs)
{
    free(pairs->slots);
    pairs->slot_count = pairs->slot_count ? pairs->slot_count * 2 : 256;
    pairs->slots = mem_alloc(pairs->slot_count * sizeof *pairs->slots);
    for (size_t id = 0; id < pairs->count; id++)
        pairs->slots[pair_slot(pairs, pairs->item[id])] = (uint32_t)id + 1;
}

static uint32_t pairs_add(struct pairs *pairs, uint64_t item)
{
    if (pairs->count * 2 >= pairs->slot_count)
        pairs_rehash(pairs);
    size_t slot = pair_slot(pairs, item);
    if (!pairs->slots[slot]) {
        if (pairs->count == pairs->capacity) {
            pairs->capacity = pairs->capacity ? pairs->capacity * 2 : 256;
            pairs->item = mem_resize(pairs->item, pairs->capacity, sizeof *pairs->item);
        }
        pairs->item[pairs->count++] = item;
        pairs->slots[slot] = (uint32_t)pairs->count;
    }
    return pairs->slots[slot] - 1;
}

static void pairs_fini(struct pairs *pairs)
{
    free(pairs->item);
    free(pairs->slots);
}

struct address_index *address_index_new(void)
{
    struct address_index *index = mem_alloc(sizeof *index);
    address_strings_init(&index->texts);
    address_strings_init(&index->keys);
    index->build = mem_alloc(sizeof *index->build);
    return index;
}

void address_build_free(struct address_build *build)
{
    if (!build)
        return;
    pairs_fini(&build->streets);
    pairs_fini(&build->houses);
    free(build->rows);
    free(build);
}

static uint32_t text_id(struct address_index *index, const char *text)
{
    return text ? address_strings_add(&index->texts, text, strlen(text)) : 0;
}

void address_index_add(struct address_index *index, const struct address_place *place)
{
    struct address_build *build = index->build;
    assert(build && place->premise > 0);
    if (build->count == build->capacity) {
        build->capacity = build->capacity ? build->capacity * 2 : 1024;
        build->rows = mem_resize(build->rows, build->capacity, sizeof *build->rows);
    }
    uint32_t settlement = text_id(index, place->settlement);
    uint32_t street =
        pairs_add(&build->streets, pair_of(settlement, text_id(index, place->street)));
    uint32_t house = pairs_add(&build->houses, pair_of(street, text_id(index, place->house)));
    build->rows[build->count++] = (struct row){place->premise, house, text_id(index, place->flat)};
}

// Gathers the items of each group: order[first[g]] .. order[first[g + 1]] are those of group g.
static void bucket(const uint32_t *group, size_t count, size_t groups, uint32_t *first,
                   uint32_t *order)
{
    memset(first, 0, (groups + 1) * sizeof *first);
    for (size_t i = 0; i < count; i++)
        first[group[i] + 1]++;
    for (size_t g = 0; g < groups; g++)
        first[g + 1] += first[g];
    uint32_t *next = mem_alloc((groups + 1) * sizeof *next);
    memcpy(next, first, groups * sizeof *next);
    for (size_t i = 0; i < count; i++)
        order[next[group[i]]++] = (uint32_t)i;
    free(next);
}

static uint32_t leading_number(const struct address_strings *keys, uint32_t key)
{
    const char *text = address_string(keys, key, NULL);
    uint32_t number = 0;
    for (; *text >= '0' && *text <= '9' && number < 100000000; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    return number;
}

static int compare_keys(const struct address_strings *keys, uint32_t a, uint32_t b)
{
    if (a == b)
        return 0;
    uint32_t one = leading_number(keys, a), other = leading_number(keys, b);
    if (one != other)
        return one < other ? -1 : 1;
    return strcmp(address_string(keys, a, NULL), address_string(keys, b, NULL));
}

// Normalising. One text has one canonical key, found out once.
struct finish {
    struct address_index *index;
    struct address_strings identities; // of streets and settlements: kind and key
    uint32_t *settlement_of;           // text -> settlement
    uint32_t *street_of;               // pair of streets -> street
    uint32_t *house_key_of;            // text -> key
    uint32_t *house_of;                // pair of houses -> house
    struct pairs houses;               // street, key
};

static uint32_t identity(struct address_strings *identities, uint32_t parent,
                         const struct address_name *name)
{
    uint8_t data[sizeof parent + sizeof name->kinds + ADDRESS_KEY];
    memcpy(data, &parent, sizeof parent);
    memcpy(data + sizeof parent, &name->kinds, sizeof name->kinds);
    memcpy(data + sizeof parent + sizeof name->kinds, name->key, name->key_length);
    return address_strings_add(identities, data,
                               sizeof parent + sizeof name->kinds + name->key_length) -
           1;
}

static uint32_t name_key(struct address_index *index, const struct address_name *name)
{
    return address_strings_add(&index->keys, name->key, name->key_length);
}

static void normalise_settlements(struct finish *finish)
{
    struct address_index *index = finish->index;
    const struct pairs *pairs = &index->build->streets;
    address_strings_init(&finish->identities);
    finish->settlement_of = mem_resize(NULL, index->texts.count, sizeof *finish->settlement_of);
    memset(finish->settlement_of, 0xFF, index->texts.count * sizeof *finish->settlement_of);
    index->settlements = mem_alloc((pairs->count + 1) * sizeof *index->settlements);
    for (size_t i = 0; i < pairs->count; i++) {
        uint32_t text = (uint32_t)(pairs->item[i] >> 32);
        if (finish->settlement_of[text] != ADDRESS_NO_ID)
            continue;
        struct address_name name;
        address_name_read(address_string(&index->texts, text, NULL), ADDRESS_SETTLEMENTS, &name);
        uint32_t id = identity(&finish->identities, 0, &name);
        finish->settlement_of[text] = id;
        if (id < index->settlement_count)
            continue;
        index->settlements[index->settlement_count++] = (struct address_settlement){
            .text = text, .key = name_key(index, &name), .kinds = name.kinds};
    }
    address_strings_fini(&finish->identities);
}

static void normalise_streets(struct finish *finish)
{
    struct address_index *index = finish->index;
    const struct pairs *pairs = &index->build->streets;
    address_strings_init(&finish->identities);
    finish->street_of = mem_alloc((pairs->count + 1) * sizeof *finish->street_of);
    index->streets = mem_alloc((pairs->count + 1) * sizeof *index->streets);
    for (size_t i = 0; i < pairs->count; i++) {
        uint32_t text = (uint32_t)pairs->item[i];
        uint32_t settlement = finish->settlement_of[pairs->item[i] >> 32];
        struct address_name name;
        address_name_read(address_string(&index->texts, text, NULL), ADDRESS_STREETS, &name);
        uint32_t id = identity(&finish->identities, settlement, &name);
        finish->street_of[i] = id;
        if (id < index->street_count)
            continue;
        index->streets[index->street_count++] =
            (struct address_street){.settlement = settlement,
                                    .text = text,
                                    .key = name_key(index, &name),
                                    .kinds = name.kinds,
                                    .number_only = name.count == 1 && name.word[0].number};
    }
    address_strings_fini(&finish->identities);
}

static void normalise_houses(struct finish *finish)
{
    struct address_index *index = finish->index;
    const struct pairs *pairs = &index->build->houses;
    finish->house_key_of = mem_resize(NULL, index->texts.count, sizeof *finish->house_key_of);
    memset(finish->house_key_of, 0xFF, index->texts.count * sizeof *finish->house_key_of);
    finish->house_of = mem_alloc((pairs->count + 1) * sizeof *finish->house_of);
    index->houses = mem_alloc((pairs->count + 1) * sizeof *index->houses);
    for (size_t i = 0; i < pairs->count; i++) {
        uint32_t street = finish->street_of[pairs->item[i] >> 32];
        uint32_t text = (uint32_t)pairs->item[i];
        if (finish->house_key_of[text] == ADDRESS_NO_ID) {
            struct address_house house;
            address_house_of_text(address_string(&index->texts, text, NULL), &house);
            finish->house_key_of[text] = address_strings_add(&index->keys, house.key, house.length);
        }
        uint32_t key = finish->house_key_of[text];
        uint32_t id = pairs_add(&finish->houses, pair_of(street, key));
        finish->house_of[i] = id;
        if (id == index->house_count)
            index->houses[index->house_count++] =
                (struct address_house_row){.street = street,
                                           .text = text,
                                           .key = key,
                                           .number = leading_number(&index->keys, key)};
    }
}

static void normalise_flats(struct address_index *index)
{
    index->flat_keys = mem_resize(NULL, index->texts.count, sizeof *index->flat_keys);
    memset(index->flat_keys, 0xFF, index->texts.count * sizeof *index->flat_keys);
    for (size_t i = 0; i < index->build->count; i++) {
        uint32_t text = index->build->rows[i].flat;
        uint8_t key[ADDRESS_HOUSE_KEY];
        if (index->flat_keys[text] != ADDRESS_NO_ID)
            continue;
        size_t length = address_flat_of_text(address_string(&index->texts, text, NULL), key);
        index->flat_keys[text] = address_strings_add(&index->keys, key, length);
    }
}

// Sorting. Settlements and streets by the number of their premises, so that of equal matches the one
// that more people live in is found first.
static int by_size(const void *a, const void *b, void *context)
{
    const struct address_settlement *settlements = context;
    const struct address_settlement *one = &settlements[*(const uint32_t *)a];
    const struct address_settlement *other = &settlements[*(const uint32_t *)b];
    if (one->premises != other->premises)
        return one->premises > other->premises ? -1 : 1;
    return one->key < other->key ? -1 : one->key > other->key;
}

static int by_settlement(const void *a, const void *b, void *context)
{
    const struct address_street *streets = context;
    const struct address_street *one = &streets[*(const uint32_t *)a];
    const struct address_street *other = &streets[*(const uint32_t *)b];
    if (one->settlement != other->settlement)
        return one->settlement < other->settlement ? -1 : 1;
    if (one->premises != other->premises)
        return one->premises > other->premises ? -1 : 1;
    return one->key < other->key ? -1 : one->key > other->key;
}

static int by_number(const void *a, const void *b, void *context)
{
    const struct address_index *index = context;
    const struct address_house_row *one = a, *other = b;
    if (one->number != other->number)
        return one->number < other->number ? -1 : 1;
    return strcmp(address_string(&index->keys, one->key, NULL),
                  address_string(&index->keys, other->key, NULL));
}

static int by_flat(const void *a, const void *b, void *context)
{
    const struct address_index *index = context;
    const struct address_premise *one = a, *other = b;
    int order =
        compare_keys(&index->keys, index->flat_keys[one->flat], index->flat_keys[other->flat]);
    if (order)
        return order;
    return one->premise < other->premise ? -1 : one->premise > other->premise;
}

static int by_key(const void *a, const void *b, void *context)
{
    const struct address_premise *premises = context;
    int64_t one = premises[*(const uint32_t *)a].premise;
    int64_t other = premises[*(const uint32_t *)b].premise;
    return one < other ? -1 : one > other;
}

static int by_name(const void *a, const void *b)
{
    const struct address_named *one = a, *other = b;
    if (one->key != other->key)
        return one->key < other->key ? -1 : 1;
    return one->id < other->id ? -1 : one->id > other->id;
}

// new_id[old] after sorting 0..count-1 by `compare`; the order itself goes into `order`.
static uint32_t *sorted_ids(size_t count, int (*compare)(const void *, const void *, void *),
                            void *context, uint32_t *order)
{
    uint32_t *new_id = mem_alloc((count + 1) * sizeof *new_id);
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof *order, compare, context);
    for (size_t i = 0; i < count; i++)
        new_id[order[i]] = (uint32_t)i;
    return new_id;
}

static void count_premises(struct finish *finish)
{
    struct address_index *index = finish->index;
    for (size_t i = 0; i < index->build->count; i++) {
        uint32_t house = finish->house_of[index->build->rows[i].house];
        struct address_street *street = &index->streets[index->houses[house].street];
        street->premises++;
        index->settlements[street->settlement].premises++;
    }
}

static void sort_settlements(struct address_index *index)
{
    size_t count = index->settlement_count;
    uint32_t *order = mem_alloc((count + 1) * sizeof *order);
    uint32_t *new_id = sorted_ids(count, by_size, index->settlements, order);
    struct address_settlement *sorted = mem_alloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = index->settlements[order[i]];
    for (size_t i = 0; i < index->street_count; i++)
        index->streets[i].settlement = new_id[index->streets[i].settlement];
    free(index->settlements);
    index->settlements = sorted;
    free(order);
    free(new_id);
}

static void sort_streets(struct address_index *index)
{
    size_t count = index->street_count;
    uint32_t *order = mem_alloc((count + 1) * sizeof *order);
    uint32_t *new_id = sorted_ids(count, by_settlement, index->streets, order);
    struct address_street *sorted = mem_alloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = index->streets[order[i]];
        struct address_settlement *settlement = &index->settlements[sorted[i].settlement];
        if (settlement->street_count++ == 0)
            settlement->first_street = (uint32_t)i;
    }
    for (size_t i = 0; i < index->house_count; i++)
        index->houses[i].street = new_id[index->houses[i].street];
    free(index->streets);
    index->streets = sorted;
    free(order);
    free(new_id);
}

// The place of each house after sorting, for the premises.
static uint32_t *sort_houses(struct address_index *index)
{
    size_t count = index->house_count;
    uint32_t *group = mem_alloc((count + 1) * sizeof *group);
    uint32_t *order = mem_alloc((count + 1) * sizeof *order);
    uint32_t *first = mem_alloc((index->street_count + 1) * sizeof *first);
    struct address_house_row *sorted = mem_alloc((count + 1) * sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        group[i] = index->houses[i].street;
    bucket(group, count, index->street_count, first, order);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = index->houses[order[i]];
        sorted[i].first_premise = order[i]; // where it was, until the premises are placed
    }
    for (size_t s = 0; s < index->street_count; s++) {
        index->streets[s].first_house = first[s];
        index->streets[s].house_count = first[s + 1] - first[s];
        qsort_r(sorted + first[s], first[s + 1] - first[s], sizeof *sorted, by_number, index);
    }
    uint32_t *new_id = group;
    for (size_t i = 0; i < count; i++)
        new_id[sorted[i].first_premise] = (uint32_t)i;
    free(index->houses);
    index->houses = sorted;
    free(order);
    free(first);
    return new_id;
}

static void sort_premises(struct finish *finish, const uint32_t *new_house)
{
    struct address_index *index = finish->index;
    const struct address_build *build = index->build;
    size_t count = build->count;
    uint32_t *group = mem_alloc((count + 1) * sizeof *group);
    uint32_t *order = mem_alloc((count + 1) * sizeof *order);
    uint32_t *first = mem_alloc((index->house_count + 1) * sizeof *first);
    for (size_t i = 0; i < count; i++)
        group[i] = new_house[finish->house_of[build->rows[i].house]];
    bucket(group, count, index->house_count, first, order);
    index->premise_count = count;
    index->premises = mem_alloc((count + 1) * sizeof *index->premises);
    for (size_t i = 0; i < count; i++) {
        const struct row *row = &build->rows[order[i]];
        index->premises[i] = (struct address_premise){row->premise, group[order[i]], row->flat};
    }
    for (size_t h = 0; h < index->house_count; h++) {
        index->houses[h].first_premise = first[h];
        index->houses[h].premise_count = first[h + 1] - first[h];
        qsort_r(index->premises + first[h], first[h + 1] - first[h], sizeof *index->premises,
                by_flat, index);
    }
    free(group);
    free(first);
    index->by_premise = order;
    for (size_t i = 0; i < count; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, count, sizeof *order, by_key, index->premises);
}

static void name_lists(struct address_index *index)
{
    index->settlement_names =
        mem_alloc((index->settlement_count + 1) * sizeof *index->settlement_names);
    for (size_t i = 0; i < index->settlement_count; i++)
        index->settlement_names[i] = (struct address_named){index->settlements[i].key, (uint32_t)i};
    qsort(index->settlement_names, index->settlement_count, sizeof *index->settlement_names,
          by_name);
    index->street_names = mem_alloc((index->street_count + 1) * sizeof *index->street_names);
    for (size_t i = 0; i < index->street_count; i++)
        index->street_names[i] = (struct address_named){index->streets[i].key, (uint32_t)i};
    qsort(index->street_names, index->street_count, sizeof *index->street_names, by_name);
}

void address_index_finish(struct address_index *index)
{
    assert(index->build);
    struct finish finish = {.index = index};
    normalise_settlements(&finish);
    normalise_streets(&finish);
    normalise_houses(&finish);
    normalise_flats(index);
    count_premises(&finish);
    sort_settlements(index);
    sort_streets(index);
    uint32_t *new_house = sort_houses(index);
    sort_premises(&finish, new_house);
    free(new_house);
    name_lists(index);
    address_vocabulary_build(index);
    pairs_fini(&finish.houses);
    free(finish.settlement_of);
    free(finish.street_of);
    free(finish.house_key_of);
    free(finish.house_of);
    address_build_free(index->build);
    index->build = NULL;
    address_strings_close(&index->texts);
}
