// The journal's format (journal.h): what a decided event becomes, byte by byte.
#include "busd/journal.h"
#include "busd/journal_witness.h"
#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/mem.h"
#include "tests/lib/scratch.h"
#include "tests/lib/spine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char *directory;
    struct spine spine;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    f->directory = scratch_new();
    spine_open(&f->spine, f->directory);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    spine_close(&f->spine);
    scratch_remove(f->directory);
    free(f);
    return 0;
}

static void reopen(struct fixture *f)
{
    spine_close(&f->spine);
    spine_open(&f->spine, f->directory);
}

static const char report[] =
    "{\"applicant\":\"person\",\"symptom\":\"no_power\",\"text\":\"нет света\","
    "\"premise\":{\"account\":\"100200\",\"street\":\"ул. Садовая\",\"house\":\"3\"},"
    "\"caller\":{\"name\":\"Анна Петрова\",\"phone\":\"+79125550141\"}}";

// The format cannot change after a release: here it stands written out.
static void an_event_is_written_exactly_so(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        spine_publish(&f->spine, "pult:user:anna",
                      "{ \"data\": {\"text\": \"смена \\u043e\\u043a\", \"incident\": 7},"
                      "\"time\":\"2026-02-28T09:00:00.250Z\", \"subject\":\"shift\","
                      "\"type\":\"log.entry\",\"id\":\"n-1\",\"specversion\":\"1.0\"}"),
        0); // there is no incident 7
    assert_int_equal(
        spine_publish(&f->spine, "pult:user:anna",
                      "{ \"data\": {\"text\": \"смена \\u043e\\u043a\"},"
                      "\"time\":\"2026-02-28T09:00:00.250Z\", \"subject\":\"shift\","
                      "\"type\":\"log.entry\",\"id\":\"n-1\",\"specversion\":\"1.0\"}"),
        1);
    assert_string_equal(f->spine.last.data,
                        "{\"specversion\":\"1.0\",\"id\":\"n-1\",\"type\":\"log.entry\","
                        "\"source\":\"pult:user:anna\",\"subject\":\"shift\","
                        "\"time\":\"2026-02-28T12:00:00.250+03:00\","
                        "\"recordedtime\":\"2026-02-28T15:00:03+03:00\","
                        "\"sequence\":\"0000000000000001\","
                        "\"dataschema\":\"pult:log.entry:1\",\"data\":{\"text\":\"смена ок\"}}");
}

static void the_chain_begins_with_the_lineage_and_binds_every_byte(void **state)
{
    struct fixture *f = *state;
    uint8_t chain[32], stored[32];
    char text[65];

    assert_int_equal(strlen(journal_lineage(f->spine.journal)), 36);
    crypto_sha256(journal_lineage(f->spine.journal), 36, chain);
    crypto_hex(chain, 32, text);
    assert_string_equal(journal_chain(f->spine.journal), text);
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof(id), "i%d", i);
        assert_int_equal(spine_tell(&f->spine, id, "log.entry", "{\"text\":\"x\"}"), i + 1);
        crypto_sha256_pair((struct slice){(const char *)chain, 32},
                           (struct slice){f->spine.last.data, f->spine.last.length}, chain);
        crypto_hex(chain, 32, text);
        assert_string_equal(journal_chain(f->spine.journal), text);
        if (i == 2)
            reopen(f);
    }
    assert_int_equal(store_head(f->spine.store, stored), 5);
    assert_memory_equal(stored, chain, 32);
}

static void the_broker_names_what_it_numbers(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *type, *data, *subject;
    } cases[] = {
        {"contact.outage_report", report, NULL}, // its last event is incident.opened
        {"eta.set", "{\"incident\":1,\"at\":\"2026-03-01T10:00:00Z\"}", "incident/1"},
        {"dispatch.accepted", "{\"incident\":1}", "incident/1"},
        {"dispatch.returned", "{\"contact\":\"2026-000001\",\"reason\":\"x\"}",
         "contact/2026-000001"},
        {"node.marked", "{\"node\":\"Ф-1\",\"mark\":\"out\"}", "node/Ф-1"},
        {"planned.announced",
         "{\"node\":\"Ф-1\",\"starts\":\"2026-03-02T06:00:00Z\",\"ends\":\"2026-03-02T09:00:00Z\","
         "\"reason\":\"ремонт\"}",
         "planned/1"},
        {"contact.restoration_query", "{\"applicant\":\"anonymous\",\"incident\":1}",
         "contact/2026-000002"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char id[8], subject[80];
        snprintf(id, sizeof(id), "s%zu", i);
        assert_int_not_equal(spine_tell(&f->spine, id, cases[i].type, cases[i].data), 0);
        if (!cases[i].subject)
            continue;
        snprintf(subject, sizeof(subject), "\"subject\":\"%s\"", cases[i].subject);
        assert_non_null(strstr(f->spine.last.data, subject));
    }
}

