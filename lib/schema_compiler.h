// What is known while a schema is compiled, for lib/schema_compile.c, _keywords.c and _locate.c alone.
#pragma once

#include "lib/schema_node.h"

// A place in a file where a schema stands, and the node that it becomes.
struct schema_place {
    const struct json *tree;
    const char *base;    // URI that references in it are relative to
    const char *name;    // of the file, for the sentences
    const char *pointer; // within the file
    struct schema_node *node;
};

// What `$id`, `$anchor` and files are known by.
struct schema_uri {
    const char *uri; // with the anchor, if it is one
    const struct json *tree;
    const char *name;
};

struct schema_compiler {
    struct schema *schema;
    schema_loader *load;
    void *context;
    struct err *err;
    struct schema_place *places;
    size_t place_count, place_capacity;
    size_t *slots; // places by tree: index + 1, 0 = empty
    size_t slot_count;
    struct schema_uri *uris;
    size_t uri_count, uri_capacity;
};

// How the value of a keyword holds schemas.
enum schema_shape { SHAPE_NONE, SHAPE_SCHEMA, SHAPE_LIST, SHAPE_MAP };

// Puts a keyword's value into a field of the node; false when the value is not what the keyword
// wants. It may have written a sentence of its own.
typedef bool schema_put(struct schema_compiler *compiler, const struct schema_place *place,
                        const struct json *value, void *field);

struct schema_keyword {
    enum schema_shape shape;
    schema_put *put;
    size_t offset;       // of the field within struct schema_node
    const char *en, *ru; // what the value must be; NULL = the shape or `put` has said it
};

// NULL when the keyword is not supported.
const struct schema_keyword *schema_keyword_find(struct slice keyword);

// Says what is wrong at a place; returns false.
bool schema_refuse(struct schema_compiler *compiler, const struct schema_place *place,
                   const char *en, const char *ru);

// Finds every schema of a file and gives it a place and an empty node.
bool schema_locate_file(struct schema_compiler *compiler, const struct json *tree, const char *uri,
                        const char *name);
// The place of a schema that has been found; NULL when none stands there.
struct schema_place *schema_locate(const struct schema_compiler *compiler, const struct json *tree);
// The node that a `$ref` at that place means; reads further files. NULL when there is none.
struct schema_node *schema_locate_ref(struct schema_compiler *compiler,
                                      const struct schema_place *place, struct slice ref);
