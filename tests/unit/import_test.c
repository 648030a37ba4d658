// Imports: CSV as RFC 4180 has it, every fault by line and column, nothing half.
#include "busd/import.h"
#include "busd/import_csv.h"
#include "busd/model_load.h"
#include "busd/store_model.h"
#include "busd/store_private.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/path.h"
#include "tests/lib/scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char *directory;
    struct store *store;
    struct imports *imports;
    struct import *import; // of the last run, until the next one
    struct journal_keys keys;
    struct err err;
    int64_t now_ms;
};

static int set_up(void **state)
{
    struct fixture *f = mem_alloc(sizeof(*f));

    f->directory = scratch_new();
    f->store = store_open(f->directory, false, &f->err);
    f->imports = imports_new();
    f->now_ms = 1772280000000;
    *state = f;
    if (!f->store || journal_keys_read(&f->keys, f->directory, 1, &f->err) != ERR_OK)
        return -1;
    return clock_set_zone("Europe/Moscow", &f->err) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    imports_free(f->imports);
    store_close(f->store);
    scratch_remove(f->directory);
    free(f);
    return 0;
}

static struct import *stage(struct fixture *f, const char *kind, const char *csv, bool replace)
{
    struct import *ready = NULL;
    struct import_part part = {.identity = slice_of("pult:user:admin"),
                               .id = slice_of("i1"),
                               .kind = slice_of(kind),
                               .part = 1,
                               .csv = slice_of(csv),
                               .commit = true,
                               .replace = replace};

    assert_int_equal(imports_add(f->imports, &part, f->now_ms, &ready, &f->err), ERR_OK);
    assert_non_null(ready);
    return ready;
}

// The whole of an import as the broker does it.
static enum err_code import(struct fixture *f, const char *kind, const char *csv, bool replace)
{
    if (f->import)
        imports_done(f->imports, f->import);
    f->import = stage(f, kind, csv, replace);
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    enum err_code code = import_run(f->import, f->store, &f->keys, &f->err);
    if (code == ERR_OK)
        assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
    else
        store_rollback(f->store);
    return code;
}

#define NETWORK "id,parent,kind,name,voltage_kv,device\n"
#define PREMISES \
    "account,node,settlement,street,house,flat,applicant,reliability,critical,name,phone\n"

static const char network[] = NETWORK "ПС-1,,substation,Заречная,110,breaker\n"
                                      "Ф-1,ПС-1,feeder,\"Ф-1, город\",10,\n"
                                      "ТП-7,Ф-1,transformer,,0.4,fuse\n"
                                      "Л-1,ТП-7,line,,\"0,4\",none\n";
static const char premises[] =
    PREMISES "1001,Л-1,г. Зареченск,ул. Садовая,3,1,person,3,,Анна Петрова,8 (912) 555-01-41\n"
             "1002,Л-1,г. Зареченск,ул. Садовая,3,2,person,,0,,\n"
             "1003,Л-1,г. Зареченск,Садовая улица,5,,legal,2,hospital,Больница,\n"
             "1004,,г. Зареченск,ул. Лесная,1,,,,,,+79125550142\n";

static int64_t number(struct fixture *f, const char *sql)
{
    return store_number(f->store, sql, -1);
}

static void network_and_premises_become_the_model(void **state)
{
    struct fixture *f = *state;
    struct address_index *address = NULL;

    assert_int_equal(import(f, "network", network, false), ERR_OK);
    assert_int_equal(import_rows(f->import), 4);
    assert_int_equal(import(f, "premises", premises, false), ERR_OK);
    struct model *model = model_load(f->store, &address, &f->err);
    assert_non_null(model);
    assert_int_equal(model_node_count(model), 4);
    assert_int_equal(model_premise_count(model), 4);
    int32_t feeder = model_find_node(model, slice_of("Ф-1"));
    assert_true(slice_is(model_node(model, feeder)->name, "Ф-1, город"));
    assert_true(slice_is(model_node(model, feeder)->device, "breaker")); // as its kind suggests
    assert_int_equal(model_node(model, feeder)->voltage_v, 10000);
    assert_int_equal(model_node(model, feeder)->premises_below, 3);
    assert_int_equal(model_census_below(model, feeder).critical, 1);
    assert_int_equal(model_node(model, model_find_node(model, slice_of("Л-1")))->voltage_v, 400);
    const struct model_premise *one = model_find_account(model, slice_of("1001"));
    const struct model_premise *two = model_find_account(model, slice_of("1002"));
    const struct model_premise *hospital = model_find_account(model, slice_of("1003"));
    const struct model_premise *lonely = model_find_account(model, slice_of("1004"));
    assert_int_equal(one->house, one->key);
    assert_int_equal(two->house, one->key);
    assert_int_not_equal(hospital->house, one->key);
    assert_int_equal(hospital->street, one->key);
    assert_int_equal(lonely->settlement, one->key);
    assert_int_equal(lonely->street, lonely->key);
    assert_int_equal(lonely->node, MODEL_NO_NODE);
    assert_true(hospital->critical);
    assert_false(two->critical);
    assert_int_equal(hospital->reliability, 2);
    struct address_match match = address_resolve(address, NULL, "Садовая", "3", "2");
    assert_int_equal(match.level, ADDRESS_PREMISE);
    assert_int_equal(match.premise, two->key);
    model_free(model);
    address_index_free(address);
}

