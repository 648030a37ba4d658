#include "busd/access.h"

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/yaml.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const access_verb_words[ACCESS_VERB_COUNT] = {
    "publish", "subscribe", "query", "feed",   "import",  "admin",
    "clock",   "personal",  "text",  "masked", "special",
};

struct access_role {
    char *name;
    char **lists[ACCESS_LISTS]; // each ends with NULL
    bool switches[ACCESS_VERB_COUNT];
};

// An account or a group, and its roles.
struct holder {
    char *name;
    const struct access_role *roles[ACCESS_ROLES_MAX];
    size_t role_count;
};

struct access {
    struct access_role *roles;
    struct holder *users, *groups;
    size_t role_count, user_count, group_count;
    int holders;
};

#define IDENTITY_PREFIX "pult:user:"

static enum err_code fault(struct err *err, const char *file, const char *where, const char *what,
                           const char *en, const char *ru)
{
    err_set(err, ERR_INVALID, "roles", "%s: %s%s%s: %s", "%s: %s%s%s: %s", file, where,
            *where ? ": " : "", what, en);
    // The sentences differ in their last words alone.
    snprintf(err->message[LANGUAGE_RU], ERR_MESSAGE_BYTES, "%s: %s%s%s: %s", file, where,
             *where ? ": " : "", what, ru);
    return ERR_INVALID;
}

static enum err_code read_list(const struct json *value, char ***list, const char *file,
                               const char *role, struct err *err)
{
    size_t count = 0;

    if (value->type != JSON_ARRAY)
        return fault(err, file, role, value->key.data, "must be a list of names",
                     "должен быть список имён");
    *list = mem_alloc((value->count + 1) * sizeof **list);
    for (const struct json *item = value->first; item; item = item->next) {
        const char *star = item->type == JSON_STRING ? strchr(item->text.data, '*') : NULL;
        size_t at = star ? (size_t)(star - item->text.data) : 0;

        if (item->type != JSON_STRING || item->text.length == 0 ||
            (star && (star[1] != '\0' || (at > 0 && star[-1] != '.'))))
            return fault(err, file, role, value->key.data,
                         "each entry is a name, PREFIX.* or \"*\"",
                         "каждая строка — имя, ПРЕФИКС.* или \"*\"");
        (*list)[count++] = mem_string_of(item->text.data, item->text.length);
    }
    return ERR_OK;
}

static enum err_code read_role(const struct json *tree, struct access_role *role, const char *file,
                               struct err *err)
{
    role->name = mem_string_of(tree->key.data, tree->key.length);
    if (tree->type != JSON_OBJECT)
        return fault(err, file, "roles", role->name, "must list its rights",
                     "должны быть перечислены права");
    for (const struct json *value = tree->first; value; value = value->next) {
        int verb = 0;

        while (verb < ACCESS_VERB_COUNT && !slice_is(value->key, access_verb_words[verb]))
            verb++;
        if (verb == ACCESS_VERB_COUNT)
            return fault(err, file, role->name, value->key.data,
                         "is no right; there are publish, subscribe, query, feed, import, admin, "
                         "clock, personal, text, masked, special",
                         "нет такого права; есть publish, subscribe, query, feed, import, admin, "
                         "clock, personal, text, masked, special");
        if (verb < ACCESS_LISTS) {
            if (read_list(value, &role->lists[verb], file, role->name, err) != ERR_OK)
                return err->code;
        } else if (value->type == JSON_TRUE || value->type == JSON_FALSE) {
            role->switches[verb] = value->type == JSON_TRUE;
        } else {
            return fault(err, file, role->name, value->key.data, "must be true or false",
                         "должно быть true или false");
        }
    }
    return ERR_OK;
}

static const struct access_role *find_role(const struct access *access, struct slice name)
{
    for (size_t i = 0; i < access->role_count; i++) {
        if (slice_is(name, access->roles[i].name))
            return &access->roles[i];
    }
    return NULL;
}

static void add_role(const struct access_role **roles, size_t *count,
                     const struct access_role *role)
{
    for (size_t i = 0; i < *count; i++) {
        if (roles[i] == role)
            return;
    }
    if (*count < ACCESS_ROLES_MAX)
        roles[(*count)++] = role;
}

