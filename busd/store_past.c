#include "busd/store_past.h"

#include "busd/store_read.h"
#include "lib/buf.h"
#include "lib/event_json.h"
#include "lib/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

static const char faults_sql[] =
    "SELECT incident.incident, incident.node, incident.opened_at,"
    " (SELECT CASE WHEN count(*) = 1 THEN max(key) END FROM cover"
    "  WHERE record = 'incident' AND number = incident.incident AND level = 'premise')"
    " FROM incident WHERE kind = 'outage' AND state IN ('restored', 'verified', 'closed')"
    " AND nested_in = 0 AND (ifnull(opened_by, 'pult:busd') <> 'pult:busd' OR EXISTS(SELECT 1 FROM "
    "timeline JOIN event USING(sequence)"
    "  JOIN topic ON topic.code = event.type"
    "  WHERE timeline.incident = incident.incident AND topic.name = 'incident.confirmed'))"
    " ORDER BY incident.opened_at, incident.incident";
static const char calls_sql[] =
    "SELECT premise, time FROM contact WHERE type = 'contact.outage_report' AND premise > 0"
    " AND (symptom IS NULL OR symptom <> 'restored')"
    " AND incident IN (WITH RECURSIVE family(number) AS (VALUES(?1) UNION SELECT incident.incident"
    "  FROM incident JOIN family ON incident.merged_into > 0"
    "  AND incident.merged_into = family.number) SELECT number FROM family)"
    " ORDER BY time, sequence";
static const char unrelated_sql[] =
    "SELECT contact.premise, contact.time FROM contact JOIN incident USING(incident)"
    " WHERE contact.type = 'contact.outage_report' AND contact.premise > 0"
    " AND incident.outcome IN ('customer_side', 'not_found', 'invalid')"
    " ORDER BY contact.time, contact.sequence";

static struct slice column(sqlite3_stmt *row, int index)
{
    const char *text = (const char *)sqlite3_column_text(row, index);

    return (struct slice){text ? text : "", (size_t)sqlite3_column_bytes(row, index)};
}

static enum err_code read_model(struct past *past, struct reader *reader, struct err *err)
{
    sqlite3_stmt *row = reader_statement(reader, "SELECT id, parent, kind, device FROM node");
    struct slice culprit;
    int result;

    past->model = model_new();
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
        model_add_node(past->model,
                       &(struct model_node){
                           .id = column(row, 0), .kind = column(row, 2), .device = column(row, 3)},
                       column(row, 1));
    if (result != SQLITE_DONE)
        return reader_failed(reader, err);
    row = reader_statement(reader, "SELECT premise, account, node FROM premise ORDER BY premise");
    while ((result = sqlite3_step(row)) == SQLITE_ROW)
        model_add_premise(past->model, &(struct model_premise){
                                           .key = sqlite3_column_int64(row, 0),
                                           .account = column(row, 1),
                                           .node = model_find_node(past->model, column(row, 2))});
    if (result != SQLITE_DONE)
        return reader_failed(reader, err);
    if (!model_finish(past->model, &culprit))
        return err_set(err, ERR_INVALID, "network", "Node %.*s has no parent.",
                       "У узла %.*s нет родителя.", (int)culprit.length, culprit.data);
    return ERR_OK;
}

static enum err_code read_modes(struct past *past, struct reader *reader, struct err *err)
{
    sqlite3_stmt *row =
        reader_statement(reader, "SELECT bytes FROM event JOIN topic ON topic.code = event.type"
                                 " WHERE topic.name = 'mode.changed' ORDER BY sequence");
    struct json_doc *doc = json_doc_new();
    struct event event;
    int result;

    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        struct slice bytes = column(row, 0);
        const struct json *tree =
            json_parse(doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, NULL);

        if (!tree || event_read_stored(&event, tree, doc, NULL) != ERR_OK)
            continue;
        mem_grow((void **)&past->modes, past->mode_count, &past->mode_capacity,
                 sizeof(*past->modes));
        past->modes[past->mode_count++] =
            (struct past_mode){event.recorded_ms, EVENT_VALUE(&event, mode)->integer > 0};
    }
    json_doc_free(doc);
    return result == SQLITE_DONE ? ERR_OK : reader_failed(reader, err);
}

bool past_is_storm(const struct past *past, int64_t at_ms)
{
    bool storm = false;

    for (size_t i = 0; i < past->mode_count && past->modes[i].at_ms <= at_ms; i++)
        storm = past->modes[i].storm;
    return storm;
}

static bool is_below(const struct model *model, const struct model_premise *premise,
                     const struct past_fault *fault)
{
    if (fault->node == MODEL_NO_NODE)
        return model_premise_position(model, premise) == fault->premise;
    return premise->node != MODEL_NO_NODE && model_is_below(model, premise->node, fault->node);
}

