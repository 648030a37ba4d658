#include "busd/engine_calendar.h"

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

// How many of the days begin at `at_ms` or before.
static size_t begun(const struct engine_calendar *calendar, int64_t at_ms)
{
    size_t low = 0, high = calendar->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (calendar->days[middle].starts_ms <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t engine_calendar_before(const struct engine_calendar *calendar, int64_t at_ms, int64_t days)
{
    int64_t index = (int64_t)begun(calendar, at_ms);

    // The day of `at_ms` itself, when it is a working day.
    if (index > 0 && at_ms < calendar->days[index - 1].ends_ms)
        index--;
    index -= days;
    if (calendar->count == 0)
        return at_ms - days * day_ms;
    return index >= 0 ? calendar->days[index].starts_ms
                      : calendar->days[0].starts_ms + index * day_ms;
}
