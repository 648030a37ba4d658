// `incidents` and `incident`: rows for lists, and one incident with its contacts, timeline, ETAs and
// the reasons that put each call there.
#include "busd/query_why.h"

#include "busd/engine.h"
#include "busd/engine_storm.h"
#include "busd/store_row.h"
#include "lib/clock.h"
#include "lib/event.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

void query_put_eta(struct json_out *out, const struct incident *incident, int64_t now_ms)
{
    if (!incident->eta_at) {
        json_out_null(out, "eta");
        return;
    }
    json_out_object(out, "eta");
    json_out_time(out, "at", incident->eta_at);
    json_out_text(out, "firmness", event_word(EVENT_FIELD_firmness, incident->eta_firmness));
    json_out_text(out, "source", event_word(EVENT_FIELD_source, incident->eta_source));
    json_out_time(out, "set_at", incident->eta_set_at);
    query_put_text(out, "by", incident->eta_by);
    json_out_bool(out, "published", incident->eta_published);
    json_out_integer(out, "revisions", incident->eta_revisions);
    json_out_bool(out, "overdue", incident->eta_at < now_ms);
    json_out_end(out, '}');
}

static void put_crew(struct json_out *out, const struct incident *incident)
{
    if (incident->crew_state < 0)
        return;
    json_out_object(out, "crew");
    query_put_text(out, "tier", event_word(EVENT_FIELD_tier, incident->crew_tier));
    query_put_text(out, "state", event_word(EVENT_FIELD_state, incident->crew_state));
    query_put_text(out, "crew", incident->crew);
    json_out_end(out, '}');
}

// Critical objects and reliability categories among the premises that it covers.
static void put_counts(struct json_out *out, const struct incident *incident)
{
    query_put_number(out, "critical_count", incident->critical_count);
    if (incident->category_1 + incident->category_2 + incident->category_3 == 0)
        return;
    json_out_array(out, "categories");
    json_out_integer(out, NULL, incident->category_1);
    json_out_integer(out, NULL, incident->category_2);
    json_out_integer(out, NULL, incident->category_3);
    json_out_end(out, ']');
}

// Covers that say where it is; what has none of them waits until somebody finds its place.
#define KNOWN_PLACES \
    "SELECT 1 FROM cover WHERE record = 'incident' AND level IN ('premise', 'house', 'node')"

static bool is_unresolved(struct query *query, const struct incident *incident)
{
    if (incident->node)
        return false;
    sqlite3_stmt *row = reader_statement(query->reader, KNOWN_PLACES " AND number = ?1 LIMIT 1");
    sqlite3_bind_int64(row, 1, incident->incident);
    bool known = sqlite3_step(row) == SQLITE_ROW;
    sqlite3_reset(row);
    return !known;
}

void query_put_incident(struct query *query, const struct incident *incident)
{
    struct json_out *out = query->out;

    json_out_integer(out, "incident", incident->incident);
    query_put_text(out, "ref", incident->ref);
    json_out_text(out, "kind", event_word(EVENT_FIELD_kind, incident->kind));
    query_put_word(out, "state", INCIDENT_STATE_WORDS, incident->state);
    json_out_integer(out, "priority", incident->priority);
    query_put_word(out, "priority_reason", INCIDENT_REASON_WORDS, incident->priority_reason);
    query_put_text(out, "node", incident->node);
    query_put_text(out, "desk", incident->desk);
    if (incident->probability > 0) {
        json_out_number(out, "probability", (double)incident->probability / 1000000);
        query_put_word(out, "grouping", EVENT_WORDS_GROUPING, incident->grouping);
    }
    if (is_unresolved(query, incident))
        json_out_bool(out, "unresolved", true);
    query_put_text(out, "settlement", incident->settlement);
    query_put_text(out, "street", incident->street);
    query_put_text(out, "house", incident->house);
    json_out_time(out, "started", incident->started);
    json_out_time(out, "opened_at", incident->opened_at);
    query_put_time(out, "restored_at", incident->restored_at);
    query_put_time(out, "closed_at", incident->closed_at);
    query_put_time(out, "last_report_at", incident->last_report_at);
    json_out_integer(out, "calls", incident->calls);
    json_out_integer(out, "customers", incident->customers);
    query_put_number(out, "customers_restored", incident->customers_restored);
    query_put_text(out, "hazard", event_word(EVENT_FIELD_hazard, incident->hazard));
    if (incident->critical || incident->critical_count > 0)
        json_out_bool(out, "critical", true);
    put_counts(out, incident);
    query_put_text(out, "cause", incident->cause);
    query_put_text(out, "public_text", incident->public_text);
    query_put_eta(out, incident, query->request->now_ms);
    put_crew(out, incident);
    query_put_text(out, "accepted_by", incident->accepted_by);
    if (engine_is_chattering(incident, query->request->now_ms))
        json_out_bool(out, "chattering", true);
    if (engine_is_stale(incident, query->request->now_ms))
        json_out_bool(out, "stale", true);
    query_put_time(out, "accepted_at", incident->accepted_at);
    query_put_text(out, "escalated_to", incident->escalated_to);
    query_put_text(out, "opened_by", incident->opened_by);
    query_put_word(out, "outcome", INCIDENT_OUTCOME_WORDS, incident->outcome);
    query_put_number(out, "nested_in", incident->nested_in);
    query_put_number(out, "merged_into", incident->merged_into);
    json_out_integer(out, "version", incident->version);
}

