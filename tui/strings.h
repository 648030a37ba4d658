// Texts of the screens in both languages, switchable at run time. A program keeps them in one X-macro
// file, `X(ID, "English", "Русский")`, and expands it twice:
//
//     enum text_id {                                    static const struct string texts[] = {
//     #define X(id, en, ru) TEXT_##id,                  #define X(id, en, ru) {{en, ru}},
//     #include "console/texts.def"                      #include "console/texts.def"
//     #undef X                                          #undef X
//     };                                                };
//
// Formats (printf) must take the same arguments in the same order in both; strings_check() tells.
#pragma once

#include "lib/buf.h"
#include "lib/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct string {
    const char *in[LANGUAGE_COUNT]; // LANGUAGE_EN, LANGUAGE_RU
};

// "1 звонок, 2 звонка, 5 звонков": one, few, many; English uses one and many.
struct plural {
    const char *en[2];
    const char *ru[3];
};
const char *strings_plural(const struct plural *plural, enum language language, int64_t number);
// 0 one, 1 few, 2 many, by the rule of the language (English: 0 or 2).
int strings_plural_form(enum language language, int64_t number);

// Appends 1234567 as "1 234 567" or "1,234,567".
void strings_number(struct buf *out, enum language language, int64_t number);
// Appends a span: "4 мин", "1 ч 30 мин", "2 дн 3 ч"; "4 min", "1 h 30 min", "2 d 3 h". Negative as positive.
void strings_span(struct buf *out, enum language language, int64_t span_ms);
// Appends "0:04", "1:12", "26:40" (hours and minutes), "4д 3ч" / "4d 3h" from 100 hours on.
void strings_age(struct buf *out, enum language language, int64_t age_ms);
const char *strings_weekday(enum language language, int weekday); // 0 = Sunday; "вс", "Sun"
const char *strings_month(enum language language, int month);     // 0 = January; "Jan", "янв"

// Appends a text of such a table with its arguments. The compiler cannot check a format that comes out
// of a table: strings_check() does.
void strings_print(struct buf *out, const char *format, va_list arguments);

// Whether both texts are there and take the same printf arguments; for tests.
bool strings_check(const struct string *texts, size_t count, size_t *bad);
