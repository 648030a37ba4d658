// Configuration files: one table of keys a file, from which the file itself, its checks and its
// documentation are printed (`config/NAME.yaml` is that print; a test compares).
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/json.h"

#include <stddef.h>
#include <stdint.h>

enum conf_type { CONF_STRING, CONF_INTEGER, CONF_BOOL, CONF_STRINGS, CONF_DURATION_MS };

// A key and the field of the program's own struct that it fills: `char *`, `int64_t`, `bool`, or for
// CONF_STRINGS a `char **` that ends with NULL; none of these is NULL itself. Strings are owned by the
// struct and freed by conf_fini(). A duration is written with its unit: 500ms, 90s, 5m, 1h, 7d. Keys of
// one section stand together in the table.
struct conf_key {
    const char *name; // "limits.event_bytes": one level of nesting by a dot
    enum conf_type type;
    size_t offset;
    const char *value;   // the default, as YAML
    int64_t min, max;    // of integers and durations; both 0 = any
    const char *one_of;  // blank-separated words a string may be; NULL = any
    const char *comment; // English, what it does and its unit
};

// Fills `target` with the defaults, then with the file's values (`file` NULL = defaults alone).
// An unknown key, a wrong type or range is ERR_INVALID with file:line:column in err->path, and the
// sentence says what would be right. ERR_NOT_FOUND when there is no such file. Whatever happens,
// `target` is whole afterwards and goes to conf_fini().
enum err_code conf_read(const struct conf_key *keys, size_t count, void *target, const char *file,
                        struct err *err);
void conf_fini(const struct conf_key *keys, size_t count, void *target);
// A file of rows, `NAME: [{…}, {…}]` and nothing else: each is filled as by conf_read(). `*rows` becomes
// an array of `*row_count` structs of `size` bytes, to be given to conf_free_rows() whatever happens.
enum err_code conf_read_rows(const struct conf_key *keys, size_t count, size_t size,
                             const char *name, const char *file, void **rows, size_t *row_count,
                             struct err *err);
void conf_free_rows(const struct conf_key *keys, size_t count, size_t size, void *rows,
                    size_t row_count);
// The file of rows without any: `about`, lines of comment, and what a row may hold.
void conf_print_rows(const struct conf_key *keys, size_t count, const char *name, const char *about,
                     struct buf *out);
// The commented file with every key at its default.
void conf_print(const struct conf_key *keys, size_t count, const char *title, struct buf *out);
