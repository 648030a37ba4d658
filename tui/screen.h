// The terminal: the only file with curses, and used for output alone (TERMINAL §0.1).
//
//  1. Whatever way the program ends, the terminal is given back: screen_close(), a crash (SIGSEGV and
//     its like write a constant string), a hang-up (nothing is written then).
//  2. A frame is the whole surface; ncurses sends what differs. Frames over SCREEN_SYNC_BYTES stand
//     between the marks of synchronized output.
//  3. Behind each frame goes a status request, and screen_may_paint() is false until its reply came
//     (SCREEN_REPLY_MS at most, for terminals that never reply): an overloaded link gets fewer
//     frames instead of a queue. Frames after a key need not wait.
//  4. The tty is 0600 while it is ours, so that no `write` or `wall` spoils the picture.
#pragma once

#include "lib/err.h"
#include "tui/decoder.h"
#include "tui/surface.h"

enum { SCREEN_SYNC_BYTES = 1024, SCREEN_REPLY_MS = 5000 };

struct screen;
struct screen_options {
    int input_fd, output_fd; // 0 and 1; both the same terminal
    const char *term;        // $TERM
    bool ascii;              // no box characters or symbols
    bool mono;               // no colours (NO_COLOR, --mono)
};

// Chooses a locale with UTF-8 (LC_ALL... as set, else C.UTF-8) and a terminal type that terminfo knows
// ($TERM, xterm-256color for its relatives, vt100), enters the alternate screen. On failure nothing has
// been changed. ERR_INVALID when the descriptor is no terminal.
enum err_code screen_open(const struct screen_options *options, struct screen **screen,
                          struct err *err);
void screen_close(struct screen *screen); // NULL does nothing
// The other side is gone: frees without writing to the terminal.
void screen_abandon(struct screen *screen);

struct surface *screen_surface(struct screen *screen);      // paint here, then screen_flush()
size_t screen_flush(struct screen *screen, int64_t now_ms); // sends the frame; returns its bytes
void screen_repaint(struct screen *screen);                 // the next frame is sent whole (Ctrl-L)
bool screen_resize(struct screen *screen); // asks the kernel for the size; true when changed
void screen_bell(struct screen *screen);
bool screen_may_paint(struct screen *screen, int64_t now_ms);              // no reply is awaited
void screen_reply(struct screen *screen);                                  // INPUT_REPLY came
void screen_add_sequences(struct screen *screen, struct decoder *decoder); // terminfo's keys
bool screen_is_ascii(const struct screen *screen);
bool screen_is_lost(const struct screen *screen); // a write failed: the terminal is gone
// A sentence about a terminal type or a locale that had to be replaced; NULL = nothing to say.
const char *screen_notice(const struct screen *screen, enum language language);
// Leaves the alternate screen and comes back (SIGTSTP).
void screen_leave(struct screen *screen);
void screen_enter(struct screen *screen);
