#include "tests/lib/typing.h"

#include "lib/text.h"
#include "tui/keymap.h"

#include <string.h>

static void type(struct slice text, typing_input *take, void *context)
{
    while (text.length > 0) {
        struct input input = {.kind = INPUT_RUNE};
        size_t length = text_decode(text, &input.rune);
        text.data += length;
        text.length -= length;
        if (input.rune == '_')
            input.rune = ' ';
        take(context, &input);
    }
}

void typing_play(const char *keys, typing_input *take, void *context)
{
    while (*(keys += strspn(keys, " "))) {
        size_t length = strcspn(keys, " ");
        struct input input;
        const char *at = keys;
        struct input back = {.kind = INPUT_KEY, .key = INPUT_TAB, .mods = INPUT_SHIFT};
        if (length == 5 && memcmp(keys, "S-Tab", 5) == 0)
            take(context, &back);
        else if (*keys == '\'')
            type((struct slice){keys + 1, length - 1}, take, context);
        else if (keymap_parse_key(&at, &input))
            take(context, &input);
        else
            type((struct slice){keys, length}, take, context);
        keys += length;
    }
}
