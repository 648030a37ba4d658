#include "console/dialog.h"

#include "console/desk.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

const char *dialog_field(const struct dialog *dialog, size_t item, struct buf *text)
{
    buf_clear(text);
    field_get(&dialog->items[item].field, text);
    while (text->length > 0 && text->data[text->length - 1] == ' ')
        text->data[--text->length] = '\0';
    return text->length > 0 ? buf_text(text) : NULL;
}

int64_t dialog_target(const struct dialog *dialog)
{
    return dialog->target_count > 0 ? (int64_t)dialog->targets[0] : 0;
}

bool dialog_open(struct desk *desk, enum dialog_kind kind)
{
    const struct dialog_type *type = dialog_types[kind];
    size_t count;
    const uint64_t *targets = desk_targets(desk, &count);
    if (type->needs_target && count == 0) {
        desk_print(desk, ROLE_BAD, TEXT_SELECT_FIRST);
        return false;
    }
    struct dialog *dialog = mem_alloc(sizeof *dialog);
    dialog->kind = kind;
    dialog->target_count = count;
    dialog->targets = mem_resize(NULL, count + 1, sizeof *dialog->targets);
    memcpy(dialog->targets, targets, count * sizeof *targets);
    for (size_t i = 0; i < type->item_count; i++)
        dialog->items[i] = type->items[i];
    form_init(&dialog->form, dialog->items, type->item_count);
    desk->dialog = dialog;
    if (type->open && !type->open(desk, dialog)) {
        dialog_close(desk);
        return false;
    }
    return true;
}

void dialog_close(struct desk *desk)
{
    form_fini(&desk->dialog->form);
    free(desk->dialog->targets);
    free(desk->dialog);
    desk->dialog = NULL;
}

void dialog_input(struct desk *desk, const struct input *input)
{
    struct dialog *dialog = desk->dialog;
    bool key = input->kind == INPUT_KEY;
    enum form_result result = key && input->key == INPUT_ENTER ? FORM_SUBMIT
                              : key && input->key == INPUT_ESC ? FORM_CANCEL
                                                               : form_input(&dialog->form, input);
    switch (result) {
    case FORM_CANCEL: dialog_close(desk); break;
    case FORM_CHANGED:
        dialog->asked = false;
        dialog->fault = NULL;
        break;
    case FORM_SUBMIT:
        if (!dialog_types[dialog->kind]->submit(desk, dialog))
            break;
        dialog_close(desk);
        if (desk->view == VIEW_QUEUE)
            list_untag_all(desk->list);
        break;
    case FORM_LOCKED:
    case FORM_MOVED:
    case FORM_IGNORED: break;
    }
}

void dialog_paint(struct desk *desk, struct surface *surface, struct rect area)
{
    struct dialog *dialog = desk->dialog;
    const struct dialog_type *type = dialog_types[dialog->kind];
    int columns = type->columns + 2 < area.columns ? type->columns + 2 : area.columns;
    int rows = type->rows + 4;
    struct rect box =
        rect_inner(area, (area.rows - rows) / 2, (area.columns - columns) / 2, rows, columns);
    struct rect inside = surface_box(surface, box, desk_text(desk, (enum console_text)type->title));
    inside = rect_inner(inside, 0, 1, inside.rows, inside.columns - 2);
    if (type->paint)
        type->paint(desk, dialog, surface, inside);
    surface_cell_text(
        surface, inside, inside.rows - 1, 0, inside.columns, dialog->fault ? ROLE_BAD : ROLE_DIM,
        slice_of(dialog->fault ? dialog->fault
                               : desk_text(desk, dialog->kind == DIALOG_ETA ? TEXT_ETA_FOOT
                                                                            : TEXT_DIALOG_FOOT)));
    form_paint(&dialog->form, surface, inside, desk->language); // last: it sets the cursor
}