// --- incidents -----------------------------------------------------------------------------------

static const struct {
    const char *word, *states;
} state_groups[] = {
    {"open", query_open_states},
    {"restored", "'restored', 'verified'"},
    {"closed", "'closed', 'cancelled', 'merged'"},
    {"all", NULL},
};

static void add_state_filter(const struct query *query, struct buf *sql)
{
    struct slice wanted =
        query_has(query, "state") ? query_text(query, "state") : slice_of(state_groups[0].word);

    for (size_t i = 0; i < sizeof(state_groups) / sizeof(state_groups[0]); i++) {
        if (slice_is(wanted, state_groups[i].word) && state_groups[i].states)
            buf_printf(sql, " AND state IN (%s)", state_groups[i].states);
    }
}

enum err_code query_incidents(struct query *query, struct err *err)
{
    struct buf sql = {0};
    bool own = query_is_own(query, NULL);
    int64_t count = 0;
    int64_t last = 0;
    int code;

    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_INCIDENT, "", &sql);
    buf_add_text(&sql, " FROM incident WHERE incident > ?1 AND (?2 IS NULL OR node = ?2)"
                       " AND (?3 IS NULL OR kind = ?3) AND started >= ?4"
                       " AND (?5 IS NULL OR ?5 = (node IS NULL AND NOT EXISTS (" KNOWN_PLACES
                       " AND number = incident)))");
    add_state_filter(query, &sql);
    buf_add_text(&sql, " ORDER BY incident");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    sqlite3_bind_int64(row, 1, query_integer(query, "after", 0));
    query_bind_text(row, 2, query_text(query, "node"));
    query_bind_text(row, 3, query_text(query, "kind"));
    sqlite3_bind_int64(row, 4, query_time(query, "since", INT64_MIN));
    if (query_has(query, "place"))
        sqlite3_bind_int(row, 5, slice_is(query_text(query, "place"), "unresolved"));
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct incident incident = {0};
        int64_t number = sqlite3_column_int64(row, 0);
        if (own && !store_area_has_incident(&query->area, number))
            continue;
        if (query_page_is_full(query, count++, last)) {
            code = SQLITE_DONE;
            break;
        }
        store_row_read(RECORD_INCIDENT, row, 0, &incident);
        json_out_object(query->out, NULL);
        query_put_incident(query, &incident);
        json_out_end(query->out, '}');
        last = incident.incident;
        record_fini(RECORD_INCIDENT, &incident);
    }
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

// --- one incident ---------------------------------------------------------------------------------

// Its own contacts and those of every incident that was merged into it.
#define FAMILY                                                                                    \
    "WITH RECURSIVE family(incident) AS (VALUES(?1) UNION SELECT incident.incident FROM incident" \
    " JOIN family ON incident.merged_into > 0 AND incident.merged_into = family.incident) "

