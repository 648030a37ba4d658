#include "busd/engine_map.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

void engine_map_fini(struct engine_map *map)
{
    free(map->slots);
    *map = (struct engine_map){0};
}

void *engine_map_find(const struct engine_map *map, uint64_t hash, const void *key,
                      engine_map_same *same)
{
    if (map->count == 0)
        return NULL;
    for (size_t slot = hash & (map->size - 1); map->slots[slot].item;
         slot = (slot + 1) & (map->size - 1)) {
        if (map->slots[slot].hash == hash && same(map->slots[slot].item, key))
            return map->slots[slot].item;
    }
    return NULL;
}

void engine_map_expect(const struct engine_map *map, uint64_t hash)
{
    if (map->count)
        __builtin_prefetch(&map->slots[hash & (map->size - 1)]);
}

static void place(struct engine_map *map, uint64_t hash, void *item)
{
    size_t slot = hash & (map->size - 1);

    while (map->slots[slot].item)
        slot = (slot + 1) & (map->size - 1);
    map->slots[slot] = (struct engine_map_slot){hash, item};
}

void engine_map_put(struct engine_map *map, uint64_t hash, void *item)
{
    if (2 * (map->count + 1) > map->size) {
        struct engine_map old = *map;

        map->size = old.size ? 2 * old.size : 16;
        map->slots = mem_alloc(map->size * sizeof(*map->slots));
        for (size_t slot = 0; slot < old.size; slot++) {
            if (old.slots[slot].item)
                place(map, old.slots[slot].hash, old.slots[slot].item);
        }
        free(old.slots);
    }
    place(map, hash, item);
    map->count++;
}

void engine_map_remove(struct engine_map *map, uint64_t hash, const void *item)
{
    size_t mask = map->size - 1;
    size_t hole = hash & mask;

    assert(map->count > 0);
    while (map->slots[hole].item != item) {
        assert(map->slots[hole].item);
        hole = (hole + 1) & mask;
    }
    // What follows moves up unless it stands at or behind its own place already.
    for (size_t slot = (hole + 1) & mask; map->slots[slot].item; slot = (slot + 1) & mask) {
        size_t home = map->slots[slot].hash & mask;

        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
            map->slots[hole] = map->slots[slot];
            hole = slot;
        }
    }
    map->slots[hole] = (struct engine_map_slot){0};
    map->count--;
}

void *engine_map_next(const struct engine_map *map, size_t *at)
{
    while (*at < map->size) {
        void *item = map->slots[(*at)++].item;

        if (item)
            return item;
    }
    return NULL;
}

uint64_t engine_hash_number(int64_t number)
{
    uint64_t hash = (uint64_t)number * UINT64_C(0x9E3779B97F4A7C15);

    return hash ^ hash >> 32;
}

uint64_t engine_hash_text(struct slice text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < text.length; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
    return hash ^ hash >> 32;
}
