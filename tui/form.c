#include "tui/form.h"

#include "lib/text.h"

#include <string.h>

void form_init(struct form *form, struct form_item *items, size_t count)
{
    *form = (struct form){items, count, 0};
    for (size_t i = 0; i < count; i++) {
        if (items[i].kind != FORM_FIELD)
            continue;
        field_init(&items[i].field, items[i].limit);
        items[i].field.accepts = items[i].accepts;
    }
}

void form_fini(struct form *form)
{
    for (size_t i = 0; i < form->count; i++)
        if (form->items[i].kind == FORM_FIELD)
            field_fini(&form->items[i].field);
    *form = (struct form){0};
}

void form_clear(struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        if (form->items[i].kind == FORM_FIELD)
            field_clear(&form->items[i].field);
        form->items[i].chosen = -1;
    }
    form->focus = 0;
}

bool form_focus(struct form *form, size_t item)
{
    if (item >= form->count || form->items[item].hidden)
        return false;
    form->focus = item;
    return true;
}

static bool focus_beside(struct form *form, int step)
{
    for (size_t i = form->focus + (size_t)step; i < form->count; i += (size_t)step)
        if (form_focus(form, i))
            return true;
    return false; // below 0 wraps to a huge index, which ends the loop as well
}

static bool is_last(const struct form *form)
{
    for (size_t i = form->focus + 1; i < form->count; i++)
        if (!form->items[i].hidden)
            return false;
    return true;
}

static enum form_result input_choice(struct form_item *item, const struct input *input)
{
    int count = (int)item->choice_count;
    int chosen = item->chosen;
    if (input->kind == INPUT_RUNE && input->mods == 0) {
        if (input->rune >= '1' && input->rune < '1' + (uint32_t)count)
            chosen = (int)(input->rune - '1');
        else if (input->rune == '0' || input->rune == ' ')
            chosen = input->rune == '0' ? -1 : (chosen + 1) % count;
        else
            return FORM_MOVED; // a letter here is a slip, not a command
    } else if (input->kind == INPUT_KEY && input->key == INPUT_RIGHT) {
        chosen = chosen + 1 < count ? chosen + 1 : count - 1;
    } else if (input->kind == INPUT_KEY && input->key == INPUT_LEFT) {
        chosen = chosen > 0 ? chosen - 1 : 0;
    } else if (input->kind == INPUT_KEY &&
               (input->key == INPUT_BACKSPACE || input->key == INPUT_DELETE)) {
        chosen = -1;
    } else {
        return input->kind == INPUT_PASTE ? FORM_MOVED : FORM_IGNORED;
    }
    bool changed = chosen != item->chosen;
    item->chosen = chosen;
    return changed ? FORM_CHANGED : FORM_MOVED;
}

static enum form_result input_navigation(struct form *form, const struct input *input)
{
    bool back = (input->mods & INPUT_SHIFT) != 0;
    switch (input->key) {
    case INPUT_ESC: return FORM_CANCEL;
    case INPUT_ENTER:
        if (is_last(form))
            return FORM_SUBMIT;
        focus_beside(form, 1);
        return FORM_MOVED;
    case INPUT_TAB:
        if (!focus_beside(form, back ? -1 : 1)) { // round
            form->focus = back ? form->count : (size_t)-1;
            focus_beside(form, back ? -1 : 1);
        }
        return FORM_MOVED;
    case INPUT_DOWN: focus_beside(form, 1); return FORM_MOVED;
    case INPUT_UP: focus_beside(form, -1); return FORM_MOVED;
    default: return FORM_IGNORED;
    }
}

// F-keys and the like are the program's; all that would type or erase is refused.
static enum form_result input_locked(const struct input *input)
{
    bool edits =
        input->kind == INPUT_PASTE || (input->kind == INPUT_RUNE && input->mods == 0) ||
        (input->kind == INPUT_KEY && (input->key == INPUT_BACKSPACE || input->key == INPUT_DELETE));
    return edits ? FORM_LOCKED : FORM_IGNORED;
}

enum form_result form_input(struct form *form, const struct input *input)
{
    if (form->count == 0)
        return FORM_IGNORED;
    if (input->kind == INPUT_KEY) {
        enum form_result result = input_navigation(form, input);
        if (result != FORM_IGNORED)
            return result;
    }
    struct form_item *item = &form->items[form->focus];
    if (item->locked)
        return input_locked(input);
    if (item->kind == FORM_CHOICE)
        return input_choice(item, input);
    switch (field_input(&item->field, input)) {
    case FIELD_CHANGED: return FORM_CHANGED;
    case FIELD_MOVED: return FORM_MOVED;
    case FIELD_IGNORED: break;
    }
    return FORM_IGNORED;
}

const char *form_value(const struct form *form, size_t item)
{
    const struct form_item *at = &form->items[item];
    if (at->kind != FORM_CHOICE || at->chosen < 0)
        return NULL;
    return at->choices[at->chosen].value;
}

bool form_choose(struct form *form, size_t item, const char *value)
{
    struct form_item *at = &form->items[item];
    for (size_t i = 0; i < at->choice_count; i++)
        if (strcmp(at->choices[i].value, value) == 0) {
            at->chosen = (int)i;
            return true;
        }
    return false;
}

// "[2] 1 line  2 TP  3 cable": the chosen digit in brackets, then every choice, the chosen one marked.
static void paint_choice(const struct form_item *item, struct surface *surface, struct rect rect,
                         int column, bool focused, enum language language)
{
    char chosen[4] = "[ ]";
    if (item->chosen >= 0)
        chosen[1] = (char)('1' + item->chosen);
    surface_text(surface, rect, item->row, column, focused ? ROLE_FOCUS : ROLE_FIELD, chosen);
    if (focused)
        surface_cursor(surface, rect, item->row, column + 1);
    int row = item->row;
    int at = column + 4;
    for (int i = 0; i < (int)item->choice_count; i++) {
        const char *label = item->choices[i].label[language];
        int width = 2 + (int)text_width(slice_of(label));
        enum role role = i == item->chosen ? ROLE_CHOICE : ROLE_NORMAL;
        if (at + width > rect.columns && at > column + 4) { // goes on in the next row
            row++;
            at = column + 4;
        }
        surface_printf(surface, rect, row, at, i == item->chosen ? ROLE_CHOICE : ROLE_KEY, "%d",
                       i + 1);
        surface_text(surface, rect, row, at + 2, role, label);
        at += width + 2;
    }
}

void form_paint(struct form *form, struct surface *surface, struct rect rect,
                enum language language)
{
    for (size_t i = 0; i < form->count; i++) {
        struct form_item *item = &form->items[i];
        if (item->hidden)
            continue;
        bool focused = i == form->focus;
        const char *label = item->label[language];
        int column = item->column + (item->label_columns ? item->label_columns
                                                         : (int)text_width(slice_of(label)) + 1);
        int end = item->columns && column + item->columns < rect.columns ? column + item->columns
                                                                         : rect.columns;
        surface_text(surface, rect, item->row, item->column, focused ? ROLE_BOLD : ROLE_NORMAL,
                     label);
        if (item->kind == FORM_CHOICE) {
            paint_choice(item, surface, rect_inner(rect, 0, 0, rect.rows, end), column, focused,
                         language);
            continue;
        }
        surface_text(surface, rect, item->row, column, ROLE_FRAME, "[");
        surface_text(surface, rect, item->row, end - 1, ROLE_FRAME, "]");
        field_paint(&item->field, surface, rect, item->row, column + 1, end - column - 2, focused);
    }
}
