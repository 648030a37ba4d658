#include "busd/journal_witness.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 200 };

static void print_line(const struct journal_keys *keys, const struct journal_witness *witness,
                       char line[LINE_BYTES])
{
    char chain[65], digest[65], what[100];
    uint8_t code[CRYPTO_DIGEST_BYTES];

    crypto_hex(witness->chain, sizeof(witness->chain), chain);
    int length = snprintf(what, sizeof(what), "%016lld %s %s", (long long)witness->sequence, chain,
                          witness->closed ? "closed" : "open");
    crypto_hmac(keys->digest, what, (size_t)length, code);
    crypto_hex(code, sizeof(code), digest);
    snprintf(line, LINE_BYTES, "%s %s\n", what, digest);
}

static void put(const struct journal_keys *keys, const char *directory, const char *name,
                const struct journal_witness *witness, bool sync)
{
    char path[PATH_BYTES], new[PATH_BYTES + 8], line[LINE_BYTES];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    snprintf(new, sizeof(new), "%s.new", path);
    print_line(keys, witness, line);
    int file = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    bool written = write(file, line, strlen(line)) == (ssize_t)strlen(line);
    if (written && sync)
        written = fsync(file) == 0;
    close(file);
    if (!written || rename(new, path) != 0)
        unlink(new);
    int parent = sync ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (parent >= 0) {
        fsync(parent);
        close(parent);
    }
}

void journal_witness_write(const struct journal_keys *keys, const char *directory, const char *name,
                           const struct journal_witness *witness)
{
    put(keys, directory, name, witness, false);
}

void journal_witness_open(const struct journal_keys *keys, const char *directory, const char *name,
                          const struct journal_witness *witness)
{
    put(keys, directory, name, witness, true);
}

int journal_witness_read(const struct journal_keys *keys, const char *directory, const char *name,
                         struct journal_witness *witness)
{
    char path[PATH_BYTES], line[LINE_BYTES] = "", expected[LINE_BYTES];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, line, sizeof(line) - 1);
    close(file);
    if (length < 17 + 64 || !crypto_unhex(line + 17, 64, witness->chain, sizeof(witness->chain)))
        return -1;
    witness->sequence = strtoll(line, NULL, 10);
    witness->closed = strncmp(line + 17 + 64, " closed ", 8) == 0;
    print_line(keys, witness, expected);
    return strcmp(line, expected) == 0 ? 1 : -1;
}
