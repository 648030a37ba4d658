// The rules of EVENTS.md that every client may rely on, by number, as the engine keeps them.
//  1 an_incident_covers_its_accounts_and_what_is_below_its_node, having_called_does_not_cover,
//    every_incident_may_cover_the_same_account
//  2 the tests named a_report_…
//  3 calls_count_every_report_repeats_too, customers_as_given_override_the_count
//  4 the tests of engine_planned_test
//  5 the tests of engine_eta_test
//  6 times_may_be_past_or_ahead
//  7 engine_states_test
//  8 is a query's (queries tests); what it is made from is journalled here
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/engine_fixture.h"

#define REPORT          "{'applicant':'person','premise':{'account':'%s'},'symptom':'no_power'}"
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

static int64_t report(struct world *world, const char *account)
{
    PUBLISH_OK(world, "contact.outage_report", REPORT, account);
    return world->incident;
}

static int64_t open_at_node(struct world *world, const char *kind, const char *node)
{
    PUBLISH_OK(world, "incident.opened", "{'kind':'%s','node':'%s'}", kind, node);
    return world->incident;
}

static int64_t open_at_account(struct world *world, const char *kind, const char *account)
{
    PUBLISH_OK(world, "incident.opened", "{'kind':'%s','accounts':['%s']}", kind, account);
    return world->incident;
}

// Registration.

static void contacts_are_numbered_within_the_year_without_gaps(void **state)
{
    struct world *world = *state;

    report(world, "A1");
    assert_string_equal(world->reg_no, "2026-000001");
    assert_int_equal(
        world_publish(world, "contact.restoration_query", "{'applicant':'person','incident':77}"),
        ERR_NOT_FOUND);
    PUBLISH_OK(world, "contact.restoration_query",
               "{'applicant':'person','premise':{'account':'A1'}}");
    assert_string_equal(world->reg_no, "2026-000002");
    PUBLISH_OK(world, "contact.quality_complaint",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'low'}");
    assert_string_equal(world->reg_no, "2026-000003");
    world->now_ms = world_start_ms + INT64_C(320) * 24 * 3600 * 1000;
    report(world, "A1");
    assert_string_equal(world->reg_no, "2027-000001");
}

// Rule 1.

static void an_incident_covers_its_accounts_and_what_is_below_its_node(void **state)
{
    struct world *world = *state;
    int64_t listed = open_at_account(world, "outage", "A5");
    int64_t below = open_at_node(world, "outage", "F2");

    assert_int_equal(report(world, "A5"), listed);
    assert_int_equal(report(world, "B150"), below);
    assert_int_equal(report(world, "H1"), below);
    assert_int_not_equal(report(world, "A4"), listed);
    assert_int_equal(world_incident(world, below)->customers, 121);
    assert_int_equal(world_incident(world, listed)->customers, 1);
}

static void having_called_does_not_cover(void **state)
{
    struct world *world = *state;
    int64_t node = open_at_node(world, "outage", "T1");

    assert_int_equal(report(world, "A1"), node);
    PUBLISH_OK(world, "incident.moved", "{'incident':%d,'node':'T2'}", (int)node);
    assert_int_not_equal(report(world, "A1"), node);
    assert_int_equal(report(world, "A4"), node);
}

static void a_suspected_incident_that_is_moved_leaves_the_callers_premise(void **state)
{
    struct world *world = *state;
    int64_t suspected = report(world, "A1");

    PUBLISH_OK(world, "incident.moved", "{'incident':%d,'node':'T2'}", (int)suspected);
    assert_int_not_equal(report(world, "A1"), suspected);
}

static void accounts_that_a_person_listed_stay_when_a_node_is_named(void **state)
{
    struct world *world = *state;
    int64_t listed = open_at_account(world, "outage", "A5");

    PUBLISH_OK(world, "incident.confirmed", "{'incident':%d,'node':'T1'}", (int)listed);
    assert_int_equal(report(world, "A5"), listed);
    assert_int_equal(report(world, "A1"), listed);
    assert_int_equal(world_incident(world, listed)->customers, 4);
    PUBLISH_OK(world, "incident.updated", "{'incident':%d,'accounts_remove':['A5']}", (int)listed);
    assert_int_equal(world_incident(world, listed)->customers, 3);
    assert_int_not_equal(report(world, "A5"), listed);
}

