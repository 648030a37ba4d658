// What a value is told when it does not fit: one table of sentences in both languages.
#include "lib/schema_node.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_COLUMNS = 60, LIST_BYTES = 240 };

// {at} the field · {value} what it holds · {limit} the number asked for · {count} how many there are ·
// {name} a field's name · {list} what is allowed · {pattern} and {title} of the schema.
static const struct {
    const char *text[LANGUAGE_COUNT];
} sentences[FAULT_COUNT] = {
    [FAULT_NEVER] = {{"{at} must not be there; leave it out.",
                      "{at}: этого здесь быть не должно; уберите."}},
    [FAULT_TYPE] = {{"{at} is {value}; it must be {list}.",
                     "{at}: {value} не подходит; нужно: {list}."}},
    [FAULT_ENUM] = {{"{at} is {value}; it must be one of {list}.",
                     "{at}: {value} не подходит; допускается одно из: {list}."}},
    [FAULT_CONST] = {{"{at} is {value}; it must be {list}.",
                      "{at}: {value} не подходит; допускается только {list}."}},
    [FAULT_MINIMUM] = {{"{at} is {value}; it must be at least {limit}.",
                        "{at}: {value} слишком мало; нужно не меньше {limit}."}},
    [FAULT_MAXIMUM] = {{"{at} is {value}; it must be at most {limit}.",
                        "{at}: {value} слишком много; нужно не больше {limit}."}},
    [FAULT_EXCLUSIVE_MINIMUM] = {{"{at} is {value}; it must be more than {limit}.",
                                  "{at}: {value} слишком мало; нужно больше {limit}."}},
    [FAULT_EXCLUSIVE_MAXIMUM] = {{"{at} is {value}; it must be less than {limit}.",
                                  "{at}: {value} слишком много; нужно меньше {limit}."}},
    [FAULT_MULTIPLE] = {{"{at} is {value}; it must be a multiple of {limit}.",
                         "{at}: {value} не подходит; нужно кратное {limit}."}},
    [FAULT_MIN_LENGTH] = {{"{at} is {value}; it needs a length of at least {limit} (now {count}).",
                           "{at}: {value} — слишком коротко; нужно знаков не меньше {limit}, "
                           "сейчас {count}."}},
    [FAULT_MAX_LENGTH] = {{"{at} has a length of {count}; it may be at most {limit} characters.",
                           "{at}: слишком длинно, знаков {count}; допускается не больше {limit}."}},
    [FAULT_PATTERN] = {{"{at} is {value}; it must match {pattern}.",
                        "{at}: {value} не подходит; нужен вид {pattern}."}},
    [FAULT_MIN_ITEMS] = {{"{at} is a list of {count}; it needs at least {limit}.",
                          "{at}: в списке элементов {count}; нужно не меньше {limit}."}},
    [FAULT_MAX_ITEMS] = {{"{at} is a list of {count}; it may have at most {limit}.",
                          "{at}: в списке элементов {count}; допускается не больше {limit}."}},
    [FAULT_UNIQUE] = {{"{at} has an element twice; give each one once.",
                       "{at}: один и тот же элемент указан дважды; укажите его один раз."}},
    [FAULT_MIN_CONTAINS] =
        {{"{at} has too few elements of the wanted kind; it needs {limit}.",
          "{at}: слишком мало элементов нужного вида; нужно не меньше {limit}."}},
    [FAULT_MAX_CONTAINS] = {{"{at} has too many elements of one kind; it may have {limit}.",
                             "{at}: слишком много элементов одного вида; допускается не больше "
                             "{limit}."}},
    [FAULT_MIN_PROPERTIES] = {{"{at} has {count} fields; it needs at least {limit}.",
                               "{at}: полей {count}; нужно не меньше {limit}."}},
    [FAULT_MAX_PROPERTIES] = {{"{at} has {count} fields; it may have at most {limit}.",
                               "{at}: полей {count}; допускается не больше {limit}."}},
    [FAULT_REQUIRED] = {{"{at} has no {name}; it is required.",
                         "{at}: нет поля {name}; оно обязательно."}},
    [FAULT_UNKNOWN] = {{"{at} has the unknown field {name}; known are {list}.",
                        "{at}: неизвестное поле {name}; есть такие: {list}."}},
    [FAULT_NAME] = {{"{at} has a field of the name {name}, which is not allowed here.",
                     "{at}: имя поля {name} здесь не допускается."}},
    [FAULT_DEPENDENT] = {{"{at} has no {name}; another field that is given needs it.",
                          "{at}: нет поля {name}; его требует другое указанное поле."}},
    [FAULT_ANY] = {{"{at} is {value}; that fits none of the allowed forms.",
                    "{at}: {value} не подходит ни под один из допустимых видов."}},
    [FAULT_ONE_NONE] = {{"{at} is {value}; that fits none of the allowed forms.",
                         "{at}: {value} не подходит ни под один из допустимых видов."}},
    [FAULT_ONE_SEVERAL] = {{"{at} is {value}; that fits several forms where one is allowed.",
                            "{at}: {value} подходит под несколько видов, а допускается один."}},
    [FAULT_NOT] = {{"{at} is {value}; just that is not allowed here.",
                    "{at}: {value} — именно это здесь не допускается."}},
};

