#include "intake/popup.h"

#include "intake/contact_text.h"
#include "lib/mem.h"
#include "lib/phone.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL = 12, FOOT_ROWS = 1, BOX_COLUMNS = 76 };

static const struct form_choice justified_choices[] = {
    {"yes", {"yes", "да"}},
    {"no", {"no", "нет"}},
};

#define FIELD(at_row, most, en, ru)                                                          \
    {                                                                                        \
        .kind = FORM_FIELD, .row = at_row, .label_columns = LABEL, .limit = most, .label = { \
            en,                                                                              \
            ru                                                                               \
        }                                                                                    \
    }
#define CHOICE(at_row, table, en, ru)                                                       \
    {                                                                                       \
        .kind = FORM_CHOICE, .row = at_row, .label_columns = LABEL, .choices = table,       \
        .choice_count = sizeof(table) / sizeof((table)[0]), .label = {en, ru}, .chosen = -1 \
    }

static const struct popup_shape {
    const char *type;
    enum intake_text title;
    int rows; // of the form
    struct {
        const char *member; // NULL ends them; "caller.name" is a member of an object
        bool needed;
        struct form_item item;
    } items[POPUP_ITEMS];
} shapes[POPUP_KIND_COUNT] = {
    [POPUP_ANSWER] = {"contact.answered",
                      TEXT_POPUP_ANSWER,
                      1,
                      {{"answer", true, FIELD(0, 4000, "Answer", "Ответ")}}},
    [POPUP_ANSWER_COMPLAINT] =
        {"contact.answered",
         TEXT_POPUP_ANSWER,
         4,
         {{"answer", true, FIELD(0, 4000, "Answer", "Ответ")},
          {"justified", true, CHOICE(1, justified_choices, "Justified", "Правомерна")},
          {"measures_done", false, FIELD(2, 1000, "Done", "Сделано")},
          {"measures_planned", false, FIELD(3, 1000, "Planned", "Намечено")}}},
    [POPUP_ROUTE] = {"contact.routed",
                     TEXT_POPUP_ROUTE,
                     3,
                     {{"department", true, CHOICE(0, contact_departments, "To", "Куда")},
                      {"reason", false, FIELD(2, 1000, "Why", "Почему")}}},
    [POPUP_LEAVE] = {"contact.left",
                     TEXT_POPUP_LEAVE,
                     2,
                     {{"ground", true, CHOICE(0, contact_grounds, "Ground", "Основание")}}},
    [POPUP_REOPEN] = {"contact.reopened",
                      TEXT_POPUP_REOPEN,
                      1,
                      {{"reason", true, FIELD(0, 1000, "Why", "Почему")}}},
    [POPUP_REPLY] = {"dispatch.replied",
                     TEXT_POPUP_REPLY,
                     1,
                     {{"answer", true, FIELD(0, 2000, "Answer", "Ответ")}}},
    [POPUP_BOOK] = {"appointment.booked",
                    TEXT_POPUP_BOOK,
                    2,
                    {{"caller.name", true, FIELD(0, 200, "Name", "Имя")},
                     {"caller.phone", false, FIELD(1, 32, "Phone", "Телефон")}}},
    [POPUP_MOVE] = {"appointment.moved",
                    TEXT_POPUP_MOVE,
                    1,
                    {{"reason", false, FIELD(0, 1000, "Why", "Почему")}}},
    [POPUP_CANCEL] = {"appointment.cancelled",
                      TEXT_POPUP_CANCEL,
                      1,
                      {{"reason", false, FIELD(0, 1000, "Why", "Почему")}}},
};

void popup_init(struct popup *popup)
{
    *popup = (struct popup){.doc = json_doc_new()};
}

void popup_fini(struct popup *popup)
{
    popup_close(popup);
    json_doc_free(popup->doc);
    buf_fini(&popup->about);
}

void popup_open(struct popup *popup, enum popup_kind kind, const char *about)
{
    const struct popup_shape *shape = &shapes[kind];
    size_t count = 0;

    popup_close(popup);
    for (; count < POPUP_ITEMS && shape->items[count].member; count++)
        popup->items[count] = shape->items[count].item;
    form_init(&popup->form, popup->items, count);
    popup->kind = kind;
    json_doc_reset(popup->doc);
    popup->data = json_new(popup->doc, JSON_OBJECT);
    buf_clear(&popup->about);
    buf_add_text(&popup->about, about);
}

void popup_set(struct popup *popup, const char *member, const char *text)
{
    json_set(popup->doc, popup->data, member, json_new_string(popup->doc, slice_of(text)));
}

void popup_set_number(struct popup *popup, const char *member, int64_t number)
{
    json_set(popup->doc, popup->data, member, json_new_integer(popup->doc, number));
}

void popup_fill(struct popup *popup, size_t item, const char *text)
{
    field_set(&popup->items[item].field, slice_of(text));
}

void popup_close(struct popup *popup)
{
    if (popup->kind != POPUP_NONE)
        form_fini(&popup->form);
    popup->kind = POPUP_NONE;
}

static bool is_missing(const struct popup *popup, size_t at)
{
    const struct form_item *item = &popup->items[at];

    return shapes[popup->kind].items[at].needed &&
           (item->kind == FORM_FIELD ? field_is_empty(&item->field) : item->chosen < 0);
}

static enum popup_result submit(struct popup *popup)
{
    for (size_t i = 0; i < popup->form.count; i++) {
        if (is_missing(popup, i)) {
            form_focus(&popup->form, i);
            return POPUP_USED;
        }
    }
    return POPUP_SUBMIT;
}

