// The terminal's side: what is sent, how much of it, and that the terminal is given back.
#include "tui/screen.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "lib/text.h"
#include "tests/lib/console_fixture.h"
#include "tests/lib/shared.h"
#include "tests/lib/terminal.h"
#include "tui/loop.h"

enum { QUIET_MS = 5 };

static struct screen *open_screen(struct terminal *terminal, const char *term)
{
    struct screen_options options = {
        .input_fd = terminal_slave(terminal), .output_fd = terminal_slave(terminal), .term = term};
    struct screen *screen = NULL;
    struct err err;
    if (screen_open(&options, &screen, &err) != ERR_OK)
        print_error("%s\n", err.message[LANGUAGE_EN]);
    assert_non_null(screen);
    terminal_take(terminal, 0); // what opening sends is no frame
    return screen;
}

// Sends the frame, and lets the emulator's answer to the status request count as come.
static size_t flush(struct screen *screen, struct terminal *terminal)
{
    size_t sent = screen_flush(screen, 0);
    assert_int_equal(terminal_take(terminal, QUIET_MS), sent);
    screen_reply(screen);
    tcflush(terminal_slave(terminal), TCIFLUSH);
    return sent;
}

// What the emulator shows is what was painted.
static void expect_same(struct screen *screen, struct terminal *terminal)
{
    struct buf painted = {0};
    struct buf shown = {0};
    surface_print_text(screen_surface(screen), &painted);
    terminal_print(terminal, &shown);
    assert_string_equal(buf_text(&painted), buf_text(&shown));
    buf_fini(&painted);
    buf_fini(&shown);
}

// Every rune of the stream may be sent: text that is drawable, ESC, and what moves the cursor.
static void expect_clean_bytes(const struct buf *bytes)
{
    struct slice left = {bytes->data, bytes->length};
    assert_true(text_valid(left));
    while (left.length > 0) {
        uint32_t rune;
        size_t length = text_decode(left, &rune);
        left.data += length;
        left.length -= length;
        bool motion = rune == '\033' || rune == '\r' || rune == '\n' || rune == '\b';
        if (!motion && text_drawable(rune) != rune)
            print_error("U+%04X was sent\n", rune);
        assert_true(motion || text_drawable(rune) == rune);
    }
}

static void no_code_point_reaches_the_terminal_raw(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    struct screen *screen = open_screen(terminal, "xterm-256color");
    struct surface *surface = screen_surface(screen);
    enum { A_FRAME = 20 * 78 };
    for (uint32_t first = 0; first <= 0x10FFFF; first += A_FRAME) {
        surface_clear(surface);
        for (uint32_t i = 0; i < A_FRAME; i++) {
            char bytes[4];
            struct slice text = {bytes, text_encode(first + i, bytes)};
            surface_put(surface, surface_rect(surface), 1 + (int)(i / 78), 1 + (int)(i % 78),
                        ROLE_NORMAL, text);
        }
        surface_text(surface, surface_rect(surface), 23, 0, ROLE_NORMAL, "the last row");
        flush(screen, terminal);
        expect_same(screen, terminal);
        expect_clean_bytes(terminal_bytes(terminal));
        terminal_forget_bytes(terminal);
    }
    screen_close(screen);
    terminal_close(terminal);
}

static void no_pair_of_bytes_reaches_the_terminal_raw(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    struct screen *screen = open_screen(terminal, "xterm-256color");
    struct surface *surface = screen_surface(screen);
    enum { A_FRAME = 20 * 39 };
    for (int first = 0; first < 0x10000; first += A_FRAME) {
        surface_clear(surface);
        for (int i = 0; i < A_FRAME; i++) {
            const char bytes[] = {(char)((first + i) >> 8 & 0xFF), (char)((first + i) & 0xFF)};
            surface_put(surface, surface_rect(surface), 1 + i / 39, 1 + i % 39 * 2, ROLE_NORMAL,
                        (struct slice){bytes, sizeof bytes});
        }
        flush(screen, terminal);
        expect_same(screen, terminal);
        expect_clean_bytes(terminal_bytes(terminal));
        terminal_forget_bytes(terminal);
    }
    screen_close(screen);
    terminal_close(terminal);
}

