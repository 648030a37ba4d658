// A call about an outage that is known, key by key: what each key changes on the screen, from the empty form
// to the call on disk. Three fields are filled; what to say stands there with the house, before it is chosen.
#include "tests/lib/golden.h"
#include "tests/lib/intake_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ROWS = 24, COLUMNS = 80 };

// As the broker answers: nothing of the place is open but at the house.
static void answer(struct intake_fixture *fixture)
{
    static const char streets[] =
        "[{\"level\":\"street\",\"address\":\"ул. Садовая\",\"settlement\":\"г. Зареченск\","
        "\"street\":\"ул. Садовая\",\"house\":\"\",\"flat\":\"\",\"open\":[]}]";
    struct buf typed = {0};

    if (fixture->question != POST_ASK_SUGGEST || !fixture->asked.length)
        return;
    buf_clear(&fixture->asked);
    call_form_text(&fixture->post->call, CALL_ADDRESS, &typed);
    bool house = strstr(buf_text(&typed), "12") != NULL;
    intake_fixture_answer(fixture, house ? intake_fixture_suggestions : streets);
    if (fixture->question == POST_ASK_KNOWN)
        intake_fixture_answer(fixture, intake_fixture_known);
    buf_clear(&fixture->asked);
    buf_fini(&typed);
}

static void print_changes(struct intake_fixture *fixture, struct buf *former, struct buf *out)
{
    struct buf screen = {0};
    const char *old = buf_text(former);

    intake_fixture_paint(fixture);
    surface_print_text(&fixture->surface, &screen);
    for (const char *line = buf_text(&screen); *line;) {
        size_t length = strcspn(line, "\n"), old_length = strcspn(old, "\n");

        if (length != old_length || memcmp(line, old, length) != 0)
            buf_printf(out, "%.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
        old += old_length + (old[old_length] == '\n');
    }
    buf_clear(former);
    buf_add(former, screen.data, screen.length);
    buf_fini(&screen);
}

static void press(struct intake_fixture *fixture, const char *key, struct buf *former,
                  struct buf *out)
{
    buf_printf(out, "=== %s\n", key);
    intake_fixture_keys(fixture, key);
    answer(fixture);
    print_changes(fixture, former, out);
}

static void transcript(enum language language)
{
    static const char *const keys[] = {"Tab", "'с",    "'а",  "'д", "'_", "'1",
                                       "'2",  "Enter", "Tab", "1",  "F8"};
    struct intake_fixture fixture;
    struct buf former = {0}, out = {0};
    char file[64];
    size_t count = sizeof keys / sizeof *keys;

    intake_fixture_open(&fixture, language, ROWS, COLUMNS);
    buf_add_text(&out, "=== (empty)\n");
    print_changes(&fixture, &former, &out);
    for (size_t i = 0; i < count; i++)
        press(&fixture, keys[i], &former, &out);
    buf_add_text(&out, "=== (the broker answers)\n");
    intake_fixture_settle(&fixture, intake_fixture_result);
    print_changes(&fixture, &former, &out);
    buf_printf(&out, "=== %zu keys, published:\n%s", count, buf_text(&fixture.published));
    snprintf(file, sizeof file, "intake/transcript_known_outage_%s", language_name(language));
    golden_check(file, (struct slice){out.data, out.length});
    buf_fini(&former);
    buf_fini(&out);
    intake_fixture_close(&fixture);
}

static void a_known_outage_takes_three_fields_in_russian(void **state)
{
    (void)state;
    transcript(LANGUAGE_RU);
}

static void a_known_outage_takes_three_fields_in_english(void **state)
{
    (void)state;
    transcript(LANGUAGE_EN);
}

// The sentence is there with the last digit of the house, four keys before the call is saved.
static void what_to_say_is_there_after_street_and_house(void **state)
{
    struct intake_fixture fixture;
    struct buf former = {0}, out = {0};

    (void)state;
    intake_fixture_open(&fixture, LANGUAGE_RU, ROWS, COLUMNS);
    press(&fixture, "Tab", &former, &out);
    press(&fixture, "'сад_1", &former, &out);
    assert_false(intake_fixture_shows(&fixture, "Об отключении знаем"));
    press(&fixture, "'2", &former, &out);
    assert_true(intake_fixture_shows(&fixture, "Сказать: Об отключении знаем"));
    assert_false(call_place_is_chosen(&fixture.post->call.place));
    press(&fixture, "Tab", &former, &out); // left as typed: it is not that house after all
    assert_false(intake_fixture_shows(&fixture, "Об отключении знаем"));
    buf_fini(&former);
    buf_fini(&out);
    intake_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_outage_takes_three_fields_in_russian),
        cmocka_unit_test(a_known_outage_takes_three_fields_in_english),
        cmocka_unit_test(what_to_say_is_there_after_street_and_house),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
