// One incident: its facts, then a tab of timeline, calls, ETA history or reasons.
#include "console/views.h"

#include "console/desk.h"
#include "console/event_text.h"
#include "lib/text.h"
#include "tui/eta_text.h"

#include <inttypes.h>

enum { LABEL = 10 };

// A label and its value, which goes on in a second row where it must; returns the rows taken.
static int paint_pair(struct desk *desk, struct surface *surface, struct rect area, int row,
                      enum console_text label, enum role role, const struct buf *value)
{
    struct rect place = rect_inner(area, row, LABEL, 2, area.columns - LABEL - 1);
    surface_text(surface, area, row, 1, ROLE_DIM, desk_text(desk, label));
    int rows = surface_wrap(surface, place, 0, role, (struct slice){value->data, value->length});
    return rows < 1 ? 1 : rows < 2 ? rows : 2;
}

static void print_acceptance(const struct desk *desk, const struct board_row *row, struct buf *out)
{
    struct buf text = {0};
    if (row->state >= BOARD_RESTORED && row->restored_at_ms) {
        event_text_time(row->restored_at_ms, desk->now_ms, false, &text);
        console_print(out, desk->language, TEXT_DETAIL_RESTORED, buf_text(&text));
    } else if (row->accepted_by) {
        console_print(out, desk->language, TEXT_DETAIL_ACCEPTED, event_text_name(row->accepted_by));
    } else if (board_is_open(row)) {
        strings_span(&text, desk->language, (desk->now_ms - row->started_ms) / 60000 * 60000);
        console_print(out, desk->language, TEXT_DETAIL_NOT_ACCEPTED, buf_text(&text));
    }
    buf_fini(&text);
}

// "1‼ предполагается · отключение · вероятность 83 %", at the right who accepted it.
static int paint_headline(struct desk *desk, const struct board_row *row, struct surface *surface,
                          struct rect area)
{
    static const char *const glyphs[] = {"", "‼", "▲", "●", "·", " "};
    const struct json *json = desk->dossier->row;
    struct buf text = {0};
    surface_printf(surface, area, 0, 1, (enum role)(ROLE_PRIORITY_1 + row->priority - 1), "%d%s",
                   row->priority, glyphs[row->priority]);
    buf_printf(&text, "%s · %s", event_text_word(board_state_words[row->state], desk->language),
               event_text_word(board_kind_words[row->kind], desk->language));
    int64_t nested = json_integer(json_get(json, "nested_in"), 0);
    int64_t merged = json_integer(json_get(json, "merged_into"), 0);
    if (row->probability_percent >= 0) {
        buf_add_text(&text, " · ");
        console_print(&text, desk->language, TEXT_DETAIL_PROBABILITY,
                      (int)row->probability_percent);
    }
    if (nested || merged) {
        buf_add_text(&text, " · ");
        console_print(&text, desk->language, nested ? TEXT_DETAIL_NESTED : TEXT_DETAIL_MERGED,
                      (long long)(nested ? nested : merged));
    }
    const char *hazard = json_c_string(json_get(json, "hazard"));
    if (hazard)
        buf_printf(&text, " · %s", event_text_word(hazard, desk->language));
    int end =
        4 + surface_put(surface, area, 0, 4, ROLE_BOLD, (struct slice){text.data, text.length});
    buf_clear(&text);
    print_acceptance(desk, row, &text);
    enum role role = board_is_new(row) ? ROLE_STAR : ROLE_NORMAL;
    bool fits = end + 2 + (int)text_width(slice_of(buf_text(&text))) < area.columns;
    if (fits)
        surface_text_before(surface, area, 0, area.columns - 1, role, buf_text(&text));
    else
        surface_text(surface, area, 1, 4, role, buf_text(&text));
    buf_fini(&text);
    return fits ? 1 : 2;
}

