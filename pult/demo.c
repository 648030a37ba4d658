// `pult demo`: everything in one go: a broker on a throw-away directory, the invented company, its
// callers, and the console in this terminal. Leaving the console ends all of it and leaves nothing.
#include "pult/command.h"

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "lib/path.h"

#include <errno.h>
#include <ftw.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { READY_MS = 10000, LIVE_S = 20, CHILDREN_MAX = 3, END_MS = 5000 };

struct demo {
    const struct command_line *line;
    char directory[64];
    char share[PATH_BYTES];
    char bus[128];
    pid_t children[CHILDREN_MAX];
    int child_count;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

static int fault(const struct demo *demo, const char *what)
{
    fprintf(stderr, "pult: %s: %s: %s\n", demo->directory, what, strerror(errno));
    return 1;
}

// --- files ---------------------------------------------------------------------------------------------

static bool write_text(const struct demo *demo, const char *name, const struct buf *text)
{
    struct buf path = {0};

    buf_printf(&path, "%s/%s", demo->directory, name);
    FILE *file = fopen(buf_text(&path), "w");
    bool written = file && fwrite(buf_text(text), 1, text->length, file) == text->length;
    if (file && fclose(file) != 0)
        written = false;
    buf_fini(&path);
    return written;
}

static bool write_configuration(const struct demo *demo)
{
    struct buf text = {0};

    buf_printf(&text,
               "data: %s/data\nrequests: [\"ipc://%s/requests.sock\"]\n"
               "feed: [\"ipc://%s/feed.sock\"]\nmetrics: %s/metrics.sock\nroles: %s/roles.yaml\n"
               "language: %s\ncompany:\n  name: \"%s\"\n  phone: \"8-800-555-01-01\"\n"
               "log:\n  level: warning\n",
               demo->directory, demo->directory, demo->directory, demo->directory, demo->directory,
               language_name(demo->line->language),
               demo->line->language == LANGUAGE_RU ? "Зареченские электросети"
                                                   : "Zarechensk Networks");
    bool written = write_text(demo, "busd.yaml", &text);
    buf_fini(&text);
    return written;
}

// The roles as they are delivered; whoever runs the demo may be anybody.
static bool write_roles(const struct demo *demo)
{
    struct passwd *account = getpwuid(geteuid());
    char directory[PATH_BYTES];
    struct buf path = {0};
    struct buf roles = {0};
    struct buf text = {0};

    bool written = path_config(directory, NULL) == ERR_OK && account;
    buf_printf(&path, "%s/roles.yaml", directory);
    written = written && file_read(buf_text(&path), SIZE_MAX, &roles, NULL) == ERR_OK;
    const char *end = written ? strstr(buf_text(&roles), "\nusers:") : NULL;
    if (end) {
        buf_add(&text, roles.data, (size_t)(end + 1 - roles.data));
        buf_printf(
            &text,
            "users:\n  \"%s\": [dispatcher, operator, observer, script, admin]\ngroups: {}\n",
            account->pw_name);
    }
    written = end && write_text(demo, "roles.yaml", &text);
    buf_fini(&path);
    buf_fini(&roles);
    buf_fini(&text);
    return written;
}

// Moves every RFC 3339 time of `text` by whole days, so that the demo's first day is today.
static void shift_times(const struct buf *text, int64_t shift_ms, struct buf *out)
{
    enum { TIME_LENGTH = 25 }; // 2026-01-12T09:00:00+03:00

    for (size_t i = 0; i < text->length;) {
        char shifted[CLOCK_TEXT_BYTES];
        int64_t time_ms;
        if (i + TIME_LENGTH <= text->length && text->data[i] == '2' &&
            clock_parse(text->data + i, TIME_LENGTH, &time_ms)) {
            clock_format(time_ms + shift_ms, shifted);
            buf_add_text(out, shifted);
            i += TIME_LENGTH;
        } else {
            buf_add_char(out, text->data[i++]);
        }
    }
}

static bool write_planned(const struct demo *demo)
{
    struct buf path = {0};
    struct buf text = {0};
    struct buf shifted = {0};
    int64_t day_ms = INT64_C(24) * 3600 * 1000;
    int64_t first_ms = 0;

    clock_parse("2026-01-12T00:00:00+03:00", 25, &first_ms); // `day_0` of calls.yaml
    int64_t days = (clock_real_now_ms() - first_ms) / day_ms;
    buf_printf(&path, "%s/config/demo/planned.csv", demo->share);
    bool written = file_read(buf_text(&path), SIZE_MAX, &text, NULL) == ERR_OK;
    if (written)
        shift_times(&text, days * day_ms, &shifted);
    written = written && write_text(demo, "planned.csv", &shifted);
    buf_fini(&path);
    buf_fini(&text);
    buf_fini(&shifted);
    return written;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

// --- children --------------------------------------------------------------------------------------------

// Starts a program that ends with this one, whatever becomes of it. -1 after it has said why.
static pid_t start(struct demo *demo, const char *program, const char *const *words,
                   bool own_terminal)
{
    char path[PATH_BYTES];
    char *arguments[16];
    struct err err;
    int count = 0;

    if (path_program(path, program, &err) != ERR_OK) {
        command_fail(demo->line, &err);
        return -1;
    }
    arguments[count++] = path;
    while (*words && count < 15)
        arguments[count++] = mem_string(*words++);
    arguments[count] = NULL;
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(0);
        if (!own_terminal)
            setpgid(0, 0); // a Ctrl-C is for the console alone
        execv(path, arguments);
        _exit(127);
    }
    for (int i = 1; i < count; i++)
        free(arguments[i]);
    if (child > 0)
        demo->children[demo->child_count++] = child;
    return child;
}

static void end_child(pid_t child)
{
    int64_t deadline_ms = clock_monotonic_now_ms() + END_MS;
    struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

    kill(child, SIGTERM);
    while (waitpid(child, NULL, WNOHANG) == 0) {
        if (clock_monotonic_now_ms() > deadline_ms)
            kill(child, SIGKILL);
        nanosleep(&pause, NULL);
    }
}

static bool start_broker(struct demo *demo)
{
    struct buf file = {0};
    struct client_options options = {.endpoint = demo->bus,
                                     .program = "pult",
                                     .version = PULT_VERSION,
                                     .language = demo->line->language};
    struct err err;

    buf_printf(&file, "%s/busd.yaml", demo->directory);
    pid_t broker = start(demo, "busd", (const char *const[]){"-c", buf_text(&file), NULL}, false);
    buf_fini(&file);
    struct client *client = broker > 0 ? client_open(&options, &err) : NULL;
    int64_t deadline_ms = clock_monotonic_now_ms() + READY_MS;
    bool alive = client != NULL;
    while (alive && !client_is_up(client) && clock_monotonic_now_ms() < deadline_ms) {
        client_poll(client, NULL, 0, 50);
        alive = waitpid(broker, NULL, WNOHANG) == 0;
    }
    bool up = alive && client_is_up(client);
    if (!alive)
        demo->child_count = 0; // it has said itself why it ended
    client_close(client);
    return up;
}

static int import_company(struct demo *demo)
{
    static const char *const kinds[] = {"network", "premises", "planned"};
    struct command_line line = *demo->line;
    int status = 0;

    line.bus = demo->bus;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && status == 0; i++) {
        struct buf file = {0};
        if (strcmp(kinds[i], "planned") == 0)
            buf_printf(&file, "%s/planned.csv", demo->directory);
        else
            buf_printf(&file, "%s/config/demo/%s.csv", demo->share, kinds[i]);
        status = command_import_file(&line, kinds[i], buf_text(&file), false);
        buf_fini(&file);
    }
    return status;
}

