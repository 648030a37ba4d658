// The table of rules, and the three doors through which everything goes: what is wanted in memory,
// the decision, its application.
//
// Invariants, beside the four of engine.h:
//  5. A decision may read the model; apply may not. Whatever came from the model stands in a field
//     marked decided: premise keys of accounts, counts, the place of a report.
//  6. Numbers come from counters that apply sets, so a refused or rolled back decision leaves no gap.
//  7. No result depends on the order of a hash table: among several records that fit, a total order
//     decides (engine_contact.c), and covers are sorted.
#include "busd/engine_predict.h"
#include "lib/mem.h"

#include <stdlib.h>

const char engine_identity[] = "pult:busd";

static const struct engine_rule rules[EVENT_TYPE_COUNT] = {
#define RULE(type, needs, decide, apply) [EVENT_##type] = {needs, decide, apply}
    RULE(CONTACT_OUTAGE_REPORT, NEEDS_INCIDENT | NEEDS_PLANNED | NEEDS_CALL, engine_decide_contact,
         engine_apply_contact),
    RULE(CONTACT_QUALITY_COMPLAINT, NEEDS_INCIDENT | NEEDS_PLANNED | NEEDS_CALL,
         engine_decide_contact, engine_apply_contact),
    RULE(CONTACT_RESTORATION_QUERY, NEEDS_INCIDENT | NEEDS_PLANNED | NEEDS_CALL,
         engine_decide_contact, engine_apply_contact),
    RULE(CONTACT_INQUIRY, NEEDS_CALL, engine_decide_contact, engine_apply_contact),
    RULE(CONTACT_CONSULTATION, NEEDS_CALL, engine_decide_contact, engine_apply_contact),
    RULE(CONTACT_METER_READING, NEEDS_CALL | NEEDS_METER, engine_decide_contact,
         engine_apply_contact),
    RULE(CONTACT_THEFT_REPORT, NEEDS_INCIDENT | NEEDS_CALL, engine_decide_contact,
         engine_apply_contact),
    RULE(CONTACT_COMPLAINT, NEEDS_CALL, engine_decide_contact, engine_apply_contact),
    RULE(CONTACT_ROUTED, NEEDS_CONTACT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_TAKEN, NEEDS_CONTACT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_ANSWERED, NEEDS_CONTACT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_CLOSED, NEEDS_CONTACT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_LEFT, NEEDS_CONTACT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_REOPENED, NEEDS_CONTACT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_LINKED, NEEDS_CONTACT | NEEDS_REPEAT, engine_decide_life, engine_apply_life),
    RULE(CONTACT_UPDATED, NEEDS_CONTACT, engine_decide_contact_updated,
         engine_apply_contact_updated),
    RULE(APPOINTMENT_BOOKED, NEEDS_CONTACT, engine_decide_appointment, engine_apply_appointment),
    RULE(APPOINTMENT_MOVED, NEEDS_APPOINTMENT, engine_decide_appointment, engine_apply_appointment),
    RULE(APPOINTMENT_CANCELLED, NEEDS_APPOINTMENT, engine_decide_appointment,
         engine_apply_appointment),
    RULE(APPOINTMENT_KEPT, NEEDS_APPOINTMENT, engine_decide_appointment, engine_apply_appointment),
    RULE(CALL_STARTED, NEEDS_CALL, engine_decide_call, engine_apply_call),
    RULE(CALL_ENDED, NEEDS_CALL, engine_decide_call, engine_apply_call),
    RULE(INCIDENT_OPENED, NEEDS_CONTACTS, engine_decide_opened, engine_apply_opened),
    RULE(INCIDENT_UPDATED, NEEDS_INCIDENT, engine_decide_updated, engine_apply_updated),
    RULE(INCIDENT_CONFIRMED, NEEDS_INCIDENT, engine_decide_place, engine_apply_place),
    RULE(INCIDENT_MOVED, NEEDS_INCIDENT, engine_decide_place, engine_apply_place),
    RULE(INCIDENT_MERGED, NEEDS_INCIDENT | NEEDS_INTO, engine_decide_merged, engine_apply_merged),
    RULE(INCIDENT_SPLIT, NEEDS_INCIDENT | NEEDS_CONTACTS | NEEDS_THEIR_INCIDENTS,
         engine_decide_split, engine_apply_split),
    RULE(INCIDENT_GROUPED, NEEDS_INCIDENT, NULL, engine_apply_grouped),
    RULE(INCIDENT_SWITCHED, NEEDS_INCIDENT, NULL, engine_apply_switched),
    RULE(PLANNED_SWITCHED, NEEDS_PLANNED, NULL, engine_apply_switched),
    RULE(INCIDENT_CREW, NEEDS_INCIDENT, engine_decide_crew, engine_apply_crew),
    RULE(INCIDENT_PARTLY_RESTORED, NEEDS_INCIDENT, engine_decide_partly, engine_apply_partly),
    RULE(INCIDENT_RESTORED, NEEDS_INCIDENT, engine_decide_step, engine_apply_step),
    RULE(INCIDENT_VERIFIED, NEEDS_INCIDENT, engine_decide_step, engine_apply_step),
    RULE(INCIDENT_REOPENED, NEEDS_INCIDENT | NEEDS_PARENT, engine_decide_step, engine_apply_step),
    RULE(INCIDENT_CLOSED, NEEDS_INCIDENT, engine_decide_closed, engine_apply_closed),
    RULE(INCIDENT_CANCELLED, NEEDS_INCIDENT | NEEDS_PARENT, engine_decide_step, engine_apply_step),
    RULE(ETA_SET, NEEDS_INCIDENT, engine_decide_eta, engine_apply_eta_set),
    RULE(ETA_WITHDRAWN, NEEDS_INCIDENT, engine_decide_eta, engine_apply_eta_withdrawn),
    RULE(DISPATCH_ACCEPTED, NEEDS_INCIDENT, engine_decide_step, engine_apply_accepted),
    RULE(DISPATCH_RETURNED, NEEDS_CONTACT, engine_decide_dispatch, engine_apply_dispatch),
    RULE(DISPATCH_ASKED, NEEDS_CONTACT, engine_decide_dispatch, engine_apply_dispatch),
    RULE(DISPATCH_REPLIED, NEEDS_CONTACT, engine_decide_dispatch, engine_apply_dispatch),
    RULE(NODE_SWITCHED, 0, engine_decide_node, engine_apply_node),
    RULE(NODE_MARKED, 0, engine_decide_node, engine_apply_node),
    RULE(PLANNED_ANNOUNCED, 0, engine_decide_planned, engine_apply_planned),
    RULE(PLANNED_CHANGED, NEEDS_PLANNED, engine_decide_planned, engine_apply_planned),
    RULE(PLANNED_STARTED, NEEDS_PLANNED, engine_decide_planned, engine_apply_planned),
    RULE(PLANNED_ENDED, NEEDS_PLANNED, engine_decide_planned, engine_apply_planned),
    RULE(PLANNED_CANCELLED, NEEDS_PLANNED, engine_decide_planned, engine_apply_planned),
    RULE(MODE_CHANGED, 0, engine_decide_mode, engine_apply_mode),
    RULE(MODE_MESSAGE, 0, NULL, engine_apply_mode),
    RULE(LOG_ENTRY, NEEDS_INCIDENT, engine_decide_log, NULL),
    RULE(SHIFT_OPENED, 0, engine_decide_shift, engine_apply_shift),
    RULE(SHIFT_HANDED_OVER, 0, engine_decide_shift, engine_apply_shift),
    RULE(MODEL_CHANGED, 0, NULL, NULL),
    RULE(RULES_CHANGED, 0, NULL, engine_apply_rules),
    RULE(APPROVAL_REQUESTED, 0, engine_decide_approval_requested, engine_apply_approval_requested),
    RULE(APPROVAL_GIVEN, 0, engine_decide_approval_given, engine_apply_approval_given),
    RULE(DEADLINE_PASSED, NEEDS_INCIDENT | NEEDS_CONTACT | NEEDS_PLANNED, NULL,
         engine_apply_deadline),
    RULE(ETA_NEEDED, NEEDS_INCIDENT, NULL, engine_apply_deadline),
#undef RULE
};

