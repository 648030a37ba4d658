#include "console/dossier.h"

#include "lib/mem.h"

#include <stdlib.h>

struct dossier *dossier_new(void)
{
    struct dossier *dossier = mem_alloc(sizeof *dossier);
    dossier->doc = json_doc_new();
    return dossier;
}

void dossier_free(struct dossier *dossier)
{
    if (!dossier)
        return;
    json_doc_free(dossier->doc);
    free(dossier);
}

void dossier_clear(struct dossier *dossier, int64_t number)
{
    json_doc_reset(dossier->doc);
    dossier->row = NULL;
    dossier->number = number;
    dossier->asked = false;
}

void dossier_take(struct dossier *dossier, const struct json *row)
{
    json_doc_reset(dossier->doc);
    dossier->row = json_copy(dossier->doc, row);
    dossier->asked = false;
}

const struct json *dossier_list(const struct dossier *dossier, const char *name)
{
    const struct json *list = dossier->row ? json_get(dossier->row, name) : NULL;
    return list && list->type == JSON_ARRAY ? list : NULL;
}

size_t dossier_count(const struct dossier *dossier, const char *name)
{
    const struct json *list = dossier_list(dossier, name);
    return list ? list->count : 0;
}

const struct json *dossier_newest(const struct json *array, size_t index)
{
    if (!array || index >= array->count)
        return NULL;
    const struct json *at = array->first;
    for (size_t left = array->count - 1 - index; left > 0; left--)
        at = at->next;
    return at;
}
