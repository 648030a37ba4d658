#include "lib/conf.h"

#include "lib/mem.h"
#include "lib/yaml.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRINT_COLUMNS = 100, KNOWN_BYTES = 200 };

// What a value must be, for the sentences and for the printed file.
static const struct {
    const char *en, *ru;
} types[] = {
    [CONF_STRING] = {"a text", "нужен текст"},
    [CONF_INTEGER] = {"a whole number", "нужно целое число"},
    [CONF_BOOL] = {"true or false", "нужно true или false"},
    [CONF_STRINGS] = {"a list of texts: [one, two]", "нужен список текстов: [один, два]"},
    [CONF_DURATION_MS] = {"a duration with its unit: 500ms, 90s, 5m, 1h, 7d",
                          "нужна длительность с единицей: 500ms, 90s, 5m, 1h, 7d"},
};

static const struct {
    const char *unit;
    int64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

// A file that is being read.
struct reading {
    const struct conf_key *keys;
    size_t count;
    char *target;
    const char *file;
    struct err *err;
};

static enum err_code wrong(const struct reading *reading, const struct json *value,
                           const struct conf_key *key, const char *en, const char *ru)
{
    char english[ERR_MESSAGE_BYTES], russian[ERR_MESSAGE_BYTES];

    snprintf(english, sizeof english, "%s must be %s.", key->name, en);
    snprintf(russian, sizeof russian, "%s: %s.", key->name, ru);
    return yaml_fault(reading->file, value, "configuration", english, russian, reading->err);
}

// A number as the file would have it: 3600000 ms is 1h.
static void print_number(const struct conf_key *key, int64_t number, char text[32])
{
    const char *unit = "";

    if (key->type == CONF_DURATION_MS) {
        for (size_t i = sizeof units / sizeof *units; i-- > 0;) {
            if (number % units[i].ms == 0) {
                number /= units[i].ms;
                unit = units[i].unit;
                break;
            }
        }
    }
    snprintf(text, 32, "%lld%s", (long long)number, unit);
}

static enum err_code out_of_range(const struct reading *reading, const struct json *value,
                                  const struct conf_key *key)
{
    char min[32], max[32], en[KNOWN_BYTES], ru[KNOWN_BYTES];

    print_number(key, key->min, min);
    print_number(key, key->max, max);
    snprintf(en, sizeof en, "from %s to %s", min, max);
    snprintf(ru, sizeof ru, "допускается от %s до %s", min, max);
    return wrong(reading, value, key, en, ru);
}

// As it was written: a telephone number without quotes is a number to YAML and a text to people.
static bool is_text(const struct json *value)
{
    return value->type == JSON_STRING || value->type == JSON_NUMBER;
}

static bool is_one_of(const char *words, struct slice text)
{
    for (const char *word = words; *word;) {
        size_t length = strcspn(word, " ");
        if (slice_equal((struct slice){word, length}, text))
            return true;
        word += length + (word[length] == ' ');
    }
    return false;
}

static enum err_code read_string(const struct reading *reading, const struct json *value,
                                 const struct conf_key *key, char **field)
{
    char en[KNOWN_BYTES], ru[KNOWN_BYTES];

    if (!is_text(value))
        return wrong(reading, value, key, types[key->type].en, types[key->type].ru);
    if (key->one_of && !is_one_of(key->one_of, value->text)) {
        snprintf(en, sizeof en, "one of: %s", key->one_of);
        snprintf(ru, sizeof ru, "допускается одно из: %s", key->one_of);
        return wrong(reading, value, key, en, ru);
    }
    free(*field);
    *field = mem_string(value->text.data);
    return ERR_OK;
}

static void free_strings(char **strings)
{
    for (char **string = strings; strings && *string; string++)
        free(*string);
    free(strings);
}

static enum err_code read_strings(const struct reading *reading, const struct json *value,
                                  const struct conf_key *key, char ***field)
{
    size_t count = 0;

    if (value->type != JSON_ARRAY)
        return wrong(reading, value, key, types[key->type].en, types[key->type].ru);
    for (const struct json *item = value->first; item; item = item->next) {
        if (!is_text(item))
            return wrong(reading, item, key, types[key->type].en, types[key->type].ru);
    }
    free_strings(*field);
    *field = mem_alloc((value->count + 1) * sizeof **field);
    for (const struct json *item = value->first; item; item = item->next)
        (*field)[count++] = mem_string(item->text.data);
    return ERR_OK;
}

static bool duration(struct slice text, int64_t *ms)
{
    size_t digits = text.length ? strspn(text.data, "0123456789") : 0;

    if (digits == 0 || digits > 9)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (slice_is((struct slice){text.data + digits, text.length - digits}, units[i].unit)) {
            *ms = atoll(text.data) * units[i].ms;
            return true;
        }
    }
    return false;
}

