// `directory` and `answers`: what an operator says at once; `meters` and `readings`.
#include "busd/query.h"

#include "busd/answers.h"
#include "busd/store_row.h"
#include "lib/mem.h"

#include <sqlite3.h>
#include <stdlib.h>

// What fits, best first; equal ones as they stand.
struct ranking {
    const struct answer *answer;
    int fit;
    size_t at;
};

static int by_fit(const void *left, const void *right)
{
    const struct ranking *a = left, *b = right;

    return a->fit != b->fit ? (a->fit < b->fit ? 1 : -1) : (a->at > b->at) - (a->at < b->at);
}

static void put_answer(struct query *query, const struct answer *answer, bool directory)
{
    const struct answer_text *text = &answer->in[query->request->language];
    struct json_out *out = query->out;

    json_out_object(out, NULL);
    json_out_text(out, "id", answer->id);
    query_put_text(out, directory ? "kind" : "topic", answer->topic);
    query_put_text(out, directory ? "name" : "title", text->title);
    query_put_text(out, "phone", answer->phone);
    query_put_text(out, "site", answer->site);
    query_put_text(out, "address", answer->address);
    query_put_text(out, directory ? "about" : "text", text->text);
    query_put_text(out, "keywords", text->keywords);
    json_out_end(out, '}');
}

static void put_fitting(struct query *query, const struct answer *answers, size_t count,
                        bool directory)
{
    struct slice typed = query_text(query, "q"), topic = query_text(query, "topic");
    struct ranking *ranking = mem_alloc((count + 1) * sizeof *ranking);
    size_t fitting = 0;

    for (size_t i = 0; i < count; i++) {
        int fit = answer_fit(&answers[i], query->request->language, typed);

        if (fit > 0 && (!topic.data || (answers[i].topic && slice_is(topic, answers[i].topic))))
            ranking[fitting++] = (struct ranking){&answers[i], fit, i};
    }
    if (fitting)
        qsort(ranking, fitting, sizeof *ranking, by_fit);
    for (size_t i = 0; i < fitting && (int64_t)i < query->limit; i++)
        put_answer(query, ranking[i].answer, directory);
    free(ranking);
}

enum err_code query_directory(struct query *query, struct err *err)
{
    (void)err;
    put_fitting(query, query->answers->directory, query->answers->directory_count, true);
    return ERR_OK;
}

enum err_code query_answers(struct query *query, struct err *err)
{
    (void)err;
    put_fitting(query, query->answers->texts, query->answers->text_count, false);
    return ERR_OK;
}

// Meters of an account, or one by its number, with the last reading that is known here.

static void put_values(struct json_out *out, const char *key, sqlite3_stmt *row, int column,
                       int64_t zones)
{
    json_out_array(out, key);
    for (int zone = 0; zone < zones && zone < 3; zone++)
        json_out_integer(out, NULL, sqlite3_column_int64(row, column + zone));
    json_out_end(out, ']');
}

enum err_code query_meters(struct query *query, struct err *err)
{
    sqlite3_stmt *row = reader_statement(
        query->reader,
        "SELECT meter.meter, digits, zones, at, value_1, value_2, value_3, last_date, "
        "CAST(last_1 AS INTEGER), CAST(last_2 AS INTEGER), CAST(last_3 AS INTEGER), last_1 <> '' "
        "FROM meter LEFT JOIN meter_state ON meter_state.meter = meter.meter "
        "WHERE (meter.meter = ?1 AND (?2 IS NULL OR account = ?2)) OR (?1 IS NULL AND account = "
        "?2) ORDER BY meter.meter");
    int64_t position = 0;
    int code;

    query_bind_text(row, 1, query_text(query, "meter"));
    query_bind_text(row, 2, query_text(query, "account"));
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t zones = sqlite3_column_int64(row, 2);
        if (!query_page_has(query, &position))
            continue;
        json_out_object(query->out, NULL);
        json_out_text(query->out, "meter", (const char *)sqlite3_column_text(row, 0));
        json_out_integer(query->out, "digits", sqlite3_column_int64(row, 1));
        json_out_integer(query->out, "zones", zones);
        if (sqlite3_column_type(row, 3) != SQLITE_NULL) {
            json_out_time(query->out, "last_at", sqlite3_column_int64(row, 3));
            put_values(query->out, "last", row, 4, zones);
        } else if (sqlite3_column_int(row, 11)) {
            json_out_text(query->out, "last_date", (const char *)sqlite3_column_text(row, 7));
            put_values(query->out, "last", row, 8, zones);
        }
        json_out_end(query->out, '}');
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

// Readings taken, for billing: the account by the meter, for those who may see whose it is.
enum err_code query_readings(struct query *query, struct err *err)
{
    sqlite3_stmt *row = reader_statement(
        query->reader,
        "SELECT sequence, reg_no, meter_reading.meter, account, at, meter_reading.zones, value_1, "
        "value_2, value_3, compared, used_1, used_2, used_3, rolled_over, outside_window, reason "
        "FROM meter_reading LEFT JOIN meter ON meter.meter = meter_reading.meter "
        "WHERE sequence > ?1 AND at >= ?2 AND at < ?3 AND (?4 IS NULL OR meter_reading.meter = ?4) "
        "ORDER BY sequence");
    int64_t count = 0, last = 0;
    int code;

    sqlite3_bind_int64(row, 1, query_integer(query, "after", 0));
    sqlite3_bind_int64(row, 2, query_time(query, "since", INT64_MIN));
    sqlite3_bind_int64(row, 3, query_time(query, "until", INT64_MAX));
    query_bind_text(row, 4, query_text(query, "meter"));
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        int64_t zones = sqlite3_column_int64(row, 5);
        if (query_page_is_full(query, count++, last)) {
            code = SQLITE_DONE;
            break;
        }
        last = sqlite3_column_int64(row, 0);
        json_out_object(query->out, NULL);
        json_out_text(query->out, "reg_no", (const char *)sqlite3_column_text(row, 1));
        json_out_text(query->out, "meter", (const char *)sqlite3_column_text(row, 2));
        if (query->request->personal)
            query_put_text(query->out, "account", (const char *)sqlite3_column_text(row, 3));
        json_out_time(query->out, "at", sqlite3_column_int64(row, 4));
        for (int zone = 0; zone < zones; zone++) {
            static const char *const values[] = {"reading_1", "reading_2", "reading_3"};
            static const char *const used[] = {"used_1", "used_2", "used_3"};
            json_out_integer(query->out, values[zone], sqlite3_column_int64(row, 6 + zone));
            if (sqlite3_column_int(row, 9))
                json_out_integer(query->out, used[zone], sqlite3_column_int64(row, 10 + zone));
        }
        json_out_bool(query->out, "rolled_over", sqlite3_column_int(row, 13));
        json_out_bool(query->out, "outside_window", sqlite3_column_int(row, 14));
        if (query->request->text)
            query_put_text(query->out, "reason", (const char *)sqlite3_column_text(row, 15));
        json_out_end(query->out, '}');
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}
