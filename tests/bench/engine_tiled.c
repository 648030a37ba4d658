// engine_tiled DIRECTORY...: reports a second through the engine alone, on one core: decide, apply, what the
// grouping makes follow, and the commit's cleaning, in batches, through the functions that busd calls. No
// disk, no JSON.
//
// The directories hold network.csv and premises.csv; the networks are put side by side until there are
// enough premises. A tenth as many incidents as premises are open. Of the reports 70 % join what covers
// them: outages that dispatchers opened at transformers. 30 % change a grouping: three calls from near one
// another, one fault after the other. Behind a fault that is older than FAULTS_OPEN others its incident is
// when there are more; that is no report, and not counted as time. Costs must not grow with the network (2x).
#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "busd/engine.h"
#include "busd/engine_rules.h"
#include "busd/rules.h"
#include "lib/mem.h"

#include <time.h>

enum {
    REPORTS = 300000,
    BATCH = 64,
    CALLS_OF_FAULT = 3,
    NEAR = 6,          // premises, among which the calls of a fault are drawn
    RING_MORE = 4096,  // that a batch may open besides
    OPEN_SHARE = 10,   // an open incident for so many premises
    FAULTS_SHARE = 10, // of these, predicted ones
    LINE_BYTES = 1024,
    FIELDS = 16,
};

static uint64_t chance_state = 1;

