#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/json.h"
#include "lib/json_number.h"
#include "tests/lib/shared.h"

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
    return json_parse(doc, text, strlen(text), JSON_DEPTH_DEFAULT, &err);
}

static const char *written(const struct json *value)
{
    buf_clear(&out);
    json_write(&out, value);
    return buf_text(&out);
}

static const char *canonical(const struct json *value)
{
    buf_clear(&out);
    json_write_canonical(&out, value);
    return buf_text(&out);
}

static void assert_refused(const char *text, const char *en, const char *ru)
{
    assert_null(parse(text));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.reason, "json");
    if (!strstr(err.message[LANGUAGE_EN], en) || !strstr(err.message[LANGUAGE_RU], ru))
        fail_msg("%s: %s | %s", text, err.message[LANGUAGE_EN], err.message[LANGUAGE_RU]);
}

static void what_was_parsed_is_written_as_it_stood(void **state)
{
    static const char text[] = "{\"a\":[1,2.50,-0,1e2,\"b\\n\\u0001\\\"\\\\/\"],\"c\":{},\"d\":[],"
                               "\"e\":null,\"f\":true,\"g\":false,\"ж\":\"Ёлка 🎄\"}";
    (void)state;
    assert_string_equal(written(parse(text)), text);
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    const struct json *value = parse("\"\\u0041\\u0416\\ud83c\\udf84\\t\\/\"");
    assert_string_equal(json_c_string(value), "AЖ🎄\t/");
    assert_int_equal(value->text.length, strlen("AЖ🎄\t/"));
}

static void a_lone_value_is_a_text_too(void **state)
{
    (void)state;
    assert_int_equal(json_integer(parse(" 42 "), 0), 42);
    assert_int_equal(json_integer(parse("42"), 0), 42);
    assert_int_equal(parse("null")->type, JSON_NULL);
    assert_string_equal(json_c_string(parse("\"\"")), "");
}

static void the_stricter_rules_hold(void **state)
{
    (void)state;
    assert_refused("{\"a\":1,\"b\":2,\"a\":1}", "\"a\" stands twice", "«a» указан");
    assert_refused("{\"a\":1,\"\\u0061\":1}", "\"a\" stands twice", "«a» указан");
    assert_refused("\"\\u0000\"", "\\u0000 is not a character", "\\u0000 — не знак");
    assert_refused("{\"a\\u0000\":1}", "\\u0000", "\\u0000");
    assert_refused("\"\\ud800\"", "\\ud800", "\\ud800");
    assert_refused("\"\\ud800\\u0041\"", "\\ud800", "\\ud800");
    assert_refused("\"\\udc00\\ud800\"", "\\udc00", "\\udc00");
    assert_refused("\"\xC0\xAF\"", "not valid UTF-8", "не является правильным UTF-8");
    assert_refused("\"\xED\xA0\x80\"", "not valid UTF-8", "UTF-8");
    assert_refused("1e999", "1e999 is too large", "1e999 слишком велико");
    assert_refused("-1e999", "too large", "слишком велико");
    assert_refused("1 2", "trailing garbage (byte 3)", "после значения");
    assert_refused("", "premature EOF (byte 0)", "обрывается");
    assert_refused("{\"a\":tru}", "invalid", "без кавычек");
    assert_refused("{a:1}", "invalid", "знак");
    assert_refused("[1,]", "unallowed token", "стоять не может");
    assert_null(json_parse(doc, "1\0", 2, JSON_DEPTH_DEFAULT, &err));
}

static void a_pair_of_surrogates_behind_a_backslash_is_text(void **state)
{
    (void)state;
    assert_string_equal(json_c_string(parse("\"\\\\ud800\"")), "\\ud800");
    assert_string_equal(json_c_string(parse("\"\\\\\\ud83c\\udf84\"")), "\\🎄");
}

static void depth_is_limited_and_named(void **state)
{
    char text[2 * 33 + 1] = "";
    (void)state;
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_refused(text, "more than 32 levels", "больше 32 уровней");
    assert_non_null(json_parse(doc, text + 1, 64, 32, &err));
    assert_null(json_parse(doc, text + 1, 64, 31, &err));
}

