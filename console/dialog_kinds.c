// The dialogs other than ETA entry: note, close, restored, edit, crew, merge, cancel, mode.
#include "console/desk.h"
#include "lib/clock.h"
#include "lib/text.h"
#include "tui/eta_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL = 12 };

// Data of an event that is being written: {"incident":N, …
struct draft {
    struct buf data;
    struct json_out out;
};

static void begin(struct draft *draft, int64_t incident)
{
    *draft = (struct draft){.data = {0}};
    json_out_init(&draft->out, &draft->data);
    json_out_object(&draft->out, NULL);
    if (incident)
        json_out_integer(&draft->out, "incident", incident);
}

static bool publish(struct desk *desk, struct draft *draft, const char *action, const char *type,
                    int64_t incident)
{
    json_out_end(&draft->out, '}');
    bool stored = desk_publish(desk, desk_action(action), type, incident,
                               (struct slice){draft->data.data, draft->data.length});
    buf_fini(&draft->data);
    return stored;
}

static void add_field(struct draft *draft, const char *name, const struct dialog *dialog,
                      size_t item)
{
    struct buf text = {0};
    if (dialog_field(dialog, item, &text))
        json_out_text(&draft->out, name, buf_text(&text));
    buf_fini(&text);
}

static bool fault(struct desk *desk, struct dialog *dialog, enum console_text id, size_t item)
{
    dialog->fault = desk_text(desk, id);
    form_focus(&dialog->form, item);
    return false;
}

