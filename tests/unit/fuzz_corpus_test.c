// The fuzzers' entries, run on the files of tests/fuzz/*.corpus: each found fault stays as a file there.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/lib/shared.h"

// A fuzzer is a program of its own, so its entry has one name; here they stand side by side.
#define LLVMFuzzerTestOneInput fuzz_json
#include "tests/fuzz/json.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_yaml
#include "tests/fuzz/yaml.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_schema
#include "tests/fuzz/schema.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_address
#include "tests/fuzz/address.c"
#undef LLVMFuzzerTestOneInput

struct replay {
    int (*entry)(const uint8_t *data, size_t size);
    size_t files;
};

// The whole file, and every shorter beginning of it.
static void replay_file(void *context, const char *path, const char *name)
{
    struct replay *replay = context;
    struct buf text = {0};
    (void)name;
    assert_true(shared_read_file(path, &text));
    for (size_t size = 0; size <= text.length; size++)
        assert_int_equal(replay->entry((const uint8_t *)buf_text(&text), size), 0);
    replay->files++;
    buf_fini(&text);
}

static void replay(const char *directory, int (*entry)(const uint8_t *, size_t))
{
    struct replay replay = {entry, 0};
    shared_walk(directory, replay_file, &replay);
    assert_true(replay.files >= 7);
}

static void the_json_corpus_holds(void **state)
{
    (void)state;
    replay("tests/fuzz/json.corpus", fuzz_json);
}

static void the_yaml_corpus_holds(void **state)
{
    (void)state;
    replay("tests/fuzz/yaml.corpus", fuzz_yaml);
}

static void the_schema_corpus_holds(void **state)
{
    (void)state;
    replay("tests/fuzz/schema.corpus", fuzz_schema);
}

static void the_address_corpus_holds(void **state)
{
    (void)state;
    replay("tests/fuzz/address.corpus", fuzz_address);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_json_corpus_holds),
        cmocka_unit_test(the_yaml_corpus_holds),
        cmocka_unit_test(the_schema_corpus_holds),
        cmocka_unit_test(the_address_corpus_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