static void names_and_phones_are_sealed_and_found_by_digest(void **state)
{
    struct fixture *f = *state;
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    sqlite3_stmt *row = NULL;
    struct json_doc *doc = json_doc_new();

    assert_int_equal(import(f, "network", network, false), ERR_OK);
    assert_int_equal(import(f, "premises", premises, false), ERR_OK);
    journal_keys_lookup(&f->keys, "phone", slice_of("+79125550141"), digest);
    store_prepare(f->store, &row,
                  "SELECT premise, sealed FROM premise JOIN premise_phone USING(premise) "
                  "WHERE digest = ?1");
    sqlite3_bind_blob(row, 1, digest, sizeof(digest), SQLITE_STATIC);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    const struct json *person = journal_keys_open_premise(&f->keys, sqlite3_column_int64(row, 0),
                                                          store_column_slice(row, 1), doc);
    assert_non_null(person);
    assert_true(slice_is(json_string(json_get(person, "name")), "Анна Петрова"));
    assert_true(slice_is(json_string(json_get(person, "phone")), "+79125550141"));
    sqlite3_finalize(row);
    assert_int_equal(number(f, "SELECT count(*) FROM premise WHERE sealed IS NULL"), 1);
    // Another phone takes the place of the former one.
    assert_int_equal(
        import(f, "premises", PREMISES "1001,Л-1,,,,,,,,Анна Петрова,+79125550143\n", false),
        ERR_OK);
    assert_int_equal(number(f, "SELECT count(*) FROM premise_phone"), 2);
    json_doc_free(doc);
}

static void the_same_ids_update_and_keep_their_keys(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(import(f, "network", network, false), ERR_OK);
    assert_int_equal(import(f, "premises", premises, false), ERR_OK);
    int64_t key = number(f, "SELECT premise FROM premise WHERE account = '1003'");
    assert_int_equal(import(f, "premises",
                            PREMISES "1005,,,ул. Новая,1,,,,,,\n"
                                     "1003,,г. Зареченск,ул. Садовая,7,,,,,,\n",
                            true),
                     ERR_OK);
    assert_int_equal(number(f, "SELECT count(*) FROM premise"), 2);
    assert_int_equal(
        number(f, "SELECT premise FROM premise WHERE account = '1003' AND house = '7'"), key);
    int64_t last = number(f, "SELECT max(premise) FROM premise");
    assert_int_equal(last, 5);
    // A key is never used again, also when the highest one went.
    assert_int_equal(import(f, "premises", PREMISES "1003,,,,,,,,,,\n", true), ERR_OK);
    assert_int_equal(import(f, "premises", PREMISES "1005,,,,,,,,,,\n", false), ERR_OK);
    assert_int_equal(number(f, "SELECT max(premise) FROM premise"), 6);
}

