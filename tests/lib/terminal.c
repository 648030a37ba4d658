// The only file with vterm.h: it does not compile behind <term.h> (TERMINAL §4).
#include "tests/lib/terminal.h"

#include "lib/mem.h"
#include "lib/text.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vterm.h>

struct terminal {
    VTerm *vterm;
    VTermScreen *screen;
    int master, slave;
    int rows, columns;
    struct buf bytes;
};

// newterm() loses a little for each terminal type that it does not know (libtinfo's, not ours).
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:new_prescr\n";
}

struct terminal *terminal_open(int rows, int columns)
{
    struct terminal *terminal = mem_alloc(sizeof *terminal);
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    int made = openpty(&terminal->master, &terminal->slave, NULL, NULL, &size);
    assert(made == 0);
    fcntl(terminal->master, F_SETFL, O_NONBLOCK);
    fcntl(terminal->master, F_SETFD, FD_CLOEXEC);
    terminal->rows = rows;
    terminal->columns = columns;
    terminal->vterm = vterm_new(rows, columns);
    vterm_set_utf8(terminal->vterm, 1);
    terminal->screen = vterm_obtain_screen(terminal->vterm);
    vterm_screen_enable_altscreen(terminal->screen, 1);
    vterm_screen_reset(terminal->screen, 1);
    return terminal;
}

void terminal_close(struct terminal *terminal)
{
    if (terminal->master >= 0)
        close(terminal->master);
    close(terminal->slave);
    vterm_free(terminal->vterm);
    buf_fini(&terminal->bytes);
    free(terminal);
}

int terminal_slave(const struct terminal *terminal)
{
    return terminal->slave;
}

void terminal_hang_up(struct terminal *terminal)
{
    close(terminal->master);
    terminal->master = -1;
}

void terminal_resize(struct terminal *terminal, int rows, int columns)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
    terminal->rows = rows;
    terminal->columns = columns;
    vterm_set_size(terminal->vterm, rows, columns);
    ioctl(terminal->master, TIOCSWINSZ, &size);
}

void terminal_type(struct terminal *terminal, const void *bytes, size_t length)
{
    ssize_t written = write(terminal->master, bytes, length);
    assert(written == (ssize_t)length);
}

size_t terminal_take(struct terminal *terminal, int quiet_ms)
{
    size_t taken = 0;
    struct pollfd ready = {.fd = terminal->master, .events = POLLIN};
    while (poll(&ready, 1, quiet_ms) > 0) {
        char bytes[4096];
        char answer[256];
        ssize_t length = read(terminal->master, bytes, sizeof bytes);
        if (length <= 0)
            break;
        buf_add(&terminal->bytes, bytes, (size_t)length);
        vterm_input_write(terminal->vterm, bytes, (size_t)length);
        size_t answered = vterm_output_read(terminal->vterm, answer, sizeof answer);
        if (answered > 0)
            terminal_type(terminal, answer, answered);
        taken += (size_t)length;
    }
    return taken;
}

const struct buf *terminal_bytes(const struct terminal *terminal)
{
    return &terminal->bytes;
}

void terminal_forget_bytes(struct terminal *terminal)
{
    buf_clear(&terminal->bytes);
}

static void read_cell(const struct terminal *terminal, int row, int column, VTermScreenCell *cell)
{
    VTermPos position = {.row = row, .col = column};
    memset(cell, 0, sizeof *cell);
    vterm_screen_get_cell(terminal->screen, position, cell);
}

uint32_t terminal_rune(const struct terminal *terminal, int row, int column)
{
    VTermScreenCell cell;
    read_cell(terminal, row, column, &cell);
    return cell.chars[0] ? cell.chars[0] : ' ';
}

void terminal_print(const struct terminal *terminal, struct buf *out)
{
    for (int row = 0; row < terminal->rows; row++) {
        for (int column = 0; column < terminal->columns; column++) {
            VTermScreenCell cell;
            read_cell(terminal, row, column, &cell);
            for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && (i == 0 || cell.chars[i]); i++) {
                char bytes[4];
                uint32_t rune = cell.chars[i] ? cell.chars[i] : ' ';
                buf_add(out, bytes, text_encode(rune, bytes));
            }
        }
        while (out->length > 0 && out->data[out->length - 1] == ' ')
            out->data[--out->length] = '\0';
        buf_add_char(out, '\n');
    }
}

bool terminal_shows(const struct terminal *terminal, const char *text)
{
    struct buf picture = {0};
    terminal_print(terminal, &picture);
    bool shows = strstr(buf_text(&picture), text) != NULL;
    buf_fini(&picture);
    return shows;
}

void terminal_cursor(const struct terminal *terminal, int *row, int *column)
{
    VTermPos position;
    vterm_state_get_cursorpos(vterm_obtain_state(terminal->vterm), &position);
    *row = position.row;
    *column = position.col;
}
