// config/offices.yaml: where people are received, when, at how many windows, and how long each kind of
// visit takes. An appointment begins at a whole number of its length from the opening; it may not
// reach over the pause or the closing, and there are none on days off (config/calendar.yaml).
#pragma once

#include "busd/engine_calendar.h"
#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OFFICE_DAYS = 7, OFFICE_KINDS_MAX = 16 };

struct office_span {
    int from_minute, to_minute; // of the day; to 0 = closed
};
struct office {
    char *id, *address;
    char *name[LANGUAGE_COUNT];
    int64_t windows;
    struct office_span hours[OFFICE_DAYS]; // from Monday
    struct office_span pause;
    struct office_kind {
        char *kind;
        int minutes;
    } kinds[OFFICE_KINDS_MAX];
    size_t kind_count;
};
struct offices {
    struct office *items;
    size_t count;
    const struct engine_calendar *calendar; // not owned; NULL: no days off but by the hours
};

// Reads `file`; NULL = no offices. ERR_INVALID with a sentence and file:line:column. Whatever happens,
// `offices` goes to offices_fini().
enum err_code offices_read(struct offices *offices, const char *file, struct err *err);
void offices_fini(struct offices *offices);

const struct office *offices_find(const struct offices *offices, const char *id, size_t length);
// Minutes of a kind of visit there; 0 = it has no such kind.
int office_minutes(const struct office *office, const char *kind, size_t length);
// Whether an appointment of `minutes` may begin then.
bool office_fits(const struct offices *offices, const struct office *office, int minutes,
                 int64_t starts_ms);
// The first beginning at or after `from_ms` within 60 days; INT64_MAX = none.
int64_t office_next(const struct offices *offices, const struct office *office, int minutes,
                    int64_t from_ms);
