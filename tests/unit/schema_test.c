// What Pult adds to JSON Schema: the sentences, what is refused, the marks. Whether values are judged
// rightly is the business of schema_suite_test.c.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/schema.h"
#include "lib/yaml.h"
#include "tests/lib/shared.h"

static struct err err;

static struct schema *compile(const char *yaml, schema_loader *load, void *context)
{
    struct json_doc *doc = json_doc_new();
    const struct json *tree = yaml_parse(doc, yaml, strlen(yaml), "test.yaml", &err);
    if (!tree)
        fail_msg("%s", err.message[LANGUAGE_EN]);
    struct schema *schema = schema_compile(tree, "test.yaml", load, context, &err);
    json_doc_free(doc); // a compiled schema needs it no more
    return schema;
}

static enum err_code check(const struct schema *schema, const char *json)
{
    struct json_doc *doc = json_doc_new();
    const struct json *value = json_parse(doc, json, strlen(json), 32, &err);
    if (!value)
        fail_msg("%s: %s", json, err.message[LANGUAGE_EN]);
    enum err_code code = schema_check(schema, value, "/data", &err);
    json_doc_free(doc);
    return code;
}

static void assert_valid(const char *yaml, const char *json)
{
    struct schema *schema = compile(yaml, NULL, NULL);
    if (!schema || check(schema, json) != ERR_OK)
        fail_msg("%s: %s", json, err.message[LANGUAGE_EN]);
    schema_free(schema);
}

static void assert_said(const char *yaml, const char *json, const char *path, const char *en,
                        const char *ru)
{
    struct schema *schema = compile(yaml, NULL, NULL);
    if (!schema)
        fail_msg("%s", err.message[LANGUAGE_EN]);
    assert_int_equal(check(schema, json), ERR_INVALID);
    assert_string_equal(err.reason, "schema");
    assert_string_equal(err.path, path);
    assert_string_equal(err.message[LANGUAGE_EN], en);
    assert_string_equal(err.message[LANGUAGE_RU], ru);
    schema_free(schema);
}

static void assert_refused(const char *yaml, const char *path, const char *en)
{
    struct schema *schema = compile(yaml, NULL, NULL);
    assert_null(schema);
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.path, path);
    if (!strstr(err.message[LANGUAGE_EN], en))
        fail_msg("%s", err.message[LANGUAGE_EN]);
    assert_true(strlen(err.message[LANGUAGE_RU]) > strlen(path));
}

#define FIELD(rules) "properties: {f: {" rules "}}"

static void types_are_told_in_words(void **state)
{
    (void)state;
    assert_said(FIELD("type: integer"), "{\"f\":\"x\"}", "/data/f",
                "data.f is \"x\"; it must be a whole number.",
                "data.f: \"x\" не подходит; нужно: целое число.");
    assert_said(FIELD("type: integer"), "{\"f\":1.5}", "/data/f",
                "data.f is 1.5; it must be a whole number.",
                "data.f: 1.5 не подходит; нужно: целое число.");
    assert_said(FIELD("type: [string, 'null']"), "{\"f\":[]}", "/data/f",
                "data.f is a list; it must be null, a text.",
                "data.f: список не подходит; нужно: null, текст.");
    assert_said("type: object", "5", "/data", "data is 5; it must be an object.",
                "data: 5 не подходит; нужно: объект.");
}

static void allowed_values_are_listed(void **state)
{
    (void)state;
    assert_said(FIELD("enum: [flat, house, 3, null]"), "{\"f\":\"flt\"}", "/data/f",
                "data.f is \"flt\"; it must be one of flat, house, 3, null.",
                "data.f: \"flt\" не подходит; допускается одно из: flat, house, 3, null.");
    assert_said(FIELD("const: 5"), "{\"f\":6}", "/data/f", "data.f is 6; it must be 5.",
                "data.f: 6 не подходит; допускается только 5.");
}