static enum err_code read_holders(const struct access *access, const struct json *section,
                                  struct holder **holders, size_t *count, const char *file,
                                  struct err *err)
{
    if (!section || section->type == JSON_NULL)
        return ERR_OK;
    if (section->type != JSON_OBJECT)
        return fault(err, file, "", section->key.data, "must be NAME: [role, …]",
                     "нужны строки вида ИМЯ: [роль, …]");
    *holders = mem_alloc((section->count + 1) * sizeof **holders);
    for (const struct json *entry = section->first; entry; entry = entry->next) {
        struct holder *holder = &(*holders)[(*count)++];

        holder->name = mem_string_of(entry->key.data, entry->key.length);
        if (entry->type != JSON_ARRAY || entry->count == 0 || entry->count > ACCESS_ROLES_MAX)
            return fault(err, file, section->key.data, holder->name,
                         "must be a list of 1 to 16 roles", "нужен список от 1 до 16 ролей");
        for (const struct json *item = entry->first; item; item = item->next) {
            const struct access_role *role = find_role(access, json_string(item));

            if (!role)
                return fault(err, file, section->key.data, holder->name,
                             "names a role that `roles` does not have",
                             "названа роль, которой нет в roles");
            add_role(holder->roles, &holder->role_count, role);
        }
    }
    return ERR_OK;
}

static enum err_code read_table(struct access *access, const struct json *tree, const char *file,
                                struct err *err)
{
    const struct json *roles = json_get(tree, "roles");

    for (const struct json *section = tree->first; section; section = section->next) {
        if (!slice_is(section->key, "roles") && !slice_is(section->key, "users") &&
            !slice_is(section->key, "groups"))
            return fault(err, file, "", section->key.data,
                         "is not known here; the sections are roles, users, groups",
                         "такого раздела нет; есть roles, users, groups");
    }
    if (!roles || roles->type != JSON_OBJECT || roles->count == 0)
        return fault(err, file, "", "roles", "there is no role, so nobody could do anything",
                     "нет ни одной роли, никто ничего не мог бы делать");
    access->roles = mem_alloc(roles->count * sizeof *access->roles);
    for (const struct json *role = roles->first; role; role = role->next) {
        if (read_role(role, &access->roles[access->role_count++], file, err) != ERR_OK)
            return err->code;
    }
    if (read_holders(access, json_get(tree, "users"), &access->users, &access->user_count, file,
                     err) != ERR_OK)
        return err->code;
    return read_holders(access, json_get(tree, "groups"), &access->groups, &access->group_count,
                        file, err);
}

struct access *access_read(const char *file, struct err *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json *tree = yaml_read(doc, file, err);
    struct access *access = NULL;

    if (tree) {
        access = mem_alloc(sizeof *access);
        access->holders = 1;
        if (tree->type != JSON_OBJECT)
            fault(err, file, "", "roles", "there is no role, so nobody could do anything",
                  "нет ни одной роли, никто ничего не мог бы делать");
        if (tree->type != JSON_OBJECT || read_table(access, tree, file, err) != ERR_OK) {
            access_free(access);
            access = NULL;
        }
    }
    json_doc_free(doc);
    return access;
}

static void free_holders(struct holder *holders, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(holders[i].name);
    free(holders);
}

void access_free(struct access *access)
{
    if (!access || --access->holders > 0)
        return;
    for (size_t i = 0; i < access->role_count; i++) {
        for (int list = 0; list < ACCESS_LISTS; list++) {
            char **entries = access->roles[i].lists[list];

            for (size_t k = 0; entries && entries[k]; k++)
                free(entries[k]);
            free(entries);
        }
        free(access->roles[i].name);
    }
    free(access->roles);
    free_holders(access->users, access->user_count);
    free_holders(access->groups, access->group_count);
    free(access);
}

struct access *access_hold(struct access *access)
{
    access->holders++;
    return access;
}

