// The operator's appointment book, and what booking asks.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void open_book(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F6 2");
    intake_panels_visits(fixture);
}

static void book(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "'89125550141");
    open_book(fixture);
    intake_fixture_keys(fixture, "Down Down Enter 'Иванова_Анна");
}

static void move(struct intake_fixture *fixture)
{
    open_book(fixture);
    intake_fixture_keys(fixture, "Down Enter");
    intake_panels_day(fixture);
}

static void a_day_of_an_office(void **state)
{
    (void)state;
    intake_fixture_screens("visits", open_book);
}

static void a_visit_is_booked_for_the_caller(void **state)
{
    (void)state;
    intake_fixture_screens("visits_book", book);
}

static void a_visit_gets_another_time(void **state)
{
    (void)state;
    intake_fixture_screens("visits_move", move);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_of_an_office),
        cmocka_unit_test(a_visit_is_booked_for_the_caller),
        cmocka_unit_test(a_visit_gets_another_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
