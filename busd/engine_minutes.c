// Customer-minutes premise by premise. Each premise under the incident is out from `started` until the
// earliest of the parts with it was restored, or the incident; one that an incident nested in it covers
// is counted there, from the same start. So no minute is counted twice, whichever part it was of.
#include "busd/engine_state.h"
#include "lib/mem.h"

#include <stdlib.h>

struct minutes {
    const struct model *model;
    int64_t *ends; // by position; 0 = not of it
    uint32_t *positions;
    size_t count, capacity;
    int64_t end_ms; // of the cover under way
};

static void note_end(void *context, const struct model_premise *premise)
{
    struct minutes *minutes = context;
    uint32_t position = model_premise_position(minutes->model, premise);

    if (!minutes->ends[position]) {
        mem_grow((void **)&minutes->positions, minutes->count, &minutes->capacity,
                 sizeof(*minutes->positions));
        minutes->positions[minutes->count++] = position;
        minutes->ends[position] = minutes->end_ms;
    } else if (minutes->end_ms < minutes->ends[position]) {
        minutes->ends[position] = minutes->end_ms;
    }
}

static void leave_out(void *context, const struct model_premise *premise)
{
    struct minutes *minutes = context;

    minutes->ends[model_premise_position(minutes->model, premise)] = 0;
}

static int64_t sum_minutes(const struct minutes *minutes, int64_t started_ms)
{
    int64_t seconds = 0;

    for (size_t i = 0; i < minutes->count; i++) {
        int64_t end_ms = minutes->ends[minutes->positions[i]];

        seconds += end_ms > started_ms ? (end_ms - started_ms) / 1000 : 0;
    }
    return seconds / 60;
}

int64_t engine_premise_minutes(const struct model *model, const struct incident *incident,
                               const struct cover_list *nested, int64_t until_ms)
{
    int64_t ended_ms = incident->restored_at ? incident->restored_at : until_ms;
    struct minutes minutes = {.model = model};
    int64_t sum = -1;

    if (!engine_outcome_counts(incident->outcome).minutes || incident->state == INCIDENT_MERGED)
        return 0;
    minutes.ends = mem_alloc((model_premise_count(model) + 1) * sizeof(*minutes.ends));
    for (size_t i = 0; i < incident->covers.count; i++) {
        const struct cover *cover = &incident->covers.items[i];

        minutes.end_ms = cover->restored_at ? cover->restored_at : ended_ms;
        engine_each_premise(model, cover, note_end, &minutes);
    }
    for (size_t i = 0; i < nested->count; i++)
        engine_each_premise(model, &nested->items[i], leave_out, &minutes);
    if ((int64_t)minutes.count == incident->customers && !incident->customers_given)
        sum = sum_minutes(&minutes, incident->started);
    free(minutes.ends);
    free(minutes.positions);
    return sum;
}
