// The store when the power, the disk or the space on it fails. It lives on a file system that fails on
// purpose; what it acknowledged is kept in a ledger here.
#include "busd/store_private.h"
#include "lib/mem.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/scratch.h"
#include "tests/lib/stored.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { BATCHES = 5 };
static const int batch_events[BATCHES] = {1, 3, 2, 7, 1};
static const size_t batch_bytes[BATCHES] = {500, 700, 230000, 900, 60000}; // the third: 110 pages

struct ledger {
    int64_t acknowledged; // head of the last commit that returned OK
    int64_t offered;      // head of the last batch that was begun
    int commits;
};

static struct store *open_faulty(const char *directory, const char *synchronous)
{
    struct err err;
    struct store *store = store_open_with(
        directory, &(struct store_options){.vfs = FAULT_VFS, .synchronous = synchronous}, &err);

    assert_non_null(store);
    return store;
}

static bool run_batch(struct store *store, int batch, struct ledger *ledger, struct err *err)
{
    int64_t sequence = ledger->acknowledged;

    if (store_begin(store, err) != ERR_OK)
        return false;
    for (int i = 0; i < batch_events[batch]; i++) {
        ledger->offered = ++sequence;
        if (stored_append(store, sequence, batch_bytes[batch], "log.entry", "pult:user:anna",
                          err) != ERR_OK) {
            store_rollback(store);
            return false;
        }
    }
    if (store_commit(store, err) != ERR_OK)
        return false;
    ledger->acknowledged = sequence;
    ledger->commits++;
    store_idle(store);
    return true;
}

static bool is_boundary(int64_t head)
{
    int64_t at = 0;

    for (int batch = 0; batch < BATCHES && at < head; batch++)
        at += batch_events[batch];
    return at == head;
}

// What a restart finds: everything acknowledged, whole batches, nothing that was not offered.
static bool holds(const char *directory, const struct ledger *ledger)
{
    struct err err;
    struct store *store = store_open(directory, false, &err);
    struct stored_reading reading = {.next = 1};
    sqlite3_stmt *check = NULL;

    if (!store)
        return false;
    int64_t head = store_head(store, NULL);
    bool good = head >= ledger->acknowledged && head <= ledger->offered && is_boundary(head) &&
                store_read(store, 0, 1000, stored_check, &reading, &err) == ERR_OK &&
                reading.next == head + 1 && !reading.wrong;
    store_prepare(store, &check, "PRAGMA integrity_check");
    good = good && check && sqlite3_step(check) == SQLITE_ROW &&
           strcmp((const char *)sqlite3_column_text(check, 0), "ok") == 0;
    sqlite3_finalize(check);
    store_close(store);
    return good;
}

// Cuts the power at every `stride`-th write or sync; how many cuts lost something acknowledged.
static int cuts_that_lose(const char *synchronous, int stride, int *cuts)
{
    int lost = 0;
    bool struck = true;

    *cuts = 0;
    for (int at = 1; struck; at += stride, ++*cuts) {
        char *directory = scratch_new();
        struct ledger ledger = {0};
        struct err err;
        struct store *store = open_faulty(directory, synchronous);
        fault_vfs_plan(FAULT_CUT, at);
        for (int batch = 0; batch < BATCHES && run_batch(store, batch, &ledger, &err); batch++)
            ;
        struck = fault_vfs_struck();
        store_close(store);
        fault_vfs_lose((unsigned)at % 3); // 0: all that was not synced
        lost += !holds(directory, &ledger);
        scratch_remove(directory);
    }
    return lost;
}

static void a_power_cut_loses_nothing_acknowledged(void **state)
{
    int cuts;

    (void)state;
    assert_int_equal(cuts_that_lose("FULL", 3, &cuts), 0);
    assert_true(cuts > 100);
}

// The control: a store that does not wait for the disk must be caught by the same test.
static void a_store_that_does_not_sync_is_caught(void **state)
{
    int cuts;

    (void)state;
    assert_true(cuts_that_lose("OFF", 17, &cuts) > 0);
    assert_true(cuts_that_lose("NORMAL", 17, &cuts) > 0);
}

static void the_first_io_error_ends_the_store(void **state)
{
    bool struck = true;
    int failed = 0;

    (void)state;
    for (int at = 1; struck; at += 5) {
        char *directory = scratch_new();
        struct ledger ledger = {0};
        struct err err;
        struct store *store = open_faulty(directory, "FULL");
        fault_vfs_plan(FAULT_ERROR, at);
        int batch = 0;
        while (batch < BATCHES && !store_failed(store) && run_batch(store, batch, &ledger, &err))
            batch++;
        struck = fault_vfs_struck();
        if (struck) {
            assert_true(store_failed(store));
            failed++;
            // F10: SQLite would carry on; the store must not.
            assert_int_equal(store_begin(store, &err), ERR_UNAVAILABLE);
            assert_string_equal(err.reason, "io_error");
        }
        store_close(store);
        assert_true(holds(directory, &ledger));
        scratch_remove(directory);
    }
    assert_true(failed > 50);
}

static void a_full_disk_refuses_and_later_works_again(void **state)
{
    bool struck = true;
    int refused = 0;

    (void)state;
    for (int at = 1; struck; at += 7) {
        char *directory = scratch_new();
        struct ledger ledger = {0};
        struct err err;
        struct store *store = open_faulty(directory, "FULL");
        fault_vfs_plan(FAULT_FULL, at);
        int batch = 0;
        while (batch < BATCHES && run_batch(store, batch, &ledger, &err))
            batch++;
        struck = fault_vfs_struck();
        if (batch < BATCHES) {
            struct stored_reading reading = {.next = 1};
            refused++;
            assert_int_equal(err.code, ERR_UNAVAILABLE);
            assert_string_equal(err.reason, "disk_full");
            assert_false(store_failed(store));
            assert_int_equal(store_head(store, NULL), ledger.acknowledged);
            assert_int_equal(store_read(store, 0, 1000, stored_check, &reading, &err), ERR_OK);
            assert_int_equal(reading.next, ledger.acknowledged + 1);
            assert_false(reading.wrong);
            assert_false(run_batch(store, batch, &ledger, &err)); // still full
        }
        fault_vfs_plan(FAULT_NONE, 0);
        while (batch < BATCHES) {
            assert_true(run_batch(store, batch, &ledger, &err));
            batch++;
        }
        store_close(store);
        assert_true(holds(directory, &ledger));
        scratch_remove(directory);
    }
    assert_true(refused > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_loses_nothing_acknowledged),
        cmocka_unit_test(a_store_that_does_not_sync_is_caught),
        cmocka_unit_test(the_first_io_error_ends_the_store),
        cmocka_unit_test(a_full_disk_refuses_and_later_works_again),
    };

    fault_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