// A pattern whose schema has a title is explained by it.
static const char *const pattern_titled[LANGUAGE_COUNT] = {
    "{at} is {value}; what is wanted: {title}.", "{at}: {value} не подходит; нужно: {title}."};

// anyOf that only asks for fields is explained by their names.
static const char *const any_required[LANGUAGE_COUNT] = {
    "{at} has none of the fields {list}; one of them is required.",
    "{at}: нет ни одного из полей {list}; нужно хотя бы одно."};

static const char *const whole[LANGUAGE_COUNT] = {"the value", "значение"};
static const char *const an_object[LANGUAGE_COUNT] = {"an object", "объект"};
static const char *const a_list[LANGUAGE_COUNT] = {"a list", "список"};
static const char *const no_fields[LANGUAGE_COUNT] = {"none", "никаких"};

// In the order of schema_type_words.
static const char *const type_names[][LANGUAGE_COUNT] = {
    {"null", "null"},        {"true or false", "true или false"},
    {"a number", "число"},   {"a whole number", "целое число"},
    {"a text", "текст"},     {"a list", "список"},
    {"an object", "объект"},
};

struct saying {
    const char *at;
    const struct schema_step *step;
    const struct schema_node *node;
    const struct json *value;
    enum schema_fault fault;
    struct slice name;
    enum language language;
};

static void add_clipped(struct buf *out, struct slice text)
{
    struct slice shown = text_clip(text, SHOWN_COLUMNS);

    buf_add(out, shown.data, shown.length);
    if (shown.length < text.length)
        buf_add_text(out, "…");
}

static void add_pointer(struct buf *out, const struct schema_step *step)
{
    if (!step)
        return;
    add_pointer(out, step->up);
    buf_add_char(out, '/');
    if (!step->key.data) {
        buf_printf(out, "%zu", step->index);
        return;
    }
    for (size_t i = 0; i < step->key.length; i++) {
        if (step->key.data[i] == '~' || step->key.data[i] == '/')
            buf_add_text(out, step->key.data[i] == '~' ? "~0" : "~1");
        else
            buf_add_char(out, step->key.data[i]);
    }
}

// As people write it: data.premise.house, data.nodes[3].
static void add_steps(struct buf *out, const struct schema_step *step)
{
    if (!step)
        return;
    add_steps(out, step->up);
    if (!step->key.data) {
        buf_printf(out, "[%zu]", step->index);
        return;
    }
    if (out->length > 0)
        buf_add_char(out, '.');
    add_clipped(out, step->key);
}

static void add_place(struct buf *out, const struct saying *saying)
{
    struct buf place = {0};
    const char *at = saying->at;

    for (at += *at == '/'; *at; at++)
        buf_add_char(&place, *at == '/' ? '.' : *at);
    add_steps(&place, saying->step);
    buf_add_text(out, place.length > 0 ? place.data : whole[saying->language]);
    buf_fini(&place);
}

static void add_value(struct buf *out, const struct json *value, enum language language)
{
    struct buf text = {0};

    if (value->type == JSON_OBJECT) {
        buf_add_text(out, an_object[language]);
    } else if (value->type == JSON_ARRAY) {
        buf_add_text(out, a_list[language]);
    } else {
        json_write(&text, value);
        add_clipped(out, (struct slice){text.data, text.length});
    }
    buf_fini(&text);
}

// Adds to a list; false when it is long enough.
static bool add_item(struct buf *list, struct slice text)
{
    if (list->length > 0)
        buf_add_text(list, ", ");
    if (list->length + text.length > LIST_BYTES) {
        buf_add_text(list, "…");
        return false;
    }
    add_clipped(list, text);
    return true;
}

static void list_values(struct buf *list, const struct json *values)
{
    for (const struct json *value = values->first; value; value = value->next) {
        struct buf text = {0};
        if (value->type == JSON_STRING && value->text.length > 0)
            buf_add(&text, value->text.data, value->text.length);
        else
            json_write(&text, value);
        bool more = add_item(list, (struct slice){text.data, text.length});
        buf_fini(&text);
        if (!more)
            return;
    }
}

// Whether an object failed anyOf whose every branch asks for one field.
static bool asks_for_fields(const struct saying *saying)
{
    struct schema_list any_of = saying->node->any_of;

    if (saying->fault != FAULT_ANY || saying->value->type != JSON_OBJECT)
        return false;
    for (size_t i = 0; i < any_of.count; i++) {
        const struct schema_node *branch = any_of.nodes[i];

        if (!branch->required || branch->required->count != 1 ||
            json_get_slice(saying->value, branch->required->first->text))
            return false;
    }
    return true;
}

