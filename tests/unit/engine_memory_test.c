// The working set: what is asked for, what a refusal and a rollback leave, what leaves memory.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "tests/lib/engine_fixture.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)
#define REPORT          "{'applicant':'person','premise':{'account':'%s'},'symptom':'no_power'}"

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

static void contacts_leave_memory_at_the_commit(void **state)
{
    struct world *world = *state;

    world->keep_dirty = true;
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    assert_non_null(engine_contact(world->engine, slice_of("2026-000001")));
    assert_int_equal(world_dirty(world), 5); // contact, incident, the desk, two counters
    world_commit(world);
    assert_int_equal(world_dirty(world), 0);
    assert_null(engine_contact(world->engine, slice_of("2026-000001")));
    assert_non_null(engine_incident(world->engine, 1));
    // Asked for again where an event names it.
    PUBLISH_OK(world, "dispatch.asked", "{'contact':'2026-000001','question':'?'}");
    assert_non_null(engine_contact(world->engine, slice_of("2026-000001")));
    world_commit(world);
    assert_null(engine_contact(world->engine, slice_of("2026-000001")));
}

static void open_incidents_stay_and_restored_ones_leave_after_a_day(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 3; i++)
        PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "incident.cancelled", "{'incident':3,'reason':'invalid'}");
    assert_int_equal(engine_open_incidents(world->engine), 1);
    assert_null(engine_incident(world->engine, 3));
    assert_non_null(engine_incident(world->engine, 1));
    world_pass(world, 24 * 60);
    world_commit(world);
    assert_non_null(engine_incident(world->engine, 1));
    world->now_ms++;
    world_commit(world);
    assert_null(engine_incident(world->engine, 1));
    assert_non_null(engine_incident(world->engine, 2));
    // And comes back when it is named.
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    assert_int_equal(engine_open_incidents(world->engine), 2);
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    assert_int_equal(world->incident, 2);
}

static void an_incident_reopened_before_it_left_stays(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    world_pass(world, 3 * 24 * 60);
    world_commit(world);
    assert_non_null(engine_incident(world->engine, 1));
}

static void ended_works_leave_and_come_back(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "planned.announced", "{'node':'T1','starts':%s,'ends':%s,'reason':'x'}",
               world_time(world, 0), world_time(world, 60));
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    PUBLISH_OK(world, "planned.ended", "{'planned':1}");
    assert_null(engine_planned(world->engine, 1));
    PUBLISH_OK(world, "planned.started", "{'planned':1}");
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    assert_int_equal(world->planned, 1);
}

static void what_was_looked_up_in_vain_is_asked_for_once(void **state)
{
    struct world *world = *state;
    struct slice reg_nos[] = {slice_of("2026-000007"), slice_of("2026-000008")};
    struct event event = {.type = EVENT_INCIDENT_SPLIT, .topic = slice_of("incident.split")};
    struct engine_want want;
    int asked = 0;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    event_set_integer(&event, EVENT_FIELD_incident, 1);
    event_set_texts(&event, EVENT_FIELD_contacts, reg_nos, 2);
    for (; engine_wants(world->engine, &event, &want); asked++)
        engine_miss(world->engine, &want);
    assert_int_equal(asked, 2);
    // The next decision knows nothing of it.
    PUBLISH_OK(world, "log.entry", "{'text':'x'}");
    assert_true(engine_wants(world->engine, &event, &want));
}

static void a_number_that_was_never_given_is_not_looked_up(void **state)
{
    struct world *world = *state;
    struct event event = {.type = EVENT_INCIDENT_RESTORED};
    struct engine_want want;

    event_set_integer(&event, EVENT_FIELD_incident, 12);
    assert_false(engine_wants(world->engine, &event, &want));
}

