// The batch: the invariants of busd/batch.h, with disks that fill and fail.
#include "busd/batch.h"
#include "busd/store_private.h"
#include "lib/clock.h"
#include "lib/path.h"
#include "tests/lib/fault_vfs.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS_MAX = 16 };
static const int64_t now_ms = INT64_C(1772280000000); // 2026-02-28T12:00:00Z

struct bench {
    char *directory;
    struct schemas *schemas;
    struct network *network;
    struct batch batch;
    struct publish *requests[REQUESTS_MAX];
    size_t count;
    struct err err;
};

static void must(const void *thing, const struct err *err)
{
    if (!thing)
        fail_msg("%s", err->message[LANGUAGE_EN]);
}

static struct network *one_premise(void)
{
    struct model *model = model_new();
    struct slice culprit;

    model_add_premise(model, &(struct model_premise){.key = 1,
                                                     .account = slice_of("A1"),
                                                     .node = MODEL_NO_NODE,
                                                     .house = 1,
                                                     .street = 1,
                                                     .settlement = 1});
    assert_true(model_finish(model, &culprit));
    return network_new(model, NULL);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    char share[PATH_BYTES], schemas[PATH_BYTES + 16];

    fault_vfs_register();
    fault_vfs_plan(FAULT_NONE, 0);
    err_clear(&bench->err);
    assert_int_equal(clock_set_zone("Europe/Moscow", &bench->err), ERR_OK);
    assert_int_equal(path_share(share, &bench->err), ERR_OK);
    snprintf(schemas, sizeof schemas, "%s/schemas", share);
    bench->directory = scratch_new();
    bench->schemas = schemas_load(schemas, "", &bench->err);
    must(bench->schemas, &bench->err);
    batch_init(&bench->batch);
    bench->batch.store =
        store_open_with(bench->directory, &(struct store_options){.vfs = FAULT_VFS}, &bench->err);
    must(bench->batch.store, &bench->err);
    bench->batch.journal = journal_open(bench->batch.store, bench->directory, &bench->err);
    must(bench->batch.journal, &bench->err);
    bench->network = one_premise();
    bench->batch.network = bench->network;
    bench->batch.engine = engine_new();
    engine_set_model(bench->batch.engine, network_model(bench->network));
    bench->batch.rules = (struct publish_rules){.schemas = bench->schemas,
                                                .journal = bench->batch.journal,
                                                .event_bytes = 65536,
                                                .array_events = 1000};
    *state = bench;
    return 0;
}

static void drop_packets(struct bench *bench)
{
    while (bench->batch.packet_count)
        packet_release(bench->batch.packets[--bench->batch.packet_count]);
}

static void clear(struct bench *bench)
{
    while (bench->count)
        publish_free(bench->requests[--bench->count]);
    drop_packets(bench);
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    clear(bench);
    fault_vfs_plan(FAULT_NONE, 0);
    journal_close(bench->batch.journal);
    store_close(bench->batch.store);
    engine_free(bench->batch.engine);
    network_release(bench->network);
    schemas_free(bench->schemas);
    batch_fini(&bench->batch);
    scratch_remove(bench->directory);
    free(bench);
    return 0;
}

#define LOG(id) \
    "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"type\":\"log.entry\",\"data\":{\"text\":\"t\"}}"
#define REPORT(id)                                                              \
    "{\"specversion\":\"1.0\",\"id\":\"" id                                     \
    "\",\"type\":\"contact.outage_report\",\"data\":{\"applicant\":\"person\"," \
    "\"premise\":{\"account\":\"A1\"},\"symptom\":\"no_power\","                \
    "\"caller\":{\"phone\":\"+7 912 555-01-41\"}}}"
// Refused by the engine: there is no such incident.
#define WRONG(id)                           \
    "{\"specversion\":\"1.0\",\"id\":\"" id \
    "\",\"type\":\"incident.restored\",\"data\":{\"incident\":999}}"

// Happens once.
#define DONE(id)                            \
    "{\"specversion\":\"1.0\",\"id\":\"" id \
    "\",\"type\":\"incident.cancelled\",\"data\":{\"incident\":1,\"reason\":\"not_found\"}}"

static struct publish *add(struct bench *bench, const char *text)
{
    struct publish *request = publish_new();

    assert_true(bench->count < REQUESTS_MAX);
    buf_add_text(&request->body, text);
    snprintf(request->identity, sizeof request->identity, "pult:user:anna");
    assert_int_equal(publish_read(request, &bench->batch.rules), ERR_OK);
    bench->requests[bench->count++] = request;
    return request;
}

static size_t run(struct bench *bench)
{
    return batch_run(&bench->batch, bench->requests, bench->count, now_ms);
}

static void says(const struct publish *request, const char *text)
{
    if (request->err.code != ERR_OK || !strstr(buf_text(&request->results), text))
        fail_msg("\"%s\" is not in: %s %s", text, err_word(request->err.code),
                 buf_text(&request->results));
}

