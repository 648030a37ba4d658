// Where schemas stand: the places within a file, `$id`, `$anchor`, and what a `$ref` means (RFC 3986).
#include "lib/mem.h"
#include "lib/schema_compiler.h"
#include "lib/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN_COLUMNS = 60 }; // of a faulty keyword or reference, within a sentence

static const char *keep(struct schema_compiler *compiler, struct slice text)
{
    char *copy = json_doc_alloc(compiler->schema->doc, text.length + 1);

    if (text.length > 0)
        memcpy(copy, text.data, text.length);
    return copy;
}

static const char *below(struct schema_compiler *compiler, const char *pointer, struct slice key)
{
    struct buf path = {0};

    buf_printf(&path, "%s/", pointer);
    for (size_t i = 0; i < key.length; i++) {
        if (key.data[i] == '~' || key.data[i] == '/')
            buf_add_text(&path, key.data[i] == '~' ? "~0" : "~1");
        else
            buf_add_char(&path, key.data[i]);
    }
    const char *kept = keep(compiler, (struct slice){path.data, path.length});
    buf_fini(&path);
    return kept;
}

static const char *below_index(struct schema_compiler *compiler, const char *pointer, size_t index)
{
    char digits[24];

    snprintf(digits, sizeof digits, "%zu", index);
    return below(compiler, pointer, slice_of(digits));
}

bool schema_refuse(struct schema_compiler *compiler, const struct schema_place *place,
                   const char *en, const char *ru)
{
    char english[ERR_MESSAGE_BYTES], russian[ERR_MESSAGE_BYTES];

    snprintf(english, sizeof english, "%s#%s: %s.", place->name, place->pointer, en);
    snprintf(russian, sizeof russian, "%s#%s: %s.", place->name, place->pointer, ru);
    err_say(compiler->err, ERR_INVALID, "schema", english, russian);
    err_set_path(compiler->err, "%s#%s", place->name, place->pointer);
    return false;
}

static size_t first_slot(const struct schema_compiler *compiler, const struct json *tree)
{
    return ((uintptr_t)tree / sizeof(void *)) * 2654435761u & (compiler->slot_count - 1);
}

static void enter(struct schema_compiler *compiler, size_t index)
{
    size_t slot = first_slot(compiler, compiler->places[index].tree);

    while (compiler->slots[slot] != 0)
        slot = (slot + 1) & (compiler->slot_count - 1);
    compiler->slots[slot] = index + 1;
}

struct schema_place *schema_locate(const struct schema_compiler *compiler, const struct json *tree)
{
    if (compiler->slot_count == 0)
        return NULL;
    for (size_t slot = first_slot(compiler, tree); compiler->slots[slot] != 0;
         slot = (slot + 1) & (compiler->slot_count - 1)) {
        struct schema_place *place = &compiler->places[compiler->slots[slot] - 1];
        if (place->tree == tree)
            return place;
    }
    return NULL;
}

static void add_place(struct schema_compiler *compiler, const struct schema_place *place)
{
    mem_grow((void **)&compiler->places, compiler->place_count, &compiler->place_capacity,
             sizeof *compiler->places);
    compiler->places[compiler->place_count++] = *place;
    if (compiler->place_count * 2 <= compiler->slot_count) {
        enter(compiler, compiler->place_count - 1);
        return;
    }
    compiler->slot_count = compiler->slot_count ? compiler->slot_count * 2 : 64;
    free(compiler->slots);
    compiler->slots = mem_alloc(compiler->slot_count * sizeof *compiler->slots);
    for (size_t i = 0; i < compiler->place_count; i++)
        enter(compiler, i);
}

static void add_uri(struct schema_compiler *compiler, const char *uri, const struct json *tree,
                    const char *name)
{
    mem_grow((void **)&compiler->uris, compiler->uri_count, &compiler->uri_capacity,
             sizeof *compiler->uris);
    compiler->uris[compiler->uri_count++] = (struct schema_uri){uri, tree, name};
}

// A URI taken apart; `path` is all between the authority and the query.
struct uri {
    struct slice scheme, authority, path, query; // with ':', '//', -, '?'
};

static struct uri split(struct slice text)
{
    struct uri uri = {0};
    size_t length = 0;

    while (length < text.length && !strchr(":/?#", text.data[length]))
        length++;
    if (length > 0 && length < text.length && text.data[length] == ':') {
        uri.scheme = (struct slice){text.data, length + 1};
        text = (struct slice){text.data + length + 1, text.length - length - 1};
    }
    if (text.length >= 2 && memcmp(text.data, "//", 2) == 0) {
        for (length = 2; length < text.length && !strchr("/?#", text.data[length]);)
            length++;
        uri.authority = (struct slice){text.data, length};
        text = (struct slice){text.data + length, text.length - length};
    }
    const char *query = text.length > 0 ? memchr(text.data, '?', text.length) : NULL;
    uri.path = (struct slice){text.data, query ? (size_t)(query - text.data) : text.length};
    if (query)
        uri.query = (struct slice){query, text.length - uri.path.length};
    return uri;
}

