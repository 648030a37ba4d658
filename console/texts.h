// The console's texts in both languages, by id (tui/strings.h says how the file is expanded).
#pragma once

#include "lib/err.h"
#include "tui/strings.h"

enum console_text {
#define X(id, en, ru) TEXT_##id,
#include "console/texts.def"
#undef X
    CONSOLE_TEXT_COUNT
};

extern const struct string console_texts[CONSOLE_TEXT_COUNT];

// A text or a printf format; never NULL.
const char *console_text(enum console_text id, enum language language)
    __attribute__((returns_nonnull));

// Appends a text that is a format, with its arguments (of the types that the format names; the formats
// of both languages are compared by a test). At most 1,000 bytes.
void console_print(struct buf *out, enum language language, enum console_text id, ...);
