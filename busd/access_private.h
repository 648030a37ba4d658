// The table behind access.h: access_read.c makes it, access.c looks things up in it.
#pragma once

#include "busd/access.h"
#include "lib/buf.h"
#include "lib/crypto.h"

#define ACCESS_USER_PREFIX "pult:user:"
#define ACCESS_KEY_PREFIX  "pult:key:"
#define ACCESS_LOOPBACK    "pult:loopback"

struct access_role {
    char *name;
    char **lists[ACCESS_LISTS]; // each ends with NULL
    char **own[ACCESS_LISTS];   // of these: in its own desks' areas alone; NULL = nothing
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
    char **shared;                                       // names of accounts and keys; NULL = none
    struct access_person *persons;
    size_t person_count;
    struct access_act *acts;
    size_t act_count;
    struct buf said; // by the files, in canonical form
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    int holders;
};

struct access_person {
    char *name, *pin; // as crypto_pin_hash() writes it
};

// The prefix of a list's entry: all of it, or what stands before the star (then `open`).
struct slice access_entry_prefix(const char *entry, bool *open);

// Reading. A fault names the file, where in it, and what is wrong with `what`.
enum err_code access_fault(struct err *err, const char *file, const char *where, const char *what,
                           const char *en, const char *ru);
enum err_code access_read_list(const struct json *value, char ***list, const char *file,
                               const char *role, struct err *err);
enum err_code access_read_holder_roles(const struct access *access, const struct json *list,
                                       struct access_holder *holder, const char *section,
                                       const char *file, struct err *err);
// There must be room.
struct access_holder *access_add_holder(struct access_holders *holders,
                                        enum access_holder_kind kind, const char *name);
void access_free_list(char **list);
void access_free_role(struct access_role *role);
// access_keys.c, access_persons.c: a file each.
enum err_code access_read_keys(struct access *access, const struct json *tree, const char *file,
                               struct err *err);
enum err_code access_read_persons(struct access *access, const struct json *tree, const char *file,
                                  struct err *err);
// The file holds what PINs could be guessed from: nobody else may read it.
enum err_code access_check_persons_file(const char *file, struct err *err);
void access_free_persons(struct access *access);