// Appends a path with its "." and ".." steps taken (RFC 3986 §5.2.4).
static void add_path(struct buf *out, struct slice path)
{
    size_t start = out->length;

    for (size_t i = 0; i < path.length;) {
        size_t end = i;
        while (end < path.length && path.data[end] != '/')
            end++;
        bool last = end == path.length;
        struct slice step = {path.data + i, end - i};
        if (slice_is(step, "..")) {
            while (out->length > start && out->data[out->length - 1] == '/')
                out->length--;
            while (out->length > start && out->data[out->length - 1] != '/')
                out->length--;
        } else if (!slice_is(step, ".")) {
            buf_add(out, step.data, step.length);
            if (!last)
                buf_add_char(out, '/');
        }
        i = end + 1;
    }
}

// The reference without its fragment, relative to a base (RFC 3986 §5.2.2).
static const char *resolve(struct schema_compiler *compiler, const char *base, struct slice ref)
{
    const char *hash = ref.length > 0 ? memchr(ref.data, '#', ref.length) : NULL;
    struct uri from = split(slice_of(base));
    struct uri to;
    struct buf out = {0};

    if (hash)
        ref.length = (size_t)(hash - ref.data);
    if (ref.length == 0)
        return base;
    to = split(ref);
    if (to.scheme.length == 0) {
        to.scheme = from.scheme;
        if (to.authority.length == 0)
            to.authority = from.authority;
    }
    buf_add(&out, to.scheme.data, to.scheme.length);
    buf_add(&out, to.authority.data, to.authority.length);
    bool absolute = to.path.length > 0 && to.path.data[0] == '/';
    if (to.scheme.data == from.scheme.data && to.authority.data == from.authority.data &&
        !absolute) {
        struct buf merged = {0};
        size_t directory = from.path.length;
        while (directory > 0 && from.path.data[directory - 1] != '/')
            directory--;
        if (from.authority.length > 0 && directory == 0)
            buf_add_char(&merged, '/');
        buf_add(&merged, from.path.data, directory);
        buf_add(&merged, to.path.data, to.path.length);
        add_path(&out, (struct slice){merged.data, merged.length});
        buf_fini(&merged);
    } else {
        add_path(&out, to.path);
    }
    buf_add(&out, to.query.data, to.query.length);
    const char *resolved = keep(compiler, (struct slice){out.data, out.length});
    buf_fini(&out);
    return resolved;
}

static bool walk(struct schema_compiler *compiler, struct schema_place place);

static bool walk_keyword(struct schema_compiler *compiler, const struct schema_place *place,
                         const struct json *keyword, enum schema_shape shape)
{
    struct schema_place child = {keyword, place->base, place->name,
                                 below(compiler, place->pointer, keyword->key), NULL};
    const char *pointer = child.pointer;
    size_t index = 0;

    if (shape == SHAPE_SCHEMA)
        return walk(compiler, child);
    if (shape == SHAPE_LIST && (keyword->type != JSON_ARRAY || keyword->count == 0))
        return schema_refuse(compiler, &child, "here must be a list of at least one schema",
                             "здесь должен быть список хотя бы из одной схемы");
    if (shape == SHAPE_MAP && keyword->type != JSON_OBJECT)
        return schema_refuse(compiler, &child, "here must be names, each with its schema",
                             "здесь должны быть имена, каждое со своей схемой");
    for (const struct json *value = keyword->first; value; value = value->next, index++) {
        child.tree = value;
        child.pointer = shape == SHAPE_LIST ? below_index(compiler, pointer, index)
                                            : below(compiler, pointer, value->key);
        if (!walk(compiler, child))
            return false;
    }
    return true;
}

static bool unsupported(struct schema_compiler *compiler, const struct schema_place *place,
                        struct slice keyword)
{
    char en[200], ru[240];
    struct slice shown = text_clip(keyword, SHOWN_COLUMNS);

    snprintf(en, sizeof en,
             "the keyword \"%.*s\" is not supported; a note of your own is "
             "named x-NAME",
             (int)shown.length, shown.data);
    snprintf(ru, sizeof ru,
             "ключевое слово «%.*s» не поддерживается; для собственных пометок служит x-ИМЯ",
             (int)shown.length, shown.data);
    return schema_refuse(compiler, place, en, ru);
}