struct stored {
    struct buf bytes;
};

static bool take_event(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                       const uint8_t chain[STORE_CHAIN_BYTES])
{
    (void)sequence, (void)topic, (void)chain;
    struct stored *stored = context;

    buf_clear(&stored->bytes);
    buf_add(&stored->bytes, bytes.data, bytes.length);
    return false;
}

static const char *event_at(struct fixture *f, int64_t sequence, struct stored *stored)
{
    assert_int_equal(store_read(f->spine.store, sequence - 1, 1, take_event, stored, &f->spine.err),
                     ERR_OK);
    return buf_text(&stored->bytes);
}

static void personal_fields_are_in_no_event_and_come_back_whole(void **state)
{
    struct fixture *f = *state;
    struct stored stored = {0};
    struct json_doc *doc = json_doc_new();

    assert_int_equal(spine_tell(&f->spine, "p1", "contact.outage_report", report), 1);
    const char *event = event_at(f, 1, &stored);
    assert_null(strstr(event, "79125550141"));
    assert_null(strstr(event, "Петрова"));
    assert_null(strstr(event, "100200"));
    assert_null(strstr(event, "нет света"));
    assert_non_null(strstr(event, "\"personaldigest\":\""));
    assert_non_null(strstr(event, "\"/data/caller\""));
    assert_non_null(strstr(event, "\"/data/text\""));
    assert_non_null(strstr(event, "\"/data/premise/account\""));
    assert_non_null(strstr(event, "\"street\":\"ул. Садовая\""));
    const struct json *personal = journal_personal(f->spine.journal, 1, doc, &f->spine.err);
    assert_non_null(personal);
    assert_int_equal(personal->count, 3);
    assert_true(slice_is(json_string(json_get(json_get(personal, "/data/caller"), "phone")),
                         "+79125550141"));
    assert_true(slice_is(json_string(json_get(personal, "/data/premise/account")), "100200"));
    assert_null(journal_personal(f->spine.journal, 2, doc, &f->spine.err));
    assert_int_equal(f->spine.err.code, ERR_OK);
    json_doc_free(doc);
    buf_fini(&stored.bytes);
}

static bool file_holds(const char *directory, const char *name, const char *text)
{
    struct buf path = {0}, bytes = {0};
    char block[65536];
    size_t got;

    buf_printf(&path, "%s/%s", directory, name);
    FILE *file = fopen(path.data, "r");
    while (file && (got = fread(block, 1, sizeof(block), file)) > 0)
        buf_add(&bytes, block, got);
    if (file)
        fclose(file);
    bool found = bytes.length && memmem(bytes.data, bytes.length, text, strlen(text));
    buf_fini(&path);
    buf_fini(&bytes);
    return found;
}

static void personal_fields_are_in_no_file_in_the_clear(void **state)
{
    struct fixture *f = *state;
    static const char *const files[] = {"journal.db", "journal.db-wal"};

    spine_tell(&f->spine, "p1", "contact.outage_report", report);
    assert_true(file_holds(f->directory, "journal.db-wal", "ул. Садовая")); // the search finds
    for (int i = 0; i < 2; i++) {
        assert_false(file_holds(f->directory, files[i], "79125550141"));
        assert_false(file_holds(f->directory, files[i], "Петрова"));
        assert_false(file_holds(f->directory, files[i], "нет света"));
    }
}

static void equal_callers_of_two_events_cannot_be_told_equal(void **state)
{
    struct fixture *f = *state;
    struct stored first = {0}, second = {0};

    spine_tell(&f->spine, "p1", "contact.outage_report", report);
    int64_t again = spine_tell(&f->spine, "p2", "contact.outage_report", report);
    const char *a = strstr(event_at(f, 1, &first), "\"personaldigest\":\"");
    const char *b = strstr(event_at(f, again, &second), "\"personaldigest\":\"");
    assert_non_null(a);
    assert_non_null(b);
    assert_memory_not_equal(a, b, strlen("\"personaldigest\":\"") + 64);
    buf_fini(&first.bytes);
    buf_fini(&second.bytes);
}

