// The operator's screen.
#include "intake/bus.h"
#include "intake/draft.h"
#include "intake/line.h"
#include "intake/post.h"
#include "lib/mem.h"
#include "tui/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct options_view views[] = {{POST_FORM, {"form", "бланк"}},
                                            {POST_LOOKUP, {"look-up", "сроки"}},
                                            {POST_CALLS, {"calls", "обращения"}},
                                            {POST_ANSWERS, {"answers", "ответы"}},
                                            {POST_QUEUE, {"owed", "ждут ответа"}},
                                            {POST_CONTACT, {"contact", "обращение"}},
                                            {POST_VISITS, {"appointments", "запись"}},
                                            {POST_HISTORY, {"before", "прежние"}},
                                            {POST_QUESTIONS, {"questions", "вопросы"}},
                                            {0, {NULL, NULL}}};
static const struct options_program this_program = {
    .name = "intake",
    .role = "operator",
    .title = {"the operator's screen", "экран оператора"},
    .actions = post_actions,
    .action_count = &post_action_count,
    .views = views};

struct program {
    struct post *post;
    struct bus *bus;
    char draft[PATH_BYTES + 64];
};

static void start(struct app *app, const char *notice)
{
    struct program *program = mem_alloc(sizeof(*program));
    char premises[PATH_BYTES + 64], handbook[PATH_BYTES + 64];
    const char *bus = client_bus_name(app->client);

    snprintf(premises, sizeof(premises), "%s/premises-%s.jsonl", app->state, bus);
    snprintf(handbook, sizeof(handbook), "%s/handbook-%s.json", app->state, bus);
    snprintf(program->draft, sizeof(program->draft), "%s/intake-draft-%s.json", app->state, bus);
    program->bus = bus_new(app->client, app_frame, app_bell, app);
    struct post_bus interface = bus_interface(program->bus);
    const struct post_files files = {premises, handbook};
    program->post = post_new(&interface, app->options.language, &files);
    bus_start(program->bus, program->post);
    if (app->options.message)
        post_say(program->post, ROLE_BOLD, app->options.message);
    if (notice)
        post_say(program->post, ROLE_BAD, notice);
    draft_take(program->post, program->draft);
    app->program = program;
}

static void take_input(struct app *app, const struct input *input, int64_t now_ms)
{
    struct post *post = ((struct program *)app->program)->post;

    post->mono_ms = now_ms;
    post_input(post, input);
    if (post->quit)
        loop_quit(app->loop);
    if (post->force)
        screen_repaint(app->screen);
    post->force = false;
}

// The clock in the title moves by minutes; while the bus is away its age moves by seconds.
static int64_t tick(struct app *app, int64_t now_ms)
{
    struct program *program = app->program;
    struct post *post = program->post;

    bus_refresh(program->bus);
    int64_t next_ms = post_tick(post, client_now_ms(app->client), now_ms);
    int64_t shown = post->now_ms / (post->link.up ? 60000 : 1000);
    if (shown != post->painted_minute)
        loop_dirty(app->loop);
    post->painted_minute = shown;
    return next_ms;
}

static void paint(struct app *app, struct surface *surface)
{
    post_paint(((struct program *)app->program)->post, surface);
}

static void end(struct app *app, enum loop_end end)
{
    struct program *program = app->program;

    post_end_talk(program->post);
    if (end != LOOP_QUIT)
        draft_save(program->post, program->draft);
}

static void release(struct app *app)
{
    struct program *program = app->program;

    bus_free(program->bus);
    post_free(program->post);
    free(program);
}

// Without a screen: intake/line.h.
static int run_line(const struct app_calls *calls, int argc, char **argv)
{
    struct app app = {0};
    struct err err;
    int status = options_read(calls->options, argc, argv, &app.options);

    if (status >= 0)
        return status;
    if (app_open_bus(calls, &app, &err) == ERR_OK)
        return line_run(app.client, app.options.language, STDIN_FILENO);
    fprintf(stderr, "intake: %s\n", err.message[app.options.language]);
    return err_exit_status(err.code);
}

int main(int argc, char **argv)
{
    static const struct app_calls calls = {.options = &this_program,
                                           .outbox = "intake-outbox.db",
                                           .start = start,
                                           .input = take_input,
                                           .tick = tick,
                                           .paint = paint,
                                           .end = end,
                                           .free = release};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--line") != 0)
            continue;
        memmove(argv + i, argv + i + 1, (size_t)(argc - i) * sizeof(*argv)); // its NULL too
        return run_line(&calls, argc - 1, argv);
    }
    return app_main(&calls, argc, argv);
}
