#include "busd/access_private.h"

#include "lib/mem.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const access_verb_words[ACCESS_VERB_COUNT] = {
    "publish", "subscribe", "query", "feed",   "import",  "admin",
    "clock",   "personal",  "text",  "masked", "special",
};

// --- whose account it is ------------------------------------------------------------------------

static void add_holder(const struct access_holder *holder, struct access_account *account)
{
    for (size_t i = 0; i < holder->role_count; i++) {
        const struct access_role *role = holder->roles[i];

        if (account->role_count == ACCESS_ROLES_MAX ||
            access_find_role(account, slice_of(role->name)))
            continue;
        account->givers[account->role_count] = holder;
        account->roles[account->role_count++] = role;
    }
}

// All groups of the account, not the primary one alone.
static gid_t *list_groups(const char *user, gid_t primary, int *count)
{
    gid_t *groups = NULL;

    for (*count = 64;; *count *= 2) {
        int room = *count;

        groups = mem_resize(groups, (size_t)room, sizeof *groups);
        if (getgrouplist(user, primary, groups, count) >= 0)
            return groups;
        if (*count <= room)
            *count = room;
    }
}

static void add_groups(const struct access *access, const char *user, gid_t primary,
                       struct access_account *account)
{
    int count;
    gid_t *groups;

    if (access->groups.count == 0)
        return;
    groups = list_groups(user, primary, &count);
    for (size_t i = 0; i < access->groups.count; i++) {
        char buffer[16384];
        struct group group, *found = NULL;

        if (getgrnam_r(access->groups.items[i].name, &group, buffer, sizeof buffer, &found) != 0 ||
            !found)
            continue;
        for (int k = 0; k < count; k++) {
            if (groups[k] == found->gr_gid) {
                add_holder(&access->groups.items[i], account);
                break;
            }
        }
    }
    free(groups);
}

static bool set_identity(const struct access *access, struct access_account *account,
                         const char *prefix, const char *name)
{
    for (char **shared = access->shared; shared && *shared; shared++)
        account->shared = account->shared || strcmp(*shared, name) == 0;
    return snprintf(account->identity, sizeof account->identity, "%s%s", prefix, name) <
           (int)sizeof account->identity;
}

static void fill_account(const struct access *access, const struct passwd *entry,
                         struct access_account *account)
{
    if (!set_identity(access, account, ACCESS_USER_PREFIX, entry->pw_name)) {
        account->identity[0] = '\0';
        return;
    }
    for (size_t i = 0; i < access->users.count; i++) {
        if (strcmp(access->users.items[i].name, entry->pw_name) == 0)
            add_holder(&access->users.items[i], account);
    }
    add_groups(access, entry->pw_name, entry->pw_gid, account);
}

void access_find_account(const struct access *access, uid_t uid, struct access_account *account)
{
    char buffer[16384];
    struct passwd entry, *found = NULL;

    memset(account, 0, sizeof *account);
    if (getpwuid_r(uid, &entry, buffer, sizeof buffer, &found) == 0 && found)
        fill_account(access, found, account);
}

static void find_user(const struct access *access, const char *name, struct access_account *account)
{
    char buffer[16384];
    struct passwd entry, *found = NULL;

    if (getpwnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found)
        fill_account(access, found, account);
}

static void fill_key(const struct access *access, const struct access_holder *key,
                     struct access_account *account)
{
    if (set_identity(access, account, ACCESS_KEY_PREFIX, key->name))
        add_holder(key, account);
}

void access_find_key(const struct access *access, const char *public_key,
                     struct access_account *account)
{
    memset(account, 0, sizeof *account);
    for (size_t i = 0; i < access->keys.count; i++) {
        if (strcmp(access->keys.items[i].public_key, public_key) == 0) {
            fill_key(access, &access->keys.items[i], account);
            return;
        }
    }
}

void access_find_loopback(const struct access *access, struct access_account *account)
{
    memset(account, 0, sizeof *account);
    if (access->loopback.count && set_identity(access, account, ACCESS_LOOPBACK, ""))
        add_holder(access->loopback.items, account);
}

bool access_has_loopback(const struct access *access)
{
    return access->loopback.count > 0;
}

static void find_key_name(const struct access *access, const char *name, struct slice public_key,
                          struct access_account *account)
{
    for (size_t i = 0; i < access->keys.count; i++) {
        const struct access_holder *key = &access->keys.items[i];

        // A key that was exchanged under the same name is another one.
        if (strcmp(key->name, name) == 0 &&
            (public_key.length == 0 || slice_is(public_key, key->public_key)))
            fill_key(access, key, account);
    }
}

// The name behind `prefix`, copied; false when the identity is of another kind.
static bool name_behind(struct slice identity, const char *prefix, char name[ACCESS_IDENTITY_BYTES])
{
    size_t length = strlen(prefix);

    if (identity.length <= length || identity.length - length >= ACCESS_IDENTITY_BYTES ||
        memcmp(identity.data, prefix, length) != 0)
        return false;
    memcpy(name, identity.data + length, identity.length - length);
    name[identity.length - length] = '\0';
    return true;
}

void access_find_identity(const struct access *access, struct slice identity,
                          struct slice public_key, struct access_account *account)
{
    char name[ACCESS_IDENTITY_BYTES];

    memset(account, 0, sizeof *account);
    if (name_behind(identity, ACCESS_USER_PREFIX, name))
        find_user(access, name, account);
    else if (name_behind(identity, ACCESS_KEY_PREFIX, name))
        find_key_name(access, name, public_key, account);
    else if (slice_is(identity, ACCESS_LOOPBACK))
        access_find_loopback(access, account);
}

