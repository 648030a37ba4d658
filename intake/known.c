#include "intake/known.h"

#include "lib/clock.h"
#include "tui/eta_text.h"

#include <stdlib.h>
#include <string.h>

void known_init(struct known *known)
{
    *known = (struct known){.doc = json_doc_new()};
}

void known_fini(struct known *known)
{
    json_doc_free(known->doc);
    buf_fini(&known->args);
}

void known_clear(struct known *known)
{
    known->state = KNOWN_NO_PLACE;
    known->rows = NULL;
    known->due = known->marked = false;
    known->asked++;
    buf_clear(&known->args);
}

int64_t known_ask(struct known *known, struct slice args, int64_t mono_ms)
{
    bool same = slice_equal(args, (struct slice){known->args.data, known->args.length});

    if (!same) {
        buf_clear(&known->args);
        buf_add(&known->args, args.data, args.length);
        known->rows = NULL;
        known->state = KNOWN_ASKING;
        known->marked = false;
    }
    known->due = false;
    known->asked_ms = mono_ms;
    return ++known->asked;
}

void known_take(struct known *known, int64_t asked, const struct json *rows, const struct err *err,
                int64_t now_ms)
{
    if (asked != known->asked)
        return;
    if (err && err->code == ERR_NOT_FOUND) {
        known->state = KNOWN_UNKNOWN_PLACE;
        known->rows = NULL;
    } else if (err) {
        known->due = true; // asked again; what is shown keeps its age
        if (!known->rows)
            known->state = KNOWN_OFFLINE;
    } else {
        json_doc_reset(known->doc);
        known->rows = json_copy(known->doc, rows);
        known->state = KNOWN_ROWS;
        known->as_of_ms = now_ms;
    }
}

static bool shows_incident(const struct known *known, int64_t incident)
{
    for (const struct json *row = known->rows ? known->rows->first : NULL; row; row = row->next) {
        if (json_integer(json_get(row, "incident"), 0) == incident)
            return true;
    }
    return false;
}

static bool starts_with(struct slice text, const char *prefix)
{
    return text.length >= strlen(prefix) && memcmp(text.data, prefix, strlen(prefix)) == 0;
}

bool known_event(struct known *known, struct slice topic, const struct json *event)
{
    int64_t incident = json_integer(json_get(json_get(event, "data"), "incident"), 0);

    if (known->state == KNOWN_NO_PLACE)
        return false;
    if (starts_with(topic, "eta.")) {
        if (!shows_incident(known, incident))
            return false;
        known->marked = known->due = true;
        return true;
    }
    // A new incident or works may cover the place: only the broker can tell.
    if (starts_with(topic, "incident.") || starts_with(topic, "planned."))
        known->due = true;
    return false;
}

bool known_is_due(const struct known *known, int64_t mono_ms)
{
    return known->due && known->state != KNOWN_NO_PLACE &&
           mono_ms - known->asked_ms >= KNOWN_AGAIN_MS;
}

// --- painting -------------------------------------------------------------------------------------------

static int64_t time_of(const struct json *row, const char *member)
{
    struct slice text = json_string(json_get(row, member));
    int64_t time_ms = 0;

    return text.data && clock_parse(text.data, text.length, &time_ms) ? time_ms : 0;
}

static void cell(struct buf *out, int64_t time_ms, int64_t now_ms, enum language language)
{
    if (time_ms)
        eta_text_cell(time_ms, now_ms, language, out);
    else
        buf_add_char(out, '-');
}

static enum intake_text kind_text(const struct json *row)
{
    struct slice kind = json_string(json_get(row, "kind"));

    return slice_is(kind, "quality")  ? TEXT_KIND_QUALITY
           : slice_is(kind, "hazard") ? TEXT_KIND_HAZARD
                                      : TEXT_KIND_OUTAGE;
}

static void print_planned(const struct json *row, int64_t now_ms, enum language language,
                          struct buf *line)
{
    struct buf from = {0};
    struct buf to = {0};
    bool started = slice_is(json_string(json_get(row, "state")), "started");

