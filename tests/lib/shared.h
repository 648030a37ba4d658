// The real data beside the project, ../shared or $PULT_SHARED. Tests that need them are skipped where
// they are absent.
#pragma once

#include "lib/buf.h"

#include <stdbool.h>

// The path of something below shared/; false when it is not there.
bool shared_path(char out[1024], const char *below);
// Appends a file's bytes; false when it cannot be read.
bool shared_read_file(const char *path, struct buf *out);

// Calls `each` for every regular file below a directory, deep, in the order of their names.
typedef void shared_each_file(void *context, const char *path, const char *name);
void shared_walk(const char *directory, shared_each_file *each, void *context);
