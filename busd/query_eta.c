// `eta` and `planned`: what is known at a place and what to say there. The query behind every second
// call: do you know, why, when.
#include "busd/query.h"

#include "busd/fields.h"
#include "busd/store_row.h"
#include "lib/event.h"
#include "lib/phone.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Planned works are shown from 7 days before they start (EVENTS.md, rule 4), and once under way.
#define PLANNED_SHOWN_MS (INT64_C(7) * 24 * 3600 * 1000)

static void put_say(struct query *query, const struct buf *text)
{
    json_out_string(query->out, "say", (struct slice){text->data, text->length});
}

// An incident as the caller's line needs it. `restored_here`: this place has its supply back while
// the rest of the incident is still open. An ETA that is not published is not for callers.
static void put_incident_line(struct query *query, const struct incident *incident,
                              bool restored_here)
{
    struct json_out *out = query->out;
    struct incident shown = *incident;
    struct buf say = {0};

    if (!shown.eta_published || restored_here)
        shown.eta_at = 0;
    json_out_object(out, NULL);
    json_out_integer(out, "incident", shown.incident);
    query_put_text(out, "ref", shown.ref);
    json_out_text(out, "kind", event_word(EVENT_FIELD_kind, shown.kind));
    query_put_word(out, "state", INCIDENT_STATE_WORDS, shown.state);
    if (restored_here)
        json_out_bool(out, "restored_here", true);
    query_put_text(out, "node", shown.node);
    json_out_time(out, "started", shown.started);
    query_put_time(out, "restored_at", shown.restored_at);
    query_put_eta(out, &shown, query->request->now_ms);
    json_out_integer(out, "calls", shown.calls);
    json_out_integer(out, "customers", shown.customers);
    json_out_integer(out, "priority", shown.priority);
    query_put_number(out, "nested_in", shown.nested_in);
    query_put_text(out, "public_text", shown.public_text);
    if (restored_here)
        shown.state = INCIDENT_RESTORED;
    say_incident(&say, query->request->language, &shown, query->request->now_ms, query->company);
    put_say(query, &say);
    json_out_end(out, '}');
    buf_fini(&say);
}

static void put_spans(struct query *query, const struct planned *planned)
{
    struct json_out *out = query->out;

    json_out_array(out, "spans");
    if (!planned->spans) {
        json_out_object(out, NULL);
        json_out_time(out, "starts", planned->starts);
        json_out_time(out, "ends", planned->ends);
        json_out_end(out, '}');
    }
    for (char *at = planned->spans; at && *at;) {
        json_out_object(out, NULL);
        json_out_time(out, "starts", strtoll(at, &at, 10));
        json_out_time(out, "ends", strtoll(at + 1, &at, 10));
        json_out_end(out, '}');
        at += *at == ' ';
    }
    json_out_end(out, ']');
}

static void put_planned_line(struct query *query, const struct planned *planned)
{
    struct json_out *out = query->out;
    struct buf say = {0};

    json_out_object(out, NULL);
    json_out_integer(out, "planned", planned->planned);
    query_put_text(out, "ref", planned->ref);
    json_out_text(out, "kind", "planned");
    query_put_word(out, "state", PLANNED_STATE_WORDS, planned->state);
    query_put_text(out, "node", planned->node);
    json_out_time(out, "started", planned->starts);
    json_out_object(out, "eta");
    json_out_time(out, "at", planned->ends);
    json_out_text(out, "firmness", "estimate");
    json_out_text(out, "source", "dispatcher");
    json_out_null(out, "set_at");
    json_out_bool(out, "overdue", planned->ends < query->request->now_ms);
    json_out_end(out, '}');
    json_out_integer(out, "calls", planned->calls);
    json_out_integer(out, "customers", query_count_covered(query, &planned->covers));
    query_put_text(out, "reason", planned->reason);
    query_put_text(out, "addresses", planned->addresses);
    put_spans(query, planned);
    say_planned(&say, query->request->language, planned, query->request->now_ms, query->company);
    put_say(query, &say);
    json_out_integer(out, "version", planned->version);
    json_out_end(out, '}');
    buf_fini(&say);
}