static void the_place_of_a_fault_is_its_byte(void **state)
{
    (void)state;
    assert_null(parse("{\"a\":1,\"b\"\\ud800}"));
    assert_string_equal(err.path, "byte 10");
    assert_null(parse("[\"ё\xC0\xAF\"]"));
    assert_string_equal(err.path, "byte 4");
    assert_null(parse("[1,2"));
    assert_string_equal(err.path, "byte 4");
}

static void a_fault_may_be_ignored(void **state)
{
    (void)state;
    assert_null(json_parse(doc, "[", 1, 32, NULL));
    assert_null(json_parse(doc, "[[", 2, 1, NULL));
    assert_null(json_parse(doc, "\"\\ud800\"", 8, 1, NULL));
}

// 60,000 members or elements within the time of one: nothing is quadratic, whoever wrote the text.
static void hostile_texts_take_linear_time(void **state)
{
    enum { MEMBERS = 60000 };
    struct buf text = {0};
    (void)state;
    buf_add_char(&text, '{');
    for (int i = 0; i < MEMBERS; i++)
        buf_printf(&text, "%s\"key%06d\":%d", i > 0 ? "," : "", i, i);
    buf_add_char(&text, '}');
    const struct json *value = json_parse(doc, text.data, text.length, 32, &err);
    assert_non_null(value);
    assert_int_equal(value->count, MEMBERS);
    text.length--;
    buf_add_text(&text, ",\"key000007\":0}");
    assert_null(json_parse(doc, text.data, text.length, 32, &err));
    assert_non_null(strstr(err.message[LANGUAGE_EN], "key000007"));
    buf_fini(&text);
}

static void a_cut_key_in_a_sentence_stays_utf8(void **state)
{
    struct buf key = {0}, text = {0};
    (void)state;
    buf_add_char(&key, 'x');
    for (int i = 0; i < 200; i++)
        buf_add_text(&key, "ё");
    buf_printf(&text, "{\"%s\":1,\"%s\":2}", key.data, key.data);
    assert_null(json_parse(doc, text.data, text.length, 32, &err));
    assert_non_null(strstr(err.message[LANGUAGE_EN], "ё\" stands twice"));
    buf_fini(&key);
    buf_fini(&text);
}

static void a_document_is_used_again(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"n\":%d,\"s\":\"%d\"}", i, i);
        assert_int_equal(json_integer(json_get(parse(text), "n"), -1), i);
    }
}

static void numbers_keep_their_literal_and_their_value(void **state)
{
    static const struct {
        const char *literal;
        bool integral;
        int64_t integer;
        double number;
    } cases[] = {
        {"0", true, 0, 0},
        {"-0", true, 0, -0.0},
        {"1.0", true, 1, 1},
        {"1e2", true, 100, 100},
        {"1E+2", true, 100, 100},
        {"120e-1", true, 12, 12},
        {"0.5", false, 0, 0.5},
        {"1.5e0", false, 0, 1.5},
        {"0e99999999999", true, 0, 0},
        {"9223372036854775807", true, INT64_MAX, 9223372036854775807.0},
        {"-9223372036854775808", true, INT64_MIN, -9223372036854775808.0},
        {"9223372036854775808", false, 0, 9223372036854775808.0},
        {"-9223372036854775809", false, 0, -9223372036854775809.0},
        {"9007199254740993", true, 9007199254740993, 9007199254740992.0},
        {"10000000000000000000000", false, 0, 1e22},
        {"123456789012345678901234567890", false, 0, 123456789012345678901234567890.0},
        {"0.1", false, 0, 0.1},
        {"1e23", false, 0, 1e23},
        {"2.2250738585072011e-308", false, 0, 2.2250738585072011e-308},
        {"5e-324", false, 0, 5e-324},
        {"1e-400", false, 0, 0},
        {"1.7976931348623157e308", false, 0, 1.7976931348623157e308},
        {"100000000000000000000000e-5", true, 1000000000000000000, 1e18},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct json *value = parse(cases[i].literal);
        assert_non_null(value);
        if (value->integral != cases[i].integral || value->integer != cases[i].integer ||
            memcmp(&value->number, &cases[i].number, sizeof(double)) != 0)
            fail_msg("%s is %d %lld %.17g", cases[i].literal, value->integral,
                     (long long)value->integer, value->number);
        assert_string_equal(written(value), cases[i].literal);
    }
}

