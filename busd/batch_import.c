#include "busd/batch_import.h"

#include "lib/clock.h"
#include "lib/crypto.h"

#include <stdio.h>
#include <string.h>

static void write_planned(struct json_out *json, const struct import_planned *row, int64_t now_ms)
{
    char id[37];

    crypto_uuid7(now_ms, id);
    json_out_object(json, NULL);
    json_out_text(json, "specversion", "1.0");
    json_out_text(json, "id", id);
    json_out_text(json, "type",
                  event_topic(row->planned ? EVENT_PLANNED_CHANGED : EVENT_PLANNED_ANNOUNCED));
    json_out_object(json, "data");
    if (row->planned)
        json_out_integer(json, "planned", row->planned);
    if (*row->node)
        json_out_text(json, "node", row->node);
    json_out_time(json, "starts", row->starts_ms);
    json_out_time(json, "ends", row->ends_ms);
    if (*row->reason)
        json_out_text(json, "reason", row->reason);
    json_out_text(json, "ref", row->ref);
    if (*row->addresses)
        json_out_text(json, "addresses", row->addresses);
    json_out_end(json, '}');
    json_out_end(json, '}');
}

// The rows of planned works as events of the one who imports.
static enum err_code publish_planned(struct batch *batch, struct import *import, const char *by,
                                     int64_t now_ms, struct err *err)
{
    struct publish *request = publish_new();
    struct publish_rules rules = batch->rules;
    const struct import_planned *row;
    struct json_out json;
    size_t count = 0;

    json_out_init(&json, &request->body);
    json_out_array(&json, NULL);
    while ((row = import_planned(import, count))) {
        write_planned(&json, row, now_ms);
        count++;
    }
    json_out_end(&json, ']');
    snprintf(request->identity, sizeof request->identity, "%s", by);
    rules.array_events = count;
    if (count &&
        (publish_read(request, &rules) != ERR_OK || !batch_decide(batch, request, now_ms))) {
        *err = request->err;
        // The header is line 1, and a row a line is what such files are.
        err_set_path(err, "planned.csv:%d", err->index + 2);
        err->index = -1;
    }
    publish_free(request);
    return err->code;
}

static enum err_code append_changed(struct batch *batch, struct import *import, const char *by,
                                    int64_t now_ms, struct err *err)
{
    struct json_doc *doc = batch->scratch;
    struct event event = {.type = EVENT_MODEL_CHANGED,
                          .topic = slice_of(event_topic(EVENT_MODEL_CHANGED)),
                          .source = slice_of("pult:busd"),
                          .time_ms = now_ms,
                          .recorded_ms = now_ms};
    struct json *proposal, *data;

    json_doc_reset(doc);
    proposal = json_new(doc, JSON_OBJECT);
    data = json_new(doc, JSON_OBJECT);
    json_set(doc, proposal, "data", data);
    json_set(doc, data, "kind",
             json_new_string(doc, slice_of(import_kind_names[import_kind(import)])));
    json_set(doc, data, "rows", json_new_integer(doc, import_rows(import)));
    json_set(doc, data, "sha256", json_new_string(doc, slice_of(import_sha256(import))));
    json_set(doc, data, "by", json_new_string(doc, slice_of(by)));
    if (import_replaces(import))
        json_set(doc, data, "replace", json_new_bool(doc, true));
    return batch_append_own(batch, &event, proposal, doc, err);
}

enum err_code batch_import(struct batch *batch, struct import *import, const char *by,
                           int64_t now_ms, struct err *err)
{
    batch->year = clock_local_year(now_ms);
    if (store_begin(batch->store, err) != ERR_OK)
        return err->code;
    if (import_run(import, batch->store, journal_keys(batch->journal), err) != ERR_OK ||
        publish_planned(batch, import, by, now_ms, err) != ERR_OK ||
        append_changed(batch, import, by, now_ms, err) != ERR_OK ||
        batch_commit(batch, now_ms, err) != ERR_OK) {
        if (!store_failed(batch->store))
            batch_roll_back(batch);
        return err->code;
    }
    return ERR_OK;
}
