// Incidents: opening, changing, placing, merging, splitting; what they cover, and their priority.
#include "busd/engine_predict.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

enum {
    HAZARD_OTHER = 5,
    SYMPTOM_NO_POWER = 0,
    SYMPTOM_BITS = 8,
    HAZARD_BITS = 8, // `information`: bits of symptoms, then of hazards, then of critical objects
};

// The device that feeds nobody else may be named too.
static bool covers_one_flat(const struct incident *incident)
{
    const struct cover_list *covers = &incident->covers;
    size_t count = 0, premises = 0;

    for (size_t i = 0; i < covers->count; i++) {
        count += covers->items[i].part <= COVER_RESTORED;
        premises += covers->items[i].level == COVER_PREMISE;
    }
    return premises == 1 && (count == 1 || (count == 2 && incident->customers == 1));
}

// DOMAIN "Priority". Hours out count from the deadline that says so.

static bool is_hazard(const struct incident *incident)
{
    return incident->kind == INCIDENT_HAZARD ||
           (incident->hazard >= 0 && incident->hazard != HAZARD_OTHER);
}

static bool is_critical(const struct incident *incident)
{
    return incident->critical || incident->critical_count > 0;
}

static bool has_category_1(const struct incident *incident)
{
    return incident->category_1 > 0;
}

static bool is_feeder(const struct incident *incident)
{
    return incident->feeder;
}

static bool has_many(const struct incident *incident)
{
    return incident->customers >= ENGINE_CUSTOMERS_MANY;
}

static bool lasts_long(const struct incident *incident)
{
    return incident->deadlines &
           (ENGINE_TIMER_BIT(ENGINE_TIMER_OUTAGE_NEAR) | ENGINE_TIMER_BIT(ENGINE_TIMER_YEAR_NEAR));
}

static bool is_one_flat(const struct incident *incident)
{
    return incident->state == INCIDENT_SUSPECTED && covers_one_flat(incident);
}

// The first that fits.
static const struct {
    int reason, priority;
    bool (*fits)(const struct incident *incident); // NULL: any
} priorities[] = {
    {REASON_HAZARD, 1, is_hazard},
    {REASON_CRITICAL, 2, is_critical},
    {REASON_CATEGORY_1, 2, has_category_1},
    {REASON_FEEDER, 3, is_feeder},
    {REASON_SIZE, 3, has_many},
    {REASON_HOURS, 3, lasts_long},
    {REASON_ONE_FLAT, 5, is_one_flat},
    {REASON_ORDINARY, 4, NULL},
};

static size_t priority_of(const struct incident *incident)
{
    size_t at = 0;

    while (priorities[at].fits && !priorities[at].fits(incident))
        at++;
    return at;
}

void engine_set_priority(struct incident *incident)
{
    size_t at = priority_of(incident);

    incident->priority_reason = incident->priority_given ? REASON_GIVEN : priorities[at].reason;
    if (!incident->priority_given)
        incident->priority = priorities[at].priority;
}

// Contacts and what they bring.

bool engine_is_report(const struct contact *contact)
{
    return event_type_of(slice_of(contact->type)) != EVENT_CONTACT_RESTORATION_QUERY;
}

static int64_t information_of(const struct contact *contact)
{
    int64_t bits = 0;

    if (contact->symptom >= 0)
        bits |= INT64_C(1) << contact->symptom;
    if (contact->hazard >= 0)
        bits |= INT64_C(1) << (SYMPTOM_BITS + contact->hazard);
    if (contact->critical >= 0)
        bits |= INT64_C(1) << (SYMPTOM_BITS + HAZARD_BITS + contact->critical);
    return bits;
}