static void put_events(struct query *query, int64_t number)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT event.bytes, topic.name FROM timeline"
                                        " JOIN event ON event.sequence = timeline.sequence"
                                        " JOIN topic ON topic.code = event.type"
                                        " WHERE timeline.incident = ?1 ORDER BY timeline.sequence");

    json_out_array(query->out, "timeline");
    sqlite3_bind_int64(row, 1, number);
    while (sqlite3_step(row) == SQLITE_ROW) {
        struct slice bytes = {sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0)};
        if (query_may_read(query, slice_of((const char *)sqlite3_column_text(row, 1)), bytes))
            json_out_raw(query->out, NULL, bytes);
    }
    sqlite3_reset(row);
    json_out_end(query->out, ']');
}

// As `eta` has it: the company's offset, whichever the client wrote.
static void put_eta_at(struct json_out *out, struct slice text)
{
    int64_t at_ms;

    if (text.data && clock_parse(text.data, text.length, &at_ms))
        json_out_time(out, "at", at_ms);
    else
        json_out_null(out, "at");
}

// One line of the ETA history, out of the event that made it.
static void write_eta_line(struct query *query, struct slice bytes, bool withdrawn,
                           bool in_force_now, struct buf *line)
{
    const struct json *event =
        json_parse(query->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, NULL);
    const struct json *data = json_get(event, "data");
    struct json_out out;

    json_out_init(&out, line);
    json_out_object(&out, NULL);
    put_eta_at(&out, withdrawn ? (struct slice){0} : json_string(json_get(data, "at")));
    const struct json *firmness = json_get(data, "firmness");
    const struct json *source = json_get(data, "source");
    json_out_text(&out, "firmness",
                  firmness    ? json_c_string(firmness)
                  : withdrawn ? NULL
                              : "estimate");
    json_out_text(&out, "source", source ? json_c_string(source) : "dispatcher");
    json_out_value(&out, "set_at", json_get(event, "time"));
    const struct json *person = json_get(event, "person");
    json_out_value(&out, "by", person ? person : json_get(event, "source"));
    json_out_bool(&out, "published", json_bool(json_get(data, "published"), true));
    json_out_bool(&out, "in_force", in_force_now);
    if (json_get(data, "reason"))
        json_out_value(&out, "reason", json_get(data, "reason"));
    json_out_end(&out, '}');
}

// Whether the decision let an eta.* event take effect.
static bool took_effect(struct query *query, struct slice bytes)
{
    const struct json *event =
        json_parse(query->doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT, NULL);

    return json_bool(json_get(json_get(event, "data"), "in_force"), true);
}

static void put_etas(struct query *query, const struct incident *incident)
{
    sqlite3_stmt *row = reader_statement(
        query->reader,
        "SELECT event.bytes, topic.name = 'eta.withdrawn' FROM timeline"
        " JOIN event ON event.sequence = timeline.sequence"
        " JOIN topic ON topic.code = event.type"
        " WHERE timeline.incident = ?1 AND topic.name IN ('eta.set', 'eta.withdrawn')"
        " ORDER BY timeline.sequence");
    int64_t at = 0;
    int64_t current = -1;

    sqlite3_bind_int64(row, 1, incident->incident);
    for (; sqlite3_step(row) == SQLITE_ROW; at++) {
        struct slice bytes = {sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0)};
        if (took_effect(query, bytes))
            current = at;
    }
    sqlite3_reset(row);
    if (!incident->eta_at)
        current = -1;
    json_out_array(query->out, "etas");
    for (at = 0; sqlite3_step(row) == SQLITE_ROW; at++) {
        struct buf line = {0};
        struct slice bytes = {sqlite3_column_blob(row, 0), (size_t)sqlite3_column_bytes(row, 0)};
        write_eta_line(query, bytes, sqlite3_column_int(row, 1) != 0, at == current, &line);
        json_out_raw(query->out, NULL, (struct slice){line.data, line.length});
        buf_fini(&line);
    }
    sqlite3_reset(row);
    json_out_end(query->out, ']');
}

// `each` may take what the record owns.
typedef void each_contact(void *context, struct contact *contact);

