// `busd --search-eval` (PROTOCOL §6, `pult search-eval`): how well the address search finds, without
// a broker.
//
// PREMISES is a CSV file with at least the columns settlement, street and house (PROTOCOL §7); what
// else it holds is not read. A line of CASES: {"query": …, "expect": {"settlement", "street",
// "house"}, "expect_any"?: [expect, …], "kind"?: …}. A house "" asks for the street only.
//
// A result is a building. It is right when its settlement, street and house are written as in an
// expectation. Out: "top1=… top3=… n=…" for all and then for each kind; or, with `answers`, a line a
// case instead: {"query", "results": [{"settlement", "street", "house", "score"}, …]}, best first.
#pragma once

#include "lib/err.h"

#include <stdbool.h>
#include <stdio.h>

enum { SEARCH_ANSWERS = 10 }; // results of a case, at most

struct search_command {
    const char *premises, *cases; // files
    bool answers;
    FILE *out;
};

// ERR_NOT_FOUND for a file that is not there, ERR_INVALID for files or lines that are not right.
enum err_code search_command(const struct search_command *command, struct err *err);
