#include "busd/desks.h"

#include "lib/mem.h"
#include "lib/yaml.h"

#include <stdlib.h>
#include <string.h>

enum { DESK_ID_BYTES = 64 }; // schemas/shift.opened.yaml

static enum err_code fault(const char *file, const struct json *at, const char *en, const char *ru,
                           struct err *err)
{
    return yaml_fault(file, at, "desks", en, ru, err);
}

static enum err_code read_text(const char *file, const struct json *value, char **text,
                               struct err *err)
{
    if (value->type != JSON_STRING || value->text.length == 0)
        return fault(file, value, "a text is needed here", "здесь нужен текст", err);
    *text = mem_string_of(value->text.data, value->text.length);
    return ERR_OK;
}

static enum err_code read_nodes(const char *file, const struct json *value,
                                struct engine_desk *desk, struct err *err)
{
    enum err_code code = ERR_OK;
    size_t count = 0;

    if (value->type != JSON_ARRAY)
        return fault(file, value, "nodes is a list of nodes: [F1, F2]",
                     "nodes — список узлов: [F1, F2]", err);
    free(desk->nodes);
    desk->nodes = mem_alloc((value->count + 1) * sizeof *desk->nodes);
    for (const struct json *item = value->first; item && code == ERR_OK; item = item->next)
        code = read_text(file, item, &desk->nodes[count++], err);
    return code;
}

static enum err_code read_prediction(const char *file, const struct json *value,
                                     struct engine_desk *desk, struct err *err)
{
    if (value->type != JSON_TRUE && value->type != JSON_FALSE)
        return fault(file, value, "prediction is true or false", "prediction — true или false",
                     err);
    desk->silent = value->type == JSON_FALSE;
    return ERR_OK;
}

static enum err_code read_desk(const char *file, const struct json *tree, struct engine_desk *desk,
                               struct err *err)
{
    enum err_code code = ERR_OK;

    desk->desk = mem_string_of(tree->key.data, tree->key.length);
    desk->nodes = mem_alloc(sizeof *desk->nodes);
    if (tree->type != JSON_OBJECT || tree->key.length > DESK_ID_BYTES)
        return fault(
            file, tree, "a desk has the form ID: {name: …, nodes: […], next: …, senior: …}",
            "рабочее место записывают так: ID: {name: …, nodes: […], next: …, senior: …}", err);
    for (const struct json *value = tree->first; value && code == ERR_OK; value = value->next) {
        if (slice_is(value->key, "name"))
            code = read_text(file, value, &desk->name, err);
        else if (slice_is(value->key, "next"))
            code = read_text(file, value, &desk->next, err);
        else if (slice_is(value->key, "senior"))
            code = read_text(file, value, &desk->senior, err);
        else if (slice_is(value->key, "nodes"))
            code = read_nodes(file, value, desk, err);
        else if (slice_is(value->key, "prediction"))
            code = read_prediction(file, value, desk, err);
        else
            code = fault(
                file, value, "a desk has name, nodes, next, senior, prediction and nothing else",
                "у рабочего места есть name, nodes, next, senior, prediction и ничего больше", err);
    }
    if (code == ERR_OK && !desk->name)
        code = fault(file, tree, "the desk has no name", "у рабочего места нет name", err);
    return code;
}

static const struct engine_desk *find(const struct engine_desks *desks, const char *id)
{
    for (size_t i = 0; i < desks->count; i++) {
        if (strcmp(desks->items[i].desk, id) == 0)
            return &desks->items[i];
    }
    return NULL;
}

static bool owns(const struct engine_desk *desk, const char *node)
{
    for (char **own = desk->nodes; *own; own++) {
        if (strcmp(*own, node) == 0)
            return true;
    }
    return false;
}

// Whether a desk before `index` owns a node of this one, or both own all the rest.
static bool is_shared(const struct engine_desks *desks, size_t index)
{
    const struct engine_desk *desk = &desks->items[index];

    for (size_t i = 0; i < index; i++) {
        if (!*desk->nodes && !*desks->items[i].nodes)
            return true;
        for (char **node = desk->nodes; *node; node++) {
            if (owns(&desks->items[i], *node))
                return true;
        }
    }
    return false;
}

static enum err_code check(const struct engine_desks *desks, const char *file,
                           const struct json *tree, struct err *err)
{
    size_t at = 0;

    for (const struct json *value = tree->first; value; value = value->next, at++) {
        const struct engine_desk *desk = &desks->items[at];
        const struct engine_desk *next = desk->next ? find(desks, desk->next) : NULL;

        if (desk->next && (!next || next == desk))
            return fault(file, value, "next must name another desk of this file",
                         "next называет другое рабочее место из этого файла", err);
        if (is_shared(desks, at))
            return fault(file, value,
                         "another desk owns one of its nodes too, or all the rest as it does",
                         "один из его узлов (или всё остальное) уже за другим рабочим местом", err);
    }
    return ERR_OK;
}

static enum err_code read_desks(struct engine_desks *desks, const char *file,
                                const struct json *root, struct err *err)
{
    const struct json *tree = json_get(root, "desks");
    enum err_code code = ERR_OK;

    if (root->type == JSON_NULL)
        return ERR_OK;
    if (root->type != JSON_OBJECT || root->count != 1 || !tree || tree->type != JSON_OBJECT)
        return fault(file, root, "the file holds desks: {ID: {…}} and nothing else",
                     "в файле стоит desks: {ID: {…}} и ничего больше", err);
    desks->items = mem_alloc(tree->count * sizeof *desks->items);
    for (const struct json *value = tree->first; value && code == ERR_OK; value = value->next)
        code = read_desk(file, value, &desks->items[desks->count++], err);
    for (size_t i = 0; i < desks->count; i++)
        desks->any_silent |= desks->items[i].silent;
    return code == ERR_OK ? check(desks, file, tree, err) : code;
}

enum err_code desks_read(struct engine_desks *desks, const char *file, struct err *err)
{
    struct json_doc *doc;
    const struct json *root;
    enum err_code code;

    *desks = (struct engine_desks){.count = 0};
    if (!file)
        return ERR_OK;
    doc = json_doc_new();
    root = yaml_read(doc, file, err);
    code = root ? read_desks(desks, file, root, err) : err->code;
    json_doc_free(doc);
    return code;
}

static char *copy_text(const char *text)
{
    return text ? mem_string(text) : NULL;
}

void desks_copy(struct engine_desks *to, const struct engine_desks *from)
{
    *to = *from;
    to->items = mem_alloc((from->count + 1) * sizeof *to->items);
    for (size_t i = 0; i < from->count; i++) {
        const struct engine_desk *desk = &from->items[i];
        size_t count = 0;

        while (desk->nodes[count])
            count++;
        to->items[i] = (struct engine_desk){
            .desk = copy_text(desk->desk),
            .name = copy_text(desk->name),
            .nodes = mem_alloc((count + 1) * sizeof *desk->nodes),
            .next = copy_text(desk->next),
            .senior = copy_text(desk->senior),
            .silent = desk->silent,
        };
        for (size_t k = 0; k < count; k++)
            to->items[i].nodes[k] = mem_string(desk->nodes[k]);
    }
}

void desks_fini(struct engine_desks *desks)
{
    for (size_t i = 0; i < desks->count; i++) {
        struct engine_desk *desk = &desks->items[i];

        for (char **node = desk->nodes; *node; node++)
            free(*node);
        free(desk->nodes);
        free(desk->desk), free(desk->name), free(desk->next), free(desk->senior);
    }
    free(desks->items);
    *desks = (struct engine_desks){.count = 0};
}
