// The rules of grouping: the file in config/ is the table; what is wrong in a file is said and placed.
#include "busd/rules.h"
#include "lib/path.h"
#include "tests/lib/golden.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err_code read_text(const char *text, struct rules *rules, struct err *err)
{
    char *directory = scratch_new(), path[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/rules.yaml", directory);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    enum err_code code = rules_read(rules, path, err);
    scratch_remove(directory);
    return code;
}

static void the_file_in_config_is_the_printed_table(void **state)
{
    char share[PATH_BYTES], path[PATH_BYTES + 32];
    struct buf printed = {0};
    struct rules defaults, read;
    struct err err;

    (void)state;
    rules_print_defaults(&printed);
    golden_check_file("config/rules.yaml", (struct slice){printed.data, printed.length});
    buf_fini(&printed);
    assert_int_equal(path_share(share, &err), ERR_OK);
    snprintf(path, sizeof(path), "%s/config/rules.yaml", share);
    assert_int_equal(rules_read(&defaults, NULL, &err), ERR_OK);
    assert_int_equal(rules_read(&read, path, &err), ERR_OK);
    assert_memory_equal(&defaults, &read, sizeof(read));
}

static void storm_has_what_normal_has_but_for_its_own(void **state)
{
    struct rules rules;
    struct err err;

    (void)state;
    const char *text =
        "normal:\n  faults: {transformer: 0.5}\n  callers: {share: {1: 0.6, 20: 0.25}}\n"
        "  several: {faults: 4.25, moments: []}\nstorm:\n  one: {probability: 0.1}\n";
    assert_int_equal(read_text(text, &rules, &err), ERR_OK);
    const struct group_rules *normal = &rules.sets[GROUP_RULES_NORMAL],
                             *storm = &rules.sets[GROUP_RULES_STORM];
    assert_int_equal(normal->faults_ppm[GROUP_TRANSFORMER], 500000);
    assert_int_equal(storm->faults_ppm[GROUP_TRANSFORMER], 500000);
    assert_int_equal(storm->callers_count, 2);
    assert_int_equal(storm->callers[1].premises, 20);
    assert_int_equal(storm->callers[1].share_ppm, 250000);
    assert_int_equal(storm->several.faults_milli, 4250);
    assert_int_equal(storm->several_moments.count, 0);
    assert_int_equal(normal->one_ppm, 750000);
    assert_int_equal(storm->one_ppm, 100000);
    assert_int_equal(normal->window_ms, 60 * 60000);
    assert_int_equal(storm->window_ms, 180 * 60000); // its own default stands
}

static void what_is_wrong_is_placed_and_nothing_is_taken_over(void **state)
{
    static const struct {
        const char *text, *place;
    } wrong[] = {
        {"normal:\n  faults: {transformers: 0.5}\n", ":2:"},
        {"normal:\n  faults: {transformer: 1.5}\n", ":2:"},
        {"normal:\n  faults: {transformer: -1}\n", ":2:"},
        {"normal:\n  faults: {premise: 0}\n", ":1:"},
        {"normal:\n  callers: {share: {2: 0.5}}\n", ":2:"},
        {"normal:\n  callers: {share: {1: 0.5, 1: 0.4}}\n", ":2:"},
        {"normal:\n  callers: {share: {1: 0.5, 10: 0.999}}\n", ":2:"},
        {"normal:\n  callers: {window: 1h}\n", ":2:"},
        {"normal:\n  one: {moments: 0.5}\n", ":2:"},
        {"normal:\n  one: {burst_calls: 1.5}\n", ":2:"},
        {"normal:\n  faults: 3\n", ":2:"},
        {"calm:\n  faults: {premise: 1}\n", ":1:"},
        {"- normal\n", ":1:"},
    };
    struct rules defaults;

    (void)state;
    assert_int_equal(rules_read(&defaults, NULL, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct rules rules;
        struct err err;

        err_clear(&err);
        assert_int_equal(read_text(wrong[i].text, &rules, &err), ERR_INVALID);
        assert_non_null(strstr(err.path, wrong[i].place));
        assert_non_null(strstr(err.message[LANGUAGE_RU], wrong[i].place));
        assert_memory_equal(&rules, &defaults, sizeof(rules));
    }
}

// What is written is read back, also where `storm` has what `normal` has.
static void rules_that_are_printed_are_read_as_they_were(void **state)
{
    const char *text =
        "normal:\n  faults: {line: 0.000001, section: 1}\n"
        "  callers: {share: {1: 0.95, 9999999: 0.000001}, window: 180m}\n"
        "  one: {moments: [0.05, 1]}\n  several: {faults: 1000000, unrelated: 0.001}\n";
    struct rules rules, again;
    struct buf printed = {0}, lines = {0};
    struct err err;

    (void)state;
    assert_int_equal(read_text(text, &rules, &err), ERR_OK);
    rules_print(&rules, "# head\n", &printed);
    assert_int_equal(read_text(buf_text(&printed), &again, &err), ERR_OK);
    assert_memory_equal(&rules, &again, sizeof(rules));
    rules_lines(&rules.sets[GROUP_RULES_NORMAL], &lines);
    struct group_rules folded;
    group_rules_default(&folded, GROUP_RULES_STORM);
    for (const char *at = buf_text(&lines); *at; at += strcspn(at, "\n"), at += *at == '\n')
        assert_true(group_rules_read_line((struct slice){at, strcspn(at, "\n")}, &folded));
    assert_memory_equal(&folded, &rules.sets[GROUP_RULES_NORMAL], sizeof(folded));
    assert_false(group_rules_read_line(slice_of("faults.cloud=0.1"), &folded));
    assert_false(group_rules_read_line(slice_of("faults.line"), &folded));
    buf_fini(&printed);
    buf_fini(&lines);
}

static void a_file_that_is_not_there_is_not_found(void **state)
{
    struct rules rules;
    struct err err;

    (void)state;
    assert_int_equal(rules_read(&rules, "/nonexistent/rules.yaml", &err), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_in_config_is_the_printed_table),
        cmocka_unit_test(storm_has_what_normal_has_but_for_its_own),
        cmocka_unit_test(what_is_wrong_is_placed_and_nothing_is_taken_over),
        cmocka_unit_test(rules_that_are_printed_are_read_as_they_were),
        cmocka_unit_test(a_file_that_is_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
