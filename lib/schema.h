// JSON Schema 2020-12 in YAML, compiled once, checked against parsed values.
//
// A schema that uses a keyword outside `schema_keywords` is refused when it is compiled, never
// ignored. Patterns are PCRE2 with match limits. Own annotations: x-personal, x-free-text (true on
// a property); every other x-NAME is a note that nothing looks at. A value is checked without
// allocating (but for uniqueItems on more than 16 elements).
//
// `format` is a note as well, as the standard has it by default: give a pattern. A whole number is one
// within int64. Only the dialect 2020-12 is known; a schema that refers to itself for the same value is
// refused.
#pragma once

#include "lib/json.h"

struct schema;

// Keywords that are supported, and those that are refused by name; ends with NULL.
extern const char *const schema_keywords[];
extern const char *const schema_keywords_refused[];

// Compiles; `name` is for the sentences. The tree is copied, `doc` may go. `$ref` within the file
// (#/$defs/…), or to another file "NAME.yaml#/$defs/…" which `load` (may be NULL) brings.
// NULL and ERR_INVALID when it is no schema.
typedef const struct json *schema_loader(void *context, const char *file, struct err *err);
struct schema *schema_compile(const struct json *tree, const char *name, schema_loader *load,
                              void *context, struct err *err);
void schema_free(struct schema *schema);

// ERR_OK, or ERR_INVALID (reason "schema") with the JSON pointer of the fault in err->path
// (prefixed by `at`) and a sentence that says what would be right.
enum err_code schema_check(const struct schema *schema, const struct json *value, const char *at,
                           struct err *err);

// Calls `found` for every marked value, outermost first (a marked object is given whole and not
// entered), in the order of the text. Every branch of anyOf, oneOf and if counts, chosen or not.
// `pointer` is the JSON pointer from `value`, "" when `value` itself is marked.
enum schema_mark { SCHEMA_PERSONAL, SCHEMA_FREE_TEXT };
typedef void schema_found(void *context, const char *pointer, const struct json *value);
void schema_marked(const struct schema *schema, enum schema_mark mark, const struct json *value,
                   schema_found *found, void *context);
// The same, and then takes what was found out of `value`, which is left empty when it is marked
// itself. `found` may be NULL.
void schema_take_marked(const struct schema *schema, enum schema_mark mark, struct json *value,
                        schema_found *found, void *context);
// Whether the schema has the mark anywhere at all: most types have none, and skip the walk.
bool schema_has_mark(const struct schema *schema, enum schema_mark mark);
