#include "busd/store_read.h"

#include "lib/mem.h"
#include "lib/slice.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_MS = 1000, CACHE_KIB = 16 * 1024 };

struct kept {
    char *sql;
    sqlite3_stmt *statement;
};

struct reader {
    sqlite3 *db;
    bool in_snapshot;
    struct kept *statements;
    size_t count, capacity;
};

enum err_code reader_failed(struct reader *reader, struct err *err)
{
    return err_set(err, ERR_UNAVAILABLE, "read_failed", "The journal cannot be read: %s.",
                   "Журнал не читается: %s.",
                   reader->db ? sqlite3_errmsg(reader->db) : "out of memory");
}

struct reader *reader_open(const char *path, struct err *err)
{
    struct reader *reader = mem_alloc(sizeof(*reader));
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

    if (sqlite3_open_v2(path, &reader->db, flags, NULL) != SQLITE_OK)
        goto failed;
    sqlite3_busy_timeout(reader->db, BUSY_MS);
    // Nothing that a reader does may start a checkpoint (F12).
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(reader->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    char sql[200];
    snprintf(sql, sizeof(sql),
             "PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0; PRAGMA cell_size_check=ON;"
             "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cache_size=-%d",
             CACHE_KIB);
    if (sqlite3_exec(reader->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return reader;
failed:
    reader_failed(reader, err);
    reader_close(reader);
    return NULL;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    for (size_t i = 0; i < reader->count; i++) {
        sqlite3_finalize(reader->statements[i].statement);
        free(reader->statements[i].sql);
    }
    free(reader->statements);
    sqlite3_close_v2(reader->db);
    free(reader);
}

struct sqlite3_stmt *reader_statement(struct reader *reader, const char *sql)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (strcmp(reader->statements[i].sql, sql) == 0) {
            sqlite3_stmt *statement = reader->statements[i].statement;
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
            return statement;
        }
    }
    sqlite3_stmt *statement = NULL;
    int result =
        sqlite3_prepare_v3(reader->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (result == SQLITE_ERROR) {
        fprintf(stderr, "reader_statement: %s: %s\n", sqlite3_errmsg(reader->db), sql);
        abort();
    }
    if (!statement) // the file failed: sqlite3_step(NULL) fails too, and reader_failed() says why
        return NULL;
    mem_grow((void **)&reader->statements, reader->count, &reader->capacity,
             sizeof(*reader->statements));
    reader->statements[reader->count++] = (struct kept){mem_string(sql), statement};
    return statement;
}

enum err_code reader_begin(struct reader *reader, int64_t *head, struct err *err)
{
    assert(!reader->in_snapshot);
    if (sqlite3_step(reader_statement(reader, "BEGIN")) != SQLITE_DONE)
        return reader_failed(reader, err);
    reader->in_snapshot = true;
    // The first read takes the snapshot, so it is made here and not by whoever comes first.
    sqlite3_stmt *row = reader_statement(reader, "SELECT max((SELECT sequence FROM base),"
                                                 " ifnull((SELECT max(sequence) FROM event), 0))");
    if (sqlite3_step(row) != SQLITE_ROW) {
        reader_failed(reader, err);
        reader_end(reader);
        return ERR_UNAVAILABLE;
    }
    if (head)
        *head = sqlite3_column_int64(row, 0);
    sqlite3_reset(row);
    return ERR_OK;
}

void reader_end(struct reader *reader)
{
    for (size_t i = 0; i < reader->count; i++)
        sqlite3_reset(reader->statements[i].statement);
    if (reader->in_snapshot)
        sqlite3_step(reader_statement(reader, "ROLLBACK"));
    reader->in_snapshot = false;
}
