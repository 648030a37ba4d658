#include "tui/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// The loop's context.
struct turn {
    const struct app_calls *calls;
    struct app *app;
};

static int wait_for_news(void *context, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct turn *turn = context;

    return client_poll(turn->app->client, fds, count, timeout_ms);
}

static void take_input(void *context, const struct input *input, int64_t now_ms)
{
    struct turn *turn = context;

    turn->calls->input(turn->app, input, now_ms);
}

static int64_t tick(void *context, int64_t now_ms)
{
    struct turn *turn = context;

    return turn->calls->tick(turn->app, now_ms);
}

static void paint(void *context, struct surface *surface, int64_t now_ms)
{
    struct turn *turn = context;

    (void)now_ms;
    turn->calls->paint(turn->app, surface);
}

void app_frame(void *context, bool urgent)
{
    struct app *app = context;

    if (urgent)
        loop_force(app->loop);
    else
        loop_dirty(app->loop);
}

void app_bell(void *context)
{
    struct app *app = context;

    screen_bell(app->screen);
}

enum err_code app_open_bus(const struct app_calls *calls, struct app *app, struct err *err)
{
    char outbox[PATH_BYTES + 64];
    enum err_code code = path_state(app->state, err);

    if (code != ERR_OK)
        return code;
    snprintf(outbox, sizeof(outbox), "%s/%s", app->state, calls->outbox);
    struct client_options client = {.endpoint = app->options.bus,
                                    .key = app->options.key,
                                    .server_key = app->options.server_key,
                                    .person = app->options.person,
                                    .program = calls->options->name,
                                    .version = PULT_VERSION,
                                    .role = app->options.role,
                                    .language = app->options.language,
                                    .outbox = outbox};
    app->client = client_open(&client, err);
    return app->client ? ERR_OK : err->code;
}

static enum err_code open_screen(struct app *app, struct err *err)
{
    struct screen_options screen = {.input_fd = STDIN_FILENO,
                                    .output_fd = STDOUT_FILENO,
                                    .term = getenv("TERM"),
                                    .ascii = app->options.ascii,
                                    .mono = app->options.mono};

    return screen_open(&screen, &app->screen, err);
}

static void run(const struct app_calls *calls, struct app *app)
{
    struct turn turn = {calls, app};
    struct loop_program callbacks = {
        .context = &turn, .poll = wait_for_news, .input = take_input, .tick = tick, .paint = paint};

    calls->start(app, screen_notice(app->screen, app->options.language));
    enum loop_end end = loop_run(app->loop, app->screen, STDIN_FILENO, &callbacks);
    if (calls->end)
        calls->end(app, end);
    if (end == LOOP_HANGUP)
        screen_abandon(app->screen);
    else
        screen_close(app->screen);
}

int app_main(const struct app_calls *calls, int argc, char **argv)
{
    struct app app = {0};
    struct err err;
    int status = options_read(calls->options, argc, argv, &app.options);

    if (status >= 0)
        return status;
    err_clear(&err);
    app.loop = loop_new(); // before threads: they inherit its signal mask
    if (app_open_bus(calls, &app, &err) == ERR_OK && open_screen(&app, &err) == ERR_OK) {
        run(calls, &app);
        status = 0;
    } else {
        fprintf(stderr, "%s: %s\n", calls->options->name, err.message[app.options.language]);
        status = err_exit_status(err.code);
    }
    client_close(app.client);
    if (app.program)
        calls->free(&app);
    loop_free(app.loop);
    return status;
}