struct engine *engine_new(void)
{
    struct engine *engine = mem_alloc(sizeof(*engine));

    engine->retire_ms = INT64_MAX;
    engine_index_model(engine);
    return engine;
}

static void forget_decision(struct engine *engine)
{
    while (engine->kept_count > 0)
        free(engine->kept[--engine->kept_count]);
    engine->events_used = 0;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    engine_free_entries(engine);
    engine_index_fini(engine);
    forget_decision(engine);
    free(engine->decided);
    while (engine->event_count > 0)
        free(engine->events[--engine->event_count]);
    free(engine->events);
    free(engine->kept);
    free(engine->seen);
    free(engine);
}

void engine_set_model(struct engine *engine, const struct model *model)
{
    engine_predict_free(engine);
    engine->model = model;
    free(engine->seen);
    engine->seen = NULL;
    engine->round = 0;
    engine_index_model(engine);
    engine_etas_retime(engine);
}

// Wanting.

static bool wants_record(const struct engine *engine, struct engine_want *want,
                         enum record_type type, int64_t number, const char *counter)
{
    // What was never given out is nowhere to be found.
    if (number < 1 || number > engine_count_of(engine, counter) ||
        engine_find(engine, type, number))
        return false;
    *want = (struct engine_want){.type = type, .number = number};
    return !engine_is_missing(engine, want);
}

