// What keys do: the form's own fields first, then the table of actions.
#include "intake/post.h"

#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

// Enter on a suggestion: a street is completed for typing on, anything deeper is the place.
static void pick_suggestion(struct post *post)
{
    const struct json *row = suggest_selected(&post->suggest);
    struct form_item *address = &post->call.items[CALL_ADDRESS];
    const char *house = json_c_string(json_get(row, "house"));
    struct buf text = {0};

    buf_add_text(&text, json_c_string(json_get(row, "address"))
                            ? json_c_string(json_get(row, "address"))
                            : "");
    if (!house || !*house) {
        buf_add_text(&text, ", ");
        field_set(&address->field, (struct slice){text.data, text.length});
        post_address_typed(post);
    } else {
        call_place_set(&post->call.place, row);
        field_set(&address->field, (struct slice){text.data, text.length});
        suggest_clear(&post->suggest);
        form_focus(&post->call.form, post->call.place.account && *post->call.place.account
                                         ? CALL_PROBLEM
                                         : CALL_FLAT);
        post_ask_known(post);
    }
    buf_fini(&text);
}

// Whether a house was typed that the street which is suggested does not have: it must not be lost.
static bool goes_beyond_street(const struct post *post)
{
    const struct json *row = suggest_selected(&post->suggest);
    const char *house = json_c_string(json_get(row, "house"));
    struct slice street = json_string(json_get(row, "address"));
    struct buf typed = {0};

    field_get(&post->call.items[CALL_ADDRESS].field, &typed);
    struct slice text = {typed.data, typed.length};
    bool beyond =
        (!house || !*house) && street.length > 0 && slice_begins(text, street) &&
        slice_trim((struct slice){text.data + street.length, text.length - street.length}, ", ")
                .length > 0;
    buf_fini(&typed);
    return beyond;
}

static bool is_key(const struct input *input, enum input_key key)
{
    return input->kind == INPUT_KEY && input->key == key && input->mods == 0;
}

// Keys that belong to the list under the address field.
static bool suggestion_input(struct post *post, const struct input *input)
{
    if (post->call.form.focus != CALL_ADDRESS || suggest_count(&post->suggest) == 0)
        return false;
    if (is_key(input, INPUT_UP) || is_key(input, INPUT_DOWN)) {
        suggest_move(&post->suggest, input->key == INPUT_UP ? -1 : 1);
        post_ask_known(post);
        return true;
    }
    if (is_key(input, INPUT_ENTER) && goes_beyond_street(post)) {
        suggest_clear(&post->suggest);
        post_ask_known(post);
        post_say(post, ROLE_NORMAL, post_text(post, TEXT_NO_SUCH_HOUSE));
        return false; // Enter goes on
    }
    if (is_key(input, INPUT_ENTER)) {
        pick_suggestion(post);
        return true;
    }
    if (is_key(input, INPUT_ESC)) {
        suggest_clear(&post->suggest);
        post_ask_known(post);
        return true;
    }
    if (is_key(input, INPUT_TAB)) {
        suggest_clear(&post->suggest); // the address stays as typed; Tab goes on
        post_ask_known(post);
    }
    return false;
}

static void form_changed(struct post *post)
{
    post_talk_typed(post);
    call_form_arrange(&post->call);
    switch (post->call.form.focus) {
    case CALL_ADDRESS: post_address_typed(post); break;
    case CALL_FLAT: post_ask_known(post); break;
    case CALL_PHONE: post_phone_typed(post); break;
    default: break;
    }
}

static bool form_input_of(struct post *post, const struct input *input)
{
    if (suggestion_input(post, input))
        return true;
    if (is_key(input, INPUT_ENTER) && post->call.form.focus == CALL_WORDS) {
        post_save(post);
        return true;
    }
    switch (form_input(&post->call.form, input)) {
    case FORM_IGNORED:
    case FORM_CANCEL: return false;
    case FORM_MOVED: return true;
    case FORM_CHANGED: form_changed(post); return true;
    case FORM_LOCKED: post_say(post, ROLE_BAD, post_text(post, TEXT_LOCKED)); return true;
    case FORM_SUBMIT: post_save(post); return true;
    }
    return false;
}

static bool lookup_input(struct post *post, const struct input *input)
{
    if (is_key(input, INPUT_ENTER)) {
        post_look_up(post);
        return true;
    }
    switch (field_input(&post->lookup_field, input)) {
    case FIELD_IGNORED: return false;
    case FIELD_MOVED: return true;
    case FIELD_CHANGED: post_look_up(post); return true;
    }
    return false;
}

static bool calls_input(struct post *post, const struct input *input)
{
    if (is_key(input, INPUT_ENTER) && post->calls_selected < post->calls.count)
        post_open_contact(post, post->calls.items[post->calls_selected].reg_no);
    else if (is_key(input, INPUT_DOWN) && post->calls_selected + 1 < post->calls.count)
        post->calls_selected++;
    else if (is_key(input, INPUT_UP) && post->calls_selected > 0)
        post->calls_selected--;
    else
        return false;
    return true;
}