static enum err_code read_number(const struct reading *reading, const struct json *value,
                                 const struct conf_key *key, int64_t *field)
{
    int64_t number = value->integer;
    bool good = key->type == CONF_INTEGER
                    ? value->type == JSON_NUMBER && value->integral
                    : value->type == JSON_STRING && duration(value->text, &number);

    if (!good)
        return wrong(reading, value, key, types[key->type].en, types[key->type].ru);
    if ((key->min != 0 || key->max != 0) && (number < key->min || number > key->max))
        return out_of_range(reading, value, key);
    *field = number;
    return ERR_OK;
}

static enum err_code read_value(const struct reading *reading, const struct json *value,
                                const struct conf_key *key)
{
    void *field = reading->target + key->offset;

    switch (key->type) {
    case CONF_STRING: return read_string(reading, value, key, field);
    case CONF_STRINGS: return read_strings(reading, value, key, field);
    case CONF_INTEGER:
    case CONF_DURATION_MS: return read_number(reading, value, key, field);
    case CONF_BOOL: break;
    }
    if (value->type != JSON_TRUE && value->type != JSON_FALSE)
        return wrong(reading, value, key, types[key->type].en, types[key->type].ru);
    *(bool *)field = value->type == JSON_TRUE;
    return ERR_OK;
}

// The part of a name before its dot: its section; "" when it stands at the top.
static struct slice section_of(const struct conf_key *key)
{
    const char *dot = strchr(key->name, '.');

    return (struct slice){key->name, dot ? (size_t)(dot - key->name) : 0};
}

static const char *name_within(const struct conf_key *key)
{
    size_t section = section_of(key).length;

    return key->name + section + (section > 0);
}

static const struct conf_key *find(const struct reading *reading, struct slice section,
                                   struct slice name)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct conf_key *key = &reading->keys[i];
        if (slice_equal(section_of(key), section) && slice_is(name, name_within(key)))
            return key;
    }
    return NULL;
}

static bool is_section(const struct reading *reading, struct slice name)
{
    for (size_t i = 0; i < reading->count; i++) {
        if (name.length > 0 && slice_equal(section_of(&reading->keys[i]), name))
            return true;
    }
    return false;
}

// The names that a section has; of the top, its keys and sections.
static void list_names(const struct reading *reading, struct slice section, struct buf *out)
{
    struct slice last = {0};

    for (size_t i = 0; i < reading->count; i++) {
        const struct conf_key *key = &reading->keys[i];
        struct slice of = section_of(key);
        struct slice name = slice_of(name_within(key));
        if (!slice_equal(of, section)) {
            if (section.length > 0 || of.length == 0 || slice_equal(of, last))
                continue;
            last = name = of;
        }
        buf_printf(out, "%s%.*s", out->length > 0 ? ", " : "", (int)name.length, name.data);
    }
}

