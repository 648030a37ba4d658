// The model in memory and the address index, built from the imported tables.
#pragma once

#include "busd/engine_model.h"
#include "busd/store.h"
#include "lib/address.h"

// Both are the caller's. NULL when the tables cannot be read. A premise whose node is unknown has
// none; its house, street and settlement are named by the lowest premise key that shares them.
struct model *model_load(struct store *store, struct address_index **address, struct err *err);
