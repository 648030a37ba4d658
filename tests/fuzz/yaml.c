// Any bytes: they are refused with a place and a sentence, or become a tree that is also JSON.
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/text.h"
#include "lib/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_yaml(const struct json *value)
{
    struct json_doc *other = json_doc_new();
    struct buf text = {0};
    struct err err;
    int line, column;

    yaml_place(value, &line, &column);
    assert(line > 0 && column > 0);
    json_write(&text, value);
    const struct json *read = json_parse(other, text.data, text.length, JSON_DEPTH_DEFAULT, &err);
    assert(read && json_equal(value, read));
    buf_fini(&text);
    json_doc_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *doc = json_doc_new();
    struct err err = {0};
    const struct json *value = yaml_parse(doc, (const char *)data, size, "fuzz", &err);

    if (value) {
        check_yaml(value);
    } else {
        assert(err.code == ERR_INVALID && strncmp(err.path, "fuzz:", 5) == 0);
        assert(text_valid(slice_of(err.message[LANGUAGE_EN])));
        assert(text_valid(slice_of(err.message[LANGUAGE_RU])));
    }
    json_doc_free(doc);
    return 0;
}
