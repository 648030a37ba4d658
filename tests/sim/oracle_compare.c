// What the oracle holds against what the store and the engine hold.
#include "tests/sim/sim.h"

#include "lib/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_MS = 24 * 60 * 60 * 1000, MINUTE_S = 60 };

// --- two records of one type, field by field ----------------------------------------------------

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_field(const struct record_field *field, const char *a, const char *b)
{
    switch (field->kind) {
    case RECORD_INTEGER:
    case RECORD_TIME: return memcmp(a, b, sizeof(int64_t)) == 0;
    case RECORD_BOOL: return *(const bool *)a == *(const bool *)b;
    case RECORD_WORD: return memcmp(a, b, sizeof(int)) == 0;
    case RECORD_TEXT:
        return same_text(*(char *const *)(const void *)a, *(char *const *)(const void *)b);
    }
    return false;
}

static bool same_covers(const struct cover_list *a, const struct cover_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i].level != b->items[i].level || a->items[i].key != b->items[i].key ||
            a->items[i].restored_at != b->items[i].restored_at ||
            a->items[i].listed != b->items[i].listed || a->items[i].part != b->items[i].part ||
            a->items[i].since != b->items[i].since ||
            a->items[i].before_s != b->items[i].before_s ||
            !same_text(a->items[i].node, b->items[i].node))
            return false;
    }
    return true;
}

static void expect_same(struct sim *sim, enum record_type type, int64_t number, const void *memory,
                        const void *stored)
{
    const struct record_table *table = &record_tables[type];
    union record left, right;
    const struct cover_list *a, *b;

    for (size_t i = 0; i < table->count; i++) {
        const struct record_field *field = &table->fields[i];

        if (!same_field(field, (const char *)memory + field->offset,
                        (const char *)stored + field->offset))
            sim_fail(sim, "%s %lld: %s in memory is not what the store has", table->name,
                     (long long)number, field->column);
    }
    a = record_covers(type, memcpy(&left, memory, table->size));
    b = record_covers(type, memcpy(&right, stored, table->size));
    if (a && !same_covers(a, b))
        sim_fail(sim, "%s %lld: its covers in memory are not those in the store", table->name,
                 (long long)number);
}

// --- the oracle's against the store's -----------------------------------------------------------

static void expect(struct sim *sim, const char *what, int64_t number, const char *field,
                   int64_t found, int64_t wanted)
{
    if (found != wanted)
        sim_fail(sim, "%s of %s %lld is %lld and should be %lld", field, what, (long long)number,
                 (long long)found, (long long)wanted);
}

static void expect_text(struct sim *sim, const char *what, int64_t number, const char *field,
                        const char *found, const char *wanted)
{
    if (strcmp(found ? found : "", wanted) != 0)
        sim_fail(sim, "%s of %s %lld is \"%s\" and should be \"%s\"", field, what,
                 (long long)number, found ? found : "", wanted);
}

// Places that were named; the parts of nodes are compared by what they count for (oracle_feed.c).
static void expect_covers(struct sim *sim, const char *what, int64_t number,
                          const struct cover_list *found, const struct oracle_covers *wanted)
{
    size_t named = 0;

    for (size_t k = 0; k < found->count; k++)
        named += found->items[k].part <= COVER_RESTORED;
    bool same = named == wanted->count;

    for (size_t i = 0; same && i < wanted->count; i++) {
        const struct oracle_cover *cover = &wanted->items[i];

        same = false;
        for (size_t k = 0; k < found->count; k++)
            same |= found->items[k].level == cover->level && found->items[k].key == cover->key &&
                    (found->items[k].restored_at != 0) == cover->restored &&
                    found->items[k].listed == cover->listed &&
                    found->items[k].part == (cover->part ? COVER_RESTORED : COVER_NAMED) &&
                    strcmp(found->items[k].node ? found->items[k].node : "", cover->node) == 0;
    }
    if (!same)
        sim_fail(sim, "%s %lld covers %zu places that are not the %zu it should", what,
                 (long long)number, named, wanted->count);
}

// Reports whose incident it is, by itself or by merging.
static int64_t calls_of(struct oracle *oracle, int64_t number)
{
    int64_t calls = 0;

    for (size_t i = 0; i < oracle->contact_count; i++) {
        int64_t at = oracle->contacts[i].report ? oracle->contacts[i].incident : 0;

        while (at && at != number)
            at = oracle_incident(oracle, at)->merged_into;
        calls += at == number;
    }
    return calls;
}

#define SAME(field) expect(sim, "incident", own->number, #field, stored->field, own->field)

