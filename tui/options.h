// The options that both screens take: one table, from which they are read and --help is printed.
#pragma once

#include "lib/err.h"

#include <stdbool.h>

struct options {
    const char *bus;     // NULL: PULT_BUS, else the first RUNTIME that exists
    const char *role;    // the role to work in
    const char *message; // a line shown at the start; NULL = none
    enum language language;
    bool ascii, mono;
};

struct options_program {
    const char *name, *role; // the role by default
    const char *title[LANGUAGE_COUNT];
};

// Returns the exit status to end with (help, version, unknown words), or -1 to go on.
int options_read(const struct options_program *program, int argc, char **argv,
                 struct options *options);
