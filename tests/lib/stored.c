#include "tests/lib/stored.h"

#include "lib/crypto.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

static char *bytes_of(int64_t sequence, size_t length)
{
    char *bytes = mem_alloc(length + 1);

    for (size_t i = 0; i < length; i++)
        bytes[i] = (char)('a' + (sequence * 31 + (int64_t)i * 7) % 26);
    return bytes;
}

enum err_code stored_append(struct store *store, int64_t sequence, size_t length, const char *topic,
                            const char *identity, struct err *err)
{
    uint8_t chain[STORE_CHAIN_BYTES], digest[STORE_MARKED_BYTES] = {0};
    char id[32], *bytes = bytes_of(sequence, length);

    crypto_sha256(&sequence, sizeof(sequence), chain);
    crypto_sha256(chain, sizeof(chain), digest);
    snprintf(id, sizeof(id), "id-%lld", (long long)sequence);
    enum err_code code = store_append(store,
                                      &(struct store_event){.sequence = sequence,
                                                            .topic = slice_of(topic),
                                                            .bytes = {bytes, length},
                                                            .chain = chain,
                                                            .identity = slice_of(identity),
                                                            .id = slice_of(id),
                                                            .digest = digest},
                                      err);
    free(bytes);
    return code;
}

bool stored_check(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                  const uint8_t chain[STORE_CHAIN_BYTES])
{
    struct stored_reading *reading = context;
    uint8_t expected[STORE_CHAIN_BYTES];
    char *expected_bytes = bytes_of(sequence, bytes.length);

    crypto_sha256(&sequence, sizeof(sequence), expected);
    if (sequence != reading->next++ || topic.length == 0 ||
        memcmp(bytes.data, expected_bytes, bytes.length) != 0 ||
        memcmp(chain, expected, sizeof(expected)) != 0)
        reading->wrong = true;
    free(expected_bytes);
    return reading->stop_after == 0 || --reading->stop_after > 0;
}
