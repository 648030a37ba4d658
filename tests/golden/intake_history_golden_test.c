// What was taken before, and what the dispatcher asks.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void open_history(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F6 3 'сад_12 Enter");
    intake_fixture_answer(fixture, intake_fixture_suggestions);
    intake_fixture_answer(fixture, intake_panels_owed);
}

static void repeat_contact(struct intake_fixture *fixture)
{
    open_history(fixture);
    intake_fixture_keys(fixture, "Enter");
    intake_fixture_answer(fixture, intake_panels_contact);
    intake_fixture_keys(fixture, "p");
}

static void open_questions(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F6 4");
    intake_fixture_answer(fixture, intake_panels_questions);
}

static void reply(struct intake_fixture *fixture)
{
    open_questions(fixture);
    intake_fixture_keys(fixture, "d 'светит");
}

static void contacts_of_a_place(void **state)
{
    (void)state;
    intake_fixture_screens("history", open_history);
}

static void a_former_contact_begun_anew(void **state)
{
    (void)state;
    intake_fixture_screens("repeated", repeat_contact);
}

static void what_the_dispatcher_asks(void **state)
{
    (void)state;
    intake_fixture_screens("questions", open_questions);
}

static void what_the_dispatcher_is_told(void **state)
{
    (void)state;
    intake_fixture_screens("reply", reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contacts_of_a_place),
        cmocka_unit_test(a_former_contact_begun_anew),
        cmocka_unit_test(what_the_dispatcher_asks),
        cmocka_unit_test(what_the_dispatcher_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
