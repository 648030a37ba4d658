// The post's panel of answers: its copy is fetched, a text is taken into the contact on the form.
#include "intake/post.h"

void post_fetch_handbook(struct post *post)
{
    static const char *const names[] = {"answers", "directory"};
    static const enum post_question questions[] = {POST_ASK_ANSWERS, POST_ASK_DIRECTORY};

    for (size_t i = 0; post->link.up && i < sizeof(names) / sizeof(names[0]); i++)
        post->bus.query(post->bus.context, names[i], slice_of("{\"limit\":1000}"), questions[i],
                        (int64_t)post->language);
}

void post_take_handbook(struct post *post, enum post_question question, int64_t language,
                        const struct json *rows)
{
    handbook_take(post->handbook, (enum language)language,
                  question == POST_ASK_DIRECTORY ? HANDBOOK_DIRECTORY : HANDBOOK_ANSWERS, rows);
    reading_search(&post->reading, post->handbook, post->language);
}

void post_open_reading(struct post *post)
{
    post->reading.topic = form_value(&post->call.form, CALL_TOPIC);
    field_clear(&post->reading.field);
    reading_search(&post->reading, post->handbook, post->language);
    post->view = POST_ANSWERS;
}

static void take_answer(struct post *post)
{
    const struct handbook_entry *entry = reading_selected(&post->reading);
    const char *title = handbook_title(entry);
    struct buf text = {0};

    buf_printf(&text, "%s: ", title);
    handbook_text(entry, &text);
    post->view = POST_FORM;
    if (call_form_take_answer(&post->call, handbook_topic(entry), buf_text(&text))) {
        post_print(post, ROLE_GOOD, TEXT_READING_TAKEN, title);
    } else {
        post_print(post, ROLE_BAD, TEXT_READING_NO_QUESTION,
                   call_form_problem_label(&post->call, post->language));
    }
    buf_fini(&text);
}

bool post_reading_input(struct post *post, const struct input *input)
{
    switch (reading_input(&post->reading, input)) {
    case READING_IGNORED: return false;
    case READING_USED: break;
    case READING_CHANGED: reading_search(&post->reading, post->handbook, post->language); break;
    case READING_TAKEN: take_answer(post); break;
    }
    return true;
}
