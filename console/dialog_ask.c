// A word to the operator who took a call: a question about it, or the call back with a reason. Who has it
// on the line answers (dispatch.replied).
#include "console/desk.h"

enum { WORD, CONTACT, TEXT }; // of items
enum { LABEL = 9 };

static const struct form_choice words[] = {
    {"dispatch.asked", {"ask", "спросить"}},
    {"dispatch.returned", {"return it", "вернуть"}},
};

static const struct form_item items[] = {
    {.kind = FORM_CHOICE,
     .label = {"What", "Что"},
     .row = 0,
     .label_columns = LABEL,
     .choices = words,
     .choice_count = 2},
    {.kind = FORM_FIELD,
     .label = {"Call", "Звонок"},
     .row = 1,
     .label_columns = LABEL,
     .limit = 20},
    {.kind = FORM_FIELD,
     .label = {"Text", "Текст"},
     .row = 2,
     .label_columns = LABEL,
     .limit = 1000},
};

// It is a question about the latest call unless something else is said; the cursor stands in its text.
static bool open_ask(struct desk *desk, struct dialog *dialog)
{
    const struct json *latest = dossier_newest(dossier_list(desk->dossier, "contacts"), 0);

    if (!latest) {
        desk_print(desk, ROLE_BAD, TEXT_NO_CALLS);
        return false;
    }
    field_set(&dialog->items[CONTACT].field, json_string(json_get(latest, "reg_no")));
    form_focus(&dialog->form, TEXT);
    return true;
}

static bool submit_ask(struct desk *desk, struct dialog *dialog)
{
    struct buf contact = {0}, text = {0}, data = {0};
    const char *type = form_value(&dialog->form, WORD);
    struct json_out out;
    bool returns = dialog->items[WORD].chosen == 1;
    bool whole =
        dialog_field(dialog, CONTACT, &contact) && dialog_field(dialog, TEXT, &text) && type;

    if (whole) {
        json_out_init(&out, &data);
        json_out_object(&out, NULL);
        json_out_text(&out, "contact", buf_text(&contact));
        json_out_text(&out, returns ? "reason" : "question", buf_text(&text));
        json_out_end(&out, '}');
        desk_publish(desk, desk_action("ask"), type, dialog_target(dialog),
                     (struct slice){data.data, data.length});
        buf_printf(&desk->questions, "%s%s", desk->questions.length ? " " : "", buf_text(&contact));
    } else {
        dialog->fault = desk_text(desk, TEXT_ASK_EMPTY);
        form_focus(&dialog->form, contact.length ? TEXT : CONTACT);
    }
    buf_fini(&contact);
    buf_fini(&text);
    buf_fini(&data);
    return whole;
}

const struct dialog_type dialog_ask = {
    .title = TEXT_ASK_TITLE,
    .items = items,
    .item_count = sizeof(items) / sizeof(items[0]),
    .columns = 72,
    .rows = 4,
    .needs_target = true,
    .open = open_ask,
    .submit = submit_ask,
};
