// ETA entry: what is typed is interpreted while it is typed, old values stand beside the new one, and
// a time that has passed or is far ahead is asked about once (TERMINAL §6.1).
#include "console/desk.h"
#include "console/event_text.h"
#include "lib/clock.h"
#include "lib/text.h"
#include "tui/eta_text.h"

#include <inttypes.h>
#include <string.h>

enum { ITEM_TIME, ITEM_KIND, ITEM_REASON, ITEM_SAY };
enum { ROW_TARGETS = 0, ROW_TIME = 2, ROW_WAS = 3, ROW_KIND = 4, ROW_REASON = 5, ROW_SAY = 6 };
enum { LABEL = 12, TIME_COLUMNS = 14 };

static const struct form_choice kinds[] = {
    {"estimate", {"estimate", "оценка"}},
    {"firm", {"firm", "точно"}},
    {"not_before", {"not before", "не раньше"}},
};

static const struct form_choice reasons[] = {
    {"line", {"line", "ВЛ"}},           {"transformer", {"TP", "ТП"}},
    {"cable", {"cable", "КЛ"}},         {"grid", {"grid", "авария сети"}},
    {"weather", {"weather", "погода"}},
};

static const struct form_item items[] = {
    {.kind = FORM_FIELD,
     .label = {"New ETA", "Новый срок"},
     .row = ROW_TIME,
     .label_columns = LABEL,
     .columns = TIME_COLUMNS,
     .limit = 20},
    {.kind = FORM_CHOICE,
     .label = {"Kind", "Вид"},
     .row = ROW_KIND,
     .label_columns = LABEL,
     .choices = kinds,
     .choice_count = 3,
     .chosen = 0},
    {.kind = FORM_CHOICE,
     .label = {"Cause", "Причина"},
     .row = ROW_REASON,
     .label_columns = LABEL,
     .choices = reasons,
     .choice_count = 5,
     .chosen = -1},
    {.kind = FORM_FIELD,
     .label = {"To operator", "Оператору"},
     .row = ROW_SAY,
     .label_columns = LABEL,
     .limit = 300},
};

static struct eta_text typed_time(const struct desk *desk, const struct dialog *dialog)
{
    struct buf text = {0};
    struct eta_text eta;
    field_get(&dialog->items[ITEM_TIME].field, &text);
    eta_text_parse((struct slice){text.data, text.length}, desk->now_ms, &eta);
    buf_fini(&text);
    return eta;
}

static void print_targets(struct desk *desk, const struct dialog *dialog, struct buf *out)
{
    struct buf customers = {0};
    struct buf calls = {0};
    int64_t customer_sum = 0;
    int64_t call_sum = 0;
    const char *sign = desk->language == LANGUAGE_RU ? "№" : "#";
    for (size_t i = 0; i < dialog->target_count; i++) {
        const struct board_row *row = board_find(desk->board, (int64_t)dialog->targets[i]);
        customer_sum += row ? row->customers : 0;
        call_sum += row ? row->calls : 0;
        if (i < 3)
            buf_printf(out, "%s%s%" PRIu64, i ? ", " : "", sign, dialog->targets[i]);
        else if (i == 3)
            buf_add_text(out, " …");
    }
    strings_number(&customers, desk->language, customer_sum);
    strings_number(&calls, desk->language, call_sum);
    console_print(out, desk->language, TEXT_ETA_TARGET_COUNT, dialog->target_count,
                  buf_text(&customers), buf_text(&calls));
    buf_fini(&customers);
    buf_fini(&calls);
}

static void print_was(struct desk *desk, const struct dialog *dialog, struct buf *out)
{
    const char *sign = desk->language == LANGUAGE_RU ? "№" : "#";
    for (size_t i = 0; i < dialog->target_count && i < 3; i++) {
        const struct board_row *row = board_find(desk->board, (int64_t)dialog->targets[i]);
        if (i > 0)
            buf_add_text(out, "; ");
        if (dialog->target_count > 1)
            buf_printf(out, "%s%" PRIu64 " ", sign, dialog->targets[i]);
        if (!row || !row->has_eta) {
            buf_add_text(out, desk_text(desk, TEXT_ETA_WAS_NONE));
            continue;
        }
        eta_text_cell(row->eta_at_ms, desk->now_ms, desk->language, out);
        buf_printf(out, " %s, %s",
                   event_text_word(board_firmness_words[row->firmness], desk->language),
                   event_text_word(board_source_words[row->source], desk->language));
    }
    if (dialog->target_count > 3)
        buf_add_text(out, " …");
}

