#include "tui/screen.h"

#include "lib/mem.h"
#include "lib/text.h"
#include "tui/tty.h"

#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// ncurses writes into a memory file, never to the terminal: so the size of a frame is known before it
// is sent (invariant 2), marks and status request go out in the same write, and ncurses sets no
// terminal modes behind tty.c's back.
struct screen {
    SCREEN *curses;
    FILE *sink; // the memory file
    FILE *nothing;
    int input_fd, output_fd;
    struct surface surface; // what views paint
    struct surface sent;    // what ncurses has been told
    bool whole;             // `sent` counts for nothing
    bool ascii, mono, lost, bell, away;
    bool locale_replaced, term_replaced;
    const char *term; // that was taken; static
    int64_t asked_ms; // when a reply was asked for; 0 = none awaited
    int silent;       // replies that never came, in a row
};

enum {
    ASK_BYTES = 64,   // frames below are too small to queue up anywhere
    SILENT_LIMIT = 3, // then the terminal does not know the request: no more asking
};

struct look {
    attr_t attributes;
    short color; // foreground; -1 = default
    short back;
    attr_t mono; // instead, without colours
};

// Shape and word come first (TERMINAL §2): without colours nothing is lost but the hue.
static const struct look looks[ROLE_COUNT] = {
    [ROLE_NORMAL] = {A_NORMAL, -1, -1, A_NORMAL},
    [ROLE_DIM] = {A_DIM, -1, -1, A_DIM},
    [ROLE_BOLD] = {A_BOLD, -1, -1, A_BOLD},
    [ROLE_TITLE] = {A_REVERSE, -1, -1, A_REVERSE},
    [ROLE_SELECTED] = {A_REVERSE, -1, -1, A_REVERSE},
    [ROLE_TAGGED] = {A_BOLD, COLOR_CYAN, -1, A_BOLD},
    [ROLE_PRIORITY_1] = {A_BOLD, COLOR_RED, -1, A_REVERSE | A_BOLD},
    [ROLE_PRIORITY_2] = {A_NORMAL, COLOR_YELLOW, -1, A_BOLD},
    [ROLE_PRIORITY_3] = {A_NORMAL, COLOR_CYAN, -1, A_NORMAL},
    [ROLE_PRIORITY_4] = {A_NORMAL, -1, -1, A_NORMAL},
    [ROLE_PRIORITY_5] = {A_DIM, -1, -1, A_DIM},
    [ROLE_STRIP] = {A_BOLD, COLOR_WHITE, COLOR_RED, A_REVERSE | A_BOLD},
    [ROLE_STAR] = {A_BOLD, -1, -1, A_BOLD},
    [ROLE_OVERDUE] = {A_BOLD, COLOR_MAGENTA, -1, A_BOLD},
    [ROLE_GOOD] = {A_NORMAL, -1, -1, A_NORMAL},
    [ROLE_BAD] = {A_BOLD, COLOR_WHITE, COLOR_RED, A_REVERSE | A_BOLD},
    [ROLE_FIELD] = {A_UNDERLINE, -1, -1, A_UNDERLINE},
    [ROLE_FOCUS] = {A_REVERSE, -1, -1, A_REVERSE},
    [ROLE_CHOICE] = {A_REVERSE, -1, -1, A_REVERSE},
    [ROLE_KEY] = {A_BOLD, -1, -1, A_BOLD},
    [ROLE_LABEL] = {A_REVERSE, -1, -1, A_REVERSE},
    [ROLE_FRAME] = {A_NORMAL, -1, -1, A_NORMAL},
    [ROLE_MATCH] = {A_UNDERLINE | A_BOLD, -1, -1, A_UNDERLINE | A_BOLD},
};

static bool starts_with_any(const char *text, const char *const *prefixes)
{
    for (; *prefixes; prefixes++)
        if (strncmp(text, *prefixes, strlen(*prefixes)) == 0)
            return true;
    return false;
}

// True when the charset was not UTF-8 and has been replaced for the whole program.
static bool choose_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return false;
    setlocale(LC_CTYPE, "C.UTF-8");
    return true;
}

