// What an operator does to contacts and appointments: an event each, on disk before anything is said of
// it; what became of it is said when the broker answers, in its own sentence when it refuses.
#include "intake/post.h"

#include "intake/contact_text.h"
#include "lib/mem.h"
#include "lib/message.h"

#include <stdlib.h>
#include <string.h>

enum { ACTS_KEPT = 64 }; // answers that are waited for; older ones are said without their name

// An act under way.
struct act {
    int64_t slip;
    enum intake_text done;
    char *about; // "2026-000123"
};

struct acts {
    struct act items[ACTS_KEPT];
    size_t next;
};

struct acts *post_acts_new(void)
{
    return mem_alloc(sizeof(struct acts));
}

void post_acts_free(struct acts *acts)
{
    for (size_t i = 0; acts && i < ACTS_KEPT; i++)
        free(acts->items[i].about);
    free(acts);
}

static void remember(struct acts *acts, int64_t slip, enum intake_text done, const char *about)
{
    struct act *act = &acts->items[acts->next++ % ACTS_KEPT];

    free(act->about);
    *act = (struct act){slip, done, mem_string(about)};
}

bool post_act(struct post *post, const char *type, struct slice data, enum intake_text done,
              const char *about)
{
    struct buf event = {0};
    struct err err;
    int64_t slip;

    message_event_of(&event, type, data);
    bool taken =
        post->bus.publish(post->bus.context, (struct slice){event.data, event.length}, &slip, &err);
    if (taken) {
        remember(post->acts, slip, done, about);
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
    for (size_t i = 0; i < ACTS_KEPT; i++) {
        struct act *act = &post->acts->items[i];

        if (act->slip != slip)
            continue;
        if (fault)
            post_print(post, ROLE_BAD, TEXT_ACT_REFUSED, act->about, fault);
        else
            post_print(post, ROLE_GOOD, act->done, act->about);
        act->slip = 0;
        return true;
    }
    return false;
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
static void act_plain(struct post *post, const char *type, enum intake_text done)
{
    const char *reg_no = chosen_reg_no(post);
    struct buf data = {0};

    if (!reg_no)
        return;
    buf_printf(&data, "{\"contact\":\"%s\"}", reg_no);
    post_act(post, type, (struct slice){data.data, data.length}, done, reg_no);
    buf_fini(&data);
}

void post_take_in_work(struct post *post)
{
    act_plain(post, "contact.taken", TEXT_DONE_TAKEN);
}

void post_close_contact(struct post *post)
{
    act_plain(post, "contact.closed", TEXT_DONE_CLOSED);
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
    static const enum intake_text done[POPUP_KIND_COUNT] = {
        [POPUP_ANSWER] = TEXT_DONE_ANSWERED,  [POPUP_ANSWER_COMPLAINT] = TEXT_DONE_ANSWERED,
        [POPUP_ROUTE] = TEXT_DONE_ROUTED,     [POPUP_LEAVE] = TEXT_DONE_LEFT,
        [POPUP_REOPEN] = TEXT_DONE_REOPENED,  [POPUP_REPLY] = TEXT_DONE_REPLIED,
        [POPUP_BOOK] = TEXT_DONE_BOOKED,      [POPUP_MOVE] = TEXT_DONE_MOVED,
        [POPUP_CANCEL] = TEXT_DONE_CANCELLED,
    };
    struct buf data = {0};

    popup_write(&post->popup, &data);
    if (post_act(post, popup_type(&post->popup), (struct slice){data.data, data.length},
                 done[post->popup.kind], buf_text(&post->popup.about))) {
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
