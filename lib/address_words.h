// Words of addresses: from text to tokens, and the tables of kinds (улица, СНТ, деревня ...), parts
// of a house number (корпус, литера, квартира ...), ordinals and words that carry no meaning.
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
    ADDRESS_KEY = 320,   // bytes in the key of a name
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
    char before; // what separates it from the token before: 0 nothing, ' ', '-', '/', '.', ','
    bool number; // digits only; else letters only
    bool dot;    // a full stop follows
    bool ending; // the ending of the number before it: the я of "1-я"
};

struct address_tokens {
    size_t count;
    struct address_token item[ADDRESS_TOKENS];
    bool open;            // nothing follows the last token, so it may still be growing
    bool latin, cyrillic; // there is such a word; latin only where no Cyrillic one is
};

void address_tokens_read(const char *text, enum address_reading reading,
                         struct address_tokens *tokens);

// The codes of a folded UTF-8 text without blanks; returns the length, at most `size`.
size_t address_code(const char *folded, uint8_t *code, size_t size);

// Kinds of streets and settlements, a bit each; one word may mean several ("пр." проспект, проезд).
enum address_scope { ADDRESS_STREETS = 1, ADDRESS_SETTLEMENTS = 2, ADDRESS_ANYWHERE = 3 };
uint64_t address_kinds(const struct address_token *token, enum address_scope scope);
// The same for a token with a typing error, in an oblique case or not finished.
uint64_t address_kinds_near(const struct address_token *token, bool open);
// Written in full: "улица", not "ул".
bool address_kind_full(const struct address_token *token);

// What a word does in the part of an address that follows the street.
enum address_part {
    ADDRESS_NO_PART,
    ADDRESS_PART_HOUSE,    // дом, владение: adds nothing to the number
    ADDRESS_PART_PLOT,     // участок
    ADDRESS_PART_BLOCK,    // корпус
    ADDRESS_PART_BUILDING, // строение
    ADDRESS_PART_LETTER,   // литера
    ADDRESS_PART_FLAT,     // квартира, помещение
    ADDRESS_PART_SKIPPED,  // подъезд, этаж: nobody is found by it
};
enum address_part address_part(const struct address_token *token);

bool address_is_stop_word(const struct address_token *token); // на, в, имени
void address_one_form(struct address_token *token);           // лет for летия, летие
// The number that an ordinal written out stands for ("первая" 1), else 0, and the word for a number.
unsigned address_ordinal(const struct address_token *token);
const char *address_ordinal_word(unsigned number); // NULL where there is none

// A stored name: what kind it is, its words in canonical form, and the key that equal names share.
struct address_name {
    uint64_t kinds;
    size_t count;
    struct address_token word[ADDRESS_TOKENS];
    struct address_token as_written[ADDRESS_TOKENS];
    uint16_t abbreviated; // a bit for each of the first words that is an initial or cut by a stop
    uint8_t key[ADDRESS_KEY];
    size_t key_length; // the words only, without the kind
};
void address_name_read(const char *text, enum address_scope scope, struct address_name *name);

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
