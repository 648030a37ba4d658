// Who may do what: roles.yaml with the Unix accounts that have the roles, and keys.yaml (PROTOCOL §2).
//
// The file has three sections, deny by default in all:
//
//     roles:
//       operator:
//         publish: [contact.*, log.entry]   # a type, PREFIX.* or "*"
//         own:                              # of these, only in the area of a desk that one sits at
//           publish: [eta.*]
//           subscribe: [contact.*]
//           query: [contacts, contact]      # those whose rows lie somewhere (query_shape_is_placed)
//         subscribe: [contact.*, incident.*]
//         query: [eta, incidents, contact]  # a query's name or "*"
//         feed: false                       # the whole feed
//         import: false
//         admin: false
//         clock: false
//         personal: true                    # who called: names, phones, flats
//         text: true                        # free text of callers and dispatchers
//         masked: true                      # who called, as "Иванов И. И." and "+7 *** ***-12-34"
//         special: true                     # why somebody must not be without supply: health
//     users:                                # an account, its roles; the first holds without hello
//       anna: [dispatcher, operator]
//     groups:                               # every account of the Unix group
//       pult-operators: [operator]
//     shared: [duty]                        # accounts and keys that several people sit behind: a
//                                           # person signs on before anything is done there
//     four_eyes:                            # acts that wait until another person agrees
//       - {type: mode.changed, data: {mode: normal}}
//       - {type: incident.cancelled, at_once: 10}   # so many, or more, in one request
//     loopback: [observer]                  # whoever connects over TCP on this machine, without a key
//
// Clients over TCP have keys, in a file of their own:
//
//     keys:
//       gateway:                            # identity pult:key:gateway
//         public: "…"                       # 40 characters, as pult keygen prints them
//         roles: [script]
//         types: [contact.outage_report]    # of all that the roles may, these types alone; no feed
//
// And people behind shared accounts a PIN, in a third file: `persons: {ivanova: "scrypt:…"}`, as
// pult keygen --pin prints it.
//
// A table that was read is immutable; its pointer may be shared between threads. A new table takes its
// place at a reload (reload.h); roles live as long as their table. An account's roles
// are those of `users`, then those of its groups in the order of the file, each once.
#pragma once

#include "busd/schemas.h"
#include "lib/err.h"
#include "lib/json.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct access;
struct access_role;
struct access_holder;
struct access_person;

enum access_verb { // the lists, the switches, and from PERSONAL on how much a query shows
    ACCESS_PUBLISH,
    ACCESS_SUBSCRIBE,
    ACCESS_QUERY,
    ACCESS_FEED,
    ACCESS_IMPORT,
    ACCESS_ADMIN,
    ACCESS_CLOCK,
    ACCESS_PERSONAL,
    ACCESS_TEXT,
    ACCESS_MASKED,
    ACCESS_SPECIAL,
    ACCESS_VERB_COUNT
};
enum { ACCESS_LISTS = ACCESS_QUERY + 1 };
extern const char *const access_verb_words[ACCESS_VERB_COUNT];

struct access_files {
    const char *roles;
    const char *keys;              // NULL or "": there are no keys
    const char *persons;           // NULL or "": nobody can sign on
    const struct schemas *schemas; // types that may be named; NULL = any
};
// Reads the table. A file that is missing, empty or has no role, and a line that means nothing, is an
// error: it never means "all".
struct access *access_read(const struct access_files *files, struct err *err);
void access_free(struct access *access); // the last holder frees it; NULL is allowed
// One more holder, of the thread that frees it too.
struct access *access_hold(struct access *access);

// SHA-256 of what the files say, in hex.
void access_sha256(const struct access *access, char text[65]);

// The account `uid`: its identity "pult:user:NAME" into `identity`, and its roles. 0 roles when it
// has none, or when the account database does not know it. May ask the name service: slow.
enum { ACCESS_IDENTITY_BYTES = 280, ACCESS_ROLES_MAX = 16 };
enum access_holder_kind {
    ACCESS_HOLDER_USER,
    ACCESS_HOLDER_GROUP,
    ACCESS_HOLDER_KEY,
    ACCESS_HOLDER_LOOPBACK
};
struct access_account {
    char identity[ACCESS_IDENTITY_BYTES];
    const struct access_role *roles[ACCESS_ROLES_MAX];
    const struct access_holder *givers[ACCESS_ROLES_MAX]; // who has each role
    size_t role_count;
    bool shared; // several people: a person must sign on before it acts
};
const char *access_giver_name(const struct access_holder *giver);
enum access_holder_kind access_giver_kind(const struct access_holder *giver);
void access_find_account(const struct access *access, uid_t uid, struct access_account *account);
// The client that has this public key (Z85): "pult:key:NAME".
void access_find_key(const struct access *access, const char *public_key,
                     struct access_account *account);
// Whoever connects over TCP on this machine without a key: "pult:loopback".
void access_find_loopback(const struct access *access, struct access_account *account);
bool access_has_loopback(const struct access *access);
// The same by the identity's text, as it comes with each message. `public_key`: the one that the
// connection was made with; empty = whichever the identity has.
void access_find_identity(const struct access *access, struct slice identity,
                          struct slice public_key, struct access_account *account);

// The role of that name among the account's; NULL when it does not have it.
const struct access_role *access_find_role(const struct access_account *account, struct slice name);
// Whether two roles, of different tables perhaps, allow the same.
bool access_role_equal(const struct access_role *a, const struct access_role *b);
// The name that an identity has among people: what stands behind its last colon.
struct slice access_name_of(struct slice identity);
const char *access_role_name(const struct access_role *role);
// A switch.
bool access_may(const struct access_role *role, enum access_verb verb);
// A list: a type or the name of a query.
bool access_may_name(const struct access_role *role, enum access_verb verb, struct slice name);
// Where the role may do what a list allows it: everywhere, or only where one sits oneself (area.h).
enum access_area { ACCESS_AREA_ALL, ACCESS_AREA_OWN };
enum access_area access_area(const struct access_role *role, enum access_verb list,
                             struct slice name);
bool access_is_narrowed(const struct access_role *role); // anything of it is so
// How far a subscription's prefix lies within what the role may read.
enum access_part { ACCESS_NOTHING, ACCESS_SOME, ACCESS_ALL };
enum access_part access_prefix(const struct access_role *role, struct slice prefix);

// Every entry of a role, for `query rights`: `name` is NULL for a switch that is on.
typedef void access_right(void *context, enum access_verb verb, const char *name,
                          enum access_area area);
void access_each_right(const struct access_role *role, access_right *each, void *context);

// The people who may sign on. A PIN is checked with crypto_pin_check().
enum { ACCESS_PERSON_BYTES = 65 };
const struct access_person *access_find_person(const struct access *access, struct slice name);
size_t access_person_count(const struct access *access);
const char *access_person_name(const struct access_person *person);
const char *access_person_pin(const struct access_person *person); // the hash

// An act that needs four eyes: events of this type whose data hold these values, when so many stand in
// one request.
struct access_act {
    char *type;
    struct json_doc *doc;
    const struct json *data; // of `doc`; NULL = any
    size_t at_once;
};
// The first act that fits an event of a request with `count` of its type; NULL = none.
const struct access_act *access_find_act(const struct access *access, struct slice type,
                                         const struct json *data, size_t count);
