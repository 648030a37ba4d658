// What `busd --verify` finds: every case tampers with a journal that was right and names what must be
// said; the first one checks that the right one passes.
#include "busd/journal.h"
#include "lib/mem.h"
#include "tests/lib/scratch.h"
#include "tests/lib/spine.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char *directory;
    int64_t head, clients;
    struct buf report;
    struct err err;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));
    struct spine spine;

    f->directory = scratch_new();
    spine_open(&spine, f->directory);
    spine_fill(&spine);
    f->head = journal_head(spine.journal);
    spine_close(&spine);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    scratch_remove(f->directory);
    buf_fini(&f->report);
    free(f);
    return 0;
}

static enum err_code verify(struct fixture *f)
{
    buf_clear(&f->report);
    err_clear(&f->err);
    return journal_verify(f->directory, &f->report, &f->err);
}

static void execute(struct fixture *f, const char *sql)
{
    struct buf path = {0};
    sqlite3 *db;
    char *message = NULL;

    buf_printf(&path, "%s/journal.db", f->directory);
    assert_int_equal(sqlite3_open(path.data, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    buf_fini(&path);
}

static void drop_witness(struct fixture *f)
{
    struct buf path = {0};

    buf_printf(&path, "%s/head", f->directory);
    assert_int_equal(unlink(path.data), 0);
    buf_fini(&path);
}

static void an_untouched_journal_is_right(void **state)
{
    struct fixture *f = *state;

    if (verify(f) != ERR_OK)
        fail_msg("%s", f->err.message[LANGUAGE_EN]);
    assert_non_null(strstr(f->report.data, "the chain holds"));
    assert_non_null(strstr(f->report.data, "of 2 events are as committed to, of 0 erased"));
    assert_int_equal(verify(f), ERR_OK); // verifying changed nothing
}

// `at` is the sequence that must be named, 0 = none; `says` stands in the sentence.
struct tampering {
    const char *name, *sql;
    int at;
    const char *says;
    bool witness; // leave it where it is
};

static const struct tampering tamperings[] = {
    {"a word of an event's bytes",
     "UPDATE event SET bytes = CAST(replace(CAST(bytes AS TEXT), 'anna', 'anya') AS BLOB) "
     "WHERE sequence = 7",
     7, "chain", false},
    {"a byte of a chain value",
     "UPDATE event SET chain = CAST(iif(substr(chain, 1, 1) = x'00', x'01', x'00') || "
     "substr(chain, 2) AS BLOB) WHERE sequence = 9",
     9, "chain", false},
    {"an event taken out", "DELETE FROM event WHERE sequence = 5", 5, "missing", false},
    {"the first event taken out", "DELETE FROM event WHERE sequence = 1", 1, "missing", false},
    {"two events swapped",
     "UPDATE event SET sequence = -1 WHERE sequence = 12;"
     "UPDATE event SET sequence = 12 WHERE sequence = 13;"
     "UPDATE event SET sequence = 13 WHERE sequence = -1",
     12, "chain", false},
    {"the end cut off", "DELETE FROM event WHERE sequence > 20", 21, "missing", false},
    {"the end cut off with its ids",
     "DELETE FROM event WHERE sequence > 20; DELETE FROM event_id WHERE sequence > 20", 21,
     "older copy", true},
    {"an event's type", "UPDATE event SET type = type % 3 + 1 WHERE sequence = 6", 6, "type",
     false},
    {"an id forgotten", "DELETE FROM event_id WHERE sequence = 8", 8, "second time", false},
    {"an id moved", "UPDATE event_id SET sequence = 3 WHERE sequence = 8", 8, "another event",
     false},
    {"a digest of an id changed",
     "UPDATE event_id SET digest = CAST(iif(substr(digest, 1, 1) = x'00', x'01', x'00') || "
     "substr(digest, 2) AS BLOB) WHERE sequence = 9",
     9, "digest", false},
    {"the digest of another event's id",
     "UPDATE event_id SET digest = (SELECT digest FROM event_id WHERE sequence = 10) WHERE "
     "sequence "
     "= 11",
     11, "digest", false},
    {"an id too many",
     "INSERT INTO event_id SELECT identity, 'extra', 3, digest FROM event_id LIMIT 1", 0,
     "ids are kept", false},
    {"personal data changed",
     "UPDATE personal SET sealed = CAST(substr(sealed, 1, 20) || iif(substr(sealed, 21, 1) = "
     "x'00', x'01', x'00') || substr(sealed, 22) AS "
     "BLOB) "
     "WHERE sequence = 2",
     2, "cannot be opened", false},
    {"personal data of two events swapped",
     "UPDATE personal SET sequence = -1 WHERE sequence = 2;"
     "UPDATE personal SET sequence = 2 WHERE sequence = 4;"
     "UPDATE personal SET sequence = 4 WHERE sequence = -1",
     2, "cannot be opened", false},
    {"personal data taken out without a word", "DELETE FROM personal WHERE sequence = 4", 4,
     "no personal.purged", false},
    {"a phone's digest taken out", "DELETE FROM lookup WHERE reg_no LIKE '%-000002'", 4,
     "can no longer be found", false},
    {"a phone's digest too many", "INSERT INTO lookup VALUES(randomblob(32), '2026-000001')", 0,
     "digests of phones", false},
    {"personal data beside another event", "UPDATE personal SET sequence = 6 WHERE sequence = 4", 6,
     "does not name", false},
    {"a count", "UPDATE incident SET calls = calls + 1 WHERE incident = 1", 0,
     "In incident 1 the column calls", false},
    {"a text", "UPDATE incident SET cause = 'гроза' WHERE incident = 1", 0, "column cause", false},
    {"a state word", "UPDATE incident SET state = 'closed' WHERE incident = 2", 0, "column state",
     false},
    {"an incident taken out", "DELETE FROM incident WHERE incident = 2", 0, "lacks incident 2",
     false},
    {"an incident put in", "INSERT INTO counter(name, value) VALUES('reg_no/2031', 5)", 0,
     "has counter reg_no/2031", false},
    {"a counter", "UPDATE counter SET value = value - 1 WHERE name = 'incident'", 0,
     "counter incident", false},
    {"a contact's incident", "UPDATE contact SET incident = 2 WHERE incident = 1", 0, "contact",
     false},
    {"a cover", "DELETE FROM cover WHERE level = 'node' AND record = 'incident'", 0, "lacks cover",
     false},
    {"a cover's restoration", "UPDATE cover SET restored_at = 1 - restored_at", 0,
     "column restored", false},
    {"who named a cover", "UPDATE cover SET listed = 1 - listed", 0, "column listed", false},
    {"planned works", "UPDATE planned SET ends = ends + 60000", 0, "planned 1 the column ends",
     false},
    {"a node's mark", "UPDATE node_state SET mark = 'out'", 0, "column mark", false},
    {"the mode", "UPDATE mode SET mode = 'normal'", 0, "column mode", false},
    {"a line of a timeline",
     "DELETE FROM timeline WHERE incident = 2 AND sequence ="
     " (SELECT max(sequence) FROM timeline WHERE incident = 2)",
     0, "lacks timeline 2", false},
    {"the lineage", "UPDATE base SET lineage = randomblob(16)", 0, "base row", false},
    {"the base's sequence", "UPDATE base SET sequence = 3", 0, "base row", false},
};

static void every_tampering_is_found_and_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tamperings) / sizeof(tamperings[0]); i++) {
        const struct tampering *tampering = &tamperings[i];
        struct fixture *f;
        char path[40] = "";

        assert_int_equal(set_up((void **)&f), 0);
        execute(f, tampering->sql);
        if (!tampering->witness)
            drop_witness(f);
        enum err_code code = verify(f);
        if (code == ERR_OK)
            fail_msg("%s: not found", tampering->name);
        if (tampering->at)
            snprintf(path, sizeof(path), "sequence/%d", tampering->at);
        if (strcmp(f->err.path, path) != 0 || !strstr(f->err.message[LANGUAGE_EN], tampering->says))
            fail_msg("%s: \"%s\" at \"%s\"; \"%s\" at \"%s\" was to be said", tampering->name,
                     f->err.message[LANGUAGE_EN], f->err.path, tampering->says, path);
        assert_true(f->err.message[LANGUAGE_RU][0]);
        tear_down((void **)&f);
    }
}