// --- the show --------------------------------------------------------------------------------------------

// The command comes first: a line of 80 columns must not cut it.
static void tell_how(const struct demo *demo, struct buf *text)
{
    char pult[PATH_BYTES], here[PATH_BYTES];
    const char *name = pult;

    if (path_program(pult, "pult", NULL) != ERR_OK)
        snprintf(pult, sizeof(pult), "pult");
    size_t length = getcwd(here, sizeof(here)) ? strlen(here) : 0;
    if (length > 1 && strncmp(pult, here, length) == 0 && pult[length] == '/')
        name = pult + length + 1;
    buf_printf(text,
               demo->line->language == LANGUAGE_RU
                   ? "PULT_BUS=%s %s intake — экран оператора, в другом терминале"
                   : "PULT_BUS=%s %s intake - the operator's screen, in another terminal",
               demo->bus, name);
}

static int show_console(struct demo *demo)
{
    struct buf hint = {0};
    int status = 0;

    tell_how(demo, &hint);
    puts(buf_text(&hint));
    fflush(stdout);
    const char *const words[] = {
        "--bus",     demo->bus,       "--lang", language_name(demo->line->language),
        "--message", buf_text(&hint), NULL};
    pid_t console = start(demo, "console", words, true);
    if (console > 0) {
        demo->child_count--; // waited for here
        while (waitpid(console, &status, 0) < 0 && errno == EINTR) {
            if (interrupted)
                kill(console, SIGTERM);
        }
    }
    buf_fini(&hint);
    return console > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int show_events(struct demo *demo)
{
    const char *const words[] = {"tail", "--bus", demo->bus, "--from", "start", NULL};
    int64_t until_ms = clock_monotonic_now_ms() + LIVE_S * 1000;
    struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    struct buf hint = {0};

    tell_how(demo, &hint);
    fprintf(stderr, "%s\n", buf_text(&hint));
    buf_fini(&hint);
    if (start(demo, "pult", words, false) < 0)
        return 1;
    while (!interrupted && clock_monotonic_now_ms() < until_ms)
        nanosleep(&pause, NULL);
    return 0;
}

static int run(struct demo *demo, bool screens)
{
    const char *const simulate[] = {"simulate", "--bus", demo->bus, NULL};

    if (!write_configuration(demo) || !write_roles(demo) || !write_planned(demo))
        return fault(demo, "demo");
    if (!start_broker(demo))
        return 1;
    int status = import_company(demo);
    if (status)
        return status;
    if (start(demo, "pult", simulate, false) < 0)
        return 1;
    return screens ? show_console(demo) : show_events(demo);
}

int command_demo(const struct command_line *given)
{
    struct command_line line = *given;
    bool screens = !command_flag(&line, "no-ui") && line.people && isatty(STDIN_FILENO);
    struct demo demo = {.line = &line, .directory = "/tmp/pult-demo-XXXXXX"};
    struct err err;

    if (line.argc > 1)
        return command_usage(&line);
    if (path_share(demo.share, &err) != ERR_OK)
        return command_fail(&line, &err);
    if (!mkdtemp(demo.directory))
        return fault(&demo, "mkdtemp");
    snprintf(demo.bus, sizeof(demo.bus), "ipc://%s/requests.sock", demo.directory);
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    int status = run(&demo, screens);
    while (demo.child_count > 0)
        end_child(demo.children[--demo.child_count]);
    nftw(demo.directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return status;
}
