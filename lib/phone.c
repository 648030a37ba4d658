#include "lib/phone.h"

#include <stdio.h>
#include <string.h>

enum { PHONE_DIGITS_MAX = 15 }; // E.164

// Collects the digits; false when anything but digits and the usual punctuation stands there.
static bool collect_digits(struct slice text, char digits[PHONE_DIGITS_MAX + 1], bool *plus)
{
    size_t count = 0;

    *plus = false;
    for (size_t i = 0; i < text.length; i++) {
        char character = text.data[i];
        if (character >= '0' && character <= '9') {
            if (count == PHONE_DIGITS_MAX)
                return false;
            digits[count++] = character;
        } else if (character == '+' && count == 0 && !*plus) {
            *plus = true;
        } else if (!memchr(" -().\t", character, 6)) {
            return false;
        }
    }
    digits[count] = '\0';
    return count > 0;
}

bool phone_normalise(struct slice text, char phone[PHONE_BYTES])
{
    char digits[PHONE_DIGITS_MAX + 1];
    bool plus;

    if (!collect_digits(text, digits, &plus))
        return false;
    size_t count = strlen(digits);
    if (!plus && count == 10)
        snprintf(phone, PHONE_BYTES, "+7%s", digits);
    else if (!plus && count == 11 && (digits[0] == '7' || digits[0] == '8'))
        snprintf(phone, PHONE_BYTES, "+7%s", digits + 1);
    else if (plus && count >= 8)
        snprintf(phone, PHONE_BYTES, "+%s", digits);
    else if (!plus && count >= 3 && count <= 7)
        snprintf(phone, PHONE_BYTES, "%s", digits);
    else
        return false;
    return true;
}
