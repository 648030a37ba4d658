// The outbox: what it took is on disk until it was answered for.
#include "lib/outbox.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct box {
    char *directory;
    char file[512];
    struct outbox *outbox;
};

static void open_box(struct box *box)
{
    box->directory = scratch_new();
    snprintf(box->file, sizeof(box->file), "%s/deep/down/outbox.db", box->directory);
    box->outbox = outbox_open(box->file, "ipc://a", NULL);
    assert_non_null(box->outbox);
}

static void close_box(struct box *box)
{
    outbox_close(box->outbox);
    scratch_remove(box->directory);
}

static int64_t add(struct outbox *outbox, const char *id, int64_t now_ms)
{
    int64_t slip = 0;

    assert_int_equal(outbox_add(outbox, slice_of(id), slice_of("{\"x\":1}"), now_ms, &slip, NULL),
                     ERR_OK);
    return slip;
}

struct seen {
    int64_t slips[16];
    enum outbox_state states[16];
    char answers[16][64];
    size_t count, stop_after;
};

static bool see(void *context, const struct outbox_item *item)
{
    struct seen *seen = context;

    seen->slips[seen->count] = item->slip;
    seen->states[seen->count] = item->state;
    snprintf(seen->answers[seen->count], 64, "%.*s", (int)item->answer.length,
             item->answer.data ? item->answer.data : "");
    seen->count++;
    return seen->stop_after == 0 || seen->count < seen->stop_after;
}

static void what_waits_comes_in_order_until_it_is_settled(void **state)
{
    struct box box;
    struct seen seen = {0};
    int64_t oldest_ms;

    (void)state;
    open_box(&box);
    int64_t first = add(box.outbox, "a", 1000);
    int64_t second = add(box.outbox, "b", 2000);
    int64_t third = add(box.outbox, "c", 3000);
    assert_true(first < second && second < third);
    assert_int_equal(
        outbox_settle(box.outbox, second, OUTBOX_ANSWERED, slice_of("{\"n\":1}"), 4000, NULL),
        ERR_OK);
    outbox_waiting(box.outbox, 0, see, &seen, NULL);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.slips[0], first);
    assert_int_equal(seen.slips[1], third);
    assert_int_equal(outbox_depth(box.outbox, &oldest_ms), 2);
    assert_int_equal(oldest_ms, 1000);
    close_box(&box);
}

static void an_answer_is_kept_and_found_by_time(void **state)
{
    struct box box;
    struct seen seen = {0};

    (void)state;
    open_box(&box);
    add(box.outbox, "old", 1000);
    int64_t slip = add(box.outbox, "new", 5000);
    outbox_settle(box.outbox, slip, OUTBOX_REFUSED, slice_of("{\"code\":\"invalid\"}"), 6000, NULL);
    outbox_since(box.outbox, 2000, see, &seen, NULL);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.states[0], OUTBOX_REFUSED);
    assert_string_equal(seen.answers[0], "{\"code\":\"invalid\"}");
    close_box(&box);
}

static void what_was_answered_long_ago_is_deleted_and_what_waits_never(void **state)
{
    struct box box;
    struct seen seen = {0};

    (void)state;
    open_box(&box);
    int64_t done = add(box.outbox, "done", 1000);
    int64_t waits = add(box.outbox, "waits", 1000);
    outbox_settle(box.outbox, done, OUTBOX_ANSWERED, slice_of("{}"), 1000, NULL);
    int64_t later = add(box.outbox, "later", 2000);
    outbox_settle(box.outbox, later, OUTBOX_ANSWERED, slice_of("{}"), 1001 + OUTBOX_KEEP_MS, NULL);
    outbox_since(box.outbox, 0, see, &seen, NULL);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.slips[0], waits);
    assert_int_equal(seen.slips[1], later);
    close_box(&box);
}