const char *access_giver_name(const struct access_holder *holder)
{
    return holder->name;
}

enum access_holder_kind access_giver_kind(const struct access_holder *holder)
{
    return holder->kind;
}

void access_sha256(const struct access *access, char text[65])
{
    crypto_hex(access->digest, sizeof access->digest, text);
}

// --- what a role may ----------------------------------------------------------------------------

const struct access_role *access_find_role(const struct access_account *account, struct slice name)
{
    for (size_t i = 0; i < account->role_count; i++) {
        if (slice_is(name, account->roles[i]->name))
            return account->roles[i];
    }
    return NULL;
}

// As access_entry_prefix() reads it, in one pass: this is asked for every event that anybody is sent.
static bool fits(const char *entry, struct slice name)
{
    size_t at = 0;

    while (at < name.length && entry[at] == name.data[at])
        at++;
    return entry[at] == '*' || (entry[at] == '\0' && at == name.length);
}

static bool list_has(char **list, struct slice name)
{
    for (; list && *list; list++) {
        if (fits(*list, name))
            return true;
    }
    return false;
}

static bool lists_equal(char **a, char **b)
{
    for (; a && *a && b && *b; a++, b++) {
        if (strcmp(*a, *b) != 0)
            return false;
    }
    return (!a || !*a) && (!b || !*b);
}

bool access_role_equal(const struct access_role *a, const struct access_role *b)
{
    for (int list = 0; list < ACCESS_LISTS; list++) {
        if (!lists_equal(a->lists[list], b->lists[list]) ||
            !lists_equal(a->own[list], b->own[list]))
            return false;
    }
    return strcmp(a->name, b->name) == 0 &&
           memcmp(a->switches, b->switches, sizeof a->switches) == 0;
}

struct slice access_name_of(struct slice identity)
{
    struct slice name = identity;

    for (size_t i = 0; i < identity.length; i++) {
        if (identity.data[i] == ':')
            name = (struct slice){identity.data + i + 1, identity.length - i - 1};
    }
    return name;
}

const char *access_role_name(const struct access_role *role)
{
    return role->name;
}

bool access_may(const struct access_role *role, enum access_verb verb)
{
    return role->switches[verb];
}

struct slice access_entry_prefix(const char *entry, bool *open)
{
    struct slice prefix = slice_of(entry);

    *open = prefix.length > 0 && entry[prefix.length - 1] == '*';
    if (*open)
        prefix.length--;
    return prefix;
}

bool access_may_name(const struct access_role *role, enum access_verb verb, struct slice name)
{
    return list_has(role->lists[verb], name);
}

enum access_area access_area(const struct access_role *role, enum access_verb list,
                             struct slice name)
{
    return list_has(role->own[list], name) ? ACCESS_AREA_OWN : ACCESS_AREA_ALL;
}

bool access_is_narrowed(const struct access_role *role)
{
    bool narrowed = false;

    for (int list = 0; list < ACCESS_LISTS; list++)
        narrowed = narrowed || (role->own[list] && *role->own[list]);
    return narrowed;
}

enum access_part access_prefix(const struct access_role *role, struct slice prefix)
{
    char **list = role->lists[ACCESS_SUBSCRIBE];
    enum access_part part = ACCESS_NOTHING;

    for (; list && *list; list++) {
        bool open;
        struct slice entry = access_entry_prefix(*list, &open);

        if (open && (prefix.length == 0 ? entry.length == 0 : slice_begins(prefix, entry)))
            return ACCESS_ALL;
        if (prefix.length == 0 || slice_begins(entry, prefix))
            part = ACCESS_SOME;
    }
    return part;
}

// What is narrowed to one's own area stands for itself, beside the wider entry that it is taken from.
static void each_own(const struct access_role *role, access_right *each, void *context)
{
    for (int list = 0; list < ACCESS_LISTS; list++)
        for (char **own = role->own[list]; own && *own; own++)
            each(context, (enum access_verb)list, *own, ACCESS_AREA_OWN);
}

void access_each_right(const struct access_role *role, access_right *each, void *context)
{
    each_own(role, each, context);
    for (int verb = 0; verb < ACCESS_VERB_COUNT; verb++) {
        char **list = verb < ACCESS_LISTS ? role->lists[verb] : NULL;

        for (char **entry = list; entry && *entry; entry++) {
            bool open;
            struct slice prefix = access_entry_prefix(*entry, &open);

            if (!list_has(role->own[verb], prefix))
                each(context, (enum access_verb)verb, *entry, ACCESS_AREA_ALL);
        }
        if (verb >= ACCESS_LISTS && role->switches[verb])
            each(context, (enum access_verb)verb, NULL, ACCESS_AREA_ALL);
    }
}

// --- acts of two people -------------------------------------------------------------------------

static bool holds(const struct json *data, const struct json *wanted)
{
    for (const struct json *value = wanted ? wanted->first : NULL; value; value = value->next) {
        if (!json_equal(json_get_slice(data, value->key), value))
            return false;
    }
    return true;
}

const struct access_act *access_find_act(const struct access *access, struct slice type,
                                         const struct json *data, size_t count)
{
    for (size_t i = 0; i < access->act_count; i++) {
        const struct access_act *act = &access->acts[i];

        if (slice_is(type, act->type) && count >= act->at_once && holds(data, act->data))
            return act;
    }
    return NULL;
}