static const struct {
    const char *kind, *csv, *path, *says;
} faults[] = {
    {"network", "id,parent,kind,name\nA,,feeder,A\n", "network.csv:1:voltage_kv", "voltage_kv"},
    {"network", "id;parent;kind;name;voltage_kv\n", "network.csv:1:id;parent;kind;name;voltage_kv",
     "with commas"},
    {"network", "id,parent,kind,name,voltage_kv,id\n", "network.csv:1:id", "twice"},
    {"network", "", "network.csv:1:", "empty"},
    {"network", NETWORK "A,,feeder,A,10,\nB,A,cable,B,10,\n", "network.csv:3:kind", "one of"},
    {"network", NETWORK "A,,feeder,A,ten,\n", "network.csv:2:voltage_kv", "kilovolts"},
    {"network", NETWORK ",,feeder,A,10,\n", "network.csv:2:id", "empty"},
    {"network", NETWORK "A,,feeder,A,10,\nA,,feeder,B,10,\n", "network.csv:3:id", "twice"},
    {"network", NETWORK "A,,feeder,A,10,\nB,C,feeder,B,10,\n", "network.csv:3:parent", "B"},
    {"network", NETWORK "A,,feeder,A,10,\nB,C,feeder,B,10,\nC,B,line,,10,\n",
     "network.csv:3:parent", "ancestor"},
    {"network", NETWORK "A,A,feeder,A,10,\n", "network.csv:2:parent", "own parent"},
    {"network", NETWORK "A,,feeder,A,10\n", "network.csv:2:device", "5 fields"},
    {"network", NETWORK "A,,feeder,A,10,,,\n", "network.csv:2:device", "8 fields"},
    {"network", NETWORK "A,,feeder,\"two\nlines\",10,\nB,,feeder,B\"x,10,\n", "network.csv:4:4",
     "quote"},
    {"network", NETWORK "A,,feeder,\"open,10,\n", "network.csv:2:4", "quoted"},
    {"network", NETWORK "A,,feeder,\xCF\xD1,10,\n", "network.csv:2:name", "UTF-8"},
    {"premises", PREMISES "1,X,,,,,,,,,\n", "premises.csv:2:node", "no such node"},
    {"premises", PREMISES "1,,,,,,alien,,,,\n", "premises.csv:2:applicant", "one of"},
    {"premises", PREMISES "1,,,,,,,4,,,\n", "premises.csv:2:reliability", "one of"},
    {"planned", "id,node,starts,ends,reason,addresses\nP1,,soon,later,x,ул. Садовая\n",
     "planned.csv:2:starts", "time"},
    {"planned",
     "id,node,starts,ends,reason,addresses\n"
     "P1,,2026-03-02T09:00:00+03:00,2026-03-02T08:00:00+03:00,x,ул. Садовая\n",
     "planned.csv:2:ends", "after"},
    {"planned",
     "id,node,starts,ends,reason,addresses\n"
     "P1,,2026-03-02T09:00:00+03:00,2026-03-02T18:00:00+03:00,x,\n",
     "planned.csv:2:node", "addresses"},
    {"meters", "meter,account,digits,zones,last_date,last_1,last_2,last_3\nM1,1,5,1,,,,\n",
     "meters.csv:2:account", "account"},
};

static void every_fault_is_named_by_line_and_column(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        enum err_code code = import(f, faults[i].kind, faults[i].csv, false);
        if (code != ERR_INVALID || strcmp(f->err.path, faults[i].path) != 0 ||
            !strstr(f->err.message[LANGUAGE_EN], faults[i].says))
            fail_msg("%s: %d \"%s\" at \"%s\"", faults[i].csv, (int)code,
                     f->err.message[LANGUAGE_EN], f->err.path);
        assert_true(f->err.message[LANGUAGE_RU][0]);
        assert_int_equal(number(f, "SELECT (SELECT count(*) FROM node) + (SELECT count(*) FROM "
                                   "premise) + (SELECT count(*) FROM meter)"),
                         0);
    }
}

static void a_fault_in_the_last_row_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct buf csv = {0};

    assert_int_equal(import(f, "network", network, false), ERR_OK);
    buf_add_text(&csv, PREMISES);
    for (int i = 0; i < 2000; i++)
        buf_printf(&csv, "%d,Л-1,Зареченск,Садовая,%d,,,,,,\n", i, i);
    buf_add_text(&csv, "2000,nowhere,,,,,,,,,\n");
    assert_int_equal(import(f, "premises", csv.data, true), ERR_INVALID);
    assert_string_equal(f->err.path, "premises.csv:2002:node");
    assert_int_equal(number(f, "SELECT count(*) FROM premise"), 0);
    assert_int_equal(number(f, "SELECT last_premise FROM base"), 0);
    buf_fini(&csv);
}

