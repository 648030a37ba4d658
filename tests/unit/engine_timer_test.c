// Deadlines: config/timers.yaml, when each runs out, that it does so once, what stops it, their order,
// and that a restart in between changes nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "busd/calendar.h"
#include "busd/timers.h"
#include "tests/lib/engine_fixture.h"
#include "tests/lib/golden.h"
#include "tests/lib/scratch.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)
#define REPORT(world, account, more)                                  \
    PUBLISH_OK(world, "contact.outage_report",                        \
               "{'applicant':'person','premise':{'account':'" account \
               "'},'symptom':'no_power'" more "}")

static struct engine_timers timers;

static int set_up(void **state)
{
    struct world *world = world_new();

    engine_set_timers(world->engine, &timers);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

// What runs out within the next `minutes`, and that nothing of it runs out again.
static void expect(struct world *world, int minutes, const char *wanted)
{
    struct buf said = {0};

    world_pass_deadlines(world, minutes, &said);
    assert_string_equal(buf_text(&said), wanted);
    buf_clear(&said);
    world_pass_deadlines(world, 0, &said);
    assert_string_equal(buf_text(&said), "");
    buf_fini(&said);
}

// The file.

static void the_file_in_config_is_the_printed_table(void **state)
{
    struct buf text = {0};

    (void)state;
    timers_print(&text);
    golden_check_file("config/timers.yaml", (struct slice){text.data, text.length});
    buf_fini(&text);
}

static enum err_code read_text(const char *text, struct engine_timers *read, struct err *err)
{
    char *directory = scratch_new();
    struct buf path = {0};
    FILE *file;
    enum err_code code;

    buf_printf(&path, "%s/timers.yaml", directory);
    file = fopen(path.data, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    err_clear(err);
    code = timers_read(read, path.data, err);
    buf_fini(&path);
    scratch_remove(directory);
    return code;
}

static void what_comes_in_writing_has_thirty_days_and_who_wants_a_call_four_hours(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "contact.inquiry",
               "{'applicant':'person','topic':'1.1','form':'post','needs_answer':true}");
    assert_int_equal(world_contact(world, "2026-000001")->due - world->now_ms,
                     INT64_C(30) * 24 * 3600 * 1000);
    PUBLISH_OK(world, "contact.inquiry",
               "{'applicant':'person','topic':'1.1','form':'web','needs_answer':true,"
               "'callback':true}");
    expect(world, 241, "callback_answer 2026-000002 +240\n");
    expect(world, 30 * 24 * 60, "written_answer 2026-000001 +43200\n");
}

static void a_call_that_nobody_answers_is_told_once(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "call.started", "{'call':'c1','direction':'in'}");
    PUBLISH_OK(world, "call.started", "{'call':'c2','direction':'out'}");
    PUBLISH_OK(world, "call.started", "{'call':'c3','direction':'in'}");
    PUBLISH_OK(world, "call.started", "{'call':'c3','direction':'in','answered_at':%s}",
               world_time(world, 0));
    PUBLISH_OK(world, "call.started", "{'call':'c4','direction':'in'}");
    PUBLISH_OK(world, "call.ended", "{'call':'c4','outcome':'abandoned'}");
    world_restart(world); // with those that wait
    engine_set_timers(world->engine, &timers);
    expect(world, 1, "answer_wait c1 +0\n");
    PUBLISH_OK(world, "call.ended", "{'call':'c1','outcome':'abandoned'}");
    expect(world, 1, "");
}

static void a_row_replaces_its_default_and_one_of_no_kind_of_record_is_refused(void **state)
{
    struct engine_timers read;
    struct err err;
    static const char *const refused[] = {
        "callback_answer: {of: callback, after: 4h}",    // it is of contacts
        "complaint_answer: {of: complaint, after: 30d}", // there are no such records yet
        "repeat_window: {days: 400}",
        "shelve_max: {after: 2h}",
        "planned_notice: {days: sundays}",
        "eta_first: {of: campaign}",
        "eta_first: {after: 15}",
        "eta_first: {after: 90d}",
        "flood: {on: 5, off: 6}", // would end as it starts
    };

    (void)state;
    assert_int_equal(read_text("eta_first: {after: 20m, ground: order 7}", &read, &err), ERR_OK);
    assert_int_equal(read.rows[ENGINE_TIMER_ETA_FIRST].after_ms, 20 * 60000);
    assert_string_equal(read.rows[ENGINE_TIMER_ETA_FIRST].ground, "order 7");
    assert_int_equal(read.rows[ENGINE_TIMER_ACCEPT_HAZARD].after_ms, 30000);
    assert_int_equal(read.repeat_days, 30);
    timers_fini(&read);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_int_equal(read_text(refused[i], &read, &err), ERR_INVALID);
        assert_non_null(strstr(err.path, "timers.yaml:1:"));
        timers_fini(&read);
    }
}

