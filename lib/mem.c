#include "lib/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *or_abort(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

// Large tables are read all over: in large pages a look costs one miss where it would cost several.
enum { LARGE_BYTES = 8 << 20 };

static void advise(void *memory, size_t bytes)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = ((uintptr_t)memory + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)memory + bytes) / page * page;

    madvise((void *)first, end - first, MADV_HUGEPAGE); // where it cannot be done, it is not
}

void *mem_alloc(size_t bytes)
{
    void *memory = or_abort(calloc(1, bytes ? bytes : 1));

    if (bytes >= LARGE_BYTES)
        advise(memory, bytes);
    return memory;
}

void *mem_resize(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        or_abort(NULL);
    size_t bytes = count * size;

    return or_abort(realloc(old, bytes > 0 ? bytes : 1));
}

char *mem_string(const char *text)
{
    return text ? or_abort(strdup(text)) : NULL;
}

char *mem_string_of(const char *text, size_t length)
{
    char *copy = mem_alloc(length + 1);

    if (length)
        memcpy(copy, text, length);
    return copy;
}

void mem_grow(void **items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return;
    *capacity = *capacity ? *capacity * 2 : 16;
    *items = mem_resize(*items, *capacity, size);
}
