// Running an import: the header, each row's fields by name, and what holds for the whole file.
#include "busd/import_private.h"
#include "busd/store_model.h"
#include "lib/text.h"

#include <stdio.h>
#include <stdlib.h>

static const struct import_kind_info *kind_of(const struct import_run *run)
{
    return &import_kinds[run->import->kind];
}

enum err_code import_fault(struct import_run *run, int column, const char *en, const char *ru)
{
    const char *name = column < 0 ? "" : kind_of(run)->columns[column].name;

    err_set(run->err, ERR_INVALID, "csv", "Line %zu, column %s: %s%.0s.",
            "Строка %zu, столбец %s: %.0s%s.", run->row->line, name, en, ru);
    err_set_path(run->err, "%s.csv:%zu:%s", import_kind_names[run->import->kind], run->row->line,
                 name);
    return ERR_INVALID;
}

static void list_columns(const struct import_run *run, struct buf *wanted)
{
    for (const struct import_column *column = kind_of(run)->columns; column->name; column++)
        buf_printf(wanted, "%s%s", wanted->length ? "," : "", column->name);
}

static enum err_code empty_fault(struct import_run *run)
{
    struct buf wanted = {0};

    list_columns(run, &wanted);
    err_set(run->err, ERR_INVALID, "csv_header",
            "The file is empty; it must begin with the header line %s.",
            "Файл пуст; он должен начинаться со строки заголовка %s.", wanted.data);
    err_set_path(run->err, "%s.csv:1:", import_kind_names[run->import->kind]);
    buf_fini(&wanted);
    return ERR_INVALID;
}

static enum err_code header_fault(struct import_run *run, const char *en, const char *ru,
                                  struct slice name)
{
    struct buf wanted = {0};

    list_columns(run, &wanted);
    err_set(run->err, ERR_INVALID, "csv_header",
            "Line %zu: %s%.0s \"%.*s\"; the header must be %s, with commas.",
            "Строка %zu: %.0s%s «%.*s»; заголовок должен быть %s, через запятую.", run->row->line,
            en, ru, (int)name.length, name.data, wanted.data);
    err_set_path(run->err, "%s.csv:%zu:%.*s", import_kind_names[run->import->kind], run->row->line,
                 (int)name.length, name.data);
    buf_fini(&wanted);
    return ERR_INVALID;
}

static int column_of(const struct import_kind_info *kind, struct slice name)
{
    for (int i = 0; kind->columns[i].name; i++) {
        if (slice_is(name, kind->columns[i].name))
            return i;
    }
    return -1;
}

static enum err_code read_header(struct import_run *run)
{
    const struct import_kind_info *kind = kind_of(run);
    bool there[IMPORT_CSV_FIELDS] = {false};

    for (size_t i = 0; i < run->row->count; i++) {
        int column = column_of(kind, run->row->fields[i]);
        if (column < 0)
            return header_fault(run, "there is no column", "нет столбца", run->row->fields[i]);
        if (there[column])
            return header_fault(run, "twice the column", "дважды столбец", run->row->fields[i]);
        there[column] = true;
        run->columns[i] = column;
    }
    for (int i = 0; kind->columns[i].name; i++) {
        if (!there[i] && !kind->columns[i].optional)
            return header_fault(run, "it lacks the column", "не хватает столбца",
                                slice_of(kind->columns[i].name));
    }
    run->column_count = run->row->count;
    return ERR_OK;
}

static enum err_code check_value(struct import_run *run, int index)
{
    const struct import_column *column = &kind_of(run)->columns[index];
    struct slice value = run->values[index];
    char en[200], ru[300];

    if (value.length == 0) {
        return column->empty ? ERR_OK
                             : import_fault(run, index, "it must not be empty", "поле пусто");
    }
    size_t limit = column->bytes ? column->bytes : IMPORT_VALUE_BYTES;
    if (value.length > limit) {
        snprintf(en, sizeof(en), "at most %zu bytes", limit);
        snprintf(ru, sizeof(ru), "не больше %zu байт", limit);
        return import_fault(run, index, en, ru);
    }
    if (!column->words || slice_is_word(value, column->words))
        return ERR_OK;
    snprintf(en, sizeof(en), "it must be one of: %s", column->words);
    snprintf(ru, sizeof(ru), "допустимо одно из: %s", column->words);
    return import_fault(run, index, en, ru);
}

static enum err_code read_value(struct import_run *run, size_t field)
{
    int index = run->columns[field];
    struct slice raw = run->row->fields[field];

    if (text_needs_filter(raw)) {
        if (!text_valid(raw)) {
            return import_fault(run, index, "it is not UTF-8: save the file in this encoding",
                                "это не UTF-8: сохраните файл в этой кодировке");
        }
        size_t start = run->filtered.length;
        text_filter(raw, &run->filtered);
        // Reserved beforehand, so that earlier values stay where they are.
        raw = (struct slice){run->filtered.data + start, run->filtered.length - start};
    }
    run->values[index] = slice_trim(raw, " ");
    return check_value(run, index);
}

