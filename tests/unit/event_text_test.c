// What events are called in the timeline and the shift log.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "busd/engine_timer.h"
#include "console/event_text.h"
#include "lib/event.h"
#include "lib/json.h"

// The console does not follow these (console/link.c).
static bool is_followed(const char *type)
{
    static const char *const others[] = {"call.", "appointment.", "personal."};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (strncmp(type, others[i], strlen(others[i])) == 0)
            return false;
    }
    return true;
}

static void print(const char *type, enum language language, struct buf *out)
{
    struct json_doc *doc = json_doc_new();
    struct json *event = json_new(doc, JSON_OBJECT);

    json_set(doc, event, "type", json_new_string(doc, slice_of(type)));
    json_set(doc, event, "data", json_new(doc, JSON_OBJECT));
    event_text_print(event, false, 0, language, out);
    json_doc_free(doc);
}

static void every_event_that_the_console_follows_has_a_name_in_both_languages(void **state)
{
#define TYPE(name, text) text,
    static const char *const types[] = {EVENT_TYPES(TYPE)};
#undef TYPE

    (void)state;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct buf english = {0}, russian = {0};

        if (!is_followed(types[i]))
            continue;
        print(types[i], LANGUAGE_EN, &english);
        print(types[i], LANGUAGE_RU, &russian);
        if (strcmp(buf_text(&english), types[i]) == 0 ||
            strcmp(buf_text(&english), buf_text(&russian)) == 0)
            fail_msg("%s has no name", types[i]);
        buf_fini(&english);
        buf_fini(&russian);
    }
}

static void every_deadline_that_may_pass_has_a_name_in_both_languages(void **state)
{
#define ROW(name, row, record, after, ground, does) row,
    static const char *const rows[] = {ENGINE_TIMERS(ROW)};
#undef ROW

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *english = event_text_word(rows[i], LANGUAGE_EN);

        if (strcmp(rows[i], "eta_first") == 0) // its event is eta.needed
            continue;
        if (strcmp(english, rows[i]) == 0 ||
            strcmp(english, event_text_word(rows[i], LANGUAGE_RU)) == 0)
            fail_msg("%s has no name", rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_that_the_console_follows_has_a_name_in_both_languages),
        cmocka_unit_test(every_deadline_that_may_pass_has_a_name_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
