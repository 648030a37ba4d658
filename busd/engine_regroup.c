// Merging and splitting: reports go from one incident to another.
#include "busd/engine_predict.h"

#include <stdlib.h>

// What a person has said that it covers (rule 1) is out with the other one from now on; a place that was
// only guessed from calls is not.
static void decide_covers(struct engine *engine, struct event *event,
                          const struct incident *incident, const struct incident *into)
{
    struct cover_list covers;

    if (incident->state < INCIDENT_CONFIRMED)
        return;
    event_set_integer(event, EVENT_FIELD_covers_follow, true);
    engine_cover_copy(&covers, &into->covers);
    engine_cover_join(&covers, &incident->covers);
    engine_decide_joined_parts(engine, event, &covers, incident, into);
    engine_decide_count(engine, event, &covers);
    engine_cover_free(&covers);
}

DECIDE(merged)
{
    const struct incident *incident, *into;
    int64_t number = EVENT_VALUE(event, into)->integer;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment;
    if (code != ERR_OK)
        return code;
    into = engine_incident(engine, number);
    if (!into)
        return engine_no_incident(number, "into", err);
    if (into == incident)
        code = err_set(err, ERR_INVALID, "into", "incident %lld cannot be merged into itself",
                       "инцидент %lld нельзя объединить с самим собой", (long long)number);
    else if (!engine_incident_open((enum incident_state)into->state))
        code =
            err_set(err, ERR_CONFLICT, "state", "incident %lld is not open; merge into one that is",
                    "инцидент %lld не открыт; объединяйте с открытым", (long long)number);
    if (code != ERR_OK)
        err_set_path(err, "/data/into");
    else {
        decide_covers(engine, event, incident, into);
        engine_eta_follows(engine, decision, incident, into);
    }
    return code;
}

APPLY(merged)
{
    struct incident *incident = engine_step_incident(engine, event);
    struct incident *into = engine_edit_incident(engine, EVENT_VALUE(event, into)->integer);

    if (!incident || !into)
        return;
    incident->merged_into = into->incident;
    engine_end_prediction(into, event);
    engine_predict_merged(engine_find(engine, RECORD_INCIDENT, incident->incident),
                          engine_find(engine, RECORD_INCIDENT, into->incident));
    engine_clear_eta(incident);
    if (EVENT_HAS(event, covers_follow)) {
        engine_cover_join(&into->covers, &incident->covers);
        engine_cover_parts(&into->covers, event, event->time_ms, into->started);
        engine_index_entry(engine, engine_find(engine, RECORD_INCIDENT, into->incident));
        engine_set_customers(into, event);
    }
    into->calls += incident->calls;
    if (incident->last_report_at > into->last_report_at)
        into->last_report_at = incident->last_report_at;
    engine_inform(engine, into, incident->information, incident->hazard, incident->critical,
                  event->recorded_ms);
    engine_set_priority(into);
    into->version = event->sequence;
}

// The calls of an incident count for what it goes with, and for whatever that was merged into.
static void count_above(struct engine *engine, const struct incident *incident, int64_t calls,
                        int64_t sequence)
{
    struct incident *above = engine_edit_incident(engine, incident->merged_into);

    for (; above; above = engine_edit_incident(engine, above->merged_into)) {
        above->calls += calls;
        above->version = sequence;
    }
}

void engine_join_parent(struct engine *engine, struct incident *incident, int64_t sequence)
{
    const struct incident *parent = engine_incident(engine, incident->nested_in);

    if (!parent || parent->state == INCIDENT_MERGED)
        return;
    incident->merged_into = parent->incident;
    count_above(engine, incident, incident->calls, sequence);
}

void engine_leave_parent(struct engine *engine, struct incident *incident, int64_t sequence)
{
    count_above(engine, incident, -incident->calls, sequence);
    incident->merged_into = 0;
}

// Whether a contact's incident is this one, or was merged into it by some steps.
static bool belongs_to(const struct engine *engine, const struct contact *contact, int64_t number)
{
    int64_t at = contact->incident;

    while (at && at != number) {
        const struct incident *incident = engine_incident(engine, at);

        at = incident ? incident->merged_into : 0;
    }
    return at == number;
}