// --- which place is meant ---------------------------------------------------------------------------

static enum err_code places_of_account(struct query *query, struct slice account,
                                       struct query_places *places, struct err *err)
{
    const struct model_premise *premise = query_find_account(query, account, err);

    return premise ? query_cover_premise(query, premise->key, places, err) : err->code;
}

static enum err_code step_premises(struct query *query, sqlite3_stmt *row,
                                   struct query_places *places, struct err *err)
{
    enum err_code code = ERR_OK;

    while (code == ERR_OK && sqlite3_step(row) == SQLITE_ROW)
        code = query_cover_premise(query, sqlite3_column_int64(row, 0), places, err);
    sqlite3_reset(row);
    return code;
}

// The premises that are known for a phone, those that it called about, and where it called about a
// place that is no premise, what that call was linked to.
static enum err_code places_of_phone(struct query *query, struct slice text,
                                     struct query_places *places, struct err *err)
{
    char phone[PHONE_BYTES];
    uint8_t digest[CRYPTO_DIGEST_BYTES];

    if (!phone_normalise(text, phone)) {
        err_set(err, ERR_INVALID, "phone", "\"%.*s\" is no phone number; like +7 912 555-01-41.",
                "«%.*s» — не номер телефона; нужен вида +7 912 555-01-41.", (int)text.length,
                text.data);
        err_set_path(err, "/args/phone");
        return ERR_INVALID;
    }
    journal_keys_lookup(query->keys, "phone", slice_of(phone), digest);
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT premise FROM premise_phone WHERE digest = ?1"
                                        " UNION SELECT contact.premise FROM found JOIN contact"
                                        " ON contact.reg_no = found.reg_no"
                                        " WHERE found.digest = ?1 AND contact.premise <> 0");
    sqlite3_bind_blob(row, 1, digest, sizeof(digest), SQLITE_STATIC);
    if (step_premises(query, row, places, err) != ERR_OK)
        return err->code;
    row = reader_statement(query->reader,
                           "SELECT contact.planned > 0, max(contact.incident, contact.planned), 0"
                           " FROM found JOIN contact ON contact.reg_no = found.reg_no"
                           " WHERE found.digest = ?1 AND contact.premise = 0"
                           " AND (contact.incident > 0 OR contact.planned > 0)");
    sqlite3_bind_blob(row, 1, digest, sizeof(digest), SQLITE_STATIC);
    return query_cover_rows(query, row, places, err);
}

static enum err_code unknown_place(struct err *err, const char *path)
{
    err_set(err, ERR_NOT_FOUND, "address", "No such address is known here.",
            "Такого адреса здесь не знают.");
    err_set_path(err, "%s", path);
    return ERR_NOT_FOUND;
}

static enum err_code places_of_address(struct query *query, struct slice text,
                                       struct query_places *places, struct err *err)
{
    struct address_match match;

    if (address_search(network_address(query->network), text.data, &match, 1) == 0)
        return unknown_place(err, "/args/address");
    return query_cover_match(query, &match, places, err);
}

static enum err_code check_premise(const struct json *premise, struct err *err)
{
    static const struct field fields[] = {
        {"account", FIELD_STRING, false}, {"settlement", FIELD_STRING, false},
        {"street", FIELD_STRING, false},  {"house", FIELD_STRING, false},
        {"flat", FIELD_STRING, false},    {"text", FIELD_STRING, false},
        {"node", FIELD_STRING, false},
    };
    char path[sizeof err->path];

    if (fields_check(premise, fields, sizeof fields / sizeof *fields, err) == ERR_OK)
        return ERR_OK;
    snprintf(path, sizeof path, "/args/premise%.100s", err->path);
    err_set_path(err, "%s", path);
    return err->code;
}

