// `busd --tune` (PROTOCOL §6, `pult tune`): rules of grouping as learnt from the own journal, and what
// they would have gained. Reads the journal beside a running busd and changes nothing.
//
// On a terminal, or with `yaml`, a whole rules.yaml with the gain in its head; else one line of JSON:
// {"normal": GAIN or null, "storm": GAIN or null, "rules": "the file"}, GAIN = {"faults", "held_out",
// "log2_likelihood": {"old", "new"}, "exact_at_20pct": {"old", "new"}, "exact_at_40pct": {…}}; null where
// there are fewer than TUNE_FAULTS faults to learn from: then the set stays as it is.
#pragma once

#include "lib/err.h"

#include <stdbool.h>
#include <stdio.h>

struct tune_command {
    const char *data;  // directory of the journal
    const char *rules; // rules.yaml; NULL = the defaults
    bool yaml;
    enum language language;
    FILE *out;
};

// ERR_NOT_FOUND: no journal, no file; ERR_INVALID: the file has a fault.
enum err_code tune_command(const struct tune_command *command, struct err *err);
