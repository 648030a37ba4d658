#include "busd/batch_hours.h"

#include "busd/engine_timer.h"
#include "busd/store_hours.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS INT64_C(60000)
#define LOOK_MS   (10 * MINUTE_MS)          // never more often
#define REST_MS   (60 * MINUTE_MS)          // never less often
#define OWED_MS   (7 * 24 * 60 * MINUTE_MS) // so long a new year says what the former one owes

struct look {
    int64_t at_ms, recorded_ms;
};

// A year, or what there was of it at the look; or none of it.
struct period {
    struct hours hours;
    struct hours_passed *passed;
    int64_t spare_ms;
};

int64_t batch_hours_due_ms(const struct batch *batch, int64_t now_ms)
{
    const struct model *model = batch->network ? network_model(batch->network) : NULL;

    if (!batch->timers || !model || model_premise_count(model) == 0)
        return INT64_MAX;
    if (!batch->hours.done)
        return now_ms - now_ms % LOOK_MS;
    int64_t rest_ms = batch->hours.spare_ms;
    if (rest_ms > REST_MS && journal_head(batch->journal) != batch->hours.head)
        rest_ms = REST_MS;
    rest_ms = (rest_ms + LOOK_MS - 1) / LOOK_MS * LOOK_MS;
    return batch->hours.at_ms + (rest_ms > LOOK_MS ? rest_ms : LOOK_MS);
}

static enum err_code look_at(struct batch *batch, struct period *period, int64_t begins_ms,
                             int64_t ends_ms, struct err *err)
{
    struct hours_limits limits = hours_limits(batch->timers);

    if (begins_ms == ends_ms)
        return ERR_OK;
    period->hours = (struct hours){
        .model = network_model(batch->network), .begins_ms = begins_ms, .ends_ms = ends_ms};
    if (store_read_hours(batch->store, &period->hours, err) != ERR_OK)
        return err->code;
    period->passed = mem_alloc((period->hours.record_count + 1) * sizeof(*period->passed));
    period->spare_ms = hours_find_passed(&period->hours, &limits,
                                         engine_hours_told_ms(batch->engine), period->passed);
    return ERR_OK;
}

static enum err_code say(struct batch *batch, const struct look *look,
                         const struct hours_record *record, enum engine_timer timer,
                         int64_t premises, int64_t due_ms, struct err *err)
{
    struct event event = {.type = EVENT_DEADLINE_PASSED,
                          .topic = slice_of(event_topic(EVENT_DEADLINE_PASSED)),
                          .source = slice_of("pult:busd"),
                          .time_ms = due_ms,
                          .recorded_ms = look->recorded_ms};
    char of[40];

    snprintf(of, sizeof(of), "%s/%" PRId64, record->planned ? "planned" : "incident",
             record->number);
    event_set_text(&event, EVENT_FIELD_deadline, slice_of(engine_timer_name(timer)));
    event_set_text(&event, EVENT_FIELD_of, slice_of(of));
    event_set_integer(&event, record->planned ? EVENT_FIELD_planned : EVENT_FIELD_incident,
                      record->number);
    event_set_integer(&event, EVENT_FIELD_due, due_ms);
    event_set_text(&event, EVENT_FIELD_ground, slice_of(batch->timers->rows[timer].ground));
    event_set_integer(&event, EVENT_FIELD_premises, premises);
    event_set_integer(&event, EVENT_FIELD_until, look->at_ms);
    json_doc_reset(batch->scratch);
    if (batch_load_wanted(batch, &event, err) != ERR_OK ||
        batch_append_own(batch, &event, NULL, batch->scratch, err) != ERR_OK)
        return err->code;
    return batch_regroup(batch, &event, batch->scratch, err);
}

// How many were said; -1 = none, by a fault.
static int say_passed(struct batch *batch, const struct look *look, const struct period *period,
                      struct err *err)
{
    static const enum engine_timer timers[HOURS_LIMIT_COUNT] = {
        [HOURS_NEAR] = ENGINE_TIMER_YEAR_NEAR, [HOURS_LIMIT] = ENGINE_TIMER_YEAR_LIMIT};
    int count = 0;

    for (size_t i = 0; i < period->hours.record_count; i++) {
        const struct hours_passed *passed = &period->passed[i];

        for (int limit = 0; limit < HOURS_LIMIT_COUNT; limit++) {
            if (passed->premises[limit] == 0)
                continue;
            if (say(batch, look, &period->hours.records[i], timers[limit], passed->premises[limit],
                    passed->due_ms[limit], err) != ERR_OK)
                return -1;
            count++;
        }
    }
    return count;
}

static int say_all(struct batch *batch, const struct look *look, const struct period periods[2],
                   struct err *err)
{
    int count = 0;

    if (batch_load_calls(batch, err) != ERR_OK)
        return -1;
    for (int i = 0; i < 2; i++) {
        int said = say_passed(batch, look, &periods[i], err);

        if (said < 0)
            return -1;
        count += said;
    }
    return count;
}

static bool has_passed(const struct period *period)
{
    bool any = false;

    for (size_t i = 0; i < period->hours.record_count; i++)
        any |= period->passed[i].premises[HOURS_NEAR] || period->passed[i].premises[HOURS_LIMIT];
    return any;
}

static int commit(struct batch *batch, const struct look *look, const struct period periods[2],
                  struct err *err)
{
    int count;

    if (!has_passed(&periods[0]) && !has_passed(&periods[1]))
        return 0;
    if (store_begin(batch->store, err) != ERR_OK)
        return -1;
    count = say_all(batch, look, periods, err);
    if (count > 0 && batch_commit(batch, look->recorded_ms, err) != ERR_OK)
        count = -1;
    if (count < 0 && !store_failed(batch->store))
        batch_roll_back(batch);
    return count;
}

int batch_hours_look(struct batch *batch, int64_t *now_ms, struct err *err)
{
    struct look look = {.at_ms = batch_hours_due_ms(batch, *now_ms)};
    int year = clock_local_year(look.at_ms);
    int64_t begins_ms = clock_year_begins_ms(year);
    struct period periods[2] = {{.passed = NULL}}; // the former year and this one
    int count = -1;

    look.recorded_ms = look.at_ms > *now_ms ? look.at_ms : *now_ms;
    bool owes = engine_hours_told_ms(batch->engine) < begins_ms && look.at_ms - begins_ms < OWED_MS;
    int64_t from_ms = owes ? clock_year_begins_ms(year - 1) : begins_ms;
    if (look_at(batch, &periods[0], from_ms, begins_ms, err) == ERR_OK &&
        look_at(batch, &periods[1], begins_ms, look.at_ms, err) == ERR_OK)
        count = commit(batch, &look, periods, err);
    if (count > 0)
        *now_ms = look.recorded_ms;
    if (count >= 0) {
        batch->hours.done = true;
        batch->hours.at_ms = look.at_ms;
        batch->hours.spare_ms = periods[1].spare_ms;
        batch->hours.head = journal_head(batch->journal);
    }
    for (int i = 0; i < 2; i++) {
        free(periods[i].passed);
        hours_fini(&periods[i].hours);
    }
    return count;
}
