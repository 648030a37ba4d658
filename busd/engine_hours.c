#include "busd/engine_hours.h"

#include "busd/engine_state.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <stdlib.h>
#include <string.h>

void hours_fini(struct hours *hours)
{
    free(hours->records);
    free(hours->outs);
    *hours = (struct hours){.model = NULL};
}

// What a record was out, to be added.
struct adding {
    struct hours *hours;
    int64_t from_ms, to_ms; // of the record
};

static void add(struct hours *hours, uint32_t first, uint32_t end, int64_t from_ms, int64_t to_ms)
{
    struct hours_out out = {.first = first,
                            .end = end,
                            .from_ms = from_ms > hours->begins_ms ? from_ms : hours->begins_ms,
                            .to_ms = to_ms < hours->ends_ms ? to_ms : hours->ends_ms,
                            .record = hours->record_count - 1,
                            .open = to_ms > hours->ends_ms};

    if (out.first >= out.end || out.from_ms >= out.to_ms)
        return;
    mem_grow((void **)&hours->outs, hours->out_count, &hours->out_capacity, sizeof(out));
    hours->outs[hours->out_count++] = out;
}

// What joined by switching was out since then, and for some time before, which stands without its moments:
// from the beginning.
static void add_part(void *context, uint32_t first, uint32_t end, const struct engine_out *out)
{
    const struct adding *adding = context;
    int64_t from_ms = out->since > adding->from_ms ? out->since : adding->from_ms;
    int64_t to_ms = out->back && out->back < adding->to_ms ? out->back : adding->to_ms;

    if (out->before_s)
        add(adding->hours, first, end, adding->from_ms, adding->from_ms + out->before_s * 1000);
    add(adding->hours, first, end, from_ms, to_ms);
}

static void add_covers(struct adding *adding, const struct cover_list *covers)
{
    const struct cover *only = covers->count == 1 ? &covers->items[0] : NULL;
    const struct model *model = adding->hours->model;

    if (!only || only->level != COVER_NODE || only->part != COVER_NAMED || only->restored_at) {
        engine_each_out(model, covers, add_part, adding);
        return;
    }
    // Nearly all of them are of one node.
    int32_t node = model_find_node(model, slice_of(only->node));
    size_t count = 0;
    const struct model_premise *premises =
        node == MODEL_NO_NODE ? NULL : model_premises_below(model, node, &count);
    uint32_t first = count ? model_premise_position(model, premises) : 0;

    add(adding->hours, first, first + (uint32_t)count, adding->from_ms, adding->to_ms);
}

static void add_record(struct hours *hours, struct hours_record record)
{
    mem_grow((void **)&hours->records, hours->record_count, &hours->record_capacity,
             sizeof(record));
    hours->records[hours->record_count++] = record;
}

void hours_add_incident(struct hours *hours, const struct incident *incident)
{
    struct adding adding = {hours, incident->started,
                            incident->restored_at ? incident->restored_at : INT64_MAX};

    if (incident->kind != INCIDENT_OUTAGE || incident->state == INCIDENT_MERGED ||
        !engine_outcome_counts(incident->outcome).minutes)
        return;
    add_record(hours, (struct hours_record){false, incident->incident});
    add_covers(&adding, &incident->covers);
}

// "from-to from-to"; the last one without an end while they are at work.
void hours_add_planned(struct hours *hours, const struct planned *planned)
{
    const char *at = planned->worked;

    add_record(hours, (struct hours_record){true, planned->planned});
    while (at && *at) {
        char *end;
        struct adding adding = {.hours = hours, .from_ms = strtoll(at, &end, 10)};

        adding.to_ms = strtoll(end + 1, &end, 10);
        if (adding.to_ms == 0)
            adding.to_ms = INT64_MAX;
        add_covers(&adding, &planned->covers);
        at = *end ? end + 1 : end;
    }
}

// --- runs ---------------------------------------------------------------------------------------

