#include "lib/err.h"

#include "lib/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

// A sentence quotes what a stranger sent: as bytes, or cut within a character by a precision or by
// the end of the buffer. What is no UTF-8, and what no screen should get, becomes a question mark.
static void mend(char *text)
{
    struct slice rest = slice_of(text);
    char *out = text;
    uint32_t rune;

    for (size_t length; (length = text_decode(rest, &rune)) > 0;) {
        if ((rune == TEXT_REPLACEMENT && length == 1) || text_forbidden(rune)) {
            *out++ = '?';
        } else {
            memmove(out, rest.data, length);
            out += length;
        }
        rest = (struct slice){rest.data + length, rest.length - length};
    }
    *out = '\0';
}

// One style for all, whoever wrote the sentence: a capital first, unless it begins with what is quoted,
// and a full stop last.
static void end_sentence(char text[ERR_MESSAGE_BYTES], const char *format)
{
    char letter[4];
    uint32_t first;
    size_t length = strlen(text);
    size_t step = text_decode(slice_of(text), &first);

    if (*format != '%' && text_encode(text_upper(first), letter) == step)
        memcpy(text, letter, step);
    if (length > 0 && length < ERR_MESSAGE_BYTES - 1 && !strchr(".!?:;", text[length - 1]))
        memcpy(text + length, ".", 2);
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
    mend(err->message[LANGUAGE_EN]);
    mend(err->message[LANGUAGE_RU]);
    end_sentence(err->message[LANGUAGE_EN], en);
    end_sentence(err->message[LANGUAGE_RU], ru);
    return code;
}

enum err_code err_say(struct err *err, enum err_code code, const char *reason, const char *en,
                      const char *ru)
{
    if (!err)
        return code;
    err_set(err, code, reason, "%s", "%s", en);
    snprintf(err->message[LANGUAGE_RU], ERR_MESSAGE_BYTES, "%s", ru);
    mend(err->message[LANGUAGE_RU]);
    end_sentence(err->message[LANGUAGE_EN], "%");
    end_sentence(err->message[LANGUAGE_RU], "%");
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
    mend(err->path);
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
            if (strncmp(name, language_names[language], 2) == 0 && strchr("-_.@", name[2]))
                return (enum language)language;
        }
    }
    return otherwise;
}

bool language_is_known(const char *name)
{
    return language_of(name, LANGUAGE_EN) == language_of(name, LANGUAGE_RU);
}

enum language language_of_environment(enum language otherwise)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return language_of(value, otherwise);
    }
    return otherwise;
}

const char *language_name(enum language language)
{
    return language_names[language];
}
