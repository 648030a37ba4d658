// How alike two words are by their runs of three letters: for a word that no rule of errors brings near
// any known one ("володарскава").
#pragma once

#include "lib/address_compare.h"

// 2.5 steps for equal words to 3.9 for the least alike that counts, else ADDRESS_FAR.
int address_trigram_compare(const struct address_word *typed, const struct address_word *known);
