// `register`: the regulator's register of contacts, a row each, its 31 columns (Единые стандарты, прил. 7, п. 4.9).
// One SELECT over the state: whatever a column says is in the record of the contact.
#include "busd/query.h"

#include "busd/store_row.h"
#include "lib/clock.h"
#include "lib/register_columns.h"

#include <sqlite3.h>
#include <string.h>

// Column of the form, of the subject, of the answer (NULL: it is still to come).
static const char columns_sql[] =
    ", n,"
    " CASE form WHEN 'office' THEN 5 WHEN 'phone' THEN 6 WHEN 'web' THEN 7 WHEN 'post' THEN 8 ELSE "
    "9 END,"
    " CASE"
    "  WHEN type = 'contact.complaint' THEN"
    "   CASE topic WHEN 'transmission' THEN 16 WHEN 'quality' THEN 17 WHEN 'connection' THEN 18"
    "    WHEN 'metering' THEN 19 WHEN 'service' THEN 20 WHEN 'maintenance' THEN 21 ELSE 22 END"
    "  WHEN type = 'contact.quality_complaint' THEN 17"
    "  WHEN request THEN"
    "   CASE topic WHEN '1.1' THEN 23 WHEN '1.2' THEN 24 WHEN '1.3' THEN 25 ELSE 26 END"
    "  WHEN type IN ('contact.outage_report', 'contact.restoration_query') THEN 10"
    "  WHEN type = 'contact.meter_reading' THEN 12"
    "  WHEN type = 'contact.theft_report' THEN CASE topic WHEN 'equipment' THEN 14 ELSE 12 END"
    "  ELSE CASE topic WHEN '1.1' THEN 11 WHEN '1.2' THEN 10 WHEN '1.3' THEN 12 WHEN '1.4' THEN 13"
    "   ELSE 15 END END,"
    " CASE"
    "  WHEN state = 'left' THEN 29"
    "  WHEN state IN ('answered', 'closed') AND coalesce(due, 0) > 0 AND answered_at > due THEN 28"
    "  WHEN state IN ('answered', 'closed') OR coalesce(answer_since, 0) = 0 THEN 27"
    "  WHEN coalesce(due, 0) > 0 AND due < ?4 THEN 29 END"
    " FROM (SELECT *, row_number() OVER (ORDER BY sequence) AS n FROM contact"
    "  WHERE time >= ?1 AND time < ?2) WHERE sequence > ?3 ORDER BY sequence";

static void put_row(struct query *query, const struct contact *contact, sqlite3_stmt *row, int at)
{
    struct json_out *out = query->out;
    char time[CLOCK_TEXT_BYTES];

    clock_format(contact->time, time);
    json_out_object(out, NULL);
    json_out_integer(out, "n", sqlite3_column_int64(row, at));
    json_out_text(out, "reg_no", contact->reg_no);
    json_out_string(out, "date", (struct slice){time, 10});
    json_out_string(out, "time", (struct slice){time + 11, 5});
    for (int column = REGISTER_FIRST_FLAG; column <= REGISTER_LAST_FLAG; column++)
        json_out_integer(out, register_columns[column - 1],
                         column == sqlite3_column_int(row, at + 1) ||
                             column == sqlite3_column_int(row, at + 2) ||
                             column == sqlite3_column_int(row, at + 3));
    const char *done = query->request->text ? contact->measures_done : NULL;
    const char *planned = query->request->text ? contact->measures_planned : NULL;
    json_out_text(out, "measures_done", done ? done : "");
    json_out_text(out, "measures_planned", planned ? planned : "");
    json_out_end(out, '}');
}

enum err_code query_register(struct query *query, struct err *err)
{
    struct buf sql = {0};
    bool own = query_is_own(query, NULL);
    int64_t count = 0, last = 0;
    int code;

    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_CONTACT, "", &sql);
    buf_add_text(&sql, columns_sql);
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    sqlite3_bind_int64(row, 1, query_time(query, "since", INT64_MIN));
    sqlite3_bind_int64(row, 2, query_time(query, "until", INT64_MAX));
    sqlite3_bind_int64(row, 3, query_integer(query, "after", 0));
    sqlite3_bind_int64(row, 4, query->request->now_ms);
    int at = sqlite3_column_count(row) - 4;
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        struct contact contact = {0};
        store_row_read(RECORD_CONTACT, row, 0, &contact);
        bool shown = !own || store_area_has_contact(&query->area, &contact);
        bool full = shown && query_page_is_full(query, count++, last);
        if (shown && !full) {
            put_row(query, &contact, row, at);
            last = contact.sequence;
        }
        record_fini(RECORD_CONTACT, &contact);
        if (full) {
            code = SQLITE_DONE;
            break;
        }
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}
