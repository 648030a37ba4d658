// build/tests/sim: runs seeds. A seed that fails is printed, and replays itself with --seed N --verbose.
#include "tests/sim/sim.h"

#include "lib/log.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MAX = 64 };

struct options {
    uint64_t first, count, jobs;
    bool verbose, twice;
};

// What a process has done; shared with the one that started it.
struct progress {
    _Atomic uint64_t seed; // under way
    uint64_t seeds, events, requests, restarts, cuts, hash;
};

static void usage(FILE *out)
{
    fputs("usage: sim [--seed N] [--seeds COUNT] [--jobs N] [--twice] [--verbose]\n"
          "  --seed N       the first seed (default 1); alone: this one\n"
          "  --seeds COUNT  so many from the first on\n"
          "  --jobs N       in so many processes\n"
          "  --twice        each seed twice: the hashes must be equal\n"
          "  --verbose      everything that happens\n",
          out);
}

static bool run_seed(const struct options *options, uint64_t seed, struct progress *progress)
{
    struct sim_result result = sim_run(seed, options->verbose);

    progress->seeds++;
    progress->events += (uint64_t)result.events;
    progress->requests += (uint64_t)result.requests;
    progress->restarts += (uint64_t)result.restarts;
    progress->cuts += (uint64_t)result.cuts;
    progress->hash ^= result.hash;
    if (options->verbose)
        printf("seed %" PRIu64 ": hash %016" PRIx64 ", %" PRId64 " events\n", seed, result.hash,
               result.events);
    if (!result.failed && options->twice) {
        struct sim_result again = sim_run(seed, false);

        if (again.hash != result.hash)
            printf("seed %" PRIu64 " gives %016" PRIx64 " and then %016" PRIx64 "\n", seed,
                   result.hash, again.hash);
        result.failed = again.hash != result.hash;
    }
    if (!result.failed)
        return true;
    if (result.said.length)
        printf("%s\n", result.said.data);
    printf("FAILED; again: build/tests/sim --seed %" PRIu64 " --verbose\n", seed);
    fflush(stdout);
    return false;
}

// Every `jobs`-th seed.
static int run_share(const struct options *options, uint64_t job, struct progress *progress)
{
    struct err err;

    if (!sim_broker_prepare(&err)) {
        fprintf(stderr, "%s\n", err.message[LANGUAGE_EN]);
        return 2;
    }
    for (uint64_t i = job; i < options->count; i += options->jobs) {
        progress->seed = options->first + i;
        if (!run_seed(options, options->first + i, progress))
            return 1;
    }
    sim_broker_done();
    return 0;
}

// The seed that a process died of.
static int ended(const struct progress *progress, int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    printf("seed %" PRIu64 ": %s\n", progress->seed, strsignal(WTERMSIG(status)));
    printf("FAILED; again: build/tests/sim --seed %" PRIu64 " --verbose\n", progress->seed);
    return 1;
}

static int run_jobs(const struct options *options, struct progress *progress)
{
    pid_t pids[JOBS_MAX];
    int worst = 0;

    for (uint64_t job = 0; job < options->jobs; job++) {
        fflush(stdout);
        pids[job] = fork();
        if (pids[job] == 0)
            _exit((fflush(stdout), run_share(options, job, &progress[job])));
    }
    for (uint64_t job = 0; job < options->jobs; job++) {
        int status = 0, code;

        if (pids[job] < 0 || waitpid(pids[job], &status, 0) < 0)
            return 2;
        code = ended(&progress[job], status);
        worst = code > worst ? code : worst;
    }
    return worst;
}

static bool read_number(const char *text, uint64_t *number)
{
    char *end;

    *number = strtoull(text, &end, 10);
    return *text && !*end;
}

static bool read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"seed", required_argument, NULL, 's'}, {"seeds", required_argument, NULL, 'n'},
        {"jobs", required_argument, NULL, 'j'}, {"twice", no_argument, NULL, 't'},
        {"verbose", no_argument, NULL, 'v'},    {NULL, 0, NULL, 0}};
    bool good = true;
    int option;

    while (good && (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 's': good = read_number(optarg, &options->first); break;
        case 'n': good = read_number(optarg, &options->count); break;
        case 'j': good = read_number(optarg, &options->jobs); break;
        case 't': options->twice = true; break;
        case 'v': options->verbose = true; break;
        default: good = false; break;
        }
    }
    return good && optind == argc && options->jobs >= 1 && options->jobs <= JOBS_MAX;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct options options = {.first = 1, .count = 1, .jobs = 1};
    struct progress *progress, sum = {.seed = 0};
    double begun = seconds();
    int worst;

    if (!read_options(argc, argv, &options)) {
        usage(stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    log_open((enum log_level)0, 0); // faults are meant
    // A disk in memory: what a power cut loses is simulated above it.
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    progress = mmap(NULL, JOBS_MAX * sizeof(*progress), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        return 2;
    worst = run_jobs(&options, progress);
    for (uint64_t job = 0; job < options.jobs; job++) {
        sum.seeds += progress[job].seeds;
        sum.events += progress[job].events;
        sum.requests += progress[job].requests;
        sum.restarts += progress[job].restarts;
        sum.cuts += progress[job].cuts;
        sum.hash ^= progress[job].hash;
    }
    printf("%" PRIu64 " seeds, %" PRIu64 " requests, %" PRIu64 " events, %" PRIu64
           " starts, %" PRIu64 " failed disks, hash %016" PRIx64 ", %.1f s%s\n",
           sum.seeds, sum.requests, sum.events, sum.restarts, sum.cuts, sum.hash, seconds() - begun,
           worst ? ", FAILED" : "");
    return worst;
}
