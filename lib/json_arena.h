// The memory of a JSON document: chunks that are filled one after the other and kept for the next
// tree. For lib/json*.c and lib/yaml.c alone.
#pragma once

#include "lib/json.h"

// Memory aligned for any type, not zeroed, that lives until json_doc_reset().
void *json_arena_take(struct json_doc *doc, size_t bytes);
// The array of open levels, with room for one more behind `count`.
void *json_arena_levels(struct json_doc *doc, size_t count, size_t size);
// A member whose key another member before it has; NULL when all differ. n log n for n members.
const struct json *json_arena_doubled(struct json_doc *doc, const struct json *object);
