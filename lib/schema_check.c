// Checking a value: down the nodes, no allocation (but for long arrays with uniqueItems).
#include "lib/json_number.h"
#include "lib/mem.h"
#include "lib/schema_node.h"

#include <stdlib.h>
#include <string.h>

// One check: what its faults are written to, and the prefix of their paths.
struct check {
    struct err *err;
    const char *at;
};

static bool check(const struct check *c, const struct schema_step *step,
                  const struct schema_node *n, const struct json *value);

static bool fault(const struct check *c, const struct schema_step *step,
                  const struct schema_node *n, const struct json *value, enum schema_fault kind)
{
    return c->err ? schema_say(c->err, c->at, step, n, value, kind, (struct slice){0}) : false;
}

static bool fault_of_name(const struct check *c, const struct schema_step *step,
                          const struct schema_node *n, const struct json *value,
                          enum schema_fault kind, struct slice name)
{
    return c->err ? schema_say(c->err, c->at, step, n, value, kind, name) : false;
}

// Whether it would pass, without a word.
static bool passes(const struct schema_node *n, const struct json *value)
{
    const struct check silent = {NULL, ""};

    return check(&silent, NULL, n, value);
}

static unsigned type_bits(const struct json *value)
{
    static const unsigned bits[] = {
        [JSON_NULL] = SCHEMA_NULL,     [JSON_FALSE] = SCHEMA_BOOLEAN, [JSON_TRUE] = SCHEMA_BOOLEAN,
        [JSON_NUMBER] = SCHEMA_NUMBER, [JSON_STRING] = SCHEMA_STRING, [JSON_ARRAY] = SCHEMA_ARRAY,
        [JSON_OBJECT] = SCHEMA_OBJECT,
    };

    return value->type == JSON_NUMBER && value->integral ? SCHEMA_NUMBER | SCHEMA_INTEGER
                                                         : bits[value->type];
}

static bool is_listed(const struct json *values, const struct json *value)
{
    for (const struct json *listed = values->first; listed; listed = listed->next) {
        if (json_equal(listed, value))
            return true;
    }
    return false;
}

static int compare(const struct json *a, const struct json *b)
{
    if (a->integral && b->integral)
        return (a->integer > b->integer) - (a->integer < b->integer);
    return (a->number > b->number) - (a->number < b->number);
}

static bool check_number(const struct check *c, const struct schema_step *step,
                         const struct schema_node *n, const struct json *value)
{
    if (n->minimum && compare(value, n->minimum) < 0)
        return fault(c, step, n, value, FAULT_MINIMUM);
    if (n->maximum && compare(value, n->maximum) > 0)
        return fault(c, step, n, value, FAULT_MAXIMUM);
    if (n->exclusive_minimum && compare(value, n->exclusive_minimum) <= 0)
        return fault(c, step, n, value, FAULT_EXCLUSIVE_MINIMUM);
    if (n->exclusive_maximum && compare(value, n->exclusive_maximum) >= 0)
        return fault(c, step, n, value, FAULT_EXCLUSIVE_MAXIMUM);
    if (n->multiple_of && !json_number_multiple(value->text, n->multiple_of->text))
        return fault(c, step, n, value, FAULT_MULTIPLE);
    return true;
}

static bool check_string(const struct check *c, const struct schema_step *step,
                         const struct schema_node *n, const struct json *value)
{
    // A character is 1 to 4 bytes, so most lengths need no counting.
    size_t bytes = value->text.length;
    bool sure = bytes <= n->max_length && bytes / 4 >= n->min_length;

    if (!sure) {
        size_t characters = 0;
        for (size_t i = 0; i < bytes; i++)
            characters += ((unsigned char)value->text.data[i] & 0xC0) != 0x80;
        if (characters < n->min_length)
            return fault(c, step, n, value, FAULT_MIN_LENGTH);
        if (characters > n->max_length)
            return fault(c, step, n, value, FAULT_MAX_LENGTH);
    }
    if (n->pattern && !schema_pattern_found(n->pattern, value->text))
        return fault(c, step, n, value, FAULT_PATTERN);
    return true;
}

static int compare_texts(const void *a, const void *b)
{
    const struct slice *x = a;
    const struct slice *y = b;

    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    return memcmp(x->data, y->data, x->length);
}

