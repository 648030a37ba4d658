#include "lib/event_json.h"

#include "lib/clock.h"
#include "lib/text.h"

#include <stdio.h>

enum { ID_BYTES = 128, TYPE_BYTES = 64, SUBJECT_BYTES = 256, EXTENSION_BYTES = 128 };

const char *const event_broker_attributes[] = {
    "source",   "recordedtime",   "sequence", "sequencetype", "causationid", "dataschema",
    "personal", "personaldigest", "previous", "person",       NULL};

// The words of enum event_place_level, blank-separated like those of fields.
static const char place_levels[] = EVENT_WORDS_PLACE;

static struct slice place_level_word(const char *at)
{
    return (struct slice){at, strcspn(at, " ")};
}

static enum event_place_level place_level_of(struct slice word)
{
    int level = PLACE_NONE;

    for (const char *at = place_levels; *at; level++) {
        struct slice known = place_level_word(at);

        if (slice_equal(known, word))
            return (enum event_place_level)level;
        at += known.length + (at[known.length] == ' ');
    }
    return PLACE_NONE;
}

static struct slice place_level_name(enum event_place_level level)
{
    const char *at = place_levels;

    for (int i = 0; i < (int)level; i++)
        at = strchr(at, ' ') + 1;
    return place_level_word(at);
}

// Faults. In the formats `%.0s` passes over the other language's words.

static enum err_code wrong_kind(const char *path, const char *name, const char *en, const char *ru,
                                struct err *err)
{
    err_set(err, ERR_INVALID, "kind", "\"%s\" must be %s%.0s", "поле «%s» должно содержать %.0s%s",
            name, en, ru);
    err_set_path(err, "%s/%s", path, name);
    return ERR_INVALID;
}

static const char *const kind_names[][LANGUAGE_COUNT] = {
    [EVENT_INTEGER] = {"a whole number", "целое число"},
    [EVENT_BOOL] = {"true or false", "true или false"},
    [EVENT_TIME] = {"a time as RFC 3339 has it, 2026-02-28T14:03:21+03:00",
                    "время по RFC 3339: 2026-02-28T14:03:21+03:00"},
    [EVENT_WORD] = {"one of its words", "одно из своих слов"},
    [EVENT_TEXT] = {"a string", "строку"},
    [EVENT_TEXTS] = {"an array of strings", "массив строк"},
    [EVENT_INTEGERS] = {"an array of whole numbers", "массив целых чисел"},
    [EVENT_SPANS] = {"an array of {\"starts\", \"ends\"}", "массив из {\"starts\", \"ends\"}"},
    [EVENT_PLACE] = {"an object", "объект"},
};

// Reading the fields of data.

static bool read_time(const struct json *json, int64_t *time_ms)
{
    return json && json->type == JSON_STRING &&
           clock_parse(json->text.data, json->text.length, time_ms);
}

static bool read_texts(struct event_value *value, const struct json *json, struct json_doc *doc)
{
    if (json->type != JSON_ARRAY)
        return false;
    struct slice *texts = json_doc_alloc(doc, json->count * sizeof(*texts));
    for (const struct json *item = json->first; item; item = item->next) {
        if (item->type != JSON_STRING)
            return false;
        texts[value->count++] = item->text;
    }
    value->texts = texts;
    return true;
}

static bool read_integers(struct event_value *value, const struct json *json, struct json_doc *doc)
{
    if (json->type != JSON_ARRAY)
        return false;
    int64_t *integers = json_doc_alloc(doc, json->count * sizeof(*integers));
    for (const struct json *item = json->first; item; item = item->next) {
        if (item->type != JSON_NUMBER || !item->integral)
            return false;
        integers[value->count++] = item->integer;
    }
    value->integers = integers;
    return true;
}

static bool read_spans(struct event_value *value, const struct json *json, struct json_doc *doc)
{
    if (json->type != JSON_ARRAY)
        return false;
    int64_t *times = json_doc_alloc(doc, 2 * json->count * sizeof(*times));
    for (const struct json *item = json->first; item; item = item->next) {
        if (!read_time(json_get(item, "starts"), &times[value->count++]) ||
            !read_time(json_get(item, "ends"), &times[value->count++]))
            return false;
    }
    value->integers = times;
    return true;
}

