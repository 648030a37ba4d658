// Meter readings: whether one may be taken, what was used since the last one, the counter's roll-over.
// What the import knows of the meter stands in the event (busd/contact_facts.h).
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { ZONES_MAX = 3, USUAL_TIMES = 3 };
#define DAY_MS (INT64_C(24) * 3600 * 1000)

static int64_t power_of_ten(int64_t digits)
{
    int64_t power = 1;

    while (digits-- > 0)
        power *= 10;
    return power;
}

static const struct meter_state *state_of(const struct engine *engine, const struct event *event)
{
    const struct engine_entry *entry =
        engine_find_text(engine, RECORD_METER_STATE, EVENT_VALUE(event, meter)->text);

    return entry ? &entry->record.meter_state : NULL;
}

static enum err_code check_values(const struct event *event, struct err *err)
{
    const struct event_value *readings = EVENT_VALUE(event, readings);
    int64_t zones = EVENT_VALUE(event, zones)->integer,
            digits = EVENT_VALUE(event, digits)->integer;
    enum err_code code = ERR_OK;

    if ((int64_t)readings->count != zones) {
        code = err_set(err, ERR_INVALID, "zones",
                       "the meter has %lld zones; give a reading of each, not %zu",
                       "зон у счётчика %lld; нужно показание каждой, а не %zu", (long long)zones,
                       readings->count);
        err_set_path(err, "/data/readings");
    }
    for (size_t i = 0; i < readings->count && code == ERR_OK; i++) {
        if (readings->integers[i] < power_of_ten(digits))
            continue;
        code = err_set(err, ERR_INVALID, "digits",
                       "the meter shows %lld digits before the point; %lld has more",
                       "у счётчика %lld знаков до запятой; в %lld их больше", (long long)digits,
                       (long long)readings->integers[i]);
        err_set_path(err, "/data/readings/%zu", i);
    }
    return code;
}

// The last reading: of the import, or a later one that was taken here.
static void decide_former(struct engine *engine, struct event *event,
                          const struct meter_state *state)
{
    int64_t *former;

    if (!state ||
        (EVENT_HAS(event, former_at) && EVENT_VALUE(event, former_at)->integer > state->at))
        return;
    former = engine_keep(engine, ZONES_MAX * sizeof(*former));
    former[0] = state->value_1, former[1] = state->value_2, former[2] = state->value_3;
    event_set_integers(event, EVENT_FIELD_former, former,
                       (size_t)EVENT_VALUE(event, zones)->integer);
    event_set_integer(event, EVENT_FIELD_former_at, state->at);
}

static enum err_code refuse_below(size_t zone, int64_t value, int64_t last, struct err *err)
{
    err_set(err, ERR_CONFLICT, "below_last",
            "%lld is below the last reading, %lld; if it is right, send it again with a `reason`",
            "%lld меньше прежнего показания, %lld; если так и есть, пришлите ещё раз с причиной в "
            "reason",
            (long long)value, (long long)last);
    err_set_path(err, "/data/readings/%zu", zone);
    return ERR_CONFLICT;
}

static enum err_code refuse_above(int64_t used, int64_t usual, struct err *err)
{
    err_set(
        err, ERR_CONFLICT, "above_usual",
        "%lld used is more than three times the usual %lld; if it is right, send it again with a "
        "`reason`",
        "расход %lld больше обычного (%lld) втрое; если так и есть, пришлите ещё раз с причиной "
        "в reason",
        (long long)used, (long long)usual);
    err_set_path(err, "/data/readings");
    return ERR_CONFLICT;
}

// What was used in each zone; a counter that went past its end begins at 0 again.
static enum err_code decide_used(struct engine *engine, struct event *event, int64_t *total,
                                 struct err *err)
{
    const struct event_value *readings = EVENT_VALUE(event, readings);
    const struct event_value *former = EVENT_VALUE(event, former);
    int64_t range = power_of_ten(EVENT_VALUE(event, digits)->integer);
    int64_t *used = engine_keep(engine, ZONES_MAX * sizeof(*used));

