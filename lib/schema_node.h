// A compiled schema, for lib/schema*.c alone: a node for every schema and subschema of the file and of
// the files it refers to. References are resolved, so a node may be reached in several ways, and from
// itself (a tree of nodes within a value; never without a step into the value).
#pragma once

#include "lib/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schema_pattern;
struct schema_node;

// A bit for each word of `type`. A whole number has two.
enum {
    SCHEMA_NULL = 1,
    SCHEMA_BOOLEAN = 2,
    SCHEMA_NUMBER = 4,
    SCHEMA_INTEGER = 8,
    SCHEMA_STRING = 16,
    SCHEMA_ARRAY = 32,
    SCHEMA_OBJECT = 64,
};
extern const char *const schema_type_words[]; // in the order of the bits, ends with NULL

struct schema_list {
    struct schema_node **nodes;
    size_t count;
};

// A name that `properties` or `required` has. Slots lie in a table whose size is a power of two.
struct schema_property {
    struct slice name;        // {NULL, 0}: an empty slot
    struct schema_node *node; // NULL: required, and not among `properties`
    uint64_t required;        // its bit, 0 = optional
};

struct schema_pattern_property {
    struct schema_pattern *pattern;
    struct schema_node *node;
};

// dependentRequired and dependentSchemas of one name; one of the two is set.
struct schema_dependent {
    struct slice name;
    const struct json *required; // array of names
    struct schema_node *node;
};

struct schema_node {
    bool never; // the schema `false`
    bool has_number, has_string, has_array, has_object, has_logic;
    unsigned types;                       // 0 = any
    const struct json *values, *constant; // enum (an array), const
    const struct json *minimum, *maximum, *exclusive_minimum, *exclusive_maximum, *multiple_of;
    size_t min_length, max_length; // in characters
    struct schema_pattern *pattern;

    size_t min_items, max_items, min_contains, max_contains;
    bool unique;
    struct schema_list prefix_items;
    struct schema_node *items, *contains;

    size_t min_properties, max_properties;
    const struct json *properties, *required; // as they stand in the file
    struct schema_property *slots;
    size_t slot_count; // 0 or a power of two
    uint64_t required_bits;
    const struct json *more_required; // the first of those that have no bit; NULL = none
    struct schema_pattern_property *patterns;
    size_t pattern_count;
    struct schema_node *additional, *property_names;
    struct schema_dependent *dependents;
    size_t dependent_count;

    struct schema_node *ref, *not, *condition, *consequence, *alternative;
    struct schema_list all_of, any_of, one_of;

    const char *title[LANGUAGE_COUNT]; // NULL = none
    bool mark[2], reaches_mark[2];     // by enum schema_mark: itself, something below
    unsigned char colour;              // for the search for circles
};

struct schema {
    struct json_doc *doc; // holds all but the patterns
    const struct schema_node *root;
    struct schema_pattern *patterns; // every one, linked
};

// Which slot a name would have first; the next ones follow it.
static inline size_t schema_slot_of(struct slice name, size_t slot_count)
{
    unsigned first = name.length > 0 ? (unsigned char)name.data[0] : 0;
    unsigned last = name.length > 0 ? (unsigned char)name.data[name.length - 1] : 0;

    return (name.length * 7 + first * 31 + last * 3) & (slot_count - 1);
}

// Patterns (PCRE2). The pattern is linked into the schema, which frees it. NULL and the reason in
// `problem` when it is none.
struct schema_pattern *schema_pattern_new(struct schema *schema, struct slice source, char *problem,
                                          size_t problem_size);
void schema_pattern_free_all(struct schema *schema);
// Found anywhere in the text. A text that takes too many steps is not found.
bool schema_pattern_found(const struct schema_pattern *pattern, struct slice text);
const char *schema_pattern_source(const struct schema_pattern *pattern);

// Where the check stands: a chain from the value up to the root.
struct schema_step {
    const struct schema_step *up;
    struct slice key; // of a member; {NULL, 0} = element `index`
    size_t index;
};

enum schema_fault {
    FAULT_NEVER,
    FAULT_TYPE,
    FAULT_ENUM,
    FAULT_CONST,
    FAULT_MINIMUM,
    FAULT_MAXIMUM,
    FAULT_EXCLUSIVE_MINIMUM,
    FAULT_EXCLUSIVE_MAXIMUM,
    FAULT_MULTIPLE,
    FAULT_MIN_LENGTH,
    FAULT_MAX_LENGTH,
    FAULT_PATTERN,
    FAULT_MIN_ITEMS,
    FAULT_MAX_ITEMS,
    FAULT_UNIQUE,
    FAULT_MIN_CONTAINS,
    FAULT_MAX_CONTAINS,
    FAULT_MIN_PROPERTIES,
    FAULT_MAX_PROPERTIES,
    FAULT_REQUIRED,
    FAULT_UNKNOWN,
    FAULT_NAME,
    FAULT_DEPENDENT,
    FAULT_ANY,
    FAULT_ONE_NONE,
    FAULT_ONE_SEVERAL,
    FAULT_NOT,
    FAULT_COUNT,
};

// Writes the sentence and the path; `name` is the missing, unknown or depending name, where there is
// one. `err` may be NULL. Returns false, so that a check can end with it.
bool schema_say(struct err *err, const char *at, const struct schema_step *step,
                const struct schema_node *node, const struct json *value, enum schema_fault fault,
                struct slice name);
