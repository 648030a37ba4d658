// What the store's own files share. Nobody else includes this but its tests and measurements.
#pragma once

#include "busd/store.h"
#include "busd/store_intern.h"

#include <sqlite3.h>

// store_open() and what tests, measurements and the verifier vary.
struct store_options {
    bool replay;
    bool any_clock;          // whichever clock it was created with
    bool inspect;            // never create one, and leave the files as they are
    bool in_memory;          // a private store that is gone when closed; no directory
    int page_bytes;          // of a new file; 0 = STORE_PAGE_BYTES
    const char *vfs;         // SQLite's file system layer; NULL = the default
    const char *synchronous; // NULL = "FULL"; anything less loses acknowledged events
};
struct store *store_open_with(const char *directory, const struct store_options *options,
                              struct err *err);

// Interruptions, a row a cover, those of one record together (store_hours.c). The words are those of the
// partial indexes.
#define STORE_HOURS_INCIDENTS_SQL                                                             \
    "SELECT incident.incident, started, incident.restored_at, outcome, level, key,"           \
    " cover.restored_at, listed, part, since, before_s"                                       \
    " FROM (SELECT incident, started, restored_at, outcome FROM incident"                     \
    "  WHERE kind = 'outage' AND state <> 'merged' AND restored_at > 0 AND restored_at >= ?1" \
    "  UNION ALL SELECT incident, started, restored_at, outcome FROM incident"                \
    "  WHERE kind = 'outage' AND restored_at = 0"                                             \
    "  AND state IN ('suspected', 'probable', 'confirmed', 'partly_restored')) AS incident"   \
    " JOIN cover ON cover.record = 'incident' AND cover.number = incident.incident"
#define STORE_HOURS_PLANNED_SQL                                                            \
    "SELECT planned, worked, 0, NULL, level, key, cover.restored_at, listed, part, since," \
    " before_s FROM planned"                                                               \
    " JOIN cover ON cover.record = 'planned' AND cover.number = planned.planned"           \
    " WHERE worked IS NOT NULL AND (worked_until = 0 OR worked_until >= ?1)"

