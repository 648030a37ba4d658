// Planned works (rule 4 of EVENTS.md), and what the dispatcher says of contacts, nodes and the mode.
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

static void announce(struct world *world)
{
    PUBLISH_OK(world, "planned.announced",
               "{'accounts':['A1','A3'],'starts':%s,'ends':%s,'reason':'замена опоры','ref':'P-1'}",
               world_time(world, 60), world_time(world, 120));
}

static void announcing_gives_a_number_and_resolves_the_accounts(void **state)
{
    struct world *world = *state;
    const struct planned *planned;

    announce(world);
    announce(world);
    assert_int_equal(world->planned, 2);
    planned = world_planned(world, 1);
    assert_int_equal(planned->state, PLANNED_STATE_ANNOUNCED);
    assert_int_equal(planned->starts, world->now_ms + 60 * 60000);
    assert_int_equal(planned->ends, world->now_ms + 120 * 60000);
    assert_string_equal(planned->ref, "P-1");
    assert_int_equal(planned->covers.count, 2);
    assert_int_equal(planned->covers.items[1].key, 3);
    assert_null(planned->spans);
}

static void only_started_and_ended_change_the_state(void **state)
{
    struct world *world = *state;

    announce(world);
    world_pass(world, 90);
    PUBLISH_OK(world, "planned.changed", "{'planned':1,'reason':'другая'}");
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_ANNOUNCED);
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_STARTED);
    PUBLISH_OK(world, "planned.changed", "{'planned':1,'ends':%s}", world_time(world, 240));
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_STARTED);
    PUBLISH_OK(world, "planned.ended", "{'planned':1}");
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_ENDED);
    PUBLISH_OK(world, "planned.changed", "{'planned':1,'ends':%s}", world_time(world, 300));
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_ENDED);
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_STARTED);
}

static void what_was_never_started_may_be_ended(void **state)
{
    struct world *world = *state;

    announce(world);
    PUBLISH_OK(world, "planned.ended", "{'planned':1}");
    assert_int_equal(world_planned(world, 1)->state, PLANNED_STATE_ENDED);
    assert_int_equal(world_publish(world, "planned.cancelled", "{'planned':1}"), ERR_CONFLICT);
}

static void cancelled_works_stay_cancelled(void **state)
{
    struct world *world = *state;
    static const char *const types[] = {"planned.changed", "planned.started", "planned.ended",
                                        "planned.cancelled"};

    announce(world);
    PUBLISH_OK(world, "planned.cancelled", "{'planned':1}");
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(world_publish(world, types[i], "{'planned':1,'reason':'x'}"),
                         ERR_CONFLICT);
        assert_string_equal(world->err.reason, "state");
        assert_int_equal(world_publish(world, types[i], "{'planned':9,'reason':'x'}"),
                         ERR_NOT_FOUND);
    }
}

static void spans_give_the_outermost_times(void **state)
{
    struct world *world = *state;
    const struct planned *planned;
    char spans[400];

    snprintf(spans, sizeof(spans), "[{'starts':%s,'ends':%s},{'starts':%s,'ends':%s}]",
             world_time(world, 180), world_time(world, 200), world_time(world, 60),
             world_time(world, 100));
    PUBLISH_OK(world, "planned.announced",
               "{'node':'T1','starts':%s,'ends':%s,'spans':%s,'reason':'x'}", world_time(world, 60),
               world_time(world, 200), spans);
    PUBLISH_OK(world, "planned.announced", "{'node':'T1','starts':%s,'ends':%s,'reason':'x'}",
               world_time(world, 1), world_time(world, 2));
    PUBLISH_OK(world, "planned.changed", "{'planned':2,'spans':%s}", spans);
    planned = world_planned(world, 2);
    assert_int_equal(planned->starts, world->now_ms + 60 * 60000);
    assert_int_equal(planned->ends, world->now_ms + 200 * 60000);
    assert_non_null(planned->spans);
    assert_string_equal(planned->spans, world_planned(world, 1)->spans);
    PUBLISH_OK(world, "planned.changed", "{'planned':2,'ends':%s}", world_time(world, 500));
    assert_null(world_planned(world, 2)->spans);
}

