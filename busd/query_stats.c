// `stats`, `events`, `approvals`, `chain`: the figures of now, and the journal itself.
#include "busd/query.h"

#include "lib/clock.h"
#include "lib/event.h"

#include <sqlite3.h>
#include <string.h>
#include <time.h>

// Midnight of today in the company's zone.
static int64_t start_of_day_ms(int64_t now_ms)
{
    struct tm local;

    clock_local(now_ms, &local);
    local.tm_hour = local.tm_min = local.tm_sec = 0;
    local.tm_isdst = -1;
    return clock_from_local(&local);
}

static void put_counts(struct query *query, sqlite3_stmt *row)
{
    static const char *const names[] = {"open",     "customers",  "without_eta", "overdue",
                                        "restored", "unaccepted", "calls"};

    for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++)
        json_out_integer(query->out, names[i], sqlite3_column_int64(row, i));
}

// A flood at any desk proposes a storm, none its end; people decide.
static void put_proposal(struct query *query, bool storm)
{
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT desk FROM desk_state WHERE flooded <> 0 ORDER BY desk");
    bool flood = false;

    json_out_array(query->out, "floods");
    for (; sqlite3_step(row) == SQLITE_ROW; flood = true)
        json_out_text(query->out, NULL, (const char *)sqlite3_column_text(row, 0));
    sqlite3_reset(row);
    json_out_end(query->out, ']');
    if (flood != storm)
        json_out_text(query->out, "mode_proposed", flood ? "storm" : "normal");
}

static void put_mode(struct query *query)
{
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT mode, message, until, since FROM mode WHERE key = 1");

    bool found = sqlite3_step(row) == SQLITE_ROW;
    const char *mode = found ? (const char *)sqlite3_column_text(row, 0) : NULL;
    json_out_text(query->out, "mode", mode ? mode : "normal");
    query_put_time(query->out, "mode_since", found ? sqlite3_column_int64(row, 3) : 0);
    put_proposal(query, mode && strcmp(mode, "storm") == 0);
    int64_t until = found ? sqlite3_column_int64(row, 2) : 0;
    if (found && (until == 0 || until > query->request->now_ms)) {
        query_put_text(query->out, "message", (const char *)sqlite3_column_text(row, 1));
        query_put_time(query->out, "message_until", until);
    }
    sqlite3_reset(row);
}

enum err_code query_stats(struct query *query, struct err *err)
{
    int64_t now_ms = query->request->now_ms;
    sqlite3_stmt *row = reader_statement(
        query->reader,
        "SELECT count(*) FILTER (WHERE open), coalesce(sum(customers) FILTER (WHERE open), 0),"
        " count(*) FILTER (WHERE open AND eta_at = 0),"
        " count(*) FILTER (WHERE open AND eta_at <> 0 AND eta_at < ?1),"
        " count(*) FILTER (WHERE NOT open), count(*) FILTER (WHERE open AND accepted_by IS NULL),"
        " coalesce(sum(calls) FILTER (WHERE open), 0)"
        " FROM (SELECT *, state IN ('suspected', 'probable', 'confirmed', 'partly_restored') AS "
        "open"
        "  FROM incident WHERE state IN ('suspected', 'probable', 'confirmed', 'partly_restored',"
        "  'restored', 'verified'))");
    sqlite3_stmt *contacts =
        reader_statement(query->reader, "SELECT count(*) FROM contact WHERE recorded >= ?1");

    sqlite3_bind_int64(row, 1, now_ms);
    if (sqlite3_step(row) != SQLITE_ROW)
        return reader_failed(query->reader, err);
    json_out_object(query->out, NULL);
    put_counts(query, row);
    sqlite3_bind_int64(contacts, 1, start_of_day_ms(now_ms));
    if (sqlite3_step(contacts) == SQLITE_ROW)
        json_out_integer(query->out, "contacts_today", sqlite3_column_int64(contacts, 0));
    put_mode(query);
    voltage_write(&query->company->voltage, query->out, "voltage");
    json_out_integer(query->out, "head", query->head);
    json_out_end(query->out, '}');
    return ERR_OK;
}

