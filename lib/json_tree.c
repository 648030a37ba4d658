// Trees: putting them together, looking things up in them, comparing them.
#include "lib/json.h"
#include "lib/json_arena.h"
#include "lib/json_number.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct slice keep(struct json_doc *doc, struct slice text)
{
    char *copy = json_arena_take(doc, text.length + 1);

    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    copy[text.length] = '\0';
    return (struct slice){copy, text.length};
}

struct json *json_new(struct json_doc *doc, enum json_type type)
{
    struct json *value = json_doc_alloc(doc, sizeof *value);

    value->type = type;
    return value;
}

struct json *json_new_string(struct json_doc *doc, struct slice text)
{
    struct json *value = json_new(doc, JSON_STRING);

    value->text = keep(doc, text);
    return value;
}

static struct json *new_number(struct json_doc *doc, const char *literal)
{
    struct json *value = json_new(doc, JSON_NUMBER);

    value->text = keep(doc, slice_of(literal));
    json_number_read(value->text, &value->number, &value->integer, &value->integral);
    return value;
}

struct json *json_new_integer(struct json_doc *doc, int64_t number)
{
    char literal[JSON_NUMBER_TEXT_BYTES];

    snprintf(literal, sizeof literal, "%lld", (long long)number);
    return new_number(doc, literal);
}

struct json *json_new_number(struct json_doc *doc, double number)
{
    char literal[JSON_NUMBER_TEXT_BYTES];

    json_number_print(number, literal);
    return new_number(doc, literal);
}

struct json *json_new_bool(struct json_doc *doc, bool value)
{
    return json_new(doc, value ? JSON_TRUE : JSON_FALSE);
}

static struct json *last_child(const struct json *container)
{
    struct json *last = container->first;

    while (last && last->next)
        last = last->next;
    return last;
}

static void link_last(struct json *container, struct json *value)
{
    struct json *last = last_child(container);

    value->next = NULL;
    if (last)
        last->next = value;
    else
        container->first = value;
    container->count++;
}

void json_append(struct json *array, struct json *value)
{
    assert(array->type == JSON_ARRAY);
    link_last(array, value);
}

// Where the pointer to the member of that name stands; at the end of the chain when there is none.
static struct json **find_link(struct json *object, struct slice key)
{
    struct json **link = &object->first;

    while (*link && !slice_equal((*link)->key, key))
        link = &(*link)->next;
    return link;
}

void json_set(struct json_doc *doc, struct json *object, const char *key, struct json *value)
{
    assert(object->type == JSON_OBJECT);
    struct json **link = find_link(object, slice_of(key));

    if (*link) {
        value->key = (*link)->key;
        value->next = (*link)->next;
    } else {
        value->key = keep(doc, slice_of(key));
        value->next = NULL;
        object->count++;
    }
    *link = value;
}

struct json *json_copy(struct json_doc *doc, const struct json *value)
{
    struct json *copy = json_arena_take(doc, sizeof *copy);
    struct json **link = &copy->first;

    *copy = *value;
    copy->next = NULL;
    if (value->key.data)
        copy->key = keep(doc, value->key);
    if (value->text.data)
        copy->text = keep(doc, value->text);
    for (const struct json *child = value->first; child; child = child->next) {
        *link = json_copy(doc, child);
        link = &(*link)->next;
    }
    return copy;
}

const struct json *json_get_slice(const struct json *object, struct slice key)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *member = object->first; member; member = member->next) {
        if (slice_equal(member->key, key))
            return member;
    }
    return NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
    return json_get_slice(object, slice_of(key));
}

// Whether a key, as a pointer's token spells it (~1 is '/', ~0 is '~'), is this one.
static bool token_is(struct slice token, struct slice key)
{
    size_t at = 0;

    for (size_t i = 0; i < token.length; i++, at++) {
        char c = token.data[i];
        if (c == '~') {
            if (++i == token.length || (token.data[i] != '0' && token.data[i] != '1'))
                return false;
            c = token.data[i] == '0' ? '~' : '/';
        }
        if (at >= key.length || key.data[at] != c)
            return false;
    }
    return at == key.length;
}

