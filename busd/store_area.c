#include "busd/store_area.h"

#include "lib/buf.h"
#include "lib/json.h"

#include <sqlite3.h>

static void bind_text(sqlite3_stmt *row, int at, struct slice text)
{
    sqlite3_bind_text(row, at, text.data, (int)text.length, SQLITE_TRANSIENT);
}

static struct slice column_slice(sqlite3_stmt *row, int at)
{
    const char *text = (const char *)sqlite3_column_text(row, at);

    return text ? (struct slice){text, (size_t)sqlite3_column_bytes(row, at)} : (struct slice){0};
}

bool store_area_has_desk(const struct store_area *area, struct slice desk)
{
    sqlite3_stmt *row =
        reader_statement(area->reader, "SELECT 1 FROM desk_state WHERE desk = ?1 AND person = ?2");

    if (!row || !desk.length)
        return false;
    bind_text(row, 1, desk);
    bind_text(row, 2, area->who);
    bool sits = sqlite3_step(row) == SQLITE_ROW;
    sqlite3_reset(row);
    return sits;
}

// What feeds a node: as switched, else as the network has it; empty at the top.
struct feeding {
    const struct store_area *area;
    struct buf *switched; // of the last node that was
};

static struct slice feeding_of(const void *context, struct slice node)
{
    const struct feeding *feeding = context;
    const struct model *model = feeding->area->model;
    sqlite3_stmt *row =
        reader_statement(feeding->area->reader, "SELECT fed_from FROM node_state WHERE node = ?1"
                                                " AND fed_from IS NOT NULL");

    if (row) {
        bind_text(row, 1, node);
        bool switched = sqlite3_step(row) == SQLITE_ROW;
        if (switched) {
            struct slice from = column_slice(row, 0);
            buf_clear(feeding->switched);
            buf_add(feeding->switched, from.data, from.length);
        }
        sqlite3_reset(row);
        if (switched)
            return (struct slice){feeding->switched->data, feeding->switched->length};
    }
    int32_t at = model_find_node(model, node);
    at = at == MODEL_NO_NODE ? at : model_node(model, at)->parent;
    return at == MODEL_NO_NODE ? (struct slice){0} : model_node(model, at)->id;
}

bool store_area_has_node(const struct store_area *area, struct slice node)
{
    struct buf switched = {0};
    struct feeding feeding = {area, &switched};

    if (!area->desks)
        return false;
    const struct engine_desk *desk =
        engine_desks_of(area->desks, node, model_node_count(area->model) + 1, feeding_of, &feeding);
    buf_fini(&switched);
    return desk && store_area_has_desk(area, slice_of(desk->desk));
}

static struct slice node_of_premise(const struct store_area *area, int64_t key)
{
    const struct model_premise *premise = key ? model_premise(area->model, key) : NULL;

    return premise && premise->node != MODEL_NO_NODE ? model_node(area->model, premise->node)->id
                                                     : (struct slice){0};
}

bool store_area_has_incident(const struct store_area *area, int64_t number)
{
    sqlite3_stmt *row =
        reader_statement(area->reader, "SELECT 1 FROM incident JOIN desk_state"
                                       " ON desk_state.desk = incident.desk"
                                       " WHERE incident = ?1 AND desk_state.person = ?2");

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, number);
    bind_text(row, 2, area->who);
    bool own = sqlite3_step(row) == SQLITE_ROW;
    sqlite3_reset(row);
    return own;
}

static bool has_contact(const struct store_area *area, int64_t incident, struct slice node,
                        int64_t premise)
{
    if (incident)
        return store_area_has_incident(area, incident);
    return store_area_has_node(area, node.length ? node : node_of_premise(area, premise));
}

bool store_area_has_contact(const struct store_area *area, const struct contact *contact)
{
    return has_contact(area, contact->incident, slice_of(contact->node), contact->premise);
}

// Of a row's node and premise, both perhaps absent. The text is used before the row is reset.
static bool has_row(const struct store_area *area, sqlite3_stmt *row)
{
    struct buf node = {0};
    struct slice text = column_slice(row, 0);
    int64_t premise = sqlite3_column_int64(row, 1), incident = sqlite3_column_int64(row, 2);

    buf_add(&node, text.data, text.length);
    sqlite3_reset(row);
    bool own = has_contact(area, incident, (struct slice){node.data, node.length}, premise);
    buf_fini(&node);
    return own;
}

static bool has_reg_no(const struct store_area *area, struct slice reg_no)
{
    sqlite3_stmt *row = reader_statement(
        area->reader, "SELECT node, premise, incident FROM contact WHERE reg_no = ?1");

    if (!row)
        return false;
    bind_text(row, 1, reg_no);
    if (sqlite3_step(row) == SQLITE_ROW)
        return has_row(area, row);
    sqlite3_reset(row);
    return false;
}

bool store_area_has_planned(const struct store_area *area, int64_t number)
{
    sqlite3_stmt *row = reader_statement(
        area->reader, "SELECT node, (SELECT min(key) FROM cover WHERE record = 'planned'"
                      " AND number = ?1 AND level = 'premise'), 0 FROM planned WHERE planned = ?1");

    if (!row)
        return false;
    sqlite3_bind_int64(row, 1, number);
    if (sqlite3_step(row) == SQLITE_ROW)
        return has_row(area, row);
    sqlite3_reset(row);
    return false;
}

// Where the event itself says that it is.
static struct slice node_of_data(const struct store_area *area, const struct json *data)
{
    const struct json *premise = json_get(data, "premise"), *places = json_get(data, "places");
    const struct json *resolved = json_get(premise, "resolved");
    struct slice node = json_string(json_get(data, "node"));

    if (!node.length)
        node = json_string(json_get(resolved ? resolved : premise, "node"));
    if (!node.length)
        node = node_of_premise(area, json_integer(json_get(resolved, "premise"), 0));
    if (!node.length && places && places->type == JSON_ARRAY && places->first)
        node = node_of_premise(area, json_integer(places->first, 0));
    return node;
}

static bool has_data(const struct store_area *area, const struct json *data)
{
    const struct json *incident = json_get(data, "incident"), *planned = json_get(data, "planned");
    struct slice reg_no = json_string(json_get(data, "contact"));
    struct slice desk = json_string(json_get(data, "desk"));

    if (desk.length)
        return store_area_has_desk(area, desk);
    if (incident && incident->type == JSON_NUMBER)
        return store_area_has_incident(area, incident->integer);
    if (reg_no.length)
        return has_reg_no(area, reg_no);
    struct slice node = node_of_data(area, data);
    if (!node.length && planned && planned->type == JSON_NUMBER)
        return store_area_has_planned(area, planned->integer);
    return store_area_has_node(area, node);
}

bool store_area_has_event(const struct store_area *area, struct slice bytes)
{
    struct json_doc *doc = json_doc_new();
    const struct json *tree =
        json_parse(doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, NULL);
    bool own = tree && has_data(area, json_get(tree, "data"));

    json_doc_free(doc);
    return own;
}
