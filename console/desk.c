#include "console/desk.h"

#include "console/event_text.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "lib/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MS = 15000, FOLDED_PRIORITY = 4 };

struct desk *desk_new(const struct desk_bus *bus, enum language language)
{
    struct desk *desk = mem_alloc(sizeof *desk);
    desk->bus = *bus;
    desk->language = language;
    desk->board = board_new();
    desk->approvals = approvals_new();
    desk->list = list_new();
    desk->view = desk->came_from = VIEW_QUEUE;
    desk->dossier = dossier_new();
    desk->log = event_log_new();
    desk->planned_doc = json_doc_new();
    desk->link.round_trip_ms = -1;
    desk->bell_ms = INT64_MIN / 2;
    field_init(&desk->prompt_field, 200);
    field_init(&desk->help_field, 60);
    return desk;
}

void desk_free(struct desk *desk)
{
    if (!desk)
        return;
    if (desk->dialog)
        dialog_close(desk);
    board_free(desk->board);
    approvals_free(desk->approvals);
    list_free(desk->list);
    dossier_free(desk->dossier);
    buf_fini(&desk->questions);
    event_log_free(desk->log);
    json_doc_free(desk->planned_doc);
    queue_filter_free(desk->filter);
    for (size_t i = 0; i < desk->node_count; i++) {
        free(desk->nodes[i].id);
        free(desk->nodes[i].name);
    }
    free(desk->nodes);
    free(desk->tickets);
    free(desk->filter_text);
    free(desk->search_text);
    health_fini(&desk->link);
    free(desk->message.text);
    field_fini(&desk->prompt_field);
    field_fini(&desk->help_field);
    free(desk);
}

const char *desk_text(const struct desk *desk, enum console_text id)
{
    return console_text(id, desk->language);
}

