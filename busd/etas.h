// config/etas.yaml: default times of restoration, `etas: [{nodes, mode, kind, customers, after, firmness,
// published}]`.
#pragma once

#include "busd/engine_etas.h"
#include "lib/buf.h"
#include "lib/err.h"

// Reads `file`; NULL = none. ERR_INVALID with a sentence and file:line:column. Whatever happens, `etas`
// goes to etas_fini().
enum err_code etas_read(struct engine_etas *etas, const char *file, struct err *err);
void etas_fini(struct engine_etas *etas);
void etas_print(struct buf *out); // config/etas.yaml: no row, and what a row may hold