// A hazard or a new kind of information makes an accepted incident new again.
void engine_inform(struct engine *engine, struct incident *incident, int64_t information,
                   int hazard, bool critical, int64_t now_ms)
{
    if (information & ~incident->information) {
        if (engine && (incident->accepted_by || !incident->news_at))
            engine_count_news(engine, incident, now_ms);
        engine_run_news(incident, now_ms);
        free(incident->accepted_by);
        incident->accepted_by = NULL;
        incident->accepted_at = 0;
        incident->news_at = now_ms;
        incident->deadlines &= ~(ENGINE_TIMER_BIT(ENGINE_TIMER_ACCEPT_HAZARD) |
                                 ENGINE_TIMER_BIT(ENGINE_TIMER_ACCEPT_NORMAL) |
                                 ENGINE_TIMER_BIT(ENGINE_TIMER_ESCALATE_NEXT) |
                                 ENGINE_TIMER_BIT(ENGINE_TIMER_ESCALATE_SENIOR));
    }
    incident->information |= information;
    if (hazard >= 0 && (incident->hazard < 0 || hazard < incident->hazard))
        incident->hazard = hazard;
    incident->critical |= critical;
}

static void take_contact(struct engine *engine, struct incident *incident,
                         const struct contact *contact)
{
    int64_t moment_ms = contact->time < contact->recorded ? contact->time : contact->recorded;

    incident->calls++;
    if (moment_ms > incident->last_report_at)
        incident->last_report_at = moment_ms;
    engine_inform(engine, incident, information_of(contact), contact->hazard,
                  contact->critical >= 0, contact->recorded);
}

void engine_link_contact(struct engine *engine, struct incident *incident,
                         const struct contact *contact, int64_t sequence)
{
    if (!engine_is_report(contact))
        return;
    take_contact(engine, incident, contact);
    engine_set_priority(incident);
    incident->version = sequence;
}

// Opening.

static void add_places(struct cover_list *covers, const struct event_value *places, bool listed)
{
    for (size_t i = 0; i < places->count; i++) {
        if (listed)
            engine_cover_list(covers, places->integers[i]);
        else
            engine_cover_add(covers, COVER_PREMISE, places->integers[i], (struct slice){0});
    }
}

static int64_t place_key(const struct event_place *place, int level)
{
    switch (level) {
    case COVER_PREMISE: return place->premise;
    case COVER_HOUSE: return place->house;
    case COVER_STREET: return place->street;
    default: return place->settlement;
    }
}

static bool is_brokers_own(const struct event *event)
{
    return slice_is(event->source, engine_identity);
}

static void cover_opened(struct cover_list *covers, const struct event *event)
{
    if (EVENT_HAS(event, node))
        engine_cover_add(covers, COVER_NODE, 0, EVENT_VALUE(event, node)->text);
    if (EVENT_HAS(event, places))
        add_places(covers, EVENT_VALUE(event, places), !is_brokers_own(event));
    if (!EVENT_HAS(event, premise))
        return;
    const struct event_place *place = EVENT_VALUE(event, premise)->place;
    if (EVENT_HAS(event, cover)) {
        int level = (int)EVENT_VALUE(event, cover)->integer;
        int64_t key = place_key(place, level);

        if (key && level == COVER_PREMISE && !is_brokers_own(event))
            engine_cover_list(covers, key);
        else if (key)
            engine_cover_add(covers, (enum cover_level)level, key, (struct slice){0});
    } else if (place->node.length && !is_brokers_own(event)) {
        engine_cover_add(covers, COVER_NODE, 0, place->node); // a person named the node alone
    }
}

void engine_set_customers(struct incident *incident, const struct event *event)
{
    if (EVENT_HAS(event, customers)) {
        incident->customers = EVENT_VALUE(event, customers)->integer;
        incident->customers_given = true;
    } else if (EVENT_HAS(event, customers_counted) && !incident->customers_given) {
        incident->customers = EVENT_VALUE(event, customers_counted)->integer;
    }
    if (EVENT_HAS(event, customers_counted)) {
        const struct event_value *categories = EVENT_VALUE(event, categories);
        int64_t *const counts[] = {&incident->category_1, &incident->category_2,
                                   &incident->category_3};

        incident->critical_count =
            EVENT_HAS(event, critical_counted) ? EVENT_VALUE(event, critical_counted)->integer : 0;
        for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
            *counts[i] =
                EVENT_HAS(event, categories) && i < categories->count ? categories->integers[i] : 0;
    }
    if (EVENT_HAS(event, node))
        incident->feeder = EVENT_HAS(event, feeder);
    engine_replace_text(&incident->desk, event, EVENT_FIELD_desk);
}

