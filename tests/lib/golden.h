// Golden files: a text compared with tests/golden/NAME.txt. UPDATE_GOLDEN=1 rewrites the file instead;
// then look at the difference before committing it.
#pragma once

#include "lib/slice.h"

// Fails the running cmocka test, and prints the first line that differs, when they are not the same.
void golden_check(const char *name, struct slice text);
// The same for a file that is printed from a table elsewhere: docs, configuration. `path` is from the
// project's root.
void golden_check_file(const char *path, struct slice text);
