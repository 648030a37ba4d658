// What each type of event does, after EVENTS.md and DOMAIN.md.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdio.h>

// --- records ------------------------------------------------------------------------------------

struct oracle_incident *oracle_incident(struct oracle *oracle, int64_t number)
{
    return number >= 1 && number <= (int64_t)oracle->incident_count ? &oracle->incidents[number - 1]
                                                                    : NULL;
}

struct oracle_planned *oracle_planned(struct oracle *oracle, int64_t number)
{
    return number >= 1 && number <= (int64_t)oracle->planned_count ? &oracle->planned[number - 1]
                                                                   : NULL;
}

struct oracle_contact *oracle_contact(struct oracle *oracle, struct slice reg_no)
{
    for (size_t i = oracle->contact_count; i-- > 0;) {
        if (slice_is(reg_no, oracle->contacts[i].reg_no))
            return &oracle->contacts[i];
    }
    return NULL;
}

bool oracle_is_open(const struct oracle_incident *incident)
{
    return incident->state <= INCIDENT_PARTLY_RESTORED;
}

void oracle_text(char *to, size_t size, const struct event *event, enum event_field field)
{
    if (event->has >> field & 1)
        snprintf(to, size, "%.*s", (int)event->values[field].text.length,
                 event->values[field].text.data);
}

// --- states (EVENTS.md rule 7) ------------------------------------------------------------------

int oracle_next_state(enum event_type type, int state)
{
    bool open = state <= INCIDENT_PARTLY_RESTORED;
    bool done = state == INCIDENT_RESTORED || state == INCIDENT_VERIFIED;
    bool part = state == INCIDENT_PARTLY_RESTORED;

    switch (type) {
    case EVENT_INCIDENT_UPDATED:
        return state != INCIDENT_CANCELLED && state != INCIDENT_MERGED ? state : -1;
    case EVENT_INCIDENT_CONFIRMED: return part ? state : open ? INCIDENT_CONFIRMED : -1;
    case EVENT_INCIDENT_MOVED:
    case EVENT_INCIDENT_SPLIT:
    case EVENT_ETA_SET: return open ? state : -1;
    case EVENT_INCIDENT_MERGED: return open ? INCIDENT_MERGED : -1;
    case EVENT_INCIDENT_SWITCHED: return open ? state : -1;
    case EVENT_INCIDENT_GROUPED: return state <= INCIDENT_PROBABLE ? state : -1;
    case EVENT_INCIDENT_CREW:
    case EVENT_DISPATCH_ACCEPTED: return open || done ? state : -1;
    case EVENT_INCIDENT_PARTLY_RESTORED: return open ? INCIDENT_PARTLY_RESTORED : -1;
    case EVENT_INCIDENT_RESTORED:
        return open || state == INCIDENT_RESTORED ? INCIDENT_RESTORED : -1;
    case EVENT_INCIDENT_VERIFIED: return state == INCIDENT_RESTORED ? INCIDENT_VERIFIED : -1;
    case EVENT_INCIDENT_REOPENED:
        return done || state == INCIDENT_CLOSED || state == INCIDENT_CANCELLED ? INCIDENT_CONFIRMED
                                                                               : -1;
    case EVENT_INCIDENT_CLOSED: return done ? INCIDENT_CLOSED : -1;
    case EVENT_INCIDENT_CANCELLED: return open || done ? INCIDENT_CANCELLED : -1;
    case EVENT_ETA_WITHDRAWN: return state != INCIDENT_MERGED ? state : -1;
    default: return -2;
    }
}

// --- contacts -----------------------------------------------------------------------------------

static int word(const struct event *event, enum event_field field)
{
    return event->has >> field & 1 ? (int)event->values[field].integer : -1;
}

static void fold_contact(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    struct oracle_contact *contact;
    struct oracle_incident *incident;

    mem_grow((void **)&oracle->contacts, oracle->contact_count, &oracle->contact_capacity,
             sizeof(*oracle->contacts));
    contact = &oracle->contacts[oracle->contact_count++];
    *contact = (struct oracle_contact){.report = event->type == EVENT_CONTACT_OUTAGE_REPORT ||
                                                 event->type == EVENT_CONTACT_QUALITY_COMPLAINT,
                                       .symptom = word(event, EVENT_FIELD_symptom),
                                       .hazard = word(event, EVENT_FIELD_hazard),
                                       .critical = word(event, EVENT_FIELD_critical),
                                       .recorded = event->recorded_ms,
                                       .sequence = event->sequence,
                                       .moment = event_moment_ms(event),
                                       .phone = sim->clients.phone,
                                       .sealed = sim->oracle.sealed,
                                       .type = event->type,
                                       .touched = true};
    ORACLE_TEXT(contact->reg_no, event, reg_no);
    oracle_count_call(oracle, event);
    if (event->type == EVENT_CONTACT_METER_READING)
        oracle_fold_reading(sim, event);
    oracle_begin_life(sim, contact, event);
    if (EVENT_HAS(event, premise))
        contact->premise = EVENT_VALUE(event, premise)->place->premise;
    contact->incident = EVENT_HAS(event, incident) ? EVENT_VALUE(event, incident)->integer : 0;
    contact->planned = EVENT_HAS(event, planned) ? EVENT_VALUE(event, planned)->integer : 0;
    incident = oracle_incident(oracle, contact->incident); // NULL: the next event opens it
    if (incident && contact->report) {
        oracle_tell(oracle, incident, contact);
        oracle_prioritise(incident);
        incident->touched = true;
    }
    if (contact->planned) {
        struct oracle_planned *works = oracle_planned(oracle, contact->planned);

        works->calls += contact->report;
        works->touched = true;
    }
}

