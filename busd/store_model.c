#include "busd/store_model.h"

#include "busd/store_private.h"

#include <stdio.h>

enum err_code store_model_begin(struct store *store, struct err *err)
{
    return store_execute(store, "DELETE FROM temp.kept", err);
}

int store_model_name(struct store *store, struct slice id, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_KEEP);

    store_bind_slice(statement, 1, id);
    if (store_run(store, statement, err) != ERR_OK)
        return -1;
    return sqlite3_changes(store->db) > 0;
}

// Empty texts are empty, not NULL: the columns have no third state.
static void bind_text(sqlite3_stmt *statement, int index, struct slice text)
{
    store_bind_slice(statement, index, text.data ? text : (struct slice){"", 0});
}

enum err_code store_put_node(struct store *store, const struct store_node *node, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_NODE);

    bind_text(statement, 1, node->id);
    bind_text(statement, 2, node->parent);
    bind_text(statement, 3, node->kind);
    bind_text(statement, 4, node->name);
    sqlite3_bind_int64(statement, 5, node->voltage_v);
    bind_text(statement, 6, node->device);
    return store_run(store, statement, err);
}

// The first column of a statement's one row: 1 a row, 0 none, -1 error.
static int find(struct store *store, enum store_statement which, struct slice key, int64_t *value,
                struct err *err)
{
    sqlite3_stmt *row = store_statement(store, which);

    if (key.data || which != STORE_NEXT_PREMISE)
        bind_text(row, 1, key);
    int result = sqlite3_step(row);
    if (result == SQLITE_ROW)
        *value = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return result == SQLITE_ROW;
}

int store_has_node(struct store *store, struct slice id, struct err *err)
{
    int64_t there;
    return find(store, STORE_FIND_NODE, id, &there, err);
}

int store_has_account(struct store *store, struct slice account, struct err *err)
{
    int64_t key;
    return find(store, STORE_FIND_PREMISE, account, &key, err);
}

int64_t store_find_planned(struct store *store, struct slice ref, struct err *err)
{
    int64_t number = 0;
    return find(store, STORE_FIND_PLANNED, ref, &number, err) < 0 ? -1 : number;
}

enum err_code store_premise_key(struct store *store, struct slice account, int64_t *key,
                                struct err *err)
{
    int found = find(store, STORE_FIND_PREMISE, account, key, err);

    if (found == 0)
        found = find(store, STORE_NEXT_PREMISE, (struct slice){NULL, 0}, key, err);
    return found == 1 ? ERR_OK : store_fault(store, SQLITE_CORRUPT, err);
}

static enum err_code put_phone(struct store *store, const struct store_premise *premise,
                               struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_DROP_PHONES);

    sqlite3_bind_int64(statement, 1, premise->premise);
    enum err_code code = store_run(store, statement, err);
    if (code != ERR_OK || !premise->phone)
        return code;
    statement = store_statement(store, STORE_PUT_PHONE);
    sqlite3_bind_blob(statement, 1, premise->phone, STORE_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, premise->premise);
    return store_run(store, statement, err);
}

enum err_code store_put_premise(struct store *store, const struct store_premise *premise,
                                struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_PREMISE);

    sqlite3_bind_int64(statement, 1, premise->premise);
    bind_text(statement, 2, premise->account);
    bind_text(statement, 3, premise->node);
    bind_text(statement, 4, premise->settlement);
    bind_text(statement, 5, premise->street);
    bind_text(statement, 6, premise->house);
    bind_text(statement, 7, premise->flat);
    bind_text(statement, 8, premise->applicant);
    sqlite3_bind_int64(statement, 9, premise->reliability);
    bind_text(statement, 10, premise->critical);
    if (premise->sealed.length)
        sqlite3_bind_blob(statement, 11, premise->sealed.data, (int)premise->sealed.length,
                          SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, 11);
    enum err_code code = store_run(store, statement, err);
    return code == ERR_OK ? put_phone(store, premise, err) : code;
}

enum err_code store_put_meter(struct store *store, const struct store_meter *meter, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_METER);

    bind_text(statement, 1, meter->meter);
    bind_text(statement, 2, meter->account);
    sqlite3_bind_int64(statement, 3, meter->digits);
    sqlite3_bind_int64(statement, 4, meter->zones);
    bind_text(statement, 5, meter->last_date);
    for (int i = 0; i < 3; i++)
        bind_text(statement, 6 + i, meter->last[i]);
    return store_run(store, statement, err);
}

