#include "intake/contact_view.h"

#include "intake/contact_text.h"
#include "lib/mem.h"
#include "tui/eta_text.h"

#include <stdlib.h>
#include <string.h>

// --- the list -------------------------------------------------------------------------------------

enum { TIME_AT = 1, NUMBER_AT = 8, SUBJECT_AT = 21, MIDDLE_AT = 37, RIGHT_COLUMNS = 25 };
enum { STATE_COLUMNS = 11 };

static const char *text_of(const struct json *row, const char *member)
{
    const char *text = json_c_string(json_get(row, member));

    return text ? text : "";
}

static void paint_titles(enum contact_list list, enum language language, struct surface *surface,
                         struct rect rect)
{
    static const enum intake_text times[] = {[CONTACT_LIST_DUE] = TEXT_COLUMN_DUE,
                                             [CONTACT_LIST_TAKEN] = TEXT_COLUMN_TAKEN,
                                             [CONTACT_LIST_QUESTION] = TEXT_COLUMN_TAKEN};
    static const enum intake_text middles[] = {[CONTACT_LIST_DUE] = TEXT_COLUMN_PLACE,
                                               [CONTACT_LIST_TAKEN] = TEXT_COLUMN_PLACE,
                                               [CONTACT_LIST_QUESTION] = TEXT_COLUMN_QUESTION};
    int right = rect.columns - RIGHT_COLUMNS;

    surface_fill(surface, rect_inner(rect, 0, 0, 1, rect.columns), ' ', ROLE_TITLE);
    surface_text(surface, rect, 0, TIME_AT, ROLE_TITLE, intake_text(times[list], language));
    surface_text(surface, rect, 0, NUMBER_AT, ROLE_TITLE,
                 intake_text(TEXT_COLUMN_NUMBER, language));
    surface_text(surface, rect, 0, SUBJECT_AT, ROLE_TITLE,
                 intake_text(TEXT_COLUMN_PROBLEM, language));
    surface_text(surface, rect, 0, MIDDLE_AT, ROLE_TITLE, intake_text(middles[list], language));
    if (list == CONTACT_LIST_QUESTION)
        return;
    surface_text(surface, rect, 0, right, ROLE_TITLE, intake_text(TEXT_COLUMN_STATE, language));
    surface_text(surface, rect, 0, right + STATE_COLUMNS + 1, ROLE_TITLE,
                 intake_text(TEXT_COLUMN_DEPARTMENT, language));
}

static void cell(struct surface *surface, struct rect rect, int row, int column, int columns,
                 enum role role, struct buf *text)
{
    surface_cell_text(surface, rect, row, column, columns, role,
                      (struct slice){text->data, text->length});
    buf_clear(text);
}

static void print_middle(const struct json *row, enum contact_list list, struct buf *text)
{
    if (list != CONTACT_LIST_QUESTION)
        contact_print_place(row, text);
    else if (*text_of(row, "question"))
        buf_add_text(text, text_of(row, "question"));
    else
        buf_add_text(text, text_of(row, "returned_reason"));
}

static void paint_state(const struct json *row, enum role role, enum language language,
                        struct surface *surface, struct rect rect, int at)
{
    int right = rect.columns - RIGHT_COLUMNS;
    struct buf text = {0};

    buf_add_text(&text, contact_state(text_of(row, "state"), language));
    cell(surface, rect, at, right, STATE_COLUMNS, role, &text);
    buf_add_text(&text, contact_department(text_of(row, "department"), language));
    if (!text.length && json_bool(json_get(row, "callback"), false))
        buf_add_text(&text, intake_text(TEXT_CALL_BACK, language));
    cell(surface, rect, at, right + STATE_COLUMNS + 1, RIGHT_COLUMNS - STATE_COLUMNS - 1, role,
         &text);
    buf_fini(&text);
}

static void paint_row(const struct json *row, enum contact_list list, enum role role, bool own,
                      enum language language, int64_t now_ms, struct surface *surface,
                      struct rect rect, int at)
{
    int64_t time_ms = contact_time(row, list == CONTACT_LIST_DUE ? "due" : "time");
    bool late = list == CONTACT_LIST_DUE && time_ms && time_ms <= now_ms;
    int right = rect.columns - RIGHT_COLUMNS;
    struct buf text = {0};

