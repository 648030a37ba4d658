// Memory that is there or the program ends: running out aborts, which the journal makes safe.
#pragma once

#include <stddef.h>

void *mem_alloc(size_t bytes);                          // zeroed; free() it
void *mem_resize(void *old, size_t count, size_t size); // realloc of count * size, overflow checked
char *mem_string(const char *text);                     // a copy; NULL stays NULL
char *mem_string_of(const char *text, size_t length);

// Makes room for one more in a growing array: `*items` holds `count` of `*capacity` elements.
void mem_grow(void **items, size_t count, size_t *capacity, size_t size);