// One text of the first row; 1 a row, 0 none, -1 error. For statements that run once an import.
static int find_text(struct store *store, const char *sql, struct buf *text, struct err *err)
{
    sqlite3_stmt *row = NULL;
    int result = SQLITE_OK;

    if (store_prepare(store, &row, sql))
        result = sqlite3_step(row);
    if (result == SQLITE_ROW) {
        struct slice value = {(const char *)sqlite3_column_text(row, 0),
                              (size_t)sqlite3_column_bytes(row, 0)};
        buf_add(text, value.data, value.length);
    }
    sqlite3_finalize(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return result == SQLITE_ROW;
}

enum err_code store_check_forest(struct store *store, struct buf *culprit, struct err *err)
{
    static const char orphan[] =
        "SELECT id FROM node WHERE parent <> '' AND parent NOT IN (SELECT id FROM node) LIMIT 1";
    static const char ring[] =
        "WITH RECURSIVE rooted(id) AS (SELECT id FROM node WHERE parent = ''"
        " UNION ALL SELECT node.id FROM node JOIN rooted ON node.parent = rooted.id)"
        " SELECT id FROM node WHERE id NOT IN (SELECT id FROM rooted) ORDER BY id LIMIT 1";
    int found = find_text(store, orphan, culprit, err);

    if (found == 1) {
        return err_set(err, ERR_INVALID, "parent", "The parent of node %s is not in the network.",
                       "Родителя узла %s нет в сети.", culprit->data);
    }
    if (found == 0)
        found = find_text(store, ring, culprit, err);
    if (found == 1) {
        return err_set(err, ERR_INVALID, "ring", "Node %s is its own ancestor.",
                       "Узел %s — предок самого себя.", culprit->data);
    }
    return found == 0 ? ERR_OK : ERR_UNAVAILABLE;
}

// What is open: an incident until it is restored, planned works until they ended.
#define OPEN_COVERS                                                                              \
    "FROM cover LEFT JOIN incident ON cover.record = 'incident' AND incident.incident = number " \
    "LEFT JOIN planned ON cover.record = 'planned' AND planned.planned = number "                \
    "WHERE (incident.state IN ('suspected', 'probable', 'confirmed', 'partly_restored')"         \
    " OR planned.state IN ('announced', 'started')) "
#define OPEN_CONTACTS                             \
    "FROM contact JOIN incident USING(incident) " \
    "WHERE incident.state IN ('suspected', 'probable', 'confirmed', 'partly_restored') "
#define GONE_PREMISES \
    "(SELECT premise FROM premise WHERE account NOT IN (SELECT id FROM temp.kept))"
#define GONE_NODES "(SELECT id FROM node WHERE id NOT IN (SELECT id FROM temp.kept))"

// What may hang on the rows that would go, and their going. NULL ends `hangs`.
static const struct {
    const char *hangs[4];
    const char *drop;
} drops[] = {
    [STORE_MODEL_NODE] = {{"SELECT cover.record || ' ' || number " OPEN_COVERS
                           "AND level = 'node' AND key IN " GONE_NODES " LIMIT 1",
                           "SELECT 'contact ' || reg_no " OPEN_CONTACTS
                           "AND contact.node IN " GONE_NODES " LIMIT 1",
                           "SELECT 'premise ' || account FROM premise WHERE node IN " GONE_NODES
                           " LIMIT 1"},
                          "DELETE FROM node WHERE id NOT IN (SELECT id FROM temp.kept)"},
    [STORE_MODEL_PREMISE] = {{"SELECT cover.record || ' ' || number " OPEN_COVERS
                              "AND level <> 'node' AND key IN " GONE_PREMISES " LIMIT 1",
                              "SELECT 'contact ' || reg_no " OPEN_CONTACTS
                              "AND (contact.premise IN " GONE_PREMISES
                              " OR contact.house IN " GONE_PREMISES
                              " OR contact.street IN " GONE_PREMISES ") LIMIT 1"},
                             "DELETE FROM premise_phone WHERE premise IN " GONE_PREMISES ";"
                             "DELETE FROM meter WHERE account NOT IN (SELECT id FROM temp.kept);"
                             "DELETE FROM premise WHERE account NOT IN (SELECT id FROM temp.kept)"},
    [STORE_MODEL_METER] = {{NULL},
                           "DELETE FROM meter WHERE meter NOT IN (SELECT id FROM temp.kept)"},
};

enum err_code store_drop_unnamed(struct store *store, enum store_model_table table, struct err *err)
{
    for (const char *const *sql = drops[table].hangs; *sql; sql++) {
        struct buf what = {0};
        int found = find_text(store, *sql, &what, err);
        if (found == 1) {
            err_set(err, ERR_CONFLICT, "in_use",
                    "The file leaves out what %s still hangs on: import without `replace`, or "
                    "name it too.",
                    "В файле нет того, к чему ещё относится %s: загрузите без `replace` или "
                    "добавьте недостающее.",
                    what.data);
        }
        buf_fini(&what);
        if (found != 0)
            return found == 1 ? ERR_CONFLICT : ERR_UNAVAILABLE;
    }
    return store_execute(store, drops[table].drop, err);
}

static struct slice text_at(sqlite3_stmt *row, int index)
{
    struct slice text = store_column_slice(row, index);
    return text.data ? text : (struct slice){"", 0};
}

enum err_code store_load_nodes(struct store *store, store_node_read *each, void *context,
                               struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_LOAD_NODES);
    int result;

    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        each(context, &(struct store_node){.id = text_at(row, 0),
                                           .parent = text_at(row, 1),
                                           .kind = text_at(row, 2),
                                           .name = text_at(row, 3),
                                           .voltage_v = sqlite3_column_int64(row, 4),
                                           .device = text_at(row, 5)});
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

enum err_code store_load_premises(struct store *store, store_premise_read *each, void *context,
                                  struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_LOAD_PREMISES);
    int result;

    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        each(context, &(struct store_premise){.premise = sqlite3_column_int64(row, 0),
                                              .account = text_at(row, 1),
                                              .node = text_at(row, 2),
                                              .settlement = text_at(row, 3),
                                              .street = text_at(row, 4),
                                              .house = text_at(row, 5),
                                              .flat = text_at(row, 6),
                                              .reliability = sqlite3_column_int64(row, 7),
                                              .critical = text_at(row, 8)});
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}