static void add_list(struct buf *out, const struct saying *saying)
{
    const struct schema_node *node = saying->node;
    struct buf list = {0};

    if (saying->fault == FAULT_TYPE) {
        for (int bit = 0; schema_type_words[bit]; bit++) {
            if (node->types & (1u << bit))
                add_item(&list, slice_of(type_names[bit][saying->language]));
        }
    } else if (saying->fault == FAULT_ENUM) {
        list_values(&list, node->values);
    } else if (saying->fault == FAULT_CONST) {
        json_write(&list, node->constant);
    } else if (saying->fault == FAULT_ANY) {
        for (size_t i = 0; i < node->any_of.count; i++)
            add_item(&list, node->any_of.nodes[i]->required->first->text);
    } else {
        for (const struct json *known = node->properties ? node->properties->first : NULL; known;
             known = known->next) {
            if (!add_item(&list, known->key))
                break;
        }
        if (list.length == 0)
            buf_add_text(&list, no_fields[saying->language]);
    }
    buf_add(out, list.data, list.length);
    buf_fini(&list);
}

static void add_limit(struct buf *out, const struct saying *saying)
{
    const struct schema_node *node = saying->node;

    switch (saying->fault) {
    case FAULT_MINIMUM: json_write(out, node->minimum); return;
    case FAULT_MAXIMUM: json_write(out, node->maximum); return;
    case FAULT_EXCLUSIVE_MINIMUM: json_write(out, node->exclusive_minimum); return;
    case FAULT_EXCLUSIVE_MAXIMUM: json_write(out, node->exclusive_maximum); return;
    case FAULT_MULTIPLE: json_write(out, node->multiple_of); return;
    case FAULT_MIN_LENGTH: buf_printf(out, "%zu", node->min_length); return;
    case FAULT_MAX_LENGTH: buf_printf(out, "%zu", node->max_length); return;
    case FAULT_MIN_ITEMS: buf_printf(out, "%zu", node->min_items); return;
    case FAULT_MAX_ITEMS: buf_printf(out, "%zu", node->max_items); return;
    case FAULT_MIN_CONTAINS: buf_printf(out, "%zu", node->min_contains); return;
    case FAULT_MAX_CONTAINS: buf_printf(out, "%zu", node->max_contains); return;
    case FAULT_MIN_PROPERTIES: buf_printf(out, "%zu", node->min_properties); return;
    case FAULT_MAX_PROPERTIES: buf_printf(out, "%zu", node->max_properties); return;
    default: return;
    }
}

static void add_count(struct buf *out, const struct json *value)
{
    size_t count = value->count;

    if (value->type == JSON_STRING) {
        for (size_t i = 0; i < value->text.length; i++)
            count += ((unsigned char)value->text.data[i] & 0xC0) != 0x80;
    }
    buf_printf(out, "%zu", count);
}

static void add_word(struct buf *out, const struct saying *saying, struct slice word)
{
    if (slice_is(word, "at"))
        add_place(out, saying);
    else if (slice_is(word, "value"))
        add_value(out, saying->value, saying->language);
    else if (slice_is(word, "limit"))
        add_limit(out, saying);
    else if (slice_is(word, "count"))
        add_count(out, saying->value);
    else if (slice_is(word, "name"))
        add_clipped(out, saying->name);
    else if (slice_is(word, "list"))
        add_list(out, saying);
    else if (slice_is(word, "title"))
        buf_add_text(out, saying->node->title[saying->language]);
    else
        buf_add_text(out, schema_pattern_source(saying->node->pattern));
}

static void compose(struct buf *out, const struct saying *saying)
{
    const char *sentence = sentences[saying->fault].text[saying->language];

    if (saying->fault == FAULT_PATTERN && saying->node->title[saying->language])
        sentence = pattern_titled[saying->language];
    if (asks_for_fields(saying))
        sentence = any_required[saying->language];
    while (*sentence) {
        size_t plain = strcspn(sentence, "{");
        buf_add(out, sentence, plain);
        sentence += plain;
        if (*sentence) {
            size_t word = strcspn(sentence, "}");
            add_word(out, saying, (struct slice){sentence + 1, word - 1});
            sentence += word + 1;
        }
    }
}

bool schema_say(struct err *err, const char *at, const struct schema_step *step,
                const struct schema_node *node, const struct json *value, enum schema_fault fault,
                struct slice name)
{
    struct buf said[LANGUAGE_COUNT] = {{0}};
    struct buf pointer = {0};
    struct saying saying = {at, step, node, value, fault, name, LANGUAGE_EN};

    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        saying.language = (enum language)language;
        compose(&said[language], &saying);
    }
    err_say(err, ERR_INVALID, "schema", buf_text(&said[LANGUAGE_EN]), buf_text(&said[LANGUAGE_RU]));
    buf_add_text(&pointer, at);
    add_pointer(&pointer, step);
    if (fault == FAULT_UNKNOWN || fault == FAULT_NAME) {
        struct schema_step to_name = {.key = name};
        add_pointer(&pointer, &to_name);
    }
    err_set_path(err, "%s", buf_text(&pointer));
    for (int language = 0; language < LANGUAGE_COUNT; language++)
        buf_fini(&said[language]);
    buf_fini(&pointer);
    return false;
}
