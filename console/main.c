// The dispatcher's screen.
#include "console/desk.h"
#include "console/link.h"
#include "lib/clock.h"
#include "lib/path.h"
#include "tui/loop.h"
#include "tui/options.h"
#include "tui/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct options_view views[] = {{VIEW_QUEUE, {"queue", "очередь"}},
                                            {VIEW_DETAIL, {"incident", "инцидент"}},
                                            {VIEW_LOG, {"log", "журнал"}},
                                            {VIEW_PLANNED, {"planned", "работы"}},
                                            {0, {NULL, NULL}}};
static const struct options_program this_program = {
    .name = "console",
    .role = "dispatcher",
    .title = {"the dispatcher's screen", "экран диспетчера"},
    .actions = desk_actions,
    .action_count = &desk_action_count,
    .views = views};

// What the loop calls; see tui/loop.h.
struct program {
    struct client *client;
    struct desk *desk;
    struct link *link;
    struct loop *loop;
    struct screen *screen;
};

static void wants_frame(void *context, bool urgent)
{
    struct program *program = context;
    if (urgent)
        loop_force(program->loop);
    else
        loop_dirty(program->loop);
}

static void ring_bell(void *context)
{
    struct program *program = context;
    screen_bell(program->screen);
}

static int wait_for_news(void *context, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct program *program = context;
    return client_poll(program->client, fds, count, timeout_ms);
}

static void take_input(void *context, const struct input *input, int64_t now_ms)
{
    struct program *program = context;
    program->desk->mono_ms = now_ms;
    desk_input(program->desk, input);
    if (program->desk->quit)
        loop_quit(program->loop);
    if (program->desk->repaint_whole)
        screen_repaint(program->screen);
    program->desk->repaint_whole = false;
}

static int64_t tick(void *context, int64_t now_ms)
{
    struct program *program = context;
    link_refresh(program->link);
    int64_t next_ms = desk_tick(program->desk, client_now_ms(program->client), now_ms);
    if (desk_take_repaint(program->desk))
        loop_dirty(program->loop);
    return next_ms;
}

static void paint(void *context, struct surface *surface, int64_t now_ms)
{
    struct program *program = context;
    (void)now_ms;
    desk_paint(program->desk, surface);
}

static enum loop_end run(struct program *program)
{
    struct loop_program callbacks = {.context = program,
                                     .poll = wait_for_news,
                                     .input = take_input,
                                     .tick = tick,
                                     .paint = paint};
    return loop_run(program->loop, program->screen, STDIN_FILENO, &callbacks);
}

static enum err_code open_bus(const struct options *options, struct program *program,
                              struct err *err)
{
    char state[PATH_BYTES];
    char outbox[PATH_BYTES + 32];
    enum err_code code = path_state(state, err);
    if (code != ERR_OK)
        return code;
    snprintf(outbox, sizeof outbox, "%s/console-outbox.db", state);
    struct client_options client = {.endpoint = options->bus,
                                    .program = "console",
                                    .version = PULT_VERSION,
                                    .role = options->role,
                                    .language = options->language,
                                    .outbox = outbox};
    program->client = client_open(&client, err);
    return program->client ? ERR_OK : err->code;
}

int main(int argc, char **argv)
{
    struct options options;
    struct err err;
    struct program program = {0};
    int status = options_read(&this_program, argc, argv, &options);
    if (status >= 0)
        return status;
    err_clear(&err);
    program.loop = loop_new(); // before threads: they inherit its signal mask
    struct screen_options screen = {.input_fd = STDIN_FILENO,
                                    .output_fd = STDOUT_FILENO,
                                    .term = getenv("TERM"),
                                    .ascii = options.ascii,
                                    .mono = options.mono};
    if (open_bus(&options, &program, &err) != ERR_OK ||
        screen_open(&screen, &program.screen, &err) != ERR_OK) {
        fprintf(stderr, "console: %s\n", err.message[options.language]);
        client_close(program.client);
        loop_free(program.loop);
        return err_exit_status(err.code);
    }
    program.link = link_new(program.client, wants_frame, ring_bell, &program);
    struct desk_bus bus = link_bus(program.link);
    program.desk = desk_new(&bus, options.language);
    link_start(program.link, program.desk);
    program.desk->mono_ms = clock_monotonic_now_ms(); // from which a message's time counts
    if (options.message)
        desk_say(program.desk, ROLE_BOLD, options.message);
    const char *notice = screen_notice(program.screen, options.language);
    if (notice)
        desk_say(program.desk, ROLE_BAD, notice);
    if (run(&program) == LOOP_HANGUP)
        screen_abandon(program.screen);
    else
        screen_close(program.screen);
    client_close(program.client); // what was not sent stays in the outbox, on disk
    link_free(program.link);
    desk_free(program.desk);
    loop_free(program.loop);
    return 0;
}
