// What is kept of people: finding it by a phone's digest, taking it away so that no copy stays in
// the files, and the digests under which nothing may be taken away (legal hold).
#include "busd/store_private.h"

#include <string.h>

static enum err_code run_pair(struct store *store, enum store_statement which,
                              const uint8_t digest[STORE_DIGEST_BYTES], const char *text,
                              struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, which);

    sqlite3_bind_blob(statement, 1, digest, STORE_DIGEST_BYTES, SQLITE_STATIC);
    if (text)
        sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    return store_run(store, statement, err);
}

enum err_code store_drop_lookup(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                                const char *reg_no, struct err *err)
{
    return run_pair(store, STORE_DROP_LOOKUP, digest, reg_no, err);
}

int store_has_lookup(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                     const char *reg_no, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_FIND_LOOKUP);

    sqlite3_bind_blob(row, 1, digest, STORE_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, reg_no, -1, SQLITE_STATIC);
    int result = sqlite3_step(row);
    sqlite3_reset(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return result == SQLITE_ROW;
}

enum err_code store_drop_personal(struct store *store, int64_t sequence, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_DROP_PERSONAL);

    sqlite3_bind_int64(statement, 1, sequence);
    return store_run(store, statement, err);
}

enum err_code store_each_personal(struct store *store, int64_t after, int64_t through,
                                  store_personal_each *each, void *context, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_EACH_PERSONAL);
    int result;

    if (!row)
        return store_fault(store, SQLITE_OK, err);
    sqlite3_bind_int64(row, 1, after);
    sqlite3_bind_int64(row, 2, through);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        if (!each(context, sqlite3_column_int64(row, 0), store_column_slice(row, 1),
                  store_column_slice(row, 2), store_column_slice(row, 3))) {
            result = SQLITE_DONE;
            break;
        }
    }
    sqlite3_reset(row);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

enum err_code store_personal_of(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                                const char *reg_no, store_personal_each *each, void *context,
                                struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_PERSONAL_OF);
    int result;

    if (!row)
        return store_fault(store, SQLITE_OK, err);
    sqlite3_clear_bindings(row); // the one of the two that is not given must find nobody
    if (digest)
        sqlite3_bind_blob(row, 1, digest, STORE_DIGEST_BYTES, SQLITE_TRANSIENT);
    if (reg_no)
        sqlite3_bind_text(row, 2, reg_no, -1, SQLITE_TRANSIENT);
    while ((result = sqlite3_step(row)) == SQLITE_ROW &&
           each(context, sqlite3_column_int64(row, 0), store_column_slice(row, 1),
                store_column_slice(row, 2), store_column_slice(row, 3)))
        continue;
    sqlite3_reset(row);
    return result == SQLITE_DONE || result == SQLITE_ROW ? ERR_OK : store_fault(store, result, err);
}

int64_t store_forget_premises(struct store *store, const uint8_t phone[STORE_DIGEST_BYTES],
                              struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, STORE_FORGET_PREMISES);

    sqlite3_bind_blob(statement, 1, phone, STORE_DIGEST_BYTES, SQLITE_STATIC);
    if (store_run(store, statement, err) != ERR_OK)
        return -1;
    int64_t count = sqlite3_changes(store->db);
    return run_pair(store, STORE_FORGET_PHONE, phone, NULL, err) == ERR_OK ? count : -1;
}

enum err_code store_set_hold(struct store *store, const uint8_t phone[STORE_DIGEST_BYTES],
                             struct slice sealed, struct err *err)
{
    if (!sealed.length)
        return run_pair(store, STORE_DROP_HOLD, phone, NULL, err);
    sqlite3_stmt *statement = store_statement(store, STORE_PUT_HOLD);
    sqlite3_bind_blob(statement, 1, phone, STORE_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 2, sealed.data, (int)sealed.length, SQLITE_STATIC);
    return store_run(store, statement, err);
}

int store_is_held(struct store *store, const uint8_t phone[STORE_DIGEST_BYTES], struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_FIND_HOLD);

    sqlite3_bind_blob(row, 1, phone, STORE_DIGEST_BYTES, SQLITE_STATIC);
    int result = sqlite3_step(row);
    sqlite3_reset(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return result == SQLITE_ROW;
}

static enum err_code each_sealed(struct store *store, enum store_statement which, int64_t argument,
                                 store_sealed_each *each, void *context, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, which);
    int result;

    if (!row)
        return store_fault(store, SQLITE_OK, err);
    sqlite3_bind_int64(row, 1, argument);
    while ((result = sqlite3_step(row)) == SQLITE_ROW &&
           each(context, sqlite3_column_int64(row, 0), sqlite3_column_blob(row, 1),
                store_column_slice(row, 2)))
        continue;
    sqlite3_reset(row);
    return result == SQLITE_DONE || result == SQLITE_ROW ? ERR_OK : store_fault(store, result, err);
}

enum err_code store_each_premise_sealed(struct store *store, int64_t after, store_sealed_each *each,
                                        void *context, struct err *err)
{
    return each_sealed(store, STORE_EACH_PREMISE_SEALED, after, each, context, err);
}

enum err_code store_each_hold(struct store *store, int64_t limit, store_sealed_each *each,
                              void *context, struct err *err)
{
    return each_sealed(store, STORE_EACH_HOLD, limit, each, context, err);
}

static enum err_code put_blob(struct store *store, enum store_statement which, int64_t number,
                              struct slice blob, struct err *err)
{
    sqlite3_stmt *statement = store_statement(store, which);

    sqlite3_bind_int64(statement, 1, number);
    sqlite3_bind_blob(statement, 2, blob.data, (int)blob.length, SQLITE_STATIC);
    return store_run(store, statement, err);
}

enum err_code store_put_sealed(struct store *store, int64_t sequence, struct slice sealed,
                               struct err *err)
{
    return put_blob(store, STORE_PUT_SEALED, sequence, sealed, err);
}

enum err_code store_put_premise_sealed(struct store *store, int64_t premise, struct slice sealed,
                                       const uint8_t *digest, struct err *err)
{
    enum err_code code = put_blob(store, STORE_PUT_PREMISE_SEALED, premise, sealed, err);

    if (code == ERR_OK && digest)
        code = put_blob(store, STORE_PUT_PREMISE_PHONE, premise,
                        (struct slice){(const char *)digest, STORE_DIGEST_BYTES}, err);
    return code;
}

int store_key_check(struct store *store, uint8_t check[STORE_DIGEST_BYTES], struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_KEY_CHECK);
    int result = row ? sqlite3_step(row) : SQLITE_ERROR;
    bool found = result == SQLITE_ROW && sqlite3_column_bytes(row, 0) == STORE_DIGEST_BYTES;

    if (found)
        memcpy(check, sqlite3_column_blob(row, 0), STORE_DIGEST_BYTES);
    sqlite3_reset(row);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        return store_fault(store, result, err), -1;
    return found;
}

enum err_code store_set_key_check(struct store *store, const uint8_t check[STORE_DIGEST_BYTES],
                                  struct err *err)
{
    return run_pair(store, STORE_SET_KEY_CHECK, check, NULL, err);
}
