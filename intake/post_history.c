// The post's look at what was taken before, and a new call begun from a former contact.
#include "intake/post.h"

#include "intake/contact_text.h"
#include "lib/mem.h"
#include "lib/phone.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 1000 };
#define YEAR_MS (INT64_C(365) * 24 * 3600 * 1000) // so far back a history goes

// --- asking ---------------------------------------------------------------------------------------

static void begin_args(const struct post *post, struct json_out *out, struct buf *args)
{
    json_out_init(out, args);
    json_out_object(out, NULL);
    json_out_time(out, "since", post->now_ms - YEAR_MS);
    json_out_integer(out, "limit", MOST);
}

static void ask_text(struct post *post, struct rows *rows, const char *member, struct slice value,
                     enum post_question question)
{
    struct buf args = {0};
    struct json_out out;

    begin_args(post, &out, &args);
    json_out_string(&out, member, value);
    json_out_end(&out, '}');
    post_ask_rows(post, rows, "contacts", &args, question);
    buf_fini(&args);
}

// Of the telephone on the form, and of its place.
static void ask_form(struct post *post)
{
    struct history *history = &post->history;
    struct buf text = {0}, args = {0};
    struct json_out out;
    char phone[PHONE_BYTES];

    call_form_text(&post->call, CALL_PHONE, &text);
    if (text.length && phone_normalise((struct slice){text.data, text.length}, phone)) {
        field_set(&history->field, (struct slice){text.data, text.length});
        ask_text(post, &history->by_phone, "phone", slice_of(phone), POST_ASK_PHONE_HISTORY);
    }
    if (call_place_is_chosen(&post->call.place)) {
        begin_args(post, &out, &args);
        call_form_write_premise(&post->call, &out, "premise");
        json_out_end(&out, '}');
        history_place(history, post->call.place.address);
        post_ask_rows(post, &history->by_place, "contacts", &args, POST_ASK_PLACE_HISTORY);
    }
    history_arrange(history);
    buf_fini(&text);
    buf_fini(&args);
}

void post_open_history(struct post *post)
{
    post->view = POST_HISTORY;
    field_clear(&post->history.field);
    history_clear(&post->history);
    ask_form(post);
}

// An address as typed: the best of the premises, then its contacts.
static void ask_address(struct post *post, struct slice typed)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_string(&out, "q", typed);
    json_out_text(&out, "by", "place");
    json_out_integer(&out, "limit", 1);
    json_out_end(&out, '}');
    post_ask_rows(post, &post->history.by_place, "premises", &args, POST_ASK_HISTORY_PLACE);
    buf_fini(&args);
}

// A slip is known to this desk alone.
static void open_slip(struct post *post, int64_t slip)
{
    const struct call *call = calls_find(&post->calls, slip);

    if (!call) {
        post_print(post, ROLE_BAD, TEXT_NO_SLIP, (long long)slip);
    } else if (call->reg_no) {
        post_open_contact(post, call->reg_no);
    } else {
        post->calls_selected = (size_t)(call - post->calls.items);
        post->view = POST_CALLS;
    }
}

static void search(struct post *post)
{
    struct history *history = &post->history;
    enum history_of of = history_typed(history);
    struct buf text = {0};
    char phone[PHONE_BYTES];

    field_get(&history->field, &text);
    struct slice typed = slice_trim((struct slice){text.data, text.length}, " ");
    history_clear(history);
    switch (of) {
    case HISTORY_NOTHING: break;
    case HISTORY_SLIP: open_slip(post, history_slip(history)); break;
    case HISTORY_NUMBER: post_open_contact(post, buf_text(&text)); break;
    case HISTORY_PHONE:
        phone_normalise(typed, phone);
        ask_text(post, &history->by_phone, "phone", slice_of(phone), POST_ASK_PHONE_HISTORY);
        break;
    case HISTORY_ACCOUNT:
        ask_text(post, &history->by_place, "account", typed, POST_ASK_PLACE_HISTORY);
        break;
    case HISTORY_ADDRESS: ask_address(post, typed); break;
    }
    history_arrange(history);
    buf_fini(&text);
}

// The premise that the address meant.
static void take_place(struct post *post, int64_t number, const struct json *rows,
                       const struct err *err)
{
    static const char *const members[] = {"account", "settlement", "street", "house", "flat"};
    struct history *history = &post->history;
    const struct json *row = rows ? rows->first : NULL;
    struct buf args = {0};
    struct json_out out;

    if (number != history->by_place.asked)
        return;
    if (!row) {
        rows_take(&history->by_place, number, rows, err, post->language);
        return;
    }
    begin_args(post, &out, &args);
    json_out_object(&out, "premise");
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *text = json_c_string(json_get(row, members[i]));
        if (text && *text)
            json_out_text(&out, members[i], text);
    }
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    history_place(history, json_c_string(json_get(row, "address")));
    post_ask_rows(post, &history->by_place, "contacts", &args, POST_ASK_PLACE_HISTORY);
    buf_fini(&args);
}