void desk_say(struct desk *desk, enum role role, const char *text)
{
    free(desk->message.text);
    desk->message = (struct desk_message){mem_string(text), role, desk->mono_ms};
    desk->repaint = true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
void desk_print(struct desk *desk, enum role role, enum console_text id, ...)
{
    char text[1001];
    va_list arguments;
    va_start(arguments, id);
    vsnprintf(text, sizeof text, desk_text(desk, id), arguments);
    va_end(arguments);
    desk_say(desk, role, text);
}
#pragma GCC diagnostic pop

const struct action *desk_action(const char *name)
{
    const struct action *action = keymap_find_name(desk_actions, desk_action_count, slice_of(name));
    return action;
}

const struct board_row *desk_target(const struct desk *desk)
{
    if (desk->view == VIEW_DETAIL)
        return board_find(desk->board, desk->dossier->number);
    return board_find(desk->board, (int64_t)list_selected(desk->list));
}

const uint64_t *desk_targets(struct desk *desk, size_t *count)
{
    if (desk->view != VIEW_DETAIL)
        return list_chosen(desk->list, count);
    desk->detail_target = (uint64_t)desk->dossier->number;
    *count = desk->detail_target ? 1 : 0;
    return &desk->detail_target;
}

// --- publishing -----------------------------------------------------------------------------------

bool desk_publish(struct desk *desk, const struct action *action, const char *type,
                  int64_t incident, struct slice data)
{
    struct buf event = {0};
    struct err err;
    message_event_of(&event, type, data);
    uint64_t ticket = ++desk->next_ticket;
    const char *word = action->word[desk->language];
    bool stored = desk->bus.publish(desk->bus.context, (struct slice){event.data, event.length},
                                    ticket, &err);
    buf_fini(&event);
    if (!stored) {
        desk_print(desk, ROLE_BAD, TEXT_REFUSED, (long long)incident, word,
                   err.message[desk->language]);
        return false;
    }
    mem_grow((void **)&desk->tickets, desk->ticket_count, &desk->ticket_capacity,
             sizeof *desk->tickets);
    desk->tickets[desk->ticket_count++] = (struct ticket){ticket, incident, action};
    if (desk->link.up)
        desk_print(desk, ROLE_NORMAL, TEXT_SAVED, (long long)incident, word);
    else
        desk_print(desk, ROLE_BAD, TEXT_SAVED_OFFLINE, (long long)incident, word,
                   desk->link.to_send + 1);
    return true;
}

void desk_settled(struct desk *desk, uint64_t ticket, const struct err *err)
{
    for (size_t i = 0; i < desk->ticket_count; i++) {
        struct ticket *found = &desk->tickets[i];
        if (found->ticket != ticket)
            continue;
        const char *word = found->action->word[desk->language];
        if (err)
            desk_print(desk, ROLE_BAD, TEXT_REFUSED, (long long)found->incident, word,
                       err->message[desk->language]);
        else if (found->incident)
            desk_print(desk, ROLE_GOOD, TEXT_DONE, (long long)found->incident, word);
        else
            desk_print(desk, ROLE_GOOD, TEXT_DONE_PLAIN, word);
        *found = desk->tickets[--desk->ticket_count];
        return;
    }
}

// --- from the bus ---------------------------------------------------------------------------------

static void ring(struct desk *desk)
{
    if (desk->muted || desk->mono_ms - desk->bell_ms < DESK_BELL_MS)
        return;
    desk->bell_ms = desk->mono_ms;
    desk->bus.bell(desk->bus.context);
}

// The operator's answer to a question of this desk.
static bool hear_reply(struct desk *desk, const struct json *event)
{
    const struct json *data = json_get(event, "data");
    const char *answer = json_c_string(json_get(data, "answer"));
    struct slice contact = json_string(json_get(data, "contact"));

    if (!slice_is(json_string(json_get(event, "type")), "dispatch.replied") || !contact.length ||
        !slice_is_word(contact, buf_text(&desk->questions)))
        return false;
    desk_print(desk, ROLE_STRIP, TEXT_REPLIED, contact.data, answer ? answer : "");
    ring(desk);
    return true;
}

unsigned desk_take_event(struct desk *desk, const struct json *event, struct slice bytes)
{
    unsigned effects = board_apply(desk->board, event);
    event_log_add(desk->log, bytes);
    if (desk->view == VIEW_LOG && desk->log_scroll > 0)
        desk->log_scroll++; // what is being read stays where it is
    if (effects & BOARD_CHANGED)
        desk->order_due = true;
    if (approvals_take(desk->approvals, event)) {
        effects |= BOARD_URGENT; // five minutes are short
        ring(desk);
    }
    if (hear_reply(desk, event))
        effects |= BOARD_URGENT;
    if (effects & BOARD_NEW_PRIORITY_1)
        ring(desk);
    if ((effects & BOARD_PLANNED_CHANGED) && desk->planned)
        desk_ask_planned(desk);
    if (effects & BOARD_MODE_CHANGED)
        desk->bus.query(desk->bus.context, "stats", slice_of("{}"), ASK_MODE, 0);
    int64_t incident = json_integer(json_get(json_get(event, "data"), "incident"), 0);
    bool shown = incident != 0 && incident == desk->dossier->number;
    if (shown)
        desk->dossier_due = true;
    return effects;
}

void desk_take_approvals(struct desk *desk, const struct json *rows)
{
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next) {
        if (approvals_take(desk->approvals, row))
            ring(desk);
    }
    desk->repaint = true;
}

void desk_take_rows(struct desk *desk, const struct json *rows)
{
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next)
        board_take_row(desk->board, row);
    desk->order_due = true;
}

static void take_node(struct desk *desk, const struct json *row)
{
    struct slice id = json_string(json_get(row, "id"));
    for (size_t i = 0; i < desk->node_count; i++)
        if (slice_is(id, desk->nodes[i].id)) {
            free(desk->nodes[i].name);
            desk->nodes[i].name = mem_string(json_c_string(json_get(row, "name")));
        }
}

static void take_incident(struct desk *desk, int64_t number, const struct json *row)
{
    const struct board_row *known = board_find(desk->board, number);
    int old_priority = known ? known->priority : 0;
    board_take_row(desk->board, row);
    known = board_find(desk->board, number);
    if (known && known->priority == 1 && old_priority != 1 && board_is_new(known))
        ring(desk);
    board_take_place(desk->board, number, json_pointer(row, slice_of("/contacts/0/place")));
    desk->order_due = true;
    if (desk->dossier->number == number)
        dossier_take(desk->dossier, row);
}

