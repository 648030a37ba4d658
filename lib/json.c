#include "lib/json.h"

#include "lib/json_arena.h"
#include "lib/json_number.h"
#include "lib/text.h"

#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

enum { SHOWN_COLUMNS = 60 }; // of a faulty key or number, within a sentence

// What yajl says, in the words of the user. The English is yajl's own, so that it can be looked up.
static const struct {
    const char *yajl;
    const char *russian;
} yajl_says[] = {
    {"invalid bytes in UTF8 string", "внутри строки байты, которые не являются UTF-8"},
    {"'\\' occurs before a character which it may not",
     "внутри строки обратная косая черта стоит перед знаком, который она не экранирует"},
    {"invalid character inside string", "управляющий знак внутри строки должен быть экранирован"},
    {"invalid (non-hex) character occurs after '\\u' inside string",
     "после \\u внутри строки нужны четыре шестнадцатеричные цифры"},
    {"invalid string in json text", "слово без кавычек; без них пишутся только true, false и null"},
    {"a digit is required after the decimal point", "в числе после точки нужна цифра"},
    {"a digit is required after the exponent", "в числе после показателя степени нужна цифра"},
    {"a digit is required after the minus sign", "в числе после минуса нужна цифра"},
    {"probable comment found in input text", "комментарии в JSON не допускаются"},
    {"trailing garbage", "после значения стоит что-то ещё"},
    {"invalid object key (must be a string)", "ключ объекта должен быть строкой в кавычках"},
    {"object key and value must be separated by a colon",
     "между ключом и значением нужно двоеточие"},
    {"after key and value, inside map, I expect ',' or '}'",
     "после ключа и значения внутри объекта нужна «,» или «}»"},
    {"after array element, I expect ',' or ']'", "после элемента массива нужна «,» или «]»"},
    {"unallowed token at this point in JSON text", "на этом месте такой знак стоять не может"},
    {"premature EOF", "текст обрывается на середине"},
    {"invalid char in json text", "знак, с которого не начинается никакое значение"},
};

// An open object or array and its last child.
struct level {
    struct json *container;
    struct json *last;
};

struct json_parser {
    struct json_doc *doc;
    struct err *err;
    int depth;
    int open;
    struct json *root;
    struct slice key;
    struct level *levels;
    bool refused; // one of our own rules has written the error
};

// Takes a place for a value at the end of what is open.
static struct json *place(struct json_parser *parser, enum json_type type)
{
    struct json *value = json_arena_take(parser->doc, sizeof *value);

    *value = (struct json){.type = type};
    if (parser->open == 0) {
        parser->root = value;
        return value;
    }
    struct level *level = &parser->levels[parser->open - 1];
    value->key = parser->key;
    parser->key = (struct slice){0};
    if (level->last)
        level->last->next = value;
    else
        level->container->first = value;
    level->last = value;
    level->container->count++;
    return value;
}

static struct slice keep(struct json_parser *parser, const unsigned char *data, size_t length)
{
    char *copy = json_arena_take(parser->doc, length + 1);

    memcpy(copy, data, length);
    copy[length] = '\0';
    return (struct slice){copy, length};
}

static int on_null(void *context)
{
    place(context, JSON_NULL);
    return 1;
}

static int on_boolean(void *context, int truth)
{
    place(context, truth ? JSON_TRUE : JSON_FALSE);
    return 1;
}

static int on_number(void *context, const char *data, size_t length)
{
    struct json_parser *parser = context;
    struct json *value = place(parser, JSON_NUMBER);

    value->text = keep(parser, (const unsigned char *)data, length);
    if (json_number_read(value->text, &value->number, &value->integer, &value->integral))
        return 1;
    parser->refused = true;
    err_set(parser->err, ERR_INVALID, "json",
            "The number %.*s is too large; numbers go up to 1.7e308.",
            "Число %.*s слишком велико; числа допускаются до 1.7e308.",
            length < SHOWN_COLUMNS ? (int)length : SHOWN_COLUMNS, data);
    return 0;
}

static int on_string(void *context, const unsigned char *data, size_t length)
{
    struct json_parser *parser = context;

    place(parser, JSON_STRING)->text = keep(parser, data, length);
    return 1;
}

static int on_key(void *context, const unsigned char *data, size_t length)
{
    struct json_parser *parser = context;

    parser->key = keep(parser, data, length);
    return 1;
}

static int open_level(struct json_parser *parser, enum json_type type)
{
    if (parser->open == parser->depth) {
        parser->refused = true;
        err_set(parser->err, ERR_INVALID, "json",
                "The JSON is nested more than %d levels deep; that is the limit.",
                "Вложенность JSON больше %d уровней; это предел.", parser->depth);
        return 0;
    }
    struct json *value = place(parser, type);
    parser->levels = json_arena_levels(parser->doc, (size_t)parser->open, sizeof(struct level));
    parser->levels[parser->open++] = (struct level){value, NULL};
    return 1;
}

static int on_object(void *context)
{
    return open_level(context, JSON_OBJECT);
}

static int on_array(void *context)
{
    return open_level(context, JSON_ARRAY);
}

static int on_array_end(void *context)
{
    struct json_parser *parser = context;

    parser->open--;
    return 1;
}

