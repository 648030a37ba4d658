#include "intake/reading.h"

#include "lib/text.h"
#include "tui/keymap.h"

#include <string.h>

enum { TYPED_RUNES = 80, PAGE_ROWS = 5, LIST_MIN = 4, TOPIC_COLUMNS = 5 };

void reading_init(struct reading *reading)
{
    *reading = (struct reading){.count = 0};
    field_init(&reading->field, TYPED_RUNES);
}

void reading_fini(struct reading *reading)
{
    field_fini(&reading->field);
}

// What was typed in the other layout: "jgkfnf" is "оплата".
static void in_other_layout(const struct buf *typed, struct buf *out)
{
    struct slice rest = {typed->data, typed->length};
    uint32_t rune;
    char bytes[4];

    for (size_t length; (length = text_decode(rest, &rune)) > 0;) {
        uint32_t cyrillic = keymap_cyrillic(rune);
        buf_add(out, bytes, text_encode(cyrillic ? cyrillic : rune, bytes));
        rest = (struct slice){rest.data + length, rest.length - length};
    }
}

void reading_search(struct reading *reading, const struct handbook *handbook,
                    enum language language)
{
    struct buf typed = {0}, other = {0};

    field_get(&reading->field, &typed);
    reading->count = handbook_search(handbook, language, (struct slice){typed.data, typed.length},
                                     reading->topic, reading->found, READING_FOUND);
    if (reading->count == 0) {
        in_other_layout(&typed, &other);
        reading->count =
            handbook_search(handbook, language, (struct slice){other.data, other.length},
                            reading->topic, reading->found, READING_FOUND);
    }
    reading->selected = 0;
    reading->scroll = 0;
    buf_fini(&typed);
    buf_fini(&other);
}

const struct handbook_entry *reading_selected(const struct reading *reading)
{
    return reading->selected < reading->count ? reading->found[reading->selected] : NULL;
}

enum reading_result reading_input(struct reading *reading, const struct input *input)
{
    enum input_key key = input->kind == INPUT_KEY && input->mods == 0 ? input->key : INPUT_NO_KEY;

    if (key == INPUT_UP || key == INPUT_DOWN) {
        if (key == INPUT_UP && reading->selected > 0)
            reading->selected--;
        else if (key == INPUT_DOWN && reading->selected + 1 < reading->count)
            reading->selected++;
        reading->scroll = 0;
        return READING_USED;
    }
    if (key == INPUT_PAGE_UP || key == INPUT_PAGE_DOWN) {
        reading->scroll += key == INPUT_PAGE_DOWN ? PAGE_ROWS : -PAGE_ROWS;
        return READING_USED;
    }
    if (key == INPUT_ENTER)
        return reading_selected(reading) ? READING_TAKEN : READING_USED;
    switch (field_input(&reading->field, input)) {
    case FIELD_IGNORED: return READING_IGNORED;
    case FIELD_MOVED: return READING_USED;
    case FIELD_CHANGED: break;
    }
    return READING_CHANGED;
}

// --- painting -------------------------------------------------------------------------------------

static void paint_list(const struct reading *reading, struct surface *surface, struct rect rect)
{
    size_t rows = (size_t)(rect.rows > 0 ? rect.rows : 0);
    size_t first = reading->selected >= rows && rows ? reading->selected - rows + 1 : 0;

    for (size_t i = first; i < reading->count && i - first < rows; i++) {
        const struct handbook_entry *entry = reading->found[i];
        enum role role = i == reading->selected ? ROLE_SELECTED : ROLE_NORMAL;
        const char *phone = json_c_string(json_get(entry->row, "phone"));
        int at = (int)(i - first), wide = phone ? 18 : 0;

        surface_text(surface, rect, at, 0, role, i == reading->selected ? ">" : " ");
        surface_cell_text(surface, rect, at, 1, TOPIC_COLUMNS, role,
                          slice_of(handbook_topic(entry)));
        surface_cell_text(surface, rect, at, 1 + TOPIC_COLUMNS,
                          rect.columns - 1 - wide - TOPIC_COLUMNS, role,
                          slice_of(handbook_title(entry)));
        if (phone)
            surface_cell_text(surface, rect, at, rect.columns - wide, wide, role, slice_of(phone));
    }
}

// Line by line, as it stands in the file; a blank one is left out.
static int paint_lines(struct slice text, struct surface *surface, struct rect rect, int row)
{
    int from = row;

    while (text.length) {
        const char *end = memchr(text.data, '\n', text.length);
        size_t length = end ? (size_t)(end - text.data) : text.length;

        if (length)
            row += surface_wrap(surface, rect, row, ROLE_NORMAL, (struct slice){text.data, length});
        length += end != NULL;
        text = (struct slice){text.data + length, text.length - length};
    }
    return row - from;
}

static void paint_text(struct reading *reading, struct surface *surface, struct rect rect)
{
    const struct handbook_entry *entry = reading_selected(reading);
    struct rect nowhere = {rect.row, rect.column, 0, rect.columns};
    struct buf text = {0};

    if (!entry)
        return;
    handbook_text(entry, &text);
    struct slice lines = {text.data, text.length};
    int most = paint_lines(lines, surface, nowhere, 0) - rect.rows;
    if (reading->scroll > most)
        reading->scroll = most;
    if (reading->scroll < 0)
        reading->scroll = 0;
    paint_lines(lines, surface, rect, -reading->scroll);
    buf_fini(&text);
}

void reading_paint(struct reading *reading, enum language language, struct surface *surface,
                   struct rect rect)
{
    int label =
        surface_text(surface, rect, 0, 1, ROLE_NORMAL, intake_text(TEXT_READING_FIND, language));
    int rows = rect.rows / 3 > LIST_MIN ? rect.rows / 3 : LIST_MIN;
    const struct handbook_entry *entry = reading_selected(reading);
    int from = rows + 2;

    field_paint(&reading->field, surface, rect, 0, label + 2, rect.columns - label - 3, true);
    paint_list(reading, surface, rect_inner(rect, 1, 1, rows, rect.columns - 2));
    if (reading->count == 0)
        surface_text(surface, rect, 1, 1, ROLE_DIM, intake_text(TEXT_READING_NONE, language));
    surface_line(surface, rect, rows + 1, entry ? intake_text(TEXT_READING_SAY, language) : "");
    paint_text(reading, surface, rect_inner(rect, from, 2, rect.rows - from - 1, rect.columns - 4));
    surface_text(surface, rect, rect.rows - 1, 1, ROLE_DIM,
                 intake_text(TEXT_READING_FOOT, language));
}
