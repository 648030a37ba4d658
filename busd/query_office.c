// `offices`, `slots`, `appointments`: where people are received, what is free, a day's sheet.
#include "busd/query.h"

#include "busd/offices.h"
#include "busd/store_row.h"
#include "lib/clock.h"

#include <sqlite3.h>
#include <string.h>

enum { MINUTE_MS = 60000 };

static void put_hours(struct query *query, const struct office *office)
{
    static const char *const days[OFFICE_DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    json_out_object(query->out, "hours");
    for (int day = 0; day < OFFICE_DAYS; day++) {
        const struct office_span *span = &office->hours[day];
        struct buf text = {0};

        if (!span->to_minute)
            continue;
        buf_printf(&text, "%02d:%02d-%02d:%02d", span->from_minute / 60, span->from_minute % 60,
                   span->to_minute / 60, span->to_minute % 60);
        json_out_text(query->out, days[day], buf_text(&text));
        buf_fini(&text);
    }
    json_out_end(query->out, '}');
}

enum err_code query_offices(struct query *query, struct err *err)
{
    (void)err;
    for (size_t i = 0; i < query->offices->count; i++) {
        const struct office *office = &query->offices->items[i];

        json_out_object(query->out, NULL);
        json_out_text(query->out, "office", office->id);
        json_out_text(query->out, "name", office->name[query->request->language]);
        query_put_text(query->out, "address", office->address);
        json_out_integer(query->out, "windows", office->windows);
        put_hours(query, office);
        json_out_object(query->out, "services");
        for (size_t kind = 0; kind < office->kind_count; kind++)
            json_out_integer(query->out, office->kinds[kind].kind, office->kinds[kind].minutes);
        json_out_end(query->out, '}');
        json_out_end(query->out, '}');
    }
    return ERR_OK;
}

static int64_t count_taken(struct query *query, struct slice office, int64_t starts_ms,
                           int64_t ends_ms)
{
    sqlite3_stmt *row =
        reader_statement(query->reader, "SELECT count(DISTINCT window) FROM appointment WHERE "
                                        "office = ?1 AND state = 'booked' AND starts < ?3 "
                                        "AND ends > ?2");

    query_bind_text(row, 1, office);
    sqlite3_bind_int64(row, 2, starts_ms);
    sqlite3_bind_int64(row, 3, ends_ms);
    int64_t taken = sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_reset(row);
    return taken;
}

static enum err_code unknown(struct err *err, const char *path, const char *en, const char *ru)
{
    err_set(err, ERR_NOT_FOUND, "office", "%s%.0s", "%.0s%s", en, ru);
    err_set_path(err, "%s", path);
    return ERR_NOT_FOUND;
}

enum err_code query_slots(struct query *query, struct err *err)
{
    struct slice id = query_text(query, "office"), kind = query_text(query, "service");
    const struct office *office;
    int64_t from_ms = query_time(query, "from", query->request->now_ms);

    if (query_need(query, "office", err) != ERR_OK || query_need(query, "service", err) != ERR_OK)
        return err->code;
    office = offices_find(query->offices, id.data, id.length);
    if (!office)
        return unknown(err, "/args/office", "There is no such office.", "Такого офиса нет.");
    int minutes = office_minutes(office, kind.data, kind.length);
    if (!minutes)
        return unknown(err, "/args/service", "The office has no such kind of visit.",
                       "Такого вида приёма в этом офисе нет.");
    if (from_ms < query->request->now_ms)
        from_ms = query->request->now_ms;
    for (int64_t given = 0; given < query->limit;) {
        int64_t starts_ms = office_next(query->offices, office, minutes, from_ms);
        int64_t ends_ms = starts_ms + (int64_t)minutes * MINUTE_MS;
        if (starts_ms == INT64_MAX)
            break;
        int64_t free_windows = office->windows - count_taken(query, id, starts_ms, ends_ms);
        from_ms = starts_ms + MINUTE_MS;
        if (free_windows <= 0)
            continue;
        json_out_object(query->out, NULL);
        json_out_time(query->out, "starts", starts_ms);
        json_out_time(query->out, "ends", ends_ms);
        json_out_integer(query->out, "free", free_windows);
        json_out_end(query->out, '}');
        given++;
    }
    return ERR_OK;
}

static void put_appointment(struct query *query, const struct appointment *appointment)
{
    struct json_out *out = query->out;

    json_out_object(out, NULL);
    json_out_integer(out, "appointment", appointment->appointment);
    json_out_text(out, "office", appointment->office);
    json_out_integer(out, "window", appointment->window);
    json_out_text(out, "service", appointment->service);
    json_out_time(out, "starts", appointment->starts);
    json_out_time(out, "ends", appointment->ends);
    query_put_word(out, "state", APPOINTMENT_STATE_WORDS, appointment->state);
    query_put_text(out, "contact", appointment->contact);
    query_put_masked(query, appointment->sequence);
    json_out_integer(out, "version", appointment->version);
    json_out_end(out, '}');
}

// One office's, from a time on, in the order of the day: its sheet.
enum err_code query_appointments(struct query *query, struct err *err)
{
    struct slice office = query_text(query, "office");
    struct buf sql = {0};
    int64_t count = 0;
    int code;

    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_APPOINTMENT, "", &sql);
    buf_add_text(&sql, " FROM appointment WHERE (?1 IS NULL OR office = ?1) AND starts >= ?2 "
                       "AND starts < ?3 AND appointment > ?4 ORDER BY ");
    // A sheet is read by time, a listing by number, so that it can go on behind the last one.
    buf_add_text(&sql, query_has(query, "until") ? "starts, window" : "appointment");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    if (office.data)
        query_bind_text(row, 1, office);
    sqlite3_bind_int64(row, 2, query_time(query, "from", INT64_MIN));
    sqlite3_bind_int64(row, 3, query_time(query, "until", INT64_MAX));
    sqlite3_bind_int64(row, 4, query_integer(query, "after", 0));
    int64_t last = 0;
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct appointment appointment = {0};
        if (query_page_is_full(query, count++, last)) {
            code = SQLITE_DONE;
            break;
        }
        store_row_read(RECORD_APPOINTMENT, row, 0, &appointment);
        put_appointment(query, &appointment);
        last = appointment.appointment;
        record_fini(RECORD_APPOINTMENT, &appointment);
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}