    *total = 0;
    for (size_t i = 0; i < readings->count; i++) {
        int64_t value = readings->integers[i], last = former->integers[i];

        used[i] = value - last;
        if (used[i] < 0 && last >= range / 10 * 9 && value < range / 10) {
            used[i] += range;
            event_set_integer(event, EVENT_FIELD_rolled_over, true);
        } else if (used[i] < 0 && !EVENT_HAS(event, reason)) {
            return refuse_below(i, value, last, err);
        } else if (used[i] < 0) {
            used[i] = 0; // another meter's, or a mistake of before: nobody knows
        }
        *total += used[i];
    }
    event_set_integers(event, EVENT_FIELD_used, used, readings->count);
    return ERR_OK;
}

static int64_t days_since(const struct event *event)
{
    int64_t days = (event_moment_ms(event) - EVENT_VALUE(event, former_at)->integer) / DAY_MS;

    return days > 0 ? days : 1;
}

enum err_code engine_decide_reading(struct engine *engine, struct event *event, struct err *err)
{
    const struct meter_state *state = state_of(engine, event);
    int64_t used;

    if (check_values(event, err) != ERR_OK)
        return err->code;
    decide_former(engine, event, state);
    if (!EVENT_HAS(event, former))
        return ERR_OK; // the first one
    if (event_moment_ms(event) < EVENT_VALUE(event, former_at)->integer) {
        err_set(err, ERR_CONFLICT, "older", "a later reading of this meter was taken already",
                "более позднее показание этого счётчика уже принято");
        err_set_path(err, "/time");
        return ERR_CONFLICT;
    }
    if (decide_used(engine, event, &used, err) != ERR_OK)
        return err->code;
    if (state && state->daily > 0 && !EVENT_HAS(event, reason) &&
        used * 1000 / days_since(event) > USUAL_TIMES * state->daily)
        return refuse_above(used, state->daily * days_since(event) / 1000, err);
    return ERR_OK;
}

static int64_t value_at(const struct event_value *values, size_t at)
{
    return at < values->count ? values->integers[at] : 0;
}

static void apply_state(struct engine *engine, const struct event *event, int64_t used)
{
    struct slice meter = EVENT_VALUE(event, meter)->text;
    struct engine_entry *entry = engine_find_text(engine, RECORD_METER_STATE, meter);
    const struct event_value *readings = EVENT_VALUE(event, readings);

    if (!entry)
        entry = engine_add_text(engine, RECORD_METER_STATE, meter);
    engine_touch(engine, entry);
    struct meter_state *state = &entry->record.meter_state;
    state->at = event_moment_ms(event);
    state->value_1 = value_at(readings, 0);
    state->value_2 = value_at(readings, 1);
    state->value_3 = value_at(readings, 2);
    if (EVENT_HAS(event, used))
        state->daily = used * 1000 / days_since(event);
    state->version = event->sequence;
}

void engine_apply_reading(struct engine *engine, const struct event *event)
{
    struct engine_entry *entry =
        engine_add_text(engine, RECORD_METER_READING, EVENT_VALUE(event, reg_no)->text);
    struct meter_reading *reading = &entry->record.meter_reading;
    const struct event_value *values = EVENT_VALUE(event, readings);
    const struct event_value *used = EVENT_VALUE(event, used);

    engine_touch(engine, entry);
    reading->sequence = event->sequence;
    reading->meter = engine_text_of(event, EVENT_FIELD_meter);
    reading->at = event_moment_ms(event);
    reading->zones = (int64_t)values->count;
    reading->value_1 = value_at(values, 0);
    reading->value_2 = value_at(values, 1);
    reading->value_3 = value_at(values, 2);
    reading->compared = EVENT_HAS(event, used);
    if (reading->compared) {
        reading->used_1 = value_at(used, 0);
        reading->used_2 = value_at(used, 1);
        reading->used_3 = value_at(used, 2);
    }
    reading->rolled_over = EVENT_HAS(event, rolled_over);
    reading->outside_window = EVENT_HAS(event, outside_window);
    reading->reason = engine_text_of(event, EVENT_FIELD_reason);
    apply_state(engine, event, reading->used_1 + reading->used_2 + reading->used_3);
}
