// `busd --group` (PROTOCOL §6, `pult group`): which devices explain these calls, without a broker.
//
// The two files go through the import that busd itself does, into a store of their own that is
// thrown away at the end, so that the network is the one that the broker would have.
//
// A line in: {"case": …, "calls": [{"account": …, "t_s": N, "hazard"?: "wire_down"}, …]} and, if there are any,
// "energised": [node, …], "out": [node, …], "back": [account, …] (said to have power). A line out:
// {"case": …, "devices": [id, …], "second": [id, …], "one": P, "calls": N, "faults": [{"node" or
// "account", "premises", "callers", "probability", "runner_up"?, "runner_up_probability"?, "class"?}, …]};
// `second` is the next best explanation where there is one.
#pragma once

#include "lib/err.h"

#include <stdio.h>

struct group_command {
    const char *network, *premises; // CSV files
    const char *rules;              // rules.yaml; NULL = the defaults
    const char *set;                // "normal", "storm"; NULL = normal
    FILE *in, *out;
};

// ERR_INVALID for files or lines that are not right, ERR_NOT_FOUND for a file that is not there or
// an account or node that the network does not have.
enum err_code group_command(const struct group_command *command, struct err *err);
