#include "lib/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ZONE_BYTES = 64 };

#define ZONE_DIRECTORY "/usr/share/zoneinfo/"
#define DAY_S          INT64_C(86400)
#define HOUR_S         INT64_C(3600)

// libc keeps one zone a process and has no call that takes another as an argument, so the zone is
// process-wide here as well. `installs` tells the threads' caches that it has changed.
static char zone_name[ZONE_BYTES] = "UTC";
static unsigned installs;

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

// Days since 1970-01-01 of a proleptic Gregorian date, and back (Howard Hinnant's algorithms:
// years begin in March, so that the leap day is the last).
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int *year, int *month, int *day)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t of_era = days - era * 146097;
    int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    *day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = (int)(years + era * 400 + (*month <= 2));
}

enum err_code clock_set_zone(const char *zone, struct err *err)
{
    char path[sizeof ZONE_DIRECTORY + ZONE_BYTES] = ":";
    char magic[4] = "";
    size_t length = strlen(zone);

    if (length > 0 && length < ZONE_BYTES && zone[0] != '/' && !strstr(zone, "..")) {
        snprintf(path + 1, sizeof path - 1, ZONE_DIRECTORY "%s", zone);
        FILE *file = fopen(path + 1, "rbe");
        if (file) {
            if (fread(magic, sizeof magic, 1, file) != 1)
                magic[0] = '\0';
            fclose(file);
        }
    }
    if (memcmp(magic, "TZif", sizeof magic) != 0)
        return err_set(err, ERR_INVALID, "zone",
                       "There is no time zone \"%.80s\"; give a name of the IANA database, like "
                       "Europe/Moscow (package tzdata).",
                       "Часового пояса «%.80s» нет; укажите имя из базы IANA, например "
                       "Europe/Moscow (пакет tzdata).",
                       zone);
    setenv("TZ", path, 1);
    tzset();
    memcpy(zone_name, zone, length + 1);
    installs++;
    return ERR_OK;
}

const char *clock_zone(void)
{
    return zone_name;
}