// --- planned works, nodes, desks ----------------------------------------------------------------

// While they are at work the supply is off: oracle_hours.c.
static void fold_work(struct oracle_planned *works, const struct event *event)
{
    struct oracle_run *last = works->run_count ? &works->runs[works->run_count - 1] : NULL;
    bool at_work = last && last->to_ms == ORACLE_NEVER;

    if (event->type == EVENT_PLANNED_STARTED && !at_work) {
        mem_grow((void **)&works->runs, works->run_count, &works->run_capacity,
                 sizeof(*works->runs));
        works->runs[works->run_count++] = (struct oracle_run){event_moment_ms(event), ORACLE_NEVER};
    } else if (at_work &&
               (event->type == EVENT_PLANNED_ENDED || event->type == EVENT_PLANNED_CANCELLED)) {
        last->to_ms = event_moment_ms(event);
    }
}

static void fold_planned(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    int64_t number = EVENT_VALUE(event, planned)->integer;
    const struct event_value *places = EVENT_VALUE(event, places);
    struct oracle_planned *works;

    if (event->type == EVENT_PLANNED_ANNOUNCED) {
        if (number != (int64_t)oracle->planned_count + 1)
            sim_fail(sim, "planned works %lld follow %zu", (long long)number,
                     oracle->planned_count);
        mem_grow((void **)&oracle->planned, oracle->planned_count, &oracle->planned_capacity,
                 sizeof(*oracle->planned));
        oracle->planned[oracle->planned_count++] =
            (struct oracle_planned){.number = number, .announced_at = event->recorded_ms};
    }
    works = oracle_planned(oracle, number);
    if (!works || works->state == PLANNED_STATE_CANCELLED ||
        (event->type == EVENT_PLANNED_CANCELLED && works->state == PLANNED_STATE_ENDED))
        sim_fail(sim, "planned works %lld cannot have had %.*s", (long long)number,
                 (int)event->topic.length, event->topic.data);
    works->touched = true;
    if (EVENT_HAS(event, starts) && EVENT_VALUE(event, starts)->integer > works->starts)
        works->fired[ORACLE_NOTICE] = false;
    if (EVENT_HAS(event, ends) && EVENT_VALUE(event, ends)->integer > works->ends)
        works->fired[ORACLE_OVERRUN] = false;
    if (EVENT_HAS(event, starts))
        works->starts = EVENT_VALUE(event, starts)->integer;
    if (EVENT_HAS(event, ends))
        works->ends = EVENT_VALUE(event, ends)->integer;
    if (EVENT_HAS(event, node)) {
        oracle_uncover(&works->covers, COVER_NODE);
        oracle_cover(&works->covers, COVER_NODE, 0, EVENT_VALUE(event, node)->text);
    }
    if (EVENT_HAS(event, places))
        oracle_uncover(&works->covers, COVER_PREMISE);
    for (size_t i = 0; EVENT_HAS(event, places) && i < places->count; i++)
        oracle_cover(&works->covers, COVER_PREMISE, places->integers[i], (struct slice){0});
    if (EVENT_HAS(event, node) || event->type == EVENT_PLANNED_STARTED ||
        event->type == EVENT_PLANNED_SWITCHED)
        oracle_feed(sim, &works->covers, true);
    fold_work(works, event);
    if (event->type == EVENT_PLANNED_STARTED)
        works->state = PLANNED_STATE_STARTED;
    else if (event->type == EVENT_PLANNED_ENDED)
        works->state = PLANNED_STATE_ENDED;
    else if (event->type == EVENT_PLANNED_CANCELLED)
        works->state = PLANNED_STATE_CANCELLED;
}

static void fold_node(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    struct slice id = EVENT_VALUE(event, node)->text;
    struct oracle_node *node = NULL;

    for (size_t i = 0; i < oracle->node_count; i++) {
        if (slice_is(id, oracle->nodes[i].node))
            node = &oracle->nodes[i];
    }
    if (!node) {
        mem_grow((void **)&oracle->nodes, oracle->node_count, &oracle->node_capacity,
                 sizeof(*oracle->nodes));
        node = &oracle->nodes[oracle->node_count++];
        *node = (struct oracle_node){.mark = 0};
        ORACLE_TEXT(node->node, event, node);
    }
    if (event->type == EVENT_NODE_MARKED) {
        node->mark = (int)EVENT_VALUE(event, mark)->integer;
        return;
    }
    node->fed_from[0] = '\0';
    ORACLE_TEXT(node->fed_from, event, fed_from);
}

