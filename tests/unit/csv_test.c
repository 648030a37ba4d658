#include "lib/csv.h"
#include "lib/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, const char *expected)
{
    struct buf out = {0};

    csv_add_text(&out, slice_of(text));
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void a_formula_gets_a_quote(void **state)
{
    (void)state;
    check("=1+1", "\"'=1+1\"");
    check("+7 912", "\"'+7 912\"");
    check("-2", "\"'-2\"");
    check("@SUM(A1)", "\"'@SUM(A1)\"");
    check("\t=1", "\"' =1\"");
    check("\x01=1", "\"'=1\""); // what the filter uncovers is a formula too
    check("a=1", "\"a=1\"");
    check("", "\"\"");
}

static void quotes_commas_and_line_ends_stay_within_their_field(void **state)
{
    struct buf out = {0};

    (void)state;
    csv_add_text(&out, slice_of("a \"b\", c"));
    csv_add_text(&out, slice_of("d\r\ne"));
    csv_add_number(&out, slice_of("-5"));
    csv_end_line(&out);
    csv_add_text(&out, slice_of("f"));
    assert_string_equal(buf_text(&out), "\"a \"\"b\"\", c\",\"d e\",-5\r\n\"f\"");
    buf_fini(&out);
}

static void assert_harmless(struct slice field)
{
    while (field.length) {
        uint32_t rune;
        size_t length = text_decode(field, &rune);
        if (text_forbidden(rune) || (rune == TEXT_REPLACEMENT && length == 1))
            fail_msg("U+%04X", rune);
        field = (struct slice){field.data + length, field.length - length};
    }
}

static void no_code_point_and_no_pair_of_bytes_brings_a_control(void **state)
{
    struct buf out = {0};
    char bytes[5];

    (void)state;
    for (uint32_t rune = 0; rune < 0x110000; rune++) {
        buf_clear(&out);
        csv_add_text(&out, (struct slice){bytes, text_encode(rune, bytes)});
        assert_harmless((struct slice){out.data, out.length});
    }
    for (int pair = 0; pair < 0x10000; pair++) {
        bytes[0] = (char)(pair >> 8);
        bytes[1] = (char)(pair & 0xFF);
        buf_clear(&out);
        csv_add_text(&out, (struct slice){bytes, 2});
        assert_harmless((struct slice){out.data, out.length});
    }
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_formula_gets_a_quote),
        cmocka_unit_test(quotes_commas_and_line_ends_stay_within_their_field),
        cmocka_unit_test(no_code_point_and_no_pair_of_bytes_brings_a_control),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
