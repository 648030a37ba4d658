// Random sequences of events from a seed: where each report goes is checked against a search by
// brute force, the counts against the premises one by one, and at the end the journal is folded
// again by apply alone, which must give the same records byte for byte.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

enum { SEEDS = 60, STEPS = 150, MANY_STEPS = 2000, QUARTER_MS = 15 * 60 * 1000 };

static uint64_t chance_state;

static int chance(int below)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((chance_state >> 33) % (uint64_t)below);
}

static const char *const accounts[] = {"A1",   "A2",   "A3",   "A4", "A5",
                                       "B101", "B102", "B115", "H1", "N1"};
static const char *const nodes[] = {"S1", "F1", "F2", "T1", "T2", "T3", "T4"};
#define ANY(list) list[chance((int)(sizeof(list) / sizeof(list[0])))]

// The search by brute force, over the records of the store.

static bool covers_address(const struct cover *cover, const struct model_premise *premise)
{
    return (cover->level == COVER_PREMISE && cover->key == premise->key) ||
           (cover->level == COVER_HOUSE && cover->key == premise->house) ||
           (cover->level == COVER_STREET && cover->key == premise->street) ||
           (cover->level == COVER_SETTLEMENT && cover->key == premise->settlement);
}

static const struct cover *cover_of(const struct world *world, const struct cover_list *covers,
                                    int32_t node)
{
    for (size_t i = 0; i < covers->count; i++) {
        if (covers->items[i].level == COVER_NODE &&
            slice_is(model_node(world->model, node)->id, covers->items[i].node))
            return &covers->items[i];
    }
    return NULL;
}

static int32_t fed_from(const struct world *world, int32_t node)
{
    for (size_t i = 0; i < world->store_count; i++) {
        const struct node_state *state = world->store[i].record;

        if (world->store[i].type == RECORD_NODE_STATE && state->fed_from &&
            slice_is(model_node(world->model, node)->id, state->node))
            return model_find_node(world->model, slice_of(state->fed_from));
    }
    return model_node(world->model, node)->parent;
}

// As the network is switched now, from the node that was named.
static bool is_fed(const struct world *world, const struct cover_list *covers,
                   const struct model_premise *premise)
{
    for (int32_t node = premise->node; node != MODEL_NO_NODE; node = fed_from(world, node)) {
        const struct cover *cover = cover_of(world, covers, node);

        if (cover && cover->part == COVER_NAMED)
            return true;
    }
    return false;
}

// The nearest on the way up as imported.
static const struct cover *nearest(const struct world *world, const struct cover_list *covers,
                                   const struct model_premise *premise)
{
    const struct cover *cover = NULL;

    for (int32_t node = premise->node; node != MODEL_NO_NODE && !cover;
         node = model_node(world->model, node)->parent)
        cover = cover_of(world, covers, node);
    return cover;
}

// What is over covers what it did then.
static bool covers_by_hand(const struct world *world, const struct cover_list *covers,
                           const struct model_premise *premise, bool over)
{
    const struct cover *node = nearest(world, covers, premise);

    for (size_t i = 0; i < covers->count; i++) {
        if (covers_address(&covers->items[i], premise))
            return true;
    }
    return over ? node && node->part < COVER_LEFT : is_fed(world, covers, premise);
}

static bool covered_ever(const struct world *world, const struct cover_list *covers,
                         const struct model_premise *premise)
{
    const struct cover *node = nearest(world, covers, premise);

    return covers_by_hand(world, covers, premise, true) || (node && node->part == COVER_LEFT);
}

struct expectation {
    int64_t incident, planned, nested_in;
    bool opens;
};

static bool is_better(const struct incident *a, const struct incident *b, int kind)
{
    if (!b)
        return true;
    if ((a->kind == kind) != (b->kind == kind))
        return a->kind == kind;
    if (a->started != b->started)
        return a->started > b->started;
    return a->incident > b->incident;
}

