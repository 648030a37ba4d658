// The interruptions of a year, read from the records of incidents and works: what busd/engine_hours.h sums.
// The cost is that of the outages of that year (2 µs each), not of the journal.
#pragma once

#include "busd/engine_hours.h"
#include "lib/err.h"

struct reader;
struct store;

// Adds those that touch the time from hours->begins_ms to hours->ends_ms, incidents by number and then
// works. Of the writer: as committed, so not within a batch.
enum err_code store_read_hours(struct store *store, struct hours *hours, struct err *err);
// Of a question, within its snapshot.
enum err_code reader_read_hours(struct reader *reader, struct hours *hours, struct err *err);
