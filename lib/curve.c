#include "lib/curve.h"

#include "lib/buf.h"
#include "lib/crypto.h"
#include "lib/slice.h"

#include <zmq.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES = 4096, FILE_PATH_BYTES = 1024, NAME_BYTES = 64 };

static const char name_signs[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

void curve_generate(struct curve_pair *pair)
{
    // It fails only where libzmq was built without CURVE, and then nothing can be made safe.
    if (zmq_curve_keypair(pair->public_key, pair->secret_key) != 0)
        abort();
}

void curve_wipe(struct curve_pair *pair)
{
    crypto_wipe(pair, sizeof *pair);
}

void curve_to_text(const uint8_t key[CURVE_KEY_BYTES], char text[CURVE_TEXT_BYTES])
{
    zmq_z85_encode(text, key, CURVE_KEY_BYTES);
}

// Written again it must be the same: some texts of 40 signs stand for no key.
bool curve_is_key(const char *text)
{
    uint8_t key[CURVE_KEY_BYTES];
    char again[CURVE_TEXT_BYTES];

    if (strlen(text) != CURVE_TEXT_BYTES - 1 || !zmq_z85_decode(key, text))
        return false;
    curve_to_text(key, again);
    return strcmp(text, again) == 0;
}

static enum err_code write_file(const char *path, mode_t mode, const struct buf *text,
                                struct err *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    bool written;

    if (file < 0 && errno == EEXIST)
        return err_set(err, ERR_CONFLICT, "exists",
                       "%s is there already; keys are never replaced: take another name",
                       "%s уже есть; ключи не перезаписываются: возьмите другое имя", path);
    if (file < 0)
        return err_set(err, ERR_UNAVAILABLE, "file", "%s cannot be written: %s",
                       "%s не записать: %s", path, strerror(errno));
    written = fchmod(file, mode) == 0 &&
              write(file, text->data, text->length) == (ssize_t)text->length && fsync(file) == 0;
    if (close(file) == 0 && written)
        return ERR_OK;
    err_set(err, ERR_UNAVAILABLE, "file", "%s cannot be written: %s", "%s не записать: %s", path,
            strerror(errno));
    unlink(path);
    return ERR_UNAVAILABLE;
}

enum err_code curve_write(const char *directory, const char *name, const struct curve_pair *pair,
                          struct err *err)
{
    char secret_path[FILE_PATH_BYTES], public_path[FILE_PATH_BYTES];
    struct buf text = {0};
    enum err_code code;

    if (!*name || *name == '.' || *name == '-' || strlen(name) > NAME_BYTES ||
        strspn(name, name_signs) != strlen(name))
        return err_set(err, ERR_INVALID, "name",
                       "a key's name has 1 to %d Latin letters, digits, dots, dashes and "
                       "underscores, and begins with a letter or digit",
                       "имя ключа — от 1 до %d латинских букв, цифр, точек, дефисов и "
                       "подчёркиваний, первой стоит буква или цифра",
                       NAME_BYTES);
    snprintf(secret_path, sizeof secret_path, "%s/%s.key_secret", directory, name);
    snprintf(public_path, sizeof public_path, "%s/%s.key", directory, name);
    if (access(public_path, F_OK) == 0)
        return err_set(err, ERR_CONFLICT, "exists",
                       "%s is there already; keys are never replaced: take another name",
                       "%s уже есть; ключи не перезаписываются: возьмите другое имя", public_path);
    buf_printf(&text, "# ZeroMQ CURVE secret certificate of %s. Show it to nobody.\nmetadata\n",
               name);
    buf_printf(&text, "curve\n    public-key = \"%s\"\n    secret-key = \"%s\"\n", pair->public_key,
               pair->secret_key);
    code = write_file(secret_path, 0600, &text, err);
    crypto_wipe(text.data, text.capacity);
    buf_clear(&text);
    buf_printf(&text, "# ZeroMQ CURVE public certificate of %s.\nmetadata\n", name);
    buf_printf(&text, "curve\n    public-key = \"%s\"\n", pair->public_key);
    if (code == ERR_OK)
        code = write_file(public_path, 0644, &text, err);
    buf_fini(&text);
    return code;
}

// What stands in quotes behind `name =`, when it is a key.
static void find_key(const char *text, const char *name, char key[CURVE_TEXT_BYTES])
{
    const char *at = strstr(text, name);
    const char *quote = at ? strchr(at, '"') : NULL;

    key[0] = '\0';
    if (!quote || strlen(quote) < CURVE_TEXT_BYTES + 1 || quote[CURVE_TEXT_BYTES] != '"')
        return;
    memcpy(key, quote + 1, CURVE_TEXT_BYTES - 1);
    key[CURVE_TEXT_BYTES - 1] = '\0';
    if (!curve_is_key(key))
        key[0] = '\0';
}

static enum err_code check_file(int file, const char *path, bool secret, struct err *err)
{
    struct stat status;

    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return err_set(err, ERR_INVALID, "key_file", "%s is no ordinary file",
                       "%s — не обычный файл", path);
    if (!secret ||
        ((status.st_mode & 077) == 0 && (status.st_uid == geteuid() || status.st_uid == 0)))
        return ERR_OK;
    return err_set(err, ERR_DENIED, "key_file",
                   "%s is a secret key that others may read, or is another account's; make it "
                   "yours alone: chmod 600",
                   "%s — секретный ключ, доступный другим или принадлежащий другой учётной записи; "
                   "закройте его: chmod 600",
                   path);
}

static enum err_code read_file(const char *path, bool secret, struct curve_pair *pair,
                               struct err *err)
{
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    char text[FILE_BYTES];
    ssize_t length;

    if (file < 0)
        return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "key_file",
                       "the key file %s cannot be read: %s", "файл ключа %s не читается: %s", path,
                       strerror(errno));
    if (check_file(file, path, secret, err) != ERR_OK) {
        close(file);
        return err->code;
    }
    length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = '\0';
    find_key(text, "public-key", pair->public_key);
    find_key(text, "secret-key", pair->secret_key);
    crypto_wipe(text, sizeof text);
    if (*pair->public_key && (!secret || *pair->secret_key))
        return ERR_OK;
    if (secret)
        return err_set(err, ERR_INVALID, "key_file",
                       "%s holds no secret key; `pult keygen NAME` makes NAME.key_secret",
                       "в файле %s нет секретного ключа; pult keygen ИМЯ создаёт ИМЯ.key_secret",
                       path);
    return err_set(err, ERR_INVALID, "key_file",
                   "%s holds no public key; `pult keygen NAME` makes NAME.key",
                   "в файле %s нет открытого ключа; pult keygen ИМЯ создаёт ИМЯ.key", path);
}

enum err_code curve_read(const char *file, struct curve_pair *pair, struct err *err)
{
    return read_file(file, true, pair, err);
}

enum err_code curve_read_public(const char *text, char key[CURVE_TEXT_BYTES], struct err *err)
{
    struct curve_pair pair;

    if (curve_is_key(text)) {
        memcpy(key, text, CURVE_TEXT_BYTES);
        return ERR_OK;
    }
    if (read_file(text, false, &pair, err) != ERR_OK)
        return err->code;
    memcpy(key, pair.public_key, CURVE_TEXT_BYTES);
    curve_wipe(&pair);
    return ERR_OK;
}
