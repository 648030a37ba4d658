// Where a reported premise lies: the `premise` of an event against the premises table (EVENTS.md
// "premise", `resolved`). By account first, else by its address fields, exactly: nothing is guessed.
#pragma once

#include "busd/network.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/event.h"
#include "lib/json.h"

// ERR_NOT_FOUND for a node that the network does not have; an address that is not known is no
// fault, its level is "none". Slices of `place` point into `premise` and the network.
enum err_code place_resolve(const struct network *network, const struct json *premise,
                            struct event_place *place, struct err *err);

// The addresses of planned works (lib/address_list.h): the accounts of every premise at or below them go
// into the array that is open in `out`. What is not understood for certain is appended to `left` as it
// was written, with "; " between.
void place_list_accounts(const struct network *network, struct slice addresses,
                         struct json_out *out, struct buf *left);