static void numbers_have_limits(void **state)
{
    (void)state;
    assert_said(FIELD("minimum: 1"), "{\"f\":0}", "/data/f", "data.f is 0; it must be at least 1.",
                "data.f: 0 слишком мало; нужно не меньше 1.");
    assert_said(FIELD("maximum: 5"), "{\"f\":5.5}", "/data/f",
                "data.f is 5.5; it must be at most 5.",
                "data.f: 5.5 слишком много; нужно не больше 5.");
    assert_said(FIELD("exclusiveMinimum: 0"), "{\"f\":-0.0}", "/data/f",
                "data.f is -0.0; it must be more than 0.",
                "data.f: -0.0 слишком мало; нужно больше 0.");
    assert_said(FIELD("exclusiveMaximum: 1"), "{\"f\":1}", "/data/f",
                "data.f is 1; it must be less than 1.", "data.f: 1 слишком много; нужно меньше 1.");
    assert_said(FIELD("multipleOf: 0.01"), "{\"f\":0.075}", "/data/f",
                "data.f is 0.075; it must be a multiple of 0.01.",
                "data.f: 0.075 не подходит; нужно кратное 0.01.");
    assert_valid(FIELD("multipleOf: 0.01"), "{\"f\":19.99}");
    assert_valid(FIELD("multipleOf: 0.01"), "{\"f\":4.35}");
    assert_valid(FIELD("maximum: 9007199254740992"), "{\"f\":9007199254740992}");
    assert_said(FIELD("maximum: 9007199254740992"), "{\"f\":9007199254740993}", "/data/f",
                "data.f is 9007199254740993; it must be at most 9007199254740992.",
                "data.f: 9007199254740993 слишком много; нужно не больше 9007199254740992.");
}

static void texts_are_measured_in_characters(void **state)
{
    (void)state;
    assert_valid(FIELD("minLength: 3, maxLength: 3"), "{\"f\":\"ёлк\"}");
    assert_valid(FIELD("maxLength: 1"), "{\"f\":\"🎄\"}");
    assert_said(FIELD("minLength: 3"), "{\"f\":\"ёл\"}", "/data/f",
                "data.f is \"ёл\"; it needs a length of at least 3 (now 2).",
                "data.f: \"ёл\" — слишком коротко; нужно знаков не меньше 3, сейчас 2.");
    assert_said(FIELD("maxLength: 2"), "{\"f\":\"ёлка\"}", "/data/f",
                "data.f has a length of 4; it may be at most 2 characters.",
                "data.f: слишком длинно, знаков 4; допускается не больше 2.");
}

static void a_pattern_is_explained_by_its_title(void **state)
{
    (void)state;
    assert_said(FIELD("pattern: '^[0-9]+$'"), "{\"f\":\"x\"}", "/data/f",
                "data.f is \"x\"; it must match ^[0-9]+$.",
                "data.f: \"x\" не подходит; нужен вид ^[0-9]+$.");
    assert_said("properties: {f: {$ref: '#/$defs/n'}}\n"
                "$defs: {n: {pattern: '^[0-9]+$', title: A number, x-title-ru: Номер}}",
                "{\"f\":\"x\"}", "/data/f", "data.f is \"x\"; what is wanted: A number.",
                "data.f: \"x\" не подходит; нужно: Номер.");
    assert_said(FIELD("pattern: '^a$'"), "{\"f\":\"a\\n\"}", "/data/f",
                "data.f is \"a\\n\"; it must match ^a$.",
                "data.f: \"a\\n\" не подходит; нужен вид ^a$.");
}