static void add_holder(const struct holder *holder, struct access_account *account)
{
    for (size_t i = 0; i < holder->role_count; i++)
        add_role(account->roles, &account->role_count, holder->roles[i]);
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

    if (access->group_count == 0)
        return;
    groups = list_groups(user, primary, &count);
    for (size_t i = 0; i < access->group_count; i++) {
        char buffer[16384];
        struct group group, *found = NULL;

        if (getgrnam_r(access->groups[i].name, &group, buffer, sizeof buffer, &found) != 0 ||
            !found)
            continue;
        for (int k = 0; k < count; k++) {
            if (groups[k] == found->gr_gid) {
                add_holder(&access->groups[i], account);
                break;
            }
        }
    }
    free(groups);
}

static void fill_account(const struct access *access, const struct passwd *entry,
                         struct access_account *account)
{
    if (strlen(entry->pw_name) + sizeof IDENTITY_PREFIX > sizeof account->identity)
        return;
    snprintf(account->identity, sizeof account->identity, IDENTITY_PREFIX "%s", entry->pw_name);
    for (size_t i = 0; i < access->user_count; i++) {
        if (strcmp(access->users[i].name, entry->pw_name) == 0)
            add_holder(&access->users[i], account);
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

void access_find_identity(const struct access *access, struct slice identity,
                          struct access_account *account)
{
    const size_t prefix = sizeof IDENTITY_PREFIX - 1;
    char buffer[16384], name[ACCESS_IDENTITY_BYTES];
    struct passwd entry, *found = NULL;

    memset(account, 0, sizeof *account);
    if (identity.length <= prefix || identity.length - prefix >= sizeof name ||
        memcmp(identity.data, IDENTITY_PREFIX, prefix) != 0)
        return;
    memcpy(name, identity.data + prefix, identity.length - prefix);
    name[identity.length - prefix] = '\0';
    if (getpwnam_r(name, &entry, buffer, sizeof buffer, &found) == 0 && found)
        fill_account(access, found, account);
}

const struct access_role *access_find_role(const struct access_account *account, struct slice name)
{
    for (size_t i = 0; i < account->role_count; i++) {
        if (slice_is(name, account->roles[i]->name))
            return account->roles[i];
    }
    return NULL;
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
        if (!lists_equal(a->lists[list], b->lists[list]))
            return false;
    }
    return strcmp(a->name, b->name) == 0 &&
           memcmp(a->switches, b->switches, sizeof a->switches) == 0;
}

const char *access_role_name(const struct access_role *role)
{
    return role->name;
}

bool access_may(const struct access_role *role, enum access_verb verb)
{
    return role->switches[verb];
}

// The part of an entry that a name must begin with: all of it, or what stands before the star.
static struct slice entry_prefix(const char *entry, bool *open)
{
    struct slice prefix = slice_of(entry);

    *open = prefix.length > 0 && entry[prefix.length - 1] == '*';
    if (*open)
        prefix.length--;
    return prefix;
}

static bool starts_with(struct slice text, struct slice prefix)
{
    return text.length >= prefix.length && memcmp(text.data, prefix.data, prefix.length) == 0;
}

bool access_may_name(const struct access_role *role, enum access_verb verb, struct slice name)
{
    char **list = role->lists[verb];

    for (; list && *list; list++) {
        bool open;
        struct slice prefix = entry_prefix(*list, &open);

        if (open ? starts_with(name, prefix) : slice_equal(name, prefix))
            return true;
    }
    return false;
}

enum access_part access_prefix(const struct access_role *role, struct slice prefix)
{
    char **list = role->lists[ACCESS_SUBSCRIBE];
    enum access_part part = ACCESS_NOTHING;

    for (; list && *list; list++) {
        bool open;
        struct slice entry = entry_prefix(*list, &open);

        if (open && (prefix.length == 0 ? entry.length == 0 : starts_with(prefix, entry)))
            return ACCESS_ALL;
        if (prefix.length == 0 || starts_with(entry, prefix))
            part = ACCESS_SOME;
    }
    return part;
}

void access_each_right(const struct access_role *role, access_right *each, void *context)
{
    for (int verb = 0; verb < ACCESS_VERB_COUNT; verb++) {
        if (verb < ACCESS_LISTS) {
            for (char **entry = role->lists[verb]; entry && *entry; entry++)
                each(context, (enum access_verb)verb, *entry);
        } else if (role->switches[verb]) {
            each(context, (enum access_verb)verb, NULL);
        }
    }
}
