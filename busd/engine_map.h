// A hash table of pointers, for the engine's working set. The caller hashes and compares; nothing
// that the engine decides depends on the order within.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine_map {
    struct engine_map_slot {
        uint64_t hash;
        void *item; // NULL = free
    } * slots;
    size_t count, size; // size is a power of two, or 0
};

typedef bool engine_map_same(const void *item, const void *key);

void engine_map_fini(struct engine_map *map); // the items stay the caller's
void *engine_map_find(const struct engine_map *map, uint64_t hash, const void *key,
                      engine_map_same *same);
// It is looked up soon: its place is fetched meanwhile.
void engine_map_expect(const struct engine_map *map, uint64_t hash);
void engine_map_put(struct engine_map *map, uint64_t hash, void *item); // must not be there
void engine_map_remove(struct engine_map *map, uint64_t hash, const void *item); // must be there
// Each item once: `at` starts at 0; NULL at the end. The table must not change meanwhile.
void *engine_map_next(const struct engine_map *map, size_t *at);

uint64_t engine_hash_number(int64_t number);
uint64_t engine_hash_text(struct slice text);
