#include "busd/publish.h"

#include "lib/event_json.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

struct publish *publish_new(void)
{
    struct publish *publish = mem_alloc(sizeof *publish);

    publish->doc = json_doc_new();
    return publish;
}

void publish_free(struct publish *publish)
{
    if (!publish)
        return;
    buf_fini(&publish->body);
    buf_fini(&publish->results);
    json_doc_free(publish->doc);
    free(publish->events);
    free(publish);
}

void publish_clear(struct publish *publish)
{
    buf_clear(&publish->body);
    buf_clear(&publish->results);
    json_doc_reset(publish->doc);
}

struct slice publish_who(const struct event *event)
{
    return event->person.length ? event->person : access_name_of(event->source);
}

static enum err_code check_type(struct publish *publish, struct publish_event *item,
                                const struct publish_rules *rules)
{
    struct slice topic = item->event.topic;

    item->type = schemas_find(rules->schemas, topic);
    if (!item->type) {
        err_set(&publish->err, ERR_INVALID, "type",
                "there is no type %.*s; `query schemas` lists them, and a company's own are added "
                "in its schemas directory",
                "типа %.*s нет; список даёт запрос schemas, собственные типы добавляются в "
                "каталог схем компании",
                (int)topic.length, topic.data);
        err_set_path(&publish->err, "/type");
        return ERR_INVALID;
    }
    if (!publish->role)
        return ERR_OK;
    if (item->type->broker) {
        err_set(&publish->err, ERR_DENIED, "broker_type", "%.*s is published by the broker alone",
                "%.*s публикует только сам брокер", (int)topic.length, topic.data);
        err_set_path(&publish->err, "/type");
        return ERR_DENIED;
    }
    if (access_may_name(publish->role, ACCESS_PUBLISH, topic))
        return ERR_OK;
    err_set(&publish->err, ERR_DENIED, "publish",
            "the role %s may not publish %.*s; `hello` chooses another of your roles",
            "роль %s не может публиковать %.*s; другую свою роль выбирает hello",
            access_role_name(publish->role), (int)topic.length, topic.data);
    err_set_path(&publish->err, "/type");
    return ERR_DENIED;
}

static enum err_code filter_text(struct publish *publish, struct slice *text, bool name)
{
    struct buf clean = {0};
    bool changed;

    if (!text->data || !text_needs_filter(*text))
        return ERR_OK;
    text_filter(*text, &clean);
    changed = clean.length != text->length || memcmp(clean.data, text->data, clean.length) != 0;
    if (changed && !name)
        *text = json_new_string(publish->doc, (struct slice){clean.data, clean.length})->text;
    buf_fini(&clean);
    if (!changed || !name)
        return ERR_OK;
    err_set(&publish->err, ERR_INVALID, "characters",
            "a name within data has characters that are not stored: controls, bidi or zero-width "
            "marks, or it is not in NFC",
            "в имени внутри data есть знаки, которые не хранятся: управляющие, направления письма, "
            "нулевой ширины, или оно не в NFC");
    err_set_path(&publish->err, "/data");
    return ERR_INVALID;
}

// What the client said becomes what is stored: every text of `data` passes the control filter
// (lib/text.h). The attributes around it are refused where they would have to change.
static enum err_code filter_tree(struct publish *publish, struct json *value)
{
    for (struct json *child = value->first; child; child = child->next) {
        if (filter_text(publish, &child->key, true) != ERR_OK ||
            (child->type == JSON_STRING && filter_text(publish, &child->text, false) != ERR_OK) ||
            filter_tree(publish, child) != ERR_OK)
            return publish->err.code;
    }
    return ERR_OK;
}

static enum err_code read_event(struct publish *publish, struct publish_event *item,
                                const struct publish_rules *rules)
{
    struct err *err = &publish->err;

    // Of what the client gave: the filter may know more runes one day, the event stays the same one.
    journal_digest(rules->journal, item->tree, item->digest);
    for (struct json *member = item->tree->first; member; member = member->next) {
        if (slice_is(member->key, "data") && filter_tree(publish, member) != ERR_OK)
            return err->code;
    }
    if (event_read_proposal(&item->event, item->tree, publish->doc, rules->extensions, err))
        return err->code;
    if (check_type(publish, item, rules) != ERR_OK)
        return err->code;
    if (schema_check(item->type->schema, json_get(item->tree, "data"), "/data", err) != ERR_OK)
        return err->code;
    item->event.source = slice_of(publish->identity);
    item->event.person = slice_of(publish->person);
    return ERR_OK;
}