// A premise that the broker has not resolved yet is no place: the field stays absent.
static bool read_place(struct event *event, struct event_value *value, const struct json *json,
                       struct json_doc *doc, enum event_field field)
{
    if (json->type != JSON_OBJECT)
        return false;
    const struct json *resolved = json_get(json, "resolved");
    struct slice level = json_string(json_get(resolved, "level"));
    if (!resolved)
        return true;
    struct event_place *place = json_doc_alloc(doc, sizeof(*place));
    place->level = place_level_of(level);
    place->premise = json_integer(json_get(resolved, "premise"), 0);
    place->house = json_integer(json_get(resolved, "house"), 0);
    place->street = json_integer(json_get(resolved, "street"), 0);
    place->settlement = json_integer(json_get(resolved, "settlement"), 0);
    place->node = json_string(json_get(resolved, "node"));
    place->settlement_text = json_string(json_get(json, "settlement"));
    place->street_text = json_string(json_get(json, "street"));
    place->house_text = json_string(json_get(json, "house"));
    value->place = place;
    event->has |= EVENT_BIT(field);
    return true;
}

// A word of a later version is no fault: readers ignore what they do not know.
static bool read_word(struct event *event, struct event_value *value, const struct json *json,
                      enum event_field field)
{
    if (json->type != JSON_STRING)
        return false;
    value->integer = event_word_index(field, json->text);
    value->text = json->text;
    if (value->integer >= 0)
        event->has |= EVENT_BIT(field);
    return true;
}

static bool read_field(struct event *event, enum event_field field, const struct json *json,
                       struct json_doc *doc)
{
    struct event_value *value = &event->values[field];
    bool good = false;

    *value = (struct event_value){0};
    switch (event_fields[field].kind) {
    case EVENT_INTEGER:
        value->integer = json->integer;
        good = json->type == JSON_NUMBER && json->integral;
        break;
    case EVENT_BOOL:
        value->integer = json->type == JSON_TRUE;
        good = json->type == JSON_TRUE || json->type == JSON_FALSE;
        break;
    case EVENT_TIME: good = read_time(json, &value->integer); break;
    case EVENT_WORD: return read_word(event, value, json, field);
    case EVENT_TEXT:
        value->text = json->text;
        good = json->type == JSON_STRING;
        break;
    case EVENT_TEXTS: good = read_texts(value, json, doc); break;
    case EVENT_INTEGERS: good = read_integers(value, json, doc); break;
    case EVENT_SPANS: good = read_spans(value, json, doc); break;
    case EVENT_PLACE: return read_place(event, value, json, doc, field);
    }
    if (good)
        event->has |= EVENT_BIT(field);
    return good;
}

static int find_field(struct slice name)
{
    for (int field = 0; field < EVENT_FIELD_COUNT; field++) {
        const char *known = event_fields[field].name;

        if (name.length && name.data[0] == known[0] && slice_is(name, known))
            return field;
    }
    return -1;
}

enum err_code event_read_data(struct event *event, const struct json *data, struct json_doc *doc,
                              struct err *err)
{
    event->has = event->decided = 0;
    if (event->type == EVENT_OTHER || event->type == EVENT_MODEL_CHANGED)
        return ERR_OK; // decides nothing, and may use our names for something else
    for (const struct json *member = data->first; member; member = member->next) {
        int field = find_field(member->key);

        if (field >= 0 && !read_field(event, (enum event_field)field, member, doc)) {
            const char *const *name = kind_names[event_fields[field].kind];

            return wrong_kind("/data", event_fields[field].name, name[LANGUAGE_EN],
                              name[LANGUAGE_RU], err);
        }
    }
    return ERR_OK;
}

// Reading the envelope.

static bool is_listed(struct slice name, const char *const *list)
{
    for (; list && *list; list++) {
        if (slice_is(name, *list))
            return true;
    }
    return false;
}

// A name that stands in logs and answers: printable, without blanks at will of the sender.
static bool is_plain(struct slice text, size_t limit)
{
    if (text.length == 0 || text.length > limit)
        return false;
    while (text.length > 0) {
        uint32_t rune;
        size_t length = text_decode(text, &rune);

        if (text_forbidden(rune))
            return false;
        text.data += length;
        text.length -= length;
    }
    return true;
}

static bool is_topic(struct slice text)
{
    if (text.length == 0 || text.length > TYPE_BYTES)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
              (c == '.' && i > 0 && i + 1 < text.length)))
            return false;
    }
    return true;
}

static enum err_code bad_attribute(const char *name, const char *en, const char *ru,
                                   struct err *err)
{
    return wrong_kind("", name, en, ru, err);
}

static enum err_code refuse_attribute(struct slice name, struct err *err)
{
    char text[64];