// "№104217 ПС Южная ф.7": what it is about, in its first row (NUREG-0700: name the object).
static void paint_target(struct desk *desk, struct dialog *dialog, struct surface *surface,
                         struct rect inside)
{
    struct buf text = {0};
    const struct board_row *row = board_find(desk->board, dialog_target(dialog));
    if (!row)
        return;
    buf_printf(&text, desk->language == LANGUAGE_RU ? "№%" PRId64 " " : "#%" PRId64 " ",
               row->number);
    desk_object(desk, row, &text);
    if (dialog->target_count > 1) {
        buf_printf(&text, "  (+%zu)", dialog->target_count - 1);
    }
    surface_cell_text(surface, inside, 0, 0, inside.columns, ROLE_BOLD,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

// --- note -----------------------------------------------------------------------------------------

static const struct form_item note_items[] = {
    {.kind = FORM_FIELD,
     .label = {"Text", "Текст"},
     .row = 2,
     .label_columns = LABEL,
     .limit = 1000},
};

static bool submit_note(struct desk *desk, struct dialog *dialog)
{
    struct draft draft;
    struct buf text = {0};
    if (!dialog_field(dialog, 0, &text))
        return fault(desk, dialog, TEXT_NOTE_EMPTY, 0);
    begin(&draft, 0);
    json_out_text(&draft.out, "text", buf_text(&text));
    buf_fini(&text);
    int64_t incident = dialog_target(dialog);
    if (incident)
        json_out_integer(&draft.out, "incident", incident);
    publish(desk, &draft, "note", "log.entry", incident);
    return true;
}

// --- close ----------------------------------------------------------------------------------------

static const struct form_choice causes[] = {
    {"line", {"line", "ВЛ"}},
    {"cable", {"cable", "КЛ"}},
    {"transformer", {"TP", "ТП"}},
    {"grid", {"grid", "сеть выше"}},
    {"weather", {"weather", "погода"}},
    {"third_party", {"third party", "посторонние"}},
    {"customer_side", {"customer", "потребитель"}},
    {"other", {"other", "другое"}},
    {"unknown", {"not known", "не уст."}},
};

static const struct form_item close_items[] = {
    {.kind = FORM_CHOICE,
     .label = {"Cause", "Причина"},
     .row = 2,
     .label_columns = 9,
     .choices = causes,
     .choice_count = 9,
     .chosen = -1},
    {.kind = FORM_FIELD, .label = {"Text", "Текст"}, .row = 5, .label_columns = 9, .limit = 1000},
};

static bool submit_close(struct desk *desk, struct dialog *dialog)
{
    if (!form_value(&dialog->form, 0))
        return fault(desk, dialog, TEXT_CHOOSE_CAUSE, 0);
    for (size_t i = 0; i < dialog->target_count; i++) {
        struct draft draft;
        int64_t incident = (int64_t)dialog->targets[i];
        begin(&draft, incident);
        json_out_text(&draft.out, "cause", form_value(&dialog->form, 0));
        add_field(&draft, "text", dialog, 1);
        if (!publish(desk, &draft, "close", "incident.closed", incident))
            break;
    }
    return true;
}

static bool open_close(struct desk *desk, struct dialog *dialog)
{
    for (size_t i = 0; i < dialog->target_count; i++) {
        const struct board_row *row = board_find(desk->board, (int64_t)dialog->targets[i]);
        if (row && board_is_open(row)) {
            desk_print(desk, ROLE_BAD, TEXT_CLOSE_OPEN, (long long)row->number);
            return false;
        }
    }
    return true;
}

// --- restored -------------------------------------------------------------------------------------

static const struct form_item restore_items[] = {
    {.kind = FORM_FIELD,
     .label = {"At", "Время"},
     .row = 2,
     .label_columns = LABEL,
     .columns = 14,
     .limit = 20},
};

static struct eta_text restore_time(const struct desk *desk, const struct dialog *dialog)
{
    struct buf text = {0};
    struct eta_text at;
    field_get(&dialog->items[0].field, &text);
    eta_text_parse((struct slice){text.data, text.length}, desk->now_ms, &at);
    buf_fini(&text);
    return at;
}

static void paint_restore(struct desk *desk, struct dialog *dialog, struct surface *surface,
                          struct rect inside)
{
    struct eta_text at = restore_time(desk, dialog);
    struct buf text = {0};
    paint_target(desk, dialog, surface, inside);
    if (at.kind == ETA_TEXT_EMPTY)
        buf_add_text(&text, desk_text(desk, TEXT_RESTORE_EMPTY_IS_NOW));
    else
        eta_text_print(&at, desk->now_ms, desk->language, &text);
    surface_cell_text(surface, inside, 2, LABEL + 16, inside.columns - LABEL - 16,
                      at.kind == ETA_TEXT_INVALID ? ROLE_BAD : ROLE_NORMAL,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

static bool submit_restore(struct desk *desk, struct dialog *dialog)
{
    struct eta_text at = restore_time(desk, dialog);
    if (at.kind != ETA_TEXT_EMPTY && at.kind != ETA_TEXT_TIME)
        return fault(desk, dialog, TEXT_ETA_EMPTY, 0);
    if (at.kind == ETA_TEXT_TIME && at.at_ms > desk->now_ms)
        return fault(desk, dialog, TEXT_RESTORE_AHEAD, 0);
    for (size_t i = 0; i < dialog->target_count; i++) {
        struct draft draft;
        int64_t incident = (int64_t)dialog->targets[i];
        begin(&draft, incident);
        json_out_time(&draft.out, "at", at.kind == ETA_TEXT_TIME ? at.at_ms : desk->now_ms);
        if (!publish(desk, &draft, "restored", "incident.restored", incident))
            break;
    }
    return true;
}

// --- edit -----------------------------------------------------------------------------------------

static const struct form_choice priorities[] = {
    {"1", {"life", "жизнь"}},    {"2", {"critical", "важный объект"}},
    {"3", {"feeder", "фидер"}},  {"4", {"ordinary", "обычный"}},
    {"5", {"flat", "квартира"}},
};

enum { EDIT_PRIORITY, EDIT_CUSTOMERS, EDIT_CAUSE, EDIT_PUBLIC };

static const struct form_item edit_items[] = {
    {.kind = FORM_CHOICE,
     .label = {"Priority", "Важность"},
     .row = 2,
     .label_columns = LABEL,
     .choices = priorities,
     .choice_count = 5,
     .chosen = -1},
    {.kind = FORM_FIELD,
     .label = {"Customers", "Абонентов"},
     .row = 3,
     .label_columns = LABEL,
     .columns = 12,
     .limit = 8,
     .accepts = field_accepts_digits},
    {.kind = FORM_FIELD,
     .label = {"Cause", "Причина"},
     .row = 4,
     .label_columns = LABEL,
     .limit = 200},
    {.kind = FORM_FIELD,
     .label = {"For all", "Всем"},
     .row = 5,
     .label_columns = LABEL,
     .limit = 500},
};

static bool open_edit(struct desk *desk, struct dialog *dialog)
{
    const struct board_row *row = board_find(desk->board, dialog_target(dialog));
    char number[24];
    dialog->target_count = dialog->target_count > 0; // one at a time: the fields show its values
    if (!row)
        return false;
    dialog->items[EDIT_PRIORITY].chosen = row->priority - 1;
    snprintf(number, sizeof number, "%" PRId64, row->customers);
    field_set(&dialog->items[EDIT_CUSTOMERS].field, slice_of(number));
    if (desk->dossier->number != row->number)
        return true;
    field_set(&dialog->items[EDIT_CAUSE].field, json_string(json_get(desk->dossier->row, "cause")));
    field_set(&dialog->items[EDIT_PUBLIC].field,
              json_string(json_get(desk->dossier->row, "public_text")));
    return true;
}

// Adds the field when it differs from what the dossier has.
static bool add_changed(struct desk *desk, struct draft *draft, const char *name,
                        const struct dialog *dialog, size_t item)
{
    struct buf text = {0};
    bool known = desk->dossier->number == dialog_target(dialog);
    struct slice old = known ? json_string(json_get(desk->dossier->row, name)) : slice_of("");
    const char *now = dialog_field(dialog, item, &text);
    bool changed = now && !slice_is(old, now);
    if (changed)
        json_out_text(&draft->out, name, now);
    buf_fini(&text);
    return changed;
}

static bool submit_edit(struct desk *desk, struct dialog *dialog)
{
    struct draft draft;
    struct buf customers = {0};
    const struct board_row *row = board_find(desk->board, dialog_target(dialog));
    if (!row)
        return true;
    begin(&draft, row->number);
    bool changed = false;
    int priority = dialog->items[EDIT_PRIORITY].chosen + 1;
    if (priority > 0 && priority != row->priority) {
        json_out_integer(&draft.out, "priority", priority);
        changed = true;
    }
    const char *digits = dialog_field(dialog, EDIT_CUSTOMERS, &customers);
    if (digits && strtoll(digits, NULL, 10) != row->customers) {
        json_out_integer(&draft.out, "customers", strtoll(digits, NULL, 10));
        changed = true;
    }
    buf_fini(&customers);
    changed |= add_changed(desk, &draft, "cause", dialog, EDIT_CAUSE);
    changed |= add_changed(desk, &draft, "public_text", dialog, EDIT_PUBLIC);
    if (!changed) {
        buf_fini(&draft.data);
        return fault(desk, dialog, TEXT_EDIT_NOTHING, EDIT_PRIORITY);
    }
    json_out_integer(&draft.out, "expect", row->version); // refused when somebody was faster
    publish(desk, &draft, "edit", "incident.updated", row->number);
    return true;
}

// --- crew -----------------------------------------------------------------------------------------

static const struct form_choice tiers[] = {
    {"inspection", {"inspection", "осмотр"}},
    {"repair", {"repair", "ремонт"}},
};

static const struct form_choice crew_states[] = {
    {"awaiting", {"awaited", "ждём"}},      {"assigned", {"assigned", "назначена"}},
    {"en_route", {"on the way", "в пути"}}, {"on_site", {"on site", "на месте"}},
    {"working", {"working", "работает"}},   {"done", {"done", "закончила"}},
};

enum { CREW_NAME, CREW_TIER, CREW_STATE };

static const struct form_item crew_items[] = {
    {.kind = FORM_FIELD,
     .label = {"Crew", "Бригада"},
     .row = 2,
     .label_columns = 9,
     .columns = 24,
     .limit = 40},
    {.kind = FORM_CHOICE,
     .label = {"Work", "Работа"},
     .row = 3,
     .label_columns = 9,
     .choices = tiers,
     .choice_count = 2,
     .chosen = 1},
    {.kind = FORM_CHOICE,
     .label = {"Stage", "Этап"},
     .row = 4,
     .label_columns = 9,
     .choices = crew_states,
     .choice_count = 6,
     .chosen = 1},
};

static bool open_crew(struct desk *desk, struct dialog *dialog)
{
    const struct board_row *row = board_find(desk->board, dialog_target(dialog));
    if (!row || !row->crew)
        return true;
    field_set(&dialog->items[CREW_NAME].field, slice_of(row->crew));
    if (row->crew_state >= 0 && row->crew_state < 5)
        dialog->items[CREW_STATE].chosen = row->crew_state + 1; // the next step is the likely one
    return true;
}

static bool submit_crew(struct desk *desk, struct dialog *dialog)
{
    if (!form_value(&dialog->form, CREW_STATE) || !form_value(&dialog->form, CREW_TIER))
        return fault(desk, dialog, TEXT_CREW_EMPTY, CREW_STATE);
    for (size_t i = 0; i < dialog->target_count; i++) {
        struct draft draft;
        int64_t incident = (int64_t)dialog->targets[i];
        begin(&draft, incident);
        json_out_text(&draft.out, "tier", form_value(&dialog->form, CREW_TIER));
        json_out_text(&draft.out, "state", form_value(&dialog->form, CREW_STATE));
        add_field(&draft, "crew", dialog, CREW_NAME);
        if (!publish(desk, &draft, "crew", "incident.crew", incident))
            break;
    }
    return true;
}

// --- merge ----------------------------------------------------------------------------------------

static bool open_merge(struct desk *desk, struct dialog *dialog)
{
    uint64_t into = list_selected(desk->list);
    size_t kept = 0;
    if (dialog->target_count < 2) {
        desk_print(desk, ROLE_BAD, TEXT_MERGE_NEEDS_TAGS);
        return false;
    }
    if (!list_row(desk->list, list_selected_index(desk->list)).tagged)
        into = dialog->targets[0]; // the cursor moved on from the last tagged one
    for (size_t i = 0; i < dialog->target_count; i++)
        if (dialog->targets[i] != into)
            dialog->targets[kept++] = dialog->targets[i];
    dialog->targets[kept] = into; // there is room: one was taken out
    dialog->target_count = kept;
    return true;
}

static uint64_t merge_into(const struct dialog *dialog)
{
    return dialog->targets[dialog->target_count];
}

static void paint_merge(struct desk *desk, struct dialog *dialog, struct surface *surface,
                        struct rect inside)
{
    struct buf object = {0};
    struct buf text = {0};
    const struct board_row *row = board_find(desk->board, (int64_t)merge_into(dialog));
    if (row)
        desk_object(desk, row, &object);
    console_print(&text, desk->language, TEXT_MERGE_TEXT, dialog->target_count,
                  (long long)merge_into(dialog), buf_text(&object));
    surface_wrap(surface, inside, 0, ROLE_BOLD, (struct slice){text.data, text.length});
    buf_fini(&object);
    buf_fini(&text);
}

static bool submit_merge(struct desk *desk, struct dialog *dialog)
{
    for (size_t i = 0; i < dialog->target_count; i++) {
        struct draft draft;
        int64_t incident = (int64_t)dialog->targets[i];
        begin(&draft, incident);
        json_out_integer(&draft.out, "into", (int64_t)merge_into(dialog));
        if (!publish(desk, &draft, "merge", "incident.merged", incident))
            break;
    }
    return true;
}

// --- cancel ---------------------------------------------------------------------------------------

static const struct form_choice cancel_reasons[] = {
    {"customer_side", {"customer's side", "у потребителя"}},
    {"not_found", {"nothing found", "не обнаружено"}},
    {"duplicate", {"duplicate", "повтор"}},
    {"invalid", {"invalid", "ошибочный"}},
};

static const struct form_item cancel_items[] = {
    {.kind = FORM_CHOICE,
     .label = {"Reason", "Основание"},
     .row = 2,
     .label_columns = 10,
     .choices = cancel_reasons,
     .choice_count = 4,
     .chosen = -1},
};

static bool submit_cancel(struct desk *desk, struct dialog *dialog)
{
    if (!form_value(&dialog->form, 0))
        return fault(desk, dialog, TEXT_CHOOSE_REASON, 0);
    for (size_t i = 0; i < dialog->target_count; i++) {
        struct draft draft;
        int64_t incident = (int64_t)dialog->targets[i];
        begin(&draft, incident);
        json_out_text(&draft.out, "reason", form_value(&dialog->form, 0));
        if (!publish(desk, &draft, "cancel", "incident.cancelled", incident))
            break;
    }
    return true;
}

// --- mode -----------------------------------------------------------------------------------------

static const struct form_choice modes[] = {
    {"normal", {"normal", "обычный"}},
    {"storm", {"storm", "шторм"}},
};

static const struct form_item mode_items[] = {
    {.kind = FORM_CHOICE,
     .label = {"Mode", "Режим"},
     .row = 0,
     .label_columns = LABEL,
     .choices = modes,
     .choice_count = 2,
     .chosen = -1},
    {.kind = FORM_FIELD,
     .label = {"To all", "Для всех"},
     .row = 2,
     .label_columns = LABEL,
     .limit = 1000},
};

// What is proposed is chosen already.
static bool open_mode(struct desk *desk, struct dialog *dialog)
{
    struct board_mode mode = board_mode(desk->board);
    form_choose(&dialog->form, 0, modes[mode.storm != mode.proposed].value);
    return true;
}

static bool submit_mode(struct desk *desk, struct dialog *dialog)
{
    struct draft draft;
    struct buf text = {0};
    const char *mode = form_value(&dialog->form, 0);
    bool storm = mode && strcmp(mode, "storm") == 0;
    bool changed = storm != board_mode(desk->board).storm;
    bool message = dialog_field(dialog, 1, &text) != NULL;
    if (!changed && !message)
        return buf_fini(&text), fault(desk, dialog, TEXT_MODE_NOTHING, 0);
    if (changed) {
        begin(&draft, 0);
        json_out_text(&draft.out, "mode", mode);
        publish(desk, &draft, "mode", "mode.changed", 0);
    }
    if (message) {
        begin(&draft, 0);
        json_out_text(&draft.out, "text", strcmp(buf_text(&text), "-") ? buf_text(&text) : "");
        publish(desk, &draft, "mode", "mode.message", 0);
    }
    buf_fini(&text);
    return true;
}

#define ITEMS(array) .items = array, .item_count = sizeof array / sizeof *array

static const struct dialog_type note = {.title = TEXT_NOTE_TITLE,
                                        ITEMS(note_items),
                                        .columns = 72,
                                        .rows = 4,
                                        .paint = paint_target,
                                        .submit = submit_note};
static const struct dialog_type closing = {.title = TEXT_CLOSE_TITLE,
                                           ITEMS(close_items),
                                           .columns = 72,
                                           .rows = 7,
                                           .needs_target = true,
                                           .open = open_close,
                                           .paint = paint_target,
                                           .submit = submit_close};
static const struct dialog_type restore = {.title = TEXT_RESTORE_TITLE,
                                           ITEMS(restore_items),
                                           .columns = 72,
                                           .rows = 4,
                                           .needs_target = true,
                                           .paint = paint_restore,
                                           .submit = submit_restore};
static const struct dialog_type edit = {.title = TEXT_EDIT_TITLE,
                                        ITEMS(edit_items),
                                        .columns = 76,
                                        .rows = 7,
                                        .needs_target = true,
                                        .open = open_edit,
                                        .paint = paint_target,
                                        .submit = submit_edit};
static const struct dialog_type crew = {.title = TEXT_CREW_TITLE,
                                        ITEMS(crew_items),
                                        .columns = 72,
                                        .rows = 7,
                                        .needs_target = true,
                                        .open = open_crew,
                                        .paint = paint_target,
                                        .submit = submit_crew};
static const struct dialog_type merge = {.title = TEXT_MERGE_TITLE,
                                         .columns = 66,
                                         .rows = 3,
                                         .needs_target = true,
                                         .open = open_merge,
                                         .paint = paint_merge,
                                         .submit = submit_merge};
static const struct dialog_type cancelling = {.title = TEXT_CANCEL_TITLE,
                                              ITEMS(cancel_items),
                                              .columns = 76,
                                              .rows = 4,
                                              .needs_target = true,
                                              .paint = paint_target,
                                              .submit = submit_cancel};

static const struct dialog_type mode_of_all = {.title = TEXT_MODE_TITLE,
                                               ITEMS(mode_items),
                                               .columns = 72,
                                               .rows = 4,
                                               .open = open_mode,
                                               .submit = submit_mode};

const struct dialog_type *const dialog_types[] = {
    [DIALOG_ETA] = &dialog_eta,     [DIALOG_NOTE] = &note,         [DIALOG_CLOSE] = &closing,
    [DIALOG_RESTORE] = &restore,    [DIALOG_EDIT] = &edit,         [DIALOG_CREW] = &crew,
    [DIALOG_MERGE] = &merge,        [DIALOG_CANCEL] = &cancelling, [DIALOG_MODE] = &mode_of_all,
    [DIALOG_AGREE] = &dialog_agree, [DIALOG_ASK] = &dialog_ask,
};
