// The daemon's log: a phrase, then key=value, one line on stderr with journald's level prefix.
// Never personal data. Every byte that is not printable ASCII or valid UTF-8 text is escaped, so
// that a line cannot be forged (RELIABILITY §2).
#pragma once

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7
};

// Lines above `level` are dropped. `prefix_levels` writes journald's "<6>" (JOURNAL_STREAM is set).
void log_open(enum log_level level, int prefix_levels);
void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
