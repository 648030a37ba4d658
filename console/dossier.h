// One incident as `query incident` gave it: contacts, timeline, ETA history, reasons. A copy of the
// answer; read while painting, line by line.
#pragma once

#include "lib/json.h"

#include <stdint.h>

struct dossier {
    struct json_doc *doc;
    const struct json *row; // NULL = not known (yet)
    int64_t number;         // 0 = none
    bool asked;             // an answer is on its way
};

struct dossier *dossier_new(void);
void dossier_free(struct dossier *dossier);
void dossier_clear(struct dossier *dossier, int64_t number); // for another incident
void dossier_take(struct dossier *dossier, const struct json *row);

const struct json *dossier_list(const struct dossier *dossier, const char *name); // array or NULL
size_t dossier_count(const struct dossier *dossier, const char *name);
// Element `index` counted from the newest (the last).
const struct json *dossier_newest(const struct json *array, size_t index);
