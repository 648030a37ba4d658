#include "lib/yaml.h"

#include "lib/file.h"
#include "lib/json_arena.h"
#include "lib/json_number.h"
#include "lib/text.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

enum { SHOWN_COLUMNS = 60 }; // of a faulty key, within a sentence

// What libyaml says, in the words of the user. The English is libyaml's own.
static const struct {
    const char *libyaml;
    const char *russian;
} libyaml_says[] = {
    {"did not find expected key", "здесь ожидается ключ; проверьте отступ и кавычки"},
    {"did not find expected ',' or '}'", "нужна «,» или «}»"},
    {"did not find expected ',' or ']'", "нужна «,» или «]»"},
    {"did not find expected '-' indicator", "здесь ожидается «-» очередного элемента списка"},
    {"did not find expected node content", "здесь ожидается значение"},
    {"did not find expected <document start>", "после значения стоит что-то ещё"},
    {"could not find expected ':'", "после ключа нужно двоеточие"},
    {"mapping values are not allowed in this context",
     "двоеточие здесь стоять не может; проверьте отступ или заключите текст в кавычки"},
    {"block sequence entries are not allowed in this context",
     "элемент списка здесь стоять не может; проверьте отступ"},
    {"found character that cannot start any token",
     "с этого знака значение начинаться не может; заключите текст в кавычки"},
    {"found a tab character", "отступ делается пробелами, а не табуляцией"},
    {"found unexpected end of stream", "кавычка открыта и не закрыта"},
    {"found unknown escape character", "такого экранирования нет"},
    {"control characters are not allowed", "управляющие знаки не допускаются"},
    {"UTF-8", "байты, которые не являются UTF-8"},
};

// A value and where it stands.
struct placed {
    struct json json;
    int line, column;
};

// An open mapping or sequence, its last child, and the key that waits for its value.
struct level {
    struct placed *container;
    struct json *last;
    struct slice key;
    yaml_mark_t key_mark;
    bool keyed;
};

struct reader {
    struct json_doc *doc;
    const char *name;
    struct err *err;
    struct placed *root;
    struct level levels[JSON_DEPTH_DEFAULT];
    int open;
};

static bool fault(const struct reader *reader, yaml_mark_t mark, const char *english,
                  const char *russian)
{
    int line = (int)mark.line + 1;
    int column = (int)mark.column + 1;
    char en[ERR_MESSAGE_BYTES], ru[ERR_MESSAGE_BYTES];

    snprintf(en, sizeof en, "%s:%d:%d: %s.", reader->name, line, column, english);
    snprintf(ru, sizeof ru, "%s:%d:%d: %s.", reader->name, line, column, russian);
    err_say(reader->err, ERR_INVALID, "yaml", en, ru);
    err_set_path(reader->err, "%s:%d:%d", reader->name, line, column);
    return false;
}

static bool fault_of_libyaml(const struct reader *reader, const yaml_parser_t *parser)
{
    const char *english = parser->problem ? parser->problem : "this is not YAML";
    const char *russian = "это не YAML";
    yaml_mark_t mark = parser->problem_mark;

    for (size_t i = 0; i < sizeof libyaml_says / sizeof *libyaml_says; i++) {
        if (strstr(english, libyaml_says[i].libyaml)) {
            russian = libyaml_says[i].russian;
            break;
        }
    }
    if (parser->error == YAML_READER_ERROR) // such an error carries an offset and no mark
        mark = parser->mark;
    return fault(reader, mark, english, russian);
}

// JSON's grammar of a number.
static bool is_number(struct slice text)
{
    const char *at = text.data; // NUL-terminated
    const char *end = at + text.length;

    at += *at == '-';
    if (*at == '0')
        at++;
    else if (*at >= '1' && *at <= '9')
        at += strspn(at, "0123456789");
    else
        return false;
    if (*at == '.') {
        size_t digits = strspn(at + 1, "0123456789");
        at += 1 + digits;
        if (digits == 0)
            return false;
    }
    if (*at == 'e' || *at == 'E') {
        at++;
        at += *at == '-' || *at == '+';
        size_t digits = strspn(at, "0123456789");
        at += digits;
        if (digits == 0)
            return false;
    }
    return at == end;
}

