// Telephone numbers in one form, so that the same caller is found however the number was typed.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>

enum { PHONE_BYTES = 20 };

// "+79125550141" of "8 (912) 555-01-41", "912 555 01 41", "+7-912-555-0141". Ten digits, or eleven
// that begin with 7 or 8, are Russian (the national prefix is 8, Rossvyaz numbering plan); "+" and
// up to 15 digits are international (E.164); 3 to 7 digits are a local number and stay as they are.
// False when it is none of these.
bool phone_normalise(struct slice text, char phone[PHONE_BYTES]);
