// Screens of the operator as text and a grid of roles, in both languages and three sizes.
#include "tests/lib/intake_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void show_nothing(struct intake_fixture *fixture)
{
    (void)fixture;
}

static void type_address(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "Tab 'сад");
    intake_fixture_answer(fixture, intake_fixture_suggestions);
}

static void type_phone(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "'89125550141");
    intake_fixture_answer(fixture, intake_fixture_suggestions);
}

static void choose_address(struct intake_fixture *fixture)
{
    type_address(fixture);
    intake_fixture_keys(fixture, "Enter");
    intake_fixture_answer(fixture, intake_fixture_known);
}

static void report_wire(struct intake_fixture *fixture)
{
    choose_address(fixture);
    intake_fixture_keys(fixture, "Tab 6");
}

static void wait_for_push(struct intake_fixture *fixture)
{
    report_wire(fixture);
    intake_fixture_pass(fixture, 1000);
    intake_fixture_settle(fixture, intake_fixture_result);
    intake_fixture_keys(fixture, "1"); // too late
}

static void take_another(struct intake_fixture *fixture)
{
    choose_address(fixture);
    intake_fixture_keys(fixture, "Tab 1 F7");
    intake_fixture_settle(fixture, intake_fixture_result);
    intake_fixture_keys(fixture, "7");
}

static void call_from_company(struct intake_fixture *fixture)
{
    choose_address(fixture);
    intake_fixture_keys(fixture, "Tab 3 Tab '198 S-Tab S-Tab S-Tab S-Tab S-Tab 2 Tab 'ООО_«Лён»");
    intake_fixture_keys(fixture, "Tab '5500000009 F8");
}

static void report_theft_unknown(struct intake_fixture *fixture)
{
    choose_address(fixture);
    intake_fixture_keys(fixture, "Tab 9 Tab 4 Tab 2 Tab Tab Tab Tab 5");
}

static void lose_bus(struct intake_fixture *fixture)
{
    choose_address(fixture);
    fixture->post->link.up = false;
    fixture->post->link.lost_ms = fixture->post->now_ms;
    fixture->post->link.to_send = 1;
    intake_fixture_pass(fixture, 41000);
    intake_fixture_keys(fixture, "Tab 1 F8");
}

static void take_calls(struct intake_fixture *fixture)
{
    choose_address(fixture);
    intake_fixture_keys(fixture, "Tab 1 F8");
    intake_fixture_settle(fixture, intake_fixture_result);
    choose_address(fixture);
    intake_fixture_keys(fixture, "Tab 3 Tab '182 F8");
    intake_fixture_event(fixture, "eta.set",
                         "{\"incident\":17,\"at\":\"2026-11-23T18:30:00+03:00\"}");
}

// A slip was told while the bus was away; it has come, and the list has both numbers.
static void slips_come(struct intake_fixture *fixture)
{
    lose_bus(fixture);
    fixture->post->link.up = true;
    fixture->post->link.to_send = 0;
    intake_fixture_keys(fixture, "F5");
    intake_fixture_settle(fixture, intake_fixture_result);
}

static void list_calls(struct intake_fixture *fixture)
{
    take_calls(fixture);
    intake_fixture_keys(fixture, "F5");
}

static void look_up(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F2 'ленина_15");
    intake_fixture_answer(fixture, intake_fixture_known);
}

static void help(struct intake_fixture *fixture)
{
    intake_fixture_keys(fixture, "F1");
}

static void an_empty_form(void **state)
{
    (void)state;
    intake_fixture_screens("form", show_nothing);
}

static void premises_of_the_callers_number(void **state)
{
    (void)state;
    intake_fixture_screens("phone", type_phone);
}

static void an_address_as_typed(void **state)
{
    (void)state;
    intake_fixture_screens("typed", type_address);
}

static void what_is_known_before_the_form_is_complete(void **state)
{
    (void)state;
    intake_fixture_screens("known", choose_address);
}

static void a_hazard_has_its_safety_words(void **state)
{
    (void)state;
    intake_fixture_screens("hazard", report_wire);
}

static void a_hazard_is_with_the_dispatcher_and_locked(void **state)
{
    (void)state;
    intake_fixture_screens("pushed", wait_for_push);
}

static void another_contact_of_the_same_call(void **state)
{
    (void)state;
    intake_fixture_screens("more", take_another);
}

static void a_company_is_named_and_its_number_checked(void **state)
{
    (void)state;
    intake_fixture_screens("company", call_from_company);
}

static void an_anonymous_report_asks_nothing_of_the_caller(void **state)
{
    (void)state;
    intake_fixture_screens("anonymous", report_theft_unknown);
}

static void without_the_bus_calls_are_taken(void **state)
{
    (void)state;
    intake_fixture_screens("offline", lose_bus);
}

static void slips_that_have_come(void **state)
{
    (void)state;
    intake_fixture_screens("slips", slips_come);
}

static void an_eta_comes_for_a_caller(void **state)
{
    (void)state;
    intake_fixture_screens("eta_came", take_calls);
}

static void the_list_of_own_calls(void **state)
{
    (void)state;
    intake_fixture_screens("calls", list_calls);
}

static void the_look_up(void **state)
{
    (void)state;
    intake_fixture_screens("lookup", look_up);
}

static void the_help(void **state)
{
    (void)state;
    intake_fixture_screens("help", help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_form),
        cmocka_unit_test(premises_of_the_callers_number),
        cmocka_unit_test(an_address_as_typed),
        cmocka_unit_test(what_is_known_before_the_form_is_complete),
        cmocka_unit_test(a_hazard_has_its_safety_words),
        cmocka_unit_test(a_hazard_is_with_the_dispatcher_and_locked),
        cmocka_unit_test(another_contact_of_the_same_call),
        cmocka_unit_test(a_company_is_named_and_its_number_checked),
        cmocka_unit_test(an_anonymous_report_asks_nothing_of_the_caller),
        cmocka_unit_test(without_the_bus_calls_are_taken),
        cmocka_unit_test(slips_that_have_come),
        cmocka_unit_test(an_eta_comes_for_a_caller),
        cmocka_unit_test(the_list_of_own_calls),
        cmocka_unit_test(the_look_up),
        cmocka_unit_test(the_help),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
