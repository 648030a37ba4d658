// A schema in YAML, a line "%%", a value in JSON. Compiling and checking end, and say why not.
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/schema.h"
#include "lib/text.h"
#include "lib/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_marked(void *context, const char *pointer, const struct json *value)
{
    const struct json *root = context;

    // Every pointer that is given leads to the value that is given.
    assert(json_pointer(root, slice_of(pointer)) == value);
}

static void check_said(const struct err *err)
{
    assert(err->code == ERR_INVALID && err->message[LANGUAGE_EN][0] &&
           err->message[LANGUAGE_RU][0]);
    assert(text_valid(slice_of(err->message[LANGUAGE_EN])));
    assert(text_valid(slice_of(err->message[LANGUAGE_RU])));
}

static void check_value(const struct schema *schema, const char *text, size_t size)
{
    struct json_doc *doc = json_doc_new();
    struct err err = {0};
    struct json *value = json_parse(doc, text, size, JSON_DEPTH_DEFAULT, &err);

    if (value) {
        enum err_code code = schema_check(schema, value, "/data", &err);
        assert(code == schema_check(schema, value, "/data", NULL));
        if (code != ERR_OK)
            check_said(&err);
        schema_marked(schema, SCHEMA_PERSONAL, value, count_marked, value);
        schema_marked(schema, SCHEMA_FREE_TEXT, value, count_marked, value);
    }
    json_doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *cut = size > 0 ? memmem(text, size, "\n%%\n", 4) : NULL;
    size_t yaml_size = cut ? (size_t)(cut - text) : size;
    struct json_doc *doc = json_doc_new();
    struct err err = {0};
    const struct json *tree = yaml_parse(doc, text, yaml_size, "fuzz", &err);
    struct schema *schema = tree ? schema_compile(tree, "fuzz", NULL, NULL, &err) : NULL;

    if (!schema)
        check_said(&err);
    json_doc_free(doc);
    if (schema && cut)
        check_value(schema, cut + 4, size - yaml_size - 4);
    schema_free(schema);
    return 0;
}