static void the_same_event_waits_once_and_goes_again_once_it_was_answered(void **state)
{
    struct box box;
    int64_t oldest_ms;

    (void)state;
    open_box(&box);
    int64_t slip = add(box.outbox, "same", 1000);
    assert_int_equal(add(box.outbox, "same", 2000), slip);
    assert_int_equal(outbox_depth(box.outbox, &oldest_ms), 1);
    assert_int_equal(oldest_ms, 1000);
    int64_t other;
    assert_int_equal(outbox_add(box.outbox, slice_of("same"), slice_of("{}"), 2000, &other, NULL),
                     ERR_CONFLICT);
    outbox_settle(box.outbox, slip, OUTBOX_ANSWERED, slice_of("{}"), 3000, NULL);
    assert_true(add(box.outbox, "same", 4000) > slip);
    assert_int_equal(outbox_depth(box.outbox, &oldest_ms), 1);
    close_box(&box);
}

static void two_programs_share_the_file(void **state)
{
    struct box box;
    struct seen seen = {0};

    (void)state;
    open_box(&box);
    struct outbox *other = outbox_open(box.file, "ipc://a", NULL);
    assert_non_null(other);
    int64_t mine = add(box.outbox, "mine", 1000);
    int64_t theirs = add(other, "theirs", 1000);
    assert_int_not_equal(mine, theirs);
    outbox_waiting(box.outbox, 0, see, &seen, NULL);
    assert_int_equal(seen.count, 2);
    outbox_close(other);
    close_box(&box);
}

static size_t waiting(struct outbox *outbox)
{
    struct seen seen = {0};
    int64_t oldest_ms;

    outbox_waiting(outbox, 0, see, &seen, NULL);
    assert_int_equal(seen.count, outbox_depth(outbox, &oldest_ms));
    return seen.count;
}

static struct outbox *open_for(const struct box *box, const char *endpoint)
{
    struct outbox *outbox = outbox_open(box->file, endpoint, NULL);

    assert_non_null(outbox);
    return outbox;
}

static void a_call_for_one_bus_is_not_seen_by_another(void **state)
{
    struct box box;
    struct seen seen = {0};

    (void)state;
    open_box(&box); // ipc://a
    add(box.outbox, "before the first hello", 1000);
    struct outbox *other = open_for(&box, "ipc://b");
    assert_int_equal(waiting(other), 0);
    assert_int_equal(outbox_meet(other, "journal-b", 1000, NULL), ERR_OK);
    assert_int_equal(waiting(other), 0);
    outbox_since(other, 0, see, &seen, NULL);
    assert_int_equal(seen.count, 0);
    assert_int_equal(outbox_meet(box.outbox, "journal-a", 1000, NULL), ERR_OK);
    assert_int_equal(waiting(box.outbox), 1);
    outbox_close(other);
    close_box(&box);
}

static void a_call_taken_while_the_bus_is_away_is_for_the_journal_last_met_there(void **state)
{
    struct box box;

    (void)state;
    open_box(&box);
    assert_int_equal(outbox_meet(box.outbox, "journal-a", 1000, NULL), ERR_OK);
    outbox_close(box.outbox);
    box.outbox = open_for(&box, "ipc://a"); // the broker is away
    add(box.outbox, "a", 1000);
    assert_int_equal(waiting(box.outbox), 1);
    // The same journal at another endpoint gets it, another journal at the same endpoint does not.
    struct outbox *tcp = open_for(&box, "tcp://127.0.0.1:5570");
    assert_int_equal(outbox_meet(tcp, "journal-a", 1000, NULL), ERR_OK);
    assert_int_equal(waiting(tcp), 1);
    outbox_close(tcp);
    assert_int_equal(outbox_meet(box.outbox, "journal-2", 1000, NULL), ERR_OK);
    assert_int_equal(waiting(box.outbox), 0);
    assert_int_equal(outbox_stranded(box.outbox), 1);
    // Until somebody who knows says that it took the former one's place.
    assert_int_equal(outbox_adopt(box.outbox, NULL), ERR_OK);
    assert_int_equal(outbox_stranded(box.outbox), 0);
    assert_int_equal(waiting(box.outbox), 1);
    close_box(&box);
}

