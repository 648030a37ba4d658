#include "tests/lib/engine_fixture.h"
#include "tests/lib/engine_fixture_store.h"

#include "busd/timers.h"
#include "lib/clock.h"
#include "lib/event_json.h"
#include "lib/json.h"
#include "lib/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const int64_t world_start_ms = INT64_C(1772269200000);

// The network.

static void add_node(struct model *model, const char *id, const char *parent, const char *kind)
{
    model_add_node(model,
                   &(struct model_node){
                       .id = slice_of(id), .kind = slice_of(kind), .device = slice_of("switch")},
                   slice_of(parent));
}

static void add_premise(struct model *model, const char *account, const char *node, int64_t key,
                        int64_t house, int64_t street, int64_t settlement, bool critical)
{
    model_add_premise(model,
                      &(struct model_premise){.account = slice_of(account),
                                              .node = node ? model_find_node(model, slice_of(node))
                                                           : MODEL_NO_NODE,
                                              .key = key,
                                              .house = house,
                                              .street = street,
                                              .settlement = settlement,
                                              .critical = critical});
}

static struct model *make_model(void)
{
    struct model *model = model_new();
    struct slice culprit;
    bool finished;

    add_node(model, "T1", "F1", "transformer"); // a child before its parent
    add_node(model, "S1", "", "substation");
    add_node(model, "F1", "S1", "feeder");
    add_node(model, "F2", "S1", "feeder");
    add_node(model, "T2", "F1", "transformer");
    add_node(model, "T3", "F2", "transformer");
    add_node(model, "T4", "F2", "transformer");
    add_premise(model, "A1", "T1", 1, 1, 1, 1, false);
    add_premise(model, "A2", "T1", 2, 1, 1, 1, false);
    add_premise(model, "A3", "T1", 3, 3, 1, 1, false);
    add_premise(model, "A4", "T2", 4, 3, 1, 1, false);
    add_premise(model, "A5", "T2", 5, 5, 1, 1, false);
    for (int key = 101; key <= 220; key++) {
        char account[16];

        snprintf(account, sizeof(account), "B%d", key);
        add_premise(model, account, "T3", key, key - (key - 101) % 10, 101, 1, false);
    }
    add_premise(model, "H1", "T4", 300, 300, 300, 1, true);
    add_premise(model, "N1", NULL, 400, 400, 400, 400, false);
    model_add_premise(model, &(struct model_premise){.account = slice_of("R1"),
                                                     .node = MODEL_NO_NODE,
                                                     .key = 500,
                                                     .house = 500,
                                                     .street = 500,
                                                     .settlement = 500,
                                                     .reliability = 1});
    finished = model_finish(model, &culprit);
    assert(finished);
    return model;
}

// The world.

struct world *world_new(void)
{
    struct world *world = mem_alloc(sizeof(*world));

    world->model = make_model();
    world->engine = engine_new();
    engine_set_model(world->engine, world->model);
    world->now_ms = world_start_ms;
    world->doc = json_doc_new();
    return world;
}

void world_free(struct world *world)
{
    engine_free(world->engine);
    if (world->rules)
        rules_unload(world->rules);
    if (world->timed)
        timers_fini(&world->timers);
    model_free(world->model);
    world_free_store(world);
    buf_fini(&world->journal);
    json_doc_free(world->doc);
    free(world);
}

const char *world_time(const struct world *world, int minutes)
{
    static char texts[4][CLOCK_TEXT_BYTES + 2];
    static int at;
    char *text = texts[at = (at + 1) % 4];

    text[0] = '"';
    clock_format(world->now_ms + minutes * INT64_C(60000), text + 1);
    strcat(text, "\"");
    return text;
}

void world_pass(struct world *world, int minutes)
{
    world->now_ms += minutes * INT64_C(60000);
}

static int64_t key_in(const struct json *premise, const char *name)
{
    const char *text = json_c_string(json_get(premise, name));

    return text ? strtoll(text, NULL, 10) : 0;
}

static void resolve(const struct world *world, struct event *event, const struct json *premise,
                    struct event_place *place)
{
    const struct model_premise *found =
        model_find_account(world->model, json_string(json_get(premise, "account")));
    event_bits decided = event->decided;

