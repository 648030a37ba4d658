// The tables, how a new file gets them, and how an older file comes to them.
//
// A new file is made by store_create_schema() at STORE_VERSION; the state tables' columns come from
// record_tables. An older file is brought forward by store_steps, whose texts never change after
// their release. tests/fixtures holds one file of every version, and a test compares what both
// ways give.
#include "busd/store_private.h"

#include "lib/crypto.h"

#include <stdio.h>

// `event` and `event_id` are all that a log.entry touches: one table, one index (BUS §2.4).
static const char tables_sql[] =
    "CREATE TABLE base(key INTEGER PRIMARY KEY CHECK(key = 1), lineage BLOB NOT NULL,"
    " sequence INTEGER NOT NULL, chain BLOB NOT NULL, state BLOB NOT NULL,"
    " replay INTEGER NOT NULL, clock_ms INTEGER NOT NULL, lasts_through INTEGER NOT NULL,"
    " last_premise INTEGER NOT NULL);"
    "CREATE TABLE topic(code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " last INTEGER NOT NULL);"
    "CREATE TABLE identity(code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "CREATE TABLE event(sequence INTEGER PRIMARY KEY, type INTEGER NOT NULL, chain BLOB NOT NULL,"
    " bytes BLOB NOT NULL);"
    "CREATE TABLE event_id(identity INTEGER NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " digest BLOB NOT NULL, PRIMARY KEY(identity, id)) WITHOUT ROWID;"
    "CREATE TABLE timeline(incident INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " PRIMARY KEY(incident, sequence)) WITHOUT ROWID;"
    "CREATE TABLE planned_timeline(planned INTEGER NOT NULL, sequence INTEGER NOT NULL,"
    " PRIMARY KEY(planned, sequence)) WITHOUT ROWID;"
    "CREATE TABLE personal(sequence INTEGER PRIMARY KEY, sealed BLOB NOT NULL);"
    "CREATE TABLE lookup(digest BLOB NOT NULL, reg_no TEXT NOT NULL,"
    " PRIMARY KEY(digest, reg_no)) WITHOUT ROWID;"
    // The contact that a look-up finds, "" = none; the key is in busd/lookups.h.
    "CREATE VIEW found AS SELECT digest, substr(reg_no, 1, instr(reg_no || '#', '#') - 1) AS reg_no"
    " FROM lookup;"
    "CREATE TABLE hold(digest BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL);"
    "CREATE TABLE key_check(key INTEGER PRIMARY KEY CHECK(key = 1), digest BLOB NOT NULL);"
    "CREATE TABLE cover(record TEXT NOT NULL, number INTEGER NOT NULL, level TEXT NOT NULL,"
    " key BLOB NOT NULL, restored_at INTEGER NOT NULL, listed INTEGER NOT NULL,"
    " part INTEGER NOT NULL, since INTEGER NOT NULL, before_s INTEGER NOT NULL,"
    " PRIMARY KEY(record, number, level, key)) WITHOUT ROWID;"
    "CREATE INDEX cover_key ON cover(level, key);"
    "CREATE TABLE node(id TEXT PRIMARY KEY, parent TEXT NOT NULL, kind TEXT NOT NULL,"
    " name TEXT NOT NULL, voltage_v INTEGER NOT NULL, device TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX node_parent ON node(parent);"
    "CREATE TABLE premise(premise INTEGER PRIMARY KEY, account TEXT NOT NULL UNIQUE,"
    " node TEXT NOT NULL, settlement TEXT NOT NULL, street TEXT NOT NULL, house TEXT NOT NULL,"
    " flat TEXT NOT NULL, applicant TEXT NOT NULL, reliability INTEGER NOT NULL,"
    " critical TEXT NOT NULL, sealed BLOB);"
    "CREATE TABLE premise_phone(digest BLOB NOT NULL, premise INTEGER NOT NULL,"
    " PRIMARY KEY(digest, premise)) WITHOUT ROWID;"
    "CREATE INDEX premise_phone_premise ON premise_phone(premise);"
    "CREATE TABLE meter(meter TEXT PRIMARY KEY, account TEXT NOT NULL, digits INTEGER NOT NULL,"
    " zones INTEGER NOT NULL, last_date TEXT NOT NULL, last_1 TEXT NOT NULL, last_2 TEXT NOT NULL,"
    " last_3 TEXT NOT NULL) WITHOUT ROWID;";

