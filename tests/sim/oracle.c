#include "tests/sim/sim.h"

#include "lib/crypto.h"
#include "lib/event_json.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { HOURS_EVERY = 16 };
enum { MOSCOW_MS = 3 * 60 * 60 * 1000, SYMPTOM_RESTORED = 3 };

void oracle_init(struct oracle *oracle)
{
    *oracle = (struct oracle){.doc = json_doc_new(), .rules_set = -1};
    oracle->next[0].type = oracle->next[1].type = EVENT_OTHER;
}

void oracle_fini(struct oracle *oracle)
{
    for (size_t i = 0; i < oracle->incident_count; i++) {
        free(oracle->incidents[i].covers.items);
        free(oracle->incidents[i].covers.fed);
        free(oracle->incidents[i].parts);
    }
    for (size_t i = 0; i < oracle->planned_count; i++) {
        free(oracle->planned[i].covers.items);
        free(oracle->planned[i].covers.fed);
        free(oracle->planned[i].runs);
    }
    free(oracle->incidents);
    free(oracle->contacts);
    oracle_free_records(oracle);
    free(oracle->planned);
    for (size_t i = 0; i < oracle->desk_count; i++)
        free(oracle->desks[i].news);
    free(oracle->nodes);
    free(oracle->owed);
    oracle_free_approvals(oracle);
    free(oracle->desks);
    json_doc_free(oracle->doc);
}

// --- what follows -------------------------------------------------------------------------------

static int64_t decided(const struct event *event, enum event_field field)
{
    return event->has >> field & 1 ? event->values[field].integer : 0;
}

static void expect_next(struct sim *sim, struct oracle_due_next next)
{
    struct oracle_due_next *slots = sim->oracle.next;

    slots[slots[0].type != EVENT_OTHER] = next;
}

static void check_next(struct sim *sim, const struct event *event)
{
    struct oracle_due_next *next = sim->oracle.next, wanted = next[0];

    next[0] = next[1];
    next[1] = (struct oracle_due_next){.type = EVENT_OTHER};
    if (wanted.type == EVENT_OTHER)
        return;
    if (event->type != wanted.type || decided(event, EVENT_FIELD_incident) != wanted.incident ||
        !slice_is(event->source, "pult:busd"))
        sim_fail(sim, "%s of incident %lld should follow, and %.*s does", event_topic(wanted.type),
                 (long long)wanted.incident, (int)event->topic.length, event->topic.data);
    if (wanted.type == EVENT_ETA_SET && EVENT_VALUE(event, at)->integer != wanted.at)
        sim_fail(sim, "the promise did not go along with the merge");
    if (wanted.type != EVENT_INCIDENT_OPENED)
        return;
    int64_t nested_in = EVENT_HAS(event, nested_in) ? EVENT_VALUE(event, nested_in)->integer : 0;
    if (nested_in != wanted.nested_in)
        sim_fail(sim, "incident %lld is nested in %lld, and should be in %lld",
                 (long long)wanted.incident, (long long)nested_in, (long long)wanted.nested_in);
    if (EVENT_VALUE(event, started)->integer != wanted.started)
        sim_fail(sim, "incident %lld should have started at %lld, and did at %lld",
                 (long long)wanted.incident, (long long)wanted.started,
                 (long long)EVENT_VALUE(event, started)->integer);
}

// --- contacts -----------------------------------------------------------------------------------

static void check_reg_no(struct sim *sim, const struct event *event)
{
    struct oracle *oracle = &sim->oracle;
    time_t local = (time_t)((event->recorded_ms + MOSCOW_MS) / 1000);
    struct tm tm;
    char wanted[40];

    gmtime_r(&local, &tm);
    if (tm.tm_year + 1900 != oracle->last_year) {
        oracle->last_year = tm.tm_year + 1900;
        oracle->last_number = 0;
    }
    snprintf(wanted, sizeof(wanted), "%04d-%06lld", oracle->last_year,
             (long long)++oracle->last_number);
    if (!slice_is(EVENT_VALUE(event, reg_no)->text, wanted))
        sim_fail(sim, "the registration number is %.*s and not %s",
                 (int)EVENT_VALUE(event, reg_no)->text.length,
                 EVENT_VALUE(event, reg_no)->text.data, wanted);
}

