#include "busd/result.h"

#include "busd/query.h"

#include <string.h>

// A record out of memory, else out of the store; `kept` takes what the store gave.
static const struct incident *find_incident(const struct result_context *context, int64_t number,
                                            struct incident *kept)
{
    const struct incident *incident = engine_incident(context->engine, number);

    if (incident)
        return incident;
    return store_get_record(context->store, RECORD_INCIDENT, &number, kept, NULL) == 1 ? kept
                                                                                       : NULL;
}

static const struct planned *find_planned(const struct result_context *context, int64_t number,
                                          struct planned *kept)
{
    const struct planned *planned = engine_planned(context->engine, number);

    if (planned)
        return planned;
    return store_get_record(context->store, RECORD_PLANNED, &number, kept, NULL) == 1 ? kept : NULL;
}

static void write_say(struct json_out *out, const struct buf *say)
{
    json_out_string(out, "say", (struct slice){say->data, say->length});
}

// The incident that a contact's first one was merged into, up to the end of the chain; `kept` as above.
static const struct incident *find_current(const struct result_context *context, int64_t number,
                                           struct incident *kept)
{
    const struct incident *incident = find_incident(context, number, kept);

    while (incident && incident->merged_into) {
        number = incident->merged_into;
        record_fini(RECORD_INCIDENT, kept);
        *kept = (struct incident){0};
        incident = find_incident(context, number, kept);
    }
    return incident;
}

// What is known where the contact was linked, as a caller may hear it.
static void write_incident(const struct result_context *context, struct json_out *out,
                           int64_t number, bool reported, struct buf *say)
{
    struct incident kept = {0};
    const struct incident *incident = find_current(context, number, &kept);

    if (incident) {
        struct incident shown = *incident;

        if (!shown.eta_published)
            shown.eta_at = 0;
        if (shown.eta_at)
            query_put_eta(out, &shown, context->now_ms);
        // The first to report is not told that somebody called before.
        if (reported && shown.state == INCIDENT_SUSPECTED && shown.calls <= 1)
            say_registered(say, context->language, context->company);
        else
            say_incident(say, context->language, &shown, context->now_ms, context->company);
    }
    record_fini(RECORD_INCIDENT, &kept);
}

static void write_planned(const struct result_context *context, struct json_out *out,
                          int64_t number, struct buf *say)
{
    struct planned kept = {0};
    const struct planned *planned = find_planned(context, number, &kept);

    if (planned) {
        json_out_object(out, "eta");
        json_out_time(out, "at", planned->ends);
        json_out_text(out, "firmness", "estimate");
        json_out_text(out, "source", "dispatcher");
        json_out_null(out, "set_at");
        json_out_bool(out, "overdue", planned->ends < context->now_ms);
        json_out_end(out, '}');
        say_planned(say, context->language, planned, context->now_ms, context->company);
    }
    record_fini(RECORD_PLANNED, &kept);
}

static void write_reading(struct json_out *out, const struct event *event)
{
    const struct event_value *used = EVENT_VALUE(event, used);

    json_out_string(out, "meter", EVENT_VALUE(event, meter)->text);
    json_out_bool(out, "outside_window", EVENT_HAS(event, outside_window));
    json_out_bool(out, "rolled_over", EVENT_HAS(event, rolled_over));
    if (!EVENT_HAS(event, used))
        return;
    json_out_array(out, "used");
    for (size_t i = 0; i < used->count; i++)
        json_out_integer(out, NULL, used->integers[i]);
    json_out_end(out, ']');
}

static void write_contact(const struct result_context *context, const struct event *event,
                          struct json_out *out)
{
    struct buf say = {0};

