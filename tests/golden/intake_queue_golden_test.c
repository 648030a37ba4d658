// The operator's list of contacts that wait for an answer, one of them open, and what acts ask.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void open_menu(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F6");
}

static void open_queue(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F6 1");
    intake_fixture_answer(fixture, intake_panels_owed);
}

static void open_contact(struct intake_fixture *fixture)
{
    open_queue(fixture);
    intake_fixture_keys(fixture, "Enter");
    intake_fixture_answer(fixture, intake_panels_contact);
}

static void answer_complaint(struct intake_fixture *fixture)
{
    open_queue(fixture);
    intake_fixture_keys(fixture, "End a");
}

static void route(struct intake_fixture *fixture)
{
    open_contact(fixture);
    intake_fixture_keys(fixture, "r 3");
}

static void help(struct intake_fixture *fixture)
{
    open_queue(fixture);
    intake_fixture_keys(fixture, "F1");
}

static void the_menu_of_screens(void **state)
{
    (void)state;
    intake_fixture_screens("menu", open_menu);
}

static void what_waits_for_an_answer(void **state)
{
    (void)state;
    intake_fixture_screens("queue", open_queue);
}

static void one_contact(void **state)
{
    (void)state;
    intake_fixture_screens("contact", open_contact);
}

static void a_complaint_is_answered_with_its_measures(void **state)
{
    (void)state;
    intake_fixture_screens("complaint", answer_complaint);
}

static void another_department(void **state)
{
    (void)state;
    intake_fixture_screens("route", route);
}

static void the_keys_of_the_queue(void **state)
{
    (void)state;
    intake_fixture_screens("queue_help", help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_menu_of_screens),
        cmocka_unit_test(what_waits_for_an_answer),
        cmocka_unit_test(one_contact),
        cmocka_unit_test(a_complaint_is_answered_with_its_measures),
        cmocka_unit_test(another_department),
        cmocka_unit_test(the_keys_of_the_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