static enum err_code unknown(const struct reading *reading, struct slice section,
                             const struct json *value)
{
    struct buf names = {0};
    int line, column;

    yaml_place(value, &line, &column);
    list_names(reading, section, &names);
    err_set(reading->err, ERR_INVALID, "configuration",
            "%s:%d:%d: there is no key %.*s%s%.60s; there are: %s.",
            "%s:%d:%d: ключа %.*s%s%.60s нет; есть: %s.", reading->file, line, column,
            (int)section.length, section.data, section.length > 0 ? "." : "", value->key.data,
            buf_text(&names));
    err_set_path(reading->err, "%s:%d:%d", reading->file, line, column);
    buf_fini(&names);
    return ERR_INVALID;
}

static enum err_code read_section(const struct reading *reading, struct slice section,
                                  const struct json *mapping)
{
    enum err_code code = ERR_OK;

    for (const struct json *value = mapping->first; value && code == ERR_OK; value = value->next) {
        const struct conf_key *key = find(reading, section, value->key);
        if (key)
            code = read_value(reading, value, key);
        else if (section.length == 0 && is_section(reading, value->key) &&
                 (value->type == JSON_OBJECT || value->type == JSON_NULL))
            code = read_section(reading, value->key, value);
        else
            code = unknown(reading, section, value);
    }
    return code;
}

static void set_defaults(const struct conf_key *keys, size_t count, void *target)
{
    struct json_doc *doc = json_doc_new();

    for (size_t i = 0; i < count; i++) {
        struct err err;
        struct reading reading = {keys, count, target, keys[i].name, &err};
        const struct json *value =
            yaml_parse(doc, keys[i].value, strlen(keys[i].value), keys[i].name, &err);
        if (keys[i].type == CONF_STRING)
            *(char **)(void *)((char *)target + keys[i].offset) = NULL;
        if (keys[i].type == CONF_STRINGS)
            *(char ***)(void *)((char *)target + keys[i].offset) = NULL;
        bool good = value && read_value(&reading, value, &keys[i]) == ERR_OK;
        if (!good)
            fprintf(stderr, "default of %s\n", err.message[LANGUAGE_EN]);
        assert(good);
    }
    json_doc_free(doc);
}

enum err_code conf_read(const struct conf_key *keys, size_t count, void *target, const char *file,
                        struct err *err)
{
    struct reading reading = {keys, count, target, file, err};
    enum err_code code = ERR_OK;
    struct err own;

    set_defaults(keys, count, target);
    if (!file)
        return ERR_OK;
    struct json_doc *doc = json_doc_new();
    const struct json *tree = yaml_read(doc, file, err ? err : &own);
    if (!tree)
        code = (err ? err : &own)->code;
    else if (tree->type == JSON_OBJECT)
        code = read_section(&reading, (struct slice){0}, tree);
    else if (tree->type != JSON_NULL)
        code = err_set(err, ERR_INVALID, "configuration", "%s must hold lines like key: value.",
                       "%s должен состоять из строк вида ключ: значение.", file);
    json_doc_free(doc);
    return code;
}

static enum err_code not_rows(const char *name, const char *file, const struct json *at,
                              struct err *err)
{
    int line, column;

    yaml_place(at, &line, &column);
    err_set(err, ERR_INVALID, "configuration", "%s:%d:%d: it holds %s: [{…}, …] and nothing else.",
            "%s:%d:%d: здесь стоит %s: [{…}, …] и ничего больше.", file, line, column, name);
    err_set_path(err, "%s:%d:%d", file, line, column);
    return ERR_INVALID;
}

