// Planned works: announced, changed, started, ended, cancelled (EVENTS.md rule 4).
#include "busd/engine_state.h"
#include "busd/engine_timer.h"
#include "lib/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static enum err_code refuse_planned(const struct planned *planned, const char *en, const char *ru,
                                    struct err *err)
{
    static const char *const states[][LANGUAGE_COUNT] = {
        [PLANNED_STATE_ANNOUNCED] = {"announced", "объявлены"},
        [PLANNED_STATE_STARTED] = {"started", "начаты"},
        [PLANNED_STATE_ENDED] = {"ended", "окончены"},
        [PLANNED_STATE_CANCELLED] = {"cancelled", "отменены"},
    };
    enum err_code code = err_set(
        err, ERR_CONFLICT, "state", "planned works %lld are %s; they cannot be %s any more%.0s%.0s",
        "плановые работы %lld%.0s%.0s уже %s; %s их больше нельзя", (long long)planned->planned,
        states[planned->state][LANGUAGE_EN], en, states[planned->state][LANGUAGE_RU], ru);

    err_set_path(err, "/data/planned");
    return code;
}

static enum err_code check_planned(const struct planned *planned, enum event_type type,
                                   struct err *err)
{
    bool cancelled = planned->state == PLANNED_STATE_CANCELLED;

    switch (type) {
    case EVENT_PLANNED_CHANGED:
        return cancelled ? refuse_planned(planned, "changed", "изменить", err) : ERR_OK;
    case EVENT_PLANNED_STARTED:
        return cancelled ? refuse_planned(planned, "started", "начать", err) : ERR_OK;
    case EVENT_PLANNED_ENDED:
        return cancelled ? refuse_planned(planned, "ended", "окончить", err) : ERR_OK;
    default:
        return cancelled || planned->state == PLANNED_STATE_ENDED
                   ? refuse_planned(planned, "cancelled", "отменить", err)
                   : ERR_OK;
    }
}

// The outermost times of the spans stand in `starts` and `ends` unless the sender gave these.
static void decide_spans(struct event *event)
{
    const struct event_value *spans = EVENT_VALUE(event, spans);

    if (!EVENT_HAS(event, spans) || spans->count == 0)
        return;
    int64_t starts = spans->integers[0], ends = spans->integers[1];
    for (size_t i = 2; i < spans->count; i += 2) {
        starts = spans->integers[i] < starts ? spans->integers[i] : starts;
        ends = spans->integers[i + 1] > ends ? spans->integers[i + 1] : ends;
    }
    if (!EVENT_HAS(event, starts))
        event_set_integer(event, EVENT_FIELD_starts, starts);
    if (!EVENT_HAS(event, ends))
        event_set_integer(event, EVENT_FIELD_ends, ends);
}

static void cover_places(struct cover_list *covers, const struct event *event)
{
    const struct event_value *places = EVENT_VALUE(event, places);

    if (EVENT_HAS(event, node)) {
        engine_cover_remove_level(covers, COVER_NODE);
        engine_cover_add(covers, COVER_NODE, 0, EVENT_VALUE(event, node)->text);
    }
    if (EVENT_HAS(event, places))
        engine_cover_remove_level(covers, COVER_PREMISE);
    for (size_t i = 0; EVENT_HAS(event, places) && i < places->count; i++)
        engine_cover_add(covers, COVER_PREMISE, places->integers[i], (struct slice){0});
}

// Works that were over have kept the parts of then; to be started again they take those of now.
static void decide_parts(struct engine *engine, struct event *event, const struct planned *planned)
{
    struct cover_list covers = {0};

    if (!EVENT_HAS(event, node) && event->type != EVENT_PLANNED_STARTED)
        return;
    if (planned)
        engine_cover_copy(&covers, &planned->covers);
    cover_places(&covers, event);
    engine_decide_parts(engine, event, &covers, 0);
    engine_cover_free(&covers);
}

DECIDE(planned)
{
    int64_t number = EVENT_VALUE(event, planned)->integer;
    const struct planned *planned = NULL;
    enum err_code code = ERR_OK;

    (void)moment, (void)decision;
    if (event->type != EVENT_PLANNED_ANNOUNCED) {
        planned = EVENT_HAS(event, planned) ? engine_planned(engine, number) : NULL;
        if (!planned)
            return engine_no_planned(number, err);
        code = check_planned(planned, event->type, err);
    }
    if (code == ERR_OK)
        code = engine_check_node(engine, event, EVENT_FIELD_node, err);
    if (code == ERR_OK)
        code = engine_decide_accounts(engine, event, EVENT_FIELD_accounts, EVENT_FIELD_places, err);
    if (code != ERR_OK)
        return code;
    decide_spans(event);
    if (event->type == EVENT_PLANNED_ANNOUNCED)
        event_set_integer(event, EVENT_FIELD_planned, engine_count_of(engine, "planned") + 1);
    decide_parts(engine, event, planned);
    return ERR_OK;
}

