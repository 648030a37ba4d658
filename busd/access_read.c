#include "busd/access_private.h"

#include "lib/crypto.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/query_shape.h"
#include "lib/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void access_free_list(char **list)
{
    for (char **entry = list; entry && *entry; entry++)
        free(*entry);
    free(list);
}

enum err_code access_fault(struct err *err, const char *file, const char *where, const char *what,
                           const char *en, const char *ru)
{
    err_set(err, ERR_INVALID, "roles", "%s: %s%s%s: %s", "%s: %s%s%s: %s", file, where,
            *where ? ": " : "", what, en);
    // The sentences differ in their last words alone.
    snprintf(err->message[LANGUAGE_RU], ERR_MESSAGE_BYTES, "%s: %s%s%s: %s", file, where,
             *where ? ": " : "", what, ru);
    return ERR_INVALID;
}

enum err_code access_read_list(const struct json *value, char ***list, const char *file,
                               const char *role, struct err *err)
{
    size_t count = 0;

    if (value->type != JSON_ARRAY)
        return access_fault(err, file, role, value->key.data, "must be a list of names",
                            "должен быть список имён");
    *list = mem_alloc((value->count + 1) * sizeof **list);
    for (const struct json *item = value->first; item; item = item->next) {
        const char *star = item->type == JSON_STRING ? strchr(item->text.data, '*') : NULL;
        size_t at = star ? (size_t)(star - item->text.data) : 0;

        if (item->type != JSON_STRING || item->text.length == 0 ||
            (star && (star[1] != '\0' || (at > 0 && star[-1] != '.'))))
            return access_fault(err, file, role, value->key.data,
                                "each entry is a name, PREFIX.* or \"*\"",
                                "каждая строка — имя, ПРЕФИКС.* или \"*\"");
        (*list)[count++] = mem_string_of(item->text.data, item->text.length);
    }
    return ERR_OK;
}

// `own`: of each list what holds in one's own area alone.
static enum err_code read_own(const struct json *tree, struct access_role *role, const char *file,
                              struct err *err)
{
    for (const struct json *value = tree->first; value; value = value->next) {
        int list = 0;

        while (list < ACCESS_LISTS && !slice_is(value->key, access_verb_words[list]))
            list++;
        if (list == ACCESS_LISTS)
            break;
        if (access_read_list(value, &role->own[list], file, role->name, err) != ERR_OK)
            return err->code;
        if (!value->next)
            return ERR_OK;
    }
    return access_fault(err, file, role->name, "own",
                        "must be {publish: […], subscribe: […], query: […]}, one of them at least",
                        "нужно {publish: […], subscribe: […], query: […]}, хотя бы что-то одно");
}

// What is narrowed must be allowed in the first place, or the table would say more than is so.
static bool is_allowed(char **list, const char *own)
{
    bool open, own_open;
    struct slice wanted = access_entry_prefix(own, &own_open);

    for (; list && *list; list++) {
        struct slice allowed = access_entry_prefix(*list, &open);

        if (open ? slice_begins(wanted, allowed) : !own_open && slice_equal(wanted, allowed))
            return true;
    }
    return false;
}

static enum err_code check_own(const struct access_role *role, const char *file, struct err *err)
{
    for (int list = 0; list < ACCESS_LISTS; list++) {
        for (char **own = role->own[list]; own && *own; own++) {
            if (!is_allowed(role->lists[list], *own))
                return access_fault(err, file, role->name, *own,
                                    "is narrowed by `own`, but the role may not do it at all",
                                    "сужено в own, но роли это вообще не разрешено");
            if (list == ACCESS_QUERY && !query_shape_is_placed(slice_of(*own)))
                return access_fault(err, file, role->name, *own,
                                    "is no query that can be narrowed: its rows lie in no area",
                                    "этот запрос нельзя сузить: его строки не лежат ни на чьём "
                                    "участке");
        }
    }
    if (role->own[ACCESS_SUBSCRIBE] && *role->own[ACCESS_SUBSCRIBE] && role->switches[ACCESS_FEED])
        return access_fault(
            err, file, role->name, "feed",
            "means every type everywhere, so what is read cannot be narrowed by "
            "`own` beside it",
            "это все типы отовсюду, поэтому чтение рядом с ним нельзя сузить в own");
    return ERR_OK;
}

