// Evidence, and the sums that it changes on its way to the root.
#include "busd/engine_group_decide.h"
#include "lib/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// log2 of thousandths times `scale`.
static int64_t log_milli(uint32_t milli, uint64_t scale_milli)
{
    if (milli == 0)
        return GROUP_NEVER;
    return group_log2((uint64_t)milli * scale_milli) - group_log2(1000000);
}

static struct group_rates make_rates(struct group *group, const struct group_numbers *numbers,
                                     uint64_t scale_milli)
{
    struct group_rates rates = {.faults = log_milli(numbers->faults_milli, scale_milli)};
    size_t count = group->premise_count ? group->premise_count : 1;

    rates.unrelated = log_milli(numbers->unrelated_milli, scale_milli) - group_log2(count);
    rates.leaf = group_log_add(&group->add,
                               rates.faults + group->leaf_prior +
                                   *group_share_logs(group->several_share, 1, 1),
                               rates.unrelated);
    return rates;
}

struct group *group_new(const struct model *model, const struct group_rules *rules)
{
    struct group *group = mem_alloc(sizeof(*group));
    size_t nodes = model_node_count(model);

    group->model = model;
    group->rules = *rules;
    group->one_share = group_share_new(rules, &rules->one_moments, false);
    group->several_share = group_share_new(rules, &rules->several_moments, true);
    group->phases = group_share_phases(&rules->several_moments);
    group_add_init(&group->add);
    group_logs_init(&group->logs);
    group->near = mem_alloc((nodes + 1) * sizeof(*group->near));
    group->barred = mem_alloc((nodes + 1) * sizeof(*group->barred));
    group->marks = mem_alloc(nodes + 1);
    group->premise_count = model_premise_count(model);
    group->premises = mem_alloc((group->premise_count + 1) * sizeof(*group->premises));
    group_make_classes(group);
    uint64_t scale_milli = 1000;
    if (group->premise_count > rules->network_premises)
        scale_milli = (uint64_t)group->premise_count * 1000 / rules->network_premises;
    group->scale_milli = scale_milli;
    group->several = make_rates(group, &rules->several, scale_milli);
    group->attributed = make_rates(group, &rules->attributed, scale_milli);
    // log2(e) = 1.442695...
    uint64_t milli = rules->several.faults_milli + rules->several.unrelated_milli;
    group->expected = (int64_t)(milli * scale_milli / 1000 * 1442695 / 1000000) * GROUP_BIT / 1000;
    return group;
}

void group_free(struct group *group)
{
    if (!group)
        return;
    group_share_free(group->one_share);
    group_share_free(group->several_share);
    free(group->classes);
    free(group->near);
    free(group->barred);
    free(group->marks);
    free(group->premises);
    free(group->calls);
    free(group->outs);
    free(group);
}

int64_t group_prior(const struct group_class *class)
{
    return class->wires ? class->wire_prior : class->prior;
}

uint64_t group_callers(const struct group *group, const struct group_class *class)
{
    return (uint64_t) class->live * group_share_callers(&group->rules, class->live);
}

static int64_t late(const struct group *group, const struct group_class *class)
{
    uint64_t callers = group_callers(group, class);

    if (class->calls < 2 || 2 * (uint64_t) class->calls * GROUP_PPM >= callers)
        return 0; // as group_late_log() says, without the width
    return group_late_log(&group->rules, &group->logs,
                          group_width_log(&group->logs, &class->times, class->calls), class->calls,
                          callers);
}

// All of it but the callers' number.
static int64_t rest_of(const struct group *group, const struct group_class *class)
{
    int64_t rest = group_prior(class) + class->late;

    if (class->outs)
        rest += (int64_t) class->outs * GROUP_CERTAIN_BITS * GROUP_BIT;
    if (class->backs)
        rest -= (int64_t) class->backs * (group_logs_of(&group->logs, GROUP_PPM) -
                                          group_logs_of(&group->logs, group->rules.mistaken_ppm));
    if (class->flats && class->premises > 1)
        rest -= (int64_t) class->flats * (group_logs_of(&group->logs, GROUP_PPM) -
                                          group_logs_of(&group->logs, group->rules.flat_ppm));
    return rest;
}

