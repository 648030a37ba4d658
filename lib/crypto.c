#include "lib/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NONCE_BYTES = 12, TAG_BYTES = 16 };

// Algorithms are looked up once (EVP_MD_fetch walks the providers, which costs more than hashing an
// event), contexts once a thread.
static struct {
    EVP_MD *sha256;
    EVP_MAC *hmac;
    EVP_CIPHER *gcm;
    pthread_key_t contexts;
} algorithms;
static pthread_once_t algorithms_fetched = PTHREAD_ONCE_INIT;

struct contexts {
    EVP_MD_CTX *digest;
    EVP_MAC_CTX *mac;
    EVP_CIPHER_CTX *cipher;
    uint8_t mac_key[CRYPTO_KEY_BYTES]; // what `mac` is set up with
    bool mac_keyed;
};

// With these algorithms and sizes libcrypto fails only without memory or when it is broken.
static void must(int ok)
{
    if (ok != 1) {
        fputs("libcrypto failed\n", stderr);
        abort();
    }
}

static void free_contexts(void *data)
{
    struct contexts *contexts = data;

    EVP_MD_CTX_free(contexts->digest);
    EVP_MAC_CTX_free(contexts->mac);
    EVP_CIPHER_CTX_free(contexts->cipher);
    OPENSSL_cleanse(contexts, sizeof *contexts);
    OPENSSL_free(contexts);
}

// Thread destructors do not run for the thread that ends the process.
static void free_algorithms(void)
{
    struct contexts *contexts = pthread_getspecific(algorithms.contexts);

    if (contexts)
        free_contexts(contexts);
    pthread_setspecific(algorithms.contexts, NULL);
    EVP_MD_free(algorithms.sha256);
    EVP_MAC_free(algorithms.hmac);
    EVP_CIPHER_free(algorithms.gcm);
}

static void fetch_algorithms(void)
{
    algorithms.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    algorithms.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    algorithms.gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    must(algorithms.sha256 && algorithms.hmac && algorithms.gcm);
    must(pthread_key_create(&algorithms.contexts, free_contexts) == 0);
    must(OPENSSL_atexit(free_algorithms));
}

static struct contexts *contexts(void)
{
    pthread_once(&algorithms_fetched, fetch_algorithms);
    struct contexts *own = pthread_getspecific(algorithms.contexts);
    if (own)
        return own;

    char digest[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    own = OPENSSL_zalloc(sizeof *own);
    must(own != NULL);
    own->digest = EVP_MD_CTX_new();
    own->mac = EVP_MAC_CTX_new(algorithms.hmac);
    own->cipher = EVP_CIPHER_CTX_new();
    must(own->digest && own->mac && own->cipher);
    must(EVP_MAC_CTX_set_params(own->mac, parameters));
    must(pthread_setspecific(algorithms.contexts, own) == 0);
    return own;
}

void crypto_sha256(const void *data, size_t length, uint8_t digest[CRYPTO_DIGEST_BYTES])
{
    crypto_sha256_pair((struct slice){data, length}, (struct slice){0}, digest);
}

void crypto_sha256_pair(struct slice a, struct slice b, uint8_t digest[CRYPTO_DIGEST_BYTES])
{
    EVP_MD_CTX *context = contexts()->digest;

    must(EVP_DigestInit_ex2(context, algorithms.sha256, NULL));
    must(EVP_DigestUpdate(context, a.data, a.length));
    must(EVP_DigestUpdate(context, b.data, b.length));
    must(EVP_DigestFinal_ex(context, digest, NULL));
}

void crypto_hmac(const uint8_t key[CRYPTO_KEY_BYTES], const void *data, size_t length,
                 uint8_t digest[CRYPTO_DIGEST_BYTES])
{
    struct contexts *own = contexts();
    EVP_MAC_CTX *context = own->mac;
    size_t written;

    // A thread mostly stays with one key: setting it up costs as much as hashing an event's third.
    if (own->mac_keyed && memcmp(own->mac_key, key, CRYPTO_KEY_BYTES) == 0) {
        must(EVP_MAC_init(context, NULL, 0, NULL));
    } else {
        must(EVP_MAC_init(context, key, CRYPTO_KEY_BYTES, NULL));
        memcpy(own->mac_key, key, CRYPTO_KEY_BYTES);
        own->mac_keyed = true;
    }
    must(EVP_MAC_update(context, data, length));
    must(EVP_MAC_final(context, digest, &written, CRYPTO_DIGEST_BYTES));
}

void crypto_derive(const uint8_t master[CRYPTO_KEY_BYTES], const char *label,
                   uint8_t key[CRYPTO_KEY_BYTES])
{
    crypto_hmac(master, label, strlen(label), key);
}

void crypto_random(void *data, size_t length)
{
    if (RAND_bytes_ex(NULL, data, length, 0) != 1) {
        fputs("the system has no random source\n", stderr);
        abort();
    }
}

static int whole(size_t length)
{
    must(length <= INT32_MAX);
    return (int)length;
}

void crypto_seal(const uint8_t key[CRYPTO_KEY_BYTES], struct slice bound, const void *plain,
                 size_t length, uint8_t *sealed)
{
    EVP_CIPHER_CTX *context = contexts()->cipher;
    uint8_t *text = sealed + NONCE_BYTES;
    int written;

    // 2^32 seals under one key stay below NIST's bound for random nonces (SP 800-38D §8.3).
    crypto_random(sealed, NONCE_BYTES);
    must(EVP_EncryptInit_ex2(context, algorithms.gcm, key, sealed, NULL));
    if (bound.length > 0)
        must(EVP_EncryptUpdate(context, NULL, &written, (const uint8_t *)bound.data,
                               whole(bound.length)));
    if (length > 0)
        must(EVP_EncryptUpdate(context, text, &written, plain, whole(length)));
    must(EVP_EncryptFinal_ex(context, text + length, &written));
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, text + length));
    must(EVP_CIPHER_CTX_reset(context)); // no key stays behind
}

