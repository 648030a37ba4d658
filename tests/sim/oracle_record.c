// Telephone calls, meters and appointments: what the journal says of each, after DOMAIN.md items 1 and 3.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_WAIT_MS = 20 * 1000, DIRECTION_IN = 0, WINDOWS = 2 };

// --- calls --------------------------------------------------------------------------------------

static struct oracle_call *find_call(struct oracle *oracle, struct slice id)
{
    for (size_t i = 0; i < oracle->call_count; i++) {
        if (slice_is(id, oracle->calls[i].id))
            return &oracle->calls[i];
    }
    return NULL;
}

static struct oracle_call *add_call(struct oracle *oracle, struct slice id)
{
    struct oracle_call *call;

    mem_grow((void **)&oracle->calls, oracle->call_count, &oracle->call_capacity,
             sizeof(*oracle->calls));
    call = &oracle->calls[oracle->call_count++];
    *call = (struct oracle_call){.in = false};
    snprintf(call->id, sizeof(call->id), "%.*s", (int)id.length, id.data);
    return call;
}

static int64_t time_of(const struct event *event, enum event_field field, int64_t otherwise)
{
    return event_has(event, field) ? event->values[field].integer : otherwise;
}

void oracle_fold_call(struct sim *sim, const struct event *event)
{
    struct slice id = EVENT_VALUE(event, call)->text;
    struct oracle_call *call = find_call(&sim->oracle, id);
    bool ends = event->type == EVENT_CALL_ENDED;

    if ((ends && !call) || (call && call->ended_at))
        sim_fail(sim, "call %.*s cannot have had %.*s", (int)id.length, id.data,
                 (int)event->topic.length, event->topic.data);
    call = call ? call : add_call(&sim->oracle, id);
    if (ends)
        call->ended_at = time_of(event, EVENT_FIELD_ended_at, event->time_ms);
    else if (!call->rang_at)
        call->rang_at = time_of(event, EVENT_FIELD_rang_at, event->time_ms);
    call->answered_at = time_of(event, EVENT_FIELD_answered_at, call->answered_at);
    if (EVENT_HAS(event, direction))
        call->in = EVENT_VALUE(event, direction)->integer == DIRECTION_IN;
}

void oracle_count_call(struct oracle *oracle, const struct event *event)
{
    struct oracle_call *call =
        EVENT_HAS(event, call) ? find_call(oracle, EVENT_VALUE(event, call)->text) : NULL;

    if (call)
        call->contacts++;
}

int64_t oracle_call_due(const struct oracle_call *call)
{
    return call && call->in && !call->answered_at && !call->ended_at && !call->waited
               ? call->rang_at + ANSWER_WAIT_MS
               : ORACLE_NEVER;
}

int64_t oracle_call_named_due(struct oracle *oracle, struct slice id)
{
    return oracle_call_due(find_call(oracle, id));
}

void oracle_call_waited(struct oracle *oracle, struct slice id)
{
    find_call(oracle, id)->waited = true;
}

// --- readings -----------------------------------------------------------------------------------

static struct oracle_meter *meter_of(struct sim *sim, struct slice name)
{
    struct oracle *oracle = &sim->oracle;

    for (size_t i = 0; i < oracle->meter_count; i++) {
        if (slice_is(name, oracle->meters[i].meter))
            return &oracle->meters[i];
    }
    return NULL;
}

// As it was imported, until somebody has read it.
static struct oracle_meter known_meter(struct sim *sim, struct slice name)
{
    const struct oracle_meter *own = meter_of(sim, name);
    struct oracle_meter meter = {.at = sim_meter_read_ms};

    if (own)
        return *own;
    for (size_t i = 0; i < sim->meter_count; i++) {
        snprintf(meter.meter, sizeof(meter.meter), "M%s", sim->network.premises[i].account);
        if (!slice_is(name, meter.meter))
            continue;
        for (int zone = 0; zone < sim_meter_zones((int)i); zone++)
            meter.values[zone] = sim_meter_last((int)i, zone);
        return meter;
    }
    sim_fail(sim, "the meter %.*s is nobody's", (int)name.length, name.data);
}

static void check_used(struct sim *sim, const struct event *event,
                       const struct oracle_meter *before)
{
    static const int64_t range = 100000;
    const struct event_value *values = EVENT_VALUE(event, readings);
    const struct event_value *used = EVENT_VALUE(event, used);

    for (size_t zone = 0; zone < values->count; zone++) {
        int64_t value = values->integers[zone], last = before->values[zone];
        bool around = value < last && last >= range / 10 * 9 && value < range / 10;
        int64_t wanted = around ? value + range - last : value < last ? 0 : value - last;

        if (value < last && !around && !EVENT_HAS(event, reason))
            sim_fail(sim, "meter %s: %lld below %lld was taken without a reason", before->meter,
                     (long long)value, (long long)last);
        if (zone >= used->count || used->integers[zone] != wanted)
            sim_fail(sim, "meter %s: %lld after %lld is a use of %lld", before->meter,
                     (long long)value, (long long)last, (long long)wanted);
    }
}

