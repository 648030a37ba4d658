#include "busd/journal_keys.h"

#include "lib/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_PATH_BYTES = 4096 };

static enum err_code key_fault(struct err *err, enum err_code code, const char *path)
{
    int number = errno;

    return err_set(err, code, "personal_key", "The key file %s cannot be used: %s.",
                   "Файл ключа %s непригоден: %s.", path, strerror(number));
}

static void sync_parent(const char *path)
{
    char directory[KEY_PATH_BYTES];
    char *slash;

    snprintf(directory, sizeof directory, "%s", path);
    slash = strrchr(directory, '/');
    if (slash)
        *slash = '\0';
    int parent = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent >= 0) {
        fsync(parent);
        close(parent);
    }
}

static enum err_code create_file(const char *path, const uint8_t *bytes, size_t length,
                                 struct err *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (file < 0)
        return key_fault(err, ERR_UNAVAILABLE, path);
    bool written = write(file, bytes, length) == (ssize_t)length && fsync(file) == 0;
    if (close(file) != 0 || !written)
        return key_fault(err, ERR_UNAVAILABLE, path);
    sync_parent(path);
    return ERR_OK;
}

static enum err_code create_key(const char *path, struct err *err)
{
    uint8_t master[CRYPTO_KEY_BYTES];

    crypto_random(master, sizeof(master));
    enum err_code code = create_file(path, master, sizeof master, err);
    crypto_wipe(master, sizeof(master));
    return code;
}

// What a key file holds; `kept` is there after a rotation.
struct key_file {
    uint8_t master[CRYPTO_KEY_BYTES];
    uint8_t kept[3][CRYPTO_KEY_BYTES]; // digest, id, seen
};

static enum err_code read_key_file(const char *path, struct key_file *keys, bool *rotated,
                                   struct err *err)
{
    struct stat status;
    enum err_code code = ERR_OK;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (file < 0)
        return key_fault(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE, path);
    ssize_t got = read(file, keys, sizeof *keys);
    *rotated = got == (ssize_t)sizeof *keys;
    if (fstat(file, &status) != 0)
        code = key_fault(err, ERR_UNAVAILABLE, path);
    else if (status.st_mode & 077)
        code = err_set(err, ERR_DENIED, "personal_key",
                       "The key file %s is open to others; it must have mode 0600.",
                       "Файл ключа %s доступен другим; нужны права 0600.", path);
    else if (status.st_uid != geteuid() && geteuid() != 0)
        code =
            err_set(err, ERR_DENIED, "personal_key", "The key file %s belongs to another account.",
                    "Файл ключа %s принадлежит другой учётной записи.", path);
    else if (status.st_size != got || (got != CRYPTO_KEY_BYTES && !*rotated))
        code = err_set(err, ERR_INVALID, "personal_key",
                       "The key file %s does not hold %d or %zu bytes; put the right one back.",
                       "В файле ключа %s не %d и не %zu байт; верните правильный.", path,
                       CRYPTO_KEY_BYTES, sizeof *keys);
    close(file);
    return code;
}

enum err_code journal_keys_read(struct journal_keys *keys, const char *directory, int create,
                                struct err *err)
{
    char path[KEY_PATH_BYTES];

    snprintf(path, sizeof(path), "%s/personal.key", directory);
    return journal_keys_read_file(keys, path, create, err);
}

enum err_code journal_keys_read_file(struct journal_keys *keys, const char *path, int create,
                                     struct err *err)
{
    struct key_file file;
    bool rotated = false;

    if (create && access(path, F_OK) != 0) {
        enum err_code code = create_key(path, err);
        if (code != ERR_OK)
            return code;
    }
    enum err_code code = read_key_file(path, &file, &rotated, err);
    if (code == ERR_OK) {
        crypto_derive(file.master, "personal", keys->personal);
        crypto_derive(file.master, "premise", keys->premise);
        crypto_derive(file.master, "lookup", keys->lookup);
        crypto_derive(file.master, "check", keys->check);
        crypto_derive(file.master, "digest", keys->digest);
        crypto_derive(file.master, "id", keys->id);
        crypto_derive(file.master, "seen", keys->seen);
    }
    if (code == ERR_OK && rotated) {
        memcpy(keys->digest, file.kept[0], CRYPTO_KEY_BYTES);
        memcpy(keys->id, file.kept[1], CRYPTO_KEY_BYTES);
        memcpy(keys->seen, file.kept[2], CRYPTO_KEY_BYTES);
    }
    crypto_wipe(&file, sizeof file);
    return code;
}