static int64_t own(const struct group *group, const struct group_class *class,
                   struct group_share *share, size_t phase)
{
    if (class->prior == GROUP_NEVER || class->live == 0)
        return GROUP_NEVER;
    return rest_of(group, class) + group_share_logs(share, class->live, class->calls)[phase];
}

int64_t group_own_one(const struct group *group, const struct group_class *class)
{
    return own(group, class, group->one_share, 0);
}

int64_t group_own_several(const struct group *group, const struct group_class *class, size_t phase)
{
    return own(group, class, group->several_share, phase);
}

static void evaluate_phase(const struct group *group, const struct group_class *class,
                           int64_t failed, struct group_sums *sums)
{
    int64_t attributed = failed + group->attributed.faults;
    int64_t several = failed + group->several.faults;

    if (class->premises == 1) {
        sums->best = group_log_add(&group->add, attributed, group->attributed.unrelated);
        sums->mass = group_log_add(&group->add, several, group->several.unrelated);
        return;
    }
    sums->best = attributed > sums->best_below ? attributed : sums->best_below;
    sums->mass = group_log_add(&group->add, several, sums->mass_below);
}

static void evaluate(const struct group *group, struct group_class *class)
{
    bool possible = class->prior != GROUP_NEVER && class->live > 0;

    if (class->calls == 0 && class->outs == 0) {
        for (size_t i = 0; i < group->phases; i++)
            class->sums[i].best = class->sums[i].mass = 0;
        class->places = 0;
        class->late = 0;
        return;
    }
    class->late = late(group, class);
    int64_t rest = possible ? rest_of(group, class) : 0;
    const int64_t *logs =
        possible ? group_share_logs(group->several_share, class->live, class->calls) : NULL;
    for (size_t i = 0; i < group->phases; i++)
        evaluate_phase(group, class, logs ? rest + logs[i] : GROUP_NEVER, &class->sums[i]);
    const struct group_sums *middle = &class->sums[group->phases / 2];
    bool wins = class->premises == 1 || middle->best > middle->best_below;
    class->places = wins ? 1 : class->places_below;
}

// The change that a class passes on, from the sums and places that it had.
static void pass_on(const struct group *group, const struct group_class *class,
                    const struct group_sums *before, int32_t places, struct group_delta *delta)
{
    delta->places = class->places - places;
    for (size_t i = 0; i < group->phases; i++) {
        delta->best[i] = class->sums[i].best - before[i].best;
        delta->mass[i] = class->sums[i].mass - before[i].mass;
    }
}

static uint32_t moved(uint32_t count, int32_t by)
{
    return (uint32_t)((int64_t)count + by);
}

// Adds the change to a class and to all above it.
static void climb(struct group *group, int32_t at, struct group_delta delta)
{
    group->decision.fresh = false;
    for (; at != GROUP_NO_CLASS; at = group->classes[at].parent) {
        struct group_class *class = &group->classes[at];
        struct group_sums before[GROUP_PHASES];

        int32_t places = class->places;
        memcpy(before, class->sums, sizeof(before));
        class->live = moved(class->live, delta.live);
        class->calls = moved(class->calls, delta.calls);
        class->backs = moved(class->backs, delta.backs);
        class->outs = moved(class->outs, delta.outs);
        class->wires = moved(class->wires, delta.wires);
        class->flats = moved(class->flats, delta.flats);
        class->places_below += delta.places;
        group_times_add(&class->times, &delta.times, 1);
        for (size_t i = 0; i < group->phases; i++) {
            class->sums[i].best_below += delta.best[i];
            class->sums[i].mass_below += delta.mass[i];
        }
        evaluate(group, class);
        if (class->covers)
            delta = (struct group_delta){0};
        else
            pass_on(group, class, before, places, &delta);
    }
    group->total.live += delta.live;
    group->total.calls += delta.calls;
    group->total.outs += delta.outs;
    group->total.places += delta.places;
    group_times_add(&group->total.times, &delta.times, 1);
    for (size_t i = 0; i < group->phases; i++) {
        group->total.best[i] += delta.best[i];
        group->total.mass[i] += delta.mass[i];
    }
}