// RFC 8785, appendix B, and two doubles at a power of two, where the shortest digits are not the
// nearest ones.
static void numbers_are_printed_as_ecmascript_does(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } vectors[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x3d10000000000000, "1.4210854715202004e-14"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char text[JSON_NUMBER_TEXT_BYTES];
        double number;
        memcpy(&number, &vectors[i].bits, sizeof number);
        json_number_print(number, text);
        assert_string_equal(text, vectors[i].text);
    }
}

static void printed_numbers_read_back(void **state)
{
    uint64_t seed = 88172645463325252u;
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[JSON_NUMBER_TEXT_BYTES];
        double number, read;
        int64_t integer;
        bool integral;
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        memcpy(&number, &seed, sizeof number);
        if (!(number - number < 1)) // not finite
            continue;
        json_number_print(number, text);
        assert_true(json_number_read(slice_of(text), &read, &integer, &integral));
        assert_memory_equal(&number, &read, sizeof number);
    }
}

static void the_canonical_form_is_rfc_8785s(void **state)
{
    (void)state;
    const struct json *value =
        parse("{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"
              "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
              "\"literals\":[null,true,false]}");
    assert_string_equal(canonical(value),
                        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,"
                        "0.002,1e-27],\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    value = parse("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew\","
                  "\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji\",\"\\u0080\":\"Control\","
                  "\"\\u00f6\":\"Latin\"}");
    assert_string_equal(
        canonical(value),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\","
        "\"ö\":\"Latin\",\"€\":\"Euro Sign\",\"😀\":\"Emoji\",\"\xEF\xAC\xB3\":\"Hebrew\"}");
}

static void equal_values_have_one_canonical_form(void **state)
{
    (void)state;
    char first[64];
    snprintf(first, sizeof first, "%s", canonical(parse("{\"b\":1.0,\"a\":[-0,1e1]}")));
    assert_string_equal(canonical(parse(" { \"a\" : [0, 10.00], \"b\" : 1 } ")), first);
}

static void equality_looks_at_values(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {
        {"1", "1.0", true},
        {"0", "-0", true},
        {"100", "1e2", true},
        {"9007199254740993", "9007199254740992", false},
        {"0.1", "0.10", true},
        {"0.1", "0.2", false},
        {"1", "\"1\"", false},
        {"true", "false", false},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1.0}", true},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":null}", "{}", false},
        {"\"Ж\"", "\"\\u0416\"", true},
        {"null", "null", true},
    };
    struct json_doc *other = json_doc_new();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct json *b = json_parse(other, cases[i].b, strlen(cases[i].b), 32, &err);
        if (json_equal(parse(cases[i].a), b) != cases[i].equal)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
    json_doc_free(other);
}

static void long_objects_are_compared_as_well(void **state)
{
    struct buf a = {0}, b = {0};
    struct json_doc *other = json_doc_new();
    (void)state;
    for (int i = 0; i < 1000; i++) {
        buf_printf(&a, "%s\"k%d\":%d", i == 0 ? "{" : ",", i, i);
        buf_printf(&b, "%s\"k%d\":%d", i == 0 ? "{" : ",", 999 - i, 999 - i);
    }
    buf_add_char(&a, '}');
    buf_add_char(&b, '}');
    const struct json *x = json_parse(doc, a.data, a.length, 32, &err);
    struct json *y = json_parse(other, b.data, b.length, 32, &err);
    assert_true(json_equal(x, y));
    json_set(other, y, "k500", json_new_bool(other, true));
    assert_false(json_equal(x, y));
    buf_fini(&a);
    buf_fini(&b);
    json_doc_free(other);
}

