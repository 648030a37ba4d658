// The table behind access.h: access_read.c makes it, access.c looks things up in it.
#pragma once

#include "busd/access.h"

#define ACCESS_USER_PREFIX "pult:user:"
#define ACCESS_KEY_PREFIX  "pult:key:"
#define ACCESS_LOOPBACK    "pult:loopback"

struct access_role {
    char *name;
    char **lists[ACCESS_LISTS]; // each ends with NULL
    bool switches[ACCESS_VERB_COUNT];
};

// An account, a group, a key, or the loopback, and the roles that it gives.
struct access_holder {
    enum access_holder_kind kind;
    char *name;
    const struct access_role *roles[ACCESS_ROLES_MAX];
    size_t role_count;
    // Of keys.
    char *public_key;           // Z85
    struct access_role *narrow; // role_count of them, own copies; NULL = the table's roles
};

struct access_holders {
    struct access_holder *items;
    size_t count;
};

struct access {
    struct access_role *roles;
    size_t role_count;
    struct access_holders users, groups, keys, loopback; // of the last one at most
    int holders;
};

// The prefix of a list's entry: all of it, or what stands before the star (then `open`).
struct slice access_entry_prefix(const char *entry, bool *open);
