// The keywords: a table, each with how its value holds schemas and how it goes into a node.
#include "lib/mem.h"
#include "lib/schema_compiler.h"

#include <stdio.h>
#include <string.h>

enum {
    KEY_ADDITIONAL_PROPERTIES,
    KEY_ALL_OF,
    KEY_ANCHOR,
    KEY_ANY_OF,
    KEY_COMMENT,
    KEY_CONST,
    KEY_CONTAINS,
    KEY_CONTENT_ENCODING,
    KEY_CONTENT_MEDIA_TYPE,
    KEY_DEFAULT,
    KEY_DEFS,
    KEY_DEPENDENT_REQUIRED,
    KEY_DEPENDENT_SCHEMAS,
    KEY_DEPRECATED,
    KEY_DESCRIPTION,
    KEY_ELSE,
    KEY_ENUM,
    KEY_EXAMPLES,
    KEY_EXCLUSIVE_MAXIMUM,
    KEY_EXCLUSIVE_MINIMUM,
    KEY_FORMAT,
    KEY_ID,
    KEY_IF,
    KEY_ITEMS,
    KEY_MAX_CONTAINS,
    KEY_MAX_ITEMS,
    KEY_MAX_LENGTH,
    KEY_MAX_PROPERTIES,
    KEY_MAXIMUM,
    KEY_MIN_CONTAINS,
    KEY_MIN_ITEMS,
    KEY_MIN_LENGTH,
    KEY_MIN_PROPERTIES,
    KEY_MINIMUM,
    KEY_MULTIPLE_OF,
    KEY_NOT,
    KEY_ONE_OF,
    KEY_PATTERN,
    KEY_PATTERN_PROPERTIES,
    KEY_PREFIX_ITEMS,
    KEY_PROPERTIES,
    KEY_PROPERTY_NAMES,
    KEY_READ_ONLY,
    KEY_REF,
    KEY_REQUIRED,
    KEY_SCHEMA,
    KEY_THEN,
    KEY_TITLE,
    KEY_TYPE,
    KEY_UNIQUE_ITEMS,
    KEY_WRITE_ONLY,
    KEY_COUNT
};

const char *const schema_keywords[] = {
    [KEY_ADDITIONAL_PROPERTIES] = "additionalProperties",
    [KEY_ALL_OF] = "allOf",
    [KEY_ANCHOR] = "$anchor",
    [KEY_ANY_OF] = "anyOf",
    [KEY_COMMENT] = "$comment",
    [KEY_CONST] = "const",
    [KEY_CONTAINS] = "contains",
    [KEY_CONTENT_ENCODING] = "contentEncoding",
    [KEY_CONTENT_MEDIA_TYPE] = "contentMediaType",
    [KEY_DEFAULT] = "default",
    [KEY_DEFS] = "$defs",
    [KEY_DEPENDENT_REQUIRED] = "dependentRequired",
    [KEY_DEPENDENT_SCHEMAS] = "dependentSchemas",
    [KEY_DEPRECATED] = "deprecated",
    [KEY_DESCRIPTION] = "description",
    [KEY_ELSE] = "else",
    [KEY_ENUM] = "enum",
    [KEY_EXAMPLES] = "examples",
    [KEY_EXCLUSIVE_MAXIMUM] = "exclusiveMaximum",
    [KEY_EXCLUSIVE_MINIMUM] = "exclusiveMinimum",
    [KEY_FORMAT] = "format",
    [KEY_ID] = "$id",
    [KEY_IF] = "if",
    [KEY_ITEMS] = "items",
    [KEY_MAX_CONTAINS] = "maxContains",
    [KEY_MAX_ITEMS] = "maxItems",
    [KEY_MAX_LENGTH] = "maxLength",
    [KEY_MAX_PROPERTIES] = "maxProperties",
    [KEY_MAXIMUM] = "maximum",
    [KEY_MIN_CONTAINS] = "minContains",
    [KEY_MIN_ITEMS] = "minItems",
    [KEY_MIN_LENGTH] = "minLength",
    [KEY_MIN_PROPERTIES] = "minProperties",
    [KEY_MINIMUM] = "minimum",
    [KEY_MULTIPLE_OF] = "multipleOf",
    [KEY_NOT] = "not",
    [KEY_ONE_OF] = "oneOf",
    [KEY_PATTERN] = "pattern",
    [KEY_PATTERN_PROPERTIES] = "patternProperties",
    [KEY_PREFIX_ITEMS] = "prefixItems",
    [KEY_PROPERTIES] = "properties",
    [KEY_PROPERTY_NAMES] = "propertyNames",
    [KEY_READ_ONLY] = "readOnly",
    [KEY_REF] = "$ref",
    [KEY_REQUIRED] = "required",
    [KEY_SCHEMA] = "$schema",
    [KEY_THEN] = "then",
    [KEY_TITLE] = "title",
    [KEY_TYPE] = "type",
    [KEY_UNIQUE_ITEMS] = "uniqueItems",
    [KEY_WRITE_ONLY] = "writeOnly",
    [KEY_COUNT] = NULL,
};

