// The picture: title, global message, the view, message, status, F-bar.
#include "intake/post.h"

#include "lib/clock.h"
#include "tui/eta_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOOT_ROWS = 3, CALL_COLUMNS = 63 };

static void clock_cell(int64_t time_ms, char text[8])
{
    struct tm local;

    clock_local(time_ms, &local);
    snprintf(text, 8, "%02d:%02d", local.tm_hour % 24, local.tm_min % 60);
}

static void print_link(const struct post *post, struct buf *out)
{
    int64_t lost_s = (post->now_ms - post->link.lost_ms) / 1000;
    char heard[8];

    if (post->link.up && post->link.round_trip_ms >= 0) {
        intake_print(out, post->language, TEXT_BUS_GOOD, post->link.round_trip_ms);
    } else if (post->link.up) {
        buf_add_text(out, post_text(post, TEXT_BUS_CONNECTED));
    } else if (!post->link.ever_up) {
        buf_add_text(out, post_text(post, TEXT_BUS_NEVER));
    } else {
        clock_cell(post->link.heard_ms, heard);
        intake_print(out, post->language, TEXT_BUS_LOST, (int)(lost_s / 60), (int)(lost_s % 60),
                     heard);
    }
}

static enum intake_text title_of(enum post_view view)
{
    switch (view) {
    case POST_FORM: return TEXT_NEW_CALL;
    case POST_LOOKUP: return TEXT_LOOKUP;
    case POST_CALLS: return TEXT_CALLS;
    case POST_ANSWERS: return TEXT_ANSWERS;
    case POST_QUEUE: return TEXT_QUEUE;
    case POST_CONTACT: return TEXT_CONTACT;
    case POST_VISITS: return TEXT_VISITS;
    case POST_HISTORY: return TEXT_HISTORY;
    case POST_QUESTIONS: return TEXT_QUESTIONS;
    }
    return TEXT_NEW_CALL;
}

static void paint_title(const struct post *post, struct surface *surface, struct rect rect)
{
    struct buf link = {0};
    char now[8];

    surface_fill(surface, rect_inner(rect, 0, 0, 1, rect.columns), ' ', ROLE_TITLE);
    const char *identity = post->link.identity ? strrchr(post->link.identity, ':') : NULL;
    int column = 1 + surface_printf(surface, rect, 0, 1, ROLE_TITLE, "%s %s",
                                    post_text(post, TEXT_OPERATOR), identity ? identity + 1 : "");
    surface_text(surface, rect, 0, column + 2, ROLE_TITLE, post_text(post, title_of(post->view)));
    clock_cell(post->now_ms, now);
    int right = surface_text_before(surface, rect, 0, rect.columns - 1, ROLE_TITLE, now);
    print_link(post, &link);
    surface_text_before(surface, rect, 0, right - 2, post->link.up ? ROLE_TITLE : ROLE_BAD,
                        buf_text(&link));
    buf_fini(&link);
}

