#include "busd/journal_keys.h"

#include "lib/mem.h"

#include <errno.h>
#include <fcntl.h>
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

static enum err_code create_key(const char *path, struct err *err)
{
    uint8_t master[CRYPTO_KEY_BYTES];
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (file < 0)
        return key_fault(err, ERR_UNAVAILABLE, path);
    crypto_random(master, sizeof(master));
    bool written =
        write(file, master, sizeof(master)) == (ssize_t)sizeof(master) && fsync(file) == 0;
    crypto_wipe(master, sizeof(master));
    if (close(file) != 0 || !written)
        return key_fault(err, ERR_UNAVAILABLE, path);
    sync_parent(path);
    return ERR_OK;
}

static enum err_code read_master(const char *path, uint8_t master[CRYPTO_KEY_BYTES],
                                 struct err *err)
{
    struct stat status;
    enum err_code code = ERR_OK;
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (file < 0)
        return key_fault(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_UNAVAILABLE, path);
    if (fstat(file, &status) != 0)
        code = key_fault(err, ERR_UNAVAILABLE, path);
    else if (status.st_mode & 077)
        code = err_set(err, ERR_DENIED, "personal_key",
                       "The key file %s is open to others; it must have mode 0600.",
                       "Файл ключа %s доступен другим; нужны права 0600.", path);
    else if (status.st_size != CRYPTO_KEY_BYTES ||
             read(file, master, CRYPTO_KEY_BYTES) != CRYPTO_KEY_BYTES)
        code = err_set(err, ERR_INVALID, "personal_key",
                       "The key file %s does not hold %d bytes; put the right one back.",
                       "В файле ключа %s не %d байт; верните правильный.", path, CRYPTO_KEY_BYTES);
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
    uint8_t master[CRYPTO_KEY_BYTES];

    if (create && access(path, F_OK) != 0) {
        enum err_code code = create_key(path, err);
        if (code != ERR_OK)
            return code;
    }
    enum err_code code = read_master(path, master, err);
    if (code != ERR_OK)
        return code;
    crypto_derive(master, "personal", keys->personal);
    crypto_derive(master, "premise", keys->premise);
    crypto_derive(master, "digest", keys->digest);
    crypto_derive(master, "id", keys->id);
    crypto_derive(master, "lookup", keys->lookup);
    crypto_derive(master, "seen", keys->seen);
    crypto_wipe(master, sizeof(master));
    return ERR_OK;
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
