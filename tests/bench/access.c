// make bench-access: what a right costs to look up, by the delivered table: every role and every type,
// as `publish` and every delivery ask, and the worst single one.
#include "busd/access_private.h"
#include "lib/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 2000, WORST_ROUNDS = 200000, LIMIT_NS = 200 };

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void must(bool good, const struct err *err)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", err->message[LANGUAGE_EN]);
    exit(1);
}

// Keeps the compiler from leaving a look-up out.
static volatile int allowed;

static double time_of(const struct access_role *role, enum access_verb verb, struct slice topic,
                      int rounds)
{
    double begin = now_ns();

    for (int i = 0; i < rounds; i++)
        allowed += access_may_name(role, verb, topic);
    return (now_ns() - begin) / rounds;
}

int main(void)
{
    static const enum access_verb verbs[] = {ACCESS_PUBLISH, ACCESS_SUBSCRIBE};
    char share[PATH_BYTES], types[PATH_BYTES + 16], roles[PATH_BYTES + 32];
    double total = 0, worst = 0;
    size_t count = 0;
    struct err err;

    err_clear(&err);
    must(path_share(share, &err) == ERR_OK, &err);
    snprintf(types, sizeof types, "%s/schemas", share);
    snprintf(roles, sizeof roles, "%s/config/roles.yaml", share);
    struct schemas *schemas = schemas_load(types, "", &err);
    must(schemas != NULL, &err);
    struct access *access =
        access_read(&(struct access_files){.roles = roles, .schemas = schemas}, &err);
    must(access != NULL, &err);
    for (size_t r = 0; r < access->role_count; r++) {
        for (size_t t = 0; t < schemas_count(schemas); t++) {
            for (size_t v = 0; v < 2; v++) {
                struct slice topic = schemas_at(schemas, t)->topic;
                double took_ns = time_of(&access->roles[r], verbs[v], topic, ROUNDS);

                total += took_ns;
                count++;
                if (took_ns > worst) // again, longer: the first may have met somebody else's turn
                    took_ns = time_of(&access->roles[r], verbs[v], topic, WORST_ROUNDS);
                if (took_ns > worst)
                    worst = took_ns;
            }
        }
    }
    printf(
        "a rights check, %zu roles x %zu types x 2 verbs: %.0f ns, the worst %.0f ns (aim: %d)\n",
        access->role_count, schemas_count(schemas), total / (double)count, worst, LIMIT_NS);
    printf("{\"rights_check_ns\":%.1f,\"rights_check_worst_ns\":%.1f}\n", total / (double)count,
           worst);
    access_free(access);
    schemas_free(schemas);
    return total / (double)count > LIMIT_NS;
}