static void look_ups_take_anything(void **state)
{
    (void)state;
    const struct json *value = parse("{\"a\":{\"b\":[10,{\"c/d\":1,\"~\":2,\"\":3}]},\"n\":1.5}");
    assert_null(json_get(NULL, "a"));
    assert_null(json_get(json_get(value, "n"), "a"));
    assert_int_equal(json_integer(json_pointer(value, slice_of("/a/b/0")), 0), 10);
    assert_int_equal(json_integer(json_pointer(value, slice_of("/a/b/1/c~1d")), 0), 1);
    assert_int_equal(json_integer(json_pointer(value, slice_of("/a/b/1/~0")), 0), 2);
    assert_int_equal(json_integer(json_pointer(value, slice_of("/a/b/1/")), 0), 3);
    assert_ptr_equal(json_pointer(value, slice_of("")), value);
    static const char *const nowhere[] = {"a",     "/x",   "/a/b/2",    "/a/b/00",  "/a/b/-",
                                          "/a/b/", "/n/0", "/a/b/1/~2", "/a/b/1/~", "/a/b/x"};
    for (size_t i = 0; i < sizeof nowhere / sizeof *nowhere; i++)
        assert_null(json_pointer(value, slice_of(nowhere[i])));
    assert_null(json_c_string(json_get(value, "n")));
    assert_int_equal(json_integer(json_get(value, "n"), -7), -7);
    assert_true(json_bool(json_get(value, "n"), true));
    assert_int_equal(json_integer(NULL, -7), -7);
}

static void trees_are_put_together(void **state)
{
    (void)state;
    json_doc_reset(doc);
    struct json *object = json_new(doc, JSON_OBJECT);
    struct json *array = json_new(doc, JSON_ARRAY);
    json_set(doc, object, "text", json_new_string(doc, slice_of("Ж\"")));
    json_set(doc, object, "list", array);
    json_append(array, json_new_integer(doc, INT64_MIN));
    json_append(array, json_new_number(doc, 0.1));
    json_append(array, json_new(doc, JSON_NULL));
    json_set(doc, object, "text", json_new_bool(doc, false));
    assert_int_equal(object->count, 2);
    assert_string_equal(written(object),
                        "{\"text\":false,\"list\":[-9223372036854775808,0.1,null]}");
}

static void a_copy_outlives_its_original(void **state)
{
    struct json_doc *other = json_doc_new();
    (void)state;
    const struct json *copy = json_copy(other, parse("{\"a\":[1,{\"b\":\"Ж\"}],\"c\":1e2}"));
    json_doc_reset(doc);
    parse("[\"overwritten\",\"overwritten\",\"overwritten\",\"overwritten\"]");
    assert_string_equal(written(copy), "{\"a\":[1,{\"b\":\"Ж\"}],\"c\":1e2}");
    json_doc_free(other);
}

static void every_byte_is_written_so_that_it_reads_back(void **state)
{
    (void)state;
    json_doc_reset(doc);
    for (size_t length = 0; length < 40; length++) {
        for (unsigned byte = 1; byte < 0x80; byte++) {
            char text[40];
            memset(text, 'x', sizeof text);
            if (length > 0)
                text[length * 7 % length] = (char)byte;
            text[length > 0 ? length - 1 : 0] = (char)byte;
            struct buf json = {0};
            json_write_string(&json, (struct slice){text, length});
            const struct json *read = json_parse(doc, json.data, json.length, 32, &err);
            assert_non_null(read);
            assert_true(slice_equal(read->text, (struct slice){text, length}));
            for (size_t i = 0; i < json.length; i++)
                assert_true((unsigned char)json.data[i] >= 0x20);
            buf_fini(&json);
        }
    }
}

