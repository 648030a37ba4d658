// What happens to an incident, after EVENTS.md and DOMAIN.md.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <stdio.h>

enum { HAZARD_OTHER = 5, MANY_CUSTOMERS = 100 };

static struct oracle_incident *named(struct sim *sim, int64_t number)
{
    struct oracle_incident *incident = oracle_incident(&sim->oracle, number);

    if (!incident)
        sim_fail(sim, "there is no incident %lld", (long long)number);
    incident->touched = true;
    return incident;
}

static struct oracle_incident *own(struct sim *sim, const struct event *event)
{
    return named(sim, EVENT_VALUE(event, incident)->integer);
}

static void step(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);
    int next = oracle_next_state(event->type, incident->state);

    if (next < 0)
        sim_fail(sim, "incident %lld is in state %d: %.*s cannot have happened",
                 (long long)incident->number, incident->state, (int)event->topic.length,
                 event->topic.data);
    incident->state = next;
}

// --- counts and priorities ----------------------------------------------------------------------

void oracle_prioritise(struct oracle_incident *incident)
{
    size_t premises = 0;

    for (size_t i = 0; i < incident->covers.count; i++)
        premises += incident->covers.items[i].level == COVER_PREMISE;
    // The node above it may be named too, where nobody else hangs below.
    bool one = premises == 1 && (incident->covers.count == 1 ||
                                 (incident->covers.count == 2 && incident->customers == 1));

    if (incident->priority_given)
        return;
    if (incident->kind == INCIDENT_HAZARD ||
        (incident->hazard >= 0 && incident->hazard != HAZARD_OTHER))
        incident->priority = 1;
    else if (incident->critical || incident->critical_below)
        incident->priority = 2;
    else if (incident->customers >= MANY_CUSTOMERS || incident->feeder ||
             incident->fired[ORACLE_OUTAGE_NEAR] || incident->fired[ORACLE_YEAR_NEAR])
        incident->priority = 3;
    else
        incident->priority = incident->state == INCIDENT_SUSPECTED && one ? 5 : 4;
}

static bool is_feeder(const struct sim *sim, struct slice id)
{
    int node = sim_find_node(&sim->network, id);
    const char *kind = node == SIM_NO_NODE ? "" : sim->network.nodes[node].kind;

    return strcmp(kind, "feeder") == 0 || strcmp(kind, "substation") == 0;
}

int oracle_feeding(const struct sim *sim, int node)
{
    for (size_t i = 0; i < sim->oracle.node_count; i++) {
        const struct oracle_node *state = &sim->oracle.nodes[i];

        if (state->fed_from[0] && strcmp(state->node, sim->network.nodes[node].id) == 0)
            return sim_find_node(&sim->network, slice_of(state->fed_from));
    }
    return sim->network.nodes[node].parent;
}

// The desk of a node: its own, or that of the nearest one that feeds it now, else the one for the rest.
void oracle_check_desk(struct sim *sim, const struct event *event, const char *start)
{
    const struct engine_desks *desks = &sim->broker.desks;
    const char *wanted = desks->count ? desks->items[1].desk : "";
    int node = sim_find_node(&sim->network, slice_of(start));

    while (node != SIM_NO_NODE && desks->count) {
        if (strcmp(sim->network.nodes[node].id, desks->items[0].nodes[0]) == 0) {
            wanted = desks->items[0].desk;
            break;
        }
        node = oracle_feeding(sim, node);
    }
    if (!slice_is(EVENT_VALUE(event, desk)->text, wanted) && (wanted[0] || EVENT_HAS(event, desk)))
        sim_fail(sim, "the desk of an incident at %s is %.*s and not %s", start,
                 (int)EVENT_VALUE(event, desk)->text.length, EVENT_VALUE(event, desk)->text.data,
                 wanted);
}

// What the broker counted is what there is under the covers as they are now. `least`: somebody called.
void oracle_check_count(struct sim *sim, struct oracle_incident *incident,
                        const struct event *event, int64_t least)
{
    bool critical;
    int64_t count = oracle_count(sim, &incident->covers, false, &critical);

    count = count > least ? count : least;
    if (!EVENT_HAS(event, customers_counted) ||
        EVENT_VALUE(event, customers_counted)->integer != count)
        sim_fail(sim, "incident %lld affects %lld premises, counted as %lld",
                 (long long)incident->number, (long long)count,
                 (long long)EVENT_VALUE(event, customers_counted)->integer);
    if (!incident->customers_given)
        incident->customers = count;
    incident->critical_below = critical;
    if (EVENT_HAS(event, node))
        incident->feeder = is_feeder(sim, EVENT_VALUE(event, node)->text);
}