static void every_incident_may_cover_the_same_account(void **state)
{
    struct world *world = *state;
    int64_t first = open_at_account(world, "outage", "A1");
    int64_t second = open_at_account(world, "outage", "A1");

    assert_int_not_equal(first, second);
    assert_int_equal(world_incident(world, first)->covers.items[0].key, 1);
    assert_int_equal(world_incident(world, second)->covers.items[0].key, 1);
}

static void unknown_accounts_and_nodes_are_not_found(void **state)
{
    struct world *world = *state;

    assert_int_equal(
        world_publish(world, "incident.opened", "{'kind':'outage','accounts':['A1','Z9']}"),
        ERR_NOT_FOUND);
    assert_string_equal(world->err.reason, "account");
    assert_string_equal(world->err.path, "/data/accounts/1");
    assert_int_equal(world_publish(world, "incident.opened", "{'kind':'outage','node':'T9'}"),
                     ERR_NOT_FOUND);
    assert_string_equal(world->err.reason, "node");
    assert_int_equal(world->sequence, 0);
}

static void without_a_network_any_node_may_be_named(void **state)
{
    struct world *world = *state;

    engine_set_model(world->engine, NULL);
    int64_t incident = open_at_node(world, "outage", "TP-77");
    assert_string_equal(world_incident(world, incident)->node, "TP-77");
    engine_set_model(world->engine, world->model);
}

static void another_network_keeps_what_is_open_in_its_place(void **state)
{
    struct world *world = *state;
    int64_t incident;

    engine_set_model(world->engine, NULL);
    incident = open_at_node(world, "outage", "F1");
    engine_set_model(world->engine, world->model);
    assert_int_equal(report(world, "A4"), incident);
}

// Rule 2.

static void a_report_without_anything_there_opens_a_suspected_incident(void **state)
{
    struct world *world = *state;
    int64_t number = report(world, "A1");
    const struct incident *incident = world_incident(world, number);

    assert_int_equal(number, 1);
    assert_int_equal(world->follow_count, 1);
    assert_int_equal(incident->state, INCIDENT_SUSPECTED);
    assert_int_equal(incident->kind, INCIDENT_OUTAGE);
    assert_int_equal(incident->calls, 1);
    assert_int_equal(incident->customers, 1);
    assert_int_equal(incident->priority, 5);
    assert_int_equal(incident->started, world->now_ms);
    assert_string_equal(incident->opened_by, "pult:busd");
    assert_int_equal(world_contact(world, "2026-000001")->incident, 1);
}

static void a_report_joins_what_covers_its_premise(void **state)
{
    struct world *world = *state;
    int64_t number = report(world, "A1");

    assert_int_equal(report(world, "A1"), number);
    assert_int_not_equal(report(world, "A2"), number); // the next flat did not call it
    assert_int_equal(world_incident(world, number)->calls, 2);
}

static void a_report_joins_its_own_kind_first(void **state)
{
    struct world *world = *state;
    int64_t outage = open_at_node(world, "outage", "T1");

    world_pass(world, 1);
    int64_t quality = open_at_node(world, "quality", "T1");
    assert_int_equal(report(world, "A1"), outage);
    PUBLISH_OK(world, "contact.quality_complaint",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'low'}");
    assert_int_equal(world->incident, quality);
    // Of another kind, when its own is not there.
    PUBLISH_OK(world, "incident.restored", "{'incident':%d}", (int)outage);
    assert_int_equal(report(world, "A1"), quality);
}

