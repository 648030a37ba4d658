// The broker without its sockets: opened, driven and ended as busd/daemon.c and daemon_loop.c do it,
// on the file system that fails (tests/lib/fault_vfs.h).
#pragma once

#include "busd/batch.h"
#include "busd/engine_desks.h"
#include "busd/engine_etas.h"
#include "busd/engine_timer.h"
#include "busd/import.h"

struct sim;
struct sim_request;

enum {
    SIM_WAITING = 64, // requests of one batch
    SIM_PHONES = 40,  // from which people call
};
// Hours a year without supply, by reliability category, and how long before them a warning is said.
enum { SIM_YEAR_H = 24, SIM_YEAR_1_H = 12, SIM_YEAR_2_H = 18, SIM_YEAR_NEAR_H = 4 };
// The desk of the first substation has somebody behind it.
#define SIM_DESK        "north"
#define SIM_DESK_NEXT   "rest"
#define SIM_DESK_SENIOR "petrova"
#define SIM_IMPORTER    "pult:user:admin"
enum sim_hold { SIM_FREE, SIM_HELD, SIM_HOLD_UNKNOWN };

struct sim_broker {
    char *directory;
    bool up, replay;
    bool predicts; // incidents follow the grouping of calls
    bool settled;  // they did, and neither network nor rules changed since
    bool full;     // the disk is, until sim_broker_free_space()
    struct store *store;
    struct journal *journal;
    struct engine *engine;
    struct network *network;
    struct imports *imports;
    struct batch batch;
    struct engine_desks desks;
    struct engine_etas etas;
    int64_t clock_ms;
    struct publish *waiting[SIM_WAITING];
    size_t waiting_count;
    int64_t starts, cuts;
    enum sim_hold held[SIM_PHONES]; // as answered
};

// Before the first seed and after the last, once a process. False with `err`.
bool sim_broker_prepare(struct err *err);
void sim_broker_done(void);
const struct engine_timers *sim_broker_timers(void);

// company.c
void sim_make_desks(struct sim *sim);
void sim_make_etas(struct sim *sim);

void sim_broker_make(struct sim *sim); // a new, empty directory; not open yet
void sim_broker_fini(struct sim *sim); // everything, directory too

// Starts it, with a fault planned or not; again and again while that fault keeps it from starting.
void sim_broker_start(struct sim *sim, bool faults);
void sim_broker_stop(struct sim *sim); // in order
void sim_broker_kill(struct sim *sim); // what was written stays
void sim_broker_free_space(struct sim *sim);

int64_t sim_broker_now_ms(const struct sim *sim);
int64_t sim_broker_stamp_ms(struct sim *sim); // of an act: no later one is recorded before
// Behind an act that was a batch of its own: what it made true is told, unless the disk failed.
void sim_broker_done_own(struct sim *sim, enum err_code code);
// Takes a request as `publish` does: answered at once when it cannot be read.
void sim_broker_publish(struct sim *sim, const struct sim_request *request);
void sim_broker_commit(struct sim *sim); // what waits
void sim_broker_tick(struct sim *sim);   // deadlines until now
void sim_broker_idle(struct sim *sim);
void sim_broker_pass(struct sim *sim, int64_t to_ms); // a replay clock alone
void sim_broker_reload(struct sim *sim);              // with other rules of grouping
// One file; its rows become true, or ERR_* and nothing does.
enum err_code sim_broker_import(struct sim *sim, const char *kind, const struct buf *csv);