static bool is_alone(const struct group *group, const struct group_premise *premise)
{
    return premise->home != GROUP_NO_CLASS && group->classes[premise->home].premises == 1;
}

// What a premise adds to the class above it; `sign` 1 or -1.
static struct group_delta leaf_delta(const struct group *group, const struct group_premise *premise,
                                     int sign)
{
    struct group_delta delta = {.live = sign, .backs = premise->back ? sign : 0};

    if (premise->call) {
        delta.calls = sign;
        delta.wires = premise->wire ? sign : 0;
        delta.flats = premise->flat ? sign : 0;
        struct group_times time = group_times_of(group->calls[premise->call - 1].time_ms);
        group_times_add(&delta.times, &time, sign);
        delta.places = is_alone(group, premise) ? 0 : sign;
        for (size_t i = 0; i < group->phases && !is_alone(group, premise); i++) {
            delta.best[i] = sign * group->attributed.leaf;
            delta.mass[i] = sign * group->several.leaf;
        }
    }
    return delta;
}

static void take_leaf(struct group *group, const struct group_premise *premise, int sign)
{
    if (premise->covers == 0)
        climb(group, premise->home, leaf_delta(group, premise, sign));
}

// Of a premise that has called: its call comes or goes.
static void count_call(struct group *group, const struct group_premise *premise, int sign)
{
    struct group_delta delta = leaf_delta(group, premise, sign);

    delta.live = delta.backs = 0;
    if (premise->covers == 0)
        climb(group, premise->home, delta);
}

static void set_time(struct group *group, const struct group_premise *premise, int64_t time_ms)
{
    struct group_call *call = &group->calls[premise->call - 1];
    struct group_times old = group_times_of(call->time_ms);
    struct group_delta delta = {.times = group_times_of(time_ms)};

    group_times_add(&delta.times, &old, -1);
    call->time_ms = time_ms;
    if (premise->covers == 0)
        climb(group, premise->home, delta);
}

bool group_call(struct group *group, uint32_t premise, int64_t time_ms)
{
    struct group_premise *at = &group->premises[premise];

    assert(premise < group->premise_count);
    group->decision.fresh = false;
    group_set_back(group, premise, false);
    if (at->call) {
        set_time(group, at, time_ms);
        return false;
    }
    mem_grow((void **)&group->calls, group->call_count, &group->call_capacity,
             sizeof(*group->calls));
    group->calls[group->call_count++] = (struct group_call){premise, time_ms};
    at->call = (uint32_t)group->call_count;
    count_call(group, at, 1);
    return true;
}

bool group_forget(struct group *group, uint32_t premise)
{
    struct group_premise *at = &group->premises[premise];

    assert(premise < group->premise_count);
    if (!at->call)
        return false;
    uint32_t index = at->call - 1;
    count_call(group, at, -1);
    at->call = 0;
    group->calls[index] = group->calls[--group->call_count];
    if (index < group->call_count)
        group->premises[group->calls[index].premise].call = index + 1;
    return true;
}

size_t group_expire(struct group *group, int64_t before_ms)
{
    size_t forgotten = 0;

    for (size_t i = group->call_count; i-- > 0;) {
        uint32_t premise = group->calls[i].premise;

        if (group->calls[i].time_ms < before_ms && group_is_live(group, &group->premises[premise]))
            forgotten += group_forget(group, premise);
    }
    return forgotten;
}

bool group_has_called(const struct group *group, uint32_t premise)
{
    return group->premises[premise].call != 0;
}

void group_set_back(struct group *group, uint32_t premise, bool back)
{
    struct group_premise *at = &group->premises[premise];

    assert(premise < group->premise_count);
    if (back)
        group_forget(group, premise);
    if (at->back == back)
        return;
    at->back = back;
    if (at->covers == 0)
        climb(group, at->home, (struct group_delta){.backs = back ? 1 : -1});
}

void group_set_wire(struct group *group, uint32_t premise, bool wire)
{
    struct group_premise *at = &group->premises[premise];

    assert(premise < group->premise_count);
    if (at->wire == wire)
        return;
    at->wire = wire;
    if (at->call && at->covers == 0)
        climb(group, at->home, (struct group_delta){.wires = wire ? 1 : -1});
}

