// Making an import true: its rows, the planned works that it announces or changes, and the event
// that says so, in one commit (PROTOCOL §3 `import`).
#pragma once

#include "busd/batch.h"
#include "busd/import.h"

// `by` is the identity that imports. After ERR_OK the batch's packets wait to be streamed, and the
// tables of the model may have changed. The import stays the caller's.
enum err_code batch_import(struct batch *batch, struct import *import, const char *by,
                           int64_t now_ms, struct err *err);
