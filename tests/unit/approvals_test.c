// How a second person learns on the console what waits for agreement, and agrees.
#include "console/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/lib/console_fixture.h"

static struct console_fixture fixture;

static void tell(int sequence, const char *type, const char *data)
{
    char text[512];
    snprintf(text, sizeof text,
             "{\"id\":\"e%d\",\"type\":\"%s\",\"source\":\"pult:user:ivanov\","
             "\"sequence\":\"%016d\",\"data\":%s}",
             sequence, type, sequence, data);
    console_fixture_event(&fixture, text);
}

static void a_second_person_sees_what_waits_and_agrees(void **state)
{
    (void)state;
    console_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    console_fixture_keys(&fixture, "v");
    assert_int_equal(fixture.published.length, 0);
    assert_null(fixture.desk->dialog); // nothing waits
    tell(2000, "approval.requested",
         "{\"act\":\"mode.changed\",\"by\":\"ivanov\",\"until\":\"2026-11-23T14:37:06+03:00\","
         "\"data\":{\"mode\":\"normal\"}}");
    tell(2001, "approval.requested",
         "{\"act\":\"incident.cancelled\",\"by\":\"ivanov\","
         "\"until\":\"2026-11-23T14:37:06+03:00\","
         "\"data\":{\"incident\":104217,\"reason\":\"invalid\"}}");
    assert_int_equal(fixture.bells, 1);
    assert_true(console_fixture_shows(&fixture, "СОГЛАСИЕ 2 [v/м]"));
    console_fixture_keys(&fixture, "м");
    assert_true(console_fixture_shows(&fixture, "ivanov: №104217"));
    console_fixture_keys(&fixture, "Esc"); // looking is not agreeing
    assert_int_equal(fixture.published.length, 0);
    tell(2002, "approval.given", "{\"of\":\"e2000\"}");
    assert_true(console_fixture_shows(&fixture, "СОГЛАСИЕ 1 [v/м]"));
    console_fixture_keys(&fixture, "v");
    // Enter agrees to what was listed, not to what came meanwhile.
    tell(2003, "approval.requested",
         "{\"act\":\"mode.changed\",\"by\":\"ivanov\",\"until\":\"2026-11-23T14:37:06+03:00\","
         "\"data\":{\"mode\":\"normal\"}}");
    console_fixture_keys(&fixture, "Enter");
    assert_string_equal(buf_text(&fixture.published), "approval.given {\"of\":\"e2001\"}\n");
    assert_true(console_fixture_shows(&fixture, "согласиться — сохранено"));
    console_fixture_keys(&fixture, "t");
    assert_true(console_fixture_shows(&fixture, "AGREE 2 [v]"));
    console_fixture_pass(&fixture, 6 * 60 * 1000); // nobody agreed in time
    assert_false(console_fixture_shows(&fixture, "AGREE"));
    console_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_person_sees_what_waits_and_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