static void paint(struct desk *desk, struct dialog *dialog, struct surface *surface,
                  struct rect inside)
{
    struct buf text = {0};
    struct eta_text eta = typed_time(desk, dialog);
    print_targets(desk, dialog, &text);
    surface_text(surface, inside, ROW_TARGETS, 0, ROLE_NORMAL, desk_text(desk, TEXT_ETA_TARGETS));
    surface_cell_text(surface, inside, ROW_TARGETS, LABEL, inside.columns - LABEL, ROLE_BOLD,
                      (struct slice){text.data, text.length});
    buf_clear(&text);
    eta_text_print(&eta, desk->now_ms, desk->language, &text);
    surface_text(surface, inside, ROW_TIME, LABEL + TIME_COLUMNS + 2, ROLE_FRAME, "→");
    enum role role = eta.kind == ETA_TEXT_INVALID ? ROLE_BAD
                     : eta.past || eta.far        ? ROLE_OVERDUE
                     : eta.kind == ETA_TEXT_TIME  ? ROLE_BOLD
                                                  : ROLE_DIM;
    surface_cell_text(surface, inside, ROW_TIME, LABEL + TIME_COLUMNS + 4,
                      inside.columns - LABEL - TIME_COLUMNS - 4, role,
                      (struct slice){text.data, text.length});
    buf_clear(&text);
    print_was(desk, dialog, &text);
    surface_text(surface, inside, ROW_WAS, 0, ROLE_NORMAL, desk_text(desk, TEXT_ETA_WAS));
    surface_cell_text(surface, inside, ROW_WAS, LABEL, inside.columns - LABEL, ROLE_NORMAL,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

// The event of one incident.
static bool publish(struct desk *desk, const struct dialog *dialog, const struct eta_text *eta,
                    int64_t incident)
{
    struct buf data = {0};
    struct buf say = {0};
    struct json_out out;
    const char *reason = form_value(&dialog->form, ITEM_REASON);
    json_out_init(&out, &data);
    json_out_object(&out, NULL);
    json_out_integer(&out, "incident", incident);
    if (eta->kind == ETA_TEXT_TIME) {
        json_out_time(&out, "at", eta->at_ms);
        const char *kind = form_value(&dialog->form, ITEM_KIND);
        json_out_text(&out, "firmness", kind ? kind : "estimate");
        if (dialog_field(dialog, ITEM_SAY, &say))
            json_out_text(&out, "say", buf_text(&say));
    }
    if (reason)
        json_out_text(&out, "reason", reason);
    json_out_end(&out, '}');
    bool stored = desk_publish(desk, desk_action("eta"),
                               eta->kind == ETA_TEXT_TIME ? "eta.set" : "eta.withdrawn", incident,
                               (struct slice){data.data, data.length});
    buf_fini(&data);
    buf_fini(&say);
    return stored;
}

static bool fault(struct desk *desk, struct dialog *dialog, enum console_text id)
{
    dialog->fault = desk_text(desk, id);
    if (id != TEXT_ETA_ASK_PAST && id != TEXT_ETA_ASK_FAR)
        form_focus(&dialog->form, ITEM_TIME);
    return false;
}

static bool submit(struct desk *desk, struct dialog *dialog)
{
    struct eta_text eta = typed_time(desk, dialog);
    if (eta.kind != ETA_TEXT_TIME && eta.kind != ETA_TEXT_CLARIFY)
        return fault(desk, dialog, TEXT_ETA_EMPTY);
    if ((eta.past || eta.far) && !dialog->asked) {
        dialog->asked = true;
        return fault(desk, dialog, eta.past ? TEXT_ETA_ASK_PAST : TEXT_ETA_ASK_FAR);
    }
    for (size_t i = 0; i < dialog->target_count; i++)
        if (!publish(desk, dialog, &eta, (int64_t)dialog->targets[i]))
            break;
    return true;
}

const struct dialog_type dialog_eta = {
    .title = TEXT_ETA_TITLE,
    .items = items,
    .item_count = sizeof items / sizeof *items,
    .columns = 72,
    .rows = 7,
    .needs_target = true,
    .paint = paint,
    .submit = submit,
};
