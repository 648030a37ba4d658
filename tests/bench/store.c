// make bench-store: commits of log.entry-sized events into the store alone, by size of the page and of the
// batch. What STORE_PAGE_BYTES was chosen by.
#include "busd/store_private.h"

#include "lib/clock.h"
#include "lib/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { EVENT_BYTES = 740, IDENTITIES = 8 }; // 500 bytes of a client, and the broker's envelope

struct figures {
    double per_s, p50_us, p99_us, written_bytes;
};

static double now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double written_bytes(void)
{
    char line[100];
    double bytes = 0;
    FILE *file = fopen("/proc/self/io", "r");

    while (file && fgets(line, sizeof(line), file)) {
        long long value;
        if (sscanf(line, "wchar: %lld", &value) == 1)
            bytes = (double)value;
    }
    if (file)
        fclose(file);
    return bytes;
}

static int ascending(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void append(struct store *store, int64_t sequence)
{
    char bytes[EVENT_BYTES], identity[40], id[64];
    uint8_t digest[STORE_MARKED_BYTES] = {0}, chain[STORE_CHAIN_BYTES];
    struct err err;

    memset(bytes, 'x', sizeof(bytes));
    snprintf(identity, sizeof(identity), "pult:user:agent%d", (int)(sequence % IDENTITIES));
    snprintf(id, sizeof(id), "0193%08llx-7abc-8def-%012llx", (unsigned long long)sequence / 16,
             (unsigned long long)sequence * 2654435761U % 0xFFFFFFFFFFULL);
    crypto_sha256(&sequence, sizeof(sequence), digest);
    crypto_sha256(digest, STORE_DIGEST_BYTES, chain);
    struct store_event event = {.sequence = sequence,
                                .topic = slice_of("log.entry"),
                                .bytes = {bytes, sizeof(bytes)},
                                .chain = chain,
                                .identity = slice_of(identity),
                                .id = slice_of(id),
                                .digest = digest};
    if (store_append(store, &event, &err) != ERR_OK) {
        fprintf(stderr, "%s\n", err.message[LANGUAGE_EN]);
        exit(1);
    }
}

static struct figures measure(const char *directory, int page_bytes, int batch, int events)
{
    struct err err;
    struct store *store =
        store_open_with(directory, &(struct store_options){.page_bytes = page_bytes}, &err);
    if (!store) {
        fprintf(stderr, "%s\n", err.message[LANGUAGE_EN]);
        exit(1);
    }
    int commits = events / batch;
    double *took = calloc((size_t)commits, sizeof(*took));
    double before = written_bytes(), start = now_us();
    int64_t sequence = 0;
    for (int i = 0; i < commits; i++) {
        double begun = now_us();
        if (store_begin(store, &err) != ERR_OK)
            exit(1);
        for (int k = 0; k < batch; k++)
            append(store, ++sequence);
        if (store_commit(store, &err) != ERR_OK)
            exit(1);
        took[i] = now_us() - begun;
    }
    double elapsed = now_us() - start;
    qsort(took, (size_t)commits, sizeof(*took), ascending);
    struct figures figures = {(double)(commits * batch) / elapsed * 1e6, took[commits / 2],
                              took[commits * 99 / 100],
                              (written_bytes() - before) / (double)(commits * batch)};
    free(took);
    store_close(store);
    return figures;
}

int main(void)
{
    static const int pages[] = {4096, 8192, 16384}, batches[] = {1, 32, 400};
    char root[] = "/var/tmp/pult-bench-store-XXXXXX", command[200], json[2000] = "";
    size_t used = 0;

    if (!mkdtemp(root))
        return 1;
    printf("%6s %6s %10s %10s %10s %12s\n", "page", "batch", "events/s", "p50 us", "p99 us",
           "bytes/event");
    for (int b = 0; b < 3; b++) {
        for (int p = 0; p < 3; p++) {
            char directory[100];
            snprintf(directory, sizeof(directory), "%s/%d-%d", root, pages[p], batches[b]);
            struct figures is =
                measure(directory, pages[p], batches[b], batches[b] == 1 ? 5000 : 60000);
            printf("%6d %6d %10.0f %10.0f %10.0f %12.0f\n", pages[p], batches[b], is.per_s,
                   is.p50_us, is.p99_us, is.written_bytes);
            used += (size_t)snprintf(json + used, sizeof(json) - used,
                                     "%s\"page_%d_batch_%d_per_s\":%.0f", used ? "," : "", pages[p],
                                     batches[b], is.per_s);
        }
    }
    printf("{%s}\n", json);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command) != 0;
}
