// The life of a contact: docs/contact-states.md, every state x event, who is to answer and until when,
// calls, and the hazard in a theft.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "busd/engine_timer.h"
#include "busd/timers.h"
#include "tests/lib/engine_fixture.h"
#include "tests/lib/golden.h"

#define PUBLISH_OK(...) assert_int_equal(world_publish(__VA_ARGS__), ERR_OK)

enum { STATES = CONTACT_REOPENED + 1, HOUR_MINUTES = 60, DAY_MINUTES = 24 * 60 };

static struct engine_timers timers;

static int set_up(void **state)
{
    struct world *world = world_new();

    *state = world;
    assert_int_equal(timers_read(&timers, NULL, NULL), ERR_OK);
    engine_set_timers(world->engine, &timers);
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    timers_fini(&timers);
    return 0;
}

// The document.

static void print_table(struct buf *out)
{
    buf_add_text(out, "| event |");
    for (int state = 0; state < STATES; state++)
        buf_printf(out, " %s |", engine_contact_state_name((enum contact_state)state, LANGUAGE_EN));
    buf_add_text(out, "\n| --- |");
    for (int state = 0; state < STATES; state++)
        buf_add_text(out, " --- |");
    for (size_t step = 0; engine_contact_step(step) != EVENT_TYPE_COUNT; step++) {
        enum event_type type = engine_contact_step(step);

        buf_printf(out, "\n| `%s` |", event_topic(type));
        for (int state = 0; state < STATES; state++) {
            int next = engine_contact_next(type, (enum contact_state)state);

            buf_printf(out, " %s |",
                       next < 0 ? "–"
                       : next == state
                           ? "stays"
                           : engine_contact_state_name((enum contact_state)next, LANGUAGE_EN));
        }
    }
    buf_add_text(out, "\n");
}

static void print_refusals(struct buf *out)
{
    for (size_t step = 0; engine_contact_step(step) != EVENT_TYPE_COUNT; step++) {
        enum event_type type = engine_contact_step(step);
        bool headed = false;

        for (int state = 0; state < STATES; state++) {
            struct err err;

            if (engine_contact_next(type, (enum contact_state)state) >= 0)
                continue;
            err_clear(&err);
            assert_int_equal(engine_refuse_contact(slice_of("2026-000007"),
                                                   (enum contact_state)state, type, &err),
                             ERR_CONFLICT);
            if (!headed)
                buf_printf(out, "\n### `%s`\n", event_topic(type));
            headed = true;
            buf_printf(out, "* %s\n  %s\n", err.message[LANGUAGE_EN], err.message[LANGUAGE_RU]);
        }
    }
}

static void the_document_is_printed_from_the_table(void **unused)
{
    struct buf text = {0};

    (void)unused;
    buf_add_text(
        &text, "# States of a contact\n\nPrinted by tests/unit/engine_contact_life_test.c from the "
               "table in busd/engine_contact_life.c\n(UPDATE_GOLDEN=1 prints it again). A contact "
               "that is answered at once begins as answered, one that a\ndepartment is to answer "
               "as routed.\n\n## What each event makes of each state\n\"–\": refused with "
               "`conflict`, see below. \"stays\": allowed, the state is the same.\n\n");
    print_table(&text);
    buf_add_text(&text, "\n## Refusals, of contact 2026-000007\n");
    print_refusals(&text);
    golden_check_file("docs/contact-states.md", (struct slice){text.data, text.length});
    buf_fini(&text);
}

// Written down from the rules, not from the engine's table: the letter of the state that follows,
// '-' = conflict. Under each:      grwaclo
static const char letters[] = "grwaclo";
static const struct {
    const char *type, *data, *next;
} walks[] = {
    {"contact.routed", ",'department':'metering'", "rrr---r"},
    {"contact.taken", "", "www---w"},
    {"contact.answered", ",'justified':true", "aaaa--a"},
    {"contact.closed", "", "---c---"},
    {"contact.left", ",'ground':'insulting'", "lll---l"},
    {"contact.reopened", ",'reason':'x'", "---ooo-"},
    {"contact.linked", ",'repeat_of':'2026-000002'", "grwaclo"},
};

#define THIS "{'contact':'2026-000001'"

static void bring_to(struct world *world, char state)
{
    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "contact.consultation", "{'applicant':'person'}");
    if (strchr("rlo", state))
        PUBLISH_OK(world, "contact.routed", THIS ",'department':'service'}");
    if (strchr("w", state))
        PUBLISH_OK(world, "contact.taken", THIS "}");
    if (strchr("aco", state))
        PUBLISH_OK(world, "contact.answered", THIS "}");
    if (state == 'c')
        PUBLISH_OK(world, "contact.closed", THIS "}");
    if (state == 'l')
        PUBLISH_OK(world, "contact.left", THIS ",'ground':'insulting'}");
    if (state == 'o')
        PUBLISH_OK(world, "contact.reopened", THIS ",'reason':'x'}");
    assert_int_equal(world_contact(world, "2026-000001")->state, strchr(letters, state) - letters);
}

