#include "busd/import_private.h"

#include "lib/mem.h"

#include <stdlib.h>

const char *const import_kind_names[IMPORT_KINDS] = {"network", "premises", "planned", "meters"};

struct imports {
    struct import *first;
    size_t count, bytes;
};

struct imports *imports_new(void)
{
    return mem_alloc(sizeof(struct imports));
}

static void import_free(struct import *import)
{
    for (size_t i = 0; i < import->planned_count; i++) {
        const struct import_planned *planned = &import->planned[i];
        const char *const texts[] = {planned->ref, planned->node, planned->reason,
                                     planned->addresses};
        for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
            char *text;
            memcpy(&text, &texts[k], sizeof(text));
            free(text);
        }
    }
    free(import->planned);
    free(import->identity);
    free(import->id);
    crypto_wipe(import->csv.data, import->csv.length); // names and phones
    buf_fini(&import->csv);
    free(import);
}

void imports_done(struct imports *imports, struct import *import)
{
    for (struct import **link = &imports->first; *link; link = &(*link)->next) {
        if (*link != import)
            continue;
        *link = import->next;
        imports->count--;
        imports->bytes -= import->csv.length;
        import_free(import);
        return;
    }
}

void imports_free(struct imports *imports)
{
    if (!imports)
        return;
    while (imports->first)
        imports_done(imports, imports->first);
    free(imports);
}

void imports_expire(struct imports *imports, int64_t now_ms)
{
    for (struct import *import = imports->first, *next; import; import = next) {
        next = import->next;
        if (now_ms - import->touched_ms >= IMPORT_KEPT_MS)
            imports_done(imports, import);
    }
}

static struct import *find(struct imports *imports, const struct import_part *part)
{
    struct import *import = imports->first;

    while (import &&
           (!slice_is(part->id, import->id) || !slice_is(part->identity, import->identity)))
        import = import->next;
    return import;
}

static enum err_code start(struct imports *imports, const struct import_part *part,
                           struct import **started, struct err *err)
{
    int kind = 0;

    while (kind < IMPORT_KINDS && !slice_is(part->kind, import_kind_names[kind]))
        kind++;
    if (kind == IMPORT_KINDS) {
        return err_set(err, ERR_INVALID, "kind",
                       "`kind` must be network, premises, planned or meters.",
                       "`kind` должен быть network, premises, planned или meters.");
    }
    if (!part->csv.data || part->part != 1) {
        return err_set(err, part->part > 1 || !part->csv.data ? ERR_NOT_FOUND : ERR_INVALID,
                       "no_import",
                       "Nothing is staged under this import: begin with part 1 (parts are dropped "
                       "after an hour, at a restart and when the import ended).",
                       "Под этим import ничего нет: начните с части 1 (части удаляются через час, "
                       "при перезапуске и когда загрузка закончилась).");
    }
    if (imports->count == IMPORT_COUNT) {
        return err_set(err, ERR_LIMIT, "imports",
                       "%d imports are under way already: commit one, or wait an hour.",
                       "Уже идёт загрузок: %d. Завершите одну из них или подождите час.",
                       IMPORT_COUNT);
    }
    struct import *import = mem_alloc(sizeof(*import));
    import->identity = mem_string_of(part->identity.data, part->identity.length);
    import->id = mem_string_of(part->id.data, part->id.length);
    import->kind = (enum import_kind)kind;
    import->next = imports->first;
    imports->first = import;
    imports->count++;
    *started = import;
    return ERR_OK;
}

// The last part once more: its answer was lost.
static bool is_repeated(const struct import *import, const struct import_part *part)
{
    struct slice last = {import->csv.data + import->last_part,
                         import->csv.length - import->last_part};
    return part->part == import->parts && slice_equal(last, part->csv);
}

static enum err_code stage(struct imports *imports, struct import *import,
                           const struct import_part *part, struct err *err)
{
    if (import->parts > 0 && is_repeated(import, part))
        return ERR_OK;
    if (part->part != import->parts + 1) {
        return err_set(err, ERR_INVALID, "part", "Part %lld is expected now, not %lld.",
                       "Сейчас ожидается часть %lld, а не %lld.", (long long)import->parts + 1,
                       (long long)part->part);
    }
    if (imports->bytes + part->csv.length > IMPORT_BYTES) {
        return err_set(err, ERR_LIMIT, "import_bytes",
                       "Imports hold at most %d bytes together: import in smaller files.",
                       "Загрузки вместе занимают не больше %d байт: разделите файл.", IMPORT_BYTES);
    }
    import->last_part = import->csv.length;
    buf_add(&import->csv, part->csv.data, part->csv.length);
    imports->bytes += part->csv.length;
    import->parts++;
    return ERR_OK;
}

enum err_code imports_add(struct imports *imports, const struct import_part *part, int64_t now_ms,
                          struct import **ready, struct err *err)
{
    struct import *import;
    enum err_code code = ERR_OK;

    *ready = NULL;
    imports_expire(imports, now_ms);
    if (part->csv.length > IMPORT_PART_BYTES) {
        return err_set(err, ERR_LIMIT, "part_bytes",
                       "A part holds at most %d bytes of CSV: send more parts.",
                       "Часть содержит не больше %d байт CSV: разбейте на большее число частей.",
                       IMPORT_PART_BYTES);
    }
    import = find(imports, part);
    if (!import)
        code = start(imports, part, &import, err);
    if (code == ERR_OK && !slice_is(part->kind, import_kind_names[import->kind])) {
        return err_set(err, ERR_INVALID, "kind", "This import was begun with kind %s.",
                       "Эта загрузка начата с kind %s.", import_kind_names[import->kind]);
    }
    if (code == ERR_OK && part->csv.data)
        code = stage(imports, import, part, err);
    if (code != ERR_OK)
        return code;
    import->touched_ms = now_ms;
    import->replace |= part->replace;
    if (part->commit)
        *ready = import;
    return ERR_OK;
}

enum import_kind import_kind(const struct import *import)
{
    return import->kind;
}

bool import_replaces(const struct import *import)
{
    return import->replace;
}

int64_t import_rows(const struct import *import)
{
    return import->rows;
}

const char *import_sha256(struct import *import)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES];

    crypto_sha256(import->csv.data, import->csv.length, digest);
    crypto_hex(digest, sizeof(digest), import->sha256);
    return import->sha256;
}

const struct import_planned *import_planned(const struct import *import, size_t index)
{
    return index < import->planned_count ? &import->planned[index] : NULL;
}
