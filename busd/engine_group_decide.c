// One fault or several, and what the best and the second explanation are.
#include "busd/engine_group_decide.h"
#include "lib/mem.h"

#include <stdlib.h>

// Every class that leaves at most this many calls outside holds one of any such many + 1 calls.
enum { WITNESSES = 32, TIMED_CALLS = 64 };

struct candidate {
    int32_t class;
    int64_t log;
    int64_t first_ms, last_ms; // of its calls
};

struct candidates {
    struct candidate *items;
    size_t count, capacity;
};

bool group_is_live(const struct group *group, const struct group_premise *premise)
{
    if (premise->covers)
        return false;
    for (int32_t at = premise->home; at != GROUP_NO_CLASS; at = group->classes[at].parent) {
        if (group->classes[at].covers)
            return false;
    }
    return true;
}

int64_t group_single_prior(const struct group *group, const struct group_premise *premise)
{
    if (premise->home != GROUP_NO_CLASS && group->classes[premise->home].premises == 1)
        return group_prior(&group->classes[premise->home]);
    return group->leaf_prior;
}

// log P(j unrelated calls, these) among `others` premises.
static int64_t unrelated_log(const struct group *group, uint64_t others, uint32_t count)
{
    uint32_t most = group->rules.unrelated_most, ways = 1;

    if (count > most || count > others)
        return GROUP_NEVER;
    if (count == others)
        ways = most + 1 - count; // more would have called, were there more premises
    return group_logs_of(&group->logs, ways) - group_logs_of(&group->logs, most + 1) -
           group_log_choose(&group->logs, others, count);
}

int64_t group_one_log(const struct group *group, const struct group_class *class)
{
    uint32_t outside = (uint32_t)group->total.calls - class->calls;
    int64_t unrelated = unrelated_log(group, group->premise_count - class->live, outside);

    if (unrelated == GROUP_NEVER || class->premises < 2)
        return GROUP_NEVER;
    int64_t own = group_own_one(group, class);
    return own == GROUP_NEVER ? own : own + unrelated;
}

static void add_path(struct group *group, int32_t class, struct candidates *found)
{
    for (; class != GROUP_NO_CLASS; class = group->classes[class].parent) {
        struct group_class *at = &group->classes[class];

        if (at->stamp == group->stamp)
            return;
        at->stamp = group->stamp;
        at->slot = 0;
        int64_t log = group_one_log(group, at);
        if (log == GROUP_NEVER)
            continue;
        mem_grow((void **)&found->items, found->count, &found->capacity, sizeof(*found->items));
        at->slot = (uint32_t)found->count + 1;
        found->items[found->count++] = (struct candidate){class, log, INT64_MAX, INT64_MIN};
    }
}

static int compare_classes(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    return a->class < b->class ? -1 : a->class > b->class;
}

// A lone premise among the callers, the others unrelated; premises in `witnesses` are all of them.
static int64_t singles_log(struct group *group, const uint32_t *witnesses, size_t count)
{
    int64_t sum = GROUP_NEVER;

    for (size_t i = 0; i < count; i++) {
        int64_t prior = group_single_prior(group, &group->premises[witnesses[i]]);
        sum = group_log_add(&group->add, sum, prior);
    }
    return sum + *group_share_logs(group->one_share, 1, 1) +
           unrelated_log(group, group->premise_count - 1, (uint32_t)count - 1);
}

static int compare_positions(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return *a < *b ? -1 : *a > *b;
}

static size_t take_witnesses(const struct group *group, uint32_t *witnesses)
{
    size_t count = 0, most = (size_t)group->rules.unrelated_most + 1;

    for (size_t i = 0; i < group->call_count && count < most && count < WITNESSES; i++) {
        uint32_t premise = group->calls[i].premise;

        if (group_is_live(group, &group->premises[premise]))
            witnesses[count++] = premise;
    }
    qsort(witnesses, count, sizeof(*witnesses), compare_positions);
    return count;
}

// Few calls: what the time from the first to the last says, rather than their variance.
static int64_t late_exactly(const struct group *group, const struct candidate *candidate)
{
    const struct group_class *class = &group->classes[candidate->class];
    uint64_t width_ms = (uint64_t)(candidate->last_ms - candidate->first_ms);

    return group_late_log(&group->rules, &group->logs,
                          width_ms ? group_logs_of(&group->logs, width_ms) : GROUP_NEVER,
                          class->calls, group_callers(group, class));
}

