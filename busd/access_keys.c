// keys.yaml: the clients that come over TCP.
#include "busd/access_private.h"

#include "lib/curve.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

// The entries that both lists allow: of two prefixes that overlap the longer one.
static char **intersect(char **list, char **types)
{
    char **both;
    size_t count = 0, most = 0;

    for (char **entry = list; entry && *entry; entry++)
        for (char **type = types; *type; type++)
            most++;
    both = mem_alloc((most + 1) * sizeof *both);
    for (char **entry = list; entry && *entry; entry++) {
        for (char **type = types; *type; type++) {
            bool open, type_open;
            struct slice allowed = access_entry_prefix(*entry, &open);
            struct slice wanted = access_entry_prefix(*type, &type_open);

            if (open ? slice_begins(wanted, allowed) : !type_open && slice_equal(wanted, allowed))
                both[count++] = mem_string(*type);
            else if (type_open && slice_begins(allowed, wanted))
                both[count++] = mem_string(*entry);
        }
    }
    return both;
}

// A key's own copies of its roles, with nothing in them but its types. The feed is every type.
static void narrow_roles(struct access_holder *key, char **types)
{
    key->narrow = mem_alloc(key->role_count * sizeof *key->narrow);
    for (size_t i = 0; i < key->role_count; i++) {
        const struct access_role *role = key->roles[i];
        struct access_role *narrow = &key->narrow[i];
        char *all[] = {(char[]){"*"}, NULL};

        *narrow = (struct access_role){.name = mem_string(role->name)};
        memcpy(narrow->switches, role->switches, sizeof narrow->switches);
        narrow->switches[ACCESS_FEED] = false;
        for (int list = 0; list < ACCESS_LISTS; list++) {
            char **within = list == ACCESS_QUERY ? all : types;

            narrow->lists[list] = intersect(role->lists[list], within);
            if (role->own[list])
                narrow->own[list] = intersect(role->own[list], within);
        }
        key->roles[i] = narrow;
    }
}

static enum err_code read_key(struct access *access, const struct json *entry, const char *file,
                              struct err *err)
{
    struct access_holder *key =
        access_add_holder(&access->keys, ACCESS_HOLDER_KEY, entry->key.data);
    const char *public_key = json_c_string(json_get(entry, "public"));
    const struct json *types = json_get(entry, "types");
    char **list = NULL;

    for (const struct json *member = entry->first; member; member = member->next) {
        if (!slice_is_word(member->key, "public roles types"))
            return access_fault(err, file, key->name, member->key.data,
                                "is not known here; a key has public, roles and perhaps types",
                                "такого поля нет; у ключа есть public, roles и, может быть, types");
    }
    if (!public_key || !curve_is_key(public_key))
        return access_fault(err, file, key->name, "public",
                            "must be the 40 characters that `pult keygen` prints, in quotes",
                            "нужны 40 знаков, которые печатает pult keygen, в кавычках");
    for (size_t i = 0; i + 1 < access->keys.count; i++) {
        if (strcmp(access->keys.items[i].public_key, public_key) == 0)
            return access_fault(err, file, key->name, "public", "stands for another name already",
                                "этот ключ уже записан под другим именем");
    }
    key->public_key = mem_string(public_key);
    if (access_read_holder_roles(access, json_get(entry, "roles"), key, "keys", file, err) !=
        ERR_OK)
        return err->code;
    if (!types)
        return ERR_OK;
    if (access_read_list(types, &list, file, key->name, err) == ERR_OK)
        narrow_roles(key, list);
    access_free_list(list);
    return err->code;
}

enum err_code access_read_keys(struct access *access, const struct json *tree, const char *file,
                               struct err *err)
{
    const struct json *keys = json_get(tree, "keys");

    if (!keys || tree->count != 1 || keys->type != JSON_OBJECT)
        return access_fault(err, file, "", "keys",
                            "must be the one section, and hold NAME: {public, roles}",
                            "должен быть один раздел keys с записями ИМЯ: {public, roles}");
    access->keys.items = mem_alloc((keys->count + 1) * sizeof *access->keys.items);
    for (const struct json *entry = keys->first; entry; entry = entry->next) {
        if (entry->type != JSON_OBJECT)
            return access_fault(err, file, "keys", entry->key.data, "must be {public, roles}",
                                "нужно {public, roles}");
        if (read_key(access, entry, file, err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}