// The predicted place's probability, and whether it follows the grouping from now on.
static void take_prediction(struct incident *incident, const struct event *event)
{
    if (EVENT_HAS(event, grouping))
        incident->grouping = (int)EVENT_VALUE(event, grouping)->integer;
    if (EVENT_HAS(event, candidates_ppm) && EVENT_VALUE(event, candidates_ppm)->count > 0)
        incident->probability = EVENT_VALUE(event, candidates_ppm)->integers[0];
}

static void fill_opened(struct incident *incident, const struct event *event)
{
    incident->kind = (int)EVENT_VALUE(event, kind)->integer;
    incident->state = is_brokers_own(event) ? INCIDENT_SUSPECTED : INCIDENT_CONFIRMED;
    if (EVENT_HAS(event, probable))
        incident->state = INCIDENT_PROBABLE;
    incident->crew_tier = incident->crew_state = incident->hazard = incident->outcome = -1;
    engine_clear_eta(incident);
    engine_set_customers(incident, event);
    // Whoever opens an outage says that there is no power.
    if (!is_brokers_own(event) && incident->kind == INCIDENT_OUTAGE)
        incident->information = INT64_C(1) << SYMPTOM_NO_POWER;
    cover_opened(&incident->covers, event);
    engine_cover_parts(&incident->covers, event, 0, 0);
    take_prediction(incident, event);
}

void engine_decide_opened_fields(struct engine *engine, struct event *opened,
                                 const struct contact *const *contacts, size_t count)
{
    struct incident draft = {.outcome = -1};
    struct cover_list covers = {0};
    int64_t counted;

    cover_opened(&covers, opened);
    engine_decide_parts(engine, opened, &covers, 0);
    engine_decide_count(engine, opened, &covers);
    // Somebody called, so somebody is out, wherever that is.
    counted =
        EVENT_HAS(opened, customers_counted) ? EVENT_VALUE(opened, customers_counted)->integer : 0;
    event_set_integer(opened, EVENT_FIELD_customers_counted, counted > 0 ? counted : 1);
    engine_cover_free(&covers);
    fill_opened(&draft, opened);
    for (size_t i = 0; i < count; i++)
        engine_inform(NULL, &draft, 0, contacts[i]->hazard, contacts[i]->critical >= 0, 0);
    engine_set_priority(&draft);
    event_set_integer(opened, EVENT_FIELD_priority, draft.priority);
    record_fini(RECORD_INCIDENT, &draft);
}

DECIDE(opened)
{
    struct cover_list covers = {0};
    const struct event_place *place =
        EVENT_HAS(event, premise) ? EVENT_VALUE(event, premise)->place : NULL;
    enum err_code code = engine_check_node(engine, event, EVENT_FIELD_node, err);

    (void)moment, (void)decision;
    if (code == ERR_OK)
        code = engine_decide_accounts(engine, event, EVENT_FIELD_accounts, EVENT_FIELD_places, err);
    if (code != ERR_OK)
        return code;
    if (place && place->level != PLACE_NONE)
        event_set_word(event, EVENT_FIELD_cover, engine_cover_of_place(place));
    if (!EVENT_HAS(event, started))
        event_set_integer(event, EVENT_FIELD_started, event_moment_ms(event));
    event_set_integer(event, EVENT_FIELD_incident, engine_count_of(engine, "incident") + 1);
    cover_opened(&covers, event);
    engine_decide_parts(engine, event, &covers, 0);
    engine_decide_count(engine, event, &covers);
    engine_cover_free(&covers);
    return ERR_OK;
}

int engine_cover_of_place(const struct event_place *place)
{
    return (int)PLACE_PREMISE - (int)place->level;
}

static char *address_part(struct slice text)
{
    return text.length ? mem_string_of(text.data, text.length) : NULL;
}

