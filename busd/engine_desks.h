// Desks: who owns which part of the network. config/desks.yaml gives them (busd/desks.h).
#pragma once

#include "lib/slice.h"

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

// The desk that lists the node or the nearest one that feeds it, looked for over at most `bound` nodes,
// else the one that owns all the rest; NULL = none. `feeding` gives what feeds a node, empty at the top;
// an empty `node` is nowhere.
typedef struct slice engine_desks_feeding(const void *context, struct slice node);
const struct engine_desk *engine_desks_of(const struct engine_desks *desks, struct slice node,
                                          size_t bound, engine_desks_feeding *feeding,
                                          const void *context);