static enum err_code places_of_premise(struct query *query, const struct json *premise,
                                       struct query_places *places, struct err *err)
{
    struct slice account = json_string(json_get(premise, "account"));
    struct slice text = json_string(json_get(premise, "text"));
    struct slice node = json_string(json_get(premise, "node"));

    if (check_premise(premise, err) != ERR_OK)
        return err->code;
    if (account.length)
        return places_of_account(query, account, places, err);
    struct address_match match = address_resolve(
        network_address(query->network), json_c_string(json_get(premise, "settlement")),
        json_c_string(json_get(premise, "street")), json_c_string(json_get(premise, "house")),
        json_c_string(json_get(premise, "flat")));
    if (match.level != ADDRESS_NONE)
        return query_cover_match(query, &match, places, err);
    if (node.length)
        return query_cover_node(query, node, places, err);
    if (text.length)
        return places_of_address(query, text, places, err);
    return unknown_place(err, "/args/premise");
}

// --- the rows -----------------------------------------------------------------------------------------

// Open first, then what came back; the latest start first within each.
static int compare_incidents(const void *left, const void *right)
{
    const struct incident *a = left;
    const struct incident *b = right;

    if (query_is_open(a) != query_is_open(b))
        return query_is_open(a) ? -1 : 1;
    if (a->started != b->started)
        return a->started > b->started ? -1 : 1;
    return a->incident > b->incident ? -1 : a->incident < b->incident;
}

// Whether this state concerns a caller: open, or restored and not yet closed.
static bool concerns_caller(const struct incident *incident)
{
    return incident->state <= INCIDENT_VERIFIED;
}

static bool is_restored_here(const struct query_places *places, int64_t number)
{
    for (size_t i = 0; i < places->count; i++) {
        if (!places->found[i].planned && places->found[i].number == number)
            return places->found[i].restored;
    }
    return false;
}

static enum err_code put_incident_lines(struct query *query, const struct query_places *places,
                                        int64_t *position, struct err *err)
{
    struct incident *incidents = calloc(places->count + 1, sizeof(*incidents));
    bool own = query_is_own(query, NULL);
    size_t count = 0;
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < places->count && code == ERR_OK; i++) {
        if (places->found[i].planned)
            continue;
        int found = query_get_incident(query, places->found[i].number, &incidents[count], err);
        if (found < 0)
            code = err->code;
        else if (found > 0 && concerns_caller(&incidents[count]) &&
                 (!own || store_area_has_incident(&query->area, incidents[count].incident)))
            count++;
        else if (found > 0)
            record_fini(RECORD_INCIDENT, &incidents[count]);
    }
    qsort(incidents, count, sizeof(*incidents), compare_incidents);
    for (size_t i = 0; i < count; i++) {
        if (query_page_has(query, position))
            put_incident_line(query, &incidents[i],
                              query_is_open(&incidents[i]) &&
                                  is_restored_here(places, incidents[i].incident));
        record_fini(RECORD_INCIDENT, &incidents[i]);
    }
    free(incidents);
    return code;
}

static bool planned_concerns_caller(const struct planned *planned, int64_t now_ms)
{
    return planned->state == PLANNED_STATE_STARTED ||
           (planned->state == PLANNED_STATE_ANNOUNCED &&
            planned->starts <= now_ms + PLANNED_SHOWN_MS);
}

static enum err_code put_planned_lines(struct query *query, const struct query_places *places,
                                       int64_t *position, struct err *err)
{
    for (size_t i = 0; i < places->count; i++) {
        struct planned planned = {0};
        if (!places->found[i].planned ||
            (query_is_own(query, NULL) &&
             !store_area_has_planned(&query->area, places->found[i].number)))
            continue;
        int found = query_get_planned(query, places->found[i].number, &planned, err);
        if (found < 0)
            return err->code;
        if (found > 0 && planned_concerns_caller(&planned, query->request->now_ms) &&
            query_page_has(query, position))
            put_planned_line(query, &planned);
        record_fini(RECORD_PLANNED, &planned);
    }
    return ERR_OK;
}

