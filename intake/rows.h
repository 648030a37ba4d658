// Rows of a question to the bus as a list: the latest answer, and a selection that stays with its row
// when a new answer comes. Several panels have one.
#pragma once

#include "lib/err.h"
#include "lib/json.h"
#include "tui/decoder.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rows_state { ROWS_NOT_ASKED, ROWS_ASKING, ROWS_THERE, ROWS_FAILED };
enum { ROWS_AGAIN_MS = 1000 }; // at most one question in this time while events come

struct rows {
    enum rows_state state;
    struct json_doc *doc;
    const struct json **items; // owned array of rows in `doc`
    size_t count, selected;
    const char *key;  // member that names a row; static
    char *fault;      // why it failed; owned
    int64_t asked;    // number of the latest question
    int64_t asked_ms; // monotonic
    bool due;         // something happened since
    bool awaited;     // somebody has just opened the list: keys wait for what it holds now
};

void rows_init(struct rows *rows, const char *key);
void rows_fini(struct rows *rows);
void rows_clear(struct rows *rows); // another list: nothing is there, nothing selected
// A question goes out: its number comes back with the answer.
int64_t rows_ask(struct rows *rows, int64_t mono_ms);
// False when it answers an older question. After a failure the former rows stay.
bool rows_take(struct rows *rows, int64_t asked, const struct json *answer, const struct err *err,
               enum language language);
// The order, kept with the selection. Compares `const struct json *const *`.
void rows_sort(struct rows *rows, int (*compare)(const void *, const void *));
bool rows_are_due(const struct rows *rows, int64_t mono_ms);
void rows_hurry(struct rows *rows); // something of one's own happened: due at once

const struct json *rows_selected(const struct rows *rows); // NULL = none
bool rows_select(struct rows *rows, const char *key);      // false when no row is named so
// Up, Down, PgUp, PgDn, Home, End. False for other keys.
bool rows_input(struct rows *rows, const struct input *input);
size_t rows_first(const struct rows *rows, int visible); // index of the row to paint on top