// Each of them.

static void an_incident_that_nobody_accepts_says_so(void **state)
{
    struct world *world = *state;

    REPORT(world, "A1", "");
    expect(world, 4, "");
    REPORT(world, "A1", ""); // nothing new: the first report counts
    expect(world, 3, "ops_accept_normal 1 +5\n");
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
    expect(world, 1, "");
    // A hazard makes it new again, with less time.
    REPORT(world, "A1", ",'hazard':'sparking'");
    expect(world, 1, "ops_accept_hazard 1 +8\n");
    // Accepted in time.
    REPORT(world, "H1", "");
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':2}");
    expect(world, 6, "");
    // What a person opens needs no acceptance until somebody calls.
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T3'}");
    expect(world, 1, "eta_first 1 +15\n");
}

static void a_first_time_of_restoration_is_asked_for_once(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','cause':'tree'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T2','cause':'tree'}");
    PUBLISH_OK(world, "eta.set", "{'incident':2,'at':%s}", world_time(world, 600));
    expect(world, 16, "eta_first 1 +15\n");
    // Taken back: it was set once.
    PUBLISH_OK(world, "eta.withdrawn", "{'incident':2}");
    expect(world, 60, "");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    expect(world, 16, "eta_first 1 +91\n");
}

static void a_question_without_an_answer_is_told_once(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1'}");
    for (int round = 0; round < 3; round++) {
        PUBLISH_OK(world, "contact.restoration_query",
                   "{'applicant':'person','premise':{'account':'A1'}}");
        assert_int_equal(world->follow_count, round == 0);
        PUBLISH_OK(world, "contact.restoration_query", "{'applicant':'person','incident':1}");
        assert_int_equal(world->follow_count, 0);
    }
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 600));
    PUBLISH_OK(world, "contact.restoration_query", "{'applicant':'person','incident':1}");
    assert_int_equal(world->follow_count, 0);
    PUBLISH_OK(world, "eta.withdrawn", "{'incident':1}");
    PUBLISH_OK(world, "contact.restoration_query", "{'applicant':'person','incident':1}");
    assert_int_equal(world->follow_count, 1);
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    PUBLISH_OK(world, "contact.restoration_query", "{'applicant':'person','incident':1}");
    assert_int_equal(world->follow_count, 0);
}

static void a_promise_warns_passes_and_repeats_and_a_new_one_begins_afresh(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','cause':'tree'}");
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 40));
    expect(world, 300,
           "eta_warning 1 +25\neta_overdue 1 +40\n"
           "eta_overdue_repeat 1 +55\neta_overdue_repeat 1 +70\n"
           "eta_overdue_repeat 1 +85\neta_overdue_repeat 1 +100\n");
    // Set ten minutes ahead: too late for a warning.
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 10));
    expect(world, 20, "eta_overdue 1 +310\n");
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 60));
    expect(world, 50, "eta_warning 1 +365\n");
    PUBLISH_OK(world, "incident.restored", "{'incident':1}");
    expect(world, 300, "");
    // One in the past is overdue at once.
    PUBLISH_OK(world, "incident.reopened", "{'incident':1}");
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, -600));
    expect(world, 1, "eta_overdue 1 +70\n");
    PUBLISH_OK(world, "eta.withdrawn", "{'incident':1}");
    expect(world, 60, "");
}

static void quality_is_checked_within_two_hours(void **state)
{
    struct world *world = *state;

    for (int i = 1; i <= 2; i++) {
        PUBLISH_OK(world, "incident.opened", "{'kind':'quality','node':'T1'}");
        PUBLISH_OK(world, "eta.set", "{'incident':%d,'at':%s}", i, world_time(world, 6000));
    }
    PUBLISH_OK(world, "incident.crew", "{'incident':1,'tier':'inspection','state':'on_site'}");
    PUBLISH_OK(world, "incident.crew", "{'incident':2,'tier':'inspection','state':'en_route'}");
    expect(world, 200, "quality_check 2 +120\n");
}

