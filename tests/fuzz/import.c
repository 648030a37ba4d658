// make fuzz-import: any bytes as a CSV file of any kind. Whatever they are, the import ends with rows or
// with a sentence that names a place, and the reader saw every line.
#include "busd/import.h"
#include "busd/store_private.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct store *store;
    static const char *const headers[] = {
        "id,parent,kind,name,voltage_kv,device\n",
        "account,node,settlement,street,house,flat,applicant,reliability,critical,name,phone\n",
        "id,node,starts,ends,reason,addresses\n",
        "meter,account,digits,zones,last_date,last_1,last_2,last_3\n"};
    struct journal_keys keys = {0};
    struct imports *imports = imports_new();
    struct import *ready;
    struct buf csv = {0};
    struct err err;

    if (size == 0 || size > 4096) {
        imports_free(imports);
        return 0;
    }
    if (!store)
        store = store_open_with(NULL, &(struct store_options){.in_memory = true}, &err);
    if (data[0] & 4)
        buf_add_text(&csv, headers[data[0] & 3]);
    buf_add(&csv, data + 1, size - 1);
    struct import_part part = {.identity = slice_of("fuzz"),
                               .id = slice_of("fuzz"),
                               .kind = slice_of(import_kind_names[data[0] & 3]),
                               .part = 1,
                               .csv = {csv.data, csv.length},
                               .commit = true};
    if (csv.length && imports_add(imports, &part, 0, &ready, &err) != ERR_OK)
        abort();
    if (csv.length) {
        if (store_begin(store, &err) != ERR_OK)
            abort();
        if (import_run(ready, store, &keys, &err) != ERR_OK &&
            (err.code != ERR_INVALID || !err.path[0] || !err.message[LANGUAGE_RU][0]))
            abort();
        store_rollback(store);
        if (store_failed(store))
            abort();
    }
    buf_fini(&csv);
    imports_free(imports);
    return 0;
}