static void a_report_joins_the_latest_started_then_the_higher_number(void **state)
{
    struct world *world = *state;
    int64_t first, second, third;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','started':%s}",
               world_time(world, -5));
    first = world->incident;
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','accounts':['A1'],'started':%s}",
               world_time(world, -60));
    second = world->incident;
    assert_int_equal(report(world, "A1"), first);
    PUBLISH_OK(world, "incident.updated", "{'incident':%d,'started':%s}", (int)second,
               world_time(world, -5));
    assert_int_equal(report(world, "A1"), second);
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'S1','started':%s}",
               world_time(world, -5));
    third = world->incident;
    assert_int_equal(report(world, "A1"), third);
}

static void a_report_joins_an_open_incident_whatever_the_window(void **state)
{
    struct world *world = *state;
    int64_t number = report(world, "A1");

    world_pass(world, 10 * 24 * 60);
    assert_int_equal(report(world, "A1"), number);
}

static void a_report_of_a_house_or_street_covers_it(void **state)
{
    struct world *world = *state;
    int64_t house, street;

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power',"
               "'extent':'house'}");
    house = world->incident;
    assert_int_equal(report(world, "A2"), house);
    assert_int_not_equal(report(world, "A3"), house);
    assert_int_equal(world_incident(world, house)->customers, 2);
    assert_int_equal(world_incident(world, house)->priority, 4);

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'B101'},'symptom':'no_power',"
               "'extent':'street'}");
    street = world->incident;
    assert_int_equal(report(world, "B220"), street);
    assert_int_equal(world_incident(world, street)->customers, 120);
    assert_int_equal(world_incident(world, street)->priority, 3);
}

static void a_later_report_does_not_widen_the_cover(void **state)
{
    struct world *world = *state;
    int64_t number = report(world, "A1");

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power',"
               "'extent':'house'}");
    assert_int_equal(world->incident, number);
    assert_int_not_equal(report(world, "A2"), number);
}

static void a_report_of_a_wide_place_joins_only_what_holds_it_all(void **state)
{
    struct world *world = *state;
    int64_t feeder, transformer = open_at_node(world, "outage", "T1");

    // House 3 hangs on T1 and T2: T1 does not hold it, F1 does.
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'house':'3'},'symptom':'no_power'}");
    assert_int_not_equal(world->incident, transformer);
    PUBLISH_OK(world, "incident.cancelled", "{'incident':%d,'reason':'duplicate'}",
               (int)world->incident);
    feeder = open_at_node(world, "outage", "F1");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'house':'3'},'symptom':'no_power'}");
    assert_int_equal(world->incident, feeder);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'street':'1'},'symptom':'no_power'}");
    assert_int_equal(world->incident, feeder);
}

static void a_report_from_nowhere_opens_an_incident_of_its_own(void **state)
{
    struct world *world = *state;
    int64_t first, second;

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'text':'by the mill'},'symptom':'no_power'}");
    first = world->incident;
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'text':'by the mill'},'symptom':'no_power'}");
    second = world->incident;
    assert_int_not_equal(first, second);
    assert_int_equal(world_incident(world, first)->covers.count, 0);
    assert_int_equal(world_incident(world, first)->customers, 1);
}

static void a_report_that_power_is_back_opens_nothing(void **state)
{
    struct world *world = *state;
    const char *back = "{'applicant':'person','premise':{'account':'A1'},'symptom':'restored'}";

    PUBLISH_OK(world, "contact.outage_report", "%s", back);
    assert_int_equal(world->incident, 0);
    assert_int_equal(world->follow_count, 0);
    int64_t number = report(world, "A1");
    PUBLISH_OK(world, "contact.outage_report", "%s", back);
    assert_int_equal(world->incident, number);
    assert_int_equal(world_incident(world, number)->calls, 2);
}

