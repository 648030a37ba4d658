#include "intake/suggest.h"

#include "lib/text.h"

void suggest_init(struct suggest *suggest)
{
    *suggest = (struct suggest){.doc = json_doc_new()};
}

void suggest_fini(struct suggest *suggest)
{
    json_doc_free(suggest->doc);
    *suggest = (struct suggest){0};
}

void suggest_clear(struct suggest *suggest)
{
    suggest->rows = NULL;
    suggest->selected = 0;
    suggest->waits = false;
    suggest->asked++;
}

int64_t suggest_ask(struct suggest *suggest)
{
    suggest->waits = true;
    return ++suggest->asked;
}

void suggest_take(struct suggest *suggest, int64_t asked, const struct json *rows)
{
    if (asked != suggest->asked)
        return;
    suggest->waits = false;
    json_doc_reset(suggest->doc);
    suggest->rows = rows ? json_copy(suggest->doc, rows) : NULL;
    suggest->selected = 0;
}

void suggest_offline(struct suggest *suggest, const struct offline *offline, const char *typed)
{
    suggest->asked++;
    suggest->waits = false;
    json_doc_reset(suggest->doc);
    suggest->rows = offline_search(offline, typed, SUGGEST_ROWS, suggest->doc);
    suggest->selected = 0;
}

size_t suggest_count(const struct suggest *suggest)
{
    size_t count = suggest->rows ? suggest->rows->count : 0;

    return count < SUGGEST_ROWS ? count : SUGGEST_ROWS;
}

void suggest_move(struct suggest *suggest, int step)
{
    size_t count = suggest_count(suggest);

    if (step < 0 && suggest->selected > 0)
        suggest->selected--;
    if (step > 0 && suggest->selected + 1 < count)
        suggest->selected++;
}

const struct json *suggest_selected(const struct suggest *suggest)
{
    const struct json *row = suggest->rows ? suggest->rows->first : NULL;

    for (size_t i = 0; row && i < suggest->selected; i++)
        row = row->next;
    return row;
}

// ">ул. Садовая, 12      ТП-318 ‼ №104217"
static void paint_row(const struct json *row, bool selected, struct surface *surface,
                      struct rect rect, int line)
{
    const struct json *open = json_get(row, "open");
    struct slice node = json_string(json_get(row, "node"));
    int right = rect.columns - 26;
    enum role role = selected ? ROLE_SELECTED : ROLE_NORMAL;

    surface_text(surface, rect, line, 0, role, selected ? ">" : " ");
    surface_cell_text(surface, rect, line, 1, right - 2, role,
                      json_string(json_get(row, "address")));
    surface_cell_text(surface, rect, line, right, 14, role, node);
    if (open && open->first)
        surface_printf(surface, rect, line, right + 15, ROLE_OVERDUE, "! №%lld",
                       (long long)json_integer(open->first, 0));
}

void suggest_paint(const struct suggest *suggest, struct surface *surface, struct rect rect)
{
    const struct json *row = suggest->rows ? suggest->rows->first : NULL;
    size_t count = suggest_count(suggest);

    if (count == 0)
        return;
    rect.rows = (int)count;
    surface_fill(surface, rect, ' ', ROLE_NORMAL); // to the edge: nothing shows from below
    for (size_t i = 0; row && i < count; i++, row = row->next)
        paint_row(row, i == suggest->selected, surface, rect, (int)i);
}
