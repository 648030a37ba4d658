// Default times of restoration: what an incident of an area, a mode, a kind and a size may expect, until
// a person knows better. config/etas.yaml gives the rows (busd/etas.h).
//
// The first row that fits holds. One that names nodes is of source `zone`, one for everywhere of source
// `rule`; neither is ever set over a dispatcher's or a crew's, nor after a person took a time back.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct engine_eta_row {
    char **nodes;      // with everything below as it is fed now; ends with NULL; none = everywhere
    char *mode, *kind; // words of the event fields; kind "any"
    int64_t customers; // from so many on
    int64_t after_ms;  // from opening or reopening
    char *firmness;
    bool published; // a storm's row is not used without
};

struct engine_etas {
    struct engine_eta_row *items;
    size_t count;
};
