// Default times of restoration: config/etas.yaml, which row fits, and whose word they never go over.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "busd/etas.h"
#include "busd/timers.h"
#include "tests/lib/engine_fixture.h"
#include "tests/lib/golden.h"
#include "tests/lib/scratch.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

enum { MINUTE_MS = 60 * 1000 };

static const char rows[] =
    "etas:\n"
    "  - {nodes: [F2], mode: storm, after: 12h, published: true}\n"
    "  - {mode: storm, after: 9h}\n" // made for nobody: a storm's row must be published
    "  - {kind: quality, after: 5h, firmness: not_before}\n"
    "  - {nodes: [F2, T1], after: 4h, published: true}\n"
    "  - {customers: 3, after: 2h, published: true}\n"
    "  - {after: 1h, published: true}\n";

static enum err_code read_text(const char *text, struct engine_etas *etas, struct err *err)
{
    char *directory = scratch_new();
    struct buf path = {0};
    FILE *file;
    enum err_code code;

    buf_printf(&path, "%s/etas.yaml", directory);
    file = fopen(path.data, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    err_clear(err);
    code = etas_read(etas, path.data, err);
    buf_fini(&path);
    scratch_remove(directory);
    return code;
}

static struct engine_timers timers;
static struct engine_etas etas;

static int set_up(void **state)
{
    struct world *world = world_new();
    struct err err;

    assert_int_equal(timers_read(&timers, NULL, &err), ERR_OK);
    assert_int_equal(read_text(rows, &etas, &err), ERR_OK);
    engine_set_timers(world->engine, &timers);
    engine_set_etas(world->engine, &etas);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    timers_fini(&timers);
    etas_fini(&etas);
    return 0;
}

static void the_file_in_config_is_the_printed_table(void **state)
{
    struct buf text = {0};
    struct engine_etas read;
    struct err err;

    (void)state;
    etas_print(&text);
    golden_check_file("config/etas.yaml", (struct slice){text.data, text.length});
    buf_fini(&text);
    assert_int_equal(etas_read(&read, "config/etas.yaml", &err), ERR_OK);
    assert_int_equal(read.count, 0); // no ETA of source rule unless the configuration has one
    etas_fini(&read);
}

static void a_row_with_a_fault_is_named_by_line_and_column(void **state)
{
    static const struct {
        const char *text, *place;
    } faults[] = {
        {"etas: {after: 1h}\n", "etas.yaml:1:"},
        {"rules: []\n", "etas.yaml:1:"},
        {"etas: [{after: 1h}, 7]\n", "etas.yaml:1:"},
        {"etas:\n  - {after: 1h}\n  - {when: 1h}\n", "etas.yaml:3:"},
        {"etas:\n  - {after: 1}\n", "etas.yaml:2:"},
        {"etas:\n  - {mode: calm}\n", "etas.yaml:2:"},
        {"etas:\n  - {customers: -1}\n", "etas.yaml:2:"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct engine_etas read;
        struct err err;

        assert_int_equal(read_text(faults[i].text, &read, &err), ERR_INVALID);
        assert_non_null(strstr(err.path, faults[i].place));
        etas_fini(&read);
    }
}

// Lets the broker do what is due, and says nothing of deadlines.
static void settle(struct world *world)
{
    struct buf said = {0};

    world_pass_deadlines(world, 1, &said);
    buf_fini(&said);
}

static int64_t hours_of(const struct world *world, int64_t number)
{
    const struct incident *incident = world_incident(world, number);

    return incident->eta_at ? (incident->eta_at - incident->active_since) / (60 * MINUTE_MS) : 0;
}

static void the_first_row_that_fits_holds(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *what;
        int64_t hours;
        int source;
    } cases[] = {
        {"'kind':'outage','node':'T4'", 4, ETA_ZONE},         // below F2
        {"'kind':'outage','accounts':['B101']", 4, ETA_ZONE}, // its premise is
        {"'kind':'outage','node':'T1'", 4, ETA_ZONE},         //
        {"'kind':'outage','node':'F1'", 2, ETA_RULE},         // five premises
        {"'kind':'outage','node':'T2'", 1, ETA_RULE},         // two
        {"'kind':'outage','accounts':['N1']", 1, ETA_RULE},   // on no node
        {"'kind':'quality','node':'T3'", 5, ETA_RULE},        //
        {"'kind':'hazard','node':'T3'", 0, -1},               // no row
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct incident *incident;

        PUBLISH_OK(world, "incident.opened", "{%s}", cases[i].what);
        settle(world);
        incident = world_incident(world, (int64_t)i + 1);
        assert_int_equal(hours_of(world, (int64_t)i + 1), cases[i].hours);
        assert_int_equal(incident->eta_source, cases[i].source);
        assert_int_equal(incident->eta_published, cases[i].source >= 0 && cases[i].hours != 5);
    }
}

static void a_persons_word_stands_and_is_not_brought_back(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    settle(world);
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 600));
    int64_t said = world_incident(world, 1)->eta_at;
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'accounts_add':['A1','A2','A3']}");
    settle(world);
    assert_int_equal(world_incident(world, 1)->eta_at, said);
    PUBLISH_OK(world, "eta.withdrawn", "{'incident':1}");
    settle(world);
    assert_int_equal(world_incident(world, 1)->eta_at, 0);
    // A person's zone ETA is a person's word too.
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s,'source':'zone'}", world_time(world, 700));
    said = world_incident(world, 1)->eta_at;
    settle(world);
    assert_int_equal(world_incident(world, 1)->eta_at, said);
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    settle(world);
    assert_int_equal(world_incident(world, 1)->eta_at, 0);
    PUBLISH_OK(world, "incident.reopened",
               "{'incident':1}"); // starts without, as one that was opened
    settle(world);
    assert_int_equal(hours_of(world, 1), 2);
}