    cell(&from, time_of(row, "started"), now_ms, language);
    cell(&to, time_of(json_get(row, "eta"), "at"), now_ms, language);
    intake_print(line, language, TEXT_ROW_PLANNED,
                 (long long)json_integer(json_get(row, "planned"), 0), buf_text(&from),
                 buf_text(&to),
                 intake_text(started ? TEXT_PLANNED_STARTED : TEXT_PLANNED_ANNOUNCED, language));
    buf_fini(&from);
    buf_fini(&to);
}

static void print_eta(const struct json *row, int64_t now_ms, enum language language,
                      struct buf *out)
{
    const struct json *eta = json_get(row, "eta");
    struct buf time = {0};

    cell(&time, time_of(eta, "at"), now_ms, language);
    if (!json_get(eta, "at"))
        buf_add_text(out, intake_text(TEXT_ETA_NONE, language));
    else if (json_bool(json_get(eta, "overdue"), false))
        intake_print(out, language, TEXT_ETA_PASSED, buf_text(&time));
    else
        buf_add_text(out, buf_text(&time));
    buf_fini(&time);
}

static void print_incident(const struct json *row, int64_t now_ms, enum language language,
                           struct buf *line)
{
    struct buf since = {0};
    struct buf eta = {0};
    int64_t restored_ms = time_of(row, "restored_at");
    long long number = json_integer(json_get(row, "incident"), 0);

    cell(&since, time_of(row, "started"), now_ms, language);
    if (restored_ms) {
        cell(&eta, restored_ms, now_ms, language);
        intake_print(line, language, TEXT_ROW_RESTORED, number,
                     intake_text(kind_text(row), language), buf_text(&since), buf_text(&eta));
    } else {
        print_eta(row, now_ms, language, &eta);
        intake_print(line, language, TEXT_ROW_INCIDENT, number,
                     intake_text(kind_text(row), language), buf_text(&since),
                     (long long)json_integer(json_get(row, "calls"), 0), buf_text(&eta));
    }
    buf_fini(&since);
    buf_fini(&eta);
}

static int paint_row(const struct known *known, const struct json *row, enum language language,
                     int64_t now_ms, struct surface *surface, struct rect rect, int at)
{
    struct buf line = {0};
    struct slice say = json_string(json_get(row, "say"));
    bool planned = json_get(row, "planned") != NULL;

    if (planned)
        print_planned(row, now_ms, language, &line);
    else
        print_incident(row, now_ms, language, &line);
    surface_text(surface, rect, at, 1, known->marked && !planned ? ROLE_STRIP : ROLE_BOLD,
                 buf_text(&line));
    buf_clear(&line);
    buf_add_text(&line, intake_text(TEXT_SAY, language));
    buf_add(&line, say.data ? say.data : "", say.length);
    struct rect words = rect_inner(rect, at + 1, 3, rect.rows - at - 1, rect.columns - 4);
    int rows = surface_wrap(surface, words, 0, ROLE_NORMAL, (struct slice){line.data, line.length});
    buf_fini(&line);
    return 1 + rows;
}

int known_paint(const struct known *known, enum language language, int64_t now_ms,
                struct surface *surface, struct rect rect)
{
    static const enum intake_text texts[] = {
        [KNOWN_NO_PLACE] = TEXT_HERE_NONE,   [KNOWN_ASKING] = TEXT_HERE_ASKING,
        [KNOWN_ROWS] = TEXT_HERE_NOTHING,    [KNOWN_UNKNOWN_PLACE] = TEXT_HERE_UNKNOWN,
        [KNOWN_OFFLINE] = TEXT_HERE_OFFLINE,
    };
    const struct json *row = known->rows ? known->rows->first : NULL;
    int at = 0;

    if (!row)
        return surface_wrap(surface, rect, 0, ROLE_DIM,
                            slice_of(intake_text(texts[known->state], language)));
    for (; row && at < rect.rows; row = row->next)
        at += paint_row(known, row, language, now_ms, surface, rect, at);
    return at;
}