static void fields_are_missing_or_unknown(void **state)
{
    static const char rules[] =
        "type: object\nrequired: [a]\nadditionalProperties: false\nproperties: {a: true, b: true}";
    (void)state;
    assert_said(rules, "{}", "/data", "data has no a; it is required.",
                "data: нет поля a; оно обязательно.");
    assert_said(rules, "{\"a\":1,\"c/d\":2}", "/data/c~1d",
                "data has the unknown field c/d; known are a, b.",
                "data: неизвестное поле c/d; есть такие: a, b.");
    assert_said("additionalProperties: false", "{\"x\":1}", "/data/x",
                "data has the unknown field x; known are none.",
                "data: неизвестное поле x; есть такие: никаких.");
    assert_said(FIELD("minProperties: 1"), "{\"f\":{}}", "/data/f",
                "data.f has 0 fields; it needs at least 1.", "data.f: полей 0; нужно не меньше 1.");
    assert_said(FIELD("maxProperties: 0"), "{\"f\":{\"x\":1}}", "/data/f",
                "data.f has 1 fields; it may have at most 0.",
                "data.f: полей 1; допускается не больше 0.");
    assert_said("propertyNames: {maxLength: 2}", "{\"abc\":1}", "/data/abc",
                "data has a field of the name abc, which is not allowed here.",
                "data: имя поля abc здесь не допускается.");
    assert_said("dependentRequired: {a: [b]}", "{\"a\":1}", "/data",
                "data has no b; another field that is given needs it.",
                "data: нет поля b; его требует другое указанное поле.");
    assert_said("properties: {a: false}", "{\"a\":1}", "/data/a",
                "data.a must not be there; leave it out.",
                "data.a: этого здесь быть не должно; уберите.");
}

static void lists_are_measured(void **state)
{
    (void)state;
    assert_said(FIELD("minItems: 2"), "{\"f\":[1]}", "/data/f",
                "data.f is a list of 1; it needs at least 2.",
                "data.f: в списке элементов 1; нужно не меньше 2.");
    assert_said(FIELD("maxItems: 1"), "{\"f\":[1,2]}", "/data/f",
                "data.f is a list of 2; it may have at most 1.",
                "data.f: в списке элементов 2; допускается не больше 1.");
    assert_said(FIELD("uniqueItems: true"), "{\"f\":[1,2,1.0]}", "/data/f",
                "data.f has an element twice; give each one once.",
                "data.f: один и тот же элемент указан дважды; укажите его один раз.");
    assert_said(FIELD("items: {type: string}"), "{\"f\":[\"a\",2]}", "/data/f/1",
                "data.f[1] is 2; it must be a text.", "data.f[1]: 2 не подходит; нужно: текст.");
    assert_said(FIELD("contains: {const: 1}"), "{\"f\":[2]}", "/data/f",
                "data.f has too few elements of the wanted kind; it needs 1.",
                "data.f: слишком мало элементов нужного вида; нужно не меньше 1.");
    assert_said(FIELD("contains: {const: 1}, maxContains: 1"), "{\"f\":[1,1]}", "/data/f",
                "data.f has too many elements of one kind; it may have 1.",
                "data.f: слишком много элементов одного вида; допускается не больше 1.");
}

static void forms_are_chosen(void **state)
{
    (void)state;
    assert_said(FIELD("anyOf: [{type: string}, {type: boolean}]"), "{\"f\":1}", "/data/f",
                "data.f is 1; that fits none of the allowed forms.",
                "data.f: 1 не подходит ни под один из допустимых видов.");
    assert_said(FIELD("oneOf: [{minimum: 1}, {minimum: 2}]"), "{\"f\":0}", "/data/f",
                "data.f is 0; that fits none of the allowed forms.",
                "data.f: 0 не подходит ни под один из допустимых видов.");
    assert_said(FIELD("oneOf: [{minimum: 1}, {minimum: 2}]"), "{\"f\":2}", "/data/f",
                "data.f is 2; that fits several forms where one is allowed.",
                "data.f: 2 подходит под несколько видов, а допускается один.");
    assert_said(FIELD("not: {const: x}"), "{\"f\":\"x\"}", "/data/f",
                "data.f is \"x\"; just that is not allowed here.",
                "data.f: \"x\" — именно это здесь не допускается.");
    assert_said("if: {required: [a]}\nthen: {required: [b]}", "{\"a\":1}", "/data",
                "data has no b; it is required.", "data: нет поля b; оно обязательно.");
}

