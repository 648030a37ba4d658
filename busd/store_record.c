// The state tables: statements over whole records, and the covers behind them (store_row.c knows the
// fields).
#include "busd/store_private.h"
#include "busd/store_row.h"

#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>

static sqlite3_stmt *put_statement(struct store *store, enum record_type type)
{
    sqlite3_stmt **slot = &store->records[type][STORE_RECORD_PUT];
    const struct record_table *table = &record_tables[type];

    if (*slot)
        return *slot;
    struct buf sql = {0};
    buf_printf(&sql, "INSERT OR REPLACE INTO %s(", table->name);
    store_row_columns(type, "", &sql);
    buf_add_text(&sql, ") VALUES(");
    for (size_t i = 0; i < table->count; i++)
        buf_printf(&sql, "%s?%zu", i ? ", " : "", i + 1);
    buf_add_text(&sql, ")");
    store_prepare(store, slot, sql.data);
    buf_fini(&sql);
    return *slot;
}

static sqlite3_stmt *select_statement(struct store *store, enum record_type type,
                                      enum store_record_statement which, const char *where)
{
    sqlite3_stmt **slot = &store->records[type][which];
    const struct record_table *table = &record_tables[type];

    if (*slot)
        return *slot;
    struct buf sql = {0};
    buf_add_text(&sql, "SELECT ");
    store_row_columns(type, "", &sql);
    buf_printf(&sql, " FROM %s WHERE %s ORDER BY %s", table->name, where, table->fields[0].column);
    store_prepare(store, slot, sql.data);
    buf_fini(&sql);
    return *slot;
}

static void bind_cover(sqlite3_stmt *statement, enum record_type type, int64_t number,
                       const struct cover *cover)
{
    sqlite3_bind_text(statement, 1, record_tables[type].name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, number);
    sqlite3_bind_text(statement, 3, store_cover_levels[cover->level], -1, SQLITE_STATIC);
    if (cover->level == COVER_NODE)
        sqlite3_bind_text(statement, 4, cover->node, -1, SQLITE_STATIC);
    else
        sqlite3_bind_int64(statement, 4, cover->key);
}

// The order of struct cover_list.
static int compare_covers(const struct cover *a, const struct cover *b)
{
    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    if (a->level == COVER_NODE)
        return strcmp(a->node, b->node);
    return (a->key > b->key) - (a->key < b->key);
}

static int compare_items(const void *left, const void *right)
{
    return compare_covers(left, right);
}

static int compare_pointers(const void *left, const void *right)
{
    const struct cover *const *a = left, *const *b = right;
    return compare_covers(*a, *b);
}

static enum err_code read_covers(struct store *store, enum record_type type, int64_t number,
                                 struct cover_list *covers, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_READ_COVERS);
    int result;

    sqlite3_bind_text(row, 1, record_tables[type].name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, number);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        mem_grow((void **)&covers->items, covers->count, &covers->capacity, sizeof(struct cover));
        store_row_read_cover(row, 0, &covers->items[covers->count++]);
    }
    sqlite3_reset(row);
    if (covers->count > 1)
        qsort(covers->items, covers->count, sizeof(*covers->items), compare_items);
    covers->stored = true;
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

static const struct cover **sorted(const struct cover_list *covers)
{
    const struct cover **list = mem_alloc((covers->count + 1) * sizeof(const struct cover *));

    for (size_t i = 0; i < covers->count; i++)
        list[i] = &covers->items[i];
    qsort(list, covers->count, sizeof(*list), compare_pointers);
    return list;
}

static enum err_code change_cover(struct store *store, enum store_statement which,
                                  enum record_type type, int64_t number, const struct cover *cover,
                                  struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, which);

    bind_cover(statement, type, number, cover);
    if (which == STORE_PUT_COVER) {
        sqlite3_bind_int64(statement, 5, cover->restored_at);
        sqlite3_bind_int(statement, 6, cover->listed);
        sqlite3_bind_int(statement, 7, cover->part);
        sqlite3_bind_int64(statement, 8, cover->since);
        sqlite3_bind_int64(statement, 9, cover->before_s);
    }
    return store_run(store, statement, err);
}

static bool same_cover(const struct cover *a, const struct cover *b)
{
    return a->restored_at == b->restored_at && a->listed == b->listed && a->part == b->part &&
           a->since == b->since && a->before_s == b->before_s;
}

// Writes what differs and nothing else, and that only when the engine says that something does: an
// incident over a thousand accounts is put with each call.
static enum err_code put_covers(struct store *store, enum record_type type, int64_t number,
                                const struct cover_list *covers, struct err *err)
{
    if (covers->stored)
        return ERR_OK;
    struct incident former = {0}; // holds the stored covers, so that record_fini() frees them
    enum err_code code = read_covers(store, type, number, &former.covers, err);
    const struct cover **new = sorted(covers), **old = sorted(&former.covers);
    size_t n = 0, o = 0;

    while (code == ERR_OK && (n < covers->count || o < former.covers.count)) {
        int order = n == covers->count         ? 1
                    : o == former.covers.count ? -1
                                               : compare_covers(new[n], old[o]);
        if (order > 0) {
            code = change_cover(store, STORE_DROP_COVER, type, number, old[o++], err);
            continue;
        }
        if (order < 0 || !same_cover(new[n], old[o]))
            code = change_cover(store, STORE_PUT_COVER, type, number, new[n], err);
        n++;
        o += order == 0;
    }
    free(new);
    free(old);
    record_fini(RECORD_INCIDENT, &former);
    return code;
}

