// The post's telephone call: contacts are taken in it, one key takes another one, its end ends all.
#include "intake/post.h"

#include "lib/crypto.h"
#include "lib/mem.h"

#include <stdlib.h>

static bool publish(struct post *post, const struct buf *event, int64_t *slip, struct err *err)
{
    return post->bus.publish(post->bus.context, (struct slice){event->data, event->length}, slip,
                             err);
}

void post_talk_typed(struct post *post)
{
    struct talk *talk = &post->talk;

    if (talk->open && !talk->goes_on)
        post_end_talk(post); // somebody else is on the line
    if (!talk->since_ms)
        talk->since_ms = post->now_ms;
}

bool post_begin_talk(struct post *post, struct err *err)
{
    struct talk *talk = &post->talk;
    struct buf event = {0};
    int64_t slip;
    bool done = true;

    post_talk_typed(post);
    talk->open = talk->goes_on = true;
    if (!*talk->id)
        crypto_uuid7(post->now_ms, talk->id);
    if (!talk->told && !call_form_is_anonymous(&post->call)) {
        talk_write_started(talk, &event);
        talk->told = done = publish(post, &event, &slip, err);
    }
    buf_fini(&event);
    return done;
}

void post_talk_keep(struct post *post)
{
    struct buf form = {0};

    call_form_save(&post->call, &form);
    free(post->talk.kept);
    post->talk.kept = mem_string(buf_text(&form));
    post->talk.goes_on = false;
    buf_fini(&form);
}

void post_end_talk(struct post *post)
{
    struct buf event = {0};
    struct err err;
    int64_t slip;

    // A disk that refuses has been told of with the contact; without its end the call is just longer.
    if (post->talk.told) {
        talk_write_ended(&post->talk, post->now_ms, &event);
        publish(post, &event, &slip, &err);
    }
    talk_fini(&post->talk);
    buf_fini(&event);
}

// Nothing but what the contact before left there.
static bool is_fresh(const struct post *post)
{
    return *call_form_problem_label(&post->call, post->language) == '\0' &&
           field_is_empty(&post->call.items[CALL_WORDS].field);
}

bool post_hang_up(struct post *post)
{
    bool brings_back = call_form_is_empty(&post->call) && post->cleared;

    if (!post->talk.open || !is_fresh(post) || brings_back)
        return false;
    post_print(post, ROLE_NORMAL, TEXT_TALK_ENDED, post->talk.count);
    post_end_talk(post);
    post_empty_form(post);
    return true;
}

void post_take_kept(struct post *post)
{
    struct json_doc *doc = json_doc_new();
    struct slice kept = slice_of(post->talk.kept);

    call_form_load(&post->call, json_parse(doc, kept.data, kept.length, JSON_DEPTH_DEFAULT, NULL));
    json_doc_free(doc);
    post->talk.goes_on = true;
    post_ask_known(post);
    post_phone_typed(post);
}

// Contacts that name one call are one; contacts of the call under way are none.
size_t post_count_calls(const struct post *post, const struct json *rows)
{
    struct slice former = slice_of(post->talk.id);
    size_t count = 0;

    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next) {
        struct slice call = json_string(json_get(row, "call"));
        bool other = !call.length || (!slice_equal(call, former) && !slice_is(call, post->talk.id));
        count += other;
        former = call;
    }
    return count;
}

void post_take_more(struct post *post)
{
    if (!is_fresh(post))
        post_save(post);
    if (!is_fresh(post))
        return; // it could not be saved; the message says why
    if (!post->talk.kept) {
        post_say(post, ROLE_BAD, post_text(post, TEXT_TALK_NONE));
        return;
    }
    post_take_kept(post);
    call_form_next(&post->call);
}

static void print_contact(const struct post *post, int64_t slip, struct buf *out)
{
    const struct call *call = calls_find(&post->calls, slip);

    if (!call)
        return;
    buf_add_text(out, " · ");
    if (call->reg_no)
        buf_add_text(out, call->reg_no);
    else
        intake_print(out, post->language, TEXT_SLIP, (long long)slip);
    buf_printf(out, " %s", call_symptom_label(call->problem, post->language));
}

int post_paint_talk(const struct post *post, struct surface *surface, struct rect rect)
{
    const struct talk *talk = &post->talk;
    struct buf text = {0};
    enum intake_text id = talk->goes_on ? TEXT_TALK_GOES_ON : TEXT_TALK_MORE;

    bool pushed_alone = post->call.push.id && talk->count == 1; // its own line says so

    if (!talk->count || pushed_alone)
        return 0;
    buf_add_text(&text, post_text(post, id));
    for (size_t i = talk->count; i > 0; i--) // the latest first: the line may be too short for all
        print_contact(post, talk->slips[i - 1], &text);
    surface_cell_text(surface, rect, 0, 1, rect.columns - 2, ROLE_BOLD,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
    return 1;
}
