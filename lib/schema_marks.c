// Marked values: which parts of a value the schema calls personal or free text.
#include "lib/mem.h"
#include "lib/schema_node.h"

#include <stdio.h>
#include <stdlib.h>

// The schemas that look at one value. All branches of anyOf, oneOf and if count, whether or not the
// value passes them: a mark too many hides a text, one too few gives it away.
struct set {
    const struct schema_node **nodes;
    size_t count, capacity;
};

struct walk {
    enum schema_mark mark;
    schema_found *found;
    void *context;
    struct buf pointer;
};

static void add(struct set *set, enum schema_mark mark, const struct schema_node *node);

static void add_list(struct set *set, enum schema_mark mark, struct schema_list list)
{
    for (size_t i = 0; i < list.count; i++)
        add(set, mark, list.nodes[i]);
}

static void add(struct set *set, enum schema_mark mark, const struct schema_node *node)
{
    if (!node || (!node->mark[mark] && !node->reaches_mark[mark]))
        return;
    for (size_t i = 0; i < set->count; i++) {
        if (set->nodes[i] == node)
            return;
    }
    mem_grow((void **)&set->nodes, set->count, &set->capacity, sizeof(struct schema_node *));
    set->nodes[set->count++] = node;
    add(set, mark, node->ref);
    add(set, mark, node->condition);
    add(set, mark, node->consequence);
    add(set, mark, node->alternative);
    add_list(set, mark, node->all_of);
    add_list(set, mark, node->any_of);
    add_list(set, mark, node->one_of);
    for (size_t i = 0; i < node->dependent_count; i++)
        add(set, mark, node->dependents[i].node);
}

static bool is_marked(const struct set *set, enum schema_mark mark)
{
    for (size_t i = 0; i < set->count; i++) {
        if (set->nodes[i]->mark[mark])
            return true;
    }
    return false;
}

static void add_member(struct set *set, enum schema_mark mark, const struct schema_node *node,
                       struct slice name)
{
    bool known = false;

    for (size_t i = 0; i < node->slot_count; i++) {
        if (node->slots[i].node && slice_equal(node->slots[i].name, name)) {
            known = true;
            add(set, mark, node->slots[i].node);
        }
    }
    for (size_t i = 0; i < node->pattern_count; i++) {
        if (schema_pattern_found(node->patterns[i].pattern, name)) {
            known = true;
            add(set, mark, node->patterns[i].node);
        }
    }
    if (!known)
        add(set, mark, node->additional);
}

static void add_element(struct set *set, enum schema_mark mark, const struct schema_node *node,
                        size_t index)
{
    add(set, mark,
        index < node->prefix_items.count ? node->prefix_items.nodes[index] : node->items);
    add(set, mark, node->contains);
}

static size_t go_down(struct walk *walk, const struct json *child, size_t index, bool member)
{
    size_t before = walk->pointer.length;

    if (!member) {
        buf_printf(&walk->pointer, "/%zu", index);
        return before;
    }
    buf_add_char(&walk->pointer, '/');
    for (size_t i = 0; i < child->key.length; i++) {
        char c = child->key.data[i];
        if (c == '~' || c == '/')
            buf_add_text(&walk->pointer, c == '~' ? "~0" : "~1");
        else
            buf_add_char(&walk->pointer, c);
    }
    return before;
}

static void visit(struct walk *walk, const struct set *set, const struct json *value)
{
    bool object = value->type == JSON_OBJECT;
    size_t index = 0;

    if (is_marked(set, walk->mark)) {
        walk->found(walk->context, buf_text(&walk->pointer), value);
        return;
    }
    for (const struct json *child = value->first; child; child = child->next, index++) {
        struct set below = {0};
        for (size_t i = 0; i < set->count; i++) {
            if (object)
                add_member(&below, walk->mark, set->nodes[i], child->key);
            else
                add_element(&below, walk->mark, set->nodes[i], index);
        }
        if (below.count > 0) {
            size_t before = go_down(walk, child, index, object);
            visit(walk, &below, child);
            walk->pointer.length = before;
            walk->pointer.data[before] = '\0';
        }
        free(below.nodes);
    }
}

void schema_marked(const struct schema *schema, enum schema_mark mark, const struct json *value,
                   schema_found *found, void *context)
{
    struct walk walk = {mark, found, context, {0}};
    struct set set = {0};

    add(&set, mark, schema->root);
    if (value && set.count > 0)
        visit(&walk, &set, value);
    free(set.nodes);
    buf_fini(&walk.pointer);
}

// What is taken out, in the order of the text.
struct taking {
    schema_found *found;
    void *context;
    const struct json **values;
    size_t count, capacity, next;
};

static void note(void *context, const char *pointer, const struct json *value)
{
    struct taking *taking = context;

    if (taking->found)
        taking->found(taking->context, pointer, value);
    mem_grow((void **)&taking->values, taking->count, &taking->capacity, sizeof(struct json *));
    taking->values[taking->count++] = value;
}

static bool is_next(const struct taking *taking, const struct json *value)
{
    return taking->next < taking->count && taking->values[taking->next] == value;
}

static void unlink_noted(struct taking *taking, struct json *value)
{
    for (struct json **link = &value->first; *link;) {
        if (is_next(taking, *link)) {
            taking->next++;
            *link = (*link)->next;
            value->count--;
        } else {
            unlink_noted(taking, *link);
            link = &(*link)->next;
        }
    }
}

void schema_take_marked(const struct schema *schema, enum schema_mark mark, struct json *value,
                        schema_found *found, void *context)
{
    struct taking taking = {.found = found, .context = context};

    schema_marked(schema, mark, value, note, &taking);
    if (is_next(&taking, value)) {
        value->first = NULL;
        value->count = 0;
    } else {
        unlink_noted(&taking, value);
    }
    free(taking.values);
}
