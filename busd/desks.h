// config/desks.yaml: the dispatchers' desks, `desks: {ID: {name, nodes, next, senior, prediction}}`.
#pragma once

#include "busd/engine_desks.h"
#include "lib/err.h"

// Reads `file`; NULL = no desks. ERR_INVALID with a sentence and file:line:column when a desk has no
// name, names a next one that is not there or itself, or two desks own one node, or all the rest.
// Whatever happens, `desks` goes to desks_fini().
enum err_code desks_read(struct engine_desks *desks, const char *file, struct err *err);
// A copy of its own, to be given to desks_fini().
void desks_copy(struct engine_desks *to, const struct engine_desks *from);
void desks_fini(struct engine_desks *desks);
