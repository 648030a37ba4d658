#include "busd/store_private.h"

#include "lib/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHECKPOINT_PAGES = 1000,     // BUS §2.6: what keeps the slowest commit at 16 ms
    CHECKPOINT_IDLE_PAGES = 100, // worth a checkpoint when nobody waits
    BUSY_MS = 1000,
    // Small on purpose: SQLite 3.40 scans the whole cache in every commit that moved a page while it
    // balanced a tree (pcache1TruncateUnsafe); 64 MiB cost 8 % of a busy commit.
    CACHE_KIB = 8 * 1024,
};
#define WAL_LIMIT_BYTES "67108864" // the file is reused, not cut, below this

static const char *const sql_texts[STORE_STATEMENT_COUNT] = {
#define X(name, sql) sql,
    STORE_STATEMENTS(X)
#undef X
};

sqlite3_stmt *store_prepare(struct store *store, sqlite3_stmt **slot, const char *sql)
{
    if (*slot)
        return *slot;
    sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    return *slot;
}

sqlite3_stmt *store_statement(struct store *store, enum store_statement which)
{
    return store_prepare(store, &store->statements[which], sql_texts[which]);
}

void store_bind_slice(sqlite3_stmt *statement, int index, struct slice text)
{
    if (text.data)
        sqlite3_bind_text(statement, index, text.data, (int)text.length, SQLITE_STATIC);
    else
        sqlite3_bind_null(statement, index);
}

struct slice store_column_slice(sqlite3_stmt *statement, int index)
{
    const void *data = sqlite3_column_blob(statement, index);
    return (struct slice){data, (size_t)sqlite3_column_bytes(statement, index)};
}

// A full disk shows under several names; an fsync that fails is none of them, whatever its errno.
static bool disk_full(struct store *store, int result)
{
    if (result == SQLITE_FULL)
        return true;
    if (result != SQLITE_IOERR_WRITE && result != SQLITE_IOERR_SHMSIZE)
        return false;
    int error = sqlite3_system_errno(store->db);
    return result == SQLITE_IOERR_SHMSIZE || error == ENOSPC || error == EDQUOT;
}

enum err_code store_fault(struct store *store, int result, struct err *err)
{
    if (store->failed || !store->db) {
        return err_set(err, ERR_UNAVAILABLE, "io_error", "The journal cannot be written any more.",
                       "Журнал больше не записывается.");
    }
    if (result == SQLITE_OK) // prepared nothing: the fault is the connection's
        result = sqlite3_extended_errcode(store->db);
    if (disk_full(store, result)) {
        store_rollback(store);
        return err_set(err, ERR_UNAVAILABLE, "disk_full",
                       "The disk is full: nothing was stored. Free some space and send it again.",
                       "Диск заполнен: ничего не записано. Освободите место и отправьте снова.");
    }
    if ((result & 0xFF) == SQLITE_BUSY) {
        store_rollback(store);
        return err_set(err, ERR_UNAVAILABLE, "busy",
                       "Another program holds %s: nothing was stored, send it again.",
                       "Файл %s занят другой программой: ничего не записано, отправьте снова.",
                       store->path);
    }
    store->failed = true;
    return err_set(err, ERR_UNAVAILABLE, "io_error",
                   "The journal %s failed: %s (SQLite %d). Whether the last batch is kept shows "
                   "after a restart.",
                   "Ошибка журнала %s: %s (SQLite %d). Сохранён ли последний пакет, покажет "
                   "перезапуск.",
                   store->path, sqlite3_errmsg(store->db), result);
}

enum err_code store_run(struct store *store, sqlite3_stmt *statement, struct err *err)
{
    if (!statement)
        return store_fault(store, SQLITE_OK, err);
    int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

enum err_code store_execute(struct store *store, const char *sql, struct err *err)
{
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return result == SQLITE_OK ? ERR_OK : store_fault(store, result, err);
}

int64_t store_number(struct store *store, const char *sql, int64_t otherwise)
{
    sqlite3_stmt *statement = NULL;

    if (store_prepare(store, &statement, sql) && sqlite3_step(statement) == SQLITE_ROW)
        otherwise = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return otherwise;
}

// A directory or file that is new is in its directory for good only when that was synced.
static bool sync_directory(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool synced = fsync(descriptor) == 0;
    close(descriptor);
    return synced;
}

static enum err_code cannot(struct err *err, const char *path)
{
    const char *why = strerror(errno);
    return err_set(err, ERR_UNAVAILABLE, "data_directory", "Cannot use %s: %s.",
                   "Не удаётся использовать %s: %s.", path, why);
}

// Whoever may write to the directory can put another journal, key or witness there.
static enum err_code check_directory(const char *directory, struct err *err)
{
    struct stat status;

