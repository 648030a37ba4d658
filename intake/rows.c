#include "intake/rows.h"

#include "lib/mem.h"

#include <stdlib.h>

enum { PAGE_ROWS = 10 };

void rows_init(struct rows *rows, const char *key)
{
    *rows = (struct rows){.doc = json_doc_new(), .key = key};
}

void rows_fini(struct rows *rows)
{
    json_doc_free(rows->doc);
    free(rows->items);
    free(rows->fault);
    *rows = (struct rows){.count = 0};
}

void rows_clear(struct rows *rows)
{
    rows->state = ROWS_NOT_ASKED;
    rows->count = rows->selected = 0;
    rows->asked++;
    rows->due = rows->awaited = false;
}

int64_t rows_ask(struct rows *rows, int64_t mono_ms)
{
    if (rows->state == ROWS_NOT_ASKED)
        rows->state = ROWS_ASKING;
    rows->due = false;
    rows->asked_ms = mono_ms;
    return ++rows->asked;
}

// A row's name: a text, or a number as it is written.
static struct slice name_of(const struct rows *rows, const struct json *row)
{
    const struct json *value = json_get(row, rows->key);

    return value ? value->text : (struct slice){0};
}

static void select_named(struct rows *rows, struct slice name)
{
    if (rows->selected >= rows->count)
        rows->selected = rows->count ? rows->count - 1 : 0;
    for (size_t i = 0; name.length && i < rows->count; i++) {
        if (slice_equal(name_of(rows, rows->items[i]), name))
            rows->selected = i;
    }
}

static void take_items(struct rows *rows, const struct json *answer)
{
    char *former = NULL;
    const struct json *selected = rows_selected(rows);
    struct slice name = selected ? name_of(rows, selected) : (struct slice){0};

    if (name.length)
        former = mem_string_of(name.data, name.length);
    json_doc_reset(rows->doc);
    const struct json *copy = json_copy(rows->doc, answer);
    free(rows->items);
    rows->items = mem_alloc((copy->count + 1) * sizeof(const struct json *));
    rows->count = 0;
    for (const struct json *row = copy->first; row; row = row->next)
        rows->items[rows->count++] = row;
    select_named(rows, slice_of(former));
    free(former);
}

bool rows_take(struct rows *rows, int64_t asked, const struct json *answer, const struct err *err,
               enum language language)
{
    if (asked != rows->asked)
        return false;
    rows->awaited = false;
    free(rows->fault);
    rows->fault = NULL;
    if (err || !answer) {
        rows->state = ROWS_FAILED;
        rows->fault = mem_string(err ? err->message[language] : "");
        rows->due = err && err->code == ERR_UNAVAILABLE;
        return true;
    }
    rows->state = ROWS_THERE;
    take_items(rows, answer);
    return true;
}

void rows_sort(struct rows *rows, int (*compare)(const void *, const void *))
{
    const struct json *selected = rows_selected(rows);

    if (rows->count)
        qsort(rows->items, rows->count, sizeof(const struct json *), compare);
    if (selected)
        select_named(rows, name_of(rows, selected));
}

bool rows_are_due(const struct rows *rows, int64_t mono_ms)
{
    return rows->due && mono_ms - rows->asked_ms >= ROWS_AGAIN_MS;
}

void rows_hurry(struct rows *rows)
{
    rows->due = true;
    rows->asked_ms = INT64_MIN / 2;
}

const struct json *rows_selected(const struct rows *rows)
{
    return rows->selected < rows->count ? rows->items[rows->selected] : NULL;
}

bool rows_select(struct rows *rows, const char *key)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (slice_is(name_of(rows, rows->items[i]), key)) {
            rows->selected = i;
            return true;
        }
    }
    return false;
}

bool rows_input(struct rows *rows, const struct input *input)
{
    long step;

    if (input->kind != INPUT_KEY || input->mods)
        return false;
    switch (input->key) {
    case INPUT_UP: step = -1; break;
    case INPUT_DOWN: step = 1; break;
    case INPUT_PAGE_UP: step = -PAGE_ROWS; break;
    case INPUT_PAGE_DOWN: step = PAGE_ROWS; break;
    case INPUT_HOME: step = -(long)rows->count; break;
    case INPUT_END: step = (long)rows->count; break;
    default: return false;
    }
    long at = (long)rows->selected + step;
    if (at >= (long)rows->count)
        at = (long)rows->count - 1;
    rows->selected = at > 0 ? (size_t)at : 0;
    return true;
}

size_t rows_first(const struct rows *rows, int visible)
{
    size_t room = visible > 0 ? (size_t)visible : 1;

    return rows->selected >= room ? rows->selected - room + 1 : 0;
}
