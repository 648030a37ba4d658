#include "busd/store_intern.h"

#include "lib/mem.h"

#include <stdlib.h>

static uint32_t hash_of(struct slice name)
{
    uint32_t hash = 2166136261U; // FNV-1a

    for (size_t i = 0; i < name.length; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619U;
    return hash;
}

void store_intern_fini(struct store_intern *intern)
{
    store_intern_cut(intern, 0);
    free(intern->names);
    free(intern->lasts);
    free(intern->slots);
    *intern = (struct store_intern){0};
}

int64_t store_intern_find(const struct store_intern *intern, struct slice name)
{
    if (intern->slot_count == 0)
        return 0;
    for (size_t at = hash_of(name);; at++) {
        uint32_t code = intern->slots[at & (intern->slot_count - 1)];
        if (code == 0 || slice_equal(intern->names[code - 1], name))
            return code;
    }
}

static void put_slot(struct store_intern *intern, size_t code)
{
    size_t at = hash_of(intern->names[code - 1]);

    while (intern->slots[at & (intern->slot_count - 1)] != 0)
        at++;
    intern->slots[at & (intern->slot_count - 1)] = (uint32_t)code;
}

static void fill_slots(struct store_intern *intern, size_t slot_count)
{
    free(intern->slots);
    intern->slots = mem_alloc(slot_count * sizeof(*intern->slots));
    intern->slot_count = slot_count;
    for (size_t code = 1; code <= intern->count; code++)
        put_slot(intern, code);
}

int64_t store_intern_add(struct store_intern *intern, struct slice name)
{
    mem_grow((void **)&intern->names, intern->count, &intern->capacity, sizeof(*intern->names));
    mem_grow((void **)&intern->lasts, intern->count, &intern->last_capacity,
             sizeof(*intern->lasts));
    intern->names[intern->count] =
        (struct slice){mem_string_of(name.data ? name.data : "", name.length), name.length};
    intern->lasts[intern->count] = (struct store_last){0};
    intern->count++;
    if (intern->count * 2 > intern->slot_count)
        fill_slots(intern, intern->slot_count ? intern->slot_count * 2 : 64);
    else
        put_slot(intern, intern->count);
    return (int64_t)intern->count;
}

void store_intern_cut(struct store_intern *intern, size_t count)
{
    if (count >= intern->count)
        return;
    while (intern->count > count) {
        char *name;
        memcpy(&name, &intern->names[--intern->count].data, sizeof(name));
        free(name);
    }
    fill_slots(intern, intern->slot_count);
}
