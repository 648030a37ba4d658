// The rules of grouping (config/rules.yaml): what is believed of faults and callers before any call,
// in two sets, for ordinary days and for storms. One table of keys, from which the file is printed.
#pragma once

#include "busd/engine_rules.h"
#include "lib/buf.h"
#include "lib/err.h"

extern const char *const rules_set_names[GROUP_RULES_SETS]; // "normal", "storm"

struct rules {
    struct group_rules sets[GROUP_RULES_SETS];
};

// The defaults, then the file's values (`file` NULL = defaults alone). A key that `storm` leaves out
// has the value that stands under `normal`, but for the few whose defaults differ. ERR_INVALID with
// file:line:column for an unknown key, a wrong type or range; ERR_NOT_FOUND. `rules` is whole in any case.
enum err_code rules_read(struct rules *rules, const char *file, struct err *err);
// As a file, with comments, behind `head` (lines of comment).
void rules_print(const struct rules *rules, const char *head, struct buf *out);
void rules_print_defaults(struct buf *out); // config/rules.yaml

// The rules with what events say of them.
struct rules_loaded {
    struct rules rules;
    struct engine_rules lines; // into `text`
    struct buf text[GROUP_RULES_SETS];
};
// As rules_read(); NULL on a failure.
struct rules_loaded *rules_load(const char *file, struct err *err);
void rules_unload(struct rules_loaded *loaded); // NULL is allowed

// Every rule of a set as "section.name=value", one a line, the last without its end: what events hold,
// and whose SHA-256 names the set.
void rules_lines(const struct group_rules *set, struct buf *out);