// The packets are the journal's events, without a gap, and nothing else is in the store.
static void has_events(struct bench *bench, int64_t first, size_t count)
{
    assert_int_equal(bench->batch.packet_count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(bench->batch.packets[i]->sequence, first + (int64_t)i);
    assert_int_equal(store_head(bench->batch.store, NULL), first + (int64_t)count - 1);
}

static void requests_of_a_batch_are_committed_in_order(void **state)
{
    struct bench *bench = *state;

    add(bench, LOG("a"));
    add(bench, "[" LOG("b") "," LOG("c") "]");
    add(bench, LOG("d"));
    assert_int_equal(run(bench), 3);
    says(bench->requests[0], "\"sequence\":1");
    says(bench->requests[1], "{\"id\":\"b\",\"sequence\":2,\"duplicate\":false},{\"id\":\"c\","
                             "\"sequence\":3,\"duplicate\":false}");
    says(bench->requests[2], "\"sequence\":4");
    has_events(bench, 1, 4);
}

static void a_refused_event_leaves_the_others_and_no_trace(void **state)
{
    struct bench *bench = *state;

    add(bench, LOG("a"));
    add(bench, WRONG("b"));
    add(bench, LOG("c"));
    assert_int_equal(run(bench), 3);
    assert_int_equal(bench->requests[1]->err.code, ERR_NOT_FOUND);
    says(bench->requests[2], "\"sequence\":2");
    has_events(bench, 1, 2);
    clear(bench);
    // Its id was not taken.
    says((add(bench, LOG("b")), run(bench), bench->requests[0]), "\"sequence\":3");
}

static void an_array_that_fails_behind_its_first_is_undone_whole(void **state)
{
    struct bench *bench = *state;

    add(bench, REPORT("a"));
    add(bench, "[" REPORT("b") "," LOG("c") "," WRONG("d") "]");
    add(bench, REPORT("e"));
    // The batch ends with the array; what is behind it is left for the next.
    assert_int_equal(run(bench), 2);
    says(bench->requests[0], "\"reg_no\":\"2026-000001\"");
    assert_int_equal(bench->requests[1]->err.code, ERR_NOT_FOUND);
    assert_int_equal(bench->requests[1]->err.index, 2);
    has_events(bench, 1, 2); // the report, and the incident that it opened
    assert_int_equal(engine_incident(bench->batch.engine, 1)->calls, 1);
    drop_packets(bench);
    assert_int_equal(batch_run(&bench->batch, bench->requests + 2, 1, now_ms), 1);
    // No number is missing.
    says(bench->requests[2], "\"reg_no\":\"2026-000002\"");
    assert_int_equal(engine_incident(bench->batch.engine, 1)->calls, 2);
    assert_null(engine_incident(bench->batch.engine, 2));
}

static void an_array_that_opens_incidents_and_fails_leaves_none(void **state)
{
    struct bench *bench = *state;

    add(bench, "[" REPORT("b") "," WRONG("d") "]");
    assert_int_equal(run(bench), 1);
    assert_int_equal(bench->requests[0]->err.index, 1);
    has_events(bench, 1, 0);
    assert_null(engine_incident(bench->batch.engine, 1));
    assert_int_equal(engine_open_incidents(bench->batch.engine), 0);
    clear(bench);
    add(bench, REPORT("b"));
    assert_int_equal(run(bench), 1);
    says(bench->requests[0], "\"reg_no\":\"2026-000001\",\"incident\":1");
}

static void the_same_event_again_gets_its_first_results(void **state)
{
    struct bench *bench = *state;

    add(bench, REPORT("a"));
    add(bench, REPORT("a"));
    assert_int_equal(run(bench), 2);
    says(bench->requests[1], "\"sequence\":1,\"duplicate\":true,\"reg_no\":\"2026-000001\","
                             "\"incident\":1");
    says(bench->requests[1], "\"say\":");
    clear(bench);
    add(bench, "[" LOG("b") "," REPORT("a") "]");
    assert_int_equal(run(bench), 1);
    says(bench->requests[0], "\"duplicate\":true,\"reg_no\":\"2026-000001\"");
    has_events(bench, 3, 1);
    assert_int_equal(engine_incident(bench->batch.engine, 1)->calls, 1);
    assert_int_equal(bench->batch.duplicates, 2);
}

// Sent again it would be refused, since it has happened: the first answer counts all the same.
static void an_event_that_could_not_happen_twice_gets_its_first_results(void **state)
{
    struct bench *bench = *state;

    add(bench, REPORT("a"));
    add(bench, DONE("b"));
    add(bench, DONE("b"));
    add(bench, DONE("c"));
    assert_int_equal(run(bench), 4);
    says(bench->requests[1], "\"duplicate\":false");
    says(bench->requests[2], "\"duplicate\":true");
    assert_int_equal(bench->requests[3]->err.code, ERR_CONFLICT);
    assert_string_not_equal(bench->requests[3]->err.reason, "id_used");
}

static void an_id_that_stands_for_another_event_is_a_conflict(void **state)
{
    struct bench *bench = *state;

    add(bench, LOG("a"));
    add(bench, REPORT("a"));
    assert_int_equal(run(bench), 2);
    assert_int_equal(bench->requests[1]->err.code, ERR_CONFLICT);
    assert_string_equal(bench->requests[1]->err.reason, "id_used");
    has_events(bench, 1, 1);
}

static void ids_of_two_identities_do_not_meet(void **state)
{
    struct bench *bench = *state;

    add(bench, LOG("a"));
    snprintf(add(bench, REPORT("a"))->identity, ACCESS_IDENTITY_BYTES, "pult:user:boris");
    assert_int_equal(run(bench), 2);
    assert_int_equal(bench->requests[1]->err.code, ERR_OK);
    has_events(bench, 1, 3);
}

static void a_full_disk_answers_unavailable_and_changes_nothing(void **state)
{
    struct bench *bench = *state;

    add(bench, REPORT("a"));
    assert_int_equal(run(bench), 1);
    clear(bench);
    fault_vfs_plan(FAULT_FULL, 1);
    add(bench, REPORT("b"));
    add(bench, WRONG("c"));
    assert_int_equal(run(bench), 2);
    assert_true(fault_vfs_struck());
    assert_int_equal(bench->requests[0]->err.code, ERR_UNAVAILABLE);
    assert_true(bench->requests[0]->err.retry_ms > 0);
    assert_int_equal(bench->requests[1]->err.code, ERR_NOT_FOUND);
    assert_int_equal(bench->batch.packet_count, 0);
    assert_int_equal(engine_incident(bench->batch.engine, 1)->calls, 1);
    assert_int_equal(journal_head(bench->batch.journal), 2);
    clear(bench);
    fault_vfs_plan(FAULT_NONE, 0);
    add(bench, REPORT("b"));
    assert_int_equal(run(bench), 1);
    says(bench->requests[0], "\"reg_no\":\"2026-000002\",\"incident\":1");
    assert_int_equal(engine_incident(bench->batch.engine, 1)->calls, 2);
    has_events(bench, 3, 1);
}

static void after_an_io_error_nothing_is_answered(void **state)
{
    struct bench *bench = *state;

    add(bench, LOG("a"));
    assert_int_equal(run(bench), 1);
    clear(bench);
    fault_vfs_plan(FAULT_ERROR, 1);
    add(bench, LOG("b"));
    assert_int_equal(run(bench), 0);
    assert_true(store_failed(bench->batch.store));
    clear(bench);
    // For good: the fault has gone, the store stays dead.
    add(bench, LOG("c"));
    assert_int_equal(run(bench), 0);
}

static void refusals_and_duplicates_alone_write_nothing(void **state)
{
    struct bench *bench = *state;

    add(bench, LOG("a"));
    assert_int_equal(run(bench), 1);
    clear(bench);
    fault_vfs_plan(FAULT_NONE, 0);
    add(bench, LOG("a"));
    add(bench, WRONG("b"));
    assert_int_equal(run(bench), 2);
    assert_int_equal(fault_vfs_operations(), 0);
    says(bench->requests[0], "\"sequence\":1,\"duplicate\":true");
}

static void a_time_far_ahead_is_kept_marked_and_counted(void **state)
{
    struct bench *bench = *state;

    add(bench, "{\"specversion\":\"1.0\",\"id\":\"a\",\"type\":\"log.entry\",\"time\":"
               "\"2026-02-28T12:05:01Z\",\"data\":{\"text\":\"t\"}}");
    add(bench, "{\"specversion\":\"1.0\",\"id\":\"b\",\"type\":\"log.entry\",\"time\":"
               "\"2026-02-28T12:04:59Z\",\"data\":{\"text\":\"t\"}}");
    assert_int_equal(run(bench), 2);
    assert_int_equal(bench->batch.ahead, 1);
    struct slice marked = bench->batch.packets[0]->bytes, plain = bench->batch.packets[1]->bytes;
    assert_non_null(memmem(marked.data, marked.length, "\"timeahead\":true", 16));
    assert_non_null(
        memmem(marked.data, marked.length, "\"time\":\"2026-02-28T15:05:01+03:00\"", 34));
    assert_null(memmem(plain.data, plain.length, "timeahead", 9));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(requests_of_a_batch_are_committed_in_order),
        TEST(a_refused_event_leaves_the_others_and_no_trace),
        TEST(an_array_that_fails_behind_its_first_is_undone_whole),
        TEST(an_array_that_opens_incidents_and_fails_leaves_none),
        TEST(the_same_event_again_gets_its_first_results),
        TEST(an_event_that_could_not_happen_twice_gets_its_first_results),
        TEST(an_id_that_stands_for_another_event_is_a_conflict),
        TEST(ids_of_two_identities_do_not_meet),
        TEST(a_full_disk_answers_unavailable_and_changes_nothing),
        TEST(after_an_io_error_nothing_is_answered),
        TEST(refusals_and_duplicates_alone_write_nothing),
        TEST(a_time_far_ahead_is_kept_marked_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
