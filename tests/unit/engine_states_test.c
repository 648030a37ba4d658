// Rule 7 of EVENTS.md: every state x event, walked with real incidents, and what each step sets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

static int set_up(void **state)
{
    *state = world_new();
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

// States in the order of enum incident_state; probable comes with the grouping on the network.
static const char letters[] = "spcarvdxm";

// Written down from the rules, not from the engine's table: the letter of the state that follows,
// '-' = conflict. Under each:     spcarvdxm
static const struct {
    const char *type, *data, *next;
} walks[] = {
    {"incident.updated", "'public_text':'x'", "spcarvd--"},
    {"incident.confirmed", "'node':'T1'", "ccca-----"},
    {"incident.moved", "'node':'T2'", "spca-----"},
    {"incident.merged", "'into':1", "mmmm-----"},
    {"incident.split", "'contacts':['2026-000001']", "spca-----"},
    {"incident.crew", "'tier':'repair','state':'on_site'", "spcarv---"},
    {"incident.partly_restored", "'accounts':['A1']", "aaaa-----"},
    {"incident.restored", "'at':\"2026-02-28T12:00:00Z\"", "rrrrr----"},
    {"incident.verified", "'reason':'x'", "----v----"},
    {"incident.reopened", "'reason':'x'", "----cccc-"},
    {"incident.closed", "'text':'x'", "----dd---"},
    {"incident.cancelled", "'reason':'not_found'", "xxxxxx---"},
    {"eta.set", "'at':\"2026-02-28T12:00:00Z\"", "spca-----"},
    {"eta.withdrawn", "'reason':'x'", "spcarvdx-"},
    {"dispatch.accepted", "'reason':'x'", "spcarv---"},
};

// Incident 1 stays open as something to merge into; incident 2 is opened by a report and brought to
// the state. Its report is 2026-000001.
static void bring_to(struct world *world, char state)
{
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F2'}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    assert_int_equal(world->incident, 2);
    if (state == 'c')
        PUBLISH_OK(world, "incident.confirmed", "{'incident':2}");
    if (state == 'a')
        PUBLISH_OK(world, "incident.partly_restored", "{'incident':2,'accounts':['A1']}");
    if (strchr("rvd", state))
        PUBLISH_OK(world, "incident.restored", "{'incident':2}");
    if (state == 'v')
        PUBLISH_OK(world, "incident.verified", "{'incident':2}");
    if (state == 'd')
        PUBLISH_OK(world, "incident.closed", "{'incident':2}");
    if (state == 'x')
        PUBLISH_OK(world, "incident.cancelled", "{'incident':2,'reason':'invalid'}");
    if (state == 'm')
        PUBLISH_OK(world, "incident.merged", "{'incident':2,'into':1}");
}

static void check_refusal(const struct world *world, const char *before)
{
    struct buf after = {0};

    assert_string_equal(world->err.reason, "state");
    assert_non_null(strstr(world->err.message[LANGUAGE_EN], "Incident 2 is "));
    assert_non_null(strstr(world->err.message[LANGUAGE_RU], "Инцидент 2 сейчас "));
    assert_string_equal(world->err.path, "/data/incident");
    assert_int_equal(world_dirty(world), 0);
    world_dump(world, &after);
    assert_string_equal(before, buf_text(&after));
    buf_fini(&after);
}

static void every_event_in_every_state_does_what_the_rules_say(void **unused)
{
    (void)unused;
    for (size_t walk = 0; walk < sizeof(walks) / sizeof(walks[0]); walk++) {
        for (size_t from = 0; from < strlen(letters); from++) {
            struct world *world = world_new();
            struct buf before = {0};
            char data[256];
            enum err_code code;
            char wanted = walks[walk].next[from];

            if (letters[from] == 'p') {
                world_free(world);
                continue;
            }
            bring_to(world, letters[from]);
            world_dump(world, &before);
            snprintf(data, sizeof(data), "{'incident':2,%s}", walks[walk].data);
            code = world_publish(world, walks[walk].type, "%s", data);
            if (wanted == '-') {
                assert_int_equal(code, ERR_CONFLICT);
                check_refusal(world, buf_text(&before));
            } else {
                if (code != ERR_OK)
                    print_error("%s from %c: %s\n", walks[walk].type, letters[from],
                                world->err.message[LANGUAGE_EN]);
                assert_int_equal(code, ERR_OK);
                assert_int_equal(letters[world_incident(world, 2)->state], wanted);
                assert_int_equal(world_incident(world, 2)->version,
                                 world->sequence - (int64_t)world->follow_count);
            }
            buf_fini(&before);
            world_free(world);
        }
    }
}

// The same for the published table, probable included.
static void the_table_of_states_is_the_rules(void **unused)
{
    (void)unused;
    for (size_t walk = 0; walk < sizeof(walks) / sizeof(walks[0]); walk++) {
        enum event_type type = event_type_of(slice_of(walks[walk].type));

        for (int state = 0; letters[state]; state++) {
            const char *at = strchr(letters, walks[walk].next[state]);
            int wanted = walks[walk].next[state] == '-' ? -1 : (int)(at - letters);

            assert_int_equal(engine_incident_next(type, (enum incident_state)state), wanted);
        }
    }
}

static void an_event_on_an_unknown_incident_is_not_found(void **state)
{
    struct world *world = *state;

    for (size_t walk = 0; walk < sizeof(walks) / sizeof(walks[0]); walk++) {
        char data[256];

        snprintf(data, sizeof(data), "{'incident':99,%s}", walks[walk].data);
        assert_int_equal(world_publish(world, walks[walk].type, "%s", data), ERR_NOT_FOUND);
        assert_string_equal(world->err.reason, "incident");
    }
    assert_int_equal(world_publish(world, "log.entry", "{'incident':99,'text':'x'}"),
                     ERR_NOT_FOUND);
}

static void what_a_person_opens_is_confirmed(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'quality','node':'T1','ref':'OMS-7'}");
    assert_int_equal(world_incident(world, 1)->state, INCIDENT_CONFIRMED);
    assert_string_equal(world_incident(world, 1)->ref, "OMS-7");
    assert_int_equal(world_incident(world, 1)->started, world->now_ms);
}

