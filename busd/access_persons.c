// persons.yaml: who signs on behind a shared account, and the scrypt hash of each one's PIN.
#include "busd/access_private.h"

#include "lib/crypto.h"
#include "lib/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char name_signs[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

enum err_code access_check_persons_file(const char *file, struct err *err)
{
    struct stat status;

    if (stat(file, &status) != 0)
        return err_set(err, ERR_NOT_FOUND, "file", "there is no file %s: %s", "файла %s нет: %s",
                       file, strerror(errno));
    if ((status.st_mode & 007) == 0)
        return ERR_OK;
    return err_set(err, ERR_DENIED, "file",
                   "%s holds what PINs can be guessed from and others may read it; chmod o-rwx",
                   "%s позволяет подобрать PIN, а читать его могут все; chmod o-rwx", file);
}

enum err_code access_read_persons(struct access *access, const struct json *tree, const char *file,
                                  struct err *err)
{
    const struct json *persons = json_get(tree, "persons");

    if (!persons || tree->count != 1 || persons->type != JSON_OBJECT)
        return access_fault(err, file, "", "persons",
                            "must be the one section, and hold NAME: HASH",
                            "должен быть один раздел persons со строками ИМЯ: ХЭШ");
    access->persons = mem_alloc((persons->count + 1) * sizeof *access->persons);
    for (const struct json *entry = persons->first; entry; entry = entry->next) {
        struct access_person *person = &access->persons[access->person_count++];
        const char *pin = json_c_string(entry);

        person->name = mem_string_of(entry->key.data, entry->key.length);
        if (entry->key.length >= ACCESS_PERSON_BYTES ||
            strspn(person->name, name_signs) != entry->key.length)
            return access_fault(err, file, "persons", person->name,
                                "must be of 1 to 64 Latin letters, digits, dots, dashes and "
                                "underscores",
                                "нужно от 1 до 64 латинских букв, цифр, точек, дефисов и "
                                "подчёркиваний");
        if (!pin || !crypto_pin_is_hash(pin))
            return access_fault(err, file, "persons", person->name,
                                "must be the line that `pult keygen --pin NAME` prints",
                                "нужна строка, которую печатает pult keygen --pin ИМЯ");
        person->pin = mem_string(pin);
    }
    return ERR_OK;
}

void access_free_persons(struct access *access)
{
    for (size_t i = 0; i < access->person_count; i++) {
        free(access->persons[i].name);
        free(access->persons[i].pin);
    }
    free(access->persons);
}

const struct access_person *access_find_person(const struct access *access, struct slice name)
{
    for (size_t i = 0; i < access->person_count; i++) {
        if (slice_is(name, access->persons[i].name))
            return &access->persons[i];
    }
    return NULL;
}

size_t access_person_count(const struct access *access)
{
    return access->person_count;
}

const char *access_person_name(const struct access_person *person)
{
    return person->name;
}

const char *access_person_pin(const struct access_person *person)
{
    return person->pin;
}