void desk_answered(struct desk *desk, enum desk_question question, int64_t subject,
                   const struct json *body, const struct err *err)
{
    const struct json *rows = json_get(body, "rows");
    const struct json *row = rows ? rows->first : NULL;
    desk->repaint = true;
    switch (question) {
    case ASK_INCIDENT:
        if (desk->doubts_under_way > 0)
            desk->doubts_under_way--;
        if (subject == desk->dossier->number)
            desk->dossier->asked = false;
        if (row)
            take_incident(desk, subject, row);
        break;
    case ASK_PLANNED:
        if (!rows)
            break;
        json_doc_reset(desk->planned_doc);
        desk->planned = json_copy(desk->planned_doc, rows);
        break;
    case ASK_NODE:
        if (row)
            take_node(desk, row);
        break;
    case ASK_MODE:
        if (row)
            board_take_mode(desk->board, row);
        desk->order_due = desk->repaint = true;
        break;
    }
    if (err && err->code == ERR_DENIED)
        desk_say(desk, ROLE_BAD, err->message[desk->language]);
}

// --- questions ------------------------------------------------------------------------------------

void desk_ask_incident(struct desk *desk, int64_t number)
{
    char args[48];
    int length = snprintf(args, sizeof args, "{\"incident\":%" PRId64 "}", number);
    desk->doubts_under_way++;
    desk->bus.query(desk->bus.context, "incident", (struct slice){args, (size_t)length},
                    ASK_INCIDENT, number);
}

void desk_ask_planned(struct desk *desk)
{
    desk->bus.query(desk->bus.context, "planned", slice_of("{}"), ASK_PLANNED, 0);
}

static struct node_name *node_of(struct desk *desk, const char *id)
{
    for (size_t i = 0; i < desk->node_count; i++)
        if (strcmp(desk->nodes[i].id, id) == 0)
            return &desk->nodes[i];
    return NULL;
}

// The name of a node, asked for when it is seen first; until it is known the id stands for it.
static const char *node_name(struct desk *desk, const char *id)
{
    struct node_name *node = node_of(desk, id);
    if (node)
        return node->name ? node->name : node->id;
    mem_grow((void **)&desk->nodes, desk->node_count, &desk->node_capacity, sizeof *desk->nodes);
    desk->nodes[desk->node_count++] = (struct node_name){.id = mem_string(id)};
    struct buf args = {0};
    struct json_out out;
    json_out_init(&out, &args);
    json_out_object(&out, NULL);
    json_out_text(&out, "id", id);
    json_out_end(&out, '}');
    desk->bus.query(desk->bus.context, "nodes", (struct slice){args.data, args.length}, ASK_NODE,
                    0);
    buf_fini(&args);
    return id;
}

void desk_object(struct desk *desk, const struct board_row *row, struct buf *out)
{
    size_t before = out->length;
    if (row->kind != BOARD_OUTAGE) {
        const char *word = event_text_word(board_kind_words[row->kind], desk->language);
        char first[4];
        uint32_t rune;
        struct slice rest = slice_of(word);
        size_t length = text_decode(rest, &rune);
        if (rune >= 0x430 && rune <= 0x44F) // the kind leads the line, in capitals' place
            rune -= 0x20;
        else if (rune >= 'a' && rune <= 'z')
            rune -= 32;
        buf_add(out, first, text_encode(rune, first));
        buf_add_text(out, word + length);
        buf_add_text(out, ": ");
    }
    size_t named = out->length;
    if (row->node)
        buf_add_text(out, node_name(desk, row->node));
    if (row->place && out->length > named)
        buf_add_text(out, desk->language == LANGUAGE_RU ? " — " : " - ");
    if (row->place)
        buf_add_text(out, row->place);
    if (out->length == named)
        board_want_place(desk->board, row->number);
    if (out->length == named && row->ref)
        buf_add_text(out, row->ref);
    if (out->length == named && named > before) { // the kind alone, without its colon
        out->length -= 2;
        out->data[out->length] = '\0';
    }
}

// --- order, filter, search ------------------------------------------------------------------------

bool desk_folds(const struct desk *desk, const struct board_row *row)
{
    return board_mode(desk->board).storm && !desk->unfolded && !desk->only_priority &&
           !desk->filter && row->priority >= FOLDED_PRIORITY;
}

static bool is_shown(struct desk *desk, const struct board_row *row, struct buf *object)
{
    if (!board_is_listed(row))
        return false;
    if (desk->only_priority && row->priority != desk->only_priority)
        return false;
    if (!desk->filter)
        return true;
    buf_clear(object);
    desk_object(desk, row, object);
    return queue_filter_fits(desk->filter, row, buf_text(object), desk->now_ms);
}