static void restored_on_a_restored_one_corrects_the_time(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    assert_int_equal(world_incident(world, 1)->restored_at, world->now_ms);
    PUBLISH_OK(world, "incident.restored", "{'incident':1,'at':%s}", world_time(world, -30));
    assert_int_equal(world_incident(world, 1)->restored_at, world->now_ms - 30 * 60000);
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    assert_int_equal(world_incident(world, 1)->restored_at, 0);
    assert_int_equal(world_incident(world, 1)->state, INCIDENT_CONFIRMED);
}

static void closing_without_a_cause_stores_unknown(void **state)
{
    struct world *world = *state;

    for (int i = 1; i <= 3; i++) {
        PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
        PUBLISH_OK(world, "incident.restored", "{'incident':%d}", i);
    }
    PUBLISH_OK(world, "incident.closed", "{'incident':1}");
    assert_string_equal(world_incident(world, 1)->cause, "unknown");
    PUBLISH_OK(world, "incident.closed", "{'incident':2,'cause':'tree'}");
    assert_string_equal(world_incident(world, 2)->cause, "tree");
    PUBLISH_OK(world, "incident.updated", "{'incident':3,'cause':'wind'}");
    PUBLISH_OK(world, "incident.closed", "{'incident':3}");
    assert_string_equal(world_incident(world, 3)->cause, "wind");
    assert_int_equal(world_incident(world, 3)->closed_at, world->now_ms);
}

static void an_edit_of_an_old_version_is_refused(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    int64_t version = world_incident(world, 1)->version;
    assert_int_equal(world_publish(world, "incident.moved",
                                   "{'incident':1,'node':'T2','expect':%d}", (int)version + 1),
                     ERR_CONFLICT);
    assert_string_equal(world->err.reason, "version");
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'T2','expect':%d}", (int)version);
    assert_int_equal(world_publish(world, "incident.moved",
                                   "{'incident':1,'node':'T1','expect':%d}", (int)version),
                     ERR_CONFLICT);
}