bool crypto_open(const uint8_t key[CRYPTO_KEY_BYTES], struct slice bound, const uint8_t *sealed,
                 size_t sealed_length, uint8_t *plain)
{
    EVP_CIPHER_CTX *context = contexts()->cipher;
    uint8_t tag[TAG_BYTES];
    int written;

    if (sealed_length < CRYPTO_SEAL_EXTRA_BYTES)
        return false;
    size_t length = sealed_length - CRYPTO_SEAL_EXTRA_BYTES;
    memcpy(tag, sealed + NONCE_BYTES + length, TAG_BYTES);
    must(EVP_DecryptInit_ex2(context, algorithms.gcm, key, sealed, NULL));
    if (bound.length > 0)
        must(EVP_DecryptUpdate(context, NULL, &written, (const uint8_t *)bound.data,
                               whole(bound.length)));
    if (length > 0)
        must(EVP_DecryptUpdate(context, plain, &written, sealed + NONCE_BYTES, whole(length)));
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag));
    bool genuine = EVP_DecryptFinal_ex(context, plain + length, &written) == 1;
    must(EVP_CIPHER_CTX_reset(context));
    if (!genuine && length > 0)
        OPENSSL_cleanse(plain, length);
    return genuine;
}

void crypto_hex(const uint8_t *data, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        *text++ = digits[data[i] >> 4];
        *text++ = digits[data[i] & 15];
    }
    *text = '\0';
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool crypto_unhex(const char *text, size_t text_length, uint8_t *data, size_t length)
{
    if (text_length != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        data[i] = (uint8_t)(high * 16 + low);
    }
    return true;
}

void crypto_wipe(void *data, size_t length)
{
    OPENSSL_cleanse(data, length);
}

void crypto_uuid7(int64_t time_ms, char text[37])
{
    static const int groups[] = {4, 2, 2, 2, 6};
    uint8_t bytes[16];
    const uint8_t *at = bytes;

    crypto_random(bytes + 6, sizeof bytes - 6);
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)((uint64_t)time_ms >> (40 - 8 * i));
    bytes[6] = (uint8_t)(0x70 | (bytes[6] & 0x0F));
    bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3F));
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        crypto_hex(at, (size_t)groups[i], text);
        text += 2 * groups[i];
        at += groups[i];
        *text++ = '-';
    }
    text[-1] = '\0';
}

enum { PIN_SALT_BYTES = 16, PIN_COST = 16384, PIN_BLOCK = 8, PIN_LANES = 1 };
static const size_t pin_memory_bytes = 64 * 1024 * 1024;

struct pin {
    uint64_t cost, block, lanes;
    uint8_t salt[PIN_SALT_BYTES], hash[CRYPTO_DIGEST_BYTES];
};

static bool read_pin(const char *text, struct pin *pin)
{
    char salt[2 * PIN_SALT_BYTES + 1], hash[2 * CRYPTO_DIGEST_BYTES + 1];
    unsigned cost, block, lanes;
    int end = 0;

    if (sscanf(text, "scrypt:%6u:%2u:%2u:%32[0-9a-f]:%64[0-9a-f]%n", &cost, &block, &lanes, salt,
               hash, &end) != 5 ||
        text[end] != '\0' || cost < 1024 || cost > 32768 || (cost & (cost - 1)) != 0 || block < 1 ||
        block > 8 || lanes < 1 || lanes > 4)
        return false;
    *pin = (struct pin){.cost = cost, .block = block, .lanes = lanes};
    return crypto_unhex(salt, strlen(salt), pin->salt, sizeof pin->salt) &&
           crypto_unhex(hash, strlen(hash), pin->hash, sizeof pin->hash);
}

static void derive_pin(struct slice text, const struct pin *pin, uint8_t hash[CRYPTO_DIGEST_BYTES])
{
    must(EVP_PBE_scrypt(text.data ? text.data : "", text.length, pin->salt, sizeof pin->salt,
                        pin->cost, pin->block, pin->lanes, pin_memory_bytes, hash,
                        CRYPTO_DIGEST_BYTES));
}

void crypto_pin_hash(struct slice text, char hashed[CRYPTO_PIN_BYTES])
{
    struct pin pin = {.cost = PIN_COST, .block = PIN_BLOCK, .lanes = PIN_LANES};
    char salt[2 * PIN_SALT_BYTES + 1], hash[2 * CRYPTO_DIGEST_BYTES + 1];

    crypto_random(pin.salt, sizeof pin.salt);
    derive_pin(text, &pin, pin.hash);
    crypto_hex(pin.salt, sizeof pin.salt, salt);
    crypto_hex(pin.hash, sizeof pin.hash, hash);
    snprintf(hashed, CRYPTO_PIN_BYTES, "scrypt:%d:%d:%d:%s:%s", PIN_COST, PIN_BLOCK, PIN_LANES,
             salt, hash);
}

bool crypto_pin_is_hash(const char *text)
{
    struct pin pin;

    return read_pin(text, &pin);
}

bool crypto_pin_check(struct slice text, const char *hashed)
{
    uint8_t hash[CRYPTO_DIGEST_BYTES];
    struct pin pin;

    if (!read_pin(hashed, &pin))
        return false;
    derive_pin(text, &pin, hash);
    return CRYPTO_memcmp(hash, pin.hash, sizeof hash) == 0;
}