static bool view_input(struct post *post, const struct input *input)
{
    if (post->view != POST_FORM && is_key(input, INPUT_ESC)) {
        post->view = post->view == POST_CONTACT ? post->before : POST_FORM;
        return true;
    }
    switch (post->view) {
    case POST_FORM: return form_input_of(post, input);
    case POST_LOOKUP: return lookup_input(post, input);
    case POST_CALLS: return calls_input(post, input);
    case POST_ANSWERS: return post_reading_input(post, input);
    case POST_QUEUE:
    case POST_QUESTIONS: return post_contact_list_input(post, input);
    case POST_HISTORY: return post_history_input(post, input);
    case POST_CONTACT: return contact_view_input(&post->contact, input);
    case POST_VISITS: return post_visits_input(post, input);
    }
    return false;
}

static void run_action(struct post *post, const struct input *input)
{
    bool lists = (post->view & (POST_CALLS | POST_CONTACTS | POST_VISITS)) != 0;
    enum keymap_context context = lists ? KEYMAP_COMMAND : KEYMAP_FIELD;
    const struct action *action =
        keymap_find(post_actions, post_action_count, post->view, context, input);

    if (action && (!action->can_run || action->can_run(post)))
        action->run(post);
    else if (input->kind == INPUT_PASTE)
        post_say(post, ROLE_BAD, post_text(post, TEXT_PASTE_REFUSED));
}

static void take_input(struct post *post, const struct input *input)
{
    if (post->asks_to_quit) {
        post->asks_to_quit = false;
        buf_clear(&post->message);
        if (is_key(input, INPUT_ENTER))
            post->quit = true;
        return;
    }
    if (post->menu) {
        post_menu_input(post, input);
        return;
    }
    if (post->popup.kind != POPUP_NONE) {
        post_popup_input(post, input);
        return;
    }
    if (post->help) {
        if (input->kind == INPUT_KEY || input->kind == INPUT_RUNE)
            post->help = false;
        return;
    }
    if (!view_input(post, input))
        run_action(post, input);
    post_consider_push(post);
}

// --- typing ahead -----------------------------------------------------------------------------------

// Whether what the keys would work on is still being asked for.
static bool is_asking(const struct post *post)
{
    switch (post->view) {
    case POST_FORM: return post->call.form.focus == CALL_ADDRESS && post->suggest.waits;
    case POST_QUEUE: return post->owed.rows.awaited || post->owed.rows.state == ROWS_ASKING;
    case POST_QUESTIONS: return post->questions.awaited || post->questions.state == ROWS_ASKING;
    case POST_CONTACT: return post->contact.row.state == ROWS_ASKING;
    case POST_HISTORY: return post->history.rows.state == ROWS_ASKING;
    case POST_VISITS: return visits_are_asked(&post->visits);
    default: return false;
    }
}

// Where somebody types, only the keys that choose wait; in a list, every key that is no way out of it.
static bool must_wait(const struct post *post, const struct input *input)
{
    bool covered = post->menu || post->help || post->asks_to_quit || post->popup.kind != POPUP_NONE;
    bool types = post->view == POST_FORM || post->view == POST_HISTORY;
    bool picks = is_key(input, INPUT_ENTER) || is_key(input, INPUT_UP) || is_key(input, INPUT_DOWN);
    bool leaves = input->kind == INPUT_KEY && (input->key == INPUT_ESC || input->key <= INPUT_F12);

    return !covered && !post->ahead.given_up && (types ? picks : !leaves) && is_asking(post);
}

void post_input(struct post *post, const struct input *input)
{
    buf_clear(&post->arrived);
    if (post->ahead.count || must_wait(post, input))
        ahead_keep(&post->ahead, input, post->mono_ms);
    else
        take_input(post, input);
}

static void play(struct post *post, bool given_up)
{
    struct ahead ahead = post->ahead;

    post->ahead = (struct ahead){.given_up = given_up};
    for (size_t i = 0; i < ahead.count; i++)
        post_input(post, &ahead.items[i].input); // another question makes the rest wait again
    post->ahead.given_up = false;
    ahead_fini(&ahead);
}

void post_play_ahead(struct post *post)
{
    if (post->ahead.count && !is_asking(post))
        play(post, false);
}

void post_ahead_tick(struct post *post)
{
    if (post->ahead.count == 0)
        return;
    bool typed = post->view == POST_FORM;
    bool late = post->mono_ms - post->ahead.since_ms >= AHEAD_MS;
    if (typed && !post->link.up)
        post_address_typed(post); // from the own copy
    else if (typed && late)
        suggest_clear(&post->suggest);
    if (late || !post->link.up)
        play(post, true);
}