static enum err_code read_role(const struct json *tree, struct access_role *role, const char *file,
                               struct err *err)
{
    role->name = mem_string_of(tree->key.data, tree->key.length);
    if (tree->type != JSON_OBJECT)
        return access_fault(err, file, "roles", role->name, "must list its rights",
                            "должны быть перечислены права");
    for (const struct json *value = tree->first; value; value = value->next) {
        int verb = 0;

        if (slice_is(value->key, "own")) {
            if (read_own(value, role, file, err) != ERR_OK)
                return err->code;
            continue;
        }
        while (verb < ACCESS_VERB_COUNT && !slice_is(value->key, access_verb_words[verb]))
            verb++;
        if (verb == ACCESS_VERB_COUNT)
            return access_fault(
                err, file, role->name, value->key.data,
                "is no right; there are publish, own, subscribe, query, feed, import, admin, "
                "clock, personal, text, masked, special",
                "нет такого права; есть publish, own, subscribe, query, feed, import, admin, "
                "clock, personal, text, masked, special");
        if (verb < ACCESS_LISTS) {
            if (access_read_list(value, &role->lists[verb], file, role->name, err) != ERR_OK)
                return err->code;
        } else if (value->type == JSON_TRUE || value->type == JSON_FALSE) {
            role->switches[verb] = value->type == JSON_TRUE;
        } else {
            return access_fault(err, file, role->name, value->key.data, "must be true or false",
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

enum err_code access_read_holder_roles(const struct access *access, const struct json *list,
                                       struct access_holder *holder, const char *section,
                                       const char *file, struct err *err)
{
    if (!list || list->type != JSON_ARRAY || list->count == 0 || list->count > ACCESS_ROLES_MAX)
        return access_fault(err, file, section, holder->name, "must have a list of 1 to 16 roles",
                            "нужен список от 1 до 16 ролей");
    for (const struct json *item = list->first; item; item = item->next) {
        const struct access_role *role = find_role(access, json_string(item));
        size_t known = 0;

        if (!role)
            return access_fault(err, file, section, holder->name,
                                "names a role that `roles` does not have",
                                "названа роль, которой нет в roles");
        while (known < holder->role_count && holder->roles[known] != role)
            known++;
        if (known == holder->role_count)
            holder->roles[holder->role_count++] = role;
    }
    return ERR_OK;
}

struct access_holder *access_add_holder(struct access_holders *holders,
                                        enum access_holder_kind kind, const char *name)
{
    struct access_holder *holder = &holders->items[holders->count++];

    holder->kind = kind;
    holder->name = mem_string(name);
    return holder;
}

static enum err_code read_holders(const struct access *access, const struct json *section,
                                  enum access_holder_kind kind, struct access_holders *holders,
                                  const char *file, struct err *err)
{
    if (!section || section->type == JSON_NULL)
        return ERR_OK;
    if (section->type != JSON_OBJECT)
        return access_fault(err, file, "", section->key.data, "must be NAME: [role, …]",
                            "нужны строки вида ИМЯ: [роль, …]");
    holders->items = mem_alloc((section->count + 1) * sizeof *holders->items);
    for (const struct json *entry = section->first; entry; entry = entry->next) {
        struct access_holder *holder = access_add_holder(holders, kind, entry->key.data);

        if (access_read_holder_roles(access, entry, holder, section->key.data, file, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

static enum err_code read_loopback(struct access *access, const struct json *list, const char *file,
                                   struct err *err)
{
    struct access_holder *holder;

    if (!list)
        return ERR_OK;
    access->loopback.items = mem_alloc(sizeof *access->loopback.items);
    holder = access_add_holder(&access->loopback, ACCESS_HOLDER_LOOPBACK, "loopback");
    return access_read_holder_roles(access, list, holder, "roles", file, err);
}

// Accounts and keys that several people sit behind.
static enum err_code read_shared(struct access *access, const struct json *list, const char *file,
                                 struct err *err)
{
    if (!list)
        return ERR_OK;
    if (access_read_list(list, &access->shared, file, "shared", err) != ERR_OK)
        return err->code;
    for (char **entry = access->shared; *entry; entry++) {
        if (strchr(*entry, '*'))
            return access_fault(err, file, "shared", *entry,
                                "must be the name of an account or key",
                                "нужно имя учётной записи или ключа");
    }
    return ERR_OK;
}

static enum err_code read_act(struct access_act *act, const struct json *entry, const char *file,
                              struct err *err)
{
    const struct json *data = json_get(entry, "data"), *many = json_get(entry, "at_once");
    const char *type = json_c_string(json_get(entry, "type"));

    for (const struct json *member = entry->first; member; member = member->next) {
        if (!slice_is_word(member->key, "type data at_once"))
            return access_fault(err, file, "four_eyes", member->key.data,
                                "is not known here; an act has type, and perhaps data or at_once",
                                "такого поля нет; у действия есть type и, может быть, data или "
                                "at_once");
    }
    if (!type || (data && data->type != JSON_OBJECT) ||
        (many && (!many->integral || many->integer < 2)))
        return access_fault(err, file, "", "four_eyes",
                            "an act has a type, its data are {FIELD: VALUE}, at_once is 2 or more",
                            "у действия есть type, data — {ПОЛЕ: ЗНАЧЕНИЕ}, at_once — от 2");
    act->type = mem_string(type);
    act->at_once = many ? (size_t)many->integer : 1;
    act->doc = json_doc_new();
    act->data = data ? json_copy(act->doc, data) : NULL;
    return ERR_OK;
}

static enum err_code read_four_eyes(struct access *access, const struct json *list,
                                    const char *file, struct err *err)
{
    if (!list)
        return ERR_OK;
    if (list->type != JSON_ARRAY)
        return access_fault(err, file, "", "four_eyes", "must be a list of acts {type: …}",
                            "нужен список действий {type: …}");
    access->acts = mem_alloc((list->count + 1) * sizeof *access->acts);
    for (const struct json *entry = list->first; entry; entry = entry->next) {
        if (read_act(&access->acts[access->act_count++], entry, file, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

static const char sections[] = "roles users groups loopback shared four_eyes";

static enum err_code read_roles_file(struct access *access, const struct json *tree,
                                     const char *file, struct err *err)
{
    const struct json *roles = json_get(tree, "roles");

    for (const struct json *section = tree->first; section; section = section->next) {
        if (!slice_is_word(section->key, sections))
            return access_fault(err, file, "", section->key.data,
                                "is not known here; the sections are roles, users, groups, "
                                "loopback, shared, four_eyes",
                                "такого раздела нет; есть roles, users, groups, loopback, shared, "
                                "four_eyes");
    }
    if (!roles || roles->type != JSON_OBJECT || roles->count == 0)
        return access_fault(err, file, "", "roles", "there is no role, so nobody could do anything",
                            "нет ни одной роли, никто ничего не мог бы делать");
    access->roles = mem_alloc(roles->count * sizeof *access->roles);
    for (const struct json *role = roles->first; role; role = role->next) {
        struct access_role *entry = &access->roles[access->role_count++];

        if (read_role(role, entry, file, err) != ERR_OK || check_own(entry, file, err) != ERR_OK)
            return err->code;
    }
    if (read_holders(access, json_get(tree, "users"), ACCESS_HOLDER_USER, &access->users, file,
                     err) != ERR_OK ||
        read_holders(access, json_get(tree, "groups"), ACCESS_HOLDER_GROUP, &access->groups, file,
                     err) != ERR_OK)
        return err->code;
    if (read_loopback(access, json_get(tree, "loopback"), file, err) != ERR_OK ||
        read_shared(access, json_get(tree, "shared"), file, err) != ERR_OK)
        return err->code;
    return read_four_eyes(access, json_get(tree, "four_eyes"), file, err);
}

// --- names that stand for nothing ---------------------------------------------------------------

static bool fits_type(const struct schemas *schemas, struct slice prefix, bool open)
{
    // A company's own types may come after the rights to them.
    if (slice_begins(prefix, slice_of("x.")) || (open && prefix.length == 0))
        return true;
    for (size_t i = 0; i < schemas_count(schemas); i++) {
        struct slice topic = schemas_at(schemas, i)->topic;

        if (open ? slice_begins(topic, prefix) : slice_equal(topic, prefix))
            return true;
    }
    return false;
}

static bool fits_query(struct slice prefix, bool open)
{
    return open ? prefix.length == 0 : query_shape_find(prefix) != NULL;
}

static enum err_code check_names(const struct access *access, const struct schemas *schemas,
                                 const char *file, struct err *err)
{
    for (size_t i = 0; i < access->role_count; i++) {
        for (int list = 0; list < ACCESS_LISTS; list++) {
            char **entry = access->roles[i].lists[list];

            for (; entry && *entry; entry++) {
                bool open;
                struct slice prefix = access_entry_prefix(*entry, &open);

                if (list == ACCESS_QUERY ? !fits_query(prefix, open)
                                         : !fits_type(schemas, prefix, open))
                    return access_fault(err, file, access->roles[i].name, *entry,
                                        list == ACCESS_QUERY ? "there is no such query"
                                                             : "there is no such type of event",
                                        list == ACCESS_QUERY ? "такого запроса нет"
                                                             : "событий такого типа нет");
            }
        }
    }
    for (size_t i = 0; i < access->act_count; i++) {
        if (!schemas_find(schemas, slice_of(access->acts[i].type)) ||
            schemas_find(schemas, slice_of(access->acts[i].type))->personal)
            return access_fault(err, file, "four_eyes", access->acts[i].type,
                                "must be a type of event without personal data",
                                "нужен тип событий без персональных данных");
    }
    return ERR_OK;
}

// --- the whole ----------------------------------------------------------------------------------

static enum err_code read_file(struct access *access, struct json_doc *doc, const char *file,
                               enum err_code (*read)(struct access *, const struct json *,
                                                     const char *, struct err *),
                               struct err *err)
{
    const struct json *tree = yaml_read(doc, file, err);

    if (!tree)
        return err->code == ERR_OK ? ERR_INVALID : err->code;
    json_write_canonical(&access->said, tree);
    if (tree->type != JSON_OBJECT)
        return access_fault(err, file, "", "1", "the file is empty, so nobody could do anything",
                            "файл пуст, никто ничего не мог бы делать");
    return read(access, tree, file, err);
}

struct access *access_read(const struct access_files *files, struct err *err)
{
    struct json_doc *doc = json_doc_new();
    struct access *access = mem_alloc(sizeof *access);

    access->holders = 1;
    err_clear(err);
    if (read_file(access, doc, files->roles, read_roles_file, err) != ERR_OK ||
        (files->schemas && check_names(access, files->schemas, files->roles, err) != ERR_OK) ||
        (files->keys && *files->keys &&
         read_file(access, doc, files->keys, access_read_keys, err) != ERR_OK) ||
        (files->persons && *files->persons &&
         (access_check_persons_file(files->persons, err) != ERR_OK ||
          read_file(access, doc, files->persons, access_read_persons, err) != ERR_OK))) {
        access_free(access);
        access = NULL;
    }
    if (access)
        crypto_sha256(access->said.data, access->said.length, access->digest);
    json_doc_free(doc);
    return access;
}

void access_free_role(struct access_role *role)
{
    for (int list = 0; list < ACCESS_LISTS; list++) {
        access_free_list(role->lists[list]);
        access_free_list(role->own[list]);
    }
    free(role->name);
}

static void free_holders(struct access_holders *holders)
{
    for (size_t i = 0; i < holders->count; i++) {
        struct access_holder *holder = &holders->items[i];

        for (size_t k = 0; holder->narrow && k < holder->role_count; k++)
            access_free_role(&holder->narrow[k]);
        free(holder->narrow);
        free(holder->public_key);
        free(holder->name);
    }
    free(holders->items);
}

struct access *access_hold(struct access *access)
{
    access->holders++;
    return access;
}

void access_free(struct access *access)
{
    if (!access || --access->holders > 0)
        return;
    for (size_t i = 0; i < access->role_count; i++)
        access_free_role(&access->roles[i]);
    free(access->roles);
    free_holders(&access->users);
    free_holders(&access->groups);
    free_holders(&access->keys);
    free_holders(&access->loopback);
    access_free_list(access->shared);
    for (size_t i = 0; i < access->act_count; i++) {
        json_doc_free(access->acts[i].doc);
        free(access->acts[i].type);
    }
    free(access->acts);
    access_free_persons(access);
    buf_fini(&access->said);
    free(access);
}
