// Time: UTC milliseconds inside, RFC 3339 with the offset of the company's zone outside.
//
// The zone is one IANA name from the configuration; clock_set_zone() installs it once in main, before
// there are threads, and the environment's TZ is never consulted. Nothing here reads the time but the two *_now_ms.
#pragma once

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { CLOCK_TEXT_BYTES = 36 };

// Before 0001-01-01 or after 9999-12-31 nothing can be written as RFC 3339.
#define CLOCK_MIN_MS INT64_C(-62135596800000)
#define CLOCK_MAX_MS INT64_C(253402300799999)

// Fails with ERR_INVALID when the zone database has no such name.
enum err_code clock_set_zone(const char *zone, struct err *err);
const char *clock_zone(void); // "UTC" before clock_set_zone()

int64_t clock_real_now_ms(void);      // UTC
int64_t clock_monotonic_now_ms(void); // for intervals; the origin means nothing

// "2026-02-28T14:03:21.250+03:00"; no fraction when it is 0. `text` holds CLOCK_TEXT_BYTES. A time
// beyond the limits is written as the limit. An offset with seconds (before about 1920) is cut to
// minutes; the instant stays exact.
void clock_format(int64_t time_ms, char *text);
// Any offset, `T`/`t`/blank as the separator, fraction cut to milliseconds, a leap second reads as :59.
bool clock_parse(const char *text, size_t length, int64_t *time_ms);

// The company's wall clock.
void clock_local(int64_t time_ms, struct tm *local);
int64_t clock_from_local(
    const struct tm *local); // a missing hour moves forward, a doubled one is the first
int clock_local_year(int64_t time_ms);
int64_t clock_year_begins_ms(int year);
