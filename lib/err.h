// Errors as values: a code of the protocol, a stable reason, and one sentence in each language,
// written where the fault was found and passed up unchanged (PROTOCOL §3).
#pragma once

#include <stdbool.h>

#include <stddef.h>

enum language { LANGUAGE_EN, LANGUAGE_RU, LANGUAGE_COUNT };

// The six words of the protocol, and OK. The order is that of `err_words`.
enum err_code {
    ERR_OK,
    ERR_INVALID,
    ERR_DENIED,
    ERR_NOT_FOUND,
    ERR_CONFLICT,
    ERR_LIMIT,
    ERR_UNAVAILABLE,
    ERR_COUNT
};

enum { ERR_MESSAGE_BYTES = 400, ERR_REASON_BYTES = 32, ERR_PATH_BYTES = 200 };

struct err {
    enum err_code code;
    int index;                     // of the event within a `publish` array; -1 = none
    int retry_ms;                  // when to try again; 0 = no advice
    char reason[ERR_REASON_BYTES]; // a stable word, snake_case
    char path[ERR_PATH_BYTES];     // JSON pointer or file:line:column; empty = none
    char message[LANGUAGE_COUNT][ERR_MESSAGE_BYTES];
};

// Clears `err` to ERR_OK.
void err_clear(struct err *err);

// Writes the fault and returns `code`, so that `return err_set(...)` ends a function. Both formats
// take the same arguments in the same order. Too long a sentence is cut at a character's end.
// What stands in it begins with a capital, unless it begins with an argument, and has its full stop.
// `err` may be NULL where the caller wants the code alone.
enum err_code err_set(struct err *err, enum err_code code, const char *reason, const char *en,
                      const char *ru, ...)
    __attribute__((format(printf, 4, 6), format(printf, 5, 6)));

// The same with two sentences that are ready, where the languages differ in more than the words. They
// may begin with a field's name, so their first letter stays.
enum err_code err_say(struct err *err, enum err_code code, const char *reason, const char *en,
                      const char *ru);

// Names the place of the fault (JSON pointer, or file:line:column).
void err_set_path(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// "invalid", "denied", ...; "ok" for ERR_OK.
const char *err_word(enum err_code code);
// The code of a word; ERR_UNAVAILABLE for a word unknown to this version.
enum err_code err_code_of(const char *word);
// Exit status of PROTOCOL §6 for a code: 0, 3..8.
int err_exit_status(enum err_code code);

// "ru" and locales like "ru_RU.UTF-8" are Russian, "en" likewise; NULL or anything else gives
// `otherwise`.
enum language language_of(const char *name, enum language otherwise);
bool language_is_known(const char *name);
// What LC_ALL, LC_MESSAGES or LANG (the first that is set) says, as language_of() reads it.
enum language language_of_environment(enum language otherwise);
const char *language_name(enum language language); // "en", "ru"