enum { SPAN_BYTES = 48 };

// "starts-ends starts-ends" in UTC milliseconds; the one span between starts and ends is none.
static char *spans_text(const struct event_value *spans)
{
    char *text = mem_alloc(spans->count / 2 * SPAN_BYTES + 1);
    size_t length = 0;

    for (size_t i = 0; i < spans->count; i += 2)
        length += (size_t)snprintf(text + length, SPAN_BYTES, "%s%" PRId64 "-%" PRId64,
                                   i ? " " : "", spans->integers[i], spans->integers[i + 1]);
    return text;
}

// A later time gives the deadline that counts from it again.
static void move(int64_t *time, const struct event *event, enum event_field field,
                 struct planned *planned, enum engine_timer timer)
{
    if (!event_has(event, field))
        return;
    if (event->values[field].integer > *time)
        planned->deadlines &= ~ENGINE_TIMER_BIT(timer);
    *time = event->values[field].integer;
}

static void apply_times(struct planned *planned, const struct event *event)
{
    move(&planned->starts, event, EVENT_FIELD_starts, planned, ENGINE_TIMER_PLANNED_NOTICE);
    move(&planned->ends, event, EVENT_FIELD_ends, planned, ENGINE_TIMER_PLANNED_OVERRUN);
    if (EVENT_HAS(event, starts) || EVENT_HAS(event, ends) || EVENT_HAS(event, spans)) {
        free(planned->spans);
        planned->spans = NULL;
    }
    if (EVENT_HAS(event, spans) && EVENT_VALUE(event, spans)->count > 0)
        planned->spans = spans_text(EVENT_VALUE(event, spans));
}

// They are at work from now on, or no longer: the hours without supply (engine_hours.h).
static void apply_work(struct planned *planned, const struct event *event)
{
    bool at_work = planned->worked && planned->worked_until == 0;
    bool starts = event->type == EVENT_PLANNED_STARTED;
    int64_t at_ms = event_moment_ms(event);
    size_t length = planned->worked ? strlen(planned->worked) : 0;

    if (starts == at_work)
        return;
    if (starts) {
        planned->worked = mem_resize(planned->worked, length + SPAN_BYTES, 1);
        snprintf(planned->worked + length, SPAN_BYTES, "%s%" PRId64 "-0", length ? " " : "", at_ms);
        planned->worked_until = 0;
        return;
    }
    planned->worked = mem_resize(planned->worked, length + SPAN_BYTES, 1);
    snprintf(planned->worked + length - 1, SPAN_BYTES, "%" PRId64, at_ms); // instead of the 0
    planned->worked_until = at_ms;
}

APPLY(planned)
{
    int64_t number = EVENT_VALUE(event, planned)->integer;
    struct engine_entry *entry = event->type == EVENT_PLANNED_ANNOUNCED
                                     ? engine_add(engine, RECORD_PLANNED, number)
                                     : engine_find(engine, RECORD_PLANNED, number);
    struct planned *planned;

    if (!entry)
        return;
    engine_touch(engine, entry);
    planned = &entry->record.planned;
    if (number > engine_count_of(engine, "planned"))
        engine_set_count(engine, "planned", number);
    apply_times(planned, event);
    engine_replace_text(&planned->ref, event, EVENT_FIELD_ref);
    engine_replace_text(&planned->reason, event, EVENT_FIELD_reason);
    engine_replace_text(&planned->addresses, event, EVENT_FIELD_addresses);
    if (EVENT_HAS(event, node))
        engine_replace_text(&planned->node, event, EVENT_FIELD_node);
    cover_places(&planned->covers, event);
    engine_cover_parts(&planned->covers, event, 0, 0);
    if (EVENT_HAS(event, node) || EVENT_HAS(event, places) || EVENT_HAS(event, nodes_in) ||
        EVENT_HAS(event, nodes_out))
        engine_index_entry(engine, entry);
    if (event->type == EVENT_PLANNED_ANNOUNCED)
        planned->announced_at = event->recorded_ms;
    if (event->type == EVENT_PLANNED_STARTED || event->type == EVENT_PLANNED_ENDED ||
        event->type == EVENT_PLANNED_CANCELLED)
        apply_work(planned, event);
    if (event->type == EVENT_PLANNED_STARTED)
        planned->state = PLANNED_STATE_STARTED;
    else if (event->type == EVENT_PLANNED_ENDED)
        planned->state = PLANNED_STATE_ENDED;
    else if (event->type == EVENT_PLANNED_CANCELLED)
        planned->state = PLANNED_STATE_CANCELLED;
    planned->version = event->sequence;
}
