#include "intake/ahead.h"

#include "lib/mem.h"

#include <stdlib.h>

void ahead_fini(struct ahead *ahead)
{
    for (size_t i = 0; i < ahead->count; i++)
        free(ahead->items[i].paste);
    free(ahead->items);
    *ahead = (struct ahead){.count = 0};
}

void ahead_keep(struct ahead *ahead, const struct input *input, int64_t mono_ms)
{
    if (ahead->count == 0)
        ahead->since_ms = mono_ms;
    mem_grow((void **)&ahead->items, ahead->count, &ahead->capacity, sizeof(*ahead->items));
    struct ahead_key *key = &ahead->items[ahead->count++];
    *key = (struct ahead_key){.input = *input};
    if (input->kind == INPUT_PASTE) {
        key->paste = mem_string_of(input->paste.data, input->paste.length);
        key->input.paste.data = key->paste;
    }
}
