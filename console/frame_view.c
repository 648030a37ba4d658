// What stands around every view: identity, bus, clock, alarm strip, status, message, F-bar.
#include "console/views.h"

#include "console/desk.h"
#include "console/event_text.h"
#include "lib/clock.h"
#include "lib/text.h"

#include <inttypes.h>

static void print_clock(int64_t time_ms, bool seconds, struct buf *out)
{
    struct tm local;
    clock_local(time_ms, &local);
    buf_printf(out, "%02d:%02d", local.tm_hour, local.tm_min);
    if (seconds)
        buf_printf(out, ":%02d", local.tm_sec);
}

// Health of the bus; true when it is bad.
static bool print_bus(const struct desk *desk, struct buf *out)
{
    const struct health *link = &desk->link;
    if (!link->up && !link->ever_up) {
        buf_add_text(out, desk_text(desk, TEXT_BUS_NEVER));
        return true;
    }
    int64_t age_s = (desk->now_ms - link->heard_ms) / 1000;
    if (!link->up) {
        struct buf at = {0};
        int64_t lost_s = (desk->now_ms - link->lost_ms) / 1000;
        print_clock(link->heard_ms, true, &at);
        console_print(out, desk->language, TEXT_BUS_LOST, (int)(lost_s / 60), (int)(lost_s % 60),
                      buf_text(&at));
        buf_fini(&at);
        return true;
    }
    if (link->loading)
        console_print(out, desk->language, TEXT_BUS_LOADING, board_count(desk->board));
    else if (age_s * 1000 >= DESK_OLD_MS)
        console_print(out, desk->language, TEXT_BUS_OLD, (int)age_s);
    else if (link->round_trip_ms >= 0)
        console_print(out, desk->language, TEXT_BUS_GOOD, link->round_trip_ms);
    else
        buf_add_text(out, desk_text(desk, TEXT_BUS_CONNECTED));
    return false;
}

static void print_view(const struct desk *desk, struct buf *out)
{
    switch (desk->view) {
    case VIEW_QUEUE:
        buf_printf(out, "%s: ", desk_text(desk, TEXT_QUEUE));
        if (desk->only_priority)
            console_print(out, desk->language, TEXT_ONLY_PRIORITY, desk->only_priority);
        else
            buf_add_text(out, desk_text(desk, TEXT_ALL));
        break;
    case VIEW_DETAIL:
        console_print(out, desk->language, TEXT_INCIDENT, (long long)desk->dossier->number);
        break;
    case VIEW_LOG: buf_add_text(out, desk_text(desk, TEXT_SHIFT_LOG)); break;
    case VIEW_PLANNED: buf_add_text(out, desk_text(desk, TEXT_PLANNED)); break;
    }
}

// "STORM", on a wide screen since when; then the mode that is proposed.
static void print_mode(const struct desk *desk, bool wide, struct buf *out)
{
    struct board_mode mode = board_mode(desk->board);
    if (mode.storm)
        buf_add_text(out, desk_text(desk, TEXT_STORM));
    if (mode.storm && wide && mode.since_ms) {
        buf_add_char(out, ' ');
        event_text_time(mode.since_ms, desk->now_ms, false, out);
    }
    if (mode.proposed) {
        if (out->length)
            buf_add_char(out, ' ');
        buf_add_text(out, desk_text(desk, mode.storm ? TEXT_CALM_PROPOSED : TEXT_STORM_PROPOSED));
    }
}

