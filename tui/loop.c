#include "tui/loop.h"

#include "lib/clock.h"
#include "lib/mem.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct loop {
    int signals;
    bool quit, dirty, force, resized;
    bool keyed; // a key came: paint in this turn
    bool hung_up, signalled;
    int64_t painted_ms, resized_ms;
};

// What one run works on.
struct turn {
    struct loop *loop;
    struct screen *screen;
    struct decoder *decoder;
    const struct loop_program *program;
    int input_fd;
};

struct loop *loop_new(void)
{
    struct loop *loop = mem_alloc(sizeof *loop);
    sigset_t mask;
    sigemptyset(&mask);
    static const int handled[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        sigaddset(&mask, handled[i]);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    signal(SIGPIPE, SIG_IGN);
    loop->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    assert(loop->signals >= 0);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    close(loop->signals);
    free(loop);
}

void loop_quit(struct loop *loop)
{
    loop->quit = true;
}

void loop_dirty(struct loop *loop)
{
    loop->dirty = true;
}

void loop_force(struct loop *loop)
{
    loop->dirty = loop->force = true;
}

// Gives the terminal back, stops as the shell expects, and comes back when continued.
static void stop_and_continue(struct turn *turn)
{
    screen_leave(turn->screen);
    kill(getpid(), SIGSTOP);
    screen_enter(turn->screen);
    screen_resize(turn->screen);
    loop_force(turn->loop);
}

static void drain_signals(struct turn *turn, int64_t now_ms)
{
    struct signalfd_siginfo info;
    while (read(turn->loop->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        switch (info.ssi_signo) {
        case SIGWINCH:
            turn->loop->resized = true;
            turn->loop->resized_ms = now_ms;
            break;
        case SIGTSTP: stop_and_continue(turn); break;
        case SIGCONT:
            screen_repaint(turn->screen);
            loop_force(turn->loop);
            break;
        case SIGHUP: turn->loop->hung_up = true; break;
        default: turn->loop->signalled = true; break;
        }
    }
}

// Invariant of TERMINAL §3.4: end of file, an error or a hang-up on the terminal is the end.
static void read_keys(struct turn *turn, short revents, int64_t now_ms)
{
    char bytes[4096];
    if (revents & POLLIN) {
        ssize_t length = read(turn->input_fd, bytes, sizeof bytes);
        if (length > 0) {
            decoder_push(turn->decoder, bytes, (size_t)length, now_ms);
            return;
        }
        if (length < 0 && (errno == EINTR || errno == EAGAIN))
            return;
        turn->loop->hung_up = true;
    }
    if (revents & (POLLHUP | POLLERR | POLLNVAL))
        turn->loop->hung_up = true;
}

static void hand_out_keys(struct turn *turn, int64_t now_ms)
{
    struct input input;
    decoder_tick(turn->decoder, now_ms);
    while (!turn->loop->quit && decoder_next(turn->decoder, &input)) {
        if (input.kind == INPUT_REPLY) {
            screen_reply(turn->screen);
            continue;
        }
        turn->program->input(turn->program->context, &input, now_ms);
        turn->loop->keyed = true;
    }
}

static void paint_if_due(struct turn *turn, int64_t now_ms)
{
    struct loop *loop = turn->loop;
    if (loop->resized && now_ms - loop->painted_ms >= LOOP_RESIZE_MS) {
        loop->resized = false;
        screen_resize(turn->screen);
        screen_repaint(turn->screen);
        loop->keyed = true;
    }
    int64_t rested_ms = now_ms - loop->painted_ms;
    bool due = loop->dirty && rested_ms >= LOOP_FRAME_MS && screen_may_paint(turn->screen, now_ms);
    if (!loop->keyed && !due && !(loop->force && rested_ms >= LOOP_FORCED_MS))
        return;
    struct surface *surface = screen_surface(turn->screen);
    surface_clear(surface);
    turn->program->paint(turn->program->context, surface, now_ms);
    screen_flush(turn->screen, now_ms);
    loop->keyed = loop->force = loop->dirty = false;
    loop->painted_ms = now_ms;
}

static int earlier(int timeout_ms, int64_t other_ms)
{
    if (other_ms < 0)
        other_ms = 0;
    if (timeout_ms < 0 || other_ms < timeout_ms)
        return other_ms < 3600 * 1000 ? (int)other_ms : 3600 * 1000;
    return timeout_ms;
}

static int timeout_of(struct turn *turn, int64_t deadline_ms, int64_t now_ms)
{
    struct loop *loop = turn->loop;
    int timeout_ms = -1;
    int decoder_ms = decoder_timeout_ms(turn->decoder, now_ms);
    if (decoder_ms >= 0)
        timeout_ms = earlier(timeout_ms, decoder_ms);
    if (deadline_ms != INT64_MAX)
        timeout_ms = earlier(timeout_ms, deadline_ms - now_ms);
    if (loop->resized)
        timeout_ms = earlier(timeout_ms, loop->painted_ms + LOOP_RESIZE_MS - now_ms);
    if (loop->force)
        timeout_ms = earlier(timeout_ms, loop->painted_ms + LOOP_FORCED_MS - now_ms);
    if (loop->dirty && screen_may_paint(turn->screen, now_ms))
        timeout_ms = earlier(timeout_ms, loop->painted_ms + LOOP_FRAME_MS - now_ms);
    else if (loop->dirty)
        timeout_ms = earlier(timeout_ms, SCREEN_REPLY_MS);
    return timeout_ms;
}

static void wait_for_news(struct turn *turn, int timeout_ms)
{
    const struct loop_program *program = turn->program;
    struct pollfd fds[2] = {{.fd = turn->loop->signals, .events = POLLIN},
                            {.fd = turn->input_fd, .events = POLLIN}};
    int ready = program->poll ? program->poll(program->context, fds, 2, timeout_ms)
                              : poll(fds, 2, timeout_ms);
    int64_t now_ms = clock_monotonic_now_ms();
    if (ready < 0)
        return; // interrupted: revents say nothing
    drain_signals(turn, now_ms);
    read_keys(turn, fds[1].revents, now_ms);
}

enum loop_end loop_run(struct loop *loop, struct screen *screen, int input_fd,
                       const struct loop_program *program)
{
    struct turn turn = {loop, screen, decoder_new(), program, input_fd};
    screen_add_sequences(screen, turn.decoder);
    loop->quit = loop->hung_up = loop->signalled = false;
    loop_force(loop);
    loop->painted_ms = clock_monotonic_now_ms() - LOOP_FRAME_MS;
    int64_t deadline_ms = INT64_MAX;
    bool more = false;
    while (!loop->quit && !loop->hung_up && !loop->signalled) {
        int64_t now_ms = clock_monotonic_now_ms();
        hand_out_keys(&turn, now_ms);
        if (program->work)
            more = program->work(program->context, now_ms);
        if (program->tick)
            deadline_ms = program->tick(program->context, now_ms);
        if (loop->quit)
            break;
        paint_if_due(&turn, now_ms);
        if (screen_is_lost(screen))
            loop->hung_up = true;
        else
            wait_for_news(&turn, more ? 0 : timeout_of(&turn, deadline_ms, now_ms));
    }
    decoder_free(turn.decoder);
    return loop->hung_up ? LOOP_HANGUP : loop->signalled ? LOOP_SIGNAL : LOOP_QUIT;
}