// Somebody asks when, and nobody has said: once, until it was said and taken back.
static void expect_asking(struct sim *sim, int64_t number)
{
    const struct oracle_incident *incident = oracle_incident(&sim->oracle, number);

    if (incident && oracle_is_open(incident) && incident->eta_source < 0 && !incident->asked)
        expect_next(sim, (struct oracle_due_next){.type = EVENT_ETA_NEEDED, .incident = number});
}

static void expect_opening(struct sim *sim, const struct event *event, int64_t nested_in)
{
    int64_t started = event_moment_ms(event);

    if (nested_in)
        started = oracle_incident(&sim->oracle, nested_in)->started;
    else if (EVENT_HAS(event, since) && EVENT_VALUE(event, since)->integer < started)
        started = EVENT_VALUE(event, since)->integer;
    expect_next(sim, (struct oracle_due_next){.type = EVENT_INCIDENT_OPENED,
                                              .incident = decided(event, EVENT_FIELD_incident),
                                              .nested_in = nested_in,
                                              .started = started});
}

static void check_contact(struct sim *sim, const struct event *event, const struct json *tree)
{
    bool asks = event->type == EVENT_CONTACT_RESTORATION_QUERY;
    int kind = asks                                             ? -1
               : event->type == EVENT_CONTACT_QUALITY_COMPLAINT ? INCIDENT_QUALITY
                                                                : INCIDENT_OUTAGE;
    struct oracle_target wanted;

    check_reg_no(sim, event);
    if (!oracle_is_trouble(event->type)) {
        if (EVENT_HAS(event, incident) || EVENT_HAS(event, planned))
            sim_fail(sim, "a contact about something else went to an incident");
        if (EVENT_HAS(event, premise))
            oracle_check_place(sim, event, json_get(json_get(tree, "data"), "premise"));
        return;
    }
    if (!EVENT_HAS(event, premise)) { // it names an incident
        expect_asking(sim, decided(event, EVENT_FIELD_incident));
        return;
    }
    oracle_check_place(sim, event, json_get(json_get(tree, "data"), "premise"));
    wanted = oracle_target(sim, event, kind);
    bool opens = !asks && !wanted.incident && !wanted.planned &&
                 decided(event, EVENT_FIELD_symptom) != SYMPTOM_RESTORED;
    if (asks && wanted.incident)
        expect_asking(sim, wanted.incident);
    if (opens && !wanted.nested_in &&
        oracle_may_join(sim, event, decided(event, EVENT_FIELD_incident))) {
        opens = false;
        wanted.incident = decided(event, EVENT_FIELD_incident);
    }
    if (opens)
        wanted.incident = (int64_t)sim->oracle.incident_count + 1;
    if (decided(event, EVENT_FIELD_incident) != wanted.incident ||
        decided(event, EVENT_FIELD_planned) != wanted.planned)
        sim_fail(sim,
                 "the report went to incident %lld, planned works %lld; it belongs to %lld, %lld",
                 (long long)decided(event, EVENT_FIELD_incident),
                 (long long)decided(event, EVENT_FIELD_planned), (long long)wanted.incident,
                 (long long)wanted.planned);
    if (opens)
        expect_opening(sim, event, wanted.nested_in);
}

// --- acts with consequences ---------------------------------------------------------------------

static int rank(int source)
{
    return source < 0 ? -1 : source <= ETA_CREW ? 2 : source == ETA_ZONE ? 1 : 0;
}

// Of all that the broker merges into one the best promise goes along, behind the merges.
static void owe_promise(struct sim *sim, const struct oracle_incident *from,
                        const struct oracle_incident *into)
{
    struct oracle *oracle = &sim->oracle;

    if (oracle->promise_to == into->number &&
        rank(oracle->promise_source) >= rank(from->eta_source))
        return;
    if (oracle->promise_to && oracle->promise_to != into->number)
        oracle_check_promise(sim);
    oracle->promise_to = into->number;
    oracle->promise_at = from->eta_at;
    oracle->promise_source = from->eta_source;
}

