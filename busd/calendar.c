#include "busd/calendar.h"

#include "lib/clock.h"
#include "lib/conf.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dates {
    char **off, **working;
};

static const struct conf_key keys[] = {
    {"off", CONF_STRINGS, offsetof(struct dates, off), "[]", 0, 0, NULL,
     "Days off that are no Saturday or Sunday: 2026-01-01."},
    {"working", CONF_STRINGS, offsetof(struct dates, working), "[]", 0, 0, NULL,
     "Saturdays and Sundays that are worked."},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys, DATE_BYTES = 11 };

static struct tm midnight(int year, int month, int day)
{
    return (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_isdst = -1};
}

// "2026-01-01" of a day that there is.
static bool is_date(const char *text)
{
    int year = 0, month = 0, day = 0;
    char again[64];

    if (strlen(text) != DATE_BYTES - 1 || sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3)
        return false;
    struct tm date = midnight(year, month, day), found;
    clock_local(clock_from_local(&date), &found);
    snprintf(again, sizeof again, "%04d-%02d-%02d", found.tm_year + 1900, found.tm_mon + 1,
             found.tm_mday);
    return strcmp(text, again) == 0 && year >= CALENDAR_FIRST_YEAR && year <= CALENDAR_LAST_YEAR;
}

static bool is_listed(char *const *dates, const char *date)
{
    for (; *dates; dates++) {
        if (strcmp(*dates, date) == 0)
            return true;
    }
    return false;
}

static enum err_code check(const struct dates *dates, const char *file, struct err *err)
{
    char *const *lists[] = {dates->off, dates->working};

    for (int list = 0; list < 2; list++) {
        for (char *const *date = lists[list]; *date; date++) {
            if (is_date(*date) && !is_listed(lists[1 - list], *date))
                continue;
            err_set(err, ERR_INVALID, "calendar",
                    "%s: \"%.40s\" is no date from %d to %d as 2026-01-01, or is off and worked at "
                    "once.",
                    "%s: «%.40s» — не дата с %d по %d год вида 2026-01-01, или день сразу и "
                    "выходной, и рабочий.",
                    file, *date, CALENDAR_FIRST_YEAR, CALENDAR_LAST_YEAR);
            err_set_path(err, "%s:1:1", file);
            return ERR_INVALID;
        }
    }
    return ERR_OK;
}

static void fill(struct engine_calendar *calendar, const struct dates *dates)
{
    size_t capacity = 0;
    struct tm at = midnight(CALENDAR_FIRST_YEAR, 1, 1), next = at;

    while (at.tm_year + 1900 <= CALENDAR_LAST_YEAR) {
        int64_t starts_ms = clock_from_local(&at);
        char date[64];

        next.tm_mday++;
        int64_t ends_ms = clock_from_local(&next);
        clock_local(starts_ms, &at);
        snprintf(date, sizeof date, "%04d-%02d-%02d", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday);
        bool weekend = at.tm_wday == 0 || at.tm_wday == 6;
        if (weekend ? is_listed(dates->working, date) : !is_listed(dates->off, date)) {
            mem_grow((void **)&calendar->days, calendar->count, &capacity, sizeof *calendar->days);
            calendar->days[calendar->count++] = (struct engine_day){starts_ms, ends_ms};
        }
        clock_local(ends_ms, &at);
        next = at;
        at.tm_isdst = next.tm_isdst = -1;
    }
}

enum err_code calendar_read(struct engine_calendar *calendar, const char *file, struct err *err)
{
    struct dates dates;
    enum err_code code = conf_read(keys, KEY_COUNT, &dates, file, err);

    *calendar = (struct engine_calendar){.count = 0};
    if (code == ERR_OK)
        code = check(&dates, file, err);
    if (code == ERR_OK)
        fill(calendar, &dates);
    conf_fini(keys, KEY_COUNT, &dates);
    return code;
}

void calendar_fini(struct engine_calendar *calendar)
{
    free(calendar->days);
    *calendar = (struct engine_calendar){.count = 0};
}
