// Comparing the state tables of two stores, and their digest.
#include "busd/store_private.h"

#include "lib/crypto.h"

struct state_table {
    char name[64];
    struct buf columns, keys; // comma-separated
    size_t count, key_count;
};

// Every record table, then those that stand beside them.
static const struct {
    const char *name, *columns, *keys;
    size_t count, key_count;
} beside[] = {
    {"cover", "record, number, level, key, restored_at, listed, part, since, before_s",
     "record, number, level, key", 9, 4},
    {"timeline", "incident, sequence", "incident, sequence", 2, 2},
    {"planned_timeline", "planned, sequence", "planned, sequence", 2, 2},
};
enum { STATE_TABLES = RECORD_TYPE_COUNT + 1, COMPARED_TABLES = STATE_TABLES + 2 };

static void describe(int index, struct state_table *table)
{
    *table = (struct state_table){0};
    if (index >= RECORD_TYPE_COUNT) {
        index -= RECORD_TYPE_COUNT;
        strncpy(table->name, beside[index].name, sizeof(table->name) - 1);
        buf_add_text(&table->columns, beside[index].columns);
        buf_add_text(&table->keys, beside[index].keys);
        table->count = beside[index].count;
        table->key_count = beside[index].key_count;
        return;
    }
    const struct record_table *record = &record_tables[index];
    strncpy(table->name, record->name, sizeof(table->name) - 1);
    table->count = record->count;
    table->key_count = record->keys;
    for (size_t i = 0; i < record->count; i++) {
        buf_printf(&table->columns, "%s%s", i ? ", " : "", record->fields[i].column);
        if (i < record->keys)
            buf_printf(&table->keys, "%s%s", i ? ", " : "", record->fields[i].column);
    }
}

static void table_fini(struct state_table *table)
{
    buf_fini(&table->columns);
    buf_fini(&table->keys);
}

static sqlite3_stmt *rows_of(struct store *store, const struct state_table *table)
{
    struct buf sql = {0};
    sqlite3_stmt *row = NULL;

    buf_printf(&sql, "SELECT %s FROM %s ORDER BY %s", table->columns.data, table->name,
               table->keys.data);
    store_prepare(store, &row, sql.data);
    buf_fini(&sql);
    return row;
}

// By type first, as SQLite sorts: NULL, integers, text.
static int compare_values(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int type = sqlite3_column_type(a, column), other = sqlite3_column_type(b, column);

    if (type != other)
        return type == SQLITE_NULL || (type == SQLITE_INTEGER && other != SQLITE_NULL) ? -1 : 1;
    if (type == SQLITE_INTEGER) {
        int64_t left = sqlite3_column_int64(a, column), right = sqlite3_column_int64(b, column);
        return (left > right) - (left < right);
    }
    struct slice left = store_column_slice(a, column), right = store_column_slice(b, column);
    size_t shorter = left.length < right.length ? left.length : right.length;
    int order = shorter ? memcmp(left.data, right.data, shorter) : 0;
    return order ? order : (left.length > right.length) - (left.length < right.length);
}

static void print_value(struct buf *out, sqlite3_stmt *row, int column)
{
    const unsigned char *text = sqlite3_column_text(row, column);

    buf_add_text(out, text ? (const char *)text : "NULL");
}

static void print_key(struct buf *out, const struct state_table *table, sqlite3_stmt *row)
{
    buf_printf(out, "%s", table->name);
    for (size_t i = 0; i < table->key_count; i++) {
        buf_add_char(out, ' ');
        print_value(out, row, (int)i);
    }
}

// `order` < 0: `stored` has a row that the fold has not; > 0: the other way round.
static enum err_code say_missing(const struct state_table *table, sqlite3_stmt *row, int order,
                                 struct err *err)
{
    struct buf key = {0};

    print_key(&key, table, row);
    enum err_code code =
        order < 0
            ? err_set(err, ERR_INVALID, "state", "The state table has %s, which no event gives.",
                      "В таблице состояния есть %s, а из событий это не следует.", key.data)
            : err_set(err, ERR_INVALID, "state", "The state table lacks %s, which the events give.",
                      "В таблице состояния нет %s, а из событий это следует.", key.data);
    buf_fini(&key);
    return code;
}

