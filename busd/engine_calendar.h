// Working days as data: the engine knows no time zone and no holidays. busd/calendar.h makes them.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct engine_calendar {
    struct engine_day {
        int64_t starts_ms, ends_ms; // of the company's clock, in UTC
    } * days;                       // the working ones, ascending
    size_t count;
};

// The beginning of the working day that lies `days` (from 1) before the day of `at_ms`. A term in working
// days counts neither the day that it ends with nor days off. Before the first day that the calendar
// has, each further one is a day of 24 h.
int64_t engine_calendar_before(const struct engine_calendar *calendar, int64_t at_ms, int64_t days);
