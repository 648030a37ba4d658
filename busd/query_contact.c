// `contacts` and `contact`: what callers said. The rows hold nothing personal; the one record with
// the caller's data is given by `contact` alone, to roles that have the right.
#include "busd/query.h"

#include "busd/engine.h"
#include "busd/place.h"
#include "busd/store_row.h"
#include "lib/event.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static void put_place(struct query *query, const struct contact *contact)
{
    struct json_out *out = query->out;
    const struct address_index *index = network_address(query->network);
    const int64_t known[] = {contact->premise, contact->house, contact->street,
                             contact->settlement};
    static const char *const levels[] = {"none", "settlement", "street", "house", "premise"};
    int64_t premise = 0;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && premise == 0; i++)
        premise = known[i];
    json_out_object(out, "place");
    json_out_text(out, "level", levels[contact->place_level]);
    query_put_text(out, "node", contact->node);
    if (premise) {
        struct address_match match = address_of_premise(index, premise);
        struct address_place place = address_place_of(index, &match);
        if (place.settlement && *place.settlement)
            json_out_text(out, "settlement", place.settlement);
        if (contact->place_level >= PLACE_STREET && place.street && *place.street)
            json_out_text(out, "street", place.street);
        if (contact->place_level >= PLACE_HOUSE && place.house && *place.house)
            json_out_text(out, "house", place.house);
    }
    json_out_end(out, '}');
}

static void put_life(struct json_out *out, const struct contact *contact)
{
    json_out_text(out, "item", engine_contact_item(contact));
    query_put_text(out, "topic", contact->topic);
    query_put_text(out, "form", event_word(EVENT_FIELD_form, contact->form));
    query_put_text(out, "department", contact->department);
    query_put_text(out, "handler", contact->handler);
    json_out_bool(out, "needs_answer", contact->needs_answer);
    query_put_time(out, "due", contact->due);
    query_put_time(out, "answered_at", contact->answered_at);
    if (contact->justified >= 0)
        json_out_bool(out, "justified", contact->justified);
    query_put_text(out, "measures_done", contact->measures_done);
    query_put_text(out, "measures_planned", contact->measures_planned);
    query_put_text(out, "ground", contact->ground);
    query_put_text(out, "repeat_of", contact->repeat_of);
    query_put_number(out, "reopened", contact->reopened);
}

void query_put_contact(struct query *query, const struct contact *contact,
                       enum query_contact_part what)
{
    struct json_out *out = query->out;

    json_out_object(out, NULL);
    json_out_text(out, "reg_no", contact->reg_no);
    json_out_integer(out, "sequence", contact->sequence);
    json_out_text(out, "type", contact->type);
    query_put_number(out, "incident", contact->incident);
    query_put_number(out, "planned", contact->planned);
    query_put_text(out, "applicant", event_word(EVENT_FIELD_applicant, contact->applicant));
    query_put_text(out, "symptom", event_word(EVENT_FIELD_symptom, contact->symptom));
    query_put_text(out, "extent", event_word(EVENT_FIELD_extent, contact->extent));
    query_put_text(out, "hazard", event_word(EVENT_FIELD_hazard, contact->hazard));
    query_put_text(out, "critical", event_word(EVENT_FIELD_critical, contact->critical));
    query_put_time(out, "since", contact->since);
    json_out_time(out, "time", contact->time);
    json_out_time(out, "recordedtime", contact->recorded);
    query_put_text(out, "operator", contact->operator);
    query_put_text(out, "call", contact->call);
    json_out_bool(out, "callback", contact->callback);
    query_put_time(out, "answer_since", contact->answer_since);
    if (contact->answer_late)
        json_out_bool(out, "answer_late", true);
    query_put_word(out, "state", CONTACT_STATE_WORDS, contact->state);
    if (contact->dispatch != DISPATCH_NONE)
        query_put_word(out, "dispatch", CONTACT_DISPATCH_WORDS, contact->dispatch);
    query_put_text(out, "returned_reason", contact->returned_reason);
    if (contact->dispatch == DISPATCH_ASKED && query->request->text)
        query_put_text(out, "question", contact->question);
    put_life(out, contact);
    put_place(query, contact);
    if (what != QUERY_CONTACT_ROW)
        query_put_personal(query, contact, what);
    json_out_integer(out, "version", contact->version);
    json_out_end(out, '}');
}

// Binds the keyed digest of a look-up value; false when the argument is absent or is no phone.
static bool bind_lookup(struct query *query, sqlite3_stmt *row, int at, const char *kind,
                        uint8_t digest[CRYPTO_DIGEST_BYTES])
{
    struct slice value = query_text(query, kind);
    char phone[PHONE_BYTES];

    if (!value.data)
        return false;
    if (strcmp(kind, "phone") == 0) {
        if (!phone_normalise(value, phone))
            snprintf(phone, sizeof(phone), "-"); // matches nothing
        value = slice_of(phone);
    }
    journal_keys_lookup(query->keys, kind, value, digest);
    sqlite3_bind_blob(row, at, digest, CRYPTO_DIGEST_BYTES, SQLITE_STATIC);
    return true;
}

