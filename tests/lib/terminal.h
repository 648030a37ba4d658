// A terminal in this process: a pty whose other side is libvterm. The program's screen opens the
// slave; what it sends is kept and emulated, and status requests are answered.
#pragma once

#include "lib/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct terminal;

struct terminal *terminal_open(int rows, int columns);
void terminal_close(struct terminal *terminal);
int terminal_slave(const struct terminal *terminal); // for the program; open until terminal_close()
// The other side goes away: from now on the slave is hung up.
void terminal_hang_up(struct terminal *terminal);
void terminal_resize(struct terminal *terminal, int rows, int columns);
void terminal_type(struct terminal *terminal, const void *bytes, size_t length);
// Takes what has been sent until nothing comes for `quiet_ms`; returns the bytes of this call.
size_t terminal_take(struct terminal *terminal, int quiet_ms);
const struct buf *terminal_bytes(const struct terminal *terminal); // all so far
void terminal_forget_bytes(struct terminal *terminal);
// The emulated screen, blanks at line ends cut.
void terminal_print(const struct terminal *terminal, struct buf *out);
bool terminal_shows(const struct terminal *terminal, const char *text);
uint32_t terminal_rune(const struct terminal *terminal, int row, int column); // ' ' when empty
void terminal_cursor(const struct terminal *terminal, int *row, int *column);