static int on_object_end(void *context)
{
    struct json_parser *parser = context;
    const struct json *object = parser->levels[--parser->open].container;
    const struct json *doubled = json_arena_doubled(parser->doc, object);

    if (!doubled)
        return 1;
    struct slice shown = text_clip(doubled->key, SHOWN_COLUMNS);
    parser->refused = true;
    err_set(parser->err, ERR_INVALID, "json",
            "The key \"%.*s\" stands twice in one object; give it once.",
            "Ключ «%.*s» указан в одном объекте дважды; укажите его один раз.", (int)shown.length,
            shown.data);
    return 0;
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_object,
    .yajl_map_key = on_key,
    .yajl_end_map = on_object_end,
    .yajl_start_array = on_array,
    .yajl_end_array = on_array_end,
};

// yajl takes its handle and buffers from the arena: nothing to free, and no malloc an event. A size
// stands before each block, since resizing has to copy it.
struct block {
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void *pool_take(void *context, size_t size)
{
    struct block *block = json_arena_take(context, sizeof *block + size);

    block->size = size;
    return block->bytes;
}

static void *pool_resize(void *context, void *old, size_t size)
{
    if (!old)
        return pool_take(context, size);
    const struct block *before = (void *)((char *)old - offsetof(struct block, bytes));
    return memcpy(pool_take(context, size), old, before->size < size ? before->size : size);
}

static void pool_free(void *context, void *old)
{
    (void)context;
    (void)old;
}

static bool hex4(const char *at, const char *end, unsigned *unit)
{
    if (end - at < 4)
        return false;
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        if (c >= '0' && c <= '9')
            *unit = *unit * 16 + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            *unit = *unit * 16 + (unsigned)((c | 0x20) - 'a' + 10);
        else
            return false;
    }
    return true;
}

static bool is_high(unsigned unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(unsigned unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

// yajl reads a lone surrogate as '?', and \u0000 as a byte that C ends a string at; both are
// refused by their spelling. Returns the escape, or NULL; a malformed one is left to yajl.
static const char *bad_escape(const char *text, size_t length)
{
    const char *end = text + length;
    const char *at = text;

    while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL) {
        const char *escape = at;
        unsigned unit, low;
        at += end - at > 1 ? 2 : 1;
        if (at[-1] != 'u' || !hex4(at, end, &unit))
            continue;
        at += 4;
        if (unit == 0 || is_low(unit))
            return escape;
        if (!is_high(unit))
            continue;
        if (end - at < 2 || at[0] != '\\' || at[1] != 'u' || !hex4(at + 2, end, &low) ||
            !is_low(low))
            return escape;
        at += 6;
    }
    return NULL;
}

static size_t first_bad_byte(struct slice text)
{
    size_t at = 0;

    while (at < text.length) {
        uint32_t rune;
        size_t taken = text_decode((struct slice){text.data + at, text.length - at}, &rune);
        if (taken == 1 && rune == TEXT_REPLACEMENT)
            break;
        at += taken;
    }
    return at;
}

static enum err_code check_text(const char *text, size_t length, struct err *err)
{
    if (!text_valid((struct slice){text, length})) {
        err_set(err, ERR_INVALID, "json", "The text is not valid UTF-8; encode it as UTF-8.",
                "Текст не является правильным UTF-8; закодируйте его в UTF-8.");
        err_set_path(err, "byte %zu", first_bad_byte((struct slice){text, length}));
        return ERR_INVALID;
    }
    const char *escape = bad_escape(text, length);
    if (!escape)
        return ERR_OK;
    err_set(err, ERR_INVALID, "json",
            "%.6s is not a character: U+0000 and half a surrogate pair are refused.",
            "%.6s — не знак: U+0000 и половина суррогатной пары не принимаются.", escape);
    err_set_path(err, "byte %zu", (size_t)(escape - text));
    return ERR_INVALID;
}

static void explain(struct err *err, yajl_handle yajl, size_t at)
{
    const char *said = (const char *)yajl_get_error(yajl, 0, NULL, 0);
    const char *english = "unallowed token at this point in JSON text";
    const char *russian = "на этом месте такой знак стоять не может";
    char en[ERR_MESSAGE_BYTES], ru[ERR_MESSAGE_BYTES];

    for (size_t i = 0; i < sizeof yajl_says / sizeof *yajl_says; i++) {
        if (strstr(said, yajl_says[i].yajl)) {
            english = yajl_says[i].yajl;
            russian = yajl_says[i].russian;
            break;
        }
    }
    snprintf(en, sizeof en, "This is not JSON: %s (byte %zu).", english, at);
    snprintf(ru, sizeof ru, "Это не JSON: %s (байт %zu).", russian, at);
    err_say(err, ERR_INVALID, "json", en, ru);
}

struct json *json_parse(struct json_doc *doc, const char *text, size_t length, int depth,
                        struct err *err)
{
    struct json_parser parser = {.doc = doc, .err = err, .depth = depth};
    yajl_alloc_funcs pool = {pool_take, pool_resize, pool_free, doc};
    const unsigned char *bytes = (const unsigned char *)(length > 0 ? text : "");

    json_doc_reset(doc);
    if (check_text((const char *)bytes, length, err) != ERR_OK)
        return NULL;
    yajl_handle yajl = yajl_alloc(&callbacks, &pool, &parser);
    yajl_config(yajl, yajl_dont_validate_strings, 1); // check_text() did, and more strictly
    yajl_status status = yajl_parse(yajl, bytes, length);
    size_t at = yajl_get_bytes_consumed(yajl);
    if (status == yajl_status_ok) {
        status = yajl_complete_parse(yajl);
        at = length;
    }
    if (status != yajl_status_ok) {
        if (!parser.refused)
            explain(err, yajl, at);
        err_set_path(err, "byte %zu", at);
    }
    yajl_free(yajl);
    return status == yajl_status_ok ? parser.root : NULL;
}
