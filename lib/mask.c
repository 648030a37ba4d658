#include "lib/mask.h"

#include "lib/phone.h"
#include "lib/text.h"

#include <string.h>

enum { INITIALS_MAX = 2 };

static struct slice next_word(struct slice *text)
{
    while (text->length && *text->data == ' ')
        *text = (struct slice){text->data + 1, text->length - 1};
    const char *end = text->length ? memchr(text->data, ' ', text->length) : NULL;
    size_t length = end ? (size_t)(end - text->data) : text->length;
    struct slice word = {text->data, length};

    *text = (struct slice){text->data + length, text->length - length};
    return word;
}

static void add_initial(struct slice word, struct buf *out)
{
    uint32_t rune;

    buf_add(out, word.data, text_decode(word, &rune));
    buf_add_char(out, '.');
}

void mask_name(struct slice name, struct buf *out)
{
    struct slice first = next_word(&name), word = next_word(&name);

    if (!word.length) {
        if (first.length)
            add_initial(first, out);
        return;
    }
    buf_add(out, first.data, first.length);
    for (int i = 0; i < INITIALS_MAX && word.length; i++, word = next_word(&name)) {
        buf_add_char(out, ' ');
        add_initial(word, out);
    }
}

void mask_phone(struct slice phone, struct buf *out)
{
    char normal[PHONE_BYTES], digits[64];
    size_t count = 0;

    if (phone_normalise(phone, normal) && strncmp(normal, "+7", 2) == 0 && strlen(normal) == 12) {
        buf_printf(out, "+7 *** ***-%.2s-%.2s", normal + 8, normal + 10);
        return;
    }
    for (size_t i = 0; i < phone.length && count < sizeof digits; i++) {
        if (phone.data[i] >= '0' && phone.data[i] <= '9')
            digits[count++] = phone.data[i];
    }
    buf_add_text(out, "***");
    if (count >= 3)
        buf_printf(out, "-%.2s", digits + count - 2);
}
