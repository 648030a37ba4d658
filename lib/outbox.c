#include "lib/outbox.h"

#include "lib/mem.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum statement {
    STATEMENT_ADD,
    STATEMENT_FIND,
    STATEMENT_DROP,
    STATEMENT_SETTLE,
    STATEMENT_PURGE,
    STATEMENT_WAITING,
    STATEMENT_SINCE,
    STATEMENT_DEPTH,
    STATEMENT_MEET,
    STATEMENT_CLAIM,
    STATEMENT_KNOWN,
    STATEMENT_STRANDED,
    STATEMENT_ADOPT,
    STATEMENT_COUNT
};

// Whose event it is; parameters 8 (endpoint) and 9 (journal, NULL = none met yet) are bound for good.
#define OURS         "(journal = ?9 OR (journal = '' AND endpoint IN ('', ?8)))"
#define STRANDED     "state = 0 AND endpoint = ?8 AND journal <> '' AND journal <> ?9"
#define ITEM_COLUMNS "slip, created_ms, state, id, event, coalesce(answer, '')"

static const char *const statement_texts[STATEMENT_COUNT] = {
    [STATEMENT_ADD] = "INSERT INTO outbox (created_ms, state, id, event, endpoint, journal)"
                      " VALUES (?1, 0, ?2, ?3, ?8, coalesce(?9, ''))",
    [STATEMENT_FIND] = "SELECT " ITEM_COLUMNS " FROM outbox WHERE id = ?1 AND " OURS,
    [STATEMENT_DROP] = "DELETE FROM outbox WHERE id = ?1 AND state <> 0 AND " OURS,
    [STATEMENT_SETTLE] =
        "UPDATE outbox SET state = ?2, answer = ?3, settled_ms = ?4 WHERE slip = ?1",
    [STATEMENT_PURGE] = "DELETE FROM outbox WHERE state <> 0 AND settled_ms < ?1",
    [STATEMENT_WAITING] = "SELECT " ITEM_COLUMNS
                          " FROM outbox WHERE state = 0 AND slip > ?1 AND " OURS " ORDER BY slip",
    [STATEMENT_SINCE] =
        "SELECT " ITEM_COLUMNS " FROM outbox WHERE created_ms >= ?1 AND " OURS " ORDER BY slip",
    [STATEMENT_DEPTH] = "SELECT count(*), coalesce(min(created_ms), 0) FROM outbox"
                        " WHERE state = 0 AND " OURS,
    [STATEMENT_MEET] = "INSERT INTO bus (endpoint, journal, met_ms) VALUES (?8, ?9, ?1)"
                       " ON CONFLICT DO UPDATE SET journal = ?9, met_ms = ?1",
    [STATEMENT_CLAIM] = "UPDATE outbox SET journal = ?9, endpoint = ?8"
                        " WHERE journal = '' AND endpoint IN ('', ?8)",
    [STATEMENT_KNOWN] = "SELECT journal FROM bus WHERE endpoint = ?8",
    [STATEMENT_STRANDED] = "SELECT count(*) FROM outbox WHERE " STRANDED,
    [STATEMENT_ADOPT] = "UPDATE outbox SET journal = ?9 WHERE " STRANDED,
};

static const char outbox_schema[] =
    "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
    "CREATE TABLE IF NOT EXISTS outbox ("
    " slip INTEGER PRIMARY KEY AUTOINCREMENT, created_ms INTEGER NOT NULL,"
    " state INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, event BLOB NOT NULL,"
    " answer BLOB, settled_ms INTEGER,"
    " endpoint TEXT NOT NULL DEFAULT '', journal TEXT NOT NULL DEFAULT '');"
    "CREATE TABLE IF NOT EXISTS bus ("
    " endpoint TEXT PRIMARY KEY, journal TEXT NOT NULL, met_ms INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (slip) WHERE state = 0;";

// What files of former versions lack.
static const char outbox_upgrade[] =
    "ALTER TABLE outbox ADD COLUMN endpoint TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE outbox ADD COLUMN journal TEXT NOT NULL DEFAULT '';";

struct outbox {
    sqlite3 *db;
    char *endpoint, *journal; // journal: NULL = none met yet
    sqlite3_stmt *statements[STATEMENT_COUNT];
};

static enum err_code disk_fault(const struct outbox *outbox, struct err *err)
{
    return err_set(err, ERR_UNAVAILABLE, "outbox", "The outbox cannot be used: %s.",
                   "Ящик исходящих недоступен: %s.", sqlite3_errmsg(outbox->db));
}

// Makes the directories above `file`, for this account alone.
static enum err_code make_directories(const char *file, struct err *err)
{
    char *path = mem_string(file);
    enum err_code code = ERR_OK;

