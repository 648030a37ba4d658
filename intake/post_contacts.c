// The post's lists of contacts: the queue of those that wait for an answer, and one contact open.
#include "intake/post.h"

#include <string.h>

#define QUESTIONS_MS (INT64_C(7) * 24 * 3600 * 1000) // so far back questions are listed

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
    post->owed.rows.awaited = true;
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

static void ask_questions(struct post *post)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_text(&out, "dispatch", "open");
    json_out_time(&out, "since", post->now_ms - QUESTIONS_MS);
    json_out_integer(&out, "limit", 1000);
    json_out_end(&out, '}');
    post_ask_rows(post, &post->questions, "contacts", &args, POST_ASK_QUESTIONS);
    buf_fini(&args);
}

void post_open_questions(struct post *post)
{
    post->view = POST_QUESTIONS;
    post->questions.awaited = true;
    ask_questions(post);
}

static bool list_input(struct post *post, const struct input *input)
{
    if (post->view == POST_QUESTIONS)
        return rows_input(&post->questions, input);
    switch (owed_input(&post->owed, input)) {
    case OWED_IGNORED: return false;
    case OWED_USED: break;
    case OWED_CHANGED: ask_queue(post); break;
    }
    return true;
}

bool post_contact_list_input(struct post *post, const struct input *input)
{
    const struct json *row = post_chosen_contact(post);

    if (input->kind == INPUT_KEY && !input->mods && input->key == INPUT_ENTER) {
        post_open_contact(post, json_c_string(json_get(row, "reg_no")));
        return true;
    }
    return list_input(post, input);
}

// --- answers and events -----------------------------------------------------------------------------

static bool is_own(const struct post *post, const struct json *row)
{
    const char *by = json_c_string(json_get(row, "operator"));
    const char *reg_no = json_c_string(json_get(row, "reg_no"));

    return (by && post->link.identity && strcmp(by, post->link.identity) == 0) ||
           (reg_no && calls_find_number(&post->calls, reg_no));
}

// One's own first; else as they were taken.
static void arrange_questions(struct post *post, bool first)
{
    struct rows *rows = &post->questions;
    const struct json *selected = first ? NULL : rows_selected(rows);
    const char *former = selected ? json_c_string(json_get(selected, "reg_no")) : NULL;
    size_t own = 0;

    for (size_t i = 0; i < rows->count; i++) {
        const struct json *row = rows->items[i];
        if (!is_own(post, row))
            continue;
        memmove(&rows->items[own + 1], &rows->items[own], (i - own) * sizeof(rows->items[0]));
        rows->items[own++] = row;
    }
    if (former)
        rows_select(rows, former);
}

void post_take_contacts(struct post *post, enum post_question question, int64_t number,
                        const struct json *rows, const struct err *err)
{
    if (question == POST_ASK_QUEUE) {
        bool first = post->owed.rows.count == 0;
        if (rows_take(&post->owed.rows, number, rows, err, post->language))
            owed_arrange(&post->owed, first);
    } else if (question == POST_ASK_QUESTIONS) {
        bool first = post->questions.count == 0;
        if (rows_take(&post->questions, number, rows, err, post->language))
            arrange_questions(post, first);
    } else {
        rows_take(&post->contact.row, number, rows, err, post->language);
    }
}

// The dispatcher waits: the caller may still be on the line.
static bool tell_question(struct post *post, struct slice topic, const struct json *data)
{
    const char *reg_no = json_c_string(json_get(data, "contact"));
    bool returned = slice_is(topic, "dispatch.returned");
    const char *text = json_c_string(json_get(data, returned ? "reason" : "question"));

    if (!returned && !slice_is(topic, "dispatch.asked"))
        return false;
    if (!reg_no || !calls_find_number(&post->calls, reg_no))
        return false;
    post_print(post, ROLE_STRIP, returned ? TEXT_WAS_RETURNED : TEXT_WAS_ASKED, reg_no,
               text ? text : "");
    post->bus.bell(post->bus.context);
    return true;
}

bool post_contacts_event(struct post *post, struct slice topic, const struct json *event)
{
    const struct json *data = json_get(event, "data");
    const char *reg_no = json_c_string(json_get(data, "contact"));

    if (!reg_no)
        return false;
    post->owed.rows.due = true;
    post->questions.due |= slice_begins(topic, slice_of("dispatch."));
    if (post->contact.reg_no && strcmp(reg_no, post->contact.reg_no) == 0)
        post->contact.row.due = true;
    return tell_question(post, topic, data);
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
    if (rows_are_due(&post->questions, post->mono_ms)) // their number stands on every screen
        ask_questions(post);
}
