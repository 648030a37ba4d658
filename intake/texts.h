// Texts of the operator's screen, by id and language (texts.def is the table).
#pragma once

#include "tui/strings.h"

enum intake_text {
#define X(id, en, ru) TEXT_##id,
#include "intake/texts.def"
#undef X
    INTAKE_TEXT_COUNT
};

extern const struct string intake_texts[INTAKE_TEXT_COUNT];

const char *intake_text(enum intake_text id, enum language language);
// Appends a formatted text; the arguments are those of the table's formats.
void intake_print(struct buf *out, enum language language, enum intake_text id, ...);
