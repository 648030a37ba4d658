#include "lib/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void check(void (*mask)(struct slice, struct buf *), const char *text, const char *expected)
{
    struct buf out = {0};

    mask(slice_of(text), &out);
    assert_string_equal(buf_text(&out), expected);
    buf_fini(&out);
}

static void a_name_keeps_its_first_word_and_initials(void **state)
{
    (void)state;
    check(mask_name, "Иванов Иван Иванович", "Иванов И. И.");
    check(mask_name, "  Иванов   Иван ", "Иванов И.");
    check(mask_name, "Smith John Paul George", "Smith J. P.");
    check(mask_name, "Иванов", "И.");
    check(mask_name, "", "");
    check(mask_name, "   ", "");
}

static void a_phone_keeps_its_last_digits(void **state)
{
    (void)state;
    check(mask_phone, "+7 912 555-12-34", "+7 *** ***-12-34");
    check(mask_phone, "8 (912) 555 12 34", "+7 *** ***-12-34");
    check(mask_phone, "9125551234", "+7 *** ***-12-34");
    check(mask_phone, "+44 20 7946 0018", "***-18");
    check(mask_phone, "55512", "***-12");
    check(mask_phone, "12", "***");
    check(mask_phone, "нет", "***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_keeps_its_first_word_and_initials),
        cmocka_unit_test(a_phone_keeps_its_last_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