static void a_file_of_a_version_that_knew_no_bus_keeps_its_calls(void **state)
{
    static const char former[] =
        "CREATE TABLE outbox (slip INTEGER PRIMARY KEY AUTOINCREMENT, created_ms INTEGER NOT NULL,"
        " state INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, event BLOB NOT NULL, answer BLOB,"
        " settled_ms INTEGER);"
        "INSERT INTO outbox (created_ms, state, id, event) VALUES (1000, 0, 'old', '{}');";
    struct box box;
    sqlite3 *db;

    (void)state;
    open_box(&box);
    outbox_close(box.outbox);
    assert_int_equal(unlink(box.file), 0);
    assert_int_equal(sqlite3_open(box.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, former, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    box.outbox = open_for(&box, "ipc://a");
    assert_int_equal(waiting(box.outbox), 1);
    assert_int_equal(outbox_meet(box.outbox, "journal-a", 1000, NULL), ERR_OK);
    struct outbox *other = open_for(&box, "ipc://b");
    assert_int_equal(waiting(box.outbox), 1);
    assert_int_equal(waiting(other), 0);
    outbox_close(other);
    close_box(&box);
}

static void nobody_else_may_read_it(void **state)
{
    struct box box;
    struct stat status;

    (void)state;
    open_box(&box);
    assert_int_equal(stat(box.file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    close_box(&box);
}

static void a_file_that_is_a_link_is_refused(void **state)
{
    struct box box;
    char link[600];
    struct err err;

    (void)state;
    open_box(&box);
    snprintf(link, sizeof(link), "%s/link.db", box.directory);
    assert_int_equal(symlink(box.file, link), 0);
    assert_null(outbox_open(link, "ipc://a", &err));
    assert_int_equal(err.code, ERR_UNAVAILABLE);
    close_box(&box);
}

// A child adds and tells each slip through a pipe as soon as outbox_add() returned, until it is
// killed: every slip that was told is there.
static void add_until_killed(const char *file, int told)
{
    struct outbox *outbox = outbox_open(file, "ipc://a", NULL);

    for (int i = 0;; i++) {
        char id[32];
        int64_t slip = 0;
        snprintf(id, sizeof(id), "%d-%d", (int)getpid(), i);
        if (outbox_add(outbox, slice_of(id), slice_of("{}"), 1, &slip, NULL) != ERR_OK ||
            write(told, &slip, sizeof(slip)) != sizeof(slip))
            _exit(1);
    }
}

static void a_kill_loses_nothing_that_was_told(void **state)
{
    struct box box;

    (void)state;
    open_box(&box);
    for (int round = 0; round < 10; round++) {
        int told[2];
        int64_t slip = 0;
        int64_t last = 0;
        int64_t oldest_ms;
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        if (child == 0)
            add_until_killed(box.file, told[1]);
        close(told[1]);
        for (int i = 0; i <= round; i++)
            if (read(told[0], &slip, sizeof(slip)) == sizeof(slip))
                last = slip;
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(told[0], &slip, sizeof(slip)) == sizeof(slip))
            last = slip;
        close(told[0]);
        assert_true(last > 0);
        // Slips rise by one and none was settled, so the depth is at least the last one told.
        assert_true((int64_t)outbox_depth(box.outbox, &oldest_ms) >= last);
    }
    close_box(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_comes_in_order_until_it_is_settled),
        cmocka_unit_test(an_answer_is_kept_and_found_by_time),
        cmocka_unit_test(what_was_answered_long_ago_is_deleted_and_what_waits_never),
        cmocka_unit_test(the_same_event_waits_once_and_goes_again_once_it_was_answered),
        cmocka_unit_test(two_programs_share_the_file),
        cmocka_unit_test(a_call_for_one_bus_is_not_seen_by_another),
        cmocka_unit_test(a_call_taken_while_the_bus_is_away_is_for_the_journal_last_met_there),
        cmocka_unit_test(a_file_of_a_version_that_knew_no_bus_keeps_its_calls),
        cmocka_unit_test(nobody_else_may_read_it),
        cmocka_unit_test(a_file_that_is_a_link_is_refused),
        cmocka_unit_test(a_kill_loses_nothing_that_was_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