static struct expectation expect(const struct world *world, const char *account, int kind,
                                 int64_t moment_ms)
{
    const struct model_premise *premise = model_find_account(world->model, slice_of(account));
    const struct incident *open = NULL, *restored = NULL, *nested = NULL;
    const struct planned *planned = NULL;

    for (size_t i = 0; i < world->store_count; i++) {
        const struct incident *incident = world->store[i].record;
        const struct planned *works = world->store[i].record;

        if (world->store[i].type == RECORD_PLANNED && works->state == PLANNED_STATE_STARTED &&
            moment_ms <= works->ends + QUARTER_MS &&
            covers_by_hand(world, &works->covers, premise, false) &&
            (!planned || works->starts > planned->starts ||
             (works->starts == planned->starts && works->planned > planned->planned)))
            planned = works;
        if (world->store[i].type != RECORD_INCIDENT ||
            !covers_by_hand(world, &incident->covers, premise,
                            incident->state > INCIDENT_PARTLY_RESTORED))
            continue;
        if (incident->state <= INCIDENT_PARTLY_RESTORED && is_better(incident, open, kind))
            open = incident;
        if (incident->state >= INCIDENT_RESTORED && incident->state <= INCIDENT_CLOSED &&
            moment_ms <= incident->restored_at + QUARTER_MS &&
            world->now_ms <= incident->restored_at + 96 * QUARTER_MS &&
            is_better(incident, restored, kind))
            restored = incident;
    }
    if (open)
        return (struct expectation){.incident = open->incident};
    if (planned)
        return (struct expectation){.planned = planned->planned};
    for (size_t i = 0; restored && i < world->store_count; i++) {
        const struct incident *incident = world->store[i].record;

        if (world->store[i].type == RECORD_INCIDENT && incident->nested_in == restored->incident &&
            incident->state <= INCIDENT_PARTLY_RESTORED && incident->kind == kind &&
            is_better(incident, nested, kind))
            nested = incident;
    }
    if (nested)
        return (struct expectation){.incident = nested->incident};
    return (struct expectation){.opens = true, .nested_in = restored ? restored->incident : 0};
}

static int64_t number_of_incidents(const struct world *world)
{
    int64_t count = 0;

    for (size_t i = 0; i < world->store_count; i++)
        count += world->store[i].type == RECORD_INCIDENT;
    return count;
}

static void publish_report(struct world *world)
{
    const char *account = ANY(accounts);
    bool quality = chance(4) == 0;
    int64_t time_ms = world->now_ms - chance(3) * chance(40) * INT64_C(60000);
    struct expectation wanted = expect(world, account, quality, time_ms);
    static const char *const extents[] = {"flat", "house", "street", "unknown"};
    int64_t incidents = number_of_incidents(world);

    assert_int_equal(
        world_publish_at(world, time_ms,
                         quality ? "contact.quality_complaint" : "contact.outage_report",
                         "{'applicant':'person','premise':{'account':'%s'},"
                         "'symptom':'%s','extent':'%s'%s}",
                         account, quality ? "low" : "no_power", ANY(extents),
                         chance(9) ? "" : ",'hazard':'sparking'"),
        ERR_OK);
    assert_int_equal(world->planned, wanted.planned);
    if (wanted.opens) {
        assert_int_equal(world->incident, incidents + 1);
        assert_int_equal(world_incident(world, world->incident)->nested_in, wanted.nested_in);
    } else {
        assert_int_equal(world->incident, wanted.incident);
        assert_int_equal(number_of_incidents(world), incidents);
    }
}

// Anything a dispatcher may say, sensible or not.
static enum err_code publish_order(struct world *world)
{
    int number = 1 + chance((int)number_of_incidents(world) + 1);
    int other = 1 + chance((int)number_of_incidents(world) + 1);
    char contact[16];