    snprintf(text, sizeof(text), "%.*s", (int)(name.length < 63 ? name.length : 63), name.data);
    if (is_listed(name, event_broker_attributes))
        err_set(err, ERR_INVALID, "attribute",
                "\"%s\" is set by the broker; send the event without it",
                "атрибут «%s» ставит сам брокер; пришлите событие без него", text);
    else
        err_set(err, ERR_INVALID, "attribute",
                "\"%s\" is no attribute of an event here; allowed are specversion, id, type, "
                "data, time, subject and the extensions of the configuration",
                "атрибута «%s» у событий нет; допустимы specversion, id, type, data, time, "
                "subject и расширения из настроек",
                text);
    err_set_path(err, "/%s", text);
    return ERR_INVALID;
}

// One member of the object that a client sent, by its name.
static enum err_code read_attribute(struct event *event, const struct json *member,
                                    const char *const *extensions, struct err *err)
{
    struct slice name = member->key;
    struct slice text = json_string(member);

    if (slice_is(name, "specversion"))
        return slice_is(text, "1.0") ? ERR_OK
                                     : bad_attribute("specversion", "\"1.0\"", "«1.0»", err);
    if (slice_is(name, "id")) {
        event->id = text;
        return is_plain(text, ID_BYTES)
                   ? ERR_OK
                   : bad_attribute("id", "a string of 1 to 128 bytes without controls",
                                   "строку от 1 до 128 байт без управляющих знаков", err);
    }
    if (slice_is(name, "type")) {
        event->topic = text;
        event->type = event_type_of(text);
        return is_topic(text) ? ERR_OK
                              : bad_attribute("type", "a name such as incident.opened",
                                              "имя вида incident.opened", err);
    }
    if (slice_is(name, "data"))
        return member->type == JSON_OBJECT ? ERR_OK
                                           : bad_attribute("data", "an object", "объект", err);
    if (slice_is(name, "time"))
        return read_time(member, &event->time_ms)
                   ? ERR_OK
                   : bad_attribute("time", kind_names[EVENT_TIME][LANGUAGE_EN],
                                   kind_names[EVENT_TIME][LANGUAGE_RU], err);
    if (slice_is(name, "subject"))
        return is_plain(text, SUBJECT_BYTES)
                   ? ERR_OK
                   : bad_attribute("subject", "a string of 1 to 256 bytes without controls",
                                   "строку от 1 до 256 байт без управляющих знаков", err);
    if (!is_listed(name, extensions))
        return refuse_attribute(name, err);
    if (is_plain(text, EXTENSION_BYTES))
        return ERR_OK;
    err_set(err, ERR_INVALID, "attribute",
            "an extension attribute must be a string of 1 to 128 bytes without controls",
            "дополнительный атрибут должен быть строкой от 1 до 128 байт без управляющих знаков");
    err_set_path(err, "/%.*s", (int)name.length, name.data);
    return ERR_INVALID;
}

static enum err_code missing_attribute(const char *name, struct err *err)
{
    err_set(err, ERR_INVALID, "attribute",
            "the event has no \"%s\"; it needs specversion, id, type and data",
            "в событии нет «%s»; нужны specversion, id, type и data", name);
    err_set_path(err, "/%s", name);
    return ERR_INVALID;
}

enum err_code event_read_proposal(struct event *event, const struct json *tree,
                                  struct json_doc *doc, char *const *extensions, struct err *err)
{
    static const char *const needed[] = {"specversion", "id", "type", "data"};

    *event = (struct event){.type = EVENT_OTHER};
    if (!tree || tree->type != JSON_OBJECT)
        return err_set(err, ERR_INVALID, "event", "an event must be a JSON object",
                       "событие должно быть объектом JSON");
    for (const struct json *member = tree->first; member; member = member->next) {
        enum err_code code = read_attribute(event, member, (const char *const *)extensions, err);

        if (code != ERR_OK)
            return code;
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!json_get(tree, needed[i]))
            return missing_attribute(needed[i], err);
    }
    return event_read_data(event, json_get(tree, "data"), doc, err);
}

// "0000000000000042" as 42; -1 when it is no sequence.
static int64_t read_sequence(struct slice text)
{
    int64_t sequence = 0;

    if (text.length != 16)
        return -1;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return -1;
        sequence = sequence * 10 + (text.data[i] - '0');
    }
    return sequence;
}

enum err_code event_read_stored(struct event *event, const struct json *tree, struct json_doc *doc,
                                struct err *err)
{
    const struct json *data = json_get(tree, "data");

