// The appointment book as a grid: a row a time, a column a window.
#include "intake/visits.h"

#include "intake/contact_text.h"
#include "lib/clock.h"

#include <string.h>

enum { TIME_COLUMNS = 10, CELL_MIN = 18, HEAD_ROWS = 4 };

static const char *text_of(const struct json *row, const char *member)
{
    const char *text = json_c_string(json_get(row, member));

    return text ? text : "";
}

static void paint_office(const struct visits *visits, enum language language,
                         struct surface *surface, struct rect rect)
{
    const struct json *office = visits_office(visits);
    struct buf text = {0};

    buf_add_text(&text, text_of(office, "name"));
    if (*text_of(office, "address"))
        buf_printf(&text, ", %s", text_of(office, "address"));
    surface_text(surface, rect, 0, 1, ROLE_BOLD, buf_text(&text));
    if (visits->offices.count > 1)
        surface_text_before(surface, rect, 0, rect.columns - 1, ROLE_DIM,
                            intake_text(TEXT_VISITS_OTHER, language));
    buf_fini(&text);
}

// " пн 23.11    окно 1           окно 2".
static void paint_head(const struct visits *visits, enum language language, int first, int shown,
                       int wide, struct surface *surface, struct rect rect)
{
    struct tm day;
    struct buf text = {0};

    clock_local(visits->day_ms, &day);
    surface_fill(surface, rect_inner(rect, HEAD_ROWS - 1, 0, 1, rect.columns), ' ', ROLE_TITLE);
    surface_printf(surface, rect, HEAD_ROWS - 1, 1, ROLE_TITLE, "%s %d.%02d",
                   strings_weekday(language, day.tm_wday), day.tm_mday, day.tm_mon + 1);
    for (int i = 0; i < shown; i++) {
        intake_print(&text, language, TEXT_VISITS_WINDOW, first + i + 1);
        surface_text(surface, rect, HEAD_ROWS - 1, 2 + TIME_COLUMNS + i * wide, ROLE_TITLE,
                     buf_text(&text));
        buf_clear(&text);
    }
    buf_fini(&text);
}

// Who is booked, masked, or nobody's time; what goes on from above is a line.
static void print_cell(const struct visits *visits, int64_t time_ms, int64_t window,
                       enum language language, struct buf *text)
{
    const struct json *row = visits_at(visits, time_ms, window);
    const struct json *caller = json_get(row, "caller");
    struct slice state = json_string(json_get(row, "state"));

    if (!row) {
        buf_add_text(text, visits_is_free(visits, time_ms, window)
                               ? intake_text(TEXT_VISITS_FREE, language)
                               : "·");
        return;
    }
    if (contact_time(row, "starts") != time_ms) {
        buf_add_text(text, "│");
        return;
    }
    if (slice_is(state, "kept") || slice_is(state, "missed"))
        buf_add_text(text, slice_is(state, "kept") ? "+ " : "- ");
    const char *name = *text_of(caller, "name") ? text_of(caller, "name") : text_of(row, "contact");
    buf_printf(text, "%s %s", *name ? name : intake_text(TEXT_VISITS_TAKEN, language),
               text_of(caller, "phone"));
}

static enum role role_of(const struct visits *visits, int64_t time_ms, int64_t window,
                         bool selected)
{
    const struct json *row = visits_at(visits, time_ms, window);

    if (selected)
        return ROLE_SELECTED;
    if (!row)
        return visits_is_free(visits, time_ms, window) ? ROLE_GOOD : ROLE_DIM;
    return visits->moving && json_integer(json_get(row, "appointment"), 0) == visits->moving
               ? ROLE_STRIP
               : ROLE_NORMAL;
}

static void paint_time(const struct visits *visits, size_t index, enum language language, int first,
                       int shown, int wide, struct surface *surface, struct rect rect, int at)
{
    int64_t time_ms = visits->times[index];
    struct tm local;

    clock_local(time_ms, &local);
    surface_printf(surface, rect, at, 1, ROLE_NORMAL, "%2d:%02d", local.tm_hour, local.tm_min);
    for (int i = 0; i < shown; i++) {
        int64_t window = first + i + 1;
        bool selected = index == visits->time && window == visits->window;
        int column = 1 + TIME_COLUMNS + i * wide;
        struct buf text = {0};

        print_cell(visits, time_ms, window, language, &text);
        surface_cell_text(surface, rect, at, column + 1, wide - 2,
                          role_of(visits, time_ms, window, selected),
                          (struct slice){text.data, text.length});
        if (selected)
            surface_cursor(surface, rect, at, column + 1);
        buf_fini(&text);
    }
}

static void paint_nothing(const struct visits *visits, enum language language,
                          struct surface *surface, struct rect rect)
{
    const struct rows *rows = visits->offices.count ? &visits->slots : &visits->offices;
    const char *text = rows->state == ROWS_FAILED  ? rows->fault
                       : rows->state != ROWS_THERE ? intake_text(TEXT_HERE_ASKING, language)
                       : visits->offices.count     ? intake_text(TEXT_VISITS_CLOSED, language)
                                                   : intake_text(TEXT_VISITS_NO_OFFICE, language);

    surface_wrap(surface, rect_inner(rect, 0, 1, rect.rows, rect.columns - 2), HEAD_ROWS,
                 rows->state == ROWS_FAILED ? ROLE_BAD : ROLE_DIM, slice_of(text));
}

void visits_paint(struct visits *visits, enum language language, struct surface *surface,
                  struct rect rect)
{
    int windows = (int)visits_windows(visits);
    int room = (rect.columns - TIME_COLUMNS - 1) / CELL_MIN;
    int shown = windows < room ? windows : room;
    int first = visits->window > shown ? (int)visits->window - shown : 0;
    int wide = shown ? (rect.columns - TIME_COLUMNS - 1) / shown : 0;
    int rows = rect.rows - HEAD_ROWS - 1;
    size_t top = rows > 0 && visits->time >= (size_t)rows ? visits->time - (size_t)rows + 1 : 0;

    paint_office(visits, language, surface, rect);
    if (visits->kind.choice_count)
        form_paint(&visits->form, surface, rect_inner(rect, 1, 1, 2, rect.columns - 2), language);
    paint_head(visits, language, first, shown, wide, surface, rect);
    if (visits->time_count == 0)
        paint_nothing(visits, language, surface, rect);
    for (size_t i = top; i < visits->time_count && (int)(i - top) < rows; i++)
        paint_time(visits, i, language, first, shown, wide, surface, rect,
                   HEAD_ROWS + (int)(i - top));
    surface_text(surface, rect, rect.rows - 1, 1, ROLE_DIM,
                 intake_text(visits->moving ? TEXT_VISITS_MOVING : TEXT_VISITS_FOOT, language));
}
