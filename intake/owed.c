#include "intake/owed.h"

#include "intake/contact_text.h"

#include <string.h>

enum { FILTER_ALL, FILTER_CALL_BACK, FILTER_DEPARTMENT, FILTER_ANSWERED = 8, FILTER_COUNT };
enum { FILTER_ROWS = 2, MOST = 1000 };
#define ANSWERED_MS (INT64_C(7) * 24 * 3600 * 1000) // so far back answered ones are looked for

// A department by its id; the first two and the last are none.
static const struct form_choice filters[FILTER_COUNT] = {
    {"", {"all", "все"}},
    {"", {"call back", "перезвонить"}},
    {"connection", {"connection", "присоединение"}},
    {"transmission", {"transmission", "передача"}},
    {"metering", {"metering", "учёт"}},
    {"service", {"service", "обслуживание"}},
    {"security", {"security", "безопасность"}},
    {"complaints", {"complaints", "жалобы"}},
    {"", {"answered", "отвечены"}},
};

void owed_init(struct owed *owed)
{
    *owed = (struct owed){.filter = {.kind = FORM_CHOICE,
                                     .label = {"Owed", "Ждут"},
                                     .choices = filters,
                                     .choice_count = FILTER_COUNT}};
    rows_init(&owed->rows, "reg_no");
    form_init(&owed->form, &owed->filter, 1);
}

void owed_fini(struct owed *owed)
{
    rows_fini(&owed->rows);
    form_fini(&owed->form);
}

void owed_write_args(const struct owed *owed, int64_t now_ms, struct buf *args)
{
    int chosen = owed->filter.chosen;
    struct json_out out;

    json_out_init(&out, args);
    json_out_object(&out, NULL);
    json_out_text(&out, "state", chosen == FILTER_ANSWERED ? "answered" : "owed");
    if (chosen == FILTER_ANSWERED)
        json_out_time(&out, "since", now_ms - ANSWERED_MS);
    if (*filters[chosen].value)
        json_out_text(&out, "department", filters[chosen].value);
    json_out_integer(&out, "limit", MOST);
    json_out_end(&out, '}');
}

// What nobody has to call back about or to close is not in these lists.
static bool belongs(const struct json *row, int chosen)
{
    return chosen == FILTER_CALL_BACK  ? json_bool(json_get(row, "callback"), false)
           : chosen == FILTER_ANSWERED ? json_bool(json_get(row, "needs_answer"), false)
                                       : true;
}

static int by_due(const void *left, const void *right)
{
    const struct json *const *a = left, *const *b = right;
    int64_t one = contact_time(*a, "due"), other = contact_time(*b, "due");

    if (one != other)
        return one < other ? -1 : 1;
    one = json_integer(json_get(*a, "sequence"), 0);
    other = json_integer(json_get(*b, "sequence"), 0);
    return (one > other) - (one < other);
}

void owed_arrange(struct owed *owed, bool first)
{
    struct rows *rows = &owed->rows;
    const struct json *selected = first ? NULL : rows_selected(rows);
    const char *former = selected ? json_c_string(json_get(selected, "reg_no")) : NULL;
    size_t kept = 0;

    for (size_t i = 0; i < rows->count; i++) {
        if (belongs(rows->items[i], owed->filter.chosen))
            rows->items[kept++] = rows->items[i];
    }
    rows->count = kept;
    rows_sort(rows, by_due);
    if (!former || !rows_select(rows, former))
        rows->selected = first || rows->selected >= kept ? 0 : rows->selected;
}

enum owed_result owed_input(struct owed *owed, const struct input *input)
{
    bool digit = input->kind == INPUT_RUNE && !input->mods && input->rune >= '1' &&
                 input->rune <= '0' + FILTER_COUNT;
    bool side = input->kind == INPUT_KEY && !input->mods &&
                (input->key == INPUT_LEFT || input->key == INPUT_RIGHT);

    if (!digit && !side)
        return rows_input(&owed->rows, input) ? OWED_USED : OWED_IGNORED;
    if (form_input(&owed->form, input) != FORM_CHANGED)
        return OWED_USED;
    rows_clear(&owed->rows);
    return OWED_CHANGED;
}

void owed_paint(struct owed *owed, enum language language, int64_t now_ms, struct surface *surface,
                struct rect rect)
{
    form_paint(&owed->form, surface, rect_inner(rect, 0, 1, FILTER_ROWS, rect.columns - 2),
               language);
    contact_list_paint(&owed->rows, CONTACT_LIST_DUE, NULL, language, now_ms, surface,
                       rect_inner(rect, FILTER_ROWS, 0, rect.rows - FILTER_ROWS, rect.columns));
}
