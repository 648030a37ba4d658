// `pult outbox`: what the screens of this account still have to send to the bus.
#include "pult/command.h"

#include "lib/path.h"

#include <unistd.h>

// One screen's file. False after a fault that was printed.
static bool show(const struct command_line *line, const char *screen, bool adopt,
                 struct json_out *out, int *status)
{
    char state[PATH_BYTES], file[PATH_BYTES + 64];
    struct err err;
    struct client_options options = {.endpoint = line->bus,
                                     .program = "pult",
                                     .version = PULT_VERSION,
                                     .role = line->role,
                                     .language = line->language,
                                     .outbox = file};

    if (path_state(state, &err) != ERR_OK) {
        *status = command_fail(line, &err);
        return false;
    }
    snprintf(file, sizeof(file), "%s/%s-outbox.db", state, screen);
    if (access(file, F_OK) != 0)
        return true; // that screen was never opened
    struct client *client = client_open(&options, &err);
    bool done = client && client_wait(client, &err) == ERR_OK &&
                (!adopt || outbox_adopt(client_outbox(client), &err) == ERR_OK);
    if (done) {
        int64_t oldest_ms;
        json_out_object(out, NULL);
        json_out_text(out, "screen", screen);
        json_out_integer(out, "waiting", (int64_t)outbox_depth(client_outbox(client), &oldest_ms));
        json_out_integer(out, "other_journal", (int64_t)outbox_stranded(client_outbox(client)));
        json_out_end(out, '}');
    } else {
        *status = command_fail(line, &err);
    }
    client_close(client);
    return done;
}

int command_outbox(const struct command_line *given)
{
    struct command_line line = *given;
    struct json_doc *doc = json_doc_new();
    struct buf rows = {0};
    struct json_out out;
    int status = 0;
    bool adopt = command_flag(&line, "adopt");

    if (!command_has_words(&line, 0)) {
        status = command_usage(&line);
    } else {
        json_out_init(&out, &rows);
        json_out_array(&out, NULL);
        bool shown = show(&line, "intake", adopt, &out, &status) &&
                     show(&line, "console", adopt, &out, &status);
        json_out_end(&out, ']');
        if (shown)
            command_print_rows(&line,
                               json_parse(doc, rows.data, rows.length, JSON_DEPTH_DEFAULT, NULL));
    }
    buf_fini(&rows);
    json_doc_free(doc);
    return status;
}
