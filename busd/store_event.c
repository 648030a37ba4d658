// Events, the ids they came under, the timelines they stand on, and their sealed personal fields.
#include "busd/store_private.h"

#include <assert.h>

// topic.last is written this often, so that a start reads at most as many events to know it.
enum { LASTS_EVERY = 4096 };

static enum err_code intern_code(struct store *store, struct store_intern *intern,
                                 enum store_statement put, struct slice name, int64_t *code,
                                 struct err *err)
{
    *code = store_intern_find(intern, name);
    if (*code)
        return ERR_OK;
    *code = store_intern_add(intern, name);
    sqlite3_stmt *statement = store_statement(store, put);
    sqlite3_bind_int64(statement, 1, *code);
    store_bind_slice(statement, 2, name);
    return store_run(store, statement, err);
}

static enum err_code put_id(struct store *store, const struct store_event *event, struct err *err)
{
    int64_t identity;
    enum err_code code =
        intern_code(store, &store->identities, STORE_PUT_IDENTITY, event->identity, &identity, err);
    if (code != ERR_OK)
        return code;
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_ID);
    sqlite3_bind_int64(statement, 1, identity);
    store_bind_slice(statement, 2, event->id);
    sqlite3_bind_int64(statement, 3, event->sequence);
    sqlite3_bind_blob(statement, 4, event->digest, STORE_MARKED_BYTES, SQLITE_STATIC);
    code = store_run(store, statement, err);
    if (code != ERR_OK || sqlite3_changes(store->db) > 0)
        return code;
    return err_set(err, ERR_CONFLICT, "id_used", "the id %.*s is used already",
                   "идентификатор %.*s уже занят", (int)event->id.length, event->id.data);
}

static enum err_code put_pair(struct store *store, enum store_statement which, int64_t first,
                              int64_t second, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, which);

    sqlite3_bind_int64(statement, 1, first);
    sqlite3_bind_int64(statement, 2, second);
    return store_run(store, statement, err);
}

static enum err_code put_personal(struct store *store, const struct store_event *event,
                                  struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_PERSONAL);

    sqlite3_bind_int64(statement, 1, event->sequence);
    sqlite3_bind_blob(statement, 2, event->personal.data, (int)event->personal.length,
                      SQLITE_STATIC);
    return store_run(store, statement, err);
}

enum err_code store_append(struct store *store, const struct store_event *event, struct err *err)
{
    int64_t topic;

    if (store->failed || !store->in_batch)
        return store_fault(store, SQLITE_MISUSE, err);
    assert(event->sequence == store->batch_head + 1);
    enum err_code code = event->digest ? put_id(store, event, err) : ERR_OK;
    if (code == ERR_OK)
        code = intern_code(store, &store->topics, STORE_PUT_TOPIC, event->topic, &topic, err);
    if (code != ERR_OK)
        return code;
    sqlite3_stmt *statement = store_statement(store, STORE_APPEND);
    sqlite3_bind_int64(statement, 1, event->sequence);
    sqlite3_bind_int64(statement, 2, topic);
    sqlite3_bind_blob(statement, 3, event->chain, STORE_CHAIN_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 4, event->bytes.data, (int)event->bytes.length, SQLITE_STATIC);
    code = store_run(store, statement, err);
    if (code == ERR_OK && event->incident)
        code = put_pair(store, STORE_PUT_TIMELINE, event->incident, event->sequence, err);
    if (code == ERR_OK && event->planned)
        code = put_pair(store, STORE_PUT_PLANNED_TIMELINE, event->planned, event->sequence, err);
    if (code == ERR_OK && event->personal.length)
        code = put_personal(store, event, err);
    if (code != ERR_OK)
        return code;
    store->topics.lasts[topic - 1].batch = event->sequence;
    store->batch_head = event->sequence;
    memcpy(store->batch_chain, event->chain, STORE_CHAIN_BYTES);
    return event->sequence % LASTS_EVERY == 0 ? store_save_lasts(store, err) : ERR_OK;
}

enum err_code store_link(struct store *store, int64_t incident, int64_t sequence, struct err *err)
{
    return put_pair(store, STORE_PUT_TIMELINE, incident, sequence, err);
}

enum err_code store_link_planned(struct store *store, int64_t planned, int64_t sequence,
                                 struct err *err)
{
    return put_pair(store, STORE_PUT_PLANNED_TIMELINE, planned, sequence, err);
}

enum err_code store_put_lookup(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                               const char *reg_no, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_LOOKUP);

    sqlite3_bind_blob(statement, 1, digest, STORE_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, reg_no, -1, SQLITE_STATIC);
    return store_run(store, statement, err);
}

int store_find_id(struct store *store, struct slice identity, struct slice id, int64_t *sequence,
                  uint8_t digest[STORE_MARKED_BYTES], struct err *err)
{
    int64_t code = store_intern_find(&store->identities, identity);

    if (store->failed)
        return store_fault(store, SQLITE_IOERR, err), -1;
    if (code == 0)
        return 0;
    sqlite3_stmt *statement = store_statement(store, STORE_FIND_ID);
    sqlite3_bind_int64(statement, 1, code);
    store_bind_slice(statement, 2, id);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW) {
        *sequence = sqlite3_column_int64(statement, 0);
        memset(digest, 0, STORE_MARKED_BYTES);
        if (sqlite3_column_bytes(statement, 1) == STORE_MARKED_BYTES)
            memcpy(digest, sqlite3_column_blob(statement, 1), STORE_MARKED_BYTES);
    }
    sqlite3_reset(statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return result == SQLITE_ROW;
}

enum err_code store_set_clock(struct store *store, int64_t now_ms, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_SET_CLOCK);

    sqlite3_bind_int64(statement, 1, now_ms);
    enum err_code code = store_run(store, statement, err);
    if (code == ERR_OK)
        store->base.clock_ms = now_ms;
    return code;
}

