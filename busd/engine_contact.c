// Contacts: registration numbers, and where a report goes (EVENTS.md rule 2).
#include "busd/engine_predict.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    NOT_PREDICTED = -1,
    SYMPTOM_RESTORED = 3,
    EXTENT_HOUSE = 1,
    EXTENT_STREET = 2,
    COUNTER_BYTES = 32
};
enum { HAZARD_OPEN_EQUIPMENT = 3 };

// What covers the place of a report, the best of each sort.
struct search {
    int kind; // the report's own kind of incident; -1 = none
    bool kind_alone;
    int64_t moment_ms, recorded_ms;
    const struct incident *open, *restored;
    const struct planned *planned;
};

// Of its own kind first, then the latest started, then the higher number.
static bool incident_is_better(const struct incident *a, const struct incident *b, int kind)
{
    if (!b)
        return true;
    if ((a->kind == kind) != (b->kind == kind))
        return a->kind == kind;
    return a->started != b->started ? a->started > b->started : a->incident > b->incident;
}

static bool takes_still_out(const struct incident *incident, const struct search *search)
{
    return (incident->state == INCIDENT_RESTORED || incident->state == INCIDENT_VERIFIED ||
            incident->state == INCIDENT_CLOSED) &&
           search->moment_ms <= incident->restored_at + ENGINE_STILL_OUT_MS &&
           search->recorded_ms <= incident->restored_at + ENGINE_RESTORED_KEEP_MS;
}

static void consider(void *context, struct engine_entry *entry)
{
    struct search *search = context;

    if (entry->type == RECORD_INCIDENT) {
        const struct incident *incident = &entry->record.incident;

        if (search->kind_alone && incident->kind != search->kind)
            return;
        if (engine_incident_open((enum incident_state)incident->state)) {
            if (incident_is_better(incident, search->open, search->kind))
                search->open = incident;
        } else if (takes_still_out(incident, search) &&
                   incident_is_better(incident, search->restored, search->kind)) {
            search->restored = incident;
        }
    } else {
        const struct planned *planned = &entry->record.planned, *best = search->planned;

        if (planned->state != PLANNED_STATE_STARTED ||
            search->moment_ms > planned->ends + ENGINE_STILL_OUT_MS)
            return;
        if (!best || planned->starts > best->starts ||
            (planned->starts == best->starts && planned->planned > best->planned))
            search->planned = planned;
    }
}

// Nested incidents that are open, of the report's own kind (any, for a question).
static void consider_nested(void *context, struct engine_entry *entry)
{
    struct search *search = context;
    const struct incident *incident = &entry->record.incident;

    if (engine_incident_open((enum incident_state)incident->state) &&
        (search->kind < 0 || incident->kind == search->kind) &&
        incident_is_better(incident, search->open, search->kind))
        search->open = incident;
}

static void find_target(struct engine *engine, const struct event *event, struct search *search)
{
    if (EVENT_HAS(event, premise))
        engine_each_covering(engine, EVENT_VALUE(event, premise)->place, consider, search);
    if (!search->open && !search->planned && search->restored)
        engine_each_nested(engine, search->restored->incident, consider_nested, search);
}

// How much of its place a suspected incident covers: what the caller says, within what the place
// resolved to.
static int cover_of_report(const struct event *event)
{
    int64_t extent = EVENT_HAS(event, extent) ? EVENT_VALUE(event, extent)->integer : -1;
    int said = extent == EXTENT_STREET  ? COVER_STREET
               : extent == EXTENT_HOUSE ? COVER_HOUSE
                                        : COVER_PREMISE;
    int known;

    if (!EVENT_HAS(event, premise) || EVENT_VALUE(event, premise)->place->level == PLACE_NONE)
        return -1;
    known = engine_cover_of_place(EVENT_VALUE(event, premise)->place);
    return said > known ? said : known;
}

