// The queries of the bus: their names, arguments and one line of help, in one table from which the
// broker checks requests, the command line reads KEY=VALUE, and help is printed (EVENTS.md
// "Queries").
#pragma once

#include "lib/err.h"
#include "lib/json.h"

#include <stdbool.h>

enum query_arg_kind { QUERY_TEXT, QUERY_INTEGER, QUERY_OBJECT, QUERY_TIME };
struct query_arg {
    const char *name; // NULL ends the list
    enum query_arg_kind kind;
    const char *words; // blank-separated: all that a text may be; NULL = any
};
// How its rows come in pages: one row is no more than any `limit`; else by it and an `after` that is a
// number or a text.
enum query_paging { QUERY_WHOLE, QUERY_AFTER_NUMBER, QUERY_AFTER_TEXT };

enum { QUERY_ARGS_MAX = 8, QUERY_LIMIT_DEFAULT = 100, QUERY_LIMIT_MAX = 1000 };

struct query_shape {
    const char *name;                      // NULL ends the table
    struct query_arg args[QUERY_ARGS_MAX]; // `limit` and `after` besides, as `paging` says
    enum query_paging paging;
    const char *help[LANGUAGE_COUNT];
};

extern const struct query_shape query_shapes[];

// Whether its rows lie in desks' areas, so that a right to it may be narrowed to one's own.
bool query_shape_is_placed(struct slice name);
const struct query_shape *query_shape_find(struct slice name); // NULL when there is none
// `limit` and `after` too. NULL when the query has no such argument.
const struct query_arg *query_shape_arg(const struct query_shape *shape, struct slice name);
// Known names, right kinds, known words, `limit` in range; ERR_INVALID names the argument.
enum err_code query_shape_check(const struct query_shape *shape, const struct json *args,
                                struct err *err);
