// config/timers.yaml: the values, grounds and repeats of the engine's deadlines, one section a row of
// ENGINE_TIMERS, from which the file itself is printed.
//
// A row for a kind of record that there is not yet is refused when the file is read: nobody may
// believe that a deadline is watched which is not.
#pragma once

#include "busd/engine_timer.h"
#include "lib/buf.h"
#include "lib/err.h"

// Reads `file`, NULL = the defaults alone. Whatever happens, `timers` goes to timers_fini().
enum err_code timers_read(struct engine_timers *timers, const char *file, struct err *err);
void timers_fini(struct engine_timers *timers);
void timers_print(struct buf *out); // config/timers.yaml