const char *const schema_keywords_refused[] = {
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveAnchor",
    "$recursiveRef",
    "$vocabulary",
    "additionalItems",
    "contentSchema",
    "definitions",
    "dependencies",
    "divisibleBy",
    "unevaluatedItems",
    "unevaluatedProperties",
    NULL,
};

const char *const schema_type_words[] = {"null",   "boolean", "number", "integer",
                                         "string", "array",   "object", NULL};

#define DIALECT "https://json-schema.org/draft/2020-12/schema"

static const struct json *copy(struct schema_compiler *compiler, const struct json *value)
{
    return json_copy(compiler->schema->doc, value);
}

static struct schema_node *node_of(const struct schema_compiler *compiler, const struct json *tree)
{
    return schema_locate(compiler, tree)->node;
}

static bool put_nothing(struct schema_compiler *compiler, const struct schema_place *place,
                        const struct json *value, void *field)
{
    (void)compiler, (void)place, (void)value, (void)field;
    return true;
}

static bool put_dialect(struct schema_compiler *compiler, const struct schema_place *place,
                        const struct json *value, void *field)
{
    (void)compiler, (void)place, (void)field;
    return slice_is(json_string(value), DIALECT) || slice_is(json_string(value), DIALECT "#");
}

static bool put_text(struct schema_compiler *compiler, const struct schema_place *place,
                     const struct json *value, void *field)
{
    (void)compiler, (void)place, (void)field;
    return value->type == JSON_STRING;
}

static bool put_value(struct schema_compiler *compiler, const struct schema_place *place,
                      const struct json *value, void *field)
{
    (void)place;
    *(const struct json **)field = copy(compiler, value);
    return true;
}

static bool put_values(struct schema_compiler *compiler, const struct schema_place *place,
                       const struct json *value, void *field)
{
    return value->type == JSON_ARRAY && put_value(compiler, place, value, field);
}

static bool put_number(struct schema_compiler *compiler, const struct schema_place *place,
                       const struct json *value, void *field)
{
    place->node->has_number = true;
    return value->type == JSON_NUMBER && put_value(compiler, place, value, field);
}

static bool put_divisor(struct schema_compiler *compiler, const struct schema_place *place,
                        const struct json *value, void *field)
{
    return put_number(compiler, place, value, field) && value->number > 0;
}

static bool put_size(struct schema_compiler *compiler, const struct schema_place *place,
                     const struct json *value, void *field)
{
    (void)compiler;
    struct schema_node *node = place->node;
    // The offset says which kind of value is meant.
    if (field == &node->min_length || field == &node->max_length)
        node->has_string = true;
    else if (field == &node->min_properties || field == &node->max_properties)
        node->has_object = true;
    else
        node->has_array = true;
    *(size_t *)field = (size_t)value->integer;
    return value->type == JSON_NUMBER && value->integral && value->integer >= 0;
}

