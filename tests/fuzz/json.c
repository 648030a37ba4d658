// Any bytes: they are refused with a sentence, or become a tree that is written and read back the same.
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/json.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(struct json_doc *doc, struct json_doc *other, const struct json *value)
{
    struct buf first = {0}, second = {0};
    struct err err;

    json_write(&first, value);
    const struct json *read = json_parse(other, first.data, first.length, JSON_DEPTH_DEFAULT, &err);
    assert(read && json_equal(value, read) && json_equal(read, value));
    json_write(&second, read);
    assert(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);

    buf_clear(&first);
    json_write_canonical(&first, value);
    read = json_parse(other, first.data, first.length, JSON_DEPTH_DEFAULT, &err);
    assert(read);
    buf_clear(&second);
    json_write_canonical(&second, read);
    assert(first.length == second.length && memcmp(first.data, second.data, first.length) == 0);

    // The copy lies behind the tree in the same arena.
    assert(json_equal(json_copy(doc, value), value));
    buf_fini(&first);
    buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *doc = json_doc_new();
    struct json_doc *other = json_doc_new();
    struct err err = {0};
    const struct json *value = json_parse(doc, (const char *)data, size, JSON_DEPTH_DEFAULT, &err);

    if (value) {
        check_json(doc, other, value);
    } else {
        assert(err.code == ERR_INVALID && err.path[0] != '\0');
        assert(text_valid(slice_of(err.message[LANGUAGE_EN])));
        assert(text_valid(slice_of(err.message[LANGUAGE_RU])));
    }
    json_doc_free(doc);
    json_doc_free(other);
    return 0;
}