static void fold_shift(struct sim *sim, const struct event *event)
{
    struct oracle_desk *desk = oracle_desk(&sim->oracle, EVENT_VALUE(event, desk)->text);

    desk->person[0] = '\0';
    if (event->type == EVENT_SHIFT_OPENED)
        ORACLE_TEXT(desk->person, event, person);
    else
        ORACLE_TEXT(desk->person, event, to);
    desk->needed_since = 0;
    desk->alarmed = false;
}

static void fold_dispatch(struct sim *sim, const struct event *event)
{
    struct oracle_contact *contact =
        oracle_contact(&sim->oracle, EVENT_VALUE(event, contact)->text);

    if (!contact)
        sim_fail(sim, "there is no such contact");
    contact->touched = true;
    contact->state = event->type == EVENT_DISPATCH_RETURNED ? DISPATCH_RETURNED
                     : event->type == EVENT_DISPATCH_ASKED  ? DISPATCH_ASKED
                                                            : DISPATCH_REPLIED;
}

static void fold_deadline(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident =
        EVENT_HAS(event, incident)
            ? oracle_incident(&sim->oracle, EVENT_VALUE(event, incident)->integer)
            : NULL;

    oracle_fire(sim, event);
    if (incident) {
        incident->touched = true;
        if (oracle_is_open(incident)) // the hours of a year may pass in one that is over
            oracle_prioritise(incident);
    }
}

void oracle_fold(struct sim *sim, const struct event *event)
{
    sim->oracle.refed |=
        event->type == EVENT_NODE_SWITCHED || event->type == EVENT_INCIDENT_REOPENED ||
        event->type == EVENT_INCIDENT_PARTLY_RESTORED || event->type == EVENT_PLANNED_STARTED;
    if (event->type != EVENT_DEADLINE_PASSED && event->type != EVENT_ETA_NEEDED)
        sim->oracle.fact_ms = event->recorded_ms;
    if (oracle_is_registered(event->type)) {
        fold_contact(sim, event);
        return;
    }
    switch (event->type) {
    case EVENT_CONTACT_ROUTED:
    case EVENT_CONTACT_TAKEN:
    case EVENT_CONTACT_ANSWERED:
    case EVENT_CONTACT_CLOSED:
    case EVENT_CONTACT_LEFT:
    case EVENT_CONTACT_REOPENED:
    case EVENT_CONTACT_LINKED: oracle_fold_life(sim, event); break;
    case EVENT_CONTACT_UPDATED: oracle_fold_added(sim, event); break;
    case EVENT_CALL_STARTED:
    case EVENT_CALL_ENDED: oracle_fold_call(sim, event); break;
    case EVENT_APPOINTMENT_BOOKED:
    case EVENT_APPOINTMENT_MOVED:
    case EVENT_APPOINTMENT_CANCELLED:
    case EVENT_APPOINTMENT_KEPT: oracle_fold_appointment(sim, event); break;
    case EVENT_PLANNED_ANNOUNCED:
    case EVENT_PLANNED_CHANGED:
    case EVENT_PLANNED_SWITCHED:
    case EVENT_PLANNED_STARTED:
    case EVENT_PLANNED_ENDED:
    case EVENT_PLANNED_CANCELLED: fold_planned(sim, event); break;
    case EVENT_NODE_SWITCHED:
    case EVENT_NODE_MARKED: fold_node(sim, event); break;
    case EVENT_APPROVAL_REQUESTED:
    case EVENT_APPROVAL_GIVEN: break; // oracle_approval.c
    case EVENT_SHIFT_OPENED:
    case EVENT_SHIFT_HANDED_OVER: fold_shift(sim, event); break;
    case EVENT_DISPATCH_RETURNED:
    case EVENT_DISPATCH_ASKED:
    case EVENT_DISPATCH_REPLIED: fold_dispatch(sim, event); break;
    case EVENT_DEADLINE_PASSED:
    case EVENT_ETA_NEEDED: fold_deadline(sim, event); break;
    case EVENT_MODE_CHANGED: sim->oracle.mode = (int)EVENT_VALUE(event, mode)->integer; break;
    case EVENT_RULES_CHANGED: oracle_read_rules(sim, event); break;
    case EVENT_INCIDENT_GROUPED: oracle_fold_grouped(sim, event); break;
    case EVENT_OTHER: // personal.*: oracle_purged() looked at it
    case EVENT_MODE_MESSAGE:
    case EVENT_LOG_ENTRY:
    case EVENT_MODEL_CHANGED: break;
    default:
        if (event->type != EVENT_INCIDENT_OPENED && oracle_next_state(event->type, 0) == -2)
            sim_fail(sim, "the oracle does not know %.*s: teach it in tests/sim/oracle_fold.c",
                     (int)event->topic.length, event->topic.data);
        oracle_fold_incident(sim, event);
        break;
    }
}