    surface_fill(surface, rect_inner(rect, at, 0, 1, rect.columns), ' ', role);
    if (own)
        surface_text(surface, rect, at, 0, role, "*");
    if (time_ms)
        eta_text_cell(time_ms, now_ms, language, &text);
    cell(surface, rect, at, TIME_AT, NUMBER_AT - TIME_AT - 1,
         late && role == ROLE_NORMAL ? ROLE_OVERDUE : role, &text);
    buf_add_text(&text, text_of(row, "reg_no"));
    cell(surface, rect, at, NUMBER_AT, SUBJECT_AT - NUMBER_AT - 1, role, &text);
    contact_print_subject(row, language, &text);
    cell(surface, rect, at, SUBJECT_AT, MIDDLE_AT - SUBJECT_AT - 1, role, &text);
    print_middle(row, list, &text);
    if (list == CONTACT_LIST_QUESTION) { // the question needs the room
        cell(surface, rect, at, MIDDLE_AT, rect.columns - MIDDLE_AT, role, &text);
        buf_fini(&text);
        return;
    }
    cell(surface, rect, at, MIDDLE_AT, right - MIDDLE_AT - 1, role, &text);
    paint_state(row, role, language, surface, rect, at);
    buf_fini(&text);
}

static void paint_nothing(const struct rows *rows, enum language language, struct surface *surface,
                          struct rect rect)
{
    const char *text = rows->state == ROWS_FAILED   ? rows->fault
                       : rows->state == ROWS_ASKING ? intake_text(TEXT_HERE_ASKING, language)
                       : rows->state == ROWS_THERE  ? intake_text(TEXT_LIST_EMPTY, language)
                                                    : "";

    surface_wrap(surface, rect_inner(rect, 1, 1, rect.rows - 1, rect.columns - 2), 0,
                 rows->state == ROWS_FAILED ? ROLE_BAD : ROLE_DIM, slice_of(text));
}

void contact_list_paint(const struct rows *rows, enum contact_list list, const char *own,
                        enum language language, int64_t now_ms, struct surface *surface,
                        struct rect rect)
{
    int visible = rect.rows - 1;
    size_t first = rows_first(rows, visible);

    paint_titles(list, language, surface, rect);
    if (rows->count == 0)
        paint_nothing(rows, language, surface, rect);
    for (size_t i = first; i < rows->count && i - first < (size_t)visible; i++) {
        bool selected = i == rows->selected;
        bool is_own = own && strcmp(own, text_of(rows->items[i], "operator")) == 0;
        int at = 1 + (int)(i - first);

        paint_row(rows->items[i], list, selected ? ROLE_SELECTED : ROLE_NORMAL, is_own, language,
                  now_ms, surface, rect, at);
        if (selected)
            surface_cursor(surface, rect, at, NUMBER_AT);
    }
}

// --- one contact ----------------------------------------------------------------------------------

enum { LABEL_COLUMNS = 13 };

void contact_view_init(struct contact_view *view)
{
    *view = (struct contact_view){.reg_no = NULL};
    rows_init(&view->row, "reg_no");
}

void contact_view_fini(struct contact_view *view)
{
    free(view->reg_no);
    rows_fini(&view->row);
}

void contact_view_open(struct contact_view *view, const char *reg_no)
{
    char *copy = mem_string(reg_no);

    free(view->reg_no);
    view->reg_no = copy;
    view->scroll = 0;
    rows_clear(&view->row);
}

const struct json *contact_view_row(const struct contact_view *view)
{
    return rows_selected(&view->row);
}

bool contact_view_input(struct contact_view *view, const struct input *input)
{
    if (input->kind != INPUT_KEY || input->mods ||
        (input->key != INPUT_UP && input->key != INPUT_DOWN))
        return false;
    view->scroll += input->key == INPUT_DOWN ? 1 : -1;
    return true;
}

// Lines under each other; a line without a value is left out.
struct sheet {
    struct surface *surface;
    struct rect rect;
    enum language language;
    int row;
};

static void put_line(struct sheet *sheet, enum intake_text label, enum role role, struct buf *value)
{
    struct rect right = rect_inner(sheet->rect, 0, LABEL_COLUMNS, sheet->rect.rows,
                                   sheet->rect.columns - LABEL_COLUMNS);

    if (value->length) {
        surface_text(sheet->surface, sheet->rect, sheet->row, 0, ROLE_DIM,
                     intake_text(label, sheet->language));
        sheet->row += surface_wrap(sheet->surface, right, sheet->row, role,
                                   (struct slice){value->data, value->length});
    }
    buf_clear(value);
}

static void put_member(struct sheet *sheet, enum intake_text label, const struct json *row,
                       const char *member, struct buf *value)
{
    buf_add_text(value, text_of(row, member));
    put_line(sheet, label, ROLE_NORMAL, value);
}

static void put_person(struct sheet *sheet, const struct json *row, struct buf *value)
{
    static const char *const members[] = {"organisation", "name", "phone", "email", "tax_number"};
    const struct json *caller = json_get(row, "caller");

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *text = text_of(caller, members[i]);
        if (*text)
            buf_printf(value, "%s%s", value->length ? ", " : "", text);
    }
    if (json_bool(json_get(row, "callback"), false))
        buf_printf(value, "%s%s", value->length ? " · " : "",
                   intake_text(TEXT_CALL_BACK, sheet->language));
    put_line(sheet, TEXT_LABEL_CALLER, ROLE_BOLD, value);
}

