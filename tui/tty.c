#include "tui/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

// Async-signal-safe to read: written before the handlers are installed.
static struct {
    volatile sig_atomic_t taken;
    int fd;
    struct termios termios;
    mode_t mode;
    bool mode_changed;
    int real_stderr, kept_stderr; // -1 = stderr was left alone
} tty = {.real_stderr = -1, .kept_stderr = -1};

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

// End of synchronized output and bracketed paste, plain attributes, cursor shown, main screen.
static const char restore[] = "\033[?2026l\033[?2004l\033[0m\033[?25h\033[?1049l\r";

bool tty_write(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            poll(&ready, 1, -1);
            if (ready.revents & (POLLERR | POLLHUP))
                return false;
            continue;
        }
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static void give_stderr_back(bool print)
{
    char bytes[4096];
    if (tty.kept_stderr < 0)
        return;
    dup2(tty.real_stderr, STDERR_FILENO);
    off_t at = 0;
    ssize_t length = 0;
    while (print && (length = pread(tty.kept_stderr, bytes, sizeof bytes, at)) > 0) {
        tty_write(tty.real_stderr, bytes, (size_t)length);
        at += length;
    }
    close(tty.kept_stderr);
    close(tty.real_stderr);
    tty.kept_stderr = tty.real_stderr = -1;
}

static void restore_device(void)
{
    tcsetattr(tty.fd, TCSADRAIN, &tty.termios);
    if (tty.mode_changed)
        (void)!fchmod(tty.fd, tty.mode & 07777);
}

static void crash(int number)
{
    if (tty.taken) {
        tty.taken = 0;
        (void)!write(tty.fd, restore, sizeof restore - 1);
        restore_device();
        give_stderr_back(true);
    }
    raise(number); // SA_RESETHAND: now with its default action, a core dump included
}

static void install_handlers(void)
{
    static char stack[16384];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_handler = crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        sigaction(crashes[i], &action, NULL);
}

static void remove_handlers(void)
{
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        signal(crashes[i], SIG_DFL);
}

// Libraries that complain would spoil the picture: what they write is kept until the end.
static void keep_stderr(void)
{
    if (!isatty(STDERR_FILENO))
        return;
    tty.kept_stderr = memfd_create("stderr", MFD_CLOEXEC);
    if (tty.kept_stderr < 0)
        return;
    tty.real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (tty.real_stderr < 0 || dup2(tty.kept_stderr, STDERR_FILENO) < 0) {
        close(tty.kept_stderr);
        tty.kept_stderr = -1;
    }
}

enum err_code tty_take(int fd, struct err *err)
{
    struct stat status;
    if (tcgetattr(fd, &tty.termios) < 0)
        return err_set(err, ERR_INVALID, "terminal",
                       "this is not a terminal; the screens need one (ssh -t, tmux, a console)",
                       "это не терминал; экранам нужен терминал (ssh -t, tmux, консоль)");
    struct termios raw = tty.termios;
    raw.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    tty.fd = fd;
    tty.mode_changed = false;
    if (tcsetattr(fd, TCSADRAIN, &raw) < 0)
        return err_set(err, ERR_INVALID, "terminal", "the terminal cannot be set: %s",
                       "терминал не настраивается: %s", strerror(errno));
    if (fstat(fd, &status) == 0 && fchmod(fd, 0600) == 0) {
        tty.mode = status.st_mode;
        tty.mode_changed = true;
    }
    keep_stderr();
    tty.taken = 1;
    install_handlers();
    return ERR_OK;
}

void tty_give_back(void)
{
    if (!tty.taken)
        return;
    tty.taken = 0;
    remove_handlers();
    restore_device();
    give_stderr_back(true);
}

void tty_abandon(void)
{
    if (!tty.taken)
        return;
    tty.taken = 0;
    remove_handlers();
    give_stderr_back(false);
}

bool tty_size(int fd, int *rows, int *columns)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0)
        return false;
    *rows = size.ws_row < 1000 ? size.ws_row : 1000;
    *columns = size.ws_col < 1000 ? size.ws_col : 1000;
    return true;
}