static void a_refusal_changes_nothing(void **state)
{
    struct world *world = *state;
    struct buf before = {0}, after = {0};
    static const struct {
        const char *type, *data;
    } refused[] = {
        {"incident.opened", "{'kind':'outage','node':'T9'}"},
        {"incident.opened", "{'kind':'outage','node':'T1','accounts':['A1','Q1']}"},
        {"incident.updated", "{'incident':1,'priority':1,'accounts_add':['Q1']}"},
        {"incident.updated", "{'incident':1,'priority':1,'expect':1}"},
        {"incident.moved", "{'incident':1,'node':'T9'}"},
        {"incident.merged", "{'incident':1,'into':2}"},
        {"incident.split", "{'incident':1,'contacts':['2026-000001','2026-000009']}"},
        {"incident.partly_restored", "{'incident':1,'accounts':['A1','B101']}"},
        {"incident.closed", "{'incident':1}"},
        {"planned.announced",
         "{'node':'T9','starts':'2026-02-28T12:00:00Z','ends':'2026-02-28T13:00:00Z'}"},
        {"node.marked", "{'node':'T9','mark':'out'}"},
        {"contact.restoration_query", "{'applicant':'person','incident':9}"},
    };

    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}");
    PUBLISH_OK(world, "incident.restored", "{'incident':2}");
    world_dump(world, &before);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        int64_t head = world->sequence;

        assert_int_not_equal(world_publish(world, refused[i].type, "%s", refused[i].data), ERR_OK);
        assert_int_equal(world_dirty(world), 0);
        assert_int_equal(world->sequence, head);
        assert_true(world->err.message[LANGUAGE_EN][0] && world->err.message[LANGUAGE_RU][0]);
    }
    // Memory has what the store has: writing all that is loaded back changes nothing.
    PUBLISH_OK(world, "log.entry", "{'incident':1,'text':'x'}");
    world_dump(world, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    assert_string_equal(world->reg_no, "2026-000003");
    assert_int_equal(world->incident, 1);
    buf_fini(&before);
    buf_fini(&after);
}

static void a_rolled_back_batch_was_never_there(void **state)
{
    struct world *world = *state;
    struct buf before = {0}, after = {0};

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    world_dump(world, &before);
    world->keep_dirty = true;
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A5");
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'F2'}");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "mode.changed", "{'mode':'storm'}");
    assert_int_equal(engine_open_incidents(world->engine), 1); // A5's
    world_roll_back(world);
    assert_int_equal(world_dirty(world), 0);
    assert_int_equal(engine_open_incidents(world->engine), 1); // T1's
    world->keep_dirty = false;
    world_dump(world, &after);
    assert_string_equal(buf_text(&before), buf_text(&after));
    // Numbers and covers are those of before.
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    assert_int_equal(world->incident, 1);
    assert_string_equal(world->reg_no, "2026-000002");
    PUBLISH_OK(world, "contact.outage_report", REPORT, "B101");
    assert_int_equal(world->incident, 2);
    buf_fini(&before);
    buf_fini(&after);
}

static void a_loaded_record_takes_the_place_of_the_one_in_memory(void **state)
{
    struct world *world = *state;
    struct incident stored = {.incident = 1,
                              .state = INCIDENT_CONFIRMED,
                              .crew_tier = -1,
                              .crew_state = -1,
                              .hazard = -1,
                              .eta_firmness = -1,
                              .eta_source = -1,
                              .opened_by = mem_string("pult:user:anna"),
                              .version = 9};

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    stored.covers.items = mem_alloc(2 * sizeof(struct cover));
    stored.covers.items[0] = (struct cover){.level = COVER_NODE, .node = mem_string("T3")};
    stored.covers.items[1] = (struct cover){.level = COVER_PREMISE, .key = 5}; // in any order
    stored.covers.count = stored.covers.capacity = 2;
    engine_load(world->engine, RECORD_INCIDENT, &stored);
    assert_null(stored.opened_by); // taken
    assert_int_equal(engine_open_incidents(world->engine), 1);
    assert_int_equal(engine_incident(world->engine, 1)->version, 9);
    assert_int_equal(engine_incident(world->engine, 1)->covers.items[0].level, COVER_PREMISE);
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A1");
    assert_int_not_equal(world->incident, 1);
    PUBLISH_OK(world, "contact.outage_report", REPORT, "A5");
    assert_int_equal(world->incident, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(contacts_leave_memory_at_the_commit),
        TEST(open_incidents_stay_and_restored_ones_leave_after_a_day),
        TEST(an_incident_reopened_before_it_left_stays),
        TEST(ended_works_leave_and_come_back),
        TEST(what_was_looked_up_in_vain_is_asked_for_once),
        TEST(a_number_that_was_never_given_is_not_looked_up),
        TEST(a_refusal_changes_nothing),
        TEST(a_rolled_back_batch_was_never_there),
        TEST(a_loaded_record_takes_the_place_of_the_one_in_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