void post_take_history(struct post *post, enum post_question question, int64_t number,
                       const struct json *rows, const struct err *err)
{
    struct history *history = &post->history;

    if (question == POST_ASK_HISTORY_PLACE)
        take_place(post, number, rows, err);
    else
        rows_take(question == POST_ASK_PHONE_HISTORY ? &history->by_phone : &history->by_place,
                  number, rows, err, post->language);
    history_arrange(history);
}

bool post_history_input(struct post *post, const struct input *input)
{
    switch (history_input(&post->history, input)) {
    case HISTORY_IGNORED: return false;
    case HISTORY_USED: break;
    case HISTORY_SEARCH: search(post); break;
    case HISTORY_OPEN:
        post_open_contact(post,
                          json_c_string(json_get(rows_selected(&post->history.rows), "reg_no")));
        break;
    }
    return true;
}

// --- a new call from a former one -----------------------------------------------------------------

static void put(struct json_out *out, const char *member, const char *text)
{
    if (text && *text)
        json_out_text(out, member, text);
}

static void put_place(struct json_out *out, const struct json *row)
{
    static const char *const members[] = {"settlement", "street", "house"};
    const struct json *place = json_get(row, "place");
    struct buf address = {0};

    contact_print_place(row, &address);
    put(out, "address",
        address.length ? buf_text(&address) : json_c_string(json_get(row, "premise_text")));
    json_out_object(out, "place");
    put(out, "account", json_c_string(json_get(row, "account")));
    put(out, "flat", json_c_string(json_get(row, "flat")));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        put(out, members[i], json_c_string(json_get(place, members[i])));
    put(out, "address", buf_text(&address));
    json_out_end(out, '}');
    buf_fini(&address);
}

// Who, where and about what, as a draft of the form: what was said then is not said now.
static void write_repeat(const struct json *row, struct buf *out)
{
    const struct json *caller = json_get(row, "caller");
    const char *type = json_c_string(json_get(row, "type"));
    const char *symptom = json_c_string(json_get(row, "symptom"));
    struct json_out json;

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    put(&json, "phone", json_c_string(json_get(caller, "phone")));
    put(&json, "name", json_c_string(json_get(caller, "name")));
    put(&json, "organisation", json_c_string(json_get(caller, "organisation")));
    put(&json, "tax_number", json_c_string(json_get(caller, "tax_number")));
    put(&json, "applicant", json_c_string(json_get(row, "applicant")));
    put(&json, "problem", call_problem_of(type ? type : "", symptom));
    put(&json, "subject", call_subject_of(type ? type : ""));
    for (size_t i = 0; i < 3; i++) {
        static const char *const items[] = {"topic", "theft", "grief"};
        put(&json, items[i], json_c_string(json_get(row, "topic")));
    }
    put_place(&json, row);
    json_out_end(&json, '}');
}

static void load_draft(struct post *post, struct slice text)
{
    struct json_doc *doc = json_doc_new();
    struct buf former = {0};

    // What stood on the form is brought back by F4.
    if (post_draft(post, &former)) {
        free(post->cleared);
        post->cleared = mem_string(buf_text(&former));
    }
    post->view = POST_FORM;
    post_take_draft(post, json_parse(doc, text.data, text.length, JSON_DEPTH_DEFAULT, NULL));
    form_focus(&post->call.form, CALL_PROBLEM);
    post_say(post, ROLE_GOOD, post_text(post, TEXT_REPEATED));
    json_doc_free(doc);
    buf_fini(&former);
}

void post_repeat_contact(struct post *post)
{
    struct buf draft = {0};

    write_repeat(post_chosen_contact(post), &draft);
    load_draft(post, (struct slice){draft.data, draft.length});
    buf_fini(&draft);
}

bool post_can_repeat(const void *program)
{
    const struct post *post = program;

    return post->view == POST_CONTACT ? post_can_act(post) : post->last != NULL;
}

// The last contact that was saved here, for one who reports the same.
void post_keep_last(struct post *post)
{
    struct buf draft = {0};

    call_form_save(&post->call, &draft);
    free(post->last);
    post->last = mem_string(buf_text(&draft));
    buf_fini(&draft);
}

// What belongs to the caller and to his own words is not the next caller's.
static void forget_caller(struct call_form *call)
{
    static const enum call_item items[] = {CALL_PHONE,  CALL_NAME,     CALL_ORGANISATION,
                                           CALL_TAX,    CALL_WORDS,    CALL_VOLTS,
                                           CALL_REASON, CALL_READINGS, CALL_FLAT};

    for (size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++)
        field_clear(&call->items[items[i]].field);
}

void post_repeat_last(struct post *post)
{
    static const enum call_item kept[] = {CALL_PHONE, CALL_NAME};
    struct buf typed[sizeof(kept) / sizeof(kept[0])] = {{0}};

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        call_form_text(&post->call, kept[i], &typed[i]);
    load_draft(post, slice_of(post->last));
    forget_caller(&post->call);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        field_set(&post->call.items[kept[i]].field, (struct slice){typed[i].data, typed[i].length});
        buf_fini(&typed[i]);
    }
    free(post->call.answer);
    post->call.answer = NULL;
    form_focus(&post->call.form, CALL_PHONE);
    post_phone_typed(post);
}