// The contacts that it was opened for: the report's own, or those that were split off.
static void link_opened_contacts(struct engine *engine, struct engine_entry *entry,
                                 const struct event *event)
{
    const struct event_value *contacts = EVENT_VALUE(event, contacts);
    struct incident *incident = &entry->record.incident;

    for (size_t i = 0; EVENT_HAS(event, contacts) && i < contacts->count; i++) {
        struct contact *contact = engine_edit_contact(engine, contacts->texts[i]);

        if (!contact)
            continue;
        contact->incident = incident->incident;
        if (engine_is_report(contact))
            take_contact(engine, incident, contact);
        engine_predict_take(engine, entry, contact);
    }
}

APPLY(opened)
{
    int64_t number = EVENT_VALUE(event, incident)->integer;
    struct engine_entry *entry = engine_add(engine, RECORD_INCIDENT, number);
    struct incident *incident = &entry->record.incident;

    engine_touch(engine, entry);
    if (number > engine_count_of(engine, "incident"))
        engine_set_count(engine, "incident", number);
    fill_opened(incident, event);
    engine->open_incidents++;
    incident->ref = engine_text_of(event, EVENT_FIELD_ref);
    incident->node = engine_text_of(event, EVENT_FIELD_node);
    incident->cause = engine_text_of(event, EVENT_FIELD_cause);
    incident->started =
        EVENT_HAS(event, started) ? EVENT_VALUE(event, started)->integer : event_moment_ms(event);
    incident->nested_in = EVENT_HAS(event, nested_in) ? EVENT_VALUE(event, nested_in)->integer : 0;
    incident->opened_by = engine_who_of(event);
    incident->opened_at = incident->active_since = event->recorded_ms;
    incident->version = event->sequence;
    if (EVENT_HAS(event, premise)) {
        const struct event_place *place = EVENT_VALUE(event, premise)->place;

        incident->settlement = address_part(place->settlement_text);
        incident->street = address_part(place->street_text);
        incident->house = address_part(place->house_text);
    }
    engine_predict_opened(engine, entry);
    link_opened_contacts(engine, entry, event);
    if (EVENT_HAS(event, priority) && !is_brokers_own(event)) {
        incident->priority = EVENT_VALUE(event, priority)->integer;
        incident->priority_given = true;
    }
    engine_set_priority(incident);
    engine_index_entry(engine, entry);
    engine_need_desk(engine, incident->desk, event->recorded_ms);
}

// Changing and placing. Deciding does to a copy of the covers what applying will do.

static void cover_updated(struct cover_list *covers, const struct event *event)
{
    const struct event_value *removed = EVENT_VALUE(event, places_remove);

    if (EVENT_HAS(event, places_add))
        add_places(covers, EVENT_VALUE(event, places_add), true);
    for (size_t i = 0; EVENT_HAS(event, places_remove) && i < removed->count; i++)
        engine_cover_remove(covers, COVER_PREMISE, removed->integers[i]);
}

// A person names the node: it takes the place of what was covered, but the accounts that a person
// has listed stay (EVENTS.md rule 1).
static void cover_placed(struct cover_list *covers, const struct event *event)
{
    engine_cover_remove_level(covers, COVER_HOUSE);
    engine_cover_remove_level(covers, COVER_STREET);
    engine_cover_remove_level(covers, COVER_SETTLEMENT);
    engine_cover_remove_level(covers, COVER_NODE);
    engine_cover_remove_unlisted(covers);
    engine_cover_add(covers, COVER_NODE, 0, EVENT_VALUE(event, node)->text);
}

// A person's word on the place ends the prediction.
void engine_end_prediction(struct incident *incident, const struct event *event)
{
    if (is_brokers_own(event))
        return;
    incident->grouping = GROUPING_NONE;
    incident->probability = 0;
}

void engine_cover_grouped(struct cover_list *covers, const struct event *event)
{
    if (!EVENT_HAS(event, node) && !EVENT_HAS(event, places))
        return;
    for (int level = COVER_PREMISE; level <= COVER_NODE; level++)
        engine_cover_remove_level(covers, (enum cover_level)level);
    cover_opened(covers, event);
}

