// Desks: who owns which part of the network. config/desks.yaml gives them (busd/desks.h).
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct engine_desk {
    char *desk;   // its id, as in shift.opened
    char *name;   // as people say it
    char **nodes; // whose premises are its own, ends with NULL; none = all that no other desk owns
    char *next;   // the desk that helps out; NULL = none
    char *senior; // the person behind it; NULL = none
    bool silent;  // `prediction: false`: reports of its premises are not grouped
};

struct engine_desks {
    struct engine_desk *items;
    size_t count;
    bool any_silent;
};