static int64_t now_ms(clockid_t which)
{
    struct timespec now;

    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_real_now_ms(void)
{
    return now_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_now_ms(void)
{
    return now_ms(CLOCK_MONOTONIC);
}

static void local_of_seconds(int64_t seconds, struct tm *local)
{
    time_t when = seconds;

    if (installs > 0)
        localtime_r(&when, local);
    else
        gmtime_r(&when, local);
}

static int64_t ask_offset(int64_t seconds)
{
    struct tm local;

    local_of_seconds(seconds, &local);
    return local.tm_gmtoff;
}

// The zone's offset in seconds. localtime_r takes a lock and 150 ns, and an event needs it twice, so
// a thread keeps the last hour's when it is the same at both ends of that hour.
static int64_t offset_at(int64_t seconds)
{
    static _Thread_local struct {
        int64_t hour, offset;
        unsigned installs;
    } kept = {.hour = INT64_MIN};
    int64_t hour = floor_div(seconds, HOUR_S);

    if (kept.hour == hour && kept.installs == installs)
        return kept.offset;
    int64_t offset = ask_offset(hour * HOUR_S);
    if (offset != ask_offset(hour * HOUR_S + HOUR_S - 1))
        return ask_offset(seconds);
    kept.hour = hour;
    kept.offset = offset;
    kept.installs = installs;
    return offset;
}

// Writes `count` digits and what stands behind them; returns the next place.
static char *put(char *at, int value, int count, char after)
{
    for (int i = count - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    at[count] = after;
    return at + count + 1;
}

static bool writable(int64_t seconds)
{
    return seconds >= CLOCK_MIN_MS / 1000 && seconds <= CLOCK_MAX_MS / 1000;
}

void clock_format(int64_t time_ms, char *text)
{
    int year, month, day;

    if (time_ms < CLOCK_MIN_MS)
        time_ms = CLOCK_MIN_MS;
    if (time_ms > CLOCK_MAX_MS)
        time_ms = CLOCK_MAX_MS;
    int64_t seconds = floor_div(time_ms, 1000);
    int fraction_ms = (int)(time_ms - seconds * 1000);
    int offset_min = (int)(offset_at(seconds) / 60);
    if (!writable(seconds + offset_min * 60)) // the offset would lead into the year 0 or 10000
        offset_min = 0;
    seconds += offset_min * 60;

    int64_t days = floor_div(seconds, DAY_S);
    int second = (int)(seconds - days * DAY_S);
    date_of(days, &year, &month, &day);
    text = put(text, year, 4, '-');
    text = put(text, month, 2, '-');
    text = put(text, day, 2, 'T');
    text = put(text, second / 3600, 2, ':');
    text = put(text, second / 60 % 60, 2, ':');
    text = put(text, second % 60, 2, '.');
    if (fraction_ms > 0)
        text = put(text, fraction_ms, 3, '+');
    text[-1] = offset_min < 0 ? '-' : '+';
    text = put(text, abs(offset_min) / 60, 2, ':');
    put(text, abs(offset_min) % 60, 2, '\0');
}

// Reads exactly `count` digits and one of the characters behind them ("" = nothing is wanted).
static bool take(const char **at, const char *end, int count, const char *after, int *value)
{
    *value = 0;
    if (end - *at < count + (*after ? 1 : 0))
        return false;
    for (int i = 0; i < count; i++, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        *value = *value * 10 + (**at - '0');
    }
    if (!*after)
        return true;
    return *(*at)++ != '\0' && strchr(after, (*at)[-1]);
}

static bool take_offset(const char **at, const char *end, int *offset_min)
{
    int hours, minutes;

    *offset_min = 0;
    if (*at == end)
        return false;
    char sign = *(*at)++;
    if (sign == 'Z' || sign == 'z')
        return true;
    if ((sign != '+' && sign != '-') || !take(at, end, 2, ":", &hours) ||
        !take(at, end, 2, "", &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_min = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

static bool take_fraction(const char **at, const char *end, int *fraction_ms)
{
    int weight = 100;

    *fraction_ms = 0;
    if (*at == end || **at != '.')
        return true;
    const char *first = ++*at;
    for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
        *fraction_ms += (**at - '0') * weight;
        weight /= 10;
    }
    return *at > first;
}

static int month_days(int year, int month)
{
    static const char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
        return 29;
    return days[month - 1];
}

bool clock_parse(const char *text, size_t length, int64_t *time_ms)
{
    const char *at = text;
    const char *end = text + length;
    int year, month, day, hour, minute, second, fraction_ms, offset_min;

    if (!take(&at, end, 4, "-", &year) || !take(&at, end, 2, "-", &month) ||
        !take(&at, end, 2, "Tt ", &day) || !take(&at, end, 2, ":", &hour) ||
        !take(&at, end, 2, ":", &minute) || !take(&at, end, 2, "", &second) ||
        !take_fraction(&at, end, &fraction_ms) || !take_offset(&at, end, &offset_min) || at != end)
        return false;
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month) || hour > 23 ||
        minute > 59 || second > 60)
        return false;
    bool leap = second == 60;
    int64_t seconds = days_of(year, month, day) * DAY_S + hour * HOUR_S +
                      (minute - offset_min) * 60 + (leap ? 59 : second);
    // Leap seconds are inserted at the end of a UTC day only.
    if (leap && seconds - floor_div(seconds, DAY_S) * DAY_S != DAY_S - 1)
        return false;
    *time_ms = seconds * 1000 + fraction_ms;
    return writable(seconds);
}

void clock_local(int64_t time_ms, struct tm *local)
{
    local_of_seconds(floor_div(time_ms, 1000), local);
}

int64_t clock_from_local(const struct tm *local)
{
    struct tm fields = *local;
    int64_t wall = timegm(&fields); // as if it were UTC; puts fields beyond their range right
    int64_t before = offset_at(wall - DAY_S);
    int64_t after = offset_at(wall + DAY_S);
    int64_t first = before > after ? before : after; // the larger offset is the earlier instant
    int64_t second = before > after ? after : before;

    if (offset_at(wall - first) == first)
        return (wall - first) * 1000;
    if (offset_at(wall - second) == second)
        return (wall - second) * 1000;
    // A missing hour: what a clock shows that was not put forward.
    return (wall - before) * 1000;
}

int clock_local_year(int64_t time_ms)
{
    struct tm local;

    clock_local(time_ms, &local);
    return local.tm_year + 1900;
}

int64_t clock_year_begins_ms(int year)
{
    struct tm local = {.tm_year = year - 1900, .tm_mday = 1, .tm_isdst = -1};

    return clock_from_local(&local);
}