static void paint_lines_of(const char *below)
{
    char path[1024];
    struct buf text = {0};
    if (!shared_path(path, below))
        skip();
    assert_true(shared_read_file(path, &text));
    struct terminal *terminal = terminal_open(24, 80);
    struct screen *screen = open_screen(terminal, "xterm-256color");
    struct surface *surface = screen_surface(screen);
    int row = 0;
    for (size_t at = 0; at < text.length; row = (row + 1) % 23) {
        struct slice line = {text.data + at, strcspn(text.data + at, "\n")};
        struct rect place = rect_inner(surface_rect(surface), row, 0, 1, 80);
        surface_fill(surface, place, ' ', ROLE_NORMAL);
        surface_put(surface, place, 0, 0, ROLE_NORMAL, line);
        at += line.length + 1;
        if (row == 22) {
            flush(screen, terminal);
            expect_same(screen, terminal);
        }
    }
    expect_clean_bytes(terminal_bytes(terminal));
    screen_close(screen);
    terminal_close(terminal);
    buf_fini(&text);
}

static void naughty_strings_stay_in_their_row(void **state)
{
    (void)state;
    paint_lines_of("data/text/blns.txt");
    paint_lines_of("data/text/UTF-8-test.txt");
}

// The console's own frames at 200x60 (TERMINAL §6.5).
struct budget {
    struct terminal *terminal;
    struct screen *screen;
    struct console_fixture fixture;
};

static size_t frame(struct budget *budget)
{
    struct surface *surface = screen_surface(budget->screen);
    surface_clear(surface);
    desk_paint(budget->fixture.desk, surface);
    return flush(budget->screen, budget->terminal);
}

static void open_budget(struct budget *budget, bool rows)
{
    budget->terminal = terminal_open(60, 200);
    budget->screen = open_screen(budget->terminal, "xterm-256color");
    console_fixture_open(&budget->fixture, LANGUAGE_RU, 60, 200);
    for (int copy = 0; rows && copy < 5; copy++)
        console_fixture_load(&budget->fixture, "rows.json");
    frame(budget);
    frame(budget);
}

static void close_budget(struct budget *budget)
{
    console_fixture_close(&budget->fixture);
    screen_close(budget->screen);
    terminal_close(budget->terminal);
}

static void a_clock_tick_takes_30_bytes(void **state)
{
    (void)state;
    struct budget budget;
    open_budget(&budget, false);
    console_fixture_pass(&budget.fixture, 60000);
    size_t bytes = frame(&budget);
    print_message("clock: %zu bytes\n", bytes);
    assert_in_range(bytes, 1, 30);
    assert_int_equal(frame(&budget), 0); // nothing changed, nothing is sent
    close_budget(&budget);
}

static void a_cell_takes_20_bytes(void **state)
{
    (void)state;
    struct budget budget;
    open_budget(&budget, true);
    struct surface *surface = screen_surface(budget.screen);
    surface_text(surface, surface_rect(surface), 30, 24, ROLE_NORMAL, "7");
    size_t bytes = flush(budget.screen, budget.terminal);
    print_message("cell: %zu bytes\n", bytes);
    assert_in_range(bytes, 1, 20);
    close_budget(&budget);
}

static void a_cursor_row_takes_400_bytes(void **state)
{
    (void)state;
    struct budget budget;
    open_budget(&budget, true);
    console_fixture_keys(&budget.fixture, "Down Down");
    frame(&budget);
    console_fixture_keys(&budget.fixture, "Down");
    size_t bytes = frame(&budget);
    print_message("cursor row: %zu bytes\n", bytes);
    assert_in_range(bytes, 1, 400);
    int row;
    int column;
    terminal_cursor(budget.terminal, &row, &column);
    assert_int_equal(row, 3 + 3); // the terminal's own cursor stands on the selected row
    assert_int_equal(column, 0);
    close_budget(&budget);
}

