#include "busd/appointment_facts.h"

#include "lib/buf.h"
#include "lib/clock.h"

#include <string.h>
#include <time.h>

enum { OFFERS = 3, MINUTE_MS = 60000, TRIES = 2000 };

static enum err_code refuse(struct err *err, enum err_code code, const char *reason,
                            const char *path, const char *en, const char *ru)
{
    err_set(err, code, reason, "%s%.0s", "%.0s%s", en, ru);
    err_set_path(err, "%s", path);
    return code;
}

// What a moved one keeps of its former self.
static void keep_former(const struct engine *engine, struct event *event)
{
    const struct appointment *former =
        EVENT_HAS(event, appointment)
            ? engine_appointment(engine, EVENT_VALUE(event, appointment)->integer)
            : NULL;

    if (former && !EVENT_HAS(event, office))
        event_set_text(event, EVENT_FIELD_office, slice_of(former->office));
    if (former && !EVENT_HAS(event, service))
        event_set_text(event, EVENT_FIELD_service, slice_of(former->service));
}

enum err_code appointment_facts_find(const struct offices *offices, const struct engine *engine,
                                     struct event *event, struct err *err)
{
    if (event->type != EVENT_APPOINTMENT_BOOKED && event->type != EVENT_APPOINTMENT_MOVED)
        return ERR_OK;
    if (event->type == EVENT_APPOINTMENT_MOVED)
        keep_former(engine, event);
    if (!EVENT_HAS(event, office) || !EVENT_HAS(event, service))
        return ERR_OK; // moved, and there is no such appointment: the engine says so
    struct slice id = EVENT_VALUE(event, office)->text, kind = EVENT_VALUE(event, service)->text;
    int64_t starts_ms = EVENT_VALUE(event, starts)->integer;
    const struct office *office = offices_find(offices, id.data, id.length);
    int minutes = office ? office_minutes(office, kind.data, kind.length) : 0;

    if (!office)
        return refuse(err, ERR_NOT_FOUND, "office", "/data/office",
                      "There is no such office; `query offices` lists them",
                      "Такого офиса нет; какие есть, покажет запрос offices");
    if (!minutes)
        return refuse(err, ERR_NOT_FOUND, "service", "/data/service",
                      "The office has no such kind of visit; `query offices` lists them",
                      "Такого вида приёма в этом офисе нет; какие есть, покажет запрос offices");
    if (starts_ms < event->recorded_ms)
        return refuse(err, ERR_CONFLICT, "past", "/data/starts", "That time is past",
                      "Это время уже прошло");
    event_set_integer(event, EVENT_FIELD_ends, starts_ms + (int64_t)minutes * MINUTE_MS);
    event_set_integer(event, EVENT_FIELD_windows, office->windows);
    if (office_fits(offices, office, minutes, starts_ms))
        return ERR_OK;
    refuse(err, ERR_CONFLICT, "closed", "/data/starts", "No visit begins at that time",
           "На это время приёма нет");
    appointment_facts_offer(offices, engine, event, err);
    return ERR_CONFLICT;
}

static void add_offer(struct buf *out, int64_t starts_ms)
{
    struct tm at;

    clock_local(starts_ms, &at);
    buf_printf(out, "%s%02d.%02d %02d:%02d", out->length ? ", " : "", at.tm_mday, at.tm_mon + 1,
               at.tm_hour, at.tm_min);
}

void appointment_facts_offer(const struct offices *offices, const struct engine *engine,
                             const struct event *event, struct err *err)
{
    struct slice id = EVENT_VALUE(event, office)->text, kind = EVENT_VALUE(event, service)->text;
    const struct office *office = offices_find(offices, id.data, id.length);
    int minutes = office ? office_minutes(office, kind.data, kind.length) : 0;
    int64_t length_ms = (int64_t)minutes * MINUTE_MS;
    int64_t at_ms = EVENT_VALUE(event, starts)->integer;
    struct err refusal = *err;
    struct buf offers = {0};
    int count = 0;

    if (!minutes)
        return;
    if (at_ms < event->recorded_ms)
        at_ms = event->recorded_ms;
    for (int tries = 0; tries < TRIES && count < OFFERS; tries++) {
        at_ms = office_next(offices, office, minutes, at_ms);
        if (at_ms == INT64_MAX)
            break;
        if (engine_free_window(engine, id, office->windows, at_ms, at_ms + length_ms, 0)) {
            add_offer(&offers, at_ms);
            count++;
        }
        at_ms += MINUTE_MS;
    }
    // The sentence loses its full stop to what follows.
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        size_t end = strlen(refusal.message[language]);
        if (end && refusal.message[language][end - 1] == '.')
            refusal.message[language][end - 1] = '\0';
    }
    err_set(err, refusal.code, refusal.reason, "%s%.0s; %s%.0s%s", "%.0s%s; %.0s%s%s",
            refusal.message[LANGUAGE_EN], refusal.message[LANGUAGE_RU],
            count ? "free next: " : "nothing is free within 60 days",
            count ? "ближайшее свободное: " : "свободного нет в ближайшие 60 дней",
            count ? buf_text(&offers) : "");
    err_set_path(err, "%s", refusal.path);
    buf_fini(&offers);
}