static enum role print_eta(struct desk *desk, const struct board_row *row, struct buf *out)
{
    if (!row->has_eta) {
        buf_add_text(out, desk_text(desk, TEXT_DETAIL_ESTABLISHED_NONE));
        return board_is_open(row) ? ROLE_OVERDUE : ROLE_NORMAL;
    }
    struct eta_text eta = {.kind = ETA_TEXT_TIME, .at_ms = row->eta_at_ms};
    eta_text_print(&eta, desk->now_ms, desk->language, out);
    buf_printf(out, ", %s, %s",
               event_text_word(board_firmness_words[row->firmness], desk->language),
               event_text_word(board_source_words[row->source], desk->language));
    int64_t revisions =
        json_integer(json_pointer(desk->dossier->row, slice_of("/eta/revisions")), 0);
    if (revisions > 0) {
        buf_add_text(out, ", ");
        console_print(out, desk->language, TEXT_DETAIL_REVISIONS, (long long)revisions);
    }
    return board_is_overdue(row, desk->now_ms) ? ROLE_OVERDUE : ROLE_BOLD;
}

static void print_crew(struct desk *desk, const struct board_row *row, struct buf *out)
{
    if (row->crew_state < 0 && !row->crew) {
        buf_add_text(out, "—");
        return;
    }
    buf_add_text(out, row->crew ? row->crew : "");
    if (row->crew_state >= 0)
        buf_printf(out, "%s%s", row->crew ? ", " : "",
                   event_text_word(board_crew_words[row->crew_state], desk->language));
}

static void add_weight(struct buf *out, const char *text)
{
    if (out->length)
        buf_add_text(out, " · ");
    buf_add_text(out, text);
}

// "feeder · critical objects 2 · category 1: 3 · works #4 there · called: south": why it has its
// priority, whom it concerns, and who was called.
static void print_weight(struct desk *desk, const struct json *json, struct buf *out)
{
    const char *reason = json_c_string(json_get(json, "priority_reason"));
    const char *called = json_c_string(json_get(json, "escalated_to"));
    int64_t critical = json_integer(json_get(json, "critical_count"), 0);
    int64_t first = json_integer(json_pointer(json, slice_of("/categories/0")), 0);
    const struct json *works = json_get(json, "planned");
    struct buf part = {0};
    if (reason)
        add_weight(out, event_text_word(reason, desk->language));
    if (critical) {
        console_print(&part, desk->language, TEXT_DETAIL_CRITICAL, (long long)critical);
        add_weight(out, buf_text(&part));
    }
    if (first) {
        buf_clear(&part);
        console_print(&part, desk->language, TEXT_DETAIL_CATEGORY_1, (long long)first);
        add_weight(out, buf_text(&part));
    }
    for (const struct json *at = works ? works->first : NULL; at; at = at->next) {
        buf_clear(&part);
        console_print(&part, desk->language, TEXT_DETAIL_WORKS, (long long)json_integer(at, 0));
        add_weight(out, buf_text(&part));
    }
    if (called) {
        buf_clear(&part);
        console_print(&part, desk->language, TEXT_DETAIL_CALLED, called);
        add_weight(out, buf_text(&part));
    }
    buf_fini(&part);
}

// The facts; returns the rows that they took.
static int paint_facts(struct desk *desk, const struct board_row *row, struct surface *surface,
                       struct rect area)
{
    const struct json *json = desk->dossier->row;
    struct buf text = {0};
    struct buf customers = {0};
    struct buf calls = {0};
    int line = paint_headline(desk, row, surface, area);
    desk_object(desk, row, &text);
    line += paint_pair(desk, surface, area, line, TEXT_DETAIL_OBJECT, ROLE_BOLD, &text);
    buf_clear(&text);
    event_text_time(row->started_ms, desk->now_ms, false, &text);
    strings_number(&customers, desk->language, row->customers);
    strings_number(&calls, desk->language, row->calls);
    buf_add_text(&text, "    ");
    console_print(&text, desk->language, TEXT_DETAIL_COUNTS, buf_text(&customers),
                  buf_text(&calls));
    line += paint_pair(desk, surface, area, line, TEXT_DETAIL_STARTED, ROLE_NORMAL, &text);
    buf_clear(&text);
    enum role role = print_eta(desk, row, &text);
    line += paint_pair(desk, surface, area, line, TEXT_DETAIL_ETA, role, &text);
    buf_clear(&text);
    print_crew(desk, row, &text);
    line += paint_pair(desk, surface, area, line, TEXT_DETAIL_CREW, ROLE_NORMAL, &text);
    buf_clear(&text);
    const char *cause = json_c_string(json_get(json, "cause"));
    buf_add_text(&text, cause ? event_text_word(cause, desk->language)
                              : desk_text(desk, TEXT_DETAIL_UNKNOWN));
    line += paint_pair(desk, surface, area, line, TEXT_DETAIL_CAUSE, ROLE_NORMAL, &text);
    buf_clear(&text);
    print_weight(desk, json, &text);
    if (text.length)
        line += paint_pair(desk, surface, area, line, TEXT_DETAIL_WEIGHT, ROLE_NORMAL, &text);
    const char *public_text = json_c_string(json_get(json, "public_text"));
    if (public_text) {
        buf_clear(&text);
        buf_add_text(&text, public_text);
        line += paint_pair(desk, surface, area, line, TEXT_DETAIL_TEXT, ROLE_NORMAL, &text);
    }
    buf_fini(&text);
    buf_fini(&customers);
    buf_fini(&calls);
    return line;
}