    snprintf(contact, sizeof(contact), "2026-%06d", 1 + chance(40));
    switch (chance(21)) {
    case 0:
        return world_publish(world, "incident.opened", "{'kind':'outage','node':'%s'}", ANY(nodes));
    case 1:
        return world_publish(world, "incident.opened",
                             "{'kind':'quality','accounts':['%s','%s'],'started':%s}",
                             ANY(accounts), ANY(accounts), world_time(world, -chance(100)));
    case 2:
        return world_publish(world, "incident.confirmed", "{'incident':%d,'node':'%s'}", number,
                             ANY(nodes));
    case 3:
        return world_publish(world, "incident.moved", "{'incident':%d,'node':'%s'}", number,
                             ANY(nodes));
    case 4:
        return world_publish(world, "incident.updated",
                             "{'incident':%d,'accounts_add':['%s'],'accounts_remove':['%s']}",
                             number, ANY(accounts), ANY(accounts));
    case 5:
        return world_publish(world, "incident.merged", "{'incident':%d,'into':%d}", number, other);
    case 6:
        return world_publish(world, "incident.split", "{'incident':%d,'contacts':['%s']}", number,
                             contact);
    case 7:
        if (chance(2))
            return world_publish(world, "incident.partly_restored",
                                 "{'incident':%d,'nodes':['%s']}", number, ANY(nodes));
        return world_publish(world, "incident.partly_restored", "{'incident':%d,'accounts':['%s']}",
                             number, ANY(accounts));
    case 8:
    case 9: return world_publish(world, "incident.restored", "{'incident':%d}", number);
    case 10: return world_publish(world, "incident.closed", "{'incident':%d}", number);
    case 11: return world_publish(world, "incident.reopened", "{'incident':%d}", number);
    case 12:
        return world_publish(world, "incident.cancelled", "{'incident':%d,'reason':'invalid'}",
                             number);
    case 13:
        return world_publish(world, "eta.set", "{'incident':%d,'at':%s,'source':'%s'}", number,
                             world_time(world, chance(200)), chance(2) ? "crew" : "zone");
    case 14: return world_publish(world, "dispatch.accepted", "{'incident':%d}", number);
    case 15:
        return world_publish(world, "planned.announced",
                             "{'node':'%s','starts':%s,'ends':%s,'reason':'x'}", ANY(nodes),
                             world_time(world, 0), world_time(world, chance(60)));
    case 16:
        return world_publish(world, chance(3) ? "planned.started" : "planned.ended",
                             "{'planned':%d}", 1 + chance(4));
    case 17:
        return world_publish(world, "incident.crew", "{'incident':%d,'tier':'%s','state':'%s'%s}",
                             number, chance(2) ? "inspection" : "repair",
                             chance(2) ? "en_route" : "on_site", chance(2) ? ",'reason':'x'" : "");
    case 18:
        return world_publish(world, "contact.restoration_query",
                             "{'applicant':'person','premise':{'account':'%s'}}", ANY(accounts));
    case 19:
        if (chance(2))
            return world_publish(world, "node.switched", "{'node':'%s'}", ANY(nodes));
        return world_publish(world, "node.switched", "{'node':'%s','fed_from':'%s'}", ANY(nodes),
                             ANY(nodes));
    default:
        return world_publish(world, "dispatch.returned", "{'contact':'%s','reason':'x'}", contact);
    }
}

// Calls are the reports whose incident it is, by itself or by merging.
static int64_t calls_by_hand(const struct world *world, int64_t number)
{
    int64_t calls = 0;

    for (size_t i = 0; i < world->store_count; i++) {
        const struct contact *contact = world->store[i].record;
        int64_t at;

        if (world->store[i].type != RECORD_CONTACT ||
            strcmp(contact->type, "contact.restoration_query") == 0)
            continue;
        for (at = contact->incident; at && at != number;) {
            const struct incident *incident = world_incident(world, at);

            at = incident->merged_into;
        }
        calls += at == number;
    }
    return calls;
}

static int64_t premises_by_hand(const struct world *world, const struct cover_list *covers)
{
    int64_t count = 0;

    for (uint32_t i = 0; i < model_premise_count(world->model); i++)
        count += covered_ever(world, covers, model_premise_at(world->model, i));
    return count;
}

// What the records say is what the network says as it is switched.
static void check_parts(const struct world *world, const struct cover_list *covers)
{
    for (uint32_t i = 0; i < model_premise_count(world->model); i++) {
        const struct model_premise *premise = model_premise_at(world->model, i);

        assert_int_equal(covers_by_hand(world, covers, premise, true),
                         covers_by_hand(world, covers, premise, false));
    }
}

