// Files of every released format are opened, brought forward and verified. tests/fixtures/journal-vN.sql
// is such a file as SQL text, journal-vN.key its personal.key in hex.
//
// `build/tests/fixture_test --write FILE.sql` writes one of the present format; that is done once, when a
// format is new, and never again after its release.
#include "busd/journal.h"
#include "busd/store_private.h"
#include "lib/mem.h"
#include "lib/path.h"
#include "tests/lib/scratch.h"
#include "tests/lib/spine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static char *read_text(const char *name)
{
    char share[PATH_BYTES], path[PATH_BYTES + 100], block[4096];
    struct buf text = {0};
    struct err err;
    size_t got;

    assert_int_equal(path_share(share, &err), ERR_OK);
    snprintf(path, sizeof(path), "%s/tests/fixtures/%s", share, name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is not there", path);
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        buf_add(&text, block, got);
    fclose(file);
    return text.data;
}

static void make_file(const char *directory, int version)
{
    char name[40];
    struct buf path = {0};
    sqlite3 *db;
    char *message = NULL;
    uint8_t key[32];

    snprintf(name, sizeof(name), "journal-v%d.sql", version);
    char *sql = read_text(name);
    buf_printf(&path, "%s/journal.db", directory);
    assert_int_equal(sqlite3_open(path.data, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", name, message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    free(sql);
    snprintf(name, sizeof(name), "journal-v%d.key", version);
    char *hex = read_text(name);
    assert_true(crypto_unhex(hex, 64, key, sizeof(key)));
    free(hex);
    buf_clear(&path);
    buf_printf(&path, "%s/personal.key", directory);
    FILE *file = fopen(path.data, "w");
    assert_int_equal(fwrite(key, 1, sizeof(key), file), sizeof(key));
    fclose(file);
    assert_int_equal(chmod(path.data, 0600), 0);
    buf_fini(&path);
}

// Columns and indexes as one text, whatever order they came in.
static void describe(struct store *store, struct buf *text)
{
    sqlite3_stmt *row = NULL;

    store_prepare(
        store, &row,
        "SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || "
        "c.pk AS line FROM sqlite_schema m, pragma_table_info(m.name) c "
        "WHERE m.type = 'table' UNION ALL "
        "SELECT m.name || ' on ' || m.tbl_name || '.' || ifnull(c.name, '') "
        "FROM sqlite_schema m, pragma_index_info(m.name) c WHERE m.type = 'index' "
        "ORDER BY line");
    while (sqlite3_step(row) == SQLITE_ROW)
        buf_printf(text, "%s\n", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
}

static void a_file_of_every_version_verifies(void **state)
{
    (void)state;
    for (int version = 1; version <= STORE_VERSION; version++) {
        char *directory = scratch_new();
        struct buf report = {0};
        struct err err;
        make_file(directory, version);
        struct store *store = store_open(directory, false, &err);
        assert_non_null(store);
        assert_true(store_head(store, NULL) > 20);
        store_close(store);
        if (journal_verify(directory, &report, &err) != ERR_OK)
            fail_msg("version %d: %s", version, err.message[LANGUAGE_EN]);
        assert_non_null(strstr(report.data, "of 2 events are as committed to"));
        buf_fini(&report);
        scratch_remove(directory);
    }
}

static void an_older_file_comes_to_the_tables_of_a_new_one(void **state)
{
    char *fresh = scratch_new();
    struct buf wanted = {0};
    struct err err;

    (void)state;
    struct store *store = store_open(fresh, false, &err);
    describe(store, &wanted);
    store_close(store);
    for (int version = 1; version <= STORE_VERSION; version++) {
        char *directory = scratch_new();
        struct buf got = {0};
        make_file(directory, version);
        store = store_open(directory, false, &err);
        assert_non_null(store);
        describe(store, &got);
        assert_string_equal(got.data, wanted.data);
        assert_int_equal(store_number(store, "PRAGMA user_version", 0), STORE_VERSION);
        store_close(store);
        buf_fini(&got);
        scratch_remove(directory);
    }
    buf_fini(&wanted);
    scratch_remove(fresh);
}

static void an_older_file_goes_on(void **state)
{
    (void)state;
    for (int version = 1; version <= STORE_VERSION; version++) {
        char *directory = scratch_new();
        struct buf report = {0};
        struct spine spine;
        struct err err;
        make_file(directory, version);
        spine_open(&spine, directory);
        int64_t head = journal_head(spine.journal);
        spine.now_ms += INT64_C(10) * 24 * 3600 * 1000;
        assert_int_equal(spine_tell(&spine, "on", "incident.restored", "{\"incident\":2}"),
                         head + 1);
        assert_int_equal(spine_tell(&spine, "e0", "log.entry", "{\"text\":\"id уже был\"}"), 0);
        spine_close(&spine);
        if (journal_verify(directory, &report, &err) != ERR_OK)
            fail_msg("version %d: %s", version, err.message[LANGUAGE_EN]);
        buf_fini(&report);
        scratch_remove(directory);
    }
}

// Writing a fixture.

static void write_rows(sqlite3 *db, FILE *out, const char *table)
{
    struct buf sql = {0};
    sqlite3_stmt *row;
    char *columns = sqlite3_mprintf("SELECT name FROM pragma_table_info(%Q)", table);

    buf_printf(&sql, "SELECT 'INSERT INTO %s VALUES('", table);
    sqlite3_prepare_v2(db, columns, -1, &row, NULL);
    for (int i = 0; sqlite3_step(row) == SQLITE_ROW; i++) {
        const char *name = (const char *)sqlite3_column_text(row, 0);
        // Events stay readable.
        buf_printf(&sql,
                   strcmp(name, "bytes") == 0
                       ? "%s || 'CAST(' || quote(CAST(%s AS TEXT)) || ' AS BLOB)'"
                       : "%s || quote(%s)",
                   i ? " || ','" : "", name);
    }
    sqlite3_finalize(row);
    buf_printf(&sql, " || ');' FROM %s", table);
    sqlite3_prepare_v2(db, sql.data, -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW)
        fprintf(out, "%s\n", (const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    sqlite3_free(columns);
    buf_fini(&sql);
}

static void write_sql(sqlite3 *db, FILE *out)
{
    sqlite3_stmt *row;

    fprintf(out, "PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;\n"
                 "BEGIN;\n");
    sqlite3_prepare_v2(db,
                       "SELECT sql, type, name FROM sqlite_schema WHERE sql IS NOT NULL "
                       "ORDER BY type = 'index', rowid",
                       -1, &row, NULL);
    while (sqlite3_step(row) == SQLITE_ROW) {
        fprintf(out, "%s;\n", (const char *)sqlite3_column_text(row, 0));
        if (strcmp((const char *)sqlite3_column_text(row, 1), "table") == 0)
            write_rows(db, out, (const char *)sqlite3_column_text(row, 2));
    }
    sqlite3_finalize(row);
    fprintf(out, "PRAGMA application_id=%d; PRAGMA user_version=%d;\nCOMMIT;\n",
            STORE_APPLICATION_ID, STORE_VERSION);
}

static int write_fixture(const char *name)
{
    char *directory = scratch_new(), hex[65];
    struct buf path = {0};
    struct spine spine;
    uint8_t key[32];

    spine_open(&spine, directory);
    spine_fill(&spine);
    FILE *out = fopen(name, "w");
    if (!out)
        return 1;
    write_sql(spine.store->db, out);
    fclose(out);
    spine_close(&spine);
    buf_printf(&path, "%s/personal.key", directory);
    FILE *file = fopen(path.data, "r");
    if (!file || fread(key, 1, sizeof(key), file) != sizeof(key))
        return 1;
    fclose(file);
    crypto_hex(key, sizeof(key), hex);
    buf_clear(&path);
    buf_printf(&path, "%.*s.key", (int)(strlen(name) - strlen(".sql")), name);
    out = fopen(path.data, "w");
    if (!out)
        return 1;
    fprintf(out, "%s\n", hex);
    fclose(out);
    buf_fini(&path);
    scratch_remove(directory);
    return 0;
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_every_version_verifies),
        cmocka_unit_test(an_older_file_comes_to_the_tables_of_a_new_one),
        cmocka_unit_test(an_older_file_goes_on),
    };

    if (count == 3 && strcmp(arguments[1], "--write") == 0)
        return write_fixture(arguments[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
