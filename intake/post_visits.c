// The post's appointment book: which day is asked for, what is booked, moved and given up.
#include "intake/post.h"

#include "intake/contact_text.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

static void ask_day(struct post *post)
{
    struct visits *visits = &post->visits;
    struct buf sheet = {0}, slots = {0};

    if (visits_write_sheet(visits, &sheet))
        post_ask_rows(post, &visits->sheet, "appointments", &sheet, POST_ASK_SHEET);
    if (visits_write_slots(visits, &slots))
        post_ask_rows(post, &visits->slots, "slots", &slots, POST_ASK_SLOTS);
    buf_fini(&sheet);
    buf_fini(&slots);
}

// Of whom it is: the contact that was open, else the caller on the form.
static void take_caller(struct post *post)
{
    const struct json *contact = post->view == POST_CONTACT ? post_chosen_contact(post) : NULL;
    const struct json *caller = json_get(contact, "caller");
    struct buf name = {0}, phone = {0};

    if (contact) {
        visits_for(&post->visits, json_c_string(json_get(contact, "reg_no")),
                   json_c_string(json_get(caller, "name")),
                   json_c_string(json_get(caller, "phone")));
        return;
    }
    call_form_text(&post->call, CALL_NAME, &name);
    call_form_text(&post->call, CALL_PHONE, &phone);
    if (name.length || phone.length)
        visits_for(&post->visits, NULL, buf_text(&name), buf_text(&phone));
    buf_fini(&name);
    buf_fini(&phone);
}

void post_open_visits(struct post *post)
{
    struct buf args = {0};

    take_caller(post);
    post->view = POST_VISITS;
    post->visits.sheet.awaited = visits_office(&post->visits) != NULL; // else it is not asked for
    post->visits.moving = 0;
    if (post->visits.day_ms == 0)
        visits_day(&post->visits, post->now_ms);
    buf_add_text(&args, "{}");
    post_ask_rows(post, &post->visits.offices, "offices", &args, POST_ASK_OFFICES);
    ask_day(post);
    buf_fini(&args);
}

void post_take_visits(struct post *post, enum post_question question, int64_t number,
                      const struct json *answer, const struct err *err)
{
    struct visits *visits = &post->visits;
    bool first = question == POST_ASK_OFFICES && visits->offices.count == 0;
    struct rows *rows = question == POST_ASK_OFFICES ? &visits->offices
                        : question == POST_ASK_SHEET ? &visits->sheet
                                                     : &visits->slots;

    if (!rows_take(rows, number, answer, err, post->language))
        return;
    visits_arrange(visits);
    if (first)
        ask_day(post);
}

// "чт 26.11 10:30".
static void print_time(const struct post *post, int64_t time_ms, struct buf *out)
{
    struct tm local;

    clock_local(time_ms, &local);
    buf_printf(out, "%s %d.%02d %d:%02d", strings_weekday(post->language, local.tm_wday),
               local.tm_mday, local.tm_mon + 1, local.tm_hour, local.tm_min);
}

static void set_time(struct post *post, int64_t time_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(time_ms, text);
    popup_set(&post->popup, "starts", text);
}

static void open_popup(struct post *post, enum popup_kind kind, int64_t time_ms)
{
    struct buf about = {0};

    print_time(post, time_ms, &about);
    popup_open(&post->popup, kind, buf_text(&about));
    buf_fini(&about);
}

// A free time: it is booked, or what is being moved goes there.
static void choose_time(struct post *post)
{
    struct visits *visits = &post->visits;
    int64_t time_ms = visits_time(visits);

    if (!visits_can_begin(visits, time_ms)) {
        post_say(post, ROLE_BAD, post_text(post, TEXT_VISITS_NOT_FREE));
        return;
    }
    open_popup(post, visits->moving ? POPUP_MOVE : POPUP_BOOK, time_ms);
    set_time(post, time_ms);
    if (visits->moving) {
        popup_set_number(&post->popup, "appointment", visits->moving);
        popup_set(&post->popup, "office", json_c_string(json_get(visits_office(visits), "office")));
        return;
    }
    popup_set(&post->popup, "office", json_c_string(json_get(visits_office(visits), "office")));
    popup_set(&post->popup, "service", visits_kind(visits));
    if (visits->contact)
        popup_set(&post->popup, "contact", visits->contact);
    popup_fill(&post->popup, 0, visits->name ? visits->name : "");
    popup_fill(&post->popup, 1, visits->phone ? visits->phone : "");
}

bool post_visits_input(struct post *post, const struct input *input)
{
    switch (visits_input(&post->visits, input)) {
    case VISITS_IGNORED: return false;
    case VISITS_USED: break;
    case VISITS_CHANGED: ask_day(post); break;
    case VISITS_CHOSEN:
        if (visits_selected(&post->visits))
            post_move_visit(post);
        else
            choose_time(post);
        break;
    }
    return true;
}

// --- acts -----------------------------------------------------------------------------------------

static const struct json *booked(const struct post *post)
{
    const struct json *row = visits_selected(&post->visits);

    return row && slice_is(json_string(json_get(row, "state")), "booked") ? row : NULL;
}

bool post_can_change_visit(const void *program)
{
    return booked(program) != NULL;
}

bool post_can_move_visit(const void *program)
{
    return ((const struct post *)program)->visits.moving || booked(program);
}

void post_move_visit(struct post *post)
{
    const struct json *row = booked(post);
    struct visits *visits = &post->visits;

    visits->moving = row && !visits->moving ? json_integer(json_get(row, "appointment"), 0) : 0;
    // Times are shown for its kind, which it keeps.
    const char *kind = json_c_string(json_get(row, "service"));
    if (visits->moving && kind && strcmp(kind, visits_kind(visits)) != 0 &&
        form_choose(&visits->form, 0, kind))
        ask_day(post);
}

void post_cancel_visit(struct post *post)
{
    const struct json *row = booked(post);

    if (!row)
        return;
    open_popup(post, POPUP_CANCEL, contact_time(row, "starts"));
    popup_set_number(&post->popup, "appointment", json_integer(json_get(row, "appointment"), 0));
}

void post_end_visit(struct post *post, bool came)
{
    const struct json *row = booked(post);
    struct buf data = {0}, about = {0};

    if (!row)
        return;
    buf_printf(&data, "{\"appointment\":%lld,\"outcome\":\"%s\"}",
               (long long)json_integer(json_get(row, "appointment"), 0), came ? "came" : "missed");
    print_time(post, contact_time(row, "starts"), &about);
    post_act(post, "appointment.kept", (struct slice){data.data, data.length}, buf_text(&about));
    buf_fini(&data);
    buf_fini(&about);
}

void post_visit_sent(struct post *post)
{
    struct popup *popup = &post->popup;
    struct buf name = {0}, phone = {0};

    post->visits.moving = 0;
    if (popup->kind != POPUP_BOOK)
        return;
    // Somebody else may have been faster: then the next time is for the same caller.
    field_get(&popup->items[0].field, &name);
    field_get(&popup->items[1].field, &phone);
    char *contact = mem_string(post->visits.contact);
    visits_for(&post->visits, contact, buf_text(&name), buf_text(&phone));
    free(contact);
    buf_fini(&name);
    buf_fini(&phone);
}

void post_visits_tick(struct post *post)
{
    struct rows *sheet = &post->visits.sheet;

    if (!post->link.up || post->view != POST_VISITS)
        return;
    if (post->mono_ms - sheet->asked_ms >= VISITS_POLL_MS)
        sheet->due = true;
    if (rows_are_due(sheet, post->mono_ms))
        ask_day(post);
}
