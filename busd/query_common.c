// The vocabulary that the queries share: arguments, members, records, personal data.
#include "busd/query.h"

#include "busd/store_row.h"
#include "lib/clock.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

const char query_open_states[] = "'suspected', 'probable', 'confirmed', 'partly_restored'";

struct slice query_text(const struct query *query, const char *name)
{
    return json_string(json_get(query->args, name));
}

bool query_has(const struct query *query, const char *name)
{
    return json_get(query->args, name) != NULL;
}

enum err_code query_need(const struct query *query, const char *name, struct err *err)
{
    if (query_has(query, name))
        return ERR_OK;
    err_set(err, ERR_INVALID, "argument", "The argument %s is missing.", "Нет аргумента %s.", name);
    err_set_path(err, "/args");
    return ERR_INVALID;
}

int64_t query_integer(const struct query *query, const char *name, int64_t otherwise)
{
    return json_integer(json_get(query->args, name), otherwise);
}

int64_t query_time(const struct query *query, const char *name, int64_t otherwise)
{
    struct slice text = query_text(query, name);
    int64_t time_ms;

    return text.data && clock_parse(text.data, text.length, &time_ms) ? time_ms : otherwise;
}

void query_bind_text(sqlite3_stmt *row, int at, struct slice text)
{
    sqlite3_bind_text(row, at, text.data, (int)text.length, SQLITE_STATIC);
}

bool query_page_is_full(struct query *query, int64_t count, int64_t last)
{
    if (count < query->limit)
        return false;
    buf_printf(&query->next, "%lld", (long long)last);
    return true;
}

bool query_page_has(struct query *query, int64_t *position)
{
    int64_t after = query_integer(query, "after", 0);
    int64_t first = after > 0 ? after : 0;
    int64_t at = (*position)++;

    if (at >= first && at - first == query->limit)
        buf_printf(&query->next, "%lld", (long long)at);
    return at >= first && at - first < query->limit;
}

void query_put_text(struct json_out *out, const char *key, const char *text)
{
    if (text)
        json_out_text(out, key, text);
}

void query_put_word(struct json_out *out, const char *key, const char *words, int index)
{
    const char *word = words;

    for (; index > 0 && *word; index--) {
        word = strchrnul(word, ' ');
        word += *word == ' ';
    }
    if (index == 0 && *word)
        json_out_string(out, key, (struct slice){word, (size_t)(strchrnul(word, ' ') - word)});
}

void query_put_number(struct json_out *out, const char *key, int64_t number)
{
    if (number)
        json_out_integer(out, key, number);
}

void query_put_time(struct json_out *out, const char *key, int64_t time_ms)
{
    if (time_ms)
        json_out_time(out, key, time_ms);
}

bool query_is_open(const struct incident *incident)
{
    return incident->state <= INCIDENT_PARTLY_RESTORED;
}

enum err_code query_no_incident(int64_t number, struct err *err)
{
    err_set(err, ERR_NOT_FOUND, "incident", "There is no incident %lld.", "Инцидента №%lld нет.",
            (long long)number);
    err_set_path(err, "/args/incident");
    return ERR_NOT_FOUND;
}

int query_get_incident(struct query *query, int64_t number, struct incident *incident,
                       struct err *err)
{
    struct buf sql = {0};

    buf_add_text(&sql, "SELECT ");
    store_row_columns(RECORD_INCIDENT, "", &sql);
    buf_add_text(&sql, " FROM incident WHERE incident = ?1");
    sqlite3_stmt *row = reader_statement(query->reader, buf_text(&sql));
    buf_fini(&sql);
    sqlite3_bind_int64(row, 1, number);
    int code = sqlite3_step(row);
    if (code == SQLITE_ROW) {
        *incident = (struct incident){0};
        store_row_read(RECORD_INCIDENT, row, 0, incident);
    }
    sqlite3_reset(row);
    if (code == SQLITE_ROW)
        return 1;
    if (code == SQLITE_DONE)
        return 0;
    reader_failed(query->reader, err);
    return -1;
}

bool query_may_read(const struct query *query, struct slice topic, struct slice bytes)
{
    const struct access_role *role = query->request->role;

    if (!role)
        return true;
    return access_may_name(role, ACCESS_SUBSCRIBE, topic) &&
           (access_area(role, ACCESS_SUBSCRIBE, topic) == ACCESS_AREA_ALL ||
            store_area_has_event(&query->area, bytes));
}

bool query_is_own(const struct query *query, const char *name)
{
    const struct access_role *role = query->request->role;

    return role && access_area(role, ACCESS_QUERY, name ? slice_of(name) : query->request->name) ==
                       ACCESS_AREA_OWN;
}

enum err_code query_not_own(struct err *err, const char *path)
{
    err_set(err, ERR_DENIED, "area",
            "This lies in the area of a desk at which you do not sit (shift.opened); ask its own "
            "dispatcher or the senior.",
            "Это на участке рабочего места, за которым сидите не вы (shift.opened); спросите "
            "диспетчера этого участка или старшего.");
    err_set_path(err, "%s", path);
    return ERR_DENIED;
}