    if (stat(directory, &status) != 0)
        return cannot(err, directory);
    if ((status.st_mode & S_IWOTH) == 0 && (status.st_uid == geteuid() || geteuid() == 0))
        return ERR_OK;
    return err_set(err, ERR_DENIED, "data_directory",
                   "%s must belong to busd's account and be closed to others (0700).",
                   "Каталог %s должен принадлежать учётной записи busd и быть закрыт для других "
                   "(0700).",
                   directory);
}

static enum err_code take_lock(struct store *store, const char *directory, bool inspect,
                               struct err *err)
{
    struct buf path = {0};
    enum err_code code = ERR_OK;

    if (!inspect && mkdir(directory, 0700) != 0 && errno != EEXIST)
        return cannot(err, directory);
    if (!inspect && check_directory(directory, err) != ERR_OK)
        return err->code;
    buf_printf(&path, "%s/lock", directory);
    store->lock = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0) {
        code = cannot(err, path.data);
    } else if (flock(store->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            code = err_set(err, ERR_CONFLICT, "data_in_use",
                           "Another busd works on %s: stop it first, or give this one a data "
                           "directory of its own.",
                           "С каталогом %s уже работает другой busd: остановите его или укажите "
                           "другой каталог данных.",
                           directory);
        } else {
            code = cannot(err, path.data);
        }
    }
    buf_fini(&path);
    return code;
}

// Where there is nothing to inspect, nothing is made either, not even the lock.
static enum err_code look_for_file(const struct store *store, const char *directory,
                                   struct err *err)
{
    if (access(store->path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return ERR_OK;
    return err_set(err, ERR_NOT_FOUND, "no_journal", "There is no journal in %s.",
                   "В каталоге %s нет журнала.", directory);
}

// The file is made here, not by SQLite, for its mode; WAL and index get theirs from it.
static enum err_code make_file(const struct store *store, const char *directory, bool inspect,
                               struct err *err)
{
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (inspect ? 0 : O_CREAT);
    int descriptor = open(store->path, flags, 0600);

    if (descriptor < 0)
        return cannot(err, store->path);
    bool closed = inspect || fchmod(descriptor, 0600) == 0; // a copy may have come back with more
    close(descriptor);
    if (!closed)
        return cannot(err, store->path);
    if (!inspect && !sync_directory(directory))
        return cannot(err, directory);
    return ERR_OK;
}

static int wal_written(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    struct store *store = context;

    if (pages < store->wal_pages) { // started again from the file's beginning
        store->wal_kept_pages = 0;
        store->checkpoint_at = CHECKPOINT_PAGES;
    }
    store->wal_pages = pages;
    return SQLITE_OK;
}

static void checkpoint(struct store *store)
{
    int pages = 0, kept = 0;
    int result =
        sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &kept);
    if (result == SQLITE_OK) {
        store->wal_pages = pages;
        store->wal_kept_pages = kept;
    } else if ((result & 0xFF) != SQLITE_BUSY && !disk_full(store, result)) {
        store->failed = true;
    }
    // A reader's snapshot may hold it up: not every commit tries again.
    store->checkpoint_at = store->wal_pages + CHECKPOINT_PAGES;
}

static enum err_code connect(struct store *store, const struct store_options *options,
                             struct err *err)
{
    const char *name = options->in_memory ? "" : store->path; // "": a private temporary database
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (options->in_memory)
        flags |= SQLITE_OPEN_CREATE;
    // Statistics that nobody reads take a lock at every allocation. Without effect after the first.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    int result = sqlite3_open_v2(name, &store->db, flags, options->vfs);