enum err_code conf_read_rows(const struct conf_key *keys, size_t count, size_t size,
                             const char *name, const char *file, void **rows, size_t *row_count,
                             struct err *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json *tree = yaml_read(doc, file, err);
    const struct json *list = json_get(tree, name);
    enum err_code code = tree ? ERR_OK : err->code;

    *rows = NULL;
    *row_count = 0;
    if (tree && tree->type != JSON_NULL &&
        (tree->type != JSON_OBJECT || tree->count != 1 || !list || list->type != JSON_ARRAY))
        code = not_rows(name, file, tree, err);
    else if (list)
        *rows = mem_alloc(list->count * size);
    for (const struct json *row = list ? list->first : NULL; row && code == ERR_OK;
         row = row->next) {
        struct reading reading = {keys, count, (char *)*rows + *row_count * size, file, err};

        set_defaults(keys, count, reading.target);
        ++*row_count;
        code = row->type == JSON_OBJECT ? read_section(&reading, (struct slice){0}, row)
                                        : not_rows(name, file, row, err);
    }
    json_doc_free(doc);
    return code;
}

void conf_free_rows(const struct conf_key *keys, size_t count, size_t size, void *rows,
                    size_t row_count)
{
    for (size_t i = 0; i < row_count; i++)
        conf_fini(keys, count, (char *)rows + i * size);
    free(rows);
}

void conf_fini(const struct conf_key *keys, size_t count, void *target)
{
    for (size_t i = 0; i < count; i++) {
        void *field = (char *)target + keys[i].offset;
        if (keys[i].type == CONF_STRING) {
            free(*(char **)field);
            *(char **)field = NULL;
        } else if (keys[i].type == CONF_STRINGS) {
            free_strings(*(char ***)field);
            *(char ***)field = NULL;
        }
    }
}

// A comment, wrapped at PRINT_COLUMNS (of ASCII text, as the comments are).
static void print_comment(struct buf *out, const char *indent, const char *text)
{
    size_t room = PRINT_COLUMNS - strlen(indent) - 2;

    while (*text) {
        size_t length = strlen(text);
        if (length > room) {
            length = room;
            while (length > 0 && text[length] != ' ')
                length--;
            if (length == 0)
                length = strcspn(text, " ");
        }
        buf_printf(out, "%s# %.*s\n", indent, (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
}

static void print_key(const struct conf_key *key, const char *indent, struct buf *out)
{
    struct buf comment = {0};
    char min[32], max[32];

    buf_add_text(&comment, key->comment);
    if (key->one_of) {
        buf_add_text(&comment, " One of: ");
        buf_add_text(&comment, key->one_of);
        buf_add_char(&comment, '.');
    }
    if (key->type == CONF_DURATION_MS)
        buf_add_text(&comment, " A duration: 500ms, 90s, 5m, 1h, 7d.");
    if (key->min != 0 || key->max != 0) {
        print_number(key, key->min, min);
        print_number(key, key->max, max);
        buf_printf(&comment, " From %s to %s.", min, max);
    }
    print_comment(out, indent, buf_text(&comment));
    buf_printf(out, "%s%s: %s\n", indent, name_within(key), key->value);
    buf_fini(&comment);
}

void conf_print(const struct conf_key *keys, size_t count, const char *title, struct buf *out)
{
    struct slice section = {0};

    buf_printf(out,
               "# %s\n# Every key stands here with its default; a key that is left out has "
               "it too.\n",
               title);
    for (size_t i = 0; i < count; i++) {
        struct slice own = section_of(&keys[i]);
        if (!slice_equal(own, section)) {
            assert(own.length > 0); // a key of the top would fall into the section before it
            buf_printf(out, "\n%.*s:\n", (int)own.length, own.data);
            section = own;
        } else {
            buf_add_char(out, '\n');
        }
        print_key(&keys[i], own.length > 0 ? "  " : "", out);
    }
}

void conf_print_rows(const struct conf_key *keys, size_t count, const char *name, const char *about,
                     struct buf *out)
{
    buf_printf(out, "%s#\n# A row may hold, with these defaults:\n", about);
    for (size_t i = 0; i < count; i++) {
        buf_add_text(out, "#\n");
        print_key(&keys[i], "#   ", out);
    }
    buf_printf(out, "%s: []\n", name);
}
