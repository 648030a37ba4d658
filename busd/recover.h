// What a start takes out of the store: how far time had come, and the records that are worked with. Of busd and
// of the simulation (tests/sim).
#pragma once

#include "busd/engine.h"
#include "busd/store.h"

// The recordedtime of the last event, behind which time never goes, or the replay clock's, if that is later.
enum err_code recover_clock(struct store *store, int64_t *clock_ms, struct err *err);
// Gives the engine, which has its model, everything that is open, and what was restored lately.
enum err_code recover_records(struct store *store, struct engine *engine, int64_t clock_ms,
                              struct err *err);