static void print_timeline(struct desk *desk, const struct json *event, struct buf *out)
{
    event_text_time(board_time(event, "recordedtime"), desk->now_ms, true, out);
    buf_add_char(out, ' ');
    event_text_source(event, desk->language, out);
    buf_add_text(out, ": ");
    event_text_print(event, false, desk->now_ms, desk->language, out);
}

static void print_call(struct desk *desk, const struct json *contact, struct buf *out)
{
    static const char *const words[] = {"hazard", "symptom", "extent", "critical"};
    const struct json *place = json_get(contact, "place");
    const char *street = json_c_string(json_get(place, "street"));
    const char *house = json_c_string(json_get(place, "house"));
    const char *text = json_c_string(json_get(contact, "text"));
    event_text_time(board_time(contact, "time"), desk->now_ms, false, out);
    buf_printf(out, " %s", event_text_name(json_c_string(json_get(contact, "operator"))));
    if (street)
        buf_printf(out, "  %s %s", street, house ? house : "");
    buf_add_text(out, " ");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *word = json_c_string(json_get(contact, words[i]));
        if (word)
            buf_printf(out, " %s", event_text_word(word, desk->language));
    }
    if (text)
        buf_printf(out, " «%s»", text);
    buf_printf(out, "  %s",
               json_c_string(json_get(contact, "reg_no"))
                   ? json_c_string(json_get(contact, "reg_no"))
                   : "");
}

static void print_eta_line(struct desk *desk, const struct json *eta, struct buf *out)
{
    event_text_time(board_time(eta, "set_at"), desk->now_ms, false, out);
    buf_printf(out, " %s: ", event_text_name(json_c_string(json_get(eta, "by"))));
    int64_t at_ms = board_time(eta, "at");
    if (at_ms)
        event_text_time(at_ms, desk->now_ms, false, out);
    else
        buf_add_text(out, desk_text(desk, TEXT_DETAIL_ESTABLISHED_NONE));
    const char *firmness = json_c_string(json_get(eta, "firmness"));
    if (firmness)
        buf_printf(out, ", %s", event_text_word(firmness, desk->language));
    const char *reason = json_c_string(json_get(eta, "reason"));
    if (reason)
        buf_printf(out, ", %s", event_text_word(reason, desk->language));
    if (json_bool(json_get(eta, "in_force"), false))
        buf_add_text(out, " ●");
}

static void print_reason(struct desk *desk, const struct json *why, struct buf *out)
{
    const char *contact = json_c_string(json_get(why, "contact"));
    const char *text = json_c_string(json_get(why, "text"));
    (void)desk;
    if (contact)
        buf_printf(out, "%s  ", contact);
    buf_add_text(out, text ? text : "");
}