    if (EVENT_HAS(event, reg_no))
        json_out_string(out, "reg_no", EVENT_VALUE(event, reg_no)->text);
    if (EVENT_HAS(event, incident)) {
        json_out_integer(out, "incident", EVENT_VALUE(event, incident)->integer);
        write_incident(context, out, EVENT_VALUE(event, incident)->integer,
                       event->type != EVENT_CONTACT_RESTORATION_QUERY, &say);
    } else if (EVENT_HAS(event, planned)) {
        json_out_integer(out, "planned", EVENT_VALUE(event, planned)->integer);
        write_planned(context, out, EVENT_VALUE(event, planned)->integer, &say);
    }
    if (say.length == 0 && event->type == EVENT_CONTACT_RESTORATION_QUERY)
        say_nothing(&say, context->language, context->company);
    else if (say.length == 0 && event->type != EVENT_CONTACT_OUTAGE_REPORT &&
             event->type != EVENT_CONTACT_QUALITY_COMPLAINT)
        say_taken(&say, context->language);
    else if (say.length == 0)
        say_registered(&say, context->language, context->company);
    write_say(out, &say);
    buf_fini(&say);
    if (EVENT_HAS(event, meter))
        write_reading(out, event);
    if (EVENT_HAS(event, department))
        json_out_string(out, "department", EVENT_VALUE(event, department)->text);
    if (EVENT_HAS(event, due))
        json_out_time(out, "due", EVENT_VALUE(event, due)->integer);
    if (EVENT_HAS(event, repeat_of))
        json_out_string(out, "repeat_of", EVENT_VALUE(event, repeat_of)->text);
}

static void write_number(struct json_out *out, const char *key, const struct event *event,
                         enum event_field field)
{
    if (event_has(event, field))
        json_out_integer(out, key, event->values[field].integer);
}

static void write_fields(const struct result_context *context, const struct event *event,
                         struct json_out *out)
{
    switch (event->type) {
    case EVENT_CONTACT_OUTAGE_REPORT:
    case EVENT_CONTACT_QUALITY_COMPLAINT:
    case EVENT_CONTACT_INQUIRY:
    case EVENT_CONTACT_CONSULTATION:
    case EVENT_CONTACT_METER_READING:
    case EVENT_CONTACT_THEFT_REPORT:
    case EVENT_CONTACT_COMPLAINT:
    case EVENT_CONTACT_RESTORATION_QUERY: write_contact(context, event, out); break;
    case EVENT_CONTACT_UPDATED:
        json_out_string(out, "reg_no", EVENT_VALUE(event, contact)->text);
        break;
    case EVENT_APPOINTMENT_BOOKED:
    case EVENT_APPOINTMENT_MOVED:
        write_number(out, "appointment", event, EVENT_FIELD_appointment);
        write_number(out, "window", event, EVENT_FIELD_window);
        json_out_time(out, "ends", EVENT_VALUE(event, ends)->integer);
        break;
    case EVENT_INCIDENT_OPENED: write_number(out, "incident", event, EVENT_FIELD_incident); break;
    case EVENT_INCIDENT_SPLIT: write_number(out, "incident", event, EVENT_FIELD_split_into); break;
    case EVENT_PLANNED_ANNOUNCED: write_number(out, "planned", event, EVENT_FIELD_planned); break;
    case EVENT_ETA_SET:
        json_out_bool(out, "in_force",
                      !EVENT_HAS(event, in_force) || EVENT_VALUE(event, in_force)->integer != 0);
        break;
    case EVENT_APPROVAL_REQUESTED:
        json_out_text(out, "approval", "requested"); // nothing is done yet
        json_out_time(out, "until", EVENT_VALUE(event, until)->integer);
        break;
    default: break;
    }
}

void result_write(const struct result_context *context, const struct event *event, bool duplicate,
                  struct buf *out)
{
    struct json_out json;

    if (out->length)
        buf_add_char(out, ',');
    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_string(&json, "id", event->id);
    json_out_integer(&json, "sequence", event->sequence);
    json_out_bool(&json, "duplicate", duplicate);
    write_fields(context, event, &json);
    json_out_end(&json, '}');
}