// Gives the schema that stands here a place, and all below it.
static bool walk(struct schema_compiler *compiler, struct schema_place place)
{
    const struct json *tree = place.tree;

    if (schema_locate(compiler, tree))
        return true;
    if (tree->type != JSON_OBJECT && tree->type != JSON_TRUE && tree->type != JSON_FALSE)
        return schema_refuse(compiler, &place, "here must be a schema: keywords, true or false",
                             "здесь должна быть схема: ключевые слова, true или false");
    const struct json *id = json_get(tree, "$id");
    if (id && id->type == JSON_STRING) {
        place.base = resolve(compiler, place.base, id->text);
        add_uri(compiler, place.base, tree, place.name);
    }
    const struct json *anchor = json_get(tree, "$anchor");
    if (anchor && anchor->type == JSON_STRING) {
        struct buf uri = {0};
        buf_printf(&uri, "%s#%s", place.base, anchor->text.data);
        add_uri(compiler, keep(compiler, (struct slice){uri.data, uri.length}), tree, place.name);
        buf_fini(&uri);
    }
    place.node = json_doc_alloc(compiler->schema->doc, sizeof *place.node);
    add_place(compiler, &place);
    for (const struct json *keyword = tree->first; keyword; keyword = keyword->next) {
        if (strncmp(keyword->key.data, "x-", 2) == 0)
            continue;
        const struct schema_keyword *rule = schema_keyword_find(keyword->key);
        if (!rule)
            return unsupported(compiler, &place, keyword->key);
        if (rule->shape != SHAPE_NONE && !walk_keyword(compiler, &place, keyword, rule->shape))
            return false;
    }
    return true;
}

bool schema_locate_file(struct schema_compiler *compiler, const struct json *tree, const char *uri,
                        const char *name)
{
    add_uri(compiler, uri, tree, name);
    return walk(compiler, (struct schema_place){tree, uri, name, "", NULL});
}

static const struct schema_uri *find_uri(const struct schema_compiler *compiler, const char *uri)
{
    for (size_t i = 0; i < compiler->uri_count; i++) {
        if (strcmp(compiler->uris[i].uri, uri) == 0)
            return &compiler->uris[i];
    }
    return NULL;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void percent_decode(struct slice text, struct buf *out)
{
    for (size_t i = 0; i < text.length; i++) {
        int high = text.data[i] == '%' && i + 2 < text.length ? hex_value(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.data[i + 2]) : -1;
        if (low >= 0) {
            buf_add_char(out, (char)(high * 16 + low));
            i += 2;
        } else {
            buf_add_char(out, text.data[i]);
        }
    }
}

// The schema that a fragment names within a resource.
static const struct json *find_fragment(struct schema_compiler *compiler,
                                        const struct schema_uri *resource, struct slice fragment)
{
    struct buf decoded = {0};
    const struct json *tree = NULL;

    percent_decode(fragment, &decoded);
    struct slice pointer = {buf_text(&decoded), decoded.length};
    if (pointer.length == 0 || pointer.data[0] == '/') {
        tree = json_pointer(resource->tree, pointer);
        if (tree && !schema_locate(compiler, tree)) {
            struct schema_place place = {tree, resource->uri, resource->name,
                                         keep(compiler, pointer), NULL};
            tree = walk(compiler, place) ? tree : NULL;
        }
    } else {
        struct buf uri = {0};
        buf_printf(&uri, "%s#%s", resource->uri, pointer.data);
        const struct schema_uri *anchor = find_uri(compiler, buf_text(&uri));
        tree = anchor ? anchor->tree : NULL;
        buf_fini(&uri);
    }
    buf_fini(&decoded);
    return tree;
}

static bool load(struct schema_compiler *compiler, const char *uri)
{
    struct err ignored;
    const struct json *tree =
        compiler->load
            ? compiler->load(compiler->context, uri, compiler->err ? compiler->err : &ignored)
            : NULL;

    return tree && schema_locate_file(compiler, tree, uri, uri);
}

struct schema_node *schema_locate_ref(struct schema_compiler *compiler,
                                      const struct schema_place *place, struct slice ref)
{
    // Copied: reading further files may move the places.
    struct schema_place from = *place;
    const char *uri = resolve(compiler, from.base, ref);
    const char *hash = memchr(ref.data, '#', ref.length);
    struct slice fragment = {0};
    char en[200], ru[240];

    if (hash)
        fragment = (struct slice){hash + 1, ref.length - (size_t)(hash - ref.data) - 1};
    if (compiler->err)
        err_clear(compiler->err);
    const struct schema_uri *resource = find_uri(compiler, uri);
    if (!resource && load(compiler, uri))
        resource = find_uri(compiler, uri);
    const struct json *tree = resource ? find_fragment(compiler, resource, fragment) : NULL;
    if (tree)
        return schema_locate(compiler, tree)->node;
    if (compiler->err && compiler->err->code != ERR_OK)
        return NULL; // the loader, or a fault in what was read, has said it
    struct slice shown = text_clip(ref, SHOWN_COLUMNS);
    snprintf(en, sizeof en, "$ref \"%.*s\" names nothing that is there", (int)shown.length,
             shown.data);
    snprintf(ru, sizeof ru, "$ref «%.*s» ни на что не указывает", (int)shown.length, shown.data);
    schema_refuse(compiler, &from, en, ru);
    return NULL;
}