    if (!premise)
        return;
    *place = (struct event_place){.settlement_text = json_string(json_get(premise, "settlement")),
                                  .street_text = json_string(json_get(premise, "street")),
                                  .house_text = json_string(json_get(premise, "house")),
                                  .node = json_string(json_get(premise, "node")),
                                  .settlement = 1};
    if (found) {
        place->level = PLACE_PREMISE;
        place->premise = found->key;
    } else if (key_in(premise, "house")) {
        place->level = PLACE_HOUSE;
        found = model_premise(world->model, key_in(premise, "house"));
    } else if (key_in(premise, "street")) {
        place->level = PLACE_STREET;
        place->street = key_in(premise, "street");
    } else if (key_in(premise, "settlement")) {
        place->level = PLACE_SETTLEMENT;
        place->settlement = key_in(premise, "settlement");
    } else {
        place->settlement = 0;
    }
    if (found) {
        place->house = found->house;
        place->street = found->street;
        place->settlement = found->settlement;
        if (place->level == PLACE_PREMISE && found->node != MODEL_NO_NODE)
            place->node = model_node(world->model, found->node)->id;
    }
    event_set_place(event, EVENT_FIELD_premise, place);
    event->decided = decided | EVENT_BIT(EVENT_FIELD_premise);
}

static void write_journal(struct world *world, const struct event *event)
{
    struct json_doc *doc = json_doc_new();
    struct json *tree = json_new(doc, JSON_OBJECT), *data = json_new(doc, JSON_OBJECT);
    char sequence[24], time[CLOCK_TEXT_BYTES], recorded[CLOCK_TEXT_BYTES];

    event_write_fields(event, event->has, doc, data);
    snprintf(sequence, sizeof(sequence), "%016" PRId64, event->sequence);
    clock_format(event->time_ms, time);
    clock_format(event->recorded_ms, recorded);
    json_set(doc, tree, "id", json_new_string(doc, event->id));
    json_set(doc, tree, "source", json_new_string(doc, event->source));
    json_set(doc, tree, "type", json_new_string(doc, event->topic));
    json_set(doc, tree, "sequence", json_new_string(doc, slice_of(sequence)));
    json_set(doc, tree, "time", json_new_string(doc, slice_of(time)));
    json_set(doc, tree, "recordedtime", json_new_string(doc, slice_of(recorded)));
    if (event->cause_id.length)
        json_set(doc, tree, "causationid", json_new_string(doc, event->cause_id));
    json_set(doc, tree, "data", data);
    json_write(&world->journal, tree);
    buf_add_char(&world->journal, '\n');
    json_doc_free(doc);
}

static void apply_next(struct world *world, struct event *event)
{
    char id[24];

    event->sequence = ++world->sequence;
    if (event->id.length == 0) { // as the journal does
        snprintf(id, sizeof(id), "%" PRId64, event->sequence);
        event->id = slice_of(id);
    }
    write_journal(world, event);
    engine_apply(world->engine, event);
}

void world_regroup(struct world *world, const struct event *cause)
{
    struct decision decision;
    int rounds = 0;

    while (engine_regroup(world->engine, cause, &decision)) {
        assert(++rounds < 3);
        for (size_t i = 0; i < decision.count; i++) {
            world_load_wanted(world, world->engine, decision.events[i]);
            apply_next(world, decision.events[i]);
            world->regrouped++;
        }
    }
}

void world_set_timers(struct world *world)
{
    enum err_code code = timers_read(&world->timers, NULL, &world->err);

    assert(code == ERR_OK);
    (void)code;
    world->timed = true;
    engine_set_timers(world->engine, &world->timers);
}

void world_predict(struct world *world)
{
    struct event *event;

    world->rules = rules_load(NULL, &world->err);
    engine_set_rules(world->engine, &world->rules->lines);
    event = engine_rules_due(world->engine, world->now_ms);
    apply_next(world, event);
    world_regroup(world, event);
    world_commit(world);
}

static void note_results(struct world *world, const struct event *event)
{
    if (EVENT_HAS(event, reg_no)) {
        struct slice reg_no = EVENT_VALUE(event, reg_no)->text;

        snprintf(world->reg_no, sizeof(world->reg_no), "%.*s", (int)reg_no.length, reg_no.data);
    }
    if (EVENT_HAS(event, incident))
        world->incident = EVENT_VALUE(event, incident)->integer;
    if (EVENT_HAS(event, split_into))
        world->incident = EVENT_VALUE(event, split_into)->integer;
    if (EVENT_HAS(event, planned))
        world->planned = EVENT_VALUE(event, planned)->integer;
}