void group_set_flat(struct group *group, uint32_t premise, bool flat)
{
    struct group_premise *at = &group->premises[premise];

    assert(premise < group->premise_count);
    if (at->flat == flat)
        return;
    at->flat = flat;
    if (at->call && at->covers == 0)
        climb(group, at->home, (struct group_delta){.flats = flat ? 1 : -1});
}

// Prices the classes of the path anew, and counts from the lowest of them on.
static void bar_path(struct group *group, int32_t node, bool bar)
{
    int32_t lowest = group->near[node];

    for (int32_t at = node; at != MODEL_NO_NODE; at = model_node(group->model, at)->parent) {
        group->barred[at] += bar ? 1U : (uint32_t)-1;
        if (group->near[at] != GROUP_NO_CLASS)
            group_price(group, group->near[at]);
    }
    climb(group, lowest, (struct group_delta){0});
}

static void set_out(struct group *group, int32_t node, bool out)
{
    if (out) {
        mem_grow((void **)&group->outs, group->out_count, &group->out_capacity,
                 sizeof(*group->outs));
        group->outs[group->out_count++] = node;
    } else {
        size_t i = 0;

        while (group->outs[i] != node)
            i++;
        group->outs[i] = group->outs[--group->out_count];
    }
    if (group->near[node] != GROUP_NO_CLASS)
        climb(group, group->near[node], (struct group_delta){.outs = out ? 1 : -1});
}

bool group_mark(struct group *group, int32_t node, enum group_mark mark)
{
    enum group_mark old = (enum group_mark)group->marks[node];

    if (old == mark)
        return false;
    group->marks[node] = (uint8_t)mark;
    if (old == GROUP_MARK_ENERGISED || mark == GROUP_MARK_ENERGISED)
        bar_path(group, node, mark == GROUP_MARK_ENERGISED);
    if (old == GROUP_MARK_OUT || mark == GROUP_MARK_OUT)
        set_out(group, node, mark == GROUP_MARK_OUT);
    return true;
}

// A covered class keeps its own sums; the classes above lose them.
static void cover_class(struct group *group, int32_t at, int sign)
{
    struct group_class *class = &group->classes[at];

    if (sign > 0 ? class->covers++ > 0 : --class->covers > 0)
        return;
    struct group_delta delta = {.live = -sign * (int32_t) class->live,
                                .calls = -sign * (int32_t) class->calls,
                                .backs = -sign * (int32_t) class->backs,
                                .outs = -sign * (int32_t) class->outs,
                                .wires = -sign * (int32_t) class->wires,
                                .flats = -sign * (int32_t) class->flats,
                                .places = -sign * class->places};
    group_times_add(&delta.times, &class->times, -sign);
    for (size_t i = 0; i < group->phases; i++) {
        delta.best[i] = -sign * class->sums[i].best;
        delta.mass[i] = -sign * class->sums[i].mass;
    }
    climb(group, class->parent, delta);
}

void group_cover_premise(struct group *group, uint32_t premise)
{
    struct group_premise *at = &group->premises[premise];

    take_leaf(group, at, -1);
    at->covers++;
}

void group_uncover_premise(struct group *group, uint32_t premise)
{
    struct group_premise *at = &group->premises[premise];

    assert(at->covers > 0);
    at->covers--;
    take_leaf(group, at, 1);
}

// A node that is no candidate may feed a part of its class: then its premises are covered one by one.
static void cover(struct group *group, int32_t node, int sign)
{
    int32_t class = group->near[node];
    size_t count;
    const struct model_premise *premises = model_premises_below(group->model, node, &count);

    if (class != GROUP_NO_CLASS && group->classes[class].premises == count) {
        cover_class(group, class, sign);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t premise = model_premise_position(group->model, &premises[i]);

        if (sign > 0)
            group_cover_premise(group, premise);
        else
            group_uncover_premise(group, premise);
    }
}

void group_cover(struct group *group, int32_t node)
{
    cover(group, node, 1);
}

void group_uncover(struct group *group, int32_t node)
{
    cover(group, node, -1);
}
