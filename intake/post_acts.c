// What an operator does to contacts and appointments: an event each, on disk before anything is said of
// it; what became of it is said when the broker answers, in its own sentence when it refuses.
#include "intake/post.h"

#include "intake/contact_text.h"
#include "lib/mem.h"
#include "lib/message.h"

#include <stdlib.h>
#include <string.h>

// What is said when the broker has taken it.
static const struct {
    const char *type;
    enum intake_text done;
} kinds[] = {
    {"contact.taken", TEXT_DONE_TAKEN},      {"contact.answered", TEXT_DONE_ANSWERED},
    {"contact.closed", TEXT_DONE_CLOSED},    {"contact.routed", TEXT_DONE_ROUTED},
    {"contact.left", TEXT_DONE_LEFT},        {"contact.reopened", TEXT_DONE_REOPENED},
    {"dispatch.replied", TEXT_DONE_REPLIED}, {"appointment.booked", TEXT_DONE_BOOKED},
    {"appointment.moved", TEXT_DONE_MOVED},  {"appointment.cancelled", TEXT_DONE_CANCELLED},
    {"appointment.kept", TEXT_DONE_KEPT},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

// An act under way.
struct act {
    int64_t slip;
    size_t kind;
    char *about; // "2026-000123"
};

struct acts {
    struct act *items;
    size_t count, capacity;
};

struct acts *post_acts_new(void)
{
    return mem_alloc(sizeof(struct acts));
}

void post_acts_free(struct acts *acts)
{
    for (size_t i = 0; i < acts->count; i++)
        free(acts->items[i].about);
    free(acts->items);
    free(acts);
}

static void remember(struct acts *acts, int64_t slip, const char *type, const char *about)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        if (strcmp(kinds[kind].type, type) != 0)
            continue;
        mem_grow((void **)&acts->items, acts->count, &acts->capacity, sizeof(*acts->items));
        acts->items[acts->count++] = (struct act){slip, kind, mem_string(about)};
    }
}

bool post_act(struct post *post, const char *type, struct slice data, const char *about)
{
    struct buf event = {0};
    struct err err;
    int64_t slip;

    message_event_of(&event, type, data);
    bool taken =
        post->bus.publish(post->bus.context, (struct slice){event.data, event.length}, &slip, &err);
    if (taken) {
        remember(post->acts, slip, type, about);
        post_print(post, post->link.up ? ROLE_NORMAL : ROLE_BAD,
                   post->link.up ? TEXT_ACT_SENT : TEXT_SAVED_OFFLINE, (long long)slip);
    } else {
        post_say(post, ROLE_BAD, err.message[post->language]);
    }
    buf_fini(&event);
    return taken;
}

bool post_act_settled(struct post *post, int64_t slip, const char *fault)
{
    struct acts *acts = post->acts;
    size_t at = 0;

    while (at < acts->count && acts->items[at].slip != slip)
        at++;
    if (at == acts->count)
        return false;
    struct act act = acts->items[at];
    acts->items[at] = acts->items[--acts->count];
    if (fault)
        post_print(post, ROLE_BAD, TEXT_ACT_REFUSED, act.about, fault);
    else
        post_print(post, ROLE_GOOD, kinds[act.kind].done, act.about);
    free(act.about);
    rows_hurry(&post->owed.rows);
    rows_hurry(&post->contact.row);
    rows_hurry(&post->questions);
    rows_hurry(&post->visits.sheet);
    return true;
}

// What a former run wrote down and nobody has answered: its refusal must not be silent.
void post_act_restore(struct post *post, const struct outbox_item *item, struct json_doc *doc)
{
    const struct json *event =
        json_parse(doc, item->event.data, item->event.length, JSON_DEPTH_DEFAULT, NULL);
    const struct json *data = json_get(event, "data");
    const char *type = json_c_string(json_get(event, "type"));
    const char *contact = json_c_string(json_get(data, "contact"));
    const char *starts = json_c_string(json_get(data, "starts"));
    struct buf about = {0};

    if (item->state == OUTBOX_WAITING && type) {
        if (contact || starts)
            buf_add_text(&about, contact ? contact : starts);
        else
            buf_printf(&about, "№%lld", (long long)json_integer(json_get(data, "appointment"), 0));
        remember(post->acts, item->slip, type, buf_text(&about));
    }
    buf_fini(&about);
}

// --- contacts -------------------------------------------------------------------------------------

const struct json *post_chosen_contact(const struct post *post)
{
    switch (post->view) {
    case POST_QUEUE: return rows_selected(&post->owed.rows);
    case POST_QUESTIONS: return rows_selected(&post->questions);
    case POST_CONTACT: return contact_view_row(&post->contact);
    default: return NULL;
    }
}

static const char *chosen_reg_no(const struct post *post)
{
    return json_c_string(json_get(post_chosen_contact(post), "reg_no"));
}

bool post_can_act(const void *program)
{
    return chosen_reg_no(program) != NULL;
}

// An event that says no more than which contact.
static void act_plain(struct post *post, const char *type)
{
    const char *reg_no = chosen_reg_no(post);
    struct buf data = {0};

    if (!reg_no)
        return;
    buf_printf(&data, "{\"contact\":\"%s\"}", reg_no);
    post_act(post, type, (struct slice){data.data, data.length}, reg_no);
    buf_fini(&data);
}

void post_take_in_work(struct post *post)
{
    act_plain(post, "contact.taken");
}

void post_close_contact(struct post *post)
{
    act_plain(post, "contact.closed");
}

void post_ask_for(struct post *post, enum popup_kind kind)
{
    const char *reg_no = chosen_reg_no(post);
    const char *type = json_c_string(json_get(post_chosen_contact(post), "type"));

    if (!reg_no)
        return;
    if (kind == POPUP_ANSWER && type && strcmp(type, "contact.complaint") == 0)
        kind = POPUP_ANSWER_COMPLAINT;
    popup_open(&post->popup, kind, reg_no);
    popup_set(&post->popup, "contact", reg_no);
}

// --- the popup ------------------------------------------------------------------------------------

static void submit(struct post *post)
{
    struct buf data = {0};

    popup_write(&post->popup, &data);
    if (post_act(post, popup_type(&post->popup), (struct slice){data.data, data.length},
                 buf_text(&post->popup.about))) {
        post_visit_sent(post);
        popup_close(&post->popup); // what a full disk refused stays to be tried again
    }
    buf_fini(&data);
}

void post_popup_input(struct post *post, const struct input *input)
{
    switch (popup_input(&post->popup, input)) {
    case POPUP_SUBMIT: submit(post); break;
    case POPUP_LEFT: popup_close(&post->popup); break;
    default: break;
    }
}
