// The event types: every file of schemas/ and of the company's own directory, compiled once.
//
// A type's file is TYPE.yaml, a JSON Schema of its `data`. Beside the schema it says x-version, and
// x-broker where only the broker publishes it. A company's own types are named x.NAME.… and nothing
// else is; a file whose name has no dot before .yaml holds definitions and is no type.
#pragma once

#include "lib/err.h"
#include "lib/json.h"
#include "lib/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schemas;

struct schemas_type {
    struct slice topic;
    int64_t version;
    bool broker;              // refused from clients
    bool free_text, personal; // some field of it is marked
    const struct schema *schema;
};

// `company` may be a directory that is not there. NULL with a sentence that names the file.
struct schemas *schemas_load(const char *directory, const char *company, struct err *err);
void schemas_free(struct schemas *schemas);

const struct schemas_type *schemas_find(const struct schemas *schemas, struct slice topic);
size_t schemas_count(const struct schemas *schemas);
const struct schemas_type *schemas_at(const struct schemas *schemas, size_t index); // by topic
// The schema as one JSON document: what it takes from definition files stands in its `$defs`.
void schemas_write(const struct schemas *schemas, size_t index, struct buf *out);
