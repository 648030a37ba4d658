// A simulated company for one seed, in one thread: the real engine, batches, journal and store under
// a virtual clock, on a file system that fails; people who call, dispatch, repair and plan; and an
// oracle that folds the journal by a model of its own and looks at everything the broker says.
//
//  1. Nothing comes from outside: the same seed does the same, and ends with the same hash.
//  2. The oracle believes what is told: answers and packets. After a restart it reads on in the
//     journal where it stood.
//  3. The first thing that is wrong ends the seed (sim_fail()).
//  4. At the end the faults stop; then every request must come to its answer, and `pult verify`
//     must agree.
#pragma once

#include "tests/sim/broker.h"
#include "tests/sim/chance.h"
#include "tests/sim/clients.h"
#include "tests/sim/network.h"
#include "tests/sim/oracle.h"

#include <setjmp.h>

struct sim {
    uint64_t seed;
    struct sim_chance chance;
    int64_t wall_ms; // the machine's clock, which may go back
    int step;
    bool verbose;
    struct sim_network network; // as it was last imported
    int broken;                 // node below which most callers are without power now; SIM_NO_NODE
    size_t meter_count;         // the first so many premises have one
    struct sim_network offered; // what an import under way would make it; empty when there is none
    struct sim_broker broker;
    struct sim_clients clients;
    struct oracle oracle;
    uint64_t hash; // over events, answers and records
    struct buf said;
    jmp_buf out;
};

struct sim_result {
    bool failed;
    uint64_t hash;
    int64_t events, requests, restarts, cuts;
    struct buf said; // what was wrong; the receiver's
};

// Runs one seed; with `verbose` everything that happens goes to stdout.
struct sim_result sim_run(uint64_t seed, bool verbose);

// Says what is wrong and ends the seed.
_Noreturn void sim_fail(struct sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sim_tell(const struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The import that was offered is true.
void sim_adopt_network(struct sim *sim);
void sim_hash(struct sim *sim, const void *data, size_t length);