static void paint_identity(struct desk *desk, struct surface *surface, struct rect row)
{
    struct buf text = {0};
    struct buf bus = {0};
    surface_fill(surface, row, ' ', ROLE_TITLE);
    buf_printf(&text, "%s %s", desk_text(desk, TEXT_DISPATCHER),
               event_text_name(desk->link.identity));
    surface_cell_text(surface, row, 0, 1, 18, ROLE_TITLE, (struct slice){text.data, text.length});
    buf_clear(&text);
    print_clock(desk->now_ms, false, &text);
    int right = surface_text_before(surface, row, 0, row.columns - 1, ROLE_TITLE, buf_text(&text));
    bool bad = print_bus(desk, &bus);
    right = surface_text_before(surface, row, 0, right - 2, bad ? ROLE_BAD : ROLE_TITLE,
                                buf_text(&bus));
    buf_clear(&text);
    print_mode(desk, row.columns >= DESK_SPLIT_COLUMNS, &text);
    if (text.length)
        right = surface_text_before(surface, row, 0, right - 2, ROLE_STRIP, buf_text(&text));
    buf_clear(&text);
    size_t waiting = approvals_count(desk->approvals, desk->now_ms);
    if (waiting) {
        console_print(&text, desk->language, TEXT_AGREE_WAITS, waiting);
        right = surface_text_before(surface, row, 0, right - 2, ROLE_STRIP, buf_text(&text));
        buf_clear(&text);
    }
    print_view(desk, &text);
    surface_cell_text(surface, row, 0, 20, right - 21, ROLE_TITLE,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
    buf_fini(&bus);
}

static void print_alarm(struct desk *desk, const struct board_counts *counts, struct buf *out)
{
    struct buf span = {0};
    const struct board_row *alarm = counts->alarm;
    int64_t since_ms = counts->alarm_is_new ? alarm->started_ms : alarm->eta_at_ms;
    int64_t minutes_ms = (desk->now_ms - since_ms) / 60000 * 60000;
    if (minutes_ms > 0)
        strings_span(&span, desk->language, minutes_ms);
    else
        buf_add_text(&span, desk->language == LANGUAGE_RU ? "0 мин" : "0 min");
    console_print(out, desk->language, counts->alarm_is_new ? TEXT_ALARM_NEW : TEXT_ALARM_OVERDUE,
                  (long long)alarm->number, buf_text(&span));
    buf_fini(&span);
}

static void paint_lost(struct desk *desk, struct surface *surface, struct rect row)
{
    struct buf text = {0};
    struct buf at = {0};
    print_clock(desk->link.heard_ms, true, &at);
    buf_add_text(&text, "‼ ");
    if (desk->link.ever_up)
        console_print(&text, desk->language, TEXT_STRIP_LOST, buf_text(&at), desk->link.to_send);
    else
        console_print(&text, desk->language, TEXT_STRIP_NEVER,
                      desk->link.why ? desk->link.why : "");
    surface_fill(surface, row, ' ', ROLE_STRIP);
    surface_cell_text(surface, row, 0, 1, row.columns - 2, ROLE_STRIP,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
    buf_fini(&at);
}

// "‼3 ▲4 ●3 ·1  НОВЫХ 3": counts first, then the one alarm that most needs somebody.
static void paint_strip(struct desk *desk, struct surface *surface, struct rect row,
                        const struct board_counts *counts)
{
    static const char *const glyphs[] = {"‼", "▲", "●", "·"};
    struct buf text = {0};
    int column = 1;
    for (int priority = 1; priority <= 4; priority++) {
        size_t number = counts->by_priority[priority] +
                        (priority == 4 ? counts->by_priority[BOARD_PRIORITIES] : 0);
        column += surface_printf(surface, row, 0, column,
                                 number ? (enum role)(ROLE_PRIORITY_1 + priority - 1) : ROLE_DIM,
                                 "%s%zu", glyphs[priority - 1], number);
        column++;
    }
    console_print(&text, desk->language, TEXT_STRIP_NEW, counts->fresh);
    column += 1 + surface_text(surface, row, 0, column + 1, counts->fresh ? ROLE_STAR : ROLE_DIM,
                               buf_text(&text));
    buf_clear(&text);
    console_print(&text, desk->language, TEXT_STRIP_NO_ETA, counts->without_eta);
    column += 2 + surface_text(surface, row, 0, column + 2, ROLE_NORMAL, buf_text(&text));
    if (row.columns >= DESK_SPLIT_COLUMNS) {
        buf_clear(&text);
        console_print(&text, desk->language, TEXT_STRIP_OVERDUE, counts->overdue);
        surface_text(surface, row, 0, column + 2, counts->overdue ? ROLE_OVERDUE : ROLE_DIM,
                     buf_text(&text));
    }
    if (counts->alarm) {
        buf_clear(&text);
        print_alarm(desk, counts, &text);
        if (row.columns >= DESK_SPLIT_COLUMNS)
            buf_add_text(&text, desk_text(desk, TEXT_ALARM_GO));
        surface_text_before(surface, row, 0, row.columns - 1, ROLE_STRIP, buf_text(&text));
    }
    buf_fini(&text);
}

void frame_paint_top(struct desk *desk, struct surface *surface, const struct board_counts *counts)
{
    struct rect whole = surface_rect(surface);
    struct rect strip = rect_inner(whole, 1, 0, 1, whole.columns);
    paint_identity(desk, surface, rect_inner(whole, 0, 0, 1, whole.columns));
    if (!desk->link.up)
        paint_lost(desk, surface, strip);
    else
        paint_strip(desk, surface, strip, counts);
}

void frame_paint_status(struct desk *desk, struct surface *surface, struct rect area, int row,
                        const char *text)
{
    struct buf head = {0};
    buf_printf(&head, " #%" PRId64, board_head(desk->board));
    surface_fill(surface, rect_inner(area, row, 0, 1, area.columns), 0x2500, ROLE_FRAME);
    int right =
        surface_text_before(surface, area, row, area.columns - 1, ROLE_DIM, buf_text(&head));
    if (*text == '\0') {
        buf_fini(&head);
        return;
    }
    struct slice fitting = text_clip(slice_of(text), right > 3 ? (size_t)right - 3 : 0);
    int end = 2 + surface_put(surface, area, row, 2, ROLE_NORMAL, fitting);
    surface_text(surface, area, row, 1, ROLE_FRAME, " ");
    surface_text(surface, area, row, end, ROLE_FRAME, " ");
    buf_fini(&head);
}

static void paint_prompt(struct desk *desk, struct surface *surface, struct rect row,
                         const struct board_counts *counts)
{
    bool filter = desk->prompt == PROMPT_FILTER;
    struct buf hint = {0};
    if (filter)
        console_print(&hint, desk->language, TEXT_FILTER_HINT, list_count(desk->list),
                      counts->listed);
    else
        buf_add_text(&hint, desk_text(desk, TEXT_SEARCH_HINT));
    int column = 2 + surface_text(surface, row, 0, 1, ROLE_BOLD,
                                  desk_text(desk, filter ? TEXT_FILTER_LABEL : TEXT_SEARCH_LABEL));
    int width = row.columns >= DESK_SPLIT_COLUMNS ? 44 : 24;
    surface_cell_text(surface, row, 0, column + width + 1, row.columns - column - width - 2,
                      ROLE_DIM, (struct slice){hint.data, hint.length});
    field_paint(&desk->prompt_field, surface, row, 0, column, width, true);
    buf_fini(&hint);
}

// "a/ф принять  e/у срок …": letters of the commands that are possible now, as far as they fit. When
// the last letter was Cyrillic the Russian one stands first (the layout shows itself).
static void paint_hints(struct desk *desk, struct surface *surface, struct rect row)
{
    int column = 1;
    for (size_t i = 0; i < desk_action_count; i++) {
        const struct action *action = &desk_actions[i];
        struct buf hint = {0};
        struct input key;
        const char *at = action->keys;
        uint32_t letter = 0;
        while (letter == 0 && keymap_parse_key(&at, &key))
            letter =
                key.kind == INPUT_RUNE && key.mods == 0 && keymap_cyrillic(key.rune) ? key.rune : 0;
        bool shown =
            letter && (action->views & desk->view) && action->can_run && action->can_run(desk);
        if (shown) {
            char latin[4];
            char cyrillic[4];
            size_t latin_length = text_encode(letter, latin);
            size_t cyrillic_length = text_encode(keymap_cyrillic(letter), cyrillic);
            buf_add(&hint, desk->cyrillic ? cyrillic : latin,
                    desk->cyrillic ? cyrillic_length : latin_length);
            buf_add_char(&hint, '/');
            buf_add(&hint, desk->cyrillic ? latin : cyrillic,
                    desk->cyrillic ? latin_length : cyrillic_length);
            int width = (int)text_width(slice_of(action->word[desk->language])) + 4;
            if (column + width < row.columns) {
                surface_text(surface, row, 0, column, ROLE_KEY, buf_text(&hint));
                surface_text(surface, row, 0, column + 4, ROLE_DIM, action->word[desk->language]);
                column += width + 2;
            }
        }
        buf_fini(&hint);
    }
}

void frame_paint_bottom(struct desk *desk, struct surface *surface,
                        const struct board_counts *counts)
{
    struct rect whole = surface_rect(surface);
    struct rect message = rect_inner(whole, whole.rows - 2, 0, 1, whole.columns);
    struct rect bar = rect_inner(whole, whole.rows - 1, 0, 1, whole.columns);
    if (desk->prompt)
        paint_prompt(desk, surface, message, counts);
    else if (desk->message.text)
        surface_cell_text(surface, message, 0, 1, message.columns - 2, desk->message.role,
                          slice_of(desk->message.text));
    else
        paint_hints(desk, surface, message);
    keymap_paint_bar(desk_actions, desk_action_count, desk->view, desk->language, desk, surface,
                     bar);
}

void frame_paint_too_small(struct desk *desk, struct surface *surface,
                           const struct board_counts *counts)
{
    struct buf text = {0};
    console_print(&text, desk->language, TEXT_TOO_SMALL, surface->columns, surface->rows,
                  counts->by_priority[1], counts->by_priority[2]);
    surface_wrap(surface, surface_rect(surface), 0, ROLE_BOLD,
                 (struct slice){text.data, text.length});
    buf_fini(&text);
}
