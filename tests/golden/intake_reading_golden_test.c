// The operator's panel of answers and of the directory, in both languages and three sizes.
#include "tests/lib/intake_fixture.h"
#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void open_panel(struct intake_fixture *fixture)
{
    intake_panels_handbook(fixture);
    intake_fixture_keys(fixture, "F3");
}

static void search(struct intake_fixture *fixture)
{
    open_panel(fixture);
    intake_fixture_keys(fixture, fixture->post->language == LANGUAGE_RU ? "'докум_прис" : "'pap");
}

static void take(struct intake_fixture *fixture)
{
    search(fixture);
    intake_fixture_keys(fixture, "Enter");
}

static void everything_that_can_be_read_out(void **state)
{
    (void)state;
    intake_fixture_screens("answers", open_panel);
}

static void what_fits_the_words(void **state)
{
    (void)state;
    intake_fixture_screens("answers_found", search);
}

static void an_answer_on_the_form(void **state)
{
    (void)state;
    intake_fixture_screens("answers_taken", take);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_can_be_read_out),
        cmocka_unit_test(what_fits_the_words),
        cmocka_unit_test(an_answer_on_the_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
