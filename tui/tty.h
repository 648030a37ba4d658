// The terminal's device while a screen has it: raw mode, mode bits, stray output, and giving all of it
// back whatever way the program ends. Knows no curses.
//
// There is one terminal a process, and a crash handler can only reach it through static state: this
// file keeps it, and nobody else may hold such state.
#pragma once

#include "lib/err.h"

#include <stdbool.h>
#include <stddef.h>

// Raw input (no echo, no signals from keys, no flow control), the device's mode 0600 so that `write`
// and `wall` stay out, stderr kept aside, crash handlers. ERR_INVALID when `fd` is no terminal.
enum err_code tty_take(int fd, struct err *err);
// Puts all back; what came on stderr meanwhile is printed now. Twice does no harm.
void tty_give_back(void);
// The other side is gone: as tty_give_back(), but nothing is written to the terminal.
void tty_abandon(void);
// Rows and columns from the kernel, within 1..1000; false when it does not know (then untouched).
bool tty_size(int fd, int *rows, int *columns);
// Writes all; false when the terminal is gone.
bool tty_write(int fd, const char *bytes, size_t length);
