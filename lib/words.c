#include "lib/words.h"

#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <ctype.h>
#include <stdlib.h>

enum { IN_TITLE = 10, IN_TEXT = 1 };

// Punctuation: of ASCII, « » and their like, dashes and quotes, №.
static bool is_between(uint32_t rune)
{
    return rune < 0x80 ? !isalnum((int)rune)
                       : (rune >= 0xA0 && rune < 0xC0) || (rune >= 0x2000 && rune < 0x2070) ||
                             rune == 0x2116;
}

static void add_words(const char *text, struct buf *words)
{
    struct buf folded = {0};
    uint32_t rune;

    text_fold(slice_of(text), &folded);
    struct slice rest = {folded.data, folded.length};
    for (size_t length; (length = text_decode(rest, &rune)) > 0;) {
        if (is_between(rune))
            buf_add_char(words, ' ');
        else
            buf_add(words, rest.data, length);
        rest = (struct slice){rest.data + length, rest.length - length};
    }
    buf_add_char(words, ' ');
    buf_fini(&folded);
}

char *words_fold(const char *first, const char *second)
{
    struct buf words = {0};

    buf_add_char(&words, ' ');
    add_words(first ? first : "", &words);
    add_words(second ? second : "", &words);
    return words.data;
}

int words_fit(const char *titles, const char *all, struct slice typed)
{
    char *copy = mem_string_of(typed.data ? typed.data : "", typed.length);
    char *words = words_fold(copy, NULL);
    char *rest;
    int fit = 1;

    for (char *word = strtok_r(words, " ", &rest); word && fit; word = strtok_r(NULL, " ", &rest)) {
        struct buf wanted = {0};

        buf_printf(&wanted, " %s", word);
        if (strstr(titles, buf_text(&wanted)))
            fit += IN_TITLE;
        else
            fit = strstr(all, buf_text(&wanted)) ? fit + IN_TEXT : 0;
        buf_fini(&wanted);
    }
    free(words);
    free(copy);
    return fit;
}
