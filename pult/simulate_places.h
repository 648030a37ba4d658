// The places of the company whose callers are played: premises and the tree above them, as the
// broker tells them.
#pragma once

#include "pult/command.h"

struct place {
    char *account, *node, *settlement, *street, *house, *flat;
};

struct place_node {
    char *id, *parent;
};

struct places {
    struct place *items;
    size_t count, capacity;
    struct place_node *nodes;
    size_t node_count, node_capacity;
};

// Asks for all premises and nodes; false after it has printed why not.
bool places_read(struct places *places, const struct command_line *line, struct client *client,
                 int *status);
void places_fini(struct places *places);
// Premises at or below a node: an array to free(), of `count`.
const struct place **places_below(const struct places *places, const char *node, size_t *count);