static int compare_first(const void *left, const void *right)
{
    const struct hours_out *const *a = left, *const *b = right;

    if ((*a)->first != (*b)->first)
        return (*a)->first < (*b)->first ? -1 : 1;
    return (*a > *b) - (*a < *b); // of one array
}

struct active {
    const struct hours *hours;
    const struct hours_out **items; // by their beginning
    size_t count, capacity;
};

// By their beginning; of two the record with the lower number.
static bool begins_before(const struct active *active, const struct hours_out *a,
                          const struct hours_out *b)
{
    const struct hours_record *of_a = &active->hours->records[a->record];
    const struct hours_record *of_b = &active->hours->records[b->record];

    if (a->from_ms != b->from_ms)
        return a->from_ms < b->from_ms;
    if (of_a->planned != of_b->planned)
        return of_b->planned;
    return of_a->number != of_b->number ? of_a->number < of_b->number : a < b;
}

static void enter(struct active *active, const struct hours_out *out)
{
    size_t at = active->count;

    mem_grow((void **)&active->items, active->count, &active->capacity, sizeof(*active->items));
    for (; at > 0 && begins_before(active, out, active->items[at - 1]); at--)
        active->items[at] = active->items[at - 1];
    active->items[at] = out;
    active->count++;
}

static void leave(struct active *active, uint32_t position)
{
    size_t kept = 0;

    for (size_t i = 0; i < active->count; i++) {
        if (active->items[i]->end > position)
            active->items[kept++] = active->items[i];
    }
    active->count = kept;
}

// Where the run that begins at `at` ends.
static uint32_t run_end(const struct active *active, const struct hours_out *next)
{
    uint32_t end = next ? next->first : UINT32_MAX;

    for (size_t i = 0; i < active->count; i++)
        end = active->items[i]->end < end ? active->items[i]->end : end;
    return end;
}

void hours_each_run(const struct hours *hours, hours_run *each, void *context)
{
    size_t count = hours->out_count, next = 0;
    const struct hours_out **sorted = mem_alloc((count + 1) * sizeof(*sorted));
    struct active active = {.hours = hours};
    uint32_t at = 0;

    for (size_t i = 0; i < count; i++)
        sorted[i] = &hours->outs[i];
    if (count)
        qsort(sorted, count, sizeof(*sorted), compare_first);
    while (next < count || active.count) {
        if (active.count == 0)
            at = sorted[next]->first;
        while (next < count && sorted[next]->first == at)
            enter(&active, sorted[next++]);
        uint32_t end = run_end(&active, next < count ? sorted[next] : NULL);
        each(context, at, end, active.items, active.count);
        leave(&active, end);
        at = end;
    }
    free(sorted);
    free(active.items);
}

// --- sums ---------------------------------------------------------------------------------------

struct hours_sum hours_sum(const struct hours_out *const *outs, size_t count)
{
    struct hours_sum sum = {0};
    int64_t until_ms = INT64_MIN, at_once_ms = 0;

    for (size_t i = 0; i < count; i++) {
        const struct hours_out *out = outs[i];
        bool again = out->from_ms > until_ms;
        int64_t from_ms = again ? out->from_ms : until_ms;

        at_once_ms = again ? 0 : at_once_ms;
        sum.times += again;
        sum.open |= out->open;
        if (out->to_ms > from_ms) {
            sum.total_ms += out->to_ms - from_ms;
            at_once_ms += out->to_ms - from_ms;
            until_ms = out->to_ms;
        }
        if (at_once_ms > sum.longest_ms)
            sum.longest_ms = at_once_ms;
    }
    return sum;
}

