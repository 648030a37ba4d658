// A short run of the simulation. `make sim SEEDS=10000` is the long one.
#include "tests/sim/sim.h"

#include "lib/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

enum { SEEDS = 40, TWICE = 3 };

static struct sim_result run(uint64_t seed)
{
    struct sim_result result = sim_run(seed, false);

    if (result.failed)
        fail_msg("%s; again: build/tests/sim --seed %llu --verbose", buf_text(&result.said),
                 (unsigned long long)seed);
    return result;
}

// And much does: a run in which nothing goes wrong shows nothing.
static void whatever_happens_the_journal_and_the_oracle_agree(void **state)
{
    int64_t cuts = 0, restarts = 0, events = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct sim_result result = run(seed);

        cuts += result.cuts;
        restarts += result.restarts;
        events += result.events;
    }
    assert_true(cuts > SEEDS / 5);
    assert_true(restarts > 3 * SEEDS);
    assert_true(events > 200 * SEEDS);
}

static void the_same_seed_does_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= TWICE; seed++) {
        struct sim_result first = run(seed), again = run(seed);

        assert_int_equal(first.hash, again.hash);
        assert_int_equal(first.events, again.events);
    }
    assert_true(run(1).hash != run(2).hash);
}

static int set_up(void **state)
{
    struct err err;

    (void)state;
    log_open((enum log_level)0, 0); // the faults are meant
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    return !sim_broker_prepare(&err);
}

static int tear_down(void **state)
{
    (void)state;
    sim_broker_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_the_journal_and_the_oracle_agree),
        cmocka_unit_test(the_same_seed_does_the_same),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