static void weigh_times(struct group *group, struct candidates *found)
{
    if (group->call_count > TIMED_CALLS)
        return;
    for (size_t i = 0; i < group->call_count; i++) {
        const struct group_call *call = &group->calls[i];
        const struct group_premise *premise = &group->premises[call->premise];

        if (!group_is_live(group, premise))
            continue;
        for (int32_t at = premise->home; at != GROUP_NO_CLASS; at = group->classes[at].parent) {
            const struct group_class *class = &group->classes[at];

            if (class->stamp != group->stamp || class->slot == 0)
                continue;
            struct candidate *candidate = &found->items[class->slot - 1];
            if (call->time_ms < candidate->first_ms)
                candidate->first_ms = call->time_ms;
            if (call->time_ms > candidate->last_ms)
                candidate->last_ms = call->time_ms;
        }
    }
    for (size_t i = 0; i < found->count; i++)
        found->items[i].log +=
            late_exactly(group, &found->items[i]) - group->classes[found->items[i].class].late;
}

// The better and the second of the hypotheses of one fault, and the sum of all.
static void weigh_one(struct group *group, struct group_decision *decision)
{
    struct candidates found = {0};
    uint32_t witnesses[WITNESSES];
    size_t count = take_witnesses(group, witnesses);
    int64_t best = GROUP_NEVER, second = GROUP_NEVER;

    group->stamp++;
    for (size_t i = 0; i < count; i++)
        add_path(group, group->premises[witnesses[i]].home, &found);
    weigh_times(group, &found);
    if ((size_t)group->total.calls == count) {
        mem_grow((void **)&found.items, found.count, &found.capacity, sizeof(*found.items));
        found.items[found.count++] = (struct candidate){
            .class = GROUP_NO_CLASS, .log = singles_log(group, witnesses, count)};
    }
    if (found.count)
        qsort(found.items, found.count, sizeof(*found.items), compare_classes);
    decision->one_sum = GROUP_NEVER;
    for (size_t i = 0; i < found.count; i++) {
        const struct candidate *at = &found.items[i];
        struct group_explanation form = {
            at->class == GROUP_NO_CLASS ? GROUP_FORM_SINGLES : GROUP_FORM_ONE, at->class};

        decision->one_sum = group_log_add(&group->add, decision->one_sum, at->log);
        if (at->log > best) {
            second = best;
            decision->second = decision->best;
            best = at->log;
            decision->best = form;
        } else if (at->log > second) {
            second = at->log;
            decision->second = form;
        }
    }
    decision->gain = second == GROUP_NEVER ? INT64_MAX : best - second;
    free(found.items);
}

static int64_t burst_log(const struct group *group)
{
    uint32_t calls = (uint32_t)group->total.calls;

    if (calls < 2)
        return 0;
    return group_burst_log(&group->rules, &group->logs,
                           group_width_log(&group->logs, &group->total.times, calls), calls);
}

bool group_wins(const struct group *group, const struct group_class *class)
{
    if (class->premises == 1 || (class->calls == 0 && class->outs == 0))
        return false;
    size_t phase = group->decision.phase;

    return group_own_several(group, class, phase) + group->attributed.faults >
           class->sums[phase].best_below;
}

// The class whose other choice costs least, of those above the calls and not below a fault.
static int32_t closest_choice(struct group *group, int64_t *gap)
{
    int32_t closest = GROUP_NO_CLASS;
    size_t phase = group->decision.phase;

    *gap = INT64_MAX;
    group->stamp++;
    for (size_t i = 0; i < group->call_count; i++) {
        const struct group_premise *premise = &group->premises[group->calls[i].premise];
        int32_t top = GROUP_NO_CLASS;

        if (!group_is_live(group, premise))
            continue;
        for (int32_t at = premise->home; at != GROUP_NO_CLASS; at = group->classes[at].parent) {
            if (group_wins(group, &group->classes[at]))
                top = at;
        }
        for (int32_t at = top == GROUP_NO_CLASS ? premise->home : top; at != GROUP_NO_CLASS;
             at = group->classes[at].parent) {
            struct group_class *class = &group->classes[at];
            int64_t own = group_own_several(group, class, phase), difference;

            if (class->stamp == group->stamp)
                break;
            class->stamp = group->stamp;
            if (class->premises == 1 || own == GROUP_NEVER)
                continue;
            difference = own + group->attributed.faults - class->sums[phase].best_below;
            difference = difference < 0 ? -difference : difference;
            if (difference < *gap || (difference == *gap && at < closest)) {
                *gap = difference;
                closest = at;
            }
        }
    }
    return closest;
}

