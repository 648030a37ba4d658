// What deciding a contact looks up: an earlier complaint, a meter.
#include "busd/store_private.h"

#include <stdio.h>

static void copy_column(sqlite3_stmt *row, int column, char *text, size_t size)
{
    const unsigned char *value = sqlite3_column_text(row, column);

    snprintf(text, size, "%s", value ? (const char *)value : "");
}

enum err_code store_find_complaint(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                                   int64_t since_ms, char reg_no[STORE_REG_NO_BYTES],
                                   struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_FIND_COMPLAINT);

    reg_no[0] = '\0';
    sqlite3_bind_blob(row, 1, digest, STORE_DIGEST_BYTES, SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, since_ms);
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        copy_column(row, 0, reg_no, STORE_REG_NO_BYTES);
    sqlite3_reset(row);
    return code == SQLITE_ROW || code == SQLITE_DONE ? ERR_OK : store_fault(store, code, err);
}

int store_find_meters(struct store *store, struct slice meter, struct slice account,
                      struct store_meter_found *found, struct err *err)
{
    sqlite3_stmt *row = store_statement(store, STORE_FIND_METERS);
    int count = 0, code;

    sqlite3_bind_text(row, 1, meter.length ? meter.data : NULL, (int)meter.length, SQLITE_STATIC);
    sqlite3_bind_text(row, 2, account.length ? account.data : NULL, (int)account.length,
                      SQLITE_STATIC);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        if (count++)
            continue;
        copy_column(row, 0, found->meter, sizeof found->meter);
        found->digits = sqlite3_column_int64(row, 1);
        found->zones = sqlite3_column_int64(row, 2);
        copy_column(row, 3, found->last_date, sizeof found->last_date);
        for (int i = 0; i < 3; i++)
            copy_column(row, 4 + i, found->last[i], sizeof found->last[i]);
    }
    sqlite3_reset(row);
    if (code == SQLITE_DONE)
        return count;
    store_fault(store, code, err);
    return -1;
}