void oracle_fold_reading(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    struct slice name = EVENT_VALUE(event, meter)->text;
    const struct event_value *values = EVENT_VALUE(event, readings);
    struct oracle_meter before = known_meter(sim, name), *meter = meter_of(sim, name);

    if (event_moment_ms(event) < before.at)
        sim_fail(sim, "meter %s was read before its last reading", before.meter);
    check_used(sim, event, &before);
    if (!meter) {
        mem_grow((void **)&oracle->meters, oracle->meter_count, &oracle->meter_capacity,
                 sizeof(*oracle->meters));
        meter = &oracle->meters[oracle->meter_count++];
        *meter = before;
        snprintf(meter->meter, sizeof(meter->meter), "%.*s", (int)name.length, name.data);
    }
    meter->at = event_moment_ms(event);
    for (size_t zone = 0; zone < values->count; zone++)
        meter->values[zone] = values->integers[zone];
}

// --- appointments -------------------------------------------------------------------------------

static void check_window(struct sim *sim, const struct oracle_appointment *own)
{
    const struct oracle *oracle = &sim->oracle;

    if (own->window < 1 || own->window > WINDOWS)
        sim_fail(sim, "appointment %lld is at window %lld", (long long)own->number,
                 (long long)own->window);
    for (size_t i = 0; i < oracle->appointment_count; i++) {
        const struct oracle_appointment *other = &oracle->appointments[i];

        if (other != own && other->state == APPOINTMENT_BOOKED && other->window == own->window &&
            other->starts < own->ends && own->starts < other->ends)
            sim_fail(sim, "appointments %lld and %lld are at one window at one time",
                     (long long)own->number, (long long)other->number);
    }
}

void oracle_fold_appointment(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    int64_t number = EVENT_VALUE(event, appointment)->integer;
    struct oracle_appointment *own;

    if (event->type == EVENT_APPOINTMENT_BOOKED) {
        mem_grow((void **)&oracle->appointments, oracle->appointment_count,
                 &oracle->appointment_capacity, sizeof(*oracle->appointments));
        oracle->appointments[oracle->appointment_count++] = (struct oracle_appointment){
            .number = (int64_t)oracle->appointment_count, .state = APPOINTMENT_BOOKED};
    }
    if (number < 1 || number > (int64_t)oracle->appointment_count)
        sim_fail(sim, "there is no appointment %lld", (long long)number);
    own = &oracle->appointments[number - 1];
    if (own->state != APPOINTMENT_BOOKED)
        sim_fail(sim, "appointment %lld cannot have had %.*s", (long long)number,
                 (int)event->topic.length, event->topic.data);
    switch (event->type) {
    case EVENT_APPOINTMENT_CANCELLED: own->state = APPOINTMENT_CANCELLED; break;
    case EVENT_APPOINTMENT_KEPT:
        own->state = slice_is(EVENT_VALUE(event, outcome)->text, "missed") ? APPOINTMENT_MISSED
                                                                           : APPOINTMENT_KEPT;
        break;
    default:
        own->starts = EVENT_VALUE(event, starts)->integer;
        own->ends = EVENT_VALUE(event, ends)->integer;
        own->window = EVENT_VALUE(event, window)->integer;
        check_window(sim, own);
        break;
    }
}

// --- against the store --------------------------------------------------------------------------

static void same(struct sim *sim, const char *what, const char *name, bool is)
{
    if (!is)
        sim_fail(sim, "%s %s is not in the store as the journal makes it", what, name);
}

static bool get(struct sim *sim, enum record_type type, const void *key, union record *record)
{
    struct err err;

    *record = (union record){.incident = {0}};
    return store_get_record(sim->broker.store, type, key, record, &err) == 1;
}

void oracle_compare_records(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;
    union record stored;

    for (size_t i = 0; i < oracle->call_count; i++) {
        const struct oracle_call *own = &oracle->calls[i];

        same(sim, "call", own->id,
             get(sim, RECORD_CALL, own->id, &stored) && stored.call.rang_at == own->rang_at &&
                 stored.call.answered_at == own->answered_at &&
                 stored.call.ended_at == own->ended_at && stored.call.waited == own->waited &&
                 stored.call.contacts == own->contacts);
        record_fini(RECORD_CALL, &stored);
    }
    for (size_t i = 0; i < oracle->meter_count; i++) {
        const struct oracle_meter *own = &oracle->meters[i];

        same(sim, "meter", own->meter,
             get(sim, RECORD_METER_STATE, own->meter, &stored) &&
                 stored.meter_state.at == own->at && stored.meter_state.value_1 == own->values[0] &&
                 stored.meter_state.value_2 == own->values[1]);
        record_fini(RECORD_METER_STATE, &stored);
    }
    for (size_t i = 0; i < oracle->appointment_count; i++) {
        const struct oracle_appointment *own = &oracle->appointments[i];
        char name[24];

        snprintf(name, sizeof(name), "%lld", (long long)own->number);
        same(sim, "appointment", name,
             get(sim, RECORD_APPOINTMENT, &own->number, &stored) &&
                 stored.appointment.starts == own->starts && stored.appointment.ends == own->ends &&
                 stored.appointment.window == own->window &&
                 stored.appointment.state == own->state);
        record_fini(RECORD_APPOINTMENT, &stored);
    }
}

void oracle_free_records(struct oracle *oracle)
{
    free(oracle->calls);
    free(oracle->meters);
    free(oracle->appointments);
}
