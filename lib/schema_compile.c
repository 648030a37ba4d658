// Compiling: the keywords of every schema go into its node, references are joined, and circles that
// would never end are refused.
#include "lib/mem.h"
#include "lib/schema_compiler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct schema_property *slot_for(struct schema_node *node, struct slice name)
{
    size_t slot = schema_slot_of(name, node->slot_count);

    while (node->slots[slot].name.data && !slice_equal(node->slots[slot].name, name))
        slot = (slot + 1) & (node->slot_count - 1);
    node->slots[slot].name = name;
    return &node->slots[slot];
}

// The table of names. It is sparse, so that a look-up mostly ends at the first slot.
static void lay_out_names(struct schema_compiler *compiler, const struct schema_place *place)
{
    struct schema_node *node = place->node;
    size_t count = (node->properties ? node->properties->count : 0) +
                   (node->required ? node->required->count : 0);
    int bit = 0;

    if (count == 0)
        return;
    node->has_object = true;
    for (node->slot_count = 4; node->slot_count < count * 3;)
        node->slot_count *= 2;
    node->slots = json_doc_alloc(compiler->schema->doc, node->slot_count * sizeof *node->slots);
    const struct json *given = json_get(place->tree, "properties");
    for (const struct json *child = given ? given->first : NULL; child; child = child->next) {
        const struct json *own = json_get_slice(node->properties, child->key);
        slot_for(node, own->key)->node = schema_locate(compiler, child)->node;
    }
    for (const struct json *name = node->required ? node->required->first : NULL; name;
         name = name->next) {
        struct schema_property *slot = slot_for(node, name->text);
        if (slot->required)
            continue;
        if (bit == 64) {
            node->more_required = name;
            break;
        }
        slot->required = UINT64_C(1) << bit++;
        node->required_bits |= slot->required;
    }
}

static void set_limits(struct schema_node *node)
{
    node->max_length = node->max_items = node->max_properties = node->max_contains = SIZE_MAX;
    node->min_contains = 1;
}

static bool compile_place(struct schema_compiler *compiler, size_t index)
{
    // Copied: reading further files may move the places.
    struct schema_place place = compiler->places[index];
    struct schema_node *node = place.node;

    set_limits(node);
    node->never = place.tree->type == JSON_FALSE;
    node->mark[SCHEMA_PERSONAL] = json_bool(json_get(place.tree, "x-personal"), false);
    node->mark[SCHEMA_FREE_TEXT] = json_bool(json_get(place.tree, "x-free-text"), false);
    if (compiler->err)
        err_clear(compiler->err);
    for (const struct json *value = place.tree->first; value; value = value->next) {
        const struct schema_keyword *keyword = schema_keyword_find(value->key);
        if (!keyword || keyword->put(compiler, &place, value, (char *)node + keyword->offset))
            continue;
        if (!keyword->en || (compiler->err && compiler->err->code != ERR_OK))
            return false;
        char en[200], ru[300];
        snprintf(en, sizeof en, "%s must be %s", value->key.data, keyword->en);
        snprintf(ru, sizeof ru, "%s: нужно другое значение: %s", value->key.data, keyword->ru);
        return schema_refuse(compiler, &place, en, ru);
    }
    lay_out_names(compiler, &place);
    return true;
}

typedef void each_node(void *context, struct schema_node *node);

static void each_of_list(struct schema_list list, each_node *each, void *context)
{
    for (size_t i = 0; i < list.count; i++)
        each(context, list.nodes[i]);
}

static void each_of(struct schema_node *node, each_node *each, void *context)
{
    if (node)
        each(context, node);
}

// The nodes that look at the same value.
static void each_in_place(const struct schema_node *node, each_node *each, void *context)
{
    struct schema_node *single[] = {node->ref, node->not, node->condition, node->consequence,
                                    node->alternative};

    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        each_of(single[i], each, context);
    each_of_list(node->all_of, each, context);
    each_of_list(node->any_of, each, context);
    each_of_list(node->one_of, each, context);
    for (size_t i = 0; i < node->dependent_count; i++)
        each_of(node->dependents[i].node, each, context);
}

// The nodes that look at parts of the value.
static void each_below(const struct schema_node *node, each_node *each, void *context)
{
    each_of(node->items, each, context);
    each_of(node->contains, each, context);
    each_of(node->additional, each, context);
    each_of_list(node->prefix_items, each, context);
    for (size_t i = 0; i < node->slot_count; i++)
        each_of(node->slots[i].node, each, context);
    for (size_t i = 0; i < node->pattern_count; i++)
        each_of(node->patterns[i].node, each, context);
}

// Depth first: a node that is met while it is still open closes a circle.
static void visit(void *context, struct schema_node *node)
{
    enum { OPEN = 1, DONE = 2 };
    bool *circle = context;

    if (node->colour != 0) {
        *circle = *circle || node->colour == OPEN;
        return;
    }
    node->colour = OPEN;
    each_in_place(node, visit, circle);
    node->colour = DONE;
}

struct spread {
    struct schema_node *to;
    bool changed;
};

static void take_marks(void *context, struct schema_node *from)
{
    struct spread *spread = context;

    for (int mark = 0; mark < 2; mark++) {
        if ((from->mark[mark] || from->reaches_mark[mark]) && !spread->to->reaches_mark[mark]) {
            spread->to->reaches_mark[mark] = true;
            spread->changed = true;
        }
    }
}

static void spread_marks(struct schema_compiler *compiler)
{
    struct spread spread = {.changed = true};

    while (spread.changed) {
        spread.changed = false;
        for (size_t i = compiler->place_count; i-- > 0;) {
            spread.to = compiler->places[i].node;
            each_in_place(spread.to, take_marks, &spread);
            each_below(spread.to, take_marks, &spread);
        }
    }
}

static bool compile(struct schema_compiler *compiler)
{
    // The array grows while references bring further files.
    for (size_t i = 0; i < compiler->place_count; i++) {
        if (!compile_place(compiler, i))
            return false;
    }
    for (size_t i = 0; i < compiler->place_count; i++) {
        bool circle = false;
        visit(&circle, compiler->places[i].node);
        if (circle)
            return schema_refuse(compiler, &compiler->places[i],
                                 "this schema refers to itself for the same value",
                                 "эта схема ссылается сама на себя для того же значения");
    }
    spread_marks(compiler);
    return true;
}

struct schema *schema_compile(const struct json *tree, const char *name, schema_loader *load,
                              void *context, struct err *err)
{
    struct schema *schema = mem_alloc(sizeof *schema);
    struct schema_compiler compiler = {
        .schema = schema, .load = load, .context = context, .err = err};

    schema->doc = json_doc_new();
    bool good = schema_locate_file(&compiler, tree, "", name) && compile(&compiler);
    if (good)
        schema->root = compiler.places[0].node;
    free(compiler.places);
    free(compiler.slots);
    free(compiler.uris);
    if (good)
        return schema;
    schema_free(schema);
    return NULL;
}

void schema_free(struct schema *schema)
{
    if (!schema)
        return;
    schema_pattern_free_all(schema);
    json_doc_free(schema->doc);
    free(schema);
}

bool schema_has_mark(const struct schema *schema, enum schema_mark mark)
{
    return schema->root->mark[mark] || schema->root->reaches_mark[mark];
}
