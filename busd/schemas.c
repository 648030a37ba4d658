#include "busd/schemas.h"

#include "lib/mem.h"
#include "lib/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".yaml"
enum { FILE_NAME_BYTES = 256, FILE_PATH_BYTES = 4096 + FILE_NAME_BYTES };

struct entry {
    struct schemas_type type;
    struct schema *schema;
    char *topic;
    struct json_doc *doc;
    const struct json *tree;
};

// A file of definitions, read once.
struct definitions {
    char *file;
    struct json_doc *doc;
    const struct json *tree;
};

struct schemas {
    struct entry *entries;
    size_t count, capacity;
    struct definitions *definitions;
    size_t definition_count, definition_capacity;
    const char *directory; // of what is being compiled
};

static const struct json *load_definitions(void *context, const char *file, struct err *err)
{
    struct schemas *schemas = context;
    struct definitions *found;
    char path[FILE_PATH_BYTES];

    for (size_t i = 0; i < schemas->definition_count; i++) {
        if (strcmp(schemas->definitions[i].file, file) == 0)
            return schemas->definitions[i].tree;
    }
    if (strchr(file, '/')) {
        err_set(err, ERR_INVALID, "schema", "%s: a definition file stands in the same directory",
                "%s: файл определений должен лежать в том же каталоге", file);
        return NULL;
    }
    snprintf(path, sizeof path, "%s/%s", schemas->directory, file);
    mem_grow((void **)&schemas->definitions, schemas->definition_count,
             &schemas->definition_capacity, sizeof *found);
    found = &schemas->definitions[schemas->definition_count++];
    found->file = mem_string(file);
    found->doc = json_doc_new();
    found->tree = yaml_read(found->doc, path, err);
    return found->tree;
}

static enum err_code check_name(const char *path, const char *topic, bool company, struct err *err)
{
    if (company == (strncmp(topic, "x.", 2) == 0))
        return ERR_OK;
    if (company)
        return err_set(err, ERR_INVALID, "schema",
                       "%s: a company's own type is named x.NAME.…, so that it never meets one of "
                       "a later version",
                       "%s: собственный тип компании называется x.ИМЯ.…, чтобы не совпасть с типом "
                       "будущей версии",
                       path);
    return err_set(err, ERR_INVALID, "schema",
                   "%s: types that start with x. belong into the company's own directory",
                   "%s: типы на x. должны лежать в каталоге типов компании", path);
}

static enum err_code load_file(struct schemas *schemas, const char *name, bool company,
                               struct err *err)
{
    char path[FILE_PATH_BYTES];
    struct entry *entry;

    mem_grow((void **)&schemas->entries, schemas->count, &schemas->capacity, sizeof *entry);
    entry = &schemas->entries[schemas->count++];
    memset(entry, 0, sizeof *entry);
    entry->topic = mem_string_of(name, strlen(name) - strlen(SUFFIX));
    snprintf(path, sizeof path, "%s/%s", schemas->directory, name);
    if (check_name(path, entry->topic, company, err) != ERR_OK)
        return err->code;
    entry->doc = json_doc_new();
    entry->tree = yaml_read(entry->doc, path, err);
    if (!entry->tree)
        return err->code;
    entry->schema = schema_compile(entry->tree, path, load_definitions, schemas, err);
    if (!entry->schema)
        return err->code;
    entry->type = (struct schemas_type){
        .topic = slice_of(entry->topic),
        .version = json_integer(json_get(entry->tree, "x-version"), 1),
        .broker = json_bool(json_get(entry->tree, "x-broker"), false),
        .free_text = schema_has_mark(entry->schema, SCHEMA_FREE_TEXT),
        .personal = schema_has_mark(entry->schema, SCHEMA_PERSONAL),
        .schema = entry->schema,
    };
    return ERR_OK;
}

static bool is_type_file(const char *name)
{
    size_t length = strlen(name);
    const char *dot = strchr(name, '.');

    return length > strlen(SUFFIX) && length < FILE_NAME_BYTES && name[0] != '.' &&
           strcmp(name + length - strlen(SUFFIX), SUFFIX) == 0 &&
           dot != name + length - strlen(SUFFIX);
}

