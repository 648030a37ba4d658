// A screen's program from its options to its last frame: what both screens' main() do alike. The
// program brings its options, the name of its outbox, and what to do at each turn of the loop.
#pragma once

#include "lib/client.h"
#include "lib/path.h"
#include "tui/loop.h"
#include "tui/options.h"
#include "tui/screen.h"

struct app {
    struct client *client;
    struct loop *loop;
    struct screen *screen;
    struct options options;
    char state[PATH_BYTES]; // directory of the account's files
    void *program;          // set by start(), the program's own
};

struct app_calls {
    const struct options_program *options;
    const char *outbox; // file in the state directory
    // `notice` is a line to show, NULL = none.
    void (*start)(struct app *app, const char *notice);
    void (*input)(struct app *app, const struct input *input, int64_t now_ms);
    int64_t (*tick)(struct app *app, int64_t now_ms); // as in tui/loop.h
    void (*paint)(struct app *app, struct surface *surface);
    void (*end)(struct app *app, enum loop_end end); // the loop has ended; NULL = nothing to do
    void (*free)(struct app *app);                   // the client is closed
};

// The exit status. What was not sent stays in the outbox, on disk.
int app_main(const struct app_calls *calls, int argc, char **argv);

// The client that a program has, screen or none: its outbox lies in the account's state directory.
enum err_code app_open_bus(const struct app_calls *calls, struct app *app, struct err *err);

// For the program's link to the bus; `context` is the app.
void app_frame(void *context, bool urgent); // something changed; urgent = paint at once
void app_bell(void *context);