    if (result != SQLITE_OK)
        return store_fault(store, result, err);
    sqlite3_busy_timeout(store->db, BUSY_MS);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_wal_hook(store->db, wal_written, store);
    sqlite3_stmt *probe = NULL;
    result = sqlite3_prepare_v2(store->db, "SELECT count(*) FROM sqlite_schema", -1, &probe, NULL);
    if (result == SQLITE_OK)
        result =
            sqlite3_step(probe) == SQLITE_ROW ? SQLITE_OK : sqlite3_extended_errcode(store->db);
    sqlite3_finalize(probe);
    if ((result & 0xFF) == SQLITE_NOTADB) {
        return err_set(err, ERR_INVALID, "not_a_journal", "%s is no journal of Pult.",
                       "%s — не журнал Пульта.", store->path);
    }
    return result == SQLITE_OK ? ERR_OK : store_fault(store, result, err);
}

static enum err_code set_up(struct store *store, const struct store_options *options,
                            struct err *err)
{
    char sql[512];
    const char *synchronous = options->synchronous ? options->synchronous : "FULL";

    snprintf(sql, sizeof(sql),
             "PRAGMA synchronous=%s; PRAGMA wal_autocheckpoint=0; PRAGMA "
             "journal_size_limit=" WAL_LIMIT_BYTES
             "; PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON;"
             "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cache_size=-%d;"
             "CREATE TEMP TABLE kept(id TEXT PRIMARY KEY) WITHOUT ROWID",
             synchronous, CACHE_KIB);
    enum err_code code = store_execute(store, sql, err);
    // autocheckpoint=0 took the hook away: SQLite has one for both.
    sqlite3_wal_hook(store->db, wal_written, store);
    int keep = 1;
    sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return code;
}

// An empty file becomes a journal; a crash in between leaves it empty.
static enum err_code create(struct store *store, const struct store_options *options,
                            struct err *err)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "PRAGMA page_size=%d; PRAGMA auto_vacuum=INCREMENTAL",
             store->page_bytes);
    enum err_code code = store_execute(store, sql, err);
    if (code == ERR_OK && !options->in_memory)
        code = store_execute(store, "PRAGMA journal_mode=WAL", err);
    return code;
}

static enum err_code prepare_file(struct store *store, const struct store_options *options,
                                  struct err *err)
{
    int64_t tables = store_number(store, "SELECT count(*) FROM sqlite_schema", -1);
    int64_t owner = store_number(store, "PRAGMA application_id", -1);
    int version = (int)store_number(store, "PRAGMA user_version", -1);
    bool new = tables == 0 && owner == 0 && version == 0;

    if (tables < 0 || owner < 0 || version < 0)
        return store_fault(store, SQLITE_OK, err);
    if (!new &&owner != STORE_APPLICATION_ID) {
        return err_set(err, ERR_INVALID, "not_a_journal", "%s is a database of another program.",
                       "%s — база данных другой программы.", store->path);
    }
    if (version > STORE_VERSION) {
        return err_set(err, ERR_INVALID, "newer_journal",
                       "%s was written by a newer Pult (format %d, this one knows %d): update.",
                       "%s записан более новой версией Пульта (формат %d, эта знает %d): "
                       "обновите программу.",
                       store->path, version, STORE_VERSION);
    }
    if (new && options->inspect)
        return err_set(err, ERR_NOT_FOUND, "no_journal", "%s is empty.", "%s пуст.", store->path);
    enum err_code code = new ? create(store, options, err) : ERR_OK;
    if (code == ERR_OK)
        code = set_up(store, options, err);
    if (code != ERR_OK)
        return code;
    return new ? store_create_schema(store, options->replay, err)
               : store_migrate(store, store_steps, version, err);
}

static enum err_code check_clock(const struct store *store, const struct store_options *options,
                                 const char *directory, struct err *err)
{
    if (options->any_clock || options->replay == store->base.replay)
        return ERR_OK;
    if (store->base.replay) {
        return err_set(err, ERR_INVALID, "replay_journal",
                       "%s was created with clock: replay and cannot take real events.",
                       "Каталог %s создан с clock: replay и не может принимать настоящие события.",
                       directory);
    }
    return err_set(err, ERR_INVALID, "real_journal",
                   "%s holds a real journal: clock: replay needs an empty data directory.",
                   "В каталоге %s настоящий журнал: для clock: replay нужен пустой каталог.",
                   directory);
}

struct store *store_open_with(const char *directory, const struct store_options *options,
                              struct err *err)
{
    struct store *store = mem_alloc(sizeof(*store));
    struct buf path = {0};

