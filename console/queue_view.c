// The queue: rows of incidents, its status line, a preview of the selected row.
#include "console/views.h"

#include "console/desk.h"
#include "console/event_text.h"
#include "lib/text.h"
#include "tui/eta_text.h"

#include <inttypes.h>

// Columns: from the left up to the object, from the right the ETA and the crew (TERMINAL §6.1).
enum {
    AT_PRIORITY = 1,
    AT_STATE = 4,
    AT_NUMBER = 9,
    AT_AGE = 16,
    AT_CALLS = 22,
    AT_CUSTOMERS = 27,
    AT_OBJECT = 34,
    ETA_COLUMNS = 8,
    CREW_COLUMNS = 4,
};

static void paint_header(struct desk *desk, struct surface *surface, struct rect row)
{
    int crew = row.columns - CREW_COLUMNS - 1;
    int eta = crew - ETA_COLUMNS - 1;
    surface_fill(surface, row, ' ', ROLE_DIM);
    surface_text(surface, row, 0, AT_PRIORITY, ROLE_DIM, desk_text(desk, TEXT_COLUMN_PRIORITY));
    surface_text(surface, row, 0, AT_STATE, ROLE_DIM, desk_text(desk, TEXT_COLUMN_STATE));
    surface_cell_right(surface, row, 0, AT_NUMBER, 6, ROLE_DIM,
                       slice_of(desk_text(desk, TEXT_COLUMN_NUMBER)));
    surface_cell_right(surface, row, 0, AT_AGE, 5, ROLE_DIM,
                       slice_of(desk_text(desk, TEXT_COLUMN_AGE)));
    surface_cell_right(surface, row, 0, AT_CALLS, 4, ROLE_DIM,
                       slice_of(desk_text(desk, TEXT_COLUMN_CALLS)));
    surface_cell_right(surface, row, 0, AT_CUSTOMERS, 6, ROLE_DIM,
                       slice_of(desk_text(desk, TEXT_COLUMN_CUSTOMERS)));
    surface_text(surface, row, 0, AT_OBJECT, ROLE_DIM, desk_text(desk, TEXT_COLUMN_OBJECT));
    surface_cell_right(surface, row, 0, eta, ETA_COLUMNS, ROLE_DIM,
                       slice_of(desk_text(desk, TEXT_COLUMN_ETA)));
    surface_cell_right(surface, row, 0, crew, CREW_COLUMNS, ROLE_DIM,
                       slice_of(desk_text(desk, TEXT_COLUMN_CREW)));
}

// "НОВ*": four cells; the star says that nobody has accepted it, '?' that nobody has confirmed it.
static enum role print_state(const struct desk *desk, const struct board_row *row, struct buf *out)
{
    static const enum console_text later[] = {TEXT_STATE_RESTORED, TEXT_STATE_VERIFIED,
                                              TEXT_STATE_CLOSED, TEXT_STATE_CLOSED,
                                              TEXT_STATE_CLOSED};
    if (row->state >= BOARD_RESTORED) {
        buf_add_text(out, desk_text(desk, later[row->state - BOARD_RESTORED]));
        buf_add_text(out, row->state == BOARD_RESTORED ? "*" : "");
        return ROLE_GOOD;
    }
    if (board_is_new(row)) {
        buf_printf(out, "%s*", desk_text(desk, TEXT_STATE_NEW));
        return ROLE_STAR;
    }
    if (row->state == BOARD_PARTLY_RESTORED)
        buf_add_text(out, desk_text(desk, TEXT_STATE_PARTLY));
    else if (row->crew_state >= 1)
        buf_add_text(out, desk_text(desk, TEXT_STATE_CREW));
    else
        buf_add_text(out, desk_text(desk, TEXT_STATE_ACCEPTED));
    if (row->state < BOARD_CONFIRMED)
        buf_add_char(out, '?');
    return ROLE_NORMAL;
}

