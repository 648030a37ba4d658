// From text to tokens: a token is a number or a run of letters.
//
// A letter is one byte here ("code"), so that comparing is cheap: digits and a-z as in ASCII, а-я from
// 0x80 on, then і ї є ґ ў and letters of the Turkic languages; any other letter takes four bytes.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADDRESS_WORD = 40,   // codes in a token; a longer word goes on in the next token
    ADDRESS_TOKENS = 32, // what comes after is not read
};

// How the keys that were hit are to be read.
enum address_reading {
    ADDRESS_AS_TYPED,
    ADDRESS_OTHER_LAYOUT,  // Russian typed with the Latin layout on: "cfljdfz"
    ADDRESS_LATIN_LETTERS, // Russian in Latin letters: "sadovaya"
    ADDRESS_LATIN_LAYOUT,  // a Latin name typed with the Russian layout on
};

struct address_token {
    uint8_t code[ADDRESS_WORD];
    uint8_t length;
    // What separates it from the token before: 0 nothing, ' ', '-', '/', ':' between numbers, ',', and
    // '.' for a full stop without a blank.
    char before;
    bool number; // digits only; else letters only
    bool dot;    // a full stop follows
    bool ending; // the ending of the number before it: the я of "1-я"
};

struct address_tokens {
    size_t count;
    struct address_token item[ADDRESS_TOKENS];
    bool open; // nothing follows the last token, so it may still be growing
    bool latin,
        cyrillic; // there is such a word; beside a Cyrillic one a Latin letter alone is none
};

void address_tokens_read(const char *text, enum address_reading reading,
                         struct address_tokens *tokens);

// The codes of a folded UTF-8 text without blanks; returns the length, at most `size`.
size_t address_code(const char *folded, uint8_t *code, size_t size);
void address_tokens_remove(struct address_tokens *tokens, size_t first, size_t count);
void address_token_set_number(struct address_token *token, unsigned number);