static void fill_contact(struct contact *contact, const struct event *event)
{
#define WORD_OF(field) EVENT_HAS(event, field) ? (int)EVENT_VALUE(event, field)->integer : -1
    contact->applicant = WORD_OF(applicant);
    contact->symptom = WORD_OF(symptom);
    contact->extent = WORD_OF(extent);
    contact->hazard = WORD_OF(hazard);
    contact->critical = WORD_OF(critical);
#undef WORD_OF
    contact->since = EVENT_HAS(event, since) ? EVENT_VALUE(event, since)->integer : 0;
    contact->time = event->time_ms;
    contact->recorded = event->recorded_ms;
    contact->callback = EVENT_HAS(event, callback) && EVENT_VALUE(event, callback)->integer;
    contact->place_level = PLACE_NONE;
    if (EVENT_HAS(event, premise)) {
        const struct event_place *place = EVENT_VALUE(event, premise)->place;

        contact->place_level = (int)place->level;
        contact->premise = place->premise;
        contact->house = place->house;
        contact->street = place->street;
        contact->settlement = place->settlement;
    }
}

// A device that others hang on too takes the place of what the caller named.
static bool stands_above(const struct event *opened)
{
    return EVENT_HAS(opened, node) && EVENT_VALUE(opened, candidates_premises)->integers[0] > 1;
}

static void open_suspected(struct engine *engine, struct event *event, int kind,
                           const struct incident *parent, bool predicted, struct decision *decision)
{
    int64_t number = engine_count_of(engine, "incident") + 1;
    int64_t moment_ms = event_moment_ms(event), started = moment_ms;
    int cover = cover_of_report(event);
    struct slice *contacts = engine_keep(engine, sizeof(*contacts));
    struct contact contact = {0};
    const struct contact *reported = &contact;

    event_set_integer(event, EVENT_FIELD_incident, number);
    struct event *opened = engine_follow(engine, decision, EVENT_INCIDENT_OPENED, number);
    *contacts = EVENT_VALUE(event, reg_no)->text;
    event_set_texts(opened, EVENT_FIELD_contacts, contacts, 1);
    event_set_word(opened, EVENT_FIELD_kind, kind);
    if (EVENT_HAS(event, premise))
        event_set_place(opened, EVENT_FIELD_premise, EVENT_VALUE(event, premise)->place);
    if (predicted)
        engine_predict_fields(engine, engine->predict, engine->predict->trial, opened);
    if (cover >= 0 && !stands_above(opened))
        event_set_word(opened, EVENT_FIELD_cover, cover);
    if (parent) {
        event_set_integer(opened, EVENT_FIELD_nested_in, parent->incident);
        started = parent->started;
    } else if (EVENT_HAS(event, since) && EVENT_VALUE(event, since)->integer < started) {
        started = EVENT_VALUE(event, since)->integer;
    }
    event_set_integer(opened, EVENT_FIELD_started, started);
    fill_contact(&contact, event);
    engine_decide_opened_fields(engine, opened, &reported, 1);
}

// What a report opens; -1 = nothing.
static int kind_of(const struct event *event)
{
    switch (event->type) {
    case EVENT_CONTACT_OUTAGE_REPORT: return INCIDENT_OUTAGE;
    case EVENT_CONTACT_QUALITY_COMPLAINT: return INCIDENT_QUALITY;
    case EVENT_CONTACT_THEFT_REPORT:
        // Stolen equipment stands open, or lacks its earth: the dispatcher has to know.
        return slice_is(EVENT_VALUE(event, topic)->text, "equipment") ? INCIDENT_HAZARD : -1;
    default: return -1;
    }
}

static void decide_reg_no(struct engine *engine, struct event *event, int year)
{
    char counter[COUNTER_BYTES];

    snprintf(counter, sizeof(counter), "reg_no/%04d", year);
    event_set_text(event, EVENT_FIELD_reg_no,
                   engine_keep_text(engine, "%04d-%06lld", year,
                                    (long long)engine_count_of(engine, counter) + 1));
}