static sqlite3_stmt *events_statement(struct query *query)
{
    if (query_has(query, "incident"))
        return reader_statement(query->reader,
                                "SELECT event.sequence, topic.name, event.bytes FROM timeline"
                                " JOIN event ON event.sequence = timeline.sequence"
                                " JOIN topic ON topic.code = event.type"
                                " WHERE timeline.incident = ?3 AND timeline.sequence > ?1"
                                " AND (?2 IS NULL OR topic.name = ?2) ORDER BY timeline.sequence");
    return reader_statement(query->reader,
                            "SELECT event.sequence, topic.name, event.bytes FROM event"
                            " JOIN topic ON topic.code = event.type WHERE event.sequence > ?1"
                            " AND (?2 IS NULL OR topic.name = ?2) ORDER BY event.sequence");
}

// Stored events behind `from`, as far as the role may read their types.
enum err_code query_events(struct query *query, struct err *err)
{
    sqlite3_stmt *row = events_statement(query);
    struct slice type = query_text(query, "type");
    bool own = query_is_own(query, NULL);
    int64_t count = 0;
    int64_t last = 0;
    int code;

    sqlite3_bind_int64(row, 1, query_integer(query, "after", query_integer(query, "from", 0)));
    query_bind_text(row, 2, type);
    if (query_has(query, "incident"))
        sqlite3_bind_int64(row, 3, query_integer(query, "incident", 0));
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct slice bytes = {sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2)};
        if (!query_may_read(query, slice_of((const char *)sqlite3_column_text(row, 1)), bytes) ||
            (own && !store_area_has_event(&query->area, bytes)))
            continue;
        if (query_page_is_full(query, count++, last)) {
            code = SQLITE_DONE;
            break;
        }
        json_out_raw(query->out, NULL, bytes);
        last = sqlite3_column_int64(row, 0);
    }
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

enum err_code query_chain(struct query *query, struct err *err)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT chain FROM event WHERE sequence = ?1 UNION ALL "
                                        "SELECT chain FROM base WHERE sequence = ?1");
    int64_t sequence = query_integer(query, "sequence", -1);
    char chain[2 * STORE_CHAIN_BYTES + 1];

    if (query_need(query, "sequence", err) != ERR_OK)
        return err->code;
    sqlite3_bind_int64(row, 1, sequence);
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW && sqlite3_column_bytes(row, 0) == STORE_CHAIN_BYTES) {
        crypto_hex(sqlite3_column_blob(row, 0), STORE_CHAIN_BYTES, chain);
        json_out_object(query->out, NULL);
        json_out_integer(query->out, "sequence", sequence);
        json_out_text(query->out, "chain", chain);
        json_out_end(query->out, '}');
        return ERR_OK;
    }
    if (code != SQLITE_DONE)
        return reader_failed(query->reader, err);
    return err_set(err, ERR_NOT_FOUND, "sequence", "Event %lld is not kept.",
                   "События %lld в журнале нет.", (long long)sequence);
}

// Those that nobody agreed to yet and still can, as they stand in the journal.
enum err_code query_approvals(struct query *query, struct err *err)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT event.sequence, event.bytes FROM approval"
                                        " JOIN event ON event.sequence = approval.sequence"
                                        " WHERE approval.given_at = 0 AND approval.until >= ?1"
                                        " AND approval.sequence > ?2 ORDER BY approval.sequence");
    struct slice type = slice_of(event_topic(EVENT_APPROVAL_REQUESTED));
    int64_t count = 0;
    int64_t last = 0;
    int code;

    sqlite3_bind_int64(row, 1, query->request->now_ms);
    sqlite3_bind_int64(row, 2, query_integer(query, "after", 0));
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct slice bytes = {sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1)};

        if (!query_may_read(query, type, bytes))
            continue;
        if (query_page_is_full(query, count++, last)) {
            code = SQLITE_DONE;
            break;
        }
        json_out_raw(query->out, NULL, bytes);
        last = sqlite3_column_int64(row, 0);
    }
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}