// After the state tables.
static const char indexes_sql[] =
    "CREATE INDEX incident_open ON incident(incident)"
    " WHERE state IN ('suspected', 'probable', 'confirmed', 'partly_restored');"
    "CREATE INDEX incident_restored ON incident(restored_at) WHERE restored_at > 0;"
    "CREATE INDEX incident_merged ON incident(merged_into) WHERE merged_into > 0;"
    "CREATE INDEX incident_nested ON incident(nested_in) WHERE nested_in > 0;"
    "CREATE INDEX contact_incident ON contact(incident) WHERE incident > 0;"
    "CREATE INDEX contact_premise ON contact(premise) WHERE premise > 0;"
    "CREATE INDEX contact_house ON contact(house) WHERE house > 0;"
    "CREATE INDEX contact_sequence ON contact(sequence);"
    "CREATE INDEX contact_waiting ON contact(answer_since)"
    " WHERE answer_since > 0 AND answer_late = 0"
    " AND state IN ('registered', 'routed', 'in_work', 'reopened');"
    "CREATE INDEX contact_owed ON contact(sequence) WHERE answer_since > 0"
    " AND state IN ('registered', 'routed', 'in_work', 'reopened');"
    "CREATE INDEX contact_asked ON contact(sequence)"
    " WHERE dispatch IN ('asked', 'returned');"
    "CREATE INDEX contact_department ON contact(department, sequence)"
    " WHERE department IS NOT NULL;"
    "CREATE INDEX contact_call ON contact(call) WHERE call IS NOT NULL;"
    "CREATE INDEX call_waiting ON call(rang_at) WHERE direction = 'in' AND rang_at > 0"
    " AND answered_at = 0 AND ended_at = 0 AND waited = 0;"
    "CREATE INDEX appointment_booked ON appointment(office, starts) WHERE state = 'booked';"
    "CREATE INDEX meter_reading_sequence ON meter_reading(sequence);"
    "CREATE INDEX planned_open ON planned(planned) WHERE state IN ('announced', 'started');"
    "CREATE INDEX planned_worked ON planned(worked_until) WHERE worked IS NOT NULL;"
    "CREATE INDEX planned_ref ON planned(ref) WHERE ref IS NOT NULL;"
    "CREATE INDEX meter_account ON meter(account);";

// No version before 1 was released.
const struct store_step store_steps[] = {{0, NULL}};

static const char *column_type(enum record_kind kind)
{
    switch (kind) {
    case RECORD_INTEGER:
    case RECORD_BOOL:
    case RECORD_TIME: return "INTEGER NOT NULL";
    case RECORD_WORD:
    case RECORD_TEXT: return "TEXT";
    }
    return "";
}

static void add_record_table(struct buf *sql, const struct record_table *table)
{
    bool numbered = table->keys == 1 && table->fields[0].kind == RECORD_INTEGER;

    buf_printf(sql, "CREATE TABLE %s(", table->name);
    for (size_t i = 0; i < table->count; i++) {
        const struct record_field *field = &table->fields[i];
        buf_printf(sql, "%s %s, ", field->column,
                   numbered && i == 0 ? "INTEGER"
                   : i < table->keys  ? "TEXT NOT NULL"
                                      : column_type(field->kind));
    }
    buf_add_text(sql, "PRIMARY KEY(");
    for (size_t i = 0; i < table->keys; i++)
        buf_printf(sql, "%s%s", i ? ", " : "", table->fields[i].column);
    buf_add_text(sql, numbered ? "));" : ")) WITHOUT ROWID;");
}

