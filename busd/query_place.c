// `premises` and `nodes`: the places of the company: as typed, listed for an offline copy, and the
// network tree.
#include "busd/query.h"

#include "lib/mem.h"
#include "lib/phone.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// --- premises -------------------------------------------------------------------------------------

static void put_open(struct query *query, const struct query_places *places)
{
    bool own = query_is_own(query, NULL);

    json_out_array(query->out, "open");
    for (size_t i = 0; i < places->count; i++) {
        struct incident incident;
        if (places->found[i].planned || places->found[i].restored)
            continue;
        if (own && !store_area_has_incident(&query->area, places->found[i].number))
            continue;
        if (query_get_incident(query, places->found[i].number, &incident, NULL) <= 0)
            continue;
        if (query_is_open(&incident))
            json_out_integer(query->out, NULL, incident.incident);
        record_fini(RECORD_INCIDENT, &incident);
    }
    json_out_end(query->out, ']');
}

enum { LOW_VOLTAGE_V = 1000 }; // up to here a place's nominal is the company's (config: voltage)

void query_put_address(struct query *query, const struct address_match *match)
{
    const struct address_index *index = network_address(query->network);
    struct address_place place = address_place_of(index, match);
    struct json_out *out = query->out;
    char text[512];

    json_out_text(out, "address", address_text(index, match, text, sizeof(text)));
    json_out_text(out, "settlement", place.settlement ? place.settlement : "");
    json_out_text(out, "street", place.street ? place.street : "");
    json_out_text(out, "house", place.house ? place.house : "");
    json_out_text(out, "flat", place.flat ? place.flat : "");
}

static enum err_code put_premise(struct query *query, int64_t key, int score, struct err *err)
{
    const struct model *model = network_model(query->network);
    const struct model_premise *premise = model_premise(model, key);
    struct address_match match = address_of_premise(network_address(query->network), key);
    struct query_places places = {0};
    enum err_code code;

    if (premise && query_is_own(query, NULL) &&
        !store_area_has_node(&query->area, premise->node == MODEL_NO_NODE
                                               ? (struct slice){0}
                                               : model_node(model, premise->node)->id))
        return ERR_OK;
    code = query_cover_premise(query, key, &places, err);

    if (code == ERR_OK && premise) {
        json_out_object(query->out, NULL);
        json_out_text(query->out, "level", "premise");
        json_out_string(query->out, "account", premise->account);
        if (premise->node == MODEL_NO_NODE)
            json_out_text(query->out, "node", "");
        else
            json_out_string(query->out, "node", model_node(model, premise->node)->id);
        query_put_address(query, &match);
        json_out_integer(query->out, "premise", key);
        json_out_integer(query->out, "reliability", premise->reliability);
        json_out_bool(query->out, "critical", premise->critical);
        if (premise->node != MODEL_NO_NODE &&
            model_node(model, premise->node)->voltage_v > LOW_VOLTAGE_V)
            json_out_integer(query->out, "nominal", model_node(model, premise->node)->voltage_v);
        json_out_integer(query->out, "score", score);
        put_open(query, &places);
        json_out_end(query->out, '}');
    }
    query_places_fini(&places);
    return code;
}

// A match as it stands: a street or a house, for one who is still typing.
static enum err_code put_match(struct query *query, const struct address_match *match,
                               struct err *err)
{
    static const char *const levels[] = {"none", "settlement", "street", "house", "premise"};
    struct query_places places = {0};

    if (match->level == ADDRESS_PREMISE)
        return put_premise(query, match->premise, match->score, err);
    enum err_code code =
        match->level == ADDRESS_HOUSE ? query_cover_match(query, match, &places, err) : ERR_OK;
    if (code == ERR_OK) {
        json_out_object(query->out, NULL);
        json_out_text(query->out, "level", levels[match->level]);
        query_put_address(query, match);
        json_out_integer(
            query->out, "premises",
            (int64_t)address_premises(network_address(query->network), match, 0, NULL, 0));
        json_out_integer(query->out, "score", match->score);
        put_open(query, &places);
        json_out_end(query->out, '}');
    }
    query_places_fini(&places);
    return code;
}

// Every premise at or below the matches, best match first, until the limit.
static enum err_code put_premises_of(struct query *query, const struct address_match *matches,
                                     size_t count, struct err *err)
{
    int64_t *keys = mem_resize(NULL, QUERY_LIMIT_MAX, sizeof(*keys));
    int64_t left = query->limit;
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < count && left > 0 && code == ERR_OK; i++) {
        size_t found =
            address_premises(network_address(query->network), &matches[i], 0, keys, (size_t)left);
        if (found > (size_t)left)
            found = (size_t)left;
        for (size_t k = 0; k < found && code == ERR_OK; k++, left--)
            code = put_premise(query, keys[k], matches[i].score, err);
    }
    free(keys);
    return code;
}