static void take_given(struct oracle_incident *incident, const struct event *event)
{
    if (EVENT_HAS(event, customers)) {
        incident->customers = EVENT_VALUE(event, customers)->integer;
        incident->customers_given = true;
    }
    if (EVENT_HAS(event, priority)) {
        incident->priority = EVENT_VALUE(event, priority)->integer;
        incident->priority_given = true;
    }
    incident->cause |= EVENT_HAS(event, cause);
}

static void clear_eta(struct oracle_incident *incident)
{
    incident->eta_source = -1;
    incident->eta_default = false;
    incident->eta_at = incident->eta_set_at = 0;
    incident->overdue_alarms = incident->overdue_at = 0;
}

// --- news ---------------------------------------------------------------------------------------

static void inform(struct oracle *oracle, struct oracle_incident *incident, int64_t symptoms,
                   int64_t hazards, int64_t criticals, int64_t now_ms)
{
    if (symptoms & ~incident->symptoms || hazards & ~incident->hazards ||
        criticals & ~incident->criticals) {
        if (incident->accepted || !incident->news_at)
            oracle_count_news(oracle, incident->desk, now_ms);
        incident->accepted = false;
        incident->news_at = now_ms;
        incident->fired[ORACLE_ACCEPT_HAZARD] = incident->fired[ORACLE_ACCEPT_NORMAL] = false;
        incident->fired[ORACLE_ESCALATE_NEXT] = incident->fired[ORACLE_ESCALATE_SENIOR] = false;
    }
    incident->symptoms |= symptoms;
    incident->hazards |= hazards;
    incident->criticals |= criticals;
    for (int hazard = HAZARD_OTHER; hazard >= 0; hazard--) {
        if (incident->hazards >> hazard & 1)
            incident->hazard = hazard;
    }
    incident->critical |= incident->criticals != 0;
}

static int64_t bit(int index)
{
    return index < 0 ? 0 : INT64_C(1) << index;
}

void oracle_tell(struct oracle *oracle, struct oracle_incident *incident,
                 const struct oracle_contact *contact)
{
    if (!contact->report)
        return;
    if (contact->moment > incident->last_report_at)
        incident->last_report_at = contact->moment;
    inform(oracle, incident, bit(contact->symptom), bit(contact->hazard), bit(contact->critical),
           contact->recorded);
}

// --- incidents ----------------------------------------------------------------------------------

static void cover_opened(const struct sim *sim, struct oracle_incident *incident,
                         const struct event *event)
{
    const struct event_place *place =
        EVENT_HAS(event, premise) ? EVENT_VALUE(event, premise)->place : NULL;
    const struct event_value *places = EVENT_VALUE(event, places);

    if (EVENT_HAS(event, node))
        oracle_cover(&incident->covers, COVER_NODE, 0, EVENT_VALUE(event, node)->text);
    for (size_t i = 0; EVENT_HAS(event, places) && i < places->count; i++) {
        oracle_cover(&incident->covers, COVER_PREMISE, places->integers[i], (struct slice){0});
        if (incident->by_person)
            oracle_list(&incident->covers, places->integers[i]);
    }
    if (place && EVENT_HAS(event, cover)) {
        int level = (int)EVENT_VALUE(event, cover)->integer;
        int64_t key = level == COVER_PREMISE  ? place->premise
                      : level == COVER_HOUSE  ? place->house
                      : level == COVER_STREET ? place->street
                                              : place->settlement;
        if (key)
            oracle_cover(&incident->covers, (enum cover_level)level, key, (struct slice){0});
        if (key && level == COVER_PREMISE && incident->by_person)
            oracle_list(&incident->covers, key);
    } else if (place && place->node.length && incident->by_person) {
        oracle_cover(&incident->covers, COVER_NODE, 0, place->node);
    }
    oracle_feed(sim, &incident->covers, true);
}

void oracle_need_desk(struct oracle *oracle, const char *name, int64_t now_ms)
{
    struct oracle_desk *desk;

    if (!name[0])
        return;
    desk = oracle_desk(oracle, slice_of(name));
    if (!desk->person[0] && !desk->needed_since)
        desk->needed_since = now_ms;
}

