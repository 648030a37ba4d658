#include "busd/store_seen.h"

#include "busd/journal_witness.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SEEN_PATH_BYTES = 4096, WITNESS_EVERY = 64 };

struct seen {
    sqlite3 *db;
    sqlite3_stmt *put, *read;
    char *directory, path[SEEN_PATH_BYTES];
    const struct journal_keys *keys;
    int64_t number, witnessed;
    uint8_t chain[CRYPTO_DIGEST_BYTES];
    struct buf text;
};

static enum err_code fault(const struct seen *seen, struct err *err)
{
    return err_set(
        err, ERR_UNAVAILABLE, "access_record",
        "The access record %s cannot be written, so nothing personal is shown: %s.",
        "Журнал доступа %s не записывается, поэтому персональные данные не выдаются: %s.",
        seen->path, seen->db ? sqlite3_errmsg(seen->db) : strerror(errno));
}

static void first_chain(const struct journal_keys *keys, const char *lineage,
                        uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    crypto_hmac(keys->seen, lineage, strlen(lineage), chain);
}

static void next_chain(const struct journal_keys *keys, const uint8_t before[CRYPTO_DIGEST_BYTES],
                       struct slice entry, uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    struct buf text = {0};

    buf_add(&text, before, CRYPTO_DIGEST_BYTES);
    buf_add(&text, entry.data, entry.length);
    crypto_hmac(keys->seen, text.data, text.length, chain);
    buf_fini(&text);
}

// --- the file -----------------------------------------------------------------------------------

