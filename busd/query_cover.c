// What covers a place: cover keys of the premise looked up one by one. An incident covers a premise
// by the premise itself, its house, its street, its settlement, or a node above it (rule 1 of
// EVENTS.md).
#include "busd/query.h"

#include "busd/engine.h"
#include "busd/store_row.h"
#include "lib/mem.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

void query_places_fini(struct query_places *places)
{
    free(places->found);
    *places = (struct query_places){0};
}

static void add_found(struct query_places *places, struct query_found found)
{
    for (size_t i = 0; i < places->count; i++) {
        struct query_found *old = &places->found[i];
        if (old->planned != found.planned || old->number != found.number)
            continue;
        old->restored = old->restored || found.restored;
        return;
    }
    mem_grow((void **)&places->found, places->count, &places->capacity, sizeof(found));
    places->found[places->count++] = found;
}

enum err_code query_cover_rows(struct query *query, struct sqlite3_stmt *row,
                               struct query_places *places, struct err *err)
{
    int code;

    while ((code = sqlite3_step(row)) == SQLITE_ROW)
        add_found(places, (struct query_found){.planned = sqlite3_column_int(row, 0) != 0,
                                               .number = sqlite3_column_int64(row, 1),
                                               .restored = sqlite3_column_int64(row, 2) != 0});
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

static sqlite3_stmt *cover_statement(struct query *query, const char *level)
{
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT record = 'planned', number, restored_at, part FROM cover"
                       " WHERE level = ?1 AND key = ?2");

    sqlite3_bind_text(row, 1, level, -1, SQLITE_STATIC);
    return row;
}

static enum err_code cover_key(struct query *query, const char *level, int64_t key,
                               struct query_places *places, struct err *err)
{
    if (key == 0)
        return ERR_OK;
    sqlite3_stmt *row = cover_statement(query, level);
    sqlite3_bind_int64(row, 2, key);
    return query_cover_rows(query, row, places, err);
}

// On the way up the nearest cover of a record decides whether it holds the place: what is switched away
// does not (busd/engine_feed.c).
struct nearest {
    struct nearest_item {
        struct query_found found;
        bool held;
    } * items;
    size_t count, capacity;
};

static bool is_known(const struct nearest *nearest, const struct query_found *found)
{
    bool known = false;

    for (size_t i = 0; i < nearest->count; i++)
        known |= nearest->items[i].found.planned == found->planned &&
                 nearest->items[i].found.number == found->number;
    return known;
}

static enum err_code nearest_rows(struct query *query, struct sqlite3_stmt *row,
                                  struct nearest *nearest, struct err *err)
{
    int code;

    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        int part = sqlite3_column_int(row, 3);
        struct query_found found = {.planned = sqlite3_column_int(row, 0) != 0,
                                    .number = sqlite3_column_int64(row, 1),
                                    .restored = sqlite3_column_int64(row, 2) != 0};

        if (is_known(nearest, &found))
            continue;
        mem_grow((void **)&nearest->items, nearest->count, &nearest->capacity,
                 sizeof(*nearest->items));
        nearest->items[nearest->count++] = (struct nearest_item){found, part < COVER_LEFT};
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}

static enum err_code cover_nodes(struct query *query, int32_t index, struct query_places *places,
                                 struct err *err)
{
    const struct model *model = network_model(query->network);
    struct nearest nearest = {0};
    enum err_code code = ERR_OK;

    while (index != MODEL_NO_NODE && code == ERR_OK) {
        const struct model_node *node = model_node(model, index);
        sqlite3_stmt *row = cover_statement(query, "node");
        query_bind_text(row, 2, node->id);
        code = nearest_rows(query, row, &nearest, err);
        index = node->parent;
    }
    for (size_t i = 0; i < nearest.count && code == ERR_OK; i++) {
        if (nearest.items[i].held)
            add_found(places, nearest.items[i].found);
    }
    free(nearest.items);
    return code;
}

