#include "pult/simulate_places.h"

#include "lib/mem.h"
#include "lib/message.h"

#include <stdlib.h>
#include <string.h>

static char *member(const struct json *row, const char *name)
{
    const char *text = json_c_string(json_get(row, name));

    return mem_string(text ? text : "");
}

static void add_place(struct places *places, const struct json *row)
{
    mem_grow((void **)&places->items, places->count, &places->capacity, sizeof(*places->items));
    places->items[places->count++] = (struct place){
        .account = member(row, "account"),
        .node = member(row, "node"),
        .settlement = member(row, "settlement"),
        .street = member(row, "street"),
        .house = member(row, "house"),
        .flat = member(row, "flat"),
    };
}

static void add_node(struct places *places, const struct json *row)
{
    mem_grow((void **)&places->nodes, places->node_count, &places->node_capacity,
             sizeof(*places->nodes));
    places->nodes[places->node_count++] =
        (struct place_node){member(row, "id"), member(row, "parent")};
}

// One page of a query; `after` is the raw JSON of the page before's `next`, replaced by this one's.
static bool read_page(struct places *places, const struct command_line *line, struct client *client,
                      const char *name, const char *parent, struct buf *after, int *status)
{
    struct json_doc *doc = json_doc_new();
    struct buf body = {0};
    struct json_out out;

    message_query(&out, &body, name);
    json_out_integer(&out, "limit", 1000);
    if (parent && *parent)
        json_out_text(&out, "parent", parent);
    if (after->length)
        json_out_raw(&out, "after", (struct slice){after->data, after->length});
    message_end(&out);
    const struct json *answer = command_ask(line, client, "query", &body, doc, status);
    const struct json *rows = json_get(answer, "rows");
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next) {
        if (strcmp(name, "nodes") == 0)
            add_node(places, row);
        else
            add_place(places, row);
    }
    buf_clear(after);
    if (json_get(answer, "next"))
        json_write(after, json_get(answer, "next"));
    buf_fini(&body);
    json_doc_free(doc);
    return answer != NULL;
}

static bool read_all(struct places *places, const struct command_line *line, struct client *client,
                     const char *name, const char *parent, int *status)
{
    struct buf after = {0};
    bool read;

    do
        read = read_page(places, line, client, name, parent, &after, status);
    while (read && after.length);
    buf_fini(&after);
    return read;
}

bool places_read(struct places *places, const struct command_line *line, struct client *client,
                 int *status)
{
    if (!read_all(places, line, client, "premises", NULL, status) ||
        !read_all(places, line, client, "nodes", NULL, status))
        return false;
    // The list of nodes is its own work list: what is below each is put at its end.
    for (size_t i = 0; i < places->node_count; i++) {
        char *id = mem_string(places->nodes[i].id);
        bool read = read_all(places, line, client, "nodes", id, status);
        free(id);
        if (!read)
            return false;
    }
    return true;
}

void places_fini(struct places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        struct place *place = &places->items[i];
        free(place->account);
        free(place->node);
        free(place->settlement);
        free(place->street);
        free(place->house);
        free(place->flat);
    }
    for (size_t i = 0; i < places->node_count; i++) {
        free(places->nodes[i].id);
        free(places->nodes[i].parent);
    }
    free(places->items);
    free(places->nodes);
    *places = (struct places){0};
}

static const char *parent_of(const struct places *places, const char *node)
{
    for (size_t i = 0; i < places->node_count; i++) {
        if (strcmp(places->nodes[i].id, node) == 0)
            return places->nodes[i].parent;
    }
    return "";
}

static bool is_below(const struct places *places, const char *node, const char *above)
{
    while (*node) {
        if (strcmp(node, above) == 0)
            return true;
        node = parent_of(places, node);
    }
    return false;
}

const struct place **places_below(const struct places *places, const char *node, size_t *count)
{
    const struct place **found = mem_alloc((places->count + 1) * sizeof(*found));

    *count = 0;
    for (size_t i = 0; i < places->count; i++) {
        if (is_below(places, places->items[i].node, node))
            found[(*count)++] = &places->items[i];
    }
    return found;
}
