// Keys of CURVE, ZeroMQ's encryption: how they are made, checked, written and read.
//
// A key file is a ZeroMQ certificate, as pyzmq's zmq.auth and czmq's zcert read and write them: NAME.key
// holds the public key, NAME.key_secret both, in lines `public-key = "…"` and `secret-key = "…"` (40
// characters of Z85). A secret one belongs to its reader or to root and to nobody else: mode 0600 or
// 0400, no link; anything else is refused.
#pragma once

#include "lib/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { CURVE_TEXT_BYTES = 41, CURVE_KEY_BYTES = 32 };

struct curve_pair {
    char public_key[CURVE_TEXT_BYTES], secret_key[CURVE_TEXT_BYTES];
};

void curve_generate(struct curve_pair *pair);
void curve_wipe(struct curve_pair *pair);
bool curve_is_key(const char *text);
void curve_to_text(const uint8_t key[CURVE_KEY_BYTES], char text[CURVE_TEXT_BYTES]);

// Writes both files of a new name into a directory. Files that are there are never replaced: ERR_CONFLICT. ERR_INVALID for a name that is no plain file's.
enum err_code curve_write(const char *directory, const char *name, const struct curve_pair *pair,
                          struct err *err);
// ERR_NOT_FOUND, ERR_INVALID for a file without keys, ERR_DENIED for one that others may read.
enum err_code curve_read(const char *file, struct curve_pair *pair, struct err *err);
// The public key that `text` is, or that stands in the file of that name (NAME.key).
enum err_code curve_read_public(const char *text, char key[CURVE_TEXT_BYTES], struct err *err);
