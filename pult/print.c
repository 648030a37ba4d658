// Printing: rows as a table for people, as JSON Lines for a pipe; nothing that moves a cursor.
#include "pult/command.h"

#include "lib/mem.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_MAX = 14, CELL_MAX = 40, CELL_MIN = 4, WIDTH_OTHERWISE = 120 };

void command_print_safe(FILE *file, struct slice text)
{
    struct buf safe = {0};

    text_filter(text, &safe);
    fputs(buf_text(&safe), file);
    buf_fini(&safe);
}

// A single value as a cell: an object by the member that says most of it.
static void cell_text(const struct json *value, struct buf *out)
{
    struct buf text = {0};

    if (value && value->type == JSON_OBJECT)
        value = json_get(value, "at") ? json_get(value, "at") : json_get(value, "state");
    if (!value || value->type == JSON_NULL)
        buf_add_text(&text, "-");
    else if (value->type == JSON_STRING)
        buf_add(&text, value->text.data, value->text.length);
    else
        json_write(&text, value);
    text_filter((struct slice){text.data, text.length}, out);
    buf_fini(&text);
}

struct column {
    struct slice name;
    size_t width;
};

struct table {
    struct column columns[COLUMNS_MAX];
    size_t count;
};

static size_t clipped_width(struct slice text)
{
    size_t width = text_width(text);

    return width < CELL_MAX ? width : CELL_MAX;
}

static struct column *find_column(struct table *table, struct slice name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (slice_equal(table->columns[i].name, name))
            return &table->columns[i];
    }
    if (table->count == COLUMNS_MAX)
        return NULL;
    struct column *column = &table->columns[table->count++];
    *column = (struct column){name, clipped_width(name)};
    return column;
}

static void measure(struct table *table, const struct json *rows)
{
    struct buf cell = {0};

    for (const struct json *row = rows->first; row; row = row->next) {
        for (const struct json *value = row->first; value; value = value->next) {
            if (value->type == JSON_ARRAY)
                continue;
            struct column *column = find_column(table, value->key);
            buf_clear(&cell);
            cell_text(value, &cell);
            size_t width = clipped_width((struct slice){cell.data, cell.length});
            if (column && width > column->width)
                column->width = width;
        }
    }
    buf_fini(&cell);
}

static size_t terminal_width(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                       : WIDTH_OTHERWISE;
}

// How many columns fit the terminal; the last that fits in part is cut.
static size_t fit(struct table *table)
{
    size_t left = terminal_width();

    for (size_t i = 0; i < table->count; i++) {
        if (left < CELL_MIN)
            return i;
        if (table->columns[i].width > left)
            table->columns[i].width = left;
        left -= table->columns[i].width;
        left -= left >= 2 ? 2 : left;
    }
    return table->count;
}

static void print_cell(struct slice text, size_t width)
{
    struct slice clipped = text_clip(text, width);

    printf("%.*s%*s", (int)clipped.length, clipped.data ? clipped.data : "",
           (int)(width - text_width(clipped)) + 2, "");
}

static void print_table(const struct json *rows)
{
    struct table table = {0};
    struct buf cell = {0};

    measure(&table, rows);
    size_t shown = fit(&table);
    for (size_t i = 0; i < shown; i++)
        print_cell(table.columns[i].name, table.columns[i].width);
    putchar('\n');
    for (const struct json *row = rows->first; row; row = row->next) {
        for (size_t i = 0; i < shown; i++) {
            buf_clear(&cell);
            cell_text(json_get_slice(row, table.columns[i].name), &cell);
            print_cell((struct slice){cell.data, cell.length}, table.columns[i].width);
        }
        putchar('\n');
    }
    buf_fini(&cell);
}

void command_print_rows(const struct command_line *line, const struct json *rows)
{
    struct buf text = {0};

    if (!rows || rows->type != JSON_ARRAY)
        return;
    if (line->people && rows->count == 0) {
        puts(line->language == LANGUAGE_RU ? "Ничего нет." : "Nothing.");
        return;
    }
    // One record is better read as a list of its members than as one long line.
    if (line->people && rows->count > 1) {
        print_table(rows);
        return;
    }
    for (const struct json *row = rows->first; row; row = row->next) {
        if (line->people) {
            command_print_members(row);
            continue;
        }
        buf_clear(&text);
        json_write(&text, row);
        puts(buf_text(&text));
    }
    buf_fini(&text);
}

void command_print_members(const struct json *record)
{
    struct buf text = {0};

    for (const struct json *value = record->first; value; value = value->next) {
        buf_clear(&text);
        if (value->type == JSON_STRING)
            buf_add(&text, value->text.data, value->text.length);
        else
            json_write(&text, value);
        print_cell(value->key, 16);
        command_print_safe(stdout, (struct slice){text.data, text.length});
        putchar('\n');
    }
    buf_fini(&text);
}
