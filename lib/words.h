// A short text found by the beginnings of its words, as somebody types them: the directory and the
// answer texts, in the broker's queries and in the operator's own copy.
#pragma once

#include "lib/slice.h"

// Two texts (either may be NULL) as " слово другое слово ": folded, without punctuation, a blank before
// and behind every word. free() it.
char *words_fold(const char *first, const char *second);

// How well what was typed fits a text: 0 = not at all. Every word typed must begin one of `all` or of
// `titles`, where it counts more; nothing typed fits everything. Both are of words_fold().
int words_fit(const char *titles, const char *all, struct slice typed);