static enum err_code eta_of_incident(struct query *query, int64_t number, struct err *err)
{
    struct incident incident;
    int found;

    if (query_is_own(query, NULL) && !store_area_has_incident(&query->area, number))
        return query_not_own(err, "/args/incident");
    found = query_get_incident(query, number, &incident, err);
    if (found < 0)
        return err->code;
    if (found == 0)
        return query_no_incident(number, err);
    put_incident_line(query, &incident, false);
    record_fini(RECORD_INCIDENT, &incident);
    return ERR_OK;
}

// The one argument that says where; NULL when there is none, or several.
static const struct json *only_place(const struct json *args)
{
    const struct json *only = NULL;

    for (const struct json *arg = args->first; arg; arg = arg->next) {
        if (slice_is(arg->key, "limit") || slice_is(arg->key, "after"))
            continue;
        if (only)
            return NULL;
        only = arg;
    }
    return only;
}

enum err_code query_eta(struct query *query, struct err *err)
{
    const struct json *only = only_place(query->args);
    struct query_places places = {0};
    int64_t position = 0;
    enum err_code code;

    if (!only)
        return err_set(err, ERR_INVALID, "argument",
                       "Give one of account, phone, address, premise, incident.",
                       "Нужен один из аргументов: account, phone, address, premise, incident.");
    if (slice_is(only->key, "incident"))
        return eta_of_incident(query, only->integer, err);
    if (slice_is(only->key, "account"))
        code = places_of_account(query, only->text, &places, err);
    else if (slice_is(only->key, "phone"))
        code = places_of_phone(query, only->text, &places, err);
    else if (slice_is(only->key, "address"))
        code = places_of_address(query, only->text, &places, err);
    else
        code = places_of_premise(query, only, &places, err);
    if (code == ERR_OK)
        code = put_incident_lines(query, &places, &position, err);
    if (code == ERR_OK)
        code = put_planned_lines(query, &places, &position, err);
    query_places_fini(&places);
    return code;
}

// --- planned --------------------------------------------------------------------------------------------

int query_get_planned(struct query *query, int64_t number, struct planned *planned, struct err *err)
{
    struct buf sql = {0};

    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_PLANNED, "", &sql);
    buf_add_text(&sql, " FROM planned WHERE planned = ?1");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    sqlite3_bind_int64(row, 1, number);
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW)
        store_row_read(RECORD_PLANNED, row, 0, planned);
    sqlite3_reset(row);
    if (code == SQLITE_DONE)
        return 0;
    if (code != SQLITE_ROW) {
        reader_failed(query->reader, err);
        return -1;
    }
    return query_read_covers(query, "planned", number, &planned->covers, err) == ERR_OK ? 1 : -1;
}

enum err_code query_planned(struct query *query, struct err *err)
{
    bool all = slice_is(query_text(query, "state"), "all");
    bool own = query_is_own(query, NULL);
    int64_t after = query_integer(query, "after", 0);

    for (int64_t count = 0;;) {
        sqlite3_stmt *row = reader_statement(
            query->reader, "SELECT planned FROM planned WHERE planned > ?1 AND (?2 OR state IN"
                           " ('announced', 'started')) ORDER BY planned LIMIT 1");
        struct planned planned = {0};

        sqlite3_bind_int64(row, 1, after);
        sqlite3_bind_int(row, 2, all);
        bool more = sqlite3_step(row) == SQLITE_ROW;
        int64_t number = more ? sqlite3_column_int64(row, 0) : 0;
        sqlite3_reset(row);
        if (!more)
            return ERR_OK;
        if (own && !store_area_has_planned(&query->area, number)) {
            after = number;
            continue;
        }
        if (count++ == query->limit) {
            buf_printf(&query->next, "%lld", (long long)after);
            return ERR_OK;
        }
        if (query_get_planned(query, number, &planned, err) < 0)
            return err->code;
        put_planned_line(query, &planned);
        record_fini(RECORD_PLANNED, &planned);
        after = number;
    }
}
