// Shift log and planned works; and which view is painted.
#include "console/views.h"

#include "console/desk.h"
#include "console/event_text.h"
#include "console/help.h"
#include "lib/text.h"

#include <inttypes.h>

void shift_log_paint(struct desk *desk, struct surface *surface, struct rect area)
{
    struct rect lines = rect_inner(area, 0, 0, area.rows - 1, area.columns);
    size_t count = event_log_count(desk->log);
    size_t page = lines.rows > 0 ? (size_t)lines.rows : 0;
    struct json_doc *doc = json_doc_new();
    struct buf status = {0};
    desk->page = lines.rows;
    if (desk->log_scroll + page > count)
        desk->log_scroll = count > page ? count - page : 0;
    for (size_t i = 0; i < page && desk->log_scroll + i < count; i++) {
        struct slice bytes = event_log_newest(desk->log, desk->log_scroll + i);
        const struct json *event =
            json_parse(doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, NULL);
        struct buf text = {0};
        event_text_time(board_time(event, "recordedtime"), desk->now_ms, true, &text);
        surface_put(surface, lines, (int)i, 1, ROLE_DIM, (struct slice){text.data, text.length});
        buf_clear(&text);
        event_text_source(event, desk->language, &text);
        surface_cell_text(surface, lines, (int)i, 16, 10, ROLE_NORMAL,
                          (struct slice){text.data, text.length});
        buf_clear(&text);
        event_text_print(event, true, desk->now_ms, desk->language, &text);
        surface_cell_text(surface, lines, (int)i, 27, lines.columns - 28, ROLE_NORMAL,
                          (struct slice){text.data, text.length});
        buf_fini(&text);
    }
    if (count == 0)
        surface_text(surface, lines, 1, 2, ROLE_DIM, desk_text(desk, TEXT_EMPTY_LOG));
    if (count > desk->log_scroll + page)
        console_print(&status, desk->language, TEXT_MORE_BELOW, count - desk->log_scroll - page);
    frame_paint_status(desk, surface, area, area.rows - 1, buf_text(&status));
    surface_cursor(surface, lines, 0, 0);
    buf_fini(&status);
    json_doc_free(doc);
}

static void paint_work(struct desk *desk, const struct json *work, struct surface *surface,
                       struct rect line)
{
    static const char *const words[] = {"announced", "started", "ended", NULL};
    int state = board_word(words, json_get(work, "state"), 0);
    struct buf text = {0};
    buf_printf(&text, "%" PRId64, json_integer(json_get(work, "planned"), 0));
    surface_cell_right(surface, line, 0, 1, 6, ROLE_NORMAL, (struct slice){text.data, text.length});
    surface_cell_text(
        surface, line, 0, 9, 10, state == 1 ? ROLE_BOLD : ROLE_NORMAL,
        slice_of(desk_text(desk, (enum console_text)(TEXT_PLANNED_STATE_ANNOUNCED + state))));
    buf_clear(&text);
    event_text_time(board_time(work, "started"), desk->now_ms, false, &text);
    buf_add_text(&text, " – ");
    event_text_time(board_time(json_get(work, "eta"), "at"), desk->now_ms, false, &text);
    bool overdue = json_bool(json_pointer(work, slice_of("/eta/overdue")), false) && state == 1;
    surface_cell_text(surface, line, 0, 20, 27, overdue ? ROLE_OVERDUE : ROLE_NORMAL,
                      (struct slice){text.data, text.length});
    buf_clear(&text);
    const char *node = json_c_string(json_get(work, "node"));
    const char *reason = json_c_string(json_get(work, "reason"));
    buf_printf(&text, "%s%s%s", node ? node : "", node && reason ? ": " : "", reason ? reason : "");
    surface_cell_text(surface, line, 0, 48, line.columns - 49, ROLE_NORMAL,
                      (struct slice){text.data, text.length});
    buf_fini(&text);
}

void planned_paint(struct desk *desk, struct surface *surface, struct rect area)
{
    struct rect lines = rect_inner(area, 0, 0, area.rows - 1, area.columns);
    size_t count = desk->planned ? desk->planned->count : 0;
    size_t page = lines.rows > 0 ? (size_t)lines.rows : 0;
    desk->page = lines.rows;
    if (desk->planned_scroll + page > count)
        desk->planned_scroll = count > page ? count - page : 0;
    const struct json *work = desk->planned ? desk->planned->first : NULL;
    for (size_t skip = desk->planned_scroll; work && skip > 0; skip--)
        work = work->next;
    for (int i = 0; work && i < lines.rows; i++, work = work->next)
        paint_work(desk, work, surface, rect_inner(lines, i, 0, 1, lines.columns));
    if (count == 0)
        surface_text(surface, lines, 1, 2, ROLE_DIM,
                     desk_text(desk, desk->planned ? TEXT_EMPTY_PLANNED : TEXT_LOADING));
    frame_paint_status(desk, surface, area, area.rows - 1, "");
    surface_cursor(surface, lines, 0, 0);
}

void desk_paint(struct desk *desk, struct surface *surface)
{
    struct board_counts counts = board_count_all(desk->board, desk->now_ms);
    struct rect whole = surface_rect(surface);
    if (whole.rows < DESK_MIN_ROWS || whole.columns < DESK_MIN_COLUMNS) {
        frame_paint_too_small(desk, surface, &counts);
        return;
    }
    struct rect area = rect_inner(whole, 2, 0, whole.rows - 4, whole.columns);
    desk->split = false;
    frame_paint_top(desk, surface, &counts);
    switch (desk->view) {
    case VIEW_QUEUE: queue_paint(desk, surface, area, &counts); break;
    case VIEW_DETAIL: detail_paint(desk, surface, area); break;
    case VIEW_LOG: shift_log_paint(desk, surface, area); break;
    case VIEW_PLANNED: planned_paint(desk, surface, area); break;
    }
    frame_paint_bottom(desk, surface, &counts); // behind the view: a prompt sets the cursor
    if (desk->dialog)
        dialog_paint(desk, surface, area);
    if (desk->help)
        help_paint(desk, surface, area);
}