static void a_repaint_takes_7000_bytes(void **state)
{
    (void)state;
    struct budget budget;
    open_budget(&budget, true);
    screen_repaint(budget.screen);
    size_t bytes = frame(&budget);
    print_message("repaint: %zu bytes\n", bytes);
    assert_in_range(bytes, 1000, 7000);
    const char *sent = buf_text(terminal_bytes(budget.terminal));
    assert_non_null(strstr(sent, "\033[?2026h")); // a large frame is shown at once
    close_budget(&budget);
}

static void ascii_terminals_get_no_symbols(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    struct screen *screen = open_screen(terminal, "vt100");
    struct surface *surface = screen_surface(screen);
    surface_box(surface, surface_rect(surface), "‼▲●");
    surface_text(surface, surface_rect(surface), 3, 3, ROLE_NORMAL, "Садовая — №4");
    flush(screen, terminal);
    assert_true(screen_is_ascii(screen));
    assert_true(terminal_shows(terminal, "+- !^o -"));
    assert_true(terminal_shows(terminal, "Садовая - N4"));
    screen_close(screen);
    terminal_close(terminal);
}

static void an_unknown_terminal_type_falls_back(void **state)
{
    (void)state;
    static const char *const types[] = {"xterm-ghostty", "foot-extra", "no-such-terminal", ""};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct terminal *terminal = terminal_open(24, 80);
        struct screen *screen = open_screen(terminal, types[i]);
        surface_text(screen_surface(screen), surface_rect(screen_surface(screen)), 5, 5, ROLE_BOLD,
                     "ok");
        flush(screen, terminal);
        assert_true(terminal_shows(terminal, "     ok"));
        // What is taken for a relative works; what is taken for a vt100 is said.
        const char *notice = screen_notice(screen, LANGUAGE_RU);
        assert_int_equal(i >= 2, notice && strstr(notice, "vt100"));
        screen_close(screen);
        terminal_close(terminal);
    }
}

static void a_pipe_is_no_terminal(void **state)
{
    (void)state;
    int fds[2];
    struct err err;
    struct screen *screen = NULL;
    assert_int_equal(pipe(fds), 0);
    struct screen_options options = {.input_fd = fds[0], .output_fd = fds[1], .term = "xterm"};
    assert_int_equal(screen_open(&options, &screen, &err), ERR_INVALID);
    assert_non_null(strstr(err.message[LANGUAGE_RU], "не терминал"));
    close(fds[0]);
    close(fds[1]);
}

static void resizing_a_thousand_times_never_harms(void **state)
{
    (void)state;
    struct budget budget;
    open_budget(&budget, true);
    srand(4);
    for (int round = 0; round < 1000; round++) {
        int rows = round % 10 == 0 ? 1 : 1 + rand() % 70;
        int columns = round % 10 == 0 ? 1 : 1 + rand() % 250;
        terminal_resize(budget.terminal, rows, columns);
        screen_resize(budget.screen);
        struct surface *surface = screen_surface(budget.screen);
        assert_int_equal(surface->rows, rows);
        assert_int_equal(surface->columns, columns);
        if (round % 3 == 0)
            console_fixture_keys(&budget.fixture, round % 2 ? "F2" : "Esc");
        surface_clear(surface);
        desk_paint(budget.fixture.desk, surface);
        screen_flush(budget.screen, 0);
        terminal_take(budget.terminal, 0);
        screen_reply(budget.screen);
    }
    terminal_take(budget.terminal, QUIET_MS);
    close_budget(&budget);
}

static bool echoes(const struct terminal *terminal)
{
    struct termios termios;
    assert_int_equal(tcgetattr(terminal_slave(terminal), &termios), 0);
    return (termios.c_lflag & ECHO) != 0;
}