// Whether two elements are equal, by sorting their canonical texts: n log n whoever wrote them.
// Numbers beyond 2^53 may share a canonical text, so a pair of equal texts is compared as values.
static bool has_equal_sorted(const struct json *array)
{
    struct entry {
        struct slice text; // first, for compare_texts()
        const struct json *value;
    } *entries = mem_alloc(array->count * sizeof *entries);
    struct buf texts = {0};
    size_t count = 0;
    bool found = false;

    for (const struct json *item = array->first; item; item = item->next, count++) {
        size_t start = texts.length;
        json_write_canonical(&texts, item);
        entries[count].text.length = texts.length - start;
        entries[count].value = item;
    }
    const char *at = buf_text(&texts);
    for (size_t i = 0; i < count; i++) {
        entries[i].text.data = at;
        at += entries[i].text.length;
    }
    qsort(entries, count, sizeof *entries, compare_texts);
    for (size_t i = 1; i < count && !found; i++) {
        for (size_t j = i; j-- > 0 && slice_equal(entries[j].text, entries[i].text) && !found;)
            found = json_equal(entries[i].value, entries[j].value);
    }
    free(entries);
    buf_fini(&texts);
    return found;
}

static bool has_equal(const struct json *array)
{
    enum { FEW_ITEMS = 16 };

    if (array->count > FEW_ITEMS)
        return has_equal_sorted(array);
    for (const struct json *item = array->first; item; item = item->next) {
        for (const struct json *other = array->first; other != item; other = other->next) {
            if (json_equal(item, other))
                return true;
        }
    }
    return false;
}

static bool check_contains(const struct check *c, const struct schema_step *step,
                           const struct schema_node *n, const struct json *value)
{
    size_t found = 0;

    for (const struct json *item = value->first; item; item = item->next)
        found += passes(n->contains, item);
    if (found < n->min_contains)
        return fault(c, step, n, value, FAULT_MIN_CONTAINS);
    if (found > n->max_contains)
        return fault(c, step, n, value, FAULT_MAX_CONTAINS);
    return true;
}

static bool check_array(const struct check *c, const struct schema_step *step,
                        const struct schema_node *n, const struct json *value)
{
    struct schema_step below = {.up = step};

    if (value->count < n->min_items)
        return fault(c, step, n, value, FAULT_MIN_ITEMS);
    if (value->count > n->max_items)
        return fault(c, step, n, value, FAULT_MAX_ITEMS);
    if (n->items || n->prefix_items.count > 0) {
        for (const struct json *item = value->first; item; item = item->next, below.index++) {
            const struct schema_node *of_item =
                below.index < n->prefix_items.count ? n->prefix_items.nodes[below.index] : n->items;
            if (of_item && !check(c, &below, of_item, item))
                return false;
        }
    }
    if (n->unique && has_equal(value))
        return fault(c, step, n, value, FAULT_UNIQUE);
    return !n->contains || check_contains(c, step, n, value);
}

static const struct schema_property *find_property(const struct schema_node *n, struct slice name)
{
    if (n->slot_count == 0)
        return NULL;
    for (size_t slot = schema_slot_of(name, n->slot_count); n->slots[slot].name.data;
         slot = (slot + 1) & (n->slot_count - 1)) {
        if (slice_equal(n->slots[slot].name, name))
            return &n->slots[slot];
    }
    return NULL;
}

static bool check_member(const struct check *c, const struct schema_step *step,
                         const struct schema_node *n, const struct json *object,
                         const struct json *member, uint64_t *seen)
{
    struct schema_step below = {.up = step, .key = member->key};
    const struct schema_property *property = find_property(n, member->key);
    bool known = property && property->node;

    if (property)
        *seen |= property->required;
    if (known && !check(c, &below, property->node, member))
        return false;
    for (size_t i = 0; i < n->pattern_count; i++) {
        if (!schema_pattern_found(n->patterns[i].pattern, member->key))
            continue;
        known = true;
        if (!check(c, &below, n->patterns[i].node, member))
            return false;
    }
    if (!known && n->additional) {
        if (n->additional->never)
            return fault_of_name(c, step, n, object, FAULT_UNKNOWN, member->key);
        if (!check(c, &below, n->additional, member))
            return false;
    }
    const struct json name = {.type = JSON_STRING, .text = member->key};
    if (n->property_names && !passes(n->property_names, &name))
        return fault_of_name(c, step, n, object, FAULT_NAME, member->key);
    return true;
}