static void a_report_goes_to_started_planned_works(void **state)
{
    struct world *world = *state;
    int64_t works, before = report(world, "A3");

    PUBLISH_OK(world, "incident.cancelled", "{'incident':%d,'reason':'invalid'}", (int)before);
    PUBLISH_OK(world, "planned.announced", "{'node':'T1','starts':%s,'ends':%s,'reason':'repair'}",
               world_time(world, 0), world_time(world, 60));
    works = world->planned;
    assert_int_equal(report(world, "A1"), before + 1); // announced is not started
    PUBLISH_OK(world, "incident.cancelled", "{'incident':%d,'reason':'invalid'}",
               (int)world->incident);
    PUBLISH_OK(world, "planned.started", "{'planned':%d}", (int)works);
    assert_int_equal(report(world, "A1"), 0);
    assert_int_equal(world->planned, works);
    world_pass(world, 75);
    assert_int_equal(report(world, "A1"), 0);
    assert_int_equal(world_planned(world, works)->calls, 2);
    world_pass(world, 1);
    assert_int_not_equal(report(world, "A1"), 0);
    assert_int_equal(world->planned, 0);
}

static void a_report_goes_to_an_open_incident_before_planned_works(void **state)
{
    struct world *world = *state;
    int64_t incident;

    PUBLISH_OK(world, "planned.announced", "{'node':'T1','starts':%s,'ends':%s,'reason':'repair'}",
               world_time(world, 0), world_time(world, 60));
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    incident = open_at_account(world, "quality", "A1");
    assert_int_equal(report(world, "A1"), incident);
}

static void a_report_after_a_restoration_opens_a_nested_incident(void **state)
{
    struct world *world = *state;
    int64_t parent, nested;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','started':%s}",
               world_time(world, -90));
    parent = world->incident;
    PUBLISH_OK(world, "incident.restored", "{'incident':%d}", (int)parent);
    world_pass(world, 15);
    nested = report(world, "A1");
    assert_int_not_equal(nested, parent);
    assert_int_equal(world_incident(world, nested)->nested_in, parent);
    assert_int_equal(world_incident(world, nested)->started, world_start_ms - 90 * 60000);
    assert_int_equal(report(world, "A2"), nested); // still out too, of the same parent
    assert_int_equal(world_incident(world, nested)->calls, 2);
    world_pass(world, 1);
    assert_int_equal(world_incident(world, report(world, "A3"))->nested_in, 0);
}

static void a_report_counts_as_still_out_by_the_earlier_of_its_two_times(void **state)
{
    struct world *world = *state;
    int64_t parent = open_at_node(world, "outage", "T1");

    PUBLISH_OK(world, "incident.restored", "{'incident':%d}", (int)parent);
    PUBLISH_OK(world, "incident.closed", "{'incident':%d}", (int)parent);
    world_pass(world, 60);
    assert_int_equal(
        world_publish_at(world, world_start_ms + 10 * 60000, "contact.outage_report", REPORT, "A1"),
        ERR_OK);
    assert_int_equal(world_incident(world, world->incident)->nested_in, parent);
    // A time ahead does not stretch the window: the clock's own counts.
    PUBLISH_OK(world, "incident.cancelled", "{'incident':%d,'reason':'invalid'}",
               (int)world->incident);
    assert_int_equal(
        world_publish_at(world, world->now_ms + 3600000, "contact.outage_report", REPORT, "A2"),
        ERR_OK);
    assert_int_equal(world_incident(world, world->incident)->nested_in, 0);
    assert_int_equal(world_incident(world, world->incident)->started, world->now_ms);
}

static void a_question_joins_and_opens_nothing(void **state)
{
    struct world *world = *state;
    int64_t incident;

    PUBLISH_OK(world, "contact.restoration_query",
               "{'applicant':'person','premise':{'account':'A1'}}");
    assert_int_equal(world->incident, 0);
    incident = open_at_node(world, "outage", "T1");
    int64_t version = world_incident(world, incident)->version;
    PUBLISH_OK(world, "contact.restoration_query",
               "{'applicant':'person','premise':{'account':'A1'}}");
    assert_int_equal(world->incident, incident);
    assert_int_equal(world_incident(world, incident)->calls, 0);
    assert_int_equal(world_incident(world, incident)->version, version);
    PUBLISH_OK(world, "contact.restoration_query", "{'applicant':'person','incident':%d}",
               (int)incident);
    assert_int_equal(world_contact(world, world->reg_no)->incident, incident);
}

