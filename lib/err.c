#include "lib/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    int exit_status;
} err_words[ERR_COUNT] = {
    [ERR_OK] = {"ok", 0},
    [ERR_INVALID] = {"invalid", 3},
    [ERR_DENIED] = {"denied", 4},
    [ERR_NOT_FOUND] = {"not_found", 5},
    [ERR_CONFLICT] = {"conflict", 6},
    [ERR_LIMIT] = {"limit", 7},
    [ERR_UNAVAILABLE] = {"unavailable", 8},
};

static const char *const language_names[LANGUAGE_COUNT] = {"en", "ru"};

// Takes off the end of `text` the bytes of a character that the buffer cut in two.
static void drop_partial_character(char *text)
{
    size_t length = strlen(text);
    size_t start = length;

    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start == 0)
        return;
    unsigned char lead = (unsigned char)text[start - 1];
    size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (length - (start - 1) < wanted)
        text[start - 1] = '\0';
}

void err_clear(struct err *err)
{
    *err = (struct err){.code = ERR_OK, .index = -1};
}

enum err_code err_set(struct err *err, enum err_code code, const char *reason, const char *en,
                      const char *ru, ...)
{
    va_list arguments;

    if (!err)
        return code;
    err_clear(err);
    err->code = code;
    snprintf(err->reason, sizeof(err->reason), "%s", reason);
    va_start(arguments, ru);
    vsnprintf(err->message[LANGUAGE_EN], ERR_MESSAGE_BYTES, en, arguments);
    va_end(arguments);
    va_start(arguments, ru);
    vsnprintf(err->message[LANGUAGE_RU], ERR_MESSAGE_BYTES, ru, arguments);
    va_end(arguments);
    drop_partial_character(err->message[LANGUAGE_EN]);
    drop_partial_character(err->message[LANGUAGE_RU]);
    return code;
}

enum err_code err_say(struct err *err, enum err_code code, const char *reason, const char *en,
                      const char *ru)
{
    if (!err)
        return code;
    err_set(err, code, reason, "%s", "%s", en);
    snprintf(err->message[LANGUAGE_RU], ERR_MESSAGE_BYTES, "%s", ru);
    drop_partial_character(err->message[LANGUAGE_RU]);
    return code;
}

void err_set_path(struct err *err, const char *format, ...)
{
    va_list arguments;

    if (!err)
        return;
    va_start(arguments, format);
    vsnprintf(err->path, sizeof(err->path), format, arguments);
    va_end(arguments);
    drop_partial_character(err->path);
}

const char *err_word(enum err_code code)
{
    return err_words[code].word;
}

enum err_code err_code_of(const char *word)
{
    for (int code = 0; code < ERR_COUNT; code++) {
        if (strcmp(err_words[code].word, word) == 0)
            return (enum err_code)code;
    }
    return ERR_UNAVAILABLE;
}

int err_exit_status(enum err_code code)
{
    return err_words[code].exit_status;
}

enum language language_of(const char *name, enum language otherwise)
{
    if (name) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            if (strncmp(name, language_names[language], 2) == 0)
                return (enum language)language;
        }
    }
    return otherwise;
}

const char *language_name(enum language language)
{
    return language_names[language];
}