    for (char *slash = strchr(path + 1, '/'); slash && code == ERR_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            code = err_set(err, ERR_UNAVAILABLE, "outbox", "The directory %s cannot be made: %s.",
                           "Каталог %s не создать: %s.", path, strerror(errno));
        *slash = '/';
    }
    free(path);
    return code;
}

static bool has_column(struct outbox *outbox, const char *column)
{
    return sqlite3_table_column_metadata(outbox->db, "main", "outbox", column, NULL, NULL, NULL,
                                         NULL, NULL) == SQLITE_OK;
}

static int make_tables(struct outbox *outbox)
{
    int code = sqlite3_exec(outbox->db, outbox_schema, NULL, NULL, NULL);

    if (code != SQLITE_OK || has_column(outbox, "journal"))
        return code;
    code = sqlite3_exec(outbox->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code == SQLITE_OK && !has_column(outbox, "journal")) // another program may have been first
        code = sqlite3_exec(outbox->db, outbox_upgrade, NULL, NULL, NULL);
    return code == SQLITE_OK ? sqlite3_exec(outbox->db, "COMMIT", NULL, NULL, NULL) : code;
}

// Every statement knows which bus the file was opened for.
static void bind_bus(struct outbox *outbox)
{
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        int count = sqlite3_bind_parameter_count(outbox->statements[i]);
        if (count >= 8)
            sqlite3_bind_text(outbox->statements[i], 8, outbox->endpoint, -1, SQLITE_STATIC);
        if (count >= 9)
            sqlite3_bind_text(outbox->statements[i], 9, outbox->journal, -1, SQLITE_STATIC);
    }
}