enum err_code store_put_record(struct store *store, enum record_type type, const void *record,
                               struct err *err)
{
    sqlite3_stmt *statement = put_statement(store, type);
    const struct incident *incident = record;
    const struct planned *planned = record;

    if (!statement)
        return store_fault(store, SQLITE_OK, err);
    store_row_bind(type, statement, 1, record);
    enum err_code code = store_run(store, statement, err);
    if (code == ERR_OK && type == RECORD_INCIDENT)
        code = put_covers(store, type, incident->incident, &incident->covers, err);
    if (code == ERR_OK && type == RECORD_PLANNED)
        code = put_covers(store, type, planned->planned, &planned->covers, err);
    return code;
}

static enum err_code read_record(struct store *store, enum record_type type, sqlite3_stmt *row,
                                 void *record, struct err *err)
{
    struct cover_list *covers = record_covers(type, record);

    store_row_read(type, row, 0, record);
    // Records that cover something have their number first.
    return covers ? read_covers(store, type, sqlite3_column_int64(row, 0), covers, err) : ERR_OK;
}

int store_get_record(struct store *store, enum record_type type, const void *key, void *record,
                     struct err *err)
{
    const struct record_field *field = &record_tables[type].fields[0];
    struct buf where = {0};

    assert(record_tables[type].keys == 1);
    buf_printf(&where, "%s = ?1", field->column);
    sqlite3_stmt *row = select_statement(store, type, STORE_RECORD_GET, where.data);
    buf_fini(&where);
    if (field->kind == RECORD_TEXT) {
        sqlite3_bind_text(row, 1, key, -1, SQLITE_STATIC);
    } else {
        int64_t number;
        memcpy(&number, key, sizeof(number));
        sqlite3_bind_int64(row, 1, number);
    }
    int result = sqlite3_step(row);
    enum err_code code = ERR_OK;
    if (result == SQLITE_ROW)
        code = read_record(store, type, row, record, err);
    else if (result != SQLITE_DONE)
        code = store_fault(store, result, err);
    sqlite3_reset(row);
    return code != ERR_OK ? -1 : result == SQLITE_ROW;
}

// What the engine keeps in memory of a table; NULL = records that come on demand. The words are
// those of the partial indexes, which is how SQLite comes to use them.
static const char *const open_conditions[RECORD_TYPE_COUNT] = {
    [RECORD_INCIDENT] = ("state IN ('suspected', 'probable', 'confirmed', 'partly_restored') "
                         "OR (restored_at > 0 AND restored_at >= ?1)"),
    [RECORD_CONTACT] = ("answer_since > 0 AND answer_late = 0 "
                        "AND state IN ('registered', 'routed', 'in_work', 'reopened')"),
    [RECORD_PLANNED] = "state IN ('announced', 'started')",
    [RECORD_CALL] = "direction = 'in' AND rang_at > 0 AND answered_at = 0 AND ended_at = 0 "
                    "AND waited = 0",
    [RECORD_APPOINTMENT] = "state = 'booked' AND ends > ?1",
    [RECORD_NODE_STATE] = "1",
    [RECORD_COUNTER] = "1",
    [RECORD_MODE] = "1",
    [RECORD_DESK_STATE] = "1",
    [RECORD_RULES_IN_FORCE] = "1",
    [RECORD_APPROVAL] = "1", // few
};

static enum err_code load_type(struct store *store, enum record_type type, int64_t since_ms,
                               store_record *each, void *context, struct err *err)
{
    sqlite3_stmt *row = select_statement(store, type, STORE_RECORD_OPEN, open_conditions[type]);
    void *record = mem_alloc(record_tables[type].size);
    enum err_code code = ERR_OK;
    int result;

    if (sqlite3_bind_parameter_count(row) == 1)
        sqlite3_bind_int64(row, 1, since_ms);
    while ((result = sqlite3_step(row)) == SQLITE_ROW && code == ERR_OK) {
        memset(record, 0, record_tables[type].size);
        code = read_record(store, type, row, record, err);
        if (code == ERR_OK)
            each(context, type, record);
        else
            record_fini(type, record);
    }
    sqlite3_reset(row);
    free(record);
    if (code == ERR_OK && result != SQLITE_DONE)
        code = store_fault(store, result, err);
    return code;
}

enum err_code store_load_open(struct store *store, int64_t restored_since_ms, store_record *each,
                              void *context, struct err *err)
{
    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        if (!open_conditions[type])
            continue;
        enum err_code code =
            load_type(store, (enum record_type)type, restored_since_ms, each, context, err);
        if (code != ERR_OK)
            return code;
    }
    return ERR_OK;
}

enum err_code store_load_contacts(struct store *store, int64_t incident, store_record *each,
                                  void *context, struct err *err)
{
    sqlite3_stmt *row = select_statement(
        store, RECORD_CONTACT, STORE_RECORD_FAMILY,
        "incident IN (WITH RECURSIVE family(number) AS (VALUES(?1) UNION SELECT incident.incident"
        " FROM incident JOIN family ON incident.merged_into > 0"
        " AND incident.merged_into = family.number) SELECT number FROM family) AND incident > 0");
    struct contact contact;
    int result;

    sqlite3_bind_int64(row, 1, incident);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        memset(&contact, 0, sizeof(contact));
        store_row_read(RECORD_CONTACT, row, 0, &contact);
        each(context, RECORD_CONTACT, &contact);
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}