// The premise whose account or meter is written so.
static const struct model_premise *premise_of_number(struct query *query, struct slice typed)
{
    const struct model *model = network_model(query->network);
    const struct model_premise *premise = model_find_account(model, typed);

    if (premise)
        return premise;
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT account FROM meter WHERE meter = ?1");
    query_bind_text(row, 1, typed);
    if (sqlite3_step(row) == SQLITE_ROW)
        premise = model_find_account(model, slice_of((const char *)sqlite3_column_text(row, 0)));
    sqlite3_reset(row);
    return premise;
}

// The premises that were imported with this phone. `by_phone`: the text is one, a short one only where
// it is known ("120" may as well begin "120-й дивизии").
static enum err_code put_premises_of_phone(struct query *query, struct slice typed, bool *by_phone,
                                           struct err *err)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    char phone[PHONE_BYTES];
    enum err_code code = ERR_OK;

    *by_phone = false;
    if (!phone_normalise(typed, phone))
        return ERR_OK;
    *by_phone = phone[0] == '+';
    journal_keys_lookup(query->keys, "phone", slice_of(phone), digest);
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT premise FROM premise_phone WHERE digest = ?1"
                                        " ORDER BY premise LIMIT ?2");
    sqlite3_bind_blob(row, 1, digest, sizeof(digest), SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, query->limit);
    while (code == ERR_OK && sqlite3_step(row) == SQLITE_ROW) {
        code = put_premise(query, sqlite3_column_int64(row, 0), 1000, err);
        *by_phone = true;
    }
    sqlite3_reset(row);
    return code;
}

// `by`: "premise" (default) lists premises, "place" the streets and houses that may be meant.
static enum err_code search_premises(struct query *query, struct slice typed, struct err *err)
{
    struct slice number = slice_trim(typed, " ");
    const struct model_premise *premise = premise_of_number(query, number);
    bool by_place = slice_is(query_text(query, "by"), "place"), by_phone;
    enum err_code code = ERR_OK;

    if (premise)
        return put_premise(query, premise->key, 1000, err);
    code = put_premises_of_phone(query, number, &by_phone, err);
    if (by_phone || code != ERR_OK)
        return code;
    struct address_match *matches = mem_resize(NULL, (size_t)query->limit, sizeof(*matches));
    size_t count =
        address_search(network_address(query->network), typed.data, matches, (size_t)query->limit);
    if (!by_place)
        code = put_premises_of(query, matches, count, err);
    for (size_t i = 0; by_place && i < count && code == ERR_OK; i++)
        code = put_match(query, &matches[i], err);
    free(matches);
    return code;
}

// All, by account, without name and phone: an operator's offline copy. Meters for those who may ask for
// them.
static enum err_code list_premises(struct query *query, struct err *err)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT account, coalesce(node, ''), settlement, street,"
                                        " house, flat, premise, (SELECT json_group_array(meter)"
                                        " FROM meter WHERE meter.account = premise.account)"
                                        " FROM premise WHERE account > ?1 ORDER BY account");
    static const char *const names[] = {"account", "node", "settlement", "street", "house", "flat"};
    struct slice after = query_has(query, "after") ? query_text(query, "after") : slice_of("");
    bool own = query_is_own(query, NULL);
    bool meters = access_may_name(query->request->role, ACCESS_QUERY, slice_of("meters"));
    int64_t count = 0;
    struct buf last = {0};
    int code;

    query_bind_text(row, 1, after);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        if (own &&
            !store_area_has_node(&query->area, slice_of((const char *)sqlite3_column_text(row, 1))))
            continue;
        if (count++ == query->limit) {
            json_write_string(&query->next, (struct slice){last.data, last.length});
            code = SQLITE_DONE;
            break;
        }
        char text[512];
        struct address_match match =
            address_of_premise(network_address(query->network), sqlite3_column_int64(row, 6));
        json_out_object(query->out, NULL);
        for (int i = 0; i < 6; i++) {
            const char *value = (const char *)sqlite3_column_text(row, i);
            json_out_text(query->out, names[i], value ? value : "");
        }
        json_out_text(query->out, "address",
                      address_text(network_address(query->network), &match, text, sizeof(text)));
        if (meters && sqlite3_column_bytes(row, 7) > 2)
            json_out_raw(query->out, "meters", slice_of((const char *)sqlite3_column_text(row, 7)));
        json_out_end(query->out, '}');
        buf_clear(&last);
        buf_add_text(&last, (const char *)sqlite3_column_text(row, 0));
    }
    buf_fini(&last);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