static void compare_fields(struct sim *sim, const struct oracle_incident *own,
                           const struct incident *stored)
{
    SAME(kind);
    SAME(state);
    SAME(started);
    SAME(restored_at);
    SAME(opened_at);
    SAME(active_since);
    SAME(customers);
    SAME(customers_given);
    SAME(customers_restored);
    SAME(grouping);
    SAME(last_report_at);
    SAME(nested_in);
    SAME(merged_into);
    SAME(eta_at);
    SAME(eta_source);
    SAME(eta_set_at);
    SAME(eta_revisions);
    SAME(news_at);
    SAME(hazard);
    SAME(critical);
    SAME(feeder);
    SAME(priority);
    SAME(priority_given);
    SAME(crew_tier);
    SAME(crew_state);
    SAME(outcome);
    SAME(overdue_alarms);
    SAME(overdue_at);
    expect(sim, "incident", own->number, "accepted", stored->accepted_by != NULL, own->accepted);
    expect(sim, "incident", own->number, "cause", stored->cause != NULL, own->cause);
    expect(sim, "incident", own->number, "calls", stored->calls,
           calls_of(&sim->oracle, own->number));
    expect_text(sim, "incident", own->number, "node", stored->node, own->node);
    expect_text(sim, "incident", own->number, "desk", stored->desk, own->desk);
    expect_text(sim, "incident", own->number, "escalated_to", stored->escalated_to,
                own->escalated_to);
    expect_covers(sim, "incident", own->number, &stored->covers, &own->covers);
}

// Open, or restored so lately that somebody may still be out: then the engine must know of it.
static bool must_be_known(const struct sim *sim, const struct oracle_incident *own)
{
    return oracle_is_open(own) ||
           (own->state >= INCIDENT_RESTORED && own->state <= INCIDENT_CLOSED &&
            own->restored_at + DAY_MS > sim_broker_now_ms(sim));
}

static void get(struct sim *sim, enum record_type type, const void *key, union record *record)
{
    struct err err;

    memset(record, 0, sizeof(*record));
    if (store_get_record(sim->broker.store, type, key, record, &err) != 1)
        sim_fail(sim, "the store has no %s that the journal makes", record_tables[type].name);
}

static void compare_incident(struct sim *sim, struct oracle_incident *own)
{
    const struct incident *memory = engine_incident(sim->broker.engine, own->number);
    union record stored;

    get(sim, RECORD_INCIDENT, &own->number, &stored);
    compare_fields(sim, own, &stored.incident);
    if (memory)
        expect_same(sim, RECORD_INCIDENT, own->number, memory, &stored.incident);
    else if (must_be_known(sim, own))
        sim_fail(sim, "incident %lld is not in memory", (long long)own->number);
    record_fini(RECORD_INCIDENT, &stored);
    own->touched = false;
}

static void compare_planned(struct sim *sim, struct oracle_planned *own)
{
    const struct planned *memory = engine_planned(sim->broker.engine, own->number);
    union record stored;

    get(sim, RECORD_PLANNED, &own->number, &stored);
    expect(sim, "planned", own->number, "state", stored.planned.state, own->state);
    expect(sim, "planned", own->number, "starts", stored.planned.starts, own->starts);
    expect(sim, "planned", own->number, "ends", stored.planned.ends, own->ends);
    expect(sim, "planned", own->number, "calls", stored.planned.calls, own->calls);
    expect_covers(sim, "planned", own->number, &stored.planned.covers, &own->covers);
    if (memory)
        expect_same(sim, RECORD_PLANNED, own->number, memory, &stored.planned);
    else if (own->state <= PLANNED_STATE_STARTED)
        sim_fail(sim, "planned works %lld are not in memory", (long long)own->number);
    record_fini(RECORD_PLANNED, &stored);
    own->touched = false;
}

static void compare_contact(struct sim *sim, struct oracle_contact *own)
{
    union record stored;
    struct buf sealed = {0};
    struct err err;

    get(sim, RECORD_CONTACT, own->reg_no, &stored);
    if (stored.contact.incident != own->incident || stored.contact.planned != own->planned ||
        stored.contact.state != own->life || stored.contact.answer_since != own->since ||
        stored.contact.dispatch != own->state || stored.contact.premise != own->premise)
        sim_fail(sim, "contact %s is linked to incident %lld and should be to %lld", own->reg_no,
                 (long long)stored.contact.incident, (long long)own->incident);
    record_fini(RECORD_CONTACT, &stored);
    buf_clear(&sealed);
    if (store_personal(sim->broker.store, own->sequence, &sealed, &err) !=
        (own->sealed && !own->purged))
        sim_fail(sim, "contact %s: what is personal of it is %s", own->reg_no,
                 own->purged ? "still there" : "gone");
    buf_fini(&sealed);
    own->touched = false;
}