static void put_place(struct sheet *sheet, const struct json *row, struct buf *value)
{
    const char *flat = text_of(row, "flat"), *account = text_of(row, "account");

    contact_print_place(row, value);
    if (*flat)
        intake_print(value, sheet->language, TEXT_PLACE_FLAT, flat);
    if (*account)
        intake_print(value, sheet->language, TEXT_PLACE_ACCOUNT, account);
    if (*text_of(row, "premise_text"))
        buf_printf(value, "%s%s", value->length ? "; " : "", text_of(row, "premise_text"));
    put_line(sheet, TEXT_COLUMN_PLACE, ROLE_NORMAL, value);
}

// "pult:user:sidorova" is sidorova; who signed on by name is shown so.
static const char *name_of(const char *who)
{
    const char *colon = strrchr(who, ':');

    return colon ? colon + 1 : who;
}

static void put_state(struct sheet *sheet, const struct json *row, int64_t now_ms,
                      struct buf *value)
{
    int64_t due_ms = contact_time(row, "due");
    const char *handler = name_of(text_of(row, "handler"));
    const char *state = text_of(row, "state");
    bool owed = strcmp(state, "answered") != 0 && strcmp(state, "closed") != 0 &&
                strcmp(state, "left") != 0;

    buf_printf(value, "%s", contact_state(state, sheet->language));
    if (*text_of(row, "department"))
        buf_printf(value, " · %s", contact_department(text_of(row, "department"), sheet->language));
    if (*handler)
        buf_printf(value, " · %s", handler);
    put_line(sheet, TEXT_COLUMN_STATE, ROLE_BOLD, value);
    if (due_ms && owed) {
        eta_text_cell(due_ms, now_ms, sheet->language, value);
        put_line(sheet, TEXT_LABEL_DUE, due_ms <= now_ms ? ROLE_OVERDUE : ROLE_NORMAL, value);
    }
}

static void put_taken(struct sheet *sheet, const struct json *row, int64_t now_ms,
                      struct buf *value)
{
    const char *by = name_of(text_of(row, "operator"));

    eta_text_cell(contact_time(row, "time"), now_ms, sheet->language, value);
    buf_printf(value, "%s%s", *by ? " · " : "", by);
    put_line(sheet, TEXT_LABEL_TAKEN, ROLE_NORMAL, value);
    if (json_get(row, "incident"))
        buf_printf(value, "№%lld", (long long)json_integer(json_get(row, "incident"), 0));
    put_line(sheet, TEXT_COLUMN_INCIDENT, ROLE_NORMAL, value);
}

static void put_contact(struct sheet *sheet, const struct json *row, int64_t now_ms)
{
    static const struct {
        enum intake_text label;
        const char *member;
    } members[] = {
        {TEXT_LABEL_WORDS, "text"},
        {TEXT_COLUMN_QUESTION, "question"},
        {TEXT_LABEL_RETURNED, "returned_reason"},
        {TEXT_LABEL_ANSWER, "answer"},
        {TEXT_LABEL_DONE, "measures_done"},
        {TEXT_LABEL_PLANNED, "measures_planned"},
        {TEXT_LABEL_REPEATS, "repeat_of"},
    };
    struct buf value = {0};

    contact_print_subject(row, sheet->language, &value);
    put_line(sheet, TEXT_COLUMN_PROBLEM, ROLE_BOLD, &value);
    put_state(sheet, row, now_ms, &value);
    put_person(sheet, row, &value);
    put_place(sheet, row, &value);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        put_member(sheet, members[i].label, row, members[i].member, &value);
    put_taken(sheet, row, now_ms, &value);
    buf_fini(&value);
}

void contact_view_paint(struct contact_view *view, enum language language, int64_t now_ms,
                        struct surface *surface, struct rect rect)
{
    const struct json *row = contact_view_row(view);
    struct rect inside = rect_inner(rect, 1, 1, rect.rows - 1, rect.columns - 2);
    struct rect nowhere = {inside.row, inside.column, 0, inside.columns};
    struct sheet sheet = {surface, nowhere, language, 0};

    surface_line(surface, rect, 0, view->reg_no ? view->reg_no : "");
    if (!row) {
        paint_nothing(&view->row, language, surface, rect);
        return;
    }
    put_contact(&sheet, row, now_ms); // how long it is
    if (view->scroll > sheet.row - inside.rows)
        view->scroll = sheet.row - inside.rows;
    if (view->scroll < 0)
        view->scroll = 0;
    sheet = (struct sheet){surface, inside, language, -view->scroll};
    put_contact(&sheet, row, now_ms);
}
