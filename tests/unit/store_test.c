// What any store must do (store.h); the last ones look into SQLite. store_fault_test.c has the faults.
#include "busd/store_private.h"
#include "busd/store_read.h"
#include "lib/crypto.h"
#include "lib/event.h"
#include "lib/mem.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char *directory;
    struct store *store;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    f->directory = scratch_new();
    f->store = store_open(f->directory, false, &f->err);
    *state = f;
    return f->store ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    scratch_remove(f->directory);
    free(f);
    return 0;
}

static void reopen(struct fixture *f)
{
    store_close(f->store);
    f->store = store_open(f->directory, false, &f->err);
    assert_non_null(f->store);
}

static void commit_one(struct fixture *f, int64_t sequence, const char *topic)
{
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(stored_append(f->store, sequence, 500, topic, "pult:user:anna", &f->err),
                     ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
}

static void what_was_committed_is_read_in_order(void **state)
{
    struct fixture *f = *state;
    struct stored_reading reading = {.next = 1};

    for (int64_t n = 1; n <= 20; n++)
        commit_one(f, n, n % 2 ? "log.entry" : "eta.set");
    assert_int_equal(store_head(f->store, NULL), 20);
    assert_int_equal(store_read(f->store, 0, 100, stored_check, &reading, &f->err), ERR_OK);
    assert_int_equal(reading.next, 21);
    assert_false(reading.wrong);
    reading = (struct stored_reading){.next = 6, .stop_after = 3};
    assert_int_equal(store_read(f->store, 5, 100, stored_check, &reading, &f->err), ERR_OK);
    assert_int_equal(reading.next, 9);
    assert_false(reading.wrong);
    reading = (struct stored_reading){.next = 16};
    assert_int_equal(store_read(f->store, 15, 2, stored_check, &reading, &f->err), ERR_OK);
    assert_int_equal(reading.next, 18);
    assert_false(reading.wrong);
}

static void a_rolled_back_batch_never_was(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[STORE_MARKED_BYTES];
    int64_t sequence;

    commit_one(f, 1, "log.entry");
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(stored_append(f->store, 2, 100, "new.topic", "pult:user:boris", &f->err),
                     ERR_OK);
    assert_int_equal(store_find_id(f->store, slice_of("pult:user:boris"), slice_of("id-2"),
                                   &sequence, digest, &f->err),
                     1);
    store_rollback(f->store);
    assert_int_equal(store_head(f->store, NULL), 1);
    assert_int_equal(store_find_id(f->store, slice_of("pult:user:boris"), slice_of("id-2"),
                                   &sequence, digest, &f->err),
                     0);
    // The codes that the batch gave to its names are given again.
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(stored_append(f->store, 2, 100, "other.topic", "pult:user:vera", &f->err),
                     ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
    reopen(f);
    assert_int_equal(store_head(f->store, NULL), 2);
    assert_int_equal(store_find_id(f->store, slice_of("pult:user:vera"), slice_of("id-2"),
                                   &sequence, digest, &f->err),
                     1);
}

static void an_id_is_found_with_its_sequence_and_digest(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[STORE_MARKED_BYTES], chain[STORE_CHAIN_BYTES], expected[STORE_DIGEST_BYTES];
    int64_t sequence = 7, found = 0;

    for (int64_t n = 1; n <= 9; n++)
        commit_one(f, n, "log.entry");
    reopen(f);
    crypto_sha256(&sequence, sizeof(sequence), chain);
    crypto_sha256(chain, sizeof(chain), expected);
    assert_int_equal(store_find_id(f->store, slice_of("pult:user:anna"), slice_of("id-7"), &found,
                                   digest, &f->err),
                     1);
    assert_int_equal(found, 7);
    assert_memory_equal(digest, expected, sizeof(expected));
    assert_int_equal(store_find_id(f->store, slice_of("pult:user:boris"), slice_of("id-7"), &found,
                                   digest, &f->err),
                     0);
    assert_int_equal(store_find_id(f->store, slice_of("pult:user:anna"), slice_of("id-70"), &found,
                                   digest, &f->err),
                     0);
}

static void the_same_id_twice_is_refused_by_the_table(void **state)
{
    struct fixture *f = *state;
    uint8_t some[STORE_MARKED_BYTES] = {1};
    struct store_event event = {.sequence = 1,
                                .topic = slice_of("log.entry"),
                                .bytes = slice_of("{}"),
                                .chain = some,
                                .identity = slice_of("pult:user:anna"),
                                .id = slice_of("same"),
                                .digest = some};

    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(store_append(f->store, &event, &f->err), ERR_OK);
    event.sequence = 2;
    assert_int_not_equal(store_append(f->store, &event, &f->err), ERR_OK);
}

static void last_seen(void *context, struct slice topic, int64_t sequence)
{
    int64_t *lasts = context;

    if (slice_is(topic, "log.entry"))
        lasts[0] = sequence;
    if (slice_is(topic, "eta.set"))
        lasts[1] = sequence;
    if (slice_is(topic, "never.kept"))
        lasts[2] = sequence;
}

static void the_latest_of_each_type_outlives_restarts_and_rollbacks(void **state)
{
    struct fixture *f = *state;

    for (int round = 0; round < 3; round++) {
        int64_t lasts[3] = {0}, head = store_head(f->store, NULL);
        commit_one(f, head + 1, "eta.set");
        commit_one(f, head + 2, "log.entry");
        commit_one(f, head + 3, "log.entry");
        assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
        stored_append(f->store, head + 4, 10, "eta.set", "x", &f->err);
        stored_append(f->store, head + 5, 10, "never.kept", "x", &f->err);
        store_rollback(f->store);
        if (round != 1)
            reopen(f);
        assert_int_equal(store_last_of_types(f->store, last_seen, lasts, &f->err), ERR_OK);
        assert_int_equal(lasts[0], head + 3);
        assert_int_equal(lasts[1], head + 1);
        assert_int_equal(lasts[2], 0);
    }
}

static struct incident an_incident(int64_t number, enum incident_state state)
{
    return (struct incident){.incident = number,
                             .kind = 1,
                             .state = (int)state,
                             .priority = 4,
                             .node = mem_string("TP-7"),
                             .started = 1700000000123,
                             .restored_at = state >= INCIDENT_RESTORED ? 1700000500000 : 0,
                             .customers = 12,
                             .customers_given = true,
                             .cause = mem_string("кабель, «ТП-7»"),
                             .crew_tier = -1,
                             .crew_state = 3,
                             .hazard = -1,
                             .eta_firmness = 2,
                             .eta_source = -1,
                             .version = number * 10};
}

static void add_cover(struct cover_list *covers, enum cover_level level, int64_t key,
                      const char *node)
{
    mem_grow((void **)&covers->items, covers->count, &covers->capacity, sizeof(struct cover));
    covers->items[covers->count++] =
        (struct cover){.level = level, .key = key, .node = mem_string(node)};
}

static void put(struct fixture *f, enum record_type type, const void *record)
{
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(store_put_record(f->store, type, record, &f->err), ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
}

static void a_record_comes_back_as_it_was_put(void **state)
{
    struct fixture *f = *state;
    struct incident put_one = an_incident(5, INCIDENT_CONFIRMED), got = {0};
    int64_t number = 5, absent = 6;

    add_cover(&put_one.covers, COVER_PREMISE, 42, NULL);
    add_cover(&put_one.covers, COVER_NODE, 0, "Ф-1");
    add_cover(&put_one.covers, COVER_HOUSE, 42, NULL);
    put(f, RECORD_INCIDENT, &put_one);
    reopen(f);
    assert_int_equal(store_get_record(f->store, RECORD_INCIDENT, &absent, &got, &f->err), 0);
    assert_int_equal(store_get_record(f->store, RECORD_INCIDENT, &number, &got, &f->err), 1);
    assert_int_equal(got.state, INCIDENT_CONFIRMED);
    assert_int_equal(got.kind, 1);
    assert_int_equal(got.crew_state, 3);
    assert_int_equal(got.crew_tier, -1);
    assert_int_equal(got.started, 1700000000123);
    assert_true(got.customers_given);
    assert_false(got.priority_given);
    assert_string_equal(got.cause, put_one.cause);
    assert_null(got.public_text);
    assert_int_equal(got.covers.count, 3);
    for (size_t i = 0; i < 3; i++) {
        if (got.covers.items[i].level == COVER_NODE)
            assert_string_equal(got.covers.items[i].node, "Ф-1");
        else
            assert_int_equal(got.covers.items[i].key, 42);
    }
    record_fini(RECORD_INCIDENT, &got);
    record_fini(RECORD_INCIDENT, &put_one);
}

static void covers_are_added_changed_and_dropped(void **state)
{
    struct fixture *f = *state;
    struct incident incident = an_incident(1, INCIDENT_CONFIRMED), got = {0};
    int64_t number = 1;

    for (int64_t key = 1; key <= 50; key++)
        add_cover(&incident.covers, COVER_PREMISE, key, NULL);
    put(f, RECORD_INCIDENT, &incident);
    incident.covers.items[9].restored_at = 7;                                  // key 10
    incident.covers.items[0] = incident.covers.items[--incident.covers.count]; // 1 goes
    add_cover(&incident.covers, COVER_NODE, 0, "TP-7");
    put(f, RECORD_INCIDENT, &incident);
    assert_int_equal(store_get_record(f->store, RECORD_INCIDENT, &number, &got, &f->err), 1);
    assert_int_equal(got.covers.count, 50);
    int restored = 0;
    for (size_t i = 0; i < got.covers.count; i++) {
        assert_true(got.covers.items[i].level == COVER_NODE || got.covers.items[i].key != 1);
        if (got.covers.items[i].restored_at == 7) {
            restored++;
            assert_int_equal(got.covers.items[i].key, 10);
        }
    }
    assert_int_equal(restored, 1);
    record_fini(RECORD_INCIDENT, &got);
    record_fini(RECORD_INCIDENT, &incident);
}

// Every field of every table goes out and comes back: a table with a wrong kind or offset shows.
static void every_field_of_every_record_survives(void **state)
{
    struct fixture *f = *state;

    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        const struct record_table *table = &record_tables[type];
        char *record = mem_alloc(table->size), *got = mem_alloc(table->size);
        for (size_t i = 0; i < table->count; i++) {
            const struct record_field *field = &table->fields[i];
            char *at = record + field->offset, text[40];
            int64_t number = 1000 + (int64_t)i;
            int word = i % 2 ? 0 : -1;
            snprintf(text, sizeof(text), "%s %zu ж", table->name, i);
            char *copy = mem_string(text);
            switch (field->kind) {
            case RECORD_INTEGER:
            case RECORD_TIME: memcpy(at, &number, sizeof(number)); break;
            case RECORD_BOOL: *at = 1; break;
            case RECORD_WORD: memcpy(at, &word, sizeof(word)); break;
            case RECORD_TEXT: memcpy(at, &copy, sizeof(copy)); break;
            }
            if (field->kind != RECORD_TEXT)
                free(copy);
        }
        put(f, (enum record_type)type, record);
        const void *key = record + table->fields[0].offset;
        if (table->fields[0].kind == RECORD_TEXT)
            key = *(char *const *)key;
        assert_int_equal(store_get_record(f->store, (enum record_type)type, key, got, &f->err), 1);
        for (size_t i = 0; i < table->count; i++) {
            const struct record_field *field = &table->fields[i];
            if (field->kind == RECORD_TEXT) {
                char *was, *is;
                memcpy(&was, record + field->offset, sizeof(was));
                memcpy(&is, got + field->offset, sizeof(is));
                assert_string_equal(was, is);
            } else {
                size_t size = field->kind == RECORD_BOOL   ? sizeof(bool)
                              : field->kind == RECORD_WORD ? sizeof(int)
                                                           : sizeof(int64_t);
                assert_memory_equal(record + field->offset, got + field->offset, size);
            }
        }
        record_fini((enum record_type)type, record);
        record_fini((enum record_type)type, got);
        free(record);
        free(got);
    }
}

struct loaded {
    int64_t incidents, planned, counters, sum;
};

static void count_loaded(void *context, enum record_type type, void *record)
{
    struct loaded *loaded = context;

    loaded->incidents += type == RECORD_INCIDENT;
    loaded->planned += type == RECORD_PLANNED;
    loaded->counters += type == RECORD_COUNTER;
    if (type == RECORD_INCIDENT)
        loaded->sum += ((struct incident *)record)->incident;
    record_fini(type, record);
}

static void what_is_open_or_freshly_restored_is_loaded(void **state)
{
    struct fixture *f = *state;
    struct loaded loaded = {0};
    struct counter counter = {.name = mem_string("incident"), .value = 9};
    struct planned planned = {.planned = 1, .state = PLANNED_STATE_STARTED};

    for (int s = INCIDENT_SUSPECTED; s <= INCIDENT_MERGED; s++) {
        struct incident incident = an_incident(s + 1, (enum incident_state)s);
        if (s == INCIDENT_CLOSED)
            incident.restored_at = 1600000000000; // long ago
        if (s >= INCIDENT_CANCELLED)
            incident.restored_at = 0;
        put(f, RECORD_INCIDENT, &incident);
        record_fini(RECORD_INCIDENT, &incident);
    }
    put(f, RECORD_COUNTER, &counter);
    put(f, RECORD_PLANNED, &planned);
    planned.planned = 2;
    planned.state = PLANNED_STATE_ENDED;
    put(f, RECORD_PLANNED, &planned);
    record_fini(RECORD_COUNTER, &counter);
    assert_int_equal(store_load_open(f->store, 1700000000000, count_loaded, &loaded, &f->err),
                     ERR_OK);
    assert_int_equal(loaded.incidents, 6); // four open, restored, verified
    assert_int_equal(loaded.sum, 1 + 2 + 3 + 4 + 5 + 6);
    assert_int_equal(loaded.planned, 1);
    assert_int_equal(loaded.counters, 1);
}

static void a_second_store_on_the_same_directory_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_null(store_open(f->directory, false, &f->err));
    assert_int_equal(f->err.code, ERR_CONFLICT);
    assert_string_equal(f->err.reason, "data_in_use");
}

static void a_replay_journal_and_a_real_one_do_not_mix(void **state)
{
    struct fixture *f = *state;
    char *other = scratch_new();

    store_close(f->store);
    f->store = NULL;
    assert_null(store_open(f->directory, true, &f->err));
    assert_string_equal(f->err.reason, "real_journal");
    store_close(store_open(other, true, &f->err));
    assert_null(store_open(other, false, &f->err));
    assert_string_equal(f->err.reason, "replay_journal");
    struct store *replay = store_open(other, true, &f->err);
    assert_int_equal(store_base(replay)->clock_ms, 0);
    assert_int_equal(store_begin(replay, &f->err), ERR_OK);
    assert_int_equal(store_set_clock(replay, 86400000, &f->err), ERR_OK);
    assert_int_equal(store_commit(replay, &f->err), ERR_OK);
    store_close(replay);
    replay = store_open(other, true, &f->err);
    assert_int_equal(store_base(replay)->clock_ms, 86400000);
    store_close(replay);
    scratch_remove(other);
}

static void execute_on_file(const char *directory, const char *sql)
{
    struct buf path = {0};
    sqlite3 *db;

    buf_printf(&path, "%s/journal.db", directory);
    assert_int_equal(sqlite3_open(path.data, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    buf_fini(&path);
}

static void files_of_others_and_of_later_versions_are_refused(void **state)
{
    struct fixture *f = *state;
    struct buf path = {0};

    store_close(f->store);
    f->store = NULL;
    execute_on_file(f->directory, "PRAGMA user_version = 99");
    assert_null(store_open(f->directory, false, &f->err));
    assert_string_equal(f->err.reason, "newer_journal");
    execute_on_file(f->directory, "PRAGMA user_version = 1; PRAGMA application_id = 7");
    assert_null(store_open(f->directory, false, &f->err));
    assert_string_equal(f->err.reason, "not_a_journal");
    buf_printf(&path, "%s/journal.db", f->directory);
    FILE *file = fopen(path.data, "w");
    for (int i = 0; i < 2000; i++)
        fputs("this is no database\n", file);
    fclose(file);
    assert_null(store_open(f->directory, false, &f->err));
    assert_string_equal(f->err.reason, "not_a_journal");
    buf_fini(&path);
}

static void a_step_brings_an_older_file_forward_once(void **state)
{
    struct fixture *f = *state;
    static const struct store_step steps[] = {
        {1, "ALTER TABLE meter ADD COLUMN seal TEXT NOT NULL DEFAULT ''"},
        {2, "CREATE TABLE later(a); INSERT INTO later VALUES(7)"},
        {0, NULL}};
    static const struct store_step broken[] = {
        {3, "CREATE TABLE half(a); INSERT INTO no_such_table VALUES(1)"}, {0, NULL}};

    assert_int_equal(store_migrate(f->store, steps, 1, &f->err), ERR_OK);
    assert_int_equal(store_number(f->store, "PRAGMA user_version", 0), 3);
    assert_int_equal(store_number(f->store, "SELECT a FROM later", 0), 7);
    assert_int_equal(store_number(f->store, "SELECT count(seal) FROM meter", -1), 0);
    assert_int_not_equal(store_migrate(f->store, broken, 3, &f->err), ERR_OK);
    store_rollback(f->store);
    assert_int_equal(store_number(f->store, "PRAGMA user_version", 0), 3);
    assert_int_equal(
        store_number(f->store, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'", -1), 0);
}

static void the_files_are_the_owners_alone(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"journal.db", "journal.db-wal", "journal.db-shm", "lock"};

    commit_one(f, 1, "log.entry");
    for (size_t i = 0; i < 4; i++) {
        struct buf path = {0};
        struct stat status;
        buf_printf(&path, "%s/%s", f->directory, names[i]);
        assert_int_equal(stat(path.data, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        buf_fini(&path);
    }
}

static void the_file_is_what_the_design_says(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *sql;
        int64_t value;
    } facts[] = {{"PRAGMA application_id", 0x50756C74},
                 {"PRAGMA user_version", STORE_VERSION},
                 {"PRAGMA synchronous", 2},
                 {"PRAGMA auto_vacuum", 2},
                 {"PRAGMA secure_delete", 1},
                 {"PRAGMA wal_autocheckpoint", 0},
                 {"PRAGMA trusted_schema", 0},
                 {"PRAGMA page_size", STORE_PAGE_BYTES},
                 {"SELECT count(*) FROM pragma_journal_mode WHERE journal_mode = 'wal'", 1},
                 {"SELECT count(*) FROM base", 1}};

    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        assert_int_equal(store_number(f->store, facts[i].sql, -1), facts[i].value);
}

static void the_hot_path_touches_one_table_and_one_index(void **state)
{
    struct fixture *f = *state;

    commit_one(f, 1, "log.entry"); // names its topic and identity
    store_idle(f->store);
    int before = f->store->wal_pages;
    commit_one(f, 2, "log.entry");
    assert_int_equal(f->store->wal_pages - before, 2);
}

static void the_write_ahead_log_is_reused(void **state)
{
    enum { BATCH_BYTES = 400 * 1200 };
    struct fixture *f = *state;
    struct buf path = {0};
    struct stat status;
    int64_t sequence = 0;

    buf_printf(&path, "%s/journal.db-wal", f->directory);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
        for (int k = 0; k < 400; k++)
            assert_int_equal(
                stored_append(f->store, ++sequence, 700, "log.entry", "pult:user:anna", &f->err),
                ERR_OK);
        assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
        if (i == 14) {
            assert_int_equal(stat(path.data, &status), 0);
            assert_true(status.st_size < 3000 * 4200);
        }
    }
    off_t half = status.st_size;
    assert_int_equal(stat(path.data, &status), 0);
    assert_true(status.st_size < half + BATCH_BYTES); // where it turns is not the same each time
    assert_true(store_idle(f->store) <= status.st_size);
    store_close(f->store);
    f->store = NULL;
    assert_int_equal(stat(path.data, &status), 0); // kept for the next start
    buf_fini(&path);
}

static void a_reader_sees_one_snapshot_and_cannot_write(void **state)
{
    struct fixture *f = *state;
    int64_t head = -1;
    struct reader *reader = reader_open(store_path(f->store), &f->err);

    assert_non_null(reader);
    commit_one(f, 1, "log.entry");
    assert_int_equal(reader_begin(reader, &head, &f->err), ERR_OK);
    assert_int_equal(head, 1);
    commit_one(f, 2, "log.entry");
    sqlite3_stmt *row = reader_statement(reader, "SELECT count(*) FROM event");
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(row, 0), 1);
    reader_end(reader);
    assert_int_equal(reader_begin(reader, &head, &f->err), ERR_OK);
    assert_int_equal(head, 2);
    assert_ptr_equal(row, reader_statement(reader, "SELECT count(*) FROM event"));
    assert_int_not_equal(sqlite3_step(reader_statement(reader, "DELETE FROM event")), SQLITE_DONE);
    reader_end(reader);
    reader_close(reader);
    assert_int_equal(store_head(f->store, NULL), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_committed_is_read_in_order),
        TEST(a_rolled_back_batch_never_was),
        TEST(an_id_is_found_with_its_sequence_and_digest),
        TEST(the_same_id_twice_is_refused_by_the_table),
        TEST(the_latest_of_each_type_outlives_restarts_and_rollbacks),
        TEST(a_record_comes_back_as_it_was_put),
        TEST(covers_are_added_changed_and_dropped),
        TEST(every_field_of_every_record_survives),
        TEST(what_is_open_or_freshly_restored_is_loaded),
        TEST(a_second_store_on_the_same_directory_is_refused),
        TEST(a_replay_journal_and_a_real_one_do_not_mix),
        TEST(files_of_others_and_of_later_versions_are_refused),
        TEST(a_step_brings_an_older_file_forward_once),
        TEST(the_files_are_the_owners_alone),
        TEST(the_file_is_what_the_design_says),
        TEST(the_hot_path_touches_one_table_and_one_index),
        TEST(the_write_ahead_log_is_reused),
        TEST(a_reader_sees_one_snapshot_and_cannot_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