void journal_keys_check(const struct journal_keys *keys, const char *lineage,
                        uint8_t check[CRYPTO_DIGEST_BYTES])
{
    crypto_hmac(keys->check, lineage, strlen(lineage), check);
}

static const char *next_path(const char *path, char next[KEY_PATH_BYTES])
{
    snprintf(next, KEY_PATH_BYTES, "%s.new", path);
    return next;
}

enum err_code journal_keys_write_next(const struct journal_keys *keys, const char *path,
                                      struct err *err)
{
    struct key_file file;
    char next[KEY_PATH_BYTES];

    journal_keys_drop_next(path);
    crypto_random(file.master, sizeof file.master);
    memcpy(file.kept[0], keys->digest, CRYPTO_KEY_BYTES);
    memcpy(file.kept[1], keys->id, CRYPTO_KEY_BYTES);
    memcpy(file.kept[2], keys->seen, CRYPTO_KEY_BYTES);
    enum err_code code =
        create_file(next_path(path, next), (const uint8_t *)&file, sizeof file, err);
    crypto_wipe(&file, sizeof file);
    return code;
}

enum err_code journal_keys_read_next(struct journal_keys *keys, const char *path, struct err *err)
{
    char next[KEY_PATH_BYTES];

    return journal_keys_read_file(keys, next_path(path, next), 0, err);
}

enum err_code journal_keys_take_next(const char *path, struct err *err)
{
    char next[KEY_PATH_BYTES];

    if (rename(next_path(path, next), path) != 0)
        return key_fault(err, ERR_UNAVAILABLE, path);
    sync_parent(path);
    return ERR_OK;
}

void journal_keys_drop_next(const char *path)
{
    char next[KEY_PATH_BYTES];

    unlink(next_path(path, next));
}

void journal_keys_wipe(struct journal_keys *keys)
{
    crypto_wipe(keys, sizeof(*keys));
}

void journal_keys_lookup(const struct journal_keys *keys, const char *kind, struct slice value,
                         uint8_t digest[CRYPTO_DIGEST_BYTES])
{
    struct buf text = {0};

    buf_printf(&text, "%s:", kind);
    buf_add(&text, value.data, value.length);
    crypto_hmac(keys->lookup, text.data, text.length, digest);
    crypto_wipe(text.data, text.length);
    buf_fini(&text);
}

// What a ciphertext is bound to: the number it belongs to, in decimal.
static struct slice bound_to(int64_t number, char text[24])
{
    return (struct slice){text, (size_t)snprintf(text, 24, "%lld", (long long)number)};
}

static const struct json *open_sealed(const uint8_t key[CRYPTO_KEY_BYTES], int64_t number,
                                      struct slice sealed, struct json_doc *doc)
{
    char text[24];
    struct json *tree = NULL;

    if (sealed.length < CRYPTO_SEAL_EXTRA_BYTES)
        return NULL;
    size_t length = sealed.length - CRYPTO_SEAL_EXTRA_BYTES;
    uint8_t *plain = mem_alloc(length);
    if (crypto_open(key, bound_to(number, text), (const uint8_t *)sealed.data, sealed.length,
                    plain))
        tree = json_parse(doc, (const char *)plain, length, JSON_DEPTH_DEFAULT, NULL);
    crypto_wipe(plain, length);
    free(plain);
    return tree;
}

const struct json *journal_keys_open_event(const struct journal_keys *keys, int64_t sequence,
                                           struct slice sealed, struct json_doc *doc)
{
    return open_sealed(keys->personal, sequence, sealed, doc);
}

const struct json *journal_keys_open_premise(const struct journal_keys *keys, int64_t premise,
                                             struct slice sealed, struct json_doc *doc)
{
    return open_sealed(keys->premise, premise, sealed, doc);
}

void journal_keys_seal(const uint8_t key[CRYPTO_KEY_BYTES], int64_t number, struct slice plain,
                       struct buf *sealed)
{
    char text[24];
    size_t length = plain.length + CRYPTO_SEAL_EXTRA_BYTES;
    uint8_t *bytes = mem_alloc(length);

    crypto_seal(key, bound_to(number, text), plain.data, plain.length, bytes);
    buf_add(sealed, bytes, length);
    free(bytes);
}
