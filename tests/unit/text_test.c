#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/shared.h"
#include "tui/surface.h"

static void expect_filtered(const char *text, const char *wanted)
{
    struct buf out = {0};
    text_filter(slice_of(text), &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_fini(&out);
}

static void expect_folded(const char *text, const char *wanted)
{
    struct buf out = {0};
    text_fold(slice_of(text), &out);
    assert_string_equal(buf_text(&out), wanted);
    buf_fini(&out);
}

static void controls_bidi_and_zero_width_are_not_stored(void **state)
{
    (void)state;
    expect_filtered("a\033[31mb\177", "a[31mb");
    expect_filtered("one\r\ntwo\tthree", "one two three");
    expect_filtered("х\xE2\x80\xAEу\xE2\x80\x8Bz\xEF\xBB\xBF\xC2\xADi\xC2\x9B", "хуzi");
    expect_filtered("a\xFF\xC0\xAFz", "az");
    expect_filtered("и\xCC\x86", "й");
    expect_filtered("e\xCC\x81\xCC\x82\xCC\x83\xCC\x84\xCC\x85\xCC\x86",
                    "é\xCC\x82\xCC\x83\xCC\x84\xCC\x85");
}

static void filtering_twice_changes_nothing(void **state)
{
    (void)state;
    srand(5);
    for (int round = 0; round < 20000; round++) {
        char bytes[40];
        struct buf once = {0};
        struct buf twice = {0};
        size_t length = 0;
        while (length < sizeof bytes - 4) {
            uint32_t rune = rand() % 3 ? (uint32_t)rand() % 0x500 : (uint32_t)rand() % 0x110000;
            length += text_encode(rune, bytes + length);
        }
        text_filter((struct slice){bytes, length}, &once);
        text_filter((struct slice){once.data, once.length}, &twice);
        assert_string_equal(buf_text(&once), buf_text(&twice));
        buf_fini(&once);
        buf_fini(&twice);
    }
}

static void folding_ignores_case_and_yo_but_not_short_i(void **state)
{
    (void)state;
    expect_folded("ул. БЕРЁЗОВАЯ", "ул. березовая");
    expect_folded("Йод", "йод");
    expect_folded("Straße И\xCC\x86", "strasse й");
    expect_folded("Ґанок Ѐ Ѣ", "ґанок ѐ ѣ");
}

static void bytes_that_are_not_utf8_read_one_at_a_time(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "\xE2\x82", "\x80",         "\xFE"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t rune = 0;
        assert_false(text_valid(slice_of(bad[i])));
        assert_int_equal(text_decode(slice_of(bad[i]), &rune), 1);
        assert_int_equal(rune, TEXT_REPLACEMENT);
    }
    assert_true(text_valid(slice_of("\xEF\xBF\xBD й €")));
}

static void every_rune_takes_one_cell_or_none(void **state)
{
    (void)state;
    for (uint32_t rune = 0; rune <= 0x110000; rune++) {
        uint32_t drawn = text_drawable(rune);
        char bytes[4];
        if (drawn == 0)
            continue;
        assert_false(text_forbidden(drawn));
        assert_true(drawn >= 0x20 && (drawn < 0x7F || drawn > 0x9F));
        assert_int_equal(text_rune_width(drawn), text_mark(drawn) ? 0 : 1);
        struct slice text = {bytes, text_encode(rune, bytes)};
        assert_int_equal(text_width(text), text_mark(drawn) ? 0 : 1);
    }
}

// What the filter lets through, and where it says beforehand that there is nothing to do.
static void assert_entered(struct slice text, struct buf *out)
{
    struct slice passed = text;
    uint32_t rune;

    buf_clear(out);
    text_filter(text, out);
    if (text_needs_filter(text))
        passed = (struct slice){out->data, out->length};
    assert_true(text_valid(passed));
    for (size_t at = 0; at < passed.length;) {
        at += text_decode((struct slice){passed.data + at, passed.length - at}, &rune);
        assert_false(text_forbidden(rune));
        assert_true(rune == '\n' || rune == '\t' || (rune >= 0x20 && (rune < 0x7F || rune > 0x9F)));
    }
}

