#include "intake/history.h"

#include "lib/mem.h"
#include "lib/phone.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

enum { TYPED_RUNES = 120, ACCOUNT_DIGITS = 4, PHONE_DIGITS = 7, SLIP_DIGITS = 15 };

void history_init(struct history *history)
{
    *history = (struct history){.place = NULL};
    field_init(&history->field, TYPED_RUNES);
    rows_init(&history->by_phone, "reg_no");
    rows_init(&history->by_place, "reg_no");
    rows_init(&history->rows, "reg_no");
}

void history_fini(struct history *history)
{
    field_fini(&history->field);
    rows_fini(&history->by_phone);
    rows_fini(&history->by_place);
    rows_fini(&history->rows);
    free(history->place);
}

void history_clear(struct history *history)
{
    rows_clear(&history->by_phone);
    rows_clear(&history->by_place);
    rows_clear(&history->rows);
    history_place(history, NULL);
}

void history_place(struct history *history, const char *address)
{
    char *copy = mem_string(address);

    free(history->place);
    history->place = copy;
}

// "2026-000123".
static bool is_number(struct slice typed)
{
    bool good = typed.length >= 11 && typed.length <= 17 && typed.data[4] == '-';

    for (size_t i = 0; good && i < typed.length; i++)
        good = i == 4 || (typed.data[i] >= '0' && typed.data[i] <= '9');
    return good;
}

// What stands before a slip's number when somebody reads it out.
static const char *const slip_words[] = {"талон", "slip", "sl.", "т.", "т"};

int64_t history_slip(const struct history *history)
{
    struct buf text = {0}, folded = {0};
    bool named = false;
    int64_t slip = 0;

    field_get(&history->field, &text);
    text_fold((struct slice){text.data, text.length}, &folded);
    struct slice typed = slice_trim((struct slice){buf_text(&folded), folded.length}, " ");
    for (size_t i = 0; !named && i < sizeof(slip_words) / sizeof(slip_words[0]); i++) {
        struct slice word = slice_of(slip_words[i]);
        named = slice_begins(typed, word);
        if (named)
            typed = slice_trim((struct slice){typed.data + word.length, typed.length - word.length},
                               " ");
    }
    size_t digits = strspn(typed.data, "0123456789");
    if (digits && digits == typed.length && digits <= SLIP_DIGITS &&
        (named || digits < ACCOUNT_DIGITS))
        slip = strtoll(typed.data, NULL, 10);
    buf_fini(&text);
    buf_fini(&folded);
    return slip;
}

enum history_of history_typed(const struct history *history)
{
    struct buf text = {0};
    char phone[PHONE_BYTES];
    enum history_of of = HISTORY_ADDRESS;

    field_get(&history->field, &text);
    struct slice typed = slice_trim((struct slice){text.data, text.length}, " ");
    size_t digits = strspn(buf_text(&text), "0123456789");
    if (typed.length == 0)
        of = HISTORY_NOTHING;
    else if (is_number(typed))
        of = HISTORY_NUMBER;
    else if (history_slip(history))
        of = HISTORY_SLIP;
    else if (typed.length >= PHONE_DIGITS && phone_normalise(typed, phone))
        of = HISTORY_PHONE;
    else if (digits == text.length && digits >= ACCOUNT_DIGITS)
        of = HISTORY_ACCOUNT;
    buf_fini(&text);
    return of;
}

// The latest first.
static int by_sequence(const void *left, const void *right)
{
    const struct json *const *a = left, *const *b = right;
    int64_t one = json_integer(json_get(*a, "sequence"), 0);
    int64_t other = json_integer(json_get(*b, "sequence"), 0);

    return (one < other) - (one > other);
}

static bool has(const struct rows *rows, const struct json *row)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (slice_equal(json_string(json_get(rows->items[i], "reg_no")),
                        json_string(json_get(row, "reg_no"))))
            return true;
    }
    return false;
}

static enum rows_state state_of(const struct history *history)
{
    enum rows_state one = history->by_phone.state, other = history->by_place.state;

    return one == ROWS_FAILED || other == ROWS_FAILED   ? ROWS_FAILED
           : one == ROWS_ASKING || other == ROWS_ASKING ? ROWS_ASKING
           : one == ROWS_THERE || other == ROWS_THERE   ? ROWS_THERE
                                                        : ROWS_NOT_ASKED;
}

void history_arrange(struct history *history)
{
    struct rows *rows = &history->rows;
    const struct rows *phone = &history->by_phone, *place = &history->by_place;
    const char *fault = phone->state == ROWS_FAILED ? phone->fault : place->fault;

    rows->state = state_of(history);
    free(rows->fault);
    rows->fault = mem_string(rows->state == ROWS_FAILED ? fault : NULL);
    free(rows->items);
    rows->items = mem_alloc((phone->count + place->count + 1) * sizeof(const struct json *));
    rows->count = 0;
    for (size_t i = 0; i < phone->count; i++)
        rows->items[rows->count++] = phone->items[i];
    for (size_t i = 0; i < place->count; i++) {
        if (!has(phone, place->items[i]))
            rows->items[rows->count++] = place->items[i];
    }
    if (rows->count)
        qsort(rows->items, rows->count, sizeof(const struct json *), by_sequence);
    if (rows->selected >= rows->count)
        rows->selected = 0;
}

enum history_result history_input(struct history *history, const struct input *input)
{
    if (input->kind == INPUT_KEY && !input->mods && input->key == INPUT_ENTER)
        return history->rows.count ? HISTORY_OPEN : HISTORY_SEARCH;
    switch (field_input(&history->field, input)) {
    case FIELD_IGNORED: return rows_input(&history->rows, input) ? HISTORY_USED : HISTORY_IGNORED;
    case FIELD_MOVED: return HISTORY_USED;
    case FIELD_CHANGED: history_clear(history); break; // what is shown is of other words
    }
    return HISTORY_USED;
}

void history_paint(struct history *history, const char *own, enum language language, int64_t now_ms,
                   struct surface *surface, struct rect rect)
{
    int label = 2 + surface_text(surface, rect, 0, 1, ROLE_NORMAL,
                                 intake_text(TEXT_HISTORY_LABEL, language));
    struct rect list = rect_inner(rect, 2, 0, rect.rows - 3, rect.columns);

    field_paint(&history->field, surface, rect, 0, label, rect.columns - label - 1, true);
    if (history->place)
        surface_text(surface, rect, 1, 1, ROLE_BOLD, history->place);
    if (history->rows.state != ROWS_NOT_ASKED)
        contact_list_paint(&history->rows, CONTACT_LIST_TAKEN, own, language, now_ms, surface,
                           list);
    surface_text(surface, rect, rect.rows - 1, 1, ROLE_DIM,
                 intake_text(TEXT_HISTORY_FOOT, language));
    // What is typed goes into the field, wherever the list stands.
    field_paint(&history->field, surface, rect, 0, label, rect.columns - label - 1, true);
}