// "17:00", "~17:00" an estimate, "17:00!" passed, "нет".
static enum role print_eta(const struct desk *desk, const struct board_row *row, struct buf *out)
{
    if (row->state >= BOARD_RESTORED) {
        buf_add_text(out, row->state == BOARD_RESTORED ? desk_text(desk, TEXT_ETA_BACK) : "");
        return ROLE_GOOD;
    }
    if (!row->has_eta) {
        buf_add_text(out, desk_text(desk, TEXT_ETA_NONE));
        return ROLE_OVERDUE;
    }
    bool entered = row->source == BOARD_DISPATCHER || row->source == BOARD_CREW;
    buf_add_text(out, row->firmness == BOARD_NOT_BEFORE        ? ">"
                      : row->firmness == BOARD_FIRM || entered ? ""
                                                               : "~");
    eta_text_cell(row->eta_at_ms, desk->now_ms, desk->language, out);
    if (!board_is_overdue(row, desk->now_ms))
        return ROLE_NORMAL;
    buf_add_char(out, '!');
    return ROLE_OVERDUE;
}

static void paint_marks(const struct desk *desk, const struct list_row *shown,
                        const struct board_row *row, enum role role, struct surface *surface,
                        struct rect line)
{
    static const char *const glyphs[] = {"", "‼", "▲", "●", "·", " "};
    surface_text(surface, line, 0, 0, shown->tagged ? ROLE_TAGGED : role,
                 shown->tagged     ? "+"
                 : shown->selected ? ">"
                                   : " ");
    bool plain = shown->gone || shown->selected;
    surface_printf(surface, line, 0, AT_PRIORITY,
                   plain ? role : (enum role)(ROLE_PRIORITY_1 + row->priority - 1), "%d%s",
                   row->priority, glyphs[row->priority]);
    const char *mark = board_is_chattering(row, desk->now_ms) ? "≈"
                       : board_is_stale(row, desk->now_ms)    ? "∞"
                                                              : NULL;
    if (mark)
        surface_text(surface, line, 0, AT_PRIORITY + 2, plain ? role : ROLE_DIM, mark);
}

// Only as wide as the text: the highlight of a wide row would cost more than all the rest of a
// keystroke (TERMINAL §6.5), and the ETA keeps its own colour.
static void paint_object(struct surface *surface, struct rect line, int columns, enum role role,
                         struct slice text)
{
    int width = (int)text_width(text);
    surface_cell_text(surface, line, 0, AT_OBJECT, width < columns ? width : columns, role, text);
}

static void paint_row(struct desk *desk, const struct list_row *shown, const struct board_row *row,
                      struct surface *surface, struct rect line)
{
    enum role role = shown->selected ? ROLE_SELECTED : shown->gone ? ROLE_DIM : ROLE_NORMAL;
    struct buf text = {0};
    int crew = line.columns - CREW_COLUMNS - 1;
    int eta = crew - ETA_COLUMNS - 1;
    surface_fill(surface, rect_inner(line, 0, 0, 1, AT_OBJECT), ' ', role);
    paint_marks(desk, shown, row, role, surface, line);
    enum role own = print_state(desk, row, &text);
    surface_cell_text(surface, line, 0, AT_STATE, 4, role == ROLE_NORMAL ? own : role,
                      (struct slice){text.data, text.length});
    buf_clear(&text);
    buf_printf(&text, "%" PRId64, row->number);
    surface_cell_right(surface, line, 0, AT_NUMBER, 6, role,
                       (struct slice){text.data, text.length});
    buf_clear(&text);
    strings_age(&text, desk->language, desk->now_ms - row->started_ms);
    surface_cell_right(surface, line, 0, AT_AGE, 5, role, (struct slice){text.data, text.length});
    buf_clear(&text);
    buf_printf(&text, "%" PRId64, row->calls);
    surface_cell_right(surface, line, 0, AT_CALLS, 4, role, (struct slice){text.data, text.length});
    buf_clear(&text);
    buf_printf(&text, "%" PRId64, row->customers);
    surface_cell_right(surface, line, 0, AT_CUSTOMERS, 6, role,
                       (struct slice){text.data, text.length});
    buf_clear(&text);
    desk_object(desk, row, &text);
    paint_object(surface, line, eta - AT_OBJECT - 1, role, (struct slice){text.data, text.length});
    role = shown->gone ? ROLE_DIM : ROLE_NORMAL; // the highlight ends with the object
    buf_clear(&text);
    own = print_eta(desk, row, &text);
    surface_cell_right(surface, line, 0, eta, ETA_COLUMNS, shown->gone ? role : own,
                       (struct slice){text.data, text.length});
    struct slice name = slice_of(row->crew ? row->crew : row->crew_state >= 0 ? "+" : "—");
    surface_cell_right(surface, line, 0, crew, CREW_COLUMNS, role, name);
    buf_fini(&text);
}