// Every statement with a fixed text. X(NAME, "sql")
#define STORE_STATEMENTS(X)                                                                       \
    X(BEGIN, "BEGIN IMMEDIATE")                                                                   \
    X(COMMIT, "COMMIT")                                                                           \
    X(APPEND, "INSERT INTO event(sequence, type, chain, bytes) VALUES(?1, ?2, ?3, ?4)")           \
    X(PUT_ID,                                                                                     \
      "INSERT OR IGNORE INTO event_id(identity, id, sequence, digest) VALUES(?1, ?2, ?3, ?4)")    \
    X(PUT_TIMELINE, "INSERT OR IGNORE INTO timeline(incident, sequence) VALUES(?1, ?2)")          \
    X(PUT_PLANNED_TIMELINE,                                                                       \
      "INSERT OR IGNORE INTO planned_timeline(planned, sequence) VALUES(?1, ?2)")                 \
    X(PUT_PERSONAL, "INSERT INTO personal(sequence, sealed) VALUES(?1, ?2)")                      \
    X(PUT_LOOKUP, "INSERT OR IGNORE INTO lookup(digest, reg_no) VALUES(?1, ?2)")                  \
    X(PUT_TOPIC, "INSERT INTO topic(code, name, last) VALUES(?1, ?2, 0)")                         \
    X(PUT_IDENTITY, "INSERT INTO identity(code, name) VALUES(?1, ?2)")                            \
    X(SET_LAST, "UPDATE topic SET last = ?2 WHERE code = ?1")                                     \
    X(SET_THROUGH, "UPDATE base SET lasts_through = ?1")                                          \
    X(SET_CLOCK, "UPDATE base SET clock_ms = ?1")                                                 \
    X(FIND_ID, "SELECT sequence, digest FROM event_id WHERE identity = ?1 AND id = ?2")           \
    X(READ,                                                                                       \
      "SELECT sequence, type, bytes, chain FROM event WHERE sequence > ?1 ORDER BY sequence "     \
      "LIMIT ?2")                                                                                 \
    X(READ_TYPES, "SELECT sequence, type FROM event WHERE sequence > ?1 ORDER BY sequence")       \
    X(READ_CHAIN, "SELECT chain FROM event WHERE sequence = ?1")                                  \
    X(READ_PERSONAL, "SELECT sealed FROM personal WHERE sequence = ?1")                           \
    X(DROP_PERSONAL, "DELETE FROM personal WHERE sequence = ?1")                                  \
    X(EACH_PERSONAL, "SELECT p.sequence, t.name, e.bytes, p.sealed FROM personal p "              \
                     "JOIN event e ON e.sequence = p.sequence JOIN topic t ON t.code = e.type "   \
                     "WHERE p.sequence > ?1 AND p.sequence <= ?2 ORDER BY p.sequence")            \
    X(PERSONAL_OF, "SELECT p.sequence, t.name, e.bytes, p.sealed FROM personal p "                \
                   "JOIN event e ON e.sequence = p.sequence JOIN topic t ON t.code = e.type "     \
                   "WHERE p.sequence IN (SELECT sequence FROM contact WHERE reg_no IN "           \
                   "(SELECT reg_no FROM found WHERE digest = ?1 UNION SELECT ?2) UNION "          \
                   "SELECT CAST(substr(reg_no, instr(reg_no, '#') + 1) AS INTEGER) FROM lookup "  \
                   "WHERE digest = ?1 AND reg_no LIKE '%#%') ORDER BY p.sequence")                \
    X(DROP_LOOKUP, "DELETE FROM lookup WHERE digest = ?1 AND reg_no = ?2")                        \
    X(FIND_LOOKUP, "SELECT 1 FROM lookup WHERE digest = ?1 AND reg_no = ?2")                      \
    X(FORGET_PREMISES, "UPDATE premise SET sealed = NULL WHERE premise IN "                       \
                       "(SELECT premise FROM premise_phone WHERE digest = ?1)")                   \
    X(FORGET_PHONE, "DELETE FROM premise_phone WHERE digest = ?1")                                \
    X(PUT_HOLD, "INSERT OR IGNORE INTO hold(digest, sealed) VALUES(?1, ?2)")                      \
    X(DROP_HOLD, "DELETE FROM hold WHERE digest = ?1")                                            \
    X(EACH_HOLD, "SELECT rowid, digest, sealed FROM hold ORDER BY rowid LIMIT ?1")                \
    X(EACH_PREMISE_SEALED, "SELECT premise, NULL, sealed FROM premise WHERE premise > ?1 AND "    \
                           "sealed IS NOT NULL ORDER BY premise")                                 \
    X(PUT_SEALED, "UPDATE personal SET sealed = ?2 WHERE sequence = ?1")                          \
    X(PUT_PREMISE_SEALED, "UPDATE premise SET sealed = ?2 WHERE premise = ?1")                    \
    X(PUT_PREMISE_PHONE, "UPDATE premise_phone SET digest = ?2 WHERE premise = ?1")               \
    X(KEY_CHECK, "SELECT digest FROM key_check")                                                  \
    X(SET_KEY_CHECK, "INSERT OR REPLACE INTO key_check(key, digest) VALUES(1, ?1)")               \
    X(FIND_HOLD, "SELECT 1 FROM hold WHERE digest = ?1")                                          \
    X(READ_COVERS, "SELECT level, key, restored_at, listed, part, since, before_s FROM cover "    \
                   "WHERE record = ?1 AND number = ?2 ORDER BY level, key")                       \
    X(PUT_COVER, "INSERT OR REPLACE INTO cover(record, number, level, key, restored_at, listed, " \
                 "part, since, before_s) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")             \
    X(HOURS_INCIDENTS, STORE_HOURS_INCIDENTS_SQL)                                                 \
    X(HOURS_PLANNED, STORE_HOURS_PLANNED_SQL)                                                     \
    X(DROP_COVER,                                                                                 \
      "DELETE FROM cover WHERE record = ?1 AND number = ?2 AND level = ?3 AND key = ?4")          \
    X(PUT_NODE,                                                                                   \
      "INSERT INTO node(id, parent, kind, name, voltage_v, device) "                              \
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(id) DO UPDATE SET parent = excluded.parent, "   \
      "kind = excluded.kind, name = excluded.name, voltage_v = excluded.voltage_v, "              \
      "device = excluded.device")                                                                 \
    X(FIND_NODE, "SELECT 1 FROM node WHERE id = ?1")                                              \
    X(FIND_PLANNED, "SELECT planned FROM planned WHERE ref = ?1 ORDER BY planned DESC LIMIT 1")   \
    X(FIND_PREMISE, "SELECT premise FROM premise WHERE account = ?1")                             \
    X(PUT_PREMISE,                                                                                \
      "INSERT INTO premise(premise, account, node, settlement, street, house, flat, applicant, "  \
      "reliability, critical, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) "      \
      "ON CONFLICT(premise) DO UPDATE SET node = excluded.node, "                                 \
      "settlement = excluded.settlement, street = excluded.street, house = excluded.house, "      \
      "flat = excluded.flat, applicant = excluded.applicant, "                                    \
      "reliability = excluded.reliability, critical = excluded.critical, "                        \
      "sealed = excluded.sealed")                                                                 \
    X(NEXT_PREMISE, "UPDATE base SET last_premise = last_premise + 1 RETURNING last_premise")     \
    X(PUT_PHONE, "INSERT OR IGNORE INTO premise_phone(digest, premise) VALUES(?1, ?2)")           \
    X(DROP_PHONES, "DELETE FROM premise_phone WHERE premise = ?1")                                \
    X(PUT_METER,                                                                                  \
      "INSERT OR REPLACE INTO meter(meter, account, digits, zones, last_date, last_1, last_2, "   \
      "last_3) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                                           \
    X(FIND_METERS,                                                                                \
      "SELECT meter, digits, zones, last_date, last_1, last_2, last_3 FROM meter "                \
      "WHERE (meter = ?1 AND (?2 IS NULL OR account = ?2)) OR (?1 IS NULL AND account = ?2)")     \
    X(FIND_COMPLAINT,                                                                             \
      "SELECT contact.reg_no FROM lookup JOIN contact USING(reg_no) WHERE lookup.digest = ?1 "    \
      "AND contact.type = 'contact.complaint' AND contact.recorded >= ?2 "                        \
      "ORDER BY contact.sequence DESC LIMIT 1")                                                   \
    X(KEEP, "INSERT OR IGNORE INTO temp.kept(id) VALUES(?1)")                                     \
    X(LOAD_NODES, "SELECT id, parent, kind, name, voltage_v, device FROM node ORDER BY id")       \
    X(LOAD_PREMISES,                                                                              \
      "SELECT premise, account, node, settlement, street, house, flat, reliability, critical "    \
      "FROM premise ORDER BY premise")

enum store_statement {
#define X(name, sql) STORE_##name,
    STORE_STATEMENTS(X)
#undef X
        STORE_STATEMENT_COUNT
};

// Chosen by `make bench-store`: 4 KiB pages commit one event 20 % and a batch of 32 a fifth faster than
// 16 KiB ones and write half as much; at 400 they are even.
enum { STORE_PAGE_BYTES = 4096 };

enum store_record_statement {
    STORE_RECORD_PUT,
    STORE_RECORD_GET,
    STORE_RECORD_OPEN,
    STORE_RECORD_FAMILY, // of contacts
    STORE_RECORD_STATEMENTS
};

struct store {
    sqlite3 *db;
    char *path;
    int lock; // descriptor of DIRECTORY/lock; -1 in memory
    bool failed, in_batch, inspect;
    struct store_base base;
    int64_t head, batch_head; // as committed; with the batch
    uint8_t chain[STORE_CHAIN_BYTES], batch_chain[STORE_CHAIN_BYTES];
    struct store_intern topics, identities;
    size_t topics_kept, identities_kept; // as committed
    int64_t lasts_through;               // topic.last is right up to this sequence
    int wal_pages, checkpoint_at;        // frames in the WAL; the next try at a checkpoint
    int wal_kept_pages;                  // frames that are in the database file already
    int page_bytes;
    sqlite3_stmt *statements[STORE_STATEMENT_COUNT];
    sqlite3_stmt *records[RECORD_TYPE_COUNT][STORE_RECORD_STATEMENTS];
};

// A fixed statement, reset and ready to bind.
sqlite3_stmt *store_statement(struct store *store, enum store_statement which);
// Prepares into `*slot` unless it is there. NULL when that failed: an I/O error, or a table that
// somebody dropped; store_fault(store, SQLITE_OK, err) says which.
sqlite3_stmt *store_prepare(struct store *store, sqlite3_stmt **slot, const char *sql);
// Steps a statement that returns nothing, and resets it.
enum err_code store_run(struct store *store, sqlite3_stmt *statement, struct err *err);
enum err_code store_execute(struct store *store, const char *sql, struct err *err);
// One integer; `otherwise` when there is no row or it fails.
int64_t store_number(struct store *store, const char *sql, int64_t otherwise);
// The sentence of an SQLite result; marks the store as failed, or rolls the batch back, as
// store.h says.
enum err_code store_fault(struct store *store, int result, struct err *err);
void store_bind_slice(sqlite3_stmt *statement, int index, struct slice text); // NULL data = NULL
struct slice store_column_slice(sqlite3_stmt *statement, int index);

// store_schema.c
enum { STORE_APPLICATION_ID = 0x50756C74 /* "Pult" */, STORE_VERSION = 1 };
// A step that brings a file from one version to the next, within one transaction. Forward only.
struct store_step {
    int from;
    const char *sql;
};
extern const struct store_step store_steps[]; // ends with from 0
enum err_code store_create_schema(struct store *store, bool replay, struct err *err);
enum err_code store_migrate(struct store *store, const struct store_step *steps, int version,
                            struct err *err);
enum err_code store_read_base(struct store *store, struct err *err);

// store_event.c: head, names and `last` of topics, after the schema stands.
enum err_code store_load_head(struct store *store, struct err *err);
void store_keep_names(struct store *store); // the batch held
void store_drop_names(struct store *store); // or did not
enum err_code store_save_lasts(struct store *store, struct err *err);

// store_compare.c: the state tables and the timelines of two stores, row by row. ERR_INVALID and the
// first row that differs, in words.
enum err_code store_compare(struct store *stored, struct store *folded, struct err *err);
// SHA-256 over every row of the state tables (without the timelines), in the tables' and keys' order.
enum err_code store_digest_state(struct store *store, uint8_t digest[STORE_DIGEST_BYTES],
                                 struct err *err);
