// Desks: config/desks.yaml, which desk an incident belongs to, and the alarm of one that nobody sits at.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "busd/desks.h"
#include "busd/timers.h"
#include "tests/lib/engine_fixture.h"
#include "tests/lib/scratch.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

static const char two_desks[] = "desks:\n"
                                "  west: {name: Западный, nodes: [F1, T4], next: rest}\n"
                                "  rest: {name: Общий, senior: petrova}\n";

static enum err_code read_text(const char *text, struct engine_desks *desks, struct err *err)
{
    char *directory = scratch_new();
    struct buf path = {0};
    FILE *file;
    enum err_code code;

    buf_printf(&path, "%s/desks.yaml", directory);
    file = fopen(path.data, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    err_clear(err);
    code = desks_read(desks, path.data, err);
    buf_fini(&path);
    scratch_remove(directory);
    return code;
}

static void the_file_is_read_and_its_faults_are_named(void **state)
{
    struct engine_desks desks;
    struct err err;
    static const char *const refused[] = {
        "desks: {a: {nodes: [F1]}}",                                     // no name
        "desks: {a: {name: A, next: b}}",                                // no such desk
        "desks: {a: {name: A, next: a}}",                                // itself
        "desks: {a: {name: A, nodes: F1}}",                              // not a list
        "desks: {a: {name: A, boss: x}}",                                // no such key
        "desks: {a: {name: A, nodes: [F1]}, b: {name: B, nodes: [F1]}}", // one node, two desks
        "desks: {a: {name: A}, b: {name: B}}",                           // both own the rest
        "desks: [a]",
        "desk: {}",
    };

    (void)state;
    assert_int_equal(read_text(two_desks, &desks, &err), ERR_OK);
    assert_int_equal(desks.count, 2);
    assert_string_equal(desks.items[0].nodes[1], "T4");
    assert_string_equal(desks.items[0].next, "rest");
    assert_string_equal(desks.items[1].senior, "petrova");
    desks_fini(&desks);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(read_text(refused[i], &desks, &err), ERR_INVALID);
        assert_non_null(strstr(err.path, "desks.yaml:1:"));
        desks_fini(&desks);
    }
    assert_int_equal(desks_read(&desks, "config/desks.yaml", &err), ERR_OK);
    assert_int_equal(desks.count, 0); // a company names its own
    desks_fini(&desks);
}

struct office {
    struct world *world;
    struct engine_desks desks;
    struct engine_timers timers;
};

static int open_office(void **state)
{
    static struct office office;
    struct err err;

    office.world = world_new();
    assert_int_equal(read_text(two_desks, &office.desks, &err), ERR_OK);
    assert_int_equal(timers_read(&office.timers, NULL, &err), ERR_OK);
    engine_set_desks(office.world->engine, &office.desks);
    engine_set_timers(office.world->engine, &office.timers);
    *state = &office;
    return 0;
}

static int close_office(void **state)
{
    struct office *office = *state;

    world_free(office->world);
    desks_fini(&office->desks);
    timers_fini(&office->timers);
    return 0;
}

static void an_incident_belongs_to_the_desk_of_its_node(void **state)
{
    struct world *world = ((struct office *)*state)->world;
    static const struct {
        const char *where, *desk;
    } places[] = {
        {"'node':'F1'", "west"},       {"'node':'T2'", "west"}, {"'node':'F2'", "rest"},
        {"'node':'T4'", "west"},       {"'node':'S1'", "rest"}, {"'accounts':['A4']", "west"},
        {"'accounts':['N1']", "rest"},
    };

    for (int i = 0; i < 7; i++) {
        PUBLISH_OK(world, "incident.opened", "{'kind':'outage',%s}", places[i].where);
        assert_string_equal(world_incident(world, i + 1)->desk, places[i].desk);
    }
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'T3'}");
    assert_string_equal(world_incident(world, 1)->desk, "rest");
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'accounts_add':['A1']}");
    assert_string_equal(world_incident(world, 1)->desk, "rest");
    // A node that is fed from elsewhere belongs to whoever feeds it.
    PUBLISH_OK(world, "node.switched", "{'node':'T3','fed_from':'T1'}");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'B150'},'symptom':'no_power'}");
    assert_int_equal(world->incident, 5); // S1 is out as a whole
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}");
    assert_string_equal(world_incident(world, 8)->desk, "west");
}

