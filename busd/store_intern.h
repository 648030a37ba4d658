// Names that rows hold as small integers: topics and identities, numbered from 1 as they came.
// The whole table stays in memory; the store writes new ones within the batch that brings them.
#pragma once

#include "lib/slice.h"

#include <stddef.h>
#include <stdint.h>

struct store_intern {
    struct slice *names; // by code - 1; owned
    struct store_last {
        int64_t kept, batch; // the latest sequence: as committed, with what the batch appended
    } * lasts;               // by code - 1, of topics
    size_t count, capacity, last_capacity;
    uint32_t *slots;   // open addressing; code, 0 = free
    size_t slot_count; // a power of two
};

void store_intern_fini(struct store_intern *intern);
int64_t store_intern_find(const struct store_intern *intern, struct slice name); // 0 = none
int64_t store_intern_add(struct store_intern *intern, struct slice name);        // its code
// Forgets all codes above `count`: the batch that brought them was rolled back.
void store_intern_cut(struct store_intern *intern, size_t count);