static SCREEN *open_terminal(struct screen *screen, const char *term)
{
    static const char *const like_xterm[] = {"xterm",   "foot",      "kitty", "wezterm",
                                             "ghostty", "alacritty", "putty", NULL};
    const char *chain[] = {term ? term : "", NULL, "vt100"};
    if (starts_with_any(chain[0], like_xterm))
        chain[1] = "xterm-256color";
    for (size_t i = 0; i < 3; i++) {
        SCREEN *curses =
            chain[i] && *chain[i] ? newterm(chain[i], screen->sink, screen->nothing) : NULL;
        if (curses) {
            screen->term = chain[i];
            screen->term_replaced = i == 2;
            return curses;
        }
    }
    return NULL;
}

static void set_colors(struct screen *screen)
{
    if (screen->mono || !has_colors()) {
        screen->mono = true;
        return;
    }
    start_color();
    use_default_colors();
    for (short i = 0; i < ROLE_COUNT; i++)
        init_pair((short)(i + 1), looks[i].color, looks[i].back);
}

// Sends what ncurses has written into the memory file, between `before` and `after`.
static size_t send(struct screen *screen, const char *before, const char *after)
{
    int fd = fileno(screen->sink);
    off_t length = lseek(fd, 0, SEEK_CUR);
    size_t count = length > 0 ? (size_t)length : 0;
    size_t head = strlen(before);
    size_t tail = strlen(after);
    char *bytes = mem_alloc(head + count + tail + 1);
    memcpy(bytes, before, head);
    if (count > 0 && pread(fd, bytes + head, count, 0) != length)
        count = 0;
    memcpy(bytes + head + count, after, tail);
    size_t total = head + count + tail;
    if (total > 0 && !screen->lost && !tty_write(screen->output_fd, bytes, total))
        screen->lost = true;
    free(bytes);
    lseek(fd, 0, SEEK_SET);
    return total;
}

static bool open_sink(struct screen *screen)
{
    int fd = memfd_create("frame", MFD_CLOEXEC);
    screen->sink = fd >= 0 ? fdopen(fd, "w+") : NULL;
    screen->nothing = fopen("/dev/null", "re");
    return screen->sink && screen->nothing;
}

static void free_screen(struct screen *screen)
{
    if (screen->curses)
        delscreen(screen->curses);
    if (screen->sink)
        fclose(screen->sink);
    if (screen->nothing)
        fclose(screen->nothing);
    surface_fini(&screen->surface);
    surface_fini(&screen->sent);
    free(screen);
}

static bool apply_size(struct screen *screen, int rows, int columns)
{
    if (rows == screen->surface.rows && columns == screen->surface.columns)
        return false;
    resize_term(rows, columns);
    surface_resize(&screen->surface, rows, columns);
    surface_resize(&screen->sent, rows, columns);
    screen->whole = true;
    return true;
}

