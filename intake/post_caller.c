// What the caller's telephone tells: how often it has called, and the premises that are known for it.
#include "intake/post.h"

#include "lib/phone.h"

#define AGAIN_MS (INT64_C(3600) * 1000)
enum { PHONE_DIGITS = 6 };

static void ask_again(struct post *post, const char *phone)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_text(&out, "phone", phone);
    json_out_time(&out, "since", post->now_ms - AGAIN_MS);
    json_out_end(&out, '}');
    post_ask(post, "contacts", &args, POST_ASK_AGAIN, post->phone_asked);
    buf_fini(&args);
}

// They are offered under the address as long as nothing is typed there: who calls about another place
// types it, and nothing that stands in the field gets in the way.
static void ask_premises(struct post *post, const char *phone)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_text(&out, "q", phone);
    json_out_integer(&out, "limit", SUGGEST_ROWS);
    json_out_end(&out, '}');
    post_ask(post, "premises", &args, POST_ASK_SUGGEST, suggest_ask(&post->suggest));
    buf_fini(&args);
}

void post_phone_typed(struct post *post)
{
    bool placed = call_place_is_chosen(&post->call.place) ||
                  !field_is_empty(&post->call.items[CALL_ADDRESS].field);
    struct buf typed = {0};
    char phone[PHONE_BYTES];

    post->phone_calls = 0;
    post->phone_asked++;
    if (!placed)
        suggest_clear(&post->suggest); // of the number before
    call_form_text(&post->call, CALL_PHONE, &typed);
    if (typed.length >= PHONE_DIGITS &&
        phone_normalise((struct slice){typed.data, typed.length}, phone)) {
        ask_again(post, phone);
        // A short number may as well be an account: it is not looked up.
        if (!placed && phone[0] == '+' && post->link.up)
            ask_premises(post, phone);
    }
    buf_fini(&typed);
}