static bool put_unique(struct schema_compiler *compiler, const struct schema_place *place,
                       const struct json *value, void *field)
{
    (void)compiler;
    place->node->has_array = true;
    *(bool *)field = value->type == JSON_TRUE;
    return value->type == JSON_TRUE || value->type == JSON_FALSE;
}

static bool put_type(struct schema_compiler *compiler, const struct schema_place *place,
                     const struct json *value, void *field)
{
    (void)compiler, (void)place;
    const struct json *word = value->type == JSON_ARRAY ? value->first : value;

    for (; word; word = value->type == JSON_ARRAY ? word->next : NULL) {
        int bit = 0;
        while (schema_type_words[bit] && !slice_is(json_string(word), schema_type_words[bit]))
            bit++;
        if (!schema_type_words[bit])
            return false;
        *(unsigned *)field |= 1u << bit;
    }
    return *(unsigned *)field != 0;
}

static bool put_title(struct schema_compiler *compiler, const struct schema_place *place,
                      const struct json *value, void *field)
{
    (void)field;
    const struct json *russian = json_get(place->tree, "x-title-ru");

    if (value->type != JSON_STRING)
        return false;
    place->node->title[LANGUAGE_EN] = copy(compiler, value)->text.data;
    place->node->title[LANGUAGE_RU] = russian && russian->type == JSON_STRING
                                          ? copy(compiler, russian)->text.data
                                          : place->node->title[LANGUAGE_EN];
    return true;
}

static bool put_pattern(struct schema_compiler *compiler, const struct schema_place *place,
                        const struct json *value, void *field)
{
    char problem[128], en[256], ru[256];

    if (value->type != JSON_STRING)
        return false;
    place->node->has_string = true;
    *(struct schema_pattern **)field =
        schema_pattern_new(compiler->schema, value->text, problem, sizeof problem);
    if (*(struct schema_pattern **)field)
        return true;
    snprintf(en, sizeof en, "the pattern is none: %s", problem);
    snprintf(ru, sizeof ru, "шаблон неправилен: %s", problem);
    return schema_refuse(compiler, place, en, ru);
}

static void mark_kind(const struct schema_place *place, const void *field)
{
    struct schema_node *node = place->node;

    if (field == &node->additional || field == &node->property_names)
        node->has_object = true;
    else if (field == &node->items || field == &node->contains || field == &node->prefix_items)
        node->has_array = true;
    else
        node->has_logic = true;
}

static bool put_schema(struct schema_compiler *compiler, const struct schema_place *place,
                       const struct json *value, void *field)
{
    mark_kind(place, field);
    *(struct schema_node **)field = node_of(compiler, value);
    return true;
}

static bool put_list(struct schema_compiler *compiler, const struct schema_place *place,
                     const struct json *value, void *field)
{
    struct schema_list *list = field;

    mark_kind(place, field);
    list->nodes = json_doc_alloc(compiler->schema->doc, value->count * sizeof *list->nodes);
    for (const struct json *child = value->first; child; child = child->next)
        list->nodes[list->count++] = node_of(compiler, child);
    return true;
}

static bool put_ref(struct schema_compiler *compiler, const struct schema_place *place,
                    const struct json *value, void *field)
{
    if (value->type != JSON_STRING)
        return false;
    struct schema_node *node = place->node; // reading a further file moves the places
    *(struct schema_node **)field = schema_locate_ref(compiler, place, value->text);
    node->has_logic = true;
    return *(struct schema_node **)field != NULL;
}

static bool put_patterns(struct schema_compiler *compiler, const struct schema_place *place,
                         const struct json *value, void *field)
{
    struct schema_node *node = place->node;

    (void)field;
    node->has_object = true;
    node->patterns = json_doc_alloc(compiler->schema->doc, value->count * sizeof *node->patterns);
    for (const struct json *child = value->first; child; child = child->next) {
        struct schema_pattern *pattern = NULL;
        struct json source = {.type = JSON_STRING, .text = child->key};
        if (!put_pattern(compiler, place, &source, &pattern))
            return false;
        node->patterns[node->pattern_count++] =
            (struct schema_pattern_property){pattern, node_of(compiler, child)};
    }
    return true;
}

