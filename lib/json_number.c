#include "lib/json_number.h"

#include <assert.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DIGITS_MOST = 17,          // no double needs more
    DIGITS_SAFE = 15,          // any decimal of so many digits survives a normal double
    POWERS_EXACT = 22,         // 10^22 is the largest power of ten that is a double
    EXPONENT_BEYOND = 1000000, // outside of everything, and sums of it do not overflow
};
#define INTEGERS_EXACT (UINT64_C(1) << 53)

static const double powers[POWERS_EXACT + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// strtod and printf write a decimal comma once a screen has set a Russian locale.
static locale_t plain_locale;
static pthread_once_t plain_locale_made = PTHREAD_ONCE_INIT;

static void make_plain_locale(void)
{
    plain_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    assert(plain_locale);
}

static double read_slowly(struct slice literal)
{
    char text[128];
    char *copy = literal.length < sizeof text ? text : malloc(literal.length + 1);
    assert(copy);
    memcpy(copy, literal.data, literal.length);
    copy[literal.length] = '\0';
    pthread_once(&plain_locale_made, make_plain_locale);
    double number = strtod_l(copy, NULL, plain_locale);
    if (copy != text)
        free(copy);
    return number;
}

// A literal taken apart: ±digits × 10^exponent; `lost` when a digit other than 0 did not fit.
struct decimal {
    bool negative, lost;
    uint64_t digits;
    int exponent;
};

static void add_digit(struct decimal *decimal, int digit, bool fraction)
{
    if (decimal->digits <= (UINT64_MAX - 9) / 10) {
        decimal->digits = decimal->digits * 10 + (unsigned)digit;
        if (fraction)
            decimal->exponent--;
    } else {
        decimal->lost = decimal->lost || digit != 0;
        if (!fraction)
            decimal->exponent++;
    }
}

static struct decimal take_apart(struct slice literal)
{
    struct decimal decimal = {0};
    const char *at = literal.data;
    const char *end = at + literal.length;
    bool fraction = false;

    if (at < end && *at == '-') {
        decimal.negative = true;
        at++;
    }
    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.')
            fraction = true;
        else
            add_digit(&decimal, *at - '0', fraction);
    }
    if (at < end) {
        int exponent = 0;
        bool down = false;
        for (at++; at < end; at++) {
            if (*at == '-')
                down = true;
            else if (*at != '+' && exponent < EXPONENT_BEYOND)
                exponent = exponent * 10 + (*at - '0');
        }
        decimal.exponent += down ? -exponent : exponent;
    }
    return decimal;
}

static bool as_integer(struct decimal decimal, int64_t *integer)
{
    if (decimal.lost)
        return false;
    if (decimal.digits == 0) {
        *integer = 0;
        return true;
    }
    for (; decimal.exponent < 0 && decimal.digits % 10 == 0; decimal.exponent++)
        decimal.digits /= 10;
    for (; decimal.exponent > 0 && decimal.digits <= UINT64_MAX / 10; decimal.exponent--)
        decimal.digits *= 10;
    if (decimal.exponent != 0 || decimal.digits > (uint64_t)INT64_MAX + decimal.negative)
        return false;
    *integer = (int64_t)(decimal.negative ? 0 - decimal.digits : decimal.digits);
    return true;
}

bool json_number_read(struct slice literal, double *number, int64_t *integer, bool *integral)
{
    struct decimal decimal = take_apart(literal);

    *integer = 0;
    *integral = as_integer(decimal, integer);
    // One operation on two exact doubles rounds once, so the result is the nearest (Clinger).
    if (!decimal.lost && decimal.digits <= INTEGERS_EXACT && decimal.exponent <= POWERS_EXACT &&
        decimal.exponent >= -POWERS_EXACT) {
        double digits = (double)decimal.digits;
        *number = decimal.exponent < 0 ? digits / powers[-decimal.exponent]
                                       : digits * powers[decimal.exponent];
        if (decimal.negative)
            *number = -*number;
        return true;
    }
    *number = read_slowly(literal);
    return isfinite(*number);
}