DECIDE(contact)
{
    struct search search = {.kind = kind_of(event),
                            .moment_ms = event_moment_ms(event),
                            .recorded_ms = event->recorded_ms};
    bool named = EVENT_HAS(event, incident);
    bool theft = event->type == EVENT_CONTACT_THEFT_REPORT;

    if (EVENT_HAS(event, premise))
        engine_expect(engine, EVENT_VALUE(event, premise)->place);
    if (named && !engine_incident(engine, EVENT_VALUE(event, incident)->integer))
        return engine_no_incident(EVENT_VALUE(event, incident)->integer, "incident", err);
    if (event->type == EVENT_CONTACT_METER_READING &&
        engine_decide_reading(engine, event, err) != ERR_OK)
        return err->code;
    engine_start_life(engine, event);
    decide_reg_no(engine, event, moment->year);
    if (search.kind < 0 && !engine_is_trouble(event->type))
        return ERR_OK;
    search.kind_alone = theft;
    if (theft && !EVENT_HAS(event, hazard))
        event_set_word(event, EVENT_FIELD_hazard, HAZARD_OPEN_EQUIPMENT);
    if (!named)
        find_target(engine, event, &search);
    bool asks = event->type == EVENT_CONTACT_RESTORATION_QUERY;
    if (asks && (named || search.open))
        engine_eta_asked(engine, decision,
                         named ? EVENT_VALUE(event, incident)->integer : search.open->incident);
    if (named)
        return ERR_OK;
    bool opens = search.kind >= 0 && !(EVENT_HAS(event, symptom) &&
                                       EVENT_VALUE(event, symptom)->integer == SYMPTOM_RESTORED);
    int64_t joined = NOT_PREDICTED;
    if (search.open)
        event_set_integer(event, EVENT_FIELD_incident, search.open->incident);
    else if (search.planned && !theft)
        event_set_integer(event, EVENT_FIELD_planned, search.planned->planned);
    else if (opens && !theft && !search.restored && engine_predict_try(engine, event, &joined) &&
             joined)
        event_set_integer(event, EVENT_FIELD_incident, joined);
    else if (opens)
        open_suspected(engine, event, search.kind, search.restored, joined == 0, decision);
    return ERR_OK;
}

static void count_registration(struct engine *engine, struct slice reg_no)
{
    const char *dash = memchr(reg_no.data, '-', reg_no.length);
    char counter[COUNTER_BYTES], number[COUNTER_BYTES];

    assert(dash && reg_no.length < COUNTER_BYTES);
    snprintf(counter, sizeof(counter), "reg_no/%.*s", (int)(dash - reg_no.data) & 15, reg_no.data);
    snprintf(number, sizeof(number), "%.*s", (int)(reg_no.data + reg_no.length - dash - 1),
             dash + 1);
    engine_set_count(engine, counter, strtoll(number, NULL, 10));
}

APPLY(contact)
{
    struct slice reg_no = EVENT_VALUE(event, reg_no)->text;
    struct engine_entry *entry = engine_add_text(engine, RECORD_CONTACT, reg_no);
    struct contact *contact = &entry->record.contact;

    engine_touch(engine, entry);
    count_registration(engine, reg_no);
    fill_contact(contact, event);
    engine_begin_life(contact, event);
    contact->sequence = contact->version = event->sequence;
    contact->type = mem_string_of(event->topic.data, event->topic.length);
    contact->operator= engine_who_of(event);
    contact->call = engine_text_of(event, EVENT_FIELD_call);
    if (EVENT_HAS(event, premise) && EVENT_VALUE(event, premise)->place->node.length) {
        struct slice node = EVENT_VALUE(event, premise)->place->node;

        contact->node = mem_string_of(node.data, node.length);
    }
    if (event->type == EVENT_CONTACT_METER_READING)
        engine_apply_reading(engine, event);
    if (EVENT_HAS(event, call))
        engine_count_call(engine, EVENT_VALUE(event, call)->text);
    if (EVENT_HAS(event, incident)) {
        // The one that this report opens comes with the next event.
        struct incident *incident;

        contact->incident = EVENT_VALUE(event, incident)->integer;
        incident =
            engine_is_report(contact) ? engine_edit_incident(engine, contact->incident) : NULL;
        if (incident) {
            engine_link_contact(engine, incident, contact, event->sequence);
            engine_predict_take(engine, engine_find(engine, RECORD_INCIDENT, contact->incident),
                                contact);
        }
    }
    if (EVENT_HAS(event, planned)) {
        struct planned *planned;

        contact->planned = EVENT_VALUE(event, planned)->integer;
        planned = engine_is_report(contact) ? engine_edit_planned(engine, contact->planned) : NULL;
        if (planned) {
            planned->calls++;
            planned->version = event->sequence;
        }
    }
}