static bool wants_incident(const struct engine *engine, struct engine_want *want, int64_t number)
{
    return wants_record(engine, want, RECORD_INCIDENT, number, "incident");
}

static bool wants_text(const struct engine *engine, struct engine_want *want, enum record_type type,
                       struct slice text)
{
    if (text.length == 0 || engine_find_text(engine, type, text))
        return false;
    *want = (struct engine_want){.type = type, .text = text};
    return !engine_is_missing(engine, want);
}

static bool wants_contact(const struct engine *engine, struct engine_want *want,
                          struct slice reg_no)
{
    return wants_text(engine, want, RECORD_CONTACT, reg_no);
}

// The incident and what it was merged into, up to the end of the chain.
static bool wants_chain(const struct engine *engine, struct engine_want *want, int64_t number)
{
    while (number) {
        const struct incident *incident = engine_incident(engine, number);

        if (!incident)
            return wants_incident(engine, want, number);
        number = incident->merged_into;
    }
    return false;
}

static bool wants_their_incidents(const struct engine *engine, struct engine_want *want,
                                  struct slice reg_no)
{
    const struct contact *contact = engine_contact(engine, reg_no);

    return wants_chain(engine, want, contact ? contact->incident : 0);
}

static bool wants_parent(const struct engine *engine, struct engine_want *want, int64_t number)
{
    const struct incident *incident = engine_incident(engine, number);

    return incident &&
           wants_chain(engine, want,
                       incident->merged_into ? incident->merged_into : incident->nested_in);
}

static bool wants_contacts(const struct engine *engine, const struct event *event, bool incidents,
                           struct engine_want *want)
{
    const struct event_value *contacts = EVENT_VALUE(event, contacts);

    for (size_t i = 0; EVENT_HAS(event, contacts) && i < contacts->count; i++) {
        if (wants_contact(engine, want, contacts->texts[i]) ||
            (incidents && wants_their_incidents(engine, want, contacts->texts[i])))
            return true;
    }
    return false;
}

bool engine_wants(const struct engine *engine, const struct event *event, struct engine_want *want)
{
    unsigned needs = rules[event->type].needs;

    if (needs & NEEDS_INCIDENT && EVENT_HAS(event, incident) &&
        wants_incident(engine, want, EVENT_VALUE(event, incident)->integer))
        return true;
    if (needs & NEEDS_PARENT && EVENT_HAS(event, incident) &&
        wants_parent(engine, want, EVENT_VALUE(event, incident)->integer))
        return true;
    if (needs & NEEDS_INTO && EVENT_HAS(event, into) &&
        wants_incident(engine, want, EVENT_VALUE(event, into)->integer))
        return true;
    if (needs & NEEDS_PLANNED && EVENT_HAS(event, planned) &&
        wants_record(engine, want, RECORD_PLANNED, EVENT_VALUE(event, planned)->integer, "planned"))
        return true;
    if (needs & NEEDS_CONTACT && EVENT_HAS(event, contact) &&
        wants_contact(engine, want, EVENT_VALUE(event, contact)->text))
        return true;
    if (needs & NEEDS_REPEAT && EVENT_HAS(event, repeat_of) &&
        wants_contact(engine, want, EVENT_VALUE(event, repeat_of)->text))
        return true;
    if (needs & NEEDS_CALL && EVENT_HAS(event, call) &&
        wants_text(engine, want, RECORD_CALL, EVENT_VALUE(event, call)->text))
        return true;
    if (needs & NEEDS_APPOINTMENT && EVENT_HAS(event, appointment) &&
        wants_record(engine, want, RECORD_APPOINTMENT, EVENT_VALUE(event, appointment)->integer,
                     "appointment"))
        return true;
    if (needs & NEEDS_METER && EVENT_HAS(event, meter) &&
        wants_text(engine, want, RECORD_METER_STATE, EVENT_VALUE(event, meter)->text))
        return true;
    return needs & NEEDS_CONTACTS &&
           wants_contacts(engine, event, needs & NEEDS_THEIR_INCIDENTS, want);
}

