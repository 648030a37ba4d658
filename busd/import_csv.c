#include "busd/import_csv.h"

#include "lib/buf.h"

#include <csv.h>

struct reading {
    import_each_row *each;
    void *context;
    struct err *err;
    enum err_code code;
    struct import_row row;
    size_t starts[IMPORT_CSV_FIELDS + 1];
    struct buf text; // the row's fields, each with its NUL
    size_t line;     // being fed
    bool in_row;
};

static enum err_code fault(struct reading *reading, const char *en, const char *ru)
{
    reading->code = err_set(reading->err, ERR_INVALID, "csv", "Line %zu: %s%.0s.",
                            "Строка %zu: %.0s%s.", reading->row.line, en, ru);
    err_set_path(reading->err, "%zu:%zu", reading->row.line, reading->row.count + 1);
    return reading->code;
}

static void field_ended(void *data, size_t length, void *context)
{
    struct reading *reading = context;

    if (reading->code != ERR_OK)
        return;
    if (!reading->in_row) {
        reading->in_row = true;
        reading->row.line = reading->line;
        reading->row.count = 0;
        buf_clear(&reading->text);
    }
    if (reading->row.count == IMPORT_CSV_FIELDS) {
        fault(reading, "it has more than 32 fields", "в ней больше 32 полей");
        return;
    }
    reading->starts[reading->row.count++] = reading->text.length;
    buf_add(&reading->text, data, length);
    buf_add_char(&reading->text, '\0');
}

static void row_ended(int end, void *context)
{
    (void)end;
    struct reading *reading = context;

    if (reading->code != ERR_OK || !reading->in_row)
        return;
    reading->in_row = false;
    reading->starts[reading->row.count] = reading->text.length;
    for (size_t i = 0; i < reading->row.count; i++) {
        size_t start = reading->starts[i];
        reading->row.fields[i] =
            (struct slice){reading->text.data + start, reading->starts[i + 1] - start - 1};
    }
    reading->code = reading->each(reading->context, &reading->row, reading->err);
}

// libcsv strips blanks around fields unless it is told that there are none; RFC 4180 keeps them.
static int no_blank(unsigned char character)
{
    (void)character;
    return 0;
}

// Fed line by line, since libcsv does not say where it is.
static void feed(struct csv_parser *parser, struct reading *reading, struct slice text)
{
    while (text.length > 0 && reading->code == ERR_OK) {
        const char *end = memchr(text.data, '\n', text.length);
        size_t length = end ? (size_t)(end - text.data) + 1 : text.length;
        if (csv_parse(parser, text.data, length, field_ended, row_ended, reading) != length) {
            if (!reading->in_row) {
                reading->row.line = reading->line;
                reading->row.count = 0;
            }
            fault(reading,
                  "a quote must stand at the ends of a field only, and be doubled within one",
                  "кавычки ставятся только по краям поля, внутри него они удваиваются");
            return;
        }
        text.data += length;
        text.length -= length;
        reading->line++;
    }
}

enum err_code import_csv_read(struct slice text, import_each_row *each, void *context,
                              struct err *err)
{
    struct reading reading = {.each = each, .context = context, .err = err, .line = 1};
    struct csv_parser parser;

    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        abort();
    csv_set_space_func(&parser, no_blank);
    if (text.length >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) {
        text.data += 3;
        text.length -= 3;
    }
    feed(&parser, &reading, text);
    if (reading.code == ERR_OK && csv_fini(&parser, field_ended, row_ended, &reading) != 0)
        fault(&reading, "the file ends within a quoted field", "файл кончается внутри кавычек");
    csv_free(&parser);
    buf_fini(&reading.text);
    return reading.code;
}
