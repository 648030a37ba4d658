// Taxpayer's numbers (ИНН): whether one may exist at all, so that a slip of the pen is seen while the
// caller is on the line.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>

// 10 digits of an organisation or 12 of a person in business, with their check digits (order of the Federal
// Tax Service ЕД-7-14/559@, the weights of its annex).
bool tax_number_is_good(struct slice text);