static uint32_t chance(size_t below)
{
    chance_state = chance_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((chance_state >> 33) % below);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// The networks.

struct tile {
    char *network, *premises; // whole files
};

static char *read_file(const char *directory, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    char *text = mem_alloc((size_t)size + 1);
    rewind(file);
    if (fread(text, 1, (size_t)size, file) != (size_t)size)
        exit(1);
    fclose(file);
    return text;
}

// The next line's fields, whose texts stay valid until the next call; false at the end.
static bool next_line(const char **at, char *line, struct slice *fields)
{
    size_t length = strcspn(*at, "\n"), field = 0;

    if (length == 0 || length >= LINE_BYTES)
        return false;
    memcpy(line, *at, length);
    line[length] = '\0';
    *at += length + ((*at)[length] == '\n');
    for (char *from = line; field < FIELDS; field++) {
        size_t width = strcspn(from, ",");

        fields[field] = (struct slice){from, width};
        if (from[width] == '\0')
            return true;
        from += width + 1;
    }
    return true;
}

static struct slice tiled(char *text, size_t size, int tile, struct slice id)
{
    int length = snprintf(text, size, "%d/%.*s", tile, (int)id.length, id.data);

    return (struct slice){text, (size_t)length};
}

static void add_nodes(struct model *model, const char *text, int tile)
{
    struct slice fields[FIELDS];
    char line[LINE_BYTES], id[160], parent[160];

    next_line(&text, line, fields);
    while (next_line(&text, line, fields))
        model_add_node(model,
                       &(struct model_node){.id = tiled(id, sizeof(id), tile, fields[0]),
                                            .kind = fields[2],
                                            .device = fields[5]},
                       fields[1].length ? tiled(parent, sizeof(parent), tile, fields[1])
                                        : (struct slice){0});
}

static void add_premises(struct model *model, const char *text, int tile, size_t most)
{
    struct slice fields[FIELDS];
    char line[LINE_BYTES], account[160], node[160];

    next_line(&text, line, fields);
    while (model_premise_count(model) < most && next_line(&text, line, fields)) {
        int64_t key = (int64_t)model_premise_count(model) + 1;

        model_add_premise(
            model, &(struct model_premise){
                       .key = key,
                       .account = tiled(account, sizeof(account), tile, fields[0]),
                       .node = model_find_node(model, tiled(node, sizeof(node), tile, fields[1]))});
    }
}

static struct model *make_model(const struct tile *tiles, int count, size_t premises)
{
    struct model *model = model_new();
    struct slice culprit;

    for (int tile = 0; model_premise_count(model) < premises; tile++) {
        add_nodes(model, tiles[tile % count].network, tile);
        add_premises(model, tiles[tile % count].premises, tile, premises);
    }
    if (!model_finish(model, &culprit))
        exit(1);
    return model;
}

// What busd does with an event.

struct run {
    struct engine *engine;
    const struct model *model;
    struct rules_loaded *rules;
    int64_t sequence, now_ms, follows, regrouped;
    uint32_t *covered, *free; // premises by position
    size_t covered_count, free_count;
    int64_t *faults; // predicted incidents that are open, the oldest at `fault_first`; a ring
    size_t fault_first, fault_count, faults_open, ring;
};

static void apply(struct run *run, struct event *event)
{
    event->sequence = ++run->sequence;
    engine_apply(run->engine, event);
    if (event->type == EVENT_INCIDENT_OPENED && EVENT_HAS(event, grouping)) {
        size_t at = (run->fault_first + run->fault_count++) % run->ring;

        assert(run->fault_count <= run->ring);
        run->faults[at] = EVENT_VALUE(event, incident)->integer;
    }
}

static void regroup(struct run *run, const struct event *cause)
{
    struct decision decision;

    while (engine_regroup(run->engine, cause, &decision)) {
        for (size_t i = 0; i < decision.count; i++)
            apply(run, decision.events[i]);
        run->regrouped += (int64_t)decision.count;
    }
}

static void publish(struct run *run, struct event *event)
{
    struct decision decision;
    struct err err;
    int64_t incident;

    event->source = slice_of("pult:user:bench");
    event->id = slice_of("0190a5d0-0000-7000-8000-000000000000");
    event->time_ms = event->recorded_ms = run->now_ms;
    while (engine_wants_calls(run->engine, &incident))
        ;
    if (engine_decide(run->engine, event, &(struct engine_moment){run->now_ms, 2026}, &decision,
                      &err) != ERR_OK) {
        fprintf(stderr, "%s\n", err.message[LANGUAGE_EN]);
        exit(1);
    }
    for (size_t i = 0; i < decision.count; i++)
        apply(run, decision.events[i]);
    run->follows += (int64_t)decision.count - 1;
    regroup(run, event);
}

static void report(struct run *run, const struct event_place *place)
{
    struct event event = {.type = EVENT_CONTACT_OUTAGE_REPORT,
                          .topic = slice_of("contact.outage_report")};

    event_set_place(&event, EVENT_FIELD_premise, place);
    event_set_word(&event, EVENT_FIELD_symptom, 0);
    event_set_word(&event, EVENT_FIELD_applicant, 0);
    publish(run, &event);
}

static void count_dirty(void *context, enum record_type type, const void *record)
{
    (void)type, (void)record;
    ++*(int64_t *)context;
}

static void commit(struct run *run)
{
    int64_t dirty = 0;

    engine_each_dirty(run->engine, count_dirty, &dirty);
    run->now_ms += 10;
    engine_clean(run->engine, run->now_ms);
}

// Dispatchers' outages at nodes that premises hang on, until enough premises are covered.
static void open_incidents(struct run *run, size_t count)
{
    size_t premises = model_premise_count(run->model);
    uint8_t *taken = mem_alloc(premises);

    for (size_t opened = 0, tries = 0; opened < count && tries < 20 * count; tries++) {
        const struct model_premise *premise = model_premise_at(run->model, chance(premises));
        struct event event = {.type = EVENT_INCIDENT_OPENED, .topic = slice_of("incident.opened")};
        size_t below;
        const struct model_premise *first = model_premises_below(run->model, premise->node, &below);
        uint32_t position = model_premise_position(run->model, first);

        if (taken[position])
            continue;
        memset(taken + position, 1, below);
        event_set_word(&event, EVENT_FIELD_kind, 0);
        event_set_text(&event, EVENT_FIELD_node, model_node(run->model, premise->node)->id);
        publish(run, &event);
        if (++opened % BATCH == 0)
            commit(run);
    }
    for (uint32_t i = 0; i < premises; i++) {
        if (taken[i])
            run->covered[run->covered_count++] = i;
        else
            run->free[run->free_count++] = i;
    }
    free(taken);
    commit(run);
}

static void close_oldest(struct run *run)
{
    int64_t number = run->faults[run->fault_first];
    const struct incident *incident = engine_incident(run->engine, number);
    struct event event = {.type = EVENT_INCIDENT_CANCELLED,
                          .topic = slice_of("incident.cancelled")};

    run->fault_first = (run->fault_first + 1) % run->ring;
    run->fault_count--;
    if (!incident || incident->state > INCIDENT_PROBABLE)
        return; // it was merged
    event_set_integer(&event, EVENT_FIELD_incident, number);
    event_set_text(&event, EVENT_FIELD_reason, slice_of("invalid"));
    publish(run, &event);
}

// Where the next report comes from: 3 of 10 of the fault that is under way.
static uint32_t next_position(struct run *run)
{
    static size_t near, left;

    if (chance(10) >= 3)
        return run->covered[chance(run->covered_count)];
    if (left == 0) {
        near = chance(run->free_count - NEAR);
        left = CALLS_OF_FAULT;
    }
    left--;
    return run->free[near + chance(NEAR)];
}

// The place as place.c gives it to the engine: by the premise's key.
static struct event_place next_place(struct run *run)
{
    int64_t key = model_premise_at(run->model, next_position(run))->key;
    const struct model_premise *premise = model_premise(run->model, key);

    return (struct event_place){.level = PLACE_PREMISE,
                                .premise = premise->key,
                                .node = model_node(run->model, premise->node)->id};
}

// A batch; the time that it took.
static int64_t run_batch(struct run *run)
{
    struct event_place places[BATCH];

    for (int i = 0; i < BATCH; i++)
        places[i] = next_place(run);
    int64_t began_ns = now_ns();
    for (int i = 0; i < BATCH; i++)
        report(run, &places[i]);
    commit(run);
    int64_t spent_ns = now_ns() - began_ns;
    while (run->fault_count > run->faults_open)
        close_oldest(run);
    commit(run);
    return spent_ns;
}

static int64_t run_reports(struct run *run, int reports)
{
    int64_t spent_ns = 0;

    for (int i = 0; i < reports; i += BATCH)
        spent_ns += run_batch(run);
    return spent_ns;
}

static void predict(struct run *run)
{
    struct err err;
    struct event *event;

    run->rules = rules_load(NULL, &err);
    engine_set_rules(run->engine, &run->rules->lines);
    event = engine_rules_due(run->engine, run->now_ms);
    apply(run, event);
    regroup(run, event);
}

static double measure(const struct tile *tiles, int count, size_t premises)
{
    struct model *model = make_model(tiles, count, premises);
    struct run run = {.engine = engine_new(), .model = model, .now_ms = INT64_C(1772269200000)};
    size_t open = premises / OPEN_SHARE, before = mallinfo2().uordblks;

    run.covered = mem_alloc(premises * sizeof(*run.covered));
    run.free = mem_alloc(premises * sizeof(*run.free));
    run.faults_open = open / FAULTS_SHARE;
    run.ring = run.faults_open + RING_MORE;
    run.faults = mem_alloc(run.ring * sizeof(*run.faults));
    before = mallinfo2().uordblks;
    engine_set_model(run.engine, model);
    predict(&run);
    size_t of_premises = mallinfo2().uordblks - before;
    open_incidents(&run, open - run.faults_open);
    size_t of_incidents = mallinfo2().uordblks - before - of_premises;
    size_t opened = engine_open_incidents(run.engine);
    run_reports(&run, (int)(run.faults_open * 10 / 3)); // faults come to be open
    run.follows = run.regrouped = 0;
    int64_t spent_ns = run_reports(&run, REPORTS);
    double rate = (double)REPORTS * 1e9 / (double)spent_ns;

    printf("%10zu %10zu %10zu %10.0f %10lld %10lld %10.1f %10.1f\n", premises,
           model_node_count(model), engine_open_incidents(run.engine), rate, (long long)run.follows,
           (long long)run.regrouped, (double)of_premises / (double)premises,
           (double)of_incidents / (double)opened);
    engine_free(run.engine);
    rules_unload(run.rules);
    model_free(model);
    free(run.covered);
    free(run.free);
    free(run.faults);
    return rate;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {10000, 100000, 1000000};
    struct tile tiles[8];
    int count = argc - 1 < 8 ? argc - 1 : 8;
    double rates[3] = {0};

    if (count < 1) {
        fprintf(stderr, "usage: engine_tiled DIRECTORY...\n");
        return 2;
    }
    for (int i = 0; i < count; i++)
        tiles[i] = (struct tile){read_file(argv[i + 1], "network.csv"),
                                 read_file(argv[i + 1], "premises.csv")};
    printf("%10s %10s %10s %10s %10s %10s %10s %10s\n", "premises", "nodes", "open", "reports/s",
           "opened", "regrouped", "B/premise", "B/incident");
    for (int i = 0; i < 3; i++)
        rates[i] = measure(tiles, count, sizes[i]);
    printf("{\"reports_per_s\":%.0f,\"reports_per_s_10k\":%.0f,\"flat\":%.2f}\n", rates[2],
           rates[0], rates[0] / rates[2]);
    for (int i = 0; i < count; i++) {
        free(tiles[i].network);
        free(tiles[i].premises);
    }
    return 0;
}
