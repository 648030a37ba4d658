// Planned works under way that hold premises of an incident. While they last, their premises call about
// them and not about a fault above, which shows by calls from outside; whoever looks at the incident
// must see them.
#include "busd/query.h"

#include <sqlite3.h>
#include <stdlib.h>

static bool share_a_key(const int64_t *a, size_t a_count, const int64_t *b, size_t b_count)
{
    size_t i = 0, k = 0;

    while (i < a_count && k < b_count && a[i] != b[k]) {
        if (a[i] < b[k])
            i++;
        else
            k++;
    }
    return i < a_count && k < b_count;
}

enum err_code query_put_overlaps(struct query *query, const struct cover_list *covers,
                                 struct err *err)
{
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT planned FROM planned WHERE state = 'started' ORDER BY planned");
    enum err_code code = ERR_OK;
    size_t count;
    int64_t *keys = query_covered_keys(query, covers, &count);

    json_out_array(query->out, "planned");
    while (code == ERR_OK && count > 0 && sqlite3_step(row) == SQLITE_ROW) {
        int64_t number = sqlite3_column_int64(row, 0);
        struct planned other = {0}; // holds the covers, so that record_fini() frees them
        size_t other_count;

        code = query_read_covers(query, "planned", number, &other.covers, err);
        int64_t *others = query_covered_keys(query, &other.covers, &other_count);
        if (code == ERR_OK && share_a_key(keys, count, others, other_count))
            json_out_integer(query->out, NULL, number);
        free(others);
        record_fini(RECORD_PLANNED, &other);
    }
    sqlite3_reset(row);
    json_out_end(query->out, ']');
    free(keys);
    return code;
}