static void set_up_curses(struct screen *screen)
{
    static const char *const plain[] = {"linux", "vt100", "vt102", "vt220", "cons", "ansi", NULL};
    typeahead(-1);
    nonl();
    scrollok(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    curs_set(1);
    set_colors(screen);
    screen->ascii = screen->ascii || starts_with_any(screen->term, plain);
    int rows = LINES;
    int columns = COLS;
    tty_size(screen->output_fd, &rows, &columns);
    surface_init(&screen->surface, 0, 0);
    surface_init(&screen->sent, 0, 0);
    apply_size(screen, rows, columns);
}

enum err_code screen_open(const struct screen_options *options, struct screen **out,
                          struct err *err)
{
    struct screen *screen = mem_alloc(sizeof *screen);
    enum err_code code = ERR_OK;
    screen->input_fd = options->input_fd;
    screen->output_fd = options->output_fd;
    screen->ascii = options->ascii;
    screen->mono = options->mono;
    screen->locale_replaced = choose_locale();
    if (!isatty(options->input_fd) || !isatty(options->output_fd)) {
        code = err_set(err, ERR_INVALID, "terminal",
                       "this is not a terminal; the screens need one (ssh -t, tmux, a console)",
                       "это не терминал; экранам нужен терминал (ssh -t, tmux, консоль)");
        goto out;
    }
    if (!open_sink(screen)) {
        code = err_set(err, ERR_UNAVAILABLE, "memory", "no memory file for the screen: %m",
                       "нет файла в памяти для экрана: %m");
        goto out;
    }
    screen->curses = open_terminal(screen, options->term);
    if (!screen->curses || !tigetstr("cup") || tigetstr("cup") == (char *)-1) {
        code = err_set(err, ERR_INVALID, "terminal",
                       "the terminal \"%s\" cannot place the cursor; set TERM to xterm-256color, "
                       "linux or vt100, whichever it is",
                       "терминал «%s» не умеет ставить курсор; задайте TERM: xterm-256color, linux "
                       "или vt100, смотря какой он",
                       options->term ? options->term : "");
        goto out;
    }
    code = tty_take(options->input_fd, err);
    if (code != ERR_OK)
        goto out;
    set_up_curses(screen);
    send(screen, "", "\033[?2004h");
    *out = screen;
    return ERR_OK;
out:
    if (screen->curses)
        endwin();
    free_screen(screen);
    return code;
}

void screen_close(struct screen *screen)
{
    if (!screen)
        return;
    screen_leave(screen);
    free_screen(screen);
}

void screen_abandon(struct screen *screen)
{
    if (!screen)
        return;
    screen->lost = true;
    endwin();
    tty_abandon();
    free_screen(screen);
}

void screen_leave(struct screen *screen)
{
    if (screen->away)
        return;
    screen->away = true;
    set_term(screen->curses);
    endwin();
    send(screen, "\033[?2004l", "");
    tty_give_back();
}

void screen_enter(struct screen *screen)
{
    struct err err;
    if (!screen->away || tty_take(screen->input_fd, &err) != ERR_OK)
        return;
    screen->away = false;
    set_term(screen->curses);
    clearok(curscr, TRUE);
    refresh();
    send(screen, "", "\033[?2004h");
    screen->asked_ms = 0;
    screen->whole = true;
}

struct surface *screen_surface(struct screen *screen)
{
    return &screen->surface;
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->rune == b->rune && a->mark == b->mark && a->role == b->role;
}

static void put_cell(const struct screen *screen, int row, int column, const struct cell *cell)
{
    // The surface holds drawable runes only; this is the last gate before the terminal all the same.
    uint32_t rune = text_drawable(cell->rune);
    if (rune == 0 || text_mark(rune))
        rune = TEXT_MIDDLE_DOT;
    if (screen->ascii)
        rune = surface_ascii(rune);
    wchar_t text[3] = {(wchar_t)rune, (wchar_t)cell->mark, 0};
    const struct look *look = &looks[cell->role];
    attr_t attributes = screen->mono ? look->mono : look->attributes;
    bool colored = !screen->mono && (look->color >= 0 || look->back >= 0);
    cchar_t character;
    setcchar(&character, text, attributes, colored ? (short)(cell->role + 1) : 0, NULL);
    mvadd_wch(row, column, &character); // ERR in the last cell, which is drawn nevertheless
}

size_t screen_flush(struct screen *screen, int64_t now_ms)
{
    struct surface *surface = &screen->surface;
    if (screen->lost || screen->away)
        return 0;
    set_term(screen->curses);
    for (int row = 0; row < surface->rows; row++)
        for (int column = 0; column < surface->columns; column++) {
            const struct cell *cell = surface_cell(surface, row, column);
            struct cell *sent = surface_cell(&screen->sent, row, column);
            if (screen->whole || !same_cell(cell, sent))
                put_cell(screen, row, column, cell);
            *sent = *cell;
        }
    if (screen->whole)
        clearok(curscr, TRUE);
    screen->whole = false;
    move(surface->cursor_row, surface->cursor_column);
    wnoutrefresh(stdscr);
    doupdate();
    off_t frame = lseek(fileno(screen->sink), 0, SEEK_CUR);
    bool large = frame > SCREEN_SYNC_BYTES;
    bool ask = frame >= ASK_BYTES && screen->silent < SILENT_LIMIT && screen->asked_ms == 0;
    char after[32];
    snprintf(after, sizeof after, "%s%s%s", large ? "\033[?2026l" : "", screen->bell ? "\a" : "",
             ask ? "\033[5n" : "");
    screen->bell = false;
    if (ask)
        screen->asked_ms = now_ms;
    return send(screen, large ? "\033[?2026h" : "", after);
}

void screen_repaint(struct screen *screen)
{
    screen->whole = true;
}

bool screen_resize(struct screen *screen)
{
    int rows = screen->surface.rows;
    int columns = screen->surface.columns;
    set_term(screen->curses);
    return tty_size(screen->output_fd, &rows, &columns) && apply_size(screen, rows, columns);
}

void screen_bell(struct screen *screen)
{
    screen->bell = true;
}

bool screen_may_paint(struct screen *screen, int64_t now_ms)
{
    if (screen->asked_ms != 0 && now_ms - screen->asked_ms > SCREEN_REPLY_MS) {
        screen->asked_ms = 0;
        screen->silent++;
    }
    return screen->asked_ms == 0;
}

void screen_reply(struct screen *screen)
{
    screen->asked_ms = 0;
    screen->silent = 0;
}

void screen_add_sequences(struct screen *screen, struct decoder *decoder)
{
    static const struct {
        const char *name;
        enum input_key key;
        unsigned mods;
    } keys[] = {
        {"kf1", INPUT_F1, 0},        {"kf2", INPUT_F2, 0},        {"kf3", INPUT_F3, 0},
        {"kf4", INPUT_F4, 0},        {"kf5", INPUT_F5, 0},        {"kf6", INPUT_F6, 0},
        {"kf7", INPUT_F7, 0},        {"kf8", INPUT_F8, 0},        {"kf9", INPUT_F9, 0},
        {"kf10", INPUT_F10, 0},      {"kf11", INPUT_F11, 0},      {"kf12", INPUT_F12, 0},
        {"kcuu1", INPUT_UP, 0},      {"kcud1", INPUT_DOWN, 0},    {"kcub1", INPUT_LEFT, 0},
        {"kcuf1", INPUT_RIGHT, 0},   {"khome", INPUT_HOME, 0},    {"kend", INPUT_END, 0},
        {"kpp", INPUT_PAGE_UP, 0},   {"knp", INPUT_PAGE_DOWN, 0}, {"kich1", INPUT_INSERT, 0},
        {"kdch1", INPUT_DELETE, 0},  {"kent", INPUT_ENTER, 0},    {"kcbt", INPUT_TAB, INPUT_SHIFT},
        {"kbs", INPUT_BACKSPACE, 0},
    };
    set_term(screen->curses);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        // tigetstr() wants no const, gives -1 for what is no string; keys of one byte are not ESC.
        const char *bytes = tigetstr(keys[i].name);
        if (bytes && bytes != (const char *)-1)
            decoder_add_sequence(decoder, bytes, keys[i].key, keys[i].mods);
    }
}

bool screen_is_ascii(const struct screen *screen)
{
    return screen->ascii;
}

bool screen_is_lost(const struct screen *screen)
{
    return screen->lost;
}

const char *screen_notice(const struct screen *screen, enum language language)
{
    if (screen->term_replaced)
        return language == LANGUAGE_RU
                   ? "TERM не задан или неизвестен; взят vt100 (задайте TERM=xterm-256color)."
                   : "TERM is unset or unknown; vt100 is used (set TERM=xterm-256color).";
    if (!screen->locale_replaced)
        return NULL;
    return language == LANGUAGE_RU ? "Локаль из LANG не установлена или не UTF-8; взята C.UTF-8 "
                                     "(годится и LANG=C.UTF-8)."
                                   : "The locale of LANG is not installed or not UTF-8; C.UTF-8 is "
                                     "used (set LANG=C.UTF-8).";
}
