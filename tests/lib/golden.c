#include "tests/lib/golden.h"

#include "lib/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void read_file(const char *path, struct buf *out)
{
    char bytes[4096];
    size_t length;
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while ((length = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_add(out, bytes, length);
    fclose(file);
}

static void write_file(const char *path, struct slice text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.length, file), text.length);
    assert_int_equal(fclose(file), 0);
}

static void print_difference(const char *path, const char *wanted, const char *got)
{
    for (int line = 1; *wanted || *got; line++) {
        size_t wanted_length = strcspn(wanted, "\n");
        size_t got_length = strcspn(got, "\n");
        if (wanted_length != got_length || memcmp(wanted, got, got_length) != 0) {
            print_error("%s:%d\n  wanted: %.*s\n  got:    %.*s\n", path, line, (int)wanted_length,
                        wanted, (int)got_length, got);
            return;
        }
        wanted += wanted_length + (wanted[wanted_length] != '\0');
        got += got_length + (got[got_length] != '\0');
    }
}

void golden_check(const char *name, struct slice text)
{
    char path[512];
    snprintf(path, sizeof path, "tests/golden/%s.txt", name);
    golden_check_file(path, text);
}

void golden_check_file(const char *path, struct slice text)
{
    struct buf wanted = {0};
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && *update == '1') {
        write_file(path, text);
        return;
    }
    read_file(path, &wanted);
    bool same = slice_equal((struct slice){wanted.data, wanted.length}, text);
    if (!same)
        print_difference(path, buf_text(&wanted), text.data);
    buf_fini(&wanted);
    assert_true(same);
}