static bool check_required(const struct check *c, const struct schema_step *step,
                           const struct schema_node *n, const struct json *value, uint64_t seen)
{
    const struct json *name = n->more_required;

    if ((seen & n->required_bits) != n->required_bits)
        name = n->required->first;
    for (; name; name = name->next) {
        if (!json_get_slice(value, name->text))
            return fault_of_name(c, step, n, value, FAULT_REQUIRED, name->text);
    }
    return true;
}

static bool check_dependents(const struct check *c, const struct schema_step *step,
                             const struct schema_node *n, const struct json *value)
{
    for (size_t i = 0; i < n->dependent_count; i++) {
        const struct schema_dependent *dependent = &n->dependents[i];
        if (!json_get_slice(value, dependent->name))
            continue;
        if (dependent->node && !check(c, step, dependent->node, value))
            return false;
        const struct json *name = dependent->required ? dependent->required->first : NULL;
        for (; name; name = name->next) {
            if (!json_get_slice(value, name->text))
                return fault_of_name(c, step, n, value, FAULT_DEPENDENT, name->text);
        }
    }
    return true;
}

static bool check_object(const struct check *c, const struct schema_step *step,
                         const struct schema_node *n, const struct json *value)
{
    uint64_t seen = 0;

    if (value->count < n->min_properties)
        return fault(c, step, n, value, FAULT_MIN_PROPERTIES);
    if (value->count > n->max_properties)
        return fault(c, step, n, value, FAULT_MAX_PROPERTIES);
    if (n->slot_count > 0 || n->pattern_count > 0 || n->additional || n->property_names) {
        for (const struct json *member = value->first; member; member = member->next) {
            if (!check_member(c, step, n, value, member, &seen))
                return false;
        }
    }
    return check_required(c, step, n, value, seen) && check_dependents(c, step, n, value);
}

static size_t count_passing(struct schema_list list, const struct json *value)
{
    size_t count = 0;

    for (size_t i = 0; i < list.count; i++)
        count += passes(list.nodes[i], value);
    return count;
}

static bool check_any(const struct check *c, const struct schema_step *step,
                      const struct schema_node *n, const struct json *value)
{
    for (size_t i = 0; i < n->any_of.count; i++) {
        if (passes(n->any_of.nodes[i], value))
            return true;
    }
    return fault(c, step, n, value, FAULT_ANY);
}

static bool check_logic(const struct check *c, const struct schema_step *step,
                        const struct schema_node *n, const struct json *value)
{
    if (n->ref && !check(c, step, n->ref, value))
        return false;
    for (size_t i = 0; i < n->all_of.count; i++) {
        if (!check(c, step, n->all_of.nodes[i], value))
            return false;
    }
    if (n->any_of.count > 0 && !check_any(c, step, n, value))
        return false;
    if (n->one_of.count > 0) {
        size_t passing = count_passing(n->one_of, value);
        if (passing != 1)
            return fault(c, step, n, value, passing == 0 ? FAULT_ONE_NONE : FAULT_ONE_SEVERAL);
    }
    if (n->not &&passes(n->not, value))
        return fault(c, step, n, value, FAULT_NOT);
    if (!n->condition)
        return true;
    const struct schema_node *branch =
        passes(n->condition, value) ? n->consequence : n->alternative;
    return !branch || check(c, step, branch, value);
}

static bool check(const struct check *c, const struct schema_step *step,
                  const struct schema_node *n, const struct json *value)
{
    if (n->never)
        return fault(c, step, n, value, FAULT_NEVER);
    if (n->types && !(n->types & type_bits(value)))
        return fault(c, step, n, value, FAULT_TYPE);
    if (n->values && !is_listed(n->values, value))
        return fault(c, step, n, value, FAULT_ENUM);
    if (n->constant && !json_equal(n->constant, value))
        return fault(c, step, n, value, FAULT_CONST);
    switch (value->type) {
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: break;
    case JSON_NUMBER:
        if (n->has_number && !check_number(c, step, n, value))
            return false;
        break;
    case JSON_STRING:
        if (n->has_string && !check_string(c, step, n, value))
            return false;
        break;
    case JSON_ARRAY:
        if (n->has_array && !check_array(c, step, n, value))
            return false;
        break;
    case JSON_OBJECT:
        if (n->has_object && !check_object(c, step, n, value))
            return false;
        break;
    }
    return !n->has_logic || check_logic(c, step, n, value);
}

enum err_code schema_check(const struct schema *schema, const struct json *value, const char *at,
                           struct err *err)
{
    const struct check c = {err, at};

    return check(&c, NULL, schema->root, value) ? ERR_OK : ERR_INVALID;
}