static void long_values_are_cut_at_a_character(void **state)
{
    struct buf json = {0};
    struct schema *schema = compile("{type: integer}", NULL, NULL);
    (void)state;
    buf_add_char(&json, '"');
    for (int i = 0; i < 500; i++)
        buf_add_text(&json, "ё");
    buf_add_char(&json, '"');
    assert_int_equal(check(schema, json.data), ERR_INVALID);
    assert_non_null(strstr(err.message[LANGUAGE_EN], "ёё…; it must be"));
    schema_free(schema);
    buf_fini(&json);
}

static void a_fault_at_the_top_has_a_name(void **state)
{
    struct json_doc *doc = json_doc_new();
    struct schema *schema = compile("{type: string}", NULL, NULL);
    (void)state;
    assert_int_equal(schema_check(schema, json_new_integer(doc, 1), "", &err), ERR_INVALID);
    assert_string_equal(err.message[LANGUAGE_EN], "the value is 1; it must be a text.");
    assert_string_equal(err.message[LANGUAGE_RU], "значение: 1 не подходит; нужно: текст.");
    assert_string_equal(err.path, "");
    assert_int_equal(schema_check(schema, json_new_integer(doc, 1), "", NULL), ERR_INVALID);
    schema_free(schema);
    json_doc_free(doc);
}

static void more_than_64_required_fields_are_all_required(void **state)
{
    struct buf yaml = {0}, json = {0};
    (void)state;
    buf_add_text(&yaml, "required: [");
    for (int i = 0; i < 100; i++)
        buf_printf(&yaml, "%sk%d", i > 0 ? ", " : "", i);
    buf_add_text(&yaml, "]\n");
    struct schema *schema = compile(yaml.data, NULL, NULL);
    for (int missing = -1; missing < 100; missing += 33) {
        char text[64];
        buf_clear(&json);
        for (int i = 0; i < 100; i++) {
            if (i != missing)
                buf_printf(&json, "%c\"k%d\":0", json.length == 0 ? '{' : ',', i);
        }
        buf_add_char(&json, '}');
        snprintf(text, sizeof text, "data has no k%d; it is required.", missing);
        assert_int_equal(check(schema, json.data), missing < 0 ? ERR_OK : ERR_INVALID);
        if (missing >= 0)
            assert_string_equal(err.message[LANGUAGE_EN], text);
    }
    schema_free(schema);
    buf_fini(&yaml);
    buf_fini(&json);
}

static void a_pattern_that_takes_for_ever_is_stopped(void **state)
{
    struct schema *schema = compile("pattern: '^(a|aa|a?)+$'", NULL, NULL);
    int64_t start_ms = clock_monotonic_now_ms();
    (void)state;
    assert_int_equal(
        check(schema, "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\""),
        ERR_INVALID);
    assert_true(clock_monotonic_now_ms() - start_ms < 1000);
    schema_free(schema);
}

static void long_lists_are_searched_for_doubles_in_linear_time(void **state)
{
    enum { ITEMS = 20000 };
    struct schema *schema = compile("uniqueItems: true", NULL, NULL);
    struct buf json = {0};
    (void)state;
    for (int i = 0; i < ITEMS; i++)
        buf_printf(&json, "%c{\"n\":%d,\"m\":[]}", i == 0 ? '[' : ',', i);
    buf_add_char(&json, ']');
    assert_int_equal(check(schema, json.data), ERR_OK);
    json.length--;
    buf_add_text(&json, ",{\"m\":[],\"n\":7.0}]");
    assert_int_equal(check(schema, json.data), ERR_INVALID);
    buf_clear(&json);
    for (int i = 0; i < 40; i++) // each its own number, though not as a double
        buf_printf(&json, "%c%lld", i == 0 ? '[' : ',', 9007199254740992LL + i);
    buf_add_char(&json, ']');
    assert_int_equal(check(schema, json.data), ERR_OK);
    schema_free(schema);
    buf_fini(&json);
}

