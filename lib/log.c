#include "lib/log.h"

#include "lib/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    MESSAGE_BYTES = 2048,
    // Every byte may become "\xNN", and the prefix and the line end come on top.
    LINE_BYTES = MESSAGE_BYTES * 4 + 8,
};

// A program has one stderr, so it has one log; main opens it before there are threads.
static enum log_level level_most = LOG_LEVEL_INFO;
static int levels_prefixed;

void log_open(enum log_level level, int prefix_levels)
{
    level_most = level;
    levels_prefixed = prefix_levels;
}

// Writes `text` so that it can neither end the line nor steer a terminal.
static char *escape(char *at, struct slice text)
{
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);
        bool readable = !(rune == TEXT_REPLACEMENT && length == 1) && !text_forbidden(rune);
        for (size_t i = 0; i < length; i++) {
            if (readable)
                *at++ = text.data[i];
            else
                at += sprintf(at, "\\x%02x", (unsigned char)text.data[i]);
        }
        text.data += length;
        text.length -= length;
    }
    return at;
}

void log_write(enum log_level level, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    char line[LINE_BYTES];
    char *at = line;
    va_list arguments;

    if (level > level_most)
        return;
    int error = errno; // a log line must not change what its caller looks at next
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (levels_prefixed)
        at += sprintf(at, "<%d>", (int)level);
    at = escape(at, slice_of(message));
    *at++ = '\n';
    // One write, so that lines of several threads and processes do not mix. A log that cannot be
    // written is no reason to stop working.
    const char *from = line;
    while (from < at) {
        ssize_t written = write(STDERR_FILENO, from, (size_t)(at - from));
        if (written <= 0 && errno != EINTR)
            break;
        if (written > 0)
            from += written;
    }
    errno = error;
}
