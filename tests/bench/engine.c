// Reports a second through the engine alone: decide, apply, and the commit's cleaning, in batches,
// on a region's network. No disk, no JSON.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "busd/engine.h"
#include "lib/clock.h"
#include "lib/mem.h"

enum {
    SUBSTATIONS = 40,
    FEEDERS = 10,      // a substation
    TRANSFORMERS = 25, // a feeder
    PREMISES = 50,     // a transformer: 500,000 in all
    REPORTS = 1000000,
    BATCH = 64,
    OPEN_NODES = 2000, // incidents that dispatchers opened at transformers
};

static uint64_t chance_state = 1;

static uint64_t chance(uint64_t below)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (chance_state >> 33) % below;
}

static int32_t add_node(struct model *model, char kind, int number, int32_t parent)
{
    char id[32];

    snprintf(id, sizeof(id), "%c%d", kind, number);
    model_add_node(model, &(struct model_node){.id = slice_of(id)},
                   parent == MODEL_NO_NODE ? (struct slice){0} : model_node(model, parent)->id);
    return (int32_t)model_node_count(model) - 1;
}

static void add_premises(struct model *model, int32_t node, int64_t *key)
{
    for (int i = 0; i < PREMISES; i++, ++*key) {
        char account[32];

        snprintf(account, sizeof(account), "%lld", (long long)*key);
        model_add_premise(model, &(struct model_premise){.key = *key,
                                                         .account = slice_of(account),
                                                         .node = node,
                                                         .house = *key - *key % 10 + 1,
                                                         .street = *key - *key % 200 + 1,
                                                         .settlement = 1});
    }
}

static struct model *make_model(void)
{
    struct model *model = model_new();
    struct slice culprit;
    int64_t key = 1;

    for (int s = 0; s < SUBSTATIONS; s++) {
        int32_t substation = add_node(model, 'S', s, MODEL_NO_NODE);

        for (int f = 0; f < FEEDERS; f++) {
            int32_t feeder = add_node(model, 'F', s * FEEDERS + f, substation);
            int32_t section = add_node(model, 'C', s * FEEDERS + f, feeder);

            for (int t = 0; t < TRANSFORMERS; t++) {
                int number = (s * FEEDERS + f) * TRANSFORMERS + t;
                int32_t lateral = add_node(model, 'L', number, section);

                add_premises(model, add_node(model, 'T', number, lateral), &key);
            }
        }
    }
    return model_finish(model, &culprit) ? model : NULL;
}

struct run {
    struct engine *engine;
    const struct model *model;
    int64_t sequence, now_ms, follows;
};

static void publish(struct run *run, struct event *event)
{
    struct decision decision;
    struct err err;

    event->source = slice_of("pult:user:bench");
    event->id = slice_of("0190a5d0-0000-7000-8000-000000000000");
    event->time_ms = event->recorded_ms = run->now_ms;
    if (engine_decide(run->engine, event, &(struct engine_moment){run->now_ms, 2026}, &decision,
                      &err) != ERR_OK) {
        fprintf(stderr, "%s\n", err.message[LANGUAGE_EN]);
        exit(1);
    }
    for (size_t i = 0; i < decision.count; i++) {
        decision.events[i]->sequence = ++run->sequence;
        engine_apply(run->engine, decision.events[i]);
    }
    run->follows += (int64_t)decision.count - 1;
}

static void publish_report(struct run *run, size_t premises)
{
    const struct model_premise *premise = model_premise_at(run->model, (uint32_t)chance(premises));
    struct event_place place = {.level = PLACE_PREMISE,
                                .premise = premise->key,
                                .house = premise->house,
                                .street = premise->street,
                                .settlement = premise->settlement,
                                .node = model_node(run->model, premise->node)->id};
    struct event event = {.type = EVENT_CONTACT_OUTAGE_REPORT,
                          .topic = slice_of("contact.outage_report")};

    event_set_place(&event, EVENT_FIELD_premise, &place);
    event_set_word(&event, EVENT_FIELD_symptom, 0);
    event_set_word(&event, EVENT_FIELD_applicant, 0);
    publish(run, &event);
}

static void count_dirty(void *context, enum record_type type, const void *record)
{
    (void)type, (void)record;
    ++*(int64_t *)context;
}

int main(void)
{
    struct model *model = make_model();
    struct run run = {.engine = engine_new(), .model = model, .now_ms = INT64_C(1772269200000)};
    int64_t dirty = 0;

    engine_set_model(run.engine, model);
    for (int i = 0; i < OPEN_NODES; i++) {
        char node[32];
        struct event event = {.type = EVENT_INCIDENT_OPENED, .topic = slice_of("incident.opened")};

        snprintf(node, sizeof(node), "T%d", i * 5);
        event_set_word(&event, EVENT_FIELD_kind, 0);
        event_set_text(&event, EVENT_FIELD_node, slice_of(node));
        publish(&run, &event);
    }
    engine_clean(run.engine, run.now_ms);
    run.follows = 0;

    int64_t began_ms = clock_monotonic_now_ms();
    for (int i = 1; i <= REPORTS; i++) {
        publish_report(&run, model_premise_count(model));
        if (i % BATCH == 0) {
            run.now_ms += 10;
            engine_each_dirty(run.engine, count_dirty, &dirty);
            engine_clean(run.engine, run.now_ms);
        }
    }
    int64_t took_ms = clock_monotonic_now_ms() - began_ms;
    int64_t rate = (int64_t)REPORTS * 1000 / (took_ms ? took_ms : 1);

    printf("%-40s %12d\n", "reports", REPORTS);
    printf("%-40s %12lld\n", "suspected incidents that they opened", (long long)run.follows);
    printf("%-40s %12zu\n", "open incidents at the end", engine_open_incidents(run.engine));
    printf("%-40s %12lld\n", "records that became dirty", (long long)dirty);
    printf("%-40s %12lld\n", "reports a second", (long long)rate);
    printf("{\"reports\":%d,\"opened\":%lld,\"open\":%zu,\"reports_per_s\":%lld}\n", REPORTS,
           (long long)run.follows, engine_open_incidents(run.engine), (long long)rate);
    engine_free(run.engine);
    model_free(model);
    return 0;
}
