// Imports of CSV files (PROTOCOL §3 `import`, §7): parts are staged in memory, checked and made true
// at once, or not at all.
//
// The order of an import that commits: imports_add() gives it as ready; the caller begins a batch,
// import_run() puts its rows into the tables; the caller journals model.changed, and for planned
// works publishes an event a row; commit, imports_done(), and a new model (model_load.h). A fault at
// any step: roll the batch back and imports_done() too, since a file that is wrong stays wrong.
#pragma once

#include "busd/journal_keys.h"
#include "busd/store.h"
#include "lib/err.h"
#include "lib/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    IMPORT_PART_BYTES = 256 * 1024,
    IMPORT_BYTES = 256 * 1024 * 1024, // staged by all together
    IMPORT_COUNT = 16,                // staged at a time
    IMPORT_KEPT_MS = 60 * 60 * 1000,  // since its last part
};

enum import_kind { IMPORT_NETWORK, IMPORT_PREMISES, IMPORT_PLANNED, IMPORT_METERS, IMPORT_KINDS };
extern const char *const import_kind_names[IMPORT_KINDS];

struct imports; // what is staged
struct import;

struct imports *imports_new(void);
void imports_free(struct imports *imports);

struct import_part {
    struct slice identity; // imports of two identities never mix
    struct slice id, kind;
    int64_t part;     // from 1; without csv 0
    struct slice csv; // NULL data = none, as of a last request that only commits
    bool commit, replace;
};
// Stages a part. The last part again, with the same bytes, is accepted again. `ready` is set when
// the import is to be committed now, else NULL. ERR_INVALID: unknown kind, a part out of order, too
// large, another kind than before; ERR_NOT_FOUND: nothing is staged under this id; ERR_LIMIT.
enum err_code imports_add(struct imports *imports, const struct import_part *part, int64_t now_ms,
                          struct import **ready, struct err *err);
void imports_done(struct imports *imports, struct import *import);
// Drops what nobody has touched for IMPORT_KEPT_MS.
void imports_expire(struct imports *imports, int64_t now_ms);

enum import_kind import_kind(const struct import *import);
bool import_replaces(const struct import *import);
int64_t import_rows(const struct import *import); // lines of data; complete after import_run()
const char *import_sha256(struct import *import); // of the parts' bytes in order, 64 hex digits

// Reads and checks every row and puts it into its table, within the store's batch. Planned works
// are put nowhere; import_planned() gives them. ERR_INVALID with "KIND.csv:LINE:COLUMN" in err->path
// (COLUMN by name); ERR_CONFLICT when `replace` would drop what something open hangs on.
enum err_code import_run(struct import *import, struct store *store,
                         const struct journal_keys *keys, struct err *err);

struct import_planned {
    const char *ref;
    const char *node, *reason, *addresses; // "" = none; addresses as written in the file
    int64_t starts_ms, ends_ms;
    size_t line;     // of the file
    int64_t planned; // the number that this `ref` has already; 0 = to be announced
};
// The `index`-th row of planned works, NULL behind the last. Owned by the import.
const struct import_planned *import_planned(const struct import *import, size_t index);