    *event = (struct event){.topic = json_string(json_get(tree, "type"))};
    event->type = event_type_of(event->topic);
    event->id = json_string(json_get(tree, "id"));
    event->source = json_string(json_get(tree, "source"));
    event->person = json_string(json_get(tree, "person"));
    event->cause_id = json_string(json_get(tree, "causationid"));
    event->sequence = read_sequence(json_string(json_get(tree, "sequence")));
    if (!data || data->type != JSON_OBJECT || event->topic.length == 0 || event->id.length == 0 ||
        event->sequence < 1 || !read_time(json_get(tree, "recordedtime"), &event->recorded_ms) ||
        !read_time(json_get(tree, "time"), &event->time_ms))
        return err_set(err, ERR_INVALID, "event",
                       "this is no event as the journal stores it: type, id, sequence, time, "
                       "recordedtime or data is missing or malformed",
                       "это не событие журнала: нет или неверны type, id, sequence, time, "
                       "recordedtime или data");
    return event_read_data(event, data, doc, err);
}

// Writing.

static struct json *time_value(struct json_doc *doc, int64_t time_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(time_ms, text);
    return json_new_string(doc, slice_of(text));
}

static struct json *list_value(const struct event_value *value, enum event_kind kind,
                               struct json_doc *doc)
{
    struct json *array = json_new(doc, JSON_ARRAY);

    for (size_t i = 0; i < value->count; i += kind == EVENT_SPANS ? 2 : 1) {
        if (kind == EVENT_TEXTS) {
            json_append(array, json_new_string(doc, value->texts[i]));
        } else if (kind == EVENT_INTEGERS) {
            json_append(array, json_new_integer(doc, value->integers[i]));
        } else {
            struct json *span = json_new(doc, JSON_OBJECT);

            json_set(doc, span, "starts", time_value(doc, value->integers[i]));
            json_set(doc, span, "ends", time_value(doc, value->integers[i + 1]));
            json_append(array, span);
        }
    }
    return array;
}

static void set_text(struct json_doc *doc, struct json *object, const char *key, struct slice text)
{
    if (text.length)
        json_set(doc, object, key, json_new_string(doc, text));
}

static void set_key(struct json_doc *doc, struct json *object, const char *name, int64_t key)
{
    if (key)
        json_set(doc, object, name, json_new_integer(doc, key));
}

static struct json *resolved_value(const struct event_place *place, struct json_doc *doc)
{
    struct json *resolved = json_new(doc, JSON_OBJECT);

    json_set(doc, resolved, "level", json_new_string(doc, place_level_name(place->level)));
    set_text(doc, resolved, "node", place->node);
    set_key(doc, resolved, "premise", place->premise);
    set_key(doc, resolved, "house", place->house);
    set_key(doc, resolved, "street", place->street);
    set_key(doc, resolved, "settlement", place->settlement);
    return resolved;
}

// What the sender wrote of the premise stays as it is. `shown`: the record keeps the address, so it
// stands in the event, whoever wrote the premise and by whichever of its names. A contact's does not:
// where callers live is theirs to be forgotten.
static void write_place(const struct event_place *place, const char *name, bool shown,
                        struct json_doc *doc, struct json *data)
{
    struct json *premise = NULL;

    for (struct json *member = data->first; member; member = member->next) {
        if (slice_is(member->key, name) && member->type == JSON_OBJECT)
            premise = member;
    }
    if (!premise) {
        premise = json_new(doc, JSON_OBJECT);
        json_set(doc, data, name, premise);
    }
    if (shown) {
        set_text(doc, premise, "settlement", place->settlement_text);
        set_text(doc, premise, "street", place->street_text);
        set_text(doc, premise, "house", place->house_text);
    }
    json_set(doc, premise, "resolved", resolved_value(place, doc));
}

static struct json *field_value(const struct event_value *value, enum event_kind kind,
                                struct json_doc *doc)
{
    switch (kind) {
    case EVENT_INTEGER: return json_new_integer(doc, value->integer);
    case EVENT_BOOL: return json_new_bool(doc, value->integer != 0);
    case EVENT_TIME: return time_value(doc, value->integer);
    case EVENT_WORD:
    case EVENT_TEXT: return json_new_string(doc, value->text);
    case EVENT_TEXTS:
    case EVENT_INTEGERS:
    case EVENT_SPANS: return list_value(value, kind, doc);
    case EVENT_PLACE: break;
    }
    return NULL;
}

void event_write_fields(const struct event *event, event_bits fields, struct json_doc *doc,
                        struct json *data)
{
    for (int field = 0; field < EVENT_FIELD_COUNT; field++) {
        const struct event_field_info *info = &event_fields[field];
        const struct event_value *value = &event->values[field];

        if (!((event->has & fields) >> field & 1))
            continue;
        if (info->kind == EVENT_PLACE)
            write_place(value->place, info->name, event->type == EVENT_INCIDENT_OPENED, doc, data);
        else
            json_set(doc, data, info->name, field_value(value, info->kind, doc));
    }
}
