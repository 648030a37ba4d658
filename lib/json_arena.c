#include "lib/json_arena.h"

#include "lib/mem.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_CHUNK_BYTES = 16 * 1024,
    // One hostile request must not hold its memory for the life of a connection.
    KEPT_BYTES = 4 * 1024 * 1024,
    // Up to here comparing every key with every other is quicker than sorting.
    FEW_MEMBERS = 16,
};

struct chunk {
    struct chunk *next;
    size_t size, used;
    alignas(max_align_t) char bytes[];
};

struct json_doc {
    struct chunk *first, *current;
    void *levels;
    size_t levels_capacity;
    const struct json **members; // for looking for doubled keys
    size_t members_capacity;
};

struct json_doc *json_doc_new(void)
{
    return mem_alloc(sizeof(struct json_doc));
}

static void free_chunks(struct chunk *chunk)
{
    while (chunk) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void json_doc_free(struct json_doc *doc)
{
    if (!doc)
        return;
    free_chunks(doc->first);
    free(doc->levels);
    free(doc->members);
    free(doc);
}

void json_doc_reset(struct json_doc *doc)
{
    size_t kept = 0;

    for (struct chunk *chunk = doc->first; chunk; chunk = chunk->next) {
        memset(chunk->bytes, 0, chunk->used);
        chunk->used = 0;
        kept += chunk->size;
        if (kept > KEPT_BYTES) {
            free_chunks(chunk->next);
            chunk->next = NULL;
        }
    }
    doc->current = doc->first;
}

static struct chunk *new_chunk(const struct json_doc *doc, size_t bytes)
{
    size_t size = doc->current ? doc->current->size * 2 : FIRST_CHUNK_BYTES;

    if (size < bytes)
        size = bytes;
    // Not zeroed: what is taken is written before it is read.
    struct chunk *chunk = mem_resize(NULL, 1, sizeof *chunk + size);
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

void *json_arena_take(struct json_doc *doc, size_t bytes)
{
    size_t rounded = (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

    while (!doc->current || doc->current->size - doc->current->used < rounded) {
        struct chunk **next = doc->current ? &doc->current->next : &doc->first;
        if (*next == NULL || (*next)->size < rounded) {
            struct chunk *chunk = new_chunk(doc, rounded);
            chunk->next = *next;
            *next = chunk;
        }
        doc->current = *next;
    }
    void *taken = doc->current->bytes + doc->current->used;
    doc->current->used += rounded;
    return taken;
}

void *json_doc_alloc(struct json_doc *doc, size_t bytes)
{
    return memset(json_arena_take(doc, bytes), 0, bytes);
}

void *json_arena_levels(struct json_doc *doc, size_t count, size_t size)
{
    mem_grow(&doc->levels, count, &doc->levels_capacity, size);
    return doc->levels;
}

static int compare_keys(const struct json *a, const struct json *b)
{
    if (a->key.length != b->key.length)
        return a->key.length < b->key.length ? -1 : 1;
    return memcmp(a->key.data, b->key.data, a->key.length);
}

static int compare_members(const void *a, const void *b)
{
    return compare_keys(*(const struct json *const *)a, *(const struct json *const *)b);
}

static const struct json *doubled_of_few(const struct json *object)
{
    for (const struct json *member = object->first; member; member = member->next) {
        for (const struct json *other = object->first; other != member; other = other->next) {
            if (slice_equal(member->key, other->key))
                return member;
        }
    }
    return NULL;
}

const struct json *json_arena_doubled(struct json_doc *doc, const struct json *object)
{
    if (object->count <= FEW_MEMBERS)
        return doubled_of_few(object);
    if (object->count > doc->members_capacity) {
        doc->members_capacity = object->count * 2;
        doc->members = mem_resize(doc->members, doc->members_capacity, sizeof *doc->members);
    }
    size_t count = 0;
    for (const struct json *member = object->first; member; member = member->next)
        doc->members[count++] = member;
    qsort(doc->members, count, sizeof *doc->members, compare_members);
    for (size_t i = 1; i < count; i++) {
        if (compare_keys(doc->members[i - 1], doc->members[i]) == 0)
            return doc->members[i];
    }
    return NULL;
}
