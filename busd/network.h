// The company's network and premises as one immutable copy in memory: the model that decisions read
// and the address index. Shared by pointer between the committing thread and the query thread; an
// import makes a new one and swaps.
#pragma once

#include "busd/engine_model.h"
#include "lib/address.h"

struct network;

// Takes both; either may be NULL (nothing imported yet). One reference is the caller's.
struct network *network_new(struct model *model, struct address_index *address);
struct network *network_hold(struct network *network);
void network_release(struct network *network); // NULL is allowed

const struct model *network_model(const struct network *network);           // never NULL
const struct address_index *network_address(const struct network *network); // never NULL