static void check_merged(struct sim *sim, const struct event *event)
{
    const struct oracle_incident *from =
        oracle_incident(&sim->oracle, decided(event, EVENT_FIELD_incident));
    const struct oracle_incident *into =
        oracle_incident(&sim->oracle, decided(event, EVENT_FIELD_into));

    if (from && EVENT_HAS(event, covers_follow) != (from->state >= INCIDENT_CONFIRMED))
        sim_fail(sim, "what incident %lld covers should%s go along with the merge",
                 (long long)from->number, from->state >= INCIDENT_CONFIRMED ? "" : " not");
    if (!from || !into || from->eta_source < 0 || !from->eta_published ||
        rank(from->eta_source) <= rank(into->eta_source))
        return;
    if (slice_is(event->source, "pult:busd"))
        owe_promise(sim, from, into);
    else
        expect_next(sim, (struct oracle_due_next){
                             .type = EVENT_ETA_SET, .incident = into->number, .at = from->eta_at});
}

// By a person: when the whole did. By the broker: with the first of its calls.
static int64_t start_of_split(struct sim *sim, const struct event *event,
                              const struct oracle_incident *from)
{
    const struct event_value *contacts = EVENT_VALUE(event, contacts);
    int64_t first_ms = INT64_MAX;

    if (!slice_is(event->source, "pult:busd"))
        return from->started;
    for (size_t i = 0; i < contacts->count; i++) {
        const struct oracle_contact *contact = oracle_contact(&sim->oracle, contacts->texts[i]);

        if (contact && contact->moment < first_ms)
            first_ms = contact->moment;
    }
    return first_ms;
}

static void check_split(struct sim *sim, const struct event *event)
{
    const struct oracle_incident *from =
        oracle_incident(&sim->oracle, decided(event, EVENT_FIELD_incident));
    int64_t number = (int64_t)sim->oracle.incident_count + 1;

    if (decided(event, EVENT_FIELD_split_into) != number)
        sim_fail(sim, "split into incident %lld and not %lld",
                 (long long)decided(event, EVENT_FIELD_split_into), (long long)number);
    if (!from)
        return;
    expect_next(sim, (struct oracle_due_next){.type = EVENT_INCIDENT_OPENED,
                                              .incident = number,
                                              .started = start_of_split(sim, event, from)});
    if (slice_is(event->source, "pult:busd"))
        return;
    if (EVENT_HAS(event, node) || from->state >= INCIDENT_CONFIRMED)
        expect_next(sim,
                    (struct oracle_due_next){.type = EVENT_INCIDENT_CONFIRMED, .incident = number});
}

// The mode's own rules come with it.
static void check_mode(struct sim *sim, const struct event *event)
{
    if (sim->oracle.rules_set >= 0 && decided(event, EVENT_FIELD_mode) != sim->oracle.rules_set)
        expect_next(sim, (struct oracle_due_next){.type = EVENT_RULES_CHANGED});
}

// They are those of the mode, and not what was in force anyway.
static void check_rules(struct sim *sim, const struct event *event)
{
    if (decided(event, EVENT_FIELD_set) != sim->oracle.mode ||
        (decided(event, EVENT_FIELD_set) == sim->oracle.rules_set &&
         slice_is(EVENT_VALUE(event, sha256)->text, sim->oracle.rules_sha256)))
        sim_fail(sim, "the rules of set %lld came into force in mode %d",
                 (long long)decided(event, EVENT_FIELD_set), sim->oracle.mode);
}

static void check_own(struct sim *sim, const struct event *event)
{
    if ((event->type == EVENT_DEADLINE_PASSED || event->type == EVENT_ETA_NEEDED) &&
        EVENT_HAS(event, deadline))
        oracle_check_deadline(sim, event);
    if (event->type == EVENT_ETA_SET && oracle_is_promise(sim, event))
        sim->oracle.promise_to = 0;
    else if (event->type == EVENT_ETA_SET && !event->cause_id.length)
        oracle_check_default_eta(sim, event);
    if (event->type == EVENT_INCIDENT_GROUPED || EVENT_HAS(event, grouping))
        oracle_check_grouped(sim, event);
}