static void parts_are_marked_restored_and_reopening_takes_it_back(void **state)
{
    struct world *world = *state;
    const struct incident *incident;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1','accounts':['H1']}");
    PUBLISH_OK(world, "incident.partly_restored",
               "{'incident':1,'nodes':['T1'],'accounts':['A5','H1']}");
    incident = world_incident(world, 1);
    assert_int_equal(incident->covers.count, 4); // A5, H1, F1, T1
    for (size_t i = 0; i < 4; i++) {
        const struct cover *cover = &incident->covers.items[i];
        bool whole = cover->level == COVER_NODE && strcmp(cover->node, "F1") == 0;

        assert_int_equal(cover->restored_at != 0, !whole);
    }
    assert_int_equal(incident->customers, 6);
    assert_int_equal(
        world_publish(world, "incident.partly_restored", "{'incident':1,'nodes':['T3']}"),
        ERR_CONFLICT);
    assert_string_equal(world->err.reason, "not_covered");
    assert_int_equal(
        world_publish(world, "incident.partly_restored", "{'incident':1,'accounts':['B101']}"),
        ERR_CONFLICT);
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    incident = world_incident(world, 1);
    for (size_t i = 0; i < 4; i++)
        assert_false(incident->covers.items[i].restored_at);
}

// Merging and splitting.

static void a_merged_incident_gives_its_calls_and_hazard_to_the_other(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A3'},'symptom':'partial',"
               "'hazard':'sparking'}");
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
    assert_int_equal(world_publish(world, "incident.merged", "{'incident':2,'into':2}"),
                     ERR_INVALID);
    assert_int_equal(world_publish(world, "incident.merged", "{'incident':2,'into':9}"),
                     ERR_NOT_FOUND);
    PUBLISH_OK(world, "incident.merged", "{'incident':2,'into':1}");
    assert_int_equal(world_incident(world, 1)->calls, 2);
    assert_int_equal(world_incident(world, 1)->priority, 1);
    assert_null(world_incident(world, 1)->accepted_by);
    assert_int_equal(world_incident(world, 2)->merged_into, 1);
    assert_int_equal(world_publish(world, "incident.merged", "{'incident':1,'into':2}"),
                     ERR_CONFLICT);
    // Its cover stays where it was: a call from there opens another.
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A3'},'symptom':'no_power'}");
    assert_int_equal(world->incident, 3);
}

static void a_split_takes_contacts_to_a_new_incident(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F1','started':%s}",
               world_time(world, -20));
    for (int i = 1; i <= 3; i++)
        PUBLISH_OK(world, "contact.outage_report",
                   "{'applicant':'person','premise':{'account':'A%d'},'symptom':'no_power'}", i);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'H1'},'symptom':'no_power'}");
    assert_int_equal(world_publish(world, "incident.split",
                                   "{'incident':1,'contacts':['2026-000001','2026-000004']}"),
                     ERR_CONFLICT);
    assert_string_equal(world->err.path, "/data/contacts/1");
    assert_int_equal(
        world_publish(world, "incident.split", "{'incident':1,'contacts':['2026-000009']}"),
        ERR_NOT_FOUND);
    PUBLISH_OK(world, "incident.split",
               "{'incident':1,'contacts':['2026-000001','2026-000003'],'node':'T1'}");
    assert_int_equal(world->incident, 3);
    assert_int_equal(world->follow_count, 2);
    assert_int_equal(world_incident(world, 1)->calls, 1);
    assert_int_equal(world_incident(world, 3)->calls, 2);
    assert_int_equal(world_incident(world, 3)->state, INCIDENT_CONFIRMED);
    assert_int_equal(world_incident(world, 3)->started, world->now_ms - 20 * 60000);
    assert_string_equal(world_incident(world, 3)->node, "T1");
    assert_int_equal(world_contact(world, "2026-000001")->incident, 3);
    assert_int_equal(world_contact(world, "2026-000002")->incident, 1);
}

