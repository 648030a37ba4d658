// The rules of grouping (config/rules.yaml): what is believed of faults and callers before any call,
// in two sets, for ordinary days and for storms. One table of keys, from which the file is printed.
#pragma once

#include "busd/engine_group_rules.h"
#include "lib/buf.h"
#include "lib/err.h"

enum rules_set { RULES_NORMAL, RULES_STORM, RULES_SETS };
extern const char *const rules_set_names[RULES_SETS]; // "normal", "storm"

struct rules {
    struct group_rules sets[RULES_SETS];
};

// The defaults, then the file's values (`file` NULL = defaults alone). A key that `storm` leaves out
// has the value that stands under `normal`, but for the few whose defaults differ. ERR_INVALID with
// file:line:column for an unknown key, a wrong type or range; ERR_NOT_FOUND. `rules` is whole in any case.
enum err_code rules_read(struct rules *rules, const char *file, struct err *err);
// config/rules.yaml.
void rules_print(struct buf *out);