// Whose personal fields went.
static void fold_purged(struct sim *sim, const struct json *tree)
{
    const struct json *ranges = json_pointer(tree, slice_of("/data/events"));

    for (const struct json *range = ranges ? ranges->first : NULL; range; range = range->next) {
        int64_t first = json_integer(range->first, 0), last = json_integer(range->first->next, 0);

        for (size_t i = 0; i < sim->oracle.contact_count; i++) {
            struct oracle_contact *contact = &sim->oracle.contacts[i];

            if (contact->sequence < first || contact->sequence > last)
                continue;
            if (!contact->sealed || contact->purged)
                sim_fail(sim, "contact %s had nothing to be taken away", contact->reg_no);
            contact->purged = contact->touched = true;
        }
    }
}

static void check_decision(struct sim *sim, const struct event *event, const struct json *tree)
{
    if (oracle_is_registered(event->type)) {
        check_contact(sim, event, tree);
        return;
    }
    switch (event->type) {
    case EVENT_INCIDENT_MERGED: check_merged(sim, event); break;
    case EVENT_INCIDENT_SPLIT: check_split(sim, event); break;
    case EVENT_MODEL_CHANGED: sim_adopt_network(sim); break;
    case EVENT_MODE_CHANGED: check_mode(sim, event); break;
    case EVENT_RULES_CHANGED: check_rules(sim, event); break;
    case EVENT_OTHER: fold_purged(sim, tree); break;
    default: break;
    }
}

// --- the journal --------------------------------------------------------------------------------

static void check_order(struct sim *sim, int64_t sequence, struct slice bytes)
{
    struct oracle *oracle = &sim->oracle;
    uint8_t chain[STORE_CHAIN_BYTES];

    if (sequence != oracle->head + 1)
        sim_fail(sim, "event %lld follows event %lld", (long long)sequence,
                 (long long)oracle->head);
    oracle->head = sequence;
    crypto_sha256_pair((struct slice){(const char *)oracle->chain, sizeof(oracle->chain)}, bytes,
                       chain);
    memcpy(oracle->chain, chain, sizeof(chain));
}

void oracle_event(struct sim *sim, int64_t sequence, struct slice bytes)
{
    struct oracle *oracle = &sim->oracle;
    const struct json *tree;
    struct event event;
    struct err err;

    sim_tell(sim, "  %.*s", (int)bytes.length, bytes.data);
    check_order(sim, sequence, bytes);
    tree = json_parse(oracle->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, &err);
    if (!tree || event_read_stored(&event, tree, oracle->doc, &err) != ERR_OK)
        sim_fail(sim, "event %lld cannot be read: %s", (long long)sequence,
                 err.message[LANGUAGE_EN]);
    if (event.sequence != sequence)
        sim_fail(sim, "event %lld says that it is %lld", (long long)sequence,
                 (long long)event.sequence);
    if (event.recorded_ms < oracle->recorded_ms)
        sim_fail(sim, "event %lld was recorded before the one before it", (long long)sequence);
    oracle->recorded_ms = event.recorded_ms;
    if (!slice_is(event.source, SIM_IMPORTER)) // its id is drawn
        sim_hash(sim, bytes.data, bytes.length);
    check_next(sim, &event);
    oracle->sealed = json_get(tree, "personaldigest") != NULL;
    const struct json *data = json_get(tree, "data");
    oracle_check_approval(sim, &event, data);
    if (slice_is(event.source, "pult:busd"))
        check_own(sim, &event);
    else if (slice_is(event.source, SIM_IMPORTER) && sim->offered.nodes)
        sim_tell(sim, "it was imported"); // its id is anybody's
    else
        clients_stored(sim, event.source, event.id, sequence,
                       event.type == EVENT_APPROVAL_REQUESTED ? json_get(data, "data") : data);
    check_decision(sim, &event, tree);
    oracle_fold(sim, &event);
}

static bool read_on(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                    const uint8_t chain[STORE_CHAIN_BYTES])
{
    (void)topic, (void)chain;
    oracle_event(context, sequence, bytes);
    return true;
}