static void paint_global(const struct post *post, struct surface *surface, struct rect rect)
{
    struct buf text = {0};

    if (!post->global_message || (post->global_until_ms && post->global_until_ms <= post->now_ms))
        return;
    intake_print(&text, post->language, TEXT_GLOBAL_MESSAGE, post->global_message);
    surface_cell_text(surface, rect, 1, 1, rect.columns - 2, ROLE_STRIP,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

// --- the form -----------------------------------------------------------------------------------------

static enum intake_text safety_of(const char *hazard)
{
    return strcmp(hazard, "wire_down") == 0 ? TEXT_SAFETY_WIRE
           : strcmp(hazard, "fire") == 0    ? TEXT_SAFETY_FIRE
           : strcmp(hazard, "trapped") == 0 ? TEXT_SAFETY_TRAPPED
                                            : TEXT_SAFETY_OTHER;
}

// Said at once, while the caller is on the line: whether the volts are within the limits, and how a claim
// is made, for a call is none (ПП 442 as amended by ПП 55 of 2024).
static int paint_volts(const struct post *post, struct surface *surface, struct rect rect, int row)
{
    struct voltage_verdict verdict;
    struct buf volts = {0};
    struct buf text = {0};

    if (post->call.items[CALL_VOLTS].hidden)
        return row;
    call_form_text(&post->call, CALL_VOLTS, &volts);
    if (volts.length && voltage_judge(&post->voltage, post->call.place.nominal,
                                      strtoll(buf_text(&volts), NULL, 10), &verdict)) {
        intake_print(&text, post->language, verdict.within ? TEXT_VOLTS_WITHIN : TEXT_VOLTS_OUTSIDE,
                     buf_text(&volts), (long long)verdict.low, (long long)verdict.high,
                     (long long)verdict.nominal);
        surface_text(surface, rect, row++, 1, verdict.within ? ROLE_NORMAL : ROLE_OVERDUE,
                     buf_text(&text));
        surface_text(surface, rect, row++, 1, ROLE_NORMAL, post_text(post, TEXT_VOLTS_CLAIM));
    }
    buf_fini(&volts);
    buf_fini(&text);
    return row;
}

// What was read out, beside the question of whether it was answered.
static void paint_said(const struct post *post, struct surface *surface, struct rect rect)
{
    struct buf text = {0};

    if (!post->call.answer || post->call.items[CALL_ANSWER].hidden)
        return;
    intake_print(&text, post->language, TEXT_SAID, post->call.answer);
    surface_cell_text(surface, rect, 3, 0, post->call.items[CALL_ANSWER].column - 2, ROLE_GOOD,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

static void paint_form(struct post *post, struct surface *surface, struct rect rect)
{
    int rows = call_form_rows(&post->call);
    struct rect form = rect_inner(rect, 0, 1, rows, rect.columns - 2);
    struct rect below = rect_inner(rect, rows, 0, rect.rows - rows, rect.columns);
    const char *hazard = call_form_hazard(&post->call);
    struct buf text = {0};
    int at = 1;

    form_paint(&post->call.form, surface, form, post->language);
    if (post->phone_calls > 0) {
        intake_print(&text, post->language, TEXT_PHONE_AGAIN, (int)post->phone_calls);
        surface_text(surface, form, 0, 34, ROLE_BOLD, buf_text(&text));
    }
    paint_said(post, surface, form);
    int talk = post_paint_talk(post, surface, below);
    below = rect_inner(below, talk, 0, below.rows - talk, below.columns);
    surface_line(surface, below, 0, post_text(post, TEXT_HERE));
    if (hazard)
        at += surface_wrap(surface, rect_inner(below, 0, 1, below.rows, below.columns - 2), at,
                           ROLE_STRIP, slice_of(post_text(post, safety_of(hazard))));
    at = post_paint_push(post, surface, below, at);
    at = paint_volts(post, surface, below, at);
    known_paint(&post->known, post->language, post->now_ms, surface,
                rect_inner(below, at, 1, below.rows - at, below.columns - 2));
    suggest_paint(&post->suggest, surface,
                  rect_inner(rect, 2, 10, SUGGEST_ROWS, rect.columns - 10));
    buf_fini(&text);
}

static void paint_lookup(struct post *post, struct surface *surface, struct rect rect)
{
    int column =
        2 + surface_text(surface, rect, 0, 1, ROLE_NORMAL, post_text(post, TEXT_LOOKUP_LABEL));

    field_paint(&post->lookup_field, surface, rect, 0, column, rect.columns - column - 1, true);
    surface_line(surface, rect, 1, "");
    known_paint(&post->lookup, post->language, post->now_ms, surface,
                rect_inner(rect, 2, 1, rect.rows - 2, rect.columns - 2));
}

// --- the list of calls --------------------------------------------------------------------------------

static void paint_call(const struct post *post, const struct call *call, bool selected,
                       struct surface *surface, struct rect rect, int row)
{
    struct buf text = {0};
    char taken[8];
    enum role role = selected ? ROLE_SELECTED : call->changed ? ROLE_BOLD : ROLE_NORMAL;
    int place = rect.columns - CALL_COLUMNS;

    clock_cell(call->taken_ms, taken);
    surface_cell_text(surface, rect, row, 1, 6, role, slice_of(taken));
    if (!call->reg_no)
        intake_print(&text, post->language, TEXT_SLIP, (long long)call->slip);
    else if (call->told) // the caller knows the slip
        intake_print(&text, post->language, TEXT_NUMBER_OF_SLIP, call->reg_no,
                     (long long)call->slip);
    else
        buf_add_text(&text, call->reg_no);
    surface_cell_text(surface, rect, row, 7, 20, role, (struct slice){text.data, text.length});
    surface_cell_text(surface, rect, row, 28, place, role, slice_of(call->place));
    surface_cell_text(surface, rect, row, 29 + place, 12, role,
                      slice_of(call_symptom_label(call->problem, post->language)));
    buf_clear(&text);
    if (call->incident)
        buf_printf(&text, "№%lld", (long long)call->incident);
    surface_cell_text(surface, rect, row, 42 + place, 9, role,
                      (struct slice){text.data, text.length});
    buf_clear(&text);
    if (call->state == CALL_WAITING)
        buf_add_text(&text, post_text(post, TEXT_STATE_WAITING));
    else if (call->state == CALL_REFUSED)
        buf_add_text(&text, post_text(post, TEXT_STATE_REFUSED));
    else if (call->restored)
        buf_add_text(&text, post_text(post, TEXT_STATE_BACK));
    else if (call->eta_at)
        eta_text_cell(call->eta_at, post->now_ms, post->language, &text);
    else
        buf_add_text(&text, "-");
    surface_cell_text(surface, rect, row, 52 + place, 10, role,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

static void paint_calls(const struct post *post, struct surface *surface, struct rect rect)
{
    static const enum intake_text columns[] = {TEXT_COLUMN_TIME,     TEXT_COLUMN_NUMBER,
                                               TEXT_COLUMN_PLACE,    TEXT_COLUMN_PROBLEM,
                                               TEXT_COLUMN_INCIDENT, TEXT_COLUMN_ETA};
    int place = rect.columns - CALL_COLUMNS;
    const int at[] = {1, 7, 28, 29 + place, 42 + place, 52 + place};
    int rows = rect.rows - 2;
    const struct call *chosen = NULL;

    surface_fill(surface, rect_inner(rect, 0, 0, 1, rect.columns), ' ', ROLE_TITLE);
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
        surface_text(surface, rect, 0, at[i], ROLE_TITLE, post_text(post, columns[i]));
    if (post->calls.count == 0)
        surface_text(surface, rect, 1, 1, ROLE_DIM, post_text(post, TEXT_CALLS_NONE));
    // The latest is at the top.
    size_t first = post->calls.count - 1 - post->calls_selected;
    first = first >= (size_t)rows ? first - (size_t)rows + 1 : 0;
    for (size_t i = first; i < post->calls.count && i - first < (size_t)rows; i++) {
        size_t index = post->calls.count - 1 - i;
        bool selected = index == post->calls_selected;
        paint_call(post, &post->calls.items[index], selected, surface, rect, 1 + (int)(i - first));
        if (selected) {
            chosen = &post->calls.items[index];
            surface_cursor(surface, rect, 1 + (int)(i - first), 1);
        }
    }
    if (chosen && chosen->fault)
        surface_text(surface, rect, rect.rows - 1, 1, ROLE_BAD, chosen->fault);
}

// --- the foot -----------------------------------------------------------------------------------------

static void paint_status(const struct post *post, struct surface *surface, struct rect rect)
{
    struct buf text = {0};

    buf_add_char(&text, ' ');
    intake_print(&text, post->language, TEXT_STATUS, post->calls.count);
    if (post->link.to_send) {
        buf_add_text(&text, " · ");
        intake_print(&text, post->language, TEXT_STATUS_QUEUED, post->link.to_send);
    }
    buf_add_text(&text, " · ");
    intake_print(&text, post->language, TEXT_STATUS_OFFLINE_COPY, offline_count(post->offline));
    if (post->questions.count) {
        buf_add_text(&text, " · ");
        intake_print(&text, post->language, TEXT_STATUS_QUESTIONS, post->questions.count);
    }
    buf_printf(&text, " · #%lld ", (long long)post->head);
    surface_line(surface, rect, 0, "");
    surface_text(surface, rect, 0, 1, ROLE_FRAME, buf_text(&text));
    buf_fini(&text);
}

// What works in this view.
static void paint_help(const struct post *post, struct surface *surface, struct rect rect)
{
    int columns = rect.columns < 78 ? rect.columns : 78;
    int rows = 0;

    for (size_t i = 0; i < post_action_count; i++)
        rows += (post_actions[i].views & post->view) != 0;
    struct rect box = rect_inner(rect, 2, (rect.columns - columns) / 2, rows + 5, columns);
    struct rect inside = surface_box(surface, box, post_text(post, TEXT_HELP));
    int at = 0;
    for (size_t i = 0; i < post_action_count; i++) {
        struct buf keys = {0};
        if (!(post_actions[i].views & post->view))
            continue;
        keymap_print_keys(&post_actions[i], false, &keys);
        surface_text(surface, inside, at, 1, ROLE_KEY, buf_text(&keys));
        surface_text(surface, inside, at++, 12, ROLE_NORMAL, post_actions[i].help[post->language]);
        buf_fini(&keys);
    }
    if (post->view == POST_FORM || post->view == POST_QUEUE)
        surface_wrap(
            surface, rect_inner(inside, 0, 1, inside.rows, inside.columns - 2), rows, ROLE_DIM,
            slice_of(post_text(post, post->view == POST_FORM ? TEXT_FOOT_FORM : TEXT_FOOT_QUEUE)));
    surface_text(surface, inside, inside.rows - 1, 1, ROLE_DIM, post_text(post, TEXT_HELP_FOOT));
}

void post_paint(struct post *post, struct surface *surface)
{
    struct rect all = surface_rect(surface);
    struct buf small = {0};

    if (all.rows < POST_MIN_ROWS || all.columns < POST_MIN_COLUMNS) {
        intake_print(&small, post->language, TEXT_TOO_SMALL, all.columns, all.rows);
        surface_wrap(surface, all, 0, ROLE_BOLD, (struct slice){small.data, small.length});
        buf_fini(&small);
        return;
    }
    struct rect middle = rect_inner(all, 2, 0, all.rows - 2 - FOOT_ROWS - 1, all.columns);
    paint_title(post, surface, all);
    paint_global(post, surface, all);
    switch (post->view) {
    case POST_FORM: paint_form(post, surface, middle); break;
    case POST_LOOKUP: paint_lookup(post, surface, middle); break;
    case POST_CALLS: paint_calls(post, surface, middle); break;
    case POST_ANSWERS: reading_paint(&post->reading, post->language, surface, middle); break;
    case POST_QUEUE: owed_paint(&post->owed, post->language, post->now_ms, surface, middle); break;
    case POST_HISTORY:
        history_paint(&post->history, post->link.identity, post->language, post->now_ms, surface,
                      middle);
        break;
    case POST_QUESTIONS:
        contact_list_paint(&post->questions, CONTACT_LIST_QUESTION, post->link.identity,
                           post->language, post->now_ms, surface, middle);
        break;
    case POST_VISITS: visits_paint(&post->visits, post->language, surface, middle); break;
    case POST_CONTACT:
        contact_view_paint(&post->contact, post->language, post->now_ms, surface, middle);
        break;
    }
    paint_status(post, surface, rect_inner(all, all.rows - FOOT_ROWS - 1, 0, 1, all.columns));
    surface_wrap(surface, rect_inner(all, all.rows - FOOT_ROWS, 1, 2, all.columns - 2), 0,
                 post->message_role, (struct slice){post->message.data, post->message.length});
    keymap_paint_bar(post_actions, post_action_count, post->view, post->language, post, surface,
                     rect_inner(all, all.rows - 1, 0, 1, all.columns));
    popup_paint(&post->popup, post->language, surface, middle);
    post_menu_paint(post, surface, all);
    if (post->help)
        paint_help(post, surface, all);
}