static int compare_rows(const void *a, const void *b)
{
    return board_compare(*(const struct board_row *const *)a, *(const struct board_row *const *)b);
}

void desk_sort(struct desk *desk)
{
    size_t count = board_count(desk->board);
    const struct board_row **rows = mem_resize(NULL, count + 1, sizeof *rows);
    uint64_t *ids = mem_resize(NULL, count + 1, sizeof *ids);
    struct buf object = {0};
    size_t shown = 0;
    desk->folded = 0;
    for (size_t i = 0; i < count; i++) {
        const struct board_row *row = board_at(desk->board, i);
        bool folded = board_is_listed(row) && desk_folds(desk, row);
        desk->folded += folded;
        if (!folded && is_shown(desk, row, &object))
            rows[shown++] = row;
    }
    qsort(rows, shown, sizeof(const struct board_row *), compare_rows);
    for (size_t i = 0; i < shown; i++)
        ids[i] = (uint64_t)rows[i]->number;
    list_set_order(desk->list, ids, shown, desk->mono_ms);
    buf_fini(&object);
    free(rows);
    free(ids);
    desk->order_due = false;
    desk->sorted_ms = desk->mono_ms;
}

void desk_set_filter(struct desk *desk, struct slice text)
{
    queue_filter_free(desk->filter);
    desk->filter = queue_filter_new(text);
    free(desk->filter_text);
    desk->filter_text = desk->filter ? mem_string_of(text.data, text.length) : NULL;
    list_untag_all(desk->list);
    desk_sort(desk);
    list_apply(desk->list); // a filter is the user's own change of order
}

void desk_search(struct desk *desk, int step)
{
    size_t count = list_count(desk->list);
    if (!desk->search_text || count == 0)
        return;
    struct queue_filter *wanted = queue_filter_new(slice_of(desk->search_text));
    struct buf object = {0};
    size_t start = list_selected_index(desk->list);
    for (size_t i = 1; wanted && i <= count; i++) {
        size_t at = step > 0 ? (start + i) % count : (start + count - i) % count;
        const struct board_row *row = board_find(desk->board, (int64_t)list_row(desk->list, at).id);
        buf_clear(&object);
        if (row)
            desk_object(desk, row, &object);
        if (!row || !queue_filter_fits(wanted, row, buf_text(&object), desk->now_ms))
            continue;
        list_move_to(desk->list, at);
        if (step > 0 ? at <= start : at >= start)
            desk_print(desk, ROLE_DIM, step > 0 ? TEXT_SEARCH_WRAPPED : TEXT_SEARCH_WRAPPED_BACK);
        buf_fini(&object);
        queue_filter_free(wanted);
        return;
    }
    desk_print(desk, ROLE_BAD, TEXT_SEARCH_NOTHING, desk->search_text);
    buf_fini(&object);
    queue_filter_free(wanted);
}

// --- views and time -------------------------------------------------------------------------------

void desk_hold_by_popups(struct desk *desk)
{
    list_hold(desk->list, desk->held_by_user || desk->dialog || desk->help);
}

void desk_set_view(struct desk *desk, enum desk_view view)
{
    if (view != desk->view)
        desk->came_from = desk->view;
    desk->view = view;
    if (view == VIEW_PLANNED)
        desk_ask_planned(desk);
}

void desk_open_detail(struct desk *desk, int64_t number)
{
    if (desk->dossier->number != number)
        dossier_clear(desk->dossier, number);
    desk->detail_scroll = 0;
    desk->dossier_due = true;
    desk->dossier_asked_ms = 0;
    desk_set_view(desk, VIEW_DETAIL);
}

// Beside the queue the selected incident is shown, once the selection rests.
static void follow_selection(struct desk *desk)
{
    int64_t selected = (int64_t)list_selected(desk->list);
    if (desk->view != VIEW_QUEUE || selected == 0)
        return;
    if (selected != desk->preview_number) {
        desk->preview_number = selected;
        desk->preview_since_ms = desk->mono_ms;
    }
    if (desk->dossier->number != selected &&
        desk->mono_ms - desk->preview_since_ms >= DESK_PREVIEW_MS) {
        dossier_clear(desk->dossier, selected);
        desk->dossier_due = desk->split;
        desk->repaint = true;
    }
}