static void replacing_is_refused_while_something_open_hangs_on_it(void **state)
{
    struct fixture *f = *state;
    struct incident incident = {.incident = 1, .state = INCIDENT_CONFIRMED};
    struct cover covers[] = {{.level = COVER_NODE, .node = mem_string("ТП-7")}};

    assert_int_equal(import(f, "network", network, false), ERR_OK);
    incident.covers = (struct cover_list){.items = covers, .count = 1, .capacity = 1};
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(store_put_record(f->store, RECORD_INCIDENT, &incident, &f->err), ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
    static const char shorter[] = NETWORK "ПС-1,,substation,Заречная,110,breaker\n";
    assert_int_equal(import(f, "network", shorter, true), ERR_CONFLICT);
    assert_non_null(strstr(f->err.message[LANGUAGE_EN], "incident 1"));
    assert_int_equal(number(f, "SELECT count(*) FROM node"), 4);
    incident.state = INCIDENT_CLOSED;
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(store_put_record(f->store, RECORD_INCIDENT, &incident, &f->err), ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
    assert_int_equal(import(f, "premises", PREMISES "1,Л-1,,,,,,,,,\n", false), ERR_OK);
    assert_int_equal(import(f, "network", shorter, true), ERR_CONFLICT);
    assert_non_null(strstr(f->err.message[LANGUAGE_EN], "premise 1"));
    assert_int_equal(import(f, "premises", PREMISES "1,,,,,,,,,,\n", false), ERR_OK);
    assert_int_equal(import(f, "network", shorter, true), ERR_OK);
    assert_int_equal(number(f, "SELECT count(*) FROM node"), 1);
    free(covers[0].node);
}

static void planned_works_are_given_row_by_row(void **state)
{
    struct fixture *f = *state;
    struct planned known = {
        .planned = 4, .ref = mem_string("P2"), .state = PLANNED_STATE_ANNOUNCED};

    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(store_put_record(f->store, RECORD_PLANNED, &known, &f->err), ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
    assert_int_equal(import(f, "network", network, false), ERR_OK);
    assert_int_equal(
        import(f, "planned",
               "id,node,starts,ends,reason,addresses\r\n"
               "P1,Ф-1,2026-03-02T09:00:00+03:00,2026-03-02 18:00,ремонт,\r\n"
               "P2,,2026-03-03T06:00:00Z,2026-03-03T08:00:00Z,,\"ул. Садовая, 3; ул. Лесная\"\r\n",
               false),
        ERR_OK);
    const struct import_planned *first = import_planned(f->import, 0);
    const struct import_planned *second = import_planned(f->import, 1);
    assert_string_equal(first->ref, "P1");
    assert_string_equal(first->node, "Ф-1");
    assert_int_equal(first->planned, 0);
    assert_int_equal(first->starts_ms, INT64_C(1772431200000));
    assert_int_equal(first->ends_ms - first->starts_ms, 9 * 3600 * 1000); // the company's clock
    assert_int_equal(second->planned, 4);
    assert_string_equal(second->addresses, "ул. Садовая, 3; ул. Лесная");
    assert_null(import_planned(f->import, 2));
    assert_int_equal(import_rows(f->import), 2);
    free(known.ref);
}

static void meters_are_kept(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(import(f, "network", network, false), ERR_OK);
    assert_int_equal(import(f, "premises", premises, false), ERR_OK);
    assert_int_equal(import(f, "meters",
                            "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"
                            "77001,1001,5,2,2026-02-24,01234.5,00567,\n",
                            false),
                     ERR_OK);
    assert_int_equal(
        number(f, "SELECT zones FROM meter WHERE account = '1001' AND last_2 = '00567'"), 2);
}

static enum err_code add_part(struct fixture *f, const char *id, const char *kind, int64_t part,
                              const char *csv, bool commit, struct import **ready)
{
    return imports_add(f->imports,
                       &(struct import_part){.identity = slice_of("a"),
                                             .id = slice_of(id),
                                             .kind = slice_of(kind),
                                             .part = part,
                                             .csv = slice_of(csv),
                                             .commit = commit},
                       f->now_ms, ready, &f->err);
}

static void parts_come_in_order_and_may_be_sent_again(void **state)
{
    struct fixture *f = *state;
    struct import *ready;

    assert_int_equal(add_part(f, "x", "network", 2, "a", false, &ready), ERR_NOT_FOUND);
    assert_int_equal(add_part(f, "x", "network", 0, NULL, true, &ready), ERR_NOT_FOUND);
    assert_int_equal(add_part(f, "x", "nonsense", 1, "a", false, &ready), ERR_INVALID);
    assert_int_equal(add_part(f, "x", "network", 1, "id,parent,kind,na", false, &ready), ERR_OK);
    assert_null(ready);
    assert_int_equal(add_part(f, "x", "network", 1, "id,parent,kind,na", false, &ready), ERR_OK);
    assert_int_equal(add_part(f, "x", "network", 1, "other", false, &ready), ERR_INVALID);
    assert_int_equal(add_part(f, "x", "network", 3, "z", false, &ready), ERR_INVALID);
    assert_non_null(strstr(f->err.message[LANGUAGE_EN], "Part 2"));
    assert_int_equal(add_part(f, "x", "premises", 2, "z", false, &ready), ERR_INVALID);
    // A part may end within a field.
    assert_int_equal(
        add_part(f, "x", "network", 2, "me,voltage_kv\nA,,feeder,A,10\n", false, &ready), ERR_OK);
    assert_int_equal(add_part(f, "x", "network", 0, NULL, true, &ready), ERR_OK);
    assert_non_null(ready);
    uint8_t digest[32];
    char text[65];
    static const char whole[] = "id,parent,kind,name,voltage_kv\nA,,feeder,A,10\n";
    crypto_sha256(whole, sizeof(whole) - 1, digest);
    crypto_hex(digest, 32, text);
    assert_string_equal(import_sha256(ready), text);
    assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
    assert_int_equal(import_run(ready, f->store, &f->keys, &f->err), ERR_OK);
    assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
    assert_int_equal(number(f, "SELECT count(*) FROM node"), 1);
    imports_done(f->imports, ready);
    assert_int_equal(add_part(f, "x", "network", 3, "z", false, &ready), ERR_NOT_FOUND);
}

static void what_is_staged_has_limits_and_ends(void **state)
{
    struct fixture *f = *state;
    struct import *ready;
    char id[8], *big = mem_alloc(IMPORT_PART_BYTES + 2);

    memset(big, 'x', IMPORT_PART_BYTES + 1);
    assert_int_equal(add_part(f, "big", "network", 1, big, false, &ready), ERR_LIMIT);
    big[IMPORT_PART_BYTES] = '\0';
    assert_int_equal(add_part(f, "big", "network", 1, big, false, &ready), ERR_OK);
    free(big);
    for (int i = 1; i < IMPORT_COUNT; i++) {
        snprintf(id, sizeof(id), "i%d", i);
        assert_int_equal(add_part(f, id, "network", 1, "x", false, &ready), ERR_OK);
    }
    assert_int_equal(add_part(f, "more", "network", 1, "x", false, &ready), ERR_LIMIT);
    f->now_ms += IMPORT_KEPT_MS - 1;
    assert_int_equal(add_part(f, "i1", "network", 2, "y", false, &ready), ERR_OK);
    f->now_ms += 1;
    assert_int_equal(add_part(f, "i2", "network", 2, "y", false, &ready), ERR_NOT_FOUND);
    assert_int_equal(add_part(f, "i1", "network", 3, "z", false, &ready), ERR_OK);
}

// csv-spectrum: each CSV gives the rows of its JSON.

struct spectrum {
    const struct json *expected; // next object
    struct slice header[IMPORT_CSV_FIELDS];
    char *kept[IMPORT_CSV_FIELDS];
    size_t columns, rows;
};

static enum err_code compare_row(void *context, const struct import_row *row, struct err *err)
{
    struct spectrum *spectrum = context;

    (void)err;
    if (spectrum->rows++ == 0) {
        spectrum->columns = row->count;
        for (size_t i = 0; i < row->count; i++) {
            spectrum->kept[i] = mem_string_of(row->fields[i].data, row->fields[i].length);
            spectrum->header[i] = slice_of(spectrum->kept[i]);
        }
        return ERR_OK;
    }
    assert_non_null(spectrum->expected);
    assert_int_equal(row->count, spectrum->columns);
    for (size_t i = 0; i < row->count; i++) {
        struct slice text = json_string(json_get_slice(spectrum->expected, spectrum->header[i]));
        assert_int_equal(text.length, row->fields[i].length);
        assert_memory_equal(text.data, row->fields[i].data, text.length);
    }
    spectrum->expected = spectrum->expected->next;
    return ERR_OK;
}

static struct buf read_file(const char *path)
{
    struct buf bytes = {0};
    char block[4096];
    size_t got;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        buf_add(&bytes, block, got);
    fclose(file);
    return bytes;
}

static void compare_file(const char *root, const char *name)
{
    char csv_path[1500], json_path[1500];
    struct json_doc *doc = json_doc_new();
    struct spectrum spectrum = {0};
    struct err err;

    snprintf(csv_path, sizeof(csv_path), "%s/csvs/%s.csv", root, name);
    snprintf(json_path, sizeof(json_path), "%s/json/%s.json", root, name);
    struct buf csv = read_file(csv_path), text = read_file(json_path);
    struct json *tree = json_parse(doc, text.data, text.length, 32, &err);
    assert_non_null(tree);
    spectrum.expected = tree->first;
    assert_int_equal(
        import_csv_read((struct slice){csv.data, csv.length}, compare_row, &spectrum, &err),
        ERR_OK);
    assert_null(spectrum.expected);
    for (size_t i = 0; i < spectrum.columns; i++)
        free(spectrum.kept[i]);
    buf_fini(&csv);
    buf_fini(&text);
    json_doc_free(doc);
}

static void csv_spectrum_reads_as_its_json_says(void **state)
{
    const char *shared = getenv("PULT_SHARED");
    char root[1200], csvs[1300], name[256];
    int files = 0;

    (void)state;
    snprintf(root, sizeof(root), "%s/data/csv/csv-spectrum", shared ? shared : "../shared");
    snprintf(csvs, sizeof(csvs), "%s/csvs", root);
    DIR *directory = opendir(csvs);
    if (!directory)
        skip();
    for (struct dirent *entry; (entry = readdir(directory));) {
        char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".csv") != 0)
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(dot - entry->d_name), entry->d_name);
        compare_file(root, name);
        files++;
    }
    closedir(directory);
    assert_true(files >= 10);
}