static enum err_code check_contacts(const struct engine *engine, const struct event *event,
                                    const struct contact **found, struct err *err)
{
    const struct event_value *contacts = EVENT_VALUE(event, contacts);
    int64_t number = EVENT_VALUE(event, incident)->integer;

    for (size_t i = 0; i < contacts->count; i++) {
        struct slice reg_no = contacts->texts[i];

        found[i] = engine_contact(engine, reg_no);
        if (!found[i])
            return engine_no_contact(reg_no, "contacts", err);
        if (!belongs_to(engine, found[i], number)) {
            err_set(err, ERR_CONFLICT, "contact",
                    "contact %.*s is not one of incident %lld; only its own can leave it",
                    "обращение %.*s не относится к инциденту %lld; из него уходят только его "
                    "обращения",
                    (int)reg_no.length, reg_no.data, (long long)number);
            err_set_path(err, "/data/contacts/%zu", i);
            return ERR_CONFLICT;
        }
    }
    return ERR_OK;
}

// The premises that the contacts came from, for an incident whose node is not known yet.
static void decide_places(struct engine *engine, struct event *opened,
                          const struct contact *const *contacts, size_t count)
{
    int64_t *keys = engine_keep(engine, count * sizeof(*keys));
    struct cover_list covers = {0};
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (contacts[i]->premise)
            engine_cover_add(&covers, COVER_PREMISE, contacts[i]->premise, (struct slice){0});
    }
    for (size_t i = 0; i < covers.count; i++)
        keys[kept++] = covers.items[i].key;
    engine_cover_free(&covers);
    if (kept)
        event_set_integers(opened, EVENT_FIELD_places, keys, kept);
}

DECIDE(split)
{
    const struct incident *incident;
    const struct event_value *contacts = EVENT_VALUE(event, contacts);
    int64_t number = engine_count_of(engine, "incident") + 1;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment;
    if (code == ERR_OK)
        code = engine_check_node(engine, event, EVENT_FIELD_node, err);
    if (code != ERR_OK)
        return code;
    const struct contact **found = engine_keep(engine, contacts->count * sizeof(*found));
    code = check_contacts(engine, event, found, err);
    if (code != ERR_OK)
        return code;
    event_set_integer(event, EVENT_FIELD_split_into, number);
    struct event *opened = engine_follow(engine, decision, EVENT_INCIDENT_OPENED, number);
    event_set_word(opened, EVENT_FIELD_kind, incident->kind);
    event_set_texts(opened, EVENT_FIELD_contacts, contacts->texts, contacts->count);
    event_set_integer(opened, EVENT_FIELD_started, incident->started);
    if (EVENT_HAS(event, node))
        event_set_text(opened, EVENT_FIELD_node, EVENT_VALUE(event, node)->text);
    else
        decide_places(engine, opened, found, contacts->count);
    engine_decide_opened_fields(engine, opened, found, contacts->count);
    // What a person has said of the old one, or says now of the new one's node, holds for it.
    if (EVENT_HAS(event, node) || incident->state >= INCIDENT_CONFIRMED)
        engine_follow(engine, decision, EVENT_INCIDENT_CONFIRMED, number);
    return ERR_OK;
}

// A report that leaves is no longer a call of what it was linked to, nor of anything on its way by merging
// to the incident that it leaves.
static void take_call(struct engine *engine, const struct contact *contact, int64_t number,
                      int64_t sequence)
{
    struct incident *incident = engine_edit_incident(engine, contact->incident);

    while (incident) {
        incident->calls--;
        incident->version = sequence;
        incident = incident->incident == number
                       ? NULL
                       : engine_edit_incident(engine, incident->merged_into);
    }
}

APPLY(split)
{
    const struct event_value *contacts = EVENT_VALUE(event, contacts);
    struct incident *incident = engine_step_incident(engine, event);

    if (incident)
        engine_end_prediction(incident, event);
    for (size_t i = 0; incident && i < contacts->count; i++) {
        const struct contact *contact = engine_contact(engine, contacts->texts[i]);

        if (contact && engine_is_report(contact))
            take_call(engine, contact, incident->incident, event->sequence);
    }
}
