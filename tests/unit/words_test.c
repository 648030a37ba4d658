// Short texts are found by the beginnings of their words.
#include "lib/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int fit(const char *title, const char *text, const char *typed)
{
    char *titles = words_fold(title, NULL);
    char *all = words_fold(title, text);
    int found = words_fit(titles, all, slice_of(typed));

    free(titles);
    free(all);
    return found;
}

static void every_word_typed_must_begin_one_of_the_text(void **state)
{
    (void)state;
    assert_true(fit("Office hours", "from nine to five", "off fiv"));
    assert_false(fit("Office hours", "from nine to five", "off six"));
    assert_false(fit("Office hours", "from nine to five", "ffice"));
    assert_true(fit("Office hours", NULL, ""));
}

static void case_io_and_punctuation_do_not_matter(void **state)
{
    (void)state;
    assert_true(fit("Учёт «Счётчики» — №5", NULL, "учет счетчики 5"));
    assert_true(fit("Показания: 23-го", NULL, "ПОКАЗАНИЯ, 23 го"));
}

static void a_word_in_the_title_counts_more(void **state)
{
    (void)state;
    assert_true(fit("Readings", "when", "read") > fit("Meter", "readings when", "read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_typed_must_begin_one_of_the_text),
        cmocka_unit_test(case_io_and_punctuation_do_not_matter),
        cmocka_unit_test(a_word_in_the_title_counts_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
