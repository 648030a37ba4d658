#include "lib/sign.h"

#include "lib/crypto.h"
#include "lib/mem.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_BYTES = 4096 };

struct sign_key {
    EVP_PKEY *key;
};

static enum err_code read_file(const char *file, char text[KEY_FILE_BYTES], size_t *length,
                               struct err *err)
{
    struct stat status;
    int descriptor = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        int number = errno;
        if (descriptor >= 0)
            close(descriptor);
        return err_set(err, number == ENOENT ? ERR_NOT_FOUND : ERR_INVALID, "sign_key",
                       "The key %s cannot be read: %s.", "Ключ %s не читается: %s.", file,
                       strerror(number));
    }
    ssize_t got = read(descriptor, text, KEY_FILE_BYTES);
    close(descriptor);
    if (status.st_mode & 077)
        return err_set(err, ERR_DENIED, "sign_key",
                       "The key %s is open to others; it must have mode 0600.",
                       "Ключ %s доступен другим; нужны права 0600.", file);
    *length = got > 0 ? (size_t)got : 0;
    return ERR_OK;
}

struct sign_key *sign_key_read(const char *file, struct err *err)
{
    char text[KEY_FILE_BYTES];
    size_t length = 0;
    EVP_PKEY *key = NULL;

    if (read_file(file, text, &length, err) == ERR_OK) {
        BIO *bio = BIO_new_mem_buf(text, (int)length);
        key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        BIO_free(bio);
        if (!key || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
            EVP_PKEY_free(key);
            key = NULL;
            err_set(err, ERR_INVALID, "sign_key",
                    "%s is no Ed25519 key in PEM; `openssl genpkey -algorithm ed25519` makes one.",
                    "%s — не ключ Ed25519 в PEM; его создаёт `openssl genpkey -algorithm ed25519`.",
                    file);
        }
    }
    crypto_wipe(text, sizeof text);
    if (!key)
        return NULL;
    struct sign_key *sign = mem_alloc(sizeof *sign);
    sign->key = key;
    return sign;
}

void sign_key_free(struct sign_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->key); // wipes it
    free(key);
}

void sign_key_public(const struct sign_key *key, uint8_t public[SIGN_PUBLIC_BYTES])
{
    size_t length = SIGN_PUBLIC_BYTES;
    int done = EVP_PKEY_get_raw_public_key(key->key, public, &length);

    assert(done == 1 && length == SIGN_PUBLIC_BYTES);
}

void sign_make(const struct sign_key *key, struct slice text, uint8_t signature[SIGN_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t length = SIGN_BYTES;
    int done = EVP_DigestSignInit(context, NULL, NULL, NULL, key->key) == 1 &&
               EVP_DigestSign(context, signature, &length, (const unsigned char *)text.data,
                              text.length) == 1;

    assert(done && length == SIGN_BYTES);
    EVP_MD_CTX_free(context);
}
