// House and flat numbers in canonical form.
#pragma once

#include "lib/address_kinds.h"

// A house number in canonical form. Marks say how a piece is joined on: "12 корп. 2" = 12 BLOCK 2.
enum {
    ADDRESS_MARK_BLOCK = 1,
    ADDRESS_MARK_BUILDING,
    ADDRESS_MARK_MORE,  // a number right after a letter: 31Б2
    ADDRESS_MARK_BLANK, // two numbers with only a blank between them, as typed
    ADDRESS_MARK_WORD,
    ADDRESS_MARK_PLOT, // at the end
    ADDRESS_HOUSE_KEY = 48,
};
struct address_house {
    uint8_t key[ADDRESS_HOUSE_KEY];
    uint8_t length;
};
// Reads the house number that begins at tokens[0]; returns the tokens taken, 0 where there is none.
// As typed, a second number after a blank or hyphen may be the flat: `numbers` says how many pieces
// that are no more than numbers may be joined (1 = only the first).
size_t address_house_read(const struct address_token *tokens, size_t count, size_t numbers,
                          struct address_house *house);
void address_house_of_text(const char *text,
                           struct address_house *house); // the whole of a stored one
size_t address_flat_of_text(const char *text, uint8_t key[ADDRESS_HOUSE_KEY]);
// The flat that begins at tokens[0], with its word or without; returns the tokens taken.
size_t address_flat_read(const struct address_token *tokens, size_t count,
                         struct address_house *flat);
