#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/yaml.h"

static struct json_doc *doc;
static struct buf out;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    doc = json_doc_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    json_doc_free(doc);
    buf_fini(&out);
    return 0;
}

static struct json *parse(const char *text)
{
    return yaml_parse(doc, text, strlen(text), "test.yaml", &err);
}

static void assert_read(const char *text, const char *json)
{
    const struct json *value = parse(text);
    if (!value)
        fail_msg("%s", err.message[LANGUAGE_EN]);
    buf_clear(&out);
    json_write(&out, value);
    assert_string_equal(buf_text(&out), json);
}

static void assert_refused(const char *text, const char *place, const char *en, const char *ru)
{
    assert_null(parse(text));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.path, place);
    if (!strstr(err.message[LANGUAGE_EN], en) || !strstr(err.message[LANGUAGE_RU], ru))
        fail_msg("%s | %s", err.message[LANGUAGE_EN], err.message[LANGUAGE_RU]);
    assert_memory_equal(err.message[LANGUAGE_EN], place, strlen(place));
}

static void mappings_and_lists_become_a_tree(void **state)
{
    (void)state;
    assert_read("a: 1\nb:\n  - x\n  - {c: [1, 2]}\nd: |\n  two\n  lines\n",
                "{\"a\":1,\"b\":[\"x\",{\"c\":[1,2]}],\"d\":\"two\\nlines\\n\"}");
    assert_read("# nothing\n", "null");
    assert_read("", "null");
    assert_read("Ёлка: 'it''s'\n", "{\"Ёлка\":\"it's\"}");
}

// The JSON schema of YAML 1.2, and no more: an account or a telephone number stays what was written.
static void plain_words_are_read_as_json_has_them(void **state)
{
    (void)state;
    assert_read("[null, ~, true, false, 0, -1, 1.5, 2e3]", "[null,null,true,false,0,-1,1.5,2e3]");
    assert_read("[yes, no, on, Off, True, NULL]",
                "[\"yes\",\"no\",\"on\",\"Off\",\"True\",\"NULL\"]");
    assert_read(
        "[007, 0x1F, 0o17, +5, .5, 5., 1_000, .inf, .nan, 1e, '5', \"true\"]",
        "[\"007\",\"0x1F\",\"0o17\",\"+5\",\".5\",\"5.\",\"1_000\",\".inf\",\".nan\",\"1e\","
        "\"5\",\"true\"]");
    assert_read("[+7 912 555-01-41, 2026-02-28, 12:30]",
                "[\"+7 912 555-01-41\",\"2026-02-28\",\"12:30\"]");
    assert_read("a:\nb: ''\n", "{\"a\":null,\"b\":\"\"}");
    assert_refused("a: 1e999\n", "test.yaml:1:4", "too large", "слишком велико");
}

static void a_fault_names_line_and_column(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: [1, 2\nc: 3\n", "test.yaml:3:2", "expected ',' or ']'", "нужна «,»");
    assert_refused("a:\n\tb: 1\n", "test.yaml:2:1", "cannot start any token",
                   "начинаться не может");
    assert_refused("a: b: c\n", "test.yaml:1:5", "mapping values are not allowed", "двоеточие");
    assert_refused("a: \"b\n", "test.yaml:2:1", "unexpected end of stream", "кавычка");
}

static void anchors_aliases_tags_and_merges_are_refused(void **state)
{
    (void)state;
    assert_refused("a: &x 1\n", "test.yaml:1:4", "anchors", "якоря");
    assert_refused("a: &x [1]\n", "test.yaml:1:4", "anchors", "якоря");
    assert_refused("a: &x {b: 1}\n", "test.yaml:1:4", "anchors", "якоря");
    assert_refused("a: *x\n", "test.yaml:1:4", "aliases", "ссылки");
    assert_refused("a: !!str 1\n", "test.yaml:1:4", "tags", "теги");
    assert_refused("a: !x [1]\n", "test.yaml:1:4", "tags", "теги");
    assert_refused("<<: {a: 1}\n", "test.yaml:1:1", "merge", "слияния");
    assert_read("'<<': 1\n", "{\"<<\":1}");
}

static void a_key_stands_once(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: 2\na: 3\n", "test.yaml:3:1", "\"a\" stands twice", "«a» указан");
    assert_refused("x: {a: 1, \"a\": 2}\n", "test.yaml:1:11", "\"a\" stands twice", "«a» указан");
    assert_refused("? [a]\n: 1\n", "test.yaml:1:3", "a key must be", "ключ должен");
    assert_refused("? {a: 1}\n: 1\n", "test.yaml:1:3", "a key must be", "ключ должен");
}