static void contacts_that_came_by_a_merge_can_be_split_off_again(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'H1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    PUBLISH_OK(world, "incident.merged", "{'incident':2,'into':1}");
    PUBLISH_OK(world, "incident.merged", "{'incident':1,'into':3}");
    assert_int_equal(world_incident(world, 3)->calls, 2);
    PUBLISH_OK(world, "incident.split", "{'incident':3,'contacts':['2026-000002']}");
    assert_int_equal(world_incident(world, 3)->calls, 1);
    assert_int_equal(world_incident(world, 1)->calls, 1); // on its way it left this one too
    assert_int_equal(world_incident(world, 2)->calls, 0);
    assert_int_equal(world_incident(world, 4)->calls, 1);
    assert_int_equal(world_incident(world, 4)->covers.items[0].key, 300);
    assert_int_equal(world_incident(world, 4)->state, INCIDENT_CONFIRMED);
}

// Accepting, and priorities.

static void a_report_that_brings_nothing_new_leaves_an_incident_accepted(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
    assert_string_equal(world_incident(world, 1)->accepted_by, "pult:user:anna");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    assert_non_null(world_incident(world, 1)->accepted_by);
    static const char *const news[] = {"'symptom':'partial'",
                                       "'symptom':'no_power','hazard':'wire_down'",
                                       "'symptom':'no_power','critical':'boiler'"};
    for (size_t i = 0; i < 3; i++) {
        for (int again = 0; again < 2; again++) {
            PUBLISH_OK(world, "contact.outage_report",
                       "{'applicant':'person','premise':{'account':'A1'},%s}", news[i]);
            if (again)
                assert_non_null(world_incident(world, 1)->accepted_by);
            else
                assert_null(world_incident(world, 1)->accepted_by);
            PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
        }
    }
}

static void priorities_follow_hazard_critical_and_size(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    assert_int_equal(world_incident(world, 1)->priority, 4);
    PUBLISH_OK(world, "incident.opened", "{'kind':'hazard','node':'T1'}");
    assert_int_equal(world_incident(world, 2)->priority, 1);
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F2'}");
    assert_int_equal(world_incident(world, 3)->priority, 2); // H1 is critical
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}");
    assert_int_equal(world_incident(world, 4)->priority, 3);
    PUBLISH_OK(world, "incident.updated", "{'incident':4,'priority':5}");
    assert_int_equal(world_incident(world, 4)->priority, 5);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'B101'},'symptom':'no_power',"
               "'hazard':'fire'}");
    assert_int_equal(world->incident, 4);
    assert_int_equal(world_incident(world, 4)->priority, 5); // a person's word stands
    assert_int_equal(world_incident(world, 4)->hazard,
                     (int)event_word_index(EVENT_FIELD_hazard, slice_of("fire")));
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'N1'},'symptom':'no_power',"
               "'hazard':'other'}");
    assert_int_equal(world_incident(world, world->incident)->priority, 5);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'N1'},'symptom':'no_power',"
               "'hazard':'trapped'}");
    assert_int_equal(world_incident(world, world->incident)->priority, 1);
}

static void a_crew_and_its_steps_are_kept(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    assert_int_equal(world_incident(world, 1)->crew_state, -1);
    PUBLISH_OK(world, "incident.crew",
               "{'incident':1,'tier':'inspection','state':'en_route','crew':'ОВБ-2'}");
    PUBLISH_OK(world, "incident.crew", "{'incident':1,'tier':'inspection','state':'on_site'}");
    assert_int_equal(world_incident(world, 1)->crew_tier, 0);
    assert_int_equal(world_incident(world, 1)->crew_state, 3);
    assert_string_equal(world_incident(world, 1)->crew, "ОВБ-2");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_in_every_state_does_what_the_rules_say),
        cmocka_unit_test(the_table_of_states_is_the_rules),
        TEST(an_event_on_an_unknown_incident_is_not_found),
        TEST(what_a_person_opens_is_confirmed),
        TEST(restored_on_a_restored_one_corrects_the_time),
        TEST(closing_without_a_cause_stores_unknown),
        TEST(an_edit_of_an_old_version_is_refused),
        TEST(parts_are_marked_restored_and_reopening_takes_it_back),
        TEST(a_merged_incident_gives_its_calls_and_hazard_to_the_other),
        TEST(a_split_takes_contacts_to_a_new_incident),
        TEST(contacts_that_came_by_a_merge_can_be_split_off_again),
        TEST(a_report_that_brings_nothing_new_leaves_an_incident_accepted),
        TEST(priorities_follow_hazard_critical_and_size),
        TEST(a_crew_and_its_steps_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
