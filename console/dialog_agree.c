// Agreeing to what another person asked for: each act in words, and who asked. Only what is listed is
// agreed to; what does not fit is shown next time.
#include "console/desk.h"
#include "console/event_text.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { ACTS = 10 }; // a mass cancellation as delivered

static bool open_agree(struct desk *desk, struct dialog *dialog)
{
    const struct json *event;

    free(dialog->targets);
    dialog->targets = mem_resize(NULL, ACTS, sizeof *dialog->targets);
    dialog->target_count = 0;
    while (dialog->target_count < ACTS &&
           (event = approvals_at(desk->approvals, desk->now_ms, dialog->target_count)))
        dialog->targets[dialog->target_count++] = approvals_sequence(event);
    return dialog->target_count > 0;
}

// "petrova: №104217 отменён, основание: ошибочный", as the log would say it of the act itself.
static void print_act(const struct desk *desk, const struct json *event, struct buf *out)
{
    const struct json *data = json_get(event, "data");
    struct json_doc *doc = json_doc_new();
    struct json *act = json_new(doc, JSON_OBJECT);
    const char *by = json_c_string(json_get(data, "by"));

    json_set(doc, act, "type", json_copy(doc, json_get(data, "act")));
    json_set(doc, act, "data", json_copy(doc, json_get(data, "data")));
    buf_printf(out, "%s: ", by ? by : "?");
    event_text_print(act, true, desk->now_ms, desk->language, out);
    json_doc_free(doc);
}

static void paint_agree(struct desk *desk, struct dialog *dialog, struct surface *surface,
                        struct rect inside)
{
    for (size_t i = 0; i < dialog->target_count; i++) {
        const struct json *event =
            approvals_find(desk->approvals, desk->now_ms, dialog->targets[i]);
        struct buf text = {0};

        if (event)
            print_act(desk, event, &text);
        else
            buf_add_text(&text, desk_text(desk, TEXT_AGREE_GONE));
        surface_cell_text(surface, inside, (int)i, 0, inside.columns, event ? ROLE_BOLD : ROLE_DIM,
                          (struct slice){text.data, text.length});
        buf_fini(&text);
    }
}

static bool submit_agree(struct desk *desk, struct dialog *dialog)
{
    bool stored = true;

    for (size_t i = 0; i < dialog->target_count && stored; i++) {
        const struct json *event =
            approvals_find(desk->approvals, desk->now_ms, dialog->targets[i]);
        struct buf data = {0};
        struct json_out out;

        if (!event)
            continue;
        json_out_init(&out, &data);
        json_out_object(&out, NULL);
        json_out_text(&out, "of", json_c_string(json_get(event, "id")));
        json_out_end(&out, '}');
        stored = desk_publish(desk, desk_action("agree"), "approval.given", 0,
                              (struct slice){data.data, data.length});
        buf_fini(&data);
    }
    return true;
}

const struct dialog_type dialog_agree = {
    .title = TEXT_AGREE_TITLE,
    .columns = 76,
    .rows = ACTS,
    .open = open_agree,
    .paint = paint_agree,
    .submit = submit_agree,
};
