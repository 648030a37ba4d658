// Explanations as lists of faults, with probabilities.
#include "busd/engine_group_decide.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

// A fault of an explanation: a class, or a premise without one.
struct place {
    int32_t class;
    uint32_t premise;
};

struct places {
    struct place *items;
    size_t count, capacity;
};

// The place on a premise's path (from its home upwards) that the explanation blames.
static int32_t blamed(const struct group *group, struct group_explanation form, int32_t home)
{
    int32_t found = GROUP_NO_CLASS;

    if (home != GROUP_NO_CLASS && group->classes[home].premises == 1)
        found = home;
    for (int32_t at = home; at != GROUP_NO_CLASS; at = group->classes[at].parent) {
        bool chosen = form.form == GROUP_FORM_ONE && at == form.class;

        if (form.form == GROUP_FORM_SEVERAL)
            chosen = group_wins(group, &group->classes[at]) != (at == form.class);
        if (chosen)
            found = at;
    }
    return found;
}

// log P(class failed | several); `above` is the sum of below - mass over what is above it.
static int64_t several_log(const struct group *group, const struct group_class *class,
                           int64_t above)
{
    size_t phase = group->decision.phase;
    int64_t own = group_own_several(group, class, phase);

    return own == GROUP_NEVER ? own : own + group->several.faults - class->sums[phase].mass + above;
}

static int64_t passed(const struct group *group, int32_t class)
{
    const struct group_sums *sums = &group->classes[class].sums[group->decision.phase];

    return sums->mass_below - sums->mass;
}

static int64_t sum_above(const struct group *group, int32_t class)
{
    int64_t sum = 0;

    for (; class != GROUP_NO_CLASS; class = group->classes[class].parent)
        sum += passed(group, class);
    return sum;
}

// Both hypotheses together: `one` is s(c), `several` log P(c | several).
static uint32_t both_ppm(struct group *group, int64_t one, int64_t several)
{
    const struct group_decision *decision = group_decide(group);
    uint32_t ppm = 0;

    if (one > GROUP_NEVER / 2 && decision->one_log > GROUP_NEVER)
        ppm += group_ppm(decision->one_log - decision->both_log + one - decision->one_sum);
    if (several > GROUP_NEVER / 2)
        ppm += group_ppm(decision->several_log - decision->both_log + several);
    return ppm > GROUP_PPM ? GROUP_PPM : ppm;
}

static uint32_t class_ppm(struct group *group, int32_t class, int64_t above)
{
    const struct group_class *at = &group->classes[class];

    return both_ppm(group, group_one_log(group, at), several_log(group, at, above));
}

// A premise alone, with what cannot be told from it; the rest of the belief is on "unrelated".
static uint32_t single_ppm(struct group *group, const struct group_premise *premise)
{
    const struct group_decision *decision = group_decide(group);
    int64_t prior = group_single_prior(group, premise), one = GROUP_NEVER, several;
    int32_t home = premise->home;

    if (decision->best.form != GROUP_FORM_NONE && group->total.calls > 0 &&
        (uint32_t)group->total.calls <= group->rules.unrelated_most + 1) {
        one = prior + *group_share_logs(group->one_share, 1, 1) -
              group_logs_of(&group->logs, group->rules.unrelated_most + 1) -
              group_log_choose(&group->logs, group->premise_count - 1,
                               (uint32_t)group->total.calls - 1);
    }
    if (home != GROUP_NO_CLASS && group->classes[home].premises == 1) {
        several = several_log(group, &group->classes[home],
                              sum_above(group, group->classes[home].parent));
    } else {
        several = prior + *group_share_logs(group->several_share, 1, 1) + group->several.faults -
                  group->several.leaf + sum_above(group, home);
    }
    return both_ppm(group, one, several);
}

// In the order of probability; of equal ones the first.
static void add_rival(struct group_rival *rivals, size_t *count, size_t most,
                      const struct group_rival *rival)
{
    size_t at = *count;

    if (rival->probability_ppm == 0)
        return;
    while (at > 0 && rivals[at - 1].probability_ppm < rival->probability_ppm)
        at--;
    if (at == most)
        return;
    if (*count < most)
        ++*count;
    memmove(&rivals[at + 1], &rivals[at], (*count - 1 - at) * sizeof(*rivals));
    rivals[at] = *rival;
}

