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
#include "lib/text.h"

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

// Logs a text and reads what came of it: one line, without anything that steers or hides.
static void expect_harmless(const char *text)
{
    begin();
    log_info("%s", text);
    const char *line = end();
    struct slice left = slice_of(line);

    assert_true(left.length > 0 && line[left.length - 1] == '\n');
    left.length--;
    while (left.length) {
        uint32_t rune;
        size_t length = text_decode(left, &rune);
        if (text_forbidden(rune) || (rune == TEXT_REPLACEMENT && length == 1))
            fail_msg("U+%04X", rune);
        left = (struct slice){left.data + length, left.length - length};
    }
}

static void no_code_point_and_no_pair_of_bytes_steers_a_terminal(void **state)
{
    enum { RUNES = 300 };
    char text[RUNES * 4 + 1];
    size_t used = 0;

    (void)state;
    log_open(LOG_LEVEL_INFO, 0);
    for (uint32_t rune = 1; rune < 0x110000; rune++) {
        used += text_encode(rune, text + used);
        if (rune % RUNES && rune != 0x10FFFF)
            continue;
        text[used] = '\0';
        expect_harmless(text);
        used = 0;
    }
    for (int pair = 0x100; pair < 0x10000; pair++) {
        text[used++] = (char)(pair >> 8);
        text[used++] = pair & 0xFF ? (char)(pair & 0xFF) : '0';
        text[used++] = ' ';
        if (pair % RUNES && pair != 0xFFFF)
            continue;
        text[used] = '\0';
        expect_harmless(text);
        used = 0;
    }
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
        cmocka_unit_test(no_code_point_and_no_pair_of_bytes_steers_a_terminal),
        cmocka_unit_test(the_longest_line_is_cut_and_ends),
        cmocka_unit_test(errno_is_left_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