static const struct {
    const char *list;
    enum console_text title, empty;
    void (*print)(struct desk *desk, const struct json *item, struct buf *out);
    bool in_order; // as given: what sums up comes first; else the newest first
} tabs[TAB_COUNT] = {
    [TAB_TIMELINE] = {"timeline", TEXT_TAB_TIMELINE, TEXT_LOADING, print_timeline, false},
    [TAB_CALLS] = {"contacts", TEXT_TAB_CALLS, TEXT_NO_CALLS, print_call, false},
    [TAB_ETAS] = {"etas", TEXT_TAB_ETAS, TEXT_NO_ETAS, print_eta_line, false},
    [TAB_WHY] = {"why", TEXT_TAB_WHY, TEXT_NO_CALLS, print_reason, true},
};

static void paint_tab_line(struct desk *desk, struct surface *surface, struct rect area, int row)
{
    surface_line(surface, area, row, NULL);
    int column = 2;
    for (int tab = 0; tab < TAB_COUNT; tab++) {
        struct buf title = {0};
        buf_printf(&title, " %s (%zu) ", desk_text(desk, tabs[tab].title),
                   dossier_count(desk->dossier, tabs[tab].list));
        if (column + (int)text_width(slice_of(buf_text(&title))) < area.columns)
            column += 1 + surface_text(surface, area, row, column,
                                       tab == (int)desk->tab ? ROLE_CHOICE : ROLE_NORMAL,
                                       buf_text(&title));
        buf_fini(&title);
    }
}

// From `*scroll` on, as many as the area has room for; sets desk->page to their number.
static void paint_lines(struct desk *desk, struct surface *surface, struct rect area,
                        size_t *scroll)
{
    const struct json *list = dossier_list(desk->dossier, tabs[desk->tab].list);
    size_t count = list ? list->count : 0, next;
    int line = 0;

    if (*scroll >= count)
        *scroll = count ? count - 1 : 0;
    for (next = *scroll; next < count && line < area.rows; next++) {
        struct rect below = rect_inner(area, line, 1, area.rows - line, area.columns - 2);
        size_t newest = tabs[desk->tab].in_order ? count - 1 - next : next;
        struct buf text = {0};
        tabs[desk->tab].print(desk, dossier_newest(list, newest), &text);
        line +=
            surface_wrap(surface, below, 0, ROLE_NORMAL, (struct slice){text.data, text.length});
        buf_fini(&text);
    }
    desk->page = (int)(next - *scroll);
    if (count == 0)
        surface_text(surface, area, 0, 1, ROLE_DIM,
                     desk_text(desk, list ? tabs[desk->tab].empty : TEXT_LOADING));
}

static void paint_incident(struct desk *desk, struct surface *surface, struct rect area,
                           size_t *scroll)
{
    const struct board_row *row = board_find(desk->board, desk->dossier->number);
    if (!row) {
        surface_text(surface, area, 0, 1, ROLE_DIM, desk_text(desk, TEXT_LOADING));
        return;
    }
    int line = paint_facts(desk, row, surface, area);
    paint_tab_line(desk, surface, area, line);
    paint_lines(desk, surface, rect_inner(area, line + 1, 0, area.rows - line - 1, area.columns),
                scroll);
}

void detail_paint(struct desk *desk, struct surface *surface, struct rect area)
{
    struct buf status = {0};
    struct rect inside = rect_inner(area, 0, 0, area.rows - 1, area.columns);
    paint_incident(desk, surface, inside, &desk->detail_scroll);
    size_t count = dossier_count(desk->dossier, tabs[desk->tab].list);
    size_t shown = desk->detail_scroll + (size_t)desk->page;
    if (count > shown)
        console_print(&status, desk->language, TEXT_MORE_BELOW, count - shown);
    frame_paint_status(desk, surface, area, area.rows - 1, buf_text(&status));
    surface_cursor(surface, area, 0, 0);
    buf_fini(&status);
}

void detail_paint_beside(struct desk *desk, struct surface *surface, struct rect area)
{
    size_t scroll = 0;
    struct buf title = {0};
    if (desk->dossier->number == 0)
        return;
    console_print(&title, desk->language, TEXT_INCIDENT, (long long)desk->dossier->number);
    surface_text(surface, area, 0, 1, ROLE_BOLD, buf_text(&title));
    buf_fini(&title);
    paint_incident(desk, surface, rect_inner(area, 1, 0, area.rows - 1, area.columns), &scroll);
}
