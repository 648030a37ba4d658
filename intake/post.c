#include "intake/post.h"

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/phone.h"
#include "tui/eta_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 200 };

struct post *post_new(const struct post_bus *bus, enum language language,
                      const struct post_files *files)
{
    struct post *post = mem_alloc(sizeof(*post));

    post->bus = *bus;
    post->language = language;
    post->view = POST_FORM;
    call_form_init(&post->call);
    suggest_init(&post->suggest);
    known_init(&post->known);
    known_init(&post->lookup);
    field_init(&post->lookup_field, 120);
    post->offline = offline_open(files->premises);
    post->handbook = handbook_open(files->handbook);
    reading_init(&post->reading);
    owed_init(&post->owed);
    contact_view_init(&post->contact);
    visits_init(&post->visits);
    history_init(&post->history);
    rows_init(&post->questions, "reg_no");
    popup_init(&post->popup);
    post->acts = post_acts_new();
    return post;
}

void post_free(struct post *post)
{
    if (!post)
        return;
    talk_fini(&post->talk);
    call_form_fini(&post->call);
    suggest_fini(&post->suggest);
    known_fini(&post->known);
    known_fini(&post->lookup);
    field_fini(&post->lookup_field);
    calls_fini(&post->calls);
    offline_free(post->offline);
    handbook_free(post->handbook);
    reading_fini(&post->reading);
    owed_fini(&post->owed);
    contact_view_fini(&post->contact);
    ahead_fini(&post->ahead);
    visits_fini(&post->visits);
    history_fini(&post->history);
    rows_fini(&post->questions);
    free(post->last);
    popup_fini(&post->popup);
    post_acts_free(post->acts);
    buf_fini(&post->message);
    buf_fini(&post->arrived);
    free(post->cleared);
    free(post->global_message);
    health_fini(&post->link);
    free(post);
}

const char *post_text(const struct post *post, enum intake_text id)
{
    return intake_text(id, post->language);
}

void post_say(struct post *post, enum role role, const char *text)
{
    buf_clear(&post->message);
    buf_add_text(&post->message, text);
    post->message_role = role;
    post->message_slip = 0;
}

void post_print(struct post *post, enum role role, enum intake_text id, ...)
{
    va_list arguments;

    buf_clear(&post->message);
    va_start(arguments, id);
    strings_print(&post->message, post_text(post, id), arguments);
    va_end(arguments);
    post->message_role = role;
    post->message_slip = 0;
}

// --- questions --------------------------------------------------------------------------------------

void post_ask(struct post *post, const char *name, const struct buf *args,
              enum post_question question, int64_t number)
{
    post->bus.query(post->bus.context, name, (struct slice){args->data, args->length}, question,
                    number);
}

void post_ask_rows(struct post *post, struct rows *rows, const char *name, const struct buf *args,
                   enum post_question question)
{
    post_ask(post, name, args, question, rows_ask(rows, post->mono_ms));
}

// The place that was chosen, else the house that the cursor stands on among the suggestions.
static bool write_place_meant(const struct post *post, struct json_out *out)
{
    const struct json *row = suggest_selected(&post->suggest);
    bool meant = json_string(json_get(row, "house")).length > 0;
    struct call_place place = {0};

    if (call_place_is_chosen(&post->call.place))
        return call_form_write_premise(&post->call, out, "premise");
    if (meant) {
        call_place_set(&place, row);
        call_place_write(&place, (struct slice){0}, out, "premise");
        call_place_fini(&place);
    }
    return meant;
}

void post_ask_known(struct post *post)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    bool place = write_place_meant(post, &out);
    json_out_end(&out, '}');
    if (!place) {
        known_clear(&post->known);
    } else {
        int64_t number =
            known_ask(&post->known, (struct slice){args.data, args.length}, post->mono_ms);
        post_ask(post, "eta", &args, POST_ASK_KNOWN, number);
    }
    buf_fini(&args);
}

static void ask_again(struct post *post, struct known *known, enum post_question question)
{
    struct buf args = {0};

    buf_add(&args, known->args.data, known->args.length);
    int64_t number = known_ask(known, (struct slice){args.data, args.length}, post->mono_ms);
    post_ask(post, "eta", &args, question, number);
    buf_fini(&args);
}