// base^exponent × factor mod modulus.
static uint64_t power_modulo(uint64_t factor, uint64_t base, int exponent, uint64_t modulus)
{
    unsigned __int128 result = factor % modulus;
    unsigned __int128 power = base % modulus;

    for (; exponent > 0; exponent /= 2) {
        if (exponent % 2 == 1)
            result = result * power % modulus;
        power = power * power % modulus;
    }
    return (uint64_t)result;
}

bool json_number_multiple(struct slice a, struct slice b)
{
    struct decimal x = take_apart(a);
    struct decimal y = take_apart(b);

    assert(y.digits != 0);
    if (x.digits == 0)
        return true;
    if (x.exponent >= y.exponent)
        return power_modulo(x.digits, 10, x.exponent - y.exponent, y.digits) == 0;
    for (; x.exponent < y.exponent; y.exponent--) {
        if (y.digits > UINT64_MAX / 10)
            return false; // b is larger than a
        y.digits *= 10;
    }
    return x.digits % y.digits == 0;
}

// The digits of a positive number rounded to `count` of them, and the exponent of the first.
static uint64_t round_to(double number, int count, int *exponent)
{
    char text[JSON_NUMBER_TEXT_BYTES];
    uint64_t digits = 0;
    const char *at = text;

    snprintf(text, sizeof text, "%.*e", count - 1, number);
    for (; *at != 'e'; at++) {
        if (*at != '.')
            digits = digits * 10 + (uint64_t)(*at - '0');
    }
    *exponent = atoi(at + 1);
    return digits;
}

static bool reads_back(double number, uint64_t digits, int count, int exponent)
{
    char text[JSON_NUMBER_TEXT_BYTES + 16];

    snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent - count + 1);
    double read = strtod(text, NULL);
    return read >= number && read <= number;
}

// The shortest digits of a positive number. Below a power of two doubles lie twice as dense, so
// there the next decimal above may read back although the nearest one does not.
static uint64_t shortest(double number, int *count, int *exponent)
{
    int fraction_exponent;
    bool power_of_two = frexp(number, &fraction_exponent) <= 0.5;
    uint64_t digits = 0;

    for (*count = isnormal(number) ? DIGITS_SAFE : 1; *count <= DIGITS_MOST; ++*count) {
        digits = round_to(number, *count, exponent);
        if (reads_back(number, digits, *count, *exponent))
            break;
        if (power_of_two && reads_back(number, digits + 1, *count, *exponent)) {
            digits++;
            break;
        }
    }
    for (; *count > 1 && digits % 10 == 0; --*count)
        digits /= 10;
    return digits;
}

// Number::toString of ECMA-262: `point` digits stand before the decimal point.
static void lay_out(const char *digits, int count, int point, char *text)
{
    if (count <= point && point <= 21) {
        sprintf(text, "%s%.*s", digits, point - count, "000000000000000000000");
    } else if (0 < point && point <= 21) {
        sprintf(text, "%.*s.%s", point, digits, digits + point);
    } else if (-6 < point && point <= 0) {
        sprintf(text, "0.%.*s%s", -point, "000000", digits);
    } else {
        int exponent = point - 1;
        sprintf(text, "%c%s%se%c%d", digits[0], count > 1 ? "." : "", digits + 1,
                exponent < 0 ? '-' : '+', abs(exponent));
    }
}

void json_number_print(double number, char *text)
{
    char digits[JSON_NUMBER_TEXT_BYTES];
    int count, exponent;

    assert(isfinite(number));
    if (fpclassify(number) == FP_ZERO) {
        strcpy(text, "0");
        return;
    }
    if (number < 0)
        *text++ = '-';
    number = fabs(number);
    if (number <= (double)INTEGERS_EXACT && floor(number) >= number) {
        sprintf(text, "%lld", (long long)number);
        return;
    }
    pthread_once(&plain_locale_made, make_plain_locale);
    locale_t before = uselocale(plain_locale);
    snprintf(digits, sizeof digits, "%llu",
             (unsigned long long)shortest(number, &count, &exponent));
    uselocale(before);
    lay_out(digits, count, exponent + 1, text);
}
