#include "console/help.h"

#include "console/desk.h"
#include "lib/text.h"

#include <string.h>

enum { KEYS_COLUMNS = 15 };

// Every command of the view that the typed words fit, in the table's order.
struct found {
    const struct action *actions[128];
    size_t count;
};

static bool fits(const struct action *action, const char *folded)
{
    struct buf all = {0};
    struct buf form = {0};
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        buf_printf(&all, "%s %s ", action->word[i], action->help[i]);
    keymap_print_keys(action, false, &all);
    text_fold((struct slice){all.data, all.length}, &form);
    bool found = strstr(buf_text(&form), folded) != NULL;
    buf_fini(&all);
    buf_fini(&form);
    return found;
}

static struct found find(struct desk *desk)
{
    struct found found = {.count = 0};
    struct buf typed = {0};
    struct buf folded = {0};
    field_get(&desk->help_field, &typed);
    text_fold((struct slice){typed.data, typed.length}, &folded);
    for (size_t i = 0; i < desk_action_count && found.count < 128; i++)
        if ((desk_actions[i].views & desk->view) && fits(&desk_actions[i], buf_text(&folded)))
            found.actions[found.count++] = &desk_actions[i];
    buf_fini(&typed);
    buf_fini(&folded);
    return found;
}

void help_input(struct desk *desk, const struct input *input)
{
    struct found found = find(desk);
    if (input->kind == INPUT_KEY) {
        switch (input->key) {
        case INPUT_F1:
        case INPUT_F10:
        case INPUT_ESC: desk->help = false; return;
        case INPUT_UP:
            if (desk->help_selected > 0)
                desk->help_selected--;
            return;
        case INPUT_DOWN: desk->help_selected++; return; // painting stops it at the end
        case INPUT_PAGE_DOWN: desk->help_selected += 10; return;
        case INPUT_PAGE_UP:
            desk->help_selected -= desk->help_selected < 10 ? desk->help_selected : 10;
            return;
        case INPUT_ENTER:
            desk->help = false;
            if (desk->help_selected < found.count)
                desk_run(desk, found.actions[desk->help_selected]);
            return;
        default: break;
        }
    }
    if (field_input(&desk->help_field, input) == FIELD_CHANGED)
        desk->help_selected = 0;
}

static void paint_row(struct desk *desk, const struct action *action, bool selected,
                      struct surface *surface, struct rect row)
{
    struct buf keys = {0};
    bool works = !action->can_run || action->can_run(desk);
    enum role role = selected ? ROLE_SELECTED : works ? ROLE_NORMAL : ROLE_DIM;
    keymap_print_keys(action, false, &keys);
    surface_fill(surface, row, ' ', role);
    surface_cell_text(surface, row, 0, 1, KEYS_COLUMNS, selected || !works ? role : ROLE_KEY,
                      (struct slice){keys.data, keys.length});
    surface_cell_text(surface, row, 0, 2 + KEYS_COLUMNS, row.columns - KEYS_COLUMNS - 2, role,
                      slice_of(action->help[desk->language]));
    buf_fini(&keys);
}

void help_paint(struct desk *desk, struct surface *surface, struct rect area)
{
    struct found found = find(desk);
    int columns = area.columns < 82 ? area.columns - 2 : 80;
    int rows = area.rows - 2 < 30 ? area.rows - 2 : 30;
    struct rect box =
        rect_inner(area, (area.rows - rows) / 2, (area.columns - columns) / 2, rows, columns);
    struct rect inside = surface_box(surface, box, desk_text(desk, TEXT_HELP_TITLE));
    struct rect list = rect_inner(inside, 1, 0, inside.rows - 2, inside.columns);
    if (desk->help_selected >= found.count)
        desk->help_selected = found.count ? found.count - 1 : 0;
    size_t page = list.rows > 0 ? (size_t)list.rows : 1;
    size_t top = desk->help_selected >= page ? desk->help_selected - page + 1 : 0;
    for (size_t i = 0; i < page && top + i < found.count; i++)
        paint_row(desk, found.actions[top + i], top + i == desk->help_selected, surface,
                  rect_inner(list, (int)i, 0, 1, list.columns));
    if (found.count == 0)
        surface_text(surface, list, 0, 1, ROLE_DIM, desk_text(desk, TEXT_HELP_NOTHING));
    surface_cell_text(surface, inside, inside.rows - 1, 1, inside.columns - 2, ROLE_DIM,
                      slice_of(desk_text(desk, TEXT_HELP_FOOT)));
    field_paint(&desk->help_field, surface, inside, 0, 1, inside.columns - 2, true);
}
