// The turn of a screen program (TERMINAL §3.2): signals, keys, bus, timers, paint. Keys paint at once;
// data paint LOOP_FRAME_MS apart, or LOOP_FORCED_MS when the program forces a frame. A terminal that hangs up
// ends the loop within one turn.
#pragma once

#include "tui/decoder.h"
#include "tui/screen.h"

#include <poll.h>

// Forced frames come soon enough for 100 ms to the eye, yet no event of a storm has one of its own.
enum { LOOP_FRAME_MS = 250, LOOP_FORCED_MS = 20, LOOP_RESIZE_MS = 50 };

enum loop_end { LOOP_QUIT, LOOP_HANGUP, LOOP_SIGNAL };

struct loop;

// The program's half. `context` is handed to each.
struct loop_program {
    void *context;
    // Waits for its own sockets and `fds` alike, `timeout_ms` (-1 = for ever); returns as poll(2) does.
    // client_poll() of lib/client fits; NULL = poll(2).
    int (*poll)(void *context, struct pollfd *fds, size_t count, int timeout_ms);
    void (*input)(void *context, const struct input *input, int64_t now_ms);
    // Handles what came over the bus, 2 ms at most; true when more waits.
    bool (*work)(void *context, int64_t now_ms);
    // Timers. Returns the time of the next one (INT64_MAX = none).
    int64_t (*tick)(void *context, int64_t now_ms);
    // Paints the whole picture.
    void (*paint)(void *context, struct surface *surface, int64_t now_ms);
};

// Blocks SIGINT SIGTERM SIGHUP SIGWINCH SIGTSTP SIGCONT for the signalfd, ignores SIGPIPE. Call before
// threads start (libzmq's) so that they inherit the mask.
struct loop *loop_new(void);
void loop_free(struct loop *loop);
// Runs until loop_quit(), a signal or a hang-up. `screen` stays the caller's (screen_abandon() it after
// LOOP_HANGUP). Times are of clock_monotonic_now_ms().
enum loop_end loop_run(struct loop *loop, struct screen *screen, int input_fd,
                       const struct loop_program *program);
void loop_quit(struct loop *loop);
void loop_dirty(struct loop *loop); // data changed: paint in the next frame's time
void loop_force(struct loop *loop); // paint as soon as may be (new incident, alarm, ETA)