// Any one bit, anywhere in any event.
static void one_bit_anywhere_is_found(void **state)
{
    struct fixture *f = *state;
    unsigned seed = 4711;

    drop_witness(f);
    for (int i = 0; i < 60; i++) {
        int sequence = rand_r(&seed) % (int)f->head + 1, byte = rand_r(&seed) % 200 + 1;
        char flip[400], path[40];

        // XOR with 1 as a | b - a & b: SQLite has no other. The same again flips it back.
        snprintf(
            flip, sizeof(flip),
            "CREATE TEMP TABLE b AS SELECT unicode(substr(CAST(bytes AS TEXT), %d, 1)) AS c, "
            "bytes FROM event WHERE sequence = %d; "
            "UPDATE event SET bytes = CAST(substr(CAST(bytes AS TEXT), 1, %d) || "
            "char((SELECT (c | 1) - (c & 1) FROM b)) || substr(CAST(bytes AS TEXT), %d) AS BLOB)"
            " WHERE sequence = %d",
            byte, sequence, byte - 1, byte + 1, sequence);
        execute(f, flip);
        snprintf(path, sizeof(path), "sequence/%d", sequence);
        assert_int_equal(verify(f), ERR_INVALID);
        assert_string_equal(f->err.path, path);
        execute(f, flip);
    }
    assert_int_equal(verify(f), ERR_OK);
}