static enum err_code say_different(const struct state_table *table, sqlite3_stmt *stored,
                                   sqlite3_stmt *folded, int column, struct err *err)
{
    struct buf key = {0}, has = {0}, should = {0};
    const char *name = sqlite3_column_name(stored, column);

    print_key(&key, table, stored);
    print_value(&has, stored, column);
    print_value(&should, folded, column);
    err_set(err, ERR_INVALID, "state", "In %s the column %s is %s; the events give %s.",
            "В %s поле %s равно %s, а из событий следует %s.", key.data, name, has.data,
            should.data);
    buf_fini(&key);
    buf_fini(&has);
    buf_fini(&should);
    return ERR_INVALID;
}

static enum err_code compare_rows(const struct state_table *table, sqlite3_stmt *stored,
                                  sqlite3_stmt *folded, struct err *err)
{
    int order = 0;

    for (size_t i = 0; i < table->key_count && order == 0; i++)
        order = compare_values(stored, folded, (int)i);
    if (order != 0)
        return say_missing(table, order < 0 ? stored : folded, order, err);
    for (size_t i = table->key_count; i < table->count; i++) {
        if (compare_values(stored, folded, (int)i) != 0)
            return say_different(table, stored, folded, (int)i, err);
    }
    return ERR_OK;
}

static enum err_code compare_table(struct store *stored, struct store *folded, int index,
                                   struct err *err)
{
    struct state_table table;
    enum err_code code = ERR_OK;

    describe(index, &table);
    sqlite3_stmt *a = rows_of(stored, &table), *b = a ? rows_of(folded, &table) : NULL;
    if (!a || !b)
        code = store_fault(a ? folded : stored, SQLITE_OK, err);
    while (code == ERR_OK) {
        int left = sqlite3_step(a), right = sqlite3_step(b);
        if (left != SQLITE_ROW && left != SQLITE_DONE)
            code = store_fault(stored, left, err);
        else if (right != SQLITE_ROW && right != SQLITE_DONE)
            code = store_fault(folded, right, err);
        else if (left == SQLITE_DONE && right == SQLITE_DONE)
            break;
        else if (left != right)
            code =
                say_missing(&table, left == SQLITE_ROW ? a : b, left == SQLITE_ROW ? -1 : 1, err);
        else
            code = compare_rows(&table, a, b, err);
    }
    sqlite3_finalize(a);
    sqlite3_finalize(b);
    table_fini(&table);
    return code;
}

enum err_code store_compare(struct store *stored, struct store *folded, struct err *err)
{
    enum err_code code = ERR_OK;

    for (int index = 0; index < COMPARED_TABLES && code == ERR_OK; index++)
        code = compare_table(stored, folded, index, err);
    return code;
}

// A row as "type length:value" for each column: no two different rows give the same text.
static void digest_row(struct buf *text, sqlite3_stmt *row, uint8_t digest[STORE_DIGEST_BYTES])
{
    buf_clear(text);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        int type = sqlite3_column_type(row, i);
        struct slice value = store_column_slice(row, i);
        buf_printf(text, "%d %zu:", type, value.length);
        buf_add(text, value.data, value.length);
    }
    crypto_sha256_pair((struct slice){(const char *)digest, STORE_DIGEST_BYTES},
                       (struct slice){text->data, text->length}, digest);
}

enum err_code store_digest_state(struct store *store, uint8_t digest[STORE_DIGEST_BYTES],
                                 struct err *err)
{
    enum err_code code = ERR_OK;
    struct buf text = {0};

    memset(digest, 0, STORE_DIGEST_BYTES);
    for (int index = 0; index < STATE_TABLES && code == ERR_OK; index++) {
        struct state_table table;
        int result = SQLITE_OK;
        describe(index, &table);
        crypto_sha256_pair((struct slice){(const char *)digest, STORE_DIGEST_BYTES},
                           slice_of(table.name), digest);
        sqlite3_stmt *row = rows_of(store, &table);
        while (row && (result = sqlite3_step(row)) == SQLITE_ROW)
            digest_row(&text, row, digest);
        if (result != SQLITE_DONE)
            code = store_fault(store, result, err);
        sqlite3_finalize(row);
        table_fini(&table);
    }
    buf_fini(&text);
    return code;
}