// The contacts that it was opened for become its own.
static void take_contacts(struct sim *sim, struct oracle_incident *incident,
                          const struct event *event)
{
    const struct event_value *contacts = EVENT_VALUE(event, contacts);
    struct oracle *oracle = &sim->oracle;

    for (size_t i = 0; EVENT_HAS(event, contacts) && i < contacts->count; i++) {
        struct oracle_contact *contact = oracle_contact(oracle, contacts->texts[i]);

        if (!contact)
            sim_fail(sim, "there is no contact %.*s", (int)contacts->texts[i].length,
                     contacts->texts[i].data);
        contact->incident = incident->number;
        contact->touched = true;
        oracle_tell(oracle, incident, contact);
    }
}

static const char *place_of_opened(const struct sim *sim, const struct event *event, char *text)
{
    const struct event_value *places = EVENT_VALUE(event, places);
    struct slice node = {0};

    if (EVENT_HAS(event, node))
        node = EVENT_VALUE(event, node)->text;
    else if (EVENT_HAS(event, premise))
        node = EVENT_VALUE(event, premise)->place->node;
    else if (EVENT_HAS(event, places) && places->count) {
        int at = sim->network.premises[places->integers[0] - 1].node;

        node = slice_of(at == SIM_NO_NODE ? "" : sim->network.nodes[at].id);
    }
    snprintf(text, SIM_ID_BYTES, "%.*s", (int)node.length, node.data ? node.data : "");
    return text;
}

static void fold_opened(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    int64_t number = EVENT_VALUE(event, incident)->integer;
    struct oracle_incident *incident;
    char at[SIM_ID_BYTES];

    if (number != (int64_t)oracle->incident_count + 1)
        sim_fail(sim, "incident %lld follows incident %zu", (long long)number,
                 oracle->incident_count);
    mem_grow((void **)&oracle->incidents, oracle->incident_count, &oracle->incident_capacity,
             sizeof(*oracle->incidents));
    incident = &oracle->incidents[oracle->incident_count++];
    *incident = (struct oracle_incident){.number = number,
                                         .kind = (int)EVENT_VALUE(event, kind)->integer,
                                         .by_person = !slice_is(event->source, "pult:busd"),
                                         .touched = true,
                                         .opened_at = event->recorded_ms,
                                         .active_since = event->recorded_ms,
                                         .eta_source = -1,
                                         .hazard = -1,
                                         .crew_tier = -1,
                                         .crew_state = -1,
                                         .outcome = -1};
    incident->state = incident->by_person ? INCIDENT_CONFIRMED : INCIDENT_SUSPECTED;
    if (EVENT_HAS(event, probable))
        incident->state = INCIDENT_PROBABLE;
    if (EVENT_HAS(event, grouping))
        incident->grouping = (int)EVENT_VALUE(event, grouping)->integer;
    incident->started = EVENT_VALUE(event, started)->integer;
    incident->nested_in = EVENT_HAS(event, nested_in) ? EVENT_VALUE(event, nested_in)->integer : 0;
    ORACLE_TEXT(incident->node, event, node);
    if (incident->by_person && incident->kind == INCIDENT_OUTAGE)
        incident->symptoms = 1; // whoever opens an outage says that there is no power
    cover_opened(sim, incident, event);
    oracle_check_count(sim, incident, event, incident->by_person ? 0 : 1);
    oracle_check_desk(sim, event, place_of_opened(sim, event, at));
    ORACLE_TEXT(incident->desk, event, desk);
    if (incident->by_person)
        take_given(incident, event);
    take_contacts(sim, incident, event);
    oracle_prioritise(incident);
    oracle_need_desk(oracle, incident->desk, event->recorded_ms);
}

// A person's word on its place ends it.
static void end_prediction(struct oracle_incident *incident, const struct event *event)
{
    if (!slice_is(event->source, "pult:busd"))
        incident->grouping = GROUPING_NONE;
}

static void fold_updated(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);
    const struct event_value *added = EVENT_VALUE(event, places_add);
    const struct event_value *removed = EVENT_VALUE(event, places_remove);

    if (EVENT_HAS(event, started)) {
        if (EVENT_VALUE(event, started)->integer > incident->started)
            incident->fired[ORACLE_OUTAGE_NEAR] = incident->fired[ORACLE_OUTAGE_LIMIT] = false;
        incident->started = EVENT_VALUE(event, started)->integer;
    }
    for (size_t i = 0; EVENT_HAS(event, places_add) && i < added->count; i++)
        oracle_list(&incident->covers, added->integers[i]);
    for (size_t i = 0; EVENT_HAS(event, places_remove) && i < removed->count; i++)
        oracle_uncover_premise(&incident->covers, removed->integers[i]);
    if (EVENT_HAS(event, places_add) || EVENT_HAS(event, places_remove)) {
        oracle_check_count(sim, incident, event, 0);
        end_prediction(incident, event);
    }
    take_given(incident, event);
    oracle_prioritise(incident);
}