static void a_long_outage_gets_its_priority_and_its_limit(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','started':%s}",
               world_time(world, -600));
    PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 6000));
    assert_int_equal(world_incident(world, 1)->priority, 4);
    expect(world, 601, "outage_limit_near 1 +600\n");
    assert_int_equal(world_incident(world, 1)->priority, 3);
    expect(world, 900, "outage_limit_run 1 +840\ninform_outage_reason 1 +1440\n");
    // It had begun later after all, and not long ago.
    PUBLISH_OK(world, "incident.updated", "{'incident':1,'started':%s}", world_time(world, -60));
    assert_int_equal(world_incident(world, 1)->priority, 4);
    expect(world, 1200, "outage_limit_near 1 +2641\n");
}

static void a_large_outage_has_its_people_counted_by_a_person(void **state)
{
    struct world *world = *state;

    for (int i = 0; i < 2; i++)
        PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'F2','cause':'tree'}");
    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','cause':'tree'}"); // three
    for (int i = 1; i <= 3; i++)
        PUBLISH_OK(world, "eta.set", "{'incident':%d,'at':%s}", i, world_time(world, 600));
    PUBLISH_OK(world, "incident.updated", "{'incident':2,'customers':118}");
    expect(world, 61, "people_count_report 1 +60\n");
}

static void who_awaits_an_answer_is_not_forgotten(void **state)
{
    struct world *world = *state;
    struct buf live = {0}, fold = {0};

    PUBLISH_OK(world, "incident.opened", "{'kind':'hazard','node':'T1'}");
    REPORT(world, "A1", ",'callback':true");     // 1
    REPORT(world, "A1", "");                     // 2
    REPORT(world, "A1", ",'needs_answer':true"); // 3
    REPORT(world, "A1", ",'callback':false");    // 4
    PUBLISH_OK(world, "dispatch.accepted", "{'incident':1}");
    assert_non_null(engine_contact(world->engine, slice_of("2026-000001")));
    assert_null(engine_contact(world->engine, slice_of("2026-000002")));
    PUBLISH_OK(world, "contact.answered", "{'contact':'2026-000003','answer':'x'}");
    assert_null(engine_contact(world->engine, slice_of("2026-000003")));
    world_restart(world);
    engine_set_timers(world->engine, &timers);
    expect(world, 241, "callback_answer 2026-000001 +240\n");
    assert_true(world_contact(world, "2026-000001")->answer_late);
    assert_null(engine_contact(world->engine, slice_of("2026-000001")));
    world_dump(world, &live);
    world_refold(world, true, &fold);
    assert_string_equal(buf_text(&live), buf_text(&fold));
    buf_fini(&live);
    buf_fini(&fold);
}

// 28.02.2026 09:00 UTC is a Saturday; nine working days off follow one another from 10 to 20 March.
static void works_have_their_notice_in_working_days_and_an_overrun(void **state)
{
    struct world *world = *state;
    struct engine_calendar calendar;
    struct engine_timers working = timers;
    struct err err;

    assert_int_equal(calendar_read(&calendar, "config/calendar.yaml", &err), ERR_OK);
    working.calendar = &calendar;
    engine_set_timers(world->engine, &working);
    // Monday 23 March: ten working days before is Tuesday 10 March, Monday 9 being off.
    PUBLISH_OK(world, "planned.announced",
               "{'node':'T1','starts':\"2026-03-24T06:00:00Z\",'ends':\"2026-03-24T12:00:00Z\","
               "'reason':'x'}");
    // Announced too late for any notice.
    PUBLISH_OK(world, "planned.announced",
               "{'node':'T2','starts':\"2026-03-05T06:00:00Z\",'ends':\"2026-03-05T12:00:00Z\","
               "'reason':'x'}");
    PUBLISH_OK(world, "planned.started", "{'planned':2}");
    expect(world, 9 * 1440, "planned_overrun 2 +7395\n");
    expect(world, 2 * 1440, "planned_notice 1 +13860\n");
    // Later ends start it anew; once more, and then nobody is told again.
    PUBLISH_OK(world, "planned.changed", "{'planned':2,'ends':%s}", world_time(world, 60));
    expect(world, 100, "planned_overrun 2 +15915\n");
    PUBLISH_OK(world, "planned.ended", "{'planned':2}");
    world_restart(world);
    engine_set_timers(world->engine, &working);
    PUBLISH_OK(world, "planned.changed", "{'planned':1,'starts':\"2026-04-24T06:00:00Z\"}");
    PUBLISH_OK(world, "planned.cancelled", "{'planned':1}");
    expect(world, 90 * 1440, "");
    calendar_fini(&calendar);
}

// Order, restarts, refolding.

