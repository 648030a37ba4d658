#include "busd/offices.h"

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_MINUTES = 24 * 60, DAYS_AHEAD = 60, MINUTE_MS = 60000, WINDOWS_MAX = 100 };

static const char *const day_names[OFFICE_DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static enum err_code fault(const char *file, const struct json *at, const char *en, const char *ru,
                           struct err *err)
{
    return yaml_fault(file, at, "offices", en, ru, err);
}

// "08:00-17:00"
static enum err_code read_span(const char *file, const struct json *value, struct office_span *span,
                               struct err *err)
{
    const char *text = json_c_string(value);
    int from_hour, from_minute, to_hour, to_minute, end = 0;

    if (text &&
        sscanf(text, "%2d:%2d-%2d:%2d%n", &from_hour, &from_minute, &to_hour, &to_minute, &end) ==
            4 &&
        text[end] == '\0') {
        span->from_minute = from_hour * 60 + from_minute;
        span->to_minute = to_hour * 60 + to_minute;
        if (from_minute < 60 && to_minute < 60 && span->from_minute < span->to_minute &&
            span->to_minute <= DAY_MINUTES && span->from_minute >= 0)
            return ERR_OK;
    }
    return fault(file, value, "hours have the form \"08:00-17:00\"",
                 "часы записывают так: \"08:00-17:00\"", err);
}

static enum err_code read_hours(const char *file, const struct json *tree, struct office *office,
                                struct err *err)
{
    for (const struct json *value = tree->first; value; value = value->next) {
        int day = 0;

        while (day < OFFICE_DAYS && !slice_is(value->key, day_names[day]))
            day++;
        if (day == OFFICE_DAYS)
            return fault(file, value, "days are mon tue wed thu fri sat sun",
                         "дни: mon tue wed thu fri sat sun", err);
        if (read_span(file, value, &office->hours[day], err) != ERR_OK)
            return err->code;
    }
    return ERR_OK;
}

static enum err_code read_kinds(const char *file, const struct json *tree, struct office *office,
                                struct err *err)
{
    for (const struct json *value = tree->first; value; value = value->next) {
        int64_t minutes = json_integer(value, 0);

        if (office->kind_count == OFFICE_KINDS_MAX || minutes < 5 || minutes > 480)
            return fault(file, value, "a kind of visit takes 5 to 480 minutes; there may be 16",
                         "приём длится от 5 до 480 минут; видов может быть 16", err);
        office->kinds[office->kind_count++] =
            (struct office_kind){mem_string_of(value->key.data, value->key.length), (int)minutes};
    }
    return ERR_OK;
}

static void read_name(const struct json *value, struct office *office)
{
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        const char *name = json_c_string(json_get(value, language_name((enum language)language)));

        office->name[language] = mem_string(name ? name : office->id);
    }
}

static enum err_code read_office(const char *file, const struct json *tree, struct office *office,
                                 struct err *err)
{
    enum err_code code = ERR_OK;

    office->id = mem_string_of(tree->key.data, tree->key.length);
    office->windows = json_integer(json_get(tree, "windows"), 0);
    read_name(json_get(tree, "name"), office);
    for (const struct json *value = tree->first; value && code == ERR_OK; value = value->next) {
        if (slice_is(value->key, "hours"))
            code = read_hours(file, value, office, err);
        else if (slice_is(value->key, "kinds"))
            code = read_kinds(file, value, office, err);
        else if (slice_is(value->key, "pause"))
            code = read_span(file, value, &office->pause, err);
        else if (slice_is(value->key, "address"))
            office->address = mem_string(json_c_string(value));
        else if (!slice_is(value->key, "windows") && !slice_is(value->key, "name"))
            code = fault(
                file, value,
                "an office has name, address, windows, hours, pause, kinds and nothing else",
                "у офиса есть name, address, windows, hours, pause, kinds и ничего больше", err);
    }
    if (code == ERR_OK &&
        (office->windows < 1 || office->windows > WINDOWS_MAX || office->kind_count == 0))
        code = fault(file, tree, "an office needs windows from 1 to 100, and kinds",
                     "офису нужны windows от 1 до 100 и kinds", err);
    return code;
}

enum err_code offices_read(struct offices *offices, const char *file, struct err *err)
{
    struct json_doc *doc;
    enum err_code code = ERR_OK;

