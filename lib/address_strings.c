// Strings kept once, for the address index.
#include "lib/address_index.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *data, size_t length)
{
    uint64_t value = UINT64_C(14695981039346656037); // FNV-1a
    for (size_t i = 0; i < length; i++)
        value = (value ^ (unsigned char)data[i]) * UINT64_C(1099511628211);
    return value ^ value >> 29;
}

void address_strings_init(struct address_strings *strings)
{
    memset(strings, 0, sizeof *strings);
    strings->slot_count = 64;
    strings->slots = mem_alloc(strings->slot_count * sizeof *strings->slots);
    address_strings_add(strings, "", 0);
}

void address_strings_fini(struct address_strings *strings)
{
    free(strings->data);
    free(strings->start);
    free(strings->slots);
    memset(strings, 0, sizeof *strings);
}

uint32_t address_strings_append(struct address_strings *strings, const void *data, size_t length)
{
    if (strings->size + length + 1 > strings->capacity) {
        strings->capacity = (strings->size + length + 1) * 2;
        strings->data = mem_resize(strings->data, strings->capacity, 1);
    }
    if (strings->count + 2 > strings->start_capacity) {
        strings->start_capacity = (strings->count + 2) * 2;
        strings->start =
            mem_resize(strings->start, strings->start_capacity, sizeof *strings->start);
        strings->start[0] = 0;
    }
    if (length)
        memcpy(strings->data + strings->size, data, length);
    strings->data[strings->size + length] = '\0';
    strings->size += length + 1;
    assert(strings->size < UINT32_MAX);
    strings->start[++strings->count] = (uint32_t)strings->size;
    return (uint32_t)strings->count - 1;
}

static size_t slot_of(const struct address_strings *strings, const char *data, size_t length)
{
    size_t slot = hash(data, length) & (strings->slot_count - 1);
    while (strings->slots[slot]) {
        size_t known_length;
        const char *known = address_string(strings, strings->slots[slot] - 1, &known_length);
        if (known_length == length && memcmp(known, data, length) == 0)
            break;
        slot = (slot + 1) & (strings->slot_count - 1);
    }
    return slot;
}

static void grow_slots(struct address_strings *strings)
{
    free(strings->slots);
    strings->slot_count *= 2;
    strings->slots = mem_alloc(strings->slot_count * sizeof *strings->slots);
    for (uint32_t id = 0; id < strings->count; id++) {
        size_t length;
        const char *data = address_string(strings, id, &length);
        strings->slots[slot_of(strings, data, length)] = id + 1;
    }
}

uint32_t address_strings_add(struct address_strings *strings, const void *data, size_t length)
{
    size_t slot = slot_of(strings, length ? data : "", length);
    if (strings->slots[slot])
        return strings->slots[slot] - 1;
    uint32_t id = address_strings_append(strings, data, length);
    strings->slots[slot] = id + 1;
    if (strings->count * 2 > strings->slot_count)
        grow_slots(strings);
    return id;
}

uint32_t address_strings_find(const struct address_strings *strings, const void *data,
                              size_t length)
{
    size_t slot = slot_of(strings, length ? data : "", length);
    return strings->slots[slot] ? strings->slots[slot] - 1 : ADDRESS_NO_ID;
}

void address_strings_close(struct address_strings *strings)
{
    free(strings->slots);
    strings->slots = NULL;
    strings->slot_count = 0;
    if (strings->size)
        strings->data = mem_resize(strings->data, strings->capacity = strings->size, 1);
    strings->start_capacity = strings->count + 1;
    if (strings->start)
        strings->start =
            mem_resize(strings->start, strings->start_capacity, sizeof *strings->start);
}
