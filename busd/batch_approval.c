#include "busd/batch_approval.h"

#include "lib/event_json.h"

#include <string.h>

static const struct access_act *find_act(const struct batch *batch, const struct publish *request,
                                         const struct publish_event *item)
{
    struct slice type = item->event.topic;
    size_t count = 0;

    if (!request->role || !batch->access)
        return NULL;
    for (size_t i = 0; i < request->count; i++)
        // As it was sent: those before it may be held already.
        count += slice_equal(json_string(json_get(request->events[i].tree, "type")), type);
    return access_find_act(batch->access, type, json_get(item->tree, "data"), count);
}

enum err_code batch_hold_act(struct batch *batch, struct publish *request,
                             struct publish_event *item, const struct engine_moment *moment,
                             bool *held)
{
    struct json_doc *doc = request->doc;
    struct event trial = item->event, *event = &item->event;
    struct slice act = event->topic;
    struct decision decision;
    struct json *data;

    *held = find_act(batch, request, item) != NULL;
    if (!*held)
        return ERR_OK;
    if (batch_load_wanted(batch, &trial, &request->err) != ERR_OK ||
        engine_decide(batch->engine, &trial, moment, &decision, &request->err) != ERR_OK ||
        batch_check_area(batch, request, &trial) != ERR_OK)
        return request->err.code;
    data = json_new(doc, JSON_OBJECT);
    json_set(doc, data, "data", json_copy(doc, json_get(item->tree, "data")));
    json_set(doc, item->tree, "data", data);
    item->type =
        schemas_find(batch->rules.schemas, slice_of(event_topic(EVENT_APPROVAL_REQUESTED)));
    event->type = EVENT_APPROVAL_REQUESTED;
    event->topic = slice_of(event_topic(EVENT_APPROVAL_REQUESTED));
    event->has = event->decided = 0;
    memset(event->values, 0, sizeof event->values);
    event_set_text(event, EVENT_FIELD_act, act);
    event_set_text(event, EVENT_FIELD_by, publish_who(event));
    return ERR_OK;
}

enum err_code batch_check_giver(const struct batch *batch, struct publish *request,
                                const struct event *given)
{
    const struct approval *approval = engine_approval(batch->engine, EVENT_VALUE(given, of)->text);

    if (!approval || !approval->by || !slice_is(publish_who(given), approval->by))
        return ERR_OK;
    return err_set(&request->err, ERR_DENIED, "same_person",
                   "you asked for it yourself; another person must agree",
                   "вы сами это запросили; согласие должен дать другой человек");
}

static bool take_bytes(void *context, int64_t sequence, struct slice topic, struct slice bytes,
                       const uint8_t chain[STORE_CHAIN_BYTES])
{
    (void)sequence, (void)topic, (void)chain;
    buf_add(context, bytes.data, bytes.length);
    return false;
}

// The act as an event, out of the one that asked for it; its data are a tree of `doc`.
static enum err_code read_act(struct batch *batch, const struct approval *approval,
                              struct json_doc *doc, struct event *act, struct json **proposal,
                              struct err *err)
{
    struct json *data;
    const struct json *tree;
    struct buf bytes = {0};

    if (store_read(batch->store, approval->sequence - 1, 1, take_bytes, &bytes, err) != ERR_OK)
        return err->code;
    tree = bytes.length ? json_parse(doc, bytes.data, bytes.length, JSON_DEPTH_DEFAULT + 1, NULL)
                        : NULL;
    buf_fini(&bytes);
    if (!tree || !json_get(json_get(tree, "data"), "data"))
        return err_set(err, ERR_NOT_FOUND, "of", "what was asked for is no longer kept",
                       "запрос больше не хранится");
    data = json_copy(doc, json_get(json_get(tree, "data"), "data"));
    *proposal = json_new(doc, JSON_OBJECT);
    json_set(doc, *proposal, "data", data);
    act->topic = json_string(json_get(json_get(tree, "data"), "act"));
    act->type = event_type_of(act->topic);
    return event_read_data(act, data, doc, err);
}

enum err_code batch_perform_act(struct batch *batch, const struct event *given, int64_t now_ms,
                                struct err *err)
{
    const struct engine_moment moment = {.now_ms = now_ms, .year = batch->year};
    struct event act = {.source = slice_of("pult:busd"),
                        .cause_id = given->id,
                        .time_ms = now_ms,
                        .recorded_ms = now_ms};
    struct json_doc *doc = json_doc_new();
    struct json *proposal = NULL;
    struct decision decision;
    const struct approval *approval = engine_approval(batch->engine, EVENT_VALUE(given, of)->text);

    if (read_act(batch, approval, doc, &act, &proposal, err) == ERR_OK &&
        batch_load_wanted(batch, &act, err) == ERR_OK &&
        engine_decide(batch->engine, &act, &moment, &decision, err) == ERR_OK) {
        for (size_t i = 0; i < decision.count && err->code == ERR_OK; i++)
            batch_append_own(batch, decision.events[i], i == 0 ? proposal : NULL, doc, err);
    }
    if (err->code == ERR_OK)
        batch_regroup(batch, &act, doc, err);
    json_doc_free(doc);
    return err->code;
}