enum popup_result popup_input(struct popup *popup, const struct input *input)
{
    bool plain = input->kind == INPUT_KEY && input->mods == 0;

    if (plain && input->key == INPUT_F8)
        return submit(popup);
    if (plain && (input->key == INPUT_ESC || input->key == INPUT_F10))
        return POPUP_LEFT;
    switch (form_input(&popup->form, input)) {
    case FORM_IGNORED: return POPUP_IGNORED;
    case FORM_CANCEL: return POPUP_LEFT;
    case FORM_SUBMIT: return submit(popup);
    default: return POPUP_USED;
    }
}

const char *popup_type(const struct popup *popup)
{
    return shapes[popup->kind].type;
}

// --- the event ------------------------------------------------------------------------------------

static void write_item(const struct popup *popup, size_t at, struct json_out *out,
                       const char *member)
{
    const struct form_item *item = &popup->items[at];
    struct buf text = {0};
    char phone[PHONE_BYTES];

    if (item->kind == FORM_FIELD) {
        field_get(&item->field, &text);
        struct slice typed = {text.data, text.length};
        if (strcmp(member, "phone") == 0 && phone_normalise(typed, phone))
            json_out_text(out, member, phone);
        else if (text.length)
            json_out_string(out, member, typed);
    } else if (item->choices == justified_choices && item->chosen >= 0) {
        json_out_bool(out, member, item->chosen == 0);
    } else if (item->chosen >= 0) {
        json_out_text(out, member, item->choices[item->chosen].value);
    }
    buf_fini(&text);
}

static bool is_of_caller(const char *member)
{
    return strncmp(member, "caller.", 7) == 0;
}

void popup_write(const struct popup *popup, struct buf *out)
{
    const struct popup_shape *shape = &shapes[popup->kind];
    bool caller = false;
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    for (const struct json *value = popup->data->first; value; value = value->next) {
        char *member = mem_string_of(value->key.data, value->key.length);
        json_out_value(&json, member, value);
        free(member);
    }
    for (size_t i = 0; i < popup->form.count; i++) {
        const char *member = shape->items[i].member;
        if (is_of_caller(member) && !caller)
            json_out_object(&json, "caller");
        caller |= is_of_caller(member);
        write_item(popup, i, &json, is_of_caller(member) ? member + 7 : member);
    }
    if (caller)
        json_out_end(&json, '}');
    json_out_end(&json, '}');
}

// --- the draft --------------------------------------------------------------------------------------

void popup_save(const struct popup *popup, struct buf *out)
{
    const struct popup_shape *shape = &shapes[popup->kind];
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_integer(&json, "kind", popup->kind);
    json_out_text(&json, "type", shape->type); // the kinds of another version may be others
    json_out_text(&json, "about", buf_text(&popup->about));
    json_out_value(&json, "data", popup->data);
    json_out_object(&json, "items");
    for (size_t i = 0; i < popup->form.count; i++) {
        const struct form_item *item = &popup->items[i];
        struct buf text = {0};

        if (item->kind == FORM_FIELD) {
            field_get(&item->field, &text);
            json_out_string(&json, shape->items[i].member, (struct slice){text.data, text.length});
        } else if (item->chosen >= 0) {
            json_out_text(&json, shape->items[i].member, item->choices[item->chosen].value);
        }
        buf_fini(&text);
    }
    json_out_end(&json, '}');
    json_out_end(&json, '}');
}

bool popup_load(struct popup *popup, const struct json *saved)
{
    int64_t kind = json_integer(json_get(saved, "kind"), POPUP_NONE);
    const struct json *data = json_get(saved, "data"), *items = json_get(saved, "items");
    const char *about = json_c_string(json_get(saved, "about"));

    if (kind <= POPUP_NONE || kind >= POPUP_KIND_COUNT || !data || !about ||
        !slice_is(json_string(json_get(saved, "type")), shapes[kind].type))
        return false;
    popup_open(popup, (enum popup_kind)kind, about);
    popup->data = json_copy(popup->doc, data);
    for (size_t i = 0; i < popup->form.count; i++) {
        const struct json *value = json_get(items, shapes[kind].items[i].member);

        if (popup->items[i].kind == FORM_FIELD)
            field_set(&popup->items[i].field, json_string(value));
        else if (json_c_string(value))
            form_choose(&popup->form, i, json_c_string(value));
    }
    return true;
}

void popup_paint(struct popup *popup, enum language language, struct surface *surface,
                 struct rect rect)
{
    const struct popup_shape *shape = &shapes[popup->kind];
    int columns = rect.columns < BOX_COLUMNS ? rect.columns : BOX_COLUMNS;
    int rows = shape->rows + FOOT_ROWS + 3;
    struct buf title = {0};

    if (popup->kind == POPUP_NONE)
        return;
    intake_print(&title, language, shape->title, buf_text(&popup->about));
    struct rect box =
        rect_inner(rect, (rect.rows - rows) / 2, (rect.columns - columns) / 2, rows, columns);
    struct rect inside = surface_box(surface, box, buf_text(&title));
    form_paint(&popup->form, surface, rect_inner(inside, 0, 1, shape->rows, inside.columns - 2),
               language);
    surface_text(surface, inside, inside.rows - 1, 1, ROLE_DIM,
                 intake_text(TEXT_POPUP_FOOT, language));
    buf_fini(&title);
}
