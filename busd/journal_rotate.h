// Another key for personal data: `pult keygen --personal`, on a journal that no busd has open.
//
// Everything that can be read with the key is sealed anew: personal fields, names and phones of
// premises, holds; the digests by which contacts are found are taken anew. After it the former key
// opens nothing. What the chain and ids are committed to by (personaldigest, digests of events, the
// access record's chain) keeps its keys, which move into the new file: journal_keys.h.
//
// A crash leaves one key or the other in force, never half: the new file stands beside the former one
// as FILE.new until the transaction that needs it was committed, and the next start sees which it is.
#pragma once

#include "lib/err.h"

#include <stdint.h>

// `key_file` NULL: DIRECTORY/personal.key. `count` gets the events and premises that were sealed anew.
// ERR_CONFLICT: a busd works on the directory.
enum err_code journal_rotate(const char *directory, const char *key_file, int64_t *count,
                             struct err *err);
