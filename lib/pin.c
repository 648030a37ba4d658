#include "lib/pin.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// A byte at a time: what stands behind the line is somebody else's to read.
static bool read_line(int from, char pin[PIN_BYTES])
{
    size_t length = 0;
    ssize_t got;
    char c;

    while ((got = read(from, &c, 1)) == 1 && c != '\n') {
        if (length < PIN_BYTES - 1 && c != '\r')
            pin[length++] = c;
    }
    pin[length] = '\0';
    return length > 0;
}

bool pin_ask(const char *prompt, char pin[PIN_BYTES])
{
    int from = isatty(STDIN_FILENO) ? open("/dev/tty", O_RDWR | O_CLOEXEC) : STDIN_FILENO;
    struct termios shown, hidden;
    bool got;

    pin[0] = '\0';
    if (from < 0)
        return false;
    if (from == STDIN_FILENO)
        return read_line(from, pin);
    got = tcgetattr(from, &shown) == 0 && write(from, prompt, strlen(prompt)) > 0;
    if (got) {
        hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(from, TCSAFLUSH, &hidden);
        got = read_line(from, pin);
        tcsetattr(from, TCSAFLUSH, &shown);
        got = write(from, "\n", 1) == 1 && got;
    }
    close(from);
    return got;
}
