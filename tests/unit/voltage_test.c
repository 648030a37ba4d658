// ГОСТ 32144: ±10 % of the nominal that is meant.
#include "lib/voltage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_voltage_is_judged_by_the_nominal_that_is_meant(void **state)
{
    static const struct voltage_rule rule = {230, 400, 10}, old = {220, 380, 10};
    static const struct {
        const struct voltage_rule *rule;
        int64_t place, volts, nominal, low, high;
        bool within;
    } cases[] = {
        {&rule, 0, 206, 230, 207, 253, false},
        {&rule, 0, 207, 230, 207, 253, true},
        {&rule, 0, 253, 230, 207, 253, true},
        {&rule, 0, 254, 230, 207, 253, false},
        {&rule, 0, 0, 230, 207, 253, false},
        {&rule, 0, 303, 230, 207, 253, false},
        {&rule, 0, 304, 400, 360, 440, false},
        {&rule, 0, 360, 400, 360, 440, true},
        {&rule, 0, 441, 400, 360, 440, false},
        {&old, 0, 198, 220, 198, 242, true},
        {&old, 0, 243, 220, 198, 242, false},
        {&rule, 10000, 9000, 10000, 9000, 11000, true},
        {&rule, 10000, 400, 10000, 9000, 11000, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct voltage_verdict verdict;

        assert_true(voltage_judge(cases[i].rule, cases[i].place, cases[i].volts, &verdict));
        assert_int_equal(verdict.nominal, cases[i].nominal);
        assert_int_equal(verdict.low, cases[i].low);
        assert_int_equal(verdict.high, cases[i].high);
        assert_int_equal(verdict.within, cases[i].within);
    }
}

static void what_is_not_whole_is_rounded_inwards(void **state)
{
    static const struct voltage_rule rule = {127, 0, 5};
    struct voltage_verdict verdict;

    (void)state;
    assert_true(voltage_judge(&rule, 0, 133, &verdict)); // 120.65 to 133.35
    assert_int_equal(verdict.low, 121);
    assert_int_equal(verdict.high, 133);
    assert_true(verdict.within);
    assert_true(voltage_judge(&rule, 0, 134, &verdict));
    assert_false(verdict.within);
}

static void without_a_rule_nothing_is_judged(void **state)
{
    static const struct voltage_rule none = {0};
    struct voltage_verdict verdict;

    (void)state;
    assert_false(voltage_judge(&none, 0, 230, &verdict));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voltage_is_judged_by_the_nominal_that_is_meant),
        cmocka_unit_test(what_is_not_whole_is_rounded_inwards),
        cmocka_unit_test(without_a_rule_nothing_is_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
