// Whole files: what is read, how much of it, what is said when there is nothing.
#include "lib/file.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void a_file_is_read_whole_or_as_far_as_asked(void **state)
{
    enum { BYTES = 200000 }; // several blocks
    char *directory = scratch_new();
    char path[512];
    struct buf text = {0};
    struct err err;

    (void)state;
    snprintf(path, sizeof path, "%s/file", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < BYTES; i++)
        fputc('a' + i % 26, file);
    fclose(file);
    buf_add_text(&text, "before ");
    assert_int_equal(file_read(path, SIZE_MAX, &text, &err), ERR_OK);
    assert_int_equal(text.length, BYTES + 7);
    assert_memory_equal(text.data, "before abc", 10);
    buf_clear(&text);
    assert_int_equal(file_read(path, 65540, &text, &err), ERR_OK);
    assert_int_equal(text.length, 65540);
    buf_clear(&text);
    assert_int_equal(file_read(path, 0, &text, &err), ERR_OK);
    assert_int_equal(text.length, 0);
    buf_fini(&text);
    scratch_remove(directory);
}

static void an_absent_file_and_a_directory_are_named(void **state)
{
    struct buf text = {0};
    struct err err;

    (void)state;
    assert_int_equal(file_read("/no/such/file", SIZE_MAX, &text, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message[LANGUAGE_RU], "/no/such/file"));
    assert_int_equal(file_read("/tmp", SIZE_MAX, &text, &err), ERR_INVALID);
    assert_non_null(strstr(err.message[LANGUAGE_EN], "/tmp"));
    assert_int_equal(text.length, 0);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_read_whole_or_as_far_as_asked),
        cmocka_unit_test(an_absent_file_and_a_directory_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
