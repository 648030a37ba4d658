#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/conf.h"

struct target {
    char *name, *colour, **words;
    int64_t count, any, wait_ms;
    bool on;
};

static const struct conf_key keys[] = {
    {"name", CONF_STRING, offsetof(struct target, name), "\"\"", 0, 0, NULL, "What it is called."},
    {"colour", CONF_STRING, offsetof(struct target, colour), "red", 0, 0, "red green",
     "Its colour, in a comment that is so long that it does not fit into one line of a hundred "
     "columns and is wrapped."},
    {"words", CONF_STRINGS, offsetof(struct target, words), "[a, b]", 0, 0, NULL, "Some words."},
    {"limits.count", CONF_INTEGER, offsetof(struct target, count), "5", 1, 10, NULL, "How many."},
    {"limits.any", CONF_INTEGER, offsetof(struct target, any), "-7", 0, 0, NULL, "Any number."},
    {"limits.wait", CONF_DURATION_MS, offsetof(struct target, wait_ms), "90s", 1000, 3600000, NULL,
     "How long."},
    {"more.on", CONF_BOOL, offsetof(struct target, on), "true", 0, 0, NULL, "Whether."},
};
enum { KEYS = sizeof keys / sizeof *keys };

static struct target target;
static struct err err;
static char path[64];

static enum err_code read_text(const char *text)
{
    strcpy(path, "/tmp/conf_test.XXXXXX");
    int file = mkstemp(path);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
    enum err_code code = conf_read(keys, KEYS, &target, path, &err);
    unlink(path);
    return code;
}

static void drop(void)
{
    conf_fini(keys, KEYS, &target);
    assert_null(target.name);
    assert_null(target.words);
}

static void assert_refused(const char *text, const char *place, const char *en, const char *ru)
{
    assert_int_equal(read_text(text), ERR_INVALID);
    assert_non_null(target.name); // whole all the same
    drop();
    assert_string_equal(err.path + strlen(path), place);
    if (!strstr(err.message[LANGUAGE_EN], en) || !strstr(err.message[LANGUAGE_RU], ru))
        fail_msg("%s | %s", err.message[LANGUAGE_EN], err.message[LANGUAGE_RU]);
    assert_memory_equal(err.message[LANGUAGE_EN], err.path, strlen(err.path));
}

static void assert_defaults(void)
{
    assert_string_equal(target.name, "");
    assert_string_equal(target.colour, "red");
    assert_string_equal(target.words[0], "a");
    assert_string_equal(target.words[1], "b");
    assert_null(target.words[2]);
    assert_int_equal(target.count, 5);
    assert_int_equal(target.any, -7);
    assert_int_equal(target.wait_ms, 90000);
    assert_true(target.on);
}

static void without_a_file_the_defaults_hold(void **state)
{
    (void)state;
    assert_int_equal(conf_read(keys, KEYS, &target, NULL, &err), ERR_OK);
    assert_defaults();
    drop();
    assert_int_equal(read_text("# nothing but a comment\n"), ERR_OK);
    assert_defaults();
    drop();
    assert_int_equal(read_text("limits:\n"), ERR_OK);
    assert_defaults();
    drop();
}

static void the_files_values_win(void **state)
{
    (void)state;
    assert_int_equal(
        read_text("name: Ёлка\ncolour: green\nwords: []\nlimits: {count: 10, wait: 1h}\n"
                  "more:\n  on: false\n"),
        ERR_OK);
    assert_string_equal(target.name, "Ёлка");
    assert_string_equal(target.colour, "green");
    assert_null(target.words[0]);
    assert_int_equal(target.count, 10);
    assert_int_equal(target.any, -7);
    assert_int_equal(target.wait_ms, 3600000);
    assert_false(target.on);
    drop();
}

static void a_number_is_a_text_as_it_was_written(void **state)
{
    (void)state;
    assert_int_equal(read_text("name: 8005550100\nwords: [1.50, x]\n"), ERR_OK);
    assert_string_equal(target.name, "8005550100");
    assert_string_equal(target.words[0], "1.50");
    drop();
}

