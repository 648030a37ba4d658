// Reading a publish request: what is refused before anything is decided, and with which index.
#include "busd/publish.h"
#include "lib/path.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct desk {
    char *directory;
    struct store *store;
    struct publish_rules rules;
    struct schemas *schemas;
    struct journal *journal;
    struct publish *request;
};

static int set_up(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);
    char share[PATH_BYTES], schemas[PATH_BYTES + 16];
    struct err err;

    err_clear(&err);
    assert_int_equal(path_share(share, &err), ERR_OK);
    snprintf(schemas, sizeof schemas, "%s/schemas", share);
    desk->directory = scratch_new();
    desk->schemas = schemas_load(schemas, NULL, &err);
    desk->store = store_open(desk->directory, false, &err);
    desk->journal = journal_open(desk->store, desk->directory, &err);
    assert_non_null(desk->journal);
    desk->rules = (struct publish_rules){.schemas = desk->schemas,
                                         .journal = desk->journal,
                                         .event_bytes = 2000,
                                         .array_events = 10};
    desk->request = publish_new();
    *state = desk;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *desk = *state;

    publish_free(desk->request);
    journal_close(desk->journal);
    store_close(desk->store);
    schemas_free(desk->schemas);
    scratch_remove(desk->directory);
    free(desk);
    return 0;
}

static const struct err *read_text(struct desk *desk, const char *text)
{
    buf_clear(&desk->request->body);
    buf_add_text(&desk->request->body, text);
    publish_read(desk->request, &desk->rules);
    return &desk->request->err;
}

static void refuses(struct desk *desk, const char *text, enum err_code code, int index,
                    const char *path)
{
    const struct err *err = read_text(desk, text);

    if (err->code != code || err->index != index || strcmp(err->path, path) != 0)
        fail_msg("%s gives %s, index %d, path \"%s\": %s", text, err_word(err->code), err->index,
                 err->path, err->message[LANGUAGE_EN]);
}

#define EVENT(id, type, data) \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"type\":\"" type "\",\"data\":" data "}"
#define LOG(id) EVENT(id, "log.entry", "{\"text\":\"t\"}")

static void one_event_and_an_array_are_read(void **state)
{
    struct desk *desk = *state;

    refuses(desk, LOG("a"), ERR_OK, -1, "");
    assert_int_equal(desk->request->count, 1);
    refuses(desk, "[" LOG("a") "," LOG("b") "]", ERR_OK, -1, "");
    assert_int_equal(desk->request->count, 2);
    // The same request again, as when a batch is decided anew.
    assert_int_equal(publish_read(desk->request, &desk->rules), ERR_OK);
    assert_int_equal(desk->request->count, 2);
}

static void what_is_wrong_is_named_with_its_place(void **state)
{
    struct desk *desk = *state;

    refuses(desk, "[]", ERR_INVALID, -1, "");
    refuses(desk, "7", ERR_INVALID, -1, "");
    refuses(desk, "[" LOG("a") ",7]", ERR_INVALID, 1, "");
    refuses(desk, EVENT("a", "no.such", "{}"), ERR_INVALID, -1, "/type");
    refuses(desk, EVENT("a", "log.entry", "{\"text\":5}"), ERR_INVALID, -1, "/data/text");
    refuses(desk, "[" LOG("a") "," EVENT("b", "log.entry", "{\"text\":5}") "]", ERR_INVALID, 1,
            "/data/text");
    refuses(desk, "[" LOG("a") "," LOG("b") "," LOG("a") "]", ERR_INVALID, 2, "/id");
}

static void too_many_and_too_large_meet_the_limit(void **state)
{
    struct desk *desk = *state;
    struct buf text = {0};

    for (int i = 0; i < 11; i++)
        buf_printf(&text, "%s%s", i ? "," : "[", LOG("a"));
    buf_add_char(&text, ']');
    refuses(desk, buf_text(&text), ERR_LIMIT, -1, "");
    buf_clear(&text);
    // 2,000 bytes as received, blanks counted, and one more.
    buf_add_text(&text, LOG("a"));
    while (text.length < 2000)
        buf_add_char(&text, ' ');
    refuses(desk, buf_text(&text), ERR_OK, -1, "");
    buf_add_char(&text, ' ');
    refuses(desk, buf_text(&text), ERR_LIMIT, -1, "");
    // The size is each event's, not the array's.
    buf_clear(&text);
    buf_add_text(&text, "[" LOG("]{\\\"a"));
    for (int i = 0; i < 3; i++)
        buf_printf(&text,
                   ",{\"specversion\":\"1.0\",\"id\":\"%d\",\"type\":\"log.entry\",\"data\":"
                   "{\"text\":\"%0*d\"}}",
                   i, i == 2 ? 1990 : 900, 0);
    buf_add_char(&text, ']');
    refuses(desk, buf_text(&text), ERR_LIMIT, 3, "");
    buf_fini(&text);
}

static void the_digest_does_not_hang_on_spelling(void **state)
{
    struct desk *desk = *state;
    uint8_t digest[STORE_DIGEST_BYTES];

    read_text(desk, LOG("a"));
    memcpy(digest, desk->request->events[0].digest, sizeof digest);
    read_text(desk, "{ \"data\":{\"te\\u0078t\":\"t\"},\"type\":\"log.entry\", \"id\":\"a\","
                    "\"specversion\":\"1.0\"}");
    assert_memory_equal(digest, desk->request->events[0].digest, sizeof digest);
    read_text(desk, EVENT("a", "log.entry", "{\"text\":\"u\"}"));
    assert_memory_not_equal(digest, desk->request->events[0].digest, sizeof digest);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_event_and_an_array_are_read),
        TEST(what_is_wrong_is_named_with_its_place),
        TEST(too_many_and_too_large_meet_the_limit),
        TEST(the_digest_does_not_hang_on_spelling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
