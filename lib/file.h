// Whole files into memory.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>

// Appends what the file holds, at most `most_bytes` of it. ERR_NOT_FOUND when there is none,
// ERR_INVALID when it cannot be read; both name the file.
enum err_code file_read(const char *name, size_t most_bytes, struct buf *text, struct err *err);

// The same for a file that decides what the program allows: ERR_DENIED where everybody may write it,
// ERR_INVALID where it is no regular file (a pipe would hold the program up).
enum err_code file_read_trusted(const char *name, size_t most_bytes, struct buf *text,
                                struct err *err);

// Replaces a file of the account's own (0600) by `text`: written beside and renamed, so that it is
// whole or the former one. False when the disk refused; the former file is there then.
bool file_keep(const char *name, struct slice text);