void store_lineage_text(const uint8_t lineage[16], char text[37])
{
    char hex[33];

    crypto_hex(lineage, 16, hex);
    snprintf(text, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

void store_first_chain(const uint8_t lineage[16], uint8_t chain[STORE_CHAIN_BYTES])
{
    char text[37];

    store_lineage_text(lineage, text);
    crypto_sha256(text, 36, chain);
}

static enum err_code put_base(struct store *store, bool replay, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    uint8_t lineage[16], chain[STORE_CHAIN_BYTES], state[STORE_DIGEST_BYTES];

    crypto_random(lineage, sizeof(lineage));
    lineage[6] = (uint8_t)((lineage[6] & 0x0F) | 0x40); // UUID, version 4
    lineage[8] = (uint8_t)((lineage[8] & 0x3F) | 0x80);
    store_first_chain(lineage, chain);
    enum err_code code = store_digest_state(store, state, err);
    if (code != ERR_OK)
        return code;
    store_prepare(store, &statement, "INSERT INTO base VALUES(1, ?1, 0, ?2, ?3, ?4, 0, 0, 0)");
    sqlite3_bind_blob(statement, 1, lineage, sizeof(lineage), SQLITE_STATIC);
    sqlite3_bind_blob(statement, 2, chain, sizeof(chain), SQLITE_STATIC);
    sqlite3_bind_blob(statement, 3, state, sizeof(state), SQLITE_STATIC);
    sqlite3_bind_int(statement, 4, replay);
    code = store_run(store, statement, err);
    sqlite3_finalize(statement);
    return code;
}

enum err_code store_create_schema(struct store *store, bool replay, struct err *err)
{
    struct buf sql = {0};

    buf_add_text(&sql, "BEGIN IMMEDIATE;");
    buf_add_text(&sql, tables_sql);
    for (int type = 0; type < RECORD_TYPE_COUNT; type++)
        add_record_table(&sql, &record_tables[type]);
    buf_add_text(&sql, indexes_sql);
    buf_printf(&sql, "PRAGMA application_id=%d; PRAGMA user_version=%d", STORE_APPLICATION_ID,
               STORE_VERSION);
    enum err_code code = store_execute(store, sql.data, err);
    buf_fini(&sql);
    if (code == ERR_OK)
        code = put_base(store, replay, err);
    return code == ERR_OK ? store_execute(store, "COMMIT", err) : code;
}

enum err_code store_migrate(struct store *store, const struct store_step *steps, int version,
                            struct err *err)
{
    enum err_code code = ERR_OK;

    for (const struct store_step *step = steps; step->from != 0 && code == ERR_OK; step++) {
        if (step->from != version)
            continue;
        struct buf sql = {0};
        buf_printf(&sql, "BEGIN IMMEDIATE; %s; PRAGMA user_version=%d; COMMIT", step->sql,
                   ++version);
        code = store_execute(store, sql.data, err);
        buf_fini(&sql);
    }
    return code;
}

enum err_code store_read_base(struct store *store, struct err *err)
{
    struct store_base *base = &store->base;
    sqlite3_stmt *row = NULL;
    enum err_code code = ERR_OK;

    store_prepare(store, &row,
                  "SELECT lineage, sequence, chain, state, replay, clock_ms, lasts_through "
                  "FROM base");
    int result = row ? sqlite3_step(row) : SQLITE_OK;
    if (result != SQLITE_ROW) {
        code = store_fault(store, result == SQLITE_DONE ? SQLITE_CORRUPT : result, err);
    } else if (sqlite3_column_bytes(row, 0) != sizeof(base->lineage) ||
               sqlite3_column_bytes(row, 2) != STORE_CHAIN_BYTES ||
               sqlite3_column_bytes(row, 3) != STORE_DIGEST_BYTES) {
        code = store_fault(store, SQLITE_CORRUPT, err);
    } else {
        memcpy(base->lineage, sqlite3_column_blob(row, 0), sizeof(base->lineage));
        base->sequence = sqlite3_column_int64(row, 1);
        memcpy(base->chain, sqlite3_column_blob(row, 2), STORE_CHAIN_BYTES);
        memcpy(base->state, sqlite3_column_blob(row, 3), STORE_DIGEST_BYTES);
        base->replay = sqlite3_column_int(row, 4) != 0;
        base->clock_ms = sqlite3_column_int64(row, 5);
        store->lasts_through = sqlite3_column_int64(row, 6);
    }
    sqlite3_finalize(row);
    return code;
}