// NFC makes a text at most three times as long (Unicode, "maximum expansion factor").
static void reserve_filtered(struct import_run *run)
{
    size_t bytes = 0;

    for (size_t i = 0; i < run->row->count; i++)
        bytes += 3 * run->row->fields[i].length + 1;
    buf_clear(&run->filtered);
    char *space = malloc(bytes);
    if (!space)
        abort();
    memset(space, 0, bytes);
    buf_add(&run->filtered, space, bytes);
    free(space);
    buf_clear(&run->filtered);
}

static enum err_code name_row(struct import_run *run)
{
    int named = store_model_name(run->store, run->values[0], run->err);

    if (named < 0)
        return ERR_UNAVAILABLE;
    return named == 1 ? ERR_OK
                      : import_fault(run, 0, "this one occurs twice in the file",
                                     "встречается в файле дважды");
}

static enum err_code read_row(void *context, const struct import_row *row, struct err *err)
{
    struct import_run *run = context;
    enum err_code code = ERR_OK;

    (void)err; // the same as run->err
    run->row = row;
    if (run->column_count == 0)
        return read_header(run);
    if (row->count != run->column_count) {
        char en[100], ru[150];
        snprintf(en, sizeof(en), "%zu fields, the header has %zu", row->count, run->column_count);
        snprintf(ru, sizeof(ru), "полей %zu, а в заголовке %zu", row->count, run->column_count);
        size_t last = row->count < run->column_count ? row->count : run->column_count - 1;
        return import_fault(run, run->columns[last], en, ru);
    }
    reserve_filtered(run);
    for (int i = 0; kind_of(run)->columns[i].name; i++)
        run->values[i] = (struct slice){"", 0};
    for (size_t i = 0; i < row->count && code == ERR_OK; i++)
        code = read_value(run, i);
    if (code == ERR_OK)
        code = name_row(run);
    if (code == ERR_OK)
        code = kind_of(run)->put(run);
    run->import->rows++;
    return code;
}

// Where the row with this id stands: looked for only when the whole network turned out wrong.
struct search {
    struct slice id;
    int column; // field of the id
    size_t line;
};

static enum err_code look_for(void *context, const struct import_row *row, struct err *err)
{
    struct search *search = context;

    (void)err;
    if (search->line == 0 && (size_t)search->column < row->count &&
        slice_equal(slice_trim(row->fields[search->column], " "), search->id))
        search->line = row->line;
    return ERR_OK;
}

static enum err_code check_network(struct import_run *run)
{
    struct buf culprit = {0};
    struct search search = {0};
    struct buf *csv = &run->import->csv;
    enum err_code code = store_check_forest(run->store, &culprit, run->err);

    if (code == ERR_INVALID) {
        while (run->columns[search.column] != 0)
            search.column++;
        search.id = (struct slice){culprit.data, culprit.length};
        import_csv_read((struct slice){csv->data, csv->length}, look_for, &search, NULL);
        err_set_path(run->err, "network.csv:%zu:parent", search.line);
    }
    buf_fini(&culprit);
    return code;
}

static enum err_code finish(struct import_run *run)
{
    static const enum store_model_table tables[] = {[IMPORT_NETWORK] = STORE_MODEL_NODE,
                                                    [IMPORT_PREMISES] = STORE_MODEL_PREMISE,
                                                    [IMPORT_METERS] = STORE_MODEL_METER};
    enum err_code code = ERR_OK;

    if (run->import->replace && run->import->kind != IMPORT_PLANNED)
        code = store_drop_unnamed(run->store, tables[run->import->kind], run->err);
    if (code == ERR_OK && run->import->kind == IMPORT_NETWORK)
        code = check_network(run);
    return code;
}

enum err_code import_run(struct import *import, struct store *store,
                         const struct journal_keys *keys, struct err *err)
{
    struct err own;
    struct import_run run = {
        .import = import, .store = store, .keys = keys, .err = err ? err : &own};
    enum err_code code = store_model_begin(store, run.err);

    import->rows = 0;
    if (code == ERR_OK) {
        code = import_csv_read((struct slice){import->csv.data, import->csv.length}, read_row, &run,
                               run.err);
        // What is no CSV at all is named by line and field; the file's name belongs before it.
        if (code == ERR_INVALID && strncmp(run.err->reason, "csv", 4) == 0 &&
            run.err->path[0] >= '0' && run.err->path[0] <= '9') {
            char place[ERR_PATH_BYTES];
            memcpy(place, run.err->path, sizeof(place));
            err_set_path(run.err, "%s.csv:%s", import_kind_names[import->kind], place);
        }
    }
    if (code == ERR_OK && run.column_count == 0)
        code = empty_fault(&run);
    if (code == ERR_OK)
        code = finish(&run);
    if (code == ERR_OK)
        code = store_model_begin(store, run.err);
    crypto_wipe(run.filtered.data, run.filtered.length);
    buf_fini(&run.filtered);
    buf_fini(&run.sealed);
    return code;
}