static bool resolve_plain(const struct reader *reader, yaml_mark_t mark, struct json *value)
{
    struct slice text = value->text;

    value->type = JSON_STRING;
    if (text.length == 0 || slice_is(text, "~") || slice_is(text, "null"))
        value->type = JSON_NULL;
    else if (slice_is(text, "true"))
        value->type = JSON_TRUE;
    else if (slice_is(text, "false"))
        value->type = JSON_FALSE;
    else if (is_number(text))
        value->type = JSON_NUMBER;
    if (value->type == JSON_NUMBER &&
        !json_number_read(text, &value->number, &value->integer, &value->integral))
        return fault(reader, mark, "the number is too large; numbers go up to 1.7e308",
                     "число слишком велико; числа допускаются до 1.7e308");
    if (value->type != JSON_NUMBER && value->type != JSON_STRING)
        value->text = (struct slice){0};
    return true;
}

// Takes a place for a value at the end of what is open.
static struct placed *place(struct reader *reader, enum json_type type, yaml_mark_t mark)
{
    struct placed *value = json_doc_alloc(reader->doc, sizeof *value);

    value->json.type = type;
    if (reader->open > 0 && reader->levels[reader->open - 1].keyed)
        mark = reader->levels[reader->open - 1].key_mark;
    value->line = (int)mark.line + 1;
    value->column = (int)mark.column + 1;
    if (reader->open == 0) {
        reader->root = value;
        return value;
    }
    struct level *level = &reader->levels[reader->open - 1];
    value->json.key = level->key;
    level->key = (struct slice){0};
    level->keyed = false;
    if (level->last)
        level->last->next = &value->json;
    else
        level->container->json.first = &value->json;
    level->last = &value->json;
    level->container->json.count++;
    return value;
}

static bool expects_key(const struct reader *reader)
{
    const struct level *level = reader->open > 0 ? &reader->levels[reader->open - 1] : NULL;

    return level && level->container->json.type == JSON_OBJECT && !level->keyed;
}

static bool on_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct slice given = {(const char *)event->data.scalar.value, event->data.scalar.length};
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    if (event->data.scalar.anchor || event->data.scalar.tag)
        return fault(reader, event->start_mark, "anchors and tags are not used here; remove it",
                     "якоря и теги здесь не используются; уберите");
    if (given.length > 0 && memchr(given.data, '\0', given.length))
        return fault(reader, event->start_mark, "U+0000 is not a character of a text",
                     "U+0000 не является знаком текста");
    char *copy = json_doc_alloc(reader->doc, given.length + 1);
    memcpy(copy, given.data, given.length);
    struct slice text = {copy, given.length};
    if (expects_key(reader)) {
        struct level *level = &reader->levels[reader->open - 1];
        if (plain && slice_is(text, "<<"))
            return fault(reader, event->start_mark, "merge keys are not used here; write it out",
                         "ключи слияния здесь не используются; напишите полностью");
        level->key = text;
        level->key_mark = event->start_mark;
        level->keyed = true;
        return true;
    }
    struct json *value = &place(reader, JSON_STRING, event->start_mark)->json;
    value->text = text;
    return !plain || resolve_plain(reader, event->start_mark, value);
}

static bool on_open(struct reader *reader, const yaml_event_t *event, enum json_type type)
{
    bool mapping = type == JSON_OBJECT;
    const void *anchor =
        mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
    const void *tag = mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;

    if (anchor || tag)
        return fault(reader, event->start_mark, "anchors and tags are not used here; remove it",
                     "якоря и теги здесь не используются; уберите");
    if (expects_key(reader))
        return fault(reader, event->start_mark, "a key must be a plain word or a string",
                     "ключ должен быть словом или строкой");
    if (reader->open == JSON_DEPTH_DEFAULT)
        return fault(reader, event->start_mark,
                     "nested more than 32 levels deep; that is the limit",
                     "вложенность больше 32 уровней; это предел");
    struct placed *container = place(reader, type, event->start_mark);
    reader->levels[reader->open++] = (struct level){.container = container};
    return true;
}

