// Appointments: a window of an office at a time is given to one. Which beginnings there are, how long one
// takes and how many windows there are stands in the event (busd/appointment_facts.h).
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

static const struct appointment *find(const struct engine *engine, const struct event *event)
{
    const struct engine_entry *entry =
        engine_find(engine, RECORD_APPOINTMENT, EVENT_VALUE(event, appointment)->integer);

    return entry ? &entry->record.appointment : NULL;
}

const struct appointment *engine_appointment(const struct engine *engine, int64_t number)
{
    const struct engine_entry *entry = engine_find(engine, RECORD_APPOINTMENT, number);

    return entry ? &entry->record.appointment : NULL;
}

int64_t engine_free_window(const struct engine *engine, struct slice office, int64_t windows,
                           int64_t starts_ms, int64_t ends_ms, int64_t but)
{
    const struct engine_map *map = &engine->records[RECORD_APPOINTMENT];

    for (int64_t window = 1; window <= windows; window++) {
        const struct engine_entry *entry;
        bool taken = false;

        for (size_t at = 0; !taken && (entry = engine_map_next(map, &at));) {
            const struct appointment *other = &entry->record.appointment;

            taken = other->state == APPOINTMENT_BOOKED && other->appointment != but &&
                    other->window == window && other->starts < ends_ms && starts_ms < other->ends &&
                    slice_is(office, other->office);
        }
        if (!taken)
            return window;
    }
    return 0;
}

static enum err_code decide_window(const struct engine *engine, struct event *event, int64_t but,
                                   struct err *err)
{
    int64_t window = engine_free_window(
        engine, EVENT_VALUE(event, office)->text, EVENT_VALUE(event, windows)->integer,
        EVENT_VALUE(event, starts)->integer, EVENT_VALUE(event, ends)->integer, but);

    if (window) {
        event_set_integer(event, EVENT_FIELD_window, window);
        return ERR_OK;
    }
    err_set(err, ERR_CONFLICT, "taken", "every window is taken at that time",
            "на это время все окна заняты");
    err_set_path(err, "/data/starts");
    return ERR_CONFLICT;
}

DECIDE(appointment)
{
    int64_t number = EVENT_VALUE(event, appointment)->integer;
    const struct appointment *appointment = find(engine, event);

    (void)moment, (void)decision;
    if (event->type == EVENT_APPOINTMENT_BOOKED) {
        event_set_integer(event, EVENT_FIELD_appointment,
                          engine_count_of(engine, "appointment") + 1);
        return decide_window(engine, event, 0, err);
    }
    if (!appointment) {
        err_set(err, ERR_NOT_FOUND, "appointment",
                "there is no appointment %lld; `query appointments` lists them",
                "записи на приём %lld нет; какие есть, покажет запрос appointments",
                (long long)number);
        err_set_path(err, "/data/appointment");
        return ERR_NOT_FOUND;
    }
    if (appointment->state != APPOINTMENT_BOOKED) {
        err_set(err, ERR_CONFLICT, "state", "appointment %lld is not booked any more",
                "запись на приём %lld уже не действует", (long long)number);
        err_set_path(err, "/data/appointment");
        return ERR_CONFLICT;
    }
    return event->type == EVENT_APPOINTMENT_MOVED ? decide_window(engine, event, number, err)
                                                  : ERR_OK;
}

static void apply_slot(struct appointment *appointment, const struct event *event)
{
    engine_replace_text(&appointment->office, event, EVENT_FIELD_office);
    engine_replace_text(&appointment->service, event, EVENT_FIELD_service);
    appointment->starts = EVENT_VALUE(event, starts)->integer;
    appointment->ends = EVENT_VALUE(event, ends)->integer;
    appointment->window = EVENT_VALUE(event, window)->integer;
}

APPLY(appointment)
{
    int64_t number = EVENT_VALUE(event, appointment)->integer;
    struct engine_entry *entry = engine_find(engine, RECORD_APPOINTMENT, number);

    if (event->type == EVENT_APPOINTMENT_BOOKED) {
        entry = engine_add(engine, RECORD_APPOINTMENT, number);
        engine_set_count(engine, "appointment", number);
        entry->record.appointment.sequence = event->sequence;
        entry->record.appointment.contact = engine_text_of(event, EVENT_FIELD_contact);
    }
    if (!entry)
        return;
    engine_touch(engine, entry);
    struct appointment *appointment = &entry->record.appointment;
    switch (event->type) {
    case EVENT_APPOINTMENT_CANCELLED: appointment->state = APPOINTMENT_CANCELLED; break;
    case EVENT_APPOINTMENT_KEPT:
        appointment->state = slice_is(EVENT_VALUE(event, outcome)->text, "missed")
                                 ? APPOINTMENT_MISSED
                                 : APPOINTMENT_KEPT;
        break;
    default: apply_slot(appointment, event); break;
    }
    appointment->version = event->sequence;
}
