// Prediction: calls through the engine become incidents at the devices that the grouping blames.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "busd/engine_group.h"
#include "lib/mem.h"
#include "tests/lib/engine_fixture.h"
#include "tests/lib/group_fixture.h"

enum { FEEDERS = 2, LATERALS = 4, TRANSFORMERS = 3, FLATS = 8 };

// S feeds F1, F2; each four laterals; each three transformers; each eight premises. All are numbered
// through: T1 has A1 to A8, L1 has T1 to T3, F1 has L1 to L4.
static struct model *make_model(void)
{
    struct model *model = model_new();
    struct slice culprit;
    char feeder[8], lateral[8], transformer[8];
    int64_t key = 1;

    group_fixture_node(model, "S", "", "substation", "breaker");
    for (int f = 0; f < FEEDERS; f++) {
        snprintf(feeder, sizeof(feeder), "F%d", f + 1);
        group_fixture_node(model, feeder, "S", "feeder", "breaker");
        for (int l = f * LATERALS; l < (f + 1) * LATERALS; l++) {
            snprintf(lateral, sizeof(lateral), "L%d", l + 1);
            group_fixture_node(model, lateral, feeder, "lateral", "fuse");
            for (int t = l * TRANSFORMERS; t < (l + 1) * TRANSFORMERS; t++) {
                snprintf(transformer, sizeof(transformer), "T%d", t + 1);
                group_fixture_node(model, transformer, lateral, "transformer", "transformer");
                for (int i = 0; i < FLATS; i++)
                    group_fixture_premise(model, key++, transformer);
            }
        }
    }
    bool finished = model_finish(model, &culprit);
    assert_true(finished);
    return model;
}

static struct world *predicting(void)
{
    struct world *world = world_new();

    model_free(world->model);
    world->model = make_model();
    engine_set_model(world->engine, world->model);
    world_predict(world);
    return world;
}

static int64_t call_about(struct world *world, const char *account, const char *extent)
{
    world->now_ms += 20000;
    assert_int_equal(world_publish(world, "contact.outage_report",
                                   "{'applicant':'person','symptom':'no_power','extent':'%s',"
                                   "'premise':{'account':'%s'}}",
                                   extent, account),
                     ERR_OK);
    return world->incident;
}

static int64_t call(struct world *world, const char *account)
{
    return call_about(world, account, "unknown");
}

static const char *node_of(const struct world *world, int64_t number)
{
    const char *node = world_incident(world, number)->node;

    return node ? node : "-";
}

static void calls_of_one_transformer_become_one_incident_there(void **state)
{
    struct world *world = predicting();

    (void)state;
    int64_t first = call(world, "A1");
    call(world, "A3");
    call(world, "A4");
    assert_int_equal(call(world, "A5"), first);
    assert_string_equal(node_of(world, first), "T1");
    assert_int_equal(world_incident(world, first)->calls, 4);
    assert_int_equal(world_incident(world, first)->customers, FLATS);
    assert_true(world_incident(world, first)->probability > 500000);
    // A premise below that has not called is covered.
    assert_int_equal(call(world, "A2"), first);
    world_free(world);
}

static void a_flat_that_is_out_by_itself_is_no_outage_of_the_house(void **state)
{
    struct world *world = predicting();

    (void)state;
    int64_t first = call_about(world, "A1", "flat");
    assert_string_equal(node_of(world, first), "-");
    assert_int_equal(world_incident(world, first)->customers, 1);
    assert_int_equal(world_incident(world, first)->priority, 5);
    // The same caller, who has looked at the staircase since.
    assert_int_equal(call_about(world, "A1", "house"), first);
    assert_string_equal(node_of(world, first), "T1");
    // Neighbours who do not know how far it goes outweigh one who takes it for the flat's own.
    int64_t other = call_about(world, "A97", "flat");
    assert_int_not_equal(other, first);
    assert_string_equal(node_of(world, other), "-");
    call(world, "A98");
    call(world, "A99");
    assert_string_equal(node_of(world, call(world, "A100")), "T13");
    world_free(world);
}