enum err_code query_cover_premise(struct query *query, int64_t premise, struct query_places *places,
                                  struct err *err)
{
    const struct model_premise *found = model_premise(network_model(query->network), premise);

    if (!found)
        return ERR_OK;
    if (cover_key(query, "premise", found->key, places, err) != ERR_OK ||
        cover_key(query, "house", found->house, places, err) != ERR_OK ||
        cover_key(query, "street", found->street, places, err) != ERR_OK ||
        cover_key(query, "settlement", found->settlement, places, err) != ERR_OK ||
        cover_nodes(query, found->node, places, err) != ERR_OK)
        return err ? err->code : ERR_UNAVAILABLE;
    return ERR_OK;
}

enum err_code query_cover_match(struct query *query, const struct address_match *match,
                                struct query_places *places, struct err *err)
{
    int64_t *premises = mem_resize(NULL, QUERY_PREMISES_MAX, sizeof(*premises));
    size_t count =
        address_premises(network_address(query->network), match, 0, premises, QUERY_PREMISES_MAX);
    enum err_code code = ERR_OK;

    if (count > QUERY_PREMISES_MAX)
        count = QUERY_PREMISES_MAX;
    for (size_t i = 0; i < count && code == ERR_OK; i++)
        code = query_cover_premise(query, premises[i], places, err);
    free(premises);
    return code;
}

enum err_code query_cover_node(struct query *query, struct slice node, struct query_places *places,
                               struct err *err)
{
    return cover_nodes(query, model_find_node(network_model(query->network), node), places, err);
}

// Premise keys under covers, gathered to be counted once each.
struct keys {
    int64_t *items;
    size_t count, capacity;
};

static void add_key(void *context, const struct cover *cover, const struct model_premise *premise)
{
    struct keys *keys = context;

    (void)cover;
    mem_grow((void **)&keys->items, keys->count, &keys->capacity, sizeof(premise->key));
    keys->items[keys->count++] = premise->key;
}

static int compare_keys(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;

    return a < b ? -1 : a > b;
}

int64_t *query_covered_keys(struct query *query, const struct cover_list *covers, size_t *count)
{
    struct keys keys = {0};

    *count = 0;
    engine_each_premise(network_model(query->network), covers, add_key, &keys);
    if (keys.count)
        qsort(keys.items, keys.count, sizeof(*keys.items), compare_keys);
    for (size_t i = 0; i < keys.count; i++) {
        if (i == 0 || keys.items[i] != keys.items[i - 1])
            keys.items[(*count)++] = keys.items[i];
    }
    return keys.items;
}

int64_t query_count_covered(struct query *query, const struct cover_list *covers)
{
    size_t count;

    free(query_covered_keys(query, covers, &count));
    return (int64_t)count;
}

const struct model_premise *query_find_account(const struct query *query, struct slice account,
                                               struct err *err)
{
    const struct model_premise *premise =
        model_find_account(network_model(query->network), account);

    if (!premise) {
        err_set(err, ERR_NOT_FOUND, "account", "There is no account \"%.*s\".",
                "Лицевого счёта «%.*s» нет.", (int)account.length, account.data);
        err_set_path(err, "/args/account");
    }
    return premise;
}

enum err_code query_read_covers(struct query *query, const char *record, int64_t number,
                                struct cover_list *covers, struct err *err)
{
    sqlite3_stmt *row = reader_statement(
        query->reader, "SELECT level, key, restored_at, listed, part, since, before_s FROM cover"
                       " WHERE record = ?1 AND number = ?2");
    int code;

    sqlite3_bind_text(row, 1, record, -1, SQLITE_STATIC);
    sqlite3_bind_int64(row, 2, number);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        mem_grow((void **)&covers->items, covers->count, &covers->capacity, sizeof(struct cover));
        store_row_read_cover(row, 0, &covers->items[covers->count++]);
    }
    sqlite3_reset(row);
    return code == SQLITE_DONE ? ERR_OK : reader_failed(query->reader, err);
}