static void a_default_follows_size_and_place(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    settle(world);
    assert_int_equal(hours_of(world, 1), 1);
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'accounts_add':['A1']}");
    settle(world);
    assert_int_equal(hours_of(world, 1), 2);
    assert_int_equal(world_incident(world, 1)->eta_revisions, 1);
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'T1'}");
    settle(world);
    assert_int_equal(hours_of(world, 1), 4);
    // Fed from below F2 now: no difference that another time would show, so nothing is said again.
    PUBLISH_OK(world, "node.switched", "{'node':'T1','fed_from':'T3'}");
    settle(world);
    assert_int_equal(world_incident(world, 1)->eta_revisions, 2);
}

static void in_a_storm_only_published_rows_make_times(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    settle(world);
    PUBLISH_OK(world, "mode.changed", "{'mode':'storm'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}");
    settle(world);
    assert_int_equal(hours_of(world, 1), 1); // what was promised stays promised
    assert_int_equal(hours_of(world, 2), 0);
    assert_int_equal(hours_of(world, 3), 12);
    assert_int_equal(world_incident(world, 3)->eta_source, ETA_ZONE);
}

// What a restart would find is found at once, also for what no event has touched.
static void a_default_follows_the_mode_and_the_switches(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    settle(world);
    assert_int_equal(hours_of(world, 1), 4);
    assert_int_equal(hours_of(world, 2), 1);
    PUBLISH_OK(world, "node.switched", "{'node':'T2','fed_from':'F2'}");
    settle(world);
    assert_int_equal(hours_of(world, 2), 4);
    PUBLISH_OK(world, "mode.changed", "{'mode':'storm'}");
    settle(world);
    assert_int_equal(hours_of(world, 1), 12);
    assert_int_equal(hours_of(world, 2), 12);
}

static void what_is_already_late_is_left_to_people(void **state)
{
    struct world *world = *state;
    struct buf said = {0};

    engine_set_etas(world->engine, NULL);
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2'}");
    world_pass_deadlines(world, 20, &said); // eta.needed was said
    engine_set_etas(world->engine, &etas);
    settle(world);
    assert_int_equal(world_incident(world, 1)->eta_at, 0);
    buf_fini(&said);
}

static void the_journal_alone_gives_the_same_times(void **state)
{
    struct world *world = *state;
    struct buf live = {0}, fold = {0};

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'B101'},'symptom':'no_power'}");
    settle(world);
    PUBLISH_OK(world, "incident.moved", "{'incident':1,'node':'F1'}");
    world_restart(world);
    engine_set_timers(world->engine, &timers);
    engine_set_etas(world->engine, &etas);
    settle(world);
    assert_int_equal(hours_of(world, 1), 2);
    world_dump(world, &live);
    world_refold(world, true, &fold);
    assert_string_equal(buf_text(&live), buf_text(&fold));
    buf_fini(&live);
    buf_fini(&fold);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_in_config_is_the_printed_table),
        cmocka_unit_test(a_row_with_a_fault_is_named_by_line_and_column),
        TEST(the_first_row_that_fits_holds),
        TEST(a_persons_word_stands_and_is_not_brought_back),
        TEST(a_default_follows_size_and_place),
        TEST(in_a_storm_only_published_rows_make_times),
        TEST(a_default_follows_the_mode_and_the_switches),
        TEST(what_is_already_late_is_left_to_people),
        TEST(the_journal_alone_gives_the_same_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