static void two_transformers_of_a_lateral_become_one_incident_at_the_lateral(void **state)
{
    struct world *world = predicting();

    (void)state;
    int64_t first = call(world, "A169");
    call(world, "A170");
    call(world, "A171");
    call(world, "A172");
    int64_t second = call(world, "A50");
    assert_int_not_equal(second, first);
    call(world, "A51");
    // T8 and T9 are of L3 too.
    call(world, "A57");
    call(world, "A58");
    call(world, "A66");
    assert_int_equal(call(world, "A67"), second);
    assert_string_equal(node_of(world, second), "L3");
    assert_int_equal(world_incident(world, second)->calls, 6);
    assert_int_equal(world_incident(world, second)->state, INCIDENT_PROBABLE);
    assert_string_equal(node_of(world, first), "T22");
    world_free(world);
}

static void what_a_person_says_of_the_place_stands(void **state)
{
    struct world *world = predicting();

    (void)state;
    int64_t number = call(world, "A1");
    call(world, "A2");
    assert_int_equal(
        world_publish(world, "incident.moved", "{'incident':%d,'node':'T2'}", (int)number), ERR_OK);
    assert_string_equal(node_of(world, number), "T2");
    assert_int_equal(world_incident(world, number)->grouping, GROUPING_NONE);
    // Its premises are explained, others are not.
    assert_int_equal(call(world, "A9"), number);
    assert_int_not_equal(call(world, "A3"), number);
    assert_string_equal(node_of(world, number), "T2");
    world_free(world);
}

static void nothing_is_predicted_at_a_device_that_is_energised(void **state)
{
    struct world *world = predicting();

    (void)state;
    int64_t number = call(world, "A1");
    call(world, "A2");
    call(world, "A3");
    assert_string_equal(node_of(world, number), "T1");
    assert_int_equal(world_publish(world, "node.marked", "{'node':'T1','mark':'energised'}"),
                     ERR_OK);
    for (int64_t i = 1; world_incident(world, i); i++)
        assert_string_equal(node_of(world, i), "-");
    assert_int_equal(world_incident(world, number)->calls, 1);
    assert_int_equal(world_publish(world, "node.marked", "{'node':'T1','mark':'none'}"), ERR_OK);
    assert_string_equal(node_of(world, number), "T1");
    assert_int_equal(world_incident(world, number)->calls, 3);
    world_free(world);
}

static void a_switched_transformer_counts_where_it_is_fed_from(void **state)
{
    struct world *world = predicting();

    (void)state;
    assert_int_equal(world_publish(world, "node.switched", "{'node':'T4','fed_from':'L1'}"),
                     ERR_OK);
    // T1 to T3 are of L1, T4 is now.
    int64_t number = call(world, "A1");
    call(world, "A9");
    call(world, "A25");
    call(world, "A10");
    call(world, "A26");
    assert_int_equal(call(world, "A17"), number);
    assert_string_equal(node_of(world, number), "L1");
    // It stays with the incident once a person has confirmed that.
    assert_int_equal(world_publish(world, "incident.confirmed", "{'incident':%d}", (int)number),
                     ERR_OK);
    assert_int_equal(call(world, "A30"), number);
    world_free(world);
}

// Random days against a group that is made anew from the stored records.

enum { SEEDS = 30, STEPS = 120, ACCOUNTS = FEEDERS * LATERALS * TRANSFORMERS * FLATS };

static uint64_t chance_state;

static int chance(int below)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((chance_state >> 33) % (uint64_t)below);
}

static int64_t root_of(const struct world *world, int64_t number)
{
    while (number && world_incident(world, number)->merged_into)
        number = world_incident(world, number)->merged_into;
    return number;
}

static bool follows(const struct incident *incident)
{
    return incident->state <= INCIDENT_PROBABLE && incident->grouping == GROUPING_LIVE;
}

static void cover_all(const struct model *model, struct group *group,
                      const struct cover_list *covers)
{
    for (size_t i = 0; i < covers->count; i++) {
        const struct cover *cover = &covers->items[i];

        if (cover->level == COVER_NODE)
            group_cover(group, model_find_node(model, slice_of(cover->node)));
        else
            group_cover_premise(group,
                                model_premise_position(model, model_premise(model, cover->key)));
    }
}

static bool is_word(const struct world *world, const struct contact *contact)
{
    int64_t root = root_of(world, contact->incident);

    return root && follows(world_incident(world, root)) && contact->dispatch != DISPATCH_RETURNED &&
           strcmp(contact->type, "contact.outage_report") == 0;
}

static bool is_after(const struct contact *a, const struct contact *b)
{
    return a->time != b->time ? a->time > b->time : strcmp(a->reg_no, b->reg_no) > 0;
}