static bool has_called(const struct past_fault *fault, uint32_t premise)
{
    for (size_t i = 0; i < fault->call_count; i++) {
        if (fault->calls[i].premise == premise)
            return true;
    }
    return false;
}

static enum err_code read_calls(const struct past *past, struct reader *reader, int64_t incident,
                                struct past_fault *fault, struct err *err)
{
    sqlite3_stmt *row = reader_statement(reader, calls_sql);
    int result;

    sqlite3_bind_int64(row, 1, incident);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        const struct model_premise *premise =
            model_premise(past->model, sqlite3_column_int64(row, 0));

        if (!premise || !is_below(past->model, premise, fault) ||
            has_called(fault, model_premise_position(past->model, premise)))
            continue;
        mem_grow((void **)&fault->calls, fault->call_count, &fault->call_capacity,
                 sizeof(*fault->calls));
        fault->calls[fault->call_count++] = (struct past_call){
            model_premise_position(past->model, premise), sqlite3_column_int64(row, 1)};
    }
    return result == SQLITE_DONE ? ERR_OK : reader_failed(reader, err);
}

// Its place in today's network; false: it has none there.
static bool find_place(const struct past *past, sqlite3_stmt *row, struct past_fault *fault)
{
    const struct model_premise *premise = model_premise(past->model, sqlite3_column_int64(row, 3));

    fault->node = sqlite3_column_type(row, 1) == SQLITE_NULL
                      ? MODEL_NO_NODE
                      : model_find_node(past->model, column(row, 1));
    if (fault->node != MODEL_NO_NODE)
        return model_node(past->model, fault->node)->premises_below > 0;
    if (!premise || sqlite3_column_type(row, 1) != SQLITE_NULL)
        return false;
    fault->premise = model_premise_position(past->model, premise);
    return true;
}

static enum err_code read_faults(struct past *past, struct reader *reader, struct err *err)
{
    sqlite3_stmt *row = reader_statement(reader, faults_sql);
    int result;

    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        struct past_fault fault = {.at_ms = sqlite3_column_int64(row, 2)};

        if (!find_place(past, row, &fault))
            continue;
        fault.storm = past_is_storm(past, fault.at_ms);
        if (read_calls(past, reader, sqlite3_column_int64(row, 0), &fault, err) != ERR_OK) {
            free(fault.calls);
            return err->code;
        }
        mem_grow((void **)&past->faults, past->fault_count, &past->fault_capacity,
                 sizeof(*past->faults));
        past->faults[past->fault_count++] = fault;
    }
    return result == SQLITE_DONE ? ERR_OK : reader_failed(reader, err);
}

static enum err_code read_unrelated(struct past *past, struct reader *reader, struct err *err)
{
    sqlite3_stmt *row = reader_statement(reader, unrelated_sql);
    int result;

    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        const struct model_premise *premise =
            model_premise(past->model, sqlite3_column_int64(row, 0));

        if (!premise)
            continue;
        mem_grow((void **)&past->unrelated, past->unrelated_count, &past->unrelated_capacity,
                 sizeof(*past->unrelated));
        past->unrelated[past->unrelated_count++] = (struct past_call){
            model_premise_position(past->model, premise), sqlite3_column_int64(row, 1)};
    }
    return result == SQLITE_DONE ? ERR_OK : reader_failed(reader, err);
}

enum err_code past_read(struct past *past, const char *directory, struct err *err)
{
    struct buf path = {0};
    struct reader *reader = NULL;

    *past = (struct past){.model = NULL};
    buf_printf(&path, "%s/journal.db", directory);
    if (access(path.data, F_OK) != 0)
        err_set(err, ERR_NOT_FOUND, "no_journal", "There is no journal in %s.",
                "В каталоге %s нет журнала.", directory);
    else
        reader = reader_open(path.data, err);
    buf_fini(&path);
    if (!reader)
        return err->code;
    enum err_code code = reader_begin(reader, NULL, err);
    if (code == ERR_OK)
        code = read_model(past, reader, err);
    if (code == ERR_OK)
        code = read_modes(past, reader, err);
    if (code == ERR_OK)
        code = read_faults(past, reader, err);
    if (code == ERR_OK)
        code = read_unrelated(past, reader, err);
    reader_end(reader);
    reader_close(reader);
    return code;
}

void past_fini(struct past *past)
{
    for (size_t i = 0; i < past->fault_count; i++)
        free(past->faults[i].calls);
    free(past->faults);
    free(past->unrelated);
    free(past->modes);
    model_free(past->model);
}