__attribute__((format(printf, 5, 0))) static enum err_code
publish(struct world *world, int64_t time_ms, const char *source, const char *type,
        const char *format, va_list arguments)
{
    struct event *event = &world->last;
    struct event_place place;
    struct decision decision;
    char buffer[8192], id[32];
    const struct json *data;
    enum err_code code;

    vsnprintf(buffer, sizeof(buffer), format, arguments);
    for (char *quote = buffer; (quote = strchr(quote, '\''));)
        *quote = '"';
    err_clear(&world->err);
    world->incident = world->planned = 0;
    world->follow_count = 0;
    data = json_parse(world->doc, buffer, strlen(buffer), JSON_DEPTH_DEFAULT, &world->err);
    assert(data);
    snprintf(id, sizeof(id), "e%" PRId64, world->sequence + 1);
    *event = (struct event){.topic = slice_of(type),
                            .type = event_type_of(slice_of(type)),
                            .id = slice_of(id),
                            .source = slice_of(source),
                            .time_ms = time_ms,
                            .recorded_ms = world->now_ms};
    code = event_read_data(event, data, world->doc, &world->err);
    assert(code == ERR_OK);
    resolve(world, event, json_get(data, "premise"), &place);
    world_load_calls(world);
    world_load_wanted(world, world->engine, event);
    code = engine_decide(world->engine, event,
                         &(struct engine_moment){world->now_ms, clock_local_year(world->now_ms)},
                         &decision, &world->err);
    for (size_t i = 0; code == ERR_OK && i < decision.count; i++) {
        apply_next(world, decision.events[i]);
        world->follow_count = i;
    }
    if (code == ERR_OK)
        world_regroup(world, event);
    if (code == ERR_OK) {
        note_results(world, event);
        if (!world->keep_dirty)
            world_commit(world);
    }
    return code;
}

enum err_code world_publish(struct world *world, const char *type, const char *data, ...)
{
    va_list arguments;

    va_start(arguments, data);
    enum err_code code = publish(world, world->now_ms, "pult:user:anna", type, data, arguments);
    va_end(arguments);
    return code;
}

enum err_code world_publish_at(struct world *world, int64_t time_ms, const char *type,
                               const char *data, ...)
{
    va_list arguments;

    va_start(arguments, data);
    enum err_code code = publish(world, time_ms, "pult:user:anna", type, data, arguments);
    va_end(arguments);
    return code;
}

enum err_code world_publish_as(struct world *world, const char *source, const char *type,
                               const char *data, ...)
{
    va_list arguments;

    va_start(arguments, data);
    enum err_code code = publish(world, world->now_ms, source, type, data, arguments);
    va_end(arguments);
    return code;
}

static void say_deadline(const struct event *event, struct buf *said)
{
    buf_add(said, EVENT_VALUE(event, deadline)->text.data,
            EVENT_VALUE(event, deadline)->text.length);
    if (event->type == EVENT_INCIDENT_GROUPED)
        buf_add_text(said, "settled");
    if (EVENT_HAS(event, incident) || EVENT_HAS(event, planned)) {
        buf_printf(said, " %" PRId64,
                   EVENT_HAS(event, incident) ? EVENT_VALUE(event, incident)->integer
                                              : EVENT_VALUE(event, planned)->integer);
    } else {
        struct slice text = EVENT_HAS(event, desk)   ? EVENT_VALUE(event, desk)->text
                            : EVENT_HAS(event, call) ? EVENT_VALUE(event, call)->text
                                                     : EVENT_VALUE(event, contact)->text;

        buf_printf(said, " %.*s", (int)text.length, text.data);
    }
    if (EVENT_HAS(event, to))
        buf_printf(said, " to %.*s", (int)EVENT_VALUE(event, to)->text.length,
                   EVENT_VALUE(event, to)->text.data);
    buf_printf(said, " +%" PRId64 "\n", (event->time_ms - world_start_ms) / 60000);
}

void world_pass_deadlines(struct world *world, int minutes, struct buf *said)
{
    int64_t until_ms = world->now_ms + minutes * INT64_C(60000);
    struct event *event;

    while ((event = engine_due(world->engine, world->now_ms, until_ms))) {
        assert(event->recorded_ms >= world->now_ms);
        world->now_ms = event->recorded_ms;
        if (EVENT_HAS(event, deadline) || EVENT_HAS(event, grouping))
            say_deadline(event, said); // else a default time of restoration
        world_load_calls(world);
        apply_next(world, event);
        world_regroup(world, event);
        if (!world->keep_dirty)
            world_commit(world);
    }
    world->now_ms = until_ms;
}
