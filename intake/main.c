// The operator's screen.
#include "intake/bus.h"
#include "intake/draft.h"
#include "intake/post.h"
#include "lib/path.h"
#include "tui/loop.h"
#include "tui/options.h"
#include "tui/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct options_view views[] = {{POST_FORM, {"form", "бланк"}},
                                            {POST_LOOKUP, {"look-up", "сроки"}},
                                            {POST_CALLS, {"calls", "обращения"}},
                                            {0, {NULL, NULL}}};
static const struct options_program this_program = {
    .name = "intake",
    .role = "operator",
    .title = {"the operator's screen", "экран оператора"},
    .actions = post_actions,
    .action_count = &post_action_count,
    .views = views};

// What the loop calls; see tui/loop.h.
struct program {
    struct client *client;
    struct post *post;
    struct bus *bus;
    struct loop *loop;
    struct screen *screen;
    char outbox[PATH_BYTES + 32], premises[PATH_BYTES + 32], draft[PATH_BYTES + 32];
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

    program->post->mono_ms = now_ms;
    post_input(program->post, input);
    if (program->post->quit)
        loop_quit(program->loop);
    if (program->post->force)
        screen_repaint(program->screen);
    program->post->force = false;
}

// The clock in the title moves by minutes; while the bus is away its age moves by seconds.
static int64_t tick(void *context, int64_t now_ms)
{
    struct program *program = context;
    struct post *post = program->post;

    bus_refresh(program->bus);
    int64_t next_ms = post_tick(post, client_now_ms(program->client), now_ms);
    int64_t shown = post->now_ms / (post->link.up ? 60000 : 1000);
    if (shown != post->painted_minute)
        loop_dirty(program->loop);
    post->painted_minute = shown;
    return next_ms;
}

static void paint(void *context, struct surface *surface, int64_t now_ms)
{
    struct program *program = context;

    (void)now_ms;
    post_paint(program->post, surface);
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
    enum err_code code = path_state(state, err);

    if (code != ERR_OK)
        return code;
    snprintf(program->outbox, sizeof(program->outbox), "%s/intake-outbox.db", state);
    snprintf(program->premises, sizeof(program->premises), "%s/premises.jsonl", state);
    snprintf(program->draft, sizeof(program->draft), "%s/intake-draft.json", state);
    struct client_options client = {.endpoint = options->bus,
                                    .program = "intake",
                                    .version = PULT_VERSION,
                                    .role = options->role,
                                    .language = options->language,
                                    .outbox = program->outbox};
    program->client = client_open(&client, err);
    return program->client ? ERR_OK : err->code;
}

static void start(struct program *program, const struct options *options)
{
    program->bus = bus_new(program->client, wants_frame, ring_bell, program);
    struct post_bus interface = bus_interface(program->bus);
    program->post = post_new(&interface, options->language, program->premises);
    bus_start(program->bus, program->post);
    const char *notice = screen_notice(program->screen, options->language);
    if (options->message)
        post_say(program->post, ROLE_BOLD, options->message);
    if (notice)
        post_say(program->post, ROLE_BAD, notice);
    draft_take(program->post, program->draft);
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
        fprintf(stderr, "intake: %s\n", err.message[options.language]);
        client_close(program.client);
        loop_free(program.loop);
        return err_exit_status(err.code);
    }
    start(&program, &options);
    enum loop_end end = run(&program);
    if (end != LOOP_QUIT)
        draft_save(program.post, program.draft);
    if (end == LOOP_HANGUP)
        screen_abandon(program.screen);
    else
        screen_close(program.screen);
    client_close(program.client); // what was not sent stays in the outbox, on disk
    bus_free(program.bus);
    post_free(program.post);
    loop_free(program.loop);
    return 0;
}