static void what_is_no_schema_is_refused_where_it_stands(void **state)
{
    (void)state;
    assert_refused("5", "test.yaml#", "here must be a schema");
    assert_refused("properties: {a: 5}", "test.yaml#/properties/a", "here must be a schema");
    assert_refused("properties: [a]", "test.yaml#/properties", "names, each with its schema");
    assert_refused("allOf: []", "test.yaml#/allOf", "at least one schema");
    assert_refused("$defs: {a/b: {type: x}}", "test.yaml#/$defs/a~1b",
                   "type must be one or several");
    assert_refused("maxLength: -1", "test.yaml#", "maxLength must be a whole number from 0");
    assert_refused("minItems: 1.5", "test.yaml#", "minItems must be a whole number from 0");
    assert_refused("minimum: '1'", "test.yaml#", "minimum must be a number");
    assert_refused("multipleOf: 0", "test.yaml#", "multipleOf must be a number above 0");
    assert_refused("required: [1]", "test.yaml#", "required must be a list of names");
    assert_refused("enum: x", "test.yaml#", "enum must be a list");
    assert_refused("pattern: '('", "test.yaml#", "the pattern is none");
    assert_refused("patternProperties: {'(': true}", "test.yaml#", "the pattern is none");
    assert_refused("uniqueItems: 1", "test.yaml#", "uniqueItems must be true or false");
    assert_refused("dependentRequired: {a: b}", "test.yaml#", "dependentRequired must be names");
    assert_refused("$schema: http://json-schema.org/draft-07/schema#", "test.yaml#",
                   "$schema must be https://json-schema.org/draft/2020-12/schema");
    assert_refused("$ref: '#/$defs/x'", "test.yaml#", "names nothing that is there");
    assert_refused("$ref: other.yaml", "test.yaml#", "names nothing that is there");
    assert_refused("proprties: {}", "test.yaml#", "the keyword \"proprties\" is not supported");
}

static void every_refused_keyword_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; schema_keywords_refused[i]; i++) {
        char yaml[128];
        snprintf(yaml, sizeof yaml, "items: {%s: {}}", schema_keywords_refused[i]);
        assert_refused(yaml, "test.yaml#/items", schema_keywords_refused[i]);
    }
    struct schema *schema =
        compile("{x-anything: [1, 2], properties: {a: {x-note: y}}}", NULL, NULL);
    assert_non_null(schema);
    schema_free(schema);
}

static void a_circle_without_a_step_into_the_value_is_refused(void **state)
{
    (void)state;
    assert_refused("$ref: '#'", "test.yaml#", "refers to itself");
    assert_null(compile("$defs: {a: {allOf: [{$ref: '#/$defs/b'}]}, b: {not: {$ref: '#/$defs/a'}}}",
                        NULL, NULL));
    assert_valid("type: object\nproperties: {next: {$ref: '#'}}", "{\"next\":{\"next\":{}}}");
    assert_said("type: object\nproperties: {next: {$ref: '#'}}", "{\"next\":{\"next\":5}}",
                "/data/next/next", "data.next.next is 5; it must be an object.",
                "data.next.next: 5 не подходит; нужно: объект.");
}

// Files by their name, from a table.
struct library {
    struct json_doc *doc;
    int loads;
};

static const struct json *load(void *context, const char *file, struct err *error)
{
    struct library *library = context;
    static const char defs[] = "$defs: {n: {$ref: '#/$defs/m'}, m: {type: integer},\n"
                               "  caller: {type: object, properties: {name: {x-personal: true}}}}";
    library->loads++;
    if (strcmp(file, "defs.yaml") == 0)
        return yaml_parse(library->doc, defs, strlen(defs), file, error);
    if (strcmp(file, "broken.yaml") == 0)
        return yaml_parse(library->doc, "type: x", 7, file, error);
    err_set(error, ERR_NOT_FOUND, "file", "There is no file %s.", "Файла %s нет.", file);
    return NULL;
}