void post_address_typed(struct post *post)
{
    struct buf typed = {0};
    struct buf args = {0};
    struct json_out out;

    call_place_fini(&post->call.place);
    known_clear(&post->known);
    call_form_text(&post->call, CALL_ADDRESS, &typed);
    if (typed.length == 0) {
        suggest_clear(&post->suggest);
    } else if (!post->link.up) {
        suggest_offline(&post->suggest, post->offline, buf_text(&typed));
    } else {
        json_out_init(&out, &args);
        json_out_object(&out, NULL);
        json_out_string(&out, "q", (struct slice){typed.data, typed.length});
        json_out_text(&out, "by", "place");
        json_out_integer(&out, "limit", SUGGEST_ROWS);
        json_out_end(&out, '}');
        post_ask(post, "premises", &args, POST_ASK_SUGGEST, suggest_ask(&post->suggest));
    }
    buf_fini(&typed);
    buf_fini(&args);
}

// "#12" and "№12" is an incident, a long number an account, a phone a phone, all else an address.
static const char *lookup_argument(struct slice typed, struct slice *value)
{
    char phone[PHONE_BYTES];
    size_t digits = 0;

    *value = typed;
    if (typed.length > 1 && typed.data[0] == '#') {
        *value = (struct slice){typed.data + 1, typed.length - 1};
        return "incident";
    }
    if (typed.length > 3 && memcmp(typed.data, "№", 3) == 0) {
        *value = (struct slice){typed.data + 3, typed.length - 3};
        return "incident";
    }
    while (digits < typed.length && typed.data[digits] >= '0' && typed.data[digits] <= '9')
        digits++;
    if (typed.length >= 7 && phone_normalise(typed, phone))
        return "phone";
    return digits == typed.length && digits >= 4 ? "account" : "address";
}

void post_look_up(struct post *post)
{
    struct buf typed = {0};
    struct buf args = {0};
    struct json_out out;
    struct slice value;

    field_get(&post->lookup_field, &typed);
    if (typed.length == 0) {
        known_clear(&post->lookup);
        buf_fini(&typed);
        return;
    }
    const char *name = lookup_argument((struct slice){typed.data, typed.length}, &value);
    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    if (strcmp(name, "incident") == 0)
        json_out_integer(&out, name, strtoll(value.data, NULL, 10));
    else
        json_out_string(&out, name, value);
    json_out_end(&out, '}');
    int64_t number =
        known_ask(&post->lookup, (struct slice){args.data, args.length}, post->mono_ms);
    post_ask(post, "eta", &args, POST_ASK_LOOKUP, number);
    buf_fini(&typed);
    buf_fini(&args);
}

static void ask_eta_of(struct post *post, int64_t incident)
{
    struct buf args = {0};

    buf_printf(&args, "{\"incident\":%lld}", (long long)incident);
    post_ask(post, "eta", &args, POST_ASK_ETA, incident);
    buf_fini(&args);
}

static void ask_premises(struct post *post, const struct json *after)
{
    struct buf args = {0};
    struct json_out out;

    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_integer(&out, "limit", 1000);
    if (after)
        json_out_value(&out, "after", after);
    json_out_end(&out, '}');
    post_ask(post, "premises", &args, POST_ASK_PREMISES, 0);
    buf_fini(&args);
}

void post_linked(struct post *post)
{
    struct buf args = {0};

    buf_add_text(&args, "{}");
    post_ask(post, "stats", &args, POST_ASK_STATS, 0);
    buf_fini(&args);
    rows_hurry(&post->questions);
    post_fetch_handbook(post);
    offline_meet(post->offline, post->link.journal);
    if (offline_is_due(post->offline, post->now_ms) && !post->fetching) {
        post->fetching = true;
        offline_begin(post->offline, post->link.journal);
        ask_premises(post, NULL);
    }
    post->known.due = post->known.state != KNOWN_NO_PLACE;
    post->lookup.due = post->lookup.state != KNOWN_NO_PLACE;
    for (size_t i = 0; i < post->calls.count; i++) {
        if (post->calls.items[i].incident && !post->calls.items[i].restored)
            ask_eta_of(post, post->calls.items[i].incident);
    }
}

// --- answers ----------------------------------------------------------------------------------------

static void take_premises(struct post *post, const struct json *body)
{
    if (!body) {
        post->fetching = false; // asked again when the link is back
        return;
    }
    offline_add(post->offline, json_get(body, "rows"));
    if (json_get(body, "next")) {
        ask_premises(post, json_get(body, "next"));
        return;
    }
    offline_finish(post->offline, post->now_ms);
    post->fetching = false;
}