static void digest_of(struct fixture *f, const char *json, uint8_t digest[32])
{
    struct json_doc *doc = json_doc_new();
    struct json *tree = json_parse(doc, json, strlen(json), 32, NULL);

    assert_non_null(tree);
    journal_digest(f->spine.journal, tree, digest);
    json_doc_free(doc);
}

static void an_event_spelled_otherwise_has_the_same_digest(void **state)
{
    struct fixture *f = *state;
    uint8_t one[32], other[32], wrong[32];

    digest_of(f, "{\"id\":\"a\",\"data\":{\"n\":1,\"t\":\"ё\"}}", one);
    digest_of(f, "{ \"data\" : {\"t\":\"\\u0451\", \"n\":1.0e0},\"id\":\"a\"}", other);
    digest_of(f, "{\"id\":\"a\",\"data\":{\"n\":1,\"t\":\"е\"}}", wrong);
    assert_memory_equal(one, other, 32);
    assert_memory_not_equal(one, wrong, 32);
    reopen(f);
    digest_of(f, "{\"id\":\"a\",\"data\":{\"n\":1,\"t\":\"ё\"}}", other);
    assert_memory_equal(one, other, 32);
}

static enum err_code append_raw(struct fixture *f, const char *id, const char *text,
                                struct journal_entry *entry)
{
    struct event event = {.type = EVENT_LOG_ENTRY,
                          .topic = slice_of("log.entry"),
                          .id = slice_of(id),
                          .source = slice_of("pult:user:anna"),
                          .time_ms = f->spine.now_ms,
                          .recorded_ms = f->spine.now_ms};
    struct json *tree = json_new(f->spine.doc, JSON_OBJECT),
                *data = json_new(f->spine.doc, JSON_OBJECT);
    uint8_t digest[32] = {0};

    json_set(f->spine.doc, data, "text", json_new_string(f->spine.doc, slice_of(text)));
    json_set(f->spine.doc, tree, "data", data);
    return journal_append(f->spine.journal, &event, tree, f->spine.doc, NULL, digest, entry,
                          &f->spine.err);
}

static void a_rolled_back_batch_leaves_head_and_chain(void **state)
{
    struct fixture *f = *state;
    struct journal_entry entry;
    char chain[65];

    spine_tell(&f->spine, "a", "log.entry", "{\"text\":\"x\"}");
    strcpy(chain, journal_chain(f->spine.journal));
    assert_int_equal(store_begin(f->spine.store, &f->spine.err), ERR_OK);
    assert_int_equal(append_raw(f, "b", "lost", &entry), ERR_OK);
    assert_int_equal(journal_head(f->spine.journal), 2);
    store_rollback(f->spine.store);
    journal_rolled_back(f->spine.journal);
    assert_int_equal(journal_head(f->spine.journal), 1);
    assert_string_equal(journal_chain(f->spine.journal), chain);
    assert_int_equal(spine_tell(&f->spine, "b", "log.entry", "{\"text\":\"kept\"}"), 2);
}

static void the_bytes_of_a_batch_stay_where_they_are(void **state)
{
    struct fixture *f = *state;
    enum { COUNT = 300 };
    static struct journal_entry entries[COUNT];
    struct buf long_text = {0}, copies[COUNT] = {0};

    for (int i = 0; i < 6000; i++)
        buf_add_text(&long_text, "текст");
    assert_int_equal(store_begin(f->spine.store, &f->spine.err), ERR_OK);
    for (int i = 0; i < COUNT; i++) {
        char id[16];
        snprintf(id, sizeof(id), "b%d", i);
        assert_int_equal(append_raw(f, id, i % 3 ? "short" : long_text.data, &entries[i]), ERR_OK);
        buf_add(&copies[i], entries[i].bytes.data, entries[i].bytes.length);
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(entries[i].sequence, i + 1);
        assert_int_equal(entries[i].bytes.length, copies[i].length);
        assert_memory_equal(entries[i].bytes.data, copies[i].data, copies[i].length);
        buf_fini(&copies[i]);
    }
    assert_int_equal(store_commit(f->spine.store, &f->spine.err), ERR_OK);
    journal_committed(f->spine.journal);
    buf_fini(&long_text);
}

