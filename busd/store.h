// The store: what is kept, behind one small interface. SQLite here (store.c, store_*.c: the only
// files with sqlite3.h besides the queries'); another store must pass tests/unit/store_test.c.
//
// One connection in one thread does every write and every checkpoint (RELIABILITY F12); readers are
// connections of their own, read-only. After the first I/O error the store is dead and says so
// (F10): the caller ends the program. SQLITE_FULL is ERR_UNAVAILABLE (reason "disk_full") and rolls
// back; everything can still be read. store_commit() may also mark the store failed after it held
// (in its checkpoint): ask store_failed() after every batch.
#pragma once

#include "busd/engine_record.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stdint.h>

// The digest of a client's event, and behind it a mark that binds it to its sequence.
enum { STORE_CHAIN_BYTES = 32, STORE_DIGEST_BYTES = 32, STORE_MARKED_BYTES = 48 };

struct store;

// What the base row keeps: where the journal begins, and which it is.
struct store_base {
    uint8_t lineage[16];
    int64_t sequence;                  // events up to it were pruned; 0 = all are there
    uint8_t chain[STORE_CHAIN_BYTES];  // chain(sequence)
    uint8_t state[STORE_DIGEST_BYTES]; // digest of the state tables at `sequence`
    bool replay;                       // created with clock: replay
    int64_t clock_ms;                  // the replay clock's last time
};

// Opens or creates DIRECTORY/journal.db (0700, 0600), migrates it forward, takes the exclusive lock
// DIRECTORY/lock first. ERR_CONFLICT: another busd has it. ERR_INVALID: not ours, newer, or of the
// other clock.
struct store *store_open(const char *directory, bool replay, struct err *err);
void store_close(struct store *store);
bool store_failed(const struct store *store); // an I/O error was seen: stop
const struct store_base *store_base(const struct store *store);
// The lineage as text (36 characters of a UUID and NUL), and chain(0) = SHA-256 of that text.
void store_lineage_text(const uint8_t lineage[16], char text[37]);
void store_first_chain(const uint8_t lineage[16], uint8_t chain[STORE_CHAIN_BYTES]);
// Another thread's read-only view of the same file.
const char *store_path(const struct store *store);

// Head as committed.
int64_t store_head(const struct store *store, uint8_t chain[STORE_CHAIN_BYTES]);

// One batch: begin, then any of the puts, then commit or rollback.
enum err_code store_begin(struct store *store, struct err *err);
enum err_code store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

struct store_event {
    int64_t sequence;
    struct slice topic;
    struct slice bytes;        // exactly as streamed
    const uint8_t *chain;      // chain(sequence)
    int64_t incident, planned; // 0 = none: the timeline's index
    struct slice identity, id; // unique together
    // Keyed digest of the client's event and its mark, STORE_MARKED_BYTES; NULL = the broker's own, no
    // id is kept.
    const uint8_t *digest;
    struct slice personal; // sealed; empty = none
};
// ERR_CONFLICT, with nothing changed: the id is there already; store_find_id() says as what.
enum err_code store_append(struct store *store, const struct store_event *event, struct err *err);
// A further incident, or planned works, on whose timeline an event stands (merged: into).
enum err_code store_link(struct store *store, int64_t incident, int64_t sequence, struct err *err);
enum err_code store_link_planned(struct store *store, int64_t planned, int64_t sequence,
                                 struct err *err);
// A keyed digest of a phone or an account by which contacts are found.
enum err_code store_put_lookup(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                               const char *reg_no, struct err *err);
enum err_code store_drop_lookup(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                                const char *reg_no, struct err *err);
// 1 it is there, 0 not, -1 error.
int store_has_lookup(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                     const char *reg_no, struct err *err);
// The last complaint found by this digest and recorded since; empty when there is none.
enum { STORE_REG_NO_BYTES = 32 };
enum err_code store_find_complaint(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                                   int64_t since_ms, char reg_no[STORE_REG_NO_BYTES],
                                   struct err *err);
// A meter by its id, its account, or both: how many fit, the first of them in `found`; -1 error.
struct store_meter_found {
    char meter[4 * 64 + 1], last_date[16], last[3][32];
    int64_t digits, zones;
};
int store_find_meters(struct store *store, struct slice meter, struct slice account,
                      struct store_meter_found *found, struct err *err);
// Was (identity, id) seen? 1 yes (sequence and digest are filled), 0 no, -1 error.
int store_find_id(struct store *store, struct slice identity, struct slice id, int64_t *sequence,
                  uint8_t digest[STORE_MARKED_BYTES], struct err *err);
enum err_code store_put_record(struct store *store, enum record_type type, const void *record,
                               struct err *err);
enum err_code store_set_clock(struct store *store, int64_t now_ms, struct err *err);

