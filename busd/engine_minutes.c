// What happened to each premise under an incident: since when it was out, and until when.
//
// Each is out from `started` until the earliest of the parts with it was restored, or the incident; one that
// an incident nested in it covers is counted there, from the same start. So no minute is counted twice,
// whichever part it was of. One that was switched to it is out since then, one that was switched away
// until then (engine_feed.c).
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

struct out {
    bool noted, known, elsewhere; // it is of the incident; a nested one counts it
    int64_t since, before_s;
    int64_t back; // 0 = not yet
};

struct outs {
    const struct model *model;
    struct out *items; // by position
    uint32_t *positions;
    size_t count, capacity;
};

static struct out *out_of(struct outs *outs, const struct model_premise *premise)
{
    uint32_t position = model_premise_position(outs->model, premise);
    struct out *out = &outs->items[position];

    if (!out->noted) {
        mem_grow((void **)&outs->positions, outs->count, &outs->capacity, sizeof(*outs->positions));
        outs->positions[outs->count++] = position;
        out->noted = true;
    }
    return out;
}

// Nodes come from the top down, so that the nearest has the last word.
static void note_node(struct outs *outs, const struct cover *cover)
{
    size_t count = 0;
    int32_t node = model_find_node(outs->model, slice_of(cover->node));
    const struct model_premise *premises =
        node == MODEL_NO_NODE ? NULL : model_premises_below(outs->model, node, &count);

    for (size_t i = 0; i < count; i++) {
        struct out *out = out_of(outs, &premises[i]);

        out->known = cover->part != COVER_NEVER;
        out->back = cover->restored_at;
        if (cover->since > out->since) {
            out->since = cover->since;
            out->before_s = cover->before_s;
        }
    }
}

// Of several places that a premise is in the first that is restored counts.
static void note_address(void *context, const struct cover *cover,
                         const struct model_premise *premise)
{
    struct out *out = out_of(context, premise);

    out->known = true;
    if (cover->restored_at && (!out->back || cover->restored_at < out->back))
        out->back = cover->restored_at;
}

static void note_elsewhere(void *context, const struct cover *cover,
                           const struct model_premise *premise)
{
    (void)cover;
    out_of(context, premise)->elsewhere = true;
}

static int depth_of(const struct model *model, const struct cover *cover)
{
    int depth = 0;

    for (int32_t at = model_find_node(model, slice_of(cover->node)); at != MODEL_NO_NODE;
         at = model_node(model, at)->parent)
        depth++;
    return depth;
}

struct level {
    const struct cover *cover;
    int depth;
};

static int compare_levels(const void *left, const void *right)
{
    const struct level *a = left, *b = right;

    return a->depth - b->depth;
}

static void find_outs(struct outs *outs, const struct model *model, const struct cover_list *covers)
{
    struct level *levels = mem_alloc((covers->count + 1) * sizeof(*levels));
    struct cover_list rest = {.items = mem_alloc((covers->count + 1) * sizeof(*rest.items))};
    size_t count = 0;

    *outs =
        (struct outs){.model = model,
                      .items = mem_alloc((model_premise_count(model) + 1) * sizeof(*outs->items))};
    for (size_t i = 0; i < covers->count; i++) {
        if (covers->items[i].level == COVER_NODE)
            levels[count++] = (struct level){&covers->items[i], depth_of(model, &covers->items[i])};
        else
            rest.items[rest.count++] = covers->items[i];
    }
    if (count)
        qsort(levels, count, sizeof(*levels), compare_levels);
    for (size_t i = 0; i < count; i++)
        note_node(outs, levels[i].cover);
    engine_each_premise(model, &rest, note_address, outs);
    free(rest.items); // what they hold is the list's
    free(levels);
}

static void free_outs(struct outs *outs)
{
    free(outs->items);
    free(outs->positions);
}

static int compare_positions(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

static bool is_like(const struct out *a, const struct out *b)
{
    return a->known == b->known && a->since == b->since && a->before_s == b->before_s &&
           a->back == b->back;
}

void engine_each_out(const struct model *model, const struct cover_list *covers,
                     engine_out_run *each, void *context)
{
    struct outs outs;

    find_outs(&outs, model, covers);
    if (outs.count)
        qsort(outs.positions, outs.count, sizeof(*outs.positions), compare_positions);
    for (size_t i = 0, end; i < outs.count; i = end) {
        const struct out *out = &outs.items[outs.positions[i]];

        for (end = i + 1; end < outs.count && outs.positions[end] == outs.positions[end - 1] + 1 &&
                          is_like(out, &outs.items[outs.positions[end]]);)
            end++;
        if (out->known)
            each(context, outs.positions[i], outs.positions[end - 1] + 1,
                 &(struct engine_out){out->since, out->before_s, out->back});
    }
    free_outs(&outs);
}

int64_t engine_count_restored(const struct model *model, const struct cover_list *covers)
{
    struct outs outs;
    int64_t count = 0;

    find_outs(&outs, model, covers);
    for (size_t i = 0; i < outs.count; i++)
        count += outs.items[outs.positions[i]].known && outs.items[outs.positions[i]].back;
    free_outs(&outs);
    return count;
}

// `known` gets how many premises are of it.
static int64_t sum_minutes(const struct outs *outs, int64_t started_ms, int64_t ended_ms,
                           int64_t *known)
{
    int64_t seconds = 0;

    *known = 0;

    for (size_t i = 0; i < outs->count; i++) {
        const struct out *out = &outs->items[outs->positions[i]];
        int64_t from_ms = out->since > started_ms ? out->since : started_ms;
        int64_t back_ms = out->back ? out->back : ended_ms;

        *known += out->known;
        if (out->known && !out->elsewhere)
            seconds += out->before_s + (back_ms > from_ms ? (back_ms - from_ms) / 1000 : 0);
    }
    return seconds / 60;
}

int64_t engine_premise_minutes(const struct model *model, const struct incident *incident,
                               const struct cover_list *nested, int64_t until_ms)
{
    struct outs outs;
    int64_t sum, known;

    if (!engine_outcome_counts(incident->outcome).minutes || incident->state == INCIDENT_MERGED)
        return 0;
    find_outs(&outs, model, &incident->covers);
    engine_each_premise(model, nested, note_elsewhere, &outs);
    sum = sum_minutes(&outs, incident->started,
                      incident->restored_at ? incident->restored_at : until_ms, &known);
    free_outs(&outs);
    return known == incident->customers && !incident->customers_given ? sum : -1;
}
