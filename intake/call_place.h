// A place that was chosen from suggestions: what the broker resolves exactly.
#pragma once

#include "lib/json.h"

#include <stdbool.h>

// Strings are owned; NULL or empty where the place has none.
struct call_place {
    char *account, *settlement, *street, *house, *flat, *node;
    char *address;   // as shown
    int64_t nominal; // volts at which it is fed; 0 = low voltage
};

void call_place_fini(struct call_place *place);
void call_place_set(struct call_place *place, const struct json *row); // of `query premises`
// The premise object; `flat` is another one than the place's own where it is not empty.
void call_place_write(const struct call_place *place, struct slice flat, struct json_out *out,
                      const char *key);
bool call_place_is_chosen(const struct call_place *place);