static void paint_rows(struct desk *desk, struct surface *surface, struct rect rows)
{
    size_t top = list_view(desk->list, rows.rows);
    size_t count = list_count(desk->list);
    for (int i = 0; i < rows.rows && top + (size_t)i < count; i++) {
        struct list_row shown = list_row(desk->list, top + (size_t)i);
        const struct board_row *row = board_find(desk->board, (int64_t)shown.id);
        struct rect line = rect_inner(rows, i, 0, 1, rows.columns);
        if (shown.selected)
            surface_cursor(surface, line, 0, 0);
        if (row)
            paint_row(desk, &shown, row, surface, line);
    }
    if (count > 0)
        return;
    bool narrowed = desk->filter || desk->only_priority;
    surface_text(surface, rows, 1, 2, ROLE_DIM,
                 desk_text(desk, !desk->link.ever_up || desk->link.loading ? TEXT_LOADING
                                 : narrowed                                ? TEXT_EMPTY_FILTER
                                                                           : TEXT_EMPTY_QUEUE));
    surface_cursor(surface, rows, 1, 0);
}

static void add_part(struct buf *out, const char *separator)
{
    if (out->length > 0)
        buf_add_text(out, separator);
}

static void print_order(struct desk *desk, struct buf *out)
{
    struct list_waiting waiting = list_waiting(desk->list);
    buf_add_text(out, desk_text(desk, TEXT_STATUS_ORDER));
    bool waits = list_is_held(desk->list, desk->mono_ms) &&
                 waiting.moved + waiting.new_rows + waiting.gone > 0;
    if (desk->held_by_user || (waits && list_is_locked(desk->list)))
        buf_printf(out, " (%s)", desk_text(desk, TEXT_STATUS_LOCKED));
    else if (waits) {
        int left_ms = list_timeout_ms(desk->list, desk->mono_ms);
        buf_add_text(out, " (");
        console_print(out, desk->language, TEXT_STATUS_HELD, (left_ms + 999) / 1000);
        buf_add_char(out, ')');
    }
    if (waits && waiting.moved + waiting.new_rows > 0) {
        add_part(out, ", ");
        console_print(out, desk->language, TEXT_STATUS_WAITING, waiting.moved, waiting.new_rows);
    }
    if (waits && waiting.new_above > 0) {
        add_part(out, ", ");
        console_print(out, desk->language, TEXT_STATUS_NEW_ABOVE, waiting.new_above);
    }
}