// Bytes of each element of a top-level array as received; stops at the first above `limit` and
// gives its index, -1 when there is none. The text is known to be JSON.
static int find_oversized(struct slice text, size_t limit)
{
    size_t depth = 0, start = 0;
    int index = 0;
    bool string = false;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.data[i];

        if (string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                string = false;
        } else if (c == '"') {
            string = true;
        } else if (c == '[' || c == '{') {
            if (++depth == 2)
                start = i;
        } else if (c == ']' || c == '}') {
            if (depth-- == 2) {
                if (i + 1 - start > limit)
                    return index;
                index++;
            }
        }
    }
    return -1;
}

static enum err_code check_size(struct publish *publish, const struct json *tree,
                                const struct publish_rules *rules)
{
    int oversized = -1;

    if (publish->body.length <= rules->event_bytes)
        return ERR_OK;
    if (tree->type == JSON_ARRAY)
        oversized = find_oversized((struct slice){publish->body.data, publish->body.length},
                                   rules->event_bytes);
    if (tree->type == JSON_ARRAY && oversized < 0)
        return ERR_OK;
    err_set(&publish->err, ERR_LIMIT, "event_bytes", "an event has at most %zu bytes",
            "событие не длиннее %zu байт", rules->event_bytes);
    publish->err.index = oversized;
    return ERR_LIMIT;
}

static int compare_ids(const void *a, const void *b)
{
    const struct publish_event *const *left = a, *const *right = b;
    struct slice x = (*left)->event.id, y = (*right)->event.id;
    size_t shorter = x.length < y.length ? x.length : y.length;
    int order = memcmp(x.data, y.data, shorter);

    return order ? order : (x.length > y.length) - (x.length < y.length);
}

static enum err_code check_ids(struct publish *publish)
{
    const struct publish_event **sorted;

    if (publish->count < 2)
        return ERR_OK;
    sorted = mem_alloc(publish->count * sizeof *sorted);
    for (size_t i = 0; i < publish->count; i++)
        sorted[i] = &publish->events[i];
    qsort(sorted, publish->count, sizeof *sorted, compare_ids);
    for (size_t i = 1; i < publish->count && publish->err.code == ERR_OK; i++) {
        if (compare_ids(&sorted[i - 1], &sorted[i]) != 0)
            continue;
        err_set(&publish->err, ERR_INVALID, "same_id",
                "two events of the array have the same id; every event has an id of its own",
                "у двух событий массива один и тот же id; у каждого события свой id");
        publish->err.index = (int)(sorted[i] > sorted[i - 1] ? sorted[i] - publish->events
                                                             : sorted[i - 1] - publish->events);
        err_set_path(&publish->err, "/id");
    }
    free(sorted);
    return publish->err.code;
}

static enum err_code read_array(struct publish *publish, const struct json *tree,
                                const struct publish_rules *rules)
{
    struct err *err = &publish->err;

    if (tree->count == 0)
        return err_set(err, ERR_INVALID, "empty",
                       "the array is empty; publish takes an event or an array of 1 to %zu events",
                       "массив пуст; publish принимает событие или массив от 1 до %zu событий",
                       rules->array_events);
    if (tree->count > rules->array_events)
        return err_set(err, ERR_LIMIT, "array_events",
                       "%zu events are too many for one request; send at most %zu at a time",
                       "%zu событий — слишком много для одного запроса; не более %zu за раз",
                       tree->count, rules->array_events);
    for (struct json *child = tree->first; child; child = child->next) {
        struct publish_event *item = &publish->events[publish->count];

        item->tree = child;
        if (read_event(publish, item, rules) != ERR_OK) {
            err->index = (int)publish->count;
            return err->code;
        }
        publish->count++;
    }
    return check_ids(publish);
}

static void make_room(struct publish *publish, size_t count)
{
    if (publish->capacity >= count)
        return;
    free(publish->events);
    publish->events = mem_resize(NULL, count, sizeof *publish->events);
    publish->capacity = count;
}

enum err_code publish_read(struct publish *publish, const struct publish_rules *rules)
{
    struct json *tree;

    err_clear(&publish->err);
    buf_clear(&publish->results);
    publish->count = 0;
    tree = json_parse(publish->doc, buf_text(&publish->body), publish->body.length,
                      JSON_DEPTH_DEFAULT, &publish->err);
    if (!tree || check_size(publish, tree, rules) != ERR_OK)
        return publish->err.code;
    publish->array = tree->type == JSON_ARRAY;
    make_room(publish, publish->array && tree->count <= rules->array_events ? tree->count + 1 : 1);
    if (publish->array)
        return read_array(publish, tree, rules);
    publish->events[0].tree = tree;
    if (read_event(publish, &publish->events[0], rules) == ERR_OK)
        publish->count = 1;
    return publish->err.code;
}