const struct hours_out *hours_pass(const struct hours_out *const *outs, size_t count,
                                   int64_t limit_ms, int64_t *at_ms)
{
    int64_t until_ms = INT64_MIN, total_ms = 0;

    for (size_t i = 0; i < count; i++) {
        int64_t from_ms = outs[i]->from_ms > until_ms ? outs[i]->from_ms : until_ms;

        if (outs[i]->to_ms <= from_ms)
            continue;
        if (total_ms + outs[i]->to_ms - from_ms >= limit_ms) {
            *at_ms = from_ms + limit_ms - total_ms;
            return outs[i];
        }
        total_ms += outs[i]->to_ms - from_ms;
        until_ms = outs[i]->to_ms;
    }
    return NULL;
}

// --- limits -------------------------------------------------------------------------------------

struct hours_limits hours_limits(const struct engine_timers *timers)
{
    int64_t year_ms = timers->rows[ENGINE_TIMER_YEAR_LIMIT].after_ms;
    int64_t before_ms = year_ms - timers->rows[ENGINE_TIMER_YEAR_NEAR].after_ms;
    const int64_t given[HOURS_CATEGORIES] = {timers->year_category_1, timers->year_category_2,
                                             year_ms};
    struct hours_limits limits = {
        .at_once_ms = {[HOURS_NEAR] = timers->rows[ENGINE_TIMER_OUTAGE_NEAR].after_ms,
                       [HOURS_LIMIT] = timers->rows[ENGINE_TIMER_OUTAGE_LIMIT].after_ms}};

    for (int category = 0; category < HOURS_CATEGORIES; category++) {
        limits.ms[HOURS_LIMIT][category] = given[category];
        limits.ms[HOURS_NEAR][category] =
            given[category] > before_ms ? given[category] - before_ms : 0;
    }
    return limits;
}

int hours_category(const struct model_premise *premise)
{
    return premise->reliability == 1 || premise->reliability == 2 ? premise->reliability - 1
                                                                  : HOURS_CATEGORIES - 1;
}

struct finding {
    const struct hours *hours;
    const struct hours_limits *limits;
    int64_t told_ms, spare_ms;
    struct hours_passed *passed;
};

static void find_in_run(void *context, uint32_t first, uint32_t end,
                        const struct hours_out *const *outs, size_t count)
{
    struct finding *finding = context;
    int64_t premises[HOURS_CATEGORIES] = {0};
    int64_t total_ms = hours_sum(outs, count).total_ms;

    for (uint32_t at = first; at < end; at++)
        premises[hours_category(model_premise_at(finding->hours->model, at))]++;
    for (int i = 0; i < HOURS_LIMIT_COUNT * HOURS_CATEGORIES; i++) {
        int limit = i / HOURS_CATEGORIES, category = i % HOURS_CATEGORIES;
        int64_t limit_ms = finding->limits->ms[limit][category], at_ms;

        if (premises[category] == 0)
            continue;
        if (total_ms < limit_ms) {
            if (limit_ms - total_ms < finding->spare_ms)
                finding->spare_ms = limit_ms - total_ms;
            continue;
        }
        const struct hours_out *out = hours_pass(outs, count, limit_ms, &at_ms);
        struct hours_passed *passed = &finding->passed[out->record];
        if (at_ms <= finding->told_ms)
            continue;
        if (passed->premises[limit] == 0 || at_ms < passed->due_ms[limit])
            passed->due_ms[limit] = at_ms;
        passed->premises[limit] += premises[category];
    }
}

int64_t hours_find_passed(const struct hours *hours, const struct hours_limits *limits,
                          int64_t told_ms, struct hours_passed *passed)
{
    struct finding finding = {hours, limits, told_ms, INT64_MAX, passed};

    for (int category = 0; category < HOURS_CATEGORIES; category++) { // who was never out
        if (limits->ms[HOURS_NEAR][category] < finding.spare_ms)
            finding.spare_ms = limits->ms[HOURS_NEAR][category];
    }
    memset(passed, 0, hours->record_count * sizeof(*passed)); // NOLINT
    hours_each_run(hours, find_in_run, &finding);
    return finding.spare_ms;
}
