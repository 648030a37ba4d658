// Which premises passed the hours without supply of a year, said as deadlines (engine_hours.h).
//
// They are looked for at full ten minutes, and only then when by the last look somebody can have passed,
// at the latest an hour after it once anything was journalled, since a record may be corrected. A look reads the outages of the year
// (store_hours.h). It says what was passed since
// the last one that was said, whether busd was up then or not; so one event tells of all premises that an
// incident or works took past a limit within ten minutes, and the report names them.
#pragma once

#include "busd/batch.h"

// When the next look is; INT64_MAX: nobody's hours are counted.
int64_t batch_hours_due_ms(const struct batch *batch, int64_t now_ms);
// Looks, journals and commits what there is to say. How many events; -1 with `err`: rolled back.
// `*now_ms` moves on to the look's moment when that is later.
int batch_hours_look(struct batch *batch, int64_t *now_ms, struct err *err);
