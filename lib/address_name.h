// Names of streets and settlements in canonical form: equal ones have equal keys however they are
// written.
#pragma once

#include "lib/address_kinds.h"

enum { ADDRESS_KEY = 320 }; // bytes in the key of a name

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