    store->lock = -1;
    store->inspect = options->inspect;
    store->page_bytes = options->page_bytes ? options->page_bytes : STORE_PAGE_BYTES;
    store->checkpoint_at = CHECKPOINT_PAGES;
    buf_printf(&path, "%s/journal.db", options->in_memory ? "memory" : directory);
    store->path = path.data;
    if (!options->in_memory) {
        if ((options->inspect && look_for_file(store, directory, err) != ERR_OK) ||
            take_lock(store, directory, options->inspect, err) != ERR_OK ||
            make_file(store, directory, options->inspect, err) != ERR_OK)
            goto failed;
    }
    if (connect(store, options, err) == ERR_OK && prepare_file(store, options, err) == ERR_OK &&
        store_read_base(store, err) == ERR_OK &&
        check_clock(store, options, directory, err) == ERR_OK &&
        store_load_head(store, err) == ERR_OK)
        return store;
failed:
    store_close(store);
    return NULL;
}

struct store *store_open(const char *directory, bool replay, struct err *err)
{
    return store_open_with(directory, &(struct store_options){.replay = replay}, err);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_rollback(store);
    if (!store->inspect && store->head > store->lasts_through &&
        store_begin(store, NULL) == ERR_OK && store_save_lasts(store, NULL) == ERR_OK)
        store_commit(store, NULL);
    store_rollback(store);
    for (int i = 0; i < STORE_STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        for (int i = 0; i < STORE_RECORD_STATEMENTS; i++)
            sqlite3_finalize(store->records[type][i]);
    }
    // A store that failed must not write its pages into the database file.
    if (store->db && (store->failed || store->inspect))
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close_v2(store->db);
    store_intern_fini(&store->topics);
    store_intern_fini(&store->identities);
    if (store->lock >= 0)
        close(store->lock);
    free(store->path);
    free(store);
}

bool store_failed(const struct store *store)
{
    return store->failed;
}

const struct store_base *store_base(const struct store *store)
{
    return &store->base;
}

const char *store_path(const struct store *store)
{
    return store->path;
}

int64_t store_head(const struct store *store, uint8_t chain[STORE_CHAIN_BYTES])
{
    if (chain)
        memcpy(chain, store->chain, STORE_CHAIN_BYTES);
    return store->head;
}

enum err_code store_begin(struct store *store, struct err *err)
{
    if (store->failed)
        return store_fault(store, SQLITE_IOERR, err);
    enum err_code code = store_run(store, store_statement(store, STORE_BEGIN), err);
    if (code == ERR_OK)
        store->in_batch = true;
    return code;
}

enum err_code store_commit(struct store *store, struct err *err)
{
    if (store->failed || !store->in_batch)
        return store_fault(store, SQLITE_MISUSE, err);
    enum err_code code = store_run(store, store_statement(store, STORE_COMMIT), err);
    if (code != ERR_OK) {
        store_rollback(store);
        return code;
    }
    store->in_batch = false;
    store->head = store->batch_head;
    memcpy(store->chain, store->batch_chain, STORE_CHAIN_BYTES);
    store_keep_names(store);
    if (store->wal_pages >= store->checkpoint_at)
        checkpoint(store);
    return ERR_OK;
}

void store_rollback(struct store *store)
{
    if (store->db && !sqlite3_get_autocommit(store->db)) {
        for (sqlite3_stmt *open = sqlite3_next_stmt(store->db, NULL); open;
             open = sqlite3_next_stmt(store->db, open))
            sqlite3_reset(open);
        if (sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
            store->failed = true;
    }
    store->in_batch = false;
    store->batch_head = store->head;
    memcpy(store->batch_chain, store->chain, STORE_CHAIN_BYTES);
    store_drop_names(store);
}

bool store_scrub(struct store *store)
{
    int result;

    if (store->failed || store->in_batch)
        return false;
    sqlite3_busy_timeout(store->db, 0); // whoever reads is not waited for
    result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(store->db, BUSY_MS);
    if (result == SQLITE_OK) {
        store->wal_pages = store->wal_kept_pages = 0;
        store->checkpoint_at = CHECKPOINT_PAGES;
    } else if ((result & 0xFF) != SQLITE_BUSY && !disk_full(store, result)) {
        store->failed = true;
    }
    return result == SQLITE_OK;
}

int64_t store_idle(struct store *store)
{
    if (!store->failed && !store->in_batch &&
        store->wal_pages - store->wal_kept_pages >= CHECKPOINT_IDLE_PAGES)
        checkpoint(store);
    return (int64_t)store->wal_pages * (store->page_bytes + 24);
}
