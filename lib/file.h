// Whole files into memory.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"

#include <stddef.h>

// Appends what the file holds, at most `most_bytes` of it. ERR_NOT_FOUND when there is none,
// ERR_INVALID when it cannot be read; both name the file.
enum err_code file_read(const char *name, size_t most_bytes, struct buf *text, struct err *err);
