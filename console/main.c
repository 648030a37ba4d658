// The dispatcher's screen.
#include "console/desk.h"
#include "console/link.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "tui/app.h"

#include <stdlib.h>

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

struct program {
    struct desk *desk;
    struct link *link;
};

static void start(struct app *app, const char *notice)
{
    struct program *program = mem_alloc(sizeof *program);
    program->link = link_new(app->client, app_frame, app_bell, app);
    struct desk_bus bus = link_bus(program->link);
    program->desk = desk_new(&bus, app->options.language);
    link_start(program->link, program->desk);
    program->desk->mono_ms = clock_monotonic_now_ms(); // from which a message's time counts
    if (app->options.message)
        desk_say(program->desk, ROLE_BOLD, app->options.message);
    if (notice)
        desk_say(program->desk, ROLE_BAD, notice);
    app->program = program;
}

static void take_input(struct app *app, const struct input *input, int64_t now_ms)
{
    struct desk *desk = ((struct program *)app->program)->desk;
    desk->mono_ms = now_ms;
    desk_input(desk, input);
    if (desk->quit)
        loop_quit(app->loop);
    if (desk->repaint_whole)
        screen_repaint(app->screen);
    desk->repaint_whole = false;
}

static int64_t tick(struct app *app, int64_t now_ms)
{
    struct program *program = app->program;
    link_refresh(program->link);
    int64_t next_ms = desk_tick(program->desk, client_now_ms(app->client), now_ms);
    if (desk_take_repaint(program->desk))
        loop_dirty(app->loop);
    return next_ms;
}

static void paint(struct app *app, struct surface *surface)
{
    desk_paint(((struct program *)app->program)->desk, surface);
}

static void end(struct app *app)
{
    struct program *program = app->program;
    link_free(program->link);
    desk_free(program->desk);
    free(program);
}

int main(int argc, char **argv)
{
    static const struct app_calls calls = {.options = &this_program,
                                           .outbox = "console-outbox.db",
                                           .start = start,
                                           .input = take_input,
                                           .tick = tick,
                                           .paint = paint,
                                           .free = end};
    return app_main(&calls, argc, argv);
}