static void definitions_may_stand_in_another_file(void **state)
{
    struct library library = {json_doc_new(), 0};
    (void)state;
    struct schema *schema = compile("properties: {a: {$ref: 'defs.yaml#/$defs/n'},\n"
                                    "  b: {$ref: 'defs.yaml#/$defs/m'}}",
                                    load, &library);
    assert_non_null(schema);
    assert_int_equal(library.loads, 1);
    assert_int_equal(check(schema, "{\"a\":1,\"b\":2}"), ERR_OK);
    assert_int_equal(check(schema, "{\"a\":\"x\"}"), ERR_INVALID);
    schema_free(schema);
    assert_null(compile("$ref: nowhere.yaml", load, &library));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.message[LANGUAGE_RU], "Файла nowhere.yaml нет.");
    assert_null(compile("$ref: broken.yaml", load, &library));
    assert_string_equal(err.path, "broken.yaml#");
    json_doc_free(library.doc);
}

static struct buf found;

static void note(void *context, const char *pointer, const struct json *value)
{
    (void)context;
    buf_printf(&found, "%s%s=", found.length > 0 ? " " : "", pointer);
    json_write(&found, value);
}

static void assert_marked(const char *yaml, enum schema_mark mark, const char *json,
                          const char *wanted)
{
    struct library library = {json_doc_new(), 0};
    struct json_doc *doc = json_doc_new();
    struct schema *schema = compile(yaml, load, &library);
    assert_non_null(schema);
    buf_clear(&found);
    schema_marked(schema, mark, json_parse(doc, json, strlen(json), 32, &err), note, NULL);
    assert_string_equal(buf_text(&found), wanted);
    assert_true(schema_has_mark(schema, mark) || !*wanted);
    schema_free(schema);
    json_doc_free(doc);
    json_doc_free(library.doc);
}

static void marked_values_are_found(void **state)
{
    static const char report[] =
        "properties:\n"
        "  text: {type: string, x-free-text: true, x-personal: true}\n"
        "  caller: {type: object, x-personal: true, properties: {name: {x-personal: true}}}\n"
        "  premise: {type: object, properties: {flat: {x-personal: true}, house: true}}\n"
        "  people: {type: array, items: {properties: {a/b: {x-personal: true}}}}\n";
    static const char json[] =
        "{\"text\":\"t\",\"caller\":{\"name\":\"n\"},\"premise\":{\"flat\":\"4\",\"house\":\"12\"},"
        "\"people\":[{\"a/b\":1},{},{\"a/b\":2}],\"other\":0}";
    (void)state;
    assert_marked(report, SCHEMA_PERSONAL, json,
                  "/text=\"t\" /caller={\"name\":\"n\"} /premise/flat=\"4\" /people/0/a~1b=1 "
                  "/people/2/a~1b=2");
    assert_marked(report, SCHEMA_FREE_TEXT, json, "/text=\"t\"");
    assert_marked("properties: {text: {type: string}}", SCHEMA_PERSONAL, json, "");
}

