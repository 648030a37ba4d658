// Masked forms of who called: enough for somebody who knows the person to tell them apart, not
// enough to call or to look for them (FIELD §2).
#pragma once

#include "lib/buf.h"
#include "lib/slice.h"

// Appends "Иванов И. И." of "Иванов Иван Иванович": the first word, and initials of at most two more.
// A single word becomes its initial.
void mask_name(struct slice name, struct buf *out);
// Appends "+7 *** ***-12-34" of a Russian number however it was typed; of another one "***-34", its
// last two digits; "***" when it has fewer than three.
void mask_phone(struct slice phone, struct buf *out);