static void check_head(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;
    struct store *store = sim->broker.store;
    uint8_t chain[STORE_CHAIN_BYTES];

    if (store_head(store, chain) != oracle->head)
        sim_fail(sim, "the store is at event %lld, and %lld were told",
                 (long long)store_head(store, NULL), (long long)oracle->head);
    if (memcmp(chain, oracle->chain, sizeof(chain)) != 0)
        sim_fail(sim, "the chain at event %lld is not that of what was told",
                 (long long)oracle->head);
    oracle_check_promise(sim);
    oracle_check_agreed(sim);
    if (sim->oracle.refed)
        oracle_check_feed(sim);
    sim->oracle.refed = false;
    if (oracle->next[0].type != EVENT_OTHER)
        sim_fail(sim, "%s should have followed", event_topic(oracle->next[0].type));
}

void oracle_restarted(struct sim *sim)
{
    struct oracle *oracle = &sim->oracle;
    struct store *store = sim->broker.store;
    uint8_t chain[STORE_CHAIN_BYTES];
    struct err err;

    err_clear(&err);
    if (!oracle->chained)
        store_first_chain(store_base(store)->lineage, oracle->chain);
    oracle->chained = true;
    if (store_head(store, NULL) < oracle->head)
        sim_fail(sim, "events up to %lld were told, the journal ends at %lld",
                 (long long)oracle->head, (long long)store_head(store, NULL));
    if (oracle->head > 0 && (store_chain(store, oracle->head, chain, &err) != 1 ||
                             memcmp(chain, oracle->chain, sizeof(chain)) != 0))
        sim_fail(sim, "event %lld is not the one that was told", (long long)oracle->head);
    if (store_read(store, oracle->head, SIZE_MAX, read_on, sim, &err) != ERR_OK)
        sim_fail(sim, "the journal cannot be read: %s", err.message[LANGUAGE_EN]);
    check_head(sim);
    clients_check(sim);
    oracle_compare_all(sim);
}

void oracle_committed(struct sim *sim)
{
    if (store_failed(sim->broker.store))
        return; // what is there shows after the restart
    check_head(sim);
    clients_check(sim);
    oracle_check_hours_said(sim);
    oracle_compare_touched(sim);
}

void oracle_ticked(struct sim *sim, int64_t until_ms)
{
    if (store_failed(sim->broker.store))
        return;
    oracle_check_none_due(sim, until_ms);
    if (sim->step % HOURS_EVERY == 0)
        oracle_check_hours_by(sim, until_ms);
}

// --- answers ------------------------------------------------------------------------------------

void oracle_result(struct sim *sim, int64_t sequence, const struct json *result)
{
    struct slice reg_no = json_string(json_get(result, "reg_no"));

    if (sequence > sim->oracle.head)
        sim_fail(sim, "event %lld was answered and is not there", (long long)sequence);
    if (reg_no.length && !oracle_contact(&sim->oracle, reg_no))
        sim_fail(sim, "%.*s was read out to the caller and is not there", (int)reg_no.length,
                 reg_no.data);
}

static enum event_type type_of(const struct json *event)
{
    return event_type_of(json_string(json_get(event, "type")));
}

// A single act on an incident that is there, refused though its state allows it.
void oracle_refused(struct sim *sim, const struct sim_request *request, const struct err *err)
{
    const struct oracle_incident *incident;
    struct json_doc *doc;
    const struct json *event;
    struct err why;

    if (request->steals || request->count != 1 || sim->broker.waiting_count != 1)
        return;
    doc = json_doc_new();
    event = json_parse(doc, request->body.data, request->body.length, JSON_DEPTH_DEFAULT, &why);
    if (type_of(event) == EVENT_APPROVAL_GIVEN)
        oracle_refused_agreement(sim, request,
                                 json_string(json_pointer(event, slice_of("/data/of"))), err);
    incident = oracle_incident(&sim->oracle,
                               json_integer(json_pointer(event, slice_of("/data/incident")), 0));
    if (strcmp(err->reason, "state") == 0 && incident && type_of(event) != EVENT_INCIDENT_MERGED &&
        oracle_next_state(type_of(event), incident->state) >= 0)
        sim_fail(sim, "refused, though its state allows it: %s", err->message[LANGUAGE_EN]);
    json_doc_free(doc);
}