static void fold_placed(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);

    if (EVENT_HAS(event, node)) {
        struct slice node = EVENT_VALUE(event, node)->text;

        oracle_uncover_unlisted(&incident->covers);
        for (int level = COVER_HOUSE; level <= COVER_NODE; level++)
            oracle_uncover(&incident->covers, (enum cover_level)level);
        oracle_cover(&incident->covers, COVER_NODE, 0, node);
        oracle_feed(sim, &incident->covers, true);
        ORACLE_TEXT(incident->node, event, node);
        oracle_check_desk(sim, event, incident->node);
        ORACLE_TEXT(incident->desk, event, desk);
        oracle_check_count(sim, incident, event, 0);
    }
    end_prediction(incident, event);
    oracle_prioritise(incident);
}

static void fold_merged(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);
    struct oracle_incident *into = named(sim, EVENT_VALUE(event, into)->integer);

    if (into == incident || !oracle_is_open(into))
        sim_fail(sim, "incident %lld cannot have been merged into %lld",
                 (long long)incident->number, (long long)into->number);
    incident->merged_into = into->number;
    if (EVENT_HAS(event, covers_follow)) {
        oracle_cover_all(&into->covers, &incident->covers);
        oracle_feed_merged(sim, &into->covers, &incident->covers);
        oracle_check_count(sim, into, event, 0);
    }
    end_prediction(into, event);
    if (incident->last_report_at > into->last_report_at)
        into->last_report_at = incident->last_report_at;
    inform(&sim->oracle, into, incident->symptoms, incident->hazards, incident->criticals,
           event->recorded_ms);
    into->critical |= incident->critical;
    oracle_prioritise(into);
    clear_eta(incident);
}

static int64_t check_restored(struct sim *sim, const struct oracle_incident *incident,
                              const struct event *event)
{
    bool critical;
    int64_t count = oracle_count(sim, &incident->covers, true, &critical);

    if (EVENT_VALUE(event, customers_restored)->integer != count)
        sim_fail(sim, "%lld premises of incident %lld are restored, counted as %lld",
                 (long long)count, (long long)incident->number,
                 (long long)EVENT_VALUE(event, customers_restored)->integer);
    return count;
}

// Parts of the network came or went.
static void fold_switched(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);
    int64_t count, most;

    oracle_feed(sim, &incident->covers, false);
    oracle_check_count(sim, incident, event, 0);
    count = check_restored(sim, incident, event);
    most = count < incident->customers ? count : incident->customers;
    if (count < incident->customers_restored)
        incident->customers_restored = count;
    else if (most > incident->customers_restored)
        incident->customers_restored = most;
    incident->switched = true;
    oracle_prioritise(incident);
}

static void fold_part(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);
    const struct event_value *nodes = EVENT_VALUE(event, nodes);
    const struct event_value *places = EVENT_VALUE(event, places);
    int64_t at_ms = EVENT_HAS(event, at) ? EVENT_VALUE(event, at)->integer : event->time_ms;
    int64_t count, more;

    for (size_t i = 0; EVENT_HAS(event, nodes) && i < nodes->count; i++)
        oracle_cover_restored(&incident->covers, COVER_NODE, 0, nodes->texts[i]);
    for (size_t i = 0; EVENT_HAS(event, places) && i < places->count; i++)
        oracle_cover_restored(&incident->covers, COVER_PREMISE, places->integers[i],
                              (struct slice){0});
    oracle_feed(sim, &incident->covers, false);
    count = check_restored(sim, incident, event);
    more =
        (count < incident->customers ? count : incident->customers) - incident->customers_restored;
    if (more > 0) {
        mem_grow((void **)&incident->parts, incident->part_count, &incident->part_capacity,
                 sizeof(*incident->parts));
        incident->parts[incident->part_count++] = (struct oracle_part){more, at_ms};
        incident->customers_restored += more;
    }
    oracle_prioritise(incident);
}