// In a large network F and U grow with its size, which is right for the many things of a storm; a few
// calls are not to be measured by it. The numbers that `places` things are likeliest at, at least those of
// a network as stated: what these give, less what the grown ones have given.
static int64_t fewer_log(const struct group *group, uint64_t places)
{
    const struct group_numbers *numbers = &group->rules.several;
    uint64_t scale_milli =
        places * 1000 * 1000 / ((uint64_t)numbers->faults_milli + numbers->unrelated_milli);

    if (scale_milli < 1000)
        scale_milli = 1000;
    if (scale_milli >= group->scale_milli)
        return 0;
    return group->expected - group->expected / (int64_t)group->scale_milli * (int64_t)scale_milli -
           (int64_t)places * (group_logs_of(&group->logs, group->scale_milli) -
                              group_logs_of(&group->logs, scale_milli));
}

// Z2: the sum over the phases, and which is the likeliest.
static void weigh_phases(const struct group *group, struct group_decision *decision)
{
    int64_t sum = GROUP_NEVER;

    for (size_t i = 0; i < group->phases; i++) {
        sum = group_log_add(&group->add, sum, group->total.mass[i]);
        if (group->total.mass[i] > group->total.mass[decision->phase])
            decision->phase = i;
    }
    decision->several_log = sum - group_logs_of(&group->logs, group->phases) - group->expected +
                            fewer_log(group, (uint64_t)group->total.places);
}

const struct group_decision *group_decide(struct group *group)
{
    struct group_decision *decision = &group->decision;

    if (decision->fresh)
        return decision;
    *decision = (struct group_decision){.fresh = true, .one_log = GROUP_NEVER};
    if (group->total.calls == 0 && group->total.outs == 0)
        return decision;
    const struct group_logs *logs = &group->logs;
    int64_t whole = group_logs_of(logs, GROUP_PPM);
    weigh_phases(group, decision);
    decision->several_log += group_logs_of(logs, GROUP_PPM - group->rules.one_ppm) - whole;
    if (group->total.outs == 0)
        weigh_one(group, decision);
    if (decision->best.form != GROUP_FORM_NONE)
        decision->one_log = decision->one_sum + burst_log(group) +
                            group_logs_of(logs, group->rules.one_ppm) - whole;
    decision->both_log = group_log_add(&group->add, decision->one_log, decision->several_log);
    decision->one = decision->one_log >= decision->several_log;
    if (decision->one)
        return decision;
    struct group_explanation one = decision->best;
    decision->best = (struct group_explanation){GROUP_FORM_SEVERAL, GROUP_NO_CLASS};
    decision->second = one;
    decision->gain = decision->several_log - decision->one_log;
    decision->look_further = one.form == GROUP_FORM_NONE;
    return decision;
}

const struct group_decision *group_decide_second(struct group *group)
{
    struct group_decision *decision = &group->decision;

    group_decide(group);
    if (decision->look_further) {
        int32_t class = closest_choice(group, &decision->gain);

        if (class != GROUP_NO_CLASS)
            decision->second = (struct group_explanation){GROUP_FORM_SEVERAL, class};
        decision->look_further = false;
    }
    return decision;
}

struct group_verdict group_verdict(struct group *group)
{
    const struct group_decision *decision = group_decide_second(group);
    struct group_verdict verdict = {.one = decision->one,
                                    .second = decision->second.form != GROUP_FORM_NONE,
                                    .calls = (uint32_t)group->total.calls};
    const int64_t most = 4000 * GROUP_BIT;

    if (decision->one_log > GROUP_NEVER)
        verdict.one_ppm = group_ppm(decision->one_log - decision->both_log);
    int64_t gain = decision->gain < most ? decision->gain : most;
    verdict.gain_millibits = (uint32_t)(gain * 1000 / GROUP_BIT);
    return verdict;
}
