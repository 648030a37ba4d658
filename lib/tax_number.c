#include "lib/tax_number.h"

#include <stddef.h>

enum { ORGANISATION = 10, PERSON = 12 };

// The digit at `at`, from those before it.
static bool check_is_good(const char *digits, size_t at)
{
    static const int weights[] = {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8};
    const int *weight = weights + sizeof weights / sizeof *weights - at;
    int sum = 0;

    for (size_t i = 0; i < at; i++)
        sum += weight[i] * (digits[i] - '0');
    return sum % 11 % 10 == digits[at] - '0';
}

bool tax_number_is_good(struct slice text)
{
    if (text.length != ORGANISATION && text.length != PERSON)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    if (text.length == ORGANISATION)
        return check_is_good(text.data, ORGANISATION - 1);
    return check_is_good(text.data, PERSON - 2) && check_is_good(text.data, PERSON - 1);
}
