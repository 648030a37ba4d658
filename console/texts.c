#include "console/texts.h"

const struct string console_texts[CONSOLE_TEXT_COUNT] = {
#define X(id, en, ru) {{en, ru}},
#include "console/texts.def"
#undef X
};

const char *console_text(enum console_text id, enum language language)
{
    return console_texts[id].in[language];
}

void console_print(struct buf *out, enum language language, enum console_text id, ...)
{
    va_list arguments;
    va_start(arguments, id);
    strings_print(out, console_texts[id].in[language], arguments);
    va_end(arguments);
}