static bool all_texts(const struct json *value)
{
    if (value->type != JSON_ARRAY)
        return false;
    for (const struct json *child = value->first; child; child = child->next) {
        if (child->type != JSON_STRING)
            return false;
    }
    return true;
}

static bool put_names(struct schema_compiler *compiler, const struct schema_place *place,
                      const struct json *value, void *field)
{
    place->node->has_object = true;
    return all_texts(value) && put_value(compiler, place, value, field);
}

// dependentRequired and dependentSchemas, whichever comes, are added to one array.
static bool put_dependents(struct schema_compiler *compiler, const struct schema_place *place,
                           const struct json *value, void *field)
{
    struct schema_node *node = place->node;
    struct json_doc *doc = compiler->schema->doc;
    size_t count = node->dependent_count;

    (void)field;
    node->has_object = true;
    if (value->type != JSON_OBJECT)
        return false;
    struct schema_dependent *all = json_doc_alloc(doc, (count + value->count) * sizeof *all);
    if (count > 0)
        memcpy(all, node->dependents, count * sizeof *all);
    for (const struct json *child = value->first; child; child = child->next) {
        const struct schema_place *schema = schema_locate(compiler, child);
        if (!schema && !all_texts(child))
            return false;
        all[count++] = (struct schema_dependent){
            .name = copy(compiler, child)->key,
            .required = schema ? NULL : copy(compiler, child),
            .node = schema ? schema->node : NULL,
        };
    }
    node->dependents = all;
    node->dependent_count = count;
    return true;
}

#define FIELD(name) offsetof(struct schema_node, name)