static const struct json *element(const struct json *array, struct slice token)
{
    size_t index = 0;

    if (token.length == 0 || token.length > 9 || (token.data[0] == '0' && token.length > 1))
        return NULL;
    for (size_t i = 0; i < token.length; i++) {
        if (token.data[i] < '0' || token.data[i] > '9')
            return NULL;
        index = index * 10 + (size_t)(token.data[i] - '0');
    }
    const struct json *child = array->first;
    while (child && index-- > 0)
        child = child->next;
    return child;
}

const struct json *json_pointer(const struct json *value, struct slice pointer)
{
    while (value && pointer.length > 0) {
        if (pointer.data[0] != '/')
            return NULL;
        const char *start = pointer.data + 1;
        const char *slash = memchr(start, '/', pointer.length - 1);
        size_t length = slash ? (size_t)(slash - start) : pointer.length - 1;
        struct slice token = {start, length};
        pointer = (struct slice){start + length, pointer.length - 1 - length};
        if (value->type == JSON_ARRAY) {
            value = element(value, token);
        } else {
            const struct json *child = value->type == JSON_OBJECT ? value->first : NULL;
            while (child && !token_is(token, child->key))
                child = child->next;
            value = child;
        }
    }
    return value;
}

struct slice json_string(const struct json *value)
{
    return value && value->type == JSON_STRING ? value->text : (struct slice){0};
}

const char *json_c_string(const struct json *value)
{
    return json_string(value).data;
}

int64_t json_integer(const struct json *value, int64_t otherwise)
{
    return value && value->type == JSON_NUMBER && value->integral ? value->integer : otherwise;
}

bool json_bool(const struct json *value, bool otherwise)
{
    if (!value || (value->type != JSON_TRUE && value->type != JSON_FALSE))
        return otherwise;
    return value->type == JSON_TRUE;
}

static bool numbers_equal(const struct json *a, const struct json *b)
{
    if (a->integral || b->integral)
        return a->integral && b->integral && a->integer == b->integer;
    return a->number <= b->number && a->number >= b->number;
}

static int compare_members(const void *a, const void *b)
{
    struct slice x = (*(const struct json *const *)a)->key;
    struct slice y = (*(const struct json *const *)b)->key;

    if (x.length != y.length)
        return x.length < y.length ? -1 : 1;
    return memcmp(x.data, y.data, x.length);
}

static const struct json **sorted_members(const struct json *object)
{
    const struct json **members = calloc(object->count, sizeof *members);
    size_t count = 0;

    assert(members);
    for (const struct json *member = object->first; member; member = member->next)
        members[count++] = member;
    qsort(members, count, sizeof *members, compare_members);
    return members;
}

static bool objects_equal(const struct json *a, const struct json *b)
{
    enum { FEW_MEMBERS = 32 }; // beyond, looking each one up would be quadratic

    if (a->count <= FEW_MEMBERS) {
        for (const struct json *member = a->first; member; member = member->next) {
            const struct json *other = json_get_slice(b, member->key);
            if (!other || !json_equal(member, other))
                return false;
        }
        return true;
    }
    const struct json **left = sorted_members(a);
    const struct json **right = sorted_members(b);
    bool equal = true;
    for (size_t i = 0; i < a->count && equal; i++)
        equal = slice_equal(left[i]->key, right[i]->key) && json_equal(left[i], right[i]);
    free(left);
    free(right);
    return equal;
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (a->type != b->type || a->count != b->count)
        return false;
    switch (a->type) {
    case JSON_NULL:
    case JSON_FALSE:
    case JSON_TRUE: return true;
    case JSON_NUMBER: return numbers_equal(a, b);
    case JSON_STRING: return slice_equal(a->text, b->text);
    case JSON_OBJECT: return objects_equal(a, b);
    case JSON_ARRAY: break;
    }
    const struct json *other = b->first;
    for (const struct json *child = a->first; child; child = child->next, other = other->next) {
        if (!json_equal(child, other))
            return false;
    }
    return true;
}