static bool execute(struct seen *seen, const char *sql)
{
    return sqlite3_exec(seen->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static sqlite3_stmt *prepare(struct seen *seen, sqlite3_stmt **slot, const char *sql)
{
    if (!*slot)
        sqlite3_prepare_v3(seen->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    return *slot;
}

static sqlite3_stmt *prepare_read(struct seen *seen)
{
    return prepare(seen, &seen->read,
                   "SELECT number, entry, chain FROM seen WHERE number > ?1 ORDER BY number");
}

static bool read_head(struct seen *seen)
{
    sqlite3_stmt *row = NULL;
    bool read = prepare(seen, &row, "SELECT number, chain FROM seen ORDER BY number DESC LIMIT 1");
    int result = read ? sqlite3_step(row) : SQLITE_ERROR;

    if (result == SQLITE_ROW && sqlite3_column_bytes(row, 1) == CRYPTO_DIGEST_BYTES) {
        seen->number = sqlite3_column_int64(row, 0);
        memcpy(seen->chain, sqlite3_column_blob(row, 1), CRYPTO_DIGEST_BYTES);
    }
    sqlite3_finalize(row);
    return result == SQLITE_ROW || result == SQLITE_DONE;
}

static struct seen *new (const char *directory, const char *lineage,
                         const struct journal_keys *keys)
{
    struct seen *seen = mem_alloc(sizeof *seen);

    seen->directory = mem_string(directory);
    seen->keys = keys;
    snprintf(seen->path, sizeof seen->path, "%s/access.record", directory);
    first_chain(keys, lineage, seen->chain);
    return seen;
}

// The file is made here, not by SQLite, for its mode.
static bool open_file(struct seen *seen, bool create)
{
    int file = open(seen->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600);

    if (file < 0)
        return false;
    close(file);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(seen->path, &seen->db, flags, NULL) != SQLITE_OK)
        return false;
    sqlite3_db_config(seen->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(seen->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return true;
}

struct seen *seen_open(const char *directory, const char *lineage, const struct journal_keys *keys,
                       struct err *err)
{
    struct seen *seen = new (directory, lineage, keys);

    if (open_file(seen, true) &&
        execute(seen, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                      "CREATE TABLE IF NOT EXISTS seen(number INTEGER PRIMARY KEY,"
                      " entry BLOB NOT NULL, chain BLOB NOT NULL)") &&
        read_head(seen)) {
        seen->witnessed = seen->number;
        return seen;
    }
    fault(seen, err);
    seen_close(seen);
    return NULL;
}

static void write_witness(struct seen *seen)
{
    struct journal_witness witness = {.sequence = seen->number};

    if (seen->number == seen->witnessed)
        return;
    memcpy(witness.chain, seen->chain, sizeof witness.chain);
    journal_witness_write(seen->keys, seen->directory, JOURNAL_WITNESS_SEEN, &witness);
    seen->witnessed = seen->number;
}

void seen_close(struct seen *seen)
{
    if (!seen)
        return;
    if (seen->put)
        write_witness(seen);
    sqlite3_finalize(seen->put);
    sqlite3_finalize(seen->read);
    sqlite3_close(seen->db);
    buf_fini(&seen->text);
    free(seen->directory);
    free(seen);
}

// --- writing ------------------------------------------------------------------------------------

static void put_text(struct json_out *json, const char *name, struct slice text)
{
    if (text.length)
        json_out_string(json, name, text);
}

static void compose(int64_t number, const struct seen_entry *entry, struct buf *out)
{
    struct json_out json;
    char subject[2 * SEEN_SUBJECT_BYTES + 1];

    json_out_init(&json, out);
    json_out_object(&json, NULL);
    json_out_integer(&json, "number", number);
    json_out_time(&json, "time", entry->time_ms);
    put_text(&json, "identity", entry->identity);
    put_text(&json, "person", entry->person);
    put_text(&json, "role", entry->role);
    put_text(&json, "from", entry->from);
    put_text(&json, "client", entry->client);
    put_text(&json, "query", entry->query);
    put_text(&json, "reg_no", entry->reg_no);
    put_text(&json, "call", entry->call);
    if (entry->incident)
        json_out_integer(&json, "incident", entry->incident);
    json_out_integer(&json, "contacts", entry->contacts);
    if (entry->subject) {
        crypto_hex(entry->subject, SEEN_SUBJECT_BYTES, subject);
        json_out_text(&json, "subject", subject);
    }
    put_text(&json, "shown", entry->shown);
    json_out_end(&json, '}');
}

static bool put(struct seen *seen, int64_t number, const uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    sqlite3_stmt *row =
        prepare(seen, &seen->put, "INSERT INTO seen(number, entry, chain) VALUES(?1, ?2, ?3)");

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, number);
    sqlite3_bind_blob(row, 2, seen->text.data, (int)seen->text.length, SQLITE_STATIC);
    sqlite3_bind_blob(row, 3, chain, CRYPTO_DIGEST_BYTES, SQLITE_STATIC);
    int result = sqlite3_step(row);
    sqlite3_reset(row);
    return result == SQLITE_DONE;
}

enum err_code seen_write(struct seen *seen, const struct seen_entry *entries, size_t count,
                         struct err *err)
{
    int64_t number = seen->number;
    uint8_t chain[CRYPTO_DIGEST_BYTES];
    bool good = execute(seen, "BEGIN IMMEDIATE");

    memcpy(chain, seen->chain, sizeof chain);
    for (size_t i = 0; good && i < count; i++) {
        buf_clear(&seen->text);
        compose(++number, &entries[i], &seen->text);
        next_chain(seen->keys, chain, (struct slice){seen->text.data, seen->text.length}, chain);
        good = put(seen, number, chain);
    }
    if (!good || !execute(seen, "COMMIT")) {
        fault(seen, err);
        log_error("the access record failed error=\"%s\"", err->message[LANGUAGE_EN]);
        execute(seen, "ROLLBACK");
        return err->code;
    }
    seen->number = number;
    memcpy(seen->chain, chain, sizeof chain);
    if (seen->number - seen->witnessed >= WITNESS_EVERY)
        write_witness(seen);
    return ERR_OK;
}

int64_t seen_head(const struct seen *seen, uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    memcpy(chain, seen->chain, CRYPTO_DIGEST_BYTES);
    return seen->number;
}

// --- reading ------------------------------------------------------------------------------------

enum err_code seen_read(struct seen *seen, int64_t number, seen_read_entry *each, void *context,
                        struct err *err)
{
    static const uint8_t no_chain[CRYPTO_DIGEST_BYTES];
    sqlite3_stmt *row = prepare_read(seen);
    int result = SQLITE_ERROR;

    if (row)
        sqlite3_bind_int64(row, 1, number);
    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        bool chained = sqlite3_column_bytes(row, 2) == CRYPTO_DIGEST_BYTES;
        struct slice entry = {sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1)};
        if (!each(context, sqlite3_column_int64(row, 0), entry,
                  chained ? sqlite3_column_blob(row, 2) : no_chain)) {
            result = SQLITE_DONE;
            break;
        }
    }
    if (row)
        sqlite3_reset(row);
    if (result == SQLITE_DONE)
        return ERR_OK;
    return err_set(err, ERR_UNAVAILABLE, "access_record",
                   "The access record %s cannot be read: %s.", "Журнал доступа %s не читается: %s.",
                   seen->path, sqlite3_errmsg(seen->db));
}

struct checking {
    const struct journal_keys *keys;
    struct journal_witness witness;
    int witnessed; // as journal_witness_read()
    const struct journal_anchors *anchors;
    int64_t expected;
    uint8_t chain[CRYPTO_DIGEST_BYTES];
    struct err *err;
};

static bool bad_entry(struct checking *checking, int64_t number, const char *en, const char *ru)
{
    err_set(checking->err, ERR_INVALID, "access", "Entry %lld of the access record: %s%.0s.",
            "Запись %lld журнала доступа: %.0s%s.", (long long)number, en, ru);
    err_set_path(checking->err, "access/%lld", (long long)number);
    return false;
}

static bool check_entry(void *context, int64_t number, struct slice entry,
                        const uint8_t chain[CRYPTO_DIGEST_BYTES])
{
    struct checking *checking = context;
    uint8_t computed[CRYPTO_DIGEST_BYTES];

    if (number != checking->expected)
        return bad_entry(checking, checking->expected, "it is missing", "её нет");
    next_chain(checking->keys, checking->chain, entry, computed);
    if (memcmp(computed, chain, sizeof computed) != 0)
        return bad_entry(checking, number, "it was changed: the chain breaks here",
                         "она изменена: здесь цепочка рвётся");
    if (checking->witnessed == 1 && checking->witness.sequence == number &&
        memcmp(checking->witness.chain, chain, sizeof computed) != 0)
        return bad_entry(checking, number, "its witness saw another chain",
                         "свидетель видел другую цепочку");
    for (size_t i = 0; i < checking->anchors->count; i++) {
        const struct journal_anchor *anchor = &checking->anchors->items[i];
        if (anchor->access == number && memcmp(anchor->access_chain, chain, sizeof computed) != 0)
            return bad_entry(checking, number, "its anchor saw another chain",
                             "якорь видел другую цепочку");
    }
    memcpy(checking->chain, chain, sizeof computed);
    checking->expected++;
    return true;
}

static enum err_code check_seen_end(struct checking *checking)
{
    int64_t reached = checking->witnessed == 1 ? checking->witness.sequence : 0;

    if (checking->witnessed < 0)
        return err_set(checking->err, ERR_INVALID, "witness",
                       "The witness of the access record was not written with this personal.key.",
                       "Свидетель журнала доступа записан не с этим personal.key.");
    for (size_t i = 0; i < checking->anchors->count; i++) {
        if (checking->anchors->items[i].access > reached)
            reached = checking->anchors->items[i].access;
    }
    if (reached >= checking->expected)
        bad_entry(checking, checking->expected, "it is missing: the record's end was cut off",
                  "её нет: у журнала отрезан конец");
    return checking->err->code;
}

enum err_code seen_verify(const char *directory, const char *lineage,
                          const struct journal_keys *keys, const struct journal_anchors *anchors,
                          int64_t *count, struct err *err)
{
    struct seen *seen = new (directory, lineage, keys);
    struct checking checking = {.keys = keys, .anchors = anchors, .expected = 1, .err = err};
    enum err_code code = ERR_OK;

    memcpy(checking.chain, seen->chain, sizeof checking.chain);
    checking.witnessed =
        journal_witness_read(keys, directory, JOURNAL_WITNESS_SEEN, &checking.witness);
    err_clear(err);
    if (open_file(seen, false))
        code = seen_read(seen, 0, check_entry, &checking, err);
    else if (errno != ENOENT)
        code = fault(seen, err);
    if (code == ERR_OK)
        code = err->code;
    if (code == ERR_OK)
        code = check_seen_end(&checking);
    *count = checking.expected - 1;
    if (seen->db) // checking leaves the files as they are
        sqlite3_db_config(seen->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    seen_close(seen);
    return code;
}