static void add_conditions(const struct query *query, const struct event_place *place,
                           struct buf *sql)
{
    if (query_has(query, "incident"))
        buf_add_text(sql, " AND incident = ?3");
    if (query_has(query, "phone"))
        buf_add_text(sql, " AND reg_no IN (SELECT reg_no FROM found WHERE digest = ?4)");
    if (query_has(query, "account"))
        buf_add_text(sql, " AND reg_no IN (SELECT reg_no FROM found WHERE digest = ?5)");
    if (query_has(query, "department"))
        buf_add_text(sql, " AND department = ?6");
    if (slice_is(query_text(query, "state"), "owed"))
        buf_add_text(sql, " AND answer_since > 0"
                          " AND state IN ('registered', 'routed', 'in_work', 'reopened')");
    else if (query_has(query, "state"))
        buf_add_text(sql, " AND state = ?7");
    if (slice_is(query_text(query, "dispatch"), "open"))
        buf_add_text(sql, " AND dispatch IN ('asked', 'returned')");
    else if (query_has(query, "dispatch"))
        buf_add_text(sql, " AND dispatch = ?8");
    // Of a flat, and of its house where nobody named a flat.
    if (place->level == PLACE_PREMISE)
        buf_add_text(sql, " AND house = ?10 AND premise IN (0, ?9)");
    else if (query_has(query, "premise"))
        buf_add_text(sql, place->level == PLACE_HOUSE ? " AND house = ?10" : " AND false");
}

enum err_code query_contacts(struct query *query, struct err *err)
{
    struct buf sql = {0};
    uint8_t phone[CRYPTO_DIGEST_BYTES];
    uint8_t account[CRYPTO_DIGEST_BYTES];
    bool own = query_is_own(query, NULL);
    int64_t count = 0;
    int64_t last = 0;
    struct event_place place = {.level = PLACE_NONE};
    int code;

    if (query_has(query, "premise") &&
        place_resolve(query->network, json_get(query->args, "premise"), &place, err) != ERR_OK)
        return err->code;
    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_CONTACT, "", &sql);
    buf_add_text(&sql, " FROM contact WHERE sequence > ?1 AND time >= ?2");
    add_conditions(query, &place, &sql);
    buf_add_text(&sql, " ORDER BY sequence");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    sqlite3_bind_int64(row, 1, query_integer(query, "after", 0));
    sqlite3_bind_int64(row, 2, query_time(query, "since", INT64_MIN));
    if (query_has(query, "incident"))
        sqlite3_bind_int64(row, 3, query_integer(query, "incident", 0));
    query_bind_text(row, 6, query_text(query, "department"));
    query_bind_text(row, 7, query_text(query, "state"));
    query_bind_text(row, 8, query_text(query, "dispatch"));
    sqlite3_bind_int64(row, 9, place.premise);
    sqlite3_bind_int64(row, 10, place.house);
    bind_lookup(query, row, 4, "phone", phone);
    bind_lookup(query, row, 5, "account", account);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct contact contact = {0};
        store_row_read(RECORD_CONTACT, row, 0, &contact);
        if (own && !store_area_has_contact(&query->area, &contact)) {
            record_fini(RECORD_CONTACT, &contact);
            continue;
        }
        if (query_page_is_full(query, count++, last)) {
            record_fini(RECORD_CONTACT, &contact);
            code = SQLITE_DONE;
            break;
        }
        query_put_contact(query, &contact, QUERY_CONTACT_ROW);
        last = contact.sequence;
        record_fini(RECORD_CONTACT, &contact);
    }
    if (code != SQLITE_DONE)
        return reader_failed(query->reader, err);
    // Who called about an account that the import does not know is found by it all the same.
    if (count == 0 && query_has(query, "account") &&
        !query_find_account(query, query_text(query, "account"), err))
        return err->code;
    return ERR_OK;
}

enum err_code query_contact(struct query *query, struct err *err)
{
    struct buf sql = {0};
    struct slice reg_no = query_text(query, "reg_no");

    if (query_need(query, "reg_no", err) != ERR_OK)
        return err->code;
    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_CONTACT, "", &sql);
    buf_add_text(&sql, " FROM contact WHERE reg_no = ?1");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    query_bind_text(row, 1, reg_no);
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        struct contact contact = {0};
        store_row_read(RECORD_CONTACT, row, 0, &contact);
        bool own = !query_is_own(query, NULL) || store_area_has_contact(&query->area, &contact);
        if (own)
            query_put_contact(query, &contact, QUERY_CONTACT_ALL);
        record_fini(RECORD_CONTACT, &contact);
        return own ? ERR_OK : query_not_own(err, "/args/reg_no");
    }
    if (code != SQLITE_DONE)
        return reader_failed(query->reader, err);
    err_set(err, ERR_NOT_FOUND, "reg_no", "There is no contact \"%.*s\".", "Обращения «%.*s» нет.",
            (int)reg_no.length, reg_no.data ? reg_no.data : "");
    err_set_path(err, "/args/reg_no");
    return ERR_NOT_FOUND;
}