static int64_t first_ms(const struct world *world, int64_t key)
{
    const struct contact *back = NULL, *first = NULL;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < world->store_count; i++) {
            const struct contact *word = world->store[i].record;

            if (world->store[i].type != RECORD_CONTACT || word->premise != key ||
                !is_word(world, word))
                continue;
            bool restored = strcmp(event_word(EVENT_FIELD_symptom, word->symptom), "restored") == 0;
            if (pass == 0 && restored && (!back || is_after(word, back)))
                back = word;
            if (pass == 1 && !restored && (!back || is_after(word, back)) &&
                (!first || is_after(first, word)))
                first = word;
        }
    }
    return first->time;
}

// The last word of every premise, as 1 + the contact's index in the store. It is without power since the
// first one after the last that told of power.
static struct group *group_by_hand(const struct world *world, const struct model *model,
                                   size_t *words)
{
    struct group *group = group_new(model, &world->rules->rules.sets[GROUP_RULES_NORMAL]);

    for (size_t i = 0; i < world->store_count; i++) {
        const struct contact *contact = world->store[i].record;
        const struct incident *incident = world->store[i].record;
        const struct planned *planned = world->store[i].record;
        const struct node_state *node = world->store[i].record;

        switch (world->store[i].type) {
        case RECORD_CONTACT: {
            size_t *word = &words[contact->premise];

            if (is_word(world, contact) &&
                (!*word || is_after(contact, world->store[*word - 1].record)))
                *word = i + 1;
            break;
        }
        case RECORD_INCIDENT:
            if (engine_incident_open((enum incident_state)incident->state) && !follows(incident))
                cover_all(model, group, &incident->covers);
            break;
        case RECORD_PLANNED:
            if (planned->state == PLANNED_STATE_STARTED)
                cover_all(model, group, &planned->covers);
            break;
        case RECORD_NODE_STATE:
            group_mark(group, model_find_node(model, slice_of(node->node)),
                       (enum group_mark)node->mark);
            break;
        default: break;
        }
    }
    for (int64_t key = 1; key <= ACCOUNTS; key++) {
        const struct contact *word = words[key] ? world->store[words[key] - 1].record : NULL;
        uint32_t position = model_premise_position(model, model_premise(model, key));

        if (word && strcmp(event_word(EVENT_FIELD_symptom, word->symptom), "restored") == 0)
            group_set_back(group, position, true);
        else if (word)
            group_call(group, position, first_ms(world, key));
    }
    return group;
}

// The network as the records say it is switched.
static struct model *switched(const struct world *world)
{
    struct model_switch switches[16];
    size_t count = 0;

    for (size_t i = 0; i < world->store_count; i++) {
        const struct node_state *state = world->store[i].record;

        if (world->store[i].type == RECORD_NODE_STATE && state->fed_from)
            switches[count++] =
                (struct model_switch){model_find_node(world->model, slice_of(state->node)),
                                      model_find_node(world->model, slice_of(state->fed_from))};
    }
    return model_switched(world->model, switches, count);
}

static void check_prediction(const struct world *world)
{
    size_t words[ACCOUNTS + 1] = {0};
    int64_t keys[ACCOUNTS + 1], roots[ACCOUNTS + 1];
    struct model *model = switched(world);
    struct group *group = group_by_hand(world, model, words);

    for (int64_t key = 1; key <= ACCOUNTS; key++) {
        const struct contact *word = words[key] ? world->store[words[key] - 1].record : NULL;

        keys[key] = GROUP_BLAME_NONE;
        if (!word)
            continue;
        keys[key] = group_blame(group, model_premise_position(model, model_premise(model, key)));
        if (keys[key] == GROUP_BLAME_NONE)
            continue;
        roots[key] = root_of(world, word->incident);
        int32_t node = group_name(group, keys[key]);
        assert_true(
            slice_is(node == MODEL_NO_NODE ? slice_of("-") : model_node(world->model, node)->id,
                     node_of(world, roots[key])));
        for (int64_t other = 1; other < key; other++) {
            if (keys[other] != GROUP_BLAME_NONE)
                assert_int_equal(keys[other] == keys[key], roots[other] == roots[key]);
        }
    }
    group_free(group);
    model_free(model);
}

static void report_anything(struct world *world)
{
    // Most calls come from a few places, so that there is something to group.
    int account = chance(3) ? 1 + chance(4) * 30 + chance(20) : 1 + chance(ACCOUNTS);

    assert_int_equal(
        world_publish_at(world, world->now_ms - chance(2) * chance(20) * INT64_C(60000),
                         chance(12) ? "contact.outage_report" : "contact.quality_complaint",
                         "{'applicant':'person','symptom':'%s','premise':{'account':'A%d'}}",
                         chance(8) ? "no_power" : "restored", account),
        ERR_OK);
}