static void changed_places_take_the_place_of_the_old(void **state)
{
    struct world *world = *state;

    announce(world);
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    PUBLISH_OK(world, "planned.changed", "{'planned':1,'accounts':['A5']}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A5'},'symptom':'no_power'}");
    assert_int_equal(world->planned, 1);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    assert_int_equal(world->planned, 0);
    assert_int_equal(world_publish(world, "planned.changed", "{'planned':1,'accounts':['Q']}"),
                     ERR_NOT_FOUND);
    assert_int_equal(world_planned(world, 1)->covers.count, 1);
    PUBLISH_OK(world, "planned.changed", "{'planned':1,'accounts':[]}");
    assert_int_equal(world_planned(world, 1)->covers.count, 0);
}

static void an_edit_of_old_works_is_refused(void **state)
{
    struct world *world = *state;

    announce(world);
    assert_int_equal(world_publish(world, "planned.started", "{'planned':1,'expect':7}"),
                     ERR_CONFLICT);
    PUBLISH_OK(world, "planned.started", "{'planned':1,'expect':1}");
}

// Contacts, nodes, mode.

static void a_contact_is_returned_asked_about_and_replied_to(void **state)
{
    struct world *world = *state;

    assert_int_equal(
        world_publish(world, "dispatch.asked", "{'contact':'2026-000001','question':'?'}"),
        ERR_NOT_FOUND);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "dispatch.asked", "{'contact':'2026-000001','question':'?'}");
    assert_int_equal(world_contact(world, "2026-000001")->dispatch, DISPATCH_ASKED);
    PUBLISH_OK(world, "dispatch.replied", "{'contact':'2026-000001','answer':'!'}");
    assert_int_equal(world_contact(world, "2026-000001")->dispatch, DISPATCH_REPLIED);
    PUBLISH_OK(world, "dispatch.returned", "{'contact':'2026-000001','reason':'не наш'}");
    assert_int_equal(world_contact(world, "2026-000001")->dispatch, DISPATCH_RETURNED);
    assert_string_equal(world_contact(world, "2026-000001")->returned_reason, "не наш");
}

static void a_contact_keeps_what_was_said(void **state)
{
    struct world *world = *state;
    const struct contact *contact;

    PUBLISH_OK(world, "contact.quality_complaint",
               "{'applicant':'legal','premise':{'account':'A4'},'symptom':'flicker',"
               "'extent':'house','hazard':'other','since':%s,'call':'c-17','callback':true}",
               world_time(world, -45));
    contact = world_contact(world, "2026-000001");
    assert_string_equal(contact->type, "contact.quality_complaint");
    assert_string_equal(event_word(EVENT_FIELD_applicant, contact->applicant), "legal");
    assert_string_equal(event_word(EVENT_FIELD_symptom, contact->symptom), "flicker");
    assert_int_equal(contact->since, world->now_ms - 45 * 60000);
    assert_string_equal(contact->call, "c-17");
    assert_true(contact->callback);
    assert_string_equal(contact->operator, "pult:user:anna");
    assert_int_equal(contact->place_level, PLACE_PREMISE);
    assert_int_equal(contact->premise, 4);
    assert_int_equal(contact->house, 3);
    assert_string_equal(contact->node, "T2");
    assert_int_equal(contact->critical, -1);
    assert_int_equal(world_incident(world, 1)->started, contact->since);
    assert_int_equal(world_incident(world, 1)->kind, INCIDENT_QUALITY);
}

static size_t count_lines(const struct world *world, const char *start)
{
    struct buf dump = {0};
    size_t count = 0;

    world_dump(world, &dump);
    for (const char *at = buf_text(&dump); (at = strstr(at, start)); at++)
        count++;
    buf_fini(&dump);
    return count;
}

