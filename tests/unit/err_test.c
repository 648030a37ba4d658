#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/err.h"
#include "lib/text.h"

static struct err err;

static void an_error_has_a_sentence_in_each_language(void **state)
{
    (void)state;
    memset(&err, 'x', sizeof err);
    assert_int_equal(
        err_set(&err, ERR_LIMIT, "too_large", "%d is more than %d.", "%d больше %d.", 5, 4),
        ERR_LIMIT);
    assert_int_equal(err.code, ERR_LIMIT);
    assert_int_equal(err.index, -1);
    assert_int_equal(err.retry_ms, 0);
    assert_string_equal(err.reason, "too_large");
    assert_string_equal(err.path, "");
    assert_string_equal(err.message[LANGUAGE_EN], "5 is more than 4.");
    assert_string_equal(err.message[LANGUAGE_RU], "5 больше 4.");
    err_set_path(&err, "/data/%s", "x");
    assert_string_equal(err.path, "/data/x");
    err_clear(&err);
    assert_int_equal(err.code, ERR_OK);
    assert_string_equal(err.message[LANGUAGE_EN], "");
}

static void ready_sentences_are_taken_as_they_are(void **state)
{
    (void)state;
    assert_int_equal(err_say(&err, ERR_DENIED, "no", "100% no: %s", "100% нет: %s"), ERR_DENIED);
    assert_string_equal(err.message[LANGUAGE_EN], "100% no: %s.");
    assert_string_equal(err.message[LANGUAGE_RU], "100% нет: %s.");
}

static void a_sentence_has_its_capital_and_its_full_stop(void **state)
{
    (void)state;
    err_set(&err, ERR_INVALID, "x", "the field is %s", "поле: %s", "bad");
    assert_string_equal(err.message[LANGUAGE_EN], "The field is bad.");
    assert_string_equal(err.message[LANGUAGE_RU], "Поле: bad.");
    err_set(&err, ERR_INVALID, "x", "ёлка — %s", "%s: ёлка", "ipc://a");
    assert_string_equal(err.message[LANGUAGE_EN], "Ёлка — ipc://a.");
    assert_string_equal(err.message[LANGUAGE_RU], "ipc://a: ёлка.");
    err_set(&err, ERR_INVALID, "x", "Is it so?", "Так ли это?");
    assert_string_equal(err.message[LANGUAGE_EN], "Is it so?");
    assert_string_equal(err.message[LANGUAGE_RU], "Так ли это?");
}

static void the_code_alone_may_be_wanted(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_CONFLICT, "x", "x", "x"), ERR_CONFLICT);
    assert_int_equal(err_say(NULL, ERR_CONFLICT, "x", "x", "x"), ERR_CONFLICT);
    err_set_path(NULL, "x");
}

static void too_long_a_sentence_is_cut_at_a_character(void **state)
{
    static const char *const letters[] = {"x", "ё", "€", "🎄"};
    (void)state;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        for (int shift = 0; shift < 4; shift++) {
            char text[2000] = "";
            memset(text, '.', (size_t)shift);
            while (strlen(text) < sizeof text - 8)
                strcat(text, letters[i]);
            err_set(&err, ERR_INVALID, "long", "%s", "%s", text);
            err_set_path(&err, "%s", text);
            size_t length = strlen(err.message[LANGUAGE_RU]);
            assert_true(length >= ERR_MESSAGE_BYTES - 4 && length < ERR_MESSAGE_BYTES);
            assert_true(text_valid(slice_of(err.message[LANGUAGE_EN])));
            assert_true(text_valid(slice_of(err.message[LANGUAGE_RU])));
            assert_true(text_valid(slice_of(err.path)));
            err_say(&err, ERR_INVALID, "long", text, text);
            assert_true(text_valid(slice_of(err.message[LANGUAGE_RU])));
        }
    }
}

static void words_codes_and_exit_statuses_belong_together(void **state)
{
    static const int statuses[ERR_COUNT] = {0, 3, 4, 5, 6, 7, 8}; // PROTOCOL §6
    (void)state;
    for (int code = 0; code < ERR_COUNT; code++) {
        assert_int_equal(err_code_of(err_word((enum err_code)code)), code);
        assert_int_equal(err_exit_status((enum err_code)code), statuses[code]);
    }
    assert_string_equal(err_word(ERR_NOT_FOUND), "not_found");
    assert_int_equal(err_code_of("brand_new"), ERR_UNAVAILABLE);
}

static void the_environment_names_a_language_by_its_first_variable_that_is_set(void **state)
{
    (void)state;
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    unsetenv("LANG");
    assert_int_equal(language_of_environment(LANGUAGE_RU), LANGUAGE_RU);
    setenv("LANG", "ru_RU.UTF-8", 1);
    assert_int_equal(language_of_environment(LANGUAGE_EN), LANGUAGE_RU);
    setenv("LC_MESSAGES", "en_GB.UTF-8", 1);
    assert_int_equal(language_of_environment(LANGUAGE_RU), LANGUAGE_EN);
    setenv("LC_ALL", "", 1); // set to nothing is not set
    assert_int_equal(language_of_environment(LANGUAGE_RU), LANGUAGE_EN);
    setenv("LC_ALL", "C.UTF-8", 1);
    assert_int_equal(language_of_environment(LANGUAGE_RU), LANGUAGE_RU);
}

static void languages_have_names(void **state)
{
    (void)state;
    assert_int_equal(language_of("ru_RU.UTF-8", LANGUAGE_EN), LANGUAGE_RU);
    assert_int_equal(language_of("en", LANGUAGE_RU), LANGUAGE_EN);
    assert_int_equal(language_of("C", LANGUAGE_RU), LANGUAGE_RU);
    assert_int_equal(language_of("rubbish", LANGUAGE_EN), LANGUAGE_EN);
    assert_true(language_is_known("en-GB") && !language_is_known("english"));
    assert_true(!language_is_known("") && !language_is_known(NULL));
    assert_int_equal(language_of(NULL, LANGUAGE_EN), LANGUAGE_EN);
    assert_string_equal(language_name(LANGUAGE_RU), "ru");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_sentence_in_each_language),
        cmocka_unit_test(ready_sentences_are_taken_as_they_are),
        cmocka_unit_test(a_sentence_has_its_capital_and_its_full_stop),
        cmocka_unit_test(the_code_alone_may_be_wanted),
        cmocka_unit_test(too_long_a_sentence_is_cut_at_a_character),
        cmocka_unit_test(words_codes_and_exit_statuses_belong_together),
        cmocka_unit_test(languages_have_names),
        cmocka_unit_test(the_environment_names_a_language_by_its_first_variable_that_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
