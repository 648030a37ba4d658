// The post's lists of contacts: the queue of those that wait for an answer, and one contact open.
#include "intake/post.h"

#include <string.h>

static void ask_queue(struct post *post)
{
    struct buf args = {0};

    owed_write_args(&post->owed, post->now_ms, &args);
    post_ask_rows(post, &post->owed.rows, "contacts", &args, POST_ASK_QUEUE);
    buf_fini(&args);
}

static void ask_contact(struct post *post)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_text(&out, "reg_no", post->contact.reg_no);
    json_out_end(&out, '}');
    post_ask_rows(post, &post->contact.row, "contact", &args, POST_ASK_CONTACT);
    buf_fini(&args);
}

void post_open_queue(struct post *post)
{
    post->view = POST_QUEUE;
    ask_queue(post);
}

void post_open_contact(struct post *post, const char *reg_no)
{
    if (!reg_no)
        return;
    post->before = post->view;
    post->view = POST_CONTACT;
    contact_view_open(&post->contact, reg_no);
    ask_contact(post);
}

bool post_contact_list_input(struct post *post, const struct input *input)
{
    const struct json *row = post_chosen_contact(post);

    if (input->kind == INPUT_KEY && !input->mods && input->key == INPUT_ENTER) {
        post_open_contact(post, json_c_string(json_get(row, "reg_no")));
        return true;
    }
    switch (owed_input(&post->owed, input)) {
    case OWED_IGNORED: return false;
    case OWED_USED: break;
    case OWED_CHANGED: ask_queue(post); break;
    }
    return true;
}

void post_take_contacts(struct post *post, enum post_question question, int64_t number,
                        const struct json *rows, const struct err *err)
{
    if (question == POST_ASK_QUEUE) {
        if (rows_take(&post->owed.rows, number, rows, err, post->language))
            owed_arrange(&post->owed);
    } else {
        rows_take(&post->contact.row, number, rows, err, post->language);
    }
}

static bool begins(struct slice topic, const char *prefix)
{
    return slice_begins(topic, slice_of(prefix));
}

void post_contacts_event(struct post *post, struct slice topic, const struct json *event)
{
    const struct json *data = json_get(event, "data");
    const char *reg_no = json_c_string(json_get(data, "contact"));

    if (!begins(topic, "contact.") && !begins(topic, "dispatch."))
        return;
    post->owed.rows.due = true;
    if (reg_no && post->contact.reg_no && strcmp(reg_no, post->contact.reg_no) == 0)
        post->contact.row.due = true;
}

void post_contacts_tick(struct post *post)
{
    struct rows *owed = &post->owed.rows;

    if (!post->link.up)
        return;
    if (post->mono_ms - owed->asked_ms >= OWED_POLL_MS)
        owed->due = true;
    if (post->view == POST_QUEUE && rows_are_due(owed, post->mono_ms))
        ask_queue(post);
    if (post->view == POST_CONTACT && rows_are_due(&post->contact.row, post->mono_ms))
        ask_contact(post);
}