static void compare_small(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;
    union record stored;

    for (size_t i = 0; i < oracle->node_count; i++) {
        const struct oracle_node *own = &oracle->nodes[i];

        get(sim, RECORD_NODE_STATE, own->node, &stored);
        expect_text(sim, own->node, 0, "fed_from", stored.node_state.fed_from, own->fed_from);
        expect(sim, own->node, 0, "mark", stored.node_state.mark, own->mark);
        record_fini(RECORD_NODE_STATE, &stored);
    }
    for (size_t i = 0; i < oracle->desk_count; i++) {
        const struct oracle_desk *own = &oracle->desks[i];

        get(sim, RECORD_DESK_STATE, own->desk, &stored);
        expect_text(sim, own->desk, 0, "person", stored.desk_state.person, own->person);
        expect(sim, own->desk, 0, "needed_since", stored.desk_state.needed_since,
               own->needed_since);
        expect(sim, own->desk, 0, "alarmed", stored.desk_state.alarmed, own->alarmed);
        expect(sim, own->desk, 0, "flooded", stored.desk_state.flooded, own->flooded);
        record_fini(RECORD_DESK_STATE, &stored);
    }
}

static void note_dirty(void *context, enum record_type type, const void *record)
{
    (void)record;
    sim_fail(context, "a %s is dirty behind the commit", record_tables[type].name);
}

static void compare_open(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;
    size_t open = 0;

    for (size_t i = 0; i < oracle->incident_count; i++)
        open += oracle_is_open(&oracle->incidents[i]);
    if (engine_open_incidents(sim->broker.engine) != open)
        sim_fail(sim, "%zu incidents are open, the engine counts %zu", open,
                 engine_open_incidents(sim->broker.engine));
    engine_each_dirty(sim->broker.engine, note_dirty, sim);
}

static void compare(struct sim *sim, bool all)
{
    struct oracle *oracle = &sim->oracle;

    for (size_t i = 0; i < oracle->incident_count; i++) {
        if (all || oracle->incidents[i].touched)
            compare_incident(sim, &oracle->incidents[i]);
    }
    for (size_t i = 0; i < oracle->planned_count; i++) {
        if (all || oracle->planned[i].touched)
            compare_planned(sim, &oracle->planned[i]);
    }
    for (size_t i = oracle->contact_count; i-- > 0;) {
        if (all || oracle->contacts[i].touched)
            compare_contact(sim, &oracle->contacts[i]);
    }
    compare_open(sim);
}

void oracle_compare_touched(struct sim *sim)
{
    compare(sim, false);
}

// --- customer-minutes ---------------------------------------------------------------------------

// Each customer from the start until they had supply again: those of a part with it, the others with
// the incident. `nested` of the others are still out, and counted elsewhere.
static int64_t seconds_of(const struct oracle_incident *own, int64_t nested, int64_t until_ms)
{
    int64_t ended = own->restored_at ? own->restored_at : until_ms;
    int64_t rest = own->customers - own->customers_restored - nested, seconds = 0;

    for (size_t i = 0; i < own->part_count; i++) {
        int64_t out_ms = own->parts[i].at_ms - own->started;

        seconds += own->parts[i].customers * (out_ms / 1000);
    }
    seconds += ended > own->started ? rest * ((ended - own->started) / 1000) : 0;
    return seconds > 0 ? seconds : 0;
}

static bool minutes_count(const struct oracle_incident *own)
{
    return own->state != INCIDENT_MERGED && own->outcome < 0;
}

static void compare_minutes(struct sim *sim, const struct oracle_incident *own)
{
    const struct incident *memory = engine_incident(sim->broker.engine, own->number);
    int64_t now_ms = sim_broker_now_ms(sim), nested = 0;

    for (size_t i = 0; i < sim->oracle.incident_count; i++) {
        const struct oracle_incident *other = &sim->oracle.incidents[i];

        if (other->nested_in == own->number && other->state < INCIDENT_CANCELLED)
            nested += other->customers;
    }
    // What was given by hand, or fewer than were restored, has no customers to be told apart.
    if (!memory || own->switched || own->customers < own->customers_restored + nested)
        return;
    int64_t minutes = engine_customer_minutes(memory, nested, now_ms);
    int64_t wanted = minutes_count(own) ? seconds_of(own, nested, now_ms) / MINUTE_S : 0;
    // A second for each customer and each of the two times that are cut to seconds.
    int64_t slack = 2 + 2 * own->customers_restored / MINUTE_S;

    if (minutes < wanted - slack || minutes > wanted + slack)
        sim_fail(sim, "incident %lld has %lld customer-minutes, customer by customer %lld",
                 (long long)own->number, (long long)minutes, (long long)wanted);
}

void oracle_compare_all(struct sim *sim)
{
    compare(sim, true);
    compare_small(sim);
    oracle_compare_records(sim);
    oracle_compare_approvals(sim);
    if (sim->network.node_count && sim->oracle.rules_set >= 0)
        expect(sim, "company", 0, "set of rules", sim->oracle.rules_set, sim->oracle.mode);
    for (size_t i = 0; i < sim->oracle.incident_count; i++)
        compare_minutes(sim, &sim->oracle.incidents[i]);
}