static void deadlines_come_in_the_order_in_which_they_fell_due(void **state)
{
    struct world *world = *state;
    struct buf said = {0};
    int64_t last = 0;
    int count = 0;

    for (int i = 1; i <= 50; i++) {
        PUBLISH_OK(world, "incident.opened",
                   "{'kind':'outage','node':'T%d','cause':'wind','customers':1}", i % 4 + 1);
        PUBLISH_OK(world, "eta.set", "{'incident':%d,'at':%s}", i,
                   world_time(world, 30 + i * 37 % 101));
        if (i % 7 == 0)
            PUBLISH_OK(world, "incident.cancelled", "{'incident':%d,'reason':'invalid'}", i);
    }
    world_pass_deadlines(world, 1000, &said);
    for (const char *line = buf_text(&said); *line; line = strchr(line, '\n') + 1, count++) {
        int64_t due = strtoll(strchr(line, '+') + 1, NULL, 10);

        assert_true(due >= last);
        last = due;
    }
    assert_int_equal(count, 43 * 6);
    buf_fini(&said);
}

// The same events with a new engine, out of what the store has, after every step.
static void run_with_restarts(struct world *world, bool restart, struct buf *said)
{
    REPORT(world, "A1", "");
    PUBLISH_OK(world, "incident.opened", "{'kind':'quality','node':'T3'}");
    for (int step = 0; step < 60; step++) {
        if (step == 10)
            PUBLISH_OK(world, "eta.set", "{'incident':1,'at':%s}", world_time(world, 50));
        if (step == 40)
            PUBLISH_OK(world, "incident.restored", "{'incident':1}");
        world_pass_deadlines(world, 3, said);
        if (restart) {
            world_restart(world);
            engine_set_timers(world->engine, &timers);
        }
    }
}

static void a_restart_at_any_moment_loses_and_doubles_no_deadline(void **state)
{
    struct world *other = world_new();
    struct buf through = {0}, restarted = {0}, dump = {0}, other_dump = {0}, folded = {0};

    engine_set_timers(other->engine, &timers);
    run_with_restarts(*state, false, &through);
    run_with_restarts(other, true, &restarted);
    assert_true(through.length > 100);
    assert_string_equal(buf_text(&through), buf_text(&restarted));
    world_dump(*state, &dump);
    world_dump(other, &other_dump);
    assert_string_equal(buf_text(&dump), buf_text(&other_dump));
    world_refold(*state, true, &folded); // without timers: the events alone
    assert_string_equal(buf_text(&dump), buf_text(&folded));
    buf_fini(&through), buf_fini(&restarted), buf_fini(&dump), buf_fini(&other_dump);
    buf_fini(&folded);
    world_free(other);
}

static void what_was_not_committed_is_due_again(void **state)
{
    struct world *world = *state;
    struct buf said = {0};

    PUBLISH_OK(world, "incident.opened", "{'kind':'outage','node':'T1','cause':'tree'}");
    world->keep_dirty = true;
    world_pass_deadlines(world, 16, &said);
    assert_string_equal(buf_text(&said), "eta_first 1 +15\n");
    world_roll_back(world);
    world->keep_dirty = false;
    expect(world, 1, "eta_first 1 +15\n");
    buf_fini(&said);
}

static int read_defaults(void **state)
{
    struct err err;

    (void)state;
    return timers_read(&timers, NULL, &err) != ERR_OK;
}

static int drop_defaults(void **state)
{
    (void)state;
    timers_fini(&timers);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_in_config_is_the_printed_table),
        cmocka_unit_test(a_row_replaces_its_default_and_one_of_no_kind_of_record_is_refused),
        TEST(what_comes_in_writing_has_thirty_days_and_who_wants_a_call_four_hours),
        TEST(a_call_that_nobody_answers_is_told_once),
        TEST(an_incident_that_nobody_accepts_says_so),
        TEST(a_first_time_of_restoration_is_asked_for_once),
        TEST(a_question_without_an_answer_is_told_once),
        TEST(a_promise_warns_passes_and_repeats_and_a_new_one_begins_afresh),
        TEST(quality_is_checked_within_two_hours),
        TEST(a_long_outage_gets_its_priority_and_its_limit),
        TEST(a_large_outage_has_its_people_counted_by_a_person),
        TEST(who_awaits_an_answer_is_not_forgotten),
        TEST(works_have_their_notice_in_working_days_and_an_overrun),
        TEST(deadlines_come_in_the_order_in_which_they_fell_due),
        TEST(a_restart_at_any_moment_loses_and_doubles_no_deadline),
        TEST(what_was_not_committed_is_due_again),
    };

    return cmocka_run_group_tests(tests, read_defaults, drop_defaults);
}
