#include "busd/batch_import.h"

#include "busd/place.h"
#include "lib/clock.h"
#include "lib/crypto.h"

#include <stdio.h>
#include <string.h>

// What the works cover: the node, with its addresses as a note; without one what the addresses name.
static void write_places(struct json_out *json, const struct import_planned *row,
                         const struct network *network)
{
    struct buf left = {0};

    if (*row->node) {
        json_out_text(json, "node", row->node);
        buf_add_text(&left, row->addresses);
    } else {
        json_out_array(json, "accounts");
        place_list_accounts(network, slice_of(row->addresses), json, &left);
        json_out_end(json, ']');
    }
    if (left.length)
        json_out_text(json, "addresses", buf_text(&left));
    buf_fini(&left);
}

static void write_planned(struct json_out *json, const struct import_planned *row,
                          const struct network *network, int64_t now_ms)
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
    write_places(json, row, network);
    json_out_time(json, "starts", row->starts_ms);
    json_out_time(json, "ends", row->ends_ms);
    if (*row->reason)
        json_out_text(json, "reason", row->reason);
    json_out_text(json, "ref", row->ref);
    json_out_end(json, '}');
    json_out_end(json, '}');
}

// The fault of an event as one of its row: by line and column.
static void name_row(struct err *err, const struct import_planned *row)
{
    struct err fault = *err;
    const char *field = strrchr(fault.path, '/');
    const char *column = !field || strcmp(field, "/planned") == 0 ? "id" : field + 1;

    err_set(err, fault.code, fault.reason, "Line %1$zu, column %2$s: %3$s%4$.0s",
            "Строка %1$zu, столбец %2$s: %4$s%3$.0s", row->line, column, fault.message[LANGUAGE_EN],
            fault.message[LANGUAGE_RU]);
    err_set_path(err, "planned.csv:%zu:%.64s", row->line, column);
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
        write_planned(&json, row, batch->network, now_ms);
        count++;
    }
    json_out_end(&json, ']');
    snprintf(request->identity, sizeof request->identity, "%s", by);
    rules.array_events = count;
    if (count &&
        (publish_read(request, &rules) != ERR_OK || !batch_decide(batch, request, now_ms))) {
        *err = request->err;
        if (err->index >= 0 && err->code != ERR_UNAVAILABLE)
            name_row(err, import_planned(import, (size_t)err->index));
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
