#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/log.h"

static char said[65536];
static int real_stderr, pipes[2];

// stderr goes into a pipe while a line is written.
static void begin(void)
{
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
}

static const char *end(void)
{
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    close(pipes[1]);
    ssize_t length = read(pipes[0], said, sizeof said - 1);
    close(pipes[0]);
    said[length > 0 ? length : 0] = '\0';
    return said;
}

static void a_line_is_what_was_said(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_INFO, 0);
    begin();
    log_info("journal opened head=%d file=%s", 17, "Ёлка.db");
    assert_string_equal(end(), "journal opened head=17 file=Ёлка.db\n");
}

static void levels_are_filtered_and_prefixed(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_WARNING, 1);
    begin();
    log_info("not said");
    log_debug("not said");
    log_warning("said");
    log_error("said too");
    assert_string_equal(end(), "<4>said\n<3>said too\n");
    log_open(LOG_LEVEL_INFO, 0);
}

static void a_line_cannot_be_forged(void **state)
{
    (void)state;
    begin();
    log_info("name=%s", "a\n<3>disk full\r\x1b[2J\x7f\xC2\x9B"
                        "8m\xE2\x80\xAE!\xFF\t");
    assert_string_equal(end(),
                        "name=a\\x0a<3>disk full\\x0d\\x1b[2J\\x7f\\xc2\\x9b8m\\xe2\\x80\\xae!"
                        "\\xff\\x09\n");
}

static void the_longest_line_is_cut_and_ends(void **state)
{
    static char text[10000];
    (void)state;
    memset(text, '\n', sizeof text - 1);
    begin();
    log_info("%s", text);
    size_t length = strlen(end());
    assert_true(length > 8000 && length < 8400);
    assert_string_equal(said + length - 5, "\\x0a\n");
    assert_null(memchr(said, '\n', length - 1));
}

static void errno_is_left_as_it_was(void **state)
{
    (void)state;
    int closed = dup(STDERR_FILENO);
    close(STDERR_FILENO);
    errno = ENOSPC;
    log_info("to nowhere");
    int after = errno;
    dup2(closed, STDERR_FILENO);
    close(closed);
    assert_int_equal(after, ENOSPC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_what_was_said),
        cmocka_unit_test(levels_are_filtered_and_prefixed),
        cmocka_unit_test(a_line_cannot_be_forged),
        cmocka_unit_test(the_longest_line_is_cut_and_ends),
        cmocka_unit_test(errno_is_left_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
