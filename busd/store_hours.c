#include "busd/store_hours.h"

#include "busd/engine.h"
#include "busd/store_private.h"
#include "busd/store_read.h"
#include "busd/store_row.h"
#include "lib/mem.h"

enum { NUMBER, STARTED, RESTORED, OUTCOME, COVER }; // columns

static void add_record(struct hours *hours, struct incident *incident, struct planned *planned)
{
    if (incident->incident)
        hours_add_incident(hours, incident);
    if (planned->planned)
        hours_add_planned(hours, planned);
    record_fini(RECORD_INCIDENT, incident);
    record_fini(RECORD_PLANNED, planned);
}

// The record that this row begins.
static void begin_record(sqlite3_stmt *row, bool works, struct incident *incident,
                         struct planned *planned)
{
    int64_t number = sqlite3_column_int64(row, NUMBER);
    const char *outcome = (const char *)sqlite3_column_text(row, OUTCOME);

    if (works)
        *planned =
            (struct planned){.planned = number,
                             .worked = mem_string((const char *)sqlite3_column_text(row, STARTED))};
    else
        *incident =
            (struct incident){.incident = number,
                              .kind = INCIDENT_OUTAGE,
                              .state = INCIDENT_CONFIRMED,
                              .started = sqlite3_column_int64(row, STARTED),
                              .restored_at = sqlite3_column_int64(row, RESTORED),
                              .outcome = outcome ? engine_outcome_of(slice_of(outcome)) : -1};
}

static int add_rows(sqlite3_stmt *row, bool works, struct hours *hours)
{
    struct incident incident = {0};
    struct planned planned = {0};
    struct cover_list *covers = works ? &planned.covers : &incident.covers;
    int result;

    if (!row)
        return SQLITE_OK; // the file failed: the sentence says why
    sqlite3_bind_int64(row, 1, hours->begins_ms);
    while ((result = sqlite3_step(row)) == SQLITE_ROW) {
        if (sqlite3_column_int64(row, NUMBER) != (works ? planned.planned : incident.incident)) {
            add_record(hours, &incident, &planned);
            begin_record(row, works, &incident, &planned);
        }
        mem_grow((void **)&covers->items, covers->count, &covers->capacity, sizeof(struct cover));
        store_row_read_cover(row, COVER, &covers->items[covers->count++]);
    }
    sqlite3_reset(row);
    add_record(hours, &incident, &planned);
    return result;
}

enum err_code store_read_hours(struct store *store, struct hours *hours, struct err *err)
{
    int result = add_rows(store_statement(store, STORE_HOURS_INCIDENTS), false, hours);

    if (result == SQLITE_DONE)
        result = add_rows(store_statement(store, STORE_HOURS_PLANNED), true, hours);
    return result == SQLITE_DONE ? ERR_OK : store_fault(store, result, err);
}

enum err_code reader_read_hours(struct reader *reader, struct hours *hours, struct err *err)
{
    if (add_rows(reader_statement(reader, STORE_HOURS_INCIDENTS_SQL), false, hours) !=
            SQLITE_DONE ||
        add_rows(reader_statement(reader, STORE_HOURS_PLANNED_SQL), true, hours) != SQLITE_DONE)
        return reader_failed(reader, err);
    return ERR_OK;
}
