// The post's contact goes out: by F8, or at once where somebody is in danger. A hazard does not wait for the
// form: the report goes with what is known, its place and problem are locked, and what the form still
// takes follows it (contact.updated). So the dispatcher has it in a second, and has it once.
#include "intake/post.h"

#include "lib/json.h"

#include <stdlib.h>

// A digit that slipped is corrected within this time; whoever goes on to the next field means it.
enum { PUSH_AFTER_MS = 1000 };

static bool publish_contact(struct post *post, struct buf *event, int64_t *slip, struct err *err)
{
    if (!post_begin_talk(post, err))
        return false;
    call_form_write_event(&post->call, post->talk.id, event);
    if (!post->bus.publish(post->bus.context, (struct slice){event->data, event->length}, slip,
                           err))
        return false;
    struct json_doc *doc = json_doc_new();
    struct call *call =
        calls_add(&post->calls, *slip, post->now_ms,
                  json_parse(doc, event->data, event->length, JSON_DEPTH_DEFAULT, NULL));
    call->told = !post->link.up;
    json_doc_free(doc);
    talk_add(&post->talk, *slip);
    return true;
}

static const char *pushed_number(const struct post *post)
{
    const struct call *call = calls_find(&post->calls, post->call.push.slip);

    return call ? call->reg_no : NULL;
}

// What came out after the push; nothing is sent when nothing did.
static bool publish_rest(struct post *post, struct err *err)
{
    struct buf event = {0};
    int64_t slip;
    bool done =
        !call_form_write_rest(&post->call, pushed_number(post), &event) ||
        post->bus.publish(post->bus.context, (struct slice){event.data, event.length}, &slip, err);

    buf_fini(&event);
    return done;
}

static bool publish_form(struct post *post, struct err *err)
{
    struct buf event = {0};
    int64_t slip;

    if (post->call.push.id)
        return publish_rest(post, err);
    bool done = publish_contact(post, &event, &slip, err);
    if (done)
        post_print(post, post->link.up ? ROLE_NORMAL : ROLE_BAD,
                   post->link.up ? TEXT_SAVED_SLIP : TEXT_SAVED_OFFLINE, (long long)slip);
    buf_fini(&event);
    return done;
}

void post_save(struct post *post)
{
    enum call_item where;
    enum intake_text fault = call_form_fault(&post->call, &where);
    struct err err;

    if (fault != INTAKE_TEXT_COUNT) {
        post_say(post, ROLE_BAD, post_text(post, fault));
        form_focus(&post->call.form, where);
        return;
    }
    if (!publish_form(post, &err)) {
        post_say(post, ROLE_BAD, err.message[post->language]); // the form stays as it is
        return;
    }
    free(post->cleared);
    post->cleared = NULL;
    call_form_taken(&post->call);
    post_talk_keep(post);
    post_keep_last(post);
    post_empty_form(post);
}

// Once for a fault: a disk that is full is not asked five times a second.
static void push(struct post *post)
{
    struct buf event = {0};
    struct err err;
    int64_t slip;

    if (publish_contact(post, &event, &slip, &err)) {
        call_form_pushed(&post->call, (struct slice){event.data, event.length}, slip);
        post_print(post, ROLE_STRIP, post->link.up ? TEXT_PUSHED : TEXT_PUSHED_OFFLINE,
                   (long long)slip);
    } else {
        post_say(post, ROLE_BAD, err.message[post->language]);
        post->push_failed = true;
    }
    post->bus.bell(post->bus.context);
    buf_fini(&event);
}

void post_consider_push(struct post *post)
{
    size_t focus = post->call.form.focus;

    if (!call_form_is_urgent(&post->call)) {
        post->urgent_ms = 0;
        post->push_failed = false;
        return;
    }
    if (!post->urgent_ms) {
        post->urgent_ms = post->mono_ms;
        post->urgent_focus = focus;
    }
    bool meant = focus != post->urgent_focus || post->mono_ms - post->urgent_ms >= PUSH_AFTER_MS;
    if (meant && !post->push_failed)
        push(post);
}

// What was refused is not taken: the caller is on the line still, and the form has what was said. A form on
// which somebody types already is left alone.
void post_refused(struct post *post, int64_t slip)
{
    struct talk *talk = &post->talk;

    if (post->call.push.id && post->call.push.slip == slip) {
        call_form_taken(&post->call);
        call_form_arrange(&post->call);
        post->push_failed = true; // by F8, once it is mended
    } else if (talk->count && talk->slips[talk->count - 1] == slip && talk->kept &&
               call_form_is_empty(&post->call)) {
        talk->count--;
        post_take_kept(post);
        form_focus(&post->call.form,
                   post->call.items[CALL_REASON].hidden ? CALL_PROBLEM : CALL_REASON);
    }
}

int post_paint_push(const struct post *post, struct surface *surface, struct rect rect, int row)
{
    const char *number = pushed_number(post);
    struct buf text = {0};

    if (!post->call.push.id)
        return row;
    if (!number)
        intake_print(&text, post->language, TEXT_SLIP, (long long)post->call.push.slip);
    struct buf line = {0};
    bool waits = !number && !post->link.up;
    intake_print(&line, post->language, waits ? TEXT_PUSHED_WAITS : TEXT_PUSHED_LINE,
                 number ? number : buf_text(&text));
    surface_cell_text(surface, rect, row, 1, rect.columns - 2, waits ? ROLE_BAD : ROLE_BOLD,
                      (struct slice){line.data, line.length});
    buf_fini(&line);
    buf_fini(&text);
    return row + 1;
}
