// make bench-model: a region's million premises imported, and the model and address index built from
// the tables as at every start.
#include "busd/import.h"
#include "busd/model_load.h"
#include "lib/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { PREMISES = 1000000, HOUSES_OF_STREET = 60, FLATS = 20, STREETS_OF_TOWN = 120 };

static void must(bool good, const struct err *err)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", err->message[LANGUAGE_EN]);
    exit(1);
}

static void add(struct imports *imports, const char *kind, struct buf *csv, int64_t *part,
                bool commit, struct import **ready)
{
    struct err err;

    must(imports_add(imports,
                     &(struct import_part){.identity = slice_of("bench"),
                                           .id = slice_of(kind),
                                           .kind = slice_of(kind),
                                           .part = ++*part,
                                           .csv = {csv->data, csv->length},
                                           .commit = commit},
                     0, ready, &err) == ERR_OK,
         &err);
    buf_clear(csv);
}

static struct import *stage_network(struct imports *imports)
{
    struct buf csv = {0};
    struct import *ready;
    int64_t part = 0;

    buf_add_text(&csv, "id,parent,kind,name,voltage_kv\nPS,,substation,PS,110\n");
    for (int i = 0; i <= PREMISES / FLATS / HOUSES_OF_STREET; i++)
        buf_printf(&csv, "T%d,PS,transformer,T%d,0.4\n", i, i);
    add(imports, "network", &csv, &part, true, &ready);
    buf_fini(&csv);
    return ready;
}

static struct import *stage_premises(struct imports *imports)
{
    struct buf csv = {0};
    struct import *ready = NULL;
    int64_t part = 0;

    buf_add_text(&csv, "account,node,settlement,street,house,flat,applicant,reliability,critical,"
                       "name,phone\n");
    for (int i = 0; i < PREMISES; i++) {
        int house = i / FLATS, street = house / HOUSES_OF_STREET;
        buf_printf(
            &csv, "40%07d,T%d,г. Город-%d,ул. Улица %d-я,%d,%d,person,3,,Абонент %d,+7912555%04d\n",
            i, street, street / STREETS_OF_TOWN, street % STREETS_OF_TOWN,
            house % HOUSES_OF_STREET + 1, i % FLATS + 1, i, i % 10000);
        if (csv.length > IMPORT_PART_BYTES - 400 || i == PREMISES - 1)
            add(imports, "premises", &csv, &part, i == PREMISES - 1, &ready);
    }
    buf_fini(&csv);
    return ready;
}

static double run(struct import *import, struct store *store, const struct journal_keys *keys)
{
    int64_t start = clock_monotonic_now_ms();
    struct err err;

    must(store_begin(store, &err) == ERR_OK, &err);
    must(import_run(import, store, keys, &err) == ERR_OK, &err);
    must(store_commit(store, &err) == ERR_OK, &err);
    return (double)(clock_monotonic_now_ms() - start) / 1000;
}

int main(void)
{
    char root[] = "/var/tmp/pult-bench-model-XXXXXX", command[100];
    struct address_index *address;
    struct journal_keys keys;
    struct err err;

    if (!mkdtemp(root))
        return 1;
    struct store *store = store_open(root, false, &err);
    must(store && journal_keys_read(&keys, root, 1, &err) == ERR_OK, &err);
    struct imports *imports = imports_new();
    double network_s = run(stage_network(imports), store, &keys);
    double import_s = run(stage_premises(imports), store, &keys);
    imports_free(imports);
    int64_t start = clock_monotonic_now_ms();
    struct model *model = model_load(store, &address, &err);
    must(model, &err);
    double load_s = (double)(clock_monotonic_now_ms() - start) / 1000;
    size_t index_bytes = address_index_counts(address).bytes;
    printf("%-40s %8.2f s\n%-40s %8.2f s\n%-40s %8.2f s\n%-40s %8zu MB\n", "import of the network",
           network_s, "import of a million premises", import_s,
           "model and address index from tables", load_s, "address index in memory",
           index_bytes >> 20);
    printf("{\"premises\":%zu,\"import_s\":%.2f,\"load_s\":%.2f,\"address_index_bytes\":%zu}\n",
           model_premise_count(model), import_s, load_s, index_bytes);
    model_free(model);
    address_index_free(address);
    store_close(store);
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    return system(command) != 0;
}