static void nodes_are_marked_and_switched(void **state)
{
    struct world *world = *state;

    assert_int_equal(world_publish(world, "node.marked", "{'node':'T9','mark':'out'}"),
                     ERR_NOT_FOUND);
    PUBLISH_OK(world, "node.marked", "{'node':'T1','mark':'energised'}");
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'F2'}");
    assert_int_equal(count_lines(world, "node_state node=T1 mark=1 fed_from=F2"), 1);
    PUBLISH_OK(world, "node.switched", "{'node':'T1'}");
    assert_int_equal(count_lines(world, "node_state node=T1 mark=1 fed_from=- "), 1);
    assert_int_equal(world_publish(world, "node.switched", "{'node':'T1','fed_from':'T1'}"),
                     ERR_INVALID);
}

static void the_mode_and_its_message_are_one_row(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "mode.message", "{'text':'идут работы','until':%s}", world_time(world, 60));
    PUBLISH_OK(world, "mode.changed", "{'mode':'storm'}");
    assert_int_equal(count_lines(world, "mode key=1 mode=1"), 1);
    assert_int_equal(count_lines(world, "message=идут работы"), 1);
    PUBLISH_OK(world, "mode.message", "{'text':''}");
    assert_int_equal(count_lines(world, "message=-"), 1);
}

static void notes_and_a_companys_own_events_change_nothing(void **state)
{
    struct world *world = *state;
    struct buf before = {0}, after = {0};

    announce(world);
    world_dump(world, &before);
    PUBLISH_OK(world, "log.entry", "{'text':'x'}");
    PUBLISH_OK(world, "x.meters.ping", "{'incident':'none','at':5}");
    world_dump(world, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    assert_int_equal(world->sequence, 3);
    buf_fini(&before);
    buf_fini(&after);
}

static void a_shift_says_who_sits_at_the_desk(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "shift.opened", "{'person':'Анна','desk':'north'}");
    assert_int_equal(count_lines(world, "desk=north person=Анна"), 1);
    PUBLISH_OK(world, "shift.handed_over", "{'desk':'north','to':'Пётр'}");
    assert_int_equal(count_lines(world, "desk=north person=Пётр"), 1);
}

// Works on T1 below F1: who calls there calls about them. A fault above shows by calls from outside, and
// once a person has it on F1, who calls from T1 is of it too.
static void a_fault_above_works_shows_by_calls_from_outside(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "planned.announced", "{'node':'T1','starts':%s,'ends':%s,'reason':'x'}",
               world_time(world, 0), world_time(world, 120));
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    assert_int_equal(world->planned, 1);
    assert_int_equal(world->incident, 0);
    assert_int_equal(engine_open_incidents(world->engine), 0);
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A4'},'symptom':'no_power'}");
    assert_int_equal(world->planned, 0);
    assert_int_equal(world->incident, 1);
    PUBLISH_OK(world, "incident.confirmed", "{'incident':1,'node':'F1'}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A2'},'symptom':'no_power'}");
    assert_int_equal(world->incident, 1);
    assert_int_equal(world->planned, 0);
    assert_int_equal(world_planned(world, 1)->calls, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(announcing_gives_a_number_and_resolves_the_accounts),
        TEST(only_started_and_ended_change_the_state),
        TEST(what_was_never_started_may_be_ended),
        TEST(cancelled_works_stay_cancelled),
        TEST(spans_give_the_outermost_times),
        TEST(changed_places_take_the_place_of_the_old),
        TEST(an_edit_of_old_works_is_refused),
        TEST(a_contact_is_returned_asked_about_and_replied_to),
        TEST(a_contact_keeps_what_was_said),
        TEST(nodes_are_marked_and_switched),
        TEST(the_mode_and_its_message_are_one_row),
        TEST(notes_and_a_companys_own_events_change_nothing),
        TEST(a_shift_says_who_sits_at_the_desk),
        TEST(a_fault_above_works_shows_by_calls_from_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