static void read_known(struct outbox *outbox)
{
    sqlite3_stmt *statement = outbox->statements[STATEMENT_KNOWN];

    bind_bus(outbox);
    if (sqlite3_step(statement) == SQLITE_ROW)
        outbox->journal = mem_string((const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    bind_bus(outbox);
}

struct outbox *outbox_open(const char *file, const char *endpoint, struct err *err)
{
    struct outbox *outbox;

    if (make_directories(file, err) != ERR_OK)
        return NULL;
    outbox = mem_alloc(sizeof(*outbox));
    outbox->endpoint = mem_string(endpoint);
    mode_t former = umask(0077);
    int code = sqlite3_open_v2(
        file, &outbox->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, NULL);
    if (code == SQLITE_OK) {
        sqlite3_busy_timeout(outbox->db, 2000);
        code = make_tables(outbox);
    }
    umask(former);
    for (int i = 0; i < STATEMENT_COUNT && code == SQLITE_OK; i++)
        code = sqlite3_prepare_v3(outbox->db, statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                  &outbox->statements[i], NULL);
    if (code != SQLITE_OK) {
        disk_fault(outbox, err);
        outbox_close(outbox);
        return NULL;
    }
    read_known(outbox);
    return outbox;
}

void outbox_close(struct outbox *outbox)
{
    if (!outbox)
        return;
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(outbox->statements[i]);
    sqlite3_close(outbox->db);
    free(outbox->endpoint);
    free(outbox->journal);
    free(outbox);
}

static void bind_bytes(sqlite3_stmt *statement, int at, struct slice bytes)
{
    sqlite3_bind_blob64(statement, at, bytes.length ? bytes.data : "", bytes.length, SQLITE_STATIC);
}

// Runs a statement that returns no rows.
static enum err_code run(struct outbox *outbox, sqlite3_stmt *statement, struct err *err)
{
    enum err_code code = ERR_OK;

    if (sqlite3_step(statement) != SQLITE_DONE)
        code = disk_fault(outbox, err);
    sqlite3_reset(statement);
    return code;
}

enum err_code outbox_meet(struct outbox *outbox, const char *journal, int64_t now_ms,
                          struct err *err)
{
    char *former = outbox->journal;

    outbox->journal = mem_string(journal);
    bind_bus(outbox);
    free(former);
    sqlite3_bind_int64(outbox->statements[STATEMENT_MEET], 1, now_ms);
    enum err_code code = run(outbox, outbox->statements[STATEMENT_MEET], err);
    return code == ERR_OK ? run(outbox, outbox->statements[STATEMENT_CLAIM], err) : code;
}

enum err_code outbox_adopt(struct outbox *outbox, struct err *err)
{
    return run(outbox, outbox->statements[STATEMENT_ADOPT], err);
}

// The event that waits under this id already.
struct waiting {
    struct slice event;
    int64_t slip; // 0 = none waits
    bool same;
};

static bool see_waiting(void *context, const struct outbox_item *item)
{
    struct waiting *waiting = context;

    if (item->state == OUTBOX_WAITING) {
        waiting->slip = item->slip;
        waiting->same = slice_equal(item->event, waiting->event);
    }
    return false;
}

enum err_code outbox_add(struct outbox *outbox, struct slice id, struct slice event, int64_t now_ms,
                         int64_t *slip, struct err *err)
{
    struct waiting waiting = {.event = event};
    enum err_code code = outbox_find(outbox, id, see_waiting, &waiting, err);

    *slip = waiting.slip;
    if (code != ERR_OK || (waiting.slip && waiting.same))
        return code;
    if (waiting.slip)
        return err_set(err, ERR_CONFLICT, "id_used",
                       "Another event with the id %.*s waits already.",
                       "Другое событие с id %.*s уже ждёт отправки.", (int)id.length, id.data);
    sqlite3_stmt *statement = outbox->statements[STATEMENT_DROP];
    sqlite3_bind_text(statement, 1, id.data, (int)id.length, SQLITE_STATIC);
    code = run(outbox, statement, err);
    if (code != ERR_OK)
        return code;
    statement = outbox->statements[STATEMENT_ADD];
    sqlite3_bind_int64(statement, 1, now_ms);
    sqlite3_bind_text(statement, 2, id.data, (int)id.length, SQLITE_STATIC);
    bind_bytes(statement, 3, event);
    code = run(outbox, statement, err);
    if (code == ERR_OK)
        *slip = sqlite3_last_insert_rowid(outbox->db);
    return code;
}

enum err_code outbox_settle(struct outbox *outbox, int64_t slip, enum outbox_state state,
                            struct slice answer, int64_t now_ms, struct err *err)
{
    sqlite3_stmt *statement = outbox->statements[STATEMENT_SETTLE];

    sqlite3_bind_int64(statement, 1, slip);
    sqlite3_bind_int(statement, 2, (int)state);
    bind_bytes(statement, 3, answer);
    sqlite3_bind_int64(statement, 4, now_ms);
    enum err_code code = run(outbox, statement, err);
    if (code != ERR_OK)
        return code;
    sqlite3_bind_int64(outbox->statements[STATEMENT_PURGE], 1, now_ms - OUTBOX_KEEP_MS);
    return run(outbox, outbox->statements[STATEMENT_PURGE], err);
}

static struct slice column_bytes(sqlite3_stmt *statement, int column)
{
    const char *data = sqlite3_column_blob(statement, column);

    return (struct slice){data, (size_t)sqlite3_column_bytes(statement, column)};
}

static enum err_code each_row(struct outbox *outbox, enum statement which, outbox_each_item *each,
                              void *context, struct err *err)
{
    sqlite3_stmt *statement = outbox->statements[which];
    int code;

    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        struct outbox_item item = {
            .slip = sqlite3_column_int64(statement, 0),
            .created_ms = sqlite3_column_int64(statement, 1),
            .state = (enum outbox_state)sqlite3_column_int(statement, 2),
            .id = column_bytes(statement, 3),
            .event = column_bytes(statement, 4),
            .answer = column_bytes(statement, 5),
        };
        if (!each(context, &item)) {
            code = SQLITE_DONE;
            break;
        }
    }
    enum err_code result = code == SQLITE_DONE ? ERR_OK : disk_fault(outbox, err);
    sqlite3_reset(statement);
    return result;
}

enum err_code outbox_find(struct outbox *outbox, struct slice id, outbox_each_item *each,
                          void *context, struct err *err)
{
    sqlite3_bind_text(outbox->statements[STATEMENT_FIND], 1, id.data, (int)id.length,
                      SQLITE_STATIC);
    return each_row(outbox, STATEMENT_FIND, each, context, err);
}

enum err_code outbox_waiting(struct outbox *outbox, int64_t after_slip, outbox_each_item *each,
                             void *context, struct err *err)
{
    sqlite3_bind_int64(outbox->statements[STATEMENT_WAITING], 1, after_slip);
    return each_row(outbox, STATEMENT_WAITING, each, context, err);
}

enum err_code outbox_since(struct outbox *outbox, int64_t since_ms, outbox_each_item *each,
                           void *context, struct err *err)
{
    sqlite3_bind_int64(outbox->statements[STATEMENT_SINCE], 1, since_ms);
    return each_row(outbox, STATEMENT_SINCE, each, context, err);
}

size_t outbox_depth(struct outbox *outbox, int64_t *oldest_ms)
{
    sqlite3_stmt *statement = outbox->statements[STATEMENT_DEPTH];
    size_t depth = 0;

    *oldest_ms = 0;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        depth = (size_t)sqlite3_column_int64(statement, 0);
        *oldest_ms = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return depth;
}

size_t outbox_stranded(struct outbox *outbox)
{
    sqlite3_stmt *statement = outbox->statements[STATEMENT_STRANDED];
    size_t count =
        sqlite3_step(statement) == SQLITE_ROW ? (size_t)sqlite3_column_int64(statement, 0) : 0;

    sqlite3_reset(statement);
    return count;
}