static void the_demo_company_imports_whole(void **state)
{
    struct fixture *f = *state;
    static const char *const kinds[] = {"network", "premises", "planned"};
    char share[PATH_BYTES], path[PATH_BYTES + 40];
    int64_t rows = 0;

    assert_int_equal(path_share(share, &f->err), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/config/demo/%s.csv", share, kinds[i]);
        struct import *ready = NULL;
        struct buf csv = read_file(path);
        int64_t part = 0;
        for (size_t at = 0; at < csv.length; at += IMPORT_PART_BYTES) {
            size_t length =
                csv.length - at < IMPORT_PART_BYTES ? csv.length - at : IMPORT_PART_BYTES;
            struct import_part request = {.identity = slice_of("a"),
                                          .id = slice_of(kinds[i]),
                                          .kind = slice_of(kinds[i]),
                                          .part = ++part,
                                          .csv = {csv.data + at, length},
                                          .commit = at + length == csv.length};
            assert_int_equal(imports_add(f->imports, &request, f->now_ms, &ready, &f->err), ERR_OK);
        }
        assert_int_equal(store_begin(f->store, &f->err), ERR_OK);
        if (import_run(ready, f->store, &f->keys, &f->err) != ERR_OK)
            fail_msg("%s", f->err.message[LANGUAGE_EN]);
        assert_int_equal(store_commit(f->store, &f->err), ERR_OK);
        rows += import_rows(ready);
        buf_fini(&csv);
    }
    assert_true(rows > 3000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(network_and_premises_become_the_model),
        TEST(names_and_phones_are_sealed_and_found_by_digest),
        TEST(the_same_ids_update_and_keep_their_keys),
        TEST(every_fault_is_named_by_line_and_column),
        TEST(a_fault_in_the_last_row_leaves_nothing),
        TEST(replacing_is_refused_while_something_open_hangs_on_it),
        TEST(planned_works_are_given_row_by_row),
        TEST(meters_are_kept),
        TEST(parts_come_in_order_and_may_be_sent_again),
        TEST(what_is_staged_has_limits_and_ends),
        cmocka_unit_test(csv_spectrum_reads_as_its_json_says),
        TEST(the_demo_company_imports_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
