// Digests, keyed digests and one AEAD, all from libcrypto. Nothing here fails but the random source
// and opening a ciphertext.
#pragma once

#include "lib/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CRYPTO_DIGEST_BYTES = 32, CRYPTO_KEY_BYTES = 32, CRYPTO_SEAL_EXTRA_BYTES = 12 + 16 };

void crypto_sha256(const void *data, size_t length, uint8_t digest[CRYPTO_DIGEST_BYTES]);
// SHA-256(a ‖ b): the chain's step.
void crypto_sha256_pair(struct slice a, struct slice b, uint8_t digest[CRYPTO_DIGEST_BYTES]);
void crypto_hmac(const uint8_t key[CRYPTO_KEY_BYTES], const void *data, size_t length,
                 uint8_t digest[CRYPTO_DIGEST_BYTES]);
// A key for one purpose out of the master key (HMAC of the label).
void crypto_derive(const uint8_t master[CRYPTO_KEY_BYTES], const char *label,
                   uint8_t key[CRYPTO_KEY_BYTES]);
void crypto_random(void *data, size_t length); // aborts when the system has no random source

// AES-256-GCM. `sealed` holds length + CRYPTO_SEAL_EXTRA_BYTES: nonce ‖ ciphertext ‖ tag.
// `bound` is authenticated, not stored (the event's sequence: a ciphertext cannot be moved).
void crypto_seal(const uint8_t key[CRYPTO_KEY_BYTES], struct slice bound, const void *plain,
                 size_t length, uint8_t *sealed);
// False when key, bound or bytes are not the ones it was sealed with.
bool crypto_open(const uint8_t key[CRYPTO_KEY_BYTES], struct slice bound, const uint8_t *sealed,
                 size_t sealed_length, uint8_t *plain);

void crypto_hex(const uint8_t *data, size_t length, char *text); // 2 * length + NUL
bool crypto_unhex(const char *text, size_t text_length, uint8_t *data, size_t length);
// PINs: "scrypt:N:r:p:SALT:HASH", salt and hash in hex, about 50 ms and 16 MiB a check.
enum { CRYPTO_PIN_BYTES = 128 };
void crypto_pin_hash(struct slice pin, char text[CRYPTO_PIN_BYTES]);
bool crypto_pin_is_hash(const char *text);
bool crypto_pin_check(struct slice pin, const char *text);
void crypto_wipe(void *data, size_t length);
// UUIDv7 (RFC 9562) of a time: 36 characters and NUL.
void crypto_uuid7(int64_t time_ms, char text[37]);