static void fold_reopened(struct oracle_incident *incident, const struct event *event)
{
    bool near = incident->fired[ORACLE_OUTAGE_NEAR], limit = incident->fired[ORACLE_OUTAGE_LIMIT];
    bool year = incident->fired[ORACLE_YEAR_NEAR];

    incident->restored_at = 0;
    incident->customers_restored = 0;
    incident->part_count = 0;
    incident->outcome = -1;
    incident->merged_into = 0;
    incident->active_since = event->recorded_ms;
    memset(incident->fired, 0, sizeof(incident->fired));
    incident->fired[ORACLE_OUTAGE_NEAR] = near;
    incident->fired[ORACLE_OUTAGE_LIMIT] = limit;
    incident->fired[ORACLE_YEAR_NEAR] = year;
    incident->asked = false;
    clear_eta(incident);
    for (size_t i = 0; i < incident->covers.count; i++)
        incident->covers.items[i].restored = false;
    oracle_feed_reopened(&incident->covers);
    oracle_prioritise(incident);
}

static int outcome_of(struct slice word_)
{
    static const char *const words[] = {"customer_side", "not_found", "duplicate", "invalid"};

    for (int i = 0; i < 4; i++) {
        if (slice_is(word_, words[i]))
            return i;
    }
    return -1;
}

static void fold_step(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);

    switch (event->type) {
    case EVENT_INCIDENT_CREW:
        incident->crew_tier = (int)EVENT_VALUE(event, tier)->integer;
        incident->crew_state = (int)EVENT_VALUE(event, state)->integer;
        break;
    case EVENT_INCIDENT_RESTORED:
        incident->restored_at =
            EVENT_HAS(event, at) ? EVENT_VALUE(event, at)->integer : event->time_ms;
        clear_eta(incident);
        break;
    case EVENT_INCIDENT_REOPENED: fold_reopened(incident, event); break;
    case EVENT_INCIDENT_CLOSED: incident->cause = true; break;
    case EVENT_INCIDENT_CANCELLED:
        incident->outcome = outcome_of(EVENT_VALUE(event, reason)->text);
        clear_eta(incident);
        // A duplicate of what it is nested in was a call about that.
        if (incident->outcome == OUTCOME_DUPLICATE && incident->nested_in &&
            named(sim, incident->nested_in)->state != INCIDENT_MERGED)
            incident->merged_into = incident->nested_in;
        break;
    case EVENT_ETA_WITHDRAWN: clear_eta(incident); break;
    case EVENT_DISPATCH_ACCEPTED:
        incident->accepted = true;
        incident->escalated_to[0] = '\0';
        break;
    default: break;
    }
}

static int rank(int source)
{
    return source <= ETA_CREW ? 2 : source == ETA_ZONE ? 1 : 0;
}

static void fold_eta(struct sim *sim, const struct event *event)
{
    struct oracle_incident *incident = own(sim, event);
    int source = (int)EVENT_VALUE(event, source)->integer;
    bool first = incident->eta_source < 0;
    // The broker may come down from its own default for an area to one for everywhere.
    bool revises = incident->eta_default && slice_is(event->source, "pult:busd");
    bool stands = first || revises || rank(source) >= rank(incident->eta_source);

    if ((EVENT_VALUE(event, in_force)->integer != 0) != stands)
        sim_fail(sim, "a time of source %d against one of %d: in force is wrong", source,
                 incident->eta_source);
    if (!stands)
        return;
    clear_eta(incident);
    incident->eta_at = EVENT_VALUE(event, at)->integer;
    incident->eta_source = source;
    incident->eta_published = EVENT_VALUE(event, published)->integer != 0;
    incident->eta_default = slice_is(event->source, "pult:busd");
    incident->eta_set_at = event->time_ms;
    incident->eta_revisions += !first;
    incident->fired[ORACLE_ETA_FIRST] = true;
    incident->fired[ORACLE_ETA_WARNING] = incident->fired[ORACLE_ETA_OVERDUE] = false;
    incident->asked = false;
}

void oracle_fold_incident(struct sim *sim, const struct event *event)
{
    if (oracle_next_state(event->type, 0) != -2)
        step(sim, event);
    switch (event->type) {
    case EVENT_INCIDENT_OPENED: fold_opened(sim, event); break;
    case EVENT_INCIDENT_UPDATED: fold_updated(sim, event); break;
    case EVENT_INCIDENT_CONFIRMED:
    case EVENT_INCIDENT_MOVED: fold_placed(sim, event); break;
    case EVENT_INCIDENT_MERGED: fold_merged(sim, event); break;
    case EVENT_INCIDENT_SPLIT: end_prediction(own(sim, event), event); break;
    case EVENT_INCIDENT_PARTLY_RESTORED: fold_part(sim, event); break;
    case EVENT_INCIDENT_SWITCHED: fold_switched(sim, event); break;
    case EVENT_ETA_SET: fold_eta(sim, event); break;
    default: fold_step(sim, event); break;
    }
}