static void an_event_of_the_brokers_own_may_bring_data(void **state)
{
    struct fixture *f = *state;
    struct json_doc *doc = f->spine.doc;
    struct json *tree = json_new(doc, JSON_OBJECT), *data = json_new(doc, JSON_OBJECT);
    struct event event = {.type = EVENT_MODEL_CHANGED,
                          .topic = slice_of("model.changed"),
                          .source = slice_of("pult:busd"),
                          .time_ms = f->spine.now_ms,
                          .recorded_ms = f->spine.now_ms};
    struct journal_entry entry;

    json_set(doc, data, "kind", json_new_string(doc, slice_of("network")));
    json_set(doc, data, "rows", json_new_integer(doc, 12));
    json_set(doc, tree, "data", data);
    assert_int_equal(store_begin(f->spine.store, &f->spine.err), ERR_OK);
    assert_int_equal(
        journal_append(f->spine.journal, &event, tree, doc, NULL, NULL, &entry, &f->spine.err),
        ERR_OK);
    assert_non_null(
        memmem(entry.bytes.data, entry.bytes.length, "\"id\":\"0000000000000001\"", 23));
    assert_non_null(memmem(entry.bytes.data, entry.bytes.length,
                           "\"data\":{\"kind\":\"network\",\"rows\":12}}", 36));
    assert_int_equal(store_commit(f->spine.store, &f->spine.err), ERR_OK);
}

static void a_lost_or_foreign_key_is_not_replaced(void **state)
{
    struct fixture *f = *state;
    struct buf path = {0};
    struct stat status;

    spine_tell(&f->spine, "p1", "contact.outage_report", report);
    buf_printf(&path, "%s/personal.key", f->directory);
    assert_int_equal(stat(path.data, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(chmod(path.data, 0640), 0);
    assert_null(journal_open(f->spine.store, f->directory, &f->spine.err));
    assert_int_equal(f->spine.err.code, ERR_DENIED);
    assert_int_equal(unlink(path.data), 0);
    assert_null(journal_open(f->spine.store, f->directory, &f->spine.err));
    assert_int_equal(f->spine.err.code, ERR_NOT_FOUND);
    assert_int_not_equal(stat(path.data, &status), 0);
    buf_fini(&path);
}

static void the_witness_keeps_the_head_and_shows_forgery(void **state)
{
    struct fixture *f = *state;
    struct journal_witness witness;
    struct journal_keys keys;
    struct buf path = {0};
    uint8_t chain[32];

    spine_tell(&f->spine, "a", "log.entry", "{\"text\":\"x\"}");
    spine_tell(&f->spine, "b", "log.entry", "{\"text\":\"y\"}");
    store_head(f->spine.store, chain);
    reopen(f); // closing writes it
    assert_int_equal(journal_keys_read(&keys, f->directory, 0, &f->spine.err), ERR_OK);
    assert_int_equal(journal_witness_read(&keys, f->directory, JOURNAL_WITNESS_HEAD, &witness), 1);
    assert_int_equal(witness.sequence, 2);
    assert_memory_equal(witness.chain, chain, 32);
    buf_printf(&path, "%s/head", f->directory);
    FILE *file = fopen(path.data, "r+");
    fseek(file, 15, SEEK_SET);
    fputc('1', file);
    fclose(file);
    assert_int_equal(journal_witness_read(&keys, f->directory, JOURNAL_WITNESS_HEAD, &witness), -1);
    buf_fini(&path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_written_exactly_so),
        TEST(the_chain_begins_with_the_lineage_and_binds_every_byte),
        TEST(the_broker_names_what_it_numbers),
        TEST(personal_fields_are_in_no_event_and_come_back_whole),
        TEST(personal_fields_are_in_no_file_in_the_clear),
        TEST(equal_callers_of_two_events_cannot_be_told_equal),
        TEST(an_event_spelled_otherwise_has_the_same_digest),
        TEST(a_rolled_back_batch_leaves_head_and_chain),
        TEST(the_bytes_of_a_batch_stay_where_they_are),
        TEST(an_event_of_the_brokers_own_may_bring_data),
        TEST(a_lost_or_foreign_key_is_not_replaced),
        TEST(the_witness_keeps_the_head_and_shows_forgery),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