static bool on_mapping_end(struct reader *reader)
{
    const struct json *object = &reader->levels[--reader->open].container->json;
    const struct json *doubled = json_arena_doubled(reader->doc, object);
    char english[ERR_PATH_BYTES], russian[ERR_PATH_BYTES + 100];
    yaml_mark_t mark = {0};

    if (!doubled)
        return true;
    struct slice shown = text_clip(doubled->key, SHOWN_COLUMNS);
    int line, column;
    yaml_place(doubled, &line, &column);
    mark.line = (size_t)line - 1;
    mark.column = (size_t)column - 1;
    snprintf(english, sizeof english, "the key \"%.*s\" stands twice; give it once",
             (int)shown.length, shown.data);
    snprintf(russian, sizeof russian, "ключ «%.*s» указан дважды; укажите его один раз",
             (int)shown.length, shown.data);
    return fault(reader, mark, english, russian);
}

static bool on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (!reader->root)
            return true;
        return fault(reader, event->start_mark, "a file holds one document; remove the second",
                     "в файле один документ; уберите второй");
    case YAML_ALIAS_EVENT:
        return fault(reader, event->start_mark, "aliases are not used here; write it out",
                     "ссылки на якоря здесь не используются; напишите полностью");
    case YAML_SCALAR_EVENT: return on_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT: return on_open(reader, event, JSON_ARRAY);
    case YAML_MAPPING_START_EVENT: return on_open(reader, event, JSON_OBJECT);
    case YAML_SEQUENCE_END_EVENT: reader->open--; return true;
    case YAML_MAPPING_END_EVENT: return on_mapping_end(reader);
    default: return true;
    }
}

struct json *yaml_parse(struct json_doc *doc, const char *text, size_t length, const char *name,
                        struct err *err)
{
    struct reader reader = {.doc = doc, .name = name, .err = err};
    yaml_parser_t parser;
    bool good = true;

    json_doc_reset(doc);
    if (length > YAML_FILE_BYTES) {
        err_set(err, ERR_INVALID, "yaml", "%s is larger than %d KiB; that is the limit.",
                "%s больше %d КиБ; это предел.", name, YAML_FILE_BYTES / 1024);
        err_set_path(err, "%s:1:1", name);
        return NULL;
    }
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(length > 0 ? text : ""), length);
    for (bool more = true; more && good;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            good = fault_of_libyaml(&reader, &parser);
            break;
        }
        more = event.type != YAML_STREAM_END_EVENT;
        good = on_event(&reader, &event);
        yaml_event_delete(&event);
    }
    if (good && !reader.root)
        place(&reader, JSON_NULL, parser.mark);
    yaml_parser_delete(&parser);
    return good ? &reader.root->json : NULL;
}

struct json *yaml_read(struct json_doc *doc, const char *file, struct err *err)
{
    struct buf text = {0};
    struct json *tree = NULL;

    // One byte more than may be, to see that there is too much.
    if (file_read_trusted(file, YAML_FILE_BYTES + 1, &text, err) == ERR_OK)
        tree = yaml_parse(doc, buf_text(&text), text.length, file, err);
    buf_fini(&text);
    return tree;
}

void yaml_place(const struct json *value, int *line, int *column)
{
    const struct placed *placed = (const struct placed *)(const void *)value;

    *line = placed->line;
    *column = placed->column;
}

enum err_code yaml_fault(const char *file, const struct json *value, const char *reason,
                         const char *english, const char *russian, struct err *err)
{
    int line, column;

    yaml_place(value, &line, &column);
    err_set(err, ERR_INVALID, reason, "%s:%d:%d: %s%.0s", "%s:%d:%d: %.0s%s", file, line, column,
            english, russian);
    err_set_path(err, "%s:%d:%d", file, line, column);
    return ERR_INVALID;
}