static void durations_have_units(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"1000ms", 1000}, {"1s", 1000}, {"5m", 300000}, {"1h", 3600000}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        snprintf(text, sizeof text, "limits: {wait: %s}\n", cases[i].text);
        assert_int_equal(read_text(text), ERR_OK);
        assert_int_equal(target.wait_ms, cases[i].ms);
        drop();
    }
    static const char *const wrong[] = {"5",  "s",    "1 s",  "1.5s",        "-1s",
                                        "1w", "\"\"", "[1s]", "99999999999s"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[64];
        snprintf(text, sizeof text, "limits: {wait: %s}\n", wrong[i]);
        assert_refused(text, ":1:10", "a duration with its unit", "длительность с единицей");
    }
}

static void a_fault_says_where_and_what_would_be_right(void **state)
{
    (void)state;
    assert_refused("limits:\n  count: 11\n", ":2:3", "limits.count must be from 1 to 10",
                   "от 1 до 10");
    assert_refused("limits: {wait: 2h}\n", ":1:10", "from 1s to 1h", "от 1s до 1h");
    assert_refused("limits: {count: x}\n", ":1:10", "a whole number", "целое число");
    assert_refused("limits: {count: 1.5}\n", ":1:10", "a whole number", "целое число");
    assert_refused("colour: blue\n", ":1:1", "one of: red green", "одно из: red green");
    assert_refused("colour: re\n", ":1:1", "one of: red green", "одно из: red green");
    assert_refused("name: true\n", ":1:1", "a text", "текст");
    assert_refused("name:\n", ":1:1", "a text", "текст");
    assert_refused("words: a\n", ":1:1", "a list of texts", "список текстов");
    assert_refused("words: [a, {}]\n", ":1:12", "a list of texts", "список текстов");
    assert_refused("more: {on: yes}\n", ":1:8", "true or false", "true или false");
    assert_refused("a: [\n", ":2:1", "", "");
}

static void an_unknown_key_is_told_what_there_is(void **state)
{
    (void)state;
    assert_refused("nmae: x\n", ":1:1",
                   "no key nmae; there are: name, colour, words, limits, more.", "ключа nmae нет");
    assert_refused("limits:\n  cuont: 1\n", ":2:3",
                   "no key limits.cuont; there are: count, any, wait.", "ключа limits.cuont нет");
    assert_refused("limits: 5\n", ":1:1", "no key limits;", "ключа limits нет");
    assert_refused("limits.count: 5\n", ":1:1", "no key limits.count;", "ключа limits.count нет");
    assert_refused("more: {limits: {count: 1}}\n", ":1:8", "no key more.limits", "more.limits нет");
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    assert_int_equal(conf_read(keys, KEYS, &target, "/nonexistent.yaml", &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message[LANGUAGE_RU], "/nonexistent.yaml"));
    assert_defaults();
    drop();
    assert_int_equal(read_text("[a]\n"), ERR_INVALID);
    drop();
    assert_int_equal(conf_read(keys, KEYS, &target, "/nonexistent.yaml", NULL), ERR_NOT_FOUND);
    drop();
}

static void the_printed_file_is_the_defaults(void **state)
{
    struct buf out = {0};
    (void)state;
    conf_print(keys, KEYS, "a test", &out);
    assert_string_equal(
        buf_text(&out),
        "# a test\n"
        "# Every key stands here with its default; a key that is left out has it too.\n"
        "\n"
        "# What it is called.\n"
        "name: \"\"\n"
        "\n"
        "# Its colour, in a comment that is so long that it does not fit into one line of a "
        "hundred columns\n"
        "# and is wrapped. One of: red green.\n"
        "colour: red\n"
        "\n"
        "# Some words.\n"
        "words: [a, b]\n"
        "\n"
        "limits:\n"
        "  # How many. From 1 to 10.\n"
        "  count: 5\n"
        "\n"
        "  # Any number.\n"
        "  any: -7\n"
        "\n"
        "  # How long. A duration: 500ms, 90s, 5m, 1h, 7d. From 1s to 1h.\n"
        "  wait: 90s\n"
        "\n"
        "more:\n"
        "  # Whether.\n"
        "  on: true\n");
    assert_int_equal(read_text(buf_text(&out)), ERR_OK);
    assert_defaults();
    drop();
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_the_defaults_hold),
        cmocka_unit_test(the_files_values_win),
        cmocka_unit_test(a_number_is_a_text_as_it_was_written),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(a_fault_says_where_and_what_would_be_right),
        cmocka_unit_test(an_unknown_key_is_told_what_there_is),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(the_printed_file_is_the_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