// The likeliest other places on the path of the premise that stands for the fault.
static size_t find_rivals(struct group *group, const struct place *place,
                          struct group_rival *rivals, size_t most)
{
    const struct group_premise *premise = &group->premises[place->premise];
    int64_t above = sum_above(group, premise->home);
    size_t count = 0;

    if (place->class != GROUP_NO_CLASS && group->classes[place->class].premises > 1 &&
        premise->call) {
        struct group_rival alone = {.node = MODEL_NO_NODE,
                                    .premises = 1,
                                    .callers = 1,
                                    .probability_ppm = single_ppm(group, premise)};

        if (group->classes[premise->home].premises == 1)
            alone.node = group->classes[premise->home].low;
        add_rival(rivals, &count, most, &alone);
    }
    for (int32_t at = premise->home; at != GROUP_NO_CLASS; at = group->classes[at].parent) {
        const struct group_class *class = &group->classes[at];

        above -= passed(group, at);
        if (at == place->class || class->premises == 1 || class->low == MODEL_NO_NODE)
            continue;
        add_rival(rivals, &count, most,
                  &(struct group_rival){.node = class->low,
                                        .premises = class->live,
                                        .callers = class->calls,
                                        .probability_ppm = class_ppm(group, at, above)});
    }
    return count;
}

// The lowest member that is not barred.
static int32_t name_of(const struct group *group, int32_t class)
{
    for (int32_t at = group->classes[class].low; at != MODEL_NO_NODE && group->near[at] == class;
         at = model_node(group->model, at)->parent) {
        if (group_is_candidate(group, at) && group->barred[at] == 0)
            return at;
    }
    return MODEL_NO_NODE;
}

static struct group_fault describe(struct group *group, const struct place *place)
{
    struct group_fault fault = {.node = MODEL_NO_NODE,
                                .runner_up = MODEL_NO_NODE,
                                .premise = place->premise,
                                .premises = 1,
                                .callers = group->premises[place->premise].call ? 1 : 0};

    if (place->class != GROUP_NO_CLASS) {
        const struct group_class *class = &group->classes[place->class];

        fault.node = name_of(group, place->class);
        fault.premises = class->live;
        fault.callers = class->calls;
    }
    if (place->class == GROUP_NO_CLASS || group->classes[place->class].premises == 1)
        fault.probability_ppm = single_ppm(group, &group->premises[place->premise]);
    else
        fault.probability_ppm =
            class_ppm(group, place->class, sum_above(group, group->classes[place->class].parent));
    return fault;
}

static struct group_fault describe_with_rival(struct group *group, const struct place *place)
{
    struct group_fault fault = describe(group, place);
    struct group_rival rival = {.node = MODEL_NO_NODE};

    find_rivals(group, place, &rival, 1);
    fault.runner_up = rival.node;
    fault.runner_up_premises = rival.premises;
    fault.runner_up_ppm = rival.probability_ppm;
    return fault;
}

static void add_place(struct group *group, struct places *places, int32_t class, uint32_t premise)
{
    if (class != GROUP_NO_CLASS) {
        struct group_class *at = &group->classes[class];

        if (at->stamp == group->stamp) {
            // The first premise stands for the class, whatever the order of calls.
            if (premise < places->items[at->slot].premise)
                places->items[at->slot].premise = premise;
            return;
        }
        at->stamp = group->stamp;
        at->slot = (uint32_t)places->count;
    }
    mem_grow((void **)&places->items, places->count, &places->capacity, sizeof(*places->items));
    places->items[places->count++] = (struct place){class, premise};
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    return a->premise < b->premise ? -1 : a->premise > b->premise;
}

static bool is_node_live(const struct group *group, int32_t node)
{
    int32_t at = group->near[node];

    while (at != GROUP_NO_CLASS && group->classes[at].covers == 0)
        at = group->classes[at].parent;
    return at == GROUP_NO_CLASS;
}

