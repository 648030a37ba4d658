// The options that both screens take: one table, from which they are read and --help is printed. The
// program's table of actions is printed by --keys, for people and for the documentation.
#pragma once

#include "lib/err.h"
#include "tui/keymap.h"

#include <stdbool.h>

struct options {
    const char *bus;              // NULL: PULT_BUS, else the first RUNTIME that exists
    const char *key, *server_key; // for tcp, as client_options has them
    const char *person;           // who signs on behind a shared account; NULL = nobody
    const char *role;             // the role to work in
    const char *message;          // a line shown at the start; NULL = none
    enum language language;
    bool ascii, mono;
};

struct options_view {
    unsigned bit;
    const char *word[LANGUAGE_COUNT]; // "queue", "очередь"
};

struct options_program {
    const char *name, *role; // the role by default
    const char *title[LANGUAGE_COUNT];
    const struct action *actions;
    const size_t *action_count;
    const struct options_view *views; // ends with bit 0
};

// Returns the exit status to end with (help, keys, version, unknown words), or -1 to go on.
int options_read(const struct options_program *program, int argc, char **argv,
                 struct options *options);