enum err_code store_read(struct store *store, int64_t sequence, size_t limit,
                         store_event_read *each, void *context, struct err *err)
{
    static const uint8_t no_chain[STORE_CHAIN_BYTES];
    sqlite3_stmt *row = store_statement(store, STORE_READ);
    int result;

    if (!row)
        return store_fault(store, SQLITE_OK, err);
    sqlite3_bind_int64(row, 1, sequence);
    sqlite3_bind_int64(row, 2, limit > INT64_MAX ? -1 : (int64_t)limit);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t topic = sqlite3_column_int64(row, 1);
        bool known = topic > 0 && (size_t)topic <= store->topics.count;
        bool chained = sqlite3_column_bytes(row, 3) == STORE_CHAIN_BYTES;
        if (!each(context, sqlite3_column_int64(row, 0),
                  known ? store->topics.names[topic - 1] : (struct slice){"", 0},
                  store_column_slice(row, 2), chained ? sqlite3_column_blob(row, 3) : no_chain)) {
            result = SQLITE_DONE;
            break;
        }
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

int store_chain(struct store *store, int64_t sequence, uint8_t chain[STORE_CHAIN_BYTES],
                struct err *err)
{
    if (sequence == store->base.sequence) {
        memcpy(chain, store->base.chain, STORE_CHAIN_BYTES);
        return 1;
    }
    sqlite3_stmt *row = store_statement(store, STORE_READ_CHAIN);
    sqlite3_bind_int64(row, 1, sequence);
    int result = sqlite3_step(row);
    bool found = result == SQLITE_ROW && sqlite3_column_bytes(row, 0) == STORE_CHAIN_BYTES;
    if (found)
        memcpy(chain, sqlite3_column_blob(row, 0), STORE_CHAIN_BYTES);
    sqlite3_reset(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return found;
}

int store_personal(struct store *store, int64_t sequence, struct buf *sealed, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_READ_PERSONAL);

    sqlite3_bind_int64(row, 1, sequence);
    int result = sqlite3_step(row);
    if (result == SQLITE_ROW) {
        struct slice bytes = store_column_slice(row, 0);
        buf_add(sealed, bytes.data, bytes.length);
    }
    sqlite3_reset(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return result == SQLITE_ROW;
}

enum err_code store_last_of_types(struct store *store, store_type_last *each, void *context,
                                  struct err *err)
{
    (void)err;
    for (size_t i = 0; i < store->topics.count; i++) {
        if (store->topics.lasts[i].kept > 0)
            each(context, store->topics.names[i], store->topics.lasts[i].kept);
    }
    return ERR_OK;
}

enum err_code store_save_lasts(struct store *store, struct err *err)
{
    for (size_t i = 0; i < store->topics.count; i++) {
        enum err_code code =
            put_pair(store, STORE_SET_LAST, (int64_t)i + 1, store->topics.lasts[i].batch, err);
        if (code != ERR_OK)
            return code;
    }
    sqlite3_stmt *statement = store_statement(store, STORE_SET_THROUGH);
    sqlite3_bind_int64(statement, 1, store->batch_head);
    return store_run(store, statement, err);
}

static enum err_code load_names(struct store *store, struct store_intern *intern, const char *sql,
                                struct err *err)
{
    sqlite3_stmt *row = NULL;
    int result = SQLITE_OK;

    store_prepare(store, &row, sql);
    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        if (store_intern_add(intern, store_column_slice(row, 1)) != sqlite3_column_int64(row, 0)) {
            result = SQLITE_CORRUPT; // codes have no gaps
            break;
        }
        intern->lasts[intern->count - 1].kept = sqlite3_column_int64(row, 2);
    }
    sqlite3_finalize(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

static enum err_code catch_up_lasts(struct store *store, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_READ_TYPES);
    int result = SQLITE_OK;

    if (row)
        sqlite3_bind_int64(row, 1, store->lasts_through);
    while (row && (result = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t topic = sqlite3_column_int64(row, 1);
        if (topic > 0 && (size_t)topic <= store->topics.count)
            store->topics.lasts[topic - 1].kept = sqlite3_column_int64(row, 0);
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

void store_keep_names(struct store *store)
{
    store->topics_kept = store->topics.count;
    store->identities_kept = store->identities.count;
    for (size_t i = 0; i < store->topics.count; i++) {
        struct store_last *last = &store->topics.lasts[i];
        if (last->batch > last->kept)
            last->kept = last->batch;
        last->batch = last->kept;
    }
}

void store_drop_names(struct store *store)
{
    store_intern_cut(&store->topics, store->topics_kept);
    store_intern_cut(&store->identities, store->identities_kept);
    for (size_t i = 0; i < store->topics.count; i++)
        store->topics.lasts[i].batch = store->topics.lasts[i].kept;
}

enum err_code store_load_head(struct store *store, struct err *err)
{
    enum err_code code =
        load_names(store, &store->topics, "SELECT code, name, last FROM topic ORDER BY code", err);
    if (code == ERR_OK)
        code = load_names(store, &store->identities,
                          "SELECT code, name, 0 FROM identity ORDER BY code", err);
    if (code == ERR_OK)
        code = catch_up_lasts(store, err);
    if (code != ERR_OK)
        return code;
    store_keep_names(store);
    store->head = store_number(store, "SELECT max(sequence) FROM event", 0);
    if (store->head == 0)
        store->head = store->base.sequence;
    if (store_chain(store, store->head, store->chain, err) != 1)
        return store_fault(store, SQLITE_CORRUPT, err);
    store->batch_head = store->head;
    memcpy(store->batch_chain, store->chain, STORE_CHAIN_BYTES);
    return ERR_OK;
}