// Rule 3.

static void calls_count_every_report_repeats_too(void **state)
{
    struct world *world = *state;
    int64_t incident = open_at_node(world, "outage", "T1");

    for (int i = 0; i < 5; i++)
        assert_int_equal(report(world, "A1"), incident);
    assert_int_equal(world_incident(world, incident)->calls, 5);
    assert_int_equal(world_incident(world, incident)->customers, 3);
}

static void customers_as_given_override_the_count(void **state)
{
    struct world *world = *state;
    int64_t incident;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','customers':0}");
    incident = world->incident;
    assert_int_equal(world_incident(world, incident)->customers, 0);
    PUBLISH_OK(world, "incident.moved", "{'incident':%d,'node':'T3'}", (int)incident);
    assert_int_equal(world_incident(world, incident)->customers, 0);
    PUBLISH_OK(world, "incident.updated", "{'incident':%d,'customers':2500}", (int)incident);
    assert_int_equal(world_incident(world, incident)->customers, 2500);
    assert_int_equal(world_incident(world, incident)->priority, 3);
}

static void premises_are_counted_once_however_they_are_covered(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened",
               "{'kind':'outage','node':'T1','accounts':['A1','A5','A5','A3']}");
    assert_int_equal(world_incident(world, world->incident)->customers, 4);
    assert_int_equal(world_incident(world, world->incident)->covers.count, 4);
}

// Rule 6.

static void times_may_be_past_or_ahead(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','started':%s}",
               world_time(world, 600));
    int64_t incident = world->incident;
    PUBLISH_OK(world, "eta.set", "{'incident':%d,'at':%s}", (int)incident, world_time(world, -600));
    PUBLISH_OK(world, "incident.restored", "{'incident':%d,'at':%s}", (int)incident,
               world_time(world, -1200));
    assert_int_equal(world_incident(world, incident)->restored_at,
                     world->now_ms - INT64_C(1200) * 60000);
    PUBLISH_OK(world, "planned.announced", "{'node':'T1','starts':%s,'ends':%s,'reason':'x'}",
               world_time(world, -60), world_time(world, -120));
}

#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RULE(contacts_are_numbered_within_the_year_without_gaps),
        RULE(an_incident_covers_its_accounts_and_what_is_below_its_node),
        RULE(having_called_does_not_cover),
        RULE(a_suspected_incident_that_is_moved_leaves_the_callers_premise),
        RULE(accounts_that_a_person_listed_stay_when_a_node_is_named),
        RULE(every_incident_may_cover_the_same_account),
        RULE(unknown_accounts_and_nodes_are_not_found),
        RULE(without_a_network_any_node_may_be_named),
        RULE(another_network_keeps_what_is_open_in_its_place),
        RULE(a_report_without_anything_there_opens_a_suspected_incident),
        RULE(a_report_joins_what_covers_its_premise),
        RULE(a_report_joins_its_own_kind_first),
        RULE(a_report_joins_the_latest_started_then_the_higher_number),
        RULE(a_report_joins_an_open_incident_whatever_the_window),
        RULE(a_report_of_a_house_or_street_covers_it),
        RULE(a_later_report_does_not_widen_the_cover),
        RULE(a_report_of_a_wide_place_joins_only_what_holds_it_all),
        RULE(a_report_from_nowhere_opens_an_incident_of_its_own),
        RULE(a_report_that_power_is_back_opens_nothing),
        RULE(a_report_goes_to_started_planned_works),
        RULE(a_report_goes_to_an_open_incident_before_planned_works),
        RULE(a_report_after_a_restoration_opens_a_nested_incident),
        RULE(a_report_counts_as_still_out_by_the_earlier_of_its_two_times),
        RULE(a_question_joins_and_opens_nothing),
        RULE(calls_count_every_report_repeats_too),
        RULE(customers_as_given_override_the_count),
        RULE(premises_are_counted_once_however_they_are_covered),
        RULE(times_may_be_past_or_ahead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
