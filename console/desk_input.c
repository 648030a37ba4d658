// Who gets an input: the dialog, the help, the prompt line, else the action of its key.
#include "console/desk.h"

#include "console/help.h"
#include "lib/mem.h"

#include <stdlib.h>

static void take_prompt(struct desk *desk)
{
    struct buf text = {0};
    field_get(&desk->prompt_field, &text);
    if (desk->prompt == PROMPT_SEARCH && text.length > 0) {
        free(desk->search_text);
        desk->search_text = mem_string(buf_text(&text));
        desk->prompt = PROMPT_NONE;
        desk_search(desk, 1);
    }
    desk->prompt = PROMPT_NONE;
    buf_fini(&text);
}

static void prompt_input(struct desk *desk, const struct input *input)
{
    struct buf text = {0};
    if (input->kind == INPUT_KEY && input->key == INPUT_ENTER) {
        take_prompt(desk);
        return;
    }
    if (input->kind == INPUT_KEY && input->key == INPUT_ESC) {
        if (desk->prompt == PROMPT_FILTER)
            desk_set_filter(desk, slice_of(""));
        desk->prompt = PROMPT_NONE;
        return;
    }
    if (input->kind == INPUT_KEY && (input->key == INPUT_UP || input->key == INPUT_DOWN)) {
        list_move(desk->list, input->key == INPUT_UP ? -1 : 1);
        return;
    }
    if (field_input(&desk->prompt_field, input) != FIELD_CHANGED || desk->prompt != PROMPT_FILTER)
        return;
    field_get(&desk->prompt_field, &text); // the list narrows while it is typed
    desk_set_filter(desk, (struct slice){buf_text(&text), text.length});
    buf_fini(&text);
}

void desk_run(struct desk *desk, const struct action *action)
{
    if (!(action->views & desk->view) || (action->can_run && !action->can_run(desk))) {
        desk_print(desk, ROLE_BAD, TEXT_CANNOT_NOW, action->help[desk->language]);
        return;
    }
    action->run(desk);
}

static void command_input(struct desk *desk, const struct input *input)
{
    if (input->kind == INPUT_PASTE) { // pasted letters would be commands
        desk_print(desk, ROLE_BAD, TEXT_PASTE_REFUSED);
        return;
    }
    if (input->kind == INPUT_RUNE && input->mods == 0 &&
        keymap_physical(input->rune) != input->rune)
        desk->cyrillic = true;
    else if (input->kind == INPUT_RUNE && input->mods == 0 && keymap_cyrillic(input->rune))
        desk->cyrillic = false;
    const struct action *action =
        keymap_find(desk_actions, desk_action_count, desk->view, KEYMAP_COMMAND, input);
    if (action)
        desk_run(desk, action);
    else if (!(input->mods & INPUT_ALT))
        desk_print(desk, ROLE_DIM, TEXT_NO_KEY);
}

void desk_input(struct desk *desk, const struct input *input)
{
    list_touch(desk->list, desk->mono_ms);
    if (input->kind == INPUT_RUNE && input->mods == INPUT_CTRL && input->rune == 'l') {
        desk->repaint_whole = true;
        return;
    }
    bool cancel = input->kind == INPUT_RUNE && input->mods == INPUT_CTRL && input->rune == 'c';
    struct input escape = {.kind = INPUT_KEY, .key = INPUT_ESC};
    bool popup = desk->dialog || desk->help || desk->prompt;
    if (cancel && !popup)
        return; // Ctrl-C leaves what is open, never the program
    if (cancel)
        input = &escape;
    if (desk->dialog)
        dialog_input(desk, input);
    else if (desk->help)
        help_input(desk, input);
    else if (desk->prompt)
        prompt_input(desk, input);
    else
        command_input(desk, input);
    desk_hold_by_popups(desk);
}