    *offices = (struct offices){.count = 0};
    if (!file)
        return ERR_OK;
    doc = json_doc_new();
    const struct json *root = yaml_read(doc, file, err);
    const struct json *tree = json_get(root, "offices");
    if (!root)
        code = err->code;
    else if (root->type != JSON_NULL && (!tree || root->count != 1 || tree->type != JSON_OBJECT))
        code = fault(file, root, "the file holds offices: {ID: {…}} and nothing else",
                     "в файле стоит offices: {ID: {…}} и ничего больше", err);
    if (tree && code == ERR_OK)
        offices->items = mem_alloc(tree->count * sizeof *offices->items);
    for (const struct json *value = tree ? tree->first : NULL; value && code == ERR_OK;
         value = value->next)
        code = read_office(file, value, &offices->items[offices->count++], err);
    json_doc_free(doc);
    return code;
}

void offices_fini(struct offices *offices)
{
    for (size_t i = 0; i < offices->count; i++) {
        struct office *office = &offices->items[i];

        for (size_t kind = 0; kind < office->kind_count; kind++)
            free(office->kinds[kind].kind);
        for (int language = 0; language < LANGUAGE_COUNT; language++)
            free(office->name[language]);
        free(office->id);
        free(office->address);
    }
    free(offices->items);
    *offices = (struct offices){.count = 0};
}

const struct office *offices_find(const struct offices *offices, const char *id, size_t length)
{
    for (size_t i = 0; i < offices->count; i++) {
        if (slice_is((struct slice){id, length}, offices->items[i].id))
            return &offices->items[i];
    }
    return NULL;
}

int office_minutes(const struct office *office, const char *kind, size_t length)
{
    for (size_t i = 0; i < office->kind_count; i++) {
        if (slice_is((struct slice){kind, length}, office->kinds[i].kind))
            return office->kinds[i].minutes;
    }
    return 0;
}

static bool is_worked(const struct engine_calendar *calendar, int64_t moment_ms)
{
    size_t low = 0, high = calendar ? calendar->count : 0;

    if (high == 0 || moment_ms < calendar->days[0].starts_ms ||
        moment_ms >= calendar->days[high - 1].ends_ms)
        return true; // the calendar knows nothing of that day
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (calendar->days[middle].starts_ms <= moment_ms)
            low = middle;
        else
            high = middle;
    }
    return moment_ms < calendar->days[low].ends_ms;
}

static bool fits_in(const struct office *office, const struct office_span *hours, int minutes,
                    int minute)
{
    int end = minute + minutes;
    bool within = hours->to_minute > 0 && minute >= hours->from_minute && end <= hours->to_minute;

    return within && (minute - hours->from_minute) % minutes == 0 &&
           (end <= office->pause.from_minute || minute >= office->pause.to_minute);
}

static const struct office_span *hours_of(const struct office *office, const struct tm *day)
{
    return &office->hours[(day->tm_wday + 6) % 7];
}

bool office_fits(const struct offices *offices, const struct office *office, int minutes,
                 int64_t starts_ms)
{
    struct tm at;

    clock_local(starts_ms, &at);
    return starts_ms % MINUTE_MS == 0 && is_worked(offices->calendar, starts_ms) &&
           fits_in(office, hours_of(office, &at), minutes, at.tm_hour * 60 + at.tm_min);
}

int64_t office_next(const struct offices *offices, const struct office *office, int minutes,
                    int64_t from_ms)
{
    struct tm today;

    clock_local(from_ms, &today);
    for (int ahead = 0; ahead < DAYS_AHEAD; ahead++) {
        struct tm noon = today, day;

        noon.tm_mday += ahead;
        noon.tm_hour = 12, noon.tm_min = noon.tm_sec = 0, noon.tm_isdst = -1;
        clock_local(clock_from_local(&noon), &day);
        const struct office_span *hours = hours_of(office, &day);
        for (int minute = hours->from_minute; minute + minutes <= hours->to_minute;
             minute += minutes) {
            day.tm_hour = minute / 60, day.tm_min = minute % 60, day.tm_sec = 0;
            int64_t starts_ms = clock_from_local(&day);

            if (starts_ms >= from_ms && office_fits(offices, office, minutes, starts_ms))
                return starts_ms;
        }
    }
    return INT64_MAX;
}
