#include "tui/strings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int strings_plural_form(enum language language, int64_t number)
{
    int64_t last = (number < 0 ? -(number % 100) : number % 100);
    if (language == LANGUAGE_EN)
        return number == 1 || number == -1 ? 0 : 2;
    if (last >= 11 && last <= 14)
        return 2;
    last %= 10;
    return last == 1 ? 0 : last >= 2 && last <= 4 ? 1 : 2;
}

const char *strings_plural(const struct plural *plural, enum language language, int64_t number)
{
    int form = strings_plural_form(language, number);
    return language == LANGUAGE_RU ? plural->ru[form] : plural->en[form == 0 ? 0 : 1];
}

void strings_number(struct buf *out, enum language language, int64_t number)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64,
                          number < 0 ? (uint64_t)0 - (uint64_t)number : (uint64_t)number);
    if (number < 0)
        buf_add_char(out, '-');
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            buf_add_char(out, language == LANGUAGE_RU ? ' ' : ',');
        buf_add_char(out, digits[i]);
    }
}

void strings_span(struct buf *out, enum language language, int64_t span_ms)
{
    static const struct string units[] = {
        {{"d", "дн"}}, {{"h", "ч"}}, {{"min", "мин"}}, {{"s", "с"}}};
    int64_t seconds = (span_ms < 0 ? -span_ms : span_ms) / 1000;
    int64_t parts[] = {seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60};
    int first = 0;
    while (first < 3 && parts[first] == 0)
        first++;
    buf_printf(out, "%" PRId64 " %s", parts[first], units[first].in[language]);
    if (first < 2 && parts[first + 1] > 0)
        buf_printf(out, " %" PRId64 " %s", parts[first + 1], units[first + 1].in[language]);
}

void strings_age(struct buf *out, enum language language, int64_t age_ms)
{
    int64_t minutes = age_ms > 0 ? age_ms / 60000 : 0;
    if (minutes < 100 * 60)
        buf_printf(out, "%" PRId64 ":%02d", minutes / 60, (int)(minutes % 60));
    else
        buf_printf(out, language == LANGUAGE_RU ? "%" PRId64 "д %dч" : "%" PRId64 "d %dh",
                   minutes / 1440, (int)(minutes / 60 % 24));
}

const char *strings_weekday(enum language language, int weekday)
{
    static const char *const names[LANGUAGE_COUNT][7] = {
        [LANGUAGE_EN] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
        [LANGUAGE_RU] = {"вс", "пн", "вт", "ср", "чт", "пт", "сб"},
    };
    return names[language][(weekday % 7 + 7) % 7];
}

const char *strings_month(enum language language, int month)
{
    static const char *const names[LANGUAGE_COUNT][12] = {
        [LANGUAGE_EN] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
                         "Nov", "Dec"},
        [LANGUAGE_RU] = {"янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт",
                         "ноя", "дек"},
    };
    return names[language][(month % 12 + 12) % 12];
}

// The next conversion of a format, "%s" or "%-*d" alike; NULL at the end. `*length` with the %.
static const char *next_conversion(const char *format, size_t *length)
{
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
        size_t span = 1 + strspn(at + 1, "-+ #0123456789.*hlzjt");
        if (at[span] == '\0')
            return NULL;
        if (at[span] != '%') {
            *length = span + 1;
            return at;
        }
        at += span + 1;
    }
    return NULL;
}

static bool same_arguments(const char *a, const char *b)
{
    for (;;) {
        size_t a_length = 0;
        size_t b_length = 0;
        a = next_conversion(a, &a_length);
        b = next_conversion(b, &b_length);
        if (!a || !b)
            return !a && !b;
        static const char types[] = "diouxXcsfgehlzjt*";
        char a_types[16] = "";
        char b_types[16] = "";
        for (size_t i = 0, used = 0; i < a_length && used < 15; i++)
            if (strchr(types, a[i]))
                a_types[used++] = a[i];
        for (size_t i = 0, used = 0; i < b_length && used < 15; i++)
            if (strchr(types, b[i]))
                b_types[used++] = b[i];
        if (strcmp(a_types, b_types) != 0)
            return false;
        a += a_length;
        b += b_length;
    }
}

bool strings_check(const struct string *texts, size_t count, size_t *bad)
{
    for (*bad = 0; *bad < count; ++*bad) {
        const char *en = texts[*bad].in[LANGUAGE_EN];
        const char *ru = texts[*bad].in[LANGUAGE_RU];
        if (!en || !ru || (*en == '\0') != (*ru == '\0') || !same_arguments(en, ru))
            return false;
    }
    return true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void strings_print(struct buf *out, const char *format, va_list arguments)
{
    char text[1001];

    vsnprintf(text, sizeof text, format, arguments);
    buf_add_text(out, text);
}
#pragma GCC diagnostic pop