static enum err_code walk_contacts(struct query *query, int64_t number, each_contact *each,
                                   void *context, struct err *err)
{
    struct buf sql = {0};
    int code;

    buf_add_text(&sql, FAMILY "SELECT ");
    store_row_columns(RECORD_CONTACT, "contact.", &sql);
    buf_add_text(&sql, " FROM contact JOIN family ON contact.incident = family.incident"
                       " ORDER BY contact.sequence");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    sqlite3_bind_int64(row, 1, number);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct contact contact = {0};
        store_row_read(RECORD_CONTACT, row, 0, &contact);
        each(context, &contact);
        record_fini(RECORD_CONTACT, &contact);
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

static void put_contact_row(void *context, struct contact *contact)
{
    struct query *query = context;

    if (!query_is_own(query, "contact") || store_area_has_contact(&query->area, contact))
        query_put_contact(query, contact, QUERY_CONTACT_TEXT);
}

// The reasons of the calls, each when the next one is known.
struct reasons {
    struct query *query;
    const struct query_why *why;
    int64_t incident, count;
    struct contact last;
};

static void put_last(struct reasons *reasons, int64_t next)
{
    if (reasons->count > 0)
        query_why_put_call(reasons->query, reasons->why, &reasons->last, reasons->incident,
                           reasons->count == 1, next);
    record_fini(RECORD_CONTACT, &reasons->last);
}

static void put_reason(void *context, struct contact *contact)
{
    struct reasons *reasons = context;

    put_last(reasons, contact->sequence);
    reasons->last = *contact;
    *contact = (struct contact){0};
    reasons->count++;
}

static enum err_code put_reasons(struct query *query, const struct incident *incident,
                                 struct err *err)
{
    struct query_why *why = query_why_read(query, incident->incident);
    struct reasons reasons = {.query = query, .why = why, .incident = incident->incident};

    json_out_array(query->out, "why");
    query_why_put(query, why, incident);
    enum err_code code = walk_contacts(query, incident->incident, put_reason, &reasons, err);
    put_last(&reasons, INT64_MAX);
    json_out_end(query->out, ']');
    json_out_array(query->out, "alternatives");
    query_why_put_alternatives(query, why);
    json_out_end(query->out, ']');
    query_why_free(why);
    return code;
}

// Who is out again is counted by the nested incident alone, unless it came to nothing.
static enum err_code put_minutes(struct query *query, struct incident *incident, struct err *err)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT incident, customers FROM incident"
                                        " WHERE nested_in > 0 AND nested_in = ?1"
                                        " AND state NOT IN ('cancelled', 'merged')");
    struct incident nested = {0}; // its covers are those of all of them
    enum err_code code =
        query_read_covers(query, "incident", incident->incident, &incident->covers, err);

    sqlite3_bind_int64(row, 1, incident->incident);
    while (code == ERR_OK && sqlite3_step(row) == SQLITE_ROW) {
        nested.customers += sqlite3_column_int64(row, 1);
        code =
            query_read_covers(query, "incident", sqlite3_column_int64(row, 0), &nested.covers, err);
    }
    sqlite3_reset(row);
    if (code == ERR_OK) {
        int64_t now_ms = query->request->now_ms;
        int64_t minutes =
            engine_premise_minutes(network_model(query->network), incident, &nested.covers, now_ms);

        json_out_integer(
            query->out, "customer_minutes",
            minutes >= 0 ? minutes : engine_customer_minutes(incident, nested.customers, now_ms));
    }
    record_fini(RECORD_INCIDENT, &nested);
    return code;
}

enum err_code query_incident(struct query *query, struct err *err)
{
    struct incident incident;
    int64_t number = query_integer(query, "incident", 0);
    int found = 0;

    if (query_need(query, "incident", err) != ERR_OK)
        return err->code;
    if (query_is_own(query, NULL) && !store_area_has_incident(&query->area, number))
        return query_not_own(err, "/args/incident");
    found = query_get_incident(query, number, &incident, err);
    if (found < 0)
        return err->code;
    if (found == 0)
        return query_no_incident(number, err);
    json_out_object(query->out, NULL);
    query_put_incident(query, &incident);
    enum err_code code = put_minutes(query, &incident, err);
    if (code == ERR_OK)
        code = query_put_overlaps(query, &incident.covers, err);
    json_out_array(query->out, "contacts");
    if (code == ERR_OK)
        code = walk_contacts(query, number, put_contact_row, query, err);
    json_out_end(query->out, ']');
    put_events(query, number);
    put_etas(query, &incident);
    if (code == ERR_OK)
        code = put_reasons(query, &incident, err);
    json_out_end(query->out, '}');
    record_fini(RECORD_INCIDENT, &incident);
    return code;
}
