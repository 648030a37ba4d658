// Ed25519 signatures (RFC 8032), with keys as OpenSSL writes them in PEM:
//     openssl genpkey -algorithm ed25519 -out audit.pem; openssl pkey -in audit.pem -pubout
#pragma once

#include "lib/err.h"
#include "lib/slice.h"

#include <stdint.h>

enum { SIGN_BYTES = 64, SIGN_PUBLIC_BYTES = 32 };

struct sign_key;

// Reads a secret key. ERR_NOT_FOUND; ERR_DENIED when others than its owner may read the file;
// ERR_INVALID when it is no Ed25519 key.
struct sign_key *sign_key_read(const char *file, struct err *err);
void sign_key_free(struct sign_key *key); // NULL is allowed
void sign_key_public(const struct sign_key *key, uint8_t public[SIGN_PUBLIC_BYTES]);
void sign_make(const struct sign_key *key, struct slice text, uint8_t signature[SIGN_BYTES]);
