// JSON: one parse into a read-only tree that schema check, engine and journal all use, and a writer.
//
// Parsed by yajl (chosen by `make bench-json`), and stricter than RFC 8259 (PROTOCOL §2, DESIGN
// "Dependencies"): a duplicate key, U+0000, a lone surrogate, more than `depth` levels, invalid
// UTF-8, a number beyond a double's range (1e999) or anything behind the value is refused. Names
// within an object may come in any number: no text takes more than n log n.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH_DEFAULT = 32 };

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

// One value. All memory belongs to its document.
struct json {
    enum json_type type;
    bool integral;      // a number whose value is a whole number within int64 (1, 1.0 and 1e2 are)
    struct slice key;   // its name within an object
    struct slice text;  // a string's bytes, decoded; a number's literal as it was written
    int64_t integer;    // valid when `integral`
    double number;      // any number
    size_t count;       // elements or members
    struct json *first; // first child; NULL when empty
    struct json *next;  // next sibling
};

// A document: an arena that is reused from parse to parse.
struct json_doc;
struct json_doc *json_doc_new(void);
void json_doc_free(struct json_doc *doc);

// Parses; the former tree of `doc` is gone. Returns NULL and writes ERR_INVALID (reason "json",
// path = byte offset in words) when it is not JSON. The tree holds no pointer into `text`.
struct json *json_parse(struct json_doc *doc, const char *text, size_t length, int depth,
                        struct err *err);

// Builders within `doc`'s arena, for trees that are put together (YAML, decided fields).
// Strings are copied. json_doc_reset() drops everything and wipes it.
void json_doc_reset(struct json_doc *doc);
// Zeroed memory that lives as long as the tree, aligned for any type.
void *json_doc_alloc(struct json_doc *doc, size_t bytes);
struct json *json_new(struct json_doc *doc, enum json_type type);
struct json *json_new_string(struct json_doc *doc, struct slice text);
struct json *json_new_integer(struct json_doc *doc, int64_t value);
struct json *json_new_number(struct json_doc *doc, double value);
struct json *json_new_bool(struct json_doc *doc, bool value);
void json_append(struct json *array, struct json *value);
// Adds at the end; an existing member of that name is replaced in place.
void json_set(struct json_doc *doc, struct json *object, const char *key, struct json *value);
struct json *json_copy(struct json_doc *doc, const struct json *value); // deep

// Look-ups; all take NULL or a value of another type and then answer "absent".
const struct json *json_get(const struct json *object, const char *key);
const struct json *json_get_slice(const struct json *object, struct slice key);
// JSON pointer (RFC 6901) below `value`; NULL when there is nothing.
const struct json *json_pointer(const struct json *value, struct slice pointer);
struct slice json_string(const struct json *value); // {NULL,0} when not a string
const char *
json_c_string(const struct json *value); // NULL when not a string; decoded text is NUL-terminated
int64_t json_integer(const struct json *value, int64_t otherwise);
bool json_bool(const struct json *value, bool otherwise);
// Equal as JSON values: member order and number spelling do not matter.
bool json_equal(const struct json *a, const struct json *b);

// Writing. Appends compact JSON; numbers keep their literal; controls are escaped.
void json_write(struct buf *out, const struct json *value);
// RFC 8785 canonical form (what digests are taken over): members sorted by UTF-16 code units,
// numbers as ECMAScript prints them.
void json_write_canonical(struct buf *out, const struct json *value);
void json_write_string(struct buf *out, struct slice text); // with its quotes

// A streaming writer for answers: commas and nesting are its business.
struct json_out {
    struct buf *buf;
    uint64_t filled; // bit per level: something stands there already
    int level;
};
void json_out_init(struct json_out *out, struct buf *buf);
void json_out_object(struct json_out *out,
                     const char *key); // key NULL within arrays and at the top
void json_out_array(struct json_out *out, const char *key);
void json_out_end(struct json_out *out, char bracket); // '}' or ']'
void json_out_string(struct json_out *out, const char *key, struct slice text);
void json_out_text(struct json_out *out, const char *key, const char *text); // NULL writes null
void json_out_integer(struct json_out *out, const char *key, int64_t value);
void json_out_number(struct json_out *out, const char *key, double value);
void json_out_bool(struct json_out *out, const char *key, bool value);
void json_out_null(struct json_out *out, const char *key);
void json_out_time(struct json_out *out, const char *key,
                   int64_t time_ms); // RFC 3339, clock_format()
void json_out_raw(struct json_out *out, const char *key, struct slice json); // encoded already
void json_out_value(struct json_out *out, const char *key, const struct json *value);