enum err_code query_premises(struct query *query, struct err *err)
{
    struct slice by = query_text(query, "by");

    if (by.data && !slice_is(by, "place") && !slice_is(by, "premise"))
        return err_set(err, ERR_INVALID, "argument", "The argument \"by\" is premise or place.",
                       "Аргумент «by» — premise или place.");
    if (query_has(query, "q"))
        return search_premises(query, query_text(query, "q"), err);
    return list_premises(query, err);
}

// --- nodes ----------------------------------------------------------------------------------------

// The dispatcher's word on a node: its state, "none" when there is none, and what feeds it now.
static void put_word_on(struct query *query, struct slice node, const char *otherwise)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT mark, fed_from FROM node_state WHERE node = ?1");
    bool known;

    query_bind_text(row, 1, node);
    known = sqlite3_step(row) == SQLITE_ROW;
    const char *mark = known ? (const char *)sqlite3_column_text(row, 0) : NULL;
    json_out_text(query->out, "state", mark && strcmp(mark, "none") != 0 ? mark : otherwise);
    if (known)
        query_put_text(query->out, "fed_from", (const char *)sqlite3_column_text(row, 1));
    sqlite3_reset(row);
}

// The latest open incident that covers the node: at it or above it; 0 = none.
static int64_t incident_over(struct query *query, struct slice node)
{
    struct query_places places = {0};
    int64_t number = 0;

    query_cover_node(query, node, &places, NULL);
    for (size_t i = 0; i < places.count; i++) {
        struct incident incident;
        if (places.found[i].planned || places.found[i].restored || places.found[i].number <= number)
            continue;
        if (query_get_incident(query, places.found[i].number, &incident, NULL) <= 0)
            continue;
        if (query_is_open(&incident))
            number = incident.incident;
        record_fini(RECORD_INCIDENT, &incident);
    }
    query_places_fini(&places);
    return number;
}

static void put_node(struct query *query, int32_t index)
{
    const struct model *model = network_model(query->network);
    const struct model_node *node = model_node(model, index);
    struct json_out *out = query->out;
    int64_t incident = incident_over(query, node->id);

    json_out_object(out, NULL);
    json_out_string(out, "id", node->id);
    if (node->parent == MODEL_NO_NODE)
        json_out_text(out, "parent", "");
    else
        json_out_string(out, "parent", model_node(model, node->parent)->id);
    json_out_string(out, "kind", node->kind);
    json_out_string(out, "name", node->name);
    json_out_string(out, "device", node->device);
    json_out_integer(out, "premises", node->premises_below);
    json_out_integer(out, "critical", model_census_below(model, index).critical);
    put_word_on(query, node->id, incident ? "out" : "normal");
    query_put_number(out, "incident", incident);
    json_out_end(out, '}');
}

enum err_code query_nodes(struct query *query, struct err *err)
{
    const struct model *model = network_model(query->network);
    bool own = query_is_own(query, NULL);
    int32_t parent = MODEL_NO_NODE;

    if (query_has(query, "id") || query_text(query, "parent").length) {
        struct slice id =
            query_has(query, "id") ? query_text(query, "id") : query_text(query, "parent");
        parent = model_find_node(model, id);
        if (parent == MODEL_NO_NODE) {
            err_set(err, ERR_NOT_FOUND, "node", "There is no node \"%.*s\".",
                    "Узла сети «%.*s» нет.", (int)id.length, id.data);
            err_set_path(err, query_has(query, "id") ? "/args/id" : "/args/parent");
            return ERR_NOT_FOUND;
        }
        if (query_has(query, "id")) {
            if (own && !store_area_has_node(&query->area, id))
                return query_not_own(err, "/args/id");
            put_node(query, parent);
            return ERR_OK;
        }
    }
    int32_t count = (int32_t)model_node_count(model);
    int64_t given = 0;
    for (int32_t i = (int32_t)query_integer(query, "after", -1) + 1; i < count; i++) {
        if (model_node(model, i)->parent != parent ||
            (own && !store_area_has_node(&query->area, model_node(model, i)->id)))
            continue;
        if (given++ == query->limit) {
            buf_printf(&query->next, "%d", i - 1);
            break;
        }
        put_node(query, i);
    }
    return ERR_OK;
}