static void a_file_holds_one_document(void **state)
{
    (void)state;
    assert_read("---\na: 1\n...\n", "{\"a\":1}");
    assert_refused("a: 1\n---\nb: 2\n", "test.yaml:2:1", "one document", "один документ");
}

static void text_that_is_none_is_refused(void **state)
{
    (void)state;
    assert_refused("a: \"\\0\"\n", "test.yaml:1:4", "U+0000", "U+0000");
    assert_null(parse("a: \xFF\n"));
    assert_null(parse("a: \x01\n"));
    assert_null(parse("a: \"\\uD800\"\n"));
    assert_null(yaml_parse(doc, "a: \0", 4, "x", &err));
}

// F14: libyaml itself nests without limit, in quadratic time. The limit of each is 50 ms; the time is
// only looked at as far as to tell milliseconds from seconds, so that a busy machine passes.
static void bombs_are_refused_at_once(void **state)
{
    static const char *const units[] = {"[", "{a: ", "- ", "? ", "[[],", "{a: &a [*a,", "- - "};
    int64_t start_ms = clock_monotonic_now_ms();
    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct buf text = {0};
        while (text.length + strlen(units[i]) <= YAML_FILE_BYTES)
            buf_add_text(&text, units[i]);
        assert_null(yaml_parse(doc, text.data, text.length, "bomb", &err));
        assert_int_equal(err.code, ERR_INVALID);
        buf_fini(&text);
    }
    assert_true(clock_monotonic_now_ms() - start_ms < 3000);
}

static void depth_and_size_are_limited(void **state)
{
    struct buf text = {0};
    char nested[100] = "";
    (void)state;
    memset(nested, '[', 32);
    memset(nested + 32, ']', 32);
    assert_non_null(parse(nested));
    memset(nested, '[', 33);
    memset(nested + 33, ']', 33);
    assert_refused(nested, "test.yaml:1:33", "32 levels", "32 уровней");
    while (text.length < YAML_FILE_BYTES - 1)
        buf_add_char(&text, '#');
    buf_add_char(&text, '\n');
    assert_non_null(yaml_parse(doc, text.data, text.length, "x", &err));
    buf_add_char(&text, '\n');
    assert_null(yaml_parse(doc, text.data, text.length, "x", &err));
    assert_non_null(strstr(err.message[LANGUAGE_EN], "larger than 256 KiB"));
    buf_fini(&text);
}

static void values_know_their_place(void **state)
{
    int line, column;
    (void)state;
    const struct json *value = parse("a:\n  b: [x,\n    y]\n");
    yaml_place(json_pointer(value, slice_of("/a/b")), &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    yaml_place(json_pointer(value, slice_of("/a/b/1")), &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 5);
}

static void a_file_is_read_or_named(void **state)
{
    char path[] = "/tmp/yaml_test.XXXXXX";
    (void)state;
    int file = mkstemp(path);
    assert_int_equal(write(file, "a: 1\nb: [\n", 10), 10);
    close(file);
    assert_null(yaml_read(doc, path, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.path, path));
    unlink(path);
    assert_null(yaml_read(doc, path, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message[LANGUAGE_RU], path));
    assert_null(yaml_read(doc, "/tmp", &err));
    assert_int_equal(err.code, ERR_INVALID);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(mappings_and_lists_become_a_tree),
        CASE(plain_words_are_read_as_json_has_them),
        CASE(a_fault_names_line_and_column),
        CASE(anchors_aliases_tags_and_merges_are_refused),
        CASE(a_key_stands_once),
        CASE(a_file_holds_one_document),
        CASE(text_that_is_none_is_refused),
        CASE(bombs_are_refused_at_once),
        CASE(depth_and_size_are_limited),
        CASE(values_know_their_place),
        CASE(a_file_is_read_or_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