static enum err_code say_anything(struct world *world)
{
    static const char *const nodes[] = {"S", "F1", "L1", "L2", "T1", "T2", "T4", "T5", "T9", "T20"};
    const char *node = nodes[chance((int)(sizeof(nodes) / sizeof(nodes[0])))];
    int number = 1 + chance(12), other = 1 + chance(12);
    char contact[16];

    snprintf(contact, sizeof(contact), "2026-%06d", 1 + chance(60));
    switch (chance(14)) {
    case 0: return world_publish(world, "incident.opened", "{'kind':'outage','node':'%s'}", node);
    case 1: return world_publish(world, "incident.confirmed", "{'incident':%d}", number);
    case 2:
        return world_publish(world, "incident.moved", "{'incident':%d,'node':'%s'}", number, node);
    case 3:
        return world_publish(world, "incident.merged", "{'incident':%d,'into':%d}", number, other);
    case 4:
        return world_publish(world, "incident.split", "{'incident':%d,'contacts':['%s']}", number,
                             contact);
    case 5: return world_publish(world, "incident.restored", "{'incident':%d}", number);
    case 6: return world_publish(world, "incident.reopened", "{'incident':%d}", number);
    case 7:
        return world_publish(world, "node.marked", "{'node':'%s','mark':'%s'}", node,
                             chance(3)   ? "none"
                             : chance(3) ? "energised"
                                         : "out");
    case 8:
        return world_publish(world, "dispatch.returned", "{'contact':'%s','reason':'x'}", contact);
    case 9:
        return world_publish(world, "planned.announced",
                             "{'node':'%s','starts':%s,'ends':%s,'reason':'x'}", node,
                             world_time(world, 0), world_time(world, chance(60)));
    case 10:
        return world_publish(world, chance(3) ? "planned.started" : "planned.ended",
                             "{'planned':%d}", 1 + chance(4));
    case 11:
        return world_publish(world, "eta.set", "{'incident':%d,'at':%s,'source':'%s'}", number,
                             world_time(world, 60), chance(2) ? "crew" : "zone");
    case 12: return world_publish(world, "mode.changed", "{'mode':'normal'}");
    default:
        return world_publish(world, "incident.cancelled", "{'incident':%d,'reason':'invalid'}",
                             number);
    }
}

static struct world *run(uint64_t seed, bool restart)
{
    struct world *world = predicting();
    struct buf said = {0};

    world_set_timers(world);
    chance_state = seed;
    for (int step = 0; step < STEPS; step++) {
        if (chance(3) == 0)
            world_pass_deadlines(world, chance(6) ? chance(3) : chance(50), &said);
        if (chance(3))
            report_anything(world);
        else
            say_anything(world);
        check_prediction(world);
        if (restart)
            world_restart(world);
    }
    buf_fini(&said);
    return world;
}

static void incidents_show_what_a_new_group_of_the_records_blames(void **state)
{
    size_t regrouped = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world *world = run(seed, false);

        regrouped += world->regrouped;
        world_free(world);
    }
    assert_true(regrouped > SEEDS * STEPS / 4);
}

static void a_restart_at_every_event_changes_no_prediction(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS / 3; seed++) {
        struct world *through = run(seed, false), *restarted = run(seed, true);
        struct buf live = {0}, fold = {0};

        assert_string_equal(buf_text(&through->journal), buf_text(&restarted->journal));
        world_dump(through, &live);
        world_refold(through, true, &fold);
        assert_string_equal(buf_text(&live), buf_text(&fold));
        buf_fini(&live);
        buf_fini(&fold);
        world_free(through);
        world_free(restarted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_one_transformer_become_one_incident_there),
        cmocka_unit_test(a_flat_that_is_out_by_itself_is_no_outage_of_the_house),
        cmocka_unit_test(two_transformers_of_a_lateral_become_one_incident_at_the_lateral),
        cmocka_unit_test(what_a_person_says_of_the_place_stands),
        cmocka_unit_test(nothing_is_predicted_at_a_device_that_is_energised),
        cmocka_unit_test(a_switched_transformer_counts_where_it_is_fed_from),
        cmocka_unit_test(incidents_show_what_a_new_group_of_the_records_blames),
        cmocka_unit_test(a_restart_at_every_event_changes_no_prediction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