static void every_event_in_every_state_does_what_the_rules_say(void **unused)
{
    (void)unused;
    for (size_t walk = 0; walk < sizeof(walks) / sizeof(walks[0]); walk++) {
        for (int state = 0; state < STATES; state++) {
            struct world *world = world_new();
            char next = walks[walk].next[state];

            engine_set_timers(world->engine, &timers);
            bring_to(world, letters[state]);
            enum err_code code =
                world_publish(world, walks[walk].type, THIS "%s}", walks[walk].data);
            assert_int_equal(code, next == '-' ? ERR_CONFLICT : ERR_OK);
            if (next == '-')
                assert_string_equal(world->err.path, "/data/contact");
            else
                assert_int_equal(world_contact(world, "2026-000001")->state,
                                 strchr(letters, next) - letters);
            struct buf folded = {0}, dump = {0};
            world_refold(world, true, &folded);
            world_dump(world, &dump);
            assert_string_equal(buf_text(&folded), buf_text(&dump));
            buf_fini(&folded);
            buf_fini(&dump);
            world_free(world);
        }
    }
}

// Items and departments.

static const struct {
    const char *type, *data, *item, *department;
    enum contact_state state;
} taken[] = {
    {"contact.inquiry", "'topic':'1.1','needs_answer':true", "1.1", "connection", CONTACT_ROUTED},
    {"contact.inquiry", "'topic':'1.2','needs_answer':true", "1.2", "transmission", CONTACT_ROUTED},
    {"contact.inquiry", "'topic':'1.3','needs_answer':true", "1.3", "metering", CONTACT_ROUTED},
    {"contact.inquiry", "'topic':'1.4','needs_answer':true", "1.4", "service", CONTACT_ROUTED},
    {"contact.inquiry", "'topic':'1.5'", "1.5", NULL, CONTACT_ANSWERED},
    {"contact.inquiry", "'topic':'1.1','department':'lawyers'", "1.1", "lawyers", CONTACT_ROUTED},
    {"contact.consultation", "'topic':'1.3','needs_answer':true", "2", "metering", CONTACT_ROUTED},
    {"contact.consultation", "'needs_answer':false", "2", NULL, CONTACT_ANSWERED},
    {"contact.theft_report", "'topic':'unmetered'", "4", "security", CONTACT_ROUTED},
    {"contact.complaint", "'topic':'service'", "9", "complaints", CONTACT_ROUTED},
    {"contact.outage_report", "'premise':{'account':'A1'},'symptom':'no_power'", "4.2", NULL,
     CONTACT_REGISTERED},
    {"contact.quality_complaint", "'premise':{'account':'A1'},'symptom':'low'", "4.1", NULL,
     CONTACT_REGISTERED},
    {"contact.restoration_query", "'premise':{'account':'A1'},'needs_answer':true", "5", NULL,
     CONTACT_REGISTERED},
};

static void each_item_goes_to_its_department(void **state)
{
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        PUBLISH_OK(world, taken[i].type, "{'applicant':'person',%s}", taken[i].data);
        const struct contact *contact = world_contact(world, world->reg_no);
        assert_string_equal(engine_contact_item(contact), taken[i].item);
        assert_int_equal(contact->state, taken[i].state);
        if (taken[i].department)
            assert_string_equal(contact->department, taken[i].department);
        else
            assert_null(contact->department);
    }
}

// Deadlines.

static void what_was_not_answered_at_once_is_due_in_four_hours(void **state)
{
    struct world *world = *state;
    struct buf said = {0};

    PUBLISH_OK(world, "contact.inquiry",
               "{'applicant':'person','topic':'1.1','needs_answer':true}");
    assert_int_equal(world_contact(world, "2026-000001")->due,
                     world->now_ms + 4 * HOUR_MINUTES * INT64_C(60000));
    world_pass_deadlines(world, 4 * HOUR_MINUTES, &said);
    assert_int_equal(said.length, 0);
    world_restart(world);
    engine_set_timers(world->engine, &timers);
    world_pass_deadlines(world, DAY_MINUTES, &said);
    assert_string_equal(buf_text(&said), "callback_answer 2026-000001 +240\n");
    // Answered in time, nothing is said; reopened, the time runs anew.
    buf_clear(&said);
    PUBLISH_OK(world, "contact.answered", THIS "}");
    world_pass_deadlines(world, DAY_MINUTES, &said);
    assert_int_equal(said.length, 0);
    PUBLISH_OK(world, "contact.reopened", THIS ",'reason':'x'}");
    world_pass_deadlines(world, DAY_MINUTES, &said);
    assert_non_null(strstr(buf_text(&said), "callback_answer 2026-000001"));
    buf_fini(&said);
}

