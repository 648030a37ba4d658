#include "intake/texts.h"

const struct string intake_texts[INTAKE_TEXT_COUNT] = {
#define X(id, en, ru) {{en, ru}},
#include "intake/texts.def"
#undef X
};

const char *intake_text(enum intake_text id, enum language language)
{
    return intake_texts[id].in[language];
}

void intake_print(struct buf *out, enum language language, enum intake_text id, ...)
{
    va_list arguments;

    va_start(arguments, id);
    strings_print(out, intake_texts[id].in[language], arguments);
    va_end(arguments);
}