// An empty text takes it back.
static void take_message(struct post *post, const struct json *text, const struct json *until)
{
    struct slice when = json_string(until);

    free(post->global_message);
    post->global_message = json_string(text).length ? mem_string(json_c_string(text)) : NULL;
    if (!when.data || !clock_parse(when.data, when.length, &post->global_until_ms))
        post->global_until_ms = 0;
}

static void take_stats(struct post *post, const struct json *rows)
{
    const struct json *row = rows ? rows->first : NULL;

    take_message(post, json_get(row, "message"), json_get(row, "message_until"));
    voltage_read(&post->voltage, json_get(row, "voltage"));
}

void post_answered(struct post *post, enum post_question question, int64_t number,
                   const struct json *body, const struct err *err)
{
    const struct json *rows = json_get(body, "rows");

    switch (question) {
    case POST_ASK_SUGGEST:
        suggest_take(&post->suggest, number, err ? NULL : rows);
        if (number == post->suggest.asked)
            post_ask_known(post); // told before it is chosen
        break;
    case POST_ASK_KNOWN: known_take(&post->known, number, rows, err, post->now_ms); break;
    case POST_ASK_LOOKUP: known_take(&post->lookup, number, rows, err, post->now_ms); break;
    case POST_ASK_AGAIN:
        if (!err && number == post->phone_asked)
            post->phone_calls = post_count_calls(post, rows);
        break;
    case POST_ASK_ETA:
        if (rows && rows->first)
            calls_take_eta(&post->calls, rows->first);
        break;
    case POST_ASK_PREMISES: take_premises(post, body); break;
    case POST_ASK_ANSWERS:
    case POST_ASK_DIRECTORY:
        if (rows)
            post_take_handbook(post, question, number, rows);
        break;
    case POST_ASK_PHONE_HISTORY:
    case POST_ASK_PLACE_HISTORY:
    case POST_ASK_HISTORY_PLACE: post_take_history(post, question, number, rows, err); break;
    case POST_ASK_QUESTIONS:
    case POST_ASK_QUEUE:
    case POST_ASK_CONTACT: post_take_contacts(post, question, number, rows, err); break;
    case POST_ASK_OFFICES:
    case POST_ASK_SHEET:
    case POST_ASK_SLOTS: post_take_visits(post, question, number, rows, err); break;
    case POST_ASK_STATS:
        if (!err)
            take_stats(post, rows);
        break;
    }
    post_play_ahead(post);
}

// Callers were told slips: which have come, and under which numbers, until the next key.
static void tell_arrival(struct post *post, const struct call *call)
{
    buf_printf(&post->arrived, "%s%lld → %s", post->arrived.length ? ", " : "",
               (long long)call->slip, call->reg_no ? call->reg_no : "");
    post_print(post, ROLE_GOOD, TEXT_ARRIVED, buf_text(&post->arrived));
    post->bus.bell(post->bus.context);
}

void post_settled(struct post *post, int64_t slip, const struct json *result, const struct err *err)
{
    const char *fault = err ? err->message[post->language] : NULL;
    struct call *call = calls_settle(&post->calls, slip, result, fault);

    if (post_act_settled(post, slip, fault)) {
        if (fault)
            post->bus.bell(post->bus.context);
    } else if (fault) {
        post_refused(post, slip);
        post_print(post, ROLE_BAD, TEXT_REFUSED, (long long)slip, fault);
        post->bus.bell(post->bus.context);
    } else if (call && call->told) {
        tell_arrival(post, call);
    } else if (call && call->incident) {
        const char *say = json_c_string(json_get(result, "say"));
        post_print(post, ROLE_GOOD, TEXT_REGISTERED_INCIDENT, call->reg_no ? call->reg_no : "",
                   (long long)call->incident, say ? say : "");
    } else if (call) {
        post_print(post, ROLE_GOOD, TEXT_REGISTERED, call->reg_no ? call->reg_no : "");
    } else if (json_c_string(json_get(result, "reg_no"))) {
        post_print(post, ROLE_GOOD, TEXT_ADDED, json_c_string(json_get(result, "reg_no")));
    }
}

// Tells the operator that somebody who called waits for this news.
static void tell_callers(struct post *post, int64_t incident, enum intake_text id, int64_t eta_ms)
{
    struct buf who = {0};
    struct buf when = {0};

    calls_of_incident(&post->calls, incident, &who);
    if (eta_ms) {
        eta_text_cell(eta_ms, post->now_ms, post->language, &when);
        post_print(post, ROLE_STRIP, id, (long long)incident, buf_text(&when), buf_text(&who));
    } else {
        post_print(post, ROLE_STRIP, id, (long long)incident, buf_text(&who));
    }
    post->bus.bell(post->bus.context);
    buf_fini(&who);
    buf_fini(&when);
}