static mode_t mode_of(const struct terminal *terminal)
{
    struct stat status;
    assert_int_equal(fstat(terminal_slave(terminal), &status), 0);
    return status.st_mode & 0777;
}

static void closing_gives_the_terminal_back(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    mode_t mode = mode_of(terminal);
    struct screen *screen = open_screen(terminal, "xterm-256color");
    assert_false(echoes(terminal));
    assert_int_equal(mode_of(terminal), 0600);
    flush(screen, terminal);
    screen_close(screen);
    terminal_take(terminal, QUIET_MS);
    const char *sent = buf_text(terminal_bytes(terminal));
    assert_non_null(strstr(sent, "\033[?1049l"));
    assert_non_null(strstr(sent, "\033[?2004l"));
    assert_true(echoes(terminal));
    assert_int_equal(mode_of(terminal), mode);
    terminal_close(terminal);
}

// Waits for the child; -1 when it does not end in time.
static int wait_for(pid_t child, int limit_ms)
{
    for (int waited_ms = 0; waited_ms < limit_ms; waited_ms += 10) {
        int status;
        if (waitpid(child, &status, WNOHANG) == child)
            return status;
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return -1;
}

static void a_crash_gives_the_terminal_back(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    pid_t child = fork();
    if (child == 0) {
        struct screen *screen = open_screen(terminal, "xterm-256color");
        screen_flush(screen, 0);
        signal(SIGALRM, SIG_DFL);
        raise(SIGSEGV);
        _exit(0);
    }
    terminal_take(terminal, 200);
    int status = wait_for(child, 3000);
    terminal_take(terminal, QUIET_MS);
    // A sanitizer's own handler may have been replaced; what counts is that it died and restored.
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
    const char *sent = buf_text(terminal_bytes(terminal));
    assert_non_null(strstr(sent, "\033[?25h\033[?1049l"));
    assert_true(echoes(terminal));
    terminal_close(terminal);
}

static void take_key(void *context, const struct input *input, int64_t now_ms)
{
    (void)now_ms;
    struct console_fixture *fixture = context;
    desk_input(fixture->desk, input);
}

static void paint(void *context, struct surface *surface, int64_t now_ms)
{
    (void)now_ms;
    desk_paint(((struct console_fixture *)context)->desk, surface);
}

static int64_t tick(void *context, int64_t now_ms)
{
    (void)context;
    return now_ms + 1000;
}

// The child's program: the console on the terminal until it ends. Exit status: enum loop_end.
static _Noreturn void run_console(struct terminal *terminal, bool close_master)
{
    struct console_fixture fixture;
    struct loop *loop = loop_new();
    if (close_master)
        terminal_hang_up(terminal);
    struct screen *screen = open_screen(terminal, "xterm-256color");
    console_fixture_open(&fixture, LANGUAGE_EN, 24, 80);
    console_fixture_load(&fixture, "rows.json");
    struct loop_program program = {
        .context = &fixture, .input = take_key, .paint = paint, .tick = tick};
    enum loop_end end = loop_run(loop, screen, terminal_slave(terminal), &program);
    loop_free(loop);
    if (end == LOOP_HANGUP)
        screen_abandon(screen);
    else
        screen_close(screen);
    _exit(100 + (int)end);
}

static pid_t start_console(struct terminal *terminal)
{
    pid_t child = fork();
    if (child == 0)
        run_console(terminal, true);
    for (int tries = 0; tries < 100 && !terminal_shows(terminal, "104217"); tries++)
        terminal_take(terminal, 50);
    assert_true(terminal_shows(terminal, "104217"));
    return child;
}

static void a_hang_up_ends_the_program_within_a_second(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    pid_t child = start_console(terminal);
    terminal_hang_up(terminal);
    int status = wait_for(child, 1000);
    assert_true(status != -1 && WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 100 + LOOP_HANGUP);
    terminal_close(terminal);
}

static void a_signal_ends_the_program_and_gives_the_terminal_back(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    pid_t child = start_console(terminal);
    kill(child, SIGTERM);
    terminal_take(terminal, 100);
    int status = wait_for(child, 1000);
    assert_true(status != -1 && WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 100 + LOOP_SIGNAL);
    assert_non_null(strstr(buf_text(terminal_bytes(terminal)), "\033[?1049l"));
    assert_true(echoes(terminal));
    terminal_close(terminal);
}

static void keys_are_painted_at_once(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    pid_t child = start_console(terminal);
    static const char letter[] = "\xD1\x80"; // р stands on h: help
    terminal_type(terminal, letter, 1);
    terminal_take(terminal, 30);
    terminal_type(terminal, letter + 1, 1); // a letter in two reads is one letter
    int64_t typed_ms = clock_monotonic_now_ms();
    while (!terminal_shows(terminal, "Help: type") && clock_monotonic_now_ms() - typed_ms < 2000)
        terminal_take(terminal, 1);
    int64_t took_ms = clock_monotonic_now_ms() - typed_ms;
    print_message("key to picture: %d ms\n", (int)took_ms);
    assert_true(took_ms < 200);
    terminal_type(terminal, "\033", 1);
    typed_ms = clock_monotonic_now_ms();
    while (terminal_shows(terminal, "Help: type") && clock_monotonic_now_ms() - typed_ms < 2000)
        terminal_take(terminal, 1);
    took_ms = clock_monotonic_now_ms() - typed_ms;
    print_message("lone Esc to picture: %d ms\n", (int)took_ms);
    assert_true(took_ms < 300);
    kill(child, SIGTERM);
    terminal_take(terminal, 100);
    assert_true(wait_for(child, 1000) != -1);
    terminal_close(terminal);
}

static void frames_wait_for_the_terminals_reply(void **state)
{
    (void)state;
    struct terminal *terminal = terminal_open(24, 80);
    struct screen *screen = open_screen(terminal, "xterm-256color");
    surface_text(screen_surface(screen), surface_rect(screen_surface(screen)), 3, 3, ROLE_NORMAL,
                 "a frame of some size, larger than what is not worth pacing at all");
    screen_flush(screen, 1000);
    assert_false(screen_may_paint(screen, 1001));
    screen_reply(screen);
    assert_true(screen_may_paint(screen, 1002));
    screen_repaint(screen);
    screen_flush(screen, 2000);
    assert_false(screen_may_paint(screen, 2000 + SCREEN_REPLY_MS));
    assert_true(screen_may_paint(screen, 2001 + SCREEN_REPLY_MS)); // it never replies
    terminal_take(terminal, QUIET_MS);
    screen_close(screen);
    terminal_close(terminal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_code_point_reaches_the_terminal_raw),
        cmocka_unit_test(no_pair_of_bytes_reaches_the_terminal_raw),
        cmocka_unit_test(naughty_strings_stay_in_their_row),
        cmocka_unit_test(a_clock_tick_takes_30_bytes),
        cmocka_unit_test(a_cell_takes_20_bytes),
        cmocka_unit_test(a_cursor_row_takes_400_bytes),
        cmocka_unit_test(a_repaint_takes_7000_bytes),
        cmocka_unit_test(ascii_terminals_get_no_symbols),
        cmocka_unit_test(an_unknown_terminal_type_falls_back),
        cmocka_unit_test(a_pipe_is_no_terminal),
        cmocka_unit_test(resizing_a_thousand_times_never_harms),
        cmocka_unit_test(closing_gives_the_terminal_back),
        cmocka_unit_test(a_crash_gives_the_terminal_back),
        cmocka_unit_test(a_hang_up_ends_the_program_within_a_second),
        cmocka_unit_test(a_signal_ends_the_program_and_gives_the_terminal_back),
        cmocka_unit_test(keys_are_painted_at_once),
        cmocka_unit_test(frames_wait_for_the_terminals_reply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