static void the_streaming_writer_minds_commas(void **state)
{
    struct json_out writer;
    (void)state;
    json_out_init(&writer, &out);
    json_out_object(&writer, NULL);
    json_out_array(&writer, "a");
    json_out_integer(&writer, NULL, -1);
    json_out_integer(&writer, NULL, INT64_MIN);
    json_out_object(&writer, NULL);
    json_out_end(&writer, '}');
    json_out_number(&writer, NULL, 1e21);
    json_out_end(&writer, ']');
    json_out_text(&writer, "t", "q\"");
    json_out_text(&writer, "n", NULL);
    json_out_bool(&writer, "b", true);
    json_out_null(&writer, "z");
    json_out_time(&writer, "at", 1);
    json_out_raw(&writer, "r", slice_of("[1]"));
    json_out_value(&writer, "v", parse("{\"x\":1.50}"));
    json_out_value(&writer, "w", NULL);
    json_out_end(&writer, '}');
    assert_string_equal(buf_text(&out),
                        "{\"a\":[-1,-9223372036854775808,{},1e+21],\"t\":\"q\\\"\",\"n\":null,"
                        "\"b\":true,\"z\":null,\"at\":\"1970-01-01T00:00:00.001+00:00\","
                        "\"r\":[1],\"v\":{\"x\":1.50},\"w\":null}");
}

// JSONTestSuite: what must be read and is not, with the stricter rule that refuses it.
static const char *const stricter[] = {
    "y_object_duplicated_key.json",           // a doubled key
    "y_object_duplicated_key_and_value.json", // a doubled key
    "y_object_escaped_null_in_key.json",      // U+0000
    "y_string_null_escape.json",              // U+0000
};

struct suite {
    size_t files, wrong, refused;
};

static void check_file(void *context, const char *path, const char *name)
{
    struct suite *suite = context;
    struct buf text = {0};
    bool excepted = false;
    for (size_t i = 0; i < sizeof stricter / sizeof *stricter; i++)
        excepted = excepted || strcmp(name, stricter[i]) == 0;
    assert_true(shared_read_file(path, &text));
    const struct json *value = json_parse(doc, text.data, text.length, 512, &err);
    if (value)
        written(value);
    bool wrong = (name[0] == 'y' && !value != excepted) || (name[0] == 'n' && value);
    if (wrong)
        printf("%s: %s\n", name, value ? "accepted" : err.message[LANGUAGE_EN]);
    suite->files++;
    suite->wrong += wrong;
    suite->refused += excepted && !value;
    buf_fini(&text);
}

static void the_json_test_suite_agrees(void **state)
{
    struct suite suite = {0};
    char path[1024];
    (void)state;
    if (!shared_path(path, "data/json_parsing/test_parsing"))
        skip();
    shared_walk(path, check_file, &suite);
    printf("%zu files, %zu of them refused by a stricter rule\n", suite.files, suite.refused);
    assert_int_equal(suite.wrong, 0);
    assert_true(suite.files >= 200);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_parsed_is_written_as_it_stood),
        CASE(escapes_are_decoded),
        CASE(a_lone_value_is_a_text_too),
        CASE(the_stricter_rules_hold),
        CASE(a_pair_of_surrogates_behind_a_backslash_is_text),
        CASE(depth_is_limited_and_named),
        CASE(the_place_of_a_fault_is_its_byte),
        CASE(a_fault_may_be_ignored),
        CASE(hostile_texts_take_linear_time),
        CASE(a_cut_key_in_a_sentence_stays_utf8),
        CASE(a_document_is_used_again),
        CASE(numbers_keep_their_literal_and_their_value),
        CASE(numbers_are_printed_as_ecmascript_does),
        CASE(printed_numbers_read_back),
        CASE(the_canonical_form_is_rfc_8785s),
        CASE(equal_values_have_one_canonical_form),
        CASE(equality_looks_at_values),
        CASE(long_objects_are_compared_as_well),
        CASE(look_ups_take_anything),
        CASE(trees_are_put_together),
        CASE(a_copy_outlives_its_original),
        CASE(every_byte_is_written_so_that_it_reads_back),
        CASE(the_streaming_writer_minds_commas),
        CASE(the_json_test_suite_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