static enum err_code load_directory(struct schemas *schemas, const char *directory, bool company,
                                    struct err *err)
{
    DIR *handle = opendir(directory);
    struct dirent *file;

    if (!handle && company && errno == ENOENT)
        return ERR_OK;
    if (!handle)
        return err_set(err, ERR_INVALID, "schemas", "the schemas in %s cannot be read: %s",
                       "схемы в %s не читаются: %s", directory, strerror(errno));
    schemas->directory = directory;
    while (err->code == ERR_OK && (file = readdir(handle))) {
        if (is_type_file(file->d_name))
            load_file(schemas, file->d_name, company, err);
    }
    closedir(handle);
    return err->code;
}

static int compare(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    return strcmp(left->topic, right->topic);
}

struct schemas *schemas_load(const char *directory, const char *company, struct err *err)
{
    struct schemas *schemas = mem_alloc(sizeof *schemas);

    err_clear(err);
    if (load_directory(schemas, directory, false, err) != ERR_OK ||
        (company && *company && load_directory(schemas, company, true, err) != ERR_OK)) {
        schemas_free(schemas);
        return NULL;
    }
    if (schemas->count == 0) {
        err_set(err, ERR_INVALID, "schemas", "%s holds no schema, so nothing could be published",
                "в %s нет ни одной схемы, публиковать было бы нечего", directory);
        schemas_free(schemas);
        return NULL;
    }
    qsort(schemas->entries, schemas->count, sizeof *schemas->entries, compare);
    return schemas;
}

void schemas_free(struct schemas *schemas)
{
    if (!schemas)
        return;
    for (size_t i = 0; i < schemas->count; i++) {
        schema_free(schemas->entries[i].schema);
        json_doc_free(schemas->entries[i].doc);
        free(schemas->entries[i].topic);
    }
    for (size_t i = 0; i < schemas->definition_count; i++) {
        json_doc_free(schemas->definitions[i].doc);
        free(schemas->definitions[i].file);
    }
    free(schemas->entries);
    free(schemas->definitions);
    free(schemas);
}

const struct schemas_type *schemas_find(const struct schemas *schemas, struct slice topic)
{
    size_t low = 0, high = schemas->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        struct slice name = schemas->entries[middle].type.topic;
        size_t shorter = name.length < topic.length ? name.length : topic.length;
        int order = memcmp(topic.data, name.data, shorter);

        if (order == 0 && name.length == topic.length)
            return &schemas->entries[middle].type;
        if (order > 0 || (order == 0 && topic.length > name.length))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

size_t schemas_count(const struct schemas *schemas)
{
    return schemas->count;
}

const struct schemas_type *schemas_at(const struct schemas *schemas, size_t index)
{
    return &schemas->entries[index].type;
}

// "defs.yaml#/$defs/X" becomes "#/$defs/X"; true when there was one.
static bool make_local(struct json_doc *doc, struct json *value)
{
    bool found = false;

    for (struct json *child = value->first; child; child = child->next) {
        const char *hash = slice_is(child->key, "$ref") && child->type == JSON_STRING
                               ? strchr(child->text.data, '#')
                               : NULL;

        if (hash && hash != child->text.data) {
            size_t skipped = (size_t)(hash - child->text.data);

            child->text = (struct slice){hash, child->text.length - skipped};
            found = true;
        }
        found = make_local(doc, child) || found;
    }
    return found;
}

void schemas_write(const struct schemas *schemas, size_t index, struct buf *out)
{
    struct json_doc *doc = json_doc_new();
    struct json *tree = json_copy(doc, schemas->entries[index].tree);

    if (make_local(doc, tree)) {
        struct json *merged = json_new(doc, JSON_OBJECT);

        for (size_t i = 0; i < schemas->definition_count; i++) {
            const struct json *source = json_get(schemas->definitions[i].tree, "$defs");

            for (const struct json *item = source ? source->first : NULL; item; item = item->next) {
                struct json *copy = json_copy(doc, item);

                make_local(doc, copy);
                json_set(doc, merged, item->key.data, copy);
            }
        }
        json_set(doc, tree, "$defs", merged);
    }
    json_write(out, tree);
    json_doc_free(doc);
}