// Rows in doubt are asked again in small portions, so that a storm's events do not become a storm of
// questions; the shown incident once a second at most.
static void ask_what_is_due(struct desk *desk)
{
    if (!desk->link.up || desk->link.loading)
        return;
    bool dossier_rests = desk->mono_ms - desk->dossier_asked_ms >= DESK_DOSSIER_MS;
    if (desk->dossier_due && dossier_rests && !desk->dossier->asked && desk->dossier->number) {
        desk->dossier->asked = true;
        desk->dossier_due = false;
        desk->dossier_asked_ms = desk->mono_ms;
        desk_ask_incident(desk, desk->dossier->number);
    }
    if (desk->mono_ms - desk->doubts_asked_ms < DESK_DOUBTS_MS)
        return;
    while (desk->doubts_under_way < DESK_DOUBTS) {
        int64_t number = board_next_doubt(desk->board);
        if (number == 0)
            return;
        desk->doubts_asked_ms = desk->mono_ms;
        desk_ask_incident(desk, number);
    }
}

// Sorting 100,000 rows takes 25 ms: the more rows, the longer it rests between two (DESK_SORT_ROWS).
static int64_t sort_due_ms(const struct desk *desk)
{
    return desk->sorted_ms + (int64_t)(board_count(desk->board) / DESK_SORT_ROWS);
}

// The earliest of several times on the monotonic clock.
static int64_t next_tick_ms(const struct desk *desk)
{
    int64_t mono_ms = desk->mono_ms;
    int64_t next_ms = mono_ms + (60000 - desk->now_ms % 60000); // ages, ETAs that pass, the clock
    int64_t candidates[] = {next_ms, next_ms, next_ms, next_ms, next_ms, next_ms};
    int list_ms = list_timeout_ms(desk->list, mono_ms);
    if (list_ms >= 0)
        candidates[0] = mono_ms + list_ms;
    if (desk->view == VIEW_QUEUE && desk->preview_number != desk->dossier->number)
        candidates[1] = desk->preview_since_ms + DESK_PREVIEW_MS;
    if (desk->link.up && desk->dossier_due && !desk->dossier->asked)
        candidates[2] = desk->dossier_asked_ms + DESK_DOSSIER_MS;
    if (desk->link.up && board_has_doubts(desk->board) && desk->doubts_under_way < DESK_DOUBTS)
        candidates[3] = desk->doubts_asked_ms + DESK_DOUBTS_MS;
    if (!desk->link.up || desk->now_ms - desk->link.heard_ms >= DESK_OLD_MS)
        candidates[4] = mono_ms + 1000; // its age is counted in seconds
    if (desk->order_due)
        candidates[5] = sort_due_ms(desk);
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i] < next_ms)
            next_ms = candidates[i];
    return next_ms > mono_ms ? next_ms : mono_ms + 1;
}

int64_t desk_tick(struct desk *desk, int64_t now_ms, int64_t mono_ms)
{
    desk->now_ms = now_ms;
    desk->mono_ms = mono_ms;
    bool ordered = desk->order_due && mono_ms >= sort_due_ms(desk);
    if (ordered)
        desk_sort(desk);
    if (list_tick(desk->list, mono_ms))
        ordered = desk->repaint = true;
    if (ordered && list_waiting(desk->list).gone == 0) // no list shows the closed ones any more
        board_drop_closed(desk->board, desk->dossier->number);
    follow_selection(desk);
    ask_what_is_due(desk);
    if (desk->message.text && mono_ms - desk->message.shown_ms >= MESSAGE_MS) {
        free(desk->message.text);
        desk->message.text = NULL;
        desk->repaint = true;
    }
    int64_t unit_ms = !desk->link.up || now_ms - desk->link.heard_ms >= DESK_OLD_MS ? 1000 : 60000;
    if (now_ms / unit_ms != desk->painted_unit) { // what is painted counts time in this unit
        desk->painted_unit = now_ms / unit_ms;
        desk->repaint = true;
    }
    return next_tick_ms(desk);
}

bool desk_take_repaint(struct desk *desk)
{
    bool repaint = desk->repaint;
    desk->repaint = false;
    return repaint;
}