static void a_complaint_is_reminded_of_until_it_is_answered(void **state)
{
    struct world *world = *state;
    struct buf said = {0};

    PUBLISH_OK(world, "contact.complaint", "{'applicant':'legal','topic':'quality'}");
    world_pass_deadlines(world, 31 * DAY_MINUTES, &said);
    assert_string_equal(buf_text(&said), "complaint_status 2026-000001 +1440\n"
                                         "complaint_reminder 2026-000001 +28800\n"
                                         "complaint_last_reminder 2026-000001 +38880\n"
                                         "complaint_answer 2026-000001 +43200\n");
    buf_fini(&said);
}

static void somebody_must_take_a_theft_report_in_half_an_hour(void **state)
{
    struct world *world = *state;
    struct buf said = {0};

    PUBLISH_OK(world, "contact.theft_report", "{'applicant':'anonymous','topic':'no_contract'}");
    PUBLISH_OK(world, "contact.theft_report", "{'applicant':'anonymous','topic':'unmetered'}");
    PUBLISH_OK(world, "contact.taken", "{'contact':'2026-000002'}");
    world_pass_deadlines(world, DAY_MINUTES, &said);
    assert_string_equal(buf_text(&said), "theft_ack 2026-000001 +30\n");
    buf_fini(&said);
}

// Thefts and calls.

static void stolen_equipment_is_a_hazard_to_the_dispatcher(void **state)
{
    struct world *world = *state;

    PUBLISH_OK(world, "contact.outage_report",
               "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power'}");
    PUBLISH_OK(world, "contact.theft_report",
               "{'applicant':'anonymous','topic':'equipment','premise':{'account':'A1'}}");
    assert_int_equal(world->incident, 2); // not the outage there
    const struct incident *incident = world_incident(world, 2);
    assert_int_equal(incident->kind, INCIDENT_HAZARD);
    assert_int_equal(incident->priority, 1);
    PUBLISH_OK(world, "contact.theft_report",
               "{'applicant':'person','topic':'equipment','premise':{'account':'A1'}}");
    assert_int_equal(world->incident, 2);
    PUBLISH_OK(world, "contact.theft_report",
               "{'applicant':'person','topic':'unmetered','premise':{'account':'A1'}}");
    assert_int_equal(world_contact(world, world->reg_no)->incident, 0);
}

static void a_call_holds_its_contacts(void **state)
{
    struct world *world = *state;
    int64_t start_ms = world->now_ms;

    PUBLISH_OK(world, "call.started", "{'call':'c-1','direction':'in','line':'8-800','rang_at':%s}",
               world_time(world, 0));
    PUBLISH_OK(world, "call.started", "{'call':'c-1','direction':'in','answered_at':%s}",
               world_time(world, 1));
    PUBLISH_OK(
        world, "contact.outage_report",
        "{'applicant':'person','premise':{'account':'A1'},'symptom':'no_power','call':'c-1'}");
    PUBLISH_OK(world, "contact.restoration_query",
               "{'applicant':'person','premise':{'account':'A1'},'call':'c-1'}");
    world_pass(world, 3);
    PUBLISH_OK(world, "call.ended", "{'call':'c-1','outcome':'answered'}");
    struct buf dump = {0};
    world_dump(world, &dump);
    const char *line = strstr(buf_text(&dump), "8-800");
    assert_non_null(line);
    buf_fini(&dump);
    assert_int_equal(world_publish(world, "call.ended", "{'call':'c-1'}"), ERR_CONFLICT);
    assert_int_equal(world_publish(world, "call.ended", "{'call':'c-2'}"), ERR_NOT_FOUND);
    assert_string_equal(world->err.path, "/data/call");
    assert_int_equal(world->now_ms - start_ms, 3 * 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_printed_from_the_table),
        cmocka_unit_test_setup_teardown(every_event_in_every_state_does_what_the_rules_say, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_item_goes_to_its_department, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_answered_at_once_is_due_in_four_hours, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_complaint_is_reminded_of_until_it_is_answered, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(somebody_must_take_a_theft_report_in_half_an_hour, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(stolen_equipment_is_a_hazard_to_the_dispatcher, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_holds_its_contacts, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