static void paint_status(struct desk *desk, struct surface *surface, struct rect area, int row,
                         const struct board_counts *counts)
{
    struct buf text = {0};
    struct buf number = {0};
    strings_number(&number, desk->language, (int64_t)counts->open);
    console_print(&text, desk->language, TEXT_STATUS_OPEN, buf_text(&number));
    buf_clear(&number);
    strings_number(&number, desk->language, (int64_t)list_count(desk->list));
    add_part(&text, " · ");
    console_print(&text, desk->language, TEXT_STATUS_SHOWN, buf_text(&number));
    if (desk->folded > 0) {
        buf_clear(&number);
        strings_number(&number, desk->language, (int64_t)desk->folded);
        add_part(&text, " · ");
        console_print(&text, desk->language, TEXT_STATUS_FOLDED, buf_text(&number));
    }
    if (list_tag_count(desk->list) > 0) {
        add_part(&text, " · ");
        console_print(&text, desk->language, TEXT_STATUS_TAGGED, list_tag_count(desk->list));
    }
    if (desk->link.to_send > 0) {
        add_part(&text, " · ");
        console_print(&text, desk->language, TEXT_STATUS_QUEUED, desk->link.to_send);
    }
    if (desk->filter_text && desk->prompt != PROMPT_FILTER) {
        add_part(&text, " · ");
        console_print(&text, desk->language, TEXT_FILTER_ACTIVE, desk->filter_text);
    }
    add_part(&text, " · ");
    print_order(desk, &text);
    frame_paint_status(desk, surface, area, row, buf_text(&text));
    buf_fini(&text);
    buf_fini(&number);
}

// What the columns had no room for: kind, whole object, start, last call.
static void paint_preview(struct desk *desk, struct surface *surface, struct rect line)
{
    struct buf text = {0};
    const struct board_row *row = desk_target(desk);
    if (!row)
        return;
    buf_printf(&text, desk->language == LANGUAGE_RU ? "№%" PRId64 "  " : "#%" PRId64 "  ",
               row->number);
    buf_add_text(&text, event_text_word(board_state_words[row->state], desk->language));
    buf_printf(&text, ", %s ", desk_text(desk, TEXT_DETAIL_STARTED));
    event_text_time(row->started_ms, desk->now_ms, false, &text);
    if (row->last_report_ms) {
        add_part(&text, " · ");
        struct buf at = {0};
        event_text_time(row->last_report_ms, desk->now_ms, false, &at);
        console_print(&text, desk->language, TEXT_PREVIEW_LAST, buf_text(&at));
        buf_fini(&at);
    }
    enum console_text mark = board_is_chattering(row, desk->now_ms) ? TEXT_MARK_CHATTERING
                             : board_is_stale(row, desk->now_ms)    ? TEXT_MARK_STALE
                                                                    : CONSOLE_TEXT_COUNT;
    if (mark != CONSOLE_TEXT_COUNT) {
        add_part(&text, " · ");
        buf_add_text(&text, desk_text(desk, mark));
    }
    if (row->accepted_by) {
        add_part(&text, " · ");
        console_print(&text, desk->language, TEXT_DETAIL_ACCEPTED,
                      event_text_name(row->accepted_by));
    }
    add_part(&text, " · ");
    desk_object(desk, row, &text);
    surface_cell_text(surface, line, 0, 1, line.columns - 2, ROLE_NORMAL,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

void queue_paint(struct desk *desk, struct surface *surface, struct rect area,
                 const struct board_counts *counts)
{
    int left = area.columns;
    desk->split = area.columns >= DESK_SPLIT_COLUMNS;
    if (desk->split)
        left = area.columns >= 160 ? area.columns * 62 / 100 : 80;
    struct rect list = rect_inner(area, 0, 0, area.rows - 2, left);
    if (desk->split) {
        struct rect line = rect_inner(area, 0, left, area.rows - 2, 1);
        surface_fill(surface, line, 0x2502, ROLE_FRAME);
        detail_paint_beside(desk, surface,
                            rect_inner(area, 0, left + 2, area.rows - 2, area.columns - left - 3));
    }
    paint_header(desk, surface, rect_inner(list, 0, 0, 1, left));
    paint_rows(desk, surface, rect_inner(list, 1, 0, list.rows - 1, left));
    paint_status(desk, surface, area, area.rows - 2, counts);
    paint_preview(desk, surface, rect_inner(area, area.rows - 1, 0, 1, area.columns));
}