// Reads a record by its key into zeroed memory: 1 found, 0 not, -1 error. `key` is an int64_t * or
// a NUL-terminated string, as the table's key is.
// The caller frees what the record then owns (record_fini()).
int store_get_record(struct store *store, enum record_type type, const void *key, void *record,
                     struct err *err);
// Everything the engine keeps in memory: open incidents and those restored at or after
// `restored_since_ms`, open planned works, node states, counters, mode. What a record owns passes to
// `each`; the memory of the record itself is the store's.
typedef void store_record(void *context, enum record_type type, void *record);
enum err_code store_load_open(struct store *store, int64_t restored_since_ms, store_record *each,
                              void *context, struct err *err);

// The contacts of an incident and of all that was merged into it, in the order in which they came.
// `each` takes what the record owns.
enum err_code store_load_contacts(struct store *store, int64_t incident, store_record *each,
                                  void *context, struct err *err);

// Events after `sequence`, in order, up to `limit` or until `each` returns false.
typedef bool store_event_read(void *context, int64_t sequence, struct slice topic,
                              struct slice bytes, const uint8_t chain[STORE_CHAIN_BYTES]);
enum err_code store_read(struct store *store, int64_t sequence, size_t limit,
                         store_event_read *each, void *context, struct err *err);
// chain(sequence): 1, 0 not kept, -1 error.
int store_chain(struct store *store, int64_t sequence, uint8_t chain[STORE_CHAIN_BYTES],
                struct err *err);
// The sealed personal fields of an event: 1, 0 none, -1 error.
int store_personal(struct store *store, int64_t sequence, struct buf *sealed, struct err *err);

// What is kept of people (store_personal.c). Events with personal fields, in order, until `each`
// returns false: those after `after` up to `through`; or those found by a digest or, with a NULL
// digest, the contact of that number. `bytes` are the event's.
typedef bool store_personal_each(void *context, int64_t sequence, struct slice topic,
                                 struct slice bytes, struct slice sealed);
enum err_code store_each_personal(struct store *store, int64_t after, int64_t through,
                                  store_personal_each *each, void *context, struct err *err);
enum err_code store_personal_of(struct store *store, const uint8_t digest[STORE_DIGEST_BYTES],
                                const char *reg_no, store_personal_each *each, void *context,
                                struct err *err);
enum err_code store_drop_personal(struct store *store, int64_t sequence, struct err *err);
// Forgets name and phone of the premises with that phone; how many, -1 error.
int64_t store_forget_premises(struct store *store, const uint8_t phone[STORE_DIGEST_BYTES],
                              struct err *err);
// Legal hold: whose data nothing may erase, with the phone sealed; an empty `sealed` lifts it.
// store_is_held(): 1, 0, -1 error.
enum err_code store_set_hold(struct store *store, const uint8_t phone[STORE_DIGEST_BYTES],
                             struct slice sealed, struct err *err);
int store_is_held(struct store *store, const uint8_t phone[STORE_DIGEST_BYTES], struct err *err);
// For a rotation of the key (journal_rotate.h): what is sealed, and putting it back. `digest` of a
// premise is its phone's, NULL = none.
typedef bool store_sealed_each(void *context, int64_t number, const uint8_t *digest,
                               struct slice sealed);
enum err_code store_each_premise_sealed(struct store *store, int64_t after, store_sealed_each *each,
                                        void *context, struct err *err);
enum err_code store_each_hold(struct store *store, int64_t limit, store_sealed_each *each,
                              void *context, struct err *err);
enum err_code store_put_sealed(struct store *store, int64_t sequence, struct slice sealed,
                               struct err *err);
enum err_code store_put_premise_sealed(struct store *store, int64_t premise, struct slice sealed,
                                       const uint8_t *digest, struct err *err);
// What the key is told by: 1 it is there, 0 not yet, -1 error. Setting it is part of a batch.
int store_key_check(struct store *store, uint8_t check[STORE_DIGEST_BYTES], struct err *err);
enum err_code store_set_key_check(struct store *store, const uint8_t check[STORE_DIGEST_BYTES],
                                  struct err *err);
// After an erasure was committed: brings the database file up to date and cuts the write-ahead log to
// nothing, so that no copy stays in it (deleted rows are overwritten: secure_delete). False: a
// reader's snapshot holds it up, try again shortly.
bool store_scrub(struct store *store);

// The latest sequence of every type, for the feed's `previous` after a restart.
typedef void store_type_last(void *context, struct slice topic, int64_t sequence);
enum err_code store_last_of_types(struct store *store, store_type_last *each, void *context,
                                  struct err *err);

// Housekeeping in the writer's thread when it is idle: a passive checkpoint slice; returns the WAL's
// size in bytes.
int64_t store_idle(struct store *store);