// Deciding.

static void decide_event(struct engine *engine, struct decision *decision, struct event *event)
{
    mem_grow((void **)&engine->decided, decision->count, &engine->decided_capacity,
             sizeof(struct event *));
    decision->events = engine->decided;
    decision->events[decision->count++] = event;
}

// They are large, so their memory is used again.
static struct event *take_event(struct engine *engine)
{
    if (engine->events_used == engine->event_count) {
        mem_grow((void **)&engine->events, engine->event_count, &engine->event_capacity,
                 sizeof(struct event *));
        engine->events[engine->event_count++] = mem_alloc(sizeof(struct event));
    }
    return engine->events[engine->events_used++];
}

struct event *engine_follow_alone(struct engine *engine, struct decision *decision,
                                  enum event_type type)
{
    const struct event *cause = engine->cause;
    struct event *event = take_event(engine);

    *event = (struct event){.type = type,
                            .topic = slice_of(event_topic(type)),
                            .source = slice_of(engine_identity),
                            .cause_id = cause->id,
                            .time_ms = event_moment_ms(cause),
                            .recorded_ms = cause->recorded_ms};
    decide_event(engine, decision, event);
    return event;
}

struct event *engine_follow(struct engine *engine, struct decision *decision, enum event_type type,
                            int64_t number)
{
    struct event *event = engine_follow_alone(engine, decision, type);

    // Each incident is opened once, and confirmed by the broker at its birth alone.
    event->id = engine_keep_text(engine, "%s/%lld", event_topic(type), (long long)number);
    event_set_integer(event, EVENT_FIELD_incident, number);
    return event;
}

// An edit may carry the version that it was made on.
static enum err_code check_version(const struct engine *engine, const struct event *event,
                                   struct err *err)
{
    const struct incident *incident =
        EVENT_HAS(event, incident) ? engine_incident(engine, EVENT_VALUE(event, incident)->integer)
                                   : NULL;
    const struct planned *planned =
        EVENT_HAS(event, planned) ? engine_planned(engine, EVENT_VALUE(event, planned)->integer)
                                  : NULL;
    int64_t version = incident ? incident->version : planned ? planned->version : -1;
    enum err_code code;

    if (version < 0 || version == EVENT_VALUE(event, expect)->integer)
        return ERR_OK; // an unknown record is the rule's to refuse
    code = err_set(err, ERR_CONFLICT, "version",
                   "the record was changed meanwhile: its version is %lld, not %lld; look at it "
                   "again",
                   "запись успели изменить: её версия %lld, а не %lld; посмотрите её ещё раз",
                   (long long)version, (long long)EVENT_VALUE(event, expect)->integer);
    err_set_path(err, "/data/expect");
    return code;
}

enum err_code engine_decide(struct engine *engine, struct event *event,
                            const struct engine_moment *moment, struct decision *decision,
                            struct err *err)
{
    const struct engine_rule *rule = &rules[event->type];
    enum err_code code = ERR_OK;

    forget_decision(engine);
    engine_forget_missing(engine);
    event->recorded_ms = moment->now_ms;
    *decision = (struct decision){0};
    engine->cause = event;
    decide_event(engine, decision, event);
    if (EVENT_HAS(event, expect))
        code = check_version(engine, event, err);
    if (code == ERR_OK && rule->decide)
        code = rule->decide(engine, event, moment, decision, err);
    if (code != ERR_OK)
        decision->count = 0;
    return code;
}

void engine_apply(struct engine *engine, const struct event *event)
{
    const struct engine_rule *rule = &rules[event->type];

    engine_forget_missing(engine);
    if (rule->apply)
        rule->apply(engine, event);
}