static const struct schema_keyword keywords[KEY_COUNT] = {
    [KEY_ADDITIONAL_PROPERTIES] = {SHAPE_SCHEMA, put_schema, FIELD(additional), NULL, NULL},
    [KEY_ALL_OF] = {SHAPE_LIST, put_list, FIELD(all_of), NULL, NULL},
    [KEY_ANCHOR] = {SHAPE_NONE, put_text, 0, "a name", "имя"},
    [KEY_ANY_OF] = {SHAPE_LIST, put_list, FIELD(any_of), NULL, NULL},
    [KEY_COMMENT] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_CONST] = {SHAPE_NONE, put_value, FIELD(constant), NULL, NULL},
    [KEY_CONTAINS] = {SHAPE_SCHEMA, put_schema, FIELD(contains), NULL, NULL},
    [KEY_CONTENT_ENCODING] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_CONTENT_MEDIA_TYPE] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_DEFAULT] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_DEFS] = {SHAPE_MAP, put_nothing, 0, NULL, NULL},
    [KEY_DEPENDENT_REQUIRED] = {SHAPE_NONE, put_dependents, 0,
                                "names, each with a list of the names that it needs",
                                "имена, каждое со списком имён, которые ему нужны"},
    [KEY_DEPENDENT_SCHEMAS] = {SHAPE_MAP, put_dependents, 0, NULL, NULL},
    [KEY_DEPRECATED] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_DESCRIPTION] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_ELSE] = {SHAPE_SCHEMA, put_schema, FIELD(alternative), NULL, NULL},
    [KEY_ENUM] = {SHAPE_NONE, put_values, FIELD(values), "a list of values", "список значений"},
    [KEY_EXAMPLES] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_EXCLUSIVE_MAXIMUM] = {SHAPE_NONE, put_number, FIELD(exclusive_maximum), "a number",
                               "число"},
    [KEY_EXCLUSIVE_MINIMUM] = {SHAPE_NONE, put_number, FIELD(exclusive_minimum), "a number",
                               "число"},
    [KEY_FORMAT] = {SHAPE_NONE, put_text, 0, "a text", "текст"},
    [KEY_ID] = {SHAPE_NONE, put_text, 0, "a URI reference", "ссылка URI"},
    [KEY_IF] = {SHAPE_SCHEMA, put_schema, FIELD(condition), NULL, NULL},
    [KEY_ITEMS] = {SHAPE_SCHEMA, put_schema, FIELD(items), NULL, NULL},
    [KEY_MAX_CONTAINS] = {SHAPE_NONE, put_size, FIELD(max_contains), "a whole number from 0",
                          "целое число от 0"},
    [KEY_MAX_ITEMS] = {SHAPE_NONE, put_size, FIELD(max_items), "a whole number from 0",
                       "целое число от 0"},
    [KEY_MAX_LENGTH] = {SHAPE_NONE, put_size, FIELD(max_length), "a whole number from 0",
                        "целое число от 0"},
    [KEY_MAX_PROPERTIES] = {SHAPE_NONE, put_size, FIELD(max_properties), "a whole number from 0",
                            "целое число от 0"},
    [KEY_MAXIMUM] = {SHAPE_NONE, put_number, FIELD(maximum), "a number", "число"},
    [KEY_MIN_CONTAINS] = {SHAPE_NONE, put_size, FIELD(min_contains), "a whole number from 0",
                          "целое число от 0"},
    [KEY_MIN_ITEMS] = {SHAPE_NONE, put_size, FIELD(min_items), "a whole number from 0",
                       "целое число от 0"},
    [KEY_MIN_LENGTH] = {SHAPE_NONE, put_size, FIELD(min_length), "a whole number from 0",
                        "целое число от 0"},
    [KEY_MIN_PROPERTIES] = {SHAPE_NONE, put_size, FIELD(min_properties), "a whole number from 0",
                            "целое число от 0"},
    [KEY_MINIMUM] = {SHAPE_NONE, put_number, FIELD(minimum), "a number", "число"},
    [KEY_MULTIPLE_OF] = {SHAPE_NONE, put_divisor, FIELD(multiple_of), "a number above 0",
                         "число больше 0"},
    [KEY_NOT] = {SHAPE_SCHEMA, put_schema, FIELD(not ), NULL, NULL},
    [KEY_ONE_OF] = {SHAPE_LIST, put_list, FIELD(one_of), NULL, NULL},
    [KEY_PATTERN] = {SHAPE_NONE, put_pattern, FIELD(pattern), "a regular expression",
                     "регулярное выражение"},
    [KEY_PATTERN_PROPERTIES] = {SHAPE_MAP, put_patterns, 0, NULL, NULL},
    [KEY_PREFIX_ITEMS] = {SHAPE_LIST, put_list, FIELD(prefix_items), NULL, NULL},
    [KEY_PROPERTIES] = {SHAPE_MAP, put_value, FIELD(properties), NULL, NULL},
    [KEY_PROPERTY_NAMES] = {SHAPE_SCHEMA, put_schema, FIELD(property_names), NULL, NULL},
    [KEY_READ_ONLY] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
    [KEY_REF] = {SHAPE_NONE, put_ref, FIELD(ref), "a reference", "ссылка"},
    [KEY_REQUIRED] = {SHAPE_NONE, put_names, FIELD(required), "a list of names", "список имён"},
    [KEY_SCHEMA] = {SHAPE_NONE, put_dialect, 0, DIALECT, DIALECT},
    [KEY_THEN] = {SHAPE_SCHEMA, put_schema, FIELD(consequence), NULL, NULL},
    [KEY_TITLE] = {SHAPE_NONE, put_title, 0, "a text", "текст"},
    [KEY_TYPE] = {SHAPE_NONE, put_type, FIELD(types),
                  "one or several of null, boolean, number, integer, string, array, object",
                  "одно или несколько из null, boolean, number, integer, string, array, object"},
    [KEY_UNIQUE_ITEMS] = {SHAPE_NONE, put_unique, FIELD(unique), "true or false", "true или false"},
    [KEY_WRITE_ONLY] = {SHAPE_NONE, put_nothing, 0, NULL, NULL},
};

const struct schema_keyword *schema_keyword_find(struct slice name)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (slice_is(name, schema_keywords[i]))
            return &keywords[i];
    }
    return NULL;
}
