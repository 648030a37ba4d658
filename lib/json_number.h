// Numbers between their decimal spelling and a double, whatever locale the program has set.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_NUMBER_TEXT_BYTES = 32 };

// Reads a literal of JSON's grammar. `*integral`: the value, taken exactly, is a whole number within
// int64 (1.0 and 1e2 are), then `*integer` is it. False when it is beyond a double's range (1e999).
bool json_number_read(struct slice literal, double *number, int64_t *integer, bool *integral);

// Whether a is a whole multiple of b, in exact decimals; b is not 0. Digits beyond 19 are not looked at.
bool json_number_multiple(struct slice a, struct slice b);

// As ECMAScript prints it (RFC 8785 §3.2.2.3): the shortest digits that read back as the same
// double. `number` is finite. `text` holds JSON_NUMBER_TEXT_BYTES.
void json_number_print(double number, char *text);