static void check_incidents(const struct world *world)
{
    size_t open = 0;

    for (size_t i = 0; i < world->store_count; i++) {
        const struct incident *incident = world->store[i].record;

        if (world->store[i].type != RECORD_INCIDENT)
            continue;
        open += incident->state <= INCIDENT_PARTLY_RESTORED;
        if (incident->state <= INCIDENT_PARTLY_RESTORED)
            check_parts(world, &incident->covers);
        assert_int_equal(incident->calls, calls_by_hand(world, incident->incident));
        int64_t premises = premises_by_hand(world, &incident->covers);
        if (incident->covers.count)
            assert_int_equal(incident->customers, premises);
        if (incident->state >= INCIDENT_RESTORED)
            assert_int_equal(incident->eta_source, -1);
    }
    assert_int_equal(engine_open_incidents(world->engine), open);
}

// A refused event leaves every record as it was.
static void publish_order_checked(struct world *world)
{
    struct buf before = {0}, after = {0};

    world_dump(world, &before);
    if (publish_order(world) != ERR_OK) {
        assert_int_equal(world_dirty(world), 0);
        world_dump(world, &after);
        assert_string_equal(buf_text(&before), buf_text(&after));
    }
    buf_fini(&before);
    buf_fini(&after);
}

static struct world *run(uint64_t seed)
{
    struct world *world = world_new();
    struct buf said = {0};

    world_set_timers(world);
    chance_state = seed;
    for (int step = 0; step < STEPS; step++) {
        if (chance(3) == 0)
            world_pass_deadlines(world, chance(20) ? chance(6) : 24 * 60, &said);
        if (chance(2))
            publish_report(world);
        else
            publish_order_checked(world);
    }
    check_incidents(world);
    buf_fini(&said);
    return world;
}

// At least MANY_STEPS events; `restart`: busd starts anew behind every one of them.
static void run_long(struct world *world, uint64_t seed, bool restart)
{
    struct buf said = {0};
    int64_t before;

    world_set_timers(world);
    chance_state = seed;
    while (world->sequence < MANY_STEPS) {
        before = world->sequence;
        if (chance(3) == 0)
            world_pass_deadlines(world, chance(20) ? chance(6) : 24 * 60, &said);
        else if (chance(2))
            publish_report(world);
        else
            publish_order(world);
        if (restart && world->sequence > before)
            world_restart(world);
    }
    check_incidents(world);
    buf_fini(&said);
}

static void a_restart_at_every_event_changes_no_byte(void **state)
{
    struct world *through = world_new(), *restarted = world_new();
    struct buf one = {0}, other = {0};

    (void)state;
    run_long(through, 7, false);
    run_long(restarted, 7, true);
    assert_string_equal(buf_text(&through->journal), buf_text(&restarted->journal));
    world_dump(through, &one);
    world_dump(restarted, &other);
    assert_string_equal(buf_text(&one), buf_text(&other));
    buf_fini(&one);
    buf_fini(&other);
    world_free(through);
    world_free(restarted);
}

static void reports_go_where_a_search_by_brute_force_says(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        world_free(run(seed));
}

static void folding_the_journal_again_gives_the_same_records(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS / 3; seed++) {
        struct world *world = run(seed);
        struct buf live = {0}, fold = {0}, lean = {0};

        world_dump(world, &live);
        world_refold(world, false, &fold);
        world_refold(world, true, &lean);
        assert_string_equal(buf_text(&live), buf_text(&fold));
        assert_string_equal(buf_text(&live), buf_text(&lean));
        buf_fini(&live);
        buf_fini(&fold);
        buf_fini(&lean);
        world_free(world);
    }
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct world *first = run(seed), *second = run(seed);

        assert_string_equal(buf_text(&first->journal), buf_text(&second->journal));
        world_free(first);
        world_free(second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports_go_where_a_search_by_brute_force_says),
        cmocka_unit_test(folding_the_journal_again_gives_the_same_records),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(a_restart_at_every_event_changes_no_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
