// `hours`: how long each premise was without supply in a year, and what is left of what the law allows
// (engine_hours.h); the least left first.
#include "busd/query.h"

#include "busd/store_hours.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <stdlib.h>

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

struct row {
    uint32_t position;
    int64_t left_ms, passed_ms; // when it passed the limit, or will if it stays out; 0 = neither
    struct hours_sum sum;
};

struct rows {
    const struct query *query;
    const struct hours *hours;
    int32_t node;          // MODEL_NO_NODE: anywhere
    int64_t hours_from_ms; // -1: those near a limit
    struct row *items;
    size_t count, capacity;
};

static bool is_asked_for(const struct rows *rows, const struct model_premise *premise,
                         const struct hours_sum *sum, int64_t limit_ms)
{
    if (rows->node != MODEL_NO_NODE &&
        (premise->node == MODEL_NO_NODE ||
         !model_is_below(rows->hours->model, premise->node, rows->node)))
        return false;
    if (rows->hours_from_ms >= 0)
        return sum->total_ms >= rows->hours_from_ms;
    return sum->total_ms >= limit_ms / 2 ||
           sum->longest_ms >= rows->query->request->hours.at_once_ms[HOURS_NEAR];
}

static void add_rows(void *context, uint32_t first, uint32_t end,
                     const struct hours_out *const *outs, size_t count)
{
    struct rows *rows = context;
    struct row row = {.sum = hours_sum(outs, count)};

    for (uint32_t at = first; at < end; at++) {
        const struct model_premise *premise = model_premise_at(rows->hours->model, at);
        int64_t limit_ms = rows->query->request->hours.ms[HOURS_LIMIT][hours_category(premise)];

        if (!is_asked_for(rows, premise, &row.sum, limit_ms))
            continue;
        row.position = at;
        row.left_ms = limit_ms - row.sum.total_ms;
        row.passed_ms = 0;
        if (!hours_pass(outs, count, limit_ms, &row.passed_ms) && row.sum.open)
            row.passed_ms = rows->hours->ends_ms + row.left_ms;
        mem_grow((void **)&rows->items, rows->count, &rows->capacity, sizeof(row));
        rows->items[rows->count++] = row;
    }
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;

    if (a->left_ms != b->left_ms)
        return a->left_ms < b->left_ms ? -1 : 1;
    return (a->position > b->position) - (a->position < b->position);
}

static void put_row(struct query *query, const struct row *row)
{
    const struct model *model = network_model(query->network);
    const struct model_premise *premise = model_premise_at(model, row->position);
    struct address_match match = address_of_premise(network_address(query->network), premise->key);
    struct json_out *out = query->out;

    json_out_object(out, NULL);
    json_out_string(out, "account", premise->account);
    json_out_integer(out, "premise", premise->key);
    json_out_string(out, "node",
                    premise->node == MODEL_NO_NODE ? slice_of("")
                                                   : model_node(model, premise->node)->id);
    query_put_address(query, &match);
    json_out_integer(out, "reliability", premise->reliability);
    json_out_bool(out, "critical", premise->critical);
    json_out_integer(out, "minutes", row->sum.total_ms / MINUTE_MS);
    json_out_integer(out, "left", row->left_ms / MINUTE_MS);
    json_out_integer(out, "longest", row->sum.longest_ms / MINUTE_MS);
    json_out_integer(out, "times", row->sum.times);
    json_out_bool(out, "out", row->sum.open);
    query_put_time(out, "passes", row->passed_ms);
    json_out_end(out, '}');
}

static enum err_code set_node(const struct query *query, struct rows *rows, struct err *err)
{
    struct slice id = query_text(query, "node");

    rows->node = MODEL_NO_NODE;
    if (!id.data)
        return ERR_OK;
    rows->node = model_find_node(rows->hours->model, id);
    if (rows->node != MODEL_NO_NODE)
        return ERR_OK;
    err_set(err, ERR_NOT_FOUND, "node", "There is no node %.*s.", "Узла %.*s нет.",
            (int)(id.length < 64 ? id.length : 64), id.data);
    err_set_path(err, "/args/node");
    return ERR_NOT_FOUND;
}

enum err_code query_hours(struct query *query, struct err *err)
{
    int64_t now_ms = query->request->now_ms;
    int64_t until_ms = query_time(query, "until", now_ms);
    int64_t year_ms = clock_year_begins_ms(clock_local_year(until_ms - 1));
    struct hours hours = {.model = network_model(query->network),
                          .begins_ms = query_time(query, "since", year_ms),
                          .ends_ms = until_ms < now_ms ? until_ms : now_ms};
    struct rows rows = {.query = query, .hours = &hours, .hours_from_ms = -1};
    int64_t position = 0;

    if (query_has(query, "hours"))
        rows.hours_from_ms = query_integer(query, "hours", 0) * HOUR_MS;
    enum err_code code = set_node(query, &rows, err);
    if (code == ERR_OK)
        code = reader_read_hours(query->reader, &hours, err);
    if (code == ERR_OK)
        hours_each_run(&hours, add_rows, &rows);
    if (rows.count)
        qsort(rows.items, rows.count, sizeof(*rows.items), compare_rows);
    for (size_t i = 0; code == ERR_OK && i < rows.count; i++) {
        if (query_page_has(query, &position))
            put_row(query, &rows.items[i]);
    }
    free(rows.items);
    hours_fini(&hours);
    return code;
}