static void no_code_point_and_no_pair_of_bytes_enters_as_a_control(void **state)
{
    struct buf out = {0};

    (void)state;
    for (uint32_t rune = 0; rune < 0x110000; rune++) {
        char bytes[8] = "a";
        size_t length = 1 + text_encode(rune, bytes + 1);

        bytes[length++] = 'b';
        assert_entered((struct slice){bytes, length}, &out);
    }
    for (int pair = 0; pair < 0x10000; pair++) {
        const char bytes[] = {'a', (char)(pair >> 8), (char)(pair & 0xFF), 'b'};

        assert_entered((struct slice){bytes, sizeof bytes}, &out);
        assert_entered((struct slice){bytes + 1, 2}, &out);
    }
    buf_fini(&out);
}

static void clipping_keeps_a_letter_with_its_marks(void **state)
{
    (void)state;
    struct slice clipped = text_clip(slice_of("за\xCC\x81мок"), 2);
    assert_int_equal(clipped.length, strlen("за\xCC\x81"));
    assert_int_equal(text_width(slice_of("за\xCC\x81мок")), 5);
}

// Paints a text and looks at every cell: one drawable rune, and nothing outside its row.
static void paint_and_check(struct slice text)
{
    struct surface surface;
    surface_init(&surface, 3, 60);
    surface_put(&surface, surface_rect(&surface), 1, 0, ROLE_NORMAL, text);
    for (int column = 0; column < 60; column++) {
        assert_int_equal(surface_cell(&surface, 0, column)->rune, ' ');
        assert_int_equal(surface_cell(&surface, 2, column)->rune, ' ');
        const struct cell *cell = surface_cell(&surface, 1, column);
        assert_int_equal(text_drawable(cell->rune), cell->rune);
        assert_int_equal(text_rune_width(cell->rune), 1);
        assert_true(cell->mark == 0 || (cell->mark >= 0x300 && cell->mark <= 0x36F));
    }
    surface_fini(&surface);
}

static void check_lines(const char *below)
{
    char path[1024];
    struct buf text = {0};
    if (!shared_path(path, below))
        skip();
    assert_true(shared_read_file(path, &text));
    for (size_t at = 0; at < text.length;) {
        struct slice line = {text.data + at, strcspn(text.data + at, "\n")};
        struct buf filtered = {0};
        paint_and_check(line);
        text_filter(line, &filtered);
        assert_true(text_valid((struct slice){filtered.data, filtered.length}));
        for (size_t i = 0; i < filtered.length;) {
            uint32_t rune;
            i += text_decode((struct slice){filtered.data + i, filtered.length - i}, &rune);
            assert_false(text_forbidden(rune));
        }
        buf_fini(&filtered);
        at += line.length + 1;
    }
    buf_fini(&text);
}

static void naughty_strings_are_drawn_cell_by_cell(void **state)
{
    (void)state;
    check_lines("data/text/blns.txt");
}

static void kuhns_utf8_test_is_drawn_cell_by_cell(void **state)
{
    (void)state;
    check_lines("data/text/UTF-8-test.txt");
}

// Eight bytes are looked at together: each ASCII byte at each of their places.
static void plain_text_needs_no_filter_and_a_control_always_does(void **state)
{
    (void)state;
    for (int c = 0; c < 0x80; c++) {
        for (size_t at = 0; at < 17; at++) {
            char text[17];
            memset(text, '~', sizeof text);
            text[at] = (char)c;
            bool plain = c >= 0x20 && c < 0x7F;
            assert_int_equal(text_needs_filter((struct slice){text, sizeof text}), !plain);
            text[(at + 1) % sizeof text] = ' ';
            assert_int_equal(text_needs_filter((struct slice){text, sizeof text}), !plain);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_needs_no_filter_and_a_control_always_does),
        cmocka_unit_test(controls_bidi_and_zero_width_are_not_stored),
        cmocka_unit_test(filtering_twice_changes_nothing),
        cmocka_unit_test(folding_ignores_case_and_yo_but_not_short_i),
        cmocka_unit_test(bytes_that_are_not_utf8_read_one_at_a_time),
        cmocka_unit_test(every_rune_takes_one_cell_or_none),
        cmocka_unit_test(no_code_point_and_no_pair_of_bytes_enters_as_a_control),
        cmocka_unit_test(clipping_keeps_a_letter_with_its_marks),
        cmocka_unit_test(naughty_strings_are_drawn_cell_by_cell),
        cmocka_unit_test(kuhns_utf8_test_is_drawn_cell_by_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