// Whoever has the file but not the key can make the chain fit again; the witness still knows.
static void a_rewritten_history_meets_the_witness(void **state)
{
    struct fixture *f = *state;
    struct spine spine;
    char *forged = scratch_new(), path[40];

    spine_open(&spine, forged);
    // The same lineage, so that the forged chain begins as the true one.
    spine_fill(&spine);
    spine_close(&spine);
    struct buf attach = {0};
    buf_printf(&attach,
               "ATTACH '%s/journal.db' AS forged; UPDATE base SET lineage = (SELECT lineage FROM "
               "forged.base), chain = (SELECT chain FROM forged.base); DELETE FROM event;"
               "DELETE FROM personal;"
               "INSERT INTO event SELECT * FROM forged.event",
               forged);
    execute(f, attach.data);
    snprintf(path, sizeof(path), "sequence/%d", (int)f->head);
    assert_int_equal(verify(f), ERR_INVALID);
    assert_string_equal(f->err.path, path);
    assert_non_null(strstr(f->err.message[LANGUAGE_EN], "rewritten"));
    buf_fini(&attach);
    scratch_remove(forged);
}

static void an_older_copy_is_known_by_the_witness(void **state)
{
    struct fixture *f = *state;
    struct buf copy = {0}, restore = {0};
    struct spine spine;
    char path[40];

    buf_printf(&copy, "VACUUM INTO '%s/copy.db'", f->directory);
    execute(f, copy.data);
    spine_open(&spine, f->directory);
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "l%d", i);
        assert_int_not_equal(spine_tell(&spine, id, "log.entry", "{\"text\":\"после копии\"}"), 0);
    }
    spine_close(&spine);
    assert_int_equal(verify(f), ERR_OK);
    buf_printf(&restore, "cd '%s' && mv copy.db journal.db && rm -f journal.db-wal journal.db-shm",
               f->directory);
    assert_int_equal(system(restore.data), 0);
    assert_int_equal(verify(f), ERR_INVALID);
    snprintf(path, sizeof(path), "sequence/%d", (int)f->head + 1);
    assert_string_equal(f->err.path, path);
    assert_non_null(strstr(f->err.message[LANGUAGE_EN], "older copy"));
    buf_fini(&copy);
    buf_fini(&restore);
}

static void a_journal_in_use_or_absent_is_refused(void **state)
{
    struct fixture *f = *state;
    struct store *store = store_open(f->directory, false, &f->err);

    assert_non_null(store);
    assert_int_equal(verify(f), ERR_CONFLICT);
    store_close(store);
    assert_int_equal(journal_verify("/nonexistent/pult", &f->report, &f->err), ERR_NOT_FOUND);
    char *empty = scratch_new();
    assert_int_equal(journal_verify(empty, &f->report, &f->err), ERR_NOT_FOUND);
    scratch_remove(empty);
}

// A damaged file is a sentence, never a crash.
static void garbage_in_the_file_is_said(void **state)
{
    struct fixture *f = *state;
    struct buf path = {0};
    unsigned seed = 99;

    execute(f, "PRAGMA wal_checkpoint(TRUNCATE)");
    buf_printf(&path, "%s/journal.db", f->directory);
    for (int i = 0; i < 25; i++) {
        FILE *file = fopen(path.data, "r+");
        fseek(file, 0, SEEK_END);
        long at = 4096 + (long)rand_r(&seed) % (ftell(file) - 4096);
        unsigned char was[64], now[64];
        fseek(file, at, SEEK_SET);
        size_t length = fread(was, 1, sizeof(was), file);
        for (size_t k = 0; k < length; k++)
            now[k] = (unsigned char)rand_r(&seed);
        fseek(file, at, SEEK_SET);
        fwrite(now, 1, length, file);
        fclose(file);
        if (verify(f) != ERR_OK)
            assert_true(f->err.message[LANGUAGE_EN][0] && f->err.message[LANGUAGE_RU][0]);
        file = fopen(path.data, "r+");
        fseek(file, at, SEEK_SET);
        fwrite(was, 1, length, file);
        fclose(file);
    }
    assert_int_equal(verify(f), ERR_OK);
    buf_fini(&path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_untouched_journal_is_right),
        cmocka_unit_test(every_tampering_is_found_and_named),
        TEST(one_bit_anywhere_is_found),
        TEST(a_rewritten_history_meets_the_witness),
        TEST(an_older_copy_is_known_by_the_witness),
        TEST(a_journal_in_use_or_absent_is_refused),
        TEST(garbage_in_the_file_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