DECIDE(updated)
{
    const struct incident *incident;
    struct cover_list covers;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment, (void)decision;
    if (code == ERR_OK)
        code = engine_decide_accounts(engine, event, EVENT_FIELD_accounts_add,
                                      EVENT_FIELD_places_add, err);
    if (code == ERR_OK)
        code = engine_decide_accounts(engine, event, EVENT_FIELD_accounts_remove,
                                      EVENT_FIELD_places_remove, err);
    if (code != ERR_OK || (!EVENT_HAS(event, places_add) && !EVENT_HAS(event, places_remove)))
        return code;
    engine_cover_copy(&covers, &incident->covers);
    cover_updated(&covers, event);
    engine_decide_count(engine, event, &covers);
    engine_cover_free(&covers);
    return ERR_OK;
}

APPLY(updated)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    if (EVENT_HAS(event, started)) {
        // A later start gives it its hours again; what was said of an earlier one stays said.
        if (EVENT_VALUE(event, started)->integer > incident->started)
            incident->deadlines &= ~(ENGINE_TIMER_BIT(ENGINE_TIMER_OUTAGE_NEAR) |
                                     ENGINE_TIMER_BIT(ENGINE_TIMER_OUTAGE_LIMIT));
        incident->started = EVENT_VALUE(event, started)->integer;
    }
    engine_replace_text(&incident->cause, event, EVENT_FIELD_cause);
    engine_replace_text(&incident->public_text, event, EVENT_FIELD_public_text);
    if (EVENT_HAS(event, places_add) || EVENT_HAS(event, places_remove)) {
        cover_updated(&incident->covers, event);
        engine_end_prediction(incident, event);
        engine_index_entry(engine, engine_find(engine, RECORD_INCIDENT, incident->incident));
    }
    engine_set_customers(incident, event);
    if (EVENT_HAS(event, priority)) {
        incident->priority = EVENT_VALUE(event, priority)->integer;
        incident->priority_given = true;
    }
    engine_set_priority(incident);
}

DECIDE(place)
{
    const struct incident *incident;
    struct cover_list covers;
    enum err_code code = engine_check_incident(engine, event, &incident, err);

    (void)moment, (void)decision;
    if (code == ERR_OK)
        code = engine_check_node(engine, event, EVENT_FIELD_node, err);
    if (code != ERR_OK || !EVENT_HAS(event, node))
        return code;
    engine_cover_copy(&covers, &incident->covers);
    cover_placed(&covers, event);
    engine_decide_parts(engine, event, &covers, 0);
    engine_decide_count(engine, event, &covers);
    engine_cover_free(&covers);
    return ERR_OK;
}

APPLY(place)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    if (EVENT_HAS(event, node)) {
        engine_replace_text(&incident->node, event, EVENT_FIELD_node);
        cover_placed(&incident->covers, event);
        engine_cover_parts(&incident->covers, event, 0, 0);
        engine_index_entry(engine, engine_find(engine, RECORD_INCIDENT, incident->incident));
        engine_set_customers(incident, event);
    }
    engine_end_prediction(incident, event);
    engine_set_priority(incident);
}

// The engine's word: where it is, how sure, and whether it stays there from now on.
APPLY(grouped)
{
    struct incident *incident = engine_step_incident(engine, event);

    if (!incident)
        return;
    if (EVENT_HAS(event, candidates)) {
        incident->state = EVENT_HAS(event, probable) ? INCIDENT_PROBABLE : INCIDENT_SUSPECTED;
        free(incident->node);
        incident->node = engine_text_of(event, EVENT_FIELD_node);
        engine_cover_grouped(&incident->covers, event);
        engine_cover_parts(&incident->covers, event, 0, 0);
        engine_index_entry(engine, engine_find(engine, RECORD_INCIDENT, incident->incident));
        engine_set_customers(incident, event);
        incident->feeder = EVENT_HAS(event, feeder);
        engine_need_desk(engine, incident->desk, event->recorded_ms);
    }
    take_prediction(incident, event);
    engine_set_priority(incident);
}