static void marks_are_found_through_every_applicator(void **state)
{
    (void)state;
    assert_marked("properties: {c: {$ref: 'defs.yaml#/$defs/caller'}}", SCHEMA_PERSONAL,
                  "{\"c\":{\"name\":1,\"x\":2}}", "/c/name=1");
    assert_marked("properties: {c: {$ref: 'defs.yaml#/$defs/m', x-personal: true}}",
                  SCHEMA_PERSONAL, "{\"c\":5}", "/c=5");
    assert_marked("allOf: [{anyOf: [{type: string}, {properties: {a: {x-personal: true}}}]}]",
                  SCHEMA_PERSONAL, "{\"a\":1,\"b\":2}", "/a=1");
    assert_marked("if: {required: [a]}\nelse: {properties: {a: {x-personal: true}}}",
                  SCHEMA_PERSONAL, "{\"a\":1}", "/a=1");
    assert_marked("dependentSchemas: {z: {properties: {a: {x-personal: true}}}}", SCHEMA_PERSONAL,
                  "{\"a\":1}", "/a=1");
    assert_marked("patternProperties: {'^p': {x-personal: true}}\n"
                  "additionalProperties: {properties: {n: {x-personal: true}}}",
                  SCHEMA_PERSONAL, "{\"p1\":1,\"q\":{\"n\":2}}", "/p1=1 /q/n=2");
    assert_marked("prefixItems: [true, {x-personal: true}]", SCHEMA_PERSONAL, "[1,2,3]", "/1=2");
    assert_marked("anyOf: [{properties: {a: {x-personal: true}}},\n"
                  "        {properties: {a: {x-personal: true}}}]",
                  SCHEMA_PERSONAL, "{\"a\":1}", "/a=1");
    assert_marked("properties: {name: {x-personal: true}, next: {$ref: '#'}}", SCHEMA_PERSONAL,
                  "{\"next\":{\"next\":{\"name\":1}}}", "/next/next/name=1");
    assert_marked("x-personal: true", SCHEMA_PERSONAL, "{\"a\":1}", "={\"a\":1}");
    buf_fini(&found);
}

static void assert_taken(const char *yaml, const char *json, const char *left)
{
    struct json_doc *doc = json_doc_new();
    struct schema *schema = compile(yaml, NULL, NULL);
    struct json *tree = json_parse(doc, json, strlen(json), 32, &err);
    struct buf text = {0};

    assert_non_null(schema);
    assert_non_null(tree);
    schema_take_marked(schema, SCHEMA_PERSONAL, tree, NULL, NULL);
    json_write(&text, tree);
    assert_string_equal(buf_text(&text), left);
    buf_fini(&text);
    schema_free(schema);
    json_doc_free(doc);
}

static void marked_values_are_taken_out_however_many(void **state)
{
    static const char list[] =
        "properties: {a: {items: {properties: {p: {x-personal: true}}}},\n"
        "             b: {items: {x-personal: true}}, c/d~e: {x-personal: true}}";
    struct buf many = {0};
    (void)state;
    assert_taken(list, "{\"a\":[{\"p\":1,\"q\":2},{\"p\":3}],\"b\":[4,5],\"c/d~e\":6,\"f\":7}",
                 "{\"a\":[{\"q\":2},{}],\"b\":[],\"f\":7}");
    assert_taken("x-personal: true", "{\"a\":[1],\"b\":2}", "{}");
    buf_add_text(&many, "{\"b\":[0");
    for (int i = 0; i < 500; i++)
        buf_add_text(&many, ",1");
    buf_add_text(&many, "],\"g\":2}");
    assert_taken(list, buf_text(&many), "{\"b\":[],\"g\":2}");
    buf_fini(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_told_in_words),
        cmocka_unit_test(allowed_values_are_listed),
        cmocka_unit_test(numbers_have_limits),
        cmocka_unit_test(texts_are_measured_in_characters),
        cmocka_unit_test(a_pattern_is_explained_by_its_title),
        cmocka_unit_test(fields_are_missing_or_unknown),
        cmocka_unit_test(lists_are_measured),
        cmocka_unit_test(forms_are_chosen),
        cmocka_unit_test(long_values_are_cut_at_a_character),
        cmocka_unit_test(a_fault_at_the_top_has_a_name),
        cmocka_unit_test(more_than_64_required_fields_are_all_required),
        cmocka_unit_test(a_pattern_that_takes_for_ever_is_stopped),
        cmocka_unit_test(long_lists_are_searched_for_doubles_in_linear_time),
        cmocka_unit_test(what_is_no_schema_is_refused_where_it_stands),
        cmocka_unit_test(every_refused_keyword_is_refused),
        cmocka_unit_test(a_circle_without_a_step_into_the_value_is_refused),
        cmocka_unit_test(definitions_may_stand_in_another_file),
        cmocka_unit_test(marked_values_are_found),
        cmocka_unit_test(marks_are_found_through_every_applicator),
        cmocka_unit_test(marked_values_are_taken_out_however_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