static void list_places(struct group *group, struct group_explanation form, struct places *places)
{
    group->stamp++;
    for (size_t i = 0; i < group->call_count; i++) {
        uint32_t premise = group->calls[i].premise;

        if (group_is_live(group, &group->premises[premise]))
            add_place(group, places, blamed(group, form, group->premises[premise].home), premise);
    }
    for (size_t i = 0; i < group->out_count; i++) {
        int32_t node = group->outs[i], class = blamed(group, form, group->near[node]);
        size_t count;

        if (class == GROUP_NO_CLASS || !is_node_live(group, node) ||
            group->classes[class].stamp == group->stamp)
            continue; // calls name it already
        const struct model_premise *below =
            model_premises_below(group->model, group->classes[class].low, &count);
        if (count)
            add_place(group, places, class, model_premise_position(group->model, below));
    }
    if (places->count)
        qsort(places->items, places->count, sizeof(*places->items), compare_places);
}

size_t group_explain(struct group *group, enum group_which which, group_each_fault *each,
                     void *context)
{
    const struct group_decision *decision =
        which == GROUP_SECOND ? group_decide_second(group) : group_decide(group);
    struct group_explanation form = which == GROUP_BEST ? decision->best : decision->second;
    struct places places = {0};

    if (form.form != GROUP_FORM_NONE)
        list_places(group, form, &places);
    for (size_t i = 0; i < places.count; i++) {
        struct group_fault fault = describe_with_rival(group, &places.items[i]);

        each(context, &fault);
    }
    free(places.items);
    return places.count;
}

bool group_fault_of(struct group *group, uint32_t premise, struct group_fault *fault)
{
    const struct group_premise *at = &group->premises[premise];

    if (!at->call || !group_is_live(group, at))
        return false;
    struct place place = {blamed(group, group_decide(group)->best, at->home), premise};
    *fault = describe_with_rival(group, &place);
    return true;
}

bool group_place_of(struct group *group, uint32_t premise, struct group_fault *fault)
{
    const struct group_premise *at = &group->premises[premise];

    if (!at->call || !group_is_live(group, at))
        return false;
    struct place place = {blamed(group, group_decide(group)->best, at->home), premise};
    *fault = describe(group, &place);
    return true;
}

size_t group_rivals(struct group *group, uint32_t premise, struct group_rival *rivals, size_t most)
{
    const struct group_premise *at = &group->premises[premise];

    if (!at->call || !group_is_live(group, at))
        return 0;
    struct place place = {blamed(group, group_decide(group)->best, at->home), premise};
    return find_rivals(group, &place, rivals, most);
}

// Following the faults from one change to the next.

int64_t group_blame(struct group *group, uint32_t premise)
{
    const struct group_premise *at = &group->premises[premise];

    if (!at->call || !group_is_live(group, at))
        return GROUP_BLAME_NONE;
    int32_t class = blamed(group, group_decide(group)->best, at->home);
    return class != GROUP_NO_CLASS && group->classes[class].premises > 1 ? class
                                                                         : -1 - (int64_t)premise;
}

int32_t group_name(const struct group *group, int64_t blame)
{
    int32_t class = blame >= 0 ? (int32_t)blame : group->premises[-1 - blame].home;

    return class != GROUP_NO_CLASS && (blame >= 0 || group->classes[class].premises == 1)
               ? name_of(group, class)
               : MODEL_NO_NODE;
}

int32_t group_chosen(struct group *group, int32_t home)
{
    int32_t class = blamed(group, group_decide(group)->best, home);

    return class != GROUP_NO_CLASS && group->classes[class].premises > 1 ? class : GROUP_NO_CLASS;
}

struct group_shape group_shape(struct group *group)
{
    const struct group_decision *decision = group_decide(group);

    return (struct group_shape){(int)decision->best.form, decision->best.class, decision->phase};
}

int32_t group_home(const struct group *group, uint32_t premise)
{
    return group->premises[premise].home;
}

int32_t group_home_of_node(const struct group *group, int32_t node)
{
    return group->near[node];
}

int32_t group_above(const struct group *group, int32_t class)
{
    return group->classes[class].parent;
}

size_t group_class_count(const struct group *group)
{
    return group->class_count;
}

void group_below(const struct group *group, int32_t class, uint32_t *first, uint32_t *count)
{
    size_t below = 0;
    const struct model_premise *premises =
        model_premises_below(group->model, group->classes[class].low, &below);

    *first = below ? model_premise_position(group->model, premises) : 0;
    *count = (uint32_t)below;
}