static void expect(struct world *world, int minutes, const char *wanted)
{
    struct buf said = {0};

    world_pass_deadlines(world, minutes, &said);
    assert_string_equal(buf_text(&said), wanted);
    buf_fini(&said);
}

static void a_desk_that_nobody_sits_at_is_an_alarm_once(void **state)
{
    struct office *office = *state;
    struct world *world = office->world;
    struct buf live = {0}, fold = {0};

    PUBLISH_OK(world, "shift.opened", "{'person':'petrova','desk':'rest'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3','cause':'x'}");
    expect(world, 2, "");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','cause':'x'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2','cause':'x'}");
    world_restart(world);
    engine_set_desks(world->engine, &office->desks);
    engine_set_timers(world->engine, &office->timers);
    expect(world, 5, "desk_unattended west to rest +3\n");
    PUBLISH_OK(world, "shift.opened", "{'person':'ivanov','desk':'west'}");
    PUBLISH_OK(world, "shift.handed_over", "{'desk':'west','to':'sidorova'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','cause':'x'}");
    expect(world, 5, "");
    world_dump(world, &live);
    assert_non_null(strstr(buf_text(&live), "desk_state desk=west person=sidorova"));
    world_refold(world, false, &fold);
    assert_string_equal(buf_text(&live), buf_text(&fold));
    buf_fini(&live);
    buf_fini(&fold);
}

static void a_shift_at_no_desk_of_the_file_is_refused(void **state)
{
    struct office *office = *state;
    struct world *world = office->world;
    static const char *const acts[][2] = {
        {"shift.opened", "{'person':'petrova','desk':'wset'}"},
        {"shift.handed_over", "{'to':'petrova','desk':'wset'}"},
    };

    for (int i = 0; i < 2; i++) {
        assert_int_equal(world_publish(world, acts[i][0], "%s", acts[i][1]), ERR_NOT_FOUND);
        assert_string_equal(world->err.path, "/data/desk");
        assert_non_null(
            strstr(world->err.message[LANGUAGE_EN], "\"wset\"; there are: west, rest."));
    }
    engine_set_desks(world->engine, NULL); // no file: any name is one
    PUBLISH_OK(world, "shift.opened", "{'person':'petrova','desk':'wset'}");
}

static void what_nobody_accepts_goes_to_the_next_desk_and_then_to_the_senior(void **state)
{
    struct office *office = *state;
    struct world *world = office->world;

    for (int i = 0; i < 2; i++)
        PUBLISH_OK(world, "shift.opened", "{'person':'x','desk':'%s'}", i ? "rest" : "west");
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    expect(world, 6, "ops_accept_normal 1 +5\n");
    assert_null(world_incident(world, 1)->escalated_to);
    expect(world, 3, "escalate_next 1 to rest +7\n"); // west has no senior
    assert_string_equal(world_incident(world, 1)->escalated_to, "rest");
    assert_string_equal(world_incident(world, 1)->desk, "west"); // it is still theirs
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
    assert_null(world_incident(world, 1)->escalated_to);
    // A hazard brings it back, in less time.
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power',"
               "'hazard':'fire'}");
    expect(world, 4, "ops_accept_hazard 1 +9\nescalate_next 1 to rest +11\n");
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
    // The rest has a senior and no next desk.
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'B101'},'symptom':'no_power'}");
    expect(world, 11,
           "eta_first 1 +15\nops_accept_normal 2 +18\nescalate_senior 2 to petrova +23\n");
    assert_string_equal(world_incident(world, 2)->escalated_to, "petrova");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_read_and_its_faults_are_named),
        TEST(an_incident_belongs_to_the_desk_of_its_node),
        TEST(a_desk_that_nobody_sits_at_is_an_alarm_once),
        TEST(a_shift_at_no_desk_of_the_file_is_refused),
        TEST(what_nobody_accepts_goes_to_the_next_desk_and_then_to_the_senior),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