bool post_take_event(struct post *post, const struct json *event)
{
    struct slice topic = json_string(json_get(event, "type"));
    const char *sequence = json_c_string(json_get(event, "sequence"));
    enum intake_text text = TEXT_ETA_CAME;
    int64_t eta_ms;
    int64_t incident;

    if (sequence)
        post->head = strtoll(sequence, NULL, 10);
    if (slice_is(topic, "mode.message")) {
        const struct json *data = json_get(event, "data");

        take_message(post, json_get(data, "text"), json_get(data, "until"));
        return true;
    }
    bool asked = post_contacts_event(post, topic, event);
    if (slice_begins(topic, slice_of("appointment.")))
        post->visits.sheet.due = true;
    incident = calls_event(&post->calls, topic, event, &text, &eta_ms);
    if (incident)
        tell_callers(post, incident, text, eta_ms);
    bool shown = known_event(&post->known, topic, event);
    if (known_event(&post->lookup, topic, event) && post->view == POST_LOOKUP)
        shown = true;
    return incident != 0 || shown || asked;
}

int64_t post_tick(struct post *post, int64_t now_ms, int64_t mono_ms)
{
    post->now_ms = now_ms;
    post->mono_ms = mono_ms;
    if (post->link.up && known_is_due(&post->known, mono_ms))
        ask_again(post, &post->known, POST_ASK_KNOWN);
    if (post->link.up && known_is_due(&post->lookup, mono_ms))
        ask_again(post, &post->lookup, POST_ASK_LOOKUP);
    post_ahead_tick(post);
    post_contacts_tick(post);
    post_visits_tick(post);
    post_consider_push(post);
    return mono_ms + TICK_MS;
}

// --- acts -------------------------------------------------------------------------------------------

void post_empty_form(struct post *post)
{
    post->talk.goes_on = false;
    if (!post->talk.open)
        post->talk.since_ms = 0;
    call_form_clear(&post->call);
    suggest_clear(&post->suggest);
    known_clear(&post->known);
    post_phone_typed(post);
}

void post_clear(struct post *post)
{
    struct buf draft = {0};
    struct json_doc *doc;

    if (post_hang_up(post))
        return;
    doc = json_doc_new();
    if (call_form_is_empty(&post->call) && post->cleared) {
        post_take_draft(
            post, json_parse(doc, post->cleared, strlen(post->cleared), JSON_DEPTH_DEFAULT, NULL));
        post->talk.goes_on = post->talk.open;
        post_say(post, ROLE_NORMAL, post_text(post, TEXT_BROUGHT_BACK));
    } else if (post_draft(post, &draft)) {
        free(post->cleared);
        post->cleared = mem_string(buf_text(&draft));
        post_empty_form(post);
        post_say(post, ROLE_NORMAL, post_text(post, TEXT_CLEARED));
    }
    buf_fini(&draft);
    json_doc_free(doc);
}

void post_quit(struct post *post)
{
    if (!call_form_is_empty(&post->call))
        post_say(post, ROLE_BAD, post_text(post, TEXT_QUIT_DRAFT));
    else if (post->link.to_send)
        post_print(post, ROLE_BAD, TEXT_QUIT_UNSENT, post->link.to_send);
    else
        post->quit = true;
    post->asks_to_quit = !post->quit;
}

void post_set_language(struct post *post, enum language language)
{
    post->language = language;
    post->bus.language(post->bus.context, language);
    post_fetch_handbook(post);
    reading_search(&post->reading, post->handbook, language);
    post->known.due = post->known.state != KNOWN_NO_PLACE;
    post->lookup.due = post->lookup.state != KNOWN_NO_PLACE;
    buf_clear(&post->message);
}

void post_restore(struct post *post, const struct outbox_item *item)
{
    struct json_doc *doc = json_doc_new();

    calls_restore(&post->calls, item, doc);
    post_act_restore(post, item, doc);
    json_doc_free(doc);
}

bool post_draft(const struct post *post, struct buf *out)
{
    if (call_form_is_empty(&post->call))
        return false;
    call_form_save(&post->call, out);
    return true;
}

void post_take_draft(struct post *post, const struct json *draft)
{
    call_form_load(&post->call, draft);
    post_ask_known(post);
    post_phone_typed(post);
}
